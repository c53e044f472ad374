"""A system declared in YAML before the contract suite: the example ERP. I/O: reads its shipped file; no network."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.connectors.base import Access
from syncctl.connectors.rest import Rest, rest_connector
from syncctl.contract.subject import Kind, Subject
from syncctl.sandbox.erp import ErpSandbox

FILE: Final = "systems/erp.yaml"
SYSTEMS_IN_PACKAGE: Final = "example_systems"
CUSTOMER: Final = "K1"
DAY: Final = "20.11.2026"


@cache
def declaration() -> bytes:
    """The example's text with smaller pages: in the installed package, or in the repository's own folder."""
    packaged = resources.files("syncctl") / SYSTEMS_IN_PACKAGE
    folder = packaged if packaged.is_dir() else Path(__file__).resolve().parents[4] / "systems"
    return (folder / "erp.yaml").read_bytes().replace(b"rows: 100", b"rows: 20")


def connect(access: Access) -> Rest:
    """The connector that the example declares."""
    return rest_connector(FILE, declaration(), access)


class Company:
    """A company that runs the ERP, and somebody who works in it. The ERP deletes nothing."""

    def __init__(self, clock: Clock) -> None:
        self.vendor = ErpSandbox(clock, limits=False)
        self.token = self.vendor.token
        self.company = self.vendor.company
        self.vendor.seed("customer", {"customer_no": CUSTOMER, "name": "Who orders"})

    def make(self, kind: str, number: int) -> str:
        return str(self.vendor.seed(kind, _least(kind, number))[_NUMBERS[kind]])

    def change(self, kind: str, identity: str, number: int) -> None:
        changed = "city" if kind == "customer" else "note"
        self.vendor.seed(kind, {_NUMBERS[kind]: identity, changed: f"{changed} {number}"})

    def delete(self, kind: str, identity: str) -> None:
        raise AssertionError(f"no {kind} is deleted: {identity}")


_NUMBERS: Final = {"customer": "customer_no", "order": "order_no"}


def _least(kind: str, number: int) -> dict[str, Any]:
    if kind == "customer":
        return {"name": f"Customer {number}", "external_ref": f"customer {number}"}
    return {"customer_no": CUSTOMER, "order_date": DAY, "external_ref": f"order {number}"}


_POSITION: Final = {
    "article": "A1",
    "text": "Ärger & Söhne",
    "qty": "2,5",
    "price": "1.234,56",
    "vat_key": "1",
    "revenue_account": "8400",
}

SUBJECT: Final = Subject(
    name="rest",
    connect=connect,
    pretend=Company,
    kinds=(
        Kind(
            "customer",
            many=45,
            deletable=False,
            row_id="customer_no",
            least=lambda number: _least("customer", number),
            text="name",
            refused={"country": "Germany"},
            values={"country": "AT", "email": "ada@example.com"},
        ),
        Kind(
            "order",
            deletable=False,
            row_id="order_no",
            least=lambda number: _least("order", number),
            text="note",
            values={"customer_no": CUSTOMER, "positions": [_POSITION]},
        ),
    ),
    other_company="4712",
)
