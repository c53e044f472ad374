"""What a finance person reads and copies: the same facts in every format, names and Refs instead of internals."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest

from cli.house import YES, House, alone, house, written

INTERNAL = re.compile(r"\b(p\d+|set)\b|\[\[|records over there have it")
"""How the ledger writes a reference to a pair and a field that is written once."""


@pytest.fixture(scope="module")
def planned() -> Iterator[House]:
    """After a dry run. Tests only look."""
    with house() as found:
        yield found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_dry_run_prints_one_row_per_field_and_per_finding_in_every_format(planned: House) -> None:
    plan = planned.run("reconcile", "--dry-run", "--json").json["plan"]
    edits = [
        ("change", str(change["number"]), edit["field"], edit["before"], edit["after"])
        for change in plan["changes"]
        for edit in change["edits"]
    ]
    assert len(edits) > 20
    keys = ("row", "number", "field", "before", "after")
    edits += [(finding["kind"], "", finding["field"], "", "") for finding in plan["findings"]]
    assert {"tie", "proposal", "missing"} <= {edit[0] for edit in edits}
    as_csv = rows(planned.run("reconcile", "--dry-run", "-o", "csv").out)
    as_lines = [json.loads(line) for line in planned.run("reconcile", "--dry-run", "-o", "jsonl").out.splitlines()]
    as_md = planned.run("reconcile", "--dry-run", "-o", "md").out.splitlines()
    assert [tuple(row[key].removeprefix("'") for key in keys) for row in as_csv] == edits
    assert [tuple(str(row.get(key) or "") for key in keys) for row in as_lines] == edits
    assert len(as_md) - 2 == len(edits)


def test_a_finding_in_a_spreadsheet_says_what_the_table_says(planned: House) -> None:
    table = " ".join(planned.run("show").out.split())
    for row in rows(planned.run("show", "-o", "csv").out):
        if row["row"] != "change":
            assert row["said"] in table
            assert f"{row['finding']} {row['name']} {row['mapping']}" in table
            assert not row["currency"] or f"{float(row['amount']):,.2f} {row['currency']}" in table


def test_a_change_has_the_number_of_the_table_in_every_format(planned: House) -> None:
    table = planned.run("show").out
    for change in planned.run("show", "--json").json["plan"]["changes"]:
        assert re.search(
            rf"^ *{change['number']}  \S {change['action']} +{re.escape(change['name'][:20])}", table, re.MULTILINE
        )


def test_every_open_finding_shows_its_number_amount_and_date(planned: House) -> None:
    listed = planned.run("findings", "list", "--json").json["rows"]
    pages = [planned.run(*words, environment={"COLUMNS": "160"}).out for words in (("findings", "list"), ("diff",))]
    for row in listed:
        amount = f"{float(row['amount']['amount']):,.2f} {row['currency']}" if row["currency"] == "USD" else ""
        for page in pages:
            (line,) = [one for one in page.splitlines() if re.match(rf" *{row['number']}  ", one)]
            assert f"{row['number']}  {row['name']}  {row['mapping']}" in line
            assert amount in line
            assert line.endswith(f"since {row['since'][:10]} (today)")
    assert 'syncctl findings accept NUMBER --note "…"' in pages[0]
    waiting = sum(not row["to_be_corrected"] for row in listed)
    assert 0 < waiting < len(listed)
    for page in (planned.first.out if planned.first else "", *pages):
        assert re.search(rf"\b{waiting} open\s+findings", page)


def test_a_plan_of_one_mapping_tells_of_no_other_of_which_it_did_not_look_what_it_would_correct() -> None:
    with house() as place:
        named = place.run("findings", "list", "payments", "--json").json["rows"]
        told = place.run("plan", "payments", "--json").json["plan"]["findings"]
    assert [one["number"] for one in told] == [row["number"] for row in named if not row["to_be_corrected"]]
    assert len(told) < len(named)


def test_every_list_of_the_day_has_rows_as_csv(planned: House) -> None:
    for words in (("plan",), ("show",), ("diff",), ("findings", "list"), ("match", "list")):
        assert len(rows(planned.run(*words, "-o", "csv").out)) >= 3, words


def test_amounts_have_their_currency_and_its_decimals_and_lines_say_what_they_are_about(planned: House) -> None:
    first = planned.first
    assert first is not None
    assert re.search(r"Line  added INV-\d+-\d+, 1,637\.00 EUR", first.out)
    assert "48,619 → 48,620 JPY" in first.out
    assert re.search(r"Line: INV-\d+-\d+, 339\.00 USD", first.out)
    lines = [row["after"] for row in rows(planned.run("show", "-o", "csv").out) if row["field"].startswith("Line")]
    assert all(re.search(r"\d [A-Z]{3}$", line) for line in lines)


def test_the_dry_run_tells_each_open_finding_once_and_ends_with_what_to_type(planned: House) -> None:
    first = planned.first
    assert first is not None
    open_ones = first.out.partition("NOT MATCHED")[2].partition("STATEMENT")[0]
    for finding in planned.run("plan", "--json").json["plan"]["findings"]:
        assert open_ones.count(f"  {finding['name']}  {finding['mapping']}") == 1
    assert first.out.count("NEXT\n") == 1
    assert "syncctl findings list" in first.out.splitlines()[-1]


def test_the_statement_tells_what_the_plan_corrects_from_what_waits_for_a_person(planned: House) -> None:
    lines = planned.run("reconcile", "--dry-run", "--json").json["statement"]
    invoices = {line["currency"]: line for line in lines if line["mapping"] == "invoices"}
    assert float(invoices["EUR"]["to_be_corrected"]) < 0
    assert invoices["USD"]["items"]["open_findings"] > 0
    assert {line["unexplained"] for line in lines if line["currency"]} == {"0", "0.00"}
    assert "nothing unexplained" in planned.run("reconcile", "--dry-run").out


def test_a_record_is_explained_by_its_number_with_names_instead_of_internals(planned: House) -> None:
    pair = next(
        row
        for row in planned.run("match", "list", "--all", "payments", "--json").json["rows"]
        if row["decided_by"] == "rule"
    )
    by_ref = planned.run("explain", pair["left"])
    invoice = planned.run("explain", "INV-2610-00039")
    assert (by_ref.code, invoice.code) == (0, 0)
    assert pair["right"] in by_ref.out
    assert "stripe:invoice:in_" in invoice.out
    assert "quickbooks:Invoice:273" in invoice.out
    assert re.search(r"CustomerRef +\S.* \(stripe:customer:cus_\w+\)", invoice.out)
    # A total that is only reported is not called so where the lines it follows from are corrected.
    added_up = planned.run("explain", "INV-2610-00055", "--json").json["rows"]
    assert [row["said"] for row in added_up if row.get("owner") and row["field"] == "TotalAmt"][:1] == ["follows"]
    for said in (by_ref, invoice):
        assert not INTERNAL.search(said.out), said.out


def test_a_name_of_several_records_lists_them_with_their_references(planned: House) -> None:
    said = planned.run("explain", "inv-2610-00078", "--json")
    assert said.code == 64
    assert {row["record"].rpartition(":")[0] for row in said.json["rows"]} == {"stripe:invoice", "quickbooks:Invoice"}
    text = planned.run("explain", "inv-2610-00078").out
    for row in said.json["rows"]:
        assert row["command"] in text
        assert planned.run(*row["command"].split()[1:]).code == 0
    assert planned.run("explain", "INV-0000").code == 64


def test_why_a_record_has_no_partner_names_who_comes_near(planned: House) -> None:
    tie = next(row for row in planned.run("match", "list", "--json").json["rows"] if row["decided_by"] == "tie")
    text = planned.run("explain", tie["left"]).out
    assert "has no partner" in text
    assert tie["right"] in text


def test_an_id_is_whole_at_80_columns(planned: House) -> None:
    for row in planned.run("runs", "list", "--json").json["rows"]:
        assert row["run"] in planned.run("runs", "list").out
    shown = planned.run("match", "list", "--all").out.split()
    listed = planned.run("match", "list", "--all", "--json").json["rows"]
    assert {row[side] for row in listed for side in ("left", "right")} <= set(shown)


def test_schema_drift_is_told_by_the_label_that_people_know(planned: House) -> None:
    planned.run("schema", "pull")
    path = planned.folder / "schemas" / "hubspot" / "deal.yaml"
    path.write_text(path.read_text().replace("label: Open balance", "label: Balance due"))
    (row,) = planned.run("schema", "diff", "--json").json["rows"]
    assert (row["label"], row["what"]) == ("Open balance", "label: Balance due → Open balance")


def test_a_refused_write_is_called_so_in_the_same_words_in_every_list() -> None:
    with written() as fresh:
        assert fresh.first is not None
        (row,) = [row for row in fresh.first.json["applied"] if row["state"] == "rejected"]
        assert row["fix"] == "correct what the message names", "it names no tax"
        said = f"quickbooks said: {row['message']}; what to do: syncctl ops list"
        lists = [
            fresh.run("findings", "list", "--json").json["rows"],
            fresh.run("diff", "--json").json["findings"],
            fresh.run("plan", "--json").json["plan"]["findings"],
            fresh.run("reconcile", "--dry-run", "--json").json["findings"],
        ]
        told = [
            [(one["kind"], one["hint"], one["number"]) for one in each if one["name"] == row["name"]] for each in lists
        ]
        assert [each[0][:2] for each in told] == [("rejected", said)] * 4
        assert len({each[0][2] for each in told}) == 1
        assert f"refused: {said}" in " ".join(fresh.run("explain", row["name"]).out.split())


def test_a_run_shows_the_plan_it_carried_out_and_what_became_of_each_change() -> None:
    with written() as fresh:
        assert fresh.first is not None
        first = fresh.first.json
        shown = fresh.run("runs", "show", first["run"]).out
        told = fresh.run("runs", "show", first["run"], "--json").json
        assert told["plan"] == first["plan"]["id"]
        planned = {(one["number"], one["name"], len(one["edits"])) for one in first["plan"]["changes"]}
        assert {(one["number"], one["name"], len(one["edits"])) for one in told["changes"]} == planned
        words = {"applied": "written", "rejected": "refused", "held": "held"}
        for change in told["changes"]:
            title = rf"^ *{change['number']}  \S {change['action']} .* {words[change['state']]}$"
            assert re.search(title, shown, re.MULTILINE), title
        assert "a name may hold no colon, tab or new line" in " ".join(shown.split())
        as_csv = rows(fresh.run("runs", "show", first["run"], "-o", "csv").out)
        assert len(as_csv) == sum(len(change["edits"]) or 1 for change in told["changes"])
        assert {row["state"] for row in as_csv} == set(words)
        looked = fresh.run("plan", "--run-id", "only-looked", "--json").json["plan"]["id"]
        assert f"syncctl show {looked}" in fresh.run("runs", "show", "only-looked").out


def test_the_way_out_of_a_currency_that_the_customer_cannot_have_leads_out() -> None:
    with house() as fresh:
        (blocked,) = [one for one in fresh.run("diff", "--json").json["findings"] if "can only have" in one["hint"]]
        name, key = re.search(r"Customer (.+) \((\d+)\) of quickbooks", blocked["hint"]).groups()  # type: ignore[union-attr]
        pairs = fresh.run("match", "list", "--all", "customers", "--json").json["rows"]
        source = next(pair["left"] for pair in pairs if pair["right"] == f"quickbooks:Customer:{key}")
        made = {"DisplayName": f"{name} (EUR)", "CurrencyRef": {"value": "EUR"}}
        second = fresh.boxes["quickbooks"].vendor.seed("Customer", made)
        fresh.run("pull")
        assert fresh.run("match", "confirm", "customers", source, f"quickbooks:Customer:{second['Id']}").code == 0
        again = fresh.run(*YES, "--json").json
        written = {row["name"]: row["state"] for row in again["applied"] if row["mapping"] == "invoices"}
        assert written[blocked["name"]] == "applied"


def test_the_amount_of_an_open_finding_has_its_currencys_decimals() -> None:
    said = alone("demo", "--scale", "0.01", environment={"COLUMNS": "160"}).out
    amounts = re.findall(r"(\d[\d,]*(?:\.\d+)?) USD\b", said)
    assert amounts
    assert [amount for amount in amounts if not re.fullmatch(r"[\d,]+\.\d\d", amount)] == []
