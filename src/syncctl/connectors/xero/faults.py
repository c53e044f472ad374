"""What Xero's refusals mean. No I/O.

Xero has one number, 10, for almost everything that is wrong with a record; its sentences tell one refusal from
another. Sources: recorded traffic and third parties' tests for the sentences, Xero's pages for the statuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.connectors.xero.options import Options
from syncctl.connectors.xero.scopes import scope_for
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome

CORRELATION: Final = "xero-correlation-id"
DAY_PROBLEMS: Final = ("day", "daily")
HOUR_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Meaning:
    """One sort of refusal: its name, what it means for the write, the cause, what to do. `said`: how Xero says it."""

    code: str
    outcome: Outcome
    cause: str
    fix: str
    said: re.Pattern[str]


def _meaning(code: str, said: str, cause: str, fix: str, outcome: Outcome = Outcome.REJECTED) -> Meaning:
    return Meaning(code, outcome, cause, fix, re.compile(said, re.IGNORECASE))


MEANINGS: Final = (
    _meaning(
        "key used again",
        r"idempotency key.* used with a different request",
        "Xero remembers this key from another request",
        "look in Xero whether the record is there, then `syncctl ops settle`",
        Outcome.KEY_MISMATCH,
    ),
    _meaning(
        "period locked",
        r"lock date|period is locked|locked period",
        "the books are locked for this date",
        "move the lock date in Xero (Accounting > Advanced > Lock dates), or date the document after it",
    ),
    _meaning(
        "contact archived",
        r"archived contact|contact .*has been archived|un-archived",
        "the contact is archived in Xero",
        "restore it in Xero (Contacts > Archived > Restore), or link another contact",
    ),
    _meaning(
        "contact name taken",
        r"contact name must be unique|assigned to another contact",
        "another active contact has this name",
        "link the two, or give one of them another name",
        Outcome.DUPLICATE,
    ),
    _meaning(
        "contact number taken",
        r"another contact has this contact number|contact number .* already",
        "another contact has this contact number",
        "link the two, or give one of them another contact number",
        Outcome.DUPLICATE,
    ),
    _meaning(
        "number taken",
        r"(invoice|credit note) ?# must be unique|(invoice|credit note) number .* (already|unique)",
        "this document number is already used",
        "match the two documents, or use another number",
        Outcome.DUPLICATE,
    ),
    _meaning(
        "item code taken",
        r"item with code .* already exists|item code .* (already|unique)",
        "another item has this code",
        "match the two items, or use another code",
        Outcome.DUPLICATE,
    ),
    _meaning(
        "more than is due",
        r"amount exceeds|greater than the amount (due|outstanding)|exceeds the amount",
        "the payment is more than is still owed",
        "look at what was paid already; Xero takes no more than the amount due",
    ),
    _meaning(
        "settled",
        r"not of valid status|cannot be (edited|voided)|has (a )?payments? or credit|payments? (is|are) allocated",
        "the document is paid, partly paid, voided or deleted, and Xero lets nobody change that part of it",
        "remove the payment or credit in Xero first, or correct it with a credit note",
    ),
    _meaning(
        "not approved",
        r"against authorised documents|must be authorised",
        "only an approved document can be paid",
        "approve the document in Xero first",
    ),
    _meaning(
        "currency",
        r"not subscribed to currency",
        "this currency is not switched on in Xero",
        "add the currency in Xero (it needs a plan with multicurrency), or map another one",
    ),
    _meaning(
        "plan limit",
        r"reached the limit|approval limit|limit of invoices",
        "the organisation's Xero plan allows no more approved documents this month",
        "upgrade the plan in Xero, or create drafts",
    ),
    _meaning(
        "tax type",
        r"tax ?type|tax rate",
        "this tax rate cannot be used here",
        "map a tax rate that Xero allows with this account",
    ),
    _meaning(
        "account",
        r"account",
        "an account is archived, missing, or not one that may be used here",
        "map an active account; for payments it must be a bank account or one that allows payments",
    ),
    _meaning(
        "tracking",
        r"tracking",
        "a tracking category or option is archived or missing",
        "add the option in Xero, or map one that exists",
    ),
)
"""In the order in which they are tried: the more telling before the more general."""
_UNKNOWN: Final = Meaning("", Outcome.REJECTED, "Xero refused it", "correct the value at its source", re.compile(""))


def sentences_in(body: Any) -> Iterator[str]:
    """Every sentence that an error, or one element of a batch's answer, holds."""
    if not isinstance(body, dict):
        return
    for entry in (*_list(body, "ValidationErrors"), *_list(body, "Elements")):
        text = entry.get("Message") or entry.get("Description")
        if isinstance(text, str) and text:
            yield text
        yield from sentences_in({"ValidationErrors": _list(entry, "ValidationErrors")})


