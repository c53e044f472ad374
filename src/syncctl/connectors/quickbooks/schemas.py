"""The live schema: the field tables with this company's currency, numbering and custom fields. No I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from syncctl.connectors.quickbooks.books import Books
from syncctl.connectors.quickbooks.fields_lists import CUSTOMER, ITEM, SMALL
from syncctl.connectors.quickbooks.fields_sales import (
    CREDIT_MEMO,
    DEPOSIT,
    INVOICE,
    JOURNAL_ENTRY,
    PAYMENT,
    REFUND_RECEIPT,
    SALES_RECEIPT,
)
from syncctl.connectors.quickbooks.fields_shared import ALWAYS, CURRENCY, NEVER, given
from syncctl.connectors.quickbooks.kinds import KINDS, SALES_FORMS, TRANSACTIONS, Kind
from syncctl.connectors.quickbooks.options import Options
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action

TABLES: Final[dict[str, tuple[Field, ...]]] = {
    "Customer": CUSTOMER,
    "Item": ITEM,
    "Invoice": INVOICE,
    "CreditMemo": CREDIT_MEMO,
    "RefundReceipt": REFUND_RECEIPT,
    "SalesReceipt": SALES_RECEIPT,
    "Payment": PAYMENT,
    "Deposit": DEPOSIT,
    "JournalEntry": JOURNAL_ENTRY,
    **SMALL,
}
_NUMBERED: Final = "this company numbers documents itself (Custom transaction numbers is off in QuickBooks)"
_READ_ONLY: Final = "syncctl only reads this kind"
_THREE: Final = (
    "custom fields beyond the sales forms' three are left out: set `enhanced_custom_fields: on` and name them in "
    "`custom_fields` (QuickBooks Advanced)"
)
_OWED: Final = ("Invoice", "CreditMemo")
_ONE_CURRENCY: Final = ("Customer", "Vendor")
"""Who keeps for life the currency they were made with."""
_SETTLES: Final = {"Payment": (("Invoice", "Line", "LinkedTxn(TxnType=Invoice).TxnId", "Amount"),)}
_CLOSED_BY: Final = ("Preferences", "1", "AccountingInfoPrefs.BookCloseDate")
"""A company has one Preferences record. The date is optional there and only a hint: code 6210 is the truth."""
_NO_VOID: Final = "QuickBooks documents no void for this kind"


def schemas(system: str, books: Books, options: Options) -> tuple[Schema, ...]:
    """One schema per kind."""
    return tuple(_schema(system, kind, books, options) for kind in KINDS.values())


def actions_of(kind: Kind, options: Options) -> frozenset[Action]:
    """What can be written."""
    voidable = kind.name in options.void_kinds and Action.CREATE in kind.actions and kind.name in TRANSACTIONS
    return kind.actions | {Action.VOID} if voidable else kind.actions


def _schema(system: str, kind: Kind, books: Books, options: Options) -> Schema:
    fields = [_settled(field, books, options) for field in TABLES[kind.name]]
    fields += _custom_fields(kind, books, options)
    transaction = kind.name in TRANSACTIONS
    return Schema(
        system,
        kind.name,
        {field.path: field for field in fields},
        identity="Id",
        dated="TxnDate" if transaction else "",
        amount="TotalAmt" if transaction else "",
        marker="PrivateNote" if transaction else "",
        name=_name(kind),
        owed="Balance" if kind.name in _OWED else "",
        settles=_SETTLES.get(kind.name, ()),
        closed_by=_CLOSED_BY if transaction else None,
        actions=actions_of(kind, options),
        note=_note(kind, options),
        stays=_NO_VOID if transaction and kind.name not in options.void_kinds else "",
        one_currency=CURRENCY if books.multicurrency and kind.name in _ONE_CURRENCY else "",
    )


def _name(kind: Kind) -> tuple[str, ...]:
    if kind.name in ("Customer", "Vendor", "Employee"):
        return ("DisplayName",) if kind.name == "Employee" else ("DisplayName", "CompanyName")
    if kind.name == "CompanyInfo":
        return ("CompanyName",)
    if kind.name == "Payment":
        return ("PaymentRefNum", "CustomerRef->DisplayName")
    if kind.name in TRANSACTIONS:
        return ("DocNumber",)
    return tuple(
        name for name in ("FullyQualifiedName", "Name") if any(field.path == name for field in TABLES[kind.name])
    )


def _note(kind: Kind, options: Options) -> str:
    notes = []
    if not kind.actions:
        notes.append(_READ_ONLY)
    elif kind.name in TRANSACTIONS and kind.name not in options.void_kinds:
        notes.append(_NO_VOID)
    if kind.name in SALES_FORMS and not options.enhanced:
        notes.append(_THREE)
    return "; ".join(notes)


def _settled(field: Field, books: Books, options: Options) -> Field:
    """A field of the table as this company has it."""
    if field.type == "money":
        return replace(field, currency_default=books.home_currency)
    if field.codec == "currency.value":
        return replace(field, default=books.home_currency)
    if field.path == "DocNumber":
        field = replace(field, max_length=options.doc_number_length, unique=not options.duplicate_numbers)
        own = books.own_numbers or field.writable == NEVER
        return field if own else given(field, _NUMBERED)
    return field


def _custom_fields(kind: Kind, books: Books, options: Options) -> list[Field]:
    defined: tuple[tuple[str, str], ...] = books.custom_fields if kind.name in SALES_FORMS else ()
    if options.enhanced and kind.name in (*SALES_FORMS, "Customer"):
        defined += options.custom_fields
    return [
        Field(
            f"CustomField(DefinitionId={identity}).StringValue",
            access=f"CustomField(DefinitionId={identity})(Type=StringType).StringValue",
            label=label,
            writable=ALWAYS if kind.actions else NEVER,
            custom=True,
            max_length=options.custom_field_length,
        )
        for identity, label in defined
    ]
