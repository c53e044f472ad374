"""match list|confirm|reject: which records belong together, and a person's word about it. I/O: the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.plans import Mappings
from syncctl.cli.sections import group

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.model import Ref

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
    app.add_typer(commands, name="match", rich_help_panel=PANEL)


def list_(
    context: typer.Context,
    mappings: Mappings = None,
    everything: Annotated[bool, typer.Option("--all", help="Also the pairs that are settled.")] = False,
) -> None:
    """Show the pairs that wait for a person: several records fit, or only the names are alike."""
    from syncctl.report.matches import matches_report
    from syncctl.run.review import match_list

    session: Session = context.obj
    with session.project() as project:
        session.show(matches_report(match_list(project, mappings or (), proposed=not everything)))


def confirm(context: typer.Context, mapping: Mapping, left: Left, right: Right) -> None:
    """These two belong together; remembered for good."""
    _decide(context.obj, mapping, left, right, "confirm")


def reject(context: typer.Context, mapping: Mapping, left: Left, right: Right) -> None:
    """These two do not belong together; remembered for good, and an existing pair is taken apart."""
    _decide(context.obj, mapping, left, right, "reject")


def _decide(session: Session, mapping: str, left: str, right: str, verdict: str) -> None:
    from syncctl.report.listing import listing
    from syncctl.run.review import match_decide

    with session.project() as project:
        made = match_decide(project, mapping, as_ref(left), as_ref(right), verdict)
    row = {"mapping": made.mapping, "left": made.left, "right": made.right, "decision": made.verdict, "by": made.by}
    session.show(listing("decision", [row], tuple(row), empty=""))


def as_ref(text: str) -> Ref:
    """`system:kind:id` as a Ref. Raises UsageError."""
    from syncctl.errors import UsageError
    from syncctl.model import Ref

    try:
        return Ref.parse(text)
    except ValueError as error:
        fix = "write it as tables show it: stripe:invoice:in_1"
        raise UsageError(f"{text!r} is no record reference", fix=fix) from error
