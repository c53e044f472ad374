"""verify, backup and restore as people use them: what is said, what is refused, what is never done twice."""

from __future__ import annotations

import json
import multiprocessing
import resource
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.house import YES, House, house
from cli.house import written as after_a_night
from syncctl.cli.exits import CONFIG, ERROR, NOT_APPROVED, OK, USAGE

STALE, LOCKED = 8, 7
WRITING = (
    YES,
    ("plan",),
    ("pull",),
    ("apply",),
    ("match", "reject", "MAPPING", "LEFT", "RIGHT"),
    ("findings", "accept", "NUMBER", "--note", "seen"),
)


@pytest.fixture(scope="module")
def written() -> Iterator[House]:
    """After a night that wrote. Tests only look."""
    with after_a_night() as found:
        yield found


@pytest.fixture
def copied(written: House, tmp_path: Path) -> House:
    """The same project in a folder of its own, at the same vendors: pulls and plans, no writes."""
    place = Path(shutil.copytree(written.folder, tmp_path / "project"))
    return House(place, None, written.boxes, written.clock)


@pytest.fixture
def older(copied: House) -> House:
    """A project whose ledger was replaced by its backup after one more run."""
    assert copied.run("ledger", "backup", str(copied.folder / "old.db")).code == OK
    copied.run("plan", "--run-id", "night-9")
    shutil.copy(copied.folder / "old.db", copied.folder / "ledger.db")
    return copied


def heads(house: House) -> list[list[str]]:
    return [line.split() for line in (house.folder / "ledger.heads").read_text().splitlines()]


def verified(house: House) -> Any:
    return house.run("ledger", "verify", "--json").json


def altered(house: House, sql: str) -> None:
    with closing(sqlite3.connect(house.folder / "ledger.db")) as db, db:
        db.execute(sql)


# --- heads --------------------------------------------------------------------------------------------------------


def test_a_run_that_wrote_prints_the_head_and_keeps_it_outside(copied: House) -> None:
    said = copied.run("plan", "--run-id", "night-9")
    at, run, count, link, _ = heads(copied)[-1]
    assert (at[:4], run) == ("2026", "night-9")
    assert f"audit chain: {count} events, head {link[:16]}" in said.err
    found = verified(copied)
    assert (found["sound"], found["events"], found["head"]) == (True, int(count), link)


def test_a_command_that_writes_nothing_prints_no_head(copied: House) -> None:
    before = heads(copied)
    assert "audit chain" not in copied.run("runs", "list").err
    assert heads(copied) == before


def test_the_heads_can_be_kept_elsewhere(copied: House, tmp_path: Path) -> None:
    settings = copied.folder / "syncctl.yaml"
    settings.write_text(settings.read_text() + f"\nheads: {tmp_path}/elsewhere/books.heads\n")
    copied.run("plan")
    kept = tmp_path / "elsewhere" / "books.heads"
    assert len(kept.read_text().splitlines()) == 1
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_crash_before_the_head_was_kept_makes_nothing_suspicious(copied: House) -> None:
    kept = (copied.folder / "ledger.heads").read_bytes()
    copied.run("plan")
    for torn in (kept, kept + b"2026-11-20T03:00:00+00:00 nig", b""):
        (copied.folder / "ledger.heads").write_bytes(torn)
        assert verified(copied)["sound"]
        assert copied.run("plan").code in (0, 2)


def test_heads_that_cannot_be_read_end_a_run_before_it_begins(copied: House) -> None:
    (copied.folder / "ledger.heads").unlink()
    (copied.folder / "ledger.heads").mkdir()
    said = copied.run("plan", "--run-id", "night-9")
    assert said.code == ERROR
    assert "the heads of the ledger in" in said.error["cause"]
    listed = copied.run("runs", "list", "--json")
    assert (listed.code, "night-9" in listed.out, "warning: the heads" in listed.err) == (OK, False, True)


