"""Heads of the audit chain, kept outside the ledger: a cut end and an old copy show by them. I/O: a file.

One line per run that wrote: time, run, count of events, hash of the last one, the ledger's lineage. It is written after
the ledger's own commit, which is on the disk by then, so it may be behind the ledger after a crash and never ahead.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from syncctl.ledger.audit import Head

FIELDS: Final = 5
HASH_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class KeptHead:
    """One line: where the chain of a ledger ended when a run did."""

    at: str
    run: str
    head: Head
    lineage: str

    @property
    def line(self) -> str:
        return f"{self.at} {self.run} {self.head.count} {self.head.hash} {self.lineage}\n"


def family(lineage: str) -> str:
    """The birth mark in a lineage: a restored ledger has another lineage of the same family."""
    return lineage.partition(".")[0]


def keep_head(path: Path, kept: KeptHead, *, shared: bool = False) -> None:
    """Appends a line, on the disk when this returns; `shared`: the ledger's group writes too. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        if new and shared:
            os.fchmod(descriptor, 0o660)
        # A line that a dead process left half written stays for itself.
        torn = os.lseek(descriptor, 0, os.SEEK_END) and os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1)
        line = ("\n" if torn not in (0, b"\n") else "").encode() + kept.line.encode()
        if os.write(descriptor, line) < len(line):  # the last room of a disk
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kept_heads(path: Path, of: str) -> Iterator[KeptHead]:
    """The lines about ledgers of one family, oldest first; what is no whole line is left out. Raises OSError."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            found = _parsed(line)
            if found is not None and family(found.lineage) == of:
                yield found


def last_head(path: Path, of: str) -> KeptHead | None:
    """The newest line about a ledger of this family. Raises OSError."""
    last = None
    for last in kept_heads(path, of):  # noqa: B007 - the last one is what is wanted
        pass
    return last


def _parsed(line: bytes) -> KeptHead | None:
    words = line.decode("utf-8", "replace").split(" ")
    if len(words) != FIELDS or not line.endswith(b"\n"):
        return None
    at, run, count, link, lineage = words
    if not count.isdecimal() or len(link) != HASH_LENGTH:
        return None
    return KeptHead(at, run, Head(int(count), link), lineage.rstrip("\n"))
