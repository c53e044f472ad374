"""connector test: does a connector keep what every connector must? I/O: standard streams; no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.exits import ERROR, OK
from syncctl.cli.sections import group
from syncctl.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("What connectors promise, and whether they keep it.")
    commands.command()(test)
    app.add_typer(commands, name="connector", rich_help_panel=PANEL)


def test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A connector: stripe, or one of your own.")],
) -> None:
    """Try every promise of a connector against its pretend vendor: paging, resuming, writing once, bad rows, limits."""
    from syncctl.contract.registry import subject_of
    from syncctl.contract.suite import Verdict, try_all
    from syncctl.report.contract import contract_report

    session: Session = context.obj
    try:
        subject = subject_of(name)
    except ConfigError as error:  # the name was typed here and stands in no file
        raise UsageError(error.message, fix=error.fix) from error
    judged = list(try_all(subject))
    rows = [
        {"verdict": one.verdict.value, "promise": one.says, "why": session.redact(one.why), "name": one.promise}
        for one in judged
    ]
    counts = {verdict.value: sum(one.verdict is verdict for one in judged) for verdict in Verdict}
    session.show(contract_report(name, rows, counts))
    raise typer.Exit(ERROR if counts[Verdict.BROKEN] else OK)
