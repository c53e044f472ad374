"""What people do that writes files, on a disk that fails or dies: the loops of test_disk.py and of `make kill`."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from simulation.patches import Patch, patched

from cli.house import House, Said, house
from disk import Act, Disk
from kill_matrix import FIGURES
from syncctl.auth.store import FileStore, Place
from syncctl.auth.tokens import TOKENS, Kept, Tokens
from syncctl.errors import SyncctlError
from syncctl.ledger.backup import check_copy
from syncctl.planfile import plan_from_json

ERRORS = {"make": errno.ENOSPC, "fill": errno.ENOSPC, "cut": errno.EIO, "sync": errno.EIO, "name": errno.EIO}
"""What a disk says at each sort of act."""
PASSING = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])|\d{8}T\d{6}Z")
"""What of a file's name is another every time."""
PART = ".part"
TORN = b"torn"
EVERY_OF = 20
"""A pull asks a hundred times for a moment of its limits, one like the other."""
Do = Callable[[House], Said]
Look = Callable[[Path, Path], object]


@dataclass(frozen=True)
class Deed:
    """`look` reads what stands in a folder, beside what stood there when all went well; it raises for what is neither
    old nor new. `again` is the same the next time, `before` what was done long before, `around` what the disk lacks."""

    name: str
    do: Do
    look: Look
    again: Do
    before: Do | None = None
    around: tuple[Patch, ...] = ()


# --- deeds ----------------------------------------------------------------------------------------------------------


def command(*words: str) -> Do:
    """A command line in the project."""
    return lambda at: at.run(*(word.format(folder=at.folder) for word in words))


def whole_ledger(name: str) -> Look:
    """A ledger whose chain holds, where there is one."""

    def look(folder: Path, _calm: Path) -> None:
        if name == "ledger.db" or (folder / name).exists():
            check_copy(folder / name)

    return look


def lost(at: House) -> Said:
    """A backup; then somebody loses the ledger, but not what SQLite kept beside it when a process died."""
    said = OVER(at)
    (at.folder / "ledger.db").unlink()
    (at.folder / "ledger.db-journal").write_bytes(TORN)
    return said


def restored_or_as_it_was(folder: Path, _calm: Path) -> None:
    """The restored ledger alone, or none with all that was left of the lost one."""
    left = list(folder.glob("ledger.db*-journal"))
    assert [path.read_bytes() for path in left] == [TORN]
    if (folder / "ledger.db").exists():
        assert left != [folder / "ledger.db-journal"]
        check_copy(folder / "ledger.db")


def whole_plan(folder: Path, _calm: Path) -> None:
    plan_from_json((folder / "friday.plan").read_bytes())


def as_written(name: str) -> Look:
    """What stands in a folder is what is written there when all goes well, or it is not there."""

    def look(folder: Path, calm: Path) -> None:
        for path in files_of(folder / name):
            if not path.endswith(PART):
                assert (folder / name / path).read_bytes() == (calm / name / path).read_bytes(), path

    return look


def _tokens(at: House) -> FileStore[Kept]:
    return FileStore(Place(at.folder / "ledger.db", "books", "sandbox"), TOKENS)


def keep_tokens(at: House) -> Said:
    """What a refresh does with the tokens that the vendor gave; each time others."""
    now, store = at.clock.now(), _tokens(at)
    try:
        with store.lock():
            store.save(Kept(Tokens("access", now + timedelta(hours=1), now, refresh=f"refresh {os.urandom(4).hex()}")))
    except SyncctlError as error:
        return Said(error.exit_code, "", json.dumps({"cause": error.message, "fix": error.fix}))
    return Said(0, "", "")


def whole_tokens(folder: Path, _calm: Path) -> None:
    assert _tokens(House(folder, None, {"": None})).load() is not None  # type: ignore[dict-item]


