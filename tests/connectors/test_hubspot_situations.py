"""The CRM situations that finance and RevOps people reported, as far as the connector alone decides them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from connectors.hubspot_world import World, create, make_world, put, records, update
from syncctl.errors import AuthenticationFailed, LimitReached
from syncctl.fields.codecs import decode, encode
from syncctl.fields.jsontext import decode_json
from syncctl.fields.schema import Schema
from syncctl.model import Edit, Outcome, Ref, Window
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot.calls import Behaviour
from syncctl.sandbox.hubspot.limits import DAILY

SINCE = datetime(2026, 11, 20, 2, 50, tzinfo=UTC)


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def deal_schema(world: World) -> Schema:
    return next(one for one in world.hubspot.describe() if one.kind == "deal")


def test_c1_a_create_sent_again_after_a_lost_answer_makes_one_contact(world: World) -> None:
    wanted = create("contact", {"email": "ada@example.com"})
    request = world.request(wanted, rows=["op-1"])
    world.fault("lost", method="POST", path="/batch/upsert")
    assert world.hubspot.send(request)[0].outcome is Outcome.UNKNOWN
    (probed,) = world.hubspot.probe(request, [wanted], SINCE)
    (again,) = world.hubspot.send(request)
    assert (probed.outcome, again.outcome) == (Outcome.APPLIED, Outcome.APPLIED)
    assert probed.ref == again.ref
    assert len(world.vendor.state()["contact"]) == 1


def test_c3_a_known_email_names_the_record_to_look_at_and_writes_nothing(world: World) -> None:
    known = world.vendor.seed("contact", {"email": "ada@example.com", "firstname": "Ada"})["id"]
    (receipt,) = world.write(create("contact", {"email": "ada@example.com", "firstname": "Eve"}))
    assert (receipt.outcome, receipt.ref) == (Outcome.DUPLICATE, Ref("hubspot", "contact", known))
    assert world.read("contact", known)["properties"]["firstname"] == "Ada"


def test_c4_what_was_just_created_is_found_by_id_though_the_search_does_not_know_it(world: World) -> None:
    (made,) = world.write(create("company", {"name": "Acme", "domain": "acme.example"}), rows=["op-1"])
    assert made.ref is not None
    world.clock.advance(2)
    assert world.hubspot.find("company", "domain", ["acme.example"]) == ()
    assert [one.ref for one in world.hubspot.find("company", "id", [made.ref.id])] == [made.ref]
    assert [one.ref for one in world.hubspot.find("company", "syncctl_external_id", ["op-1"])] == [made.ref]


def test_c14_archived_and_restored_is_the_same_record(world: World, clock: FakeClock) -> None:
    deal = world.vendor.seed("deal", {"dealname": "x", "createdAt": "2026-01-05T09:00:00Z"})["id"]
    windows = world.pull("deal")[-1].windows
    clock.advance(7_200)
    world.vendor.account.archive(world.vendor.account.objects["deal"][deal])
    clock.advance(60)
    pages = world.pull("deal", windows)
    (archived,) = records(pages)
    assert world.hubspot.state("deal", decode_json(archived.raw)) == "archived"
    clock.advance(30 * 24 * 3600)
    world.vendor.restore("deal", deal)
    clock.advance(60)
    (restored,) = records(world.pull("deal", pages[-1].windows))
    assert restored.ref == archived.ref == Ref("hubspot", "deal", deal)
    assert world.hubspot.state("deal", decode_json(restored.raw)) == "open"
    assert restored.updated_at > archived.updated_at


def test_c19_600_custom_properties_are_all_read_without_a_414(world: World) -> None:
    values = {f"custom_property_number_{number}": str(number) for number in range(600)}
    for name in values:
        world.vendor.define_property("deal", {"name": name})
    world.vendor.seed("deal", {"dealname": "x", **values})
    (raw,) = world.raws("deal").values()
    assert {name: raw["properties"][name] for name in values} == values
    assert [entry["status"] for entry in world.sandbox.log if entry["status"] == 414] == []


def test_c20_a_property_required_by_rule_is_named(world: World) -> None:
    world.vendor.seed("rule:deal", {"property": "closed_lost_reason", "when": {"dealstage": "closedlost"}})
    deal = world.vendor.seed("deal", {"dealname": "x", "dealstage": "contractsent"})["id"]
    (receipt,) = world.write(update("deal", deal, put("dealstage", "closedlost")))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "REQUIRED_PROPERTY")
    assert "closed_lost_reason" in receipt.message
    assert world.read("deal", deal)["properties"]["dealstage"] == "contractsent"
    both = update("deal", deal, put("dealstage", "closedlost"), put("closed_lost_reason", "price"))
    assert world.write(both)[0].outcome is Outcome.APPLIED


def test_c22_options_that_live_elsewhere_are_not_refused_here(world: World) -> None:
    world.vendor.define_property(
        "deal", {"name": "region", "type": "enumeration", "externalOptions": True, "label": "Region"}
    )
    field = deal_schema(world).fields["region"]
    assert (field.options, field.open_options) == ((), True)
    deal = world.vendor.seed("deal", {"dealname": "x"})["id"]
    assert world.write(update("deal", deal, put("region", "emea")))[0].outcome is Outcome.APPLIED
    lifecycle = next(one for one in world.hubspot.describe() if one.kind == "contact").fields["lifecyclestage"]
    assert (len(lifecycle.options), lifecycle.open_options) == (8, True)


def test_c27_a_currency_that_is_not_enabled_fails_its_row_only(world: World) -> None:
    receipts = world.write(
        create("deal", {"dealname": "rand", "amount": "5", "deal_currency_code": "ZAR"}, number=1),
        create("deal", {"dealname": "euro", "amount": "5", "deal_currency_code": "EUR"}, number=2),
    )
    assert [(one.outcome, one.code) for one in receipts] == [
        (Outcome.REJECTED, "INVALID_OPTION"),
        (Outcome.APPLIED, ""),
    ]
    assert receipts[0].message.startswith("deal_currency_code: INVALID_OPTION: ZAR was not one of the allowed options")
    assert len(world.vendor.state()["deal"]) == 1


def test_c31_a_date_stays_the_same_day_both_ways_in_an_account_west_of_utc(clock: FakeClock) -> None:
    world = make_world(clock, behaviour=Behaviour(time_zone="US/Pacific"))
    world.vendor.define_property("deal", {"name": "due", "type": "date"})
    fields = deal_schema(world).fields
    day = date(2026, 12, 31)
    edits = [Edit(fields[name].place, None, encode(fields[name].codec, day)) for name in ("closedate", "due")]
    deal = world.vendor.seed("deal", {"dealname": "x"})["id"]
    assert world.write(update("deal", deal, *edits))[0].outcome is Outcome.APPLIED
    values = world.read("deal", deal)["properties"]
    assert (values["closedate"], values["due"]) == ("2026-12-31T00:00:00Z", "2026-12-31")
    assert [decode(fields[name].codec, values[name]) for name in ("closedate", "due")] == [day, day]


def test_c33_a_cleared_field_is_sent_as_the_empty_text_and_an_unmapped_one_is_left(world: World) -> None:
    deal = world.vendor.seed("deal", {"dealname": "x", "description": "old", "hs_next_step": "call"})["id"]
    request = world.request(update("deal", deal, put("description", None, before="old")))
    assert json.loads(request.body)["inputs"][0]["properties"] == {"description": ""}
    world.hubspot.send(request)
    values = world.read("deal", deal)["properties"]
    assert (values["description"], values["hs_next_step"]) == (None, "call")


def test_c36_a_token_whose_maker_left_reads_differently_from_an_expired_one(world: World) -> None:
    company = world.vendor.seed("company", {"name": "Acme"})["id"]
    deal = world.vendor.seed("deal", {"dealname": "x"})["id"]
    world.vendor.credential = "creator left"
    with pytest.raises(AuthenticationFailed, match="permission") as left:
        world.pull("deal")
    link = update("deal", deal, Edit("associations.companies", None, {"id": company}, "add"))
    (receipt,) = world.write(link)
    assert (receipt.outcome, receipt.code) == (Outcome.STOP, "USER_DOES_NOT_HAVE_PERMISSIONS")
    world.vendor.credential = "expired"
    with pytest.raises(AuthenticationFailed, match="expired") as expired:
        world.pull("deal")
    assert "whoever made the token has left" in left.value.fix
    assert "make a new service key" in expired.value.fix
    assert (left.value.exchange.code, expired.value.exchange.code) == (
        "USER_DOES_NOT_HAVE_PERMISSIONS",
        "EXPIRED_AUTHENTICATION",
    )


def test_c38_a_second_company_leaves_the_primary_alone(world: World) -> None:
    first, second = (world.vendor.seed("company", {"name": name})["id"] for name in ("Acme", "Beta"))
    linked = {"companies": [{"id": first, "label": "primary"}]}
    deal = world.vendor.seed("deal", {"dealname": "x", "associations": linked})["id"]
    (receipt,) = world.write(update("deal", deal, Edit("associations.companies", None, {"id": second}, "add")))
    assert receipt.outcome is Outcome.APPLIED
    edges = world.vendor.state()["associations"]
    assert edges[f"deal:{deal}>company:{first}"] == [5, 341]
    assert edges[f"deal:{deal}>company:{second}"] == [341]


def test_c50_a_modification_date_moved_by_an_unmapped_property_changes_no_mapped_value(
    world: World, clock: FakeClock
) -> None:
    deal = world.vendor.seed("deal", {"dealname": "x", "amount": "5"})["id"]
    pages = world.pull("deal")
    (before,) = records(pages)
    clock.advance(60)
    world.vendor.edit("deal", deal, {"hs_next_step": "call"})
    clock.advance(60)
    (after,) = records(world.pull("deal", pages[-1].windows))
    assert after.updated_at > before.updated_at
    mapped = ("dealname", "amount", "dealstage", "closedate")
    both = [decode_json(one.raw)["properties"] for one in (before, after)]
    assert [both[0][name] for name in mapped] == [both[1][name] for name in mapped]
    assert world.sandbox.writes() == []


def test_c51_12001_contacts_that_share_one_timestamp_are_read_once(world: World) -> None:
    moment = "2026-11-19T12:00:00Z"
    seeded = [
        world.vendor.seed("contact", {"email": f"{number}@example.com", "createdAt": moment})["id"]
        for number in range(12_001)
    ]
    pages = world.pull("contact", (Window("since", since=moment),))
    assert [record.ref.id for record in records(pages)] == seeded
    assert len(world.sent("/search")) == 61
    assert [entry for entry in world.sandbox.log if entry["status"] != 200] == []


def test_c52_a_rolling_limit_waits_its_interval_and_the_daily_one_stops(world: World, clock: FakeClock) -> None:
    deal = world.vendor.seed("deal", {"dealname": "x"})["id"]
    world.fault("429", path="/objects/2026-09/deals")
    assert [record.ref.id for record in records(world.pull("deal"))] == [deal]
    assert 10.0 <= clock.slept < 10.5
    wanted = create("deal", {"dealname": "y"}, number=1)
    world.fault("429", path="/batch/upsert")
    (later,) = world.write(wanted)
    assert (later.outcome, later.wait_seconds, later.code) == (Outcome.LATER, 10.0, "TEN_SECONDLY_ROLLING")
    assert world.write(wanted)[0].outcome is Outcome.APPLIED
    assert clock.slept >= 20.0
    assert len(world.vendor.state()["deal"]) == 2
    world.vendor.limit_policy = DAILY
    world.fault("429", path="/batch/upsert")
    world.fault("429", path="/objects/")
    (stopped,) = world.write(wanted)
    assert (stopped.outcome, stopped.wait_seconds, stopped.code) == (Outcome.LATER, None, "DAILY")
    with pytest.raises(LimitReached) as raised:
        world.pull("deal")
    assert raised.value.wait_seconds is None


def test_c55_a_batch_of_100_with_3_bad_rows_applies_97(world: World) -> None:
    amounts = ["oops" if number in (7, 50, 99) else str(number) for number in range(100)]
    changes = [create("deal", {"dealname": str(n), "amount": amount}, number=n) for n, amount in enumerate(amounts)]
    receipts = world.write(*changes, rows=[f"op-{number}" for number in range(100)])
    assert len(world.sent("/batch/upsert")) == 1
    refused = [number for number, receipt in enumerate(receipts) if receipt.outcome is Outcome.REJECTED]
    assert refused == [7, 50, 99]
    assert {receipts[number].code for number in refused} == {"INVALID_DOUBLE"}
    assert all(receipt.row == f"op-{number}" for number, receipt in enumerate(receipts))
    stored = world.vendor.state()["deal"]
    assert len(stored) == 97
    for number, receipt in enumerate(receipts):
        if receipt.outcome is Outcome.APPLIED:
            assert receipt.ref is not None
            assert stored[receipt.ref.id]["properties"]["dealname"] == str(number)


def test_c58_a_lost_answer_to_a_large_update_is_read_back_before_anything_is_sent_again(world: World) -> None:
    deals = [world.vendor.seed("deal", {"dealname": str(number)})["id"] for number in range(100)]
    changes = [update("deal", deal, put("amount", "5", codec="money.text")) for deal in deals]
    request = world.request(*changes)
    world.fault("lost", method="POST", path="/batch/update")
    assert {receipt.outcome for receipt in world.hubspot.send(request)} == {Outcome.UNKNOWN}
    world.vendor.edit("deal", deals[3], {"amount": "7"})  # a person, after our write
    probed = world.hubspot.probe(request, changes, SINCE)
    assert [number for number, receipt in enumerate(probed) if receipt.outcome is not Outcome.APPLIED] == [3]
    assert len(world.sent("/batch/update")) == 1
