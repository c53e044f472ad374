"""References that may name records of several kinds: told by how the id begins, or by the word beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deeds import settled_office
from office import Office
from syncctl import run
from syncctl.connectors.quickbooks.books import Books
from syncctl.connectors.quickbooks.options import Options
from syncctl.connectors.quickbooks.schemas import schemas as quickbooks_schemas
from syncctl.connectors.stripe.schemas import schemas as stripe_schemas
from syncctl.fields.schema import Field
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.check import check_mapping
from syncctl.mapping.language import At, PathValue
from syncctl.mapping.load import load_mapping
from syncctl.model import NEW, Ref
from syncctl.paths import parse_path
from syncctl.project import Project
from syncctl.schemas import schema_from_json, schema_to_json
from syncctl.values.elements import elements_reader
from syncctl.values.forms import compile_form
from syncctl.values.locate import locate
from syncctl.values.scope import Catalogue, Scope
from two_systems import World

BOOKS = Books("USD", multicurrency=True, own_numbers=True, custom_fields=())
SCHEMAS = {
    (schema.system, schema.kind): schema
    for schema in (*stripe_schemas("stripe"), *quickbooks_schemas("quickbooks", BOOKS, Options("1")))
}
SIDES = {
    "payments": (("stripe", "charge"), ("quickbooks", "Payment")),
    "refunds": (("stripe", "refund"), ("quickbooks", "RefundReceipt")),
}


def catalogue() -> Catalogue:
    return Catalogue(SCHEMAS, lambda _ref, _raw: "open", ZoneInfo("UTC"), SIDES)


def reads(path: str, ref: Ref, raw: dict[str, Any], world: World | None = None) -> tuple[Any, set[Ref]]:
    """What a path reads in a record, and what it looked at outside."""
    scope = Scope(ref, raw, world or World())
    return locate(parse_path(path), ref.system, ref.kind, catalogue()).read(raw, scope), scope.uses


def stripe(kind: str, identity: str) -> Ref:
    return Ref("stripe", kind, identity)


def books(kind: str, identity: str) -> Ref:
    return Ref("quickbooks", kind, identity)


MOVE = stripe("balance_transaction", "txn_1")
CHARGE, REFUND, PAYOUT = stripe("charge", "ch_1"), stripe("refund", "re_1"), stripe("payout", "po_1")


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("ch_1", CHARGE),
        ("py_1", stripe("charge", "py_1")),
        ("re_1", REFUND),
        ("pyr_1", stripe("refund", "pyr_1")),
        ("po_1", PAYOUT),
        ("du_1", "du_1"),
        (None, None),
    ],
)
def test_the_source_of_a_balance_transaction_is_told_by_its_id(source: str | None, named: Any) -> None:
    assert reads("source", MOVE, {"source": source})[0] == named


def test_the_transactions_of_a_payout_name_charges_refunds_and_what_nobody_pulls() -> None:
    raw = {"transactions": [{"source": "ch_1"}, {"source": "re_1"}, {"source": "du_1"}]}
    assert reads("transactions.source", PAYOUT, raw)[0] == (CHARGE, REFUND, "du_1")


@pytest.mark.parametrize(
    ("source", "customer"),
    [(CHARGE, stripe("customer", "cus_1")), (REFUND, stripe("customer", "cus_2")), (PAYOUT, None)],
)
def test_an_arrow_reads_the_field_of_the_kind_that_is_named(source: Ref, customer: Ref | None) -> None:
    records = {CHARGE: {"customer": "cus_1"}, REFUND: {"customer": "cus_2"}, PAYOUT: {"amount": 5, "currency": "usd"}}
    value, uses = reads("source->customer", MOVE, {"source": source.id}, World(records))
    assert value == customer
    assert uses == ({source} if customer else set())


def test_an_arrow_behind_an_id_of_no_known_kind_reads_nothing() -> None:
    assert reads("source->customer", MOVE, {"source": "du_1"}) == (None, set())


def test_an_arrow_asks_only_for_the_kinds_that_have_the_field() -> None:
    world = catalogue()
    locate(parse_path("source->receipt_number"), "stripe", "balance_transaction", world)
    assert world.asked == {("stripe", kind) for kind in ("balance_transaction", "charge", "refund")}


def test_a_field_that_no_kind_has_and_one_of_two_types_are_refused() -> None:
    with pytest.raises(Undecodable, match=r"stripe.charge has no field DocNumber"):
        reads("source->DocNumber", MOVE, {})
    odd = {**SCHEMAS, ("stripe", "move"): with_field(Field("made", "ref", targets=(("ch_", "charge"), ("x", "odd"))))}
    odd["stripe", "odd"] = with_field(Field("created", "text"))
    with pytest.raises(Undecodable, match="made->created is instant in charge, text in odd"):
        locate(parse_path("made->created"), "stripe", "move", Catalogue(odd, lambda *_: "open", ZoneInfo("UTC")))


def with_field(field: Field) -> Any:
    return type(next(iter(SCHEMAS.values())))("stripe", "any", {field.path: field})


@pytest.mark.parametrize(("source", "partner"), [("ch_1", books("Payment", "7")), ("re_1", None), ("du_1", None)])
def test_a_partner_is_looked_for_where_the_mapping_joins_the_kind_that_is_named(
    source: str, partner: Ref | None
) -> None:
    world = World({CHARGE: {"id": "ch_1"}, books("Payment", "7"): {"TxnDate": "2026-11-01"}}, ch_1=1, **{"7": 1})
    assert reads("source->link(payments)", MOVE, {"source": source}, world)[0] == partner


LINK = {"Amount": 5, "LinkedTxn": [{"TxnId": "9", "TxnType": "CreditMemo"}]}


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("Invoice", books("Invoice", "9")),
        ("CreditMemo", books("CreditMemo", "9")),
        ("Deposit", books("Deposit", "9")),
        ("Estimate", "9"),
        (None, books("Invoice", "9")),
    ],
)
def test_a_linked_transaction_is_of_the_kind_that_stands_beside_its_id(word: str | None, named: Any) -> None:
    raw = {"Line": [{"LinkedTxn": [{"TxnId": "9", "TxnType": word}]}]}
    assert reads("Line.LinkedTxn.TxnId", books("Payment", "1"), raw)[0] == named


def test_several_links_of_one_record_are_each_of_their_own_kind() -> None:
    links = [{"TxnId": "4", "TxnType": "Payment"}, {"TxnId": "5", "TxnType": "CreditMemo"}, {"TxnType": "Payment"}]
    value, _ = reads("LinkedTxn.TxnId", books("Invoice", "1"), {"LinkedTxn": links})
    assert value == (books("Payment", "4"), books("CreditMemo", "5"))
    chosen, _ = reads("LinkedTxn(TxnType=CreditMemo).TxnId", books("Invoice", "1"), {"LinkedTxn": links})
    assert chosen == books("CreditMemo", "5")


def test_a_link_in_a_line_is_read_from_the_line() -> None:
    payment = {"Line": [LINK]}
    form = PathValue(parse_path("LinkedTxn.TxnId"), At("m.yaml", 1, 1))
    reading = compile_form(form, "quickbooks", "Payment", catalogue(), "Line")
    scope = Scope(books("Payment", "1"), payment, World())
    (line,) = elements_reader(parse_path("Line"), "quickbooks", "Payment", catalogue())(payment, scope)
    assert reading.read(line, scope) == books("CreditMemo", "9")


def test_the_id_of_a_record_that_the_plan_creates_stays_that_record() -> None:
    made = books("Invoice", f"{NEW}invoices.1")
    hole = {"$known_after_apply": f"{made}#"}
    raw = {"Line": [{"LinkedTxn": [{"TxnId": hole, "TxnType": "Invoice"}]}]}
    assert reads("Line.LinkedTxn.TxnId", books("Payment", "1"), raw)[0] == made


def test_a_schema_with_several_kinds_survives_the_ledger() -> None:
    for schema in SCHEMAS.values():
        assert schema_from_json(schema_to_json(schema)) == schema


# --- the mapping check ------------------------------------------------------------------------------------------------

PAYMENTS = (
    "mapping: payments\nleft: stripe.charge\nright: quickbooks.Payment\nmatch: [{left: id, right: PaymentRefNum}]\n"
)
INVOICES = (
    "mapping: invoices\nleft: stripe.invoice\nright: quickbooks.Invoice\nmatch: [{left: number, right: DocNumber}]\n"
)
DEPOSITS = """mapping: deposits
left: stripe.payout
right: quickbooks.Deposit
match: [{left: id, right: PrivateNote}]
lines:
  - left: transactions
    right: Line(LinkedTxn.TxnType=WORD)
    match: [{left: source, right: LinkedTxn.TxnId, link: payments}]
    fields: [{left: amount, right: Amount}]
