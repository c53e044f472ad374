"""Secrets are kept somewhere else; what comes back is one clean line, or one clear sentence."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from syncctl.credentials import CredentialReference, Credentials, NotAReference, parse_reference
from syncctl.errors import CredentialError

SECRET = "correct-horse-battery-staple"


def read(folder: Path, reference: str, **environment: str) -> str:
    return Credentials(environment, folder).read(parse_reference(reference))


def refusal(folder: Path, reference: str, **environment: str) -> CredentialError:
    with pytest.raises(CredentialError) as caught:
        read(folder, reference, **environment)
    assert caught.value.exit_code == 4
    assert SECRET not in f"{caught.value} {caught.value.fix}"
    return caught.value


def keep(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "env:STRIPE_KEY",
        "file:~/keys/stripe",
        "keyring:syncctl/stripe",
        "fd:3",
        "systemd:stripe",
        "op://Books/Stripe/key",
        "vault://secret/finance/stripe#key",
    ],
)
def test_a_reference_prints_as_it_was_written(text: str) -> None:
    assert str(parse_reference(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "stripe", "env:", "env:A B", "file:", "keyring:syncctl", "https://x", SECRET, "op://a/b", "vault://a", "fd:x"],
)
def test_what_is_no_reference_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(NotAReference) as caught:
        parse_reference(text)
    assert caught.value.fix
    assert SECRET not in str(caught.value)


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    keep(tmp_path / ".env", "KEY=from-the-file\nOTHER='quoted-value'\n")
    assert read(tmp_path, "env:KEY", KEY=SECRET) == SECRET
    assert read(tmp_path, "env:KEY") == "from-the-file"
    assert read(tmp_path, "env:OTHER") == "quoted-value"


def test_the_env_file_is_taken_literally(tmp_path: Path) -> None:
    keep(tmp_path / ".env", "KEY=pa$HOME${PATH}ss\n")
    assert read(tmp_path, "env:KEY") == "pa$HOME${PATH}ss"


def test_a_key_that_is_replaced_in_the_env_file_is_the_next_one_read(tmp_path: Path) -> None:
    for key in ("first-key", "second-key"):
        keep(tmp_path / ".env", f"KEY={key}\n")
        assert read(tmp_path, "env:KEY") == key


@pytest.mark.parametrize("line", ["a b c", 'OTHER="never closed', "=x"])
def test_a_line_of_the_env_file_that_is_none_is_named_without_what_it_holds(
    tmp_path: Path, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    keep(tmp_path / ".env", f"# ours\nKEY={SECRET}\n{line}\n")
    error = refusal(tmp_path, "env:KEY")
    assert str(error) == f"{tmp_path / '.env'}:3 is no line NAME=VALUE"
    assert "single quotes" in error.fix
    assert caplog.records == []


def test_an_env_file_that_others_can_read_is_refused_with_the_chmod(tmp_path: Path) -> None:
    keep(tmp_path / ".env", f"KEY={SECRET}\n", 0o644)
    assert refusal(tmp_path, "env:KEY").fix == f"chmod 600 {tmp_path / '.env'}"
    assert read(tmp_path, "env:KEY", KEY="set-elsewhere") == "set-elsewhere"


def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, "env:KEY")
    assert "KEY is not set" in str(error)
    assert ".env" in error.fix


def test_a_private_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    keep(tmp_path / "key", f"{SECRET}\n")
    assert read(tmp_path, "file:key") == SECRET
    assert read(tmp_path, f"file:{tmp_path / 'key'}") == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused_with_the_chmod(tmp_path: Path, mode: int) -> None:
    keep(tmp_path / "key", SECRET, mode)
    assert refusal(tmp_path, "file:key").fix == f"chmod 600 {tmp_path / 'key'}"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    os.chown(keep(tmp_path / "key", SECRET), 12345, -1)
    assert "another user" in str(refusal(tmp_path, "file:key"))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "No such file" in str(refusal(tmp_path, "file:none"))
    (tmp_path / "folder").mkdir()
    assert "folder" in str(refusal(tmp_path, "file:folder"))


@pytest.mark.parametrize(
    "text", ["", "\n", f"{SECRET}\nsecond", f"key {SECRET}", f"{SECRET}\x00", f"schlüssel-{SECRET}"]
)
def test_a_secret_is_one_line_of_visible_ascii(tmp_path: Path, text: str) -> None:
    keep(tmp_path / "key", text)
    error = refusal(tmp_path, "file:key")
    assert str(error) in (
        "the credential file:key is empty",
        "the credential file:key is not one line of plain ASCII without blanks",
    )
    keep(tmp_path / "key", f"{SECRET}\n")
    assert read(tmp_path, "file:key") == SECRET


def test_a_file_too_long_for_a_secret_is_refused(tmp_path: Path) -> None:
    keep(tmp_path / "key", "x" * 20_000)
    assert "too long" in str(refusal(tmp_path, "file:key"))


class MemoryKeyring(KeyringBackend):
    """A keyring that is a dict."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring() -> MemoryKeyring:
    before = keyring.get_keyring()
    found = MemoryKeyring()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def test_the_keyring_holds_secrets_by_service_and_name(tmp_path: Path, ring: MemoryKeyring) -> None:
    ring.set_password("syncctl", "stripe/eu", SECRET)
    assert read(tmp_path, "keyring:syncctl/stripe/eu") == SECRET
    assert "keyring set syncctl quickbooks" in refusal(tmp_path, "keyring:syncctl/quickbooks").fix
    ring.locked = True
    assert "unlock" in refusal(tmp_path, "keyring:syncctl/stripe/eu").fix


