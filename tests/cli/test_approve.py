"""Four eyes: above an amount a plan waits for another user of the machine, who may leave rows out of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cli.house import House, Said, house, moved
from syncctl.clock import SystemClock
from syncctl.model import Person

ANN, BEN = Person(1000, "ann"), Person(1001, "ben")
NOTE = "waiting for the customer"


@pytest.fixture
def found() -> Iterator[House]:
    with house() as one:
        yield one


def guard(found: House, line: str) -> None:
    """One more line under `guards:`, and no limit on the share of records."""
    path = found.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("max_ratio: 10%", f"max_ratio: 100%\n  {line}"))


def plan(found: House) -> dict[str, Any]:
    found.clock.advance(1)
    made: dict[str, Any] = found.run("plan", "--json", by=ANN).json["plan"]
    return made


def events(found: House, event: str) -> list[dict[str, Any]]:
    said = found.run("ledger", "query", f"select body from audit where event = '{event}' order by id", "--json")
    return [json.loads(row["body"]) for row in said.json["rows"]]


def needing(found: House) -> dict[str, Any]:
    """A plan that needs a second person."""
    guard(found, "approve_above: 1 USD")
    return plan(found)


def findings(found: House, about: str) -> list[dict[str, Any]]:
    """What is open about a record."""
    listed: list[dict[str, Any]] = found.run("findings", "list", "--json").json["rows"]
    return [one for one in listed if about in (one["left"], one["right"])]


def apply(found: House, made: dict[str, Any], *words: str) -> Said:
    return found.run("apply", made["id"], *words, by=ANN)


# --- who must ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("less", "sent"), [("0", True), ("0.01", False)])
def test_a_plan_at_the_amount_goes_and_a_cent_above_it_nothing_does(found: House, less: str, sent: bool) -> None:
    guard(found, f"approve_above: {moved(plan(found), 'USD') - Decimal(less)} USD")
    said = apply(found, plan(found))
    assert said.code != 8
    assert (said.code != 6, found.writes > 0) == (sent, sent)
    assert ("nobody has approved it" in said.err) is not sent


def test_who_made_a_plan_cannot_approve_it_and_another_user_can(found: House) -> None:
    made = needing(found)
    own = found.run("approve", made["id"], "--yes", by=ANN)
    assert (own.code, apply(found, made).code, found.writes) == (6, 6, 0)
    assert "nobody else has approved it" in own.err
    assert found.run("approve", made["id"], "--yes", by=BEN).code == 0
    assert apply(found, made).code != 6
    assert found.writes > 0
    (event,) = events(found, "plan.approved")
    assert (event["by"], event["uid"], event["digest"]) == ("ben", 1001, made["digest"])


def test_unattended_a_plan_above_the_amount_is_kept_and_the_commands_to_type_are_named(found: House) -> None:
    guard(found, "approve_above: 1 USD")
    said = found.run("reconcile", "--yes", by=ANN)
    *command, identity = said.out.rpartition("NEXT")[2].split()[:3]
    made = {"id": identity}
    assert (said.code, found.writes, command) == (6, 0, ["syncctl", "approve"])
    assert f"syncctl approve {made['id']}" in said.err
    assert found.run("approve", made["id"], "--yes", by=BEN).code == 0
    assert apply(found, made).code != 6


def test_the_overrides_of_limits_do_not_stand_for_an_approval(found: House) -> None:
    made = needing(found)
    said = apply(found, made, "--max-amount", "1000000USD", "--max-changes", "1000", "--allow-shrunk")
    assert (said.code, found.writes) == (6, 0)


def test_an_approval_goes_with_one_plan_and_ends_with_it(found: House) -> None:
    first = needing(found)
    assert found.run("approve", first["id"], "--yes", by=BEN).code == 0
    second = plan(found)
    assert apply(found, second).code == 6
    found.clock.advance(25 * 3600)
    assert found.run("approve", second["id"], "--yes", by=BEN).code == 8
    assert apply(found, first).code == 8
    assert found.writes == 0


def test_a_plan_that_was_sent_cannot_be_approved_any_more(found: House) -> None:
    made = needing(found)
    found.run("approve", made["id"], "--yes", by=BEN)
    apply(found, made)
    assert found.run("approve", made["id"], "--yes", by=BEN).code == 8


AS_NOBODY = """
import os, sys
from syncctl.cli.app import run
words = ["--project", sys.argv[1]]
run([*words, "show", sys.argv[2]])  # whatever is imported on the way, only its owner may be able to read
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
sys.exit(run([*words, "approve", sys.argv[2], "--yes"]))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_two_users_of_this_machine_with_a_ledger_shared_as_the_docs_say(found: House) -> None:
    guard(found, "approve_above: 1 USD")
    found.clock = SystemClock()  # type: ignore[assignment]
    made = found.run("plan", "--json").json["plan"]
    assert found.run("approve", made["id"], "--yes").code == 6

    for path in (found.folder.parent, found.folder, found.folder / "mappings"):
        path.chmod(0o2775)
    for path in (found.folder / "syncctl.yaml", *(found.folder / "mappings").iterdir()):
        path.chmod(0o644)
    for path in (found.folder, *found.folder.glob("ledger.*")):
        os.chown(path, -1, 65534)
    for path in found.folder.glob("ledger.*"):
        path.chmod(0o660)
    words = [sys.executable, "-c", AS_NOBODY, str(found.folder), made["id"]]
    own = {**os.environ, "SYNCCTL_CONFIG": "/nonexistent", "HOME": "/nonexistent"}
    said = subprocess.run(words, capture_output=True, check=False, env=own, text=True)
    assert said.returncode == 0, said.stderr
    (event,) = events(found, "plan.approved")
    assert (event["uid"], made["id"]) == (65534, event["plan"])


