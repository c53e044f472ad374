"""Pulling from Xero: every record once at least, none lost, dates on their day, whatever happens meanwhile."""

from __future__ import annotations

import os
import time
from datetime import date
from typing import Any

import pytest

from connectors.xero_setup import NAME, Organisation, create, ids, line, only, organisation, raw, update
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, LimitReached, RequestRefused
from syncctl.fields.codecs import decode
from syncctl.model import Action, Change, Edit, Outcome, Page, Ref, Window
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.xero.limits import Allowance


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    return organisation(clock, {"page_rows": "20"})


def contacts(books: Organisation, count: int, prefix: str = "Contact") -> set[str]:
    """Made an hour before anything else happens."""
    made = {books.seed("Contact", Name=f"{prefix} {number}").id for number in range(count)}
    books.clock.advance(3600)
    return made


def since(pages: list[Page]) -> tuple[Window, ...]:
    return pages[-1].windows


def bill(books: Organisation, **more: Any) -> Ref:
    if not books.all("Contact"):
        books.seed("Contact", Name="Acme")
    contact = {"ContactID": books.all("Contact")[0]["ContactID"]}
    body = {"Type": "ACCREC", "Contact": contact, "LineItems": [line(100)], "Date": "2026-11-19",
            "DueDate": "2026-12-19", "Status": "AUTHORISED", **more}  # fmt: skip
    return books.seed("Invoice", **body)


def test_a_full_pull_ends_complete_and_goes_on_with_changes(books: Organisation) -> None:
    made = contacts(books, 45)
    pages = books.pull("Contact")
    assert ids(pages) == made
    assert [page.complete for page in pages] == [False, False, True]
    assert [window.name for window in since(pages)] == ["since"]


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 40, 61])
def test_every_size_of_a_list_is_whole(books: Organisation, count: int) -> None:
    made = contacts(books, count)
    pages = books.pull("Contact")
    assert ids(pages) == made
    assert pages[-1].complete


def test_a48_all_of_1001_contacts_are_pulled_in_two_calls(clock: FakeClock) -> None:
    books = organisation(clock)
    made = contacts(books, 1001)
    assert ids(books.pull("Contact")) == made
    assert [each.query["pageSize"] for each in books.wire.exchanges] == ["1000", "1000"]


def test_a48_records_made_during_paging_do_not_hide_others(books: Organisation) -> None:
    made = contacts(books, 50)
    pull = books.connector.pull("Contact", None)
    first = next(pull)
    contacts(books, 30, "Late")
    pages = [first, *pull]
    assert made <= ids(pages)
    later = books.pull("Contact", since(pages))
    assert len(ids([*pages, *later])) == 80


def test_a48_records_changed_during_paging_are_not_lost(books: Organisation) -> None:
    made = contacts(books, 50)
    pull = books.connector.pull("Contact", None)
    first = next(pull)
    for identity in sorted(ids([first])):
        books.vendor.edit("Contact", identity, EmailAddress="a@b.example")
    assert ids([first, *pull]) == made


def test_a48_a_list_that_hides_records_is_not_believed(books: Organisation) -> None:
    made = contacts(books, 30)
    books.vendor.unlisted.add(sorted(made)[7])
    with pytest.raises(AnswerUnreadable, match="counts more of Contact than it lists"):
        books.pull("Contact")


def test_a_pull_cut_short_at_any_page_goes_on_and_ends_with_the_exact_set(books: Organisation) -> None:
    made = contacts(books, 85)
    whole = books.pull("Contact")
    for cut in range(1, len(whole)):
        begun = books.connector.pull("Contact", None)
        pages = [next(begun) for _ in range(cut)]
        rest = books.pull("Contact", pages[-1].windows)
        assert ids([*pages, *rest]) == made
        assert rest[-1].complete
        assert len(rest) == len(whole) - cut


