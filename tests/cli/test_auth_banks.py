"""auth at a system whose banks are connected one by one: what people type, what is kept, and what it tells them."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from cli.house import Said, Stream
from syncctl.cli.app import run
from syncctl.cli.session import Session
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.plaid import PlaidSandbox
from syncctl.sandbox.serve import Served

SIGN_IN = "sign_in: {client_id: env:PLAID_ID, client_secret: env:PLAID_KEY}"
TEXT = f"systems:\n  bank: {{connector: plaid, environment: sandbox, {SIGN_IN}}}\nbooks: {{time_zone: UTC}}\n"


class Screen(Stream):
    """Whoever reads the address does something with it."""

    def __init__(self, person: Callable[[str], None]) -> None:
        super().__init__()
        self.person = person

    def flush(self) -> None:
        (address,) = re.findall(r"^https?://\S+$", self.getvalue(), re.MULTILINE) or [""]
        if address:
            person, self.person = self.person, lambda _: None
            person(address)


class Office:
    """A project with a bank system, its pretend vendor, and a person at the screen."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.vendor = PlaidSandbox(self.clock, limits=False)
        self.vendor.banks.clear()
        self.box = Sandbox(self.vendor)
        self.person: Callable[[str], None] = self.vendor.finish_link
        self.write(TEXT)

    def write(self, text: str) -> None:
        (self.folder / "syncctl.yaml").write_text(text)
        (self.folder / "mappings").mkdir(exist_ok=True)

    def run(self, *words: str, **environment: str) -> Said:
        out, err = Stream(), Screen(self.person)
        session = Session(
            out=out,
            err=err,
            answers=Stream(),
            environment={
                "SYNCCTL_CONFIG": "/nonexistent",
                "COLUMNS": "200",
                "PLAID_ID": self.vendor.client_id,
                "PLAID_KEY": self.vendor.secret,
                **environment,
            },
            surroundings={"transports": {"bank": SandboxTransport(self.box)}, "clock": self.clock},
        )
        code = run(["--project", str(self.folder), *words], session)
        return Said(code, out.getvalue(), err.getvalue())

    def connect(self, institution: str) -> Said:
        self.person = lambda url: self.vendor.finish_link(url, institution)
        return self.run("auth", "login", "bank", "--paste", "--json")

    @property
    def kept(self) -> Path:
        return self.folder / "tokens" / "ledger.db.bank.sandbox.json"

    def rows(self) -> list[dict[str, str]]:
        return [dict(row) for row in self.run("auth", "status", "--json").json["rows"]]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    return Office(tmp_path)


def test_a_bank_is_connected_and_its_transactions_are_pulled(office: Office) -> None:
    said = office.connect("Oak Bank")
    assert said.code == 0, said.err
    assert "https://secure.plaid.com/hl/link-sandbox-" in said.err
    (row,) = said.json["rows"]
    (item,) = office.vendor.banks
    assert (row["item"], row["company"], row["state"], row["fix"]) == (item, "Oak Bank", "connected", "")
    office.vendor.seed("transaction", {"name": "Rent"})
    pulled = office.run("pull", "bank", "--json")
    assert pulled.code == 0, pulled.err
    assert "/transactions/sync" in [entry["path"] for entry in office.box.log]


