"""Plaid before the contract suite. No network."""

from __future__ import annotations

from typing import Final

from syncctl.clock import Clock
from syncctl.connectors.plaid import Plaid
from syncctl.connectors.plaid.connector import SNAPSHOT_SECONDS
from syncctl.contract.subject import WRONG_TOKEN, Kind, Subject
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.plaid import PlaidSandbox

BANKS: Final = 3
"""An item is a page, and its transactions come all at once."""


class Banks:
    """A Plaid client with several banks, and their customer."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = PlaidSandbox(clock, limits=False)
        for number in range(2, BANKS + 1):
            self.vendor.add_item(f"Bank {number}")
        self.token = self.vendor.credential
        self.company = self.vendor.client_id
        self._clock = clock

    def make(self, kind: str, number: int) -> str:
        items = list(self.vendor.banks)
        bought = {"item_id": items[number % BANKS], "name": f"Card purchase {number}"}
        return str(self.vendor.seed(kind, bought)[f"{kind}_id"])

    def change(self, kind: str, identity: str, number: int) -> None:
        item = next(name for name, bank in self.vendor.banks.items() if identity in bank.entries)
        self.vendor.seed(kind, {"item_id": item, f"{kind}_id": identity, "name": f"Card purchase, changed {number}"})

    def delete(self, kind: str, identity: str) -> None:
        assert kind == "transaction"
        self.vendor.remove(identity)
        # What was read before may vouch for a transaction so long, because Plaid cannot be asked for a single one.
        self._clock.sleep(SNAPSHOT_SECONDS + 1)


SUBJECT: Final = Subject(
    name="plaid",
    connect=Plaid,
    pretend=Banks,
    kinds=(Kind("transaction", many=30, row_id="transaction_id"),),
    other_company="5f0c00000000000000000002",
    wrong_token=PlaidSandbox(FakeClock(), client_id="5f0c00000000000000000009", secret=WRONG_TOKEN).credential,
    exempt={"late_does_not_undo": "Plaid's transactions carry neither a version nor the time of their last change"},
)
