"""What people do at the vendors, in words that every vendor has: edit, delete, void, sell, pay, join. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from simulation.facts import Fact
from simulation.truth import Raw
from syncctl.model import Ref
from syncctl.sandbox.base import Sandbox, SandboxRequest
from syncctl.sandbox.world import CREDENTIALS

Read = Callable[[Any, str], Any]
Write = Callable[[Any, str, str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A field that a person edits. `mapped` when a mapping writes it too; `path` is its name in a change."""

    system: str
    kind: str
    path: str
    mapped: bool
    read: Read
    write: Write
    value: str = "text"


def _books_place(kind: str, path: str, *, mapped: bool, value: str = "text") -> Place:
    """A field of QuickBooks, one level deep at most; every edit gives the record another SyncToken."""
    outer, _, inner = path.partition(".")

    def read(vendor: Any, identity: str) -> Any:
        held = vendor.books.get(kind, identity).get(outer)
        return (held or {}).get(inner) if inner else held

    def write(vendor: Any, identity: str, text: str) -> None:
        held = vendor.books.get(kind, identity)
        amend(vendor, kind, held, **{outer: {**(held.get(outer) or {}), inner: text} if inner else text})

    return Place("quickbooks", kind, path, mapped, read, write, value)


def amend(vendor: Any, kind: str, held: Raw, **changed: Any) -> Raw:
    """What a person's edit in QuickBooks does: the change, a new SyncToken, a new stamp."""
    stamps = {**held["MetaData"], "LastUpdatedTime": vendor.clock.now().isoformat(timespec="seconds")}
    token = str(int(held["SyncToken"]) + 1)
    made: Raw = vendor.seed(kind, {**held, "SyncToken": token, "MetaData": stamps, **changed})
    return made


def _xero_place(kind: str, path: str, *, mapped: bool, value: str = "text") -> Place:
    def read(vendor: Any, identity: str) -> Any:
        return vendor.books.get(kind, identity).get(path)

    def write(vendor: Any, identity: str, text: str) -> None:
        vendor.edit(kind, identity, **{path: text})

    return Place("xero", kind, path, mapped, read, write, value)


def _hubspot_place(name: str, *, mapped: bool, value: str = "text") -> Place:
    def read(vendor: Any, identity: str) -> Any:
        return vendor.account.objects["deal"][identity].properties.get(name)

    def write(vendor: Any, identity: str, text: str) -> None:
        vendor.edit("deal", identity, {name: text})

    return Place("hubspot", "deal", f"properties.{name}", mapped, read, write, value)


def _salesforce_place(name: str, *, mapped: bool, value: str = "text") -> Place:
    def read(vendor: Any, identity: str) -> Any:
        return vendor.org.find("Opportunity", identity).values.get(name)

    def write(vendor: Any, identity: str, text: str) -> None:
        vendor.edit("Opportunity", identity, {name: text})

    return Place("salesforce", "Opportunity", name, mapped, read, write, value)


def _erp_place(kind: str, name: str, identity_field: str, *, mapped: bool) -> Place:
    def read(vendor: Any, identity: str) -> Any:
        return vendor.store.records[kind][identity].get(name)

    def write(vendor: Any, identity: str, text: str) -> None:
        vendor.seed(kind, {identity_field: identity, name: text})

    return Place("erp", kind, name, mapped, read, write)


def _stripe_place(kind: str, name: str) -> Place:
    def read(vendor: Any, identity: str) -> Any:
        return vendor.store.things[kind][identity].get(name)

    def write(vendor: Any, identity: str, text: str) -> None:
        at_stripe(vendor, f"/v1/{kind}s/{identity}", {name: text})

    return Place("stripe", kind, name, False, read, write)


