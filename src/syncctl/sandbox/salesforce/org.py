"""One pretend org: objects, records, ids, stamps, the recycle bin, rules and locks. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.clock import Clock
from syncctl.sandbox.salesforce.catalog import standard_objects
from syncctl.sandbox.salesforce.fields import CHILD_NAMES, FieldDef, ObjectDef, child

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE: Final = "5e0000"
_CLOSED: Final = {"Closed Won": (True, True), "Closed Lost": (True, False)}
_CHANCES: Final = {"Prospecting": 10, "Closed Won": 100, "Closed Lost": 0}


def checksum(identity: str) -> str:
    """The three letters that make 15 characters 18."""
    blocks = (identity[start : start + 5] for start in (0, 5, 10))
    return "".join(_SUFFIX[sum(1 << at for at, letter in enumerate(block) if letter.isupper())] for block in blocks)


def stamp(moment: datetime) -> str:
    """The vendor's spelling of a moment: whole seconds, no colon in the offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@dataclass
class Stored:
    """One record. `values` holds every field that is set; the system's own fields are kept beside them."""

    id: str
    kind: str
    values: dict[str, Any]
    created: datetime
    modified: datetime
    stamped: datetime
    deleted: datetime | None = None
    purged: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A validation rule: refuses when every field of `when` has its value, or, with `missing`, that field is empty."""

    message: str
    when: Mapping[str, Any]
    field: str = ""
    missing: str = ""


class Org:
    """All state of the pretend vendor."""

    def __init__(self, clock: Clock, *, currencies: tuple[str, ...] = ()) -> None:
        self.clock = clock
        self.currencies = currencies
        self.objects: dict[str, ObjectDef] = standard_objects(currencies)
        self.records: dict[str, dict[str, Stored]] = {name: {} for name in self.objects}
        self.rules: dict[str, list[Rule]] = {}
        self.duplicate_rules: dict[str, list[tuple[str, ...]]] = {}
        self.locks: dict[str, int] = {}
        self.user = ""
        self.unique: dict[tuple[str, str], dict[str, str]] = {}
        self._next = 0

    def now(self) -> datetime:
        """Whole seconds, as the vendor keeps them."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    # --- objects ---

    def visible(self, name: str) -> ObjectDef | None:
        """An object by its name, whatever its case, if the user sees it."""
        found = next((one for one in self.objects.values() if one.name.lower() == name.lower()), None)
        return found if found is not None and found.visible else None

    def children(self, kind: str) -> Iterator[dict[str, Any]]:
        """Who points to an object."""
        for other in self.objects.values():
            for one in other.fields.values():
                if kind in one.refers_to and ((other.name, one.name) in CHILD_NAMES or one.custom):
                    yield child(one, other.name)

    def by_prefix(self, identity: str) -> str:
        """The object that an id belongs to."""
        return next((one.name for one in self.objects.values() if identity[:3] == one.prefix), "")

    # --- records ---

    def new_id(self, kind: str) -> str:
        """The next id: in the order of creation, as the vendor's are."""
        self._next += 1
        number, letters = self._next, ""
        for _ in range(6):
            number, place = divmod(number, len(_DIGITS))
            letters = _DIGITS[place] + letters
        short = f"{self.objects[kind].prefix}{_INSTANCE}{letters}"
        return short + checksum(short)

    def find(self, kind: str, identity: str) -> Stored | None:
        """The record with this id of 15 or 18 letters, also from the recycle bin."""
        short = identity[:15]
        found = self.records[kind].get(short + checksum(short)) if len(identity) in (15, 18) else None
        return found if found is not None and not found.purged else None

    def live(self, kind: str) -> list[Stored]:
        return [one for one in self.records[kind].values() if one.deleted is None]

    def add(self, record: Stored) -> Stored:
        """Stores a new record."""
        self.records[record.kind][record.id] = record
        self.index(record)
        return record

    def touch(self, record: Stored, *, visible: bool = True) -> None:
        """After a change; `visible` False moves SystemModstamp alone, as the vendor's own processes do."""
        record.stamped = self.now()
        if visible:
            record.modified = record.stamped

    def value(self, record: Stored, one: FieldDef) -> Any:
        """What a field shows now, the vendor's own and calculated ones included."""
        name = one.name
        if one.formula:
            return self._calculated(record, one.formula)
        if name in _SYSTEM:
            return _SYSTEM[name](record, self)
        if name == "Name" and record.kind in ("Contact", "User"):
            return " ".join(filter(None, (record.values.get("FirstName"), record.values.get("LastName")))) or None
        if record.kind == "Opportunity" and name in _OPPORTUNITY:
            return _OPPORTUNITY[name](record, self)
        if record.kind == "OpportunityLineItem" and name == "TotalPrice":
            quantity, price = record.values.get("Quantity"), record.values.get("UnitPrice")
            return None if quantity is None or price is None else quantity * price
        return record.values.get(name, False if one.type == "boolean" else None)

    def _calculated(self, record: Stored, formula: str) -> Any:
        """`AccountId.Credit__c`: a field of the record that a reference names."""
        reference, _, name = formula.partition(".")
        parent = self.find(
            self.by_prefix(str(record.values.get(reference) or "")) or record.kind,
            str(record.values.get(reference) or ""),
        )
        if parent is None:
            return None
        return self.value(parent, self.objects[parent.kind].fields[name])

    # --- unique values ---

    def holder(self, kind: str, one: FieldDef, value: Any) -> Stored | None:
        """The live record that has this value of a unique field."""
        identity = self.unique.get((kind, one.name), {}).get(_folded(one, value))
        found = self.records[kind].get(identity) if identity else None
        return found if found is not None and found.deleted is None else None

    def index(self, record: Stored) -> None:
        """Remembers a record's unique values."""
        for one in self.objects[record.kind].fields.values():
            if one.unique and record.values.get(one.name) is not None:
                table = self.unique.setdefault((record.kind, one.name), {})
                table[_folded(one, record.values[one.name])] = record.id

    def unindex(self, record: Stored) -> None:
        """Forgets them, before they change."""
        for one in self.objects[record.kind].fields.values():
            value = record.values.get(one.name)
            if one.unique and value is not None:
                table = self.unique.get((record.kind, one.name), {})
                if table.get(_folded(one, value)) == record.id:
                    del table[_folded(one, value)]


