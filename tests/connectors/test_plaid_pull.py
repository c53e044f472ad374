"""Plaid: one update is all its pages, the cursor moves with its rows, pending and posted are one record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plaid_wired import Wired, decoded, deleted, ids, raws

from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    LimitReached,
    RequestRefused,
    VendorUnavailable,
)
from syncctl.fields.codecs import decode, encode
from syncctl.ledger.engine import open_engine
from syncctl.ledger.records import Records
from syncctl.model import Action, Change, Money, Outcome, Page, Ref, Request, Window
from syncctl.sandbox.clock import FakeClock

AT = "2026-11-20T03:00:00+00:00"


@pytest.fixture
def wire(clock: FakeClock) -> Wired:
    return Wired(clock)


class Ledger:
    """A ledger that a pull is stored into the way `run.pull` does it."""

    def __init__(self) -> None:
        self.records = Records(open_engine(None))

    def pull(self, wire: Wired, *, full: bool = False, stop_after: int | None = None) -> None:
        windows = () if full else self.records.windows("bank", "transaction")
        if windows:
            self.records.start_pull("bank", "transaction")
        else:
            self.records.start_full("bank", "transaction")
        complete = False
        for number, page in enumerate(wire.plaid.pull("transaction", windows or None), 1):
            self.records.store_page("bank", "transaction", page, AT)
            complete = complete or page.complete
            if number == stop_after:
                return
        if complete:
            unseen = self.records.unseen("bank", "transaction")
            there = {record.ref.id for record in wire.plaid.find("transaction", "id", unseen)} if unseen else set()
            with self.records.engine.write():
                self.records.note_gone([Ref("bank", "transaction", one) for one in unseen if one not in there], AT)

    def held(self) -> dict[str, dict[str, Any]]:
        """Everything that is not gone, by id."""
        rows = self.records.engine.db.execute("SELECT rid FROM records WHERE gone = ''").fetchall()
        found = ((row[0], self.records.raw(Ref("bank", "transaction", row[0]))) for row in rows)
        return {identity: raw for identity, raw in found if raw is not None}


# --- cursors ----------------------------------------------------------------------------------------------------------


def test_all_pages_of_an_update_come_as_one_with_the_cursor_behind_them(wire: Wired) -> None:
    bought = [wire.buy() for _ in range(1_203)]
    (page,) = wire.pull()
    assert [record.ref.id for record in page.records] == bought
    assert page.complete
    assert [window.name for window in page.windows] == [f"item:{next(iter(wire.vendor.banks))}"]
    assert wire.syncs() == 3


def test_the_next_pull_brings_what_is_new_or_changed(wire: Wired) -> None:
    first, second = wire.buy(), wire.buy()
    (page,) = wire.pull()
    wire.vendor.seed("transaction", {"transaction_id": second, "name": "Renamed"})
    third = wire.buy()
    (update,) = wire.pull(page.windows)
    assert (set(ids([update])), update.complete) == ({second, third}, False)
    (quiet,) = wire.pull(update.windows)
    assert (quiet.records, quiet.windows, first in ids([page])) == ((), update.windows, True)


def test_an_update_that_is_cut_short_leaves_the_cursor_where_it_was(wire: Wired) -> None:
    for _ in range(1_100):
        wire.buy()
    wire.fault("500 before", path="/transactions/sync", skip=2, times=9)
    pages: list[Page] = []
    with pytest.raises(VendorUnavailable):
        pages.extend(wire.plaid.pull("transaction", None))
    assert pages == []
    wire.sandbox.faults.clear()
    assert len(ids(wire.pull())) == 1_100


def test_a_change_while_pages_are_read_begins_the_update_again(wire: Wired) -> None:
    bought = [wire.buy() for _ in range(1_200)]
    late: list[str] = []

    def meanwhile(page: int) -> None:
        if page == 2:
            late.append(wire.buy())
            wire.vendor.remove(bought[0])

    wire.vendor.before_page = meanwhile
    (page,) = wire.pull()
    assert set(ids([page])) == {*bought[1:], *late}
    assert wire.syncs() == 2 + 3


def test_a_cursor_that_stays_broken_gives_way_to_a_whole_reading(wire: Wired) -> None:
    """monetr #3126: the error stays with a stored cursor; Plaid's support says to begin at the beginning."""
    ledger, gone = Ledger(), wire.buy()
    ledger.pull(wire)
    bought = [wire.buy() for _ in range(600)]
    wire.vendor.remove(gone)
    (bank,) = wire.vendor.banks.values()

    def stuck(page: int) -> None:
        bank.stuck = page < 2 + 8

    wire.vendor.before_page = stuck
    ledger.pull(wire)
    assert set(ledger.held()) == set(bought)


