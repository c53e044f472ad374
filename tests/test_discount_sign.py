"""A discount line is shown below zero, as it counts in its document, though the vendor writes it without a sign."""

from __future__ import annotations

from deeds import bill, settled_office
from syncctl import run
from syncctl.run.explaining import explain, named_records


def test_a_discount_is_shown_with_the_sign_that_it_has_in_the_invoice() -> None:
    with settled_office() as office:
        taken = [{"amount": 83, "discount": "di_1"}]
        owed = {"amount_due": 750, "amount_remaining": 750, "total_discount_amounts": taken}
        bill(office, office.customers("usd")[0], "INV-LESS", ("Extra storage", 833), **owed)
        made = office.plan()
        (change,) = [one for one in made.changes if "INV-LESS" in one.name and one.target.kind == "Invoice"]
        lines = [edit.shown[1] for edit in change.edits if edit.action == "add"]
        assert lines == ["Discounts given, -0.83 USD", "Extra storage, 8.33 USD"]
        office.reconcile()
        (booked,) = office.booked("INV-LESS")
        (less,) = [one for one in booked["Line"] if one["DetailType"] == "DiscountLineDetail"]
        office.amend("Invoice", booked, Line=[{**one, "Amount": 1} if one is less else one for one in booked["Line"]])
        run.pull(office.project)
        views = explain(office.project, named_records(office.project, f"quickbooks:Invoice:{booked['Id']}"))
        there = [words for view in views for gap in view.lines for words in gap.right]
        assert any(words.endswith(", -1 USD") for words in there)
