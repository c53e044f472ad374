"""A mapping as a value: what `mappings/*.yaml` says once it is read. No I/O.

Settings (`$accounts.receivable`) are already filled in, `{when, fields}` groups already taken apart: every entry
carries its own conditions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from syncctl.model import Reason, SideName
from syncctl.paths import Path

Owner: TypeAlias = Literal["left", "right", "both", "none"]


@dataclass(frozen=True, slots=True)
class At:
    """Where in which file something was written: 1-based line and column."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class PathValue:
    """The value at a path."""

    path: Path
    at: At

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed text. `setting` is the `$name` it came from, or empty."""

    text: str
    at: At
    setting: str = ""

    def __str__(self) -> str:
        return f"${self.setting}" if self.setting else repr(self.text)


@dataclass(frozen=True, slots=True)
class First:
    """The first member that is not empty."""

    members: tuple[Form, ...]
    at: At

    def __str__(self) -> str:
        return "first of " + ", ".join(map(str, self.members))


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and paths, in order. `split` cuts a two-field template when it is written back."""

    parts: tuple[str | Path, ...]
    at: At
    split: Literal["", "first", "last"] = ""

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else "{" + str(part) + "}" for part in self.parts)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths, without the literal text."""
        return tuple(part for part in self.parts if isinstance(part, Path))


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a sum; `sign` is 1 or -1."""

    sign: int
    value: Form


@dataclass(frozen=True, slots=True)
class Sum:
    """A signed sum over all elements of lists, in one currency."""

    terms: tuple[Term, ...]
    at: At

    def __str__(self) -> str:
        return "sum of " + ", ".join(("-" if term.sign < 0 else "") + str(term.value) for term in self.terms)


Form: TypeAlias = "PathValue | Constant | First | Template | Sum"
"""One side of a field or rule."""


@dataclass(frozen=True, slots=True)
class Test:
    """One condition. `in`: one of `values`; `not`: none of them; `present`: values is `("true",)` or `("false",)`;
    `over`, `under`, `from`, `until`, `starts`: one value. A `not` of another test has `negated` set.
    """

    __test__ = False

    path: Path
    test: Literal["in", "over", "under", "from", "until", "starts", "present"]
    values: tuple[str, ...]
    at: At
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """All tests must hold."""

    left: tuple[Test, ...] = ()
    right: tuple[Test, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.left or self.right)

    def side(self, side: SideName) -> tuple[Test, ...]:
        """The tests on one side."""
        return self.left if side == "left" else self.right


@dataclass(frozen=True, slots=True)
class Table:
    """A two-way table of values: (left, right) pairs. With a `default` (`else:`) it goes one way only."""

    pairs: tuple[tuple[str, str], ...]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One pair of a match rule."""

    left: Form
    right: Form
    at: At
    link: str = ""
    as_: str = ""
    values: Table | None = None
    tolerance: Decimal | None = None
    within_days: int | None = None
    similar: int | None = None

    @property
    def exact(self) -> bool:
        """True when equal keys decide; False for tolerance, within and similar, which look at each candidate."""
        return self.tolerance is None and self.within_days is None and self.similar is None


@dataclass(frozen=True, slots=True)
class Rule:
    """One match rule: all criteria must hold. `review`: it only proposes."""

    name: str
    criteria: tuple[Criterion, ...]
    at: At
    review: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One field that must agree, or is written once: `owner` is then the side the value comes from."""

    left: Form
    right: Form
    at: At
    owner: Owner = "none"
    once: bool = False
    link: str = ""
    values: Table | None = None
    as_: str = ""
    empty: Literal["keep", "clear", "fill"] = "keep"
    tolerance: Decimal | None = None
    reason: Reason = ""
    when: Conditions = Conditions()

    def form(self, side: SideName) -> Form:
        """The value form on one side."""
        return self.left if side == "left" else self.right

    @property
    def name(self) -> str:
        """How tables call the field: the side that is written, else the right one."""
        return str(self.left if self.owner == "right" else self.right)


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of child. Without `left` it is a single line made from the record itself."""

    left: Path | None
    right: Path
    at: At
    owner: Owner = "none"
    when: Conditions = Conditions()
    match: tuple[Rule, ...] = ()
    fields: tuple[Entry, ...] = ()


GoneAction: TypeAlias = Literal["report", "void", "archive"]


@dataclass(frozen=True, slots=True)
class Sided:
    """A form per side, None where the connector's default holds."""

    left: Form | None = None
    right: Form | None = None

    def side(self, side: SideName) -> Form | None:
        """The form on one side."""
        return self.left if side == "left" else self.right


@dataclass(frozen=True, slots=True)
class Guards:
    """Limits of a project, a mapping or one command; None where there is none. `max_amount` is (currency, major units)
    pairs, `places` says where which limit was written.
    """

    max_changes: int | None = None
    max_ratio: Decimal | None = None
    max_amount: tuple[tuple[str, Decimal], ...] = ()
    places: tuple[tuple[str, At], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One file of `mappings/`. `left` and `right` are (system, kind)."""

    name: str
    left: tuple[str, str]
    right: tuple[str, str]
    at: At
    dated: Sided = Sided()
    amount: Sided = Sided()
    marker: Sided = Sided()
    from_: date | None = None
    closed: Literal["block", "today"] = "block"
    where: Conditions = Conditions()
    match: tuple[Rule, ...] = ()
    many: Literal["", "left", "right"] = ""
    create: Literal["left", "right", "both", "none"] = "none"
    unmatched: tuple[tuple[SideName, Literal["report", "ignore"]], ...] = ()
    unmatched_at: At | None = None
    gone: tuple[tuple[Literal["void", "archived", "deleted", "filtered"], GoneAction], ...] = ()
    fields: tuple[Entry, ...] = ()
    lines: tuple[Block, ...] = ()
    after: tuple[str, ...] = ()
    guards: Guards = Guards()

    def side(self, side: SideName) -> tuple[str, str]:
        """(system, kind) of one side."""
        return self.left if side == "left" else self.right

    def reports_unmatched(self, side: SideName) -> bool:
        """True when a record of this side without a partner is news."""
        return dict(self.unmatched).get(side, "report") == "report"

    def leaves_out(self, side: SideName) -> bool:
        """True when a record of this side without a partner is neither news nor made on the other side."""
        return not self.reports_unmatched(side) and self.create not in ("both", other(side))

    def when_gone(self, what: Literal["void", "archived", "deleted", "filtered"]) -> GoneAction:
        """What happens to the partner of a record that went."""
        return dict(self.gone).get(what, "report")


def other(side: SideName) -> SideName:
    """The opposite side."""
    return "right" if side == "left" else "left"
