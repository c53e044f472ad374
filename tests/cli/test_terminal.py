"""A person at a terminal is asked; a signal ends a command without losing the write in flight."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import httpx
import pytest

from cli.house import YES, House, columns, house
from syncctl.cli.signals import stopping
from syncctl.errors import Interrupted
from syncctl.sandbox.base import SandboxTransport

ASK = ("reconcile", "--max-ratio", "100%")


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


def test_a_no_writes_nothing_and_a_yes_writes(fresh: House) -> None:
    refused = fresh.run(*ASK, terminal=True, typed="n\n")
    assert (refused.code, fresh.writes) == (6, 0)
    assert "DRY RUN" in refused.out
    assert "nothing was written" in refused.out
    assert "[y/N]" in refused.err
    agreed = fresh.run(*ASK, terminal=True, typed="y\n")
    assert agreed.code in (2, 5)
    assert fresh.writes > 0
    assert "WRITTEN" in agreed.out


def test_anything_but_a_plain_yes_is_a_no(fresh: House) -> None:
    for typed in ("", "\n", "maybe\n", "yes please\n"):
        assert fresh.run(*ASK, terminal=True, typed=typed).code == 6
    assert fresh.writes == 0


def test_with_json_the_question_and_its_table_leave_stdout_alone(fresh: House) -> None:
    said = fresh.run(*ASK, "--json", terminal=True, typed="n\n")
    assert said.json["applied"] is None
    assert "DRY RUN" in said.err


def test_errors_on_a_terminal_are_for_people(fresh: House) -> None:
    (fresh.folder / "syncctl.yaml").write_text("sistems: {}\n")
    said = fresh.run("diff", "--color", "never", terminal=True)
    assert said.code == 78
    assert "syncctl.yaml:1:1: unknown key `sistems`" in said.err
    assert not said.err.startswith("{")


def test_color_is_never_forced_on_a_file(fresh: House) -> None:
    assert "\x1b" not in fresh.run("reconcile", "--dry-run").out
    assert "\x1b[3" in fresh.run("show", "--color", "always").out
    assert "\x1b[3" not in fresh.run("show", "--color", "never", terminal=True).out


class RaisesOnWrite(SandboxTransport):
    """The person presses Ctrl-C while the first write is on its way."""

    number = signal.SIGINT
    method = "POST"
    raised = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        cls = type(self)
        if self.sandbox.writes() and not cls.raised:
            cls.raised += 1
            signal.raise_signal(cls.number)
        return answer


class Terminates(RaisesOnWrite):
    number = signal.SIGTERM
    raised = 0


@pytest.mark.parametrize(("transport", "code"), [(RaisesOnWrite, 130), (Terminates, 143)])
def test_a_signal_finishes_the_write_in_flight_and_resume_does_the_rest(
    fresh: House, transport: type[RaisesOnWrite], code: int
) -> None:
    transport.raised = 0
    said = fresh.run(*YES, "--json", transport=transport)
    states = columns(said.json["applied"], "state")
    assert said.code == code
    assert states.count("applied") >= 1
    assert "planned" in states
    assert not {"unknown", "sending", "review"} & set(states)
    resumed = fresh.run("runs", "resume", said.json["run"], "--json")
    assert resumed.code in (0, 5)
    assert "planned" not in columns(resumed.json["rows"], "state")


class RaisesOnRead(SandboxTransport):
    """The person presses Ctrl-C while records are being pulled."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.url.path == "/v1/invoices":
            signal.raise_signal(signal.SIGINT)
        return answer


def test_a_signal_while_pulling_ends_at_once_and_the_next_pull_goes_on(fresh: House) -> None:
    assert fresh.run("pull", transport=RaisesOnRead).code == 130
    assert fresh.run("pull").code == 0


def test_a_second_signal_does_not_wait() -> None:
    said: list[str] = []
    with stopping(said.append) as stop:
        stop.writing = True
        signal.raise_signal(signal.SIGTERM)
        assert stop() == 143
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGTERM)
    assert len(said) == 1


def test_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stopping(lambda _text: None):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
