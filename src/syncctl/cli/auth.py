"""auth login|status|logout: signing in to a system. I/O: a browser, the terminal, vendors, token stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from syncctl.cli.exits import AUTHENTICATION, ERROR, OK
from syncctl.cli.sections import group
from syncctl.errors import UsageError, no_such

if TYPE_CHECKING:
    from syncctl.auth.linked import LinkSession
    from syncctl.auth.request import AuthorizationRequest
    from syncctl.cli.session import Session
    from syncctl.project import Project
    from syncctl.run.standing import Standing

PANEL: Final = "First steps"
WAIT_SECONDS: Final = 300.0
COLUMNS: Final = (
    "system", "item", "by", "store", "company", "state", "access_until", "sign_in_ends", "scopes_missing", "fix",
)  # fmt: skip
Item = Annotated[str, typer.Option("--item", metavar="ITEM", help="One bank of several: see `syncctl auth status`.")]
SystemName = Annotated[str, typer.Argument(metavar="SYSTEM", help="A system of syncctl.yaml.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Sign in to a system whose tokens syncctl keeps fresh.")
    commands.command()(login)
    commands.command()(status)
    commands.command()(logout)
    app.add_typer(commands, name="auth", rich_help_panel=PANEL)


def login(
    context: typer.Context,
    system: SystemName,
    item: Item = "",
    paste: Annotated[
        bool, typer.Option("--paste", help="No browser here: open the address elsewhere and paste where it ends.")
    ] = False,
) -> None:
    """Sign in through the vendor's page in your browser; the tokens are kept and refreshed from then on."""
    session: Session = context.obj
    with session.project() as project:
        if _connects_items(project, system, item):
            found = _connected(session, project, system, item, paste=paste)
        else:
            found = (_signed_in(session, project, system, paste=paste),)
    session.show(_report(found))
    raise typer.Exit(OK if all(standing.ok for standing in found) else AUTHENTICATION)


def _connects_items(project: Project, system: str, item: str) -> bool:
    """True for a system whose banks are connected one by one. Raises UsageError for `--item` of another."""
    if system not in project.settings.systems:
        raise no_such("system", system, project.settings.systems)
    found = project.connects_items(system)
    if item and not found:
        raise UsageError(f"{system} has no items", fix="leave --item out: it names one bank of several")
    return found


def _signed_in(session: Session, project: Project, system: str, *, paste: bool) -> Standing:
    from syncctl.run.signing_in import sign_in

    def browser(request: AuthorizationRequest) -> Mapping[str, str]:
        return _pasted(session, request) if paste else _brought(session, request, project.clock)

    return sign_in(project, system, browser)


def _connected(session: Session, project: Project, system: str, item: str, *, paste: bool) -> tuple[Standing, ...]:
    """A bank connected on the vendor's page; nothing has to be pasted, the vendor says when it is done."""
    from syncctl.run.banks import connect

    def show(link: LinkSession) -> None:
        import webbrowser

        session.err.write(
            f"Open this address, if your browser does not do it by itself:\n\n{link.url}\n\n"
            f"syncctl goes on by itself when you are done there, within {link.seconds / 60:.0f} minutes.\n"
        )
        session.err.flush()
        if not paste:
            webbrowser.open(link.url)

    return connect(project, system, show, item)


def _brought(session: Session, request: AuthorizationRequest, clock: Any) -> Mapping[str, str]:
    """The answer through a page on this machine."""
    import webbrowser

    from syncctl.auth.loopback import Loopback

    server = Loopback(request.redirect_uri, request.state, request.system)
    try:
        session.err.write(f"Open this address, if your browser does not do it by itself:\n\n{request.url}\n\n")
        session.err.flush()
        webbrowser.open(request.url)
        return server.wait(WAIT_SECONDS, clock)
    finally:
        server.close()


def _pasted(session: Session, request: AuthorizationRequest) -> Mapping[str, str]:
    """The answer typed in by a person: the address that the browser ends at, whether it can show the page or not."""
    from syncctl.auth.request import read_answer

    session.err.write(
        f"Open this address in any browser:\n\n{request.url}\n\n"
        f"It ends at {request.redirect_uri}?…, which may show an error. Paste that whole address here:\n"
    )
    session.err.flush()
    return read_answer(session.read_line())


def status(
    context: typer.Context,
    systems: Annotated[list[str] | None, typer.Argument(metavar="SYSTEM", help="All systems by default.")] = None,
) -> None:
    """Show where each system's secret is, which company it opens, how long it lasts and which scopes are missing."""
    from syncctl.run.signing_in import standings

    session: Session = context.obj
    with session.project() as project:
        found = standings(project, tuple(systems or ()))
    session.show(_report(found))
    raise typer.Exit(OK if all(standing.ok for standing in found) else AUTHENTICATION)


def logout(context: typer.Context, system: SystemName, item: Item = "") -> None:
    """Forget a system's tokens, here and at the vendor."""
    from syncctl.run.banks import disconnect
    from syncctl.run.signing_in import sign_out

    session: Session = context.obj
    with session.project() as project:
        if _connects_items(project, system, item):
            gone = disconnect(project, system, item)
            session.say("\n".join(f"{system} is disconnected from {one.institution} ({one.id})" for one in gone))
            raise typer.Exit(OK)
        trouble = sign_out(project, system)
    session.say(f"signed out of {system}; {trouble}" if trouble else f"signed out of {system}")
    raise typer.Exit(ERROR if trouble else OK)


def _report(found: Any) -> Any:
    from syncctl.report.listing import listing

    rows = [_row(standing) for standing in found]
    return listing("auth", rows, COLUMNS, empty="there are no systems")


def _row(standing: Standing) -> dict[str, Any]:
    row = {column: getattr(standing, column) for column in COLUMNS}
    return {**row, "scopes_missing": " ".join(standing.scopes_missing)}
