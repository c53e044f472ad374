"""PUT and POST of lists of elements: each stands alone, or the whole call falls with one. No I/O."""

from __future__ import annotations

from typing import Any, Final

from syncctl.sandbox.xero.answers import Invalid, Raw, refused, rejected, unreadable
from syncctl.sandbox.xero.checks import read_body
from syncctl.sandbox.xero.contacts import write_contact
from syncctl.sandbox.xero.documents import How, write_document
from syncctl.sandbox.xero.lists import write_bank_transaction, write_item, write_journal
from syncctl.sandbox.xero.payments import delete_payment, write_payment
from syncctl.sandbox.xero.shapes import ENDPOINTS, IDENTITY
from syncctl.sandbox.xero.store import Books

_FLAG: Final = {"Contact": "HasValidationErrors", "Payment": "HasValidationErrors"}


def write_one(books: Books, kind: str, sent: Raw, how: How) -> Raw:
    """One checked element stored. Raises Invalid."""
    if kind == "Contact":
        return write_contact(books, sent, create=how.create, strict=how.strict)
    if kind in ("Invoice", "CreditNote"):
        return write_document(books, kind, sent, how)
    if kind == "Payment":
        return write_payment(books, sent, how)
    if kind == "Item":
        return write_item(books, sent, how)
    if kind == "BankTransaction":
        return write_bank_transaction(books, sent, how)
    return write_journal(books, sent, how)


def write_many(books: Books, plural: str, body: Any, how: How, *, summarize: bool) -> tuple[int, Raw]:
    """(status, body) of a write to a list's endpoint. Raises Refusal for a body that cannot be read."""
    kind = ENDPOINTS[plural].kind
    before = books.snapshot()
    results: list[Raw] = []
    bad = False
    for element in elements_of(plural, body):
        try:
            results.append(_stored(books, kind, read_body(kind, element), how))
        except Invalid as invalid:
            bad = True
            flag = _FLAG.get(kind, "HasErrors")
            results.append(refused(IDENTITY[kind], element, invalid.messages, flag))
    if bad and summarize:
        books.restore(before)
        return 400, rejected([one for one in results if one["StatusAttributeString"] == "ERROR"])
    return 200, {plural: results}


def _stored(books: Books, kind: str, sent: Raw, how: How) -> Raw:
    """One element stored, or nothing of it. Raises Invalid."""
    before = books.snapshot()
    try:
        found = write_one(books, kind, sent, how)
    except Invalid:
        books.restore(before)
        raise
    books.made_here.add(found[IDENTITY[kind]])
    return {**found, "StatusAttributeString": "OK"}


def elements_of(plural: str, body: Any) -> list[Any]:
    """The elements of a body: a list under the plural's name, or one element alone."""
    if not isinstance(body, dict):
        raise unreadable("the body is not an object")
    if plural not in body:
        return [body]
    unknown = sorted(set(body) - {plural})
    if unknown:
        raise unreadable(f"Could not find member '{unknown[0]}' on object of type '{plural}'")
    found = body[plural]
    if not isinstance(found, list) or not found:
        raise unreadable(f"'{plural}' must be a list that is not empty")
    return found


def write_by_id(books: Books, plural: str, identity: str, body: Any, decimals: int) -> tuple[int, Raw]:
    """(status, body) of a POST to one record's endpoint. Raises Refusal."""
    kind = ENDPOINTS[plural].kind
    (element,) = elements_of(plural, body)[:1]
    try:
        if kind == "Payment":
            read_body("PaymentDelete", element)
            found = delete_payment(books, identity)
        else:
            sent = {**read_body(kind, element), IDENTITY[kind]: identity}
            found = write_one(books, kind, sent, How(create=False, decimals=decimals))
    except Invalid as invalid:
        flag = _FLAG.get(kind, "HasErrors")
        return 400, rejected([refused(IDENTITY[kind], {**element, IDENTITY[kind]: identity}, invalid.messages, flag)])
    return 200, {plural: [{**found, "StatusAttributeString": "OK"}]}
