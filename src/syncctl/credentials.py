"""Credential references: where a secret is kept, never the secret itself. I/O: reads files and the keyring.

A reference is `env:NAME`, `file:PATH` or `keyring:SERVICE/NAME`. No message here ever repeats what was written in
place of a reference: it may be the secret.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from syncctl.errors import CredentialError
from syncctl.redact import Redactor

ENV_FILE: Final = ".env"
FORMS: Final = "env:NAME, file:PATH or keyring:SERVICE/NAME"
LATER: Final = ("op", "vault")
"""Secret stores that are named in the designs and not supported yet."""
SECRET_BYTES_MAX: Final = 16_384
_ENVIRONMENT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_looks_secret: Final = Redactor()


class NotAReference(ValueError):
    """A text is no credential reference. The message never holds the text; `fix` says what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class CredentialReference:
    """`scheme` is env, file or keyring; `name` is the variable, the path, or SERVICE/NAME."""

    scheme: str
    name: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


def looks_like_a_secret(text: str) -> bool:
    """True for a text with the shape of a key or token."""
    return _looks_secret(text) != text


def parse_reference(text: str) -> CredentialReference:
    """Reads a reference; raises NotAReference."""
    if looks_like_a_secret(text):
        raise NotAReference(
            "this is a secret, not a reference to one",
            f"revoke it at the vendor, store a new one outside this file and write {FORMS}",
        )
    scheme, colon, name = text.partition(":")
    if scheme in LATER:
        raise NotAReference(f"{scheme}:// references come in a later version", f"use {FORMS}")
    if not colon or scheme not in _NAMES:
        raise NotAReference("this is not a credential reference", f"write {FORMS}; never the secret itself")
    if not _NAMES[scheme].fullmatch(name):
        raise NotAReference(f"the name after {scheme}: does not fit", f"write {FORMS}")
    return CredentialReference(scheme, name)


_NAMES: Final = {"env": _ENVIRONMENT_NAME, "file": re.compile(r".+"), "keyring": re.compile(r"[^/]+/.+")}


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Reads secrets when they are needed: from the environment, then from the project's .env; file paths start at
    the project's folder.
    """

    environment: Mapping[str, str]
    folder: Path

    def read(self, reference: CredentialReference) -> str:
        """The secret, one line of visible ASCII. Raises CredentialError with what is missing and the fix."""
        if reference.scheme == "env":
            secret = self._from_environment(reference)
        elif reference.scheme == "file":
            secret = _read_private(reference, self.folder / Path(reference.name).expanduser())
        else:
            secret = _from_keyring(reference)
        return _checked(secret.strip(), reference)

    def _from_environment(self, reference: CredentialReference) -> str:
        secret = self.environment.get(reference.name)
        if secret is None:
            secret = self._from_env_file(reference)
        if secret is None:
            raise CredentialError(
                f"the environment variable {reference.name} is not set",
                fix=f"set {reference.name}, or write it into the project's .env file",
            )
        return secret

    def _from_env_file(self, reference: CredentialReference) -> str | None:
        path = self.folder / ENV_FILE
        if not path.is_file():
            return None
        from dotenv import dotenv_values

        held = _read_private(CredentialReference("file", ENV_FILE), path)
        return dotenv_values(stream=io.StringIO(held), interpolate=False).get(reference.name)


def _checked(secret: str, reference: CredentialReference) -> str:
    """A secret travels in an HTTP header, so anything but one line of visible ASCII is a wrong file or variable."""
    if not secret:
        raise CredentialError(f"the credential {reference} is empty", fix=f"put the secret into {reference}")
    if not all(" " < character < "\x7f" for character in secret):
        raise CredentialError(
            f"the credential {reference} is not one line of plain ASCII without blanks",
            fix="store the key alone: no quotes, no name before it, no second line",
        )
    return secret


def _read_private(reference: CredentialReference, path: Path) -> str:
    try:
        # One descriptor for the check and the read, so that the file checked is the file read.
        with path.open("rb") as file:
            _check_private(os.fstat(file.fileno()), reference)
            secret = file.read(SECRET_BYTES_MAX + 1)
    except OSError as error:
        raise CredentialError(
            f"the credential {reference} cannot be read: {error.strerror}", fix="check the path and its permissions"
        ) from error
    if len(secret) > SECRET_BYTES_MAX:
        raise CredentialError(f"the credential {reference} is too long for a secret", fix="check the path")
    return secret.decode("utf-8", "replace")


def _check_private(status: os.stat_result, reference: CredentialReference) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CredentialError(f"the credential {reference} is not a file", fix="check the path")
    if status.st_uid != os.getuid():
        raise CredentialError(
            f"the credential {reference} belongs to another user", fix=f"chown {os.getuid()} {reference.name}"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise CredentialError(
            f"the credential {reference} can be read by other users of this machine", fix=f"chmod 600 {reference.name}"
        )


def _from_keyring(reference: CredentialReference) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise CredentialError(
            f"{reference} needs the keyring package", fix="pip install 'syncctl[keyring]', or use env: or file:"
        ) from error
    service, _, name = reference.name.partition("/")
    try:
        secret = keyring.get_password(service, name)
    except KeyringError as error:
        raise CredentialError(
            f"the keyring did not give {reference}: {type(error).__name__}",
            fix="unlock the keyring, or use env: or file: where there is none",
        ) from error
    if secret is None:
        raise CredentialError(f"the keyring holds no {reference.name}", fix=f"keyring set {service} {name}")
    return secret
