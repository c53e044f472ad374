"""The pretend Xero: as strict as the vendor, with its own refusals, states, limits and memory."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.xero import XeroSandbox
from syncctl.sandbox.xero.limits import Allowance

API = "/api.xro/2.0/"


@dataclass
class Books:
    """The pretend organisation and plain requests to it."""

    vendor: XeroSandbox
    clock: FakeClock
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, method: str, path: str, body: Any = None, **words: Any) -> SandboxAnswer:
        """`words`: query parameters; `key`, `since`, `token` and `tenant` are headers."""
        headers = {
            "authorization": f"Bearer {words.pop('token', self.vendor.token)}",
            "xero-tenant-id": words.pop("tenant", self.vendor.tenant),
        }
        for name, header in (("key", "idempotency-key"), ("since", "if-modified-since")):
            if name in words:
                headers[header] = words.pop(name)
        sent = b"" if body is None else encode_json(body)
        full = path if path.startswith("/") else API + path
        query = tuple((name, str(value)) for name, value in words.items())
        return self.vendor.handle(SandboxRequest(method, full, query, headers, sent))

    def get(self, path: str, **words: Any) -> list[dict[str, Any]]:
        answer = self.answer("GET", path, **words)
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = decode_json(answer.body)[path.partition("/")[0]]
        return found

    def put(self, plural: str, body: Any, method: str = "PUT", **words: Any) -> dict[str, Any]:
        answer = self.answer(method, plural, {plural: [body]}, **words)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = decode_json(answer.body)[plural.partition("/")[0]][0]
        return found

    def refused(self, plural: str, body: Any, method: str = "PUT", **words: Any) -> str:
        """Every sentence of a refusal."""
        answer = self.answer(method, plural, {plural.partition("/")[0]: [body]}, **words)
        assert answer.status == 400, answer.body
        found = decode_json(answer.body)
        elements = found.get("Elements") or [{"ValidationErrors": [found]}]
        return "; ".join(each["Message"] for element in elements for each in element["ValidationErrors"])

    @property
    def acme(self) -> dict[str, str]:
        return {"ContactID": next(iter(self.vendor.state()["Contact"]))}


@pytest.fixture
def books(clock: FakeClock) -> Books:
    return company(clock)


def company(clock: FakeClock, **words: Any) -> Books:
    found = Books(XeroSandbox(clock, **words), clock)
    found.vendor.seed("Contact", {"Name": "Acme"})
    return found


def line(amount: object, **more: Any) -> dict[str, Any]:
    return {"Description": "seats", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200", **more}


def sale(books: Books, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": "ACCREC", "Contact": books.acme, "Date": "2026-11-19", "DueDate": "2026-12-19",
            "Status": "AUTHORISED", "LineItems": list(lines) or [line(100)], **more}  # fmt: skip


def pay(books: Books, invoice: dict[str, Any], amount: object, **more: Any) -> dict[str, Any]:
    return {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Date": "2026-11-20",
            "Amount": amount, **more}  # fmt: skip


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"Name": "Beta", "Nonsense": 1}, "Could not find member 'Nonsense'"),
        ({"Name": "Beta", "ContactStatus": "SLEEPING"}, "SLEEPING"),
        ({"Name": "Beta", "Addresses": {"City": "X"}}, "Addresses"),
        ({"Name": "Beta", "Addresses": [{"AddressType": "HOME"}]}, "HOME"),
        ({"Name": "N" * 256}, "no longer than 255"),
        ({"Name": "Beta", "ContactNumber": "1" * 51}, "no longer than 50"),
        ({"EmailAddress": "a@b.example"}, "The contact name must be specified"),
        ({"Name": "Beta", "EmailAddress": "nowhere"}, "Email address must be valid"),
        ({"Name": "acme"}, "must be unique across all active contacts"),
    ],
)
def test_a_contact_that_breaks_a_rule_is_refused(books: Books, body: dict[str, Any], said: str) -> None:
    assert said in books.refused("Contacts", body)
    assert len(books.vendor.state()["Contact"]) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Status": "PAID"}, "not of valid status for creation"),
        ({"Type": "SALE"}, "SALE"),
        ({"Contact": {"ContactID": "11111111-2222-3333-4444-555555555555"}}, "valid contact"),
        ({"LineItems": []}, "One or more line items"),
        ({"LineItems": [{"Quantity": 1}]}, "Description must be specified"),
        ({"LineItems": [line(5, AccountCode="")]}, "Account code or ID must be specified"),
        ({"LineItems": [line(5, AccountCode="090")]}, "'090' is not a valid code"),
        ({"LineItems": [line(5, LineAmount=6)]}, "does not match the expected line total"),
        ({"LineItems": [line(5, ItemCode="HW-9")]}, "Item code 'HW-9' is not valid"),
        ({"LineItems": [line(-5)]}, "must not be negative"),
        ({"LineItems": [line("abc")]}, "Could not convert 'abc' to a decimal"),
        ({"DueDate": None}, "DueDate must be specified"),
        ({"Date": "soon"}, "Could not convert 'soon' to a date"),
        ({"CurrencyCode": "EUR"}, "not subscribed to currency EUR"),
        ({"LineItems": [line(5, Tracking=[{"Name": "Region", "Option": "West"}])]}, "could not be found"),
        ({"LineItems": [line(5, Tracking=[{"Name": "Region", "Option": "North"}] * 3)]}, "A maximum of 2"),
        ({"Type": "ACCPAY", "LineItems": [line(5, AccountCode="400", DiscountRate=10)]}, "only supported on ACCREC"),
    ],
)
def test_an_invoice_that_breaks_a_rule_is_refused(books: Books, more: dict[str, Any], said: str) -> None:
    assert said in books.refused("Invoices", {**sale(books), **more})
    assert "Invoice" not in books.vendor.state() or books.vendor.state()["Invoice"] == {}


def test_unknown_parameters_paths_filters_and_orders_are_refused(books: Books) -> None:
    for words in ({"nonsense": "1"}, {"where": "Name LIKE 1"}, {"where": "Name==\"a"}, {"order": "Name SIDEWAYS"},
                  {"page": "0"}, {"page": "x"}, {"since": "yesterday"}):  # fmt: skip
        answer = books.answer("GET", "Contacts", **words)
        assert (answer.status, decode_json(answer.body)["Type"]) == (400, "QueryParseException"), words
    assert books.answer("PUT", "Contacts", {"Contacts": [{"Name": "B"}]}, page=1).status == 400
    for method, path in (("GET", "Nothing"), ("GET", "Contacts/none"), ("PUT", "Accounts"), ("DELETE", "Contacts"),
                         ("GET", "/api.xro/1.0/Contacts")):  # fmt: skip
        assert books.answer(method, path, {} if method == "PUT" else None).status == 404


def test_a_body_that_is_no_json_or_no_list_is_refused(books: Books) -> None:
    for body in ({"Contacts": []}, {"Contacts": 5}, {"Contacts": [5]}, [1], {"Contacts": [{"Name": "B"}], "More": 1}):
        assert decode_json(books.answer("PUT", "Contacts", body).body)["ErrorNumber"] == 14
    broken = SandboxRequest("PUT", f"{API}Contacts", (), {"authorization": f"Bearer {books.vendor.token}",
                            "xero-tenant-id": books.vendor.tenant}, b"{")  # fmt: skip
    assert decode_json(books.vendor.handle(broken).body)["Type"] == "PostDataInvalidException"


# --- contacts --------------------------------------------------------------------------------------------------------


def test_a_post_matches_by_id_then_number_then_name(books: Books) -> None:
    made = books.put("Contacts", {"Name": "Beta", "ContactNumber": "C-1"})
    for key in ({"ContactID": made["ContactID"]}, {"ContactNumber": "C-1"}, {"Name": "BETA"}):
        found = books.put("Contacts", {**key, "EmailAddress": "a@b.example"}, "POST")
        assert found["ContactID"] == made["ContactID"]
    assert len(books.vendor.state()["Contact"]) == 2


def test_a_put_never_updates(books: Books) -> None:
    assert "already assigned" in books.refused("Contacts", {"Name": "Acme", "EmailAddress": "a@b.example"})


def test_sent_persons_replace_all_and_other_addresses_stay(books: Books) -> None:
    persons = [{"FirstName": "Dana"}, {"FirstName": "Lee"}]
    made = books.put("Contacts", {"Name": "Beta", "ContactPersons": persons,
                                  "Addresses": [{"AddressType": "POBOX", "City": "Bayshore"}]})  # fmt: skip
    body = {"ContactID": made["ContactID"], "ContactPersons": [{"FirstName": "Kim"}],
            "Addresses": [{"AddressType": "STREET", "City": "Northport"}]}  # fmt: skip
    found = books.put("Contacts", body, "POST")
    assert [each["FirstName"] for each in found["ContactPersons"]] == ["Kim"]
    assert {each["AddressType"]: each["City"] for each in found["Addresses"]} == {
        "STREET": "Northport", "POBOX": "Bayshore"}  # fmt: skip


def test_more_than_the_id_in_an_invoices_contact_changes_the_contact(books: Books) -> None:
    named = {**books.acme, "EmailAddress": "new@a.example", "ContactPersons": []}
    books.put("Invoices", sale(books, Contact=named))
    assert books.vendor.state()["Contact"][books.acme["ContactID"]]["EmailAddress"] == "new@a.example"


def test_an_archived_name_is_free_and_archived_contacts_are_hidden_and_fixed(books: Books) -> None:
    books.put("Contacts", {**books.acme, "ContactStatus": "ARCHIVED"}, "POST")
    assert books.get("Contacts") == []
    assert len(books.get("Contacts", includeArchived="True")) == 1
    assert "matched an archived contact" in books.refused("Contacts", {**books.acme, "Name": "New"}, "POST")
    assert "has been archived" in books.refused("Invoices", sale(books))
    assert books.put("Contacts", {"Name": "Acme"})["ContactStatus"] == "ACTIVE"


def test_a_merged_contact_names_its_winner_and_gives_its_documents_away(books: Books) -> None:
    winner = books.put("Contacts", {"Name": "Winner"})
    made = books.put("Invoices", sale(books))
    books.vendor.merge(made["Contact"]["ContactID"], winner["ContactID"])
    gone = books.get(f"Contacts/{made['Contact']['ContactID']}")[0]
    assert (gone["ContactStatus"], gone["MergedToContactID"]) == ("ARCHIVED", winner["ContactID"])
    assert books.get(f"Invoices/{made['InvoiceID']}")[0]["Contact"]["Name"] == "Winner"


# --- documents -------------------------------------------------------------------------------------------------------


def test_states_go_only_the_way_they_may(books: Books) -> None:
    allowed = {
        "DRAFT": {"SUBMITTED", "AUTHORISED", "DELETED"},
        "SUBMITTED": {"DRAFT", "AUTHORISED", "DELETED"},
        "AUTHORISED": {"VOIDED"},
        "VOIDED": set(),
        "DELETED": set(),
    }
    for start, ends in allowed.items():
        for end in {"DRAFT", "SUBMITTED", "AUTHORISED", "VOIDED", "DELETED", "PAID"} - {start}:
            made = books.vendor.seed("Invoice", sale(books, Status=start))
            body = {"InvoiceID": made["InvoiceID"], "Status": end}
            answer = books.answer("POST", "Invoices", {"Invoices": [body]})
            assert (answer.status == 200) is (end in ends), (start, end)


def test_numbers_of_sales_are_unique_and_those_of_bills_are_not(books: Books) -> None:
    books.put("Invoices", sale(books, InvoiceNumber="S-1"))
    assert books.refused("Invoices", sale(books, InvoiceNumber="s-1")) == "Invoice # must be unique."
    purchase = sale(books, line(5, AccountCode="400"), Type="ACCPAY", InvoiceNumber="B-1")
    for _ in range(2):
        assert books.put("Invoices", purchase)["InvoiceNumber"] == "B-1"
    assert books.put("Invoices", sale(books))["InvoiceNumber"] == "INV-0001"
    assert len(books.get("Invoices", InvoiceNumbers="B-1,S-1")) == 3


def test_a_post_with_a_known_number_updates_a_sale_and_makes_another_bill(books: Books) -> None:
    made = books.put("Invoices", sale(books, InvoiceNumber="S-1"))
    again = books.put("Invoices", sale(books, line(50), InvoiceNumber="S-1"), "POST")
    assert (again["InvoiceID"], again["Total"]) == (made["InvoiceID"], Decimal("57.50"))
    purchase = sale(books, line(5, AccountCode="400"), Type="ACCPAY", InvoiceNumber="B-1")
    assert books.put("Invoices", purchase, "POST")["InvoiceID"] != books.put("Invoices", purchase, "POST")["InvoiceID"]


def test_a_unit_price_has_two_decimals_unless_four_are_asked_for_on_both_ways(books: Books) -> None:
    body = sale(books, line("0.1648", Quantity=7000, TaxType="NONE"))
    assert books.put("Invoices", body)["Total"] == 1120
    made = books.put("Invoices", body, unitdp=4)
    assert made["Total"] == Decimal("1153.60")
    path = f"Invoices/{made['InvoiceID']}"
    assert books.get(path)[0]["LineItems"][0]["UnitAmount"] == Decimal("0.16")
    assert books.get(path, unitdp=4)[0]["LineItems"][0]["UnitAmount"] == Decimal("0.1648")


def test_lines_come_only_with_pages_or_one_by_one(books: Books) -> None:
    made = books.put("Invoices", sale(books))
    assert books.get("Invoices")[0]["LineItems"] == []
    assert len(books.get("Invoices", page=1)[0]["LineItems"]) == 1
    assert len(books.get(f"Invoices/{made['InvoiceID']}")[0]["LineItems"]) == 1
    assert books.get("Invoices", page=1, summaryOnly="True")[0]["LineItems"] == []


def test_a_line_without_its_id_is_new_and_one_left_out_is_gone(books: Books) -> None:
    made = books.put("Invoices", sale(books, line(60), line(40)))
    first, second = made["LineItems"]
    body = {"InvoiceID": made["InvoiceID"], "LineItems": [{"LineItemID": second["LineItemID"], "Description": "kept"},
                                                          line(60)]}  # fmt: skip
    kept, new = books.put("Invoices", body, "POST")["LineItems"]
    assert (kept["LineItemID"], kept["Description"], kept["UnitAmount"]) == (second["LineItemID"], "kept", 40)
    assert new["LineItemID"] not in (first["LineItemID"], second["LineItemID"])


def test_a_tax_that_is_sent_is_honoured_and_an_item_fills_what_is_left_out(books: Books) -> None:
    books.put("Items", {"Code": "HW-1", "Description": "Gateway", "SalesDetails": {"UnitPrice": 20,
                        "AccountCode": "260", "TaxType": "NONE"}})  # fmt: skip
    made = books.put("Invoices", sale(books, line(100, TaxAmount="14.99"), {"ItemCode": "HW-1", "Quantity": 2}))
    assert [each["TaxAmount"] for each in made["LineItems"]] == [Decimal("14.99"), 0]
    assert (made["LineItems"][1]["AccountCode"], made["LineItems"][1]["Description"]) == ("260", "Gateway")
    assert made["Total"] == Decimal("154.99")


def test_payments_move_what_is_due_and_deleting_moves_it_back(books: Books) -> None:
    made = books.put("Invoices", sale(books))
    paid = books.put("Payments", pay(books, made, 40))
    assert books.get(f"Invoices/{made['InvoiceID']}")[0]["AmountDue"] == 75
    assert "exceeds the amount outstanding" in books.refused("Payments", pay(books, made, "75.01"))
    last = books.put("Payments", pay(books, made, 75))
    found = books.get(f"Invoices/{made['InvoiceID']}")[0]
    assert (found["Status"], found["AmountDue"], len(found["Payments"])) == ("PAID", 0, 2)
    assert found["FullyPaidOnDate"] == "/Date(1795132800000+0000)/"
    answer = books.answer("POST", f"Payments/{last['PaymentID']}", {"Status": "DELETED"})
    assert answer.status == 200
    found = books.get(f"Invoices/{made['InvoiceID']}")[0]
    assert (found["Status"], found["AmountDue"], "FullyPaidOnDate" in found) == ("AUTHORISED", 75, False)
    assert books.answer("POST", f"Payments/{last['PaymentID']}", {"Status": "DELETED"}).status == 400
    assert paid["PaymentType"] == "ACCRECPAYMENT"


@pytest.mark.parametrize("history", range(20))
def test_what_is_due_foots_after_any_history(clock: FakeClock, history: int) -> None:
    books, chance = company(clock, allowance=Allowance(10_000, 10_000)), random.Random(history)
    for _ in range(25):
        _something(books, chance)
    for invoice in books.vendor.state().get("Invoice", {}).values():
        if invoice["Status"] not in ("VOIDED", "DELETED"):
            settled = invoice["AmountPaid"] + invoice["AmountCredited"]
            assert invoice["AmountDue"] == invoice["Total"] - settled >= 0
            assert (invoice["Status"] == "PAID") is (invoice["AmountDue"] == 0)
        assert invoice["Total"] == sum(each["LineAmount"] + each["TaxAmount"] for each in invoice["LineItems"])


def _something(books: Books, chance: random.Random) -> None:
    """One write of a kind that may be refused."""
    known = list(books.vendor.state().get("Invoice", {}).values())
    deed = chance.randrange(6)
    if deed <= 1 or not known:
        books.answer(
            "PUT", "Invoices", {"Invoices": [sale(books, *(line(chance.randrange(1, 500)) for _ in range(2)))]}
        )
        return
    invoice = chance.choice(known)
    body = {"InvoiceID": invoice["InvoiceID"]}
    if deed == 2:
        books.answer("PUT", "Payments", {"Payments": [pay(books, invoice, chance.randrange(1, 400))]})
    elif deed == 3:
        books.answer("POST", "Invoices", {"Invoices": [{**body, "LineItems": [line(chance.randrange(1, 500))]}]})
    elif deed == 4:
        books.answer("POST", "Invoices", {"Invoices": [{**body, "Status": "VOIDED"}]})
    elif payments := list(books.vendor.state().get("Payment", {}).values()):
        books.answer("POST", f"Payments/{chance.choice(payments)['PaymentID']}", {"Status": "DELETED"})


def test_a_locked_period_takes_no_document_no_change_and_no_payment(books: Books) -> None:
    made = books.put("Invoices", sale(books, Date="2026-10-01"))
    books.vendor.set_rules(year_lock="2026-10-31")
    said = "The document date cannot be before the end of year lock date, currently set at 31 October 2026"
    assert books.refused("Invoices", sale(books, Date="2026-10-31")) == said
    assert books.refused("Invoices", {"InvoiceID": made["InvoiceID"], "Reference": "x"}, "POST") == said
    assert books.refused("Payments", pay(books, made, 5, Date="2026-10-31")) == said


def test_a_partly_paid_document_takes_some_changes_and_hides_two_of_them(books: Books) -> None:
    made = books.put("Invoices", sale(books))
    books.put("Payments", pay(books, made, 5))
    books.clock.advance(3600)
    body = {"InvoiceID": made["InvoiceID"]}
    assert "payment or credit note allocated" in books.refused("Invoices", {**body, "LineItems": [line(5)]}, "POST")
    books.put("Invoices", {**body, "DueDate": "2027-01-31"}, "POST")
    assert books.get("Invoices", since="2026-11-20T03:30:00") == []
    books.put("Invoices", {**body, "Reference": "x"}, "POST")
    assert len(books.get("Invoices", since="2026-11-20T03:30:00")) == 1


# --- calls -----------------------------------------------------------------------------------------------------------


def test_a_bad_element_falls_alone_or_with_the_whole_call(books: Books) -> None:
    body = {"Contacts": [{"Name": "Beta"}, {"Name": "Acme"}, {"Name": "Gamma"}]}
    answer = books.answer("PUT", "Contacts", body)
    found = decode_json(answer.body)
    assert (answer.status, found["ErrorNumber"], found["Type"]) == (400, 10, "ValidationException")
    (bad,) = found["Elements"]
    assert (bad["ContactID"], bad["HasValidationErrors"]) == ("00000000-0000-0000-0000-000000000000", True)
    assert len(books.vendor.state()["Contact"]) == 1
    told = decode_json(books.answer("PUT", "Contacts", body, summarizeErrors="False").body)["Contacts"]
    assert [each["StatusAttributeString"] for each in told] == ["OK", "ERROR", "OK"]
    assert len(books.vendor.state()["Contact"]) == 3


def test_a_key_is_kept_for_six_minutes_with_refusals_and_bound_to_its_request(books: Books) -> None:
    body = {"Contacts": [{"Name": "Beta"}]}
    first = books.answer("PUT", "Contacts", body, key="k")
    assert books.answer("PUT", "Contacts", body, key="k").body == first.body
    other = books.answer("PUT", "Contacts", {"Contacts": [{"Name": "Gamma"}]}, key="k")
    assert (other.status, b"is used with a different request" in other.body) == (400, True)
    refusal = books.answer("PUT", "Contacts", {"Contacts": [{"Name": "Acme"}]}, key="r")
    assert books.answer("PUT", "Contacts", {"Contacts": [{"Name": "Acme"}]}, key="r").body == refusal.body
    assert b"too long" in books.answer("PUT", "Contacts", body, key="k" * 129).body
    books.clock.advance(361)
    assert books.answer("PUT", "Contacts", body, key="k").status == 400
    assert len(books.vendor.state()["Contact"]) == 2


def test_sixty_a_minute_and_so_many_a_day_with_what_is_left_on_every_answer(clock: FakeClock) -> None:
    books = company(clock, allowance=Allowance(per_minute=60, per_day=100))
    answers = [books.answer("GET", "Contacts") for _ in range(61)]
    assert [answer.status for answer in answers] == [200] * 60 + [429]
    assert [answers[0].headers[f"X-{name}-Remaining"] for name in ("DayLimit", "MinLimit", "AppMinLimit")] == [
        "99", "59", "9999"]  # fmt: skip
    assert (answers[60].headers["X-Rate-Limit-Problem"], answers[60].headers["Retry-After"]) == ("minute", "60")
    clock.advance(60)
    answers = [books.answer("GET", "Contacts") for _ in range(41)]
    assert answers[-1].headers["X-Rate-Limit-Problem"] == "day"
    assert int(answers[-1].headers["Retry-After"]) == 86_400 - 60
    clock.advance(86_400)
    assert books.answer("GET", "Contacts").status == 200


def test_what_changed_since_is_heard_in_utc_to_the_second(books: Books) -> None:
    books.clock.advance(10)
    books.put("Contacts", {"Name": "Beta"})
    for since in ("2026-11-20T03:00:10", "2026-11-20T03:00:10Z", "2026-11-20T04:00:10+01:00",
                  "Fri, 20 Nov 2026 03:00:10 GMT"):  # fmt: skip
        assert [each["Name"] for each in books.get("Contacts", since=since)] == ["Beta"], since
    assert books.get("Contacts", since="2026-11-20T03:00:11") == []


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Name=="ACME"', 1),
        ('Name="acme"', 1),
        ('Name!="Acme"', 1),
        ('Name=="Acme" OR Name=="Beta"', 2),
        ('Name=="Acme" AND EmailAddress=="b@b.example"', 0),
        ('(Name=="Acme" || Name=="Beta") && IsCustomer==false', 2),
        ('ContactStatus=="ACTIVE"', 2),
        ("ContactNumber==null", 1),
        ("UpdatedDateUTC>=DateTime(2026,11,20)", 2),
        ("UpdatedDateUTC<DateTime(2026,11,20)", 0),
    ],
)
def test_filters_find_what_they_should(books: Books, where: str, found: int) -> None:
    books.put("Contacts", {"Name": "Beta", "EmailAddress": "b@b.example", "ContactNumber": "C-1"})
    assert len(books.get("Contacts", where=where)) == found


def test_scopes_open_what_they_name(clock: FakeClock) -> None:
    books = company(clock, scopes=["accounting.contacts.read", "accounting.transactions"])
    assert books.answer("GET", "Contacts").status == 200
    assert books.answer("PUT", "Invoices", {"Invoices": [sale(books)]}).status == 200
    for method, path in (("PUT", "Contacts"), ("GET", "Accounts"), ("GET", "Organisation")):
        answer = books.answer(method, path, {"Contacts": [{"Name": "B"}]} if method == "PUT" else None)
        assert (answer.status, decode_json(answer.body)["Detail"]) == (401, "AuthorizationUnsuccessful")


def test_a_wrong_token_or_organisation_is_refused_in_the_gateways_words(books: Books) -> None:
    wrong = decode_json(books.answer("GET", "Contacts", token="other").body)
    assert (wrong["Title"], wrong["Status"], wrong["Detail"]) == ("Unauthorized", 401, "AuthenticationUnsuccessful")
    other = decode_json(books.answer("GET", "Contacts", tenant="11111111-2222-3333-4444-555555555555").body)
    assert (other["Title"], other["Detail"]) == ("Forbidden", "AuthenticationUnsuccessful")


# --- signing in ------------------------------------------------------------------------------------------------------


def token(books: Books, **form: str) -> SandboxAnswer:
    from urllib.parse import urlencode

    app = books.vendor.oauth.app
    body = urlencode({"client_id": app.id, "client_secret": app.secret, **form}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return books.vendor.handle(SandboxRequest("POST", "/connect/token", (), headers, body))


def consent(books: Books) -> str:
    from urllib.parse import parse_qs, urlsplit

    app = books.vendor.oauth.app
    query = (("client_id", app.id), ("redirect_uri", app.redirects[0]), ("response_type", "code"), ("state", "s"))
    answer = books.vendor.handle(SandboxRequest("GET", "/identity/connect/authorize", query, {}, b""))
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def test_a62_a_refresh_token_is_used_once_and_its_last_answer_can_be_had_again_for_half_an_hour(books: Books) -> None:
    redirect = books.vendor.oauth.app.redirects[0]
    first = decode_json(token(books, grant_type="authorization_code", code=consent(books), redirect_uri=redirect).body)
    assert (first["expires_in"], first["token_type"]) == (1800, "Bearer")
    assert books.answer("GET", "Contacts", token=first["access_token"]).status == 200
    second = decode_json(token(books, grant_type="refresh_token", refresh_token=first["refresh_token"]).body)
    assert second["refresh_token"] != first["refresh_token"]
    books.clock.advance(1790)
    assert token(books, grant_type="refresh_token", refresh_token=first["refresh_token"]).status == 200
    books.clock.advance(20)
    late = token(books, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (late.status, decode_json(late.body)["error"]) == (400, "invalid_grant")
    expired = books.answer("GET", "Contacts", token=first["access_token"])
    assert "TokenExpired" in decode_json(expired.body)["Detail"]


def test_a63_a_refresh_token_dies_after_sixty_days_unused(books: Books) -> None:
    redirect = books.vendor.oauth.app.redirects[0]
    first = decode_json(token(books, grant_type="authorization_code", code=consent(books), redirect_uri=redirect).body)
    books.clock.advance(61 * 86_400)
    late = token(books, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert decode_json(late.body)["error"] == "invalid_grant"


def test_a_custom_connection_signs_in_by_itself_and_gets_no_refresh_token(clock: FakeClock) -> None:
    books = company(clock, custom_connection=True)
    found = decode_json(token(books, grant_type="client_credentials").body)
    assert "refresh_token" not in found
    assert books.answer("GET", "Contacts", token=found["access_token"]).status == 200
    assert token(company(clock), grant_type="client_credentials").status == 400


def test_connections_are_listed_and_one_can_be_taken_away(books: Books) -> None:
    answer = books.answer("GET", "/Connections")
    (found,) = decode_json(answer.body)
    assert found["tenantId"] == books.vendor.tenant
    assert books.answer("DELETE", f"/connections/{found['id']}").status == 204
    assert decode_json(books.answer("GET", "/connections").body) == []
    assert books.answer("GET", "Contacts").status == 403


def test_two_fresh_sandboxes_are_alike(clock: FakeClock) -> None:
    def state() -> Any:
        found = company(clock)
        found.put("Invoices", sale(found))
        return found.vendor.state()

    assert state() == state()
