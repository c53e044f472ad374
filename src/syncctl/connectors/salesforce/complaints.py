"""What Salesforce's refusals mean: a table of its codes, and the reading of its error bodies. No I/O.

An error is a list of `{message, errorCode, fields}`; in a row of a collection the code is called `statusCode`; a
sign-in answers `{error, error_description}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.fields.salesforce_ids import known_id
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome

EXPIRED: Final = "INVALID_SESSION_ID"
BUDGET: Final = "REQUEST_LIMIT_EXCEEDED"
LOCKED: Final = "UNABLE_TO_LOCK_ROW"
SEVERAL: Final = "DUPLICATE_EXTERNAL_ID"
HIDDEN: Final = (
    "a field that is not there may be hidden: it is not visible to this user; field-level security: let an admin give "
    "the user's permission set access to it, then run `syncctl schema pull`"
)
SIGN_IN: Final = "sign in again or check the app's run-as user, and that base_url is the org's My Domain"
CORRECT: Final = "correct the value in the source or the mapping"
TOMORROW: Final = "the org's requests of the last 24 hours are used up: run again later, or let an admin add more"
_REJECTED, _STOP, _LATER = Outcome.REJECTED, Outcome.STOP, Outcome.LATER


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code: what it means for the write, and what to do."""

    outcome: Outcome
    fix: str


