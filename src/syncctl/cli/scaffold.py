"""What `syncctl init` writes: syncctl.yaml, mappings, .env.example and the like. I/O: writes files, never over one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from syncctl.cli.starter_settings import VARIABLES, Pretend, settings_text, variables
from syncctl.errors import SyncctlError, UsageError
from syncctl.stack import USUAL
from syncctl.wholefile import write_whole

MAPPINGS_IN_PACKAGE: Final = "starter_mappings"
SYSTEMS_IN_PACKAGE: Final = "example_systems"
DECLARED: Final = "erp.yaml"
"""The example of a system declared in YAML."""

ENV_EXAMPLE: Final = """\
# Copy with `install -m 600 .env.example .env`, then fill in. syncctl refuses a .env that others can read.
{lines}
"""
GITIGNORE: Final = """\
.env
ledger.db
ledger.db-journal
ledger.db-wal
ledger.db-shm
ledger.db.lock
ledger.db.replaced-*
ledger.heads
limits/
tokens/
"""
KEPT: Final = "kept: it was there"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one file."""

    path: str
    done: str


def scaffold(
    folder: Path,
    pretend: Mapping[str, Pretend] | None = None,
    *,
    systems: Sequence[str] = USUAL.systems,
    rest: bool = False,
    sign_in: bool = False,
) -> tuple[Written, ...]:
    """Writes whatever is not there yet, for these systems or the pretended ones; with `rest` also the example of a
    system declared in YAML, with `sign_in` pretended systems that people sign in to. Raises SyncctlError when the
    folder cannot be written.
    """
    named, served = tuple(pretend or systems), pretend or {}
    declared = [_declared_system()] if rest or "erp" in named else []
    files = [*_files(named, served, sign_in=sign_in), *declared]
    try:
        (folder / "mappings").mkdir(mode=0o700, parents=True, exist_ok=True)  # there, even where none is shipped
        for name, _ in files:
            (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tuple(_write(folder, name, text) for name, text in files)
    except OSError as error:
        raise SyncctlError(f"{folder} cannot be written: {error.strerror}", fix="choose another folder") from error


def _files(systems: Sequence[str], pretend: Mapping[str, Pretend], *, sign_in: bool) -> Iterator[tuple[str, str]]:
    yield "syncctl.yaml", settings_text(systems, pretend, sign_in=sign_in)
    yield from ((f"mappings/{name}", text) for name, text in starter_mappings(systems))
    held = {line: value for name, system in pretend.items() for line, value in variables(name, system).items()}
    named = held or {VARIABLES[name]: "" for name in systems}
    yield ".env.example", ENV_EXAMPLE.format(lines="\n".join(f"{variable}=" for variable in named))
    if held:
        yield ".env", "".join(f"{variable}={value}\n" for variable, value in held.items())
    yield ".gitignore", GITIGNORE


def _declared_system() -> tuple[str, str]:
    return f"systems/{DECLARED}", (_shipped(SYSTEMS_IN_PACKAGE, "systems") / DECLARED).read_text(encoding="utf-8")


def _shipped(packaged: str, here: str) -> Traversable:
    """A folder of the installed package, or the repository's own."""
    found = resources.files("syncctl") / packaged
    return found if found.is_dir() else Path(__file__).resolve().parents[3] / here


def starter_mappings(systems: Sequence[str]) -> list[tuple[str, str]]:
    """(file name, text) of every shipped mapping between two of these systems; each pair has a folder."""
    pairs = [pair for pair in _shipped(MAPPINGS_IN_PACKAGE, "mappings").iterdir() if pair.is_dir()]
    if not pairs:
        raise SyncctlError("the shipped mappings are missing", fix="install syncctl again")
    chosen = [pair for pair in pairs if set(pair.name.split("-")) <= set(systems)]
    found = [entry for pair in chosen for entry in pair.iterdir() if entry.name.endswith(".yaml")]
    return sorted((entry.name, entry.read_text(encoding="utf-8")) for entry in found)


def without_mapping(systems: Sequence[str]) -> list[str]:
    """Those of these systems that no shipped mapping joins, whatever stands beside them."""
    pairs = [pair.name.split("-") for pair in _shipped(MAPPINGS_IN_PACKAGE, "mappings").iterdir() if pair.is_dir()]
    return [name for name in systems if not any(name in pair for pair in pairs)]


def _write(folder: Path, name: str, text: str) -> Written:
    path = folder / name
    if path.exists() or path.is_symlink():
        return Written(name, KEPT)
    try:
        write_whole(path, text.encode(), over=False)
    except FileExistsError:
        return Written(name, KEPT)
    return Written(name, "written")


def read_ready_file(path: Path) -> dict[str, str]:
    """The URLs that `syncctl sandbox serve --ready-file` wrote, by system. Raises UsageError."""
    fix = "start `syncctl sandbox serve --ready-file FILE` and wait for the file"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no ready file of a sandbox: {error}", fix=fix) from error
    known = isinstance(found, dict) and all(name in VARIABLES and isinstance(url, str) for name, url in found.items())
    if not known or not found:
        raise UsageError(f"{path} is no ready file of a sandbox", fix=fix)
    return {name: found[name] for name in VARIABLES if name in found}
