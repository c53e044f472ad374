"""Stripe before the contract suite. No network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from syncctl.clock import Clock
from syncctl.connectors.stripe import Stripe
from syncctl.contract.subject import Kind, Subject
from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.stripe import StripeSandbox


class Account:
    """A Stripe account, and the person at its dashboard."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = StripeSandbox(clock, requests_per_second=None, endpoint_per_second=None)
        self.token = self.vendor.token
        self.company = self.vendor.store.account

    def make(self, kind: str, number: int) -> str:
        return self._seed(kind, _BODIES[kind](self, number))

    def change(self, kind: str, identity: str, number: int) -> None:
        self._ask("POST", f"/v1/{kind}s/{identity}", {"metadata[edited]": str(number)})

    def delete(self, kind: str, identity: str) -> None:
        self._ask("DELETE", f"/v1/{kind}s/{identity}", {})

    def _seed(self, kind: str, body: Mapping[str, Any]) -> str:
        return str(self.vendor.seed(kind, body)["id"])

    def _ask(self, method: str, path: str, values: Mapping[str, str]) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        answer = self.vendor.handle(SandboxRequest(method, path, (), headers, urlencode(values).encode()))
        assert answer.status == 200, answer.body


_BODIES: Final[dict[str, Callable[[Account, int], Mapping[str, Any]]]] = {
    "customer": lambda _, number: {"name": f"Somebody {number}"},
    "product": lambda _, number: {"name": f"Product {number}"},
    "price": lambda account, number: {"product": account.make("product", number), "unit_amount": 1, "currency": "usd"},
    "invoice": lambda account, number: {
        "customer": account.make("customer", number),
        "status": "open",
        "lines": [{"amount": 1000}],
    },
    "charge": lambda _, number: {"amount": 100 + number, "currency": "usd"},
    "refund": lambda account, number: {"charge": account.make("charge", number), "amount": 100},
    "credit_note": lambda account, number: {"invoice": account.make("invoice", number), "lines": [{"amount": 100}]},
    "payout": lambda _, number: {"amount": 100 + number, "currency": "usd"},
}
"""What somebody else's records are made of."""

_ADDRESS: Final = ("line1", "line2", "city", "state", "postal_code", "country")
_SHIPPING: Final = ("shipping.name", "shipping.phone", *(f"shipping.address.{part}" for part in _ADDRESS))
"""Stripe takes a shipping address only with a name and a first line."""
_DOCUMENTS: Final = tuple(Kind(name, deletable=False) for name in _BODIES if name != "customer")
"""Of these only the metadata is written, and none is created."""

SUBJECT: Final = Subject(
    name="stripe",
    connect=Stripe,
    pretend=Account,
    kinds=(
        Kind(
            "customer",
            many=230,
            least=lambda number: {"name": f"Customer {number}"},
            text="name",
            refused={"email": "this is no address"},
            alongside={place: {"shipping.name": "Ada", "shipping.address.line1": "1 High St"} for place in _SHIPPING},
            values={"email": "ada@example.com", "phone": "+49 221 12345", "preferred_locales": ["de", "en"]},
        ),
        *_DOCUMENTS,
    ),
    other_company="acct_1SomebodyElse000",
    exempt={"late_does_not_undo": "Stripe's records carry neither a version nor the time of their last change"},
)
