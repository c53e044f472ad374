"""Subject: what the suite must know about one connector, and what stands in for its vendor. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from syncctl.clock import Clock
from syncctl.connectors.base import Access, Connector
from syncctl.sandbox.base import Vendor

WRONG_TOKEN: Final = "contract-wrong-token-0123456789"  # noqa: S105  opens nothing


class Pretend(Protocol):
    """A fresh pretend vendor without a rate limit of its own, and somebody else who works with it."""

    @property
    def vendor(self) -> Vendor:
        """The pretend vendor itself."""
        ...

    @property
    def token(self) -> str:
        """The credential that it accepts."""
        ...

    @property
    def company(self) -> str:
        """The id of the company that this credential opens."""
        ...

    def make(self, kind: str, number: int) -> str:
        """Makes the record with this number of a kind; its id. Numbers are never used twice."""
        ...

    def change(self, kind: str, identity: str, number: int) -> None:
        """Changes a record, so that it is not what it was."""
        ...

    def delete(self, kind: str, identity: str) -> None:
        """Deletes or archives a record; never asked for a kind that is not `deletable`."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind that the suite tries. Values are in the vendor's encoding, by the field's place (`Field.place`).

    `many`: so many records fill more than two pages; 0 where the kind is not paged through. `row_id`: the name that a
    row of an answer gives its id. `least`: what a create of the record with this number says at least; None where the
    connector creates none. `text`: the place of a text that an update writes; `least` writes another one for every
    number there. `refused`: values that the vendor refuses in a create. `values`: those of fields that no general value
    fits, by path; of a list of objects all its elements, with a value for each field that they have. `alongside`: what
    else must be written with a field. `left_out`: fields that cannot come back as they were written, and why.
    """

    name: str
    many: int = 0
    deletable: bool = True
    row_id: str = "id"
    least: Callable[[int], Mapping[str, Any]] | None = None
    text: str = ""
    refused: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    alongside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """One connector. The first kind is the one that is paged through, spoiled, created and changed.

    `other_company`: an id as `company` of syncctl.yaml could name it by mistake. `wrong_token`: a credential that opens
    nothing, in the form of one that does. `exempt`: promises that do not apply, by name, and why. `untried`: kinds that
    can be written but are not tried, and why.
    """

    name: str
    connect: Callable[[Access], Connector]
    pretend: Callable[[Clock], Pretend]
    kinds: tuple[Kind, ...]
    other_company: str
    wrong_token: str = WRONG_TOKEN
    options: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    exempt: Mapping[str, str] = field(default_factory=dict)
    untried: Mapping[str, str] = field(default_factory=dict)