def test_a_head_that_cannot_be_kept_is_told_and_the_run_stands(copied: House) -> None:
    settings = copied.folder / "syncctl.yaml"
    settings.write_text(settings.read_text() + "\nheads: syncctl.yaml/no-folder.heads\n")
    said = copied.run("plan", "--run-id", "night-9")
    assert said.code in (0, 2)
    assert "the head of the audit chain was not kept in" in said.err
    assert "night-9" in copied.run("runs", "list", "--json").out


# --- verify -------------------------------------------------------------------------------------------------------


def test_a_ledger_after_a_night_is_sound(written: House) -> None:
    found = verified(written)
    assert (found["sound"], found["rows"], found["kept"]["events"]) == (True, [], found["events"])
    with closing(sqlite3.connect(written.folder / "ledger.db")) as db:
        told = dict(db.execute("SELECT event, count(*) FROM audit GROUP BY 1"))
        sent = [json.loads(row[0]) for row in db.execute("SELECT body FROM audit WHERE event = 'request.sent'")]
        answers = [json.loads(row[0]) for row in db.execute("SELECT body FROM audit WHERE event = 'request.answered'")]
    assert told["request.sent"] == told["request.answered"] == len(sent) > 5
    assert told["company.pinned"] == 3
    assert all(len(one["sha256"]) == 64 and one["bytes"] and one["body"] and one["operations"] for one in sent)
    assert all(len(one["sha256"]) == 64 and one["bytes"] and one["answer"] and one["status"] for one in answers)


def test_verify_names_number_time_kind_and_what_differs(copied: House) -> None:
    altered(copied, "UPDATE audit SET event = 'plan.kept' WHERE id = 4")
    said = copied.run("ledger", "verify", "--json")
    row = said.json["rows"][0]
    assert said.code == ERROR
    assert (row["check"], row["event_number"], row["event"]) == ("chain", 4, "plan.kept")
    assert row["at"].startswith("2026-11-20T03:00")
    assert row["what"] == "its time, run, kind or text was changed after it was written"
    assert "compare with a backup" in row["fix"]


def test_doctor_sees_a_changed_chain(copied: House) -> None:
    altered(copied, "UPDATE audit SET run = 'x' WHERE id = 2")
    (line,) = (row for row in copied.run("doctor", "--json").json["rows"] if "audit chain" in str(row))
    assert "event 2" in str(line)


def test_verify_waits_for_no_run(copied: House) -> None:
    from syncctl.ledger.lock import locked

    with locked(copied.folder / "ledger.db", "night-9", copied.clock):
        said = copied.run("ledger", "verify")
    assert (said.code, "night-9" in said.err) == (LOCKED, True)


# --- an older copy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", WRITING, ids=lambda words: words[0])
def test_nothing_is_written_from_an_older_copy(older: House, words: tuple[str, ...]) -> None:
    writes, body = older.writes, (older.folder / "ledger.db").read_bytes()
    pair = older.run("match", "list", "--all", "--json").json["rows"][0]
    finding = older.run("findings", "list", "--json").json["rows"][0]
    there = {"MAPPING": pair["mapping"], "LEFT": pair["left"], "RIGHT": pair["right"], "NUMBER": str(finding["number"])}
    said = older.run(*(there.get(word, word) for word in words))
    assert said.code == ERROR
    assert "it does not know run night-9 of 2026-11-20" in said.error["cause"]
    assert "syncctl ledger restore --accept-loss" in said.error["fix"]
    assert (older.writes, (older.folder / "ledger.db").read_bytes()) == (writes, body)


def test_an_older_copy_can_be_read_with_a_warning(older: House) -> None:
    said = older.run("runs", "list")
    assert said.code == OK
    assert "warning: this ledger is older than its last run" in said.err
    first = verified(older)["rows"][0]
    assert (first["check"], "an older copy of the ledger" in first["meaning"]) == ("heads", True)