def test_transactions_that_never_stand_still_end_the_pull(wire: Wired) -> None:
    for _ in range(600):
        wire.buy()
    next(iter(wire.vendor.banks.values())).stuck = True
    with pytest.raises(VendorUnavailable, match="changed each of 4 times"):
        wire.pull()


def test_every_bank_has_its_own_cursor_and_a_new_one_begins_at_its_beginning(wire: Wired) -> None:
    wire.buy()
    windows = wire.pull()[-1].windows
    second = wire.vendor.add_item("Second Bank").item["item_id"]
    there = wire.buy(item_id=second)
    pages = wire.pull(windows)
    assert ids(pages) == [there]
    assert [window.name for window in pages[-1].windows] == [f"item:{item}" for item in wire.vendor.banks]


def test_a_whole_reading_that_is_cut_short_goes_on_and_still_finds_what_is_gone(wire: Wired) -> None:
    ledger = Ledger()
    second = wire.vendor.add_item("Second Bank").item["item_id"]
    kept, gone, there = wire.buy(), wire.buy(), wire.buy(item_id=second)
    ledger.pull(wire)
    wire.vendor.remove(gone)
    ledger.pull(wire, full=True, stop_after=1)
    ledger.pull(wire)
    assert set(ledger.held()) == {kept, there}


def test_a_bank_that_is_still_being_read_is_asked_again_next_time(wire: Wired) -> None:
    (bank,) = wire.vendor.banks.values()
    bank.ready = False
    (page,) = wire.pull()
    assert (page.records, page.complete) == ((), False)
    bank.ready = True
    bought = wire.buy()
    assert ids(wire.pull(page.windows)) == [bought]


def test_history_is_asked_for_as_far_back_as_configured(clock: FakeClock) -> None:
    asked = []
    wire = Wired(clock, options={"days": "400", "category_version": "v2"})
    handle = wire.vendor.handle

    def keep(request: Any) -> Any:
        asked.append(request.body)
        return handle(request)

    wire.vendor.handle = keep  # type: ignore[method-assign]
    windows = wire.pull()[-1].windows
    wire.pull(windows)
    syncs = [body for body in asked if b'"count"' in body]
    assert b'"days_requested":400' in syncs[0]
    assert b'"personal_finance_category_version":"v2"' in syncs[0]
    assert b"days_requested" not in syncs[1]


# --- pending and posted -----------------------------------------------------------------------------------------------


def test_a_posted_transaction_is_the_record_that_was_pending(wire: Wired) -> None:
    pending = wire.buy(pending=True, amount=10)
    (first,) = wire.pull()
    posted = wire.vendor.post(pending, amount=11.5)["transaction_id"]
    (second,) = wire.pull(first.windows)
    assert ids([first]) == ids([second]) == [pending]
    assert (raws([second])[pending]["transaction_id"], raws([second])[pending]["amount"]) == (posted, Decimal("11.5"))
    assert second.deleted == ()
    assert [wire.plaid.state("transaction", decoded(one)) for one in (first.records[0], second.records[0])] == [
        "draft", "open",
    ]  # fmt: skip


