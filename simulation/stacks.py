"""The stacks of systems that worlds stand on: their settings, and a lean set of the shipped mappings. No I/O.

Four are Stripe with one of two books and one of two CRMs, the fifth has a QuickBooks that forgets request ids at once;
the others are Stripe with an ERP that only a YAML file declares, once per way in which it can tell a repeated create.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from syncctl.cli.scaffold import starter_mappings
from syncctl.cli.starter_settings import VARIABLES, Pretend, settings_text
from syncctl.sandbox.world import CREDENTIALS, world_credentials
from syncctl.stack import Stack

URL: Final = "http://127.0.0.1:8101"
"""Nothing is asked there: the pretend vendors are in this process."""
LEFT_OUT: Final = ("credit_memos", "refunds", "refund_payments", "credit_allocations", "contacts", "accounts")
"""Shipped mappings that no world has: each costs time in every night, and writes like those that are there."""
ERP_FILE: Final = Path(__file__).resolve().parent.parent / "systems" / "erp.yaml"
_UNIQUE: Final = "idempotency: {unique: external_ref}"
ERP_WAYS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "unique": (_UNIQUE, {}),
    "header": (
        "idempotency: {header: Idempotency-Key, retention: 24h}",
        {"enforce": False, "key_in": "header:Idempotency-Key"},
    ),
    "none": ("idempotency: none", {"enforce": False}),
}
"""How the ERP tells a repeated create: what its file says, and how the pretend one behaves."""
_ERP_SETTINGS: Final = """
ledger: ledger.db
mappings: mappings
systems:
  stripe: {{connector: stripe, environment: sandbox, credential: "env:STRIPE_API_KEY", company: "{stripe}"}}
  erp:
    connector: rest
    environment: sandbox
    credential: "env:ERP_API_KEY"
    company: "{erp}"
    base_url: http://127.0.0.1:8105/api
    file: systems/erp.yaml
books: {{time_zone: America/New_York}}
"""
_ERP_CUSTOMERS: Final = """
mapping: customers
left: stripe.customer
right: erp.customer
match:
  - {left: metadata.erp_id, right: customer_no}
  - {left: email, right: email, as: email}
create: right
unmatched: {right: ignore}
fields:
  - {left: name, right: name, once: true}
  - {left: email, right: email, owner: left, as: email}
  - {left: address.city, right: city, owner: left}
  - {left: currency, right: curr, once: true}
  - {left: metadata.erp_id, right: customer_no, owner: right}
"""
_ERP_ORDERS: Final = """
mapping: orders
left: stripe.invoice
right: erp.order
where: {left: {status: [open, paid], total: {over: 0}}}
match:
  - {left: metadata.erp_id, right: order_no}
  - {left: number, right: note}
create: right
unmatched: {right: ignore}
fields:
  - {left: number, right: note, owner: left}
  - {left: customer, right: customer_no, owner: left, link: customers}
  - {left: effective_at, right: order_date, owner: left}
  - {left: due_date, right: due, owner: left}
  - {left: currency, right: curr, once: true}
  - {left: {constant: SHIPPED}, right: status, once: true}
  - {left: metadata.erp_id, right: order_no, owner: right}
lines:
  - left: lines.data
    right: positions
    owner: left
    match: [{left: description, right: text}]
    fields:
      - {left: description, right: text}
      - {left: quantity, right: qty}
      - {left: amount, right: price}
"""


@dataclass(frozen=True)
class Ground:
    """One stack: the systems in order, the words of its project's files, and the switches of its pretend vendors."""

    name: str
    books: str
    crm: str = ""
    switches: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def systems(self) -> tuple[str, ...]:
        return tuple(filter(None, ("stripe", self.books, self.crm)))

    @property
    def stack(self) -> Stack:
        """For the seeds of the vendors; the ERP's world has the usual one's Stripe."""
        return Stack(self.books, self.crm) if self.crm else Stack()

    @property
    def environment(self) -> dict[str, str]:
        return {VARIABLES[name]: CREDENTIALS[name].token for name in self.systems}


def _usual(books: str, crm: str) -> Ground:
    stack = Stack(books, crm)
    pretend = {name: Pretend(URL, one.token, one.company) for name, one in world_credentials(stack.systems).items()}
    files = {"syncctl.yaml": settings_text(stack.systems, pretend)}
    for name, text in starter_mappings(stack.systems):
        if name.removesuffix(".yaml") not in LEFT_OUT:
            files[f"mappings/{name}"] = _without_left_out(text)
    return Ground(f"{books}+{crm}", books, crm, files=files)


def _without_left_out(text: str) -> str:
    for name in LEFT_OUT:
        text = text.replace(f", {name}", "")
    return text


def _declared(way: str) -> Ground:
    said, switches = ERP_WAYS[way]
    held = ERP_FILE.read_text()
    if _UNIQUE not in held:
        raise ValueError(f"{ERP_FILE} does not say {_UNIQUE} any more")
    companies = {name: CREDENTIALS[name].company for name in ("stripe", "erp")}
    files = {
        "syncctl.yaml": _ERP_SETTINGS.format(**companies),
        "systems/erp.yaml": held.replace(_UNIQUE, said),
        "mappings/customers.yaml": _ERP_CUSTOMERS,
        "mappings/orders.yaml": _ERP_ORDERS,
    }
    return Ground(f"erp ({way})", "erp", switches=switches, files=files)


def _forgetful() -> Ground:
    """QuickBooks without its memory of request ids, and a connector that knows it: only looking and waiting help."""
    usual = _usual("quickbooks", "hubspot")
    said = "    connector: quickbooks\n"
    text = usual.files["syncctl.yaml"]
    if said not in text:
        raise ValueError("the starter settings name no QuickBooks any more")
    text = text.replace(said, f'{said}    options: {{requestid_seconds: "1"}}\n')
    return replace(
        usual,
        name="quickbooks (no request ids)+hubspot",
        switches={"requestid_seconds": -1},
        files={**usual.files, "syncctl.yaml": text},
    )


def grounds() -> tuple[Ground, ...]:
    """All stacks, in a fixed order."""
    usual = [_usual(books, crm) for books in ("quickbooks", "xero") for crm in ("hubspot", "salesforce")]
    return (*usual, _forgetful(), *map(_declared, ERP_WAYS))
