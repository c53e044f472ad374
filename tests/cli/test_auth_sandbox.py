"""A project made from a served sandbox: every system is in it, and people sign in as docs/trying-sign-in.md shows."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from cli.house import Said, Stream, alone, world
from cli.test_auth_banks import Screen
from conftest import ROOT
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.sandbox.base import Sandbox, SandboxRequest, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.world import World
from syncctl.stack import served_stack
from test_docs import shown_on

COMMANDS = [shlex.split(command)[1:] for command in shown_on(ROOT / "docs" / "trying-sign-in.md")]
ELSEWHERE = ("sandbox", "reconcile")
"""Run by tests/test_docs.py."""


class Desk:
    """Pretend vendors as `sandbox serve` serves them, their ready file, and a person with a browser."""

    def __init__(self, folder: Path, systems: list[str]) -> None:
        self.folder, self.clock = folder / "books", FakeClock()
        here = World(self.clock, world().company, world().breaks, limits=False, stack=served_stack(systems))
        self.boxes = {name: Sandbox(here.vendor(name)) for name in systems}
        self.ready = folder / "vendors.json"
        self.ready.write_text(json.dumps({name: f"http://127.0.0.1:{8101 + n}" for n, name in enumerate(systems)}))

    def type(self, *words: str) -> Said:
        """A command as a page shows it, in the project; a sign-in is pasted."""
        if words[0] == "init":
            return alone(*(str({"books": self.folder, "vendors.json": self.ready}.get(word, word)) for word in words))
        paste = ("--paste",) if words[:2] == ("auth", "login") else ()
        out, answers = Stream(), Stream()
        err = Screen(lambda url: self._browse(url, words[-1], answers))
        session = Session(
            out=out,
            err=err,
            answers=answers,
            environment={"SYNCCTL_CONFIG": "/nonexistent"},
            surroundings={
                "transports": {name: SandboxTransport(box) for name, box in self.boxes.items()},
                "clock": self.clock,
            },
        )
        return Said(run(["--project", str(self.folder), *words, *paste], session), out.getvalue(), err.getvalue())

    def _browse(self, url: str, system: str, answers: Stream) -> None:
        """The person opens the vendor's page, and has what the browser's address ends at ready to paste."""
        parts = urlsplit(url)
        request = SandboxRequest("GET", parts.path, tuple(parse_qsl(parts.query)), {}, b"")
        answers.write(self.boxes[system].handle(request).headers.get("location", ""))
        answers.seek(0)


def test_the_page_on_trying_the_sign_in_works_as_shown(tmp_path: Path) -> None:
    served = next(words for words in COMMANDS if words[:2] == ["sandbox", "serve"])
    desk = Desk(tmp_path, served[2 : served.index("--ready-file")])
    for words in COMMANDS:
        if words[0] not in ELSEWHERE:
            said = desk.type(*words)
            assert said.code == 0, (words, said.out, said.err)


def test_quickbooks_and_hubspot_are_signed_in_to_in_the_same_way(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ["quickbooks", "hubspot"])
    desk.type("init", "books", "--sandbox", "vendors.json", "--sign-in")
    assert [desk.type("auth", "login", name).code for name in ("quickbooks", "hubspot")] == [0, 0]
    assert desk.type("auth", "status").code == 0


def test_a_program_signs_in_to_the_sandbox_by_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path, ["salesforce"])
    desk.type("init", "books", "--sandbox", "vendors.json", "--sign-in")
    path = desk.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("sign_in: {", "sign_in: {grant: client_credentials, "))
    assert desk.type("pull", "salesforce").code == 0
    assert desk.type("auth", "login", "salesforce").code == 0


@pytest.mark.parametrize("flags", [(), ("--sign-in",)])
def test_a_project_of_a_sandbox_has_every_served_system_and_keeps_secrets_out_of_its_settings(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    ready, folder = tmp_path / "vendors.json", tmp_path / "books"
    ready.write_text(json.dumps({"erp": "http://127.0.0.1:8101", "plaid": "http://127.0.0.1:8102"}))
    assert alone("init", str(folder), "--sandbox", str(ready), *flags).code == 0
    settings, held = (folder / "syncctl.yaml").read_text(), (folder / ".env").read_text()
    assert "connector: rest" in settings
    assert (folder / "systems" / "erp.yaml").is_file()
    assert ("    sign_in: {client_id: env:PLAID_CLIENT_ID" in settings) == bool(flags)
    assert not any(line.partition("=")[2] in settings.replace("company: 5f0c", "") for line in held.split())


def test_signing_in_needs_a_sandbox_to_sign_in_to(tmp_path: Path) -> None:
    said = alone("init", str(tmp_path), "--sign-in")
    assert (said.code, "docs/signing-in.md" in said.err) == (64, True)
