"""The pretend Salesforce by itself: as strict as the vendor is known to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.salesforce import SalesforceSandbox
from syncctl.sandbox.salesforce.org import checksum

BASE = "/services/data/v68.0"
DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"}


class Caller:
    """Requests with the org's token."""

    def __init__(self, vendor: SalesforceSandbox) -> None:
        self.vendor = vendor
        self.client = httpx.Client(
            base_url="https://northwind.my.salesforce.com",
            transport=SandboxTransport(Sandbox(vendor)),
            headers={"authorization": f"Bearer {vendor.token}"},
        )

    def __call__(self, method: str, path: str, body: Any = None, **words: Any) -> httpx.Response:
        whole = path if path.startswith("/services") else f"{BASE}/{path}"
        return (
            self.client.request(method, whole, json=body, **words)
            if body is not None
            else self.client.request(method, whole, **words)
        )

    def code(self, method: str, path: str, body: Any = None, **words: Any) -> tuple[int, str]:
        """Status and the first error's code."""
        found = self(method, path, body, **words)
        listed = found.json()
        return found.status_code, listed[0]["errorCode"]

    def query(self, text: str) -> list[dict[str, Any]]:
        found = self("GET", f"query?{urlencode({'q': text})}")
        assert found.status_code == 200, found.text
        return list(found.json()["records"])


@pytest.fixture
def vendor(clock: FakeClock) -> SalesforceSandbox:
    return SalesforceSandbox(clock)


@pytest.fixture
def call(vendor: SalesforceSandbox) -> Caller:
    return Caller(vendor)


def seed(vendor: SalesforceSandbox, kind: str, **values: Any) -> str:
    return str(vendor.seed(kind, values)["Id"])


# --- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.vendors
@pytest.mark.parametrize("kind", ["Account", "Contact", "Opportunity"])
def test_a_description_has_the_members_of_a_recorded_one(vendors: Path, call: Caller, kind: str) -> None:
    recorded = json.loads((vendors / f"recorded/salesforce/describe/{kind}.describe.json").read_text())
    ours = call("GET", f"sobjects/{kind}/describe").json()
    optional = {"associateEntityType", "associateParentEntity", "sobjectDescribeOption"}
    assert set(ours) - optional == set(recorded) - optional
    fields = {one["name"]: one for one in recorded["fields"]}
    for one in ours["fields"]:
        assert set(one) == set(fields["Name"])
        theirs = fields.get(one["name"])
        if theirs is not None:
            names = ("type", "soapType", "createable", "updateable", "nillable", "defaultedOnCreate", "referenceTo",
                     "filterable", "restrictedPicklist", "custom")  # fmt: skip
            assert {name: one[name] for name in names} == {name: theirs[name] for name in names}


@pytest.mark.vendors
def test_an_entry_of_the_list_of_objects_has_the_members_of_a_recorded_one(vendors: Path, call: Caller) -> None:
    recorded = json.loads((vendors / "recorded/salesforce/describe/describeGlobal.json").read_text())
    ours = call("GET", "sobjects").json()
    assert set(ours) == set(recorded)
    assert {name for one in ours["sobjects"] for name in one} == {name for one in recorded["sobjects"] for name in one}


def test_versions_are_listed_without_a_token_and_old_ones_are_gone(vendor: SalesforceSandbox, call: Caller) -> None:
    with httpx.Client(transport=SandboxTransport(Sandbox(vendor)), base_url="https://x") as client:
        assert client.get("/services/data/").json()[-1]["version"] == "68.0"
    assert call.code("GET", "/services/data/v30.0/sobjects") == (410, "UNSUPPORTED_API_VERSION")
    assert call.code("GET", "nonsense") == (404, "NOT_FOUND")


# --- ids and stamps ---------------------------------------------------------------------------------------------------


