"""Ctrl-C and SIGTERM: what is finished, what is not, and what to type next; in a real process, with a real terminal."""

from __future__ import annotations

import os
import pty
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import ClassVar

import httpx
import pytest
from house import YES, House, house

from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.cli.signals import stopping
from syncctl.errors import Interrupted
from syncctl.project import Project, open_project
from syncctl.run.running import running
from syncctl.sandbox.base import SandboxTransport

ASK = ("reconcile", "--max-ratio", "100%")
CTRL_C = b"\x03"


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


def on_a_terminal(
    place: House, words: tuple[str, ...], act: Callable[[int, int], None], until: bytes
) -> tuple[int, str]:
    """Runs a command in a process whose standard streams are a terminal; once `until` is on the screen, `act` is called
    with the terminal and the process. Returns the exit code and the whole screen."""
    process, screen = pty.fork()
    if process == 0:
        code = 99
        try:
            code = run(["--project", str(place.folder), *words], _session(place))
        finally:
            os._exit(code)
    seen = b""
    acted = False
    while True:
        try:
            part = os.read(screen, 65_536)
        except OSError:  # Linux says so when the other end is closed
            part = b""
        if not part:
            break
        seen += part
        if not acted and until in seen:
            acted = True
            act(screen, process)
    os.close(screen)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), " ".join(seen.decode().split())


def _session(place: House) -> Session:
    """In the child: its streams are the terminal, whatever pytest made of them."""
    answers, out, err = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.stdin, sys.stdout, sys.stderr = answers, out, err
    transports = {name: SandboxTransport(box) for name, box in place.boxes.items()}
    around_it = {"transports": transports, "clock": place.clock}
    around = {"SYNCCTL_CONFIG": str(place.folder / "no-user-file"), "COLUMNS": "80", "TERM": "dumb"}
    return Session(answers=answers, out=out, err=err, environment=around, surroundings=around_it)


def press_ctrl_c(screen: int, _process: int) -> None:
    os.write(screen, CTRL_C)


def terminate(_screen: int, process: int) -> None:
    os.kill(process, signal.SIGTERM)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize(("act", "code", "said"), [(press_ctrl_c, 130, "interrupted"), (terminate, 143, "terminated")])
def test_at_the_question_nothing_is_written_and_the_kept_plan_is_named(
    fresh: House, act: Callable[[int, int], None], code: int, said: str
) -> None:
    found, screen = on_a_terminal(fresh, ASK, act, b"(Enter is no)")
    assert found == code
    assert f"{said}: nothing was written of this plan; it is kept in the ledger. Next: syncctl apply " in screen
    plan = screen.partition("syncctl apply ")[2].split(",")[0]
    listed = fresh.run("runs", "list", "--json").json["rows"][0]
    assert (listed["outcome"], listed["exit_code"]) == ("interrupted", code)
    assert fresh.run("apply", plan, "--max-ratio", "100%").code in (0, 5)
    assert fresh.writes > 0


class Signals(SandboxTransport):
    """A signal arrives right after the vendor answered a request that `chosen` picks, as often as `times` says."""

    number: ClassVar[signal.Signals] = signal.SIGINT
    times: ClassVar[int] = 1
    raised: ClassVar[int] = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        cls = type(self)
        if self.chosen(request) and cls.raised < cls.times:
            cls.raised += 1
            os.kill(os.getpid(), cls.number)
        return answer

    def chosen(self, request: httpx.Request) -> bool:
        raise AssertionError(request)


def signals(when: str, number: signal.Signals, times: int = 1) -> type[Signals]:
    """A transport that has the process signalled while it reads, or while it writes."""

    class Chosen(Signals):
        def chosen(self, request: httpx.Request) -> bool:
            return bool(self.sandbox.writes()) if when == "write" else request.url.path == "/v1/invoices"

    Chosen.number, Chosen.times = number, times
    return Chosen


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("words", [("pull",), ("reconcile", "--dry-run"), YES])
def test_while_pulling_it_says_what_is_kept_and_how_to_go_on(
    fresh: House, words: tuple[str, ...], number: signal.Signals, code: int
) -> None:
    said = fresh.run(*words, transport=signals("read", number))
    assert said.code == code
    assert f"nothing was written {'at any vendor' if words == ('pull',) else 'by this run'}; the records" in said.err
    again = "pull" if words == ("pull",) else "reconcile --dry-run" if words != YES else "reconcile"
    assert said.error["event"].endswith(f"Next: syncctl {again}")
    assert fresh.writes == 0


def test_while_writing_it_says_what_was_written_what_was_not_and_how_to_go_on(fresh: House) -> None:
    said = fresh.run(*YES, "--run-id", "night-8", terminal=True, transport=signals("write", signal.SIGINT))
    assert said.code == 130
    assert "stopping: the write in flight is finished first" in said.err
    assert "WRITTEN" in said.out
    assert "NOT SENT" in said.out
    assert "syncctl runs resume night-8" in said.out


def test_a_second_signal_while_writing_says_that_nothing_is_written_twice(fresh: House) -> None:
    said = fresh.run(*YES, "--run-id", "night-8", transport=signals("write", signal.SIGTERM, times=2))
    assert said.code == 143
    assert "may have arrived or not. Nothing is written twice" in said.error["event"]
    assert "syncctl runs list" in said.error["event"]
    assert "syncctl runs resume night-8" in fresh.run("runs", "list").out


def test_a_signal_between_a_transaction_and_its_first_statement_leaves_a_run_that_is_closed(fresh: House) -> None:
    """A handler may run between any two steps of Python: here right after BEGIN."""
    with closing(open_project(fresh.folder, environment={})) as project:
        with pytest.raises(Interrupted):
            terminated_after_begin(project)
        assert not project.engine.db.in_transaction
        assert project.journal.runs.show("night-8").exit_code == 143


def terminated_after_begin(project: Project) -> None:
    with stopping(lambda _words: None), running(project, "reconcile", "night-8"):
        project.engine.db.execute("BEGIN IMMEDIATE")
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_any_other_command_says_that_it_was_interrupted(
    fresh: House, monkeypatch: pytest.MonkeyPatch, terminal: bool, number: signal.Signals, code: int
) -> None:
    monkeypatch.setattr("syncctl.cli.session.project_folder", lambda *_words: os.kill(os.getpid(), number))
    said = fresh.run("diff", terminal=terminal)
    assert (said.code, said.out) == (code, "")
    assert said.err.count("ed: no record was written at any vendor") == 1
