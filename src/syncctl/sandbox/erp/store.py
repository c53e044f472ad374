"""The ERP's records: numbers, revisions, stamps, and which writes it takes. No I/O."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.sandbox.erp.refusals import INVOICED, STALE, TAKEN, Refusal, fixed, missing, no_such, not_found
from syncctl.sandbox.erp.shapes import SHAPES, Raw, Shape, check_values, shown_amounts, totals
from syncctl.sandbox.erp.spelling import moment_of, moment_text

_FIRST: Final = {"customer": 10_001, "order": 500_001}
_PREFIX: Final = {"customer": "K", "order": ""}


class Store:
    """Customers and orders by number. `enforce` False lets an external_ref come twice."""

    def __init__(self, clock: Clock, *, enforce: bool = True) -> None:
        self.clock = clock
        self.enforce = enforce
        self.records: dict[str, dict[str, Raw]] = {kind: {} for kind in SHAPES}
        self._next = dict(_FIRST)

    # --- reads ---

    def get(self, kind: str, identity: str) -> Raw:
        """One record; raises Refusal."""
        found = self.records[kind].get(identity)
        if found is None:
            raise not_found(f"{kind} {identity}")
        return found

    def list(self, kind: str, filters: Mapping[str, str], changed_from: str) -> list[Raw]:
        """The records that fit, by number. Raises Refusal."""
        since = moment_of("changed_from", changed_from) if changed_from else None
        return [
            raw
            for _, raw in sorted(self.records[kind].items(), key=lambda item: int(item[0].lstrip("K")))
            if all(raw.get(name) == value for name, value in filters.items())
            and (since is None or moment_of("changed_at", raw["changed_at"]) >= since)
        ]

    # --- writes ---

    def create(self, kind: str, given: Raw) -> Raw:
        """A new record, checked like any client's. Raises Refusal."""
        shape = SHAPES[kind]
        check_values(shape.writable, given)
        self._check(kind, shape, given, "")
        return self._put(kind, self._number(kind), _filled(given), 1)

    def seed(self, kind: str, body: Raw) -> Raw:
        """A record made by people in the ERP itself; what is the ERP's own may be given."""
        shape = SHAPES[kind]
        held = self.records[kind].get(str(body.get(shape.identity, "")), {})
        given = {**held, **copy.deepcopy(body)}
        identity = str(given.pop(shape.identity, "") or self._number(kind))
        owned = {name: given.pop(name) for name in shape.owned if name in given}
        made = self._put(kind, identity, _filled(given), int(held.get("rev", 0)) + 1)
        kept = {name: value for name, value in owned.items() if body.get(name) is not None and name != "rev"}
        self.records[kind][identity] = made | kept
        return self.records[kind][identity]

    def replace(self, kind: str, identity: str, given: Raw) -> Raw:
        """The whole record anew: what is left out is emptied. Raises Refusal."""
        shape, held, given = SHAPES[kind], self.get(kind, identity), dict(given)
        if "rev" not in given:
            raise missing("rev")
        if given.pop("rev") != held["rev"]:
            raise Refusal(STALE, f"{kind} {identity} was changed by somebody else", status=409)
        if kind == "order" and held["status"] == "INVOICED":
            raise Refusal(INVOICED, f"order {identity} is invoiced", status=409, field="status")
        check_values(shape.writable, given)
        for name in shape.fixed:
            if name in given and given[name] != held.get(name):
                raise fixed(name)
        self._check(kind, shape, given, identity)
        kept = {name: held[name] for name in shape.fixed if name in held}
        return self._put(kind, identity, {**_filled(given), **kept}, held["rev"] + 1)

    def remove(self, kind: str, identity: str) -> None:
        """A person deletes a record."""
        del self.records[kind][identity]

    def _check(self, kind: str, shape: Shape, given: Raw, identity: str) -> None:
        for name in shape.required:
            if given.get(name) in (None, ""):
                raise missing(name)
        if kind == "order" and given["customer_no"] not in self.records["customer"]:
            raise no_such("customer_no", given["customer_no"])
        mark = given.get("external_ref")
        holder = next((key for key, raw in self.records[kind].items() if mark and raw.get("external_ref") == mark), "")
        if self.enforce and holder not in ("", identity):
            raise Refusal(TAKEN, f"external_ref {mark} is {kind} {holder}", status=409, field="external_ref")

    def _put(self, kind: str, identity: str, given: Raw, rev: int) -> Raw:
        shape = SHAPES[kind]
        raw = {shape.identity: identity, **_DEFAULTS[kind], **shown_amounts(given)}
        if kind == "order":
            customer = self.records["customer"].get(str(raw["customer_no"]), {})
            raw.setdefault("curr", customer.get("curr", "EUR"))
            raw |= totals(raw)
        self.records[kind][identity] = raw | {"changed_at": moment_text(self._now()), "rev": rev}
        return self.records[kind][identity]

    def _number(self, kind: str) -> str:
        self._next[kind] += 1
        return f"{_PREFIX[kind]}{self._next[kind] - 1}"

    def _now(self) -> datetime:
        return self.clock.now()


_DEFAULTS: Final[Mapping[str, Raw]] = {
    "customer": {"name": "", "email": None, "country": "DE", "curr": "EUR", "blocked": "N"},
    "order": {"customer_no": "", "tax_mode": "N", "status": "NEW", "positions": []},
}


def _filled(given: Mapping[str, Any]) -> Raw:
    return {name: value for name, value in given.items() if value is not None}
