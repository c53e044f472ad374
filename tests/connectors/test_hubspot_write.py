"""Writing HubSpot: one record per operation, a receipt per row, every writable field there and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.hubspot_world import World, change, create, make_world, put, update
from syncctl.fields.codecs import decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.schema import Field, Schema
from syncctl.model import Action, Edit, Money, Outcome, Record, Ref, Unknown
from syncctl.paths import parse_path, read
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot.calls import Behaviour

SINCE = datetime(2026, 11, 20, 2, 50, tzinfo=UTC)


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def outcomes(receipts: Any) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]


# --- prepare ----------------------------------------------------------------------------------------------------------


def test_a_create_is_an_upsert_on_our_own_property(world: World) -> None:
    request = world.request(create("deal", {"dealname": "x", "amount": "5.00", "description": None}), rows=["op-7"])
    assert (request.method, request.path) == ("POST", "/crm/objects/2026-09/deals/batch/upsert")
    assert json.loads(request.body) == {
        "inputs": [
            {
                "id": "op-7",
                "idProperty": "syncctl_external_id",
                "objectWriteTraceId": "op-7",
                "properties": {"dealname": "x", "amount": "5.00", "syncctl_external_id": "op-7"},
            }
        ]
    }


def test_an_update_sends_the_edited_properties_as_absolute_values(world: World) -> None:
    current = Record(Ref("hubspot", "deal", "5"), b'{"id":"5","properties":{"amount":"1","dealname":"x"}}')
    request = world.request(update("deal", "5", put("amount", "2"), put("description", None)), current=[current])
    assert request.path == "/crm/objects/2026-09/deals/batch/update"
    assert json.loads(request.body)["inputs"] == [
        {"id": "5", "objectWriteTraceId": "op-1", "properties": {"amount": "2", "description": ""}}
    ]


def test_prepare_is_the_same_bytes_every_time(world: World) -> None:
    wanted = create("deal", {"dealname": "x", "amount": "5"})
    assert world.request(wanted) == world.request(wanted)


def test_an_archive_is_a_delete(world: World) -> None:
    request = world.request(change(Action.ARCHIVE, "contact", "5"))
    assert (request.method, request.path, request.body) == ("DELETE", "/crm/objects/2026-09/contacts/5", b"")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (change(Action.VOID, "deal", "5"), "cannot void a deal"),
        (change(Action.REACTIVATE, "deal", "5"), "cannot reactivate a deal"),
        (change(Action.UPDATE, "product", "5", [put("name", "x")]), "cannot update a product"),
        (change(Action.UPDATE, "deal", "new-1", [put("dealname", "x")]), "does not exist yet"),
        (change(Action.UPDATE, "deal", "5", [Edit("archived", False, True)]), "cannot write archived"),
        (change(Action.UPDATE, "deal", "5", [put("amount", 5)]), "HubSpot takes texts: amount is 5"),
        (
            change(Action.UPDATE, "deal", "5", [put("amount", {"$known_after_apply": "stripe:invoice:new-1#id"})]),
            "known after apply",
        ),
        (
            change(
                Action.UPDATE,
                "deal",
                "5",
                [put("amount", "5"), Edit("associations.companies", None, {"id": "1"}, "add")],
            ),
            r"cut the change with parts\(\)",
        ),
        (change(Action.UPDATE, "deal", "5"), "without edits"),
        (
            change(Action.CREATE, "deal", "new-1", [Edit("associations.companies", None, {"id": "1"}, "add")]),
            "created before it is associated",
        ),
    ],
)
def test_what_one_request_cannot_do_is_refused_before_it_is_built(world: World, wanted: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        world.request(wanted)


def test_two_kinds_or_actions_do_not_share_a_request(world: World) -> None:
    deal, contact = update("deal", "5", put("amount", "1")), update("contact", "6", put("phone", "1"))
    with pytest.raises(ValueError, match="one kind with one action"):
        world.request(deal, contact)
    assert world.hubspot.request_key(deal) != world.hubspot.request_key(contact)


def test_the_card_says_what_the_account_can_do(clock: FakeClock) -> None:
    card = make_world(clock, options={"batch_size": "25"}).hubspot.card
    assert card.batch == {Action.CREATE: 25, Action.UPDATE: 25}
    assert (card.retention_seconds, card.versions, card.connector) == (0, False, "hubspot")


# --- send -------------------------------------------------------------------------------------------------------------


def test_a_create_answers_with_the_new_id_and_is_there(world: World) -> None:
    (receipt,) = world.write(create("deal", {"dealname": "x", "amount": "5.00"}), rows=["op-7"])
    assert receipt.outcome is Outcome.APPLIED
    assert receipt.row == "op-7"
    assert receipt.ref is not None
    assert receipt.record is None  # the answer lacks associations and unset properties: not the shape of a pull
    assert receipt.vendor_request_id
    assert world.read("deal", receipt.ref.id)["properties"]["syncctl_external_id"] == "op-7"


@pytest.mark.parametrize("partial", [200, 207])
def test_each_row_has_its_own_receipt_under_either_status(clock: FakeClock, partial: int) -> None:
    world = make_world(clock, behaviour=Behaviour(partial_status=partial))
    deal = world.vendor.seed("deal", {"dealname": "x"})["id"]
    receipts = world.write(
        update("deal", deal, put("amount", "5")),
        update("deal", "1", put("amount", "5")),
        rows=["a", "b"],
    )
    assert outcomes(receipts) == [Outcome.APPLIED, Outcome.REJECTED]
    assert receipts[0].ref == Ref("hubspot", "deal", deal)
    assert (receipts[1].code, receipts[1].status) == ("OBJECT_NOT_FOUND", partial)
    assert "pull and plan again" in receipts[1].fix


def test_an_archive_is_soft_and_shows_as_archived(world: World) -> None:
    contact = world.vendor.seed("contact", {"email": "ada@example.com"})["id"]
    (receipt,) = world.write(change(Action.ARCHIVE, "contact", contact))
    assert receipt.outcome is Outcome.APPLIED
    raw = world.read("contact", contact)
    assert world.hubspot.state("contact", raw) == "archived"
    request = world.request(change(Action.ARCHIVE, "contact", contact))
    (found,) = world.hubspot.probe(request, [change(Action.ARCHIVE, "contact", contact)], SINCE)
    assert found.outcome is Outcome.APPLIED


def test_a_request_that_never_left_may_be_sent_later(clock: FakeClock) -> None:
    class Unreachable(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no route to host", request=request)

    (receipt,) = make_world(clock, transport=Unreachable).write(create("deal", {"dealname": "x"}))
    assert receipt.outcome is Outcome.LATER


@pytest.mark.parametrize("fault", ["lost", "500 before", "500 after", "truncated"])
def test_without_a_whole_answer_a_write_is_unknown(world: World, fault: str) -> None:
    world.fault(fault, method="POST", path="/batch/upsert")
    assert outcomes(world.write(create("deal", {"dealname": "x"}))) == [Outcome.UNKNOWN]
    assert len(world.sent("/batch/upsert")) == 1


def test_an_answer_that_leaves_a_row_out_is_unknown_for_that_row(clock: FakeClock) -> None:
    class Forgetful(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            body = json.loads(answer.content)
            body["results"] = body["results"][:1]
            return httpx.Response(200, json=body, request=request)

    world = make_world(clock, transport=Forgetful)
    receipts = world.write(create("deal", {"dealname": "x"}), create("deal", {"dealname": "y"}, number=2))
    assert outcomes(receipts) == [Outcome.APPLIED, Outcome.UNKNOWN]


def test_rows_are_told_apart_without_trace_ids_in_the_answer(clock: FakeClock) -> None:
    class Traceless(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            body = json.loads(answer.content)
            for result in body["results"]:
                result.pop("objectWriteTraceId", None)
            body["results"].reverse()
            return httpx.Response(200, json=body, request=request)

    world = make_world(clock, transport=Traceless)
    made = world.write(create("deal", {"dealname": "x"}), create("deal", {"dealname": "y"}, number=2), rows=["a", "b"])
    names = [world.vendor.state()["deal"][one.ref.id]["properties"]["dealname"] for one in made if one.ref]
    assert names == ["x", "y"]


def test_a_whole_batch_refused_says_that_one_row_spoiled_it(clock: FakeClock) -> None:
    class Untraced(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            body = json.loads(request.content)
            for one in body["inputs"]:
                del one["objectWriteTraceId"]
            headers = {"authorization": request.headers["authorization"]}
            return super().handle_request(httpx.Request("POST", request.url, headers=headers, json=body))

    world = make_world(clock, transport=Untraced)
    receipts = world.write(create("deal", {"amount": "1"}), create("deal", {"amount": "one"}, number=2))
    assert outcomes(receipts) == [Outcome.REJECTED, Outcome.REJECTED]
    assert "the whole batch of 2 was refused: amount: INVALID_DOUBLE" in receipts[0].message
    assert "batch_size" in receipts[0].fix
    assert world.vendor.state()["deal"] == {}


# --- probe ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["lost", "500 after", "late"])
def test_a_create_whose_answer_was_lost_is_found_once(world: World, clock: FakeClock, fault: str) -> None:
    wanted = create("deal", {"dealname": "x"})
    request = world.request(wanted, rows=["op-7"])
    world.fault(fault, method="POST", path="/batch/upsert", seconds=30)
    assert outcomes(world.hubspot.send(request)) == [Outcome.UNKNOWN]
    if fault == "late":
        assert outcomes(world.hubspot.probe(request, [wanted], SINCE)) == [Outcome.UNKNOWN]
    clock.advance(31)
    (found,) = world.hubspot.probe(request, [wanted], SINCE)
    assert found.outcome is Outcome.APPLIED
    assert found.record is not None
    assert found.ref == found.record.ref
    assert world.sent("/search") == []
    world.hubspot.send(request)
    assert len(world.vendor.state()["deal"]) == 1


def test_a_probe_of_a_batch_tells_the_rows_apart(world: World) -> None:
    wanted = [create("deal", {"dealname": "x"}), create("deal", {"amount": "one"}, number=2)]
    request = world.request(*wanted, rows=["a", "b"])
    world.hubspot.send(request)
    assert outcomes(world.hubspot.probe(request, wanted, SINCE)) == [Outcome.APPLIED, Outcome.UNKNOWN]


def test_an_update_is_probed_by_what_the_record_holds(world: World) -> None:
    deal = world.vendor.seed("deal", {"dealname": "x", "amount": "1"})["id"]
    wanted = update(
        "deal",
        deal,
        put("amount", "5.00", codec="money.text"),
        put("closedate", "2026-12-31T00:00:00Z", codec="date.midnight"),
    )
    request = world.request(wanted)
    assert outcomes(world.hubspot.probe(request, [wanted], SINCE)) == [Outcome.UNKNOWN]
    world.hubspot.send(request)
    world.vendor.edit("deal", deal, {"amount": "5"})  # the same amount, written otherwise
    (found,) = world.hubspot.probe(request, [wanted], SINCE)
    assert (found.outcome, found.ref) == (Outcome.APPLIED, Ref("hubspot", "deal", deal))


def test_a_probe_of_a_record_that_is_gone_is_unknown(world: World) -> None:
    wanted = update("deal", "5", put("amount", "5"))
    assert outcomes(world.hubspot.probe(world.request(wanted), [wanted], SINCE)) == [Outcome.UNKNOWN]


# --- every writable field --------------------------------------------------------------------------------------------

_CUSTOM = [
    {"name": "project_id", "label": "Project ID"},
    {"name": "c_number", "type": "number"},
    {"name": "c_date", "type": "date"},
    {"name": "c_instant", "type": "datetime"},
    {"name": "c_bool", "type": "bool"},
    {"name": "c_enum", "type": "enumeration", "options": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]},
]


def sample(field: Field) -> Any:
    """A value of the field's type."""
    if field.path == "email":
        return "ada@example.com"
    if field.options:
        return field.options[0][0]
    return {
        "text": 'Ärger & Söhne, "x"',
        "number": Decimal("12.5"),
        "money": Money(Decimal("1234.56"), "USD"),
        "date": date(2026, 12, 31),
        "instant": datetime(2026, 12, 31, 23, 30, 1, 332_000, tzinfo=UTC),
        "bool": True,
        "ref": Ref("hubspot", "owner", "70000001"),
    }[field.type]


