"""Field and Schema: what the records of a kind offer. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from syncctl.model import Action


@dataclass(frozen=True, slots=True)
class Field:
    """One place where a record keeps a value.

    `path` names it without selectors (`Line.Amount`); `access` is the plain path that reads and writes it when that
    differs (a custom field: `CustomField(DefinitionId=1).StringValue`). `currency` is the path of the currency of a
    money field, read from the same record, or several separated by `|`, of which the first that is there counts.
    `target` is the kind a reference points to. One to several kinds has `targets`, as (mark, kind): the mark is how an
    id begins or, with `told_by`, what that neighbour of the id says; `target` is then the kind of an id without a mark.
    `writable` is `always`, `create`, `never`, or `while PATH=A|B`: a rule over the record's state. A path ending in
    `.*` stands for any key.
    `default` is the raw value where the vendor leaves the field out; `currency_default` likewise the currency of a
    money field. `assigned`: the vendor sets the field on a create that leaves it out (an id, a number, a total).
    `every` makes a field inside a list one of the whole record: empty unless it is there as often as this other path.
    `reverse` makes the field the list of the records of another kind that point here: (kind, path there, path here).
    `subtracts` is `NEIGHBOUR=VALUE`: where it holds, this amount of a line is taken off the document's total.
    `unique_with` names other kinds whose field of the same name shares the uniqueness. `unique_among` is (`PATH=VALUE`,
    path): records where that holds need a value of their own only among those of them that have the same at this path.
    """

    path: str
    codec: str = "text"
    access: str = ""
    label: str = ""
    currency: str = ""
    currency_default: str = ""
    default: str = ""
    assigned: bool = False
    every: str = ""
    target: str = ""
    targets: tuple[tuple[str, str], ...] = ()
    told_by: str = ""
    writable: str = "never"
    required: bool = False
    unique: bool = False
    unique_with: tuple[str, ...] = ()
    unique_among: tuple[str, str] | None = None
    many: bool = False
    max_length: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    open_options: bool = True
    custom: bool = False
    reverse: tuple[str, str, str] | None = None
    note: str = ""
    subtracts: str = ""

    @property
    def type(self) -> str:
        """The type of the value: text, enum, id, ref, number, money, date, instant, bool, currency, object."""
        return self.codec.partition(".")[0]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind a reference may name, the likeliest first; none where the field does not say."""
        named = (self.target, *(kind for _, kind in self.targets))
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def place(self) -> str:
        """The plain path that reads and writes the value."""
        return self.access or self.path


@dataclass(frozen=True, slots=True)
class Schema:
    """What a kind's records look like at this vendor, for this account, now.

    `identity` is the field that holds the record's id; `actions` what can be written at all, and `note` why one is
    missing. `dated` and `amount` are the default posting date and amount; `marker` the text field that can carry a
    source's Ref; `name` the paths that make a record's human name, the first that is not empty. `owed` is the field
    that says how much of a record is still unpaid; `settles` how a record of this kind pays others: (kind paid, list of
    parts, path of its id in a part, path of the amount in a part); without a list the record is the one part.
    `closed_by` says where a company keeps the last day that its books are closed to, for records of this kind: (kind,
    id, field), or several fields, of which the latest day holds. `unseen` is why a field that a mapping names may be
    missing although the vendor has it; `stays` why a new record of this kind can be neither voided nor archived.
    `fixed` says which records the vendor voids no more: (plain path, value there, why). `one_currency` is the field
    with the only currency that documents which refer to a record of this kind may be in.
    """

    system: str
    kind: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    identity: str = "id"
    dated: str = ""
    amount: str = ""
    marker: str = ""
    name: tuple[str, ...] = ()
    owed: str = ""
    settles: tuple[tuple[str, str, str, str], ...] = ()
    closed_by: tuple[str, ...] | None = None
    actions: frozenset[Action] = frozenset()
    note: str = ""
    unseen: str = ""
    stays: str = ""
    fixed: tuple[tuple[str, str, str], ...] = ()
    one_currency: str = ""

    def find(self, key: str) -> Field | None:
        """The field with this path, or the `.*` field that stands for it."""
        found = self.fields.get(key)
        if found is not None:
            return found
        parent, dot, _ = key.rpartition(".")
        wild = self.fields.get(f"{parent}.*") if dot else None
        if wild is None:
            return None
        return replace(wild, path=key)

    def labelled(self, label: str) -> tuple[Field, ...]:
        """Every field with this label, compared without case and outer blanks."""
        wanted = label.strip().casefold()
        return tuple(found for found in self.fields.values() if found.label.strip().casefold() == wanted)
