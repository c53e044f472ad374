"""Files that are there whole or not at all: written beside their place, put on the disk, then named. I/O: files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PART: Final = ".part"
"""How the name of a file ends that is not whole yet; what a dead process left of one is in nobody's way."""


def write_whole(path: Path, body: bytes, *, over: bool = True) -> None:
    """Writes a file in one step: whoever looks sees what was there, or all of it. A new one is private (0600), one that
    was there is read by whom it was, and a link stays one.

    Raises OSError, and FileExistsError where something is there already and `over` is False; what was there stays.
    """
    if path.exists() and not path.is_file():  # a pipe, /dev/stdout: there is nothing to keep
        with path.open("wb") as there:
            there.write(body)
        return
    place = path.resolve()
    with beside(place) as part:
        with part.open("wb") as file:
            if place.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(place.stat().st_mode))
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        if over:
            part.replace(place)
        else:
            take_name(part, place)
    sync_folder(place.parent)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A file of a name of its own in the same folder, 0600; it is gone afterwards."""
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=PART, dir=target.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for leftover in (name, f"{name}-journal", f"{name}-wal", f"{name}-shm"):
            Path(leftover).unlink(missing_ok=True)


def take_name(part: Path, target: Path) -> None:
    """Never over a file that came in the meantime, where the file system can promise that. Raises FileExistsError."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links (a USB stick)
        part.replace(target)


def sync_folder(folder: Path) -> None:
    """A name that a file got or lost is on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
