"""Real Salesforce descriptions and traffic, read by the connector's own code: nothing here was made by this project."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from conftest import VENDORS
from connectors.salesforce_world import create, ids, update
from syncctl.connectors.base import Access
from syncctl.connectors.http import Answer
from syncctl.connectors.salesforce import Salesforce
from syncctl.connectors.salesforce.complaints import Explain
from syncctl.connectors.salesforce.describing import shape_of
from syncctl.connectors.salesforce.receipts import Reading, read_answer
from syncctl.connectors.salesforce.rows import decode_page, lasting, split_rows, to_record
from syncctl.connectors.salesforce.schema import Org, object_schema
from syncctl.connectors.salesforce.settings import Settings
from syncctl.errors import AuthenticationFailed, RequestRefused
from syncctl.fields.builtin import CODECS
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.schema import Schema
from syncctl.model import Action, Edit, Outcome, Request
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock

pytestmark = pytest.mark.vendors
RECORDED = VENDORS / "recorded" / "salesforce"
OBJECTS = ("Account", "Contact", "Opportunity", "OpportunityContactRole", "Custom__c")


def load(*parts: str) -> Any:
    return json.loads((RECORDED.joinpath(*parts)).read_text())


# --- descriptions -----------------------------------------------------------------------------------------------------


def described(kind: str) -> Schema:
    visible = {one["name"]: one for one in load("describe", "describeGlobal.json")["sobjects"]}
    org = Org("USD", {name: one["keyPrefix"] or "" for name, one in visible.items()}, OBJECTS)
    return object_schema("crm", Settings(), load("describe", f"{kind}.describe.json"), org)


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_recorded_description_becomes_a_schema(vendors: Path, kind: str) -> None:
    schema, raw = described(kind), load("describe", f"{kind}.describe.json")
    readable = {one["name"] for one in raw["fields"] if one["type"] not in ("address", "location")}
    assert readable <= set(schema.fields)
    for one in raw["fields"]:
        field = schema.fields.get(one["name"])
        if field is None:
            continue
        assert field.codec in CODECS
        assert (field.writable == "always") is one["updateable"] or field.note
        assert field.required is (one["createable"] and not one["nillable"] and not one["defaultedOnCreate"])
    assert "syncctl_External_Id__c" in schema.note  # no recorded org has our field


def test_what_a_recorded_opportunity_needs(vendors: Path) -> None:
    deal = described("Opportunity")
    assert sorted(path for path, field in deal.fields.items() if field.required) == ["CloseDate", "Name", "StageName"]
    assert deal.fields["StageName"].open_options is False  # recorded: restrictedPicklist is false
    assert deal.fields["ExpectedRevenue"].writable == "never"  # recorded: calculated is false
    assert deal.fields["ContactId"].writable == "create"
    assert deal.fields["OwnerId"].target == "User"
    assert (deal.dated, deal.amount, deal.name) == ("CloseDate", "Amount", ("Name",))


def test_a_recorded_object_without_a_stamp_has_none(vendors: Path) -> None:
    assert shape_of(load("describe", "Custom__c.describe.json")).stamp == ""
    account = shape_of(load("describe", "Account.describe.json"))
    assert (account.stamp, account.prefix, account.replicable) == ("SystemModstamp", "001", True)
    assert "BillingAddress" not in account.names


# --- single answers ---------------------------------------------------------------------------------------------------


def answer(status: int, *parts: str) -> Answer:
    return Answer(status, {}, RECORDED.joinpath(*parts).read_bytes(), "recorded")


def read(status: int, name: str, action: Action = Action.CREATE) -> Any:
    request = Request("crm", "Whizbang", action, "PATCH", "/services/data/v23.0/sobjects/Whizbang/X__c/1", rows=("a",))
    reading = Reading("crm", request, answer(status, "restforce", f"{name}.json"), Explain(5.0), Redactor())
    (receipt,) = read_answer(reading)
    return receipt


@pytest.mark.parametrize(
    ("status", "name", "outcome", "code"),
    [
        (300, "upsert_multiple_error_response", Outcome.KEY_MISMATCH, "DUPLICATE_EXTERNAL_ID"),
        (404, "upsert_error_response", Outcome.REJECTED, "NOT_FOUND"),
        (400, "write_error_response", Outcome.REJECTED, "INVALID_FIELD"),
        (401, "expired_session_response", Outcome.STOP, "INVALID_SESSION_ID"),
        (404, "delete_error_response", Outcome.REJECTED, "NOT_FOUND"),
    ],
)
def test_a_recorded_refusal_of_a_write(vendors: Path, status: int, name: str, outcome: Outcome, code: str) -> None:
    found = read(status, name)
    assert (found.outcome, found.code) == (outcome, code)
    assert found.message


def test_a_recorded_list_of_several_names_them_all(vendors: Path) -> None:
    assert read(300, "upsert_multiple_error_response").message.endswith(": foo, bar")


def test_a_recorded_success_without_a_body_does_not_say_which_record_it_was(vendors: Path) -> None:
    assert read(204, "upsert_updated_success_response").outcome is Outcome.UNKNOWN  # a create is probed then


@pytest.mark.parametrize(
    ("status", "name", "outcome"),
    [
        (400, "query_error_response", Outcome.REJECTED),
        (404, "sobject_describe_error_response", Outcome.REJECTED),
        (404, "sobject_find_error_response", Outcome.REJECTED),
        (400, "auth_error_response", Outcome.REJECTED),
        (400, "refresh_error_response", Outcome.REJECTED),
    ],
)
def test_a_recorded_refusal_of_a_read_keeps_the_vendors_words(
    vendors: Path, status: int, name: str, outcome: Outcome
) -> None:
    found = Explain(5.0)(answer(status, "restforce", f"{name}.json"))
    raw = load("restforce", f"{name}.json")
    said = raw[0]["message"] if isinstance(raw, list) else raw["error_description"]
    assert (found.outcome, said in found.message) == (outcome, True)


def test_recorded_pages_lead_on_until_done(vendors: Path) -> None:
    first = decode_page("crm", answer(200, "restforce", "query_paginated_first_page_response.json"))
    last = decode_page("crm", answer(200, "restforce", "query_paginated_last_page_response.json"))
    assert (first.done, first.next_url, first.total) == (False, "/services/data/v26.0/query/01gD", 2)
    assert (last.done, len(last.rows)) == (True, 1)
    assert decode_page("crm", answer(200, "restforce", "query_empty_response.json")).rows == []


def test_a_recorded_record_is_read_and_the_address_it_was_read_at_does_not_matter(vendors: Path) -> None:
    raw = load("http", "Organization.json")
    raw["Id"] = "00D5e0000008xyzEAA"  # the recording's own id was made unreadable
    (row,), poison = split_rows("crm", "Organization", [json.dumps(raw).encode()])
    record = to_record("crm", "Organization", row)
    assert poison == []
    assert record.updated_at == "2022-03-17T16:21:26.000Z"
    moved = raw | {"attributes": {"type": "Organization", "url": "/services/data/v99.0/elsewhere"}}
    assert lasting(decode_json(encode_json(moved))) == record.lasting
    assert decode("instant.iso", raw["CreatedDate"]).isoformat() == "2022-03-17T15:37:35+00:00"


def test_a_recorded_id_that_is_none_is_set_aside(vendors: Path) -> None:
    rows, poison = split_rows("crm", "Organization", [json.dumps(load("http", "Organization.json")).encode()])
    assert (rows, len(poison)) == ([], 1)


# --- whole conversations ----------------------------------------------------------------------------------------------


class Tape(httpx.BaseTransport):
    """Answers with a recording, in its order: the next entry that the request is about."""

    def __init__(self, entries: Sequence[dict[str, Any]]) -> None:
        self.entries = list(entries)
        self.sent: list[tuple[dict[str, Any], Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        wanted = about(request.method, str(request.url))
        for at, entry in enumerate(self.entries):
            if about(entry["method"], entry["uri"]) == wanted:
                del self.entries[at]
                body = request.read()
                self.sent.append((entry, json.loads(body) if body else None))
                return httpx.Response(entry["status"]["code"], text=entry["response_body"], request=request)
        raise AssertionError(f"not recorded: {wanted}")


def about(method: str, uri: str) -> tuple[str, ...]:
    """Method, path without the version, and the object that a query is about."""
    parts = urlsplit(uri)
    query = parse_qs(parts.query).get("q", [""])[0]
    source = re.search(r"\bfrom (\w+)\s*$|\bfrom (\w+)\b", query, re.IGNORECASE)
    found = next((group for group in source.groups() if group), "") if source else ""
    return method, re.sub(r"/v[^/]+/", "/vxx.0/", parts.path.rstrip("/")), found


def connector(clock: FakeClock, tape: Tape, **options: str) -> Salesforce:
    access = Access(
        "crm", lambda: "00D!recorded", clock, Redactor(), "https://orgname.my.salesforce.com", options=options,
        transport=tape,
    )  # fmt: skip
    return Salesforce(access)


def entries(name: str) -> list[dict[str, Any]]:
    return [one for one in load("http", f"{name}.json") if isinstance(one["response_body"], str)]


def test_a_recorded_upsert_by_external_id_is_what_we_send_and_read(vendors: Path, clock: FakeClock) -> None:
    recorded = [one for one in entries("TestUpsert.test_simple_upsert__rest") if one["uri"].endswith("/Contact/Email")]
    tape = Tape(recorded)
    crm = connector(clock, tape, external_id_field="Email")
    for entry in recorded:
        rows = json.loads(entry["request_body"])["records"]
        names = [row["Email"] for row in rows]
        changes = [
            create("Contact", {key: row[key] for key in row if key not in ("attributes", "Email")}, number=at)
            for at, row in enumerate(rows)
        ]
        request = crm.prepare(changes, [None] * len(changes), "key", names)
        receipts = crm.send(request)
        assert {one.outcome for one in receipts} == {Outcome.APPLIED}
        told = [one["id"] for one in json.loads(entry["response_body"])]
        assert [one.ref.id for one in receipts if one.ref] == told
        assert json.loads(request.body) == json.loads(entry["request_body"])
    assert len(tape.sent) == 2


def test_a_recorded_collection_of_updates_is_what_we_send_and_read(vendors: Path, clock: FakeClock) -> None:
    (entry,) = [one for one in entries("TestUpdatesIntegrationTests.test_updates_task") if one["method"] == "PATCH"]
    tape = Tape([entry])
    rows = json.loads(entry["request_body"])["records"]
    changes = [
        update("Account", row["Id"], *(Edit(k, None, v) for k, v in row.items() if k not in ("attributes", "Id")))
        for row in rows
    ]
    crm = connector(clock, tape, update_batch="200")
    request = crm.prepare(changes, [None] * len(rows), "key", [f"op-{at}" for at in range(len(rows))])
    receipts = crm.send(request)
    assert [one.ref.id for one in receipts if one.ref] == [row["Id"] for row in rows]
    assert {one.outcome for one in receipts} == {Outcome.APPLIED}
    sent = tape.sent[0][1]
    assert sent == json.loads(entry["request_body"])


def test_a_recorded_object_is_pulled_from_recorded_pages(vendors: Path, clock: FakeClock) -> None:
    description = {
        "method": "GET",
        "uri": "https://orgname.my.salesforce.com/services/data/vxx.0/sobjects/Account/describe",
        "status": {"code": 200},
        "response_body": json.dumps(load("describe", "Account.describe.json")),
    }
    queries = [one for one in entries("TestDatasetsE2E.test_datasets_e2e") if "query" in one["uri"]]
    counted = {**queries[0], "response_body": '{"totalSize": 6, "done": true, "records": []}'}
    listed = next(one for one in queries if '"CleanStatus"' in one["response_body"])
    crm = connector(clock, Tape([description, counted, listed]))
    pages = list(crm.pull("Account", None))
    rows = json.loads(listed["response_body"])["records"]
    assert ids(pages) == [row["Id"] for row in rows]
    assert pages[-1].complete


def test_a_recorded_expired_session_is_a_sign_in_problem(vendors: Path, clock: FakeClock) -> None:
    body = RECORDED.joinpath("restforce", "expired_session_response.json").read_text()
    uri = "https://orgname.my.salesforce.com/services/data/vxx.0/query?q=SELECT Id FROM Organization"
    tape = Tape([{"method": "GET", "uri": uri, "status": {"code": 401}, "response_body": body}])
    with pytest.raises(AuthenticationFailed, match="Session expired or invalid"):
        connector(clock, tape).company()


def test_a_recorded_missing_object_is_named(vendors: Path, clock: FakeClock) -> None:
    body = RECORDED.joinpath("restforce", "sobject_describe_error_response.json").read_text()
    uri = "https://orgname.my.salesforce.com/services/data/vxx.0/sobjects/Foo/describe"
    tape = Tape([{"method": "GET", "uri": uri, "status": {"code": 404}, "response_body": body}])
    with pytest.raises(RequestRefused, match="crm has no Foo"):
        list(connector(clock, tape).pull("Foo", None))
