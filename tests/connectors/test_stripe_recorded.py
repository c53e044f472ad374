"""Real answers of Stripe, recorded in eight API versions, fed to the reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from stripe_wired import raws, wired

from syncctl.connectors.base import Access
from syncctl.connectors.http import Answer
from syncctl.connectors.stripe import Stripe, shape_problems
from syncctl.connectors.stripe.complaints import Explain
from syncctl.connectors.stripe.kinds import KINDS
from syncctl.connectors.stripe.rows import Head, compact, read_head, record
from syncctl.connectors.stripe.schemas import schemas
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Outcome, Poison
from syncctl.paths import parse_path, read
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock

pytestmark = pytest.mark.vendors

OLD = ("2024-06-20", "2024-12-18.acacia", "2025-02-24.acacia")
"""The recorded versions before basil."""
SCHEMAS = {found.kind: found for found in schemas("stripe")}


@pytest.fixture(scope="module")
def exchanges(vendors: Path) -> list[dict[str, Any]]:
    files = sorted((vendors / "recorded" / "stripe").glob("*.json"))
    return [exchange for file in files for exchange in json.loads(file.read_text())["interactions"]]


def objects(found: Any, version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every record of our kinds inside an answer, expanded ones too, with the version it was written in."""
    if isinstance(found, dict):
        if found.get("object") in KINDS and "id" in found:
            yield version, found
        for inner in found.values():
            yield from objects(inner, version)
    elif isinstance(found, list):
        for inner in found:
            yield from objects(inner, version)