def test_it_stays_one_record_through_later_changes(wire: Wired) -> None:
    ledger, pending = Ledger(), wire.buy(pending=True)
    ledger.pull(wire)
    posted = wire.vendor.post(pending)["transaction_id"]
    ledger.pull(wire)
    wire.vendor.seed("transaction", {"transaction_id": posted, "name": "Renamed"})
    ledger.pull(wire)
    assert {identity: raw["name"] for identity, raw in ledger.held().items()} == {pending: "Renamed"}


def test_pending_and_posted_on_different_pages_are_one_record(wire: Wired) -> None:
    pending = wire.buy(pending=True)
    windows = wire.pull()[-1].windows
    bank = next(iter(wire.vendor.banks.values()))
    bank.remove(pending)
    for _ in range(700):
        wire.buy()
    wire.buy(transaction_id="posted", pending_transaction_id=pending)
    (page,) = wire.pull(windows)
    assert deleted([page]) == set()
    assert raws([page])[pending]["transaction_id"] == "posted"


def test_a_pending_transaction_that_never_posts_is_gone(wire: Wired) -> None:
    ledger, pending, kept = Ledger(), wire.buy(pending=True), wire.buy()
    ledger.pull(wire)
    wire.vendor.remove(pending)
    ledger.pull(wire)
    assert set(ledger.held()) == {kept}


def test_a_posted_transaction_that_is_taken_back_is_gone_under_its_first_id(wire: Wired) -> None:
    ledger, pending, kept = Ledger(), wire.buy(pending=True), wire.buy()
    ledger.pull(wire)
    posted = wire.vendor.post(pending)["transaction_id"]
    ledger.pull(wire)
    wire.vendor.remove(posted)
    ledger.pull(wire)
    assert set(ledger.held()) == {kept}


@given(
    st.lists(
        st.tuples(st.sampled_from(["buy", "hold", "post", "change", "remove", "pull", "full"]), st.integers(0, 50)),
        max_size=25,
    )
)
@example([("buy", 0), ("buy", 0), ("pull", 0), ("remove", 0), ("full", 0), ("remove", 0), ("full", 0)])
def test_whatever_banks_do_the_ledger_holds_what_they_hold(deeds: list[tuple[str, int]]) -> None:
    wire, ledger = Wired(FakeClock()), Ledger()
    ledger.pull(wire)
    for deed, place in deeds:
        held = list(wire.vendor.state()["transaction"].values())
        chosen = held[place % len(held)] if held else None
        if deed in ("buy", "hold"):
            wire.buy(pending=deed == "hold")
        elif deed in ("pull", "full"):
            ledger.pull(wire, full=deed == "full")
        elif chosen is not None and deed == "post" and chosen["pending"]:
            wire.vendor.post(chosen["transaction_id"])
        elif chosen is not None and deed == "change":
            wire.vendor.seed("transaction", {"transaction_id": chosen["transaction_id"], "name": str(place)})
        elif chosen is not None and deed == "remove":
            wire.vendor.remove(chosen["transaction_id"])
    wire.clock.advance(3600)
    ledger.pull(wire)
    truth = wire.vendor.state()["transaction"].values()
    found = {raw["transaction_id"]: raw["name"] for raw in ledger.held().values()}
    assert found == {one["transaction_id"]: one["name"] for one in truth}
    assert len(found) == len(ledger.held())


# --- values -----------------------------------------------------------------------------------------------------------


