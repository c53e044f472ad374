"""A customer that can have one currency only: a document in another is not planned for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncctl.connectors.quickbooks.books import Books
from syncctl.connectors.quickbooks.options import Options
from syncctl.connectors.quickbooks.schemas import schemas
from syncctl.fields.schema import Field
from two_systems import BILL, BOOKS_PERSON, ORDER, ORDERS, PEOPLE, PERSON, Desk, books_person, order, person

MONEY = Field("Currency", "currency.value", writable="create")
ONE = replace(BOOKS_PERSON, fields={**BOOKS_PERSON.fields, "Currency": MONEY}, one_currency="Currency")
WHY = (
    "it is in USD, and Person Ana (1) of books can only have EUR: make a second one there in USD under another name,"
    " `syncctl pull`, `syncctl match confirm`"
)


def desk(**their: object) -> Desk:
    found = Desk(PEOPLE, ORDERS, schemas=(ORDER, replace(BILL, amount="Total"), PERSON, ONE))
    found.put("shop", "person", person("p1", "Ana", "a@x.com"))
    found.put("books", "Person", books_person("1", "Ana", "a@x.com", **their))
    found.put("shop", "order", order("100", ("Work", 1000)))
    return found


def test_a27_a_document_in_another_currency_than_its_customer_can_have_is_blocked_in_the_plan_with_the_way_out() -> (
    None
):
    made = desk(Currency={"value": "EUR"}).plan()
    assert made.changes == ()
    assert [one.hint for one in made.findings if one.kind == "blocked"] == [WHY]


def test_a_customer_that_has_the_documents_currency_or_names_none_holds_nothing_back() -> None:
    for their in ({"Currency": {"value": "USD"}}, {}):
        assert "create" in {change.action for change in desk(**their).plan().changes}


@pytest.mark.parametrize("several", [True, False])
def test_at_quickbooks_customers_and_vendors_have_one_currency_where_the_company_has_several(several: bool) -> None:
    made = schemas("quickbooks", Books("USD", multicurrency=several, own_numbers=True, custom_fields=()), Options("1"))
    told = {schema.kind: schema.one_currency for schema in made if schema.one_currency}
    assert told == ({"Customer": "CurrencyRef", "Vendor": "CurrencyRef"} if several else {})
    assert all(schema.find(schema.one_currency) for schema in made if schema.one_currency)
