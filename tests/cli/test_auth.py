"""auth: signing in as a person does, how it stands, what is refused, and a night on tokens that rotate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import cast

import pytest

from cli.house import House, Said, house
from cli.person import type_as_a_person
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.oauth import App
from syncctl.sandbox.quickbooks import QuickBooksSandbox

APP = {"QB_ID": App().id, "QB_KEY": App().secret}
SIGN_IN = "sign_in: {client_id: env:QB_ID, client_secret: env:QB_KEY}"


@pytest.fixture
def signing() -> Iterator[House]:
    """A house whose QuickBooks is signed in to."""
    with house() as found:
        path = found.folder / "syncctl.yaml"
        path.write_text(path.read_text().replace("credential: env:QUICKBOOKS_ACCESS_TOKEN", SIGN_IN))
        vendor(found).token = "nobody-has-this"
        yield found


def vendor(found: House) -> QuickBooksSandbox:
    return cast("QuickBooksSandbox", found.boxes["quickbooks"].vendor)


def login(found: House, *, words: Sequence[str] = ("auth", "login", "quickbooks", "--paste")) -> Said:
    return type_as_a_person(found, "quickbooks", *words, environment=APP)


def test_a_person_signs_in_and_sees_which_company_it_opens_and_for_how_long(signing: House) -> None:
    said = login(signing, words=("auth", "login", "quickbooks", "--paste", "--json"))
    assert said.code == 0
    (row,) = said.json["rows"]
    assert row["company"] == "Northwind Billing (9130350000000001)"
    assert row["state"] == "signed in"
    assert row["sign_in_ends"] in ("in 100 days", "in 101 days")  # 101, less what the calls took
    assert row["access_until"].startswith("2026-11-20T04:0")


def test_a_run_works_on_the_tokens_and_an_hour_later_on_new_ones(signing: House) -> None:
    login(signing)
    assert signing.run("pull", "quickbooks", environment=APP).code == 0
    signing.clock.advance(3600)
    assert signing.run("pull", "quickbooks", environment=APP).code == 0
    assert vendor(signing).oauth.asked == ["authorization_code", "refresh_token"]


def test_a62_a_token_that_the_vendor_ends_in_the_middle_of_a_pull_is_renewed_and_the_pull_goes_on(
    signing: House,
) -> None:
    login(signing)
    box = signing.boxes["quickbooks"]
    before = len(box.log)

    class Ending(SandboxTransport):
        """The vendor ends all access tokens after the third request."""

        def handle_request(self, request):  # type: ignore[no-untyped-def]
            if self.sandbox is box and len(box.log) == before + 3:
                vendor(signing).oauth.expire()
            return super().handle_request(request)

    said = signing.run("pull", "quickbooks", environment=APP, transport=Ending)
    assert said.code == 0, said.err
    assert vendor(signing).oauth.asked.count("refresh_token") == 1
    assert 401 in [entry["status"] for entry in box.log[before:]]


def test_a64_signing_in_to_another_company_is_refused_and_the_old_sign_in_stays(signing: House) -> None:
    login(signing)
    kept = (signing.folder / "tokens" / "ledger.db.quickbooks.sandbox.json").read_text()
    path = signing.folder / "syncctl.yaml"
    path.write_text(path.read_text().replace("9130350000000001", "9130350000000002"))
    said = login(signing)
    assert said.code in (4, 6), said.err
    assert (signing.folder / "tokens" / "ledger.db.quickbooks.sandbox.json").read_text() == kept


def test_status_tells_every_system_without_asking_a_vendor(signing: House) -> None:
    login(signing)
    before = {name: len(box.log) for name, box in signing.boxes.items()}
    said = signing.run("auth", "status", "--json", environment=APP)
    rows = {row["system"]: row for row in said.json["rows"]}
    assert (rows["quickbooks"]["by"], rows["quickbooks"]["state"]) == ("sign-in, authorization_code", "signed in")
    assert (rows["stripe"]["by"], rows["stripe"]["store"]) == ("secret", "env:STRIPE_API_KEY")
    assert said.code == 0
    assert {name: len(box.log) for name, box in signing.boxes.items()} == before


def test_status_of_a_system_nobody_signed_in_to_is_4_with_the_command(signing: House) -> None:
    said = signing.run("auth", "status", "quickbooks", "--json", environment=APP)
    (row,) = said.json["rows"]
    assert said.code == 4
    assert (row["state"], row["fix"]) == ("nobody is signed in", "sign in: syncctl auth login quickbooks")


def test_signing_out_is_told_to_the_vendor_and_forgotten_here(signing: House) -> None:
    login(signing)
    said = signing.run("auth", "logout", "quickbooks", environment=APP)
    assert said.code == 0
    assert vendor(signing).oauth.asked[-1] == "revoke"
    assert not list((signing.folder / "tokens").glob("*.json"))
    assert signing.run("auth", "logout", "quickbooks", environment=APP).code == 64


def test_a_system_with_a_key_has_nothing_to_sign_in_to(signing: House) -> None:
    said = signing.run("auth", "login", "stripe", environment=APP)
    assert said.code == 78
    assert "credential" in said.err


def test_no_token_and_no_secret_of_the_app_is_written_to_any_stream_or_to_the_ledger(signing: House) -> None:
    said = login(signing)
    signing.clock.advance(3600)
    pulled = signing.run("pull", "quickbooks", "-vv", environment=APP)
    kept = json.loads((signing.folder / "tokens" / "ledger.db.quickbooks.sandbox.json").read_text())
    written = said.out + said.err + pulled.out + pulled.err
    ledger = (signing.folder / "ledger.db").read_bytes()
    for secret in (kept["access"], kept["refresh"], APP["QB_KEY"]):
        assert secret not in written
        assert secret.encode() not in ledger