def _folded(one: FieldDef, value: Any) -> str:
    return str(value) if one.case_sensitive else str(value).casefold()


def _lines(record: Stored, org: Org) -> list[Stored]:
    return [one for one in org.live("OpportunityLineItem") if one.values.get("OpportunityId") == record.id]


def _closed(record: Stored) -> tuple[bool, bool]:
    return _CLOSED.get(str(record.values.get("StageName")), (False, False))


def _probability(record: Stored, _: Org) -> Any:
    held = record.values.get("Probability")
    return held if held is not None else Decimal(_CHANCES.get(str(record.values.get("StageName")), 50))


def _expected(record: Stored, org: Org) -> Any:
    amount = record.values.get("Amount")
    return None if amount is None else amount * _probability(record, org) / 100


_Reader = Callable[[Stored, Org], Any]
_SYSTEM: Final[dict[str, _Reader]] = {
    "Id": lambda record, _: record.id,
    "IsDeleted": lambda record, _: record.deleted is not None,
    "CreatedDate": lambda record, _: stamp(record.created),
    "LastModifiedDate": lambda record, _: stamp(record.modified),
    "SystemModstamp": lambda record, _: stamp(record.stamped),
    "CreatedById": lambda record, org: record.values.get("CreatedById", org.user),
    "LastModifiedById": lambda record, org: record.values.get("LastModifiedById", org.user),
}
_OPPORTUNITY: Final[dict[str, _Reader]] = {
    "IsClosed": lambda record, _: _closed(record)[0],
    "IsWon": lambda record, _: _closed(record)[1],
    "Probability": _probability,
    "ExpectedRevenue": _expected,
    "HasOpportunityLineItem": lambda record, org: bool(_lines(record, org)),
}
