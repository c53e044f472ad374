"""Money, end to end: payments and what they leave owing, currencies without cents, refusals before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from deeds import NOTHING, bill, by_hand, hints, in_books, join, pay, payments_of, quiet_hour, settled_office
from office import Office, about
from syncctl import run
from syncctl.model import Money


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def test_a37_two_payments_on_one_invoice_leave_the_right_balance_everywhere(office: Office) -> None:
    sold = office.sell(cents=10_000)
    pay(office, (sold, 4_000), hours=2)
    pay(office, (sold, 2_500))
    assert office.reconcile().exit_code == 0
    (booked,) = office.booked("INV-9001")
    assert booked["Balance"] == "35.00"
    assert sorted(payment["TotalAmt"] for payment in payments_of(office, booked)) == ["25.00", "40.00"]
    assert office.deal_of(sold)["open_balance"] == "35.00"
    assert quiet_hour(office) == NOTHING


def test_a37_one_payment_over_three_invoices_is_one_payment_with_three_links(office: Office) -> None:
    sold = [office.sell(f"INV-900{place}", cents=cents) for place, cents in enumerate((1_000, 2_000, 3_000))]
    pay(office, *zip(sold, (1_000, 2_000, 1_500), strict=True))
    assert office.reconcile().exit_code == 0
    booked = [office.booked(invoice["number"])[0] for invoice in sold]
    assert [each["Balance"] for each in booked] == [0, 0, "15.00"]
    ids = {payment["Id"] for each in booked for payment in payments_of(office, each)}
    (payment,) = (office.records("quickbooks", "Payment")[identity] for identity in ids)
    assert (payment["TotalAmt"], payment["UnappliedAmt"], len(payment["Line"])) == ("45.00", 0, 3)
    stages = {stage["id"]: stage["label"] for stage in office.records("hubspot", "pipeline")["default"]["stages"]}
    assert [stages[office.deal_of(each)["dealstage"]] for each in sold] == ["Closed won", "Closed won", "Invoiced"]
    assert quiet_hour(office) == NOTHING


def test_a37_a_payment_on_an_invoice_that_is_there_reaches_the_deal_in_the_same_run(office: Office) -> None:
    sold = office.sell(cents=10_000)
    office.reconcile()
    office.clock.advance(3600)
    pay(office, (sold, 10_000))
    report = office.reconcile()
    assert [change.mapping for change in report.plan.changes] == ["payments", "deals"]
    assert report.plan.changes[1].parents == (report.plan.changes[0].intent,)
    assert office.deal_of(sold)["open_balance"] in ("0", "0.00")
    assert quiet_hour(office) == NOTHING


def test_a38_an_overpayment_stays_unapplied_and_goes_to_no_other_invoice(office: Office) -> None:
    sold, other = office.sell(cents=10_000), office.sell("INV-9002", cents=5_000)
    pay(office, (sold, 10_000), received=12_000)
    assert office.reconcile().exit_code == 0
    (booked,), (untouched,) = office.booked("INV-9001"), office.booked("INV-9002")
    (payment,) = payments_of(office, booked)
    assert (booked["Balance"], payment["TotalAmt"], payment["UnappliedAmt"]) == (0, "120.00", "20.00")
    assert (untouched["Balance"], untouched.get("LinkedTxn", [])) == ("50.00", [])
    assert office.deal_of(other)["open_balance"] == "50.00"
    assert quiet_hour(office) == NOTHING


def test_a39_a_payment_of_more_than_is_owed_is_refused_in_the_plan_and_not_sent(office: Office) -> None:
    sold = office.sell(cents=10_000)
    pay(office, (sold, 10_001))
    dry = office.reconcile(dry_run=True)
    assert "payments" not in {change.mapping for change in dry.plan.changes}
    office.reconcile()
    (booked,) = office.booked("INV-9001")
    assert (booked["Balance"], booked.get("LinkedTxn", [])) == ("100.00", [])
    report = office.reconcile()
    assert report.exit_code == 2
    (hint,) = [one for one in hints(report.findings) if one.startswith("it pays 100.01 USD on Invoice INV-9001")]
    assert "on which 100.00 USD is owed: look in quickbooks which payment is on it already" in hint
    assert report.plan.changes == ()


def test_a39_two_payments_that_are_too_much_together_are_not_both_sent(office: Office) -> None:
    sold = office.sell(cents=10_000)
    pay(office, (sold, 6_000), hours=2)
    pay(office, (sold, 5_000))
    report = office.reconcile()
    (booked,) = office.booked("INV-9001")
    assert len(payments_of(office, booked)) == 1
    assert any("is owed" in hint for hint in hints(report.plan.findings))


def test_a40_a_payment_is_ordered_after_its_invoice_and_neither_it_nor_the_deal_is_sent_without(office: Office) -> None:
    sold = office.sell(cents=10_000)
    pay(office, (sold, 10_000))
    before = office.deal_of(sold)
    office.fault("quickbooks", fault="500 before", method="POST", path="/invoice", times=50)
    report, writes = office.count_writes(office.reconcile)
    assert [change.mapping for change in report.plan.changes] == ["invoices", "invoices", "payments", "deals"]
    assert report.applied is not None
    states = {row.change.mapping: str(row.state) for row in report.applied.rows if row.change.mapping != "invoices"}
    assert states == {"payments": "held", "deals": "held"}
    assert (writes["stripe"], writes["hubspot"], office.deal_of(sold)) == (0, 0, before)
    assert not any(entry["path"].endswith("/payment") for entry in office.writes("quickbooks"))
    office.sandboxes["quickbooks"].faults.clear()
    office.clock.advance(600)
    assert run.resume(office.project, report.run.id).exit_code == 0
    (booked,) = office.booked("INV-9001")
    assert (booked["Balance"], len(payments_of(office, booked))) == (0, 1)
    assert office.deal_of(sold)["open_balance"] in ("0", "0.00")


def test_a21_yen_have_no_cents_and_dinars_have_three_places(office: Office) -> None:
    bill(office, office.customers("jpy")[0], "INV-JPY", ("Stickers", 500))
    gulf = join(office, "Gulf Trading", "kwd")
    bill(office, gulf, "INV-KWD", ("Dates", 1_234))
    dry = office.reconcile(dry_run=True)
    amounts = {change.name: change.amount for change in dry.plan.changes if change.action == "create"}
    assert amounts["INV-JPY"] == Money(Decimal(500), "JPY")
    assert amounts["INV-KWD"] == Money(Decimal("1.234"), "KWD")
    lines = [edit.after for change in dry.plan.changes for edit in change.edits if edit.path == "Line"]
    assert sorted(Decimal(line["Amount"]) for line in lines) == [Decimal("1.234"), Decimal(500)]
    office.without_canary()  # the sandbox rounds dinars to cents, and a canary stops there
    office.reconcile()
    (yen,) = office.booked("INV-JPY")
    assert (Decimal(yen["TotalAmt"]), yen["CurrencyRef"]["value"]) == (Decimal(500), "JPY")


def test_a51_a_void_at_stripe_voids_the_invoice_and_is_no_change_of_amount_to_0(office: Office) -> None:
    sold = office.sell(cents=10_000)
    office.reconcile()
    office.clock.advance(3600)
    by_hand(office, "stripe", f"/v1/invoices/{sold['id']}/void")
    report = office.reconcile()
    assert [(change.action, change.mapping) for change in report.plan.changes if change.mapping == "invoices"] == [
        ("void", "invoices")
    ]
    (booked,) = office.booked("INV-9001")
    assert (booked["TotalAmt"], booked["PrivateNote"].startswith("Voided")) == (0, True)
    assert quiet_hour(office) == NOTHING


def test_a51_a_void_in_the_books_is_reported_as_a_void_and_not_filled_up_again(office: Office) -> None:
    office.sell(cents=10_000)
    office.reconcile()
    office.clock.advance(3600)
    (booked,) = office.booked("INV-9001")
    in_books(office, "Invoice", {"Id": booked["Id"], "SyncToken": booked["SyncToken"]}, "void")
    report, writes = office.count_writes(office.reconcile)
    assert writes["quickbooks"] == 0
    gone = {finding.mapping: finding for finding in about(report.findings, "gone")}
    assert set(gone) == {"invoices", "deals"}
    assert (gone["invoices"].left_shown, gone["invoices"].right_shown) == ("open", "void")
    assert quiet_hour(office) == NOTHING


def test_a55_a_deposited_payment_is_reported_and_not_sent_again(office: Office) -> None:
    sold = office.sell(cents=10_000)
    pay(office, (sold, 10_000))
    office.reconcile()
    office.clock.advance(3600)
    (booked,) = office.booked("INV-9001")
    (payment,) = payments_of(office, booked)
    bank = next(one["Id"] for one in office.records("quickbooks", "Account").values() if one["Name"] == "Checking")
    link = {"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}
    line = {"Amount": 100, "LinkedTxn": [link], "DetailType": "DepositLineDetail", "DepositLineDetail": {}}
    in_books(office, "Payment", {**payment, "TxnDate": "2026-11-02"})
    in_books(office, "Deposit", {"DepositToAccountRef": {"value": bank}, "Line": [line]})
    report = office.reconcile()
    assert report.exit_code == 5
    assert report.applied is not None
    (row,) = report.applied.rows
    assert (str(row.state), row.code) == ("rejected", "6540")
    assert quiet_hour(office) == NOTHING
    again = office.reconcile()
    (refused,) = hints(again.findings, "rejected")
    assert refused.startswith("quickbooks said: ")
    assert office.records("quickbooks", "Payment")[payment["Id"]]["TxnDate"] == "2026-11-02"


def test_a57_a_line_correction_leaves_other_lines_memo_custom_fields_and_payments_as_they_are(office: Office) -> None:
    who = office.customers("usd")[0]
    deal = office.deal(30_000)
    sold = bill(
        office, who, "INV-9001", ("Design", 10_000), ("Build", 20_000), metadata={"hubspot_deal_id": deal["id"]}
    )
    pay(office, (sold, 5_000))
    office.reconcile()
    office.clock.advance(3600)
    (booked,) = office.booked("INV-9001")
    wrong = [dict(line) for line in booked["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    wrong[1] = {**wrong[1], "Amount": 250, "SalesItemLineDetail": {**wrong[1]["SalesItemLineDetail"], "UnitPrice": 250}}
    memo = {"value": "Thank you!"}
    head = {"Id": booked["Id"], "SyncToken": booked["SyncToken"], "sparse": True}
    before = in_books(office, "Invoice", {**head, "CustomerMemo": memo, "Line": wrong})
    assert before["TotalAmt"] == 350.0
    report = office.reconcile()
    assert report.exit_code == 0
    (after,) = office.booked("INV-9001")
    assert (after["TotalAmt"], after["Balance"]) == ("300.00", "250.00")
    same = ("CustomField", "CustomerMemo", "PrivateNote", "LinkedTxn", "DueDate", "SalesTermRef", "BillEmail")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    lines = {line["Id"]: line for line in after["Line"] if "Id" in line}
    assert (lines["1"]["Amount"], lines["2"]["Amount"]) == ("100.00", "200.00")
    told = office.deal_of(sold)
    assert (told["amount"], told["open_balance"]) == ("300.00", "250.00")
    assert quiet_hour(office) == NOTHING
