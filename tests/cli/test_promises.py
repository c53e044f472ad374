"""What people stumbled over: clean streams, one question, honest run lists, and mistakes that name what is valid."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.house import YES, House, alone, columns, folder, house, written
from syncctl.cli.patience import WAITING
from syncctl.errors import Exchange, VendorUnavailable
from syncctl.ledger.lock import locked
from syncctl.run.placing import placed
from syncctl.sandbox.base import Fault

ASK = ("reconcile", "--max-ratio", "100%")


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


@pytest.fixture
def after() -> Iterator[House]:
    """After a night that wrote."""
    with written() as found:
        yield found


@pytest.fixture(scope="module")
def planned() -> Iterator[House]:
    """After a dry run. Tests only look."""
    with house() as found:
        yield found


# --- streams --------------------------------------------------------------------------------------------------------


def test_off_a_terminal_tables_go_to_stdout_and_log_lines_to_stderr_one_per_step(fresh: House) -> None:
    said = fresh.run(*YES)
    assert said.out.count("NEXT") == 1, "one list of what to type ends the page"
    assert '{"at"' not in said.out
    lines = [json.loads(line) for line in said.err.splitlines()]
    pulled = [(line["system"], line["kind"]) for line in lines if line["event"] == "pulled"]
    assert len(pulled) == len(set(pulled)) > 5
    pushed = [line["operation"] for line in lines if line["event"] == "push"]
    assert len(pushed) == len(set(pushed)) > 5
    assert {line["event"] for line in lines} >= {"open", "plan", "read back"}
    assert "\\u00" not in said.err
    assert "Élodie" in said.err


def test_what_a_vendor_still_allows_is_told_with_each_pull(fresh: House) -> None:
    said = fresh.run("pull", "--full")
    pulled = [json.loads(line) for line in said.err.splitlines()]
    left = {line["system"]: line.get("left") for line in pulled if line["event"] == "pulled"}
    assert left["hubspot"] > 1_000
    assert (left["stripe"], left["quickbooks"]) == (None, None)
    assert {line["span"] for line in pulled if "left" in line} == {"today"}


# --- a terminal -----------------------------------------------------------------------------------------------------


def test_something_is_shown_before_the_first_vendor_is_asked(fresh: House) -> None:
    fresh.boxes["stripe"].faults.append(Fault("lost", "GET", "/v1/account", times=99))
    said = fresh.run("pull", terminal=True)
    assert said.err.index("starting") < said.err.index("error:")


@pytest.mark.parametrize("terminal", [True, False])
def test_with_q_a_long_wait_is_told_once_to_a_person_and_never_to_cron(fresh: House, terminal: bool) -> None:
    for path in ("/v1/customers", "/v1/products"):
        fresh.boxes["stripe"].faults.append(Fault("500 before", "GET", path, times=4))
    said = fresh.run("pull", "--full", "stripe.customer", "stripe.product", "-q", terminal=terminal)
    assert said.code == 0
    assert said.err == (f"{WAITING}\n" if terminal else "")


def test_the_question_follows_the_table_and_no_command_stands_between(fresh: House) -> None:
    said = fresh.run(*ASK, terminal=True, typed="n\n")
    table, question, after = said.out.partition("nothing was written")
    assert question
    assert "NEXT" not in table
    assert "syncctl apply" in after
    assert "[y/N] (Enter is no)" in said.err


@pytest.mark.parametrize(("typed", "asked"), [("perhaps\nn\n", 2), ("\n", 1), ("no\n", 1), ("", 1), ("x\ny y\n", 3)])
def test_an_answer_that_is_none_is_asked_again_and_enter_is_no(fresh: House, typed: str, asked: int) -> None:
    said = fresh.run(*ASK, terminal=True, typed=typed)
    assert (said.code, fresh.writes) == (6, 0)
    assert said.err.count("[y/N] (Enter is no)") == asked
    assert said.err.count("please answer y or n") == asked - 1


def test_apply_does_not_ask_and_says_so_in_its_help(fresh: House, capsys: pytest.CaptureFixture[str]) -> None:
    fresh.run("plan")
    said = fresh.run("apply", "--max-ratio", "100%", terminal=True)
    assert fresh.writes > 0
    assert "[y/N]" not in said.err
    fresh.run("apply", "--help")
    assert "does not ask again" in " ".join(capsys.readouterr().out.split())


# --- runs -----------------------------------------------------------------------------------------------------------


def test_every_run_is_listed_with_the_code_its_shell_got(fresh: House) -> None:
    codes = {}
    for number, words in enumerate((("plan",), ("reconcile", "--dry-run"), ("reconcile",), YES)):
        codes[f"run-{number}"] = fresh.run(*words, "--run-id", f"run-{number}").code
    rows = {row["run"]: row for row in fresh.run("runs", "list", "--json").json["rows"]}
    assert {run: rows[run]["exit_code"] for run in codes} == codes
    assert codes["run-0"] == 2
    assert (rows["run-0"]["counts"], rows["run-3"]["counts"]) == (
        "28 changes",
        "28 changes: 24 written, 1 refused, 3 held",
    )


def test_a_cut_short_run_is_listed_with_the_way_on_and_a_finished_one_is_not(fresh: House) -> None:
    fresh.boxes["quickbooks"].faults.append(Fault("429", "POST", "/invoice", times=99))
    assert fresh.run(*YES, "--run-id", "night-8").code in (5, 75)
    fresh.boxes["quickbooks"].faults.clear()
    assert "syncctl runs resume night-8" in fresh.run("runs", "list").out
    fresh.run("runs", "resume", "night-8")
    assert "runs resume" not in fresh.run("runs", "list").out.partition("NEXT")[2]


def test_a_resume_with_nothing_left_says_so_and_shows_what_was_written_earlier(after: House) -> None:
    assert after.first is not None
    assert after.first.code == 5
    before = after.writes
    again = after.run("runs", "resume", "night-8")
    assert (again.code, after.writes) == (5, before)
    assert "nothing to continue" in again.out
    assert "WRITTEN EARLIER" in again.out
    assert "runs resume" not in again.out
    rows = after.run("runs", "resume", "night-8", "--json").json["rows"]
    assert rows
    assert all(columns(rows, "earlier"))


def test_fail_fast_stops_at_the_first_row_that_is_not_applied(fresh: House) -> None:
    said = fresh.run(*YES, "--fail-fast", "--run-id", "night-8", "--json")
    states = columns(said.json["applied"], "state")
    bad = next(place for place, state in enumerate(states) if state != "applied")
    assert said.code == 5
    assert set(states[bad + 1 :]) == {"planned"}
    assert "applied" in columns(fresh.run("runs", "resume", "night-8", "--json").json["rows"], "state")


# --- open writes ----------------------------------------------------------------------------------------------------


def test_a_refused_row_is_listed_with_the_ways_to_release_it(after: House) -> None:
    rows = after.run("ops", "list", "--json").json["rows"]
    refused = next(row for row in rows if row["state"] == "rejected")
    assert f"syncctl ops retry {refused['operation']}" in refused["fix"]
    assert "its mapping has changed" in " ".join(after.run("ops", "list").out.split())
    assert after.run("ops", "retry", refused["operation"]).code == 0
    assert "rejected" not in columns(after.run("ops", "list", "--json").json["rows"], "state")
    assert after.run("ops", "settle", refused["operation"], "--as", "never", "--note", "x").code == 64


# --- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("pull strip", "did you mean stripe?"),
        ("pull stripe.invoic", "did you mean invoice"),
        ("pull xero", "there is: hubspot, quickbooks, stripe"),
        ("setup strpe", "did you mean stripe?"),
        ("reconcile invoces", "did you mean invoices?"),
        ("plan invoces", "did you mean invoices?"),
        ("diff invoces", "did you mean invoices?"),
        ("match list invoces", "did you mean invoices?"),
        ("match confirm invoces stripe:invoice:a quickbooks:Invoice:1", "did you mean invoices?"),
        ("match reject invoices stripe:invoce:in_1 quickbooks:Invoice:1", "mapping invoices is between"),
        ("show no-such-plan", "there is: "),
        ("apply no-such-plan", "there is: "),
        ("runs show night-77", "did you mean night-7?"),
        ("runs resume night-77", "did you mean night-7?"),
        ("ops retry x", "syncctl ops list"),
        ("ops settle x --as never --note y", "syncctl ops list"),
        ("sandbox serve strip", "did you mean stripe?"),
        ("runs list --profile live", "no profiles in syncctl.yaml"),
        ("reconcile --period 2026-10", "--help"),
        ("demo --scale 0", "syncctl demo --scale 0.2"),
    ],
)
def test_a_name_that_does_not_exist_is_64_with_what_does(planned: House, typed: str, named: str) -> None:
    said = planned.run(*shlex.split(typed))
    assert said.code == 64
    assert said.error["error"] in ("NotHere", "UsageError")
    assert named in said.error["fix"]


def test_without_a_channel_nobody_is_said_to_have_been_told(planned: House) -> None:
    assert planned.run("alerts", "list").out.startswith("there is no channel, so nobody is told: name a channel")
    tried = planned.run("alerts", "test")
    assert (tried.code, tried.error["fix"].split(",")[0]) == (78, "name a channel in syncctl.yaml")


def test_every_unset_variable_is_named_at_once_with_the_file_and_the_command(fresh: House) -> None:
    env = fresh.folder / ".env"
    env.unlink()
    for words in (("pull",), ("reconcile", "--yes")):
        said = fresh.run(*words)
        assert said.code == 4
        assert all(
            name in said.error["cause"] for name in ("STRIPE_API_KEY", "QUICKBOOKS_ACCESS_TOKEN", "HUBSPOT_TOKEN")
        )
        assert f"{env}, which does not exist" in said.error["cause"]
        assert said.error["fix"].startswith(f"install -m 600 {env}.example {env}")
    env.touch(0o600)
    env.write_text("STRIPE_API_KEY=\nHUBSPOT_TOKEN=x\n")
    said = fresh.run("pull")
    assert "STRIPE_API_KEY and QUICKBOOKS_ACCESS_TOKEN are not set" in said.error["cause"]
    assert "HUBSPOT" not in said.error["cause"]
    assert said.error["fix"] == f"write into {env} a line NAME=VALUE for each"


@pytest.mark.parametrize("words", [("plan",), ("pull",), ("reconcile", "--yes"), ("apply",)])
def test_one_run_at_a_time_writes_to_the_ledger(planned: House, words: tuple[str, ...]) -> None:
    with locked(planned.folder / "ledger.db", "other-run", planned.clock):
        said = planned.run(*words)
    assert said.code == 7
    assert "other-run" in said.error["cause"]


def test_a_ledger_that_was_never_pulled_is_not_called_in_sync() -> None:
    found = House(folder())
    try:
        found.run("doctor")  # reads the schemas, and no record
        for words in (("diff",), ("plan",), ("findings", "list")):
            said = found.run(*words)
            assert said.code == 78
            assert "was never pulled" in said.error["cause"]
    finally:
        shutil.rmtree(found.folder)


def test_one_system_is_pulled_before_the_others_have_ever_answered() -> None:
    found = House(folder())
    try:
        said = found.run("pull", "stripe.product")
        assert (said.code, "pulled" in said.err) == (0, True)
        said = found.run("schema", "check")
        assert (said.code, said.error["cause"]) == (78, "the schemas of hubspot, quickbooks were never read")
    finally:
        shutil.rmtree(found.folder)


def test_doctor_without_credentials_names_what_is_missing_and_no_wrong_mapping() -> None:
    found = House(folder())
    try:
        (found.folder / ".env").unlink()
        rows = found.run("doctor", "--json").json["rows"]
        assert not [row for row in rows if row["check"] == "mapping"]
        assert "were never read" in next(row["cause"] for row in rows if row["check"].startswith("mappings"))
    finally:
        shutil.rmtree(found.folder)


def test_a_plan_that_was_applied_is_not_shown_as_a_dry_run() -> None:
    with house() as found:
        plan = found.run("plan", "--json").json["plan"]["id"]
        found.run("apply", plan, "--max-ratio", "100%")
        said = found.run("show", plan)
        assert "nothing written yet" not in said.out
        assert said.out.startswith("PLAN  28 changes")


def test_init_names_the_pretend_systems_that_no_shipped_mapping_uses(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text('{"stripe": "http://127.0.0.1:1", "erp": "http://127.0.0.1:2/api", "plaid": "http://127.0.0.1:3"}')
    said = alone("init", str(tmp_path / "books"), "--sandbox", str(ready), terminal=True)
    assert "no shipped mapping uses erp and plaid: one of your own" in " ".join(said.err.split())


def test_a_vendor_that_does_not_answer_leaves_the_command_to_type_again() -> None:
    down = VendorUnavailable("stripe did not answer", Exchange("stripe", "GET /v1"), fix="try again later")
    assert placed(down, None, ("pull", ["stripe.customer"])) == "try again later; then: syncctl pull stripe.customer"
