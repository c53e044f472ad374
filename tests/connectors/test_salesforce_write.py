"""Writing Salesforce: one record per operation, a receipt per row, nothing of somebody else's overwritten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.salesforce_world import FIELD, World, change, create, make_world, put, update
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Edit, Outcome, Record, Ref
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.clock import FakeClock

SINCE = datetime(2026, 11, 20, 2, 50, tzinfo=UTC)
BASE = "/services/data/v68.0"
ACCOUNT = "0015e000000000AAAQ"


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


@pytest.fixture
def batched(clock: FakeClock) -> World:
    """Updates in collections, too."""
    return make_world(clock, options={"update_batch": "200"})


def outcomes(receipts: Any) -> list[Outcome]:
    return [receipt.outcome for receipt in receipts]


def fresh(world: World, kind: str, identity: str) -> Record:
    (found,) = world.salesforce.find(kind, "Id", [identity])
    return found


# --- prepare ----------------------------------------------------------------------------------------------------------


def test_a_create_is_an_upsert_on_our_own_field(world: World) -> None:
    request = world.request(create("Account", {"Name": "Acme", "Phone": None}), rows=["op-7"])
    assert (request.method, request.path) == ("PATCH", f"{BASE}/sobjects/Account/{FIELD}/op-7")
    assert json.loads(request.body) == {"Name": "Acme"}


def test_several_creates_share_one_collection_whose_rows_fail_alone(world: World) -> None:
    request = world.request(create("Account", {"Name": "A"}), create("Account", {"Name": "B"}, number=2))
    assert (request.method, request.path) == ("PATCH", f"{BASE}/composite/sobjects/Account/{FIELD}")
    assert json.loads(request.body) == {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Account"}, FIELD: "op-1", "Name": "A"},
            {"attributes": {"type": "Account"}, FIELD: "op-2", "Name": "B"},
        ],
    }


def test_a_single_update_says_since_when_the_record_must_be_unchanged(world: World) -> None:
    account = world.seed("Account")
    wanted = update("Account", account, put("Phone", "1"), put("Website", None))
    request = world.request(wanted, current=[fresh(world, "Account", account)])
    assert (request.method, request.path) == ("PATCH", f"{BASE}/sobjects/Account/{account}")
    assert dict(request.headers)["if-unmodified-since"] == "Fri, 20 Nov 2026 03:00:00 GMT"
    assert json.loads(request.body) == {"Phone": "1", "Website": None}


def test_several_updates_share_a_collection(batched: World) -> None:
    accounts = [batched.seed("Account", Name=name) for name in ("A", "B")]
    request = batched.request(*(update("Account", one, put("Phone", "1")) for one in accounts))
    assert request.path == f"{BASE}/composite/sobjects"
    assert [one["Id"] for one in json.loads(request.body)["records"]] == accounts


def test_prepare_is_the_same_bytes_every_time(world: World) -> None:
    wanted = create("Account", {"Name": "x"})
    assert world.request(wanted) == world.request(wanted)


def test_a_reference_is_written_with_18_letters(world: World) -> None:
    request = world.request(create("Contact", {"LastName": "x"}), rows=["a"])
    assert "AccountId" not in json.loads(request.body)
    wanted = update("Contact", "0035e000000000AAAQ", put("AccountId", ACCOUNT[:15], codec="ref"))
    assert json.loads(world.request(wanted).body) == {"AccountId": ACCOUNT}


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (change(Action.VOID, "Opportunity", ACCOUNT), "cannot void a Opportunity"),
        (create("User", {"LastName": "x"}), "cannot create a User"),
        (update("Account", "new-1", put("Name", "x")), "is no Salesforce id"),
        (update("Account", ACCOUNT), "without edits"),
        (update("Account", ACCOUNT, put("Owner.Name", "x")), "cannot write Owner.Name"),
        (update("Account", ACCOUNT, Edit("Contacts", None, {"Id": "1"}, "add")), "cannot write Contacts"),
        (update("Account", ACCOUNT, put("Name", {"a": 1})), "takes single values"),
        (
            update("Account", ACCOUNT, put("Name", {"$known_after_apply": "stripe:invoice:new-1#id"})),
            "known after apply",
        ),
    ],
)
def test_what_one_request_cannot_do_is_refused_before_it_is_built(world: World, wanted: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        world.request(wanted)


def test_two_objects_or_actions_do_not_share_a_request(world: World) -> None:
    account, contact = update("Account", ACCOUNT, put("Phone", "1")), create("Contact", {"LastName": "x"})
    with pytest.raises(ValueError, match="one object with one action"):
        world.request(account, contact)
    assert world.salesforce.request_key(account) != world.salesforce.request_key(contact)


def test_the_card_says_what_the_org_can_do(clock: FakeClock) -> None:
    card = make_world(clock).salesforce.card
    assert (card.connector, card.batch[Action.CREATE], card.batch[Action.UPDATE], card.versions) == (
        "salesforce",
        200,
        1,
        True,
    )
    batched = make_world(clock, options={"update_batch": "50"}).salesforce.card
    assert (batched.batch[Action.UPDATE], batched.versions) == (50, False)  # a collection carries no condition


# --- send -------------------------------------------------------------------------------------------------------------


def test_a_create_answers_with_the_new_id_and_is_there(world: World) -> None:
    (receipt,) = world.write(create("Opportunity", {"Amount": 5}), rows=["op-7"])
    assert (receipt.outcome, receipt.row, receipt.status) == (Outcome.APPLIED, "op-7", 201)
    assert receipt.ref is not None
    assert receipt.record is None  # the answer holds no fields: the record is read again
    assert world.read("Opportunity", receipt.ref.id)[FIELD] == "op-7"


def test_an_update_writes_what_it_says_and_null_clears(world: World) -> None:
    account = world.seed("Account", Phone="1", Website="https://acme.example", BillingCity="Oslo")
    wanted = update("Account", account, put("Phone", "2"), put("Website", None))
    (receipt,) = world.salesforce.send(world.request(wanted, current=[fresh(world, "Account", account)]))
    assert (receipt.outcome, receipt.ref, receipt.status) == (
        Outcome.APPLIED,
        Ref("salesforce", "Account", account),
        204,
    )
    raw = world.read("Account", account)
    assert (raw["Phone"], raw["Website"], raw["BillingCity"]) == ("2", None, "Oslo")


def test_each_row_of_a_collection_has_its_own_receipt_though_the_answer_is_200(batched: World) -> None:
    good = batched.seed("Account", Name="good")
    gone = batched.seed("Account", Name="gone")
    batched.vendor.delete("Account", gone)
    receipts = batched.write(
        update("Account", good, put("Phone", "1")),
        update("Account", gone, put("Phone", "1")),
        update("Account", ACCOUNT, put("Phone", "1")),
    )
    assert outcomes(receipts) == [Outcome.APPLIED, Outcome.REJECTED, Outcome.REJECTED]
    assert [one.code for one in receipts] == ["", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"]
    assert {one.status for one in receipts} == {200}


def test_a_product_is_archived_and_brought_back_by_its_switch(world: World) -> None:
    product = world.seed("Product2", Name="Gizmo")
    (receipt,) = world.write(change(Action.ARCHIVE, "Product2", product))
    assert receipt.outcome is Outcome.APPLIED
    assert world.salesforce.state("Product2", world.read("Product2", product)) == "archived"
    world.write(change(Action.REACTIVATE, "Product2", product))
    assert world.salesforce.state("Product2", world.read("Product2", product)) == "open"


def test_a_change_in_the_second_before_the_write_is_a_conflict(world: World, clock: FakeClock) -> None:
    account = world.seed("Account", Phone="1")
    seen = fresh(world, "Account", account)
    clock.advance(2)
    world.vendor.edit("Account", account, {"Website": "https://acme.example"})
    request = world.request(update("Account", account, put("Phone", "2")), current=[seen])
    (receipt,) = world.salesforce.send(request)
    assert (receipt.outcome, receipt.status, receipt.code) == (Outcome.CONFLICT, 412, "PRECONDITION_FAILED")
    assert world.read("Account", account)["Phone"] == "1"


def test_a_request_that_never_left_may_be_sent_later(clock: FakeClock) -> None:
    class Unreachable(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

    world = make_world(clock, transport=Unreachable)
    assert outcomes(world.write(create("Account", {"Name": "x"}))) == [Outcome.LATER]


def test_the_reserve_of_the_days_requests_stops_writes_before_they_leave(clock: FakeClock) -> None:
    world = make_world(clock, daily_requests=100)
    while len(world.sandbox.log) < 90:
        world.salesforce.find("Account", "Name", ["nobody"])
    (receipt,) = world.write(create("Account", {"Name": "x"}))
    assert (receipt.outcome, receipt.wait_seconds, receipt.code) == (Outcome.LATER, None, "REQUEST_LIMIT_EXCEEDED")
    assert len(world.sandbox.log) == 90


# --- unknown outcomes: one record -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["lost", "500 after", "truncated"])
@pytest.mark.parametrize("count", [1, 3])
def test_an_answer_that_is_lost_leaves_one_record_per_operation(world: World, fault: str, count: int) -> None:
    changes = [create("Account", {"Name": f"A{number}"}, number=number) for number in range(count)]
    request = world.request(*changes)
    world.fault(fault, method="PATCH")
    assert set(outcomes(world.salesforce.send(request))) == {Outcome.UNKNOWN}
    probed = world.salesforce.probe(request, changes, SINCE)
    assert set(outcomes(probed)) == {Outcome.APPLIED}
    again = world.salesforce.send(request)
    assert [one.ref for one in again] == [one.ref for one in probed]
    assert len(world.vendor.state()["Account"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_request_that_arrives_late_after_all_makes_no_second_record(
    world: World, clock: FakeClock, count: int
) -> None:
    changes = [create("Account", {"Name": f"A{number}"}, number=number) for number in range(count)]
    request = world.request(*changes)
    world.fault("late", method="PATCH", seconds=30)
    assert set(outcomes(world.salesforce.send(request))) == {Outcome.UNKNOWN}
    assert set(outcomes(world.salesforce.probe(request, changes, SINCE))) == {Outcome.UNKNOWN}
    assert set(outcomes(world.salesforce.send(request))) == {Outcome.APPLIED}
    clock.advance(31)
    world.sandbox.catch_up()
    assert len(world.vendor.state()["Account"]) == count


def test_a_request_that_did_nothing_is_found_absent(world: World) -> None:
    wanted = create("Account", {"Name": "x"})
    request = world.request(wanted)
    world.fault("500 before", method="PATCH")
    assert outcomes(world.salesforce.send(request)) == [Outcome.UNKNOWN]
    assert outcomes(world.salesforce.probe(request, [wanted], SINCE)) == [Outcome.UNKNOWN]


def test_a_late_update_does_not_overwrite_what_a_person_wrote_meanwhile(world: World, clock: FakeClock) -> None:
    account = world.seed("Account", Phone="1")
    wanted = update("Account", account, put("Phone", "2", before="1"))
    request = world.request(wanted, current=[fresh(world, "Account", account)])
    world.fault("late", method="PATCH", seconds=30)
    assert outcomes(world.salesforce.send(request)) == [Outcome.UNKNOWN]
    clock.advance(10)
    world.vendor.edit("Account", account, {"Phone": "3"})
    clock.advance(30)
    world.sandbox.catch_up()
    assert world.read("Account", account)["Phone"] == "3"


def test_a_probe_of_an_update_reads_the_record(world: World) -> None:
    account = world.seed("Account", Phone="1")
    wanted = update("Account", account, put("Phone", "2"))
    request = world.request(wanted)
    assert outcomes(world.salesforce.probe(request, [wanted], SINCE)) == [Outcome.UNKNOWN]
    world.salesforce.send(request)
    (found,) = world.salesforce.probe(request, [wanted], SINCE)
    assert found.outcome is Outcome.APPLIED
    assert found.record is not None
    assert decode_json(found.record.raw)["Phone"] == "2"


def test_a_collection_answer_that_does_not_fit_its_rows_decides_nothing(clock: FakeClock) -> None:
    class Short(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "PATCH":
                return httpx.Response(200, json=json.loads(answer.content)[:1], request=request)
            return answer

    world = make_world(clock, transport=Short)
    receipts = world.write(create("Account", {"Name": "A"}), create("Account", {"Name": "B"}, number=2))
    assert outcomes(receipts) == [Outcome.UNKNOWN, Outcome.UNKNOWN]


# --- find -------------------------------------------------------------------------------------------------------------


def test_records_are_found_by_ids_of_either_length_each_once(world: World) -> None:
    account, contact = world.seed("Account"), world.seed("Contact")
    found = world.salesforce.find("Account", "Id", [account, account[:15], account.upper(), contact, "nonsense", ""])
    assert [one.ref.id for one in found] == [account]


def test_records_are_found_by_any_searchable_field(world: World) -> None:
    name = 'O\'Brien \\ "Sons" & Co%'
    account = world.seed("Account", Name=name, AnnualRevenue=100)
    world.seed("Account", Name="other")
    deal = world.seed("Opportunity", AccountId=account)
    for kind, field, value, meant in (
        ("Account", "Name", name, account),
        ("Account", "AnnualRevenue", "100.00", account),
        ("Opportunity", "AccountId", account[:15], deal),
        ("Opportunity", "CloseDate", "2026-12-31", deal),
    ):
        assert [one.ref.id for one in world.salesforce.find(kind, field, [value])] == [meant]
    assert world.salesforce.find("Account", "AnnualRevenue", ["no number"]) == ()


def test_many_values_are_asked_for_in_addresses_that_fit(clock: FakeClock) -> None:
    world = make_world(clock, options={"url_limit": "1500"})
    names = [f"A rather long name of an account, number {number}" for number in range(120)]
    accounts = [world.seed("Account", Name=name) for name in names]
    assert [one.ref.id for one in world.salesforce.find("Account", "Name", names)] == accounts
    assert len(world.sent("/query")) > 3


def test_what_was_deleted_is_not_found(world: World) -> None:
    account = world.seed("Account")
    world.vendor.delete("Account", account)
    assert world.salesforce.find("Account", "Id", [account]) == ()


# --- setup ------------------------------------------------------------------------------------------------------------


def test_setup_makes_the_field_and_shows_it_and_then_nothing_is_missing(clock: FakeClock) -> None:
    world = make_world(clock, external_id=False, options={"permission_set": "0PS5e000000000AAAQ"})
    requests = world.salesforce.setup()
    assert [one.rows[0] for one in requests if one.kind == "Account"] == ["setup Account", "show Account"]
    assert "User" not in {one.kind for one in requests}
    body = json.loads(requests[0].body)
    assert body["FullName"] == f"Account.{FIELD}"
    assert (body["Metadata"]["externalId"], body["Metadata"]["unique"]) == (True, True)
    assert {world.salesforce.send(one)[0].outcome for one in requests} == {Outcome.APPLIED}
    assert world.salesforce.setup() == ()
    assert world.write(create("Account", {"Name": "x"}))[0].outcome is Outcome.APPLIED


def test_a_field_that_is_there_but_hidden_is_shown_and_not_made_again(clock: FakeClock) -> None:
    world = make_world(clock, options={"permission_set": "0PS5e000000000AAAQ"})
    world.vendor.hide("Account", FIELD)
    assert [one.rows for one in world.salesforce.setup()] == [("show Account",)]
    hidden = make_world(clock)
    hidden.vendor.hide("Account", FIELD)
    assert hidden.salesforce.setup() == ()
    assert "hidden from this user" in hidden.schema("Account").note


def test_the_stamp_of_a_condition_is_rounded_up_to_whole_seconds(world: World) -> None:
    raw = b'{"Id":"0015e000000000AAAQ","SystemModstamp":"2026-11-20T03:00:00.400+0000"}'
    record = Record(Ref("salesforce", "Account", ACCOUNT), raw)
    request = world.request(update("Account", ACCOUNT, put("Phone", "1")), current=[record])
    assert dict(request.headers)["if-unmodified-since"] == "Fri, 20 Nov 2026 03:00:01 GMT"


def test_a_day_is_enough_for_a_replay(world: World) -> None:
    assert timedelta(seconds=world.salesforce.card.retention_seconds) == timedelta(days=1)
