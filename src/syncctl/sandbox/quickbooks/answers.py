"""How QuickBooks words its answers: faults, times, headers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syncctl.sandbox.base import SandboxAnswer, json_answer


def _pacific() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except ZoneInfoNotFoundError:
        return timezone(timedelta(hours=-8))


PACIFIC = _pacific()
"""Stamps carry the Pacific offset of their day, whatever the company's own zone (recorded traffic)."""


def stamp(moment: datetime) -> str:
    """A MetaData time: seconds, with the Pacific offset."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def answer_time(moment: datetime) -> str:
    """The `time` of an answer: milliseconds, with the Pacific offset."""
    return moment.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def moment_of(text: str) -> datetime:
    """An instant from a stamp or a query; without an offset it is Pacific. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=PACIFIC)).astimezone(UTC)


class Refusal(Exception):
    """The vendor says no. `code` is QuickBooks' own number."""

    def __init__(self, code: str, message: str, detail: str, *, element: str | None = None, status: int = 400) -> None:
        super().__init__(detail)
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.status = status

    def fault(self) -> dict[str, Any]:
        """The `Fault` object, as it stands in an answer and in a batch item."""
        error: dict[str, Any] = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        kind = "SystemFault" if self.status >= 500 else "ValidationFault"
        return {"Error": [error], "type": kind}


def missing(name: str) -> Refusal:
    """2020: a required property is not there."""
    return Refusal(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def invalid_id(value: object) -> Refusal:
    """2030: an id is no number."""
    return Refusal("2030", "Invalid ID", f"Id should be a valid number. Supplied value:{value}", element="Id")


def not_found() -> Refusal:
    """What a deleted record and an inactive reference get alike (recorded)."""
    return Refusal(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, "
        "customers, items, vendors or employees.",
        element="",
    )


def bad_reference(name: str, value: str, element: str) -> Refusal:
    """2500: a reference names nothing."""
    return Refusal(
        "2500", "Invalid Reference Id", f"Invalid Reference Id : {name} element id {value} not found", element=element
    )


def business(detail: str) -> Refusal:
    """6000: a rule of the books forbids it."""
    return Refusal(
        "6000", "A business validation error has occurred while processing your request",
        f"Business Validation Error: {detail}", element="",
    )  # fmt: skip


def stale() -> Refusal:
    """5010: the SyncToken is not the newest."""
    return Refusal(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and somebody else were working on this at the same time. Somebody else finished "
        "before you did, so your work was not saved.",
        element="",
    )


def unsupported(what: str) -> Refusal:
    """500, with status 400: there is no such operation."""
    return Refusal("500", "Unsupported Operation", f"Operation {what} is not supported.")


def fault_answer(refusal: Refusal, moment: datetime, headers: Mapping[str, str]) -> SandboxAnswer:
    """A refusal as a whole answer; like the vendor's, the one for a bad Id carries no time."""
    body: dict[str, Any] = {"Fault": refusal.fault()}
    if refusal.code != "2030":
        body["time"] = answer_time(moment)
    return json_answer(refusal.status, body, headers)


def gateway_answer(
    status: int, code: str, name: str, detail: str, kind: str, moment: datetime, headers: Mapping[str, str]
) -> SandboxAnswer:
    """What the gateway before QuickBooks answers: lower-case keys, another shape, time in milliseconds."""
    error = {
        "message": f"message={name}; errorCode={int(code):06d}; statusCode={status}",
        "detail": detail,
        "code": code,
        "element": None,
    }
    body: dict[str, Any] = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(moment.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    return json_answer(status, body, headers)
