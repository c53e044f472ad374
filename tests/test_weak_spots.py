"""`doctor` names what weakens a project: files others can read, network disks, broad keys, wrong clocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.house import House, house
from syncctl.ledger import engine
from syncctl.run.weak_spots import file_system, journal_check
from syncctl.sandbox.base import SandboxTransport

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/books /mnt/our\\040books nfs4 rw 0 0
tmpfs /mnt/our\\040books/local tmpfs rw 0 0
//nas/share /srv cifs rw 0 0
user@host: /home/me/remote fuse.sshfs rw 0 0
"""


@pytest.fixture
def fresh() -> Iterator[House]:
    with house() as found:
        yield found


def failed(said: Any) -> list[dict[str, str]]:
    return [row for row in said.json["rows"] if row["state"] == "FAILED"]


@pytest.mark.parametrize("name", ["ledger.db", "ledger.db.lock", ".env", "limits-are-not-secret"])
def test_what_others_can_read_is_named_with_its_chmod(fresh: House, name: str) -> None:
    path = fresh.folder / name
    path.touch()
    path.chmod(0o640)
    said = fresh.run("doctor", "--json")
    fixes = {row["fix"] for row in failed(said)}
    assert (f"chmod 600 {path}" in fixes) is (name != "limits-are-not-secret")
    assert said.code == (0 if name == "limits-are-not-secret" else 1)


def test_a_folder_in_which_others_can_replace_the_ledger_is_named(fresh: House) -> None:
    fresh.folder.chmod(0o777)
    (row,) = failed(fresh.run("doctor", "--json"))
    assert row["fix"] == f"chmod go-w {fresh.folder}"
    fresh.folder.chmod(0o1777)
    assert fresh.run("doctor").code == 0


def test_what_says_what_is_written_and_others_can_change_is_named(fresh: House) -> None:
    changed = [fresh.folder / name for name in ("syncctl.yaml", "mappings", "mappings/invoices.yaml")]
    for path in changed:
        path.chmod(path.stat().st_mode | 0o022)
    said = fresh.run("doctor", "--json")
    assert [row["fix"] for row in failed(said)] == [f"chmod o-w {path}" for path in changed]


@pytest.mark.parametrize("approves", [True, False])
def test_a_ledger_is_a_groups_only_where_a_second_user_approves(fresh: House, approves: bool) -> None:
    if approves:
        settings = fresh.folder / "syncctl.yaml"
        settings.write_text(settings.read_text().replace("# approve_above:", "approve_above:"))
    ledger, lock, env = (fresh.folder / name for name in ("ledger.db", "ledger.db.lock", ".env"))
    fresh.folder.chmod(0o2770)  # as docs/tasks.md says
    for path in fresh.folder.glob("ledger.*"):
        path.chmod(0o660)
    deciding = f"{fresh.folder / 'syncctl.yaml'} {fresh.folder / 'mappings'}"
    unread = [row for row in failed(fresh.run("doctor", "--json")) if row["cause"].endswith("can approve a plan")]
    group = ledger.group()
    assert [row["fix"] for row in unread] == [f"chgrp -R {group} {deciding}; chmod -R g+rX {deciding}"] * approves
    for path in (fresh.folder / "syncctl.yaml", *fresh.folder.glob("mappings/*")):
        path.chmod(0o640)
    (fresh.folder / "mappings").chmod(0o750)
    said = fresh.run("doctor", "--json")
    wanted = {f"chmod 600 {ledger}", f"chmod 600 {lock}", f"chmod go-w {fresh.folder}"}
    assert {row["fix"] for row in failed(said)} == (set() if approves else wanted)
    causes = [row["cause"] for row in said.json["rows"] if row["check"] == "private files"]
    assert any(f"the group {ledger.group()} can read and write the ledger" in one for one in causes) is approves
    for path, mode in ((ledger, 0o664), (env, 0o640), (fresh.folder, 0o2777)):
        path.chmod(mode)
    fixes = {row["fix"] for row in failed(fresh.run("doctor", "--json"))}
    everybody = f"chmod {'o' if approves else 'go'}-w {fresh.folder}"
    assert {f"chmod 600 {env}", everybody, f"chmod {'660' if approves else '600'} {ledger}"} <= fixes