def test_a_copy_that_is_used_in_two_places_is_refused_where_the_other_one_ran(copied: House, tmp_path: Path) -> None:
    other = House(Path(shutil.copytree(copied.folder, tmp_path / "other")), None, copied.boxes, copied.clock)
    copied.run("plan")
    other.run("plan")
    other.run("plan")
    shutil.copy(copied.folder / "ledger.heads", other.folder / "ledger.heads")
    said = other.run("plan")
    assert said.code == ERROR
    assert "this ledger is a copy that went its own way" in said.error["cause"]


def test_going_on_with_an_older_copy_needs_a_yes_and_a_full_pull(older: House) -> None:
    lineage = heads(older)[-1][-1]
    plan = older.run("show", "--json").json["plan"]["id"]
    asked = older.run("ledger", "restore")
    assert (asked.code, "night-9" in asked.error["cause"]) == (NOT_APPROVED, True)
    said = older.run("ledger", "restore", "--accept-loss", "--json", "--run-id", "back")
    assert (said.code, said.json["runs_lost"], said.json["replaced"]) == (OK, ["night-9"], None)
    assert heads(older)[-1][1] == "back"
    assert heads(older)[-1][-1] != lineage
    assert heads(older)[-1][-1].startswith(lineage.partition(".")[0] + ".")
    assert verified(older)["sound"]
    refused = older.run("plan")
    assert (refused.code, "was not pulled since" in refused.error["cause"]) == (STALE, True)
    assert older.run("apply", plan).code == STALE
    assert older.run("pull", "--since", "2026-11-01").code == OK
    assert older.run("plan").code == STALE
    assert older.run("pull").code == OK
    assert older.run("plan").code in (0, 2)
    again = older.run("ledger", "restore", "--accept-loss")
    assert (again.code, "nothing is lost" in again.error["cause"]) == (USAGE, True)


def test_the_copy_from_before_a_restore_is_refused_although_its_own_head_was_kept(older: House) -> None:
    before = (older.folder / "ledger.db").read_bytes()
    older.run("ledger", "restore", "--accept-loss")
    (older.folder / "ledger.db").write_bytes(before)
    assert older.run("plan").code == ERROR


# --- backup -------------------------------------------------------------------------------------------------------


def test_a_backup_is_a_sound_private_copy_and_prints_its_head(copied: House, tmp_path: Path) -> None:
    said = copied.run("ledger", "backup", str(tmp_path / "b.db"), "--json")
    assert (said.code, said.json["head"]) == (OK, heads(copied)[-1][3])
    assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["b.db"]