# --- how they are asked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "code"), [("n\n", 6), ("y\n", 0)])
def test_the_approver_sees_the_table_and_is_asked(found: House, typed: str, code: int) -> None:
    made = needing(found)
    said = found.run("approve", made["id"], terminal=True, typed=typed, by=BEN)
    assert said.code == code
    assert "DRY RUN" in said.out.splitlines()[0]
    assert f"Approve these {len(made['changes'])} changes?" in said.err
    assert bool(events(found, "plan.approved")) is (code == 0)


def test_off_a_terminal_nothing_is_approved_without_yes(found: House) -> None:
    made = needing(found)
    said = found.run("approve", made["id"], by=BEN)
    assert (said.code, events(found, "plan.approved")) == (6, [])
    assert "without --yes" in said.err


def test_show_tells_who_made_and_who_approved_a_plan(found: House) -> None:
    made = needing(found)
    before = found.run("show", made["id"], terminal=True)
    assert "made by ann" in before.out
    assert f"syncctl approve {made['id']}" in before.out
    found.run("approve", made["id"], "--yes", "--except", "2", "--note", NOTE, by=BEN)
    shown = found.run("show", made["id"], terminal=True)
    assert "made by ann, approved by ben on" in shown.out
    assert f"left by ben: {NOTE}" in shown.out
    told = found.run("show", made["id"], "--json").json
    assert (told["made_by"], told["made_by_uid"], told["approval"]["by"], told["approval"]["uid"]) == (
        "ann", 1000, "ben", 1001,
    )  # fmt: skip
    assert 2 in told["approval"]["left"]


# --- leaving rows -----------------------------------------------------------------------------------------------------


def leaves(made: dict[str, Any], *, dependents: bool) -> dict[str, Any]:
    """A change that others wait for, or one that none does and that waits for none."""
    waited = {number for change in made["changes"] for number in change["waits_for"]}
    for change in made["changes"]:
        if change["number"] in waited if dependents else change["number"] not in waited and not change["waits_for"]:
            return dict(change)
    raise AssertionError("the plan has no such change")


