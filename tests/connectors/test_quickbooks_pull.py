"""Pulling from QuickBooks: every record once at least, none lost, whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.quickbooks_setup import NAME, Company, company, ids, raw, sold, update
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, LimitReached, RequestRefused
from syncctl.model import Page, Ref, Window
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Company:
    return company(clock, {"page_rows": "20"})


def customers(books: Company, count: int) -> set[str]:
    """Made an hour before anything else happens."""
    made = {books.seed("Customer", DisplayName=f"Customer {number}").id for number in range(count)}
    books.clock.advance(3600)
    return made


def since(pages: list[Page]) -> tuple[Window, ...]:
    return pages[-1].windows


def invoice(books: Company, amount: str = "100") -> Ref:
    if not books.vendor.state().get("Customer"):
        books.seed("Customer", DisplayName="Acme")
    return books.seed("Invoice", CustomerRef={"value": "1"}, Line=[sold(amount)])


def test_a_full_pull_ends_complete_and_goes_on_with_changes(books: Company) -> None:
    made = customers(books, 45)
    pages = books.pull("Customer")
    assert ids(pages) == made
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert [window.name for window in since(pages)] == ["since"]


def test_a_record_is_kept_byte_for_byte_with_version_and_utc_stamp(books: Company) -> None:
    books.seed("Customer", DisplayName="Café Müller", SyncToken="7")
    (page,) = books.pull("Customer")
    record = page.records[0]
    answer = books.wire.exchanges[0][3]
    assert record.raw in answer
    assert (record.version, record.updated_at) == ("7", "2026-11-20T03:00:00Z")


def test_inactive_records_are_pulled_too(books: Company) -> None:
    books.seed("Customer", DisplayName="Gone quiet", Active=False)
    assert len(ids(books.pull("Customer"))) == 1


def test_items_are_asked_for_with_their_sku(books: Company) -> None:
    books.seed("Item", Name="Gateway", Type="Service", Sku="HW-1", IncomeAccountRef={"value": "4"})
    found = [raw(record) for page in books.pull("Item") for record in page.records]
    assert "HW-1" in {item.get("Sku") for item in found}


@pytest.mark.parametrize("id_order", ["text", "number"])
@pytest.mark.parametrize("count", [1, 19, 20, 21, 40, 61])
def test_every_size_of_a_listing_is_whole(clock: FakeClock, id_order: str, count: int) -> None:
    books = company(clock, {"page_rows": "20"}, id_order=id_order)
    made = customers(books, count)
    pages = books.pull("Customer")
    assert ids(pages) == made
    assert pages[-1].complete


def test_a48_all_of_1001_customers_are_pulled(clock: FakeClock) -> None:
    books = company(clock)
    made = customers(books, 1001)
    pages = books.pull("Customer")
    assert ids(pages) == made
    assert len(books.queries()) == 3  # two pages and one count


@pytest.mark.parametrize("deleted", [1, 5, 15])
def test_a48_invoices_deleted_during_paging_do_not_hide_others(clock: FakeClock, deleted: int) -> None:
    books = company(clock, {"page_rows": "20"})
    made = {invoice(books).id for _ in range(70)}
    pull = books.connector.pull("Invoice", None)
    first = next(pull)
    gone = sorted(ids([first]))[-deleted:]
    for identity in gone:
        books.vendor.books.remove("Invoice", identity)
    assert ids([first, *pull]) == made


def test_a48_records_inserted_during_paging_do_not_hide_others(books: Company) -> None:
    made = customers(books, 50)
    pull = books.connector.pull("Customer", None)
    first = next(pull)
    customers_before = len(made)
    for number in range(30):
        books.seed("Customer", DisplayName=f"Late {number}")
    pages = [first, *pull]
    assert made <= ids(pages)
    books.clock.advance(60)
    later = books.pull("Customer", since(pages))
    assert len(ids([*pages, *later])) == customers_before + 30


def test_a48_a_listing_that_hides_records_is_not_believed(books: Company) -> None:
    customers(books, 30)
    books.vendor.unlisted.add(("Customer", "7"))
    with pytest.raises(AnswerUnreadable, match="counts more of Customer than it lists"):
        books.pull("Customer")


def test_a_pull_cut_short_at_any_page_goes_on_and_ends_with_the_exact_set(books: Company) -> None:
    made = customers(books, 85)
    whole = books.pull("Customer")
    for cut in range(1, len(whole)):
        begun = books.connector.pull("Customer", None)
        kept = [next(begun) for _ in range(cut)]
        begun.close()
        rest = books.pull("Customer", kept[-1].windows)
        assert ids([*kept, *rest]) == made
        assert rest[-1].complete


def test_a_pull_that_goes_on_later_still_tells_what_changed_since_its_beginning(books: Company) -> None:
    customers(books, 45)
    begun = books.connector.pull("Customer", None)
    first = next(begun)
    begun.close()
    books.clock.advance(3600)
    changed = Ref(NAME, "Customer", min(ids([first])))
    books.write(update(changed, Notes="changed after it was pulled"))
    rest = books.pull("Customer", first.windows)
    later = books.pull("Customer", since(rest))
    assert changed.id in ids(later)


def test_changes_since_hold_only_what_changed_and_overlap_a_little(books: Company) -> None:
    customers(books, 30)
    first = books.pull("Customer")
    books.clock.advance(3600)
    new = books.seed("Customer", DisplayName="New")
    (page,) = books.pull("Customer", since(first))
    assert ids([page]) == {new.id}
    assert not page.complete
    assert books.wire.exchanges[-1][1]["changedSince"] == "2026-11-20T03:55:00+00:00"  # five minutes early


def test_nothing_changed_is_an_empty_page_whose_cursor_moves(books: Company) -> None:
    customers(books, 3)
    first = books.pull("Customer")
    books.clock.advance(3600)
    (page,) = books.pull("Customer", since(first))
    assert page.records == ()
    assert page.windows == (Window("since", since="2026-11-20T05:00:00Z"),)


def test_a_deleted_invoice_is_told_after_a_read_confirms_it(books: Company) -> None:
    kept, gone = invoice(books), invoice(books)
    first = books.pull("Invoice")
    books.clock.advance(3600)
    books.vendor.books.remove("Invoice", gone.id)
    (page,) = books.pull("Invoice", since(first))
    assert page.deleted == (gone,)
    assert kept.id not in {ref.id for ref in page.deleted}


def test_a_record_falsely_called_deleted_is_kept(books: Company) -> None:
    there = invoice(books)
    first = books.pull("Invoice")
    books.clock.advance(60)
    books.vendor.falsely_deleted.add(("Invoice", there.id))
    (page,) = books.pull("Invoice", since(first))
    assert page.deleted == ()
    assert ids([page]) == {there.id}


def test_changed_items_are_read_whole_for_their_sku(books: Company) -> None:
    first = books.pull("Item")
    books.clock.advance(3600)
    item = books.seed("Item", Name="Gateway", Type="Service", Sku="HW-1", IncomeAccountRef={"value": "4"})
    (page,) = books.pull("Item", since(first))
    assert [raw(record)["Sku"] for record in page.records if record.ref == item] == ["HW-1"]


@pytest.mark.parametrize(("days", "complete"), [(29, False), (31, True)])
def test_a46_an_old_cursor_means_a_full_comparison(books: Company, days: int, complete: bool) -> None:
    made = customers(books, 25)
    first = books.pull("Customer")
    books.clock.advance(timedelta(days=days).total_seconds())
    pages = books.pull("Customer", since(first))
    assert pages[-1].complete is complete
    assert ids(pages) == (made if complete else set())


def test_a47_exactly_1000_changed_customers_are_queried_by_their_time_of_change(clock: FakeClock) -> None:
    books = company(clock)
    old = customers(books, 5)
    first = books.pull("Customer")
    clock.advance(3600)
    new = customers(books, 1200)
    pages = books.pull("Customer", since(first))
    assert ids(pages) == new
    assert not old & ids(pages)
    assert not pages[-1].complete
    clock.advance(3600)
    (after,) = books.pull("Customer", since(pages))
    assert after.records == ()


def test_a47_a_split_that_is_cut_short_goes_on(clock: FakeClock) -> None:
    books = company(clock, {"page_rows": "400"})
    first = books.pull("Customer")
    clock.advance(3600)
    new = customers(books, 1100)
    begun = books.connector.pull("Customer", since(first))
    page = next(begun)
    begun.close()
    rest = books.pull("Customer", page.windows)
    assert ids([page, *rest]) == new
    assert rest[-1].windows[0].name == "since"


def test_a47_exactly_1000_changed_invoices_mean_a_full_comparison_because_some_may_be_deleted(
    clock: FakeClock,
) -> None:
    books = company(clock)
    first_invoice = invoice(books)
    first = books.pull("Invoice")
    clock.advance(3600)
    for _ in range(1000):
        invoice(books)
    books.vendor.books.remove("Invoice", first_invoice.id)
    pages = books.pull("Invoice", since(first))
    assert pages[-1].complete
    assert len(ids(pages)) == 1000
    assert first_invoice.id not in ids(pages)


@pytest.mark.parametrize("kind", ["TaxCode", "Preferences", "CompanyInfo"])
def test_kinds_the_change_feed_does_not_know_are_pulled_whole_every_time(books: Company, kind: str) -> None:
    first = books.pull(kind)
    books.clock.advance(3600)
    again = books.pull(kind, since(first))
    assert ids(again) == ids(first) != set()
    assert again[-1].complete


def test_every_kind_on_the_card_can_be_pulled(books: Company) -> None:
    for kind in books.connector.card.kinds:
        pages = books.pull(kind)
        assert pages[-1].complete
        books.clock.advance(5)
        assert books.pull(kind, since(pages))


def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(books: Company) -> None:
    customers(books, 3)
    stored = books.vendor.books.all("Customer")
    stored["2"] = {**stored["2"], "MetaData": {"LastUpdatedTime": "yesterday"}}
    (page,) = books.pull("Customer")
    assert ids([page]) == {"1", "3"}
    (poison,) = page.poison
    assert (poison.kind, poison.id) == ("Customer", "2")
    assert b'"Customer 1"' in poison.raw
    assert "LastUpdatedTime" in poison.reason


def test_a_limit_on_a_read_waits_a_minute_and_goes_on(books: Company) -> None:
    made = customers(books, 3)
    books.fault("429", times=2)
    assert ids(books.pull("Customer")) == made
    assert 120 <= books.clock.slept < 125


def test_a_read_tries_again_after_a_500_and_a_broken_answer(books: Company) -> None:
    made = customers(books, 3)
    books.fault("500 before")
    books.fault("truncated")
    assert ids(books.pull("Customer")) == made


def test_a61_a_used_up_quota_is_named_and_stops_at_once(clock: FakeClock) -> None:
    books = company(clock, quota=0)
    with pytest.raises(LimitReached, match=r"monthly quota of QuickBooks reads \(CorePlus calls\)") as caught:
        books.pull("Customer")
    assert caught.value.wait_seconds is None
    assert len(books.sandbox.log) == 1
    assert caught.value.exit_code == 75


def test_a61_a_429_that_does_not_go_away_names_the_quota_and_does_not_storm(books: Company) -> None:
    books.fault("429", times=100)
    with pytest.raises(LimitReached) as caught:
        books.pull("Customer")
    assert "CorePlus quota" in caught.value.fix
    assert len(books.sandbox.log) == 5


def test_a61_writes_go_on_when_reads_are_blocked(clock: FakeClock) -> None:
    from connectors.quickbooks_setup import create
    from syncctl.model import Outcome

    books = company(clock, quota=0)
    (receipt,) = books.write(create("Customer", {"DisplayName": "Acme"}))
    assert receipt.outcome is Outcome.APPLIED


def test_a67_a_token_in_an_error_is_never_shown(clock: FakeClock) -> None:
    books = company(clock, presented="AB01secretsecretsecret")
    with pytest.raises(AuthenticationFailed) as caught:
        books.pull("Customer")
    shown = f"{caught.value.message} {caught.value.fix} {caught.value.exchange}"
    assert "AB01secret" not in shown
    assert "Token expired: [redacted]" in shown
    assert caught.value.exchange.code == "3200"


def test_another_company_is_refused(clock: FakeClock) -> None:
    books = company(clock)
    books.vendor.realm = "42"
    with pytest.raises(AuthenticationFailed, match="not allowed into this company"):
        books.connector.company()


def test_an_error_names_code_and_request_id(books: Company) -> None:
    with pytest.raises(RequestRefused) as caught:
        books.connector._client.get("customer/1/5")
    assert caught.value.exchange.code == "500"
    assert caught.value.exchange.vendor_request_id.startswith("1-")


def test_every_call_says_minor_version_75(books: Company) -> None:
    books.pull("Customer")
    books.connector.describe()
    assert {query["minorversion"] for _, query, _, _ in books.wire.exchanges} == {"75"}


def test_the_sandbox_is_never_faster_than_its_limit_allows(books: Company) -> None:
    customers(books, 500)
    assert len(ids(books.pull("Customer"))) == 500
    assert [entry["status"] for entry in books.sandbox.log if entry["status"] != 200] == []
