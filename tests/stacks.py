"""The same small company over any stack of vendors, with what they say put in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulation.spelled import opportunity

from office import Office
from syncctl.cli.starter_settings import VARIABLES, Pretend, settings_text
from syncctl.stack import TITLES, Stack

ALL = tuple(Stack(books, crm) for books in ("quickbooks", "xero") for crm in ("hubspot", "salesforce"))
URL = "http://127.0.0.1:8101"
"""Nothing is asked there: the sandboxes are in this process."""
BOOKS_PATHS = {"quickbooks": "/invoice", "xero": "/Invoices"}
"""What a new invoice is sent to."""
_NUMBERS = {"quickbooks": "DocNumber", "xero": "InvoiceNumber"}
_TOTALS = {"quickbooks": "TotalAmt", "xero": "Total"}


def name_of(stack: Stack) -> str:
    """For a test's id."""
    return f"{stack.books}+{stack.crm}"


class StackOffice(Office):
    """An office over the systems of one stack."""

    def __init__(self, folder: Path, stack: Stack, **words: Any) -> None:
        self.stack = stack
        super().__init__(folder, **words)

    def settings(self) -> str:
        pretend = {name: Pretend(URL, found.token, found.company) for name, found in self.credentials.items()}
        return settings_text(self.stack.systems, pretend)

    def secrets(self) -> dict[str, str]:
        return {VARIABLES[name]: found.token for name, found in self.credentials.items()}

    def agreed(self, cents: int) -> dict[str, str]:
        if self.stack.crm == "hubspot":
            return {"hubspot_deal_id": self.deal(cents, self.project_id)["id"]}
        made = self.seed("salesforce", "Opportunity", opportunity(cents, self.project_id))
        return {"salesforce_opportunity_id": made["Id"]}

    def booked(self, number: str) -> list[dict[str, Any]]:
        held = self.records(self.stack.books, "Invoice").values()
        return [one for one in held if one.get(_NUMBERS[self.stack.books]) == number]

    def total(self, booked: dict[str, Any]) -> str:
        """The total of an invoice in the books."""
        return str(booked[_TOTALS[self.stack.books]])

    def project_of(self, booked: dict[str, Any]) -> set[str]:
        """The Project ID of an invoice in the books: a custom field, or the same tracking option on every line."""
        if self.stack.books == "quickbooks":
            return {one["StringValue"] for one in booked["CustomField"] if one["Name"] == "Project ID"}
        return {option["Option"] for line in booked["LineItems"] for option in line["Tracking"]}

    def deal_of(self, invoice: dict[str, Any]) -> dict[str, Any]:
        if self.stack.crm == "hubspot":
            return super().deal_of(invoice)
        return self.records("salesforce", "Opportunity")[invoice["metadata"]["salesforce_opportunity_id"]]

    def told(self, invoice: dict[str, Any]) -> tuple[Any, Any]:
        """What the CRM was told of an invoice: its number, and how far it is."""
        found = self.deal_of(invoice)
        if self.stack.crm == "hubspot":
            return found.get(f"{self.stack.books}_invoice_number"), found["dealstage"]
        return found.get(f"{TITLES[self.stack.books]}_Invoice__c"), found["StageName"]
