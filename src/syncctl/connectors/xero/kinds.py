"""What kinds Xero has here, and how each is listed and written. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.model import Action

API: Final = "/api.xro/2.0"


@dataclass(frozen=True, slots=True)
class Kind:
    """One endpoint.

    `plural` is its path and the key of its rows; `identity` the field with the id. `paged`: it is listed page by page;
    `modified`: it obeys If-Modified-Since; `archived`: a list leaves archived records out unless asked; `prices`: it
    takes `unitdp`; `by_ids`: it takes a list of ids. `number` is the field that holds our number. `inside`: the kind in
    whose records those of this kind stand; they have no list of their own.
    """

    name: str
    plural: str
    identity: str
    paged: bool = False
    modified: bool = True
    archived: bool = False
    prices: bool = False
    by_ids: bool = False
    number: str = ""
    inside: str = ""
    actions: frozenset[Action] = frozenset()

    @property
    def path(self) -> str:
        """The path of its list."""
        return f"{API}/{self.lister.plural}"

    @property
    def lister(self) -> Kind:
        """The kind whose list shows it."""
        return KINDS[self.inside] if self.inside else self


_WRITTEN: Final = frozenset({Action.CREATE, Action.UPDATE})

_KINDS: Final = (
    Kind(
        "Contact",
        "Contacts",
        "ContactID",
        paged=True,
        archived=True,
        by_ids=True,
        # Not REACTIVATE: "Archived contacts cannot currently be edited via the API" (Xero's own refusal).
        actions=_WRITTEN | {Action.ARCHIVE},
    ),
    Kind(
        "Invoice",
        "Invoices",
        "InvoiceID",
        paged=True,
        archived=True,
        prices=True,
        by_ids=True,
        number="InvoiceNumber",
        actions=_WRITTEN | {Action.VOID},
    ),
    Kind(
        "CreditNote",
        "CreditNotes",
        "CreditNoteID",
        paged=True,
        prices=True,
        number="CreditNoteNumber",
        actions=_WRITTEN | {Action.VOID},
    ),
    Kind(
        "Allocation",
        "Allocations",
        "ID",
        paged=True,
        # One that is taken back leaves its credit note, so only a whole list tells that it is gone.
        modified=False,
        inside="CreditNote",
        actions=frozenset({Action.CREATE}),
    ),
    Kind("Payment", "Payments", "PaymentID", paged=True, actions=frozenset({Action.CREATE, Action.VOID})),
    Kind("Item", "Items", "ItemID", prices=True, number="Code", actions=_WRITTEN),
    Kind("BankTransaction", "BankTransactions", "BankTransactionID", paged=True, prices=True),
    Kind("ManualJournal", "ManualJournals", "ManualJournalID", paged=True),
    Kind("Account", "Accounts", "AccountID"),
    Kind("TaxRate", "TaxRates", "TaxType", modified=False),
    Kind("TrackingCategory", "TrackingCategories", "TrackingCategoryID", modified=False, archived=True),
    Kind("Organisation", "Organisation", "OrganisationID", modified=False),
)
KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _KINDS}
ROWS: Final = {**{kind.name: kind.lister.plural for kind in _KINDS}, "Organisation": "Organisations"}
"""The key of a kind's rows in an answer."""

DOCUMENTS: Final = frozenset({"Invoice", "CreditNote"})
TRANSACTIONS: Final = DOCUMENTS | {"Allocation", "Payment", "BankTransaction", "ManualJournal"}
ENDED: Final = frozenset({"VOIDED", "DELETED"})
"""Xero keeps what is deleted, with this status."""
