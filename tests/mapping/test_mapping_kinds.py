"""A bare id that may be of several kinds is never written without the word beside it that says which."""

from __future__ import annotations

import pytest
from mapping_world import CUSTOMERS, SCHEMAS, load

from syncctl.fields.schema import Field, Schema
from syncctl.mapping.check import check_mapping
from syncctl.model import Action

INVOICES = """
mapping: invoices
left: stripe.invoice
right: quickbooks.Invoice
match: [{left: number, right: DocNumber}]
"""
PAYMENTS = """
mapping: payments
left: stripe.invoice_payment
right: quickbooks.Payment
match: [{left: id, right: Id}]
lines:
  - right: LIST
    owner: left
    fields:
      - {left: invoice, right: LINK, link: invoices}
"""
TARGETS = (("Invoice", "Invoice"), ("CreditMemo", "CreditMemo"))
KINDS = {
    **SCHEMAS,
    ("stripe", "invoice_payment"): Schema(
        "stripe",
        "invoice_payment",
        {"id": Field("id", "id"), "invoice": Field("invoice", "ref", target="invoice")},
    ),
    ("quickbooks", "Payment"): Schema(
        "quickbooks",
        "Payment",
        {
            field.path: field
            for field in (
                Field("Id", "id"),
                Field("Line", "object", many=True, writable="always"),
                Field("Line.To", "ref", target="Invoice", targets=TARGETS, told_by="Kind", writable="always"),
                Field("Line.Kind", "enum", writable="always"),
            )
        },
        identity="Id",
        actions=frozenset({Action.UPDATE}),
    ),
}


def problems(listed: str, link: str = "To", more: str = "") -> list[str]:
    text = PAYMENTS.replace("LIST", listed).replace("LINK", link) + more
    mappings = [load(CUSTOMERS, "mappings/a.yaml"), load(INVOICES, "mappings/b.yaml"), load(text)]
    return [str(problem) for problem in check_mapping(mappings[-1], KINDS, mappings)]


def test_a_written_id_of_one_of_several_kinds_is_refused_with_its_place_where_nothing_says_which() -> None:
    (problem,) = problems("Line")
    assert problem == (
        "mappings/x.yaml:10:32: `To` may name Invoice or CreditMemo, and nothing says which"
        " (choose the lines by it (`…Kind=Invoice`), or write Line.Kind beside it)"
    )


@pytest.mark.parametrize(
    ("listed", "more"),
    [("Line(Kind=Invoice)", ""), ("Line", "      - {left: {constant: Invoice}, right: Kind}\n")],
    ids=["the lines are chosen by it", "it is written beside"],
)
def test_a_kind_is_said_by_the_choice_of_lines_or_by_a_field_beside_the_id(listed: str, more: str) -> None:
    assert problems(listed, more=more) == []


def test_an_id_that_is_only_compared_needs_no_word_about_its_kind() -> None:
    text = PAYMENTS.replace("LIST", "Line").replace("LINK", "To").replace("    owner: left\n", "")
    mappings = [load(CUSTOMERS, "mappings/a.yaml"), load(INVOICES, "mappings/b.yaml"), load(text)]
    assert [str(problem) for problem in check_mapping(mappings[-1], KINDS, mappings)] == []
