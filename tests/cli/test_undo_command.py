"""A whole night taken back from the command line: every break that it mended is there again, and stays on hold."""

from __future__ import annotations

import os
import signal

import httpx

from cli.house import columns, written
from syncctl.model import Person
from syncctl.sandbox.base import Sandbox, SandboxTransport

ANN, BEN = Person(1000, "ann"), Person(1001, "ben")
STAYS = "QuickBooks documents no void for this kind"


def test_a_whole_night_is_taken_back_but_for_what_its_plan_named() -> None:
    with written() as place:
        told = place.run("undo", "night-8", "--yes", "--max-ratio", "100%", "--json")
        assert told.code == 5
        said = told.json
        assert said["undoes"] == "night-8"
        assert set(columns(said["applied"], "state")) == {"applied"}
        stays = [(one["mapping"], one["hint"]) for one in said["findings"]]
        assert stays == [("refunds", "cannot be undone: QuickBooks documents no void for this kind")]
        resumed = place.run("runs", "resume", said["run"])
        assert resumed.code == 5
        assert f"{len(said['applied'])} of {len(said['applied']) + 1} taken back, 1 stays" in resumed.out
        assert STAYS in resumed.out
        assert "syncctl undo night-8 " in resumed.out.partition("NEXT")[2]
        later = place.run("reconcile", "--dry-run", "--json").json
        assert later["plan"]["changes"] == []
        assert all(line["foots"] for line in later["statement"])
        assert all(line["foots"] for line in place.run("diff", "--json").json["statement"])
        listed = [row for row in place.run("match", "list", "--json").json["rows"] if row["decided_by"] == "on hold"]
        assert all(row["left_name"] or row["right_name"] for row in listed)
        undo_run = said["run"]
        invoice = next(row["right"] for row in listed if row["mapping"] == "invoices")
        becomes = {row["said"] for row in place.run("explain", invoice, "--json").json["rows"] if row.get("owner")}
        assert "held" in becomes
        assert not {"write", "report"} & becomes  # nothing is corrected while it is on hold
        assert set(columns(listed, "held_by")) == {undo_run}
        page = place.run("match", "list").out
        assert f"all {len(listed)} pairs that the undo {undo_run} put on hold" in page
        released = place.run("match", "release", "--run", "night-8", "--json").json["rows"]
        assert {row["held_by"] for row in released} == {undo_run}
        assert {change["target"] for change in said["plan"]["changes"]} == set(columns(released, "record"))
        events = "SELECT count(*) AS found, count(DISTINCT at) AS moments FROM audit WHERE event = 'hold.released'"
        (told,) = place.run("ledger", "query", events, "--json").json["rows"]
        assert told == {"found": len(said["plan"]["changes"]), "moments": 1}
        assert not [one for one in place.run("diff", "--json").json["findings"] if one["on_hold"]]
        assert place.run("ledger", "verify").code == 0
        again = place.run("match", "release", "--run", undo_run)
        assert (again.code, again.error["fix"]) == (64, "see `syncctl match list`")
        assert place.run("match", "release", "invoices").code == 64


def ctrl_c() -> type[SandboxTransport]:
    """Somebody presses Ctrl-C, once, while a vendor has the second write of a command."""
    pressed: list[int] = []

    class CtrlC(SandboxTransport):
        def __init__(self, sandbox: Sandbox) -> None:
            super().__init__(sandbox)
            self.before = len(sandbox.writes())

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if len(self.sandbox.writes()) == self.before + 2 and not pressed:
                pressed.append(signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)
            return answer

    return CtrlC


def test_an_undo_that_ctrl_c_stopped_is_gone_on_with_by_undo_or_resume_and_takes_each_back_once() -> None:
    with written() as place:
        before = place.writes
        again = ("undo", "night-8", "--yes", "--max-ratio", "100%")
        for run_id in ("undo-1", "undo-2"):
            cut = place.run(*again, "--run-id", run_id, transport=ctrl_c())
            assert cut.code == 130
            assert "stopping: the write in flight is finished first" in cut.err
        resumed = place.run("runs", "resume", "undo-2")
        assert resumed.code == 5
        assert STAYS in resumed.out
        undone = "SELECT count(*) AS found, count(DISTINCT json_extract(change, '$.undoes')) AS once FROM operations"
        query = f"{undone} WHERE state = 'applied' AND json_extract(change, '$.undoes') <> ''"
        (told,) = place.run("ledger", "query", query, "--json").json["rows"]
        assert told["found"] == told["once"] > 2
        assert place.run(*again).code == 5  # what stays is looked at again, and stays
        assert place.writes > before
        assert place.run("reconcile", "--dry-run", "--json").json["plan"]["changes"] == []


def test_an_undo_above_the_amount_waits_for_another_user_says_what_stays_and_is_sent_once() -> None:
    with written() as place:
        settings = place.folder / "syncctl.yaml"
        settings.write_text(settings.read_text().replace("max_ratio: 10%", "max_ratio: 100%\n  approve_above: 1 USD"))
        before = place.writes
        asked = place.run("undo", "night-8", "--yes", by=ANN)
        assert (asked.code, place.writes) == (6, before)
        plan = asked.out.partition("syncctl approve ")[2].split()[0]
        assert place.run("apply", plan, by=ANN).code == 6
        approved = place.run("approve", plan, "--yes", by=BEN)
        assert (approved.code, approved.out.count(STAYS)) == (0, 1)
        assert place.writes == before
        sent = place.run("apply", plan, by=ANN)
        assert (sent.code, sent.out.count(STAYS)) == (5, 1)
        assert place.writes > before
        assert "syncctl undo night-8 " in sent.out.partition("NEXT")[2]
        after = place.writes
        assert (place.run("apply", plan, by=ANN).code, place.writes) == (8, after)
