"""What a refusal means, by the codes and statuses that the file declares. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.connectors.rest.language import Errors, Meaning, SystemDeclaration
from syncctl.connectors.rest.rows import text_at
from syncctl.model import Action, Outcome

STATUSES: Final[Mapping[int, Meaning]] = {
    401: "auth",
    403: "auth",
    404: "not_found",
    408: "unknown",
    410: "not_found",
    412: "conflict",
    429: "limit",
}
"""RFC 9110 and 6585. 409 is a conflict for an update and a duplicate for a create; every other 4xx is a refusal."""
OUTCOMES: Final[Mapping[Meaning, Outcome]] = {
    "auth": Outcome.STOP,
    "limit": Outcome.LATER,
    "not_found": Outcome.REJECTED,
    "conflict": Outcome.CONFLICT,
    "duplicate": Outcome.DUPLICATE,
    "refused": Outcome.REJECTED,
    "key_mismatch": Outcome.KEY_MISMATCH,
    "unknown": Outcome.UNKNOWN,
}
_SAID: Final[Mapping[Meaning, tuple[str, str]]] = {
    "auth": ("the credential is not accepted", "check the credential that syncctl.yaml names, and what it may do"),
    "limit": ("the request limit is reached", "try again later"),
    "not_found": ("there is no such record", "pull, then look at the record again"),
    "conflict": ("somebody changed this record after it was read", "pull, and plan this record again"),
    "duplicate": ("another record has this value already", "give it another value, or match the two records by hand"),
    "refused": ("the system refused the request", "correct the value in the source or the mapping"),
    "key_mismatch": ("the key was used for other content", "look at the record, then `syncctl ops settle`"),
    "unknown": ("the system did not say what became of it", "try again later"),
}


def meaning_of(errors: Errors, answer: Answer, action: Action | None) -> Meaning:
    """What an unsuccessful answer means: by its code, else its status. A redirect of a write leaves it open."""
    code = text_at(answer.body, errors.code)
    declared = errors.codes.get(code) or errors.statuses.get(answer.status) or STATUSES.get(answer.status)
    if declared is not None:
        return declared
    if answer.status >= 500:
        return "unknown"
    if answer.status < 400:
        return "refused" if answer.ok or action is None else "unknown"
    if answer.status == 409:
        return "duplicate" if action is Action.CREATE else "conflict"
    return "refused"


def failed(errors: Errors, answer: Answer) -> bool:
    """True for an answer that is no success, also one with status 200 that holds an error's code."""
    return not answer.ok or (errors.in_success and bool(text_at(answer.body, errors.code)))


def explain(system: SystemDeclaration, answer: Answer, now: datetime, action: Action | None = None) -> Complaint:
    """What an unsuccessful answer means. `action` is set for a write; `now` is for a wait given as a time."""
    errors = system.errors
    meaning = meaning_of(errors, answer, action)
    cause, fix = _SAID[meaning]
    said = text_at(answer.body, errors.message)
    if not errors.message:
        said = answer.body[:200].decode("utf-8", "replace")
    if 300 <= answer.status < 400:
        said, fix = "it redirects, and redirects are not followed", "name the final address in `base_url`"
    return Complaint(
        OUTCOMES[meaning],
        text_at(answer.body, errors.code) or str(answer.status),
        f"{cause}: {said}" if said else f"{cause} ({answer.status})",
        fix,
        wait_seconds(answer.headers.get("retry-after", ""), now, system.wait_seconds) if meaning == "limit" else None,
        answer.headers.get(errors.request_id, "") if errors.request_id else "",
    )


def wait_seconds(text: str, now: datetime, default: float) -> float:
    """Retry-After in seconds, given as a number or as a time."""
    if text.strip().isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return default
    return max(0.0, (until - now).total_seconds()) if until.tzinfo is not None else default