def test_only_what_changed_is_pulled_again(books: Organisation) -> None:
    made = contacts(books, 45)
    first = books.pull("Contact")
    books.clock.advance(3600)
    assert ids(books.pull("Contact", since(first))) == set()
    changed = sorted(made)[3]
    books.vendor.edit("Contact", changed, EmailAddress="a@b.example")
    pages = books.pull("Contact", since(first))
    assert ids(pages) == {changed}
    assert not pages[-1].complete
    assert "if-modified-since" in books.wire.exchanges[-1].headers


def test_a_pull_of_changes_reaches_back_a_while_for_late_rows(books: Organisation) -> None:
    contacts(books, 1)
    first = books.pull("Contact")
    late = books.seed("Contact", Name="Late").id
    books.vendor.edit("Contact", late, UpdatedDateUTC=books.held(Ref(NAME, "Contact", late))["UpdatedDateUTC"])
    books.clock.advance(60)
    assert late in ids(books.pull("Contact", since(first)))
    asked = books.wire.exchanges[-1].headers["if-modified-since"]
    assert asked == "2026-11-20T03:55:00"  # five minutes before the first pull, UTC, to the second


def test_changes_that_do_not_move_the_stamp_are_seen_once_a_week(clock: FakeClock) -> None:
    books = organisation(clock)
    invoice = bill(books)
    pay(books, invoice, 40)
    clock.advance(3600)
    first = books.pull("Invoice")
    clock.advance(3600)
    assert only(books.write(update(invoice, DueDate="2027-01-31"))).outcome is Outcome.APPLIED
    second = books.pull("Invoice", since(first))
    assert ids(second) == set()  # Xero's own page says so
    clock.advance(7 * 86_400)
    third = books.pull("Invoice", since(second))
    assert third[-1].complete
    assert [raw(record)["DueDate"] for page in third for record in page.records] == ["2027-01-31T00:00:00Z"]


def pay(books: Organisation, invoice: Ref, amount: object) -> Ref:
    account = next(each for each in books.all("Account") if each["Code"] == "090")["AccountID"]
    body = {"Invoice": {"InvoiceID": invoice.id}, "Account": {"AccountID": account}, "Date": "2026-11-19"}
    return books.seed("Payment", Amount=amount, **body)


def test_archived_contacts_are_pulled_and_say_so(books: Organisation) -> None:
    there = books.seed("Contact", Name="Gone quiet", ContactStatus="ARCHIVED")
    (page,) = books.pull("Contact")
    assert [record.ref for record in page.records] == [there]
    assert books.connector.state("Contact", raw(page.records[0])) == "archived"


def test_a8_a_merged_contact_is_gone_and_the_one_it_became_is_read_again(books: Organisation) -> None:
    loser, winner = books.seed("Contact", Name="Acme Inc"), books.seed("Contact", Name="Acme")
    first = books.pull("Contact")
    books.clock.advance(3600)
    books.vendor.merge(loser.id, winner.id)
    (page,) = books.pull("Contact", since(first))
    assert (page.deleted, page.dirty) == ((loser,), (winner,))
    assert loser not in {record.ref for record in page.records}
    assert books.connector.find("Contact", "ContactID", [loser.id]) == ()
    assert books.connector.find("Contact", "Name", ["Acme Inc"]) == ()


def test_invoices_come_with_their_lines_and_four_decimals(books: Organisation) -> None:
    bill(books, LineItems=[line("0.1648", Quantity=7000)])
    (page,) = books.pull("Invoice")
    (found,) = raw(page.records[0])["LineItems"]
    assert (str(found["UnitAmount"]), str(found["LineAmount"])) == ("0.1648", "1153.60")
    assert books.wire.exchanges[-1].query["unitdp"] == "4"