def test_a_backup_overwrites_nothing_unless_told(copied: House, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    target.write_text("mine")
    assert copied.run("ledger", "backup", str(target)).code == USAGE
    assert target.read_text() == "mine"
    assert copied.run("ledger", "backup", str(target), "--force").code == OK
    assert copied.run("ledger", "backup", str(copied.folder / "ledger.db"), "--force").code == USAGE
    assert copied.run("ledger", "backup", str(tmp_path)).code == USAGE
    assert copied.run("ledger", "backup", str(tmp_path / "no" / "b.db")).code == USAGE


def test_a_broken_ledger_is_not_backed_up_as_a_good_one(copied: House, tmp_path: Path) -> None:
    altered(copied, "UPDATE audit SET run = 'x' WHERE id = 2")
    said = copied.run("ledger", "backup", str(tmp_path / "b.db"))
    assert (said.code, "is broken at event 2" in said.error["cause"]) == (ERROR, True)
    assert not (tmp_path / "b.db").exists()


def _limited(folder: str, target: str, answers: Any) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    from syncctl.errors import LedgerError
    from syncctl.ledger.backup import back_up

    try:
        back_up(Path(folder) / "ledger.db", Path(target), replace=True)
    except LedgerError as error:
        answers.put(error.message)
    else:
        answers.put("")


def test_a_full_disk_leaves_no_half_backup_and_the_old_one_as_it_was(copied: House, tmp_path: Path) -> None:
    target = tmp_path / "b.db"
    target.write_text("the backup of yesterday")
    forked = multiprocessing.get_context("fork")
    answers = forked.Queue()
    process = forked.Process(target=_limited, args=(str(copied.folder), str(target), answers))
    process.start()
    said = answers.get(timeout=30)
    process.join()
    assert "could not be written" in said
    assert target.read_text() == "the backup of yesterday"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["b.db"]


def _writing(path: str, go: Any, stop: Any) -> None:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        number = 0
        while not stop.is_set():
            number += 1
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT OR REPLACE INTO meta VALUES ('one', ?)", (str(number),))
            db.execute("INSERT OR REPLACE INTO meta VALUES ('two', ?)", (str(number),))
            db.execute("COMMIT")
            go.set()


def test_a_backup_beside_a_process_that_writes_is_of_one_moment(copied: House, tmp_path: Path) -> None:
    forked = multiprocessing.get_context("fork")
    go, stop = forked.Event(), forked.Event()
    process = forked.Process(target=_writing, args=(str(copied.folder / "ledger.db"), go, stop))
    process.start()
    try:
        assert go.wait(30)
        for number in range(3):
            assert copied.run("ledger", "backup", str(tmp_path / f"{number}.db")).code == OK
    finally:
        stop.set()
        process.join()
    for number in range(3):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as db:
            one, two = (row[0] for row in db.execute("SELECT value FROM meta WHERE key IN ('one', 'two')"))
        assert one == two


# --- restore ------------------------------------------------------------------------------------------------------


def test_a_restore_names_what_is_lost_and_keeps_what_it_replaced(copied: House, tmp_path: Path) -> None:
    copied.run("ledger", "backup", str(tmp_path / "b.db"))
    copied.run("plan", "--run-id", "night-9")
    body = (copied.folder / "ledger.db").read_bytes()
    refused = copied.run("ledger", "restore", str(tmp_path / "b.db"))
    assert refused.code == NOT_APPROVED
    assert "3 events of run night-9 are not in it; none of them wrote to a vendor" in refused.error["cause"]
    assert (copied.folder / "ledger.db").read_bytes() == body
    (copied.folder / "ledger.db").chmod(0o660)  # as docs/tasks.md says, for a second user who approves
    done = copied.run("ledger", "restore", str(tmp_path / "b.db"), "--accept-loss", "--json")
    assert stat.S_IMODE((copied.folder / "ledger.db").stat().st_mode) == 0o660
    assert (done.code, done.json["events_lost"], done.json["writes_lost"]) == (OK, 3, 0)
    assert Path(done.json["replaced"]).read_bytes() == body
    assert verified(copied)["sound"]
    assert copied.run("plan").code == STALE
    assert copied.run("reconcile", "--dry-run").code in (0, 2)


def test_what_was_written_after_the_backup_is_not_written_again() -> None:
    with house() as found:
        backup = str(found.folder / "b.db")
        found.run("ledger", "backup", backup)
        found.run(*YES)
        writes = found.writes
        refused = found.run("ledger", "restore", backup)
        assert "requests that wrote to vendors" in refused.error["cause"]
        assert found.run("ledger", "restore", backup, "--accept-loss").code == OK
        found.run(*YES)
        created = [write for box in found.boxes.values() for write in box.writes()][writes:]
        assert len(created) <= 1, created  # only the write that QuickBooks refuses anyhow


def test_a_restore_without_a_ledger_asks_the_heads(copied: House, tmp_path: Path) -> None:
    copied.run("ledger", "backup", str(tmp_path / "b.db"))
    (copied.folder / "ledger.db").unlink()
    done = copied.run("ledger", "restore", str(tmp_path / "b.db"), "--json")
    assert (done.code, done.json["events_lost"], done.json["replaced"]) == (OK, 0, None)
    (copied.folder / "ledger.db").unlink()
    (copied.folder / "ledger.heads").unlink()
    refused = copied.run("ledger", "restore", str(tmp_path / "b.db"))
    assert (refused.code, "nobody can tell" in refused.error["cause"]) == (NOT_APPROVED, True)


def test_a_ledger_that_cannot_be_read_is_replaced_and_kept(copied: House, tmp_path: Path) -> None:
    copied.run("ledger", "backup", str(tmp_path / "b.db"))
    (copied.folder / "ledger.db").write_bytes(b"SQLite format 3\x00" + b"\xff" * 8_192)
    assert copied.run("plan").code == ERROR
    done = copied.run("ledger", "restore", str(tmp_path / "b.db"), "--json")
    assert done.code == OK
    assert Path(done.json["replaced"]).read_bytes().startswith(b"SQLite format 3\x00\xff")
    assert verified(copied)["sound"]


def test_a_backup_of_another_ledger_or_company_is_refused(copied: House, tmp_path: Path) -> None:
    backup = tmp_path / "b.db"
    copied.run("ledger", "backup", str(backup))
    with house() as other:
        assert other.run("ledger", "backup", str(tmp_path / "same.db")).code == OK
    for sql, code, why in (
        ("UPDATE meta SET value = 'feedfeedfeedfeed' WHERE key = 'lineage'", ERROR, "of another ledger"),
        ("UPDATE pins SET company = 'acct_other' WHERE system = 'stripe'", CONFIG, "is of company acct_other"),
        ("UPDATE pins SET live = 1 WHERE system = 'hubspot'", CONFIG, "syncctl.yaml says sandbox"),
        ("UPDATE audit SET run = 'x' WHERE id = 3", ERROR, "is broken at event 3"),
    ):
        shutil.copy(backup, tmp_path / "c.db")
        with closing(sqlite3.connect(tmp_path / "c.db")) as db, db:
            db.execute(sql)
        said = copied.run("ledger", "restore", str(tmp_path / "c.db"), "--accept-loss")
        assert (said.code, why in said.error["cause"]) == (code, True), said.err
    (tmp_path / "c.db").write_text("no ledger at all, but long enough to be looked at " * 40)
    assert copied.run("ledger", "restore", str(tmp_path / "c.db")).code == ERROR
    assert verified(copied)["sound"]


def test_nothing_is_restored_while_a_run_goes_on(copied: House, tmp_path: Path) -> None:
    from syncctl.ledger.lock import locked

    copied.run("ledger", "backup", str(tmp_path / "b.db"))
    with locked(copied.folder / "ledger.db", "night-9", copied.clock):
        assert copied.run("ledger", "restore", str(tmp_path / "b.db"), "--accept-loss").code == LOCKED


# --- purge --------------------------------------------------------------------------------------------------------


def test_a_purge_asks_for_the_reference_and_says_what_it_does_not_reach(copied: House) -> None:
    made = "select ref, run from operations where state = 'applied' and json_extract(change, '$.action') = 'create'"
    ((ref, run),) = (row.values() for row in copied.run("ledger", "query", made, "--limit", "1", "--json").json["rows"])
    still = copied.run("ledger", "purge", ref, "--yes")
    assert (still.code, "still exists in" in still.error["cause"]) == (USAGE, True)
    altered(copied, f"UPDATE records SET gone = 'deleted' WHERE rid = '{ref.split(':')[2]}'")
    assert copied.run("ledger", "purge", ref).code == NOT_APPROVED
    wrong = copied.run("ledger", "purge", ref, terminal=True, typed="yes\n")
    assert (wrong.code, "nothing was purged" in wrong.err) == (NOT_APPROVED, True)
    (copied.folder / "reports").mkdir()
    (copied.folder / "reports" / "night.csv").write_text(f"record\n{ref}\n")
    done = copied.run("ledger", "purge", ref, "--json", terminal=True, typed=f"{ref}\n")
    assert (done.code, "reports/night.csv" in done.json["files"]) == (OK, True), done.err
    page = copied.run("ledger", "purge", ref, "--yes").out
    assert "Nothing is left of" in page
    assert "What this cannot reach" in page
    assert verified(copied)["sound"]
    assert heads(copied)[-1][1] == "ledger-purge"
    back = copied.run("undo", run, "--dry-run", "--json")
    assert "was purged from the ledger; change it back at the vendor by hand" in back.out
