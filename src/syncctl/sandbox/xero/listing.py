"""GET of lists and single records: filters, order, pages, what changed since. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from syncctl.sandbox.xero.answers import Raw, bad_query
from syncctl.sandbox.xero.conditions import compile_where
from syncctl.sandbox.xero.moments import moment_of, since_of
from syncctl.sandbox.xero.shapes import ENDPOINTS, IDENTITY, Endpoint
from syncctl.sandbox.xero.store import Books

PAGE_ROWS: Final = 100
PAGE_ROWS_MAX: Final = 1000
"""Default and longest page (Xero's page on paging)."""
_SEARCHED: Final = {
    "Contact": ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress"),
    "Invoice": ("InvoiceNumber", "Reference"),
}
_DETAILS: Final = ("LineItems", "Payments", "CreditNotes", "Prepayments", "Overpayments", "HasAttachments")
_NUMBERED: Final = {
    "Invoice": "InvoiceNumber",
    "CreditNote": "CreditNoteNumber",
    "Contact": "ContactNumber",
    "Item": "Code",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a list."""

    endpoint: Endpoint
    query: Mapping[str, str]
    since: str

    def on(self, name: str) -> bool:
        """Whether a switch is on; the official client writes True."""
        return self.query.get(name, "").lower() == "true"


def list_records(books: Books, plural: str, query: Mapping[str, str], since: str, unlisted: set[str]) -> Raw:
    """The rows under the plural's name, with the pagination of a paged request. Raises Refusal."""
    asked = Asked(ENDPOINTS[plural], query, since)
    _check(plural, asked)
    kind = asked.endpoint.kind
    rows = [raw for raw in books.all(kind).values() if _fits(books, asked, raw)]
    if "where" in query:
        test = compile_where(query["where"])
        rows = [raw for raw in rows if test(raw)]
    rows = _ordered(rows, asked)
    if not asked.endpoint.paged or not ("page" in query or asked.on("summaryOnly")):
        bare = kind in ("Invoice", "CreditNote", "BankTransaction")
        return {plural: [shown(raw, query, bare=bare) for raw in rows if raw[IDENTITY[kind]] not in unlisted]}
    page, size = _number(query, "page", 1), min(PAGE_ROWS_MAX, max(1, _number(query, "pageSize", PAGE_ROWS)))
    some = rows[(page - 1) * size : page * size]
    pages = -(-len(rows) // size)
    bare = asked.on("summaryOnly")
    return {
        "pagination": {"page": page, "pageSize": size, "pageCount": pages, "itemCount": len(rows)},
        plural: [shown(raw, query, bare=bare) for raw in some if raw[IDENTITY[kind]] not in unlisted],
    }


def _check(plural: str, asked: Asked) -> None:
    known = {*asked.endpoint.listed.split(), "where", "order"}
    if asked.endpoint.paged:
        known |= {"page", "pageSize"}
    unknown = sorted(set(asked.query) - known)
    if unknown:
        raise bad_query(f"The query parameter '{unknown[0]}' is not known for {plural}")


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise bad_query(f"'{name}' must be a number above 0")
    return int(text)


def _fits(books: Books, asked: Asked, raw: Raw) -> bool:
    kind, query = asked.endpoint.kind, asked.query
    if asked.since and asked.endpoint.modified and _stamp(raw) < _since(asked.since):
        return False
    if kind == "Contact" and raw["ContactStatus"] != "ACTIVE" and not (asked.on("includeArchived") or "IDs" in query):
        return False
    if kind == "TrackingCategory" and raw["Status"] != "ACTIVE" and not asked.on("includeArchived"):
        return False
    if asked.on("createdByMyApp") and raw[IDENTITY[kind]] not in books.made_here:
        return False
    lists = {"IDs": raw.get(IDENTITY[kind]), "InvoiceNumbers": raw.get("InvoiceNumber"), "Statuses": raw.get("Status"),
             "ContactIDs": (raw.get("Contact") or {}).get("ContactID")}  # fmt: skip
    for name, held in lists.items():
        if query.get(name) and str(held).casefold() not in query[name].casefold().split(","):
            return False
    term = query.get("searchTerm", "").casefold()
    return not term or any(term in str(raw.get(name, "")).casefold() for name in _SEARCHED.get(kind, ()))


def _since(text: str) -> datetime:
    try:
        return since_of(text)
    except ValueError as error:
        raise bad_query(f"If-Modified-Since could not be read: {text!r}") from error


def _stamp(raw: Raw) -> datetime:
    return moment_of(raw["UpdatedDateUTC"]).replace(microsecond=0)


def _ordered(rows: list[Raw], asked: Asked) -> list[Raw]:
    identity = asked.endpoint.identity
    if "order" not in asked.query:
        return sorted(rows, key=lambda raw: (raw.get("UpdatedDateUTC", ""), raw[identity]))
    name, _, direction = asked.query["order"].strip().partition(" ")
    if direction.strip().upper() not in ("", "ASC", "DESC") or not name.isidentifier():
        raise bad_query(f"The order {asked.query['order']!r} could not be read")
    down = direction.strip().upper() == "DESC"
    return sorted(rows, key=lambda raw: (str(raw.get(name, "")).casefold(), raw[identity]), reverse=down)


def find_record(books: Books, plural: str, key: str, query: Mapping[str, str]) -> Raw | None:
    """One record by id or number, in full; None where there is none. Raises Refusal."""
    kind = ENDPOINTS[plural].kind
    unknown = sorted(set(query) - {"unitdp"})
    if unknown:
        raise bad_query(f"The query parameter '{unknown[0]}' is not known for {plural}")
    found = books.get(kind, key)
    if found is None and kind in _NUMBERED:
        found = next(books.where(kind, _NUMBERED[kind], key), None)
    return None if found is None else shown(found, query, bare=False)


def shown(raw: Raw, query: Mapping[str, str], *, bare: bool) -> Raw:
    """A record as this request sees it: unit prices with two decimals unless it asks for four."""
    if bare:
        return {**{name: value for name, value in raw.items() if name not in _DETAILS}, "LineItems": []}
    if query.get("unitdp") == "4":
        return raw
    found = dict(raw)
    if "LineItems" in raw:
        found["LineItems"] = [_rounded(line, "UnitAmount") for line in raw["LineItems"]]
    for side in ("SalesDetails", "PurchaseDetails"):
        if side in raw:
            found[side] = _rounded(raw[side], "UnitPrice")
    return found


def _rounded(part: Raw, name: str) -> Raw:
    if part.get(name) is None:
        return part
    return {**part, name: Decimal(part[name]).quantize(Decimal("0.01"), ROUND_HALF_UP)}