def test_what_is_left_is_not_sent_stays_open_with_its_age_and_comes_back(found: House) -> None:
    guard(found, "")
    made = plan(found)
    row = leaves(made, dependents=False)
    about = row["source"] or row["target"]
    before = findings(found, about)
    found.clock.advance(3600)
    assert found.run("approve", made["id"], "--yes", "--except", str(row["number"]), "--note", NOTE, by=BEN).code == 0
    said = found.run("apply", made["id"], "--json", by=ANN)
    states = [one["state"] for one in said.json["rows"]]
    assert states.count("lapsed") == 1
    assert len(states) == len(made["changes"])
    noted = [one for one in findings(found, about) if one["note"] == f"left by ben: {NOTE}"]
    assert noted
    assert {one["since"] for one in noted} <= {one["since"] for one in before}
    assert not any(one["accepted"] for one in noted)
    again = plan(found)
    assert (row["mapping"], row["name"], row["action"]) in {
        (one["mapping"], one["name"], one["action"]) for one in again["changes"]
    }


def test_what_waits_for_a_row_that_is_left_is_left_too(found: House) -> None:
    guard(found, "")
    made = plan(found)
    row = leaves(made, dependents=True)
    waiting = {row["number"]}
    for _ in made["changes"]:
        waiting |= {one["number"] for one in made["changes"] if waiting & set(one["waits_for"])}
    found.run("approve", made["id"], "--yes", "--except", str(row["number"]), "--note", NOTE, by=BEN)
    said = found.run("apply", made["id"], terminal=True, by=ANN)
    assert f"{len(waiting)} left by ben: {NOTE}" in " ".join(said.out.split())
    left = found.run("ledger", "query", "select count(*) n from operations where code = 'left'", "--json").json["rows"]
    assert left == [{"n": len(waiting)}]


def test_leaving_every_row_sends_nothing_and_ends_with_open_items(found: House) -> None:
    guard(found, "approve_above: 1 USD")
    made = plan(found)
    numbers = ",".join(str(one["number"]) for one in made["changes"])
    said = found.run("apply", made["id"], "--except", numbers, "--note", NOTE, by=ANN)
    assert (said.code, found.writes) == (2, 0)


def test_rows_above_the_amount_can_be_left_and_the_rest_goes_without_a_second_person(found: House) -> None:
    guard(found, "approve_above: [1 USD, 1 EUR, 1 JPY]")
    made = plan(found)
    dear = ",".join(str(one["number"]) for one in made["changes"] if one["amount"])
    assert apply(found, made).code == 6
    said = apply(found, made, "--except", dear, "--note", NOTE)
    assert said.code in (2, 5)
    assert found.writes > 0


def test_a_run_that_left_rows_has_nothing_to_resume(found: House) -> None:
    guard(found, "")
    made = plan(found)
    numbers = ",".join(str(one["number"]) for one in made["changes"])
    run = found.run("apply", made["id"], "--except", numbers, "--note", NOTE, "--json", by=ANN).json["run"]
    assert found.run("runs", "resume", run).code == 0
    assert found.writes == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--except", "0", "--note", NOTE], "'0' is none"),
        (["--except", "9999", "--note", NOTE], "'9999' is none"),
        (["--except", "1,x", "--note", NOTE], "'x' is none"),
        (["--except", "1"], "need a note"),
        (["--except", "1", "--note", "  "], "need a note"),
        (["--note", NOTE], "none are"),
    ],
)
@pytest.mark.parametrize("command", ["apply", "approve"])
def test_rows_that_are_not_in_the_table_are_a_wrong_command_line(command: str, words: list[str], said: str) -> None:
    with house() as found:
        answered = found.run(command, *words)
        assert (answered.code, found.writes) == (64, 0)
        assert said in answered.err
