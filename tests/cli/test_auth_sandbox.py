"""A project made from a served sandbox: every system is in it, and people sign in as docs/trying-sign-in.md shows."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
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
CLOCK = FakeClock()
ELSEWHERE = ("sandbox", "reconcile")
"""Run by tests/test_docs.py."""


def vendors(systems: Sequence[str]) -> dict[str, Sandbox]:
    """What `sandbox serve` serves."""
    here = World(CLOCK, world().company, world().breaks, limits=False, stack=served_stack(systems))
    return {name: Sandbox(here.vendor(name)) for name in systems}


@cache
def shown() -> dict[str, Sandbox]:
    """The systems that the page serves."""
    served = next(words for words in COMMANDS if words[:2] == ["sandbox", "serve"])
    return vendors(served[2 : served.index("--ready-file")])


class Desk:
    """Pretend vendors as `sandbox serve` serves them, their ready file, and a person with a browser."""

    def __init__(self, folder: Path, boxes: Mapping[str, Sandbox]) -> None:
        self.folder, self.clock, self.boxes = folder / "books", CLOCK, boxes
        self.ready = folder / "vendors.json"
        self.ready.write_text(json.dumps({name: f"http://127.0.0.1:{8101 + n}" for n, name in enumerate(boxes)}))

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
    desk = Desk(tmp_path, shown())
    for words in COMMANDS:
        if words[0] not in ELSEWHERE:
            said = desk.type(*words)
            assert said.code == 0, (words, said.out, said.err)


def test_quickbooks_and_hubspot_are_signed_in_to_in_the_same_way(tmp_path: Path) -> None:
    desk = Desk(tmp_path, vendors(["quickbooks", "hubspot"]))
    desk.type("init", "books", "--sandbox", "vendors.json", "--sign-in")
    assert [desk.type("auth", "login", name).code for name in ("quickbooks", "hubspot")] == [0, 0]
    assert desk.type("auth", "status").code == 0


def test_a_program_signs_in_to_the_sandbox_by_itself(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"salesforce": shown()["salesforce"]})
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


def test_doctor_and_status_end_with_4_and_name_every_scope_that_the_mappings_need_and_a_sign_in_lacks(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, {name: shown()[name] for name in ("stripe", "xero")})
    desk.type("init", "books", "--sandbox", "vendors.json", "--sign-in")
    path = desk.folder / "syncctl.yaml"
    asked = "[offline_access, accounting.contacts, accounting.payments.read, accounting.settings.read]"
    path.write_text(path.read_text().replace("sign_in: {", f"sign_in: {{scopes: {asked}, "))
    assert desk.type("auth", "login", "xero").code == 4
    said = desk.type("doctor", "--json")
    lacking = {row["cause"]: row["fix"] for row in said.json["rows"] if row["check"] == "scopes of xero"}
    assert said.code == 4, "somebody has to sign in: no other line fails"
    refused = "xero would refuse to write {}: the sign-in lacks the scope accounting.{}"
    assert list(lacking) == [
        refused.format("Allocation, CreditNote, Invoice", "invoices"),
        refused.format("Payment", "payments"),
    ]
    (fix,) = set(lacking.values())
    assert fix.endswith("add it to `scopes` of xero in syncctl.yaml, then: syncctl auth login xero")
    status = desk.type("auth", "status", "xero", "--json")
    assert (status.code, status.json["rows"][0]["fix"]) == (4, fix)
    assert status.json["rows"][0]["scopes_missing"] == "accounting.invoices accounting.payments"


@pytest.mark.parametrize(
    ("granted", "lacking"),
    [
        ("accounting.transactions accounting.contacts", ""),
        ("accounting.transactions.read accounting.contacts", "accounting.invoices"),
    ],
)
def test_the_broad_scopes_of_an_older_xero_app_are_enough(granted: str, lacking: str) -> None:
    from syncctl.connectors.xero.scopes import scopes_for

    enough = scopes_for("Invoices", writes=True)
    assert ("" if set(granted.split()) & set(enough) else enough[0]) == lacking
    assert set(granted.split()) & set(scopes_for("Invoices", writes=False))


def test_a_mapping_that_is_wrong_and_a_system_that_is_not_signed_in_to_are_told_apart_by_doctors_exit_code(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, {name: shown()[name] for name in ("stripe", "xero")})
    desk.type("init", "books", "--sandbox", "vendors.json", "--sign-in")
    before = desk.type("doctor", "--json")
    (row,) = (row for row in before.json["rows"] if row["check"] == "system xero")
    assert (before.code, row["fix"]) == (4, "sign in: syncctl auth login xero")
    desk.type("auth", "login", "xero")
    assert desk.type("doctor").code == 0
    path = desk.folder / "mappings" / "customers.yaml"
    path.write_text(path.read_text().replace("EmailAddress", "EmailAdress"))
    assert desk.type("doctor").code == 78


def test_signing_in_needs_a_sandbox_to_sign_in_to(tmp_path: Path) -> None:
    said = alone("init", str(tmp_path), "--sign-in")
    assert (said.code, "docs/signing-in.md" in said.err) == (64, True)
