"""ledger query|verify|backup|restore|purge: questions in SQL, proof, copies, a person's data out. I/O: the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from syncctl.cli.exits import ERROR, NOT_APPROVED, OK
from syncctl.cli.sections import group
from syncctl.errors import GuardTripped

if TYPE_CHECKING:
    from syncctl.cli.session import Session
    from syncctl.model import Ref

PANEL: Final = "Look inside"
BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group."""
    commands = group("Ask the ledger itself; prove it, copy it, put a copy back; take a person's data out.")
    commands.command()(query)
    commands.command()(verify)
    commands.command()(backup)
    commands.command()(restore)
    commands.command()(purge)
    app.add_typer(commands, name="ledger", rich_help_panel=PANEL)


def query(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT.")],
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="How many rows.")] = 100,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="WHEN", help="For the views ..._as_of: 2026-10-31, the end of that day.")
    ] = "",
) -> None:
    """Ask the ledger in SQL. Nothing can be written this way.

    The views records_as_of, pairs_as_of and findings_as_of show the ledger as it stood then.
    """
    from syncctl.cli.options import as_moment
    from syncctl.ledger.as_of import NOW
    from syncctl.ledger.query import query as ask
    from syncctl.report.listing import listing

    session: Session = context.obj
    settings = session.read_settings()
    found = ask(settings.ledger, sql, limit, as_moment(as_of, settings.time_zone) or NOW)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    session.show(listing("query", rows, found.columns, empty="no rows", fields={"more": found.more}))
    if found.more:
        session.say(f"only the first {limit:,} rows; ask for more with --limit")


def verify(context: typer.Context) -> None:
    """Prove that nobody changed the ledger: audit chain, heads kept outside, rows, file. Else exit code 1."""
    from syncctl.report.ledger import verified_report
    from syncctl.run.restoring import verify_ledger

    session: Session = context.obj
    settings = session.read_settings()
    found = verify_ledger(settings, session.clock)
    session.show(verified_report(found, settings.heads))
    raise typer.Exit(OK if found.sound else ERROR)


def backup(
    context: typer.Context,
    target: BackupFile,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
) -> None:
    """Copy the ledger into one file, checked, also while a run is writing."""
    from syncctl.report.ledger import backup_report
    from syncctl.run.restoring import backup_ledger

    session: Session = context.obj
    session.show(backup_report(target, backup_ledger(session.read_settings(), target, replace=force)))


def restore(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A backup; without one, the older copy that is there becomes the ledger."),
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on though the backup does not know the newest runs.")
    ] = False,
) -> None:
    """Put a backup in the ledger's place; what it replaces is kept. Says first what would be lost."""
    from syncctl.report.ledger import restored_report
    from syncctl.run.restoring import loss_words
    from syncctl.run.restoring import restore as put_back

    session: Session = context.obj
    done = put_back(session.read_settings(), file, session.clock, lambda: session.run_id, accept_loss=accept_loss)
    session.show(restored_report(done, loss_words(done.loss)))


def purge(
    context: typer.Context,
    record: Annotated[
        str, typer.Argument(metavar="REF", help="A record that its vendor deleted: hubspot:contact:501.")
    ],
    past: Annotated[
        bool, typer.Option("--past", help="Its vendor keeps the record, overwritten: only what it was before goes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for the reference to be typed again.")] = False,
) -> None:
    """Take a person's data out of the ledger for good, once the vendor has deleted the record."""
    from syncctl.cli.match import as_ref
    from syncctl.report.purged import purged_report
    from syncctl.run.purging import purge as take_out

    session: Session = context.obj
    ref = as_ref(record)
    with session.project() as project:
        done = take_out(project, ref, lambda: yes or _typed_again(session, ref), past=past)
        if done is None:
            session.say("nothing was purged")
            raise typer.Exit(NOT_APPROVED)
        session.show(purged_report(done))


def _typed_again(session: Session, ref: Ref) -> bool:
    """True when a person types the reference. Raises GuardTripped where nobody can."""
    if not session.asks:
        said = f"purging {ref} cannot be taken back, and nobody is here to be asked"
        raise GuardTripped(said, guard="yes", fix="make a backup if the law allows you to keep one; then add --yes")
    session.say(f"This empties everything the ledger holds about {ref}, in all its past. It cannot be taken back.")
    return session.type_again(str(ref))
