"""What must not be written is refused with its own exit code, and with a sentence that says what to do.

A ledger that was put back from an older copy is in test_ledger_trust.py, a plan that was used in test_end_to_end.py.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from cli.house import House, house
from syncctl.ledger.lock import locked
from syncctl.sandbox.clock import FakeClock

Story: TypeAlias = Callable[[House], AbstractContextManager[object] | None]
PLAN_AGAIN: Final = "syncctl plan"
OTHER: Final = "9130350000000099"


@pytest.fixture(scope="module")
def planned() -> Iterator[House]:
    """A plan is kept. Nothing is written in this file, so all tests have the same vendors."""
    with house() as one:
        assert one.run("plan", "--out", str(plan(one))).code == 2
        yield one


@pytest.fixture
def found(planned: House, tmp_path: Path) -> House:
    """The same project in a folder of its own."""
    place = Path(shutil.copytree(planned.folder, tmp_path / "project"))
    return House(place, None, planned.boxes, FakeClock(planned.clock.now()))


def plan(found: House) -> Path:
    return found.folder / "friday.plan"


def settings(found: House, old: str, new: str) -> None:
    path = found.folder / "syncctl.yaml"
    text, count = re.subn(old, new, path.read_text(), count=1)
    assert count == 1
    path.write_text(text)


def overlap(found: House) -> AbstractContextManager[object]:
    return locked(found.folder / "ledger.db", "night-8", found.clock)


def edited(found: House) -> None:
    plan(found).write_bytes(plan(found).read_bytes().replace(b'"update"', b'"void"', 1))


def stale(found: House) -> None:
    found.clock.advance(24 * 3600 + 1)


def overtaken(found: House) -> None:
    """A person decided something since."""
    finding = found.run("findings", "list", "--json").json["rows"][0]
    assert found.run("findings", "accept", str(finding["number"]), "--note", "seen").code == 0


@contextmanager
def swapped(found: House) -> Iterator[None]:
    """The same settings, and a credential of another company behind the same name."""
    quickbooks: Any = found.boxes["quickbooks"].vendor
    settings(found, quickbooks.realm, OTHER)
    own, quickbooks.realm = quickbooks.realm, OTHER
    yield
    quickbooks.realm = own


def a_test_key(found: House) -> None:
    settings(found, "environment: sandbox", "environment: live")


def a_test_key_and_settings(found: House) -> None:
    """Somebody put in the test key, and said so in the settings: only the ledger still knows that it is live."""
    with closing(sqlite3.connect(found.folder / "ledger.db")) as db, db:
        db.execute("UPDATE pins SET live = 1 WHERE system = 'stripe'")


@pytest.mark.parametrize(
    ("story", "words", "code", "cause", "fix"),
    [
        (overlap, ("reconcile", "--yes"), 7, "another run holds the ledger: run night-8", "wait until it ends"),
        (overlap, ("apply", "PLAN"), 7, "another run holds the ledger: run night-8", "wait until it ends"),
        (edited, ("apply", "PLAN"), 8, "was edited after it was made", PLAN_AGAIN),
        (stale, ("apply", "PLAN"), 8, "24 hours", PLAN_AGAIN),
        (overtaken, ("apply", "PLAN"), 8, "is stale", PLAN_AGAIN),
        (swapped, ("reconcile", "--yes"), 6, f"the credential opens {OTHER}", "use the credential of that company"),
        (swapped, ("apply", "PLAN"), 6, f"the credential opens {OTHER}", "use the credential of that company"),
        (a_test_key, ("reconcile", "--yes"), 6, "its credential opens a sandbox", "use the right credential"),
        (a_test_key, ("apply", "PLAN"), 6, "its credential opens a sandbox", "use the right credential"),
        (a_test_key_and_settings, ("reconcile", "--yes"), 6, "of the live company", "sandbox and live never share"),
        (a_test_key_and_settings, ("apply", "PLAN"), 6, "of the live company", "sandbox and live never share"),
    ],
)
def test_what_must_not_be_written_is_refused_with_its_code_and_what_to_do(
    found: House, story: Story, words: tuple[str, ...], code: int, cause: str, fix: str
) -> None:
    with story(found) or nullcontext():
        said = found.run(*(str(plan(found)) if word == "PLAN" else word for word in words))
    assert (said.code, found.writes) == (code, 0)
    assert cause in said.error["cause"]
    assert fix in said.error["fix"]
    assert said.out == ""
