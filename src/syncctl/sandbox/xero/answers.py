"""Xero's refusals: of a whole call, of one element, and by its gateway. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from syncctl.fields.jsontext import encode_json
from syncctl.sandbox.base import SandboxAnswer

Raw = dict[str, Any]
NO_ID: Final = "00000000-0000-0000-0000-000000000000"
NOT_FOUND: Final = "The resource you're looking for cannot be found"


class Refusal(Exception):
    """The whole call is refused, with Xero's error number and the name of its exception."""

    def __init__(self, number: int, kind: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.number, self.kind, self.message, self.status = number, kind, message, status

    def body(self) -> Raw:
        """As Xero says it."""
        return {"ErrorNumber": self.number, "Type": self.kind, "Message": self.message}


class Invalid(Exception):
    """One element is refused, with every sentence of Xero about it."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


def unreadable(message: str) -> Refusal:
    """A body that is no JSON, or holds what Xero does not know."""
    return Refusal(14, "PostDataInvalidException", f"JSON for post data was invalid,{message}")


def bad_query(message: str) -> Refusal:
    """A query parameter, filter or header that Xero does not know or cannot read."""
    return Refusal(16, "QueryParseException", message)


def rejected(elements: list[Raw]) -> Raw:
    """The body of a call with `summarizeErrors` that had bad elements."""
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": elements,
    }


def refused(kind_id: str, sent: Raw, messages: tuple[str, ...], flag: str) -> Raw:
    """One bad element in an answer: what was sent, without an id of its own (recorded), and why."""
    return {
        **sent,
        kind_id: sent.get(kind_id, NO_ID),
        flag: True,
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": message} for message in messages],
    }


def gateway(status: int, title: str, detail: str, instance: str, headers: Mapping[str, str]) -> SandboxAnswer:
    """An answer of the gateway before the API."""
    body: Raw = {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": instance,
        "Extensions": {},
    }
    return SandboxAnswer(status, encode_json(body), {"content-type": "application/json", **headers})


def api_json(status: int, body: Any, headers: Mapping[str, str]) -> SandboxAnswer:
    """An answer of the API: JSON whose dates have escaped slashes (recorded)."""
    text = encode_json(body).replace(b'"/Date(', b'"\\/Date(').replace(b'+0000)/"', b'+0000)\\/"')
    return SandboxAnswer(status, text, {"content-type": "application/json; charset=utf-8", **headers})
