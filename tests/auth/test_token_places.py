"""Whose tokens are whose: neither another project nor another environment finds them, in a folder or in the keyring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from syncctl.auth.card import SignInCard
from syncctl.auth.opening import open_sign_in
from syncctl.auth.store import TokenStore
from syncctl.auth.tokens import Kept, Tokens
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock
from syncctl.settings import load_settings

CARD = SignInCard("https://vendor.example/authorize", "https://vendor.example/token")
TEXT = """
ledger: {ledger}
systems:
  books:
    connector: quickbooks
    environment: {environment}
    sign_in: {{client_id: env:ID, client_secret: env:KEY, store: {store}}}
books: {{time_zone: UTC}}
"""


class OneUsersKeyring(KeyringBackend):
    """The keyring of one user of the machine, who has several projects."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture(autouse=True)
def users() -> Iterator[OneUsersKeyring]:
    before = keyring.get_keyring()
    found = OneUsersKeyring()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def store(
    folder: Path, clock: FakeClock, kind: str, environment: str = "live", ledger: str = "ledger.db"
) -> TokenStore:
    folder.mkdir(exist_ok=True)
    (folder / "syncctl.yaml").write_text(TEXT.format(ledger=ledger, environment=environment, store=kind))
    settings = load_settings(folder, environment={"ID": "app", "KEY": "key"}, user_file=folder / "none.yaml")
    return open_sign_in(settings, "books", CARD, clock, Redactor()).store


def kept(clock: FakeClock) -> Kept:
    return Kept(Tokens("access", clock.now(), clock.now(), "refresh"))


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_a_project_finds_its_own_tokens_again_and_no_other_project_does(
    tmp_path: Path, clock: FakeClock, kind: str
) -> None:
    mine = store(tmp_path / "a", clock, kind)
    mine.save(kept(clock))
    assert store(tmp_path / "a", clock, kind).load() == kept(clock)
    assert store(tmp_path / "b", clock, kind).load() is None
    store(tmp_path / "b", clock, kind).delete()
    assert mine.load() == kept(clock)


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_a_live_project_never_uses_the_tokens_of_the_sandbox(tmp_path: Path, clock: FakeClock, kind: str) -> None:
    store(tmp_path / "a", clock, kind, "sandbox").save(kept(clock))
    assert store(tmp_path / "a", clock, kind, "live").load() is None


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_two_ledgers_in_one_folder_have_tokens_of_their_own(tmp_path: Path, clock: FakeClock, kind: str) -> None:
    store(tmp_path / "a", clock, kind, ledger="berlin.db").save(kept(clock))
    assert store(tmp_path / "a", clock, kind, ledger="boston.db").load() is None


@pytest.mark.parametrize("kind", ["file", "keyring"])
def test_a_project_reached_through_a_link_is_the_same_project(tmp_path: Path, clock: FakeClock, kind: str) -> None:
    store(tmp_path / "a", clock, kind).save(kept(clock))
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert store(tmp_path / "link", clock, kind).load() == kept(clock)


def test_tokens_in_a_file_move_with_the_ledger(tmp_path: Path, clock: FakeClock) -> None:
    store(tmp_path / "a", clock, "file").save(kept(clock))
    (tmp_path / "a").rename(tmp_path / "moved")
    assert store(tmp_path / "moved", clock, "file").load() == kept(clock)