def _list(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def complain(sentences: Sequence[str], fallback: str, code: str, request_id: str = "") -> Complaint:
    """What the sentences of a refusal mean. `fallback` is said, and `code` given, where none of them is known."""
    said = "; ".join(dict.fromkeys(text.strip().rstrip(".") for text in sentences)) or fallback
    meaning = next((each for each in MEANINGS if each.said.search(said)), _UNKNOWN)
    message = f"{meaning.cause}: {said}" if said else meaning.cause
    return Complaint(meaning.outcome, meaning.code or code, message, meaning.fix, vendor_request_id=request_id)


def explain(answer: Answer, options: Options) -> Complaint:
    """What an answer that is not a success means."""
    try:
        found = answer.json()
    except Undecodable:
        found = None
    body = found if isinstance(found, dict) else {}
    request_id = answer.headers.get(CORRELATION, "")
    said = str(body.get("Detail") or body.get("Message") or "") or answer.body[:200].decode("utf-8", "replace").strip()
    if answer.status in (401, 403):
        return _unauthorised(answer, said, request_id)
    if answer.status == 429:
        return _limited(answer, said, options, request_id)
    if answer.status >= 500 or answer.status == 408:
        cause = "Xero is down for maintenance" if answer.status == 503 else "Xero had an internal error"
        message = f"{cause}: {said}".rstrip(": ")
        return Complaint(Outcome.UNKNOWN, str(answer.status), message, "try again later", None, request_id)
    if answer.status == 404:
        message = f"Xero has no such record: {said}".rstrip(": ")
        return Complaint(Outcome.REJECTED, "404", message, "pull, then plan again", None, request_id)
    return complain(tuple(sentences_in(body)), said, str(body.get("ErrorNumber") or answer.status), request_id)


def _unauthorised(answer: Answer, said: str, request_id: str) -> Complaint:
    """Which of the four it is says Xero's word; a status alone does not tell them apart."""
    if "TokenExpired" in said:
        code, cause, fix = "TokenExpired", "the access token has expired", "connect Xero again"
    elif "AuthorizationUnsuccessful" in said or "insufficient_scope" in answer.headers.get("www-authenticate", ""):
        scope = scope_for(answer.request)
        needed = f"the scope {scope}" if scope else "a scope"
        code = "AuthorizationUnsuccessful"
        cause = f"the connection lacks {needed}, or the user who made it lacks the permission"
        fix = f"connect Xero again with {needed}; journals and reports also need the user's reporting permission"
    elif answer.status == 403:
        code, cause = "AuthenticationUnsuccessful", "the connection does not open this organisation"
        fix = "check `company` in syncctl.yaml, or connect this organisation to the app again"
    else:
        code, cause, fix = "AuthenticationUnsuccessful", "Xero does not accept the credential", "connect Xero again"
    return Complaint(Outcome.STOP, code, f"{cause}: {said}".rstrip(": "), fix, None, request_id)


def _limited(answer: Answer, said: str, options: Options, request_id: str) -> Complaint:
    """A minute's pause, or the end for today."""
    problem = answer.headers.get("x-rate-limit-problem", "").lower()
    text = answer.headers.get("retry-after", "")
    wait = float(text) if text.isdigit() else None
    if problem.startswith(DAY_PROBLEMS) or answer.headers.get("x-daylimit-remaining") == "0":
        hours = f", for another {wait / HOUR_SECONDS:.0f} hours" if wait else ""
        return Complaint(
            Outcome.LATER,
            "day limit",
            f"today's allowance of Xero calls for this organisation is used up{hours}",
            "run again when it is renewed: what was read is kept, and the pull goes on where it stopped",
            None,
            request_id,
        )
    message = f"Xero's limit of calls per {problem or 'minute'} is reached: {said}".rstrip(": ")
    seconds = options.limit_seconds if wait is None else wait
    return Complaint(
        Outcome.LATER, f"{problem or 'minute'} limit", message, "try again in a minute", seconds, request_id
    )
