"""What Stripe's refusals mean, told from the error's code and type before the status. No I/O.

Codes: docs.stripe.com/error-codes and /error-low-level; the bodies of 400, 401, 402 and 404 as recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome

_CORRECT: Final = "correct the value in the source or the mapping"
_AGAIN: Final = "another request is changing the same record: run again later"
_KEY_FIX: Final = "put a valid secret or restricted key where the system's credential is read from"

_BY_CODE: Final[dict[str, tuple[Outcome, str]]] = {
    "account_closed": (Outcome.STOP, "the Stripe account is closed; ask its owner"),
    "account_invalid": (Outcome.STOP, "check the option account: this key cannot act for that connected account"),
    "api_key_expired": (Outcome.STOP, "the key was rolled; create a new one in the dashboard"),
    "email_invalid": (Outcome.REJECTED, "correct the email address"),
    # Our own earlier request under this key is still being executed: its outcome is not known yet.
    "idempotency_key_in_use": (Outcome.UNKNOWN, "wait until the first request with this key is done"),
    "livemode_mismatch": (Outcome.STOP, "the record is in the other mode: use that mode's key"),
    "lock_timeout": (Outcome.LATER, "another request holds this record; try again"),
    "platform_api_key_expired": (Outcome.STOP, "the key was rolled; create a new one in the dashboard"),
    "rate_limit": (Outcome.LATER, "lower the option requests_per_second if this happens often"),
    "resource_already_exists": (Outcome.DUPLICATE, "match the two records by hand, or give one of them another id"),
    "resource_missing": (Outcome.REJECTED, "it was deleted, or is in another account or mode; pull again"),
    "secret_key_required": (Outcome.STOP, _KEY_FIX),
}
_BY_TYPE: Final[dict[str, tuple[Outcome, str]]] = {
    "api_error": (Outcome.UNKNOWN, "try again later; status.stripe.com tells about outages"),
    "authentication_error": (Outcome.STOP, _KEY_FIX),
    "card_error": (Outcome.REJECTED, "look at the payment in Stripe; the customer may have to use another card"),
    "idempotency_error": (Outcome.KEY_MISMATCH, "look whether the record is there, then `syncctl ops settle`"),
}
_BY_STATUS: Final[dict[int, tuple[Outcome, str]]] = {
    401: (Outcome.STOP, _KEY_FIX),
    403: (Outcome.STOP, "give the restricted key the permission that the message names"),
    409: (Outcome.UNKNOWN, _AGAIN),
    429: (Outcome.LATER, "lower the option requests_per_second if this happens often"),
}


@dataclass(frozen=True, slots=True)
class Explain:
    """Answer -> Complaint. `wait_seconds` is used where a limit does not say how long to wait."""

    wait_seconds: float

    def __call__(self, answer: Answer) -> Complaint:
        error = _error(answer)
        code = str(error.get("code") or error.get("type") or "")
        outcome, fix = _meaning(answer.status, error)
        return Complaint(
            outcome,
            code,
            _message(answer, error),
            fix,
            self._wait(answer) if outcome is Outcome.LATER else None,
            answer.headers.get("request-id", ""),
        )

    def _wait(self, answer: Answer) -> float:
        asked = answer.headers.get("retry-after", "")
        return float(asked) if asked.isdigit() else self.wait_seconds


def _error(answer: Answer) -> dict[str, Any]:
    try:
        body = answer.json()
    except Undecodable:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _meaning(status: int, error: dict[str, Any]) -> tuple[Outcome, str]:
    found = _BY_CODE.get(str(error.get("code"))) or _BY_TYPE.get(str(error.get("type"))) or _BY_STATUS.get(status)
    if found is not None:
        return found
    return (Outcome.UNKNOWN, "try again later") if status >= 500 else (Outcome.REJECTED, _CORRECT)


def _message(answer: Answer, error: dict[str, Any]) -> str:
    text = str(error.get("message") or f"answered {answer.status} without saying why")
    reason = answer.headers.get("stripe-rate-limited-reason")
    parts = [f"parameter {error['param']}" if error.get("param") else "", f"limit {reason}" if reason else ""]
    said = ", ".join(filter(None, parts))
    return f"{text} ({said})" if said else text
