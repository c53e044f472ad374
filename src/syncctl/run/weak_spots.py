"""What of a project's surroundings weakens it: files others can read, network disks, broad keys, clocks. I/O: file
status, the mount table, the token stores."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from shlex import quote
from typing import Final

from syncctl.credentials import ENV_FILE
from syncctl.errors import SyncctlError
from syncctl.ledger.engine import SAFE_WAL_VERSION, journal_mode, library_version
from syncctl.ledger.restoring import SIDECARS
from syncctl.project import Project
from syncctl.run.scopes import written_scopes
from syncctl.settings import PROJECT_FILE

SKEW_SECONDS_MAX: Final = 60.0
"""A vendor's Date header is to the second and some time under way; a wrong clock is wrong by minutes. Plans from more
than 5 minutes ahead are refused, and keys are remembered for hours, counted from our own clock."""
NETWORK: Final = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone",
     "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs"}
)  # fmt: skip
"""File systems, as Linux names them, whose locks and fsync are another machine's promise (sqlite.org/useovernet)."""
MOUNTS: Final = Path("/proc/self/mounts")
_WRITERS: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `doctor`: what was looked at, whether it is well, the cause and the fix if not. A `weak` one works
    as it is, and could be safer. `exit_code` is what a failed one leaves: 4 where somebody must sign in, 78 where the
    configuration is wrong; 0 where another line says why."""

    name: str
    ok: bool
    cause: str = ""
    fix: str = ""
    weak: bool = False
    exit_code: int = 1


def read_mounts() -> str:
    """The mount table; empty where the system has none (macOS)."""
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


# --- files ------------------------------------------------------------------------------------------------------------


def private_files(project: Project) -> Iterator[Check]:
    """Whether anybody else on this machine can read what is private, or put another ledger in its place.

    Where `approve_above` asks for a second user, the ledger and its folder may be a group's; credentials never are.
    """
    shared = _shared(project)
    open_ones = [path for path in _private(project) if _others(path, 0o007 if path in shared else 0o077)]
    for path in open_ones:
        mode = stat.S_IMODE(path.stat().st_mode)
        right = "700" if path.is_dir() else "660" if path in shared else "600"
        yield Check(
            "private files", ok=False, cause=f"{path} can be read by others ({mode:04o})", fix=f"chmod {right} {path}"
        )
    folder = project.settings.ledger.resolve().parent
    if _others(folder, stat.S_IWOTH if shared else _WRITERS) and not folder.stat().st_mode & stat.S_ISVTX:
        cause = f"others can replace files in {folder}, the ledger among them"
        who = "o" if shared else "go"
        yield Check("private files", ok=False, cause=cause, fix=f"chmod {who}-w {folder}")
    elif not open_ones:
        yield Check("private files", ok=True, cause=_sharing(project))


def deciding_files(project: Project) -> Iterator[Check]:
    """What says what is written, and within which guards, and can be changed by anybody on this machine; or cannot be
    read by the second user who approves it."""
    files = _deciding(project)
    for path in files:
        if path.exists() and _others(path, stat.S_IWOTH):
            cause = f"{path} can be changed by others: it says what is written"
            yield Check("private files", ok=False, cause=cause, fix=f"chmod o-w {path}")
    ledger = project.settings.ledger.resolve()
    if not _is_shared(project, ledger):
        return
    unread = [path for path in files if path.exists() and not _group_reads(path, ledger.stat().st_gid)]
    shown = " ".join(quote(str(path)) for path in unread if path.parent not in unread)
    if unread:
        group = _group(ledger)
        cause = f"the group {group} can write the ledger and cannot read {shown}: nobody of it can approve a plan"
        yield Check("private files", ok=False, cause=cause, fix=f"chgrp -R {group} {shown}; chmod -R g+rX {shown}")


def _deciding(project: Project) -> list[Path]:
    """syncctl.yaml, the mappings, and what declares a system, each after the folder it lies in."""
    settings = project.settings
    declared = [system.file for system in settings.systems.values() if system.file is not None]
    folders = {path.parent for path in declared} - {settings.folder}
    mappings = settings.mappings.glob("*.y*ml")
    return [settings.folder / PROJECT_FILE, settings.mappings, *sorted(mappings), *sorted(folders), *declared]


def _group_reads(path: Path, group: int) -> bool:
    """True when a group can read a file, or look into a folder; a right of everybody's is one of the group's."""
    status = path.stat()
    needed = 0o5 if path.is_dir() else 0o4
    given = (status.st_mode >> 3) if status.st_gid == group else status.st_mode
    return given & needed == needed


def _shared(project: Project) -> frozenset[Path]:
    """What a second user needs for `approve`: the ledger, and what SQLite and the lock keep beside it."""
    if not project.settings.safeguards.approve_above:
        return frozenset()
    ledger = project.settings.ledger.resolve()
    return frozenset(ledger.with_name(ledger.name + end) for end in ("", *SIDECARS, ".lock"))


def _sharing(project: Project) -> str:
    """Who else can write the ledger, where that is wanted."""
    ledger = project.settings.ledger.resolve()
    if not _is_shared(project, ledger):
        return ""
    return f"the group {_group(ledger)} can read and write the ledger, as `approve_above` needs it"


def _is_shared(project: Project, ledger: Path) -> bool:
    """True when a second user is asked for, and a group has the ledger."""
    return bool(_shared(project) and ledger.exists() and _others(ledger, stat.S_IWGRP))


def _group(path: Path) -> str:
    try:
        return path.group()
    except KeyError:  # a group without a name
        return str(path.stat().st_gid)


def _private(project: Project) -> Iterator[Path]:
    """What exists of: the ledger and what stands beside it, the .env, files that hold credentials."""
    settings = project.settings
    ledger = settings.ledger.resolve()
    yield from sorted(path for path in ledger.parent.glob(f"{ledger.name}*") if path.is_file())
    tokens = ledger.parent / "tokens"
    yield from (path for path in (tokens, *sorted(tokens.glob("*"))) if path.exists())
    named = [system.credential for system in settings.systems.values() if system.credential is not None]
    named += [each for system in settings.systems.values() if system.sign_in for each in system.sign_in.references]
    files = [settings.folder / Path(one.name).expanduser() for one in named if one.scheme == "file"]
    yield from dict.fromkeys(path for path in (settings.folder / ENV_FILE, *files) if path.is_file())


def _others(path: Path, bits: int) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & bits)


# --- the ledger's disk and engine -------------------------------------------------------------------------------------


def ledger_disk(project: Project) -> Check:
    """Whether the ledger lies on a disk of this machine."""
    where = project.settings.ledger.resolve()
    kind = file_system(where, read_mounts())
    if kind not in NETWORK:
        return Check("ledger disk", ok=True, cause=kind)
    cause = f"{where} is on a network share ({kind}): two machines can hold its lock at once, and a commit can be lost"
    return Check("ledger disk", ok=False, cause=cause, fix="move the ledger to a local disk; keep backups on the share")


def file_system(path: Path, mounts: str) -> str:
    """The file system of the mount with the longest path above this one; empty when the table names none."""
    best, kind = Path(), ""
    for line in mounts.splitlines():
        _, place, name, *_ = [*line.split(" "), "", "", ""]
        point = Path(_unescaped(place))
        if place and path.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, name
    return kind


def _unescaped(place: str) -> str:
    """The table writes blanks and the like as octal: `/mnt/our\\040books`."""
    for code in ("\\040", "\\011", "\\012", "\\134"):
        place = place.replace(code, chr(int(code[1:], 8)))
    return place


def journal_check(in_use: str) -> Check:
    """Whether the ledger's journal mode is one that this SQLite keeps whole (docs: the ledger file)."""
    safe = journal_mode()
    if in_use.upper() != "WAL" or safe == "WAL":
        return Check("ledger journal mode", ok=True, cause=f"{in_use.upper()}, safe with SQLite {library_version()}")
    first = ".".join(map(str, SAFE_WAL_VERSION))
    cause = f"WAL, and SQLite {library_version()} can lose pages of it (mended in {first})"
    return Check(
        "ledger journal mode",
        ok=False,
        cause=cause,
        fix=f"end every other program on the ledger, then: syncctl doctor; it goes back to {safe}",
    )


