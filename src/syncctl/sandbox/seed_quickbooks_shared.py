"""What the parts of QuickBooks' view share: references by name, custom fields, markers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from syncctl.sandbox.base import Vendor
from syncctl.sandbox.breaks import Planted
from syncctl.sandbox.facts import HOME, Company, Currency, Customer
from syncctl.sandbox.ids import Ids
from syncctl.sandbox.quickbooks.answers import stamp

Raw = dict[str, Any]

CUSTOM_FIELDS: Final = ("Project ID", "PO Number")
"""The sales forms' custom fields; each one's definition id is its place, from 1."""
RECEIVABLE: Final = "Accounts Receivable (A/R)"


def receivable(currency: Currency) -> str:
    """The account that customers of this currency owe on: QuickBooks keeps one per currency."""
    return RECEIVABLE if currency == HOME else f"{RECEIVABLE} - {currency}"


def custom_field(name: str, value: str) -> Raw:
    """One custom field of a sales form, with a value."""
    place = str(CUSTOM_FIELDS.index(name) + 1)
    return {"DefinitionId": place, "Name": name, "Type": "StringType", "StringValue": value}


def stamps(moment: datetime) -> Mapping[str, str]:
    """The stamps of a record that has not changed since it was made."""
    return {"CreateTime": stamp(moment), "LastUpdatedTime": stamp(moment)}


class Lists:
    """The company's lists: what is there from the start and what is added, by name."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._ids: dict[tuple[str, str], str] = {
            (kind, record["Name"]): identity
            for kind, records in vendor.state().items()
            for identity, record in records.items()
            if "Name" in record
        }

    def add(self, kind: str, body: Mapping[str, Any], *, called: str = "") -> None:
        """One more entry of a list, found under `called` or its own name; one that is there already stays as it is."""
        key = (kind, called or body["Name"])
        if key not in self._ids:
            self._ids[key] = self._vendor.seed(kind, body)["Id"]

    def ref(self, kind: str, name: str) -> Raw:
        """A reference to the entry with this name; raises KeyError when there is none."""
        return {"value": self._ids[kind, name]}


@dataclass(frozen=True)
class View:
    """What every part needs to write its records."""

    company: Company
    planted: Planted
    ids: Ids
    lists: Lists

    def head(self, customer: Customer, moment: datetime) -> Raw:
        """What every transaction begins with: whose it is, when, in which currency."""
        currency = customer.currency
        return {
            "MetaData": stamps(moment),
            "TxnDate": moment.date().isoformat(),
            "CustomerRef": {"value": self.ids.quickbooks("customer", customer.key)},
            "CurrencyRef": {"value": currency},
        }
