"""Salesforce before the contract suite. No network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.salesforce import Salesforce
from syncctl.contract.subject import Kind, Subject
from syncctl.sandbox.salesforce import SalesforceSandbox
from syncctl.sandbox.salesforce.vendor import DEFAULT_ORG

OURS: Final = {
    "name": "syncctl_External_Id__c",
    "label": "syncctl external ID",
    "length": 64,
    "externalId": True,
    "unique": True,
    "caseSensitive": True,
}
"""What `syncctl setup` makes."""
MADE: Final = ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Product2")
PAGE_ROWS: Final = 200
"""The least that the vendor gives where fewer are asked for."""


class Company:
    """A Salesforce org with our field, and a person who works in it."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = SalesforceSandbox(clock, daily_requests=None, page_rows=PAGE_ROWS)
        self.token = self.vendor.token
        self.company = DEFAULT_ORG
        for kind in MADE:
            self.vendor.seed(f"field:{kind}", OURS)
        (book,) = self.vendor.state()["Pricebook2"]
        for kind, identity in OTHERS.items():
            priced = {"Pricebook2Id": book} if kind in ("Opportunity", "PricebookEntry") else {}
            self.vendor.seed(kind, {**_RECORDS[kind](0), **priced, "Id": identity})

    def make(self, kind: str, number: int) -> str:
        return str(self.vendor.seed(kind, _RECORDS[kind](number))["Id"])

    def change(self, kind: str, identity: str, number: int) -> None:
        self.vendor.edit(kind, identity, {"Name": f"Somebody else {number}"})

    def delete(self, kind: str, identity: str) -> None:
        self.vendor.delete(kind, identity)


OTHERS: Final = {
    "Account": "001000000000901AAA",
    "Opportunity": "006000000000902AAA",
    "Product2": "01t000000000903AAA",
    "PricebookEntry": "01u000000000904AAA",
    "Pricebook2": "01s000000000905AAA",
    "User": "005000000000906AAA",
}
"""Records that others point to."""

_RECORDS: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "Account": lambda number: {"Name": f"Customer {number}"},
    "Contact": lambda number: {"LastName": f"Person {number}"},
    "Opportunity": lambda number: {"Name": f"Deal {number}", "StageName": "Prospecting", "CloseDate": "2026-12-31"},
    "OpportunityLineItem": lambda _: {
        "OpportunityId": OTHERS["Opportunity"],
        "PricebookEntryId": OTHERS["PricebookEntry"],
        "Quantity": 1,
        "UnitPrice": 100,
    },
    "Product2": lambda number: {"Name": f"Product {number}"},
    "Pricebook2": lambda number: {"Name": f"Prices {number}"},
    "PricebookEntry": lambda _: {"Product2Id": OTHERS["Product2"], "UnitPrice": 100},
    "User": lambda number: {
        "LastName": f"User {number}",
        "Username": f"user{number}@example.com",
        "Email": f"user{number}@example.com",
    },
}
"""What a record of each kind says at least."""

_VALUES: Final[dict[str, Any]] = {
    "ParentId": OTHERS["Account"],
    "AccountId": OTHERS["Account"],
    "OpportunityId": OTHERS["Opportunity"],
    "OwnerId": OTHERS["User"],
    "Pricebook2Id": OTHERS["Pricebook2"],
    "Product2Id": OTHERS["Product2"],
    "PricebookEntryId": OTHERS["PricebookEntry"],
    "Email": "grace@example.com",
    "Username": "grace@example.com",
    "Probability": 40,
    "NumberOfEmployees": 12,
    "AnnualRevenue": 1234,
}


def _kind(name: str, **words: Any) -> Kind:
    least = _RECORDS[name] if name in MADE else None
    return Kind(name, row_id="Id", least=least, values=_VALUES, **words)


SUBJECT: Final = Subject(
    name="salesforce",
    connect=Salesforce,
    pretend=Company,
    kinds=(
        _kind("Account", many=450, text="Name", refused={"ParentId": OTHERS["Product2"]}),
        *(_kind(name) for name in (*MADE[1:], "PricebookEntry", "User")),
    ),
    other_company="00D5e0000008abcEAA",
    options={"currency": "USD", "page_rows": str(PAGE_ROWS)},
    base_url="https://northwind.my.salesforce.com",
    exempt={
        "limit_is_waited_for": "Salesforce refuses requests only when the day's are used up, and no read waits a day"
    },
)
