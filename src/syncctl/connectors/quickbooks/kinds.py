"""What kinds QuickBooks has here, and how each is read and written. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.model import Action

_WRITTEN: Final = frozenset({Action.CREATE, Action.UPDATE})
_KEPT: Final = frozenset({Action.ARCHIVE, Action.REACTIVATE})


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity. `listed`: a name list, whose inactive records a query leaves out unless asked and which nobody can
    delete. `feed`: the change feed knows it. `repeat`: what every update says again, because QuickBooks reads these
    together (a payment's lines are taken all or none). `computed`: what it works out itself, never sent back whole.
    """

    name: str
    listed: bool = False
    feed: bool = True
    actions: frozenset[Action] = frozenset()
    repeat: tuple[str, ...] = ()
    computed: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The last step of the URL."""
        return self.name.lower()


_TOTALS: Final = frozenset({"TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance", "RemainingCredit"})

_KINDS: Final = (
    Kind(
        "Customer",
        listed=True,
        actions=_WRITTEN | _KEPT,
        computed=frozenset({"Balance", "BalanceWithJobs", "FullyQualifiedName", "V4IDPseudonym", "Level"}),
    ),
    Kind("Item", listed=True, actions=_WRITTEN | _KEPT, computed=frozenset({"FullyQualifiedName", "Level"})),
    Kind("Invoice", actions=_WRITTEN, computed=_TOTALS | {"InvoiceLink"}),
    Kind(
        "Payment",
        actions=_WRITTEN,
        repeat=("CustomerRef", "TotalAmt", "Line"),
        computed=frozenset({"UnappliedAmt", "HomeTotalAmt"}),
    ),
    Kind("CreditMemo", actions=_WRITTEN, computed=_TOTALS),
    Kind("RefundReceipt", actions=_WRITTEN, computed=_TOTALS),
    Kind("SalesReceipt"),
    # Only read: their names are taken for customers too.
    Kind("Vendor", listed=True),
    Kind("Employee", listed=True),
    Kind("Deposit"),
    Kind("JournalEntry"),
    Kind("Account", listed=True),
    Kind("Term", listed=True),
    Kind("PaymentMethod", listed=True),
    Kind("Class", listed=True),
    Kind("Department", listed=True),
    Kind("CustomerType", listed=True),
    # The change feed does not know tax codes (tap-quickbooks keeps the list); the last two are single records.
    Kind("TaxCode", listed=True, feed=False),
    Kind("Preferences", feed=False),
    Kind("CompanyInfo", feed=False),
)
KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _KINDS}

TRANSACTIONS: Final = frozenset(
    {"Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt", "Deposit", "JournalEntry"}
)
SALES_FORMS: Final = frozenset({"Invoice", "CreditMemo", "RefundReceipt", "SalesReceipt"})

VOIDED: Final = "Voided"
"""What a void puts first in PrivateNote; nothing else says that a record is void (recorded)."""


def looks_void(total: object, note: object) -> bool:
    """True for a total of 0 and the vendor's word in the note."""
    return total == 0 and isinstance(note, str) and note.startswith(VOIDED)
