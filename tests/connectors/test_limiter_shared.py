"""One limit for every process on a ledger: real processes, a real file and, where time is counted, a real clock."""

from __future__ import annotations

import signal
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from limited import PER_SECOND
from office import Office
from syncctl.clock import SystemClock
from syncctl.connectors.base import Limits
from syncctl.connectors.http import Limiter
from syncctl.connectors.pace import StricterLimiter
from syncctl.connectors.reservations import Reservations, SharedReservations, reservations_beside
from syncctl.errors import LedgerError
from syncctl.sandbox.clock import FakeClock

SCRIPT = Path(__file__).with_name("limited.py")


class RealClockThatNotesItsWaits(SystemClock):
    def __init__(self) -> None:
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def start(path: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), str(path), *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def limiter(path: Path, clock: FakeClock | SystemClock, per_second: float = PER_SECOND) -> Limiter:
    return Limiter(Limits(per_second), clock, SharedReservations(path, clock))


def test_four_processes_together_send_no_more_than_the_limit_allows_one(tmp_path: Path) -> None:
    processes = [start(tmp_path / "stripe", "send", "1") for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    each = [[float(line) for line in ended(process).splitlines()] for process in processes]
    sent = sorted(moment for moments in each for moment in moments)
    assert all(len(moments) > 5 for moments in each), "every process gets its turn"
    # The second before the first request was idle, so its requests may follow at once.
    assert len(sent) <= (sent[-1] - sent[0] + 1) * PER_SECOND + 2


def test_a_process_that_dies_holding_the_lock_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "stripe"
    killed = start(path, "die")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    clock = RealClockThatNotesItsWaits()
    with limiter(path, clock):
        assert clock.slept == 0


def test_a_pause_in_one_process_holds_the_others(tmp_path: Path) -> None:
    path = tmp_path / "stripe"
    ended(start(path, "pause", "60"))
    clock = RealClockThatNotesItsWaits()
    with limiter(path, clock):
        assert 30 < clock.slept <= 60


def test_a_later_process_goes_on_where_the_last_one_stopped(tmp_path: Path, clock: FakeClock) -> None:
    for _ in range(11):  # the ten of an idle second, and one
        with limiter(tmp_path / "stripe", clock, 10):
            assert clock.slept == 0
    with limiter(tmp_path / "stripe", clock, 10):
        assert clock.slept == pytest.approx(0.1, abs=1e-3)


def packed(*values: float) -> bytes:
    return struct.pack(f"={len(values)}d", *values)


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"half a num",
        b"\xff" * 16,
        packed(0.0, float("nan")),
        packed(0.0, 1e300),
        packed(-86_400.0, FakeClock().boottime() + 60),
    ],
    ids=["empty", "torn", "noise", "no number", "in a thousand years", "from before the restart of the machine"],
)
def test_a_file_that_means_nothing_now_starts_the_limit_anew(tmp_path: Path, clock: FakeClock, kept: bytes) -> None:
    path = tmp_path / "stripe"
    path.write_bytes(kept)
    with limiter(path, clock, 10):
        assert clock.slept == 0
    assert path.read_bytes() == packed(0.0, clock.boottime() - 1 + 0.1)


def test_a_longer_list_leaves_nothing_behind(tmp_path: Path, clock: FakeClock) -> None:
    shared = SharedReservations(tmp_path / "xero", clock)
    for length in (3, 1):
        with shared as moments:
            moments[:] = [clock.boottime()] * length
        with shared as moments:
            assert len(moments) == length


def test_a_file_that_cannot_be_used_is_named_and_the_slot_is_given_back(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "stripe").mkdir()
    held = Limiter(Limits(10, concurrent=1), clock, SharedReservations(tmp_path / "stripe", clock))
    for _ in range(2):  # a slot that was kept would block the second
        with pytest.raises(LedgerError, match="stripe"), held:
            pass


def test_a_limit_within_a_limit_gives_its_slot_back_when_the_outer_one_cannot_be_used(
    tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "stripe").mkdir()
    account = Limiter(Limits(10, concurrent=1), clock, SharedReservations(tmp_path / "stripe", clock))
    held = StricterLimiter(Limits(10, concurrent=1), clock, account, Reservations())
    for _ in range(2):  # a slot that was kept would block the second
        with pytest.raises(LedgerError, match="stripe"), held:
            pass


def test_a_ledger_in_memory_shares_with_nobody(clock: FakeClock) -> None:
    made = reservations_beside(None, "stripe", clock)
    assert type(made("")) is Reservations
    assert made("") is not made("")


def test_a_project_keeps_its_limits_beside_its_ledger_for_its_owner_only(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for system in ("stripe", "quickbooks", "hubspot"):
        office.project.connector(system).company()
    folder = tmp_path / "limits"
    assert {path.name for path in folder.iterdir()} == {"stripe", "quickbooks", "hubspot"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_two_open_projects_wait_for_each_other(tmp_path: Path, clock: FakeClock) -> None:
    first, second = (Limiter(Limits(1), clock, reservations_beside(tmp_path / "x.db", "s", clock)("")) for _ in "12")
    for held in (first, first, second):
        with held:
            pass
    assert clock.slept == pytest.approx(1, abs=1e-3)
