"""A fix with what only the project knows: where the refused credential is kept, and what to type again. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from syncctl.errors import AuthenticationFailed, SyncctlError, VendorError, VendorUnavailable

if TYPE_CHECKING:
    from syncctl.settings import Settings

REPEATED: Final = ("pull", "reconcile", "reconcile --dry-run")
"""Commands that may be typed again as they are."""


def placed(error: SyncctlError, settings: Settings | None, job: tuple[str, Sequence[str] | None] | None = None) -> str:
    """The fix of an error, with the place of the credential that a vendor refused or the command to type again."""
    if not isinstance(error, VendorError):
        return error.fix
    if isinstance(error, AuthenticationFailed):
        system = settings.systems.get(error.exchange.system) if settings is not None else None
        if system is None or system.credential is None:
            return error.fix
        kept = f"the credential of {system.name} is kept in {system.credential} ({system.at})"
        return "; ".join(filter(None, (error.fix, kept)))
    if isinstance(error, VendorUnavailable) and job is not None and job[0] in REPEATED:
        again = " ".join(("syncctl", job[0], *(job[1] or ())))
        return "; ".join(filter(None, (error.fix, f"then: {again}")))
    return error.fix
