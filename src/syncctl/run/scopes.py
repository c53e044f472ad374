"""Scopes that a sign-in lacks for what the mappings read and write. I/O: token stores; no vendor is asked.

Known only where a vendor tells with its tokens what they allow. HubSpot tells nothing of a service key: there the first
write says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from syncctl.errors import ConfigError, SyncctlError
from syncctl.ledger.sides import SIDES
from syncctl.mapping.language import Mapping, other

if TYPE_CHECKING:
    from syncctl.model import Plan, SideName
    from syncctl.project import Project

Use: TypeAlias = tuple[str, str, bool]
"""A system, a kind of it, and whether it is written, not only read."""


@dataclass(frozen=True, slots=True)
class LackingScope:
    """A scope that reading or writing some kinds of a system takes, and that its sign-in does not have. `named`:
    syncctl.yaml lists the scopes that are asked for.
    """

    system: str
    kinds: tuple[str, ...]
    scope: str
    writes: bool
    named: bool

    @property
    def sentence(self) -> str:
        """What cannot be done, and why."""
        what = f"{'write' if self.writes else 'read'} {', '.join(self.kinds)}"
        return f"{self.system} would refuse to {what}: the sign-in lacks the scope {self.scope}"

    @property
    def fix(self) -> str:
        """The way out."""
        listed = f", add it to `scopes` of {self.system} in syncctl.yaml" if self.named else ""
        return f"allow it on the vendor's app page{listed}, then: syncctl auth login {self.system}"


def lacking_for_plan(project: Project, plan: Plan) -> tuple[LackingScope, ...]:
    """What the changes of a plan lack."""
    return _lacking(project, {(change.target.system, change.target.kind, True) for change in plan.changes})


def lacking_for_mappings(project: Project, system: str = "") -> tuple[LackingScope, ...]:
    """What the mappings read, or may write one day, and could not; of one system where it is named."""
    return _lacking(project, {use for use in uses(project) if system in ("", use[0])})


def written_scopes(project: Project, system: str) -> tuple[str, ...]:
    """What writing all that the mappings may write of a system takes. Raises SyncctlError for a wrong option."""
    scopes_for: Callable[[str, bool], tuple[str, ...]] | None = getattr(project.connector(system), "scopes_for", None)
    if scopes_for is None:
        return ()
    kinds = {kind for name, kind, writes in uses(project) if name == system and writes}
    return tuple(sorted({scopes_for(kind, True)[0] for kind in kinds if scopes_for(kind, True)}))


def uses(project: Project) -> Iterator[Use]:
    """Every kind that a mapping names, as it is read, and again where it may be written."""
    for mapping in project.mappings:
        for side in SIDES:
            system, kind = mapping.side(side)
            yield system, kind, False
            if _writes(mapping, side) and not project.settings.systems[system].read_only:
                yield system, kind, True


def _writes(mapping: Mapping, side: SideName) -> bool:
    """True when a mapping makes records of this side, or owns fields of theirs from the other one."""
    owners = {entry.owner for entry in mapping.fields} | {block.owner for block in mapping.lines}
    return mapping.create in ("both", side) or bool(owners & {other(side), "both"})


def _lacking(project: Project, wanted: Iterable[Use]) -> tuple[LackingScope, ...]:
    """One per scope. What a scope for writing lets read too is not named a second time."""
    lacked = {use: enough for use in sorted(wanted) if (enough := _enough(project, use))}
    told = {(system, enough[0]) for (system, _, writes), enough in lacked.items() if writes}
    found: dict[tuple[str, str, bool], list[str]] = {}
    for (system, kind, writes), enough in lacked.items():
        if writes or not told & {(system, scope) for scope in enough}:
            found.setdefault((system, enough[0], writes), []).append(kind)
    return tuple(
        LackingScope(system, tuple(kinds), scope, writes, _named(project, system))
        for (system, scope, writes), kinds in found.items()
    )


def _named(project: Project, system: str) -> bool:
    sign_in = project.settings.systems[system].sign_in
    return sign_in is not None and bool(sign_in.scopes)


def _enough(project: Project, use: Use) -> tuple[str, ...]:
    """The scopes any one of which would do, the least first; empty where one is granted, or nothing is known."""
    system, kind, writes = use
    granted = _granted(project, system)
    if not granted:
        return ()
    scopes_for = _scopes_for(project, system)
    enough = scopes_for(kind, writes) if scopes_for is not None else ()
    return () if granted & set(enough) else enough


def _scopes_for(project: Project, system: str) -> Callable[[str, bool], tuple[str, ...]] | None:
    """How a system names the scopes that a use takes; None where it has none."""
    try:
        found: Callable[[str, bool], tuple[str, ...]] | None
        found = getattr(project.connector(system), "scopes_for", None)
    except ConfigError:  # whoever asks the system itself is told what is wrong with its file
        return None
    return found


def _granted(project: Project, system: str) -> frozenset[str]:
    """What the kept tokens allow; empty where that is not known."""
    if project.settings.systems[system].sign_in is None or project.connects_items(system):
        return frozenset()
    try:
        project.connector(system)
        kept = project.sign_in(system).store.load()
    except SyncctlError:  # whoever needs the store or the connector is told what is wrong with it
        return frozenset()
    return frozenset(kept.tokens.scopes) if kept is not None else frozenset()
