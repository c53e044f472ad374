"""A plan with one of everything a dry run can show, and the hostile cousin of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from syncctl.model import Action, Change, Choice, Edit, Finding, FindingKind, Money, Plan, Ref

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def edit(field: str, before: str, after: str, codec: str = "text", owner: str = "left", **words: object) -> Edit:
    return Edit(field, before or None, after, codec=codec, field=field, owner=owner, shown=(before, after), **words)  # type: ignore[arg-type]


CUSTOMER = Change(
    "i1",
    "customers",
    Action.CREATE,
    Ref("quickbooks", "Customer", "new-1"),
    Ref("stripe", "customer", "cus_9s6XKzkNRiz8i3"),
    "Acme GmbH",
    (
        edit("DisplayName", "", "Acme GmbH"),
        edit("CompanyName", "", "Acme GmbH"),
        edit("PrimaryEmailAddr.Address", "", "billing@acme.de"),
        edit("CurrencyRef", "", "EUR", "currency.value", ""),
        edit("BillAddr.Line1", "", "Lindenstraße 12"),
        edit("BillAddr.City", "", "Köln"),
        edit("BillAddr.PostalCode", "", "50674"),
        edit("BillAddr.Country", "", "DE"),
    ),
)
PHONE = Change(
    "i2",
    "customers",
    Action.UPDATE,
    Ref("quickbooks", "Customer", "61"),
    Ref("stripe", "customer", "cus_Beta00000001"),
    "Beta Logistics Ltd",
    (
        edit("PrimaryPhone.FreeFormNumber", "(555) 010-0100", "(555) 010-0199"),
        edit("BillAddr.Line2", "Suite 400", ""),
    ),
)
INVOICE = Change(
    "i3",
    "invoices",
    Action.CREATE,
    Ref("quickbooks", "Invoice", "new-3"),
    Ref("stripe", "invoice", "in_1PgcAcme"),
    "INV-1042 · Acme GmbH",
    (
        edit("DocNumber", "", "INV-1042"),
        edit("TxnDate", "", "2026-11-02", "date"),
        edit("DueDate", "", "2026-12-02", "date"),
        edit("CustomerRef", "", "(known after apply)", "ref.value"),
        edit("PrivateNote", "", "syncctl stripe:invoice:in_1PgcAcme"),
        edit("Line", "", "Pro plan, 10 seats, 1000 EUR", "object", action="add"),
        edit("Line", "", "Onboarding workshop, 250 EUR", "object", action="add"),
    ),
    amount=eur("1250"),
    parents=("i1",),
)
TOTAL = Change(
    "i4",
    "invoices",
    Action.UPDATE,
    Ref("quickbooks", "Invoice", "145"),
    Ref("stripe", "invoice", "in_1PgcBeta"),
    "INV-1043 · Beta Logistics Ltd",
    (
        replace(
            edit("Line(Id=1).Amount", "1190 USD", "1250 USD", "money", reason="amount"),
            field="Line(Pro plan, 10 seats).Amount",
        ),
        edit("DueDate", "2026-11-30", "2026-12-30", "date"),
        edit("(PO Number)", "PO-7781", "PO-7718"),
        edit("Line", "", "Late fee, 15 USD", "object", action="add"),
        edit("Line", "Goodwill credit, -20 USD", "", "object", action="remove"),
    ),
    amount=usd("1285"),
    amount_before=usd("1190"),
)
VOID = Change(
    "i5",
    "invoices",
    Action.VOID,
    Ref("quickbooks", "Invoice", "131"),
    Ref("stripe", "invoice", "in_1PgcVoid"),
    "INV-0987 · Carpenter & Sons",
    amount=usd("500"),
    reason="the Stripe invoice was voided",
)
DEAL = Change(
    "i6",
    "deals",
    Action.UPDATE,
    Ref("hubspot", "deal", "9012345678"),
    Ref("quickbooks", "Invoice", "new-3"),
    "Acme renewal 2026",
    (
        edit("(QuickBooks invoice number)", "", "INV-1042"),
        edit("dealstage", "Contract sent", "Invoiced", "enum"),
        edit("(Project ID)", "", "P-2201", owner="both"),
        edit("amount", "1000 EUR", "1250 EUR", "money"),
        edit("(Open balance)", "", "(known after apply)", "number"),
    ),
    amount=eur("1250"),
    amount_before=eur("1000"),
    parents=("i3",),
)
CHANGES = (CUSTOMER, PHONE, INVOICE, TOTAL, VOID, DEAL)

FINDINGS = (
    Finding(
        "deals",
        FindingKind.CONFLICT,
        Ref("quickbooks", "Invoice", "120"),
        Ref("hubspot", "deal", "9012300001"),
        "(Project ID)",
        "P-2100",
        "P-2101",
        "P-2099",
        since="2026-11-18T02:00:00+00:00",
        name="Delta Foods rollout",
        number=212,
    ),
    Finding(
        "payments",
        FindingKind.TIE,
        Ref("stripe", "charge", "ch_3PgTie"),
        None,
        field="same customer, amount and day",
        name="120.00 USD from Eagle Bikes",
        number=213,
        amount=usd("120"),
        since="2026-11-20T02:00:00+00:00",
        choice=Choice(
            "same customer, amount and day",
            (Ref("stripe", "charge", "ch_3PgTie"),),
            (Ref("quickbooks", "Payment", "77"), Ref("quickbooks", "Payment", "78")),
        ),
    ),
    Finding(
        "customers",
        FindingKind.PROPOSAL,
        Ref("stripe", "customer", "cus_Fox"),
        Ref("quickbooks", "Customer", "88"),
        name="Fox & Partner AG",
        field="name = DisplayName (similar 92)",
        choice=Choice(
            "name = DisplayName (similar 92)",
            (Ref("stripe", "customer", "cus_Fox"),),
            (Ref("quickbooks", "Customer", "88"),),
            93,
        ),
    ),
    Finding(
        "invoices",
        FindingKind.BLOCKED,
        Ref("stripe", "invoice", "in_1PgcGolf"),
        None,
        field="SalesTermRef->Name",
        name="INV-1050 · Golf Supplies",
        number=98,
        amount=usd("3450.10"),
        since="2026-11-08T02:00:00+00:00",
        hint="quickbooks has no Term named “Net 45”",
    ),
    Finding(
        "invoices",
        FindingKind.REJECTED,
        Ref("stripe", "invoice", "in_1PgcHotel"),
        None,
        name="INV-1051 · Hotel Adria",
        number=205,
        since="2026-11-19T02:00:00+00:00",
        hint="QuickBooks refused it: 6540, the deposit account is not a bank account",
    ),
    Finding(
        "invoices",
        FindingKind.DIFFERENCE,
        Ref("stripe", "invoice", "in_1PgcIgloo"),
        Ref("quickbooks", "Invoice", "99"),
        field="TotalAmt",
        left_shown="100.01 USD",
        right_shown="100 USD",
        reason="rounding",
        since="2026-10-29T02:00:00+00:00",
        name="INV-0901 · Igloo Inc",
        amount=usd("100.01"),
        number=7,
    ),
    Finding(
        "invoices",
        FindingKind.MISSING,
        None,
        Ref("quickbooks", "Invoice", "150"),
        since="2026-11-15T02:00:00+00:00",
        name="1099 · Juniper LLC",
        number=1204,
        amount=usd("80"),
    ),
    Finding(
        "customers",
        FindingKind.DIFFERENCE,
        Ref("stripe", "customer", "cus_K"),
        Ref("quickbooks", "Customer", "12"),
        field="CompanyName",
        left_shown="Kilo",
        right_shown="Kilo Ltd",
        note="renamed on purpose",
        accepted=True,
        name="Kilo",
    ),
)


def plan(changes: tuple[Change, ...] = CHANGES, findings: tuple[Finding, ...] = FINDINGS) -> Plan:
    return Plan("5f2c9a41", "2026-11-20T03:00:00Z", "lineage", 7, "hash", "0.1.0", (), changes, findings, "digest")