PLACES: Final = (
    _books_place("Customer", "PrimaryPhone.FreeFormNumber", mapped=True, value="phone"),
    _books_place("Customer", "PrimaryEmailAddr.Address", mapped=True, value="mail"),
    _books_place("Customer", "Notes", mapped=False),
    _books_place("Invoice", "DueDate", mapped=True, value="day"),
    _books_place("Invoice", "BillEmail.Address", mapped=True, value="mail"),
    _books_place("Invoice", "CustomerMemo.value", mapped=False),
    _xero_place("Contact", "EmailAddress", mapped=True, value="mail"),
    _xero_place("Contact", "FirstName", mapped=False),
    _hubspot_place("amount", mapped=True, value="amount"),
    _hubspot_place("dealname", mapped=False),
    _salesforce_place("Amount", mapped=True, value="amount"),
    _salesforce_place("Name", mapped=False),
    _erp_place("customer", "city", "customer_no", mapped=True),
    _erp_place("customer", "street", "customer_no", mapped=False),
    _erp_place("order", "note", "order_no", mapped=True),
    _stripe_place("customer", "description"),
    _stripe_place("invoice", "description"),
)
"""What people edit, by vendor. The mapped ones are owned by the other side: an edit that a plan saw is put back, one
that it did not see must stay."""


def places(system: str, kind: str) -> list[Place]:
    return [place for place in PLACES if (place.system, place.kind) == (system, kind)]


def same(left: Any, right: Any) -> bool:
    """Whether two spellings of one vendor mean the same."""
    try:
        return Decimal(str(left)) == Decimal(str(right))
    except InvalidOperation:
        return str(left) == str(right)


def at_stripe(vendor: Any, path: str, form: Mapping[str, str]) -> Raw:
    """What somebody does in Stripe's dashboard: the vendor's rules hold."""
    headers = {"authorization": f"Bearer {vendor.token}", "content-type": "application/x-www-form-urlencoded"}
    answer = vendor.handle(SandboxRequest("POST", path, (), headers, urlencode(form).encode()))
    if answer.status >= 300:
        raise RuntimeError(f"Stripe refuses {path}: {answer.body!r}")
    found: Raw = json.loads(answer.body)
    return found


def void_at_stripe(vendor: Any, fact: Fact) -> None:
    """The invoice is void from now on."""
    at_stripe(vendor, f"/v1/invoices/{fact.source.id}/void", {})


def remove_in_books(sandbox: Sandbox, ref: Ref) -> None:
    """A person deletes a payment, or voids an invoice, in the books themselves."""
    vendor: Any = sandbox.vendor
    if ref.system == "quickbooks":
        held = vendor.books.get(ref.kind, ref.id)
        word = "delete" if ref.kind == "Payment" else "void"
        body = json.dumps({"Id": ref.id, "SyncToken": held["SyncToken"]}).encode()
        headers = {"authorization": f"Bearer {vendor.token}", "content-type": "application/json"}
        path = f"/v3/company/{CREDENTIALS['quickbooks'].company}/{ref.kind.lower()}"
        query = (("operation", word), ("minorversion", "75"))
        answer = vendor.handle(SandboxRequest("POST", path, query, headers, body))
    else:
        headers = {
            "authorization": f"Bearer {vendor.token}",
            "content-type": "application/json",
            "accept": "application/json",
            "xero-tenant-id": vendor.tenant,
        }
        status = "DELETED" if ref.kind == "Payment" else "VOIDED"
        body = json.dumps({f"{ref.kind}s": [{f"{ref.kind}ID": ref.id, "Status": status}]}).encode()
        path = f"/api.xro/2.0/{ref.kind}s/{ref.id}"
        answer = vendor.handle(SandboxRequest("POST", path, (), headers, body))
    if answer.status >= 300:
        raise RuntimeError(f"{ref.system} refuses to remove {ref}: {answer.body!r}")


def book_customer(sandbox: Sandbox, books: str, name: str, mail: str) -> None:
    """A person enters a customer in QuickBooks or Xero themselves."""
    if books == "quickbooks":
        sandbox.vendor.seed("Customer", {"DisplayName": name, "PrimaryEmailAddr": {"Address": mail}})
    else:
        sandbox.vendor.seed("Contact", {"Name": name, "EmailAddress": mail})
