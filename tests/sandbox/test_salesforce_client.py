"""simple-salesforce against the pretend Salesforce over loopback: what it cannot do, the sandbox has wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from syncctl.clock import SystemClock
from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.salesforce import SalesforceSandbox
from syncctl.sandbox.salesforce.signin import App
from syncctl.sandbox.serve import Served

KEY = {"name": "Key__c", "externalId": True, "unique": True}


class ToLoopback(HTTPAdapter):
    """The client writes https everywhere: its requests go to the sandbox instead."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = urlsplit(base)

    def send(self, request: requests.PreparedRequest, **words: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = urlunsplit((self.base.scheme, self.base.netloc, parts.path, parts.query, ""))
        return super().send(request, **words)


@pytest.fixture
def vendor(clock: FakeClock) -> SalesforceSandbox:
    return SalesforceSandbox(clock, bulk_looks=1)


@pytest.fixture
def session(vendor: SalesforceSandbox) -> Iterator[requests.Session]:
    with Served({"salesforce": Sandbox(vendor)}) as urls, requests.Session() as found:
        found.mount("https://", ToLoopback(urls["salesforce"]))
        yield found


@pytest.fixture
def client(vendor: SalesforceSandbox, session: requests.Session) -> Any:
    from simple_salesforce import Salesforce

    return Salesforce(
        instance_url="https://northwind.my.salesforce.com", session_id=vendor.token, session=session, version="68.0"
    )


def test_the_client_creates_reads_updates_and_deletes(client: Any, vendor: SalesforceSandbox) -> None:
    made = client.Account.create({"Name": "Acme", "AnnualRevenue": 1500})
    assert made["success"]
    read = client.Account.get(made["id"])
    assert (read["Name"], read["AnnualRevenue"], read["IsDeleted"]) == ("Acme", 1500.0, False)
    assert client.Account.update(made["id"], {"Phone": "1"}) == 204
    assert vendor.state()["Account"][made["id"]]["Phone"] == "1"
    assert client.Account.delete(made["id"]) == 204
    assert client.query("SELECT Id FROM Account")["records"] == []
    (gone,) = client.query("SELECT Id, IsDeleted FROM Account", include_deleted=True)["records"]
    assert (gone["Id"], gone["IsDeleted"]) == (made["id"], True)


def test_the_client_pages_through_every_record_once(client: Any, vendor: SalesforceSandbox) -> None:
    seeded = [vendor.seed("Contact", {"LastName": str(number)})["Id"] for number in range(2_150)]
    first = client.query("SELECT Id FROM Contact ORDER BY Id")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2_150, False, 2_000)
    rest = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (rest["done"], len(rest["records"])) == (True, 150)
    assert [one["Id"] for one in client.query_all_iter("SELECT Id FROM Contact ORDER BY Id")] == seeded


def test_the_client_queries_with_conditions(client: Any, vendor: SalesforceSandbox) -> None:
    from simple_salesforce.format import format_soql

    name = 'O\'Brien \\ "Sons"'
    vendor.seed("Account", {"Name": name, "AnnualRevenue": 5})
    vendor.seed("Account", {"Name": "Beta", "AnnualRevenue": 50})
    found = client.query(format_soql("SELECT Name FROM Account WHERE Name = {}", name))
    assert [one["Name"] for one in found["records"]] == [name]
    text = "SELECT Name FROM Account WHERE (AnnualRevenue > 10 AND NOT Name LIKE 'O%') OR Name IN ('x', 'y') LIMIT 5"
    assert [one["Name"] for one in client.query(text)["records"]] == ["Beta"]
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 2
    since = "SELECT Id FROM Account WHERE SystemModstamp >= 2026-11-20T00:00:00Z AND CreatedDate < 2027-01-01T00:00:00Z"
    assert client.query(since)["totalSize"] == 2


def test_the_client_upserts_by_external_id(client: Any, vendor: SalesforceSandbox) -> None:
    vendor.seed("field:Account", KEY)
    assert client.Account.upsert("Key__c/A-1", {"Name": "Acme"}) == 201
    assert client.Account.upsert("Key__c/A-1", {"Name": "Acme Inc"}) == 200
    assert client.Account.get_by_custom_id("Key__c", "A-1")["Name"] == "Acme Inc"
    assert len(vendor.state()["Account"]) == 1


def test_the_client_sees_several_records_under_one_external_id(client: Any, vendor: SalesforceSandbox) -> None:
    from simple_salesforce.exceptions import SalesforceMoreThanOneRecord

    vendor.seed("field:Account", {"name": "Key__c", "externalId": True})
    twins = [vendor.seed("Account", {"Name": name, "Key__c": "A-1"})["Id"] for name in ("A", "B")]
    with pytest.raises(SalesforceMoreThanOneRecord) as raised:
        client.Account.upsert("Key__c/A-1", {"Name": "C"})
    assert [one.rpartition("/")[2] for one in raised.value.content] == twins  # type: ignore[union-attr]