MEANINGS: Final[dict[str, Meaning]] = {
    EXPIRED: Meaning(_STOP, SIGN_IN),
    "INVALID_AUTH_HEADER": Meaning(_STOP, SIGN_IN),
    "INVALID_LOGIN": Meaning(_STOP, SIGN_IN),
    "API_DISABLED_FOR_ORG": Meaning(_STOP, "this edition or user has no API access: let an admin enable it"),
    "API_CURRENTLY_DISABLED": Meaning(_STOP, "the org's API is switched off: ask an admin, try again later"),
    "INSUFFICIENT_ACCESS": Meaning(_STOP, "the user lacks a permission: ask an admin"),
    "UNSUPPORTED_API_VERSION": Meaning(_STOP, "set the option api_version to one that the org still supports"),
    BUDGET: Meaning(_LATER, TOMORROW),
    LOCKED: Meaning(_LATER, "somebody else was writing the record or its parent: it is tried again"),
    "CONCURRENT_API_CALL": Meaning(_LATER, "too many long requests at once: it is tried again"),
    "QUERY_TIMEOUT": Meaning(_LATER, "a query took too long: it is tried again; match by an indexed field"),
    "SERVER_UNAVAILABLE": Meaning(Outcome.UNKNOWN, "try again later"),
    "UNKNOWN_EXCEPTION": Meaning(Outcome.UNKNOWN, "try again later; send Salesforce the error id if it stays"),
    "DUPLICATE_VALUE": Meaning(Outcome.DUPLICATE, "match the two records by hand, or give one another value"),
    "DUPLICATE_DEVELOPER_NAME": Meaning(Outcome.DUPLICATE, "the field is there already: grant access to it"),
    SEVERAL: Meaning(Outcome.KEY_MISMATCH, "several records have this External ID: let one keep it, settle by hand"),
    "PRECONDITION_FAILED": Meaning(Outcome.CONFLICT, "somebody changed the record meanwhile: plan again"),
    "ENTITY_IS_DELETED": Meaning(
        _REJECTED, "the record was deleted or merged: pull and plan again; it is not made anew"
    ),
    "NOT_FOUND": Meaning(_REJECTED, "the record is gone, or hidden from this user: pull and plan again"),
    "INVALID_CROSS_REFERENCE_KEY": Meaning(
        _REJECTED, "a record that this one names is gone or hidden: pull, then map one that exists"
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Meaning(
        _REJECTED, "the user may not use a record that this one names: let an admin share it"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Meaning(
        _REJECTED, "the user may not change this record: let an admin share it, or let its owner do it"
    ),
    "DUPLICATES_DETECTED": Meaning(
        _REJECTED, "a duplicate rule of the org sees the same record already: match them by hand, or merge them"
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Meaning(
        _REJECTED, "a validation rule of the org forbids this: correct the value, or let an admin change the rule"
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Meaning(
        _REJECTED, "an automation of the org (trigger or flow) failed: show the message to the Salesforce admin"
    ),
    "REQUIRED_FIELD_MISSING": Meaning(_REJECTED, "map the missing field, or let an admin make it optional"),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Meaning(
        _REJECTED, "add the value to the picklist in Salesforce, or map to one that exists and is active"
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Meaning(
        _REJECTED, "the user may not write this field; field-level security or a read-only field: take it out"
    ),
    "INVALID_FIELD": Meaning(_REJECTED, HIDDEN),
    "INVALID_TYPE": Meaning(_REJECTED, "the object does not exist, or is not visible to this user: ask an admin"),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Meaning(_REJECTED, "a value has the wrong type: correct the mapping"),
    "INACTIVE_OWNER_OR_USER": Meaning(
        _REJECTED, "the owner's user is deactivated: map the owner to an active user, for example a fallback"
    ),
    "STRING_TOO_LONG": Meaning(_REJECTED, "shorten the text at its source"),
    "NUMBER_OUTSIDE_VALID_RANGE": Meaning(
        _REJECTED, "the number has more digits than the field holds: correct it, or let an admin widen the field"
    ),
    "MALFORMED_ID": Meaning(_REJECTED, "an id has the wrong shape or object: correct the value"),
    "INVALID_EMAIL_ADDRESS": Meaning(_REJECTED, "correct the e-mail address at its source"),
    "FIELD_INTEGRITY_EXCEPTION": Meaning(
        _REJECTED,
        "two values of the record do not fit each other (for example a price book and a product): correct them",
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": Meaning(
        _REJECTED,
        "a lookup filter of the org does not allow this record: map another, or let an admin change the filter",
    ),
    "INVALID_CURRENCY_ISO": Meaning(_REJECTED, "activate the currency in Salesforce, or map to an active one"),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Meaning(_LATER, "another row of the batch failed: it is tried again"),
    "PROCESSING_HALTED": Meaning(_LATER, "another row of the batch failed: it is tried again"),
    "STORAGE_LIMIT_EXCEEDED": Meaning(_STOP, "the org's storage is full: let an admin free some"),
    "MALFORMED_QUERY": Meaning(_REJECTED, "a query was not understood: report this as a defect of syncctl"),
    "INVALID_QUERY_LOCATOR": Meaning(_REJECTED, "pull again"),
}
"""From the vendor's lists of status and error codes; what each means for a write is syncctl's."""

_STATUS: Final = {401: EXPIRED, 404: "NOT_FOUND", 410: "UNSUPPORTED_API_VERSION", 412: "PRECONDITION_FAILED"}
_SLOW_DOWN: Final = frozenset({406, 420, 429})
"""Seen by other clients when the vendor's edge is busy; nothing was executed."""
_HOLDER: Final = re.compile(r"record with id:\s*([A-Za-z0-9]{15,18})")
PAUSE_SECONDS: Final = 10.0
CONCURRENT_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a list."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    def words(self) -> str:
        """Message, the fields it does not name itself, and the records a duplicate rule found."""
        named = [name for name in self.fields if name not in self.message]
        text = f"{self.message} ({', '.join(named)})" if named else self.message
        return f"{text}: {', '.join(self.candidates)}" if self.candidates else text


def faults_in(body: Any) -> tuple[Fault, ...]:
    """The errors in a decoded body; none where it holds none."""
    listed = body if isinstance(body, list) else [body]
    return tuple(_fault(one) for one in listed if isinstance(one, dict) and _code(one))


def _code(error: Mapping[str, Any]) -> str:
    return str(error.get("errorCode") or error.get("statusCode") or error.get("error") or "")


def _fault(error: Mapping[str, Any]) -> Fault:
    fields = error.get("fields")
    return Fault(
        _code(error),
        str(error.get("message") or error.get("error_description") or _code(error)),
        tuple(str(name) for name in fields) if isinstance(fields, list) else (),
        tuple(dict.fromkeys(_candidates(error))),
    )


def _candidates(error: Mapping[str, Any]) -> Iterator[str]:
    """The ids that a duplicate rule found."""
    result = error.get("duplicateResult") or error.get("duplicateResut")
    for match in result.get("matchResults") or () if isinstance(result, dict) else ():
        for found in match.get("matchRecords") or ():
            identity = known_id(str((found.get("record") or {}).get("Id", "")))
            if identity:
                yield identity


def existing_id(message: str) -> str:
    """The record that has a unique value already, as `DUPLICATE_VALUE` names it; empty where it names none."""
    found = _HOLDER.search(message)
    return known_id(found.group(1)) if found else ""


def complain(faults: Sequence[Fault], *, lock_wait_seconds: float, fallback: str = "") -> Complaint:
    """What the errors of one record or request mean: the first known code decides, all of them are told."""
    codes = [one.code for one in faults]
    code = next((one for one in codes if one in MEANINGS), codes[0] if codes else fallback)
    meaning = MEANINGS.get(code) or MEANINGS.get(fallback) or Meaning(_REJECTED, CORRECT)
    said = "; ".join(dict.fromkeys(f"{one.code}: {one.words()}" for one in faults))
    busy = {"CONCURRENT_API_CALL": CONCURRENT_SECONDS, "QUERY_TIMEOUT": CONCURRENT_SECONDS}
    wait = {LOCKED: lock_wait_seconds, BUDGET: None, **busy}.get(code, 1.0)
    waits = wait if meaning.outcome is _LATER else None
    return Complaint(meaning.outcome, code, said or fallback, meaning.fix, waits)


@dataclass(frozen=True, slots=True)
class Explain:
    """Turns an unsuccessful answer into a Complaint."""

    lock_wait_seconds: float

    def __call__(self, answer: Answer) -> Complaint:
        try:
            faults = faults_in(answer.json())
        except Undecodable:
            faults = ()
        known = any(one.code in MEANINGS for one in faults)
        if answer.status >= 500:
            code = faults[0].code if faults else str(answer.status)
            said = faults[0].words() if faults else f"Salesforce answered {answer.status} without an explanation"
            return Complaint(Outcome.UNKNOWN, code, said, "try again later")
        if answer.status in _SLOW_DOWN and not known:
            return Complaint(
                _LATER, str(answer.status), f"Salesforce is busy ({answer.status})", "try again later", _wait(answer)
            )
        if answer.status == 403 and not known:
            said = faults[0].words() if faults else "Salesforce forbids this"
            return Complaint(_STOP, faults[0].code if faults else "403", said, MEANINGS["INSUFFICIENT_ACCESS"].fix)
        fallback = _STATUS.get(answer.status, "")
        if not faults and not fallback:
            said = f"Salesforce answered {answer.status} without an explanation"
            return Complaint(_REJECTED, str(answer.status), said, CORRECT)
        return complain(faults, lock_wait_seconds=self.lock_wait_seconds, fallback=fallback)


def _wait(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else PAUSE_SECONDS
