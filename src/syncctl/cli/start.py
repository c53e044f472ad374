"""init, demo, doctor, setup: the commands of the first hour. I/O: files, the ledger, vendors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.exits import winner
from syncctl.cli.sandbox import SCALE_MAX, pretend_systems
from syncctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncctl.cli.session import Session
    from syncctl.cli.starter_settings import Pretend
    from syncctl.run.weak_spots import Check

PANEL: Final = "First steps"
STACK_HELP: Final = "quickbooks or xero, hubspot or salesforce; the first of each by default."


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(rich_help_panel=PANEL)(init)
    app.command(rich_help_panel=PANEL)(demo)
    app.command(rich_help_panel=PANEL)(doctor)
    app.command(rich_help_panel=PANEL)(setup)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; the current folder by default.")] = Path(),
    sandbox: Annotated[
        Path | None,
        typer.Option("--sandbox", metavar="FILE", help="The file that `syncctl sandbox serve --ready-file` wrote."),
    ] = None,
    stack: Annotated[str, typer.Option("--stack", metavar="BOOKS,CRM", help=STACK_HELP)] = "",
    rest: Annotated[
        bool, typer.Option("--rest", help="Also systems/erp.yaml: how a system is declared in YAML, by example.")
    ] = False,
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="With --sandbox: sign in to its systems as to real ones (auth login).")
    ] = False,
) -> None:
    """Make a project: syncctl.yaml, the shipped mappings, .env.example. Nothing that is there is overwritten."""
    from syncctl.cli.scaffold import scaffold, without_mapping
    from syncctl.report.listing import listing
    from syncctl.stack import read_stack, split_names

    session: Session = context.obj
    if sandbox and stack:
        said = f"--stack and --sandbox cannot be used in one command: {sandbox} says already which systems there are"
        raise UsageError(said, fix=f"leave --stack out: syncctl init {folder} --sandbox {sandbox}")
    if sign_in and not sandbox:
        said = "--sign-in needs --sandbox: of a real system only you know the app that you sign in through"
        raise UsageError(said, fix="write `sign_in:` in syncctl.yaml (docs/signing-in.md)")
    systems = read_stack(split_names(stack)).systems
    pretend = _pretend(sandbox) if sandbox else None
    written = scaffold(folder, pretend, systems=systems, rest=rest, sign_in=sign_in)
    rows = [{"file": str(folder / entry.path), "what": entry.done} for entry in written]
    session.show(listing("init", rows, ("file", "what"), empty="nothing written"))
    mapped = any(entry.path.startswith("mappings/") for entry in written)
    if pretend and (idle := without_mapping(list(pretend))):
        names = " and ".join(idle)
        session.say(f"no shipped mapping uses {names}: one of your own in {folder / 'mappings'} can (docs/mapping.md)")
    session.say(_next(folder, pretend, sign_in=sign_in, mapped=mapped))


def _next(folder: Path, pretend: Mapping[str, Pretend] | None, *, sign_in: bool, mapped: bool) -> str:
    """What is typed after init; without a mapping there is nothing to reconcile yet."""
    if pretend is None:
        return "next: fill in syncctl.yaml and .env, then: syncctl doctor"
    to_sign_in = [name for name, system in pretend.items() if system.client is not None] if sign_in else []
    if to_sign_in:
        return "\n".join(("next:", *(f"  syncctl --project {folder} auth login {name}" for name in to_sign_in)))
    return f"next: syncctl --project {folder} {'reconcile --dry-run' if mapped else 'doctor'}"


def _pretend(ready: Path) -> Mapping[str, Pretend]:
    from syncctl.cli.scaffold import read_ready_file

    return pretend_systems(read_ready_file(ready))


def demo(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the project's folder and say where it is.")] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed makes another company.")] = 1,
    scale: Annotated[
        float,
        typer.Option("--scale", metavar="SIZE", min=0.01, max=SCALE_MAX, help="1 has hundreds of customers."),
    ] = 0.2,
    stack: Annotated[str, typer.Option("--stack", metavar="BOOKS,CRM", help=STACK_HELP)] = "",
) -> None:
    """Show the whole job on a pretend company: pull, dry run, apply, pull again, statement. No account, no network."""
    from syncctl.cli.demo import Cast, run_demo
    from syncctl.stack import read_stack, split_names

    session: Session = context.obj
    cast = Cast(read_stack(split_names(stack)), seed, scale)
    raise typer.Exit(run_demo(session, cast, keep=keep))


def doctor(context: typer.Context) -> None:
    """Check configuration, credentials, ledger, schemas and open writes: a cause and a fix per line."""
    from syncctl.alerts.checking import alert_checks
    from syncctl.report.listing import listing
    from syncctl.run.inspection import doctor as examine

    session: Session = context.obj
    with session.project() as project:
        checks = (*examine(project), *alert_checks(project))
    rows = [{"check": check.name, "state": _state(check), "cause": check.cause, "fix": check.fix} for check in checks]
    session.show(listing("doctor", rows, ("check", "state", "cause", "fix"), empty="nothing to check"))
    raise typer.Exit(winner(check.exit_code for check in checks if not check.ok))


def _state(check: Check) -> str:
    """`weak` is told, and is no failure."""
    return "FAILED" if not check.ok else "weak" if check.weak else "ok"


def setup(
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help="A system of syncctl.yaml.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Make it without asking.")] = False,
) -> None:
    """Make what a vendor needs once: HubSpot's unique property, for example. Shows it first."""
    from syncctl.cli.setup import run_setup

    session: Session = context.obj
    raise typer.Exit(run_setup(session, system, yes=yes))