def test_without_paste_the_page_opens_in_the_browser(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert office.run("auth", "login", "bank").code == 0
    (address,) = opened
    assert address.startswith("https://secure.plaid.com/hl/")


def test_the_token_is_kept_privately_before_anything_else_is_asked(office: Office) -> None:
    office.box.faults.append(Fault("500 before", path="/item/get", times=99))
    said = office.connect("Oak Bank")
    assert said.code == 4
    kept = json.loads(office.kept.read_text())
    (bank,) = office.vendor.banks.values()
    assert {one["token"] for one in kept["items"].values()} == {bank.token}
    assert stat.S_IMODE(office.kept.stat().st_mode) == 0o600
    paths = [entry["path"] for entry in office.box.log]
    assert paths[paths.index("/item/public_token/exchange") + 1] == "/item/get"
    office.box.faults.clear()
    assert office.rows()[0]["state"] == "connected"


def test_several_banks_stand_side_by_side_each_with_its_own_state(office: Office) -> None:
    office.connect("Oak Bank")
    office.connect("Elm Bank")
    oak, elm = office.vendor.banks.values()
    elm.login_required = True
    said = office.run("auth", "status", "bank", "--json")
    assert said.code == 4
    first, second = said.json["rows"]
    assert (first["company"], first["state"]) == ("Oak Bank", "connected")
    assert second["state"] == "the bank wants its customer to sign in again (ITEM_LOGIN_REQUIRED)"
    item = elm.item["item_id"]
    assert second["fix"] == f"sign in to the bank again: syncctl auth login bank --item {item}"
    office.person = office.vendor.finish_link
    again = office.run("auth", "login", "bank", "--paste", "--item", item, "--json")
    assert (again.code, again.json["rows"][0]["state"]) == (0, "connected")
    assert set(office.vendor.banks) == {oak.item["item_id"], item}, "no third bank was made"
    assert office.run("auth", "status").code == 0


def test_a_page_that_is_done_while_the_bank_still_refuses_is_no_success(office: Office) -> None:
    office.connect("Oak Bank")
    (bank,) = office.vendor.banks.values()
    bank.login_required = True

    def halfway(url: str) -> None:
        office.vendor.finish_link(url)
        bank.login_required = True

    office.person = halfway
    said = office.run("auth", "login", "bank", "--paste", "--item", bank.item["item_id"])
    assert said.code == 4
    assert "the bank still says" in said.error["cause"]


def test_a_page_that_is_closed_ends_with_4_the_cause_and_the_fix_and_keeps_nothing(office: Office) -> None:
    office.person = office.vendor.leave_link
    said = office.run("auth", "login", "bank", "--paste")
    assert said.code == 4
    assert "closed before it was done" in said.error["cause"]
    assert said.error["fix"] == "start again: syncctl auth login bank"
    assert not office.kept.exists()


def test_a_page_that_nobody_opens_ends_with_4(office: Office) -> None:
    office.person = lambda _: None
    said = office.run("auth", "login", "bank", "--paste")
    assert (said.code, "within 30 minutes" in said.error["cause"]) == (4, True)


def test_before_the_first_bank_status_and_pull_say_how_to_connect_one(office: Office) -> None:
    (row,) = office.rows()
    assert (row["state"], row["fix"]) == ("no bank is connected", "connect one: syncctl auth login bank")
    said = office.run("pull", "bank")
    assert (said.code, "syncctl auth login bank" in said.err) == (4, True)
    assert office.run("auth", "logout", "bank").code == 64


def test_one_bank_is_let_go_and_the_others_stay(office: Office) -> None:
    office.connect("Oak Bank")
    office.connect("Elm Bank")
    oak, elm = office.vendor.banks
    said = office.run("auth", "logout", "bank", "--item", oak)
    assert said.code == 0
    assert "disconnected from Oak Bank" in said.err
    assert list(office.vendor.banks) == [elm]
    assert [row["item"] for row in office.rows()] == [elm]
    assert office.run("auth", "logout", "bank").code == 0
    assert (office.vendor.banks, office.kept.exists()) == ({}, False)


def test_a_bank_that_plaid_does_not_forget_stays_because_only_its_token_can_end_it(office: Office) -> None:
    office.connect("Oak Bank")
    office.box.faults.append(Fault("500 before", path="/item/remove", times=99))
    assert office.run("auth", "logout", "bank").code == 1
    assert office.kept.exists()


def test_an_item_that_is_not_there_and_one_of_a_system_without_items_are_told(office: Office) -> None:
    office.connect("Oak Bank")
    said = office.run("auth", "login", "bank", "--item", "nothing")
    assert (said.code, "there is no item 'nothing'" in said.err) == (64, True)
    assert office.run("auth", "login", "banc").code == 64


def test_another_client_than_the_ledgers_is_refused_before_any_page_is_opened(office: Office) -> None:
    office.connect("Oak Bank")
    assert office.run("pull", "bank").code == 0
    before = len(office.box.log)
    said = office.run("auth", "login", "bank", "--paste", PLAID_ID="5f0c00000000000000000002")
    assert (said.code, len(office.box.log)) == (6, before)
    assert "this ledger belongs to client 5f0c00000000000000000001" in said.error["cause"]


def test_tokens_that_a_reference_names_still_work_and_are_not_signed_in_to(office: Office) -> None:
    office.vendor.add_item("Oak Bank")
    office.write(TEXT.replace(SIGN_IN, "credential: env:PLAID"))
    assert office.run("pull", "bank", PLAID=office.vendor.credential).code == 0
    said = office.run("auth", "login", "bank", PLAID=office.vendor.credential)
    assert said.code == 78
    assert "write `sign_in:` in its place" in said.error["fix"]


def test_no_token_and_no_secret_is_written_to_any_stream_or_to_the_ledger(office: Office) -> None:
    said = office.connect("Oak Bank")
    (bank,) = office.vendor.banks.values()
    pulled = office.run("pull", "bank", "-vv")
    status = office.run("auth", "status")
    written = "".join(one.out + one.err for one in (said, pulled, status))
    ledger = (office.folder / "ledger.db").read_bytes()
    for secret in (bank.token, office.vendor.secret):
        assert secret not in written
        assert secret.encode() not in ledger


def test_the_served_sandbox_has_a_page_that_connects_a_bank(office: Office) -> None:
    with Served({"plaid": office.box}) as urls:
        office.write(TEXT.replace("environment", f'base_url: "{urls["plaid"]}", environment'))

        def person(url: str) -> None:
            assert url.startswith(urls["plaid"])
            assert httpx.get(url, trust_env=False).status_code == 200

        session = Session(
            out=Stream(),
            err=Screen(person),
            answers=Stream(),
            environment={
                "SYNCCTL_CONFIG": "/nonexistent",
                "PLAID_ID": office.vendor.client_id,
                "PLAID_KEY": office.vendor.secret,
            },
            surroundings={"clock": office.clock},
        )
        assert run(["--project", str(office.folder), "auth", "login", "bank", "--paste"], session) == 0
