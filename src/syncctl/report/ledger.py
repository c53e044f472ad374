"""What `ledger verify`, `backup` and `restore` answer. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from syncctl.report.formats import Report
from syncctl.report.style import BAD, COMMAND, GOOD, QUIET, STRONG, indented
from syncctl.report.text import moment_text, plural, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncctl.ledger.audit import Head
    from syncctl.ledger.chain import Broken
    from syncctl.ledger.verifying import Verified
    from syncctl.run.restoring import Restored

COLUMNS: Final = ("check", "event_number", "at", "event", "what", "meaning", "fix")
BLANK: Final = Text()
OUTSIDE: Final = (
    "Copy number and head to where nobody who can write to the ledger can write too: whoever rewrites the whole chain"
    " cannot rewrite that."
)
TITLES: Final = {
    "chain": "Audit chain",
    "heads": "Heads kept outside",
    "rows": "Rows against the chain",
    "file": "File",
    "links": "Rows against each other",
}


def verified_report(found: Verified, heads: Path) -> Report:
    """Whether the ledger is as it was written, and what is not; `heads` is the file outside."""

    def show(width: int) -> RenderableType:  # noqa: ARG001 - a report is drawn for a width
        return _sound(found, heads) if found.sound else _broken(found, heads)

    return Report("ledger verify", show, [_row(one) for one in found.broken], _fields(found, heads), COLUMNS)


def _fields(found: Verified, heads: Path) -> dict[str, Any]:
    kept = found.kept
    outside = {"at": kept.at, "run": kept.run, "events": kept.head.count, "head": kept.head.hash} if kept else None
    return {
        "sound": found.sound,
        "events": found.head.count,
        "head": found.head.hash,
        "sealed_rows": found.rows,
        "kept": outside,
        "heads_file": str(heads),
        "purges": list(found.purges),
    }


def _row(broken: Broken) -> dict[str, Any]:
    return {
        "check": broken.check,
        "event_number": broken.number or None,
        "at": broken.at,
        "event": broken.event,
        "what": broken.what,
        "meaning": broken.meaning,
        "fix": broken.fix,
    }


def _sound(found: Verified, heads: Path) -> RenderableType:
    title = Text("The ledger is as it was written.", style=GOOD)
    return Group(title, BLANK, _facts(found, heads), BLANK, Text(OUTSIDE, style=QUIET))


def _facts(found: Verified, heads: Path) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=QUIET)
    grid.add_column(overflow="fold")
    grid.add_row("events", f"{found.head.count:,}, each follows from the one before it")
    grid.add_row("head", found.head.hash or "none yet")
    grid.add_row("outside", _outside(found, heads))
    grid.add_row(
        "rows", f"{found.rows:,} plans, writes, requests, runs, decisions and pins are as their events left them"
    )
    grid.add_row("file", "SQLite finds no damage")
    for number, one in enumerate(found.purges):
        grid.add_row("" if number else "purged", visible(one))
    return grid


def _outside(found: Verified, heads: Path) -> str:
    if found.kept is None:
        return f"{heads.name} holds no head of this ledger: a cut end would not be seen"
    kept = found.kept
    return f"agrees with {heads.name}: event {kept.head.count:,}, run {visible(kept.run)}, {moment_text(kept.at)}"


def _broken(found: Verified, heads: Path) -> RenderableType:
    said = plural(len(found.broken), "contradiction")
    parts: list[RenderableType] = [Text(f"The ledger is not as it was written: {said}.", style=BAD)]
    for check, title in TITLES.items():
        of_one = [broken for broken in found.broken if broken.check == check]
        if of_one:
            parts += [BLANK, Text(title, style=STRONG), *_same(of_one)]
    return Group(*parts, BLANK, _kept_words(found, heads))


def _same(found: list[Broken]) -> Iterator[RenderableType]:
    """Contradictions of one sort; what they mean and what to do stands once below those that share it."""
    for number, broken in enumerate(found):
        yield indented(_named(broken))
        after = found[number + 1] if number + 1 < len(found) else None
        if after is None or (after.meaning, after.fix) != (broken.meaning, broken.fix):
            yield indented(Text(broken.meaning, style=QUIET))
            yield indented(Text(broken.fix, style=COMMAND))


def _named(broken: Broken) -> Text:
    """The event by number, kind and time, then what differs."""
    name = f"event {broken.number:,}" if broken.number else ""
    kind = " ".join(filter(None, (visible(broken.event), moment_text(broken.at) if broken.at else "")))
    head = ", ".join(filter(None, (name, kind)))
    return Text.assemble((f"{head}: " if head else "", STRONG), visible(broken.what))


def _kept_words(found: Verified, heads: Path) -> Text:
    here = f"{plural(found.head.count, 'event')}, head {found.head.hash or 'none'}"
    return Text(f"Here: {here}. Outside: {heads.name}.", style=QUIET)


# --- backup and restore -----------------------------------------------------------------------------------------------


def backup_report(target: Path, head: Head) -> Report:
    """A backup that was made and checked."""

    def show(_width: int) -> RenderableType:
        return Group(
            Text(f"{target} is a whole copy of the ledger, checked; only you can read it.", style=GOOD),
            Text(f"audit chain: {plural(head.count, 'event')}, head {head.hash}"),
            Text.assemble("to put it back: ", (f"syncctl ledger restore {target}", COMMAND)),
        )

    fields = {"file": str(target), "events": head.count, "head": head.hash}
    return Report("ledger backup", show, [fields], fields, tuple(fields), whole=True)


def restored_report(found: Restored, lost: str) -> Report:
    """A ledger that was put back; `lost` says in words what it does not know."""

    def show(_width: int) -> RenderableType:
        parts: list[RenderableType] = [Text("The ledger is restored.", style=GOOD), Text(f"lost: {lost}")]
        if found.aside is not None:
            parts.append(Text(f"the ledger that was replaced is kept: {found.aside}"))
        parts += [
            Text(f"audit chain: {plural(found.head.count, 'event')}, head {found.head.hash}"),
            BLANK,
            Text("Plans made before are stale, and nothing is planned before everything was pulled once."),
            Text.assemble("next: ", ("syncctl pull", COMMAND), ", then ", ("syncctl reconcile --dry-run", COMMAND)),
        ]
        return Group(*parts)

    loss = found.loss
    fields = {
        "run": found.run,
        "lineage": found.lineage,
        "events": found.head.count,
        "head": found.head.hash,
        "events_lost": loss.events if loss.known else None,
        "runs_lost": list(loss.runs),
        "writes_lost": loss.writes,
        "replaced": str(found.aside) if found.aside else None,
    }
    return Report("ledger restore", show, [fields], fields, tuple(fields), whole=True)