@pytest.fixture(scope="module")
def recorded(exchanges: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [
        found
        for exchange in exchanges
        for found in objects(exchange["response"], exchange["response_headers"].get("stripe-version", ""))
    ]


def test_the_recordings_hold_what_these_tests_are_about(recorded: list[tuple[str, dict[str, Any]]]) -> None:
    assert len(recorded) > 250
    assert {raw["object"] for _, raw in recorded} == set(KINDS) - {"payout", "product"}
    assert {version for version, raw in recorded if raw["object"] == "invoice"} > set(OLD)


def test_every_record_decodes_or_is_refused_by_the_names_of_its_old_fields(
    recorded: list[tuple[str, dict[str, Any]]],
) -> None:
    refused = set()
    for version, raw in recorded:
        kind = raw["object"]
        head = read_head("stripe", kind, encode_json(raw))
        problems = shape_problems(kind, raw)
        assert isinstance(head, Poison) == bool(problems), (version, kind)
        if isinstance(head, Poison):
            refused.add((kind, version))
            assert all(problem.message in head.reason for problem in problems)
        else:
            assert decode_all(kind, raw) > 0
    assert refused == {("invoice", version) for version in OLD}


def decode_all(kind: str, raw: dict[str, Any]) -> int:
    """Decodes every published field of a record; how many values it has."""
    exact, count = decode_json(encode_json(unexpanded(raw))), 0
    for field in SCHEMAS[kind].fields.values():
        if field.reverse is not None or field.path.endswith("*"):
            continue
        for value in read(exact, parse_path(field.place)):
            decode(field.codec, value, currency_of(exact, field))
            count += 1
    return count


def unexpanded(raw: dict[str, Any]) -> dict[str, Any]:
    """The record as it is without expand[], which the connector never asks for."""
    expandable = ("payment_intent", "balance_transaction", "customer", "charge", "invoice", "default_price", "product")
    return {
        name: value["id"] if name in expandable and isinstance(value, dict) else value for name, value in raw.items()
    }


def test_old_invoices_are_refused_naming_every_field_that_moved(recorded: list[tuple[str, dict[str, Any]]]) -> None:
    old = [raw for version, raw in recorded if raw["object"] == "invoice" and version in OLD]
    named = " ".join(str(problem) for raw in old for problem in shape_problems("invoice", raw))
    for name in ("charge", "payment_intent", "subscription", "tax", "discount", "paid", "total_tax_amounts"):
        assert f" {name} belongs to an older API version" in named
    for name in ("price", "tax_amounts", "invoice_item", "proration"):
        assert f"lines.data.0.{name} belongs to an older API version" in named


def test_no_field_that_new_records_have_is_taken_for_an_old_one(recorded: list[tuple[str, dict[str, Any]]]) -> None:
    new = [(version, raw) for version, raw in recorded if version not in OLD]
    assert [version for version, raw in new if shape_problems(raw["object"], raw)] == []


def test_values_of_a_real_paid_invoice_are_what_they_were(recorded: list[tuple[str, dict[str, Any]]]) -> None:
    raw = next(
        raw for version, raw in recorded if raw["object"] == "invoice" and raw["id"] == "in_1SS01XKXBGcbgpbZeYvAQcOJ"
    )
    shown = {path: decode_one("invoice", raw, path) for path in ("total", "amount_remaining", "status", "currency")}
    assert {path: str(value) for path, value in shown.items()} == {
        "total": "25.00 USD",
        "amount_remaining": "0.00 USD",
        "status": "paid",
        "currency": "USD",
    }


def decode_one(kind: str, raw: dict[str, Any], path: str) -> Any:
    field = SCHEMAS[kind].fields[path]
    [value] = read(raw, parse_path(field.place))
    return decode(field.codec, value, currency_of(raw, field))


def test_real_errors_are_told_by_their_codes(exchanges: list[dict[str, Any]]) -> None:
    explain = Explain(2.0)
    told = {
        (status, complaint.code): complaint.outcome
        for status, complaint in (
            (each["status"], explain(Answer(each["status"], each["response_headers"], encode_json(each["response"]))))
            for each in exchanges
            if each["status"] >= 400
        )
    }
    assert told == {
        (400, "resource_missing"): Outcome.REJECTED,
        (401, "invalid_request_error"): Outcome.STOP,
        (402, "card_declined"): Outcome.REJECTED,
        (404, "resource_missing"): Outcome.REJECTED,
    }


def test_recorded_invoice_payments_are_pulled_and_their_blanks_do_not_matter(
    clock: FakeClock, exchanges: list[dict[str, Any]]
) -> None:
    listed = [each["response"] for each in exchanges if each["path"].startswith("/v1/invoice_payments")]
    answer = next(each for each in listed if each.get("data"))

    def respond(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=json.dumps(answer, indent=2))

    access = Access("stripe", lambda: "sk_test_x", clock, Redactor(), transport=httpx.MockTransport(respond))
    pages = list(Stripe(access).pull("invoice_payment", None))
    assert pages[-1].complete
    assert list(raws(pages).values()) == answer["data"]
    assert pages[0].records[0].raw == compact(encode_json(answer["data"][0]))


def test_recorded_reads_of_one_record_differ_only_where_stripe_issues_links_anew(
    recorded: list[tuple[str, dict[str, Any]]],
) -> None:
    links = {"hosted_invoice_url", "invoice_pdf", "receipt_url"}
    changed = set()
    latest: dict[str, dict[str, Any]] = {}
    for _, raw in recorded:
        before = latest.get(raw["id"], raw)
        if raw["object"] in ("invoice", "charge") and raw["status"] == before["status"]:
            changed |= {name for name in links if name in raw and raw[name] != before[name]}
        latest[raw["id"]] = raw
    assert changed == links
    assert all(
        "another address with every read" in SCHEMAS[kind].fields[name].note
        for kind, name in (("invoice", "hosted_invoice_url"), ("invoice", "invoice_pdf"), ("charge", "receipt_url"))
    )


def test_the_sandbox_issues_those_links_anew_too(clock: FakeClock) -> None:
    wire = wired(clock)
    charge = wire.vendor.seed("charge", {"amount": 100})["id"]
    first = raws(wire.pull("charge"))[charge]
    clock.advance(60)
    second = raws(wire.pull("charge"))[charge]
    assert {name for name in first if first[name] != second[name]} == {"receipt_url"}


def test_what_a_person_keeps_under_the_name_of_a_link_counts_as_a_change() -> None:
    def lasting(note: str, link: str) -> bytes:
        row = encode_json({"id": "ch_1", "object": "charge", "metadata": {"receipt_url": note}, "receipt_url": link})
        head = read_head("stripe", "charge", row)
        assert isinstance(head, Head)
        return record("stripe", "charge", head, row).lasting

    assert (
        lasting("a", "https://pay.example/1")
        == lasting("a", "https://pay.example/2")
        != lasting("b", "https://pay.example/2")
    )


def test_a_signed_link_is_no_change_where_the_answer_stands_on_one_line_with_blanks_in_it() -> None:
    def lasting(link: str, separators: tuple[str, str]) -> bytes:
        shown = {"id": "in_1", "object": "invoice", "hosted_invoice_url": link, "invoice_pdf": f"{link}/pdf"}
        row = json.dumps(shown, separators=separators).encode()
        head = read_head("stripe", "invoice", row)
        assert isinstance(head, Head)
        return record("stripe", "invoice", head, row).lasting

    spaced = lasting("https://pay.example/1", (", ", ": "))
    assert spaced == lasting("https://pay.example/2", (", ", ": ")) == lasting("https://pay.example/3", (",", ":"))
    assert b"pay.example" not in spaced
