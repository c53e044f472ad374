"""The pretend Plaid: strict about who asks and what, honest about cursors."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from syncctl.sandbox.base import Sandbox, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.plaid import PlaidSandbox
from syncctl.sandbox.serve import Served


@pytest.fixture
def plaid(clock: FakeClock) -> PlaidSandbox:
    return PlaidSandbox(clock)


def headers(plaid: PlaidSandbox) -> dict[str, str]:
    return {"plaid-client-id": plaid.client_id, "plaid-secret": plaid.secret, "plaid-version": "2020-09-14"}


def ask(plaid: PlaidSandbox, path: str, method: str = "POST", **body: Any) -> tuple[int, dict[str, Any]]:
    answer = plaid.handle(SandboxRequest(method, path, (), headers(plaid), json.dumps(body).encode()))
    found: dict[str, Any] = json.loads(answer.body)
    return answer.status, found


def token(plaid: PlaidSandbox) -> str:
    return next(iter(plaid.banks.values())).token


def sync(plaid: PlaidSandbox, cursor: str = "", count: int = 100) -> dict[str, Any]:
    status, found = ask(plaid, "/transactions/sync", access_token=token(plaid), cursor=cursor, count=count)
    return found if status == 200 else {"error": found["error_code"]}


def test_an_update_is_told_once_and_in_full(plaid: PlaidSandbox) -> None:
    made = [plaid.seed("transaction", {"amount": n})["transaction_id"] for n in range(5)]
    first = sync(plaid, count=3)
    second = sync(plaid, first["next_cursor"], count=3)
    assert [one["transaction_id"] for one in (*first["added"], *second["added"])] == made
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert sync(plaid, second["next_cursor"])["added"] == []


def test_changes_and_removals_are_told_from_the_cursor_on(plaid: PlaidSandbox) -> None:
    kept, gone = (plaid.seed("transaction", {})["transaction_id"] for _ in range(2))
    cursor = sync(plaid)["next_cursor"]
    plaid.seed("transaction", {"transaction_id": kept, "name": "Renamed"})
    plaid.remove(gone)
    plaid.remove(plaid.seed("transaction", {})["transaction_id"])
    found = sync(plaid, cursor)
    assert [one["name"] for one in found["modified"]] == ["Renamed"]
    assert [one["transaction_id"] for one in found["removed"]] == [gone]
    assert set(found["removed"][0]) == {"account_id", "transaction_id"}
    assert gone not in {one["transaction_id"] for one in sync(plaid)["added"]}


def test_posting_gives_another_id_that_names_the_pending_one(plaid: PlaidSandbox) -> None:
    pending = plaid.seed("transaction", {"pending": True})["transaction_id"]
    cursor = sync(plaid)["next_cursor"]
    plaid.post(pending)
    found = sync(plaid, cursor)
    assert [one["pending_transaction_id"] for one in found["added"]] == [pending]
    assert [one["transaction_id"] for one in found["removed"]] == [pending]


def test_a_change_between_two_pages_ends_the_update(plaid: PlaidSandbox) -> None:
    for _ in range(5):
        plaid.seed("transaction", {})
    first = sync(plaid, count=3)
    plaid.seed("transaction", {})
    assert sync(plaid, first["next_cursor"], 3) == {"error": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"}
    assert len(sync(plaid)["added"]) == 6


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/transactions/sync", {}, "MISSING_FIELDS"),
        ("/transactions/sync", {"access_token": "x"}, "INVALID_ACCESS_TOKEN"),
        ("/transactions/sync", {"count": 501}, "INVALID_FIELD"),
        ("/transactions/sync", {"count": 0}, "INVALID_FIELD"),
        ("/transactions/sync", {"cursor": "made up"}, "INVALID_FIELD"),
        ("/transactions/sync", {"options": {"days_requested": 731}}, "INVALID_FIELD"),
        ("/transactions/sync", {"options": {"sort": "date"}}, "UNKNOWN_FIELDS"),
        ("/item/get", {"id": "x"}, "UNKNOWN_FIELDS"),
        ("/link/token/create", {}, "MISSING_FIELDS"),
        ("/link/token/get", {"link_token": "x"}, "INVALID_LINK_TOKEN"),
        ("/item/public_token/exchange", {"public_token": "x"}, "INVALID_PUBLIC_TOKEN"),
        ("/transactions/fetch", {}, "NOT_FOUND"),
    ],
)
def test_what_does_not_fit_is_refused_with_plaids_code(
    plaid: PlaidSandbox, path: str, body: dict[str, Any], code: str
) -> None:
    given = (
        body
        if not body or "access_token" in body or not path.startswith("/tra")
        else {**body, "access_token": token(plaid)}
    )
    status, found = ask(plaid, path, **given)
    assert (status in (400, 404), found["error_code"]) == (True, code)


def test_nobody_gets_in_with_another_secret(plaid: PlaidSandbox) -> None:
    plaid.secret = "another"
    wrong = {**headers(plaid), "plaid-secret": "wrong"}
    answer = plaid.handle(SandboxRequest("POST", "/item/get", (), wrong, b"{}"))
    assert json.loads(answer.body)["error_code"] == "INVALID_API_KEYS"
    assert ask(plaid, "/item/get", method="GET")[0] == 404


def test_a_bank_whose_customer_must_sign_in_shows_it_and_gives_nothing(plaid: PlaidSandbox) -> None:
    next(iter(plaid.banks.values())).login_required = True
    assert ask(plaid, "/item/get", access_token=token(plaid))[1]["item"]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    for path in ("/accounts/get", "/accounts/balance/get", "/transactions/sync"):
        assert ask(plaid, path, access_token=token(plaid))[1]["error_code"] == "ITEM_LOGIN_REQUIRED"


def test_fifty_updates_a_minute_are_the_limit(plaid: PlaidSandbox, clock: FakeClock) -> None:
    assert [sync(plaid).get("error") for _ in range(51)][-2:] == [None, "RATE_LIMIT_EXCEEDED"]
    clock.advance(60)
    assert sync(plaid).get("error") is None


def test_it_is_served_like_every_other_sandbox(plaid: PlaidSandbox) -> None:
    with Served({"plaid": Sandbox(plaid)}) as urls:
        answer = httpx.post(f"{urls['plaid']}/item/get", headers=headers(plaid), json={"access_token": token(plaid)})
    assert answer.json()["item"]["institution_name"] == "First Platypus Bank"


LINK = {"client_name": "x", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "u"}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**LINK, "products": ["transactions"], "hosted_link": True}, "hosted_link must be an object"),
        ({**LINK, "products": ["transactions"], "hosted_link": {"lifetime": 9}}, "not recognized"),
        ({**LINK, "products": ["transactions"], "hosted_link": {"url_lifetime_seconds": "9"}}, "positive integer"),
        ({**LINK, "products": ["transactions"], "user": {}}, "user.client_user_id"),
    ],
)
def test_a_link_that_is_asked_for_wrongly_is_refused(plaid: PlaidSandbox, body: dict[str, Any], said: str) -> None:
    status, found = ask(plaid, "/link/token/create", **body)
    assert (status, said in found["error_message"]) == (400, True)


def test_a_page_is_there_until_its_time_is_over_and_only_where_it_was_asked_for(
    plaid: PlaidSandbox, clock: FakeClock
) -> None:
    _, without = ask(plaid, "/link/token/create", **LINK, products=["transactions"])
    assert "hosted_link_url" not in without
    with pytest.raises(ValueError, match="no page"):
        plaid.finish_link(without["link_token"])
    hosted = {"url_lifetime_seconds": 60}
    _, found = ask(plaid, "/link/token/create", **LINK, products=["transactions"], hosted_link=hosted)
    clock.advance(61)
    with pytest.raises(ValueError, match="not any more"):
        plaid.finish_link(found["hosted_link_url"])
    assert len(plaid.banks) == 1


def test_a_removed_item_is_gone_and_the_next_one_has_an_id_of_its_own(plaid: PlaidSandbox) -> None:
    plaid.add_item("Oak Bank")
    first = token(plaid)
    assert ask(plaid, "/item/remove", access_token=first)[0] == 200
    assert ask(plaid, "/item/get", access_token=first)[1]["error_code"] == "ITEM_NOT_FOUND"
    assert plaid.add_item("Elm Bank").token not in (first, token(plaid))
    assert len(plaid.banks) == 2


def test_a_login_that_is_reset_must_be_given_again(plaid: PlaidSandbox) -> None:
    assert ask(plaid, "/sandbox/item/reset_login", access_token=token(plaid))[1]["reset_login"] is True
    assert sync(plaid) == {"error": "ITEM_LOGIN_REQUIRED"}