def test_an_amount_is_read_both_ways_round(wire: Wired) -> None:
    spent, earned = wire.buy(amount=12.34), wire.buy(amount=-1000)
    schema = next(one for one in wire.plaid.describe() if one.kind == "transaction")
    field, found = schema.fields["signed_amount"], raws(wire.pull())
    assert field.place == "amount"
    assert decode(field.codec, found[spent]["amount"], "USD") == Money(Decimal("-12.34"), "USD")
    assert decode(field.codec, found[earned]["amount"], "USD") == Money(Decimal(1000), "USD")
    assert encode(field.codec, Money(Decimal("-12.34"), "USD"), "USD") == Decimal("12.34")
    assert (schema.amount, schema.dated, schema.identity) == ("signed_amount", "date", "id")


def test_categories_keep_their_version_and_nothing_can_be_written(wire: Wired) -> None:
    wire.buy()
    (raw,) = raws(wire.pull()).values()
    assert (raw["personal_finance_category"]["version"], raw["item_id"]) == ("v2", next(iter(wire.vendor.banks)))
    for schema in wire.plaid.describe():
        assert schema.actions == frozenset()
        assert all(field.writable == "never" for field in schema.fields.values())


def test_items_and_accounts_come_whole_every_time(wire: Wired) -> None:
    (items,) = wire.pull(kind="item")
    (accounts,) = wire.pull(kind="account")
    (item,), (account,) = raws([items]).values(), raws([accounts]).values()
    assert (items.complete, accounts.complete) == (True, True)
    assert (item["institution_name"], account["item_id"]) == ("First Platypus Bank", item["item_id"])
    assert wire.plaid.find("account", "account_id", [account["account_id"], "none"]) == accounts.records
    assert wire.plaid.find("item", "item_id", ["none"]) == ()
    assert "/accounts/get" in {entry["path"] for entry in wire.sandbox.log}


def test_live_balances_are_asked_for_where_configured(clock: FakeClock) -> None:
    wire = Wired(clock, options={"balances": "live"})
    wire.pull(kind="account")
    assert wire.sandbox.log[-1]["path"] == "/accounts/balance/get"


def test_a_row_that_cannot_be_read_is_set_aside(wire: Wired) -> None:
    good = wire.buy()
    wire.buy(transaction_id="bad", pending_transaction_id=["no", "id"])
    (page,) = wire.pull()
    assert (ids([page]), [row.id for row in page.poison]) == ([good], ["bad"])


def test_single_transactions_are_found_among_all_with_one_reading(wire: Wired) -> None:
    bought = [wire.buy() for _ in range(5)]
    assert [one.ref.id for one in wire.plaid.find("transaction", "id", [bought[3], "none"])] == [bought[3]]
    assert wire.plaid.find("transaction", "id", bought[:1])[0].ref.id == bought[0]
    assert wire.syncs() == 1
    with pytest.raises(RequestRefused, match="cannot look up"):
        wire.plaid.find("transaction", "name", ["x"])


def test_nothing_is_ever_written(wire: Wired) -> None:
    target = Ref("bank", "transaction", "t1")
    change = Change("i", "m", Action.UPDATE, target, None, "x")
    with pytest.raises(ValueError, match="only reads"):
        wire.plaid.prepare([change], [None], "k", ["r"])
    request = Request("bank", "transaction", Action.UPDATE, "POST", "/x", rows=("r",))
    assert wire.plaid.send(request)[0].outcome is Outcome.REJECTED
    assert wire.plaid.probe(request, [change], wire.clock.now())[0].outcome is Outcome.UNKNOWN
    assert wire.sandbox.log == []


# --- the door ---------------------------------------------------------------------------------------------------------


def test_a63_a_bank_that_wants_a_sign_in_ends_with_4_and_the_way_out(wire: Wired) -> None:
    second = wire.vendor.add_item("Second Bank")
    bought = wire.buy(item_id=second.item["item_id"])
    next(iter(wire.vendor.banks.values())).login_required = True
    pages: list[Page] = []
    with pytest.raises(AuthenticationFailed) as caught:
        pages.extend(wire.plaid.pull("transaction", None))
    assert (caught.value.exit_code, caught.value.exchange.code) == (4, "ITEM_LOGIN_REQUIRED")
    assert "Plaid Link" in caught.value.fix
    assert ids(pages) == [bought]  # the other bank is read all the same
    assert not any(page.complete for page in pages)
    next(iter(wire.vendor.banks.values())).login_required = False
    again = wire.pull(pages[-1].windows)
    assert again[-1].complete


