"""Creates, updates, voids and deletes in the pretend company's books, with their side effects. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from syncctl.sandbox.quickbooks.answers import Refusal, business, invalid_id, missing, not_found, stale, unsupported
from syncctl.sandbox.quickbooks.checks import check_references, read_body
from syncctl.sandbox.quickbooks.lists import finish_list
from syncctl.sandbox.quickbooks.payments import (
    apply_links,
    deposited_in,
    finish_deposit,
    finish_journal,
    finish_payment,
    links,
    mark_deposited,
)
from syncctl.sandbox.quickbooks.sales import applied_to, finish_sale
from syncctl.sandbox.quickbooks.shapes import LISTS, SALES, SERVER_OWNED, TRANSACTIONS
from syncctl.sandbox.quickbooks.store import Books, Raw

Options = Mapping[str, str]
READ_ONLY: Final = ("TaxCode", "CompanyInfo", "Preferences", "CustomerType")
VOIDED: Final = "Voided"


def write(books: Books, kind: str, body: Any, options: Options) -> Raw:
    """One POST to an entity: create, update, void or delete. Gives the record as it is now. Raises Refusal."""
    operation = options.get("operation", "")
    if kind in READ_ONLY:
        raise unsupported(f"write on {kind}")
    if operation not in ("", "create", "update", "delete", "void"):
        raise unsupported(operation)
    sent = read_body(kind, body)
    if operation == "delete":
        return _delete(books, kind, _held(books, kind, sent))
    if operation == "void" or "void" in options.get("include", "").split(","):
        return _void(books, kind, _held(books, kind, sent), sent, options)
    if sent.get("Id"):
        return _update(books, kind, _held(books, kind, sent), sent, options)
    return create(books, kind, sent, options, strict=True)


def create(books: Books, kind: str, sent: Raw, options: Options, *, strict: bool) -> Raw:
    """Stores a new record. Not strict: made outside the API, so names, numbers and periods are not checked, and what
    is the server's own may be given.
    """
    given = {key: value for key, value in sent.items() if key not in SERVER_OWNED}
    owned = {} if strict else {key: value for key, value in sent.items() if key in SERVER_OWNED}
    check_references(given, books, automated_tax=books.rules.automated_tax and strict, strict=strict)
    raw = _finish(books, kind, {**_head(books, kind, owned), **_filled(given)}, None, options, strict=strict)
    if strict:
        _check_period(books, raw)
    elif "TotalAmt" in sent:
        owned["TotalAmt"] = sent["TotalAmt"]
    books.put(kind, {**raw, **owned})
    _after(books, kind, raw)
    return _fresh(books, kind, raw["Id"])


def _update(books: Books, kind: str, held: Raw, sent: Raw, options: Options) -> Raw:
    if kind == "Payment" and deposited_in(held):
        raise _deposited()
    given = {key: value for key, value in sent.items() if key not in SERVER_OWNED}
    if sent.get("sparse"):
        merged = {**held, **_filled(given)}
    else:
        kept = {key: held[key] for key in _kept(held)}
        merged = {**kept, **_filled(given)}
    check_references(
        {key: value for key, value in merged.items() if key in given}, books, automated_tax=books.rules.automated_tax
    )
    _check_period(books, held)
    _check_period(books, merged)
    return _replace(books, kind, held, _finish(books, kind, merged, held, options, strict=True))


def _replace(books: Books, kind: str, held: Raw, raw: Raw) -> Raw:
    meta = {**held["MetaData"], "LastUpdatedTime": books.now()}
    moved = links(held) != links(raw)
    if moved:
        _before(books, kind, held)
    books.put(kind, {**raw, "SyncToken": str(int(held["SyncToken"]) + 1), "MetaData": meta})
    if moved:
        _after(books, kind, raw)
    return _fresh(books, kind, raw["Id"])


def _fresh(books: Books, kind: str, identity: str) -> Raw:
    found = books.get(kind, identity)
    assert found is not None
    return found


def _void(books: Books, kind: str, held: Raw, sent: Raw, options: Options) -> Raw:
    """Zero amounts and the word in PrivateNote; as recorded for an invoice. A kind without void is left as it is."""
    if kind not in books.rules.voidable:
        if options.get("operation") == "void":
            raise unsupported(f"void on {kind}")
        return _update(books, kind, held, sent, options)
    if kind == "Payment" and deposited_in(held):
        raise _deposited()
    if applied_to(kind, held):
        raise business(f"this {kind} has payments linked to it: unlink them before it is voided")
    _check_period(books, held)
    note = f"{VOIDED} - {held['PrivateNote']}" if held.get("PrivateNote") else VOIDED
    raw = {**held, "TotalAmt": 0, "PrivateNote": note, "LinkedTxn": []}
    for name in ("Balance", "RemainingCredit", "UnappliedAmt"):
        if name in held:
            raw[name] = 0
    raw["Line"] = [] if kind == "Payment" else [_voided_line(line) for line in held["Line"]]
    if "TxnTaxDetail" in held:
        raw["TxnTaxDetail"] = {"TotalTax": 0}
    return _replace(books, kind, held, raw)


def _voided_line(line: Raw) -> Raw:
    found = {**line, "Amount": 0}
    if "SalesItemLineDetail" in line:
        detail = line["SalesItemLineDetail"]
        found["SalesItemLineDetail"] = {key: detail[key] for key in detail if key not in ("Qty", "UnitPrice")}
    return found


def _delete(books: Books, kind: str, held: Raw) -> Raw:
    if kind in LISTS:
        raise unsupported(f"delete on {kind}")
    if kind == "Payment" and deposited_in(held):
        raise _deposited()
    if applied_to(kind, held):
        raise business(f"this {kind} has payments linked to it: unlink them before it is deleted")
    _check_period(books, held)
    _before(books, kind, held)
    books.remove(kind, held["Id"])
    return {"domain": "QBO", "status": "Deleted", "Id": held["Id"]}


def _deposited() -> Refusal:
    return Refusal(
        "6540",
        "Deposited Transaction cannot be changed",
        "Deposited Transaction cannot be changed : If you want to modify or delete the transaction, it must be deleted "
        "from the deposit it belongs to first.",
        element="",
    )


def _held(books: Books, kind: str, sent: Raw) -> Raw:
    identity, token = sent.get("Id"), sent.get("SyncToken")
    if not identity:
        raise missing("Id")
    if not str(identity).isdigit():
        raise invalid_id(identity)
    if token is None:
        raise missing("SyncToken")
    held = books.get(kind, str(identity))
    if held is None:
        raise not_found()
    if str(token) != held["SyncToken"]:
        raise stale()
    return held


def _head(books: Books, kind: str, owned: Raw) -> Raw:
    now = books.now()
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": owned.get("Id") or books.new_id(kind),
        "SyncToken": "0",
        "MetaData": {"CreateTime": now, "LastUpdatedTime": now},
    }


def _kept(held: Raw) -> list[str]:
    """What a full update that leaves it out does not blank: the server's own, and what the server links."""
    return [key for key in held if key in SERVER_OWNED or key in ("LinkedTxn", "Active", "CurrencyRef")]


