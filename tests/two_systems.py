"""Two made-up systems and a ledger: enough to test matching, diffing and planning without a vendor.

`shop` has orders (integer minor units, Unix times), `books` has bills (decimals, dates, lines with ids); both have
people.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from syncctl.fields.schema import Field, Schema
from syncctl.ledger.engine import Engine, open_engine
from syncctl.ledger.lookups import Lookups
from syncctl.ledger.pairs import Decision
from syncctl.ledger.records import Records
from syncctl.mapping.language import Mapping
from syncctl.mapping.load import load_mapping
from syncctl.mapping.order import in_order
from syncctl.model import Action, Finding, Page, Raw, Record, Ref
from syncctl.paths import as_text, parse_path, read
from syncctl.plan.draft import Draft, draft
from syncctl.plan.present import present
from syncctl.plan.registry import Standing
from syncctl.projection.compiler import compile_mapping
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.reconciliation.refresh import Version, refresh
from syncctl.values.scope import Catalogue

AT = "2026-11-20T03:00:00+00:00"
WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.VOID, Action.ARCHIVE, Action.REACTIVATE})


def fields(*listed: Field) -> dict[str, Field]:
    return {field.path: field for field in listed}


ORDER = Schema(
    "shop",
    "order",
    fields(
        Field("id", "id"),
        Field("number"),
        Field("person", "ref", target="person"),
        Field("total", "money.minor.stripe", currency="currency"),
        Field("currency", "currency.lower"),
        Field("placed", "instant.epoch"),
        Field("status", "enum"),
        Field("note", writable="always"),
        Field("books_id", writable="always"),
        Field("lines", "object"),
        Field("lines.text"),
        Field("lines.amount", "money.minor.stripe", currency="currency"),
    ),
    dated="placed",
    amount="total",
    name=("number",),
    actions=frozenset({Action.UPDATE}),
)
BILL = Schema(
    "books",
    "Bill",
    fields(
        Field("Id", "id", assigned=True),
        Field("Number", writable="always", max_length=12),
        Field("Person", "ref.value", target="Person", writable="always", required=True),
        Field("Total", "money", currency="Currency", assigned=True, note="the vendor adds up the lines"),
        Field("Currency", "currency.value", writable="create"),
        Field("Date", "date", writable="always"),
        Field("Memo", writable="always"),
        Field("Void", "bool"),
        Field("Line", "object"),
        Field("Line.Id", "id", assigned=True),
        Field("Line.Text", writable="always"),
        Field("Line.Amount", "money", currency="Currency", writable="always"),
        Field("Line.Kind", "enum", writable="always"),
    ),
    identity="Id",
    dated="Date",
    amount="Total",
    name=("Number",),
    actions=WRITES,
)
PERSON = Schema(
    "shop",
    "person",
    fields(
        Field("id", "id"),
        Field("name", writable="always"),
        Field("email", writable="always"),
        Field("phone", writable="always"),
        Field("city", writable="always"),
    ),
    name=("name",),
    actions=frozenset({Action.UPDATE}),
)
BOOKS_PERSON = Schema(
    "books",
    "Person",
    fields(
        Field("Id", "id", assigned=True),
        Field("Name", writable="always", unique=True),
        Field("Email", writable="always"),
        Field("Phone", writable="always"),
        Field("City", writable="always"),
        Field("Active", "bool"),
    ),
    identity="Id",
    name=("Name",),
    actions=WRITES,
)

PEOPLE = """
mapping: people
left: shop.person
right: books.Person
match:
  - {left: email, right: Email, as: email}
create: right
fields:
  - {left: name, right: Name, once: true}
  - {left: email, right: Email, owner: left, as: email}
  - {left: phone, right: Phone, owner: left, as: phone}
  - {left: city, right: City, owner: both}
"""
ORDERS = """
mapping: orders
left: shop.order
right: books.Bill
marker: {right: Memo}
where: {left: {status: [open, paid]}}
match:
  - {left: number, right: Number}
create: right
gone: {void: void}
fields:
  - {left: number, right: Number, owner: left}
  - {left: person, right: Person, owner: left, link: people}
  - {left: placed, right: Date, owner: left}
  - {left: currency, right: Currency, once: true}
  - {left: books_id, right: Id, owner: right}
  - {left: total, right: Total, owner: none, tolerance: 0.01, reason: rounding}
lines:
  - left: lines
    right: Line(Kind=Item)
    owner: left
    match: [{left: text, right: Text}]
    fields:
      - {left: text, right: Text}
      - {left: amount, right: Amount}