def _unlinked(*_words: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


NO_LINKS: tuple[Patch, ...] = ((os, "link", _unlinked),)
BACK_UP = ("ledger", "backup", "{folder}/friday.db")
RESTORE = command("ledger", "restore", "{folder}/friday.db", "--accept-loss")
PLAN, INIT, SCHEMAS = (
    command("plan", "--out", "{folder}/friday.plan"),
    command("init", "{folder}/new"),
    command("schema", "pull"),
)
OVER = command(*BACK_UP, "--force")
DEEDS = (
    Deed("plan --out", PLAN, whole_plan, PLAN, PLAN),
    Deed("ledger backup", command(*BACK_UP), whole_ledger("friday.db"), OVER),
    Deed("ledger backup --force", OVER, whole_ledger("friday.db"), OVER, OVER),
    Deed("ledger backup, no hard links", command(*BACK_UP), whole_ledger("friday.db"), OVER, around=NO_LINKS),
    Deed("ledger restore", RESTORE, whole_ledger("ledger.db"), RESTORE, OVER),
    Deed("ledger restore, no hard links", RESTORE, whole_ledger("ledger.db"), RESTORE, OVER, NO_LINKS),
    Deed("ledger restore of a lost one", RESTORE, restored_or_as_it_was, RESTORE, lost),
    Deed("pull", command("pull"), whole_ledger("ledger.db"), command("pull")),
    Deed("init", INIT, as_written("new"), INIT),
    Deed("schema pull", SCHEMAS, as_written("schemas"), SCHEMAS),
    Deed("tokens", keep_tokens, whole_tokens, keep_tokens, keep_tokens),
)


# --- the loop -------------------------------------------------------------------------------------------------------


class Calm(NamedTuple):
    """How a deed goes without trouble: its acts, what a death around each would leave, the folder and its files when it
    was done again, and the exit codes."""

    acts: list[Act]
    photos: list[Path]
    folder: Path
    files: set[str]
    codes: tuple[int, int]


class Found(NamedTuple):
    """Which acts were let fail, after how many deaths somebody went on, and what was wrong."""

    failed: list[Act]
    died: int
    wrong: list[str]


@dataclass
class Ground:
    """A project after a dry run; every try is on a copy of it."""

    folder: Path
    house: House
    _places: Iterator[int] = field(default_factory=count)
    _before: dict[str, Path] = field(default_factory=dict)
    _calm: dict[str, Calm] = field(default_factory=dict)

    @staticmethod
    @contextmanager
    def laid() -> Iterator[Ground]:
        """For as long as the block runs."""
        with house() as found:
            yield Ground(found.folder.parent, found)

    def copy_of(self, folder: Path) -> House:
        """The project as it stands in a folder, elsewhere."""
        place = shutil.copytree(folder, self.folder / f"try{next(self._places)}")
        return House(place, None, self.house.boxes, self.house.clock)

    def at(self, deed: Deed) -> House:
        """The project as the deed finds it."""
        if deed.name not in self._before:
            made = self.copy_of(self.house.folder)
            if deed.before is not None:
                deed.before(made)
            self._before[deed.name] = made.folder
        return self.copy_of(self._before[deed.name])

    def calm(self, deed: Deed) -> Calm:
        """The deed without trouble, photographed once."""
        if deed.name not in self._calm:
            at, photos = self.at(deed), self.folder / f"photos{next(self._places)}"
            photos.mkdir()
            disk = Disk(of=at.folder, photos=photos)
            with patched(*deed.around), disk.under():
                said = deed.do(at)
            again = deed.again(at)
            different = {_digest(photo): photo for photo in sorted(photos.iterdir())}
            files = files_of(at.folder)
            self._calm[deed.name] = Calm(disk.acts, [*different.values()], at.folder, files, (said.code, again.code))
        return self._calm[deed.name]


def files_of(folder: Path) -> set[str]:
    """The files below a folder, but for ledgers that were set aside: each restore leaves one."""
    found = (PASSING.sub("*", str(path.relative_to(folder))) for path in folder.rglob("*") if path.is_file())
    return {path for path in found if ".replaced-" not in path}


def _digest(folder: Path) -> str:
    made = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        made.update(f"{path.relative_to(folder)} {path.stat().st_size} ".encode() + path.read_bytes())
    return made.hexdigest()


def loop(ground: Ground, deed: Deed) -> Found:
    """Lets every act fail, of many alike the first; and goes on after a death around each."""
    calm = ground.calm(deed)
    wrong: list[str] = []
    chosen = [nth for nth, act in enumerate(calm.acts) if len(calm.acts) <= EVERY_OF or act not in calm.acts[:nth]]
    for nth in chosen:
        act = calm.acts[nth]
        at = ground.at(deed)
        with patched(*deed.around), Disk(nth + 1, ERRORS[act.what]).under():
            said = deed.do(at)
        told = [*_unsaid(said, calm), *_left(at, deed, calm, files_of)]
        wrong += [f"{deed.name}, {act.place} cannot {act.what} ({nth + 1}): {words}" for words in told]
    for photo in calm.photos:
        told = _left(ground.copy_of(photo), deed, calm, _named_files)
        wrong += [f"{deed.name}, a death, photo {photo.name}: {words}" for words in told]
    return Found([calm.acts[nth] for nth in chosen], len(calm.photos), wrong)


def _named_files(folder: Path) -> set[str]:
    """Without what a dead process was about to name: nobody looks at it again."""
    return {path for path in files_of(folder) if not path.endswith(PART)}


def _unsaid(said: Said, calm: Calm) -> Iterator[str]:
    """A failure is told in a sentence, with what to do."""
    if said.code == calm.codes[0]:
        return
    try:
        error: dict[str, Any] = said.error
    except (ValueError, IndexError):
        error = {}
    if said.code not in (1, 4, 64) or not error.get("fix") or "defect" in said.err or "foresaw" in said.err:
        yield f"ended with {said.code} and said {said.err[-300:]!r}"


def _left(at: House, deed: Deed, calm: Calm, listed: Callable[[Path], set[str]]) -> Iterator[str]:
    """What stands there is old or new, and the next time all goes well."""
    try:
        deed.look(at.folder, calm.folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no file to read
        yield f"left what is neither old nor new: {error!r}"
    again = deed.again(at)
    if again.code != calm.codes[1]:
        yield f"then ended with {again.code} and said {again.err[-300:]!r}"
    elif listed(at.folder) != calm.files:
        yield f"left other files: {sorted(listed(at.folder) ^ calm.files)}"


def every_deed() -> dict[str, Any]:
    """All of them: how often each place failed, how many deaths, what was wrong."""
    with Ground.laid() as ground:
        found = [loop(ground, deed) for deed in DEEDS]
    places = Counter(act.place for one in found for act in one.failed)
    told = [words for one in found for words in one.wrong]
    print("\n".join(told), end="\n" if told else "")
    return {"places": dict(sorted(places.items())), "deaths": sum(one.died for one in found), "harm": len(told)}


def main() -> int:
    """Does all of it on a disk that fails, tells what that came to, and keeps it; 1 when anything is wrong."""
    found = every_deed()
    acts = sum(found["places"].values())
    print(f"{'acts of writing a file':<26}{acts:>12,}\n{'deaths around them':<26}{found['deaths']:>12,}")
    FIGURES.write_text(json.dumps(json.loads(FIGURES.read_text()) | {"disk": found}, indent=1) + "\n")
    return 1 if found["harm"] else 0


if __name__ == "__main__":
    sys.exit(main())
