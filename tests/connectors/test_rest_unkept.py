"""A vendor that silently changes what it is sent: it is told once, and never sent again until something moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_office import RestOffice

from syncctl.sandbox.base import Sandbox, SandboxAnswer, SandboxRequest, Vendor

Distort = Callable[[str], str]
WAYS: Final[dict[str, Distort]] = {
    "small letters": str.lower,
    "cut": lambda text: text[:6],
    "no blanks": lambda text: text.replace(" ", ""),
    "nothing": lambda _: "",
    "its own idea": lambda text: f"{len(text)} signs",
    "turned round": lambda text: text[::-1],
}
KEYS: Final = frozenset({"street", "note", "DisplayName", "City", "Description", "PrivateNote"})
"""What we write there; the rest of a record that is sent whole was bent already, when it came to be."""
AMOUNTS: Final = frozenset({"Amount"})
ONE_WAY: Final = """
mapping: customers
left: erp.customer
right: quickbooks.Customer
match:
  - {left: email, right: PrimaryEmailAddr.Address, as: email}
create: right
fields:
  - {left: name, right: DisplayName, owner: left}
  - {left: email, right: PrimaryEmailAddr.Address, once: true}
  - {left: city, right: BillAddr.City, owner: left}
  - {left: street, right: GivenName, owner: right}
  - {left: curr, right: CurrencyRef, once: true}
"""


class Distorting(Sandbox):
    """A vendor in front of which every text of a write is put into another shape, and amounts lose their cents."""

    def __init__(self, vendor: Vendor, way: Distort) -> None:
        super().__init__(vendor)
        self.way = way

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        if request.method == "GET" or not request.body.startswith(b"{"):
            return super().handle(request)
        body = json.dumps(self._bent(json.loads(request.body))).encode()
        return super().handle(replace(request, body=body))

    def _bent(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._bent(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._bent(inner) for inner in value]
        if key in AMOUNTS:
            return int(float(value))
        return self.way(value) if key in KEYS and isinstance(value, str) else value


def distorted(folder: Path, erp: str, books: str) -> RestOffice:
    """Both vendors bend what is written to them."""
    place = RestOffice(folder)
    (folder / "mappings" / "customers.yaml").write_text(ONE_WAY)
    ways = {"erp": WAYS[erp], "quickbooks": WAYS[books]}
    place.sandboxes = {name: Distorting(vendor, ways[name]) for name, vendor in place.vendors.items()}
    place.project.close()
    settings = folder / "syncctl.yaml"
    settings.write_text(settings.read_text().replace("max_changes: 1000", "max_changes: 1000, canary: 0"))
    place.project = place.open()
    return place


def fill(place: RestOffice, names: list[str]) -> None:
    """Customers of the ERP, the first of them known to the books, and an order with two lines for each."""
    for number, name in enumerate(names):
        mail = f"c{number}@example.com"
        who = place.vendors["erp"].seed("customer", {"name": f"{name} {number}", "email": mail, "city": "Bad Homburg"})
        lines = [
            {"pos": str(at), "text": f"{name} day {at}", "qty": "1", "price": f"{at}0,75", "vat_key": "0"}
            for at in (1, 2)
        ]
        order = {"customer_no": who["customer_no"], "order_date": "18.11.2026", "status": "SHIPPED", "curr": "EUR"}
        place.vendors["erp"].seed("order", {**order, "positions": lines})
    known = {"PrimaryEmailAddr": {"Address": "c0@example.com"}, "GivenName": "Lange Straße 1"}
    place.vendors["quickbooks"].seed(
        "Customer", {"DisplayName": "Known to both", "CurrencyRef": {"value": "EUR"}, **known}
    )


@settings(
    max_examples=4, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(
    st.sampled_from(sorted(WAYS)),
    st.sampled_from(sorted(WAYS)),
    st.lists(st.text("AbÄ ,z", min_size=1, max_size=9).map(lambda text: f"N{text}"), min_size=1, max_size=3),
)
def test_whatever_a_vendor_makes_of_what_it_is_sent_the_next_nights_write_nothing(
    erp: str, books: str, names: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        place = distorted(Path(folder), erp, books)
        fill(place, names)
        place.reconcile()
        assert place.writes()
        settled = place.writes()
        assert (place.night().plan.changes, place.writes()) == ((), settled)
        moved = next(iter(place.held("erp", "customer")))
        place.vendors["erp"].seed("customer", {**moved, "city": "Kassel", "rev": moved["rev"] + 1})
        place.night()
        settled = place.writes()
        assert (place.night().plan.changes, place.writes()) == ((), settled)
        place.project.close()
