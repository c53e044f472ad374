"""Scopes that a sign-in lacks for what would be written. I/O: token stores; no vendor is asked.

Known only where a vendor tells with its tokens what they allow. HubSpot tells nothing of a service key: there the first
write says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncctl.errors import SyncctlError
from syncctl.ledger.sides import SIDES
from syncctl.mapping.language import Mapping, other

if TYPE_CHECKING:
    from syncctl.model import Plan, SideName
    from syncctl.project import Project


@dataclass(frozen=True, slots=True)
class LackingScope:
    """A scope that writing a kind of a system takes, and that its sign-in does not have."""

    system: str
    kind: str
    scope: str

    @property
    def sentence(self) -> str:
        """What cannot be written, and why."""
        return f"{self.system} would refuse to write {self.kind}: the sign-in lacks the scope {self.scope}"

    @property
    def fix(self) -> str:
        """The way out."""
        return f"allow it on the vendor's app page, then: syncctl auth login {self.system}"


def lacking_for_plan(project: Project, plan: Plan) -> tuple[LackingScope, ...]:
    """What the changes of a plan lack."""
    return _lacking(project, {(change.target.system, change.target.kind) for change in plan.changes})


def lacking_for_mappings(project: Project) -> tuple[LackingScope, ...]:
    """What the mappings may write one day and could not."""
    written = {mapping.side(side) for mapping in project.mappings for side in SIDES if _writes(mapping, side)}
    return _lacking(project, written)


def _writes(mapping: Mapping, side: SideName) -> bool:
    """True when a mapping makes records of this side, or owns fields of theirs from the other one."""
    owners = {entry.owner for entry in mapping.fields} | {block.owner for block in mapping.lines}
    return mapping.create in ("both", side) or bool(owners & {other(side), "both"})


def _lacking(project: Project, kinds: Iterable[tuple[str, str]]) -> tuple[LackingScope, ...]:
    found = []
    for system, kind in sorted(kinds):
        scope_of: Callable[[str], str] | None = getattr(project.connector(system), "write_scope", None)
        granted = _granted(project, system) if scope_of is not None else frozenset()
        scope = scope_of(kind) if scope_of is not None and granted else ""
        if scope and scope not in granted:
            found.append(LackingScope(system, kind, scope))
    return tuple(found)


def _granted(project: Project, system: str) -> frozenset[str]:
    """What the kept tokens allow; empty where that is not known."""
    if project.settings.systems[system].sign_in is None:
        return frozenset()
    try:
        kept = project.sign_in(system).store.load()
    except SyncctlError:  # whoever needs the store is told what is wrong with it
        return frozenset()
    return frozenset(kept.tokens.scopes) if kept is not None else frozenset()
