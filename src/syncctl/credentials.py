"""Credential references: where a secret is kept, never the secret itself. I/O: the environment and `.env`.

A reference is `env:NAME`, `fd:NUMBER`, `systemd:NAME`, `file:PATH`, `keyring:SERVICE/NAME`, `op://VAULT/ITEM/FIELD` or
`vault://MOUNT/PATH#FIELD`. No message here ever repeats what was written in place of a reference: it may be the secret.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from syncctl.errors import CredentialError
from syncctl.redact import Redactor

ENV_FILE: Final = ".env"
_SHAPES: Final = {
    "env": "env:NAME",
    "fd": "fd:NUMBER",
    "systemd": "systemd:NAME",
    "file": "file:PATH",
    "keyring": "keyring:SERVICE/NAME",
    "op": "op://VAULT/ITEM/FIELD",
    "vault": "vault://MOUNT/PATH#FIELD",
}
FORMS: Final = "env:NAME, file:PATH, keyring:SERVICE/NAME or another that docs/signing-in.md lists"
_ENVIRONMENT_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_looks_secret: Final = Redactor()


class NotAReference(ValueError):
    """A text is no credential reference. The message never holds the text; `fix` says what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class CredentialReference:
    """`scheme` is env, fd, systemd, file, keyring, op or vault; `name` is what stands after it."""

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
    if not colon or scheme not in _NAMES:
        raise NotAReference("this is not a credential reference", f"write {FORMS}; never the secret itself")
    if not _NAMES[scheme].fullmatch(name):
        raise NotAReference(f"the name after {scheme}: does not fit", f"write {_SHAPES[scheme]}")
    return CredentialReference(scheme, name)


_NAMES: Final = {
    "env": _ENVIRONMENT_NAME,
    "fd": re.compile(r"\d{1,4}"),
    "systemd": re.compile(r"[^/\0]+"),
    "file": re.compile(r".+"),
    "keyring": re.compile(r"[^/]+/.+"),
    "op": re.compile(r"//[^/]+/[^/]+/[^/]+(?:/[^/]+)?"),
    "vault": re.compile(r"//[^/]+/[^#]+#[^#]+"),
}


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Reads secrets when they are needed: from the environment, then from the project's .env; file paths start at
    the project's folder.
    """

    environment: Mapping[str, str]
    folder: Path

    def read(self, reference: CredentialReference) -> str:
        """The secret, one line of visible ASCII. Raises CredentialError with what is missing and the fix."""
        return _checked(self.read_text(reference).strip(), reference)

    def read_text(self, reference: CredentialReference) -> str:
        """A secret of several lines, such as a PEM key. Raises CredentialError."""
        if reference.scheme == "env":
            return self._from_environment(reference)
        from syncctl import credential_stores as stores

        match reference.scheme:
            case "file":
                return stores.from_file(reference, self.folder / Path(reference.name).expanduser())
            case "fd":
                return stores.from_descriptor(reference)
            case "systemd":
                return stores.from_systemd(reference, self.environment)
            case "keyring":
                return stores.from_keyring(reference)
            case "op":
                return stores.from_1password(reference, self.environment)
            case _:
                return stores.from_vault(reference, self.environment)

    def require(self, references: Iterable[CredentialReference]) -> None:
        """Raises CredentialError that names every variable that is not set, before the first one is used."""
        names = dict.fromkeys(reference.name for reference in references if reference.scheme == "env")
        unset = [name for name in names if name not in self.environment]
        in_file = self._env_file() if unset else {}
        missing = [name for name in unset if not in_file.get(name)]
        if missing:
            raise self._not_set(missing)

    def _not_set(self, names: Sequence[str]) -> CredentialError:
        path, example = self.folder / ENV_FILE, self.folder / f"{ENV_FILE}.example"
        are = "are" if len(names) > 1 else "is"
        said = f"{_listed(names)} {are} not set: looked in the environment and in {path}"
        lines = f"a line NAME=VALUE for {'each' if len(names) > 1 else 'it'}"
        if path.is_file():
            return CredentialError(said, fix=f"write into {path} {lines}")
        make = f"install -m 600 {example if example.is_file() else '/dev/null'} {path}"
        return CredentialError(f"{said}, which does not exist", fix=f"{make}, then write into it {lines}")

    def _from_environment(self, reference: CredentialReference) -> str:
        secret = self.environment.get(reference.name)
        if secret is None:
            secret = self._env_file().get(reference.name)
        if secret is None:
            raise self._not_set([reference.name])
        return secret

    def _env_file(self) -> Mapping[str, str | None]:
        """What the project's .env holds. Raises CredentialError when others can read it."""
        path = self.folder / ENV_FILE
        if not path.is_file():
            return {}
        from syncctl.credential_stores import from_file

        return _variables(path, from_file(CredentialReference("file", ENV_FILE), path))


@lru_cache(maxsize=1)
def _variables(path: Path, held: str) -> Mapping[str, str | None]:
    """What a .env of this text sets. Every request asks for its key, so a text that is still the same is read once.

    Raises CredentialError that names the line which is none.
    """
    from dotenv.parser import parse_stream

    lines = list(parse_stream(io.StringIO(held)))
    wrong = next((line.original.line for line in lines if line.error), None)
    if wrong is not None:
        said = f"{path}:{wrong} is no line NAME=VALUE"
        raise CredentialError(said, fix="write it so; a value with blanks, quotes or # stands in single quotes")
    return MappingProxyType({line.key: line.value for line in lines if line.key is not None})


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


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
