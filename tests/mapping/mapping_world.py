"""Settings, schemas and short ways to load a mapping, for the tests of the mapping language."""

from __future__ import annotations

from collections.abc import Mapping as Keyed

import pytest

from syncctl.errors import ConfigError
from syncctl.fields.schema import Field, Schema
from syncctl.mapping.check import check_mapping
from syncctl.mapping.language import Mapping
from syncctl.mapping.load import load_mapping
from syncctl.mapping.loading import Books
from syncctl.model import Action

BOOKS: Books = {
    "time_zone": "America/New_York",
    "accounts": {"receivable": "Accounts Receivable (A/R)", "sales": "090", "odd": "a|b"},
    "items": {"shipping": "Shipping"},
    "terms": "Net 30",
    "empty": "",
    "tables": {"methods": {"card": "Credit Card", "link": "Credit Card", "090": "0210"}},
}

HEAD = "mapping: invoices\nleft: stripe.invoice\nright: quickbooks.Invoice\nmatch: [{left: number, right: DocNumber}]\n"


def load(text: str, name: str = "mappings/x.yaml") -> Mapping:
    """One mapping; a text without `mapping:` is put under HEAD."""
    return load_mapping(name, (text if "mapping:" in text else HEAD + text).encode(), BOOKS)


def refused(text: str) -> list[str]:
    """The problems of a mapping that cannot be loaded, with line:column relative to the file."""
    with pytest.raises(ConfigError) as caught:
        load(text)
    return [str(problem).removeprefix("mappings/x.yaml:") for problem in caught.value.problems]


def _schema(system: str, kind: str, *fields: Field, actions: str = "", note: str = "", **words: str) -> Schema:
    return Schema(
        system,
        kind,
        {field.path: field for field in fields},
        actions=frozenset(map(Action, actions.split())),
        note=note,
        **words,
    )


def _options(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((word, word.capitalize()) for word in text.split())


def _w(path: str, codec: str = "text", **words: object) -> Field:
    """A field that can be written."""
    return Field(path, codec, writable="always", **words)  # type: ignore[arg-type]


_INVOICE = _schema(
    "stripe",
    "invoice",
    Field("id", "id"),
    Field("number"),
    Field("status", "enum", options=_options("draft open paid void"), open_options=False),
    Field("customer", "ref", target="customer"),
    Field("currency", "currency.lower"),
    Field("total", "money.minor.stripe", currency="currency"),
    Field("amount_shipping", "money.minor.stripe", currency="currency"),
    Field("effective_at", "instant.epoch"),
    Field("paid", "bool"),
    Field("description"),
    Field("lines.data", "object", many=True),
    Field("lines.data.description"),
    Field("lines.data.amount", "money.minor.stripe", currency="currency"),
    Field("lines.data.product", "ref", target="product"),
    Field("payments", "object", many=True, reverse=("invoice_payment", "invoice", "id")),
    _w("metadata.*", max_length=500),
    actions="update",
    note="only metadata is written",
    amount="total",
    dated="effective_at",
)
_CUSTOMER = _schema(
    "stripe",
    "customer",
    Field("id", "id"),
    _w("name", max_length=20),
    _w("email"),
    _w("phone"),
    Field("balance", "money.minor.stripe"),
    Field("currency", "currency.lower", writable="create", note="Stripe fixes it with the first charge"),
    Field("address", "object"),
    _w("address.line1"),
    _w("metadata.*", max_length=60),
    actions="create update",
)
_BOOKS_INVOICE = _schema(
    "quickbooks",
    "Invoice",
    Field("Id", "id", assigned=True),
    _w("DocNumber", max_length=21),
    _w("CustomerRef", "ref.value", target="Customer", required=True),
    Field("CurrencyRef", "currency.value", writable="create"),
    _w("TxnDate", "date"),
    _w("DueDate", "date"),
    _w("PrivateNote"),
    _w("Memo", max_length=30),
    _w("ARAccountRef", "ref.value", target="Account"),
    Field("TotalAmt", "money", currency="CurrencyRef", note="QuickBooks works it out from the lines"),
    _w("Taxable", "bool"),
    _w("PrintStatus", "enum", options=_options("NotSet NeedToPrint"), open_options=False),
    _w("BillAddr.Line1"),
    _w("BillAddr.City", required=True),
    _w("CustomField(DefinitionId=1).StringValue", label="Project ID", custom=True, max_length=31),
    _w("CustomField(DefinitionId=2).StringValue", label="Twice", custom=True),
    _w("CustomField(DefinitionId=3).StringValue", label="twice ", custom=True),
    _w("Line", "object", many=True),
    _w("Line.Description"),
    _w("Line.Amount", "money", currency="CurrencyRef", required=True),
    _w("Line.DetailType", "enum", options=_options("SalesItemLineDetail DiscountLineDetail"), open_options=False),
    _w("Line.SalesItemLineDetail.ItemRef", "ref.value", target="Item"),
    actions="create update void",
    amount="TotalAmt",
    dated="TxnDate",
)
SCHEMAS: Keyed[tuple[str, str], Schema] = {
    (schema.system, schema.kind): schema
    for schema in (
        _INVOICE,
        _CUSTOMER,
        _BOOKS_INVOICE,
        _schema("stripe", "product", Field("id", "id"), _w("name"), actions="update"),
        _schema("stripe", "invoice_payment", Field("id", "id"), Field("amount", "money.minor.stripe")),
        _schema(
            "quickbooks",
            "Customer",
            Field("Id", "id", assigned=True),
            _w("DisplayName", required=True, unique=True),
            _w("Notes"),
            Field("Balance", "money", note="the sum of open invoices"),
            actions="create update archive",
        ),
        _schema("quickbooks", "Item", Field("Id", "id"), _w("Name"), actions="create update"),
        _schema("quickbooks", "Account", Field("Id", "id"), Field("Name"), note="syncctl only reads this kind"),
        _schema(
            "hubspot",
            "deal",
            Field("hs_object_id", "id", access="id"),
            _w(
                "dealstage",
                "enum",
                label="Deal Stage",
                options=(("1", "Closed won"), ("2", "Lost")),
                open_options=False,
            ),
            Field("days_open", "number.text", label="Days open", note="calculated by HubSpot"),
            Field("associations.contacts", "ref.element", target="contact", many=True),
            actions="update archive",
        ),
        _schema("hubspot", "contact", Field("hs_object_id", "id", access="id"), _w("email"), actions="update archive"),
    )
}

CUSTOMERS = """
mapping: customers
left: stripe.customer
right: quickbooks.Customer
match: [{left: email, right: Notes}]
fields: [{left: name, right: DisplayName, owner: left}]
"""
PRODUCTS = """
mapping: products
left: stripe.product
right: quickbooks.Item
match: [{left: name, right: Name}]
"""


def checked(text: str, *others: str) -> list[str]:
    """The problems that the check finds in the last of some mappings; `customers` and `products` are always there."""
    mappings = [load(CUSTOMERS, "mappings/a.yaml"), load(PRODUCTS, "mappings/b.yaml")]
    mappings += [load(other, f"mappings/other{number}.yaml") for number, other in enumerate(others)]
    mappings.append(load(text))
    found = check_mapping(mappings[-1], SCHEMAS, mappings)
    return [str(problem).removeprefix("mappings/x.yaml:") for problem in found]
