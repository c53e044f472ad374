"""How the sign-in to one system, or to one bank behind it, stands. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NO_END: Final = "no end"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sign-in to one system stands. Empty where there is nothing to say; `state` is for a person, `item` is the
    id of a connected item (a bank), whose name is the `company` then.
    """

    system: str
    by: str
    store: str
    company: str
    state: str
    access_until: str = ""
    sign_in_ends: str = ""
    scopes_missing: tuple[str, ...] = ()
    fix: str = ""
    item: str = ""

    @property
    def ok(self) -> bool:
        return not self.fix