def test_voided_and_deleted_documents_are_pulled_and_say_so(books: Organisation) -> None:
    states = {
        bill(books, Status=status).id: state
        for status, state in (("VOIDED", "void"), ("DELETED", "void"), ("DRAFT", "draft"), ("SUBMITTED", "draft"),
                              ("AUTHORISED", "open"))
    }  # fmt: skip
    (page,) = books.pull("Invoice")
    assert {record.ref.id: books.connector.state("Invoice", raw(record)) for record in page.records} == states


@pytest.mark.parametrize("kind", ["Account", "Item", "TaxRate", "TrackingCategory", "Organisation", "Payment",
                                  "CreditNote", "BankTransaction", "ManualJournal"])  # fmt: skip
def test_every_kind_is_pulled_whole(books: Organisation, kind: str) -> None:
    invoice = bill(books)
    pay(books, invoice, 5)
    books.seed("Item", Code="HW-1", Name="Gateway", SalesDetails={"UnitPrice": 20, "AccountCode": "200"})
    contact = {"ContactID": books.all("Contact")[0]["ContactID"]}
    books.seed("CreditNote", Type="ACCRECCREDIT", Contact=contact, LineItems=[line(5)], Status="AUTHORISED")
    books.seed("BankTransaction", Type="RECEIVE", Contact=contact, BankAccount={"Code": "090"}, LineItems=[line(5)])
    books.seed("ManualJournal", Narration="fees", Date="2026-11-19", JournalLines=[
        {"LineAmount": 5, "AccountCode": "404"}, {"LineAmount": -5, "AccountCode": "880"}])  # fmt: skip
    pages = books.pull(kind)
    assert ids(pages) == set(books.vendor.state()[kind])
    assert pages[-1].complete
    assert all(page.poison == () for page in pages)


# --- rows ------------------------------------------------------------------------------------------------------------


def test_a_row_keeps_its_bytes_but_for_its_dates(books: Organisation) -> None:
    there = books.seed("Contact", Name="Café Müller \\/Date(0)\\/")
    (page,) = books.pull("Contact")
    record = page.records[0]
    assert record.ref == there
    assert record.updated_at == "2026-11-20T03:00:00Z"
    assert record.version == ""
    before, after = record.raw.split(b'"UpdatedDateUTC"')
    assert before in books.wire.exchanges[0].answer
    assert after == b':"2026-11-20T03:00:00Z"}'


