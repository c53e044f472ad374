"""How the ERP says no: its own numbers and texts. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncctl.sandbox.base import SandboxAnswer, json_answer


class Refusal(Exception):
    """The ERP says no. `number` is its own, `status` the HTTP status that goes with it."""

    def __init__(self, number: int, text: str, *, status: int = 422, field: str = "") -> None:
        super().__init__(text)
        self.number = number
        self.text = text
        self.status = status
        self.field = field

    def answer(self, headers: Mapping[str, str] | None = None) -> SandboxAnswer:
        """The whole answer."""
        body = {"error": {"no": self.number, "text": self.text, "field": self.field or None}}
        return json_answer(self.status, body, headers)


WRONG_KEY: Final = 4010
NOT_FOUND: Final = 4040
STALE: Final = 4091
TAKEN: Final = 4092
INVOICED: Final = 4095
KEY_REUSED: Final = 4096
TOO_FAST: Final = 4290
BROKEN: Final = 9000


def malformed(field: str, expected: str, value: object) -> Refusal:
    """A value is not spelled as the ERP spells it."""
    return Refusal(1001, f"{field}: expected {expected}, got {str(value)[:40]!r}", field=field)


def missing(field: str) -> Refusal:
    """A required value is not there."""
    return Refusal(1002, f"{field} is required", field=field)


def unknown(field: str) -> Refusal:
    """A field or parameter that the ERP does not know."""
    return Refusal(1003, f"{field} is not known", field=field)


def fixed(field: str) -> Refusal:
    """A value that only the ERP sets, or only once."""
    return Refusal(1004, f"{field} cannot be changed", field=field)


def no_such(field: str, value: str) -> Refusal:
    """A reference that names nothing."""
    return Refusal(1005, f"{field}: there is no {value}", field=field)


def not_found(what: str) -> Refusal:
    """There is no such record or path."""
    return Refusal(NOT_FOUND, f"{what} does not exist", status=404)
