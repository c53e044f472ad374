"""Where tokens are kept: a private file beside the ledger, or the keyring. I/O: files, fsync, locks, the keyring.

A token is on the disk before it is used: a rotating refresh token that is lost with the power locks a company out.
Tokens belong to one system of one ledger in one environment: another project, another profile's ledger and the
vendor's sandbox never find them, although they share a folder or the keyring of one user.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, Protocol, TypeAlias

from syncctl.auth.tokens import Form, Held, Kept, NotTokens
from syncctl.errors import CredentialError
from syncctl.wholefile import sync_folder

SERVICE: Final = "syncctl"
FOLDER: Final = "tokens"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose tokens: one system's, of one ledger (its path, links resolved), in one environment."""

    ledger: Path
    system: str
    environment: str

    @property
    def file(self) -> Path:
        """`tokens/LEDGER.SYSTEM.ENVIRONMENT.json` beside the ledger: it moves with it."""
        return self.ledger.parent / FOLDER / f"{self.ledger.name}.{self.system}.{self.environment}.json"

    @property
    def entry(self) -> str:
        """The name in the keyring, which all projects of a user share."""
        return f"{self.ledger} {self.system} {self.environment}"


class Store(Protocol[Held]):
    """What is kept of one system."""

    @property
    def where(self) -> str:
        """Which store this is, for people."""
        ...

    def load(self) -> Held | None:
        """What is kept; None when nobody is signed in. Raises CredentialError."""
        ...

    def save(self, kept: Held) -> None:
        """Keeps it durably before it returns. Raises CredentialError."""
        ...

    def delete(self) -> None:
        """Forgets them; nothing when there are none. Raises CredentialError."""
        ...

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One holder at a time among all threads and processes; waits for the others."""
        ...


TokenStore: TypeAlias = Store[Kept]


class FileStore(Generic[Held]):
    """A 0600 file in a 0700 folder, replaced as a whole."""

    def __init__(self, place: Place, form: Form[Held]) -> None:
        self.path = place.file
        self.form = form

    @property
    def where(self) -> str:
        return f"file {self.path}"

    def load(self) -> Held | None:
        try:
            with self.path.open(encoding="utf-8") as file:
                self._check_private(os.fstat(file.fileno()))
                return _read(self.form, file.read(), self.where)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self._trouble(error) from error

    def save(self, kept: Held) -> None:
        draft = self.path.with_suffix(".draft")
        try:
            self._make_folder()
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(self.form.write(kept))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise self._trouble(error) from error

    def delete(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble(error) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        self._make_folder()
        with file_lock(self.path.with_suffix(".lock")):
            yield

    def _make_folder(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _check_private(self, status: os.stat_result) -> None:
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise CredentialError(
                f"the tokens in {self.path} can be read by others", fix=f"chmod 600 {self.path}; then sign in again"
            )

    def _trouble(self, error: Exception) -> CredentialError:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        return CredentialError(f"the tokens in {self.path} cannot be used: {reason}", fix="check the path and the disk")


class KeyringStore(Generic[Held]):
    """The system's keyring; the lock is a file, because keyrings have none."""

    def __init__(self, place: Place, form: Form[Held]) -> None:
        self.entry = place.entry
        self.lock_path = place.file.with_suffix(".lock")
        self.form = form

    @property
    def where(self) -> str:
        return f"keyring {SERVICE}/{self.entry}"

    def load(self) -> Held | None:
        text = self._asked("get_password")
        return None if text is None else _read(self.form, text, self.where)

    def save(self, kept: Held) -> None:
        self._asked("set_password", self.form.write(kept))

    def delete(self) -> None:
        if self._asked("get_password") is not None:
            self._asked("delete_password")

    @contextmanager
    def lock(self) -> Iterator[None]:
        self.lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file_lock(self.lock_path):
            yield

    def _asked(self, what: str, *words: str) -> str | None:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError as error:
            raise CredentialError(
                f"{self.where} needs the keyring package", fix="pip install 'syncctl[keyring]', or use the file store"
            ) from error
        try:
            found: str | None = getattr(keyring, what)(SERVICE, self.entry, *words)
        except KeyringError as error:
            raise CredentialError(
                f"{self.where} did not answer: {type(error).__name__}", fix="unlock the keyring, or use the file store"
            ) from error
        return found


class MemoryStore(Generic[Held]):
    """What nobody else can see: the tokens of a sign-in that is not checked yet."""

    def __init__(self, kept: Held | None = None) -> None:
        self.kept = kept

    @property
    def where(self) -> str:
        return "memory"

    def load(self) -> Held | None:
        return self.kept

    def save(self, kept: Held) -> None:
        self.kept = kept

    def delete(self) -> None:
        self.kept = None

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """An exclusive lock of the operating system: it ends with its process, however that dies. Raises CredentialError.

    The file stays: removing it would let two processes lock two files of one name.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CredentialError(f"the lock {path} cannot be opened: {error.strerror}", fix="check the folder") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def open_store(place: Place, form: Form[Held], kind: str) -> Store[Held]:
    """The store that syncctl.yaml names: `file` or `keyring`."""
    return KeyringStore(place, form) if kind == "keyring" else FileStore(place, form)


def own_tokens(_client: str) -> TokenStore:
    """Tokens of this process alone, for whoever has no ledger to keep them beside."""
    return MemoryStore()


def _read(form: Form[Held], text: str, where: str) -> Held:
    try:
        return form.read(text)
    except NotTokens as error:
        raise CredentialError(f"the tokens in {where} cannot be read: {error}", fix="sign in again") from error