def _filled(given: Raw) -> Raw:
    """Without the empty texts at the top and inside objects: QuickBooks stores no empty value."""
    inner = {
        key: _filled(value) if isinstance(value, dict) and not key.endswith("Ref") else value
        for key, value in given.items()
    }
    return {key: value for key, value in inner.items() if value not in ("", {})}


def _check_period(books: Books, raw: Raw) -> None:
    closed = books.rules.book_close_date
    if closed and raw.get("TxnDate", closed + "~") <= closed:
        raise Refusal(
            "6210",
            "Account Period Closed, Cannot Update Through Services API",
            "The account period has closed and the account books cannot be updated through through the QBO Services "
            "API. Please use the QBO website to make these changes.",
            element="",
        )


def _finish(books: Books, kind: str, raw: Raw, held: Raw | None, options: Options, *, strict: bool) -> Raw:
    if kind in SALES:
        return finish_sale(books, kind, raw, held, options, strict=strict)
    if kind == "Payment":
        return finish_payment(books, raw, held, strict=strict)
    if kind in TRANSACTIONS:
        return _OTHERS[kind](books, raw)
    return finish_list(books, kind, raw, held, strict=strict)


_OTHERS: Final[dict[str, Callable[[Books, Raw], Raw]]] = {"Deposit": finish_deposit, "JournalEntry": finish_journal}


def _before(books: Books, kind: str, held: Raw) -> None:
    """Takes back what a transaction did to others, before it changes or goes."""
    if kind == "Payment":
        apply_links(books, held, -1)
    elif kind == "Deposit":
        mark_deposited(books, held, inside=False)


def _after(books: Books, kind: str, raw: Raw) -> None:
    """What a stored transaction does to others."""
    if kind == "Payment":
        apply_links(books, raw, 1)
    elif kind == "Deposit":
        mark_deposited(books, raw, inside=True)