"""


def state(ref: Ref, raw: Raw) -> str:
    """Void and inactive as these two systems tell it."""
    if raw.get("Void") or raw.get("status") == "void":
        return "void"
    return "archived" if raw.get("Active") is False else "open"


@cache
def _loaded(number: int, text: str) -> Mapping:
    """A mapping from its YAML; read once, because a property is tried on many ledgers."""
    return load_mapping(f"mappings/{number}.yaml", text.encode(), {"time_zone": "UTC"})


class World:
    """What values look at beyond their own record, as plain data: records by Ref, pair numbers by id."""

    def __init__(self, records: dict[Ref, Raw] | None = None, **pairs: int) -> None:
        self.records = records or {}
        self.pairs = pairs

    def record(self, ref: Ref) -> Raw | None:
        return self.records.get(ref)

    def pointing_here(self, system: str, kind: str, path: str, value: str) -> tuple[tuple[Ref, Raw], ...]:
        kept = ((ref, raw) for ref, raw in self.records.items() if (ref.system, ref.kind) == (system, kind))
        return tuple((ref, raw) for ref, raw in kept if value in map(as_text, read(raw, parse_path(path))))

    def pair(self, _mapping: str, ref: Ref) -> int | None:
        return self.pairs.get(ref.id)

    def partner(self, _mapping: str, ref: Ref) -> Ref | None:
        number = self.pairs.get(ref.id)
        return next((each for each in self.records if each != ref and self.pairs.get(each.id) == number), None)


class Desk:
    """A ledger in memory with mappings; records go in, findings and plans come out."""

    def __init__(self, *mappings: str, schemas: tuple[Schema, ...] = (ORDER, BILL, PERSON, BOOKS_PERSON)) -> None:
        self.engine: Engine = open_engine(None)
        self.records = Records(self.engine)
        self.texts = mappings or (PEOPLE, ORDERS)
        self.known = {(schema.system, schema.kind): schema for schema in schemas}
        self.mappings: tuple[Mapping, ...] = ()
        self.load(*self.texts)

    def load(self, *texts: str) -> None:
        """(Re)loads the mappings, as after an edit of their files."""
        self.texts = texts
        named = [_loaded(number, text) for number, text in enumerate(texts)]
        self.mappings = in_order(tuple(named))
        sides = {mapping.name: (mapping.left, mapping.right) for mapping in self.mappings}
        self.catalogue = Catalogue(self.known, state, ZoneInfo("America/New_York"), sides)
        self.books = Books(self.records, Lookups(self.engine, self.records, sides))
        self.compiled = [(compile_mapping(mapping, self.catalogue), self.version(mapping)) for mapping in self.mappings]

    def version(self, mapping: Mapping) -> Version:
        return Version(repr(mapping), repr(mapping))

    def projection(self, name: str) -> Projection:
        return next(projection for projection, _ in self.compiled if projection.mapping.name == name)

    def put(self, system: str, kind: str, *raws: dict[str, Any]) -> None:
        """Stores records as a pull would; the id is `id` or `Id`."""
        rows = tuple(
            Record(Ref(system, kind, str(raw.get("id") or raw.get("Id"))), json.dumps(raw).encode()) for raw in raws
        )
        self.records.store_page(system, kind, Page(rows), AT)

    def put_raw(self, system: str, kind: str, identity: str, raw: bytes) -> None:
        """Stores bytes as they came."""
        self.records.store_page(system, kind, Page((Record(Ref(system, kind, identity), raw),)), AT)

    def delete(self, system: str, kind: str, identity: str) -> None:
        self.records.store_page(system, kind, Page((), deleted=(Ref(system, kind, identity),)), AT)

    def decide(self, left: str, right: str, verdict: str, mapping: str = "people") -> None:
        """What `match confirm` and `match reject` do with two persons."""
        here, there = Ref("shop", "person", left), Ref("books", "Person", right)
        lookups, pairs = self.books.lookups, self.books.pairs
        with self.engine.write():
            together = lookups.partner(mapping, here) == there
            held = {lookups.pair(mapping, here), lookups.pair(mapping, there)} - {None}
            pairs.decide(Decision(mapping, here, there, verdict, "ana", AT))
            if (verdict == "reject") is together:
                for number in held:
                    pairs.remove(number, AT)  # type: ignore[arg-type]
            self.books.passes.judge_again(lookups.mapping_id(mapping))

    def accept(self, number: int, note: str = "seen") -> None:
        """What `findings accept` does."""
        with self.engine.write():
            assert self.books.findings.accept(number, note)

    def refresh(self) -> None:
        with self.engine.write():
            self.books.lookups.refresh()
        for projection, version in self.compiled:
            with self.engine.write():
                refresh(self.books, projection, version, AT)

    def findings(self) -> tuple[Finding, ...]:
        self.refresh()
        return tuple(finding for projection, _ in self.compiled for finding in present(self.books, projection))

    def facts(self) -> set[tuple[str, ...]]:
        """The findings without their dates: what an incremental pass must share with a full one."""
        return {
            (one.mapping, one.kind, one.field, str(one.left), str(one.right), one.left_shown, one.right_shown)
            for one in self.findings()
        }

    def again(self) -> set[tuple[str, ...]]:
        """The findings of a full pass over the same records and pairs."""
        self.compiled = [
            (projection, replace(version, sides=version.sides + "!")) for projection, version in self.compiled
        ]
        return self.facts()

    def plan(self, standing: Standing | None = None) -> Draft:
        self.refresh()
        return draft(self.books, self.compiled, standing or Standing(), AT, frozenset())


def order(
    number: str, *lines: tuple[str, int], person: str = "p1", status: str = "open", **more: Any
) -> dict[str, Any]:
    """An order in US cents placed on 2026-11-18, 12:00 UTC."""
    return {
        "id": f"o{number}",
        "number": number,
        "person": person,
        "currency": "usd",
        "placed": 1795003200,
        "status": status,
        "total": sum(amount for _, amount in lines),
        "lines": [{"text": text, "amount": amount} for text, amount in lines],
        **more,
    }


def bill(identity: str, number: str, *lines: tuple[str, str], person: str = "1", **more: Any) -> dict[str, Any]:
    """A bill in US dollars of 2026-11-18; amounts as decimal text become JSON numbers."""
    amounts = [float(amount) for _, amount in lines]
    return {
        "Id": identity,
        "Number": number,
        "Person": {"value": person},
        "Currency": {"value": "USD"},
        "Date": "2026-11-18",
        "Total": round(sum(amounts), 2),
        "Line": [
            {"Id": str(place), "Text": text, "Amount": amount, "Kind": "Item"}
            for place, ((text, _), amount) in enumerate(zip(lines, amounts, strict=True), 1)
        ],
        **more,
    }


def person(identity: str, name: str, email: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": name, "email": email, **more}


def books_person(identity: str, name: str, email: str, **more: Any) -> dict[str, Any]:
    return {"Id": identity, "Name": name, "Email": email, "Active": True, **more}
