"""A disk whose n-th act fails, or that is photographed around each: what a process that dies there would leave.

An act is whatever the product asks of the operating system to make a file, fill it, sync it or name it.
"""

from __future__ import annotations

import ast
import errno
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from simulation.patches import patched

import syncctl

SOURCE = Path(syncctl.__file__).resolve().parent
ACTS = {
    "open": "make",
    "write": "fill",
    "pwrite": "fill",
    "ftruncate": "cut",
    "fsync": "sync",
    "replace": "name",
    "rename": "name",
    "link": "name",
}
WRITING = frozenset({"write_text", "write_bytes", "rename", "hardlink_to", "symlink_to"})
"""Methods of a path that make or name a file."""
COPYING = ("mks", "Named", "Temporary", "copy", "move")
MORE = frozenset({"fdopen", "touch"})
SIGNS = re.compile(
    r"\bos\.|\bopen\(|write_(text|bytes)|tempfile|shutil|touch\(|rename\(|link_to\(|\.replace\([^,()]+\)"
)
"""Only files with one of these are looked at closely."""
READING = ("O_RDONLY", "devnull")
SHARED = "wholefile.py"
"""How files are written whole; who wants that is above it."""
PRETEND = "sandbox"
"""The pretend vendors keep nothing of anybody's."""


class Act(NamedTuple):
    """What was asked, the function of the product that asked, and on whose behalf."""

    place: str
    what: str
    caller: str


@dataclass
class Disk:
    """`acts` are those so far, in order. The `nth` fails with this error number, one of what it fills half done; with
    `photos`, a folder, the folder `of` is copied there before and after the first act of each sort."""

    nth: int = 0
    number: int = errno.EIO
    of: Path | None = None
    photos: Path | None = None
    acts: list[Act] = field(default_factory=list)
    _inside: bool = False

    @contextmanager
    def under(self) -> Iterator[None]:
        """For as long as the block runs."""
        with patched(*((os, name, self._watched(name, getattr(os, name))) for name in ACTS)):
            yield

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:
            asked = [] if self._inside or (name == "open" and not words[1] & os.O_CREAT) else list(_asked_by())
            if not asked:
                return real(*words, **named)
            caller = next((one for one in asked if not one.startswith(SHARED)), "")
            act = Act(asked[0], ACTS[name], caller)
            known = act in self.acts
            self.acts.append(act)
            self._photograph(known)
            if len(self.acts) == self.nth:
                if ACTS[name] == "fill":
                    real(words[0], words[1][: len(words[1]) // 2], *words[2:])
                raise OSError(self.number, os.strerror(self.number))
            done = real(*words, **named)
            self._photograph(known)
            return done

        return call

    def _photograph(self, known: bool) -> None:
        if not known and self.photos is not None and self.of is not None:
            self._inside = True
            shutil.copytree(self.of, self.photos / f"{len(list(self.photos.iterdir())):03}")
            self._inside = False


def _asked_by() -> Iterator[str]:
    """The functions of the product on the stack, the innermost first."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(SOURCE) and PRETEND not in path.relative_to(SOURCE).parts:
            yield f"{path.relative_to(SOURCE)} {frame.f_code.co_qualname}"
        frame = frame.f_back


# --- from the code -------------------------------------------------------------------------------------------------


def writing_places() -> set[str]:
    """Every function of the product that makes, fills, syncs or names a file, as its source says."""
    files = [path for path in SOURCE.rglob("*.py") if PRETEND not in path.relative_to(SOURCE).parts]
    texts = {path.relative_to(SOURCE): path.read_text() for path in files}
    return {
        f"{path} {name}" for path, text in texts.items() if SIGNS.search(text) for name in _in_file(ast.parse(text))
    }


def _in_file(tree: ast.AST, above: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            inside = "" if isinstance(node, ast.ClassDef) else ".<locals>"
            yield from _in_file(node, f"{above}{node.name}{inside}.")
        else:
            if isinstance(node, ast.Call) and _writes(node):
                yield above.removesuffix(".").removesuffix(".<locals>")
            yield from _in_file(node, above)


def _writes(call: ast.Call) -> bool:
    """Whether this makes, fills, syncs or names a file."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name not in {*ACTS, *WRITING, *MORE} and not name.startswith(COPYING):
        return False
    module = ast.unparse(call.func).rpartition(".")[0]
    if module == "os" and name == "open":
        return not any(word in ast.unparse(call) for word in READING)
    if module == "os" and name != "fdopen":
        return name in ACTS
    if module in ("tempfile", "shutil"):
        return name.startswith(COPYING)
    if name == "replace":  # of a text it takes two words, of a value keywords
        return len(call.args) == 1 and not call.keywords
    if name == "touch":
        return not call.args
    return name in WRITING or (name in ("open", "fdopen") and _for_writing(call))


def _for_writing(call: ast.Call) -> bool:
    words = [*call.args, *(word.value for word in call.keywords)]
    modes = [one.value for one in words if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(mode[:1] in ("w", "a", "x") and len(mode) <= 3 for mode in modes)
