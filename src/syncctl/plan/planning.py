"""Planning one mapping: its projection, the ledger under the overlay, and what is planned so far. I/O: the ledger.

The overlay is the ledger itself inside a transaction that is rolled back: a planned create is stored as a provisional
record, a planned update as its after-values, and the same project, match and judge run over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias

from syncctl.fields.jsontext import encode_json
from syncctl.fields.placeholder import placeholder
from syncctl.fields.schema import Schema
from syncctl.ledger.pairs import Link
from syncctl.mapping.language import other
from syncctl.model import Money, Raw, Record, Ref, SideName, Unknown
from syncctl.paths import parse_path, read, write
from syncctl.plan.registry import Planned
from syncctl.projection.keys import Parts
from syncctl.projection.projection import Projection
from syncctl.reconciliation.books import Books
from syncctl.settlement import as_expected, foreseen
from syncctl.shortcuts import MICROS
from syncctl.values.scope import Scope


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A record that a match rule cannot read: by rule what can be read of it. `held`: the ledger has the record, so
    that a person can match it."""

    ref: Ref
    parts: tuple[Parts, ...]
    why: str
    held: bool


Known: TypeAlias = tuple[int, tuple[int, ...]]
"""A rule's number, and the places of those of its values that can be read."""


@dataclass(frozen=True, slots=True)
class Blind:
    """What match rules cannot read on a side, by what can be read of it all the same; and which two records a person
    said are two."""

    spots: Mapping[Known, Mapping[tuple[str, ...], Sequence[Unrecognised]]]
    rejected: frozenset[frozenset[Ref]]


@dataclass(frozen=True, slots=True)
class Planning:
    """What the planners of one mapping are given. `at` is the time of the plan."""

    projection: Projection
    books: Books
    planned: Planned
    at: str
    blind: dict[SideName, Blind] = field(default_factory=dict)
    """By side, once somebody asked."""

    def scope(self, ref: Ref, raw: Raw) -> Scope:
        """The record as a place to read values from."""
        return Scope(ref, raw, self.books.lookups)

    def schema(self, ref: Ref) -> Schema:
        """What is known about records of this kind."""
        return self.projection.catalogue.schema(ref.system, ref.kind)

    def amount(self, side: SideName, scope: Scope) -> Money | None:
        """What a record is about in money, as the mapping says; what the plan makes of it where it is known so far."""
        micros, currency = self.projection.amount_of(side, scope.root, scope)
        if micros is None and (raw := as_expected(self.schema(scope.ref), scope.root)) is not None:
            micros, currency = self.projection.amount_of(side, raw, self.scope(scope.ref, raw))
        return None if micros is None else Money(Decimal(micros) / MICROS, currency)

    def amount_after(self, toward: SideName, ref: Ref, after: Raw, source: Scope, before: Money | None) -> Money | None:
        """The amount of a record that is `after` once it is written: what is written there itself; else, because its
        vendor adds it up, what the source says.
        """
        made, said = self.amount(toward, self.scope(ref, after)), self.amount(other(toward), source)
        if made is None or made == before:
            return said
        return made if made.currency or said is None else replace(made, currency=said.currency)

    def stored(self, ref: Ref) -> Record:
        """The record as the ledger holds it now."""
        found = self.books.records.record(ref)
        assert found is not None
        return found

    def store_after(self, ref: Ref, raw: Raw) -> None:
        """A record as it will be after a planned change."""
        self.books.records.store_receipt(replace(self.stored(ref), raw=encode_json(raw)), self.at)
        self.books.lookups.forget()

    def store_provisional(self, ref: Ref, made: Raw, money: Money | None) -> None:
        """A planned record: its id and what the vendor assigns are known after apply."""
        schema = self.schema(ref)
        for found in schema.fields.values():
            plain = parse_path(found.place)
            if found.assigned and found.path != schema.identity and not list(read(made, plain)):
                total = money.amount if money is not None and found.path in (schema.amount, schema.owed) else None
                made = foreseen(made, ref, found.place, total)
        identity = schema.fields[schema.identity].place if schema.identity in schema.fields else schema.identity
        made = write(made, parse_path(identity), placeholder(Unknown(ref, "")))
        self.books.records.store_receipt(Record(ref, encode_json(made)), self.at)
        self.books.lookups.forget()

    def pair_with(self, record: int, fresh: Ref, toward: SideName) -> None:
        """Pairs a record with the provisional one that is made from it on side `toward`."""
        new = self.books.records.number_of(fresh)
        assert new is not None
        left, right = (record, new) if toward == "right" else (new, record)
        mapping = self.books.lookups.mapping_id(self.projection.mapping.name)
        self.books.pairs.add(mapping, [Link((left,), (right,), "created", 100.0, "plan")], self.at)
