"""Recorded Plaid traffic (2019 to 2020) through the connector's own reading and classifying code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from syncctl.connectors.http import Answer
from syncctl.connectors.plaid.complaints import explain
from syncctl.connectors.plaid.pulling import Update
from syncctl.connectors.plaid.rows import read_accounts, read_item, record_of
from syncctl.connectors.plaid.schemas import schemas
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.jsontext import decode_json
from syncctl.model import Outcome, Record
from syncctl.paths import parse_path, read

pytestmark = pytest.mark.vendors


def interactions(vendors: Path, *paths: str, ok: bool = True) -> Iterator[dict[str, Any]]:
    for file in sorted((vendors / "recorded" / "plaid").glob("*.json")):
        for one in json.loads(file.read_text())["interactions"]:
            if (not paths or one["path"] in paths) and (one["status"] == 200) is ok:
                yield one


def body(interaction: dict[str, Any]) -> bytes:
    return json.dumps(interaction["response"]).encode()


def decoded_fields(kind: str, record: Record) -> dict[str, Any]:
    """Every field of the schema that the record holds, decoded as a mapping would."""
    raw = decode_json(record.raw)
    (schema,) = (one for one in schemas("bank") if one.kind == kind)
    return {
        path: decode(field.codec, value, currency_of(raw, field))
        for path, field in schema.fields.items()
        for value in read(raw, parse_path(field.place))
        if not field.target
    }


def test_recorded_items_are_read(vendors: Path) -> None:
    rows = [read_item(body(one)) for one in interactions(vendors, "/item/get")]
    assert len(rows) > 50
    for row in rows:
        record = record_of("bank", "item", row, decode_json(row)["item_id"])
        assert isinstance(record, Record)
        assert decoded_fields("item", record)["institution_id"].startswith("ins_")


def test_recorded_accounts_and_balances_are_read(vendors: Path) -> None:
    rows = [
        row for one in interactions(vendors, "/accounts/balance/get", "/auth/get") for row in read_accounts(body(one))
    ]
    assert len(rows) > 40
    amounts = set()
    for row in rows:
        record = record_of("bank", "account", row, "item")
        assert isinstance(record, Record)
        current = decoded_fields("account", record)["balances.current"]
        amounts.add((current.amount, current.currency))
    assert {(Decimal(110), "USD"), (Decimal("320.76"), "USD"), (Decimal("23631.9805"), "USD")} <= amounts


def test_recorded_transactions_are_read_to_the_cent(vendors: Path) -> None:
    rows = [
        json.dumps(row).encode()
        for one in interactions(vendors, "/transactions/get")
        for row in one["response"]["transactions"]
    ]
    assert len(rows) > 20
    update = Update()
    for row in rows:
        update.add(row)
        record = record_of("bank", "transaction", row, "item")
        assert isinstance(record, Record)
        found = decoded_fields("transaction", record)
        assert found["signed_amount"].amount == -found["amount"].amount
        assert found["date"] is not None
    assert update.unread == []


def test_recorded_refusals_are_told_apart_by_their_code(vendors: Path) -> None:
    found: dict[str, tuple[Outcome, bool]] = {}
    for one in interactions(vendors, ok=False):
        complaint = explain(Answer(one["status"], {}, body(one), "POST x"), 20, "bank")
        assert complaint.code == one["response"]["error_code"]
        assert one["response"]["error_message"] in complaint.message
        assert complaint.vendor_request_id == one["response"]["request_id"]
        found[complaint.code] = (complaint.outcome, complaint.wait_seconds is not None)
    assert found["INVALID_ACCESS_TOKEN"] == (Outcome.STOP, False)
    assert found["PRODUCT_NOT_READY"] == (Outcome.LATER, True)
    assert found["INVALID_FIELD"] == (Outcome.REJECTED, False)


def test_the_sandbox_answers_have_every_key_of_the_recorded_ones(vendors: Path) -> None:
    """Keys that the API version of 2020-09-14 dropped are left out."""
    from plaid_wired import Wired

    from syncctl.sandbox.clock import FakeClock

    wire = Wired(FakeClock())
    wire.buy()
    dropped = {"category", "category_id", "transaction_type", "location", "account_owner"}
    recorded = next(interactions(vendors, "/transactions/get"))["response"]
    (transaction,) = wire.vendor.state()["transaction"].values()
    assert set(recorded["transactions"][0]) - dropped <= set(transaction)
    (account,) = wire.vendor.state()["account"].values()
    assert set(recorded["accounts"][0]) <= set(account)
    assert set(recorded["accounts"][0]["balances"]) == set(account["balances"])
    error = next(interactions(vendors, ok=False))["response"]
    assert set(error) <= set(json.loads(wire.vendor.limited().body))