def writable(schema: Schema) -> list[Field]:
    return [
        one for one in schema.fields.values() if one.writable == "always" and not one.path.startswith("associations")
    ]


def read_back(schema: Schema, raw: dict[str, Any], field: Field) -> Any:
    found = list(read(raw, parse_path(field.place)))
    value = decode(field.codec, found[0] if found else None, currency_of(raw, field))
    return Ref("hubspot", field.target, value) if field.type == "ref" and value else value


@pytest.mark.parametrize("kind", ["contact", "company", "deal"])
def test_every_writable_field_goes_there_and_comes_back(world: World, kind: str) -> None:
    for body in _CUSTOM:
        world.vendor.define_property(kind, body)
    schema = next(one for one in world.hubspot.describe() if one.kind == kind)
    fields = writable(schema)
    assert len(fields) > 18
    edits = [Edit(one.place, None, encode(one.codec, sample(one), "USD"), codec=one.codec) for one in fields]
    (made,) = world.write(change(Action.CREATE, kind, "new-1", edits))
    assert made.outcome is Outcome.APPLIED, made.message
    (raw,) = world.raws(kind).values()
    assert {one.path: read_back(schema, raw, one) for one in fields} == {one.path: sample(one) for one in fields}


@pytest.mark.parametrize("kind", ["contact", "company", "deal"])
def test_every_writable_field_is_updated_and_cleared(world: World, kind: str) -> None:
    for body in _CUSTOM:
        world.vendor.define_property(kind, body)
    schema = next(one for one in world.hubspot.describe() if one.kind == kind)
    identity = world.vendor.seed(kind, {})["id"]
    fields = writable(schema)
    assert {body["name"] for body in _CUSTOM} < {field.path for field in fields}
    for field in fields:
        after = encode(field.codec, sample(field), "USD")
        (written,) = world.write(update(kind, identity, Edit(field.place, None, after, codec=field.codec)))
        assert written.outcome is Outcome.APPLIED, written.message
        assert read_back(schema, world.read(kind, identity), field) == sample(field)
        if field.path not in ("pipeline", "deal_currency_code"):
            world.write(update(kind, identity, Edit(field.place, after, None, codec=field.codec)))
            assert read_back(schema, world.read(kind, identity), field) is None


