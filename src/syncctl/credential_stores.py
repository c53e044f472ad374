"""The stores a credential reference can name: each reader gives the secret's text or raises CredentialError.

I/O: files, file descriptors, the keyring, 1Password, Vault. No message repeats a secret.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

from syncctl.errors import CredentialError

if TYPE_CHECKING:
    from syncctl.credentials import CredentialReference

SECRET_BYTES_MAX: Final = 16_384
SYSTEMD_FOLDER: Final = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what `LoadCredential=` names (systemd.exec(5))."""
ONEPASSWORD_TOKEN: Final = "OP_SERVICE_ACCOUNT_TOKEN"  # noqa: S105 - a variable's name
_descriptors: dict[int, str] = {}
"""A pipe can be read once; the secret is wanted more often."""


def from_descriptor(reference: CredentialReference) -> str:
    """What stands in an open file descriptor, read to its end once: `syncctl ... 3< secret`."""
    number = int(reference.name)
    if number not in _descriptors:
        try:
            with os.fdopen(os.dup(number), "rb") as file:
                _descriptors[number] = _text(file.read(SECRET_BYTES_MAX + 1), reference)
        except OSError as error:
            raise CredentialError(
                f"{reference} cannot be read: {error.strerror}", fix=f"start syncctl with it open: {number}< FILE"
            ) from error
    return _descriptors[number]


def from_systemd(reference: CredentialReference, environment: Mapping[str, str]) -> str:
    """A credential that systemd hands to the service."""
    folder = environment.get(SYSTEMD_FOLDER)
    if not folder:
        raise CredentialError(
            f"{reference} needs systemd: {SYSTEMD_FOLDER} is not set",
            fix=f"write LoadCredential={reference.name}:PATH into the service, or use another reference",
        )
    try:
        with (Path(folder) / reference.name).open("rb") as file:
            return _text(file.read(SECRET_BYTES_MAX + 1), reference)
    except OSError as error:
        raise CredentialError(
            f"{reference} cannot be read: {error.strerror}", fix=f"write LoadCredential={reference.name}:PATH"
        ) from error


def from_1password(reference: CredentialReference, environment: Mapping[str, str]) -> str:
    """A secret reference of 1Password, resolved with a service account by 1Password's own SDK."""
    token = environment.get(ONEPASSWORD_TOKEN)
    if not token:
        raise CredentialError(f"{reference} needs {ONEPASSWORD_TOKEN}", fix="set it to a service account's token")
    try:
        from onepassword import Client
    except ImportError as error:
        raise CredentialError(f"{reference} needs 1Password's SDK", fix="pip install 'syncctl[onepassword]'") from error
    import asyncio

    async def resolve() -> str:
        client = await Client.authenticate(auth=token, integration_name="syncctl", integration_version="1")
        return str(await client.secrets.resolve(str(reference)))

    try:
        return asyncio.run(resolve())
    except Exception as error:  # noqa: BLE001 - the SDK raises plain Exceptions, whose text may hold the token
        raise CredentialError(
            f"1Password did not give {reference}: {type(error).__name__}",
            fix="check the reference, and that the service account may read this vault",
        ) from None


def from_vault(reference: CredentialReference, environment: Mapping[str, str]) -> str:
    """One field of a secret in HashiCorp Vault's KV version 2 store: `vault://MOUNT/PATH#FIELD`."""
    try:
        import hvac
        from hvac.exceptions import VaultError
        from requests import RequestException
    except ImportError as error:
        raise CredentialError(f"{reference} needs the hvac package", fix="pip install 'syncctl[vault]'") from error
    address, token = environment.get("VAULT_ADDR"), environment.get("VAULT_TOKEN")
    if not address or not token:
        raise CredentialError(f"{reference} needs VAULT_ADDR and VAULT_TOKEN", fix="set both")
    place, _, field = reference.name.removeprefix("//").partition("#")
    mount, _, path = place.partition("/")
    client = hvac.Client(url=address, token=token, timeout=10)
    try:
        answer = client.secrets.kv.v2.read_secret_version(path, mount_point=mount, raise_on_deleted_version=True)
    except (VaultError, RequestException) as error:
        raise CredentialError(
            f"Vault did not give {reference}: {type(error).__name__}",
            fix="check VAULT_ADDR, the path, and that the token may read it",
        ) from None
    return _field(answer, field, reference)


def _field(answer: Mapping[str, Any], field: str, reference: CredentialReference) -> str:
    held = answer["data"]["data"]
    if not isinstance(held.get(field), str):
        raise CredentialError(f"the secret of {reference} has no field {field!r}", fix="check what stands after the #")
    return str(held[field])


def from_file(reference: CredentialReference, path: Path) -> str:
    """The text of a file that only its owner can read."""
    try:
        # One descriptor for the check and the read, so that the file checked is the file read.
        with path.open("rb") as file:
            _check_private(os.fstat(file.fileno()), reference, path)
            return _text(file.read(SECRET_BYTES_MAX + 1), reference)
    except OSError as error:
        raise CredentialError(
            f"the credential {reference} cannot be read: {error.strerror}", fix="check the path and its permissions"
        ) from error


def _text(secret: bytes, reference: CredentialReference) -> str:
    if len(secret) > SECRET_BYTES_MAX:
        raise CredentialError(f"the credential {reference} is too long for a secret", fix="check the path")
    return secret.decode("utf-8", "replace")


def _check_private(status: os.stat_result, reference: CredentialReference, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CredentialError(f"the credential {reference} is not a file", fix="check the path")
    if status.st_uid != os.getuid():
        raise CredentialError(
            f"the credential {reference} belongs to another user", fix=f"chown {os.getuid()} {quote(str(path))}"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise CredentialError(
            f"the credential {reference} can be read by other users of this machine",
            fix=f"chmod 600 {quote(str(path))}",
        )


def from_keyring(reference: CredentialReference) -> str:
    """What the system's keyring holds for a service and a name."""
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
