"""The commands as a person and a night job use them, on three pretend vendors in this process."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.house import YES, House, alone, columns, house, written
from syncctl.cli.scaffold import scaffold
from syncctl.ledger.lock import locked
from syncctl.sandbox.base import Fault


@pytest.fixture
def fresh() -> Iterator[House]:
    """After a dry run; the test may do what it likes."""
    with house() as found:
        yield found


@pytest.fixture(scope="module")
def planned() -> Iterator[House]:
    """After a dry run. Tests only look."""
    with house() as found:
        yield found


@pytest.fixture(scope="module")
def done() -> Iterator[House]:
    """After a run that wrote. Tests only look."""
    with written() as found:
        yield found


@pytest.fixture
def after() -> Iterator[House]:
    """After a run that wrote; the test may do what it likes."""
    with written() as found:
        yield found


def test_off_a_terminal_nothing_is_written_without_yes_and_the_plan_is_saved(planned: House) -> None:
    said = planned.run("reconcile", "--json", "--max-ratio", "100%")
    assert (said.code, planned.writes) == (6, 0)
    assert said.json["applied"] is None
    assert planned.run("show", "--json").json["plan"]["id"] == said.json["plan"]["id"]
    assert "without --yes" in said.err


def test_a_dry_run_shows_everything_and_writes_nothing(planned: House) -> None:
    said = planned.first
    assert said is not None
    assert (said.code, planned.writes) == (2, 0)
    assert said.out.startswith("DRY RUN")
    assert "STATEMENT" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_yes_writes_and_the_second_run_writes_nothing(done: House) -> None:
    first = done.first
    assert first is not None
    assert first.code in (2, 5)
    assert "applied" in columns(first.json["applied"], "state")
    written = done.writes
    second = done.run(*YES, "--json")
    assert second.code == 2
    assert second.json["plan"]["changes"] == []
    assert done.writes == written
    assert all(line["foots"] for line in second.json["statement"])


def test_yes_never_overrides_a_guard(fresh: House) -> None:
    text = (fresh.folder / "syncctl.yaml").read_text()
    (fresh.folder / "syncctl.yaml").write_text(text.replace("max_changes: 500", "max_changes: 3"))
    mappings = fresh.folder / "mappings"
    for path in mappings.iterdir():
        path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith("guards:")))
    said = fresh.run("reconcile", "--yes", "--json")
    assert (said.code, fresh.writes) == (6, 0)
    guards = said.json["guards"]
    assert guards[0]["guard"] == "max_changes"
    assert fresh.run(*YES, *guards[0]["override"].split()).code != 6
    assert fresh.writes > 0


def test_plan_show_apply_send_exactly_what_was_shown_once(fresh: House) -> None:
    made = fresh.run("plan", "--json", "--out", str(fresh.folder / "friday.plan"))
    assert made.code == 2
    assert fresh.writes == 0
    shown = fresh.run("show", str(fresh.folder / "friday.plan"), "--json")
    assert shown.json["plan"] == made.json["plan"]
    applied = fresh.run("apply", str(fresh.folder / "friday.plan"), "--max-ratio", "100%", "--json")
    assert applied.code in (0, 5)
    assert len(applied.json["rows"]) == len(made.json["plan"]["changes"])
    again = fresh.run("apply", str(fresh.folder / "friday.plan"), "--max-ratio", "100%")
    assert (again.code, again.error["error"]) == (8, "StalePlanError")
    assert ("was used by run" in again.error["cause"], "syncctl runs show" in again.error["fix"]) == (True, True)


def test_apply_without_a_plan_says_how_to_make_one(tmp_path: Path) -> None:
    scaffold(tmp_path)
    said = alone("apply", "--project", str(tmp_path))
    assert said.code == 64
    assert "syncctl plan" in said.error["fix"]


def test_every_format_has_the_same_rows(planned: House) -> None:
    as_json = planned.run("plan", "--json").json["plan"]
    as_csv = list(csv.DictReader(io.StringIO(planned.run("show", "-o", "csv").out)))
    as_lines = [json.loads(line) for line in planned.run("show", "-o", "jsonl").out.splitlines()]
    as_md = planned.run("show", "-o", "md").out.splitlines()
    edits = sum(max(1, len(change["edits"])) for change in as_json["changes"])
    assert len(as_csv) == len(as_lines) == len(as_md) - 2 == edits + len(as_json["findings"])
    listed = [*as_json["changes"], *as_json["findings"]]
    assert {row["name"] for row in as_lines} == {one["name"] for one in listed}
    assert all(row["schema_version"] == 1 for row in as_lines)


def test_data_goes_to_stdout_and_everything_else_to_stderr(fresh: House) -> None:
    said = fresh.run("pull", "--json", "--run-id", "night-7")
    assert {row["system"] for row in said.json["rows"]} == {"stripe", "quickbooks", "hubspot"}
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert lines
    assert {line["run"] for line in lines} == {"night-7"}
    assert fresh.run("pull", "-q").err == ""


def test_a_run_id_names_the_run_in_the_ledger_too(planned: House) -> None:
    planned.run("reconcile", "--dry-run", "--run-id", "night-7")
    runs = columns(planned.run("runs", "list", "--json").json["rows"], "run")
    assert len(runs) == len(set(runs)) >= 2
    assert runs.count("night-7") == 1


def test_findings_are_accepted_with_a_note_until_they_change(after: House) -> None:
    found = after.run("findings", "list", "--json")
    assert found.code == 2
    for number in columns(found.json["rows"], "number"):
        assert after.run("findings", "accept", str(number), "--note", "seen").code == 0
    left = after.run("findings", "list", "--json")
    assert (left.code, left.json["rows"]) == (0, [])
    everything = after.run("findings", "list", "--all", "--json").json["rows"]
    assert {row["note"] for row in everything} == {"seen"}
    assert after.run("findings", "accept", "99999", "--note", "x").code == 64
    assert after.run("findings", "accept", "1", "--note", " ").code == 64


def test_a_person_decides_a_tie_and_it_sticks(fresh: House) -> None:
    ties = fresh.run("match", "list", "--json").json["rows"]
    tie = next(row for row in ties if row["mapping"] == "invoices")
    said = fresh.run("match", "confirm", tie["mapping"], tie["left"], tie["right"], "--json")
    assert said.json["rows"][0]["decision"] == "confirm"
    settled = fresh.run("match", "list", "--all", "invoices", "--json").json["rows"]
    assert any(row["left"] == tie["left"] and row["decided_by"] == "person" for row in settled)
    assert fresh.run("match", "reject", tie["mapping"], tie["left"], tie["right"]).code == 0
    assert fresh.run("match", "confirm", "invoices", "stripe:invoice:none", tie["right"]).code == 64


def test_explain_tells_the_rule_and_every_value(planned: House) -> None:
    pair = planned.run("match", "list", "--all", "customers", "--json").json["rows"][0]
    text = planned.run("explain", pair["left"]).out
    assert pair["right"] in text
    assert "by rule" in text
    assert planned.run("explain", "stripe:customer:nobody").code == 64
    assert planned.run("explain", "nonsense").code == 64


def test_runs_and_operations_tell_what_happened(done: House) -> None:
    assert done.first is not None
    first = done.first.json
    shown = done.run("runs", "show", first["run"], "--json").json
    assert Counter(columns(shown["changes"], "state")) == Counter(columns(first["applied"], "state"))
    refused = done.run("ops", "list", "--json").json["rows"]
    assert {row["state"] for row in refused} == {"rejected", "held"}
    assert done.run("runs", "show", "none").code == 64
    assert "RUN" in done.run("runs", "show", first["run"]).out


def test_a_vendor_that_refuses_one_row_leaves_exit_5_and_resume_goes_on(fresh: House) -> None:
    fresh.boxes["quickbooks"].faults.append(Fault("429", "POST", "/invoice", times=99))
    first = fresh.run(*YES, "--json")
    assert first.code in (5, 75)
    assert {"planned", "held"} & set(columns(first.json["applied"], "state"))
    fresh.boxes["quickbooks"].faults.clear()
    second = fresh.run("runs", "resume", first.json["run"], "--json")
    assert second.code in (0, 5)
    assert "planned" not in columns(second.json["rows"], "state")


def test_schema_files_are_written_compared_and_checked(fresh: House) -> None:
    assert fresh.run("schema", "diff").code == 78
    assert fresh.run("schema", "pull").code == 0
    assert (fresh.folder / "schemas" / "stripe" / "invoice.yaml").is_file()
    assert fresh.run("schema", "diff").code == 0
    path = fresh.folder / "schemas" / "stripe" / "invoice.yaml"
    path.write_text(path.read_text().replace("amount_due", "amount_gone"))
    drift = fresh.run("schema", "diff", "--json")
    assert drift.code == 2
    assert {"field is gone", "new field"} <= set(columns(drift.json["rows"], "what"))
    assert fresh.run("schema", "check").code == 0


def test_a_mappings_folder_that_was_emptied_is_not_in_sync(fresh: House) -> None:
    for path in (fresh.folder / "mappings").iterdir():
        path.unlink()
    for words in (("diff",), ("plan",), ("reconcile", "--yes"), ("findings", "list")):
        said = fresh.run(*words)
        assert said.code == 78
        assert said.error["problems"][0]["where"] == "mappings/"
    assert fresh.run("schema", "check").code == 78
    assert fresh.run("pull", "stripe.customer").code == 0


def test_a_mapping_that_names_a_missing_field_stops_with_its_place(fresh: House) -> None:
    path = fresh.folder / "mappings" / "invoices.yaml"
    path.write_text(path.read_text().replace("right: DocNumber, owner", "right: DocNumbr, owner"))
    said = fresh.run("schema", "check", "--json")
    assert said.code == 78
    assert any("DocNumbr" in row["problem"] and "invoices.yaml:" in row["where"] for row in said.json["rows"])
    pulled = fresh.run("reconcile", "--yes")
    assert pulled.code == 78
    assert fresh.writes == 0
    assert "did you mean" in pulled.err
    for command in ("diff", "plan"):  # from the ledger alone: the same place, the same words, the same fix
        told = fresh.run(command)
        assert told.code == 78
        assert told.error["problems"] == pulled.error["problems"]


def test_doctor_names_what_is_not_well(fresh: House) -> None:
    assert fresh.run("doctor").code == 0
    (fresh.folder / ".env").chmod(0o644)
    said = fresh.run("doctor", "--json")
    assert said.code == 1
    failed = [row for row in said.json["rows"] if row["state"] == "FAILED"]
    assert any(row["fix"] == f"chmod 600 {fresh.folder / '.env'}" for row in failed)


def test_a_wrong_credential_is_4_and_shows_no_secret(fresh: House) -> None:
    wrong = "sk_test_wrong0000000000000000"
    said = fresh.run("pull", environment={"STRIPE_API_KEY": wrong})
    assert said.code == 4
    assert said.error["error"] == "AuthenticationFailed"
    assert "the credential of stripe is kept in env:STRIPE_API_KEY (syncctl.yaml:" in said.error["fix"]
    assert wrong not in said.err + said.out


def test_a_missing_credential_is_4_and_says_where_to_put_it(fresh: House) -> None:
    (fresh.folder / ".env").unlink()
    said = fresh.run("pull")
    assert said.code == 4
    assert "are not set" in said.error["cause"]
    assert ".env" in said.error["fix"]


def test_a_held_ledger_is_7_and_says_by_whom(planned: House) -> None:
    with locked(planned.folder / "ledger.db", "other-run", planned.clock):
        said = planned.run("reconcile", "--yes")
    assert said.code == 7
    assert "other-run" in said.error["cause"]


def test_the_ledger_answers_questions_and_cannot_be_written(planned: House) -> None:
    said = planned.run("ledger", "query", "SELECT DISTINCT command FROM runs WHERE id = 'night-7'", "--json")
    assert said.json["rows"] == [{"command": "reconcile"}]
    for sql in (
        "DELETE FROM runs",
        "ATTACH '/tmp/x.db' AS x",
        "PRAGMA journal_mode = WAL",
        "SELECT load_extension('x')",
        "SELECT 1; DELETE FROM runs",
        "nonsense",
        "",
    ):
        assert planned.run("ledger", "query", sql).code == 64, sql
    with closing(sqlite3.connect(planned.folder / "ledger.db")) as ledger:
        assert ledger.execute("SELECT count(*) FROM runs WHERE id = 'night-7'").fetchone() == (1,)


def test_init_never_overwrites_and_keeps_secrets_private(tmp_path: Path) -> None:
    (tmp_path / "syncctl.yaml").write_text("mine")
    said = alone("init", str(tmp_path), "--json")
    what = {Path(row["file"]).name: row["what"] for row in said.json["rows"]}
    assert what["syncctl.yaml"].startswith("kept")
    assert what["invoices.yaml"] == "written"
    assert (tmp_path / "syncctl.yaml").read_text() == "mine"
    assert {row["what"] for row in alone("init", str(tmp_path), "--json").json["rows"]} == {"kept: it was there"}


def test_init_makes_settings_that_are_read_without_a_problem(tmp_path: Path) -> None:
    scaffold(tmp_path)
    said = alone("runs", "list", "--project", str(tmp_path), "--json")
    assert (said.code, said.json["rows"]) == (0, [])


def test_init_sandbox_speaks_to_the_served_vendors(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text('{"stripe": "http://127.0.0.1:9", "hubspot": "http://127.0.0.1:10"}')
    assert alone("init", str(tmp_path / "p"), "--sandbox", str(ready)).code == 0
    text = (tmp_path / "p" / "syncctl.yaml").read_text()
    assert "http://127.0.0.1:9" in text
    assert (tmp_path / "p" / ".env").stat().st_mode & 0o777 == 0o600
    ready.write_text("[]")
    assert alone("init", str(tmp_path / "q"), "--sandbox", str(ready)).code == 64
    assert alone("init", str(tmp_path / "q"), "--sandbox", str(tmp_path / "none")).code == 64


def test_a_pull_since_and_a_full_one_bring_the_same_books(fresh: House) -> None:
    parts = ("statement", "findings")
    before = [fresh.run("diff", "--json").json[part] for part in parts]
    assert fresh.run("pull", "--full").code == 0
    assert fresh.run("pull", "--since", "2026-11-01").code == 0
    assert [fresh.run("diff", "--json").json[part] for part in parts] == before
    assert fresh.run("pull", "--since", "soon").code == 64
    assert fresh.run("pull", "xero").code == 64
    assert fresh.run("pull", "stripe.bogus").code == 64


def test_diff_is_the_ledger_alone(planned: House) -> None:
    before = sum(len(box.log) for box in planned.boxes.values())
    said = planned.run("diff")
    assert said.code == 2
    assert "STATEMENT" in said.out
    stage = next(line for line in said.out.splitlines() if "dealstage:" in line)
    assert re.search("quickbooks (Closed won|Invoiced)", stage)  # labels, no ids of options
    assert sum(len(box.log) for box in planned.boxes.values()) == before
    assert planned.run("diff", "bogus").code == 64


def test_setup_shows_what_is_missing_and_makes_it_once(fresh: House) -> None:
    assert fresh.run("setup", "stripe").code == 0
    assert fresh.run("setup", "xero").code == 64
    account: Any = fresh.boxes["hubspot"].vendor
    for properties in account.account.properties.values():
        properties.pop("syncctl_external_id", None)
    shown = fresh.run("setup", "hubspot", "--json")
    assert (shown.code, fresh.writes) == (6, 0)
    assert set(columns(shown.json["rows"], "kind")) == {"contact", "company", "deal"}
    made = fresh.run("setup", "hubspot", "--yes", "--json")
    assert (made.code, set(columns(made.json["rows"], "outcome"))) == (0, {"applied"})
    again = fresh.run("setup", "hubspot", "--json")
    assert (again.code, again.json["rows"]) == (0, [])
