"""auth login: the tokens of another company are never where a run could find them, and no run's tokens are lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.house import House, house
from cli.person import Person
from cli.test_auth import APP, SIGN_IN, login, vendor


@pytest.fixture
def signing() -> Iterator[House]:
    """A house whose QuickBooks is signed in to."""
    with house() as found:
        path = found.folder / "syncctl.yaml"
        path.write_text(path.read_text().replace("credential: env:QUICKBOOKS_ACCESS_TOKEN", SIGN_IN))
        vendor(found).token = "nobody-has-this"
        assert login(found).code == 0
        yield found


def tokens(found: House) -> Path:
    return found.folder / "tokens" / "ledger.db.quickbooks.sandbox.json"


def test_a_refused_sign_in_leaves_the_tokens_that_a_run_got_meanwhile(
    signing: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, meanwhile = tokens(signing).read_text(), []
    path = signing.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("9130350000000001", "9130350000000002"))
    typed = Person.readline

    def after_a_night(person: Person, size: int = -1, /) -> str:
        signing.clock.sleep(3_600)
        signing.run("pull", "quickbooks", environment=APP)
        meanwhile.append(tokens(signing).read_text())
        return typed(person, size)

    monkeypatch.setattr(Person, "readline", after_a_night)
    assert login(signing).code in (4, 6)
    assert meanwhile != [first]
    assert [tokens(signing).read_text()] == meanwhile