def test_credentials_print_nothing(tmp_path: Path) -> None:
    assert SECRET not in repr(Credentials({"KEY": SECRET}, tmp_path))
    assert CredentialReference("env", "KEY").name == "KEY"


def test_a_secret_from_a_file_descriptor_is_read_once_and_kept(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{SECRET}\n".encode())
    os.close(writing)
    assert [read(tmp_path, f"fd:{reading}"), read(tmp_path, f"fd:{reading}")] == [SECRET, SECRET]
    os.close(reading)


def test_a_descriptor_that_is_not_open_says_how_to_open_it(tmp_path: Path) -> None:
    assert refusal(tmp_path, "fd:987").fix == "start syncctl with it open: 987< FILE"


def test_systemd_hands_over_what_the_service_loads(tmp_path: Path) -> None:
    keep(tmp_path / "stripe", SECRET)
    assert read(tmp_path, "systemd:stripe", CREDENTIALS_DIRECTORY=str(tmp_path)) == SECRET
    assert "LoadCredential=other:PATH" in refusal(tmp_path, "systemd:other", CREDENTIALS_DIRECTORY=str(tmp_path)).fix
    assert "CREDENTIALS_DIRECTORY is not set" in str(refusal(tmp_path, "systemd:stripe"))


def test_a_1password_reference_without_a_service_account_says_what_is_missing(tmp_path: Path) -> None:
    assert "needs OP_SERVICE_ACCOUNT_TOKEN" in str(refusal(tmp_path, "op://Books/Stripe/key"))


def test_a_1password_token_that_is_none_is_refused_by_its_own_sdk_and_never_repeated(tmp_path: Path) -> None:
    found = refusal(tmp_path, "op://Books/Stripe/key", OP_SERVICE_ACCOUNT_TOKEN=SECRET)
    assert "1Password did not give op://Books/Stripe/key" in str(found)


class Core:
    """1Password's native core, which the SDK speaks to in JSON: one secret, and what it was told."""

    told: ClassVar[list[dict[str, Any]]] = []

    async def init_client(self, config: dict[str, Any]) -> str:
        self.told.append(config)
        return "7"

    async def invoke(self, asked: dict[str, Any]) -> str:
        self.told.append(asked["invocation"])
        if asked["invocation"]["parameters"]["parameters"] != {"secret_reference": "op://Books/Stripe/key"}:
            raise RuntimeError(f"no item for {SECRET}")
        return json.dumps(SECRET)

    def release_client(self, client: int) -> None:
        """Nothing is held."""


def test_1password_is_asked_through_its_own_sdk_for_exactly_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onepassword.client.UniffiCore", Core)
    account = {"OP_SERVICE_ACCOUNT_TOKEN": "ops_account"}
    assert read(tmp_path, "op://Books/Stripe/key", **account) == SECRET
    begun, asked = Core.told
    assert (begun["serviceAccountToken"], begun["integrationName"]) == ("ops_account", "syncctl")
    assert (asked["clientId"], asked["parameters"]["name"]) == (7, "SecretsResolve")
    found = refusal(tmp_path, "op://Books/Other/key", **account)
    assert "1Password did not give op://Books/Other/key: RuntimeError" in str(found)
    assert SECRET not in str(found) + found.fix


@pytest.fixture
def vault() -> Iterator[dict[str, str]]:
    """A pretend Vault with one secret, for the official protocol of its client library."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers["X-Vault-Token"] == "vault-token"
            found = allowed and self.path == "/v1/secret/data/finance/stripe"
            body = {"data": {"data": {"key": SECRET}, "metadata": {}}} if found else {"errors": ["permission denied"]}
            self.send_response_only(200 if found else 403)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield {"VAULT_ADDR": f"http://127.0.0.1:{server.server_address[1]}", "VAULT_TOKEN": "vault-token"}
    server.shutdown()
    thread.join()
    server.server_close()


def test_vault_gives_one_field_of_a_secret(tmp_path: Path, vault: dict[str, str]) -> None:
    assert read(tmp_path, "vault://secret/finance/stripe#key", **vault) == SECRET


def test_what_vault_refuses_names_the_reference_and_the_fix(tmp_path: Path, vault: dict[str, str]) -> None:
    assert "has no field 'other'" in str(refusal(tmp_path, "vault://secret/finance/stripe#other", **vault))
    assert "Vault did not give vault://secret/a#b" in str(refusal(tmp_path, "vault://secret/a#b", **vault))
    assert "needs VAULT_ADDR and VAULT_TOKEN" in str(refusal(tmp_path, "vault://secret/a#b"))