def test_the_client_writes_collections_whose_rows_fail_alone(client: Any) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("A", "x" * 256, "C")]
    body = {"allOrNone": False, "records": records}
    rows = client.restful("composite/sobjects", method="POST", json=body)
    assert [row["success"] for row in rows] == [True, False, True]
    assert rows[1]["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    whole = client.restful("composite/sobjects", method="POST", json={**body, "allOrNone": True})
    assert [row["success"] for row in whole] == [False, False, False]
    assert whole[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 2


def test_the_client_reads_descriptions_limits_and_its_usage(client: Any) -> None:
    names = [one["name"] for one in client.describe()["sobjects"]]
    assert {"Account", "Opportunity", "User"} <= set(names)
    fields = {one["name"]: one for one in client.Opportunity.describe()["fields"]}
    assert fields["StageName"]["restrictedPicklist"] is False
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert client.api_usage["api-usage"].total == 100_000
    assert client.is_sandbox() is True


def test_the_client_lists_what_was_deleted_and_changed(
    client: Any, vendor: SalesforceSandbox, clock: FakeClock
) -> None:
    gone, kept = (vendor.seed("Account", {"Name": name})["Id"] for name in ("A", "B"))
    clock.advance(60)
    start = clock.now()
    clock.advance(60)
    vendor.delete("Account", gone)
    vendor.edit("Account", kept, {"Phone": "1"})
    clock.advance(60)
    assert [one["id"] for one in client.Account.deleted(start, clock.now())["deletedRecords"]] == [gone]
    assert client.Account.updated(start, clock.now())["ids"] == [kept]


def test_the_client_reads_in_bulk_part_by_part(client: Any, vendor: SalesforceSandbox) -> None:
    seeded = [vendor.seed("Account", {"Name": f'"{number}", x'})["Id"] for number in range(25)]
    parts = list(client.bulk2.Account.query("SELECT Id, Name FROM Account", max_records=10, wait=0))
    rows = [row for part in parts for row in csv.DictReader(io.StringIO(part))]
    assert len(parts) == 3
    assert [row["Id"] for row in rows] == seeded
    assert rows[7]["Name"] == '"7", x'


def test_the_client_is_told_what_it_did_wrong(client: Any, vendor: SalesforceSandbox) -> None:
    from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

    for query, code in (
        ("SELECT Nonsense__c FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE AnnualRevenue = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "MALFORMED_QUERY"),
    ):
        with pytest.raises(SalesforceMalformedRequest) as raised:
            client.query(query)
        assert raised.value.content[0]["errorCode"] == code  # type: ignore[index]
    with pytest.raises(SalesforceMalformedRequest) as raised:
        client.Opportunity.create({"Name": "x"})
    assert raised.value.content[0]["fields"] == ["CloseDate", "StageName"]  # type: ignore[index]
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get("0015e000000000AAAQ")


def test_a_wrong_session_is_refused(session: requests.Session) -> None:
    from simple_salesforce import Salesforce
    from simple_salesforce.exceptions import SalesforceExpiredSession

    other = Salesforce(instance_url="https://x.my.salesforce.com", session_id="wrong", session=session, version="68.0")
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        other.query("SELECT Id FROM Account")


def test_the_client_signs_in_with_client_credentials(vendor: SalesforceSandbox, session: requests.Session) -> None:
    from simple_salesforce import Salesforce

    app = vendor.sign_ins.app
    found = Salesforce(
        consumer_key=app.client_id,
        consumer_secret=app.client_secret,
        domain="northwind.my",
        session=session,
        version="68.0",
    )
    assert found.query("SELECT Name FROM Organization")["records"][0]["Name"] == "Northwind Billing"


def test_the_client_signs_in_with_a_signed_assertion() -> None:
    from joserfc.jwk import RSAKey
    from simple_salesforce import Salesforce

    key = RSAKey.generate_key(2048)
    app = App(public_key=key.as_pem(private=False).decode())
    vendor = SalesforceSandbox(SystemClock(), app=app)  # the client signs with the machine's own time
    with Served({"salesforce": Sandbox(vendor)}) as urls, requests.Session() as session:
        session.mount("https://", ToLoopback(urls["salesforce"]))
        found = Salesforce(
            username=app.run_as,
            consumer_key=app.client_id,
            privatekey=key.as_pem(private=True).decode(),
            session=session,
            version="68.0",
        )
        assert found.query("SELECT COUNT() FROM Account")["totalSize"] == 0
