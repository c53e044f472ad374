"""Real Xero traffic, replayed through the connector's own code, and everything we send against Xero's own file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import VENDORS
from connectors.xero_setup import NAME, TENANT, Organisation, change, create, line, only, organisation, raw, update
from connectors.xero_spec import problems
from syncctl.connectors.base import Access, Company
from syncctl.connectors.xero import Xero
from syncctl.connectors.xero.books import Books
from syncctl.connectors.xero.kinds import KINDS, ROWS
from syncctl.connectors.xero.rows import listed, read_rows
from syncctl.connectors.xero.schemas import schemas
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.model import Action, Outcome, Record, Ref
from syncctl.paths import parse_path, read
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock

pytestmark = pytest.mark.vendors
TAPES = VENDORS / "recorded" / "xero"


@pytest.fixture
def connector(clock: FakeClock, vendors: Path) -> Xero:
    return Xero(Access(NAME, lambda: "recorded-token", clock, Redactor(["recorded-token"]), company=TENANT))


def place(one: Any, other: Any) -> None:
    """The tapes ask for /Connections; any case is the same address."""
    assert one.path.lower() == other.path.lower()


@contextmanager
def tape(name: str) -> Iterator[Any]:
    """One recording, played and never added to; everything in it must be asked for."""
    import vcr

    player = vcr.VCR(record_mode="none", match_on=["method", "place"])
    player.register_matcher("place", place)
    with player.use_cassette(str(TAPES / f"{name}.yaml"), allow_playback_repeats=True) as cassette:
        yield cassette
        assert cassette.all_played, f"{name}: not everything in the recording was asked for"


def answered(name: str) -> bytes:
    """The body of a recorded answer."""
    found: str = yaml.safe_load((TAPES / f"{name}.yaml").read_text())["interactions"][0]["response"]["body"]["string"]
    return found.encode()


def test_the_recorded_connections_are_read(connector: Xero) -> None:
    with tape("test_get_connections"):
        (found,) = connector._client.connections()
    assert (found["tenantId"], found["tenantType"]) == (TENANT, "ORGANISATION")


def test_the_recorded_organisation_is_pulled(connector: Xero) -> None:
    with tape("test_get_organisations"):
        (page,) = list(connector.pull("Organisation", None))
    (record,) = page.records
    assert (record.ref, page.complete) == (Ref(NAME, "Organisation", TENANT), True)
    assert page.windows[0].since == "2020-03-19T02:44:11.967Z"
    held = raw(record)
    assert (held["BaseCurrency"], held["PeriodLockDate"]) == ("NZD", "2009-09-30T00:00:00Z")
    assert held["CreatedDateUTC"] == "2020-03-18T21:19:10.680Z"
    meter = connector._client.http.access.meter.last
    assert meter is not None
    assert meter.left == 4983


def test_a50_the_recorded_lock_date_is_the_day_xero_shows(connector: Xero) -> None:
    with tape("test_get_organisations"):
        organisation_ = connector._client.one("Organisation")
    from syncctl.connectors.xero.books import books_from

    books = books_from(organisation_, ())
    assert (books.locked_until, books.base_currency, books.demo) == ("2009-09-30", "NZD", True)
    assert decode("date", organisation_["PeriodLockDate"]) == date(2009, 9, 30)


def test_the_recorded_company_is_not_live(connector: Xero, monkeypatch: pytest.MonkeyPatch) -> None:
    with tape("test_get_connections"):
        opened = connector._client.connections()
    monkeypatch.setattr(type(connector._client), "connections", lambda _: opened)
    monkeypatch.setattr(connector, "_books", lambda: Books(name="Demo Company (NZ)", demo=True))
    assert connector.company() == Company(TENANT, "Demo Company (NZ)", live=False)


def test_the_recorded_token_answer_is_read(vendors: Path) -> None:
    from syncctl.auth.tokens import from_answer

    found = from_answer(
        decode_json(answered("test_token_api_refresh_token")), FakeClock().now(), None, refresh_seconds=5_184_000
    )
    assert (found.access, found.refresh) == ("xero-access-token", "xero-refresh-token")


def test_the_sandbox_answers_with_the_recorded_fields(clock: FakeClock, vendors: Path) -> None:
    books = organisation(clock, period_lock="2009-09-30")
    books.pull("Organisation")
    ours, real = decode_json(books.wire.exchanges[-1].answer), decode_json(answered("test_get_organisations"))
    assert list(ours) == list(real)
    assert set(real["Organisations"][0]) - set(ours["Organisations"][0]) <= {"TaxNumber"}
    assert b"\\/Date(1254268800000+0000)\\/" in books.wire.exchanges[-1].answer
    connections = decode_json(answered("test_get_connections"))
    books.connector.company()
    told = next(decode_json(each.answer) for each in books.wire.exchanges if each.path == "/connections")
    assert set(connections[0]) <= set(told[0])
    tokens = books.vendor.oauth.rules
    assert (tokens.access_seconds, decode_json(answered("test_token_api_refresh_token"))["expires_in"]) == (1800, 1800)


# --- Xero's own file -------------------------------------------------------------------------------------------------

RECORDED_FLAGS = ("HasValidationErrors", "HasErrors", "HasAttachments")


def busy(books: Organisation) -> None:
    """Every kind of write that there is."""
    contact = only(
        books.write(
            create(
                "Contact",
                Name="Acme",
                ContactNumber="cus_1",
                EmailAddress="a@b.example",
                Addresses=[{"AddressType": "STREET", "AddressLine1": "1 Road", "City": "Bayshore"}],
                Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "555"}],
                ContactPersons=[{"FirstName": "Dana", "LastName": "Weiss"}],
            )
        )
    ).ref
    assert contact is not None
    item = only(books.write(create("Item", Code="HW-1", Name="Gateway", SalesDetails={"UnitPrice": Decimal("0.1648")})))
    tracked = [{"Name": "Project", "Option": "P-1"}]
    body: dict[str, Any] = {"Contact": {"ContactID": contact.id}, "Date": "2026-11-19", "Status": "AUTHORISED"}
    lines = [line(Decimal("25.06"), Tracking=tracked), line(40, ItemCode="HW-1"), line(5, DiscountRate=10)]
    invoice = only(
        books.write(
            create("Invoice", Type="ACCREC", DueDate="2026-12-19", LineItems=lines, InvoiceNumber="S-1",
                   Reference="syncctl stripe:invoice:in_1", Url="https://a.example/1", CurrencyCode="USD", **body)
        )
    ).ref  # fmt: skip
    bill = only(
        books.write(create("Invoice", Type="ACCPAY", DueDate="2026-12-19", InvoiceNumber="B-1",
                           LineItems=[line(9, AccountCode="400")], **body))
    ).ref  # fmt: skip
    note = only(books.write(create("CreditNote", Type="ACCRECCREDIT", LineItems=[line(5)], **body))).ref
    assert invoice is not None
    assert bill is not None
    assert note is not None
    assert item.ref is not None
    account = next(each for each in books.all("Account") if each["Code"] == "090")["AccountID"]
    for target, amount in ((invoice, 10), (note, 2)):
        paid = {f"{target.kind}__{target.kind}ID": target.id}
        receipt = only(books.write(create("Payment", **paid, Account__AccountID=account, Date="2026-11-20",
                                          Amount=amount, Reference="pay")))  # fmt: skip
        assert receipt.ref is not None, receipt.message
        if target is note:
            books.write(change(Action.VOID, receipt.ref))
    books.vendor.allocate(note.id, invoice.id, "1.50")
    books.write(update(contact, **{"Addresses(AddressType=STREET).City": "Northport"}))
    books.write(update(item.ref, Name="Gateway 2"))
    identity = books.held(bill)["LineItems"][0]["LineItemID"]
    assert only(books.write(update(bill, **{f"LineItems(LineItemID={identity}).UnitAmount": 8}))).ref
    assert only(books.write(change(Action.VOID, bill))).outcome is Outcome.APPLIED
    spare = books.seed("Contact", Name="Spare")
    assert only(books.write(change(Action.ARCHIVE, spare))).outcome is Outcome.APPLIED
    books.seed("BankTransaction", Type="SPEND", Contact={"ContactID": contact.id}, BankAccount={"Code": "090"},
               LineItems=[line(5, AccountCode="404")])  # fmt: skip
    books.seed("ManualJournal", Narration="fees", JournalLines=[
        {"LineAmount": 5, "AccountCode": "404"}, {"LineAmount": -5, "AccountCode": "880"}])  # fmt: skip


def shapes(path: str, method: str) -> str:
    """The name of a body's schema in Xero's file."""
    plural, _, identity = path.removeprefix("/api.xro/2.0/").partition("/")
    return "PaymentDelete" if plural == "Payments" and identity and method == "POST" else plural


def test_everything_the_connector_sends_conforms_to_xeros_own_file(clock: FakeClock, vendors: Path) -> None:
    books = organisation(clock)
    busy(books)
    seen = set()
    for each in books.wire.exchanges:
        if each.body:
            shape = shapes(each.path, each.method)
            seen.add((each.method, shape))
            assert problems(vendors, shape, _json(each.body)) == [], each.body
    assert seen == {
        ("PUT", "Contacts"), ("POST", "Contacts"), ("PUT", "Items"), ("POST", "Items"), ("PUT", "Invoices"),
        ("POST", "Invoices"), ("PUT", "CreditNotes"), ("PUT", "Payments"), ("POST", "PaymentDelete"),
    }  # fmt: skip


def test_everything_the_sandbox_answers_conforms_to_xeros_own_file(clock: FakeClock, vendors: Path) -> None:
    books = organisation(clock)
    busy(books)
    for kind in KINDS:
        books.pull(kind)
    for each in books.wire.exchanges:
        if each.path.startswith("/api.xro/"):
            body = _known(_json(each.answer))
            shape = "Organisations" if each.path.endswith("Organisation") else shapes(each.path, each.method)
            assert problems(vendors, "Payments" if shape == "PaymentDelete" else shape, body) == [], each.path


def _json(body: bytes) -> Any:
    """JSON with plain numbers, as the checker reads it."""
    import json

    return json.loads(body)


def _known(value: Any, depth: int = 0) -> Any:
    """A body without what recorded answers have beyond the file."""
    if isinstance(value, list):
        return [_known(each, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    top = {"Id", "Status", "ProviderName", "DateTimeUTC"} if depth == 0 else set()
    dropped = top | {"DateString", "DueDateString", *(() if "ContactStatus" in value else RECORDED_FLAGS)}
    return {name: _known(inner, depth + 1) for name, inner in value.items() if name not in dropped}


def test_every_entity_reads_into_canonical_values(clock: FakeClock, connector: Xero) -> None:
    """The recorded organisation, and one of every other kind in the shape that the checks above hold it to."""
    books = organisation(clock)
    busy(books)
    tables = {schema.kind: schema for schema in schemas(NAME, Books(base_currency="USD"), connector.options)}
    bodies = {"Organisation": answered("test_get_organisations")}
    for kind in KINDS:
        books.pull(kind)
        bodies.setdefault(kind, books.wire.exchanges[-1].answer)
    seen: dict[str, int] = {}
    for kind, body in bodies.items():
        rows = read_rows(NAME, kind, listed(body, kind).rows)
        assert rows, ROWS[kind]
        for _, record in rows:
            assert isinstance(record, Record), kind
            entity = raw(record)
            for field in tables[kind].fields.values():
                for value in read(entity, parse_path(field.place)):
                    decode(field.codec, value, currency_of(entity, field))
                    seen[f"{kind}.{field.path}"] = seen.get(f"{kind}.{field.path}", 0) + 1
            assert connector.state(kind, entity) in ("draft", "open", "part_paid", "paid", "void", "archived")
    assert {"Invoice.Total", "Invoice.LineItems.Tracking.Option", "Payment.Amount", "Organisation.PeriodLockDate",
            "CreditNote.Allocations.Amount", "ManualJournal.JournalLines.LineAmount"} <= set(seen)  # fmt: skip
    assert encode_json(seen)