def test_ids_are_read_with_15_and_18_letters_and_shown_with_18(vendor: SalesforceSandbox, call: Caller) -> None:
    account = seed(vendor, "Account", Name="Acme")
    assert account == account[:15] + checksum(account[:15])
    assert call("GET", f"sobjects/Account/{account[:15]}").json()["Id"] == account
    assert call.query(f"SELECT Id FROM Account WHERE Id = '{account[:15]}'")[0]["Id"] == account
    assert call("GET", f"sobjects/account/{account}").json()["Id"] == account


def test_the_vendors_own_processes_move_one_stamp_and_people_both(
    vendor: SalesforceSandbox, call: Caller, clock: FakeClock
) -> None:
    account = seed(vendor, "Account", Name="Acme")
    clock.advance(60)
    vendor.org.touch(vendor.org.records["Account"][account], visible=False)
    (row,) = call.query("SELECT LastModifiedDate, SystemModstamp FROM Account")
    assert (row["LastModifiedDate"], row["SystemModstamp"]) == (
        "2026-11-20T03:00:00.000+0000",
        "2026-11-20T03:01:00.000+0000",
    )
    vendor.edit("Account", account, {"Phone": "1"})
    (row,) = call.query("SELECT LastModifiedDate, SystemModstamp FROM Account")
    assert row["LastModifiedDate"] == row["SystemModstamp"]


def test_a_condition_on_the_stamp_holds_a_write_back(vendor: SalesforceSandbox, call: Caller, clock: FakeClock) -> None:
    account = seed(vendor, "Account", Name="Acme")
    when = {"If-Unmodified-Since": "Fri, 20 Nov 2026 03:00:00 GMT"}
    assert call("PATCH", f"sobjects/Account/{account}", {"Phone": "1"}, headers=when).status_code == 204
    clock.advance(2)
    vendor.edit("Account", account, {"Phone": "2"})
    assert call("PATCH", f"sobjects/Account/{account}", {"Phone": "3"}, headers=when).status_code == 412
    bad = {"If-Unmodified-Since": "yesterday"}
    assert call("PATCH", f"sobjects/Account/{account}", {"Phone": "3"}, headers=bad).status_code == 400
    assert vendor.state()["Account"][account]["Phone"] == "2"


# --- writes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Nonsense": 1}, "INVALID_FIELD"),
        ({"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Amount": "much"}, "JSON_PARSER_ERROR"),
        ({"CloseDate": "31.12.2026"}, "JSON_PARSER_ERROR"),
        ({"Name": {"a": 1}}, "JSON_PARSER_ERROR"),
        ({"CloseDate": None}, "REQUIRED_FIELD_MISSING"),
        ({"Id": "0065e000000000AAAQ"}, "INVALID_FIELD"),
    ],
)
def test_what_a_create_may_not_hold(call: Caller, values: dict[str, Any], code: str) -> None:
    assert call.code("POST", "sobjects/Opportunity", {**DEAL, **values}) == (400, code)
    assert call.vendor.state()["Opportunity"] == {}


def test_a_number_may_come_as_a_text_as_recorded(vendor: SalesforceSandbox, call: Caller) -> None:
    account = seed(vendor, "Account", Name="Acme")
    assert call("PATCH", f"sobjects/Account/{account}", {"NumberOfEmployees": "10000"}).status_code == 204
    assert call("GET", f"sobjects/Account/{account}").json()["NumberOfEmployees"] == 10_000


def test_an_open_picklist_takes_any_text_and_a_restricted_one_does_not(call: Caller) -> None:
    assert call("POST", "sobjects/Opportunity", {**DEAL, "StageName": "Closed Wonn"}).status_code == 201
    body = {"Name": "x", "CleanStatus": "Spotless"}
    assert call.code("POST", "sobjects/Account", body) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_an_upsert_must_not_repeat_the_key_or_the_id(vendor: SalesforceSandbox, call: Caller) -> None:
    vendor.seed("field:Account", {"name": "Key__c", "externalId": True, "unique": True})
    for body in ({"Name": "x", "Key__c": "1"}, {"Name": "x", "Id": "0015e000000000AAAQ"}):
        assert call.code("PATCH", "sobjects/Account/Key__c/1", body) == (400, "INVALID_FIELD")
    assert call.code("PATCH", "sobjects/Account/Phone/1", {"Name": "x"}) == (404, "NOT_FOUND")
    assert call.code("PATCH", "sobjects/Account/Key__c/1?updateOnly=true", {"Name": "x"}) == (404, "NOT_FOUND")
    made = call("PATCH", "sobjects/Account/Key__c/1", {"Name": "x"})
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = call("PATCH", "sobjects/Account/Key__c/1", {"Name": "y"})
    assert (again.status_code, again.json()["created"]) == (200, False)


