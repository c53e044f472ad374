"""What QuickBooks' refusals mean, by its own codes. No I/O.

Sources: Intuit's pages on error codes and common errors; recorded traffic for shapes and padding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from syncctl.connectors.http import Answer, Complaint
from syncctl.connectors.quickbooks.options import Options
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Outcome

REQUEST_ID: Final = "intuit-tid"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code: what it means for the write, the cause, what to do."""

    outcome: Outcome
    cause: str
    fix: str


_REJECTED, _STOP = Outcome.REJECTED, Outcome.STOP
_SIGN_IN: Final = "connect QuickBooks again"
_DEFECT: Final = "report this as a defect of syncctl"
_CORRECT: Final = "correct the value in the source or the mapping"

_TAX: Final = re.compile(r"\b(tax|gst|vat)", re.IGNORECASE)
_TAX_FIX: Final = (
    "a company outside the United States wants a tax code of its own on every line. Map the lines'"
    " `SalesItemLineDetail.TaxCodeRef` to it, for sales without tax to its exempt or zero-rated code"
)
"""For a refusal by rule (6000) whose text speaks of tax."""
_CLOSED: Final = Meaning(
    _REJECTED,
    "the books are closed for this date",
    "reopen the period in QuickBooks, or date the document after the closing",
)
MEANINGS: Final[dict[str, Meaning]] = {
    "100": Meaning(_STOP, "QuickBooks does not accept the credential", _SIGN_IN),
    "120": Meaning(_STOP, "the connection may not use this company", "connect it as a user who may"),
    "3100": Meaning(_STOP, "the app is not allowed into this company", "check the company id, then " + _SIGN_IN),
    "3200": Meaning(_STOP, "the access token has expired or is not valid", _SIGN_IN),
    "6190": Meaning(
        _STOP,
        "the company's QuickBooks subscription has ended or has a billing problem; it can only be read",
        "renew the subscription in QuickBooks",
    ),
    "3001": Meaning(Outcome.LATER, "QuickBooks' request limit is reached", "try again later"),
    "5010": Meaning(
        Outcome.CONFLICT, "somebody changed this record after it was read", "pull, and plan this record again"
    ),
    "6240": Meaning(
        Outcome.DUPLICATE,
        "another customer, vendor or employee (inactive ones count) or item already has this name",
        "link or reactivate that record, or use another name",
    ),
    "6140": Meaning(
        Outcome.DUPLICATE,
        "this document number is already used",
        "use another number, or turn the duplicate warning off in QuickBooks",
    ),
    "500": Meaning(_REJECTED, "QuickBooks does not support this operation", "do it in QuickBooks by hand"),
    "610": Meaning(
        _REJECTED,
        "something this names is inactive, deleted or not there",
        "make it active again in QuickBooks, or map another one",
    ),
    "1040": Meaning(_REJECTED, "the batch holds too many records", _DEFECT),
    "2010": Meaning(_REJECTED, "QuickBooks does not know a property or cannot read its value", _CORRECT),
    "2020": Meaning(_REJECTED, "a value that QuickBooks requires is missing", "map the missing field"),
    "2030": Meaning(_REJECTED, "an id is not valid", "pull, then map a record that exists"),
    "2050": Meaning(_REJECTED, "a text is too long or too short", _CORRECT),
    "2170": Meaning(_REJECTED, "a value is not one of those QuickBooks allows", _CORRECT),
    "2500": Meaning(
        _REJECTED, "this names a record that QuickBooks does not have", "pull, then map a record that exists"
    ),
    "4000": Meaning(_REJECTED, "QuickBooks cannot read a query", _DEFECT),
    "4001": Meaning(
        _REJECTED,
        "QuickBooks does not accept a query's field or value",
        "match by another field, one that QuickBooks can look up",
    ),
    "6000": Meaning(
        _REJECTED,
        "a rule of QuickBooks forbids this",
        "correct what the message names",
    ),
    "6070": Meaning(
        _REJECTED,
        "a line's amount is not its quantity times its unit price",
        "map amount, quantity and unit price from values that agree, or leave quantity and price out",
    ),
    "6200": _CLOSED,
    "6210": _CLOSED,
    "6540": Meaning(
        _REJECTED,
        "this payment is in a bank deposit and cannot be changed",
        "take it out of the deposit in QuickBooks first",
    ),
    "10000": Meaning(Outcome.UNKNOWN, "QuickBooks had an internal error", "try again later"),
}
"""By code without leading zeros. 6200 and 6210 both say that the period is closed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first error of a Fault, and the text of all of them."""

    code: str = ""
    text: str = ""
    element: str = ""


