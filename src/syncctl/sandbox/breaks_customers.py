"""Breaks in who is billed: customers, contacts, and the products they buy. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from syncctl.sandbox.breaks_kind import MISSING, Kind, always, small
from syncctl.sandbox.facts import HOME, Company, Customer, Product

NO_BREAK_SPACE: Final = "\u00a0"


def _everybody(company: Company) -> Iterator[Customer]:
    return iter(company.customers)


def _idle(company: Company) -> Iterator[Customer]:
    return (customer for customer in company.customers if customer.key not in company.invoices_of)


def _idle_firms(company: Company) -> Iterator[Customer]:
    """Only a name of several words in plain letters can be written in another way that a person would not see."""
    return (
        customer
        for customer in _idle(company)
        if customer.company.isascii() and len(customer.company) >= 15 and customer.company.split()[1][:1].isupper()
    )


def _with_one_open_invoice(company: Company) -> Iterator[Customer]:
    """Customers whose whole history is one invoice that nobody paid, without a deal."""
    for customer in company.customers:
        invoices = company.invoices_of.get(customer.key, ())
        if len(invoices) == 1 and invoices[0].key not in company.deal_of and company.untouched(invoices[0]):
            yield customer


def one_small_open_invoice(company: Company) -> Iterator[Customer]:
    """Those whose one invoice is small."""
    return (one for one in _with_one_open_invoice(company) if small(company.invoices_of[one.key][0]))


def _foreign_with_one_open_invoice(company: Company) -> Iterator[Customer]:
    """A small one, if there is any: the invoice never reaches the books, whatever its size."""
    foreign = [one for one in one_small_open_invoice(company) if one.currency != HOME]
    return iter(foreign or [one for one in _with_one_open_invoice(company) if one.currency != HOME])


def _firms_at_home_with_one_small_open_invoice(company: Company) -> Iterator[Customer]:
    return (one for one in one_small_open_invoice(company) if one.company and one.currency == HOME)


def _with_a_colon(_: Company, customer: Customer) -> tuple[str, str]:
    return customer.name, f"{customer.name}: Head Office"


def _lookalike(_: Company, customer: Customer) -> tuple[str, str]:
    first, second, *rest = customer.name.split(" ")
    return customer.name, " ".join([first + NO_BREAK_SPACE + second[:1].lower() + second[1:], *rest])


def _old_email(_: Company, customer: Customer) -> tuple[str, str]:
    return customer.person.email, f"old.{customer.person.email}"


def _old_street(_: Company, customer: Customer) -> tuple[str, str]:
    return customer.address.line1, f"{customer.key + 1} Former Road"


def _old_phone(_: Company, customer: Customer) -> tuple[str, str]:
    """The last digit is another one."""
    right = customer.person.phone
    return right, f"{right[:-1]}{(int(right[-1]) + 5) % 10}"


def _renamed(_: Company, product: Product) -> tuple[str, str]:
    return product.name, f"{product.name} (2024)"


CUSTOMER_KINDS: Final[tuple[Kind[Any], ...]] = (
    Kind(
        "customer_missing",
        2,
        "corrected",
        (("customers", "create"), ("invoices", "create")),
        one_small_open_invoice,
        MISSING,
        "{fact.name} and its first invoice are in Stripe, but not in {books}.",
    ),
    Kind(
        "customer_email_changed",
        3,
        "corrected",
        (("customers", "PrimaryEmailAddr.Address"),),
        _everybody,
        _old_email,
        "{fact.name}: the e-mail address is {right}, {books} still has {wrong}.",
    ),
    Kind(
        "customer_address_stale",
        2,
        "corrected",
        (("customers", "BillAddr.Line1"),),
        _everybody,
        _old_street,
        "{fact.name} moved to {right}, {books} still has {wrong}.",
    ),
    Kind(
        "customer_inactive",
        1,
        "person",
        (("customers", "gone"),),
        _idle,
        always("active", "inactive"),
        "{fact.name} is a customer in Stripe and was made inactive in {books}.",
    ),
    Kind(
        "customer_unlinked",
        2,
        "corrected",
        (("customers", "metadata.quickbooks_id"),),
        _everybody,
        always("linked", "not linked"),
        "{fact.name} is in Stripe and {books}, but Stripe does not know the {books} id.",
    ),
    Kind(
        "name_lookalike",
        2,
        "person",
        (("customers", "proposal"),),
        _idle_firms,
        _lookalike,
        "{fact.name} and {wrong} in {books} look like one customer, but nothing proves it.",
    ),
    Kind(
        "currency_mismatch",
        1,
        "person",
        (("invoices", "create"),),
        _foreign_with_one_open_invoice,
        lambda _company, customer: (customer.currency, HOME),
        "{fact.name} is billed in {right}, but fixed to {wrong} in {books}, which will not take its invoice.",
        only="quickbooks",  # elsewhere a customer may be billed in any currency
    ),
    Kind(
        "colon_name",
        1,
        "person",
        (("customers", "create"), ("invoices", "create")),
        _firms_at_home_with_one_small_open_invoice,
        _with_a_colon,
        "{right} is called {wrong} in Stripe and {crm}; {books} takes no colon, so neither it nor its invoice.",
        only="quickbooks",  # elsewhere a name may hold one
    ),
    Kind(
        "contact_phone_drift",
        3,
        "corrected",
        (("contacts", "phone"),),
        _everybody,
        _old_phone,
        "{fact.name}: the telephone number is {right}, the {crm} contact has {wrong}.",
    ),
    Kind(
        "contact_unlinked",
        2,
        "corrected",
        (("contacts", "Stripe customer ID"),),
        _everybody,
        always("linked", "not linked"),
        "{fact.name}: the {crm} contact does not know its Stripe customer.",
    ),
    Kind(
        "orphan_invoice",
        2,
        "person",
        (("invoices", "missing"),),
        _everybody,
        lambda _company, customer: ("", f"M-{1000 + customer.key}"),
        "Somebody wrote invoice {wrong} for {fact.name} by hand in {books}; Stripe knows nothing of it.",
    ),
    Kind(
        "item_renamed",
        1,
        "person",
        (("products", "Name"),),
        lambda company: company.products,
        _renamed,
        "The product {right} is called {wrong} in {books}.",
    ),
)
