"""diff, plan, show, apply: what differs, what would be written, and the writing. I/O: ledger, plan files, vendors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.mapping.language import Guards
    from syncctl.model import Plan
    from syncctl.project import Project
    from syncctl.run import ApplyReport

PANEL: Final = "Every day"
Mappings = Annotated[list[str] | None, typer.Argument(metavar="MAPPING", help="All mappings by default.")]
Named = Annotated[str, typer.Argument(metavar="PLAN", help="A plan's id or file; the newest plan by default.")]
Changes = Annotated[
    int | None, typer.Option("--max-changes", metavar="N", min=0, help="Allow this many changes once: 120.")
]
Ratio = Annotated[str, typer.Option("--max-ratio", metavar="SHARE", help="Allow this share of records once: 15%.")]
Amounts = Annotated[
    list[str] | None, typer.Option("--max-amount", metavar="AMOUNT", help="Allow this amount once: 500USD.")
]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first row that is not applied.")]
Except = Annotated[
    str,
    typer.Option("--except", metavar="NUMBERS", help="Leave these rows of the table, and what waits for them: 3,7."),
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why they are left; kept with your name.")]
Shrunk = Annotated[bool, typer.Option("--allow-shrunk", help="Go on though a full pull brought far fewer records.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(rich_help_panel=PANEL)(diff)
    app.command(rich_help_panel=PANEL)(plan)
    app.command(rich_help_panel=PANEL)(show)
    app.command(rich_help_panel=PANEL)(apply)


def diff(context: typer.Context, mappings: Mappings = None) -> None:
    """Show what differs, from the ledger alone: no network, nothing is planned."""
    from syncctl.report.as_of import stale_text
    from syncctl.report.plans import diff_report
    from syncctl.run import diff as compare
    from syncctl.run.planning import open_code

    session: Session = context.obj
    with session.project() as project:
        found = compare(project, mappings or ())
        now, pulled = project.clock.now(), dict(found.pulled)
        report = diff_report(found.findings, found.statement, sides=sides_of(project), now=now, pulled=pulled)
    if session.output != "table" and (old := stale_text(pulled, now)):
        session.say(old)
    session.show(report)
    raise typer.Exit(open_code((), found.findings))


def plan(
    context: typer.Context,
    mappings: Mappings = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Also write the plan to a file.")] = None,
) -> None:
    """Plan the corrections and show them: the dry run. The plan is kept; `apply` sends exactly what was shown."""
    from syncctl.planfile import plan_to_json
    from syncctl.report.plans import plan_report
    from syncctl.run import plan as make
    from syncctl.run.planning import open_code
    from syncctl.safeguards import needs_approval

    session: Session = context.obj
    session.begins("plan", mappings)
    with session.project(a_run=True) as project:
        made = make(project, mappings or ())
        session.ended(made)
        if out:
            write_file(out, plan_to_json(made))
        needs = needs_approval(made, project.settings.safeguards)
        session.show(plan_report(made, now=project.clock.now(), needs=needs))
        session.warn_of_scopes(project, made)
        tell_uncapped(session, project, made)
    raise typer.Exit(open_code(made.changes, made.findings))


def show(context: typer.Context, named: Named = "") -> None:
    """Show a plan again, also one that was applied, with who made and who approved it."""
    from syncctl.ledger.approvals import approval_of
    from syncctl.report.plans import plan_report
    from syncctl.safeguards import needs_approval

    session: Session = context.obj
    with session.project() as project:
        plan = find_plan(project, named)
        used_by = project.journal.plans.used_by(plan.id)
        approval = approval_of(project.engine, plan)
        needs = needs_approval(plan, project.settings.safeguards) if not used_by else ""
        now = project.clock.now()
        session.show(plan_report(plan, now=now, used_by=used_by, approval=approval, needs=needs, signed=True))


def apply(
    context: typer.Context,
    named: Named = "",
    max_changes: Changes = None,
    max_ratio: Ratio = "",
    max_amount: Amounts = None,
    allow_shrunk: Shrunk = False,
    fail_fast: FailFast = False,
    leave: Except = "",
    note: Note = "",
) -> None:
    """Send a plan that was shown before. It does not ask again: the command is the yes.

    A plan that is stale, edited or used is refused with exit code 8, one that trips a guard with 6.
    """
    from syncctl.cli.options import as_overrides
    from syncctl.cli.signals import stopping
    from syncctl.report.runs import applied_report
    from syncctl.run import Choices
    from syncctl.run import apply as send

    session: Session = context.obj
    session.begins("apply")
    overrides = as_overrides(max_changes, max_ratio, max_amount or ())
    with stopping(session.say) as stop, session.project(a_run=True) as project:
        made = find_plan(project, named)
        intents = left_out(made, leave, note)
        choices = Choices(
            overrides, allow_shrunk=allow_shrunk, fail_fast=fail_fast, leave=frozenset(intents), note=note.strip()
        )
        stop.writing = True
        with session.progress() as progress:
            report = send(project, made, choices=choices, progress=progress, stop=stop)
        session.ended(report)
        session.show(applied_report(report, session.redact))
    tell_unread(session, report)
    raise typer.Exit(report.exit_code)


def tell_uncapped(session: Session, project: Project, made: Plan, overrides: Guards | None = None) -> None:
    """Beside a plan: in which of its currencies no amount would be too much."""
    from syncctl.guards import NONE, currencies_moved
    from syncctl.run.guarding import no_ceiling

    missing = no_ceiling(project, currencies_moved(made.changes), overrides or NONE)
    if missing:
        session.say(f"no max_amount names {', '.join(missing)}: amounts in them have no limit (guards, syncctl.yaml)")


def tell_unread(session: Session, report: ApplyReport) -> None:
    """Beside what was written: why it could not be read back."""
    if report.unread is not None:
        session.tell_error(report.unread, above="what was written stands, and is read back by the next run:")


def find_plan(project: Project, named: str) -> Plan:
    """The plan in a file, with an id, or the newest one. Raises UsageError, StalePlanError."""
    from syncctl.errors import NotHere, no_such

    plans = project.journal.plans
    if named and named not in plans.known() and Path(named).exists():
        return read_file(Path(named))
    identity = named or plans.latest()
    if not identity:
        raise NotHere("there is no plan yet", fix="make one: syncctl plan")
    known = plans.known()
    if identity not in known:
        raise no_such("plan or plan file", identity, known, otherwise="make one: syncctl plan")
    return plans.load(identity)


def left_out(plan: Plan, numbers: str, note: str) -> tuple[str, ...]:
    """The intents of the rows `3,7,12` of the dry-run table. Raises UsageError."""
    from syncctl.errors import UsageError
    from syncctl.report.changes import grouped

    ordered = grouped(plan.changes)
    intents: list[str] = []
    for text in (part.strip() for part in numbers.split(",")) if numbers else ():
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= len(ordered)):
            numbered = f"1 to {len(ordered)}" if ordered else "and this plan writes nothing"
            said = f"--except takes numbers of the table, {numbered}; {text!r} is none"
            raise UsageError(said, fix=f"look at them: syncctl show {plan.id}")
        intents.append(ordered[int(text) - 1].intent)
    if intents and not note.strip():
        raise UsageError("rows that are left need a note", fix='say why: --note "waiting for the customer"')
    if note.strip() and not intents:
        raise UsageError("--note says why rows are left, and none are", fix="name them: --except 3,7")
    return tuple(dict.fromkeys(intents))


def read_file(path: Path) -> Plan:
    """The plan in a file. Raises StalePlanError with the file's name: a script must not take it for another error."""
    from syncctl.errors import StalePlanError
    from syncctl.planfile import plan_from_json

    fix = "name a file that `syncctl plan --out FILE` wrote, or plan again"
    if path.is_dir():
        raise StalePlanError(f"{path} is a folder, no plan file", fix=fix)
    try:
        return plan_from_json(path.read_bytes())
    except OSError as error:
        raise StalePlanError(f"{path} cannot be read: {error.strerror}", fix=fix) from error
    except StalePlanError as error:
        raise StalePlanError(f"{path}: {error.message}", fix=fix) from error


def write_file(path: Path, body: bytes) -> None:
    """Writes a plan file that only its owner can read: it holds what is in the books. Raises UsageError."""
    from syncctl.errors import UsageError
    from syncctl.wholefile import write_whole

    try:
        write_whole(path, body)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", fix="choose another file") from error


def sides_of(project: Project) -> dict[str, tuple[str, str]]:
    """What each mapping's sides are called in a statement."""
    return {mapping.name: (" ".join(mapping.left), " ".join(mapping.right)) for mapping in project.mappings}
