"""A sign-in that a vendor ended, or that ends soon: one message with the way out, and no second try."""

from __future__ import annotations

from dataclasses import replace

from house import House
from test_auth import APP, login, signing, vendor

__all__ = ["signing"]


def test_a63_a_sign_in_that_the_vendor_took_away_ends_the_run_with_one_message_and_one_try(signing: House) -> None:
    login(signing)
    vendor(signing).oauth.revoke_all()
    signing.clock.advance(3600)
    before = len(signing.boxes["quickbooks"].log)
    said = signing.run("reconcile", "--dry-run", environment=APP)
    asked = [entry["path"] for entry in signing.boxes["quickbooks"].log[before:]]
    assert (said.code, said.err.count("syncctl auth login quickbooks")) == (4, 1)
    assert vendor(signing).oauth.asked.count("refresh_token") == 1
    assert len(asked) == 1  # the refusal of the refresh token; nothing goes out with a token that ended


def test_a63_status_says_how_many_days_a_sign_in_lasts_and_that_it_ended(signing: House) -> None:
    login(signing)
    signing.clock.advance(80 * 86_400)
    (row,) = signing.run("auth", "status", "quickbooks", "--json", environment=APP).json["rows"]
    assert row["sign_in_ends"] in ("in 20 days", "in 21 days")
    assert row["state"] == "signed in, ends soon: sign in: syncctl auth login quickbooks"
    signing.clock.advance(30 * 86_400)
    said = signing.run("auth", "status", "quickbooks", "--json", environment=APP)
    assert (said.code, said.json["rows"][0]["fix"]) == (4, "sign in: syncctl auth login quickbooks")


def test_a63_a_run_and_doctor_warn_within_30_days_before_a_sign_in_ends(signing: House) -> None:
    login(signing)
    words = "the sign-in to quickbooks ends in"
    assert words not in signing.run("pull", "quickbooks.CompanyInfo", environment=APP).err
    signing.clock.advance(75 * 86_400)
    oauth = vendor(signing).oauth
    oauth.rules = replace(oauth.rules, refresh_seconds=20 * 86_400)  # the next refresh says when it ends for good
    said = signing.run("pull", "quickbooks.CompanyInfo", environment=APP)
    assert said.code == 0
    assert said.err.count(words) == 1
    assert "sign in before that: syncctl auth login quickbooks" in said.err
    rows = signing.run("doctor", "--json", environment=APP).json["rows"]
    (told,) = (row for row in rows if words in row["cause"])
    assert told["fix"] == "sign in before that: syncctl auth login quickbooks"
