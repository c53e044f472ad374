"""The pretend company's books: records, ids, SyncTokens, balances. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.sandbox.quickbooks.answers import PACIFIC, stamp
from syncctl.sandbox.quickbooks.shapes import LISTS, NAMES, TRANSACTIONS

Raw = dict[str, Any]
CENT: Final = Decimal("0.01")
DELETED_MARK: Final = " (deleted)"
"""What QuickBooks may append to the name of an inactive record (recorded on an employee)."""
UNKNOWN_PLACE: Final = "INVALID"
"""What an address gets for Lat and Long when QuickBooks cannot place it (recorded)."""


@dataclass(frozen=True)
class Rules:
    """How this company is set up. Defaults are a US company with automated sales tax and its own document numbers."""

    realm: str
    home_currency: str = "USD"
    multicurrency: bool = False
    custom_txn_numbers: bool = True
    custom_fields: tuple[str, ...] = ("Project ID", "PO Number")
    enhanced_fields: tuple[tuple[str, str], ...] = ()
    book_close_date: str = ""
    warn_duplicate_numbers: bool = True
    automated_tax: bool = True
    tax_rate: Decimal = Decimal("0.08")
    tax_overrides: bool = False
    tax_required: bool = False
    lapsed: bool = False
    voidable: tuple[str, ...] = ("Invoice", "SalesReceipt", "Payment", "CreditMemo")
    inactive_suffix: str = ""
    custom_field_length: int = 31
    id_order: str = "text"


def money(amount: Decimal | int) -> Decimal | int:
    """An amount as QuickBooks writes it: two decimals, and a bare 0 for nothing."""
    rounded = Decimal(amount).quantize(CENT, ROUND_HALF_UP)
    return rounded or 0


def owed(kind: str, raw: Raw) -> tuple[str, Decimal]:
    """The customer and what this transaction adds to the customer's balance."""
    customer = raw.get("CustomerRef", {}).get("value", "")
    if kind == "Invoice":
        return customer, Decimal(raw["Balance"])
    if kind == "CreditMemo":
        return customer, -Decimal(raw["RemainingCredit"])
    if kind == "Payment":
        return customer, -Decimal(raw["UnappliedAmt"])
    return "", Decimal(0)


@dataclass
class Books:
    """Everything stored. A stored record is never changed in place: it is replaced."""

    clock: Clock
    rules: Rules
    first_id: int = 1
    records: dict[str, dict[str, Raw]] = field(default_factory=dict)
    gone: list[tuple[str, str, datetime]] = field(default_factory=list)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    numbers: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def get(self, kind: str, identity: str) -> Raw | None:
        """The record, or None."""
        return self.records.get(kind, {}).get(identity)

    def all(self, kind: str) -> dict[str, Raw]:
        """Every record of a kind, by id."""
        return self.records.setdefault(kind, {})

    def new_id(self, kind: str) -> str:
        """The next id: names share one sequence, transactions another."""
        family = "name" if kind in NAMES else "txn" if kind in TRANSACTIONS else kind
        first = self.first_id if family in ("name", "txn") else 1
        self._last[family] = self._last.get(family, first - 1) + 1
        while any(str(self._last[family]) in self.records.get(each, ()) for each in _family(kind)):
            self._last[family] += 1
        return str(self._last[family])

    def next_number(self) -> str:
        """The next automatic document number."""
        self._last["number"] = self._last.get("number", 1000) + 1
        return str(self._last["number"])

    def next_address(self) -> str:
        """The next id of an address."""
        self._last["address"] = self._last.get("address", 0) + 1
        return str(self._last["address"])

    def today(self) -> date:
        """The calendar day in the company's zone."""
        return self.clock.now().astimezone(PACIFIC).date()

    def now(self) -> str:
        """A MetaData stamp of now."""
        return stamp(self.clock.now())

    def put(self, kind: str, raw: Raw) -> Raw:
        """Stores a record and moves the customer's balance by what changed."""
        held = self.get(kind, raw["Id"])
        if held is not None:
            self._owe(kind, held, -1)
            self._forget_keys(kind, held)
        self.all(kind)[raw["Id"]] = raw
        self._owe(kind, raw, 1)
        self._remember_keys(kind, raw)
        return raw

    def remove(self, kind: str, identity: str) -> None:
        """Deletes a record; the change feed keeps that it is gone."""
        held = self.all(kind).pop(identity)
        self._owe(kind, held, -1)
        self._forget_keys(kind, held)
        self.gone.append((kind, identity, self.clock.now()))

    def touch(self, kind: str, raw: Raw, **changed: Any) -> Raw:
        """A side effect on another record: a new SyncToken and stamp with the changed fields."""
        meta = {**raw["MetaData"], "LastUpdatedTime": self.now()}
        return self.put(kind, {**raw, **changed, "SyncToken": str(int(raw["SyncToken"]) + 1), "MetaData": meta})

    def name_taken(self, kind: str, name: str, identity: str) -> bool:
        """True when another record of this name's family holds the name; inactive ones hold it too."""
        return self.names.get((_name_family(kind), name), identity) != identity

    def number_users(self, kind: str, number: str) -> set[str]:
        """The ids of the documents of a kind with this number."""
        return self.numbers.get((kind, number), set())

    def _owe(self, kind: str, raw: Raw, sign: int) -> None:
        customer, amount = owed(kind, raw)
        held = self.get("Customer", customer) if amount else None
        if held is None:
            return
        balance = money(Decimal(held["Balance"]) + sign * amount)
        meta = {**held["MetaData"], "LastUpdatedTime": self.now()}
        self.all("Customer")[customer] = {**held, "Balance": balance, "BalanceWithJobs": balance, "MetaData": meta}

    def _remember_keys(self, kind: str, raw: Raw) -> None:
        name = held_name(kind, raw)
        if name:
            self.names[(_name_family(kind), name)] = f"{kind}:{raw['Id']}"
        if raw.get("DocNumber"):
            self.numbers.setdefault((kind, raw["DocNumber"]), set()).add(raw["Id"])

    def _forget_keys(self, kind: str, raw: Raw) -> None:
        self.names.pop((_name_family(kind), held_name(kind, raw)), None)
        if raw.get("DocNumber"):
            self.numbers.get((kind, raw["DocNumber"]), set()).discard(raw["Id"])


def _family(kind: str) -> tuple[str, ...]:
    return NAMES if kind in NAMES else TRANSACTIONS if kind in TRANSACTIONS else (kind,)


def _name_family(kind: str) -> str:
    return "name" if kind in NAMES else kind


def held_name(kind: str, raw: Raw) -> str:
    """The name that this list record keeps others from using, as it is compared; an inactive one holds it too."""
    if kind not in LISTS:
        return ""
    name = str(raw.get("DisplayName") or raw.get("FullyQualifiedName") or raw.get("Name") or "")
    return name.removesuffix(DELETED_MARK).strip().casefold()