def test_a64_a_token_of_somebody_else_is_refused_without_a_word_of_it(clock: FakeClock) -> None:
    token = "access-sandbox-00000000-0000-0000-0000-00000000dead"
    wire = Wired(clock, credential=f"5f0c00000000000000000001:plaid-sandbox-secret-000000001:{token}")
    with pytest.raises(AuthenticationFailed) as caught:
        wire.plaid.company()
    assert caught.value.exchange.code == "INVALID_ACCESS_TOKEN"
    assert token not in f"{caught.value} {caught.value.exchange}"


@pytest.mark.parametrize(
    "credential",
    ["", "a:b", "a:b:c", "a::access-sandbox-1", "a:b:access-sandbox-1,", "a:b:access-sandbox-1,access-production-2",
     "a:b:access-sandbox-1:d"],
)  # fmt: skip
def test_a_credential_of_another_form_is_told_without_repeating_it(clock: FakeClock, credential: str) -> None:
    wire = Wired(clock, credential=credential or " ")
    with pytest.raises(CredentialError) as caught:
        wire.plaid.company()
    assert caught.value.exit_code == 4
    assert "CLIENT_ID:SECRET" in f"{caught.value} {caught.value.fix}" or "access" in f"{caught.value}"
    assert wire.sandbox.log == []


def test_the_company_is_plaids_client_and_the_tokens_say_whether_it_is_live(wire: Wired) -> None:
    found = wire.plaid.company()
    assert (found.id, found.name, found.live) == ("5f0c00000000000000000001", "Plaid, 1 bank", False)


@pytest.mark.parametrize(
    "options", [{"days": "0"}, {"days": "731"}, {"days": "many"}, {"balances": "fresh"}, {"category_version": "v9"},
                {"per_minute": "0"}, {"day": "90"}],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(clock: FakeClock, options: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Wired(clock, options=options)


def test_a60_the_limit_is_kept_and_waited_for(clock: FakeClock) -> None:
    wire = Wired(clock, limits=True)
    windows = wire.pull()[-1].windows
    for _ in range(120):
        windows = wire.pull(windows)[-1].windows
    assert 429 not in {entry["status"] for entry in wire.sandbox.log}
    before = clock.slept
    wire.fault("429", times=2)
    wire.pull(windows)
    assert clock.slept - before >= 40


def test_a60_a_limit_that_stays_ends_with_75(wire: Wired) -> None:
    wire.fault("429", times=99)
    with pytest.raises(LimitReached) as caught:
        wire.pull()
    assert caught.value.exit_code == 75


@pytest.mark.parametrize("fault", ["lost", "500 before", "500 after", "truncated"])
def test_lost_answers_are_asked_for_again(wire: Wired, fault: str) -> None:
    bought = [wire.buy() for _ in range(600)]
    for path in ("/item/get", "/transactions/sync"):
        wire.fault(fault, path=path)
    assert ids(wire.pull()) == bought


def test_an_answer_of_another_shape_is_no_crash(wire: Wired) -> None:
    wire.plaid._client.items()
    wire.vendor._routed = lambda *_: {"added": {}, "has_more": "no"}  # type: ignore[method-assign]
    with pytest.raises(AnswerUnreadable, match="no page of transactions"):
        wire.pull()


def test_windows_of_a_bank_that_is_no_longer_named_are_dropped(wire: Wired) -> None:
    windows = (*wire.pull()[-1].windows, Window("item:removed", "c"))
    assert [window.name for window in wire.pull(windows)[-1].windows] == [f"item:{next(iter(wire.vendor.banks))}"]