def test_collections_hold_200_records_and_ten_runs_of_objects(call: Caller) -> None:
    account, contact = ({"attributes": {"type": kind}} for kind in ("Account", "Contact"))
    assert call.code("POST", "composite/sobjects", {"records": [account] * 201}) == (400, "LIMIT_EXCEEDED")
    assert call.code("POST", "composite/sobjects", {"records": [account, contact] * 6}) == (400, "LIMIT_EXCEEDED")
    assert call.code("POST", "composite/sobjects", {"records": "none"}) == (400, "JSON_PARSER_ERROR")


def test_a_read_by_ids_leaves_null_where_nothing_is_and_refuses_foreign_ids(
    vendor: SalesforceSandbox, call: Caller
) -> None:
    account, gone = (seed(vendor, "Account", Name=name) for name in ("A", "B"))
    vendor.delete("Account", gone)
    body = {"ids": [account, gone], "fields": ["Name"]}
    rows = call("POST", "composite/sobjects/Account", body).json()
    assert [row and row["Name"] for row in rows] == ["A", None]
    contact = seed(vendor, "Contact", LastName="x")
    foreign = {"ids": [account, contact], "fields": ["Name"]}
    assert call.code("POST", "composite/sobjects/Account", foreign) == (400, "MALFORMED_ID")


def test_a_duplicate_rule_may_be_overruled_by_who_asks_for_it(vendor: SalesforceSandbox, call: Caller) -> None:
    held = seed(vendor, "Account", Name="Acme")
    vendor.seed("duplicate_rule:Account", {"match": ["Name"]})
    refused = call("POST", "sobjects/Account", {"Name": "acme"}).json()[0]
    assert refused["errorCode"] == "DUPLICATES_DETECTED"
    (match,) = refused["duplicateResult"]["matchResults"][0]["matchRecords"]
    assert match["record"]["Id"] == held
    allow = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert call("POST", "sobjects/Account", {"Name": "acme"}, headers=allow).status_code == 201


def test_amounts_of_a_deal_follow_its_stage(vendor: SalesforceSandbox, call: Caller) -> None:
    deal = seed(vendor, "Opportunity", **DEAL, Amount="1000")
    row = call("GET", f"sobjects/Opportunity/{deal}").json()
    assert (row["ExpectedRevenue"], row["Probability"], row["IsClosed"]) == (100.0, 10.0, False)
    vendor.edit("Opportunity", deal, {"StageName": "Closed Won"})
    row = call("GET", f"sobjects/Opportunity/{deal}").json()
    assert (row["IsClosed"], row["IsWon"]) == (True, True)


# --- hidden, deleted, limited -----------------------------------------------------------------------------------------


def test_a_hidden_field_is_nowhere(vendor: SalesforceSandbox, call: Caller) -> None:
    deal = seed(vendor, "Opportunity", **DEAL, NextStep="call")
    vendor.hide("Opportunity", "NextStep")
    described = call("GET", "sobjects/Opportunity/describe").json()
    assert "NextStep" not in [one["name"] for one in described["fields"]]
    query = urlencode({"q": "SELECT NextStep FROM Opportunity"})
    assert call.code("GET", f"query?{query}") == (400, "INVALID_FIELD")
    assert call.code("PATCH", f"sobjects/Opportunity/{deal}", {"NextStep": "x"}) == (400, "INVALID_FIELD")
    assert "NextStep" not in call("GET", f"sobjects/Opportunity/{deal}").json()


