"""match list|confirm|reject|release: which records belong together, and a person's word about it. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.exits import NOT_APPROVED
from syncctl.cli.plans import Mappings
from syncctl.cli.sections import group
from syncctl.errors import GuardTripped, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncctl.cli.session import Session
    from syncctl.ledger.pairs import Decision
    from syncctl.model import Ref
    from syncctl.project import Project

PANEL: Final = "Decide"
Mapping = Annotated[str, typer.Argument(metavar="MAPPING", help="The mapping the two belong to.")]
Left = Annotated[str, typer.Argument(metavar="LEFT", help="A record as tables show it: stripe:customer:cus_1.")]
Right = Annotated[str, typer.Argument(metavar="RIGHT", help="A record as tables show it: quickbooks:Customer:61.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Which records belong together, and your word about it.")
    commands.command("list")(list_)
    commands.command()(confirm)
    commands.command()(reject)
    commands.command()(release)
    app.add_typer(commands, name="match", rich_help_panel=PANEL)


def list_(
    context: typer.Context,
    mappings: Mappings = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also the pairs that are settled, and what was rejected.")
    ] = False,
) -> None:
    """Show the pairs that wait for a person: several records fit, or only the names are alike."""
    from syncctl.report.matches import matches_report
    from syncctl.run.review import match_list

    session: Session = context.obj
    with session.project() as project:
        session.show(matches_report(match_list(project, mappings or (), proposed=not everything)))


def confirm(
    context: typer.Context,
    mapping: Mapping,
    left: Left,
    right: Right,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask, though the two look like different things.")
    ] = False,
) -> None:
    """Say that two records belong together; remembered until you release it. Asks first when they are very unlike."""
    from syncctl.cli.signals import stopping
    from syncctl.run.review import match_decide, refuse_second

    session: Session = context.obj
    with stopping(session.say, "nothing was decided"), session.project() as project:
        pair = _pair(project, mapping, left, right)
        refuse_second(project, mapping, *pair)
        if not yes and not _agreed(session, project, mapping, *pair):
            session.say("nothing was decided")
            raise typer.Exit(NOT_APPROVED)
        made = match_decide(project, mapping, *pair, "confirm")
    _show(session, [made], "confirm")
    session.say("next: syncctl reconcile --dry-run, which shows what is written now that the two are one")


def reject(context: typer.Context, mapping: Mapping, left: Left, right: Right) -> None:
    """Say that two records do not belong together; remembered until you release it. Takes their pair apart."""
    from syncctl.run.review import match_decide

    session: Session = context.obj
    with session.project() as project:
        made = match_decide(project, mapping, *_pair(project, mapping, left, right), "reject")
    _show(session, [made], "reject")
    session.say("next: syncctl diff, which shows how each of the two stands without the other")


def release(
    context: typer.Context,
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="The mapping the two belong to.")] = "",
    left: Annotated[str, typer.Argument(metavar="LEFT", help="A record as tables show it.")] = "",
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="A record as tables show it.")] = "",
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="In place of the three: all that the undo of this run holds.")
    ] = "",
) -> None:
    """Take back a confirm, a reject or the hold of an undo: the two are looked at as if nobody had decided."""
    from syncctl.report.text import plural
    from syncctl.run.releasing import match_release

    session: Session = context.obj
    _refuse_half(mapping, left, right, run)
    if run:
        _release_run(session, run)
        return
    with session.project() as project:
        was = match_release(project, mapping, *_pair(project, mapping, left, right))
    _show(session, was, "released")
    if len(was) > 1:
        session.say(f"a record is on hold in every mapping: {plural(len(was) - 1, 'other pair')} of the two freed too")
    session.say("next: syncctl diff, which shows how the two stand without your word")


def _refuse_half(mapping: str, left: str, right: str, run: str) -> None:
    """Raises UsageError unless a pair is named whole, or a run alone."""
    given = [word for word in (mapping, left, right) if word]
    if run and given:
        raise UsageError(
            "--run releases all that an undo holds, and needs no pair", fix="leave MAPPING, LEFT, RIGHT out"
        )
    if not run and len(given) < len((mapping, left, right)):
        fix = "syncctl match release MAPPING LEFT RIGHT, or all of an undo: syncctl match release --run RUN"
        said = f"`{' '.join(given)}` is no whole pair" if given else "it is not said which pair is released"
        raise UsageError(said, fix=fix)


def _release_run(session: Session, run: str) -> None:
    """Ends the holds of a whole undo, and shows which records are free."""
    from syncctl.report.listing import listing
    from syncctl.run.releasing import release_run

    with session.project() as project:
        found = release_run(project, run)
    rows = [{"record": one.ref, "name": one.name, "held_by": one.held_by} for one in found]
    session.show(listing("released", rows, tuple(rows[0]), empty=""))
    session.say("next: syncctl reconcile --dry-run, which shows what is proposed again now")


def _pair(project: Project, mapping: str, left: str, right: str) -> tuple[Ref, Ref]:
    """The two records. Raises UsageError: the mapping first, then what is wrong with a reference."""
    from syncctl.run.planning import known
    from syncctl.run.review import check_pair

    known(project, [mapping])
    pair = as_ref(left), as_ref(right)
    check_pair(project, mapping, *pair)
    return pair


def _agreed(session: Session, project: Project, mapping: str, left: Ref, right: Ref) -> bool:
    """True unless the two are strikingly unlike and a person says no. Raises GuardTripped where nobody can answer."""
    from syncctl.report.listing import rows_table
    from syncctl.run.likeness import strikingly_unlike

    apart = strikingly_unlike(project, mapping, left, right)
    if not apart:
        return True
    if not session.asks:
        said = f"{left} and {right} look like different things ({'; '.join(map(str, apart))})"
        fix = f"look at both: syncctl explain {left}. A wrong pair overwrites books; if they are one, add --yes"
        raise GuardTripped(said, guard="yes", fix=fix)
    ours, theirs = f"left, {left.system}", f"right, {right.system}"
    rows = [{"": one.what, ours: one.left, theirs: one.right} for one in apart]
    session.say("These two look like different things, and what is taken for one is made alike in the books:")
    session.tell(lambda width: rows_table(rows, tuple(rows[0]), width))
    return session.ask("Take them for one all the same?")


def _show(session: Session, made: Sequence[Decision], decision: str) -> None:
    """What was decided; of a release also `was`, what is taken back."""
    from syncctl.report.listing import listing

    rows = [{"mapping": one.mapping, "left": one.left, "right": one.right, "decision": decision} for one in made]
    if decision == "released":
        rows = [{**row, "was": one.verdict} for row, one in zip(rows, made, strict=True)]
    rows = [{**row, "by": one.by} for row, one in zip(rows, made, strict=True)]
    session.show(listing("decision", rows, tuple(rows[0]), empty=""))


def as_ref(text: str) -> Ref:
    """`system:kind:id` as a Ref. Raises UsageError."""
    from syncctl.model import Ref

    try:
        return Ref.parse(text)
    except ValueError as error:
        fix = "write it as tables show it: stripe:invoice:in_1"
        raise UsageError(f"{text!r} is no record reference", fix=fix) from error
