"""The pretend company: repeatable, consistent to the cent, with every kind of break."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import phonenumbers
import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from syncctl.fields.text import clean_text
from syncctl.sandbox.breaks import KINDS, Planted, plan_breaks
from syncctl.sandbox.breaks_kind import touched
from syncctl.sandbox.company import build_company
from syncctl.sandbox.facts import DECIMALS, Company, Payment

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SEEDS = st.integers(min_value=0, max_value=2**32)


@cache
def company() -> Company:
    return build_company(NOW)


def test_the_same_seed_gives_the_same_company() -> None:
    assert build_company(NOW) == company()
    assert plan_breaks(build_company(NOW)) == plan_breaks(company())


def test_another_seed_gives_another_company() -> None:
    other = build_company(NOW, seed=2)
    assert [customer.name for customer in other.customers] != [customer.name for customer in company().customers]


@pytest.mark.parametrize(("scale", "customers"), [(0.0, 60), (0.5, 150), (1.0, 300), (4.0, 1200)])
def test_the_scale_sets_the_size(scale: float, customers: int) -> None:
    found = build_company(NOW, scale=scale)
    assert len(found.customers) == customers
    assert 1.5 * customers <= len(found.invoices) <= 2.4 * customers
    assert len({customer.name for customer in found.customers}) == customers
    assert len({invoice.number for invoice in found.invoices}) == len(found.invoices)


def test_everything_happened_in_the_ninety_days_before_now() -> None:
    found = company()
    moments = [
        *(customer.created for customer in found.customers),
        *(lead.created for lead in found.leads),
        *(invoice.issued for invoice in found.invoices),
        *(payment.paid for payment in found.payments),
        *(refund.made for refund in found.refunds),
        *(note.issued for note in found.credit_notes),
        *(payout.arrives for payout in found.payouts),
        *(deal.created for deal in found.deals),
    ]
    assert NOW - timedelta(days=90) <= min(moments)
    assert max(moments) < NOW


def test_names_carry_what_trips_programs_up() -> None:
    names = "\n".join(customer.name for customer in company().customers)
    for awkward in ("'", "’", "&", "%", "\\", '"', "/", "#", ","):
        assert awkward in names
    assert any(unicodedata.category(letter) == "So" for letter in names)
    assert any("CJK" in unicodedata.name(letter, "") for letter in names)
    assert not set(names) & set(":\t")


def test_there_are_three_currencies_and_exempt_customers() -> None:
    currencies = Counter(customer.currency for customer in company().customers)
    assert all(currencies[currency] >= 30 for currency in ("USD", "EUR", "JPY"))
    assert sum(customer.tax_exempt for customer in company().customers) >= 20


def test_telephone_numbers_and_countries_are_real_forms() -> None:
    for customer in company().customers:
        assert phonenumbers.is_valid_number(phonenumbers.parse(customer.person.phone))
        assert pycountry.countries.lookup(customer.address.country_name).alpha_2 == customer.address.country


def test_money_moves_in_every_way_that_is_asked_for() -> None:
    found = company()
    parts = Counter(len(payment.applied) for payment in found.payments)
    assert parts[2] >= 3
    assert parts[3] >= 1
    assert sum(payment.unapplied > 0 for payment in found.payments) >= 5
    assert sum(refund.amount < refund.payment.amount for refund in found.refunds) >= 3
    assert sum(0 < found.remaining(invoice) < invoice.total for invoice in found.invoices) >= 10
    assert sum(invoice.discount > 0 for invoice in found.invoices) >= 30
    assert 5 <= sum(invoice.shipping > 0 for invoice in found.invoices) <= 60
    assert sum(invoice.tax > 0 for invoice in found.invoices) >= 30
    assert {invoice.terms for invoice in found.invoices} == {"Net 30", "Net 15", "Due on receipt"}
    assert {payment.method for payment in found.payments} == {"card", "link", "us_bank_account", "customer_balance"}


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_every_company_adds_up(seed: int) -> None:
    found = build_company(NOW, seed=seed, scale=0)
    for invoice in found.invoices:
        assert invoice.total == invoice.subtotal - invoice.discount + invoice.tax + invoice.shipping > 0
        assert 0 <= found.remaining(invoice) <= invoice.total
        for amount in (invoice.total, invoice.tax, *(line.amount for line in invoice.lines)):
            assert amount == round(amount, DECIMALS[invoice.currency])
    for payment in found.payments:
        assert payment.unapplied >= 0
        assert {part.invoice.customer for part in payment.applied} == {payment.customer}
        assert all(part.invoice.issued < payment.paid and not part.invoice.void for part in payment.applied)
    for refund in found.refunds:
        assert 0 < refund.amount <= refund.payment.amount
        assert refund.made > refund.payment.paid
    for note in found.credit_notes:
        assert 0 < note.amount < note.invoice.total
        assert len(note.number) <= 21


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_every_payout_is_the_sum_of_its_movements(seed: int) -> None:
    found = build_company(NOW, seed=seed, scale=0)
    paid_out = [movement for payout in found.payouts for movement in payout.movements]
    assert len(paid_out) == len({movement.key for movement in paid_out})
    assert len(found.movements) == len(found.payments) + len(found.refunds)
    for payout in found.payouts:
        assert payout.amount == sum(movement.net for movement in payout.movements) > 0
        assert all(movement.available <= payout.created for movement in payout.movements)
    for movement in found.movements:
        assert movement.net == movement.amount - movement.fee
        assert (movement.amount > 0) == isinstance(movement.source, Payment)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_every_company_has_a_break_of_every_kind_and_none_touches_another(seed: int) -> None:
    found = build_company(NOW, seed=seed, scale=0)
    breaks = plan_breaks(found)
    assert Counter(planted.kind for planted in breaks) == Counter(kind.name for kind in KINDS)
    facts = [fact for kind in KINDS for fact in kind.eligible(found) if Planted(breaks).has(kind.name, fact.key)]
    assert len({touched(fact) for fact in facts}) == len(breaks)


def test_the_kinds_of_breaks_keep_their_names() -> None:
    assert sorted(kind.name for kind in KINDS) == [
        "colon_name",
        "contact_phone_drift",
        "contact_unlinked",
        "credit_memo_missing",
        "currency_mismatch",
        "customer_address_stale",
        "customer_email_changed",
        "customer_inactive",
        "customer_missing",
        "customer_unlinked",
        "deal_amount_differs",
        "deal_number_missing",
        "deal_stage_stale",
        "due_date_differs",
        "invoice_line_amount",
        "invoice_missing",
        "invoice_tie",
        "invoice_unlinked",
        "invoice_voided",
        "item_renamed",
        "name_lookalike",
        "orphan_invoice",
        "payment_missing",
        "payment_unapplied",
        "po_number_typo",
        "project_id_missing",
        "refund_missing",
        "rounding_cent",
    ]


def test_breaks_grow_with_the_company() -> None:
    counts = Counter(planted.kind for planted in plan_breaks(company()))
    assert counts == {kind.name: kind.count for kind in KINDS}
    more = Counter(planted.kind for planted in plan_breaks(build_company(NOW, scale=3)))
    assert more["invoice_missing"] == 3 * counts["invoice_missing"]


def test_every_break_is_one_sentence_with_its_values() -> None:
    for planted in plan_breaks(company()):
        assert planted.right != planted.wrong
        assert planted.sentence.endswith((".", "?"))
        assert "{" not in planted.sentence


def test_a_kind_that_does_not_exist_is_a_mistake_of_the_asker() -> None:
    with pytest.raises(KeyError):
        Planted(()).has("invoice_mising", 1)


def test_names_that_are_missing_in_one_system_look_like_no_other() -> None:
    """Else a similarity rule would propose what was meant to be created."""
    found = company()
    planted = Planted(plan_breaks(found))
    missing = [customer for customer in found.customers if planted.has("customer_missing", customer.key)]
    lookalikes = [customer for customer in found.customers if planted.has("name_lookalike", customer.key)]
    assert max(fuzz.WRatio(one.name, other.name) for one in missing for other in lookalikes) < 80
    for customer in lookalikes:
        wrong = planted.wrong("name_lookalike", customer.key, "")
        assert clean_text(wrong) != customer.name != wrong
        assert fuzz.ratio(clean_text(wrong), customer.name) > 92


def test_settled_means_nothing_remains() -> None:
    found = company()
    billed = [(deal.stage == "closedwon", found.remaining(deal.invoice)) for deal in found.deals if deal.invoice]
    assert {won for won, _ in billed} == {True, False}
    assert all(won is (remaining == 0) for won, remaining in billed)
