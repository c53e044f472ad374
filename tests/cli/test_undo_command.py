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
        assert "on hold" in columns(place.run("match", "list", "--json").json["rows"], "decided_by")
