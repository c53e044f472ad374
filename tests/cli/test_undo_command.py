"""A whole night taken back from the command line: every break that it mended is there again, and stays on hold."""

from __future__ import annotations

from cli.house import columns, written


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
        assert "QuickBooks documents no void for this kind" in resumed.out
        assert "syncctl undo night-8 " in resumed.out.partition("NEXT")[2]
        later = place.run("reconcile", "--dry-run", "--json").json
        assert later["plan"]["changes"] == []
        assert all(line["foots"] for line in later["statement"])
        assert all(line["foots"] for line in place.run("diff", "--json").json["statement"])
        listed = [row for row in place.run("match", "list", "--json").json["rows"] if row["decided_by"] == "on hold"]
        assert all(row["left_name"] or row["right_name"] for row in listed)
        undo_run = said["run"]
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
