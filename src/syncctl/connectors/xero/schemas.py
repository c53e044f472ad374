"""The live schema: the field tables with this organisation's currency and tracking categories. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from syncctl.connectors.xero.books import LOCK_DATES, Books, Category
from syncctl.connectors.xero.fields_documents import (
    ALLOCATION,
    BANK_TRANSACTION,
    CREDIT_NOTE,
    INVOICE,
    MANUAL_JOURNAL,
    PAYMENT,
)
from syncctl.connectors.xero.fields_lists import ACCOUNT, CONTACT, ITEM, ORGANISATION, TAX_RATE, TRACKING_CATEGORY
from syncctl.connectors.xero.fields_shared import CURRENCY, EDITABLE, HOME, NEVER
from syncctl.connectors.xero.kinds import DOCUMENTS, KINDS, TRANSACTIONS, Kind
from syncctl.connectors.xero.options import Options
from syncctl.fields.schema import Field, Schema
from syncctl.paths import Path, PathError, parse_path

TABLES: Final[dict[str, tuple[Field, ...]]] = {
    "Contact": CONTACT,
    "Invoice": INVOICE,
    "CreditNote": CREDIT_NOTE,
    "Allocation": ALLOCATION,
    "Payment": PAYMENT,
    "Item": ITEM,
    "BankTransaction": BANK_TRANSACTION,
    "ManualJournal": MANUAL_JOURNAL,
    "Account": ACCOUNT,
    "TaxRate": TAX_RATE,
    "TrackingCategory": TRACKING_CATEGORY,
    "Organisation": ORGANISATION,
}
_AMOUNT: Final = {
    "Invoice": "Total",
    "CreditNote": "Total",
    "BankTransaction": "Total",
    "Allocation": "Amount",
    "Payment": "Amount",
}
_MARKER: Final = {"Invoice": "Reference", "CreditNote": "Reference", "Payment": "Reference"}
_OWED: Final = {"Invoice": "AmountDue", "CreditNote": "RemainingCredit"}
_SETTLED: Final = (
    ("Invoice", "", "Invoice.InvoiceID", "Amount"),
    ("CreditNote", "", "CreditNote.CreditNoteID", "Amount"),
)
_SETTLES: Final = {"Payment": _SETTLED, "Allocation": _SETTLED}
"""A payment pays one document, an allocation takes off both of its own; each is its own part."""
_NAME: Final = {
    "Contact": ("Name",),
    "Invoice": ("InvoiceNumber", "Reference"),
    "CreditNote": ("CreditNoteNumber", "Reference"),
    "Allocation": ("CreditNote.CreditNoteNumber", "Invoice.InvoiceNumber"),
    "Payment": ("Reference", "Invoice.InvoiceNumber"),
    "Item": ("Name", "Code"),
    "BankTransaction": ("Reference", "Contact.Name"),
    "ManualJournal": ("Narration",),
}
_READ_ONLY: Final = "syncctl only reads this kind"
_NO_UPDATE: Final = "Xero takes no change of a payment: delete it and make another"
_NO_CHANGE: Final = "Xero takes no change of an allocation: take it off the credit note in Xero and run again"
_NO_RESTORE: Final = "Xero's API cannot restore an archived contact: a person does that in Xero"
_STAYS: Final = {
    "Item": "an item can only be deleted in Xero, and nothing here deletes",
    "Allocation": "Xero only deletes an allocation, and nothing here deletes: take it off the credit note in Xero",
}
_FIXED: Final = {
    "Payment": (("IsReconciled", "true", "it is reconciled with the bank in Xero: take that back there first"),),
}
_LINE: Final = "LineItems"
_BOOKED: Final = f"{_LINE}.AccountCode"
"""A line without an account is a remark, which has no tracking."""


def schemas(system: str, books: Books, options: Options) -> tuple[Schema, ...]:
    """One schema per kind."""
    return tuple(_schema(system, kind, books, options) for kind in KINDS.values())


def _schema(system: str, kind: Kind, books: Books, options: Options) -> Schema:
    fields = [_settled(field, kind, books, options) for field in TABLES[kind.name]]
    fields += _tracking(kind, books)
    return Schema(
        system,
        kind.name,
        {field.path: field for field in fields},
        identity=kind.identity,
        dated="Date" if kind.name in TRANSACTIONS else "",
        amount=_AMOUNT.get(kind.name, ""),
        marker=_MARKER.get(kind.name, ""),
        name=_NAME.get(kind.name, ("Name",)),
        owed=_OWED.get(kind.name, ""),
        settles=_SETTLES.get(kind.name, ()),
        closed_by=("Organisation", books.id, *LOCK_DATES) if kind.name in TRANSACTIONS else None,
        actions=kind.actions,
        note=_note(kind, books),
        stays=_STAYS.get(kind.name, ""),
        fixed=_FIXED.get(kind.name, ()),
    )


def _note(kind: Kind, books: Books) -> str:
    notes = []
    if not kind.actions:
        notes.append(_READ_ONLY)
    if kind.name == "Contact":
        notes.append(_NO_RESTORE)
    if kind.name == "Payment":
        notes.append(_NO_UPDATE)
    if kind.name == "Allocation":
        notes.append(_NO_CHANGE)
    if kind.name in TRANSACTIONS and kind.actions and books.locked_until:
        notes.append(f"the books are locked up to {books.locked_until}")
    return "; ".join(notes)


def _settled(field: Field, kind: Kind, books: Books, options: Options) -> Field:
    """A field of the table as this organisation has it."""
    if field.type == "money" and field.currency in (CURRENCY, HOME):
        return replace(field, currency_default=books.base_currency)
    if field.path == CURRENCY:
        return replace(field, default=books.base_currency)
    if kind.name in DOCUMENTS and field.path == kind.number:
        return replace(field, max_length=options.number_length)
    if field.path == "Reference":
        return replace(field, max_length=options.reference_length)
    return field


# --- tracking categories: what Xero has instead of custom fields ----------------------------------------------------


def _tracking(kind: Kind, books: Books) -> Iterator[Field]:
    """A field per active category, under its name: `(Project)` is the option that all lines of a document have."""
    if kind.name not in (*DOCUMENTS, "BankTransaction"):
        return
    writable = EDITABLE if kind.actions else NEVER
    for category in books.categories:
        path = tracking_path(category)
        if path:
            options = tuple((option, option) for option in category.options)
            yield Field(
                path,
                "enum",
                access=path,
                every=_BOOKED,
                label=category.name,
                writable=writable,
                options=options,
                open_options=False,
                custom=True,
                note="a tracking category; written to every line of the document, and empty unless every line has it",
            )


def tracking_path(category: Category) -> str:
    """Where a category's option stands in a document; empty for a name that no path can hold."""
    text = f"{_LINE}.Tracking(Name={category.name}).Option"
    try:
        found = parse_path(text)
    except PathError:
        return ""
    return text if _chosen(found) == (category.name,) else ""


def _chosen(path: Path) -> tuple[str, ...]:
    """The values that a path's one selector asks for."""
    return next((value.values for step in path.steps for value in step.selectors), ())
