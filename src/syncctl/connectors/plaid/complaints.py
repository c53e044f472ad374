"""What Plaid's refusals mean, by its error codes. No I/O. Sources: plaid.md; recorded traffic for the shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome

MUTATED: Final = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
NOT_READY: Final = "PRODUCT_NOT_READY"
SIGN_IN: Final = (
    "sign in to the bank again: `syncctl auth status SYSTEM` shows the command, or use Plaid Link's update mode; the"
    " access token stays the same"
)
CONNECT: Final = "connect the bank anew: `syncctl auth login SYSTEM`, or through your own Link page"
OTHER: Final = (
    "check what `credential` of SYSTEM in syncctl.yaml names (sandbox and production tokens differ), or connect the"
    " bank anew: `syncctl auth login SYSTEM`"
)
CLIENT: Final = "check the client id and secret of SYSTEM against Plaid's dashboard, then: syncctl auth status SYSTEM"
GONE: Final = frozenset({"ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"})
"""Plaid knows no such item: what is kept of it here is worth nothing."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code: what follows from it, the cause, what to do; SYSTEM stands for the system's name."""

    outcome: Outcome
    cause: str
    fix: str


_STOP, _LATER, _NO = Outcome.STOP, Outcome.LATER, Outcome.REJECTED
CODES: Final[Mapping[str, Meaning]] = {
    "ITEM_LOGIN_REQUIRED": Meaning(_STOP, "the bank wants its customer to sign in again", SIGN_IN),
    "PENDING_EXPIRATION": Meaning(_STOP, "the bank's consent is about to end", SIGN_IN),
    "PENDING_DISCONNECT": Meaning(_STOP, "the bank is about to end this connection", SIGN_IN),
    "ACCESS_NOT_GRANTED": Meaning(_STOP, "the bank's customer has not allowed this", SIGN_IN),
    "USER_PERMISSION_REVOKED": Meaning(_STOP, "the bank's customer has withdrawn the permission", CONNECT),
    "ITEM_NOT_FOUND": Meaning(_STOP, "this connection was removed", CONNECT),
    "INVALID_ACCESS_TOKEN": Meaning(_STOP, "the access token is not valid here", OTHER),
    "INVALID_PUBLIC_TOKEN": Meaning(
        _STOP, "what the bank's page brought is used up or older than half an hour", CONNECT
    ),
    "INVALID_API_KEYS": Meaning(_STOP, "client id or secret is not valid", CLIENT),
    "UNAUTHORIZED_ENVIRONMENT": Meaning(
        _STOP, "this client may not use this environment", "ask Plaid for production access"
    ),
    "PRODUCTS_NOT_SUPPORTED": Meaning(_STOP, "this bank gives no transactions", "connect another account"),
    "ADDITIONAL_CONSENT_REQUIRED": Meaning(_STOP, "the consent does not cover transactions", SIGN_IN),
    "RATE_LIMIT_EXCEEDED": Meaning(_LATER, "Plaid's request limit is reached", "try again in a minute"),
    NOT_READY: Meaning(_LATER, "Plaid has not finished reading the bank", "try again in some minutes"),
    MUTATED: Meaning(_NO, "transactions changed while their pages were read", "pull again"),
    "INSTITUTION_DOWN": Meaning(Outcome.UNKNOWN, "the bank does not answer Plaid", "try again later"),
    "INSTITUTION_NOT_RESPONDING": Meaning(Outcome.UNKNOWN, "the bank does not answer Plaid", "try again later"),
    "INTERNAL_SERVER_ERROR": Meaning(Outcome.UNKNOWN, "Plaid had an internal error", "try again later"),
}
"""Codes that need something of their own; the rest goes by its type."""
_TYPES: Final[Mapping[str, Meaning]] = {
    "RATE_LIMIT_EXCEEDED": CODES["RATE_LIMIT_EXCEEDED"],
    "INSTITUTION_ERROR": CODES["INSTITUTION_DOWN"],
    "API_ERROR": CODES["INTERNAL_SERVER_ERROR"],
}


def body_of(answer: Answer) -> Mapping[str, Any]:
    """The error object of an answer; empty where it holds none."""
    try:
        found = answer.json()
    except Undecodable:
        return {}
    return found if isinstance(found, dict) else {}


def explain(answer: Answer, wait_seconds: float, system: str) -> Complaint:
    """What an unsuccessful answer of a system means."""
    body = body_of(answer)
    code = str(body.get("error_code") or "")
    meaning = CODES.get(code) or _TYPES.get(str(body.get("error_type") or ""))
    if meaning is None:
        limited = answer.status == 429
        meaning = (
            CODES["RATE_LIMIT_EXCEEDED"]
            if limited
            else Meaning(_NO, f"Plaid refused the request ({answer.status})", "see plaid.com/docs/errors for the code")
        )
    said = str(body.get("error_message") or "")
    return Complaint(
        meaning.outcome,
        code or str(answer.status),
        f"{meaning.cause}: {said}" if said else meaning.cause,
        meaning.fix.replace("SYSTEM", system),
        wait_seconds if meaning.outcome is _LATER else None,
        str(body.get("request_id") or ""),
    )
