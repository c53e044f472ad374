"""One report, five formats: exact for programs, harmless for spreadsheets and pages."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from rich.text import Text

from syncctl.model import FindingKind, Money, Ref
from syncctl.report.formats import Report, csv_cell, md_cell, write_report

ROWS = (
    {"name": "Acme, GmbH", "ref": Ref("stripe", "invoice", "in_1"), "amount": Money(Decimal("1250.10"), "EUR")},
    {"name": "=cmd()", "kind": FindingKind.TIE, "ratio": Decimal("0.10"), "on": date(2026, 11, 2), "open": True},
)


def written(form: str, rows: tuple[dict[str, object], ...] = ROWS) -> str:
    stream = io.StringIO()
    write_report(Report("findings", lambda _width: Text(), rows, {"count": len(rows)}), form, stream)
    return stream.getvalue()


def test_json_carries_its_version_and_exact_amounts() -> None:
    found = json.loads(written("json"))
    assert (found["schema_version"], found["kind"], found["count"]) == (1, "findings", 2)
    assert found["rows"][0]["amount"] == {"amount": "1250.10", "currency": "EUR"}
    assert found["rows"][0]["ref"] == "stripe:invoice:in_1"
    assert found["rows"][1] == {"name": "=cmd()", "kind": "tie", "ratio": "0.1", "on": "2026-11-02", "open": True}


def test_jsonl_is_one_object_per_line_each_with_its_version() -> None:
    found = [json.loads(line) for line in written("jsonl").splitlines()]
    assert [row["schema_version"] for row in found] == [1, 1]
    assert found[0]["name"] == "Acme, GmbH"


def test_csv_has_every_column_once_and_no_formula() -> None:
    header, first, second = csv.reader(io.StringIO(written("csv")))
    assert header == ["name", "ref", "amount", "kind", "ratio", "on", "open"]
    assert first[:3] == ["Acme, GmbH", "stripe:invoice:in_1", "1250.10"]
    assert second == ["'=cmd()", "", "", "tie", "0.1", "2026-11-02", "true"]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "@SUM(A1)",
        "-1+1",
        "-",
        "＝1",
        "\t=1",
        "\r=1",
        "-1.5.2",
        "-²",
        "+15550100",
        "+33 199 001 652",
        "+1 555 0100+cmd|' /C calc'!A0",
        "-1+cmd|' /C calc'!A0",
    ],
)
def test_what_a_spreadsheet_would_calculate_is_quoted(text: str) -> None:
    shown = csv_cell(text)
    assert not shown.startswith(("=", "+", "-", "@", "＝", "\t", "\r"))


@pytest.mark.parametrize("text", ["-5", "-5.00", "12", "INV-1", "a=b", "", "+1 555 0100", "+49 (30) 1234567"])
def test_numbers_and_plain_text_stay_as_they_are(text: str) -> None:
    assert csv_cell(text) == text


def test_markdown_stays_one_table() -> None:
    assert md_cell("a|b\n<script>`x`[link](javascript:y)") == ("a\\|b\\\\n\\<script\\>\\`x\\`\\[link\\](javascript:y)")
    assert written("md").splitlines()[1] == "| --- | --- | --- | --- | --- | --- | --- |"


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "md"])
def test_no_control_or_bidi_character_leaves_in_any_format(form: str) -> None:
    text = written(form, ({"name": "a\x1b[2J\u202e\u200bb\ud800"},))
    assert not set(text) & {"\x1b", "\u202e", "\u200b", "\ud800"}


def test_an_empty_report_is_still_a_report() -> None:
    assert json.loads(written("json", ()))["count"] == 0
    assert written("csv", ()).strip() == ""
