"""What Xero's refusals mean: by its sentences, statuses and headers, with what finance people can do."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.xero_setup import NAME, Organisation, change, create, line, only, organisation, update
from syncctl.connectors.http import Answer
from syncctl.connectors.xero.faults import explain
from syncctl.connectors.xero.options import Options
from syncctl.errors import AuthenticationFailed, ConfigError
from syncctl.fields.jsontext import encode_json
from syncctl.model import Action, Outcome, Ref, WriteReceipt
from syncctl.sandbox.clock import FakeClock


@pytest.fixture
def books(clock: FakeClock) -> Organisation:
    found = organisation(clock)
    found.seed("Contact", Name="Acme")
    return found


def acme(books: Organisation) -> str:
    found: str = books.all("Contact")[0]["ContactID"]
    return found


def bill(books: Organisation, *lines: dict[str, Any], **more: Any) -> WriteReceipt:
    body = {"Type": "ACCREC", "Contact": {"ContactID": acme(books)}, "Date": "2026-11-19", "DueDate": "2026-12-19",
            "Status": "AUTHORISED", "LineItems": list(lines) or [line(100)], **more}  # fmt: skip
    return only(books.write(create("Invoice", **body)))


def pay(books: Organisation, target: Ref, amount: object, code: str = "090", **more: Any) -> WriteReceipt:
    account = next(each for each in books.all("Account") if each["Code"] == code)["AccountID"]
    body = {"Invoice__InvoiceID": target.id, "Account__AccountID": account, "Amount": amount}
    return only(books.write(create("Payment", **{**body, "Date": "2026-11-20", **more})))


def refused(receipt: WriteReceipt, code: str, *said: str, outcome: Outcome = Outcome.REJECTED) -> None:
    assert (receipt.outcome, receipt.code) == (outcome, code), receipt.message
    assert receipt.fix
    for words in said:
        assert words in f"{receipt.message} {receipt.fix}"


# --- what a person can mend ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", ["period_lock", "year_lock"])
def test_a49_a_locked_period_says_so_with_the_date_and_where_to_change_it(books: Organisation, lock: str) -> None:
    paid = bill(books, Date="2026-10-01").ref
    assert paid is not None
    books.vendor.set_rules(**{lock: "2026-10-31"})
    for receipt in (
        bill(books, Date="2026-10-31"),
        only(books.write(update(paid, Reference="x"))),
        only(books.write(change(Action.VOID, paid))),
        pay(books, _open(books), 5, Date="2026-10-15"),
    ):
        refused(receipt, "period locked", "the books are locked for this date", "31 October 2026", "Lock dates")
    assert bill(books, Date="2026-11-01").outcome is Outcome.APPLIED


def _open(books: Organisation) -> Ref:
    found = bill(books).ref
    assert found is not None
    return found


def test_a9_an_invoice_for_an_archived_contact_is_refused_and_the_other_rows_go_on(books: Organisation) -> None:
    gone = books.seed("Contact", Name="Gone", ContactStatus="ARCHIVED")
    body = {"Type": "ACCREC", "LineItems": [line(5)], "Date": "2026-11-19", "Status": "DRAFT"}
    first, second = books.write(
        create("Invoice", Contact={"ContactID": gone.id}, **body),
        create("Invoice", Contact={"ContactID": acme(books)}, **body),
    )
    refused(first, "contact archived", "archived in Xero", "Contacts > Archived > Restore")
    assert second.outcome is Outcome.APPLIED


def test_an_archived_contact_cannot_be_changed_or_restored_by_us(books: Organisation) -> None:
    gone = books.seed("Contact", Name="Gone", ContactStatus="ARCHIVED")
    refused(only(books.write(update(gone, EmailAddress="a@b.example"))), "contact archived", "restore it in Xero")
    schema = next(each for each in books.connector.describe() if each.kind == "Contact")
    assert Action.REACTIVATE not in schema.actions
    assert "cannot restore" in schema.note


@pytest.mark.parametrize("name", ["Acme", "ACME", "acme"])
def test_a_taken_name_is_a_duplicate_whatever_its_case(books: Organisation, name: str) -> None:
    receipt = only(books.write(create("Contact", Name=name)))
    refused(receipt, "contact name taken", "another active contact has this name", outcome=Outcome.DUPLICATE)


def test_the_name_of_an_archived_contact_is_free(books: Organisation) -> None:
    books.seed("Contact", Name="Gone", ContactStatus="ARCHIVED")
    assert only(books.write(create("Contact", Name="Gone"))).outcome is Outcome.APPLIED


def test_a_taken_contact_number_is_a_duplicate(books: Organisation) -> None:
    books.seed("Contact", Name="Beta", ContactNumber="cus_1")
    receipt = only(books.write(create("Contact", Name="Gamma", ContactNumber="cus_1")))
    refused(receipt, "contact number taken", outcome=Outcome.DUPLICATE)


def test_a12_an_invoice_number_used_twice_is_a_duplicate(books: Organisation) -> None:
    assert bill(books, InvoiceNumber="S-1").outcome is Outcome.APPLIED
    refused(bill(books, InvoiceNumber="S-1"), "number taken", outcome=Outcome.DUPLICATE)
    assert len(books.all("Invoice")) == 1


def test_a12_a_number_that_is_too_long_is_refused_never_cut(books: Organisation) -> None:
    receipt = bill(books, InvoiceNumber="N" * 256)
    assert receipt.outcome is Outcome.REJECTED
    assert "no longer than 255" in receipt.message
    assert books.all("Invoice") == []


def test_a_taken_item_code_is_a_duplicate(books: Organisation) -> None:
    books.seed("Item", Code="HW-1")
    receipt = only(books.write(create("Item", Code="hw-1")))
    refused(receipt, "item code taken", outcome=Outcome.DUPLICATE)


def test_a54_a_void_of_a_document_with_payments_is_refused(books: Organisation) -> None:
    target = _open(books)
    pay(books, target, 5)
    refused(only(books.write(change(Action.VOID, target))), "settled", "paid, partly paid", "credit note")
    assert books.held(target)["Status"] == "AUTHORISED"


def test_a_paid_document_is_frozen(books: Organisation) -> None:
    target = _open(books)
    pay(books, target, 115)
    path = f"LineItems(LineItemID={books.held(target)['LineItems'][0]['LineItemID']}).UnitAmount"
    refused(only(books.write(update(target, **{path: 90}))), "settled")
    assert books.held(target)["Total"] == 115


def test_a39_a_payment_of_more_than_is_due_is_refused(books: Organisation) -> None:
    refused(pay(books, _open(books), "115.01"), "more than is due", "more than is still owed")


def test_a_draft_cannot_be_paid(books: Organisation) -> None:
    target = bill(books, Status="DRAFT").ref
    assert target is not None
    refused(pay(books, target, 5), "not approved", "approve the document")


@pytest.mark.parametrize("code", ["999", "610", "200"])
def test_an_account_that_cannot_take_payments_is_named(books: Organisation, code: str) -> None:
    if code == "999":
        refused(bill(books, line(5, AccountCode=code)), "account", "999")
    else:
        refused(pay(books, _open(books), 5, code), "account", code)
    assert pay(books, _open(books), 5, "880").outcome is Outcome.APPLIED


def test_an_archived_account_is_named(books: Organisation) -> None:
    sales = next(each for each in books.all("Account") if each["Code"] == "200")
    books.vendor.edit("Account", sales["AccountID"], Status="ARCHIVED")
    refused(bill(books), "account", "'200' has been archived", "map an active account")


def test_a25_a_tax_rate_that_does_not_fit_the_account_is_named(books: Organisation) -> None:
    refused(bill(books, line(5, TaxType="INPUT2")), "tax type", "'INPUT2' cannot be used with account code '200'")
    refused(bill(books, line(5, TaxType="NOWHERE")), "tax type", "NOWHERE")


def test_a28_a_currency_that_is_not_switched_on_blocks_its_row_alone(books: Organisation) -> None:
    body = {"Type": "ACCREC", "Contact": {"ContactID": acme(books)}, "LineItems": [line(5)], "Date": "2026-11-19"}
    euro, dollar = books.write(create("Invoice", CurrencyCode="EUR", **body), create("Invoice", **body))
    refused(euro, "currency", "Organisation is not subscribed to currency EUR", "add the currency in Xero")
    assert dollar.outcome is Outcome.APPLIED


def test_a70_a_plan_that_allows_no_more_documents_says_so(books: Organisation) -> None:
    books.vendor.set_rules(approvals=1)
    assert bill(books).outcome is Outcome.APPLIED
    refused(bill(books), "plan limit", "upgrade the plan")
    assert bill(books, Status="DRAFT").outcome is Outcome.APPLIED


def test_a_tracking_option_that_does_not_exist_is_named(books: Organisation) -> None:
    receipt = bill(books, line(5, Tracking=[{"Name": "Project", "Option": "P-9"}]))
    refused(receipt, "tracking", "P-9", "add the option in Xero")


# --- credential, limits, the vendor's own trouble --------------------------------------------------------------------


def test_a62_an_expired_token_and_a_missing_scope_are_told_apart(clock: FakeClock) -> None:
    expired = {"Title": "Unauthorized", "Detail": "TokenExpired: token expired at 04/09/2023 05:16:59"}
    told = explain(Answer(401, {}, encode_json(expired), "GET /api.xro/2.0/Invoices"), Options())
    assert (told.outcome, told.code, told.fix) == (Outcome.STOP, "TokenExpired", "connect Xero again")
    for status in (401, 403):
        scope = {"Title": "Unauthorized", "Detail": "AuthorizationUnsuccessful"}
        told = explain(Answer(status, {}, encode_json(scope), "PUT /api.xro/2.0/Payments"), Options())
        assert (told.outcome, told.code) == (Outcome.STOP, "AuthorizationUnsuccessful")
        assert "the scope accounting.payments" in told.message
        assert "accounting.payments" in told.fix


def test_a_write_without_the_scope_stops_and_names_it(clock: FakeClock) -> None:
    books = organisation(clock, scopes=["accounting.contacts.read"])
    receipt = only(books.write(create("Contact", Name="Beta")))
    assert (receipt.outcome, receipt.code) == (Outcome.STOP, "AuthorizationUnsuccessful")
    assert "accounting.contacts" in receipt.fix


def test_a64_another_organisation_is_refused_before_anything_else(clock: FakeClock) -> None:
    other = "11111111-2222-3333-4444-555555555555"
    books = organisation(clock, company=other)
    with pytest.raises(AuthenticationFailed, match="does not open the organisation") as caught:
        books.connector.company()
    assert "Demo Company (US)" in caught.value.fix
    receipt = only(books.write(create("Contact", Name="Beta")))
    assert (receipt.outcome, receipt.status) == (Outcome.STOP, 403)
    assert books.all("Contact") == []


def test_a64_a_company_that_is_no_tenant_id_is_refused_at_once(clock: FakeClock) -> None:
    with pytest.raises(ConfigError, match="is no Xero organisation") as caught:
        organisation(clock, company="9130350000000001")
    assert "connections" in caught.value.fix


def test_a67_no_answer_shows_the_token(clock: FakeClock) -> None:
    books = organisation(clock, presented="some-other-access-token")
    receipt = only(books.write(create("Contact", Name="Beta")))
    assert (receipt.outcome, receipt.status) == (Outcome.STOP, 401)
    assert "some-other-access-token" not in f"{receipt}"


def test_a60_a_minute_limit_is_later_and_nothing_was_written(books: Organisation) -> None:
    books.fault("429", method="PUT")
    receipt = only(books.write(create("Contact", Name="Beta")))
    assert (receipt.outcome, receipt.code, receipt.wait_seconds) == (Outcome.LATER, "minute limit", 3)
    assert len(books.all("Contact")) == 1


def test_a60_a_day_limit_is_later_without_a_wait(books: Organisation) -> None:
    books.vendor.limit_problem = "day"
    books.fault("429", method="PUT")
    slept = books.clock.slept
    receipt = only(books.write(create("Contact", Name="Beta")))
    assert (receipt.outcome, receipt.code, receipt.wait_seconds) == (Outcome.LATER, "day limit", None)
    assert "for another 19 hours" in receipt.message
    assert books.clock.slept == slept


@pytest.mark.parametrize(("problem", "code"), [("day", "day limit"), ("DayLimit", "day limit"), ("daily", "day limit"),
                                               ("minute", "minute limit"), ("appminute", "appminute limit"),
                                               ("concurrent", "concurrent limit"), ("", "minute limit")])  # fmt: skip
def test_a_limit_is_told_by_its_header(problem: str, code: str) -> None:
    headers = {"x-rate-limit-problem": problem} if problem else {}
    told = explain(Answer(429, headers, b""), Options())
    assert (told.outcome, told.code, told.wait_seconds) == (Outcome.LATER, code, None if "day" in code else 60)


@pytest.mark.parametrize("fault", ["500 before", "500 after", "lost", "truncated"])
def test_an_unclear_answer_is_unknown(books: Organisation, fault: str) -> None:
    books.fault(fault, method="PUT")
    assert only(books.write(create("Contact", Name="Beta"))).outcome is Outcome.UNKNOWN


def test_maintenance_is_said() -> None:
    told = explain(Answer(503, {}, b"<html>down</html>"), Options())
    assert (told.outcome, told.code) == (Outcome.UNKNOWN, "503")
    assert "maintenance" in told.message


def test_a_key_that_was_used_for_another_request_goes_to_a_person(books: Organisation) -> None:
    books.write(create("Contact", Name="Beta"), key="once")
    receipt = only(books.write(create("Contact", Name="Gamma"), key="once"))
    refused(receipt, "key used again", "syncctl ops settle", outcome=Outcome.KEY_MISMATCH)
    assert len(books.all("Contact")) == 2


def test_a_refusal_is_remembered_under_its_key_too(books: Organisation) -> None:
    request = books.prepare(create("Contact", Name="Acme"), key="once")
    assert only(books.connector.send(request)).outcome is Outcome.DUPLICATE
    books.vendor.edit("Contact", acme(books), Name="Acme Ltd")
    assert only(books.connector.send(request)).outcome is Outcome.DUPLICATE
    books.clock.advance(361)
    assert only(books.connector.send(request)).outcome is Outcome.APPLIED


def test_an_unknown_property_or_word_is_a_refusal_with_xeros_own_words(books: Organisation) -> None:
    receipt = only(books.write(create("Contact", Name="Beta", Nonsense=1)))
    assert (receipt.outcome, receipt.code, receipt.status) == (Outcome.REJECTED, "14", 400)
    assert "Nonsense" in receipt.message
    assert bill(books, Status="NEARLY").code == "14"


def test_a_void_that_xero_passes_over_is_not_taken_for_done(books: Organisation) -> None:
    from syncctl.connectors.xero.sending import Sender

    target = _open(books)
    request = books.prepare(change(Action.VOID, target))
    body = encode_json({"Invoices": [{"InvoiceID": target.id, "Status": "AUTHORISED"}]})
    receipt = only(Sender(NAME, books.connector._client).read(request, Answer(200, {}, body)))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "not voided")


def test_every_meaning_has_a_cause_and_a_fix() -> None:
    from syncctl.connectors.xero.faults import MEANINGS

    assert len({each.code for each in MEANINGS}) == len(MEANINGS)
    assert all(each.cause and each.fix for each in MEANINGS)
