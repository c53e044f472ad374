"""Real QuickBooks traffic, replayed through the connector's own code: nothing here was written by this project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import VENDORS
from connectors.quickbooks_setup import change
from syncctl.connectors.base import Access
from syncctl.connectors.quickbooks import QuickBooks
from syncctl.connectors.quickbooks.rows import read_rows
from syncctl.errors import AuthenticationFailed, RequestRefused
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Edit, Outcome, Page, Record, Ref, Request, Window
from syncctl.paths import parse_path, read
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock

pytestmark = pytest.mark.vendors
REALM = "9130350000000001"
NAME = "quickbooks"
TAPES = VENDORS / "recorded" / "quickbooks"


@pytest.fixture
def connector(clock: FakeClock, vendors: Path) -> QuickBooks:
    access = Access(NAME, lambda: "AB01recordedtoken", clock, Redactor(["AB01recordedtoken"]), company=REALM)
    return QuickBooks(access)


def asks(uri: str) -> tuple[str, ...]:
    """What a request is about: which path, which operation, which entity it lists or counts, which feed."""
    from urllib.parse import parse_qs, urlsplit

    parts = urlsplit(uri)
    query = parse_qs(parts.query)
    found = re.match(r"SELECT (COUNT\(\*\)|\*).* FROM (\w+)", query.get("query", [""])[0], re.IGNORECASE)
    listed = tuple(word.upper() for word in found.groups()) if found else ()
    entities = query.get("entities", [""])[0].lower()
    return (parts.path.lower(), query.get("operation", [""])[0], entities, *listed)


def about(one: Any, other: Any) -> None:
    """Matches what a request is about: our minor version, request id, order and time window are not in the tapes."""
    assert asks(one.uri) == asks(other.uri)


def body(one: Any, other: Any) -> None:
    """Matches bodies: the recorded one may be a full update or name a reference; all we send must be in it."""
    sent, recorded = (decode_json(each.body) if each.body else None for each in (one, other))
    assert contained(sent, recorded)


def contained(sent: Any, recorded: Any) -> bool:
    if isinstance(sent, dict):
        return isinstance(recorded, dict) and all(
            contained(value, recorded.get(key)) for key, value in sent.items() if key != "sparse"
        )
    if isinstance(sent, list):
        return len(sent) == len(recorded) and all(map(contained, sent, recorded))
    return bool(sent == recorded)


@contextmanager
def tape(name: str) -> Iterator[Any]:
    """One recording, played and never added to; everything in it must be asked for."""
    import vcr

    player = vcr.VCR(record_mode="none", match_on=["method", "about", "body"])
    player.register_matcher("about", about)
    player.register_matcher("body", body)
    with player.use_cassette(str(TAPES / f"{name}.yaml")) as cassette:
        yield cassette
        assert cassette.all_played, f"{name}: not everything in the recording was asked for"


def pages(connector: QuickBooks, kind: str, *windows: Window) -> list[Page]:
    return list(connector.pull(kind, windows or None))


def test_all_customers_are_pulled(connector: QuickBooks) -> None:
    with tape("all__customers"):
        (page,) = pages(connector, "Customer")
    assert len(page.records) == 41
    assert page.complete
    assert page.poison == ()
    assert page.windows == (Window("since", since="2020-09-29T13:03:53.903000Z"),)
    amy = next(record for record in page.records if record.ref.id == "1")
    assert (amy.version, amy.updated_at) == ("0", "2020-09-29T13:02:35Z")
    assert b'"Lat":"INVALID"' in amy.raw


def test_all_sales_receipts_are_listed(connector: QuickBooks) -> None:
    with tape("all__sales_receipts"):
        listed = connector._client.query("SalesReceipt", "SELECT * FROM SalesReceipt")
    rows = read_rows(NAME, "SalesReceipt", listed.rows)
    assert {row.ref.id for _, row in rows if isinstance(row, Record)} >= {"17", "11", "47"}


def test_inactive_employees_are_listed_with_the_mark_in_their_name(connector: QuickBooks) -> None:
    with tape("all__employees_including_active"):
        assert connector._client.count("Employee", ("Active IN (true, false)",)) == 2
        listed = connector._client.query("Employee", "SELECT * FROM Employee WHERE Active IN (true, false)")
    found = [decode_json(bytes(row)) for row in listed.rows]
    assert [(each["DisplayName"], each["Active"]) for each in found] == [
        ("Emily Platt (deleted)", False),
        ("John Johnson", True),
    ]


def test_the_change_feed_is_read(connector: QuickBooks) -> None:
    with tape("cdc__basic"):
        listed = connector._client.changes("Estimate", "2011-10-10T09:00:00-07:00")
    rows = read_rows(NAME, "Estimate", listed.rows)
    assert [head.id for head, _ in rows if head is not None] == ["48", "46", "41", "100"]
    assert listed.time == "2020-09-29T15:02:53.512000Z"


def test_one_customer_is_read(connector: QuickBooks) -> None:
    with tape("get__id"):
        found = connector._client.document("customer/5", "Customer")
    assert found["DisplayName"] == "Dukes Basketball Camp"


def edit(path: str, after: Any) -> Edit:
    return Edit(path, None, after)


def new(kind: str, *edits: Edit) -> Any:
    return change(Action.CREATE, Ref(NAME, kind, "new-1"), *edits)


def test_a_customer_is_created(connector: QuickBooks) -> None:
    with tape("create__customer"):
        request = connector.prepare([new("Customer", edit("DisplayName", "Doe5, Jane"))], [None], "k", ["r"])
        (receipt,) = connector.send(request)
    assert (receipt.outcome, receipt.ref) == (Outcome.APPLIED, Ref(NAME, "Customer", "70"))
    assert receipt.record is not None
    assert receipt.vendor_request_id == "1-5f732f68-d4d3c70ce72c15e07d2bc328"


def test_an_invoice_is_created(connector: QuickBooks) -> None:
    line = {
        "Amount": 100,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
    }
    planned = new("Invoice", edit("CustomerRef", {"value": "1"}), edit("Line", [line]))
    with tape("create__invoice"):
        (receipt,) = connector.send(connector.prepare([planned], [None], "k", ["r"]))
    assert (receipt.outcome, receipt.ref) == (Outcome.APPLIED, Ref(NAME, "Invoice", "266"))


def test_a_customer_is_updated_on_a_fresh_read(connector: QuickBooks) -> None:
    with tape("update__customer"):
        answer = connector._client.get("customer/68")
        held = encode_json(answer.json()["Customer"])
        current = Record(Ref(NAME, "Customer", "68"), held, "0")
        edits = (edit("DisplayName", "Jack Moe"), edit("PrimaryPhone.FreeFormNumber", "(415) 444-1234"))
        request = connector.prepare([change(Action.UPDATE, current.ref, *edits)], [current], "k", ["r"])
        (receipt,) = connector.send(request)
    assert (receipt.outcome, receipt.record and receipt.record.version) == (Outcome.APPLIED, "1")


def test_a51_a_recorded_void_is_void(connector: QuickBooks) -> None:
    with tape("void__invoice"):
        held = connector._client.document("invoice/264", "Invoice")
        current = Record(Ref(NAME, "Invoice", "264"), encode_json(held), held["SyncToken"])
        (receipt,) = connector.send(connector.prepare([change(Action.VOID, current.ref)], [current], "k", ["r"]))
    assert connector.state("Invoice", held) == "open"
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.record is not None
    assert connector.state("Invoice", decode_json(receipt.record.raw)) == "void"


def raw_request(path: str, sent: bytes, kind: str, query: tuple[tuple[str, str], ...] = (), *rows: str) -> Request:
    action = Action.UPDATE
    return Request(NAME, kind, action, "POST", f"/v3/company/{REALM}/{path}", query, body=sent, rows=rows or ("r",))


def test_what_a_delete_answers_is_told_as_deleted(connector: QuickBooks) -> None:
    with tape("delete__invoice"):
        held = connector._client.document("invoice/266", "Invoice")
        sent = encode_json({"Id": held["Id"], "SyncToken": held["SyncToken"]})
        answer = connector._client.http.send(raw_request("invoice", sent, "Invoice", (("operation", "delete"),)))
    assert connector.state("Invoice", answer.json()["Invoice"]) == "deleted"


def test_a_deactivated_employee_is_read(connector: QuickBooks) -> None:
    with tape("deactivate__employee"):
        held = connector._client.document("employee/55", "Employee")
        sent = encode_json({"Id": "55", "SyncToken": held["SyncToken"], "sparse": True, "Active": False})
        (receipt,) = connector.send(raw_request("employee", sent, "Employee"))
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.record is not None
    assert connector.state("Employee", decode_json(receipt.record.raw)) == "archived"


def test_a65_a_recorded_batch_is_read_row_by_row(connector: QuickBooks) -> None:
    recorded = yaml.safe_load((TAPES / "batch__basic.yaml").read_text())["interactions"][0]["request"]["body"]
    rows = ("bid1", "bid2", "bid3", "bid4", "bid5")
    with tape("batch__basic"):
        receipts = connector.send(raw_request("batch", recorded.encode(), "Vendor", (), *rows))
    assert [(receipt.row, receipt.outcome, receipt.code) for receipt in receipts] == [
        ("bid1", Outcome.APPLIED, ""),
        ("bid2", Outcome.REJECTED, "610"),
        ("bid3", Outcome.CONFLICT, "5010"),
        ("bid4", Outcome.UNKNOWN, ""),  # a query: it holds no vendor
        ("bid5", Outcome.UNKNOWN, ""),  # was never sent
    ]
    assert receipts[0].ref == Ref(NAME, "Vendor", "71")


def test_an_unknown_property_is_refused(connector: QuickBooks) -> None:
    with tape("error__400_json"):
        (receipt,) = connector.send(raw_request("invoice", b'{"BadJson":true}', "Invoice"))
    assert (receipt.outcome, receipt.code, receipt.status) == (Outcome.REJECTED, "2010", 400)
    assert 'Unrecognized field "BadJson"' in receipt.message


def test_a67_an_expired_token_is_an_authentication_error_without_the_token(connector: QuickBooks) -> None:
    with tape("error__401"), pytest.raises(AuthenticationFailed) as caught:
        connector._client.get("customer/1")
    assert caught.value.exchange.code == "3200"
    assert "REDACTED-TOKEN" not in f"{caught.value.message}{caught.value.exchange.body}"


def test_paths_and_ids_that_are_none_are_refused(connector: QuickBooks) -> None:
    with tape("error__500"):
        with pytest.raises(RequestRefused) as unsupported:
            connector._client.get("customer/1/5")
        with pytest.raises(RequestRefused) as invalid:
            connector._client.get("customer/1.5")
    assert (unsupported.value.exchange.code, invalid.value.exchange.code) == ("500", "2030")


# --- every recorded entity -------------------------------------------------------------------------------------------

LIKE = {"Estimate": "Invoice", "Employee": "Customer", "Vendor": "Customer"}
"""Kinds that are recorded but not pulled here read like these."""


def recorded_entities() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(recording, kind, entity) of everything that was ever answered."""
    for path in sorted(TAPES.glob("*.yaml")):
        for interaction in yaml.safe_load(path.read_text())["interactions"]:
            yield from _entities(path.stem, decode_json(interaction["response"]["body"]["string"].encode()))