def fault_in(body: Any) -> Fault | None:
    """The fault a decoded body holds, in either spelling; None when it holds none."""
    if not isinstance(body, dict):
        return None
    found = body.get("Fault", body.get("fault"))
    if not isinstance(found, dict):
        return None
    errors = [error for error in found.get("Error", found.get("error")) or [] if isinstance(error, dict)]
    texts = [_words(error) for error in errors]
    first = errors[0] if errors else {}
    code = str(first.get("code", "")).lstrip("0")
    return Fault(code, "; ".join(filter(None, texts)), str(first.get("element") or ""))


def _words(error: dict[str, Any]) -> str:
    """An error's detail, or its message where there is no detail."""
    message = str(error.get("Message", error.get("message")) or "")
    detail = str(error.get("Detail", error.get("detail")) or "").strip()
    empty = detail in ("", "null", ": null")
    return message if empty else detail


def complain(fault: Fault, status: int, options: Options, headers: dict[str, str]) -> Complaint:
    """What a fault means. A 5xx is always undecided; an unknown code is a refusal."""
    meaning = MEANINGS.get(fault.code) or _by_status(status)
    if status >= 500:
        meaning = Meaning(Outcome.UNKNOWN, MEANINGS["10000"].cause, "try again later")
    if status == 429 or meaning.outcome is Outcome.LATER:
        return _limited(fault, options, headers)
    about = f" ({fault.element})" if fault.element else ""
    said = f": {fault.text}" if fault.text else ""
    return Complaint(
        meaning.outcome,
        fault.code or str(status),
        f"{meaning.cause}{about}{said}",
        _TAX_FIX if fault.code == "6000" and _TAX.search(fault.text) else meaning.fix,
        vendor_request_id=headers.get(REQUEST_ID, ""),
    )


def _by_status(status: int) -> Meaning:
    if status == 401:
        return MEANINGS["3200"]
    if status == 403:
        return MEANINGS["3100"]
    return Meaning(_REJECTED, f"QuickBooks refused the request ({status})", _CORRECT)


def _limited(fault: Fault, options: Options, headers: dict[str, str]) -> Complaint:
    """A pause, or the end for this month: the quota of reads blocks until the next one."""
    tag = headers.get(REQUEST_ID, "")
    if any(word.casefold() in fault.text.casefold() for word in options.quota_words):
        return Complaint(
            Outcome.LATER,
            fault.code or "429",
            f"the app's monthly quota of QuickBooks reads (CorePlus calls) is used up: {fault.text}",
            "wait for the next month or change the app's plan at Intuit; what was read is kept",
            None,
            tag,
        )
    wait = headers.get("retry-after", "")
    return Complaint(
        Outcome.LATER,
        fault.code or "429",
        f"{MEANINGS['3001'].cause}: {fault.text}".rstrip(": "),
        "try again in a minute; if only reads fail and it stays, the app's monthly CorePlus quota may be used up",
        float(wait) if wait.isdigit() else options.throttle_seconds,
        tag,
    )


def explain(answer: Answer, options: Options) -> Complaint:
    """What an answer that is not a success means, also one with status 200 that holds a fault."""
    try:
        found = fault_in(answer.json())
    except Undecodable:
        found = None
    if found is None:
        found = Fault("", answer.body[:200].decode("utf-8", "replace"))
    return complain(found, answer.status, options, dict(answer.headers))