def test_the_windows_of_deletions_are_checked(vendor: SalesforceSandbox, call: Caller) -> None:
    for start, end in (
        ("2026-11-20T02:59:30+00:00", "2026-11-20T03:00:00+00:00"),
        ("2026-10-01T00:00:00+00:00", "2026-11-20T03:00:00+00:00"),
        ("never", "2026-11-20T03:00:00+00:00"),
    ):
        path = f"sobjects/Account/deleted?{urlencode({'start': start, 'end': end})}"
        assert call.code("GET", path) == (400, "INVALID_REPLICATION_DATE")


def test_the_daily_limit_counts_every_request_and_rolls(clock: FakeClock) -> None:
    vendor = SalesforceSandbox(clock, daily_requests=3)
    call = Caller(vendor)
    used = [call("GET", "limits").headers["sforce-limit-info"] for _ in range(3)]
    assert used == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
    assert call.code("GET", "limits") == (403, "REQUEST_LIMIT_EXCEEDED")
    clock.advance(24 * 3600 + 1)
    assert call("GET", "limits").status_code == 200


def test_a_cursor_is_forgotten_after_two_days(vendor: SalesforceSandbox, call: Caller, clock: FakeClock) -> None:
    for number in range(250):
        seed(vendor, "Account", Name=str(number))
    headers = {"Sforce-Query-Options": "batchSize=200"}
    page = call("GET", f"query?{urlencode({'q': 'SELECT Id FROM Account'})}", headers=headers).json()
    assert (len(page["records"]), page["done"]) == (200, False)
    clock.advance(49 * 3600)
    assert call.code("GET", page["nextRecordsUrl"]) == (400, "INVALID_QUERY_LOCATOR")


def test_compound_fields_are_shown_by_queries_and_refused_in_bulk(call: Caller) -> None:
    assert call.query("SELECT BillingAddress FROM Account") == []
    body = {"operation": "query", "query": "SELECT BillingAddress FROM Account"}
    assert call.code("POST", "jobs/query", body) == (400, "FEATURENOTENABLED")


def test_a_bulk_job_is_done_when_it_says_so(vendor: SalesforceSandbox, call: Caller) -> None:
    seed(vendor, "Account", Name="Acme", AnnualRevenue="1500")
    query = "SELECT Id, Name, AnnualRevenue, Phone, SystemModstamp FROM Account"
    job = call("POST", "jobs/query", {"operation": "query", "query": query}).json()
    assert job["state"] == "UploadComplete"
    assert call.code("GET", f"jobs/query/{job['id']}/results") == (400, "INVALIDJOBSTATE")
    states = [call("GET", f"jobs/query/{job['id']}").json()["state"] for _ in range(2)]
    assert states == ["InProgress", "JobComplete"]
    found = call("GET", f"jobs/query/{job['id']}/results")
    assert found.headers["sforce-locator"] == "null"
    assert found.text.splitlines()[1].endswith('"Acme","1500","","2026-11-20T03:00:00.000Z"')


def test_seeding_an_unknown_object_or_field_is_a_mistake(vendor: SalesforceSandbox) -> None:
    with pytest.raises(ValueError, match="no object"):
        vendor.seed("Nonsense", {})
    with pytest.raises(ValueError, match="no field 'Nonsense'"):
        vendor.seed("Account", {"Name": "x", "Nonsense": 1})


def test_tokens_are_revoked_and_described(vendor: SalesforceSandbox, call: Caller) -> None:
    app = vendor.sign_ins.app
    form = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.client_secret}
    token = call.client.post("/services/oauth2/token", data=form).json()["access_token"]
    mine = {"authorization": f"Bearer {token}"}
    who = call.client.get("/services/oauth2/userinfo", headers=mine).json()
    assert (who["organization_id"], who["preferred_username"]) == ("00D5e0000008xyzEAA", app.run_as)
    assert call.client.post("/services/oauth2/revoke", data={"token": token}).status_code == 200
    assert call.code("GET", "sobjects", headers=mine) == (401, "INVALID_SESSION_ID")
