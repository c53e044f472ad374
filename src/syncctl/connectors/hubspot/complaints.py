"""What the vendor's refusals mean: a table of its codes, and the reading of its error bodies. No I/O.

Every field of an error is optional (developers.hubspot.com, error handling), and the telling part may be JSON inside
the message: `Property values were not valid: [{"error":"INVALID_OPTION","name":…}]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome

NEW_KEY: Final = "make a new service key in HubSpot (Settings > Integrations > Service Keys) and store it"
CORRECT: Final = "correct the value in the source or the mapping"
TAKEN: Final = "match the two records by hand, or give one of them another value"
_CODES: Final[dict[str, tuple[Outcome, str]]] = {
    "USER_DOES_NOT_HAVE_PERMISSIONS": (
        Outcome.STOP,
        "whoever made the token has left or lost a permission, and it went with them: let a super admin make a new one",
    ),
    "EXPIRED_AUTHENTICATION": (Outcome.STOP, NEW_KEY),
    "INVALID_AUTHENTICATION": (Outcome.STOP, NEW_KEY),
    "MISSING_SCOPES": (Outcome.STOP, "give the service key or private app the missing scope"),
    "BANNED": (Outcome.STOP, "the account refuses this app: ask its super admin"),
    "RATE_LIMIT": (Outcome.LATER, "lower `requests_per_10_seconds` or give other integrations less"),
    "RATE_LIMITS": (Outcome.LATER, "lower `requests_per_10_seconds` or give other integrations less"),
    "CONFLICT": (Outcome.CONFLICT, "another write was under way: plan again"),
    "OBJECT_ALREADY_EXISTS": (Outcome.DUPLICATE, TAKEN),
    "OBJECT_NOT_FOUND": (Outcome.REJECTED, "the record is archived, merged or gone: pull and plan again"),
    "REQUIRED_PROPERTY": (Outcome.REJECTED, "map this property, or let an admin take the rule away"),
    "INVALID_OPTION": (Outcome.REJECTED, "add the option in HubSpot, or map to one that exists"),
    "READ_ONLY_VALUE": (Outcome.REJECTED, "the property is read only: take it out of the mapping"),
    "PROPERTY_DOESNT_EXIST": (Outcome.REJECTED, "run `syncctl schema pull`: the property was renamed or archived"),
    "VALIDATION_ERROR": (Outcome.REJECTED, CORRECT),
}
"""What each code means for a write, the more telling code first, and what to do about it."""

GENERIC: Final = "VALIDATION_ERROR"
"""Says nothing beside a more telling code."""
_STATUS: Final[dict[int, str]] = {401: "INVALID_AUTHENTICATION", 403: "MISSING_SCOPES", 404: "OBJECT_NOT_FOUND"}
_EXISTING: Final = (re.compile(r"Existing ID: (\d+)"), re.compile(r"on \d+\. (\d+) already has that value"))
_REQUIRED: Final = re.compile(r"required propert(?:y|ies)", re.IGNORECASE)
_POLICY_SECONDS: Final = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
LOCKED_SECONDS: Final = 2.0
"""423: wait at least two seconds (developers.hubspot.com, object APIs, error handling)."""
MIGRATING_STATUS: Final = 477
"""The account is being moved between data centres; Retry-After says how long."""


def explain(answer: Answer) -> Complaint:
    """What an unsuccessful answer means."""
    error = _body(answer)
    request_id = str(error.get("correlationId") or answer.headers.get("x-hubspot-correlation-id", ""))
    if answer.status == 429:
        return _limit(answer, error, request_id)
    if answer.status in (423, MIGRATING_STATUS):
        wait = _retry_after(answer.headers)
        wait = LOCKED_SECONDS if wait is None and answer.status == 423 else wait
        return Complaint(Outcome.LATER, str(answer.status), _said(error, answer), "try again later", wait, request_id)
    if answer.status == 414:
        return Complaint(Outcome.REJECTED, "URI_TOO_LONG", _said(error, answer), "lower `url_limit`", None, request_id)
    if answer.status >= 500 or answer.status == 408:
        return Complaint(Outcome.UNKNOWN, _category(error), _said(error, answer), "try again later", None, request_id)
    return row_complaint(error, fallback=_STATUS.get(answer.status, ""), request_id=request_id)


def row_complaint(error: Mapping[str, Any], *, fallback: str = "", request_id: str = "") -> Complaint:
    """What one error means, standing alone or inside a batch answer. `fallback` is the code when it names none."""
    codes = _codes(error) or [fallback]
    if existing_id(error):
        code = next((one for one in codes if one in ("CONFLICT", "OBJECT_ALREADY_EXISTS")), "DUPLICATE_VALUE")
        return Complaint(Outcome.DUPLICATE, code, _said(error, None), TAKEN, None, request_id)
    code = next((known for known in _CODES if known in codes and known != GENERIC), codes[0])
    outcome, fix = _CODES.get(code) or _CODES.get(fallback, (Outcome.REJECTED, CORRECT))
    return Complaint(outcome, code, _said(error, None), fix, None, request_id)


def existing_id(error: Mapping[str, Any]) -> str:
    """The id of the record that already has the value: `Existing ID: 123`, or the second id of a unique conflict."""
    for source in (error.get("errorTokens"), error.get("context")):
        held = source.get("existingObjectId") if isinstance(source, dict) else None
        if isinstance(held, list) and held:
            return str(held[0])
    message = str(error.get("message", ""))
    for pattern in _EXISTING:
        found = pattern.search(message)
        if found is not None:
            return found.group(1)
    return ""


def _body(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except Undecodable:
        return {}
    return found if isinstance(found, dict) else {}


def _category(error: Mapping[str, Any]) -> str:
    return str(error.get("category") or error.get("errorType") or "")


def _codes(error: Mapping[str, Any]) -> list[str]:
    """Every code in an error, the inner ones first."""
    codes = [str(one.get("error", "")) for one in _inner(error)]
    codes += [str(one.get("code") or "") for one in _details(error)]
    if _REQUIRED.search(str(error.get("message", ""))) or any("requiredProperties" in str(code) for code in codes):
        codes.append("REQUIRED_PROPERTY")
    if "USER_DOES_NOT_HAVE_PERMISSIONS" in str(error.get("message", "")):
        codes.append("USER_DOES_NOT_HAVE_PERMISSIONS")
    codes += [str(error.get("subCategory") or ""), _category(error)]
    return [code for code in codes if code]


def _inner(error: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The list that the vendor puts as JSON inside the message; empty when there is none."""
    message = str(error.get("message", ""))
    start = message.find("[{")
    if start < 0:
        return []
    try:
        found = decode_json(message[start : message.rfind("]") + 1].encode())
    except Undecodable:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _details(error: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = error.get("errors")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _said(error: Mapping[str, Any], answer: Answer | None) -> str:
    """One sentence for people: property, code and message of each inner problem, else the message itself."""
    inner = [f"{one.get('name')}: {one.get('error')}: {one.get('message')}" for one in _inner(error)]
    if inner:
        return "; ".join(inner)
    message = str(error.get("message") or "")
    if not message and answer is not None:
        message = f"HTTP {answer.status} without an explanation"
    named = [name for name in dict.fromkeys(_named(error)) if name not in message]
    return f"{message} ({', '.join(named)})" if named else message


def _named(error: Mapping[str, Any]) -> Iterator[str]:
    """Properties and scopes that an error names outside its message."""
    for one in (error, *_details(error)):
        if one.get("in"):
            yield str(one["in"])
        context = one.get("context")
        for name in ("properties", "propertyName", "requiredGranularScopes", "requiredScopes"):
            held = context.get(name) if isinstance(context, dict) else None
            yield from (str(value) for value in (held if isinstance(held, list) else [held] if held else []))


def _limit(answer: Answer, error: Mapping[str, Any], request_id: str) -> Complaint:
    """A daily limit is not worth waiting for; any other ends with its interval. No Retry-After was ever recorded."""
    policy = str(error.get("policyName") or "")
    said = _said(error, answer)
    if policy == "DAILY":
        fix = "the account's requests of today are used up: run again tomorrow"
        return Complaint(Outcome.LATER, policy, said, fix, None, request_id)
    wait = _retry_after(answer.headers)
    if wait is None:
        interval = answer.headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
        known = _POLICY_SECONDS.get(policy, 10.0)
        wait = int(interval) / 1000 if interval.isdigit() and policy != "SECONDLY" else known
    return Complaint(Outcome.LATER, policy or "RATE_LIMIT", said, _CODES["RATE_LIMIT"][1], wait, request_id)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "")
    return float(text) if text.isdigit() else None