"""


def checked(text: str) -> list[str]:
    texts = {"payments": PAYMENTS, "invoices": INVOICES, "deposits": text}
    mappings = {name: load_mapping(f"{name}.yaml", body.encode(), {}) for name, body in texts.items()}
    found = check_mapping(mappings["deposits"], SCHEMAS, list(mappings.values()))
    return [problem.message for problem in found]


def test_a_link_fits_when_the_reference_may_name_a_side_of_its_mapping() -> None:
    assert checked(DEPOSITS.replace("WORD", "Payment")) == []


def test_a_line_chosen_by_a_kind_points_to_that_kind_alone() -> None:
    (problem,) = checked(DEPOSITS.replace("WORD", "RefundReceipt"))
    assert problem.startswith("`payments` joins stripe.charge and quickbooks.Payment, not ")
    assert problem.endswith("and quickbooks.RefundReceipt")


def test_a_link_of_a_mapping_with_no_side_in_sight_is_refused() -> None:
    (problem,) = checked(DEPOSITS.replace("WORD", "Payment").replace("link: payments", "link: invoices"))
    assert problem.startswith("`invoices` joins stripe.invoice and quickbooks.Invoice, not ")


# --- over a ledger ----------------------------------------------------------------------------------------------------


@pytest.fixture
def office() -> Iterator[Office]:
    with settled_office() as found:
        yield found


def follow(project: Project, path: str, ref: Ref) -> Any:
    raw = project.lookups.record(ref)
    assert raw is not None
    return locate(parse_path(path), ref.system, ref.kind, project.catalogue()).read(
        raw, Scope(ref, raw, project.lookups)
    )


def test_balance_transactions_lead_to_the_payment_the_refund_receipt_and_the_payout(office: Office) -> None:
    run.pull(office.project, ["stripe"])
    moves = office.records("stripe", "balance_transaction").values()
    by_kind = {move["reporting_category"]: move for move in moves}
    assert {"charge", "refund", "payout"} <= by_kind.keys()
    for kind, move in by_kind.items():
        ref = stripe("balance_transaction", move["id"])
        assert follow(office.project, "source", ref) == stripe(kind, move["source"])
        held = office.records("stripe", kind)[move["source"]]
        assert follow(office.project, "source->created", ref).timestamp() == held["created"]
    for kind, mapping, booked in [("charge", "payments", "Payment"), ("refund", "refunds", "RefundReceipt")]:
        partner = follow(office.project, f"source->link({mapping})", stripe("balance_transaction", by_kind[kind]["id"]))
        assert partner.kind == booked
        assert partner.id in office.records("quickbooks", booked)
