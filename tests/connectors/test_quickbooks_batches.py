"""Batches have a limit of their own: 40 a minute for one app in one company, whatever else is sent."""

from __future__ import annotations

from connectors.quickbooks_setup import Company, company, create, update
from syncctl.model import Outcome, WriteReceipt
from syncctl.sandbox.clock import FakeClock


def batch(books: Company, number: int) -> tuple[WriteReceipt, ...]:
    names = (f"Firm {number} {side}" for side in ("left", "right"))
    return books.write(*(create("Customer", {"DisplayName": name}) for name in names))


def test_fifty_batches_in_a_row_are_spaced_and_none_is_refused(clock: FakeClock) -> None:
    books = company(clock)
    outcomes = [receipt.outcome for number in range(50) for receipt in batch(books, number)]
    assert outcomes == [Outcome.APPLIED] * 100
    assert 50 <= clock.slept < 120
    assert len(books.vendor.state()["Customer"]) == 100


def test_single_writes_and_reads_are_not_slowed_down_to_the_pace_of_batches(clock: FakeClock) -> None:
    books = company(clock)
    acme = books.seed("Customer", DisplayName="Acme")
    for number in range(40):
        assert books.write(update(acme, Notes=str(number)))[0].outcome is Outcome.APPLIED
    assert clock.slept < 25


def test_a_batch_waits_for_the_limit_of_all_requests_too(clock: FakeClock) -> None:
    books = company(clock)
    for _ in range(60):
        books.pull("Term")
    before = clock.slept
    assert batch(books, 1)[0].outcome is Outcome.APPLIED
    assert clock.slept > before
