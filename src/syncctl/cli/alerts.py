"""alerts test|list: try the channels, see what did not arrive. I/O: the ledger, the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from syncctl.cli.exits import ERROR, OK
from syncctl.cli.sections import group
from syncctl.errors import ConfigError

if TYPE_CHECKING:
    from syncctl.cli.session import Session

PANEL: Final = "Look inside"
ADD: Final = (
    "name a channel in syncctl.yaml, `alerts: [{channel: env:ALERT_MAIL}]`, and its address in .env (docs/alerts.md)"
)
NONE: Final = f"there is no channel, so nobody is told: {ADD}"


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Who is told when a run's state changes, and what did not arrive.")
    commands.command()(test)
    commands.command("list")(list_)
    app.add_typer(commands, name="alerts", rich_help_panel=PANEL)


def test(context: typer.Context) -> None:
    """Send one marked test message to every channel of syncctl.yaml."""
    from syncctl.alerts.telling import Surroundings, send_test
    from syncctl.report.listing import listing

    session: Session = context.obj
    with session.project() as project:
        if not project.settings.alerts:
            raise ConfigError("there is no channel to test: syncctl.yaml has no `alerts:`", fix=ADD)
        around = Surroundings(project.settings, project.clock, project.redact)
        sent = send_test(around, session.run_id)
    rows = [
        {"channel": name, "state": "sent" if failed is None else "FAILED", "cause": str(failed or ""),
         "fix": failed.fix if failed is not None else ""}
        for name, failed in sent
    ]  # fmt: skip
    session.show(listing("alerts", rows, ("channel", "state", "cause", "fix"), empty=""))
    raise typer.Exit(OK if all(failed is None for _, failed in sent) else ERROR)


def list_(context: typer.Context) -> None:
    """Show the alerts that did not arrive: what waits for the next run, and what was given up."""
    from syncctl.ledger.alerts import Alerts
    from syncctl.report.listing import listing

    session: Session = context.obj
    with session.project() as project:
        found = Alerts(project.engine).undelivered()
        named = bool(project.settings.alerts)
    rows = [
        {"channel": one.channel, "state": one.state, "at": one.at.isoformat(), "run": one.run, "title": one.title,
         "tries": one.tries, "tried_at": one.tried_at, "cause": one.cause, "fix": one.fix}
        for one in found
    ]  # fmt: skip
    columns = ("channel", "state", "at", "run", "title", "tries", "tried_at", "cause", "fix")
    session.show(listing("alerts", rows, columns, empty="every alert arrived" if named else NONE))
