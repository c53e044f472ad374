"""One number on two documents: the shipped mappings pair by number and customer, and ask where only the number fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deeds import NOTHING, bill, quiet_hour, settled_office
from office import Office, about
from syncctl.model import Ref
from syncctl.run.review import match_decide

NUMBER = "INV-9001"


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def by_hand(office: Office, customer: str, amount: int) -> dict[str, Any]:
    """An invoice with our number that somebody wrote in QuickBooks for this customer."""
    item = next(iter(office.records("quickbooks", "Item")))
    detail = {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": amount}
    line = {"DetailType": "SalesItemLineDetail", "Amount": amount, "Description": "By hand"}
    body = {"DocNumber": NUMBER, "CustomerRef": {"value": customer}, "Line": [{**line, "SalesItemLineDetail": detail}]}
    return office.seed("quickbooks", "Invoice", body)


def test_an_invoice_with_our_number_at_another_customer_is_asked_about_and_not_overwritten(office: Office) -> None:
    ours, other = office.customers("usd")[:2]
    theirs = by_hand(office, other["metadata"]["quickbooks_id"], 777)
    sold = bill(office, ours, NUMBER, ("Work", 1_000))
    report, writes = office.count_writes(office.reconcile)
    assert writes == NOTHING
    (asked,) = about(report.findings, "proposal")
    assert asked.choice is not None
    assert Ref("quickbooks", "Invoice", theirs["Id"]) in asked.choice.right
    assert office.booked(NUMBER) == [office.records("quickbooks", "Invoice")[theirs["Id"]]]
    left, right = Ref("stripe", "invoice", sold["id"]), Ref("quickbooks", "Invoice", theirs["Id"])
    match_decide(office.project, "invoices", left, right, "confirm")
    office.clock.advance(60)
    assert office.reconcile().exit_code == 0
    (mended,) = office.booked(NUMBER)
    assert mended["CustomerRef"]["value"] == ours["metadata"]["quickbooks_id"]
    assert mended["TotalAmt"] == "10.00"


def test_an_invoice_with_our_number_at_our_customer_is_ours_whatever_its_amount(office: Office) -> None:
    who = office.customers("usd")[0]
    theirs = by_hand(office, who["metadata"]["quickbooks_id"], 777)
    bill(office, who, NUMBER, ("Work", 1_000))
    assert office.reconcile().exit_code == 0
    (mended,) = office.booked(NUMBER)
    assert (mended["Id"], mended["TotalAmt"]) == (theirs["Id"], "10.00")
    assert quiet_hour(office) == NOTHING


def test_two_invoices_with_one_number_each_find_that_of_their_own_customer(office: Office) -> None:
    people = office.customers("usd")[:2]
    held = {one["id"]: by_hand(office, one["metadata"]["quickbooks_id"], 10)["Id"] for one in reversed(people)}
    sold = [bill(office, one, NUMBER, ("Work", 1_000)) for one in people]
    assert about(office.reconcile().findings, "tie") == []
    known = office.records("stripe", "invoice")
    assert [known[one["id"]]["metadata"]["quickbooks_id"] for one in sold] == [held[one["id"]] for one in people]


def test_a_credit_memo_with_our_number_at_another_customer_is_not_taken_for_ours(office: Office) -> None:
    """The rule of credit memos is the rule of invoices."""
    notes = office.records("stripe", "credit_note").values()
    note = next(one for one in notes if one["pre_payment_amount"] and one["status"] == "issued")
    pairs = office.records("quickbooks", "CreditMemo").values()
    booked = next(one for one in pairs if one.get("DocNumber") == note["number"])
    other = next(one for one in office.customers("usd") if one["id"] != note["customer"])
    office.amend("CreditMemo", booked, PrivateNote="", CustomerRef={"value": other["metadata"]["quickbooks_id"]})
    office.edit(
        "credit_memos", "marker: {right: PrivateNote}\n", ""
    )  # as if nothing but number and customer were known
    match_anew(office)
    report, writes = office.count_writes(office.reconcile)
    asked = [finding for finding in about(report.findings, "proposal") if finding.mapping == "credit_memos"]
    candidate = Ref("quickbooks", "CreditMemo", booked["Id"])
    assert [finding.choice is not None and candidate in finding.choice.right for finding in asked] == [True]
    assert writes == NOTHING


def match_anew(office: Office) -> None:
    """Forgets what was paired: a new ledger over the same vendors."""
    office.project.close()
    (office.folder / "ledger.db").unlink()
    office.project = office.open()
