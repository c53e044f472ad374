"""Payments, deposits and journal entries: what they link, what is left, what is refused. No I/O."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from syncctl.sandbox.quickbooks.answers import bad_reference, business, missing
from syncctl.sandbox.quickbooks.sales import finish_currency, undeposited
from syncctl.sandbox.quickbooks.store import Books, Raw, money

LINKABLE = ("Invoice", "CreditMemo")


def links(raw: Raw) -> list[tuple[str, str, Decimal]]:
    """(kind, id, amount) of every transaction that a payment's or deposit's lines link. Raises Refusal."""
    found = []
    for line in raw.get("Line", []):
        for link in line.get("LinkedTxn", []):
            if not (link.get("TxnType") and link.get("TxnId")):
                raise missing("LinkedTxn.TxnId")
            found.append((link["TxnType"], link["TxnId"], Decimal(line.get("Amount", 0))))
    return found


def finish_payment(books: Books, raw: Raw, held: Raw | None, *, strict: bool) -> Raw:
    """A payment, checked against what it pays; what it paid before it is changed counts as free. Raises Refusal."""
    for name in ("CustomerRef", "TotalAmt"):
        if raw.get(name) is None:
            raise missing(name)
    raw = {"ProcessPayment": False, "Line": [], **raw}
    raw.setdefault("TxnDate", books.today().isoformat())
    raw.setdefault("DepositToAccountRef", undeposited(books))
    customer = books.get("Customer", raw["CustomerRef"]["value"]) or {}
    finish_currency(books, raw, customer)
    if Decimal(raw["TotalAmt"]) < 0:
        raise business("the amount of a payment cannot be negative")
    raw["Line"] = [{**line, "Amount": money(line.get("Amount", 0))} for line in raw["Line"]]
    left = _left_over(books, raw, held or {}, strict=strict)
    raw["TotalAmt"] = money(raw["TotalAmt"])
    raw["UnappliedAmt"] = money(left)
    return raw


def _left_over(books: Books, raw: Raw, held: Raw, *, strict: bool) -> Decimal:
    left = Decimal(raw["TotalAmt"])
    freed: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for kind, identity, amount in links(held):
        freed[kind, identity] += amount
    for kind, identity, amount in links(raw):
        if kind not in LINKABLE:
            raise business(f"a payment cannot be linked to a {kind}")
        found = books.get(kind, identity)
        if found is None:
            raise bad_reference("Transactions", identity, "LinkedTxn")
        if found["CustomerRef"]["value"] != raw["CustomerRef"]["value"]:
            raise business("a payment and what it pays must belong to one customer")
        free = Decimal(found["Balance"]) + freed[kind, identity]
        freed[kind, identity] -= amount
        if strict and amount > free:
            raise business(f"{amount} is more than the {free} that {kind} {identity} has left")
        left += amount if kind == "CreditMemo" else -amount
    if left < 0:
        raise business("more is applied than was received")
    return left


def apply_links(books: Books, payment: Raw, sign: int) -> None:
    """Takes the payment's amounts off the linked balances (sign 1) or puts them back (sign -1)."""
    for kind, identity, amount in links(payment):
        found = books.get(kind, identity)
        if found is None:
            continue
        link = {"TxnId": payment["Id"], "TxnType": "Payment"}
        others = [each for each in found.get("LinkedTxn", []) if each != link]
        balance = money(Decimal(found["Balance"]) - sign * amount)
        changed: Raw = {"Balance": balance, "LinkedTxn": [*others, link] if sign > 0 else others}
        if kind == "CreditMemo":
            changed["RemainingCredit"] = balance
        books.touch(kind, found, **changed)


def deposited_in(payment: Raw) -> str:
    """The id of the deposit that holds this payment, or an empty text."""
    for link in payment.get("LinkedTxn", []):
        if link["TxnType"] == "Deposit":
            return str(link["TxnId"])
    return ""


def finish_deposit(books: Books, raw: Raw) -> Raw:
    """A deposit: the sum of its lines. Raises Refusal."""
    for name in ("DepositToAccountRef", "Line"):
        if not raw.get(name):
            raise missing(name)
    raw.setdefault("TxnDate", books.today().isoformat())
    finish_currency(books, raw, {})
    for kind, identity, _ in links(raw):
        found = books.get(kind, identity)
        if found is None:
            raise bad_reference("Transactions", identity, "LinkedTxn")
        if deposited_in(found) not in ("", raw.get("Id", "")):
            raise business(f"{kind} {identity} is already in another deposit")
    raw["Line"] = _numbered(raw["Line"])
    raw["TotalAmt"] = money(sum((Decimal(line["Amount"]) for line in raw["Line"]), Decimal(0)))
    return raw


def mark_deposited(books: Books, deposit: Raw, *, inside: bool) -> None:
    """Tells the linked payments that they are in the deposit, or no longer."""
    for kind, identity, _ in links(deposit):
        found = books.get(kind, identity)
        if found is None:
            continue
        link = {"TxnId": deposit["Id"], "TxnType": "Deposit"}
        others = [each for each in found.get("LinkedTxn", []) if each != link]
        books.touch(kind, found, LinkedTxn=[*others, link] if inside else others)


def finish_journal(books: Books, raw: Raw) -> Raw:
    """A journal entry whose debits equal its credits. Raises Refusal."""
    if not raw.get("Line"):
        raise missing("Line")
    raw.setdefault("TxnDate", books.today().isoformat())
    raw.setdefault("Adjustment", False)
    finish_currency(books, raw, {})
    sides = {"Debit": Decimal(0), "Credit": Decimal(0)}
    for line in raw["Line"]:
        side = line.get("JournalEntryLineDetail", {}).get("PostingType")
        if side is None:
            raise missing("Line.JournalEntryLineDetail.PostingType")
        sides[side] += Decimal(line.get("Amount", 0))
    if sides["Debit"] != sides["Credit"]:
        raise business(f"debits of {sides['Debit']} do not equal credits of {sides['Credit']}")
    raw["Line"] = _numbered(raw["Line"])
    raw["TotalAmt"] = money(sides["Debit"])
    return raw


def _numbered(lines: list[Raw]) -> list[Raw]:
    return [
        {**line, "Id": line.get("Id") or str(place), "Amount": money(line.get("Amount", 0))}
        for place, line in enumerate(lines, 1)
    ]