# --- setup ------------------------------------------------------------------------------------------------------------


def test_setup_makes_our_property_and_then_creates_are_possible(clock: FakeClock) -> None:
    world = make_world(clock, external_id=False)
    deal = next(one for one in world.hubspot.describe() if one.kind == "deal")
    assert Action.CREATE not in deal.actions
    assert "run `syncctl setup`" in deal.note
    requests = world.hubspot.setup()
    assert [request.path.rpartition("/")[2] for request in requests] == ["contacts", "companies", "deals"]
    assert [outcomes(world.hubspot.send(request)) for request in requests] == [[Outcome.APPLIED]] * 3
    assert world.hubspot.setup() == ()
    deal = next(one for one in world.hubspot.describe() if one.kind == "deal")
    assert (Action.CREATE in deal.actions, deal.note) == (True, "")
    assert deal.fields["syncctl_external_id"].writable == "never"
    (again,) = world.hubspot.send(requests[0])
    assert again.outcome is Outcome.DUPLICATE


def test_our_property_without_unique_values_is_no_use_and_says_so(clock: FakeClock) -> None:
    world = make_world(clock, external_id=False)
    world.vendor.define_property("deal", {"name": "syncctl_external_id"})
    deal = next(one for one in world.hubspot.describe() if one.kind == "deal")
    assert Action.CREATE not in deal.actions
    assert "without unique values" in deal.note


def test_an_unknown_value_is_no_text(world: World) -> None:
    hole = encode("text", Unknown(Ref("stripe", "invoice", "new-1"), "id"))
    with pytest.raises(ValueError, match="known after apply"):
        world.request(create("deal", {"dealname": hole}))
