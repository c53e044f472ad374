"""What is shown for one system is typed in a project with the lines of its page, before its pretend vendor."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.house import House, Said, Stream, folder
from cli.person import type_as_a_person
from cli.test_auth_banks import Screen
from conftest import ROOT
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.clock import Clock
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot import HubSpotSandbox
from syncctl.sandbox.hubspot.calls import Behaviour
from syncctl.sandbox.plaid import PlaidSandbox
from syncctl.sandbox.quickbooks import QuickBooksSandbox
from syncctl.sandbox.salesforce import SalesforceSandbox
from syncctl.sandbox.stripe import StripeSandbox
from syncctl.sandbox.xero import XeroSandbox
from test_docs import NOT_IN_THE_HOUSE, NOT_RUN, commands, for_one_system, shown_on

DOCS = ROOT / "docs"
VENDORS: Mapping[str, Callable[[Clock], Any]] = {
    "hubspot": lambda clock: HubSpotSandbox(clock, behaviour=Behaviour(account_type="SANDBOX")),
    "plaid": PlaidSandbox,
    "quickbooks": QuickBooksSandbox,
    "salesforce": SalesforceSandbox,
    "stripe": StripeSandbox,
    "xero": XeroSandbox,
}
PAGES = {**{name: DOCS / "connectors" / f"{name}.md" for name in VENDORS}, "signing-in": DOCS / "signing-in.md"}
LINES = re.compile(r"^```yaml\n(systems:\n  (\w+):\n    connector: (\w+)\n.*?)^```", re.MULTILINE | re.DOTALL)
NOBODY = 4
"""The exit code of a run that finds nobody signed in."""
REST = "ledger: ledger.db\nmappings: mappings\nbooks: {time_zone: Europe/Berlin}\n"


class Page:
    """A project whose one system is the one that a page shows last before its first command."""

    def __init__(self, path: Path, place: Path) -> None:
        text = path.read_text()
        before = text.partition("```console\n")[0]
        lines, self.system, connector = LINES.findall(before)[-1]
        clock = FakeClock()
        self.vendor = VENDORS[connector](clock)
        if isinstance(self.vendor, PlaidSandbox):
            self.vendor.banks.clear()
        others = NOT_IN_THE_HOUSE - {self.system}
        shown = [command for command in shown_on(path) if command not in NOT_RUN]
        self.commands = [command for command in shown if not others.intersection(command.split())]
        (place / "mappings").mkdir()
        (place / "syncctl.yaml").write_text(self._true(lines) + REST)
        self.environment = dict(self._secrets(lines))
        self.house = House(place, None, {self.system: Sandbox(self.vendor)}, clock)

    def _true(self, lines: str) -> str:
        """The lines with this company in place of the example's."""
        company = getattr(self.vendor, "realm", "") or getattr(self.vendor, "tenant", "")
        lines = re.sub(r"company: \S+", f'company: "{company}"', lines)
        return lines.replace("environment: live", "environment: sandbox")

    def _secrets(self, lines: str) -> Iterator[tuple[str, str]]:
        """(environment variable, what the page says is in it)."""
        for key, variable in re.findall(r"(\w+): env:(\w+)", lines):
            if key == "credential":
                yield variable, getattr(self.vendor, "token", "") or self.vendor.credential
            elif isinstance(self.vendor, PlaidSandbox):
                yield variable, getattr(self.vendor, key.replace("client_secret", "secret"))
            elif hasattr(self.vendor, "sign_ins"):
                yield variable, getattr(self.vendor.sign_ins.app, key)
            else:
                yield variable, getattr(self.vendor.oauth.app, key.removeprefix("client_"))

    def type(self, command: str) -> Said:
        """A command as the page shows it. Without a browser the address is pasted; a question gets a yes."""
        words = shlex.split(command)[1:]
        if isinstance(self.vendor, PlaidSandbox):
            return self._with_a_bank(words)
        if words[:2] == ["auth", "login"]:
            return type_as_a_person(self.house, self.system, *words, "--paste", environment=self.environment)
        return self.house.run(*words, environment=self.environment, terminal=words[0] == "setup", typed="y\n")

    def _with_a_bank(self, words: list[str]) -> Said:
        """A command at Plaid, whose banks are connected on a page of Plaid's own, one by one."""
        signs_in = words[:2] == ["auth", "login"]
        if not signs_in and not self.vendor.banks:
            self._with_a_bank(["auth", "login", self.system])
        item = next(iter(self.vendor.banks), "")
        box, err = self.house.boxes[self.system], Screen(self.vendor.finish_link)
        session = Session(
            out=Stream(),
            err=err,
            environment={"SYNCCTL_CONFIG": "/nonexistent", **self.environment},
            surroundings={
                "transports": {self.system: SandboxTransport(box)},
                "clock": self.house.clock,
            },
        )
        given = [item if word == "ITEM" else word for word in words]
        code = run(["--project", str(self.house.folder), *given, *(["--paste"] if signs_in else [])], session)
        return Said(code, "", err.getvalue())


@pytest.fixture
def place() -> Iterator[Path]:
    made = folder()
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_shows_works_with_the_lines_it_shows_in_the_order_it_shows_it(place: Path, name: str) -> None:
    page = Page(PAGES[name], place)
    for command in page.commands:
        said = page.type(command)
        assert said.code == 0, (command, said.out, said.err)
    signed_out = any("auth logout" in command for command in page.commands) and name != "plaid"
    assert page.type(f"syncctl pull {page.system}").code == (NOBODY if signed_out else 0)


def test_every_command_for_one_system_is_on_a_page_that_is_typed(tmp_path: Path) -> None:
    typed: set[str] = set()
    for name, path in PAGES.items():
        (tmp_path / name).mkdir()
        typed.update(Page(path, tmp_path / name).commands)
    typed.update(shown_on(DOCS / "trying-sign-in.md"))  # tests/cli/test_auth_sandbox.py
    shown = {re.sub(r" \[.*\]", "", command) for command in commands() if for_one_system(command)}
    assert {command.replace("SYSTEM", "quickbooks") for command in shown} <= typed
