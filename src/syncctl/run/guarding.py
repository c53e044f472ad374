"""Every guard of a plan before it is sent: limits, circumstances, the pause, the second person. I/O: the ledger, the
file PAUSE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from syncctl.fields.schema import Schema
from syncctl.guards import NONE, Facts, GuardTrip, check_guards, uncapped
from syncctl.ledger.approvals import approval_of
from syncctl.ledger.shrinkage import allow_shrunk, shrunk_kinds
from syncctl.ledger.sides import SIDES
from syncctl.ledger.states import State
from syncctl.mapping.language import Guards, other
from syncctl.model import Plan
from syncctl.project import Project
from syncctl.run.pausing import pause_trip
from syncctl.run.running import OUTCOMES, PAUSED, PLANNED
from syncctl.safeguards import Selection, approval_trip, left_words, protected_trips, selection

SHOWN: Final = frozenset({PLANNED, PAUSED, *(OUTCOMES[code] for code in (0, 2, 5, 6))})
"""Outcomes of a run that has shown a plan."""
OVERRIDDEN: Final = "guard.overridden"


@dataclass(frozen=True)
class Choices:
    """What the caller decided: overrides of guards, and `fail_fast`: the first row that is not applied ends it.

    `leave` are intents that are not sent now, and `note` says why.
    """

    overrides: Guards = field(default_factory=Guards)
    allow_shrunk: bool = False
    first_run: bool = False
    fail_fast: bool = False
    leave: frozenset[str] = frozenset()
    note: str = ""


NOTHING_CHOSEN: Final = Choices()


def selected(project: Project, made: Plan, choices: Choices) -> Selection:
    """What of the plan is not sent: what its approval left out, and what this command does."""
    approval = approval_of(project.engine, made)
    left = dict.fromkeys(choices.leave, left_words(project.operator(), choices.note))
    if approval is not None:
        left |= dict.fromkeys(approval.left, left_words(approval.by, approval.note))
    return selection(made, left)


def no_ceiling(project: Project, moved: Iterable[tuple[str, str]], overrides: Guards = NONE) -> tuple[str, ...]:
    """The currencies, of these per mapping, in which no `max_amount` stops a plan."""
    return uncapped(moved, project.settings.guards, {one.name: one.guards for one in project.mappings}, overrides)


def uncounted(project: Project) -> tuple[str, ...]:
    """The mappings of whose new records `max_amount` sees no amount: the vendor adds it up, and the source has none.

    Raises ConfigError.
    """
    return tuple(
        projection.mapping.name
        for projection, _ in project.projections()
        for toward in SIDES
        if projection.mapping.create in ("both", toward)
        and projection.amount[other(toward)] is None
        and projection.mapping.amount.side(toward) is None
        and _added_up(project.schemas()[projection.mapping.side(toward)])
    )


def _added_up(schema: Schema) -> bool:
    """True where the vendor works out the amount of a record."""
    found = schema.fields.get(schema.amount)
    return found is not None and found.assigned


def check(project: Project, made: Plan, choices: Choices = NOTHING_CHOSEN) -> tuple[GuardTrip, ...]:
    """Every guard that what would be sent of the plan trips."""
    kept = selected(project, made, choices).of(made)
    if not kept.changes:
        return ()
    return (*_stops(project, kept), *_limits(project, kept, choices))


def _stops(project: Project, kept: Plan) -> Iterator[GuardTrip]:
    """What no flag overrides."""
    pause = pause_trip(project)
    if pause is not None:
        yield pause
    safeguards = project.settings.safeguards
    yield from protected_trips(kept, safeguards)
    approval = approval_trip(kept, approval_of(project.engine, kept), safeguards)
    if approval is not None:
        yield approval


def _limits(project: Project, kept: Plan, choices: Choices) -> tuple[GuardTrip, ...]:
    facts = Facts(
        first_run=_first_run(project) and not choices.first_run,
        live=project.settings.live,
        shrunk=tuple(name for name in shrunk_kinds(project.engine) if _system(name) in project.settings.systems),
        allow_shrunk=choices.allow_shrunk,
    )
    return check_guards(
        kept,
        project.settings.guards,
        mappings={mapping.name: mapping.guards for mapping in project.mappings},
        in_scope=_in_scope(project),
        overrides=choices.overrides,
        facts=facts,
    )


def _in_scope(project: Project) -> Mapping[str, int]:
    """How many target records each mapping has in the ledger."""
    return {
        mapping.name: project.books.candidates.in_scope(
            project.lookups.mapping_id(mapping.name), "left" if mapping.create == "left" else "right"
        )
        for mapping in project.mappings
    }


def _first_run(project: Project) -> bool:
    """True until a run on this ledger has shown a plan."""
    return not project.journal.runs.ended(("plan", "reconcile"), SHOWN)


def _system(kind: str) -> str:
    return kind.partition(".")[0]


def check_rest(project: Project, plan: str) -> None:
    """What holds for the rest of a plan that a run left: the limits let it through once, a pause or a missing approval
    does not. Raises GuardTripped."""
    made = project.journal.plans.load(plan)
    lapsed = {one.intent for one in project.journal.operations.of_plan(plan, {State.LAPSED})}
    kept = replace(made, changes=tuple(change for change in made.changes if change.intent not in lapsed))
    for trip in _stops(project, kept):
        raise trip.error()


def note_overrides(project: Project, made: Plan, run: str, choices: Choices) -> None:
    """Writes down every guard that only an override let the plan pass, and whose override it is."""
    kept = selected(project, made, choices).of(made)
    without = Choices(first_run=choices.first_run)
    person = project.operator()
    for trip in _limits(project, kept, without) if choices != without else ():
        said = {"guard": trip.guard, "what": trip.what, "limit": trip.limit, "actual": trip.actual, "flag": trip.flag}
        said["of"] = trip.by
        project.journal.runs.note(run, OVERRIDDEN, {**said, "by": person.name, "uid": person.uid, "plan": made.id})
    if choices.allow_shrunk:
        allow_shrunk(project.engine)