@pytest.mark.parametrize("zone", ["America/Chicago", "Pacific/Auckland", "UTC"])
def test_a44_a_date_is_the_day_that_xero_shows_on_any_host(
    books: Organisation, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = bill(books, Date="2026-10-31")
    pay(books, invoice, 115)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        found = raw(books.read(invoice))
        days = [decode("date", found[name]) for name in ("Date", "DueDate", "FullyPaidOnDate")]
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert days == [date(2026, 10, 31), date(2026, 12, 19), date(2026, 11, 19)]
    assert os.environ.get("TZ") is None


def test_dates_before_1970_and_beyond_any_calendar_are_read_or_left(books: Organisation) -> None:
    from syncctl.connectors.xero.rows import readable_dates

    body = (
        b'{"Date":"\\/Date(-62135596800000)\\/", "UpdatedDateUTC" : "/Date(1563753600123+1300)/", "Text":"/Date(0)/"}'
    )
    assert readable_dates(body) == (
        b'{"Date":"0001-01-01T00:00:00Z", "UpdatedDateUTC" : "2019-07-22T00:00:00.123Z", "Text":"/Date(0)/"}'
    )
    endless = b'{"Date":"\\/Date(999999999999999)\\/"}'
    assert readable_dates(endless) == endless


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_come(books: Organisation) -> None:
    contacts(books, 3)
    stored = books.vendor.books.all("Contact")
    poisoned = min(stored)
    stored[poisoned] = {**stored[poisoned], "UpdatedDateUTC": 5}
    (page,) = books.pull("Contact", None)
    assert len(page.records) == 2
    assert [(each.id, each.kind) for each in page.poison] == [(poisoned, "Contact")]
    assert "UpdatedDateUTC" in page.poison[0].reason
    assert page.complete


# --- limits and trouble ----------------------------------------------------------------------------------------------


def test_a60_a_minute_limit_is_waited_for(clock: FakeClock) -> None:
    books = organisation(clock, {"page_rows": "1"}, allowance=Allowance(per_minute=10))
    made = contacts(books, 25)
    assert ids(books.pull("Contact")) == made
    assert clock.slept > 0
    assert not [entry for entry in books.sandbox.log if entry["status"] not in (200, 429)]


def test_a60_sixty_calls_go_out_at_once_and_the_next_waits_for_the_minute(clock: FakeClock) -> None:
    books = organisation(clock, {"page_rows": "1"})
    contacts(books, 70)
    books.pull("Contact")
    assert [entry["status"] for entry in books.sandbox.log] == [200] * 70
    assert clock.slept == 60.0


def test_a60_a_day_limit_stops_at_once_and_the_pull_goes_on_tomorrow(books: Organisation) -> None:
    made = contacts(books, 60)
    pull = books.connector.pull("Contact", None)
    first = next(pull)
    books.vendor.use_up_the_day()
    slept = books.clock.slept
    with pytest.raises(LimitReached, match="today's allowance of Xero calls for this organisation is used up") as stop:
        next(pull)
    assert (stop.value.wait_seconds, stop.value.exit_code) == (None, 75)
    assert "goes on where it stopped" in stop.value.fix
    assert books.clock.slept == slept
    books.clock.advance(86_400)
    assert ids([first, *books.pull("Contact", first.windows)]) == made


def test_a_failing_answer_is_tried_again(books: Organisation) -> None:
    made = contacts(books, 3)
    for fault in ("500 before", "lost", "truncated", "429"):
        books.fault(fault)
    assert ids(books.pull("Contact")) == made


def test_a62_an_expired_token_stops_with_what_to_do(clock: FakeClock) -> None:
    books = organisation(clock, presented="some-other-token")
    with pytest.raises(AuthenticationFailed, match="does not accept the credential") as refused:
        books.pull("Contact")
    assert refused.value.fix == "connect Xero again"
    assert "some-other-token" not in f"{refused.value.message}{refused.value.exchange}"


def test_a_missing_scope_is_named(clock: FakeClock) -> None:
    books = organisation(clock, scopes=["accounting.contacts.read", "accounting.settings.read"])
    assert books.pull("Contact")[-1].complete
    with pytest.raises(AuthenticationFailed, match=r"lacks the scope accounting\.invoices\.read"):
        books.pull("Invoice")


@pytest.mark.parametrize("scope", ["accounting.transactions", "accounting.transactions.read", "accounting.invoices"])
def test_broad_and_granular_scopes_open_the_same_invoices(clock: FakeClock, scope: str) -> None:
    books = organisation(clock, scopes=[scope])
    assert books.pull("Invoice")[-1].complete


def test_an_unknown_filter_is_refused_by_the_vendor_and_told(books: Organisation) -> None:
    with pytest.raises(RequestRefused, match="The filter lacks a comparison"):
        books.connector._client.page("Contact", 1, more=(("where", "Name LIKE 1"),))


def test_a_void_of_a_payment_shows_as_void(books: Organisation) -> None:
    paid = pay(books, bill(books), 5)
    change_ = Change("i", "m", Action.VOID, paid, None, "p", (Edit("Status", None, None),))
    assert only(books.write(change_)).outcome is Outcome.APPLIED
    assert books.connector.state("Payment", raw(books.read(paid))) == "void"


def test_what_is_read_stays_the_same_when_nothing_changes(books: Organisation) -> None:
    bill(books)
    first, second = books.pull("Invoice"), books.pull("Invoice")
    assert [page.records for page in first] == [page.records for page in second]
    assert only(books.write(create("Contact", Name="Beta"))).outcome is Outcome.APPLIED
