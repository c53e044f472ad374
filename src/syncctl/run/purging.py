"""The use case purge: a person's data out of the ledger, and what that does not reach. I/O: ledger, files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from syncctl.ledger.mentions import mentions, words_of
from syncctl.ledger.purging import Purged, Purging, scrub
from syncctl.model import Ref
from syncctl.project import Project
from syncctl.run.heads import alone
from syncctl.run.planning import refresh_all
from syncctl.run.review import known_record, operator

CHUNK: Final = 1 << 20
"""Bytes of a file that are looked through at once."""
SIDECARS: Final = ("", "-journal", "-wal", "-shm", ".lock")


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge did. `others` are records of the ledger that name the person too, `files` those in the project's
    folder: both are as they were. `stays`: so is the record as it is now. `left`: one of the person's texts stands
    elsewhere in the ledger, where no record leads to it."""

    ref: Ref
    purged: Purged
    stays: bool
    others: tuple[Ref, ...]
    files: tuple[Path, ...]
    left: bool


def purge(project: Project, ref: Ref, agreed: Callable[[], bool], *, past: bool = False) -> Purge | None:
    """Takes the personal data of a record out of the ledger, when `agreed` says so; None when it does not.

    `past`: its vendor keeps the record, and only what it was before goes.
    Raises UsageError while its vendor has it or a write about it is under way, LedgerError, LockedError.
    """
    known_record(project, ref)
    Purging(project.engine, ref, (), past=past).refuse()  # before anybody is asked; nobody waits for the answer
    if not agreed():
        return None
    with alone(project, "ledger purge"):
        refresh_all(project, project.projections())  # what cannot be refreshed is told before anything is taken out
        words = words_of(project.engine, ref)
        purging = Purging(project.engine, ref, words, past=past)
        purging.refuse()
        try:
            purged = purging.purge(project.at(), operator())
            project.lookups.forget()
            refresh_all(project, project.projections())
        finally:
            scrub(project.engine)
        others = mentions(project.engine, ref, words)
        files = tuple(_files(project, (*words, str(ref), _id_in_json(ref))))
        left = bool(words) and not purging.stays and _holds(project.settings.ledger, _signs(words))
        return Purge(ref, purged, purging.stays, others, files, left and not others)


def _id_in_json(ref: Ref) -> str:
    """How a plan file names the record."""
    return f'"kind":{json.dumps(ref.kind)},"id":{json.dumps(ref.id)}'


def _files(project: Project, words: Sequence[str]) -> Iterator[Path]:
    """Files in the project's folder in which one of these texts stands: saved plans, reports, logs, copies."""
    signs = _signs(words)
    ledger = project.settings.ledger
    own = {ledger.with_name(ledger.name + end) for end in SIDECARS}
    for folder, folders, names in os.walk(project.folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(folder, name) for name in sorted(names)):
            if path not in own and path.is_file() and _holds(path, signs):
                yield path.relative_to(project.folder)


def _signs(words: Sequence[str]) -> list[bytes]:
    return [sign for word in words for sign in {word.encode(), json.dumps(word)[1:-1].encode()}]


def _holds(path: Path, signs: Sequence[bytes]) -> bool:
    longest, rest = max(map(len, signs)), b""
    try:
        with path.open("rb") as file:
            while block := file.read(CHUNK):
                if any(sign in rest + block for sign in signs):
                    return True
                rest = block[-longest:]
    except OSError:  # whoever may not read it cannot have written it with this tool
        return False
    return False
