"""Credit notes: what is taken off an invoice after it was issued. No I/O."""

from __future__ import annotations

from typing import Any

from syncctl.sandbox.stripe import shapes
from syncctl.sandbox.stripe.changes import changed, create, put, update
from syncctl.sandbox.stripe.invoices import settled
from syncctl.sandbox.stripe.payments import create_refund
from syncctl.sandbox.stripe.refusals import Refusal, not_now
from syncctl.sandbox.stripe.store import Store, Thing
from syncctl.sandbox.stripe.totals import due

_OWN = ("lines", "amount", "credit_amount", "refund_amount", "email_type")


def create_credit_note(store: Store, given: dict[str, Any]) -> Thing:
    invoice = store.get("invoice", given["invoice"], param="invoice", in_path=False)
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise not_now(f"You can only create credit notes for finalized invoices, not {invoice['status']} ones.")
    if "lines" not in given and "amount" not in given:
        raise Refusal("You must specify one of `amount`, `lines`, or `shipping_cost`.", param="amount")
    note = shapes.credit_note(store.new_id("credit_note"), store.now())
    put(note, changed(note, {name: value for name, value in given.items() if name not in _OWN}))
    rows = given.get("lines") or [{"type": "custom_line_item", "unit_amount": given["amount"], "quantity": 1}]
    with_rows(note, [_row(store, invoice, row) for row in rows])
    _split(note, invoice, given)
    if given.get("refund_amount"):
        _refund(store, note, invoice, given["refund_amount"])
    return keep_credit_note(store, note, invoice)


def _row(store: Store, invoice: Thing, given: dict[str, Any]) -> Thing:
    row = shapes.credit_line(store.new_id("credit_note_line_item"))
    if given["type"] == "invoice_line_item":
        lines = {line["id"]: line for line in invoice["lines"]["data"]}
        line = lines.get(given.get("invoice_line_item", ""))
        if line is None:
            raise not_now("No such invoice line item", "resource_missing", "lines[0][invoice_line_item]")
        quantity = given.get("quantity", line["quantity"])
        amount = given.get("amount", line["amount"] * quantity // (line["quantity"] or 1))
        given = {"description": line["description"], **given, "quantity": quantity}
    else:
        quantity = given.get("quantity", 1)
        amount = int(given.get("unit_amount", 0)) * quantity
        row |= {"unit_amount": given.get("unit_amount"), "unit_amount_decimal": str(given.get("unit_amount", 0))}
    known = ("description", "invoice_line_item", "type", "metadata")
    return row | {name: given[name] for name in known if name in given} | {"amount": amount, "quantity": quantity}


def with_rows(note: Thing, rows: list[Thing]) -> None:
    """Lines, and the totals that follow from them."""
    amount = sum(row["amount"] for row in rows)
    exclusive = [tax for row in rows for tax in row["taxes"] if tax["tax_behavior"] == "exclusive"]
    whole = amount + sum(tax["amount"] for tax in exclusive)
    note |= {
        "lines": {**note["lines"], "data": rows},
        "amount": whole,
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": whole,
        "total_excluding_tax": amount,
        "total_taxes": exclusive,
    }


def _split(note: Thing, invoice: Thing, given: dict[str, Any]) -> None:
    """How much lowers the open amount, and how much was paid already and is given back."""
    before = min(note["total"], invoice["amount_remaining"])
    after = note["total"] - before
    returned = sum(given.get(name) or 0 for name in ("refund_amount", "credit_amount", "out_of_band_amount"))
    if returned != after:
        raise not_now(
            f"The sum of credit amount, refund amount and out of band amount (${returned / 100:.2f}) must equal the"
            f" post payment credit note amount (${after / 100:.2f})."
        )
    split_into(note, before, after)


def split_into(note: Thing, before: int, after: int) -> None:
    kind = "mixed" if before and after else "post_payment" if after else "pre_payment"
    note |= {"pre_payment_amount": before, "post_payment_amount": after, "type": kind}


def _refund(store: Store, note: Thing, invoice: Thing, amount: int) -> None:
    payments = store.things["invoice_payment"].values()
    intents = [
        p["payment"]["payment_intent"] for p in payments if (p["invoice"], p["status"]) == (invoice["id"], "paid")
    ]
    if not intents:
        raise not_now("The invoice has no payment that could be refunded.", param="refund_amount")
    refund = create_refund(store, {"payment_intent": intents[0], "amount": amount})
    row = {"amount_refunded": amount, "payment_record_refund": None, "refund": refund["id"], "type": "refund"}
    note["refunds"] = [row]


def keep_credit_note(store: Store, note: Thing, invoice: Thing) -> Thing:
    """Numbers a credit note, keeps it and lowers its invoice."""
    held = [other for other in store.things["credit_note"].values() if other["invoice"] == invoice["id"]]
    note |= {
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "number": note["number"] or f"{invoice['number']}-CN-{len(held) + 1:02d}",
        "pdf": f"https://pay.stripe.com/credit_notes/{store.account}/test_{note['id'].removeprefix('cn_')}/pdf/",
    }
    create(store, note)
    _lower(store, invoice, [*held, note])
    return note


def _lower(store: Store, invoice: Thing, notes: list[Thing], *, raised: bool = False) -> None:
    """What the notes that count take off the invoice; never less than was taken off before, unless one was voided."""
    values: Thing = {}
    for name in ("pre_payment_credit_notes_amount", "post_payment_credit_notes_amount"):
        amounts = [note[name.replace("_credit_notes", "")] for note in notes if note["status"] == "issued"]
        values[name] = sum(amounts) if raised else max(sum(amounts), invoice[name])
    update(store, invoice, {**values, **due({**invoice, **values})})
    if invoice["status"] == "open" and invoice["amount_remaining"] == 0:
        settled(store, invoice)


def update_credit_note(store: Store, identity: str, given: dict[str, Any]) -> Thing:
    note = store.get("credit_note", identity)
    return update(store, note, changed(note, given))


def void_credit_note(store: Store, identity: str, _given: dict[str, Any]) -> Thing:
    note = store.get("credit_note", identity)
    if note["status"] == "void":
        raise not_now("This credit note is already void.")
    if note["post_payment_amount"]:
        raise not_now("You cannot void a credit note that was issued after the invoice was paid.")
    update(store, note, {"status": "void", "voided_at": store.now()}, "credit_note.voided")
    notes = [other for other in store.things["credit_note"].values() if other["invoice"] == note["invoice"]]
    _lower(store, store.things["invoice"][note["invoice"]], notes, raised=True)
    return note