# --- keys and clocks --------------------------------------------------------------------------------------------------


def broad_keys(project: Project, name: str) -> Iterator[Check]:
    """What the key of a system opens beyond what is needed. Never raises: the system's own line says what is wrong."""
    settings = project.settings.systems[name]
    try:
        if settings.sign_in is not None:
            yield from _broad_scopes(project, name)
        elif settings.connector == "stripe" and project.settings.secret(name).startswith("sk_"):
            cause = "a secret key opens everything in the Stripe account, payouts and customers' cards included"
            fix = (
                "make a restricted key (rk_…) that only reads, and writes what your mappings write; put it in its place"
            )
            yield Check(f"key of {name}", ok=True, cause=cause, fix=fix, weak=True)
        elif settings.connector == "hubspot" and (written := written_scopes(project, name)):
            cause = (
                "HubSpot tells nobody what a key may write: a missing scope shows at the first write, which stops"
                f" {name} with exit code 4 and leaves its changes for the next run"
            )
            fix = f"look on the key's page in HubSpot for {', '.join(written)}"
            yield Check(f"key of {name}", ok=True, cause=cause, fix=fix, weak=True)
    except SyncctlError:
        return


def _broad_scopes(project: Project, name: str) -> Iterator[Check]:
    if project.connects_items(name):
        return
    found = project.sign_in(name)
    kept = found.store.load()
    needed = {*found.card.scopes, "offline_access", "openid", "refresh_token", "oauth"}
    more = sorted(set(kept.tokens.scopes) - needed) if kept and found.card.scopes else []
    if more:
        cause = f"the sign-in allows more than is needed: {', '.join(more)}"
        fix = f"take them off the vendor's app page or `scopes`, then: syncctl auth login {name}"
        yield Check(f"key of {name}", ok=True, cause=cause, fix=fix, weak=True)


def clock_check(project: Project, name: str) -> Iterator[Check]:
    """How far this machine's clock is from the vendor's, by the Date of its last answer; nothing where it says none."""
    told = project.date_told(name)
    if told is None:
        return
    try:
        theirs = parsedate_to_datetime(told.date)
    except ValueError:
        return
    if theirs.tzinfo is None:
        return
    seconds = (told.at - theirs).total_seconds()
    if abs(seconds) <= SKEW_SECONDS_MAX:
        yield Check(f"clock of {name}", ok=True)
        return
    cause = f"this machine's clock is {abs(seconds):,.0f} seconds {'ahead of' if seconds > 0 else 'behind'} {name}'s"
    yield Check(
        f"clock of {name}", ok=False, cause=cause, fix="set the clock by network time (timedatectl set-ntp true)"
    )
