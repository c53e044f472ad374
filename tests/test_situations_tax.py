"""Tax, currency and closed books, end to end at QuickBooks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from deeds import NOTHING, bill, by_hand, hints, pay, quiet_hour, settled_office, vendor
from office import LIMITLESS, Office, about
from syncctl import run

TAXED = "right: TxnTaxDetail.TotalTax, owner: left"
RATE = "  - {left: currency, right: CurrencyRef, once: true}\n"
QUOTED = (
    "  - {{left: metadata.dollars_per_unit, right: ExchangeRate, {},"
    " when: {{left: {{metadata.dollars_per_unit: {{present: true}}}}}}}}\n"
)


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def taxed(office: Office, number: str, how: str, *, net: int = 10_000, tax: int = 725) -> dict[str, Any]:
    """A Stripe invoice over two of a thing; its price holds the tax when `how` is inclusive."""
    amount = net + tax if how == "inclusive" else net
    one = {"amount": tax, "tax_behavior": how, "taxability_reason": "standard_rated", "taxable_amount": net,
           "type": "tax_rate_details", "tax_rate_details": {"tax_rate": "txr_1"}}  # fmt: skip
    product = next(thing for thing in office.records("stripe", "product").values() if thing["metadata"].get("sku"))
    pricing = {"type": "price_details", "price_details": {"price": "price_billed", "product": product["id"]},
               "unit_amount_decimal": str(Decimal(amount) / 2)}  # fmt: skip
    line = {"amount": amount, "description": "Work", "quantity": 2, "taxes": [one], "pricing": pricing}
    owed = {"amount_due": net + tax, "amount_remaining": net + tax, "total_taxes": [one], "lines": [line]}
    return bill(office, office.customers("usd")[0], number, ("Work", amount), **owed)


@pytest.mark.parametrize(("how", "sold"), [("inclusive", {}), ("exclusive", {"Qty": 2, "UnitPrice": 50})])
def test_a23_a_price_with_tax_in_it_becomes_its_net_and_the_totals_are_equal_to_the_cent(
    office: Office, how: str, sold: dict[str, int]
) -> None:
    taxed(office, "INV-TAX", how)
    assert office.reconcile().exit_code == 0
    (booked,) = office.booked("INV-TAX")
    line = booked["Line"][0]
    assert (line["Amount"], booked["TxnTaxDetail"]["TotalTax"], booked["TotalAmt"]) == ("100.00", "7.25", "107.25")
    detail = line["SalesItemLineDetail"]
    assert ({name: detail[name] for name in ("Qty", "UnitPrice") if name in detail}, detail["TaxCodeRef"]) == (
        sold,
        {"value": "TAX"},
    )
    assert quiet_hour(office) == NOTHING


def test_a24_a_tax_that_the_company_reckons_itself_is_told_apart_from_the_net_and_not_written_over(
    office: Office,
) -> None:
    vendor(office, "quickbooks").set_rules(tax_overrides=True)
    office.edit("invoices", TAXED, TAXED.replace("left", "none"))
    taxed(office, "INV-TAX", "exclusive")
    office.reconcile()
    (booked,) = office.booked("INV-TAX")
    assert (booked["TxnTaxDetail"]["TotalTax"], booked["TotalAmt"]) == ("8.00", "108.00")
    office.clock.advance(3600)
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes) == (2, NOTHING)
    found = {one.field: (one.left_shown, one.right_shown) for one in about(report.findings, "difference")}
    assert found == {
        "TxnTaxDetail.TotalTax": ("7.25 USD", "8 USD"),
        "TotalAmt": ("107.25 USD", "108 USD"),
    }  # and no line: the net is equal
    assert office.booked("INV-TAX")[0]["TxnTaxDetail"]["TotalTax"] == "8.00"


def test_a26_a_rate_the_other_way_round_is_a_difference_and_the_right_one_is_none(office: Office) -> None:
    """QuickBooks has dollars for one euro; 0.92 is euros for one dollar."""
    office.edit("invoices", RATE, RATE + QUOTED.format("once: true"))
    who = office.customers("eur")[0]
    bill(office, who, "INV-EUR", ("Work", 10_000), metadata={"dollars_per_unit": "1.087"})
    bill(office, who, "INV-INV", ("Other work", 20_000), metadata={"dollars_per_unit": "1.087"})
    assert office.reconcile().exit_code == 0
    right, inverse = office.booked("INV-EUR")[0], office.booked("INV-INV")[0]
    assert (Decimal(right["ExchangeRate"]), Decimal(right["HomeTotalAmt"])) == (Decimal("1.087"), Decimal("108.70"))
    office.edit("invoices", QUOTED.format("once: true"), QUOTED.format("owner: none, tolerance: 0.005"))
    office.clock.advance(3600)
    office.amend("Invoice", inverse, ExchangeRate="0.92", HomeTotalAmt="184.00")
    report, writes = office.count_writes(office.reconcile)
    assert (report.exit_code, writes) == (2, NOTHING)
    wrong = [(one.name, one.left_shown, one.right_shown) for one in report.findings if one.field == "ExchangeRate"]
    assert wrong == [("INV-INV", "1.087", "0.92")]


def test_a27_an_invoice_in_another_currency_than_its_customers_is_never_sent_and_offers_a_second_customer(
    office: Office,
) -> None:
    who = office.customers("usd")[0]
    bill(office, who, "INV-EUR", ("Work", 1_000), currency="eur")
    office.sell(customer=1, deal=False)
    report = office.reconcile()
    assert report.exit_code == 2
    (told,) = (one for one in report.findings if one.kind == "blocked")
    assert told.name == "INV-EUR"
    assert "it is in EUR, and Customer " in told.hint
    assert "can only have USD: make a second one there in EUR" in told.hint
    assert (office.booked("INV-EUR"), len(office.booked("INV-9001"))) == ([], 1)
    assert quiet_hour(office) == NOTHING


def test_a42_a_retainer_that_an_invoice_gives_back_is_counted_once(office: Office) -> None:
    """100.00 of work less the 30.00 that were paid ahead: 70.00 are owed, and 100.00 came in altogether."""
    who = office.customers("usd")[0]
    ahead = bill(office, who, "INV-DEP", ("Retainer", 3_000))
    pay(office, (ahead, 3_000), hours=2)
    final = bill(office, who, "INV-9001", ("Project", 10_000), ("Retainer paid ahead", -3_000))
    pay(office, (final, 7_000))
    assert office.reconcile().exit_code == 0
    booked = [office.booked(number)[0] for number in ("INV-DEP", "INV-9001")]
    assert [(one["TotalAmt"], one["Balance"]) for one in booked] == [("30.00", 0), ("70.00", 0)]
    lines = [line["Amount"] for line in booked[1]["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    assert lines == ["100.00", "-30.00"]
    assert quiet_hour(office) == NOTHING


def test_a49_a_period_that_closes_after_the_plan_blocks_the_row_and_the_exit_code_says_so(office: Office) -> None:
    sold = office.sell()
    before = office.deal_of(sold)
    plan = office.plan()
    vendor(office, "quickbooks").set_rules(book_close_date=office.clock.now().date().isoformat())
    report = run.apply(office.project, plan, choices=LIMITLESS)
    assert report.exit_code == 5
    states = {(row.change.mapping, str(row.change.action)): row for row in report.rows}
    refused = states["invoices", "create"]
    assert (str(refused.state), refused.code) == ("rejected", "6210")
    assert "the books are closed for this date" in refused.message
    assert "reopen the period in QuickBooks" in refused.fix
    assert (str(states["deals", "update"].state), office.deal_of(sold)) == ("held", before)
    assert quiet_hour(office) == NOTHING


def test_a54_the_void_of_a_paid_invoice_is_refused_in_the_plan_with_the_list_of_its_payments(office: Office) -> None:
    sold = office.sell(cents=10_000)
    pay(office, (sold, 4_000), hours=2)
    pay(office, (sold, 2_000))
    office.reconcile()
    office.clock.advance(3600)
    by_hand(office, "stripe", f"/v1/invoices/{sold['id']}/void")
    dry = office.reconcile(dry_run=True)
    assert "void" not in {change.action for change in dry.plan.changes}
    (booked,) = office.booked("INV-9001")
    (why,) = (one.hint for one in about(dry.findings, "blocked") if one.mapping == "invoices")
    assert why.startswith("60.00 of 100.00 USD is paid on it by ")
    for link in booked["LinkedTxn"]:
        assert f"(quickbooks:Payment:{link['TxnId']})" in why
    assert quiet_hour(office) == NOTHING
    assert office.booked("INV-9001")[0]["TotalAmt"] == "100.00"


def test_a54_an_invoice_that_nothing_was_paid_on_is_voided_though_others_of_its_customer_are_paid(
    office: Office,
) -> None:
    sold, other = office.sell(), office.sell("INV-9002")
    pay(office, (other, 12_500))
    office.reconcile()
    office.clock.advance(3600)
    by_hand(office, "stripe", f"/v1/invoices/{sold['id']}/void")
    report = office.reconcile()
    assert [(change.action, change.name) for change in report.plan.changes if change.mapping == "invoices"] == [
        ("void", "INV-9001")
    ]
    assert (office.booked("INV-9001")[0]["TotalAmt"], hints(office.reconcile().findings)) == (0, [])