def test_tokens_and_credential_files_are_private_too(fresh: House) -> None:
    tokens = fresh.folder / "tokens"
    tokens.mkdir(mode=0o755)
    tokens.chmod(0o755)
    secret = fresh.folder / "stripe.key"
    env = dict(line.split("=", 1) for line in (fresh.folder / ".env").read_text().splitlines())
    secret.write_text(env["STRIPE_API_KEY"])
    secret.chmod(0o644)
    settings = fresh.folder / "syncctl.yaml"
    settings.write_text(settings.read_text().replace("env:STRIPE_API_KEY", "file:stripe.key"))
    fixes = {row["fix"] for row in failed(fresh.run("doctor", "--json"))}
    assert {f"chmod 700 {tokens}", f"chmod 600 {secret}"} <= fixes


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/mnt/our books/ledger.db", "nfs4"),
        ("/mnt/our books/local/ledger.db", "tmpfs"),
        ("/srv/ledger.db", "cifs"),
        ("/srv2/ledger.db", "ext4"),
        ("/home/me/remote/x/ledger.db", "fuse.sshfs"),
        ("/home/me/ledger.db", "ext4"),
    ],
)
def test_a_path_lies_on_the_nearest_mount_above_it(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind
    assert file_system(Path(path), "") == ""


def test_a_ledger_on_a_network_share_is_named(fresh: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nnas:/b {fresh.folder} nfs4 rw 0 0\n")
    monkeypatch.setattr("syncctl.run.weak_spots.MOUNTS", table)
    (row,) = failed(fresh.run("doctor", "--json"))
    assert "network share (nfs4)" in row["cause"]
    assert "local disk" in row["fix"]


@pytest.mark.parametrize(
    ("version", "mode", "ok"),
    [((3, 40, 1), "delete", True), ((3, 40, 1), "wal", False), ((3, 51, 2), "wal", False), ((3, 51, 3), "wal", True)],
)
def test_a_journal_mode_that_this_sqlite_can_lose_pages_in_is_named(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], mode: str, ok: bool
) -> None:
    monkeypatch.setattr(engine.sqlite3, "sqlite_version_info", version)
    assert journal_check(mode).ok is ok


def test_a_secret_key_where_a_restricted_one_would_do_is_weak_and_no_failure(fresh: House) -> None:
    said = fresh.run("doctor", "--json")
    weak = {row["check"]: row["fix"] for row in said.json["rows"] if row["state"] == "weak"}
    assert (said.code, list(weak)) == (0, ["key of stripe", "key of hubspot"])
    assert "rk_" in weak["key of stripe"]
    # HubSpot tells of no key what it may write: what the mappings write is named, to be looked for on its page.
    assert weak["key of hubspot"].endswith("for crm.objects.contacts.write, crm.objects.deals.write")


class Late(SandboxTransport):
    """A vendor whose clock is ten minutes ahead of ours."""

    ahead = timedelta(minutes=10)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        answer.headers["Date"] = format_datetime(self.sandbox.vendor.clock.now() + self.ahead, usegmt=True)
        return answer


class OnTime(Late):
    ahead = timedelta(seconds=30)


class Nonsense(SandboxTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        answer.headers["Date"] = "yesterday"
        return answer


def test_a_clock_that_is_minutes_from_the_vendors_is_named(fresh: House) -> None:
    said = fresh.run("doctor", "--json", transport=Late)
    assert {row["check"] for row in failed(said)} == {"clock of stripe", "clock of quickbooks", "clock of hubspot"}
    assert all("seconds behind" in row["cause"] for row in failed(said))
    assert fresh.run("doctor", transport=OnTime).code == 0
    assert fresh.run("doctor", transport=Nonsense).code == 0


def test_a_sign_in_that_allows_more_than_is_needed_is_weak(fresh: House) -> None:
    settings = fresh.folder / "syncctl.yaml"
    text = settings.read_text()
    settings.write_text(
        text.replace(
            "credential: env:QUICKBOOKS_ACCESS_TOKEN", "sign_in: {client_id: env:QID, client_secret: env:QSECRET}"
        )
    )
    tokens = fresh.folder / "tokens"
    tokens.mkdir(mode=0o700)
    path = tokens / "ledger.db.quickbooks.sandbox.json"
    now = fresh.clock.now()
    scopes = ["com.intuit.quickbooks.accounting", "com.intuit.quickbooks.payment"]
    body = kept_json("quickbooks-sandbox-access-token", now, scopes)
    path.write_text(body)
    path.chmod(0o600)
    said = fresh.run("doctor", "--json", environment={"QID": "client", "QSECRET": "client-secret"})
    weak = [row for row in said.json["rows"] if row["state"] == "weak" and row["check"] == "key of quickbooks"]
    assert [row["cause"] for row in weak] == [
        "the sign-in allows more than is needed: com.intuit.quickbooks.payment"
    ], json.dumps(said.json["rows"])


def kept_json(access: str, now: Any, scopes: list[str]) -> str:
    from syncctl.auth.tokens import TOKENS, Kept, Tokens

    return TOKENS.write(Kept(Tokens(access, now + timedelta(hours=1), now, "refresh-token-kept", None, tuple(scopes))))
