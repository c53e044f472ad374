"""How the pretend Salesforce says no: lists of errors, with the vendor's codes and words. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One error."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Any]:
        """As an element of the list that a refused request answers."""
        shown: dict[str, Any] = {"message": self.message, "errorCode": self.code, "fields": list(self.fields)}
        if self.candidates:
            shown["duplicateResult"] = _duplicates(self.candidates)
        return shown

    def row(self) -> dict[str, Any]:
        """As an error of one row of a collection, where the code has another name."""
        shown = self.body()
        shown["statusCode"] = shown.pop("errorCode")
        return shown


def _duplicates(candidates: Sequence[tuple[str, str]]) -> dict[str, Any]:
    records = [{"record": {"attributes": {"type": kind}, "Id": identity}} for kind, identity in candidates]
    return {"allowSave": True, "duplicateRule": "Standard_Rule", "matchResults": [{"matchRecords": records}]}


class Refusal(Exception):
    """The vendor says no to a whole request."""

    def __init__(self, status: int, *faults: Fault) -> None:
        super().__init__("; ".join(one.message for one in faults))
        self.status = status
        self.faults = faults

    def body(self) -> list[dict[str, Any]]:
        return [one.body() for one in self.faults]


class SignInRefused(Exception):
    """The sign-in server says no: `{error, error_description}`."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description

    def body(self) -> dict[str, str]:
        return {"error": self.code, "error_description": self.description}


def no_column(name: str, kind: str) -> Fault:
    """A field that is not there, or that the user does not see."""
    return Fault("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}")


def not_found() -> Refusal:
    return Refusal(404, Fault("NOT_FOUND", "The requested resource does not exist"))


def no_external_id(value: str) -> Refusal:
    message = f"Provided external ID field does not exist or is not accessible: {value}"
    return Refusal(404, Fault("NOT_FOUND", message))
