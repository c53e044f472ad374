"""Every file that the product writes: each act of writing it fails, or the process dies right before or after it.

Afterwards the file is the old one or the new one, a sentence says what went wrong and what to do, and the same command
goes through. `make kill` does it with everything that writes files; here with what needs no vendor.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeds_on_disk import DEEDS, Deed, Ground, loop
from disk import Disk, writing_places
from kill_matrix import FIGURES
from syncctl.cli.plans import write_file
from syncctl.errors import UsageError

OPENED = "ledger/engine.py _connect"
"""Only makes an empty file for SQLite to fill."""
HERE = ("ledger backup --force", "ledger restore", "init", "tokens")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with Ground.laid() as found:
        yield found


@pytest.mark.parametrize("deed", [deed for deed in DEEDS if deed.name in HERE], ids=lambda one: one.name)
def test_a_write_that_fails_or_dies_leaves_the_old_or_the_new_file_and_the_next_one_goes_through(
    ground: Ground, deed: Deed
) -> None:
    assert loop(ground, deed).wrong == []


def test_every_place_that_writes_a_file_was_let_fail_without_harm() -> None:
    """A place that is new in the code is let fail by a deed of deeds_on_disk.py, and by `make kill`."""
    figures = json.loads(FIGURES.read_text())["disk"]
    assert writing_places() | {OPENED} == set(figures["places"])
    assert all(number > 0 for number in (figures["deaths"], *figures["places"].values()))
    assert figures["harm"] == 0


@pytest.mark.parametrize("nth", range(1, 5))
def test_a_plan_file_is_the_old_or_the_new_one_whatever_fails(tmp_path: Path, nth: int) -> None:
    file = tmp_path / "friday.plan"
    file.write_bytes(b"old")
    file.chmod(0o640)
    with Disk(nth, errno.EIO).under(), pytest.raises(UsageError, match="cannot be written: Input/output error"):
        write_file(file, b"new")
    assert (file.read_bytes(), [*tmp_path.iterdir()]) == (b"new" if nth == 4 else b"old", [file])
    assert file.stat().st_mode & 0o777 == 0o640  # a group that could read it still can