def _entities(name: str, value: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if isinstance(value, list):
        for element in value:
            yield from _entities(name, element)
    elif isinstance(value, dict):
        for key, inner in value.items():
            found = inner if isinstance(inner, list) else [inner]
            if key[0].isupper() and all(isinstance(each, dict) and "MetaData" in each for each in found) and found:
                for each in found:
                    yield name, key, each
            else:
                yield from _entities(name, inner)


def test_every_recorded_entity_reads_into_canonical_values(connector: QuickBooks, vendors: Path) -> None:
    from syncctl.connectors.quickbooks.books import Books
    from syncctl.connectors.quickbooks.schemas import schemas
    from syncctl.fields.currency import currency_of

    tables = {schema.kind: schema for schema in schemas(NAME, Books(home_currency="USD"), connector.options)}
    seen: dict[str, int] = {}
    for name, kind, entity in recorded_entities():
        row = json.loads(json.dumps(entity, default=str))
        assert not [each for _, each in read_rows(NAME, kind, _raws([row])) if not isinstance(each, Record)], name
        for field in tables[LIKE.get(kind, kind)].fields.values():
            for value in read(entity, parse_path(field.place)):
                decode(field.codec, value, currency_of(entity, field))
                seen[field.path] = seen.get(field.path, 0) + 1
        assert connector.state(kind, entity) in ("open", "part_paid", "paid", "void", "archived")
    assert seen["Id"] > 60
    assert {"TotalAmt", "Line.Amount", "Line.SalesItemLineDetail.ItemRef", "BillAddr.City", "Balance"} <= set(seen)


def _raws(rows: list[dict[str, Any]]) -> Any:
    import msgspec

    return msgspec.json.decode(json.dumps(rows), type=list[msgspec.Raw])
