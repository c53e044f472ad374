"""The file PAUSE: while it is in the project's folder nothing is written, by whatever run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.house import House, house
from syncctl.sandbox.base import Sandbox, SandboxTransport

REASON = "the tax rates are wrong, Ann"


@pytest.fixture
def found() -> Iterator[House]:
    with house() as one:
        path = one.folder / "syncctl.yaml"
        path.write_text(path.read_text().replace("max_ratio: 10%", "max_ratio: 100%"))
        yield one


def pause(found: House, text: str = REASON) -> Path:
    path = found.folder / "PAUSE"
    path.write_text(text)
    return path


@pytest.mark.parametrize("command", [["reconcile", "--yes"], ["apply"]])
def test_nothing_is_written_while_paused_and_the_reason_is_said(found: House, command: list[str]) -> None:
    found.run("plan")
    pause(found)
    said = found.run(*command)
    assert (said.code, found.writes) == (6, 0)
    assert REASON in said.err
    if command != ["apply"]:
        assert said.out.rpartition("NEXT")[2].split()[:2] == ["syncctl", "reconcile"]  # apply would be refused as well
        told = {row["command"]: row["outcome"] for row in found.run("runs", "list", "--json").json["rows"][:2]}
        assert told == {"plan": "planned", "reconcile": "paused"}


def test_looking_works_as_always_while_paused(found: House) -> None:
    pause(found)
    codes = [found.run(*words).code for words in (["pull"], ["diff"], ["plan"], ["reconcile", "--dry-run"])]
    assert (codes, found.writes) == ([0, 2, 2, 2], 0)


def test_doctor_and_the_list_of_runs_say_that_writing_is_paused(found: House) -> None:
    assert "paused" not in found.run("runs", "list", terminal=True).out
    pause(found)
    assert REASON in found.run("runs", "list", terminal=True).out
    assert REASON in found.run("runs", "list", "--json").json["paused"]
    doctor = found.run("doctor", terminal=True)
    assert REASON in doctor.out
    assert doctor.code != 0


@pytest.mark.parametrize("shown", [["apply"], ["runs", "list"], ["doctor"]])
def test_hostile_text_in_the_file_is_made_visible(found: House, shown: list[str]) -> None:
    found.run("plan")
    pause(found, "stop" + chr(27) + "[2J" + chr(0x202E) + "[red]now\n" + "x" * 5_000)
    said = found.run(*shown, terminal=True)
    printed = said.out + said.err
    assert "stop\\x1b[2J\\u202e[red]now" in "".join(line.strip() for line in printed.splitlines())
    assert chr(27) + "[2J" not in printed
    assert chr(0x202E) not in printed
    assert "x" * 400 not in "".join(printed.split())


@pytest.mark.parametrize("kind", ["folder", "pipe", "empty", "dangling link", "bytes"])
def test_whatever_has_the_name_pauses(found: House, kind: str) -> None:
    path = found.folder / "PAUSE"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "empty":
            path.touch()
        case "dangling link":
            path.symlink_to(found.folder / "nowhere")
        case _:
            path.write_bytes(b"\xff\xfe\x00")
    said = found.run("reconcile", "--yes")
    assert (said.code, found.writes) == (6, 0)
    assert "paused" in said.err


class Pausing(SandboxTransport):
    """The file appears while a write is on its way."""

    folder: Path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if self.sandbox.writes():
            (self.folder / "PAUSE").write_text(REASON)
        return answer


def test_a_run_that_has_begun_finishes_the_write_in_flight_and_no_other(found: House) -> None:
    def transport(box: Sandbox) -> SandboxTransport:
        made = Pausing(box)
        made.folder = found.folder
        return made

    said = found.run("reconcile", "--yes", "--json", "--run-id", "stopped", transport=transport)
    assert (said.code, found.writes) == (6, 1)
    assert said.json["outcome"] == "paused"
    states = [row["state"] for row in said.json["applied"]]
    assert states.count("applied") >= 1
    assert "planned" in states
    refused = found.run("runs", "resume", "stopped")
    assert (refused.code, found.writes) == (6, 1)
    (found.folder / "PAUSE").unlink()
    assert found.run("runs", "resume", "stopped").code in (0, 5)
    assert found.writes > 1
