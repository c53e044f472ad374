"""sandbox serve: pretend vendors on loopback ports. I/O: listens on 127.0.0.1, writes the ready file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.sections import group

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncctl.cli.session import Session
    from syncctl.cli.starter_settings import Pretend

PANEL: Final = "First steps"
SCALE_MAX: Final = 1_000.0
"""Every record of the company is held in memory: 1 has hundreds of customers."""


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Pretend vendors, as strict as the real ones.")
    commands.command()(serve)
    app.add_typer(commands, name="sandbox", rich_help_panel=PANEL)


def serve(
    context: typer.Context,
    systems: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SYSTEM",
            help="stripe, quickbooks or xero, hubspot or salesforce; the first of each. Only by name: erp, plaid.",
        ),
    ] = None,
    port_base: Annotated[
        int,
        typer.Option("--port-base", metavar="N", min=0, max=65_000, help="The first port; 0 takes any that are free."),
    ] = 8100,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed makes another company.")] = 1,
    scale: Annotated[
        float, typer.Option("--scale", metavar="SIZE", min=0.01, max=SCALE_MAX, help="1 has hundreds of customers.")
    ] = 1.0,
    ready_file: Annotated[
        Path | None, typer.Option("--ready-file", metavar="FILE", help="Written when all of them answer.")
    ] = None,
) -> None:
    """Serve pretend vendors until interrupted; `syncctl init DIR --sandbox FILE` makes a project that uses them."""
    from syncctl.sandbox.base import Sandbox
    from syncctl.sandbox.clock import SandboxClock
    from syncctl.sandbox.serve import serve as listen
    from syncctl.sandbox.world import plan_world
    from syncctl.stack import served_stack

    session: Session = context.obj
    stack = served_stack(systems or ())
    names = tuple(dict.fromkeys(systems or stack.systems))
    world = plan_world(SandboxClock(), seed=seed, scale=scale, stack=stack)
    fresh = world.fresh(names)
    boxes = {name: Sandbox(build()) for name, build in fresh.items()}
    number = listen(
        boxes,
        port_base=port_base,
        ready_file=ready_file,
        fresh=fresh,
        on_ready=lambda urls: _say_ready(session, urls),
    )
    raise typer.Exit(128 + number)


def _say_ready(session: Session, urls: Mapping[str, str]) -> None:
    from syncctl.report.listing import listing

    rows = [{"system": name, "url": url} for name, url in urls.items()]
    session.show(listing("sandbox", rows, ("system", "url"), empty=""))
    session.say("serving until interrupted (Ctrl-C)")


def pretend_systems(urls: Mapping[str, str]) -> dict[str, Pretend]:
    """What a project needs to speak to served sandboxes."""
    from syncctl.cli.starter_settings import Pretend
    from syncctl.sandbox.world import world_credentials

    opened = world_credentials(urls)
    return {
        name: Pretend(url, opened[name].token, opened[name].company, opened[name].client) for name, url in urls.items()
    }
