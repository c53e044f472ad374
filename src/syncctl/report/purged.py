"""What `ledger purge` answers. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from syncctl.report.formats import Report
from syncctl.report.style import COMMAND, GOOD, QUIET, STRONG, indented
from syncctl.report.text import plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from syncctl.run.purging import Purge

BLANK: Final = Text()
WORDS: Final = {
    "states": "state",
    "pairs": "pair",
    "findings": "finding",
    "alerts": "alert",
    "operations": "write",
    "requests": "request",
    "plans": "plan",
    "events": "event",
}
STAYS: Final = (
    "What stays: ids, kinds, amounts, days, who matched with whom, and that each write happened, with the SHA-256 of"
    " what was sent. Books must be able to show that."
)
LEFT: Final = (
    "A mail address, phone number or name of theirs still stands in the ledger where no record leads to it, such as the"
    " note of an approval. It stays there."
)
BEYOND: Final = (
    "What this cannot reach: the vendors, backups of the ledger and of this machine, logs, mails and chats that alerts"
    " went to, and texts in which the person is called otherwise. A backup that is put back needs the same purge again."
)


def purged_report(found: Purge) -> Report:
    """What a purge took out, what stays, and what it did not reach."""

    def show(_width: int) -> RenderableType:
        return Group(*_done(found), BLANK, Text(STAYS), *_others(found), *_files(found), BLANK, Text(BEYOND, QUIET))

    fields = {
        "record": str(found.ref),
        "purged": dict(found.purged.counts),
        "also_named_in": [str(ref) for ref in found.others],
        "left_elsewhere": found.left,
        "files": [str(path) for path in found.files],
    }
    return Report("ledger purge", show, [fields], fields, tuple(fields), whole=True)


def _done(found: Purge) -> Iterator[RenderableType]:
    what = "past" if found.stays else "personal data"
    if not found.purged.any:
        yield Text(f"Nothing is left of the {what} of {found.ref} in the ledger.", style=GOOD)
        return
    counts = found.purged.counts
    said = ", ".join(plural(counts[name], word) for name, word in WORDS.items() if counts.get(name))
    yield Text(f"The {what} of {found.ref} is out of the ledger.", style=GOOD)
    yield Text(f"emptied: {said}")
    if found.stays:
        yield Text("as it stands now it stays: its vendor has it, and every pull reads it")
    yield Text.assemble("the audit chain answers for it: ", ("syncctl ledger verify", COMMAND))


def _others(found: Purge) -> Iterator[RenderableType]:
    if found.others:
        yield BLANK
        yield Text("Other records name this person too, and are as they were. Each needs a purge of its own:", STRONG)
        yield from (indented(Text(f"syncctl ledger purge {visible(str(ref))}", COMMAND)) for ref in found.others)
    if found.left:
        yield BLANK
        yield Text(LEFT, STRONG)


def _files(found: Purge) -> Iterator[RenderableType]:
    if found.files:
        yield BLANK
        yield Text(
            "Files in the project's folder that name the record or the person; delete what is not needed:", STRONG
        )
        yield from (indented(Text(visible(str(path)))) for path in found.files)
