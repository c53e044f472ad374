"""The situations that finance and RevOps people reported, as far as the connector alone decides them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.salesforce_world import FIELD, World, create, ids, make_world, put, records, update
from syncctl.connectors.http import Answer
from syncctl.connectors.salesforce.complaints import Explain
from syncctl.errors import LimitReached
from syncctl.fields.codecs import decode, encode
from syncctl.fields.jsontext import decode_json
from syncctl.mapping.check import check_mapping
from syncctl.mapping.load import load_mapping
from syncctl.model import Money, Outcome, Page, Ref, Window
from syncctl.sandbox.clock import FakeClock

SINCE = datetime(2026, 11, 20, 2, 50, tzinfo=UTC)
LONG_AGO = "2026-11-10T00:00:00.000Z"


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


# --- duplicates -------------------------------------------------------------------------------------------------------


def test_c1_a_create_sent_again_after_a_lost_answer_makes_one_contact(world: World) -> None:
    wanted = create("Contact", {"Email": "ada@example.com"})
    request = world.request(wanted, rows=["op-1"])
    world.fault("lost", method="PATCH")
    assert world.salesforce.send(request)[0].outcome is Outcome.UNKNOWN
    (probed,) = world.salesforce.probe(request, [wanted], SINCE)
    (again,) = world.salesforce.send(request)
    assert (probed.outcome, again.outcome) == (Outcome.APPLIED, Outcome.APPLIED)
    assert probed.ref == again.ref
    assert len(world.vendor.state()["Contact"]) == 1


def test_c6_several_records_under_one_external_id_are_left_to_a_person(clock: FakeClock) -> None:
    world = make_world(clock, external_id=False)
    world.vendor.seed("field:Account", {"name": FIELD, "externalId": True})  # somebody made it without unique values
    twins = [world.seed("Account", Name=name, **{FIELD: "op-1"}) for name in ("A", "B")]
    (alone,) = world.write(create("Account", {"Name": "C"}), rows=["op-1"])
    assert (alone.outcome, alone.status) == (Outcome.KEY_MISMATCH, 300)
    assert all(twin in alone.message for twin in twins)
    first, second = world.write(create("Account", {}), create("Account", {}, number=2), rows=["op-1", "op-2"])
    assert (first.outcome, second.outcome) == (Outcome.KEY_MISMATCH, Outcome.APPLIED)
    assert all(twin in first.message for twin in twins)
    assert {one["Name"] for one in world.vendor.state()["Account"].values()} == {"A", "B", "Acme"}


def test_c7_a_duplicate_rule_is_shown_with_its_candidates_and_never_overruled(world: World) -> None:
    held = world.seed("Account", Name="Acme")
    world.vendor.seed("duplicate_rule:Account", {"match": ["Name"]})
    (receipt,) = world.write(create("Account", {"Name": "ACME"}))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "DUPLICATES_DETECTED")
    assert held in receipt.message
    request = world.request(create("Account", {"Name": "ACME"}))
    assert not any("duplicate-rule" in name.lower() for name, _ in request.headers)
    assert len(world.vendor.state()["Account"]) == 1


# --- merges and deletions ---------------------------------------------------------------------------------------------


def test_c10_a_merged_account_is_gone_and_its_winner_read_again(world: World, clock: FakeClock) -> None:
    winner, loser, deleted = (world.seed("Account", Name=name, CreatedDate=LONG_AGO) for name in ("A", "B", "C"))
    windows = world.pull("Account")[-1].windows
    clock.advance(3_600)
    world.vendor.merge("Account", winner, loser)
    world.vendor.delete("Account", deleted)
    clock.advance(120)
    pages = world.pull("Account", windows)
    assert {ref.id for page in pages for ref in page.deleted} == {loser, deleted}
    assert [ref for page in pages for ref in page.dirty] == [Ref("salesforce", "Account", winner)]
    assert set(ids(pages)) == {winner}


def test_c11_an_update_of_what_was_deleted_is_refused_and_makes_nothing_anew(world: World) -> None:
    account = world.seed("Account")
    world.vendor.delete("Account", account)
    (receipt,) = world.write(update("Account", account, put("Phone", "1")))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "ENTITY_IS_DELETED")
    assert "not made anew" in receipt.fix
    assert [one["IsDeleted"] for one in world.vendor.state()["Account"].values()] == [True]


def test_c15_a_log_of_deletions_that_begins_after_our_cursor_means_a_full_pull_that_says_why(
    world: World, clock: FakeClock
) -> None:
    seeded = [world.seed("Account", Name=str(number), CreatedDate=LONG_AGO) for number in range(3)]
    windows = world.pull("Account")[-1].windows
    clock.advance(48 * 3600)
    world.vendor.purge("Account", seeded[0])
    world.vendor.replication.since = clock.now()
    clock.advance(3_600)
    pages = world.pull("Account", windows)
    assert (ids(pages), pages[-1].complete) == (seeded[1:], True)
    assert pages[0] == Page(anew="what was deleted since 2026-11-20 is not all listed any more")


# --- custom fields ----------------------------------------------------------------------------------------------------


def test_c16_a_custom_field_carries_its_value_both_ways(world: World) -> None:
    world.vendor.seed("field:Opportunity", {"name": "Project_ID__c", "label": "Project ID", "length": 40})
    deal = world.seed("Opportunity", Project_ID__c="P-77")
    (field,) = world.schema("Opportunity").labelled("Project ID")
    assert (field.path, field.custom, field.writable) == ("Project_ID__c", True, "always")
    assert world.read("Opportunity", deal)["Project_ID__c"] == "P-77"
    assert world.write(update("Opportunity", deal, put("Project_ID__c", "P-78")))[0].outcome is Outcome.APPLIED
    assert world.read("Opportunity", deal)["Project_ID__c"] == "P-78"


def problems(world: World, text: str) -> list[str]:
    """What a check of this mapping says about the live schemas."""
    schemas = {(one.system, one.kind): one for one in world.salesforce.describe()}
    mapping = load_mapping("mappings/names.yaml", text.encode(), {})
    return [str(one) for one in check_mapping(mapping, schemas, (mapping,))]


MAPPING = """
mapping: names
left: salesforce.Opportunity
right: salesforce.Account
match:
  - {left: Name, right: Name}
fields:
  - {left: NextStep, right: AccountNumber, owner: left}
"""


def test_c17_a_hidden_field_fails_the_check_and_is_never_read_as_blank(world: World) -> None:
    assert not [one for one in problems(world, MAPPING) if "NextStep" in one]
    world.vendor.hide("Opportunity", "NextStep")
    (found,) = [one for one in problems(world, MAPPING) if "NextStep" in one]
    assert "salesforce.Opportunity has no field `NextStep`" in found
    deal = world.seed("Opportunity", NextStep="call")
    assert "NextStep" not in world.read("Opportunity", deal)
    assert all("NextStep" not in decode_json(one.raw) for one in records(world.pull("Opportunity")))


def test_c18_a_field_that_may_not_be_updated_is_refused_before_any_write(world: World) -> None:
    text = MAPPING.replace("AccountNumber, owner: left", "Name, owner: right").replace("NextStep", "IsWon")
    assert [one for one in problems(world, text) if "IsWon cannot be written" in one]


def test_c19_600_custom_fields_are_all_read_without_a_414(world: World) -> None:
    values = {f"Custom_Field_Number_{number}__c": str(number) for number in range(600)}
    for name in values:
        world.vendor.seed("field:Opportunity", {"name": name})
    world.seed("Opportunity", **values)
    (record,) = records(world.pull("Opportunity"))
    raw = decode_json(record.raw)
    assert {name: raw[name] for name in values} == values
    assert [one for one in world.sandbox.log if one["status"] == 414] == []


# --- picklists --------------------------------------------------------------------------------------------------------


def test_c23_an_inactive_value_is_read_and_not_written(world: World) -> None:
    options = ["Gold", ["Bronze", False]]
    world.vendor.seed("field:Account", {"name": "Tier__c", "type": "picklist", "options": options, "restricted": True})
    account = world.vendor.seed("Account", {"Name": "Acme", "Tier__c": "Bronze"})["Id"]
    field = world.schema("Account").fields["Tier__c"]
    assert decode(field.codec, world.read("Account", account)["Tier__c"]) == "Bronze"
    assert (field.options, field.open_options) == ((("Gold", "Gold"),), False)


def test_c24_a_stage_that_does_not_exist_is_refused_by_us_because_the_vendor_would_take_it(world: World) -> None:
    from syncctl.mapping.resolve import no_option

    deal = world.seed("Opportunity")
    assert world.write(update("Opportunity", deal, put("StageName", "Closed Wonn")))[0].outcome is Outcome.APPLIED
    refusal = no_option(world.schema("Opportunity").fields["StageName"], "Closed Wonn")
    assert refusal is not None
    assert "is no option" in refusal[0]


# --- currency, numbers, days ------------------------------------------------------------------------------------------


def test_c26_an_amount_is_compared_in_its_own_currency(clock: FakeClock) -> None:
    world = make_world(clock, currencies=("USD", "EUR"), options={"currency": ""})
    deals = [world.seed("Opportunity", Amount="1000", CurrencyIsoCode=code) for code in ("USD", "EUR")]
    field = world.schema("Opportunity").fields["Amount"]
    held = [world.read("Opportunity", deal) for deal in deals]
    dollars, euros = (decode(field.codec, raw["Amount"], raw[field.currency]) for raw in held)
    assert dollars == Money(Decimal(1000), "USD")
    assert dollars != euros


def test_c27_a_currency_that_is_not_enabled_fails_its_row_only(clock: FakeClock) -> None:
    world = make_world(clock, currencies=("USD", "EUR"))
    receipts = world.write(
        create("Opportunity", {"CurrencyIsoCode": "ZAR"}, number=1),
        create("Opportunity", {"CurrencyIsoCode": "EUR"}, number=2),
    )
    assert [(one.outcome, one.code) for one in receipts] == [
        (Outcome.REJECTED, "INVALID_CURRENCY_ISO"),
        (Outcome.APPLIED, ""),
    ]


def test_c29_yen_and_dinars_keep_their_decimals(clock: FakeClock) -> None:
    world = make_world(clock, currencies=("USD", "JPY", "KWD"))
    field = world.schema("Opportunity").fields["Amount"]
    for amount, code in ((Decimal(500), "JPY"), (Decimal("1.234"), "KWD")):
        meant = Money(amount, code)
        values = {"Amount": encode(field.codec, meant), "CurrencyIsoCode": code}
        (receipt,) = world.write(create("Opportunity", values), rows=[code])
        assert receipt.ref is not None
        raw = world.read("Opportunity", receipt.ref.id)
        assert decode(field.codec, raw["Amount"], raw["CurrencyIsoCode"]) == meant


def test_c31_a_close_date_stays_the_same_day_both_ways(world: World) -> None:
    field = world.schema("Opportunity").fields["CloseDate"]
    day = date(2026, 12, 31)
    deal = world.seed("Opportunity", CloseDate="2026-01-01")
    world.write(update("Opportunity", deal, put("CloseDate", encode(field.codec, day))))
    raw = world.read("Opportunity", deal)
    assert raw["CloseDate"] == "2026-12-31"
    assert decode(field.codec, raw["CloseDate"]) == day


def test_c33_a_cleared_field_is_sent_as_null_and_an_unmapped_one_is_left(world: World) -> None:
    deal = world.seed("Opportunity", NextStep="call", Description="old")
    request = world.request(update("Opportunity", deal, put("NextStep", None, before="call")))
    assert json.loads(request.body) == {"NextStep": None}
    world.salesforce.send(request)
    raw = world.read("Opportunity", deal)
    assert (raw["NextStep"], raw["Description"]) == (None, "old")


# --- people -----------------------------------------------------------------------------------------------------------


def test_c34_a_deactivated_owner_fails_its_row_and_the_batch_goes_on(world: World) -> None:
    left = world.seed("User", Username="left@example.com", LastName="Left", IsActive=False)
    receipts = world.write(create("Account", {"OwnerId": left}, number=1), create("Account", {}, number=2))
    assert [one.outcome for one in receipts] == [Outcome.REJECTED, Outcome.APPLIED]
    assert receipts[0].code == "INACTIVE_OWNER_OR_USER"
    assert "fallback" in receipts[0].fix


def test_c35_a_permission_that_is_missing_is_seen_before_any_write(world: World) -> None:
    about = world.vendor.org.objects["Opportunity"]
    about.createable = about.updateable = False
    schema = world.schema("Opportunity")
    assert schema.actions == frozenset()
    assert "this user may not create Opportunity records" in schema.note
    assert len(world.pull("Opportunity")) == 1  # a dry run still works


def test_c37_a_sandbox_org_says_that_it_is_none_of_the_live_ones(clock: FakeClock) -> None:
    live = make_world(clock, sandbox=False, org_id="00D5e0000008abcEAA").salesforce.company()
    test = make_world(clock).salesforce.company()
    assert (live.live, test.live) == (True, False)
    assert live.id != test.id


# --- races and loops --------------------------------------------------------------------------------------------------


def test_c43_an_edit_between_our_read_and_our_write_is_not_overwritten(world: World, clock: FakeClock) -> None:
    deal = world.seed("Opportunity", NextStep="call")
    (seen,) = world.salesforce.find("Opportunity", "Id", [deal])
    clock.advance(1)
    world.vendor.edit("Opportunity", deal, {"NextStep": "a person's words"})
    request = world.request(update("Opportunity", deal, put("NextStep", "ours", before="call")), current=[seen])
    (receipt,) = world.salesforce.send(request)
    assert receipt.outcome is Outcome.CONFLICT
    assert world.read("Opportunity", deal)["NextStep"] == "a person's words"


def test_c50_a_stamp_moved_by_an_unmapped_field_changes_no_mapped_value(world: World, clock: FakeClock) -> None:
    deal = world.seed("Opportunity", Amount="5")
    pages = world.pull("Opportunity")
    (before,) = records(pages)
    clock.advance(60)
    world.vendor.edit("Opportunity", deal, {"NextStep": "call"})
    clock.advance(60)
    (after,) = records(world.pull("Opportunity", pages[-1].windows))
    assert after.updated_at > before.updated_at
    both = [decode_json(one.raw) for one in (before, after)]
    assert [both[0][name] for name in ("Name", "Amount", "StageName")] == [
        both[1][name] for name in ("Name", "Amount", "StageName")
    ]


# --- volume and limits ------------------------------------------------------------------------------------------------


def test_c51_12001_contacts_that_share_one_stamp_are_read_once(world: World) -> None:
    moment = "2026-11-19T12:00:00Z"
    seeded = [world.seed("Contact", LastName=str(number), CreatedDate=moment) for number in range(12_001)]
    pages = world.pull("Contact", (Window("since", since=moment),))
    assert ids(pages) == seeded
    assert [one for one in world.sandbox.log if one["status"] != 200] == []


def test_c52_the_days_requests_used_up_stop_reads_and_writes_until_later(world: World) -> None:
    world.fault("429", times=2)
    with pytest.raises(LimitReached) as raised:
        world.pull("Opportunity")
    assert (raised.value.wait_seconds, raised.value.exit_code) == (None, 75)
    (receipt,) = world.write(create("Opportunity", {}))
    assert (receipt.outcome, receipt.wait_seconds, receipt.code) == (Outcome.LATER, None, "REQUEST_LIMIT_EXCEEDED")
    assert world.vendor.state()["Opportunity"] == {}


def test_c54_a_page_that_is_shorter_than_asked_is_no_end(clock: FakeClock) -> None:
    world = make_world(clock, page_rows=1_873)
    seeded = [world.seed("Contact", LastName=str(number)) for number in range(2_000)]
    pages = world.pull("Contact")
    assert [len(page.records) for page in pages] == [1_873, 127]
    assert ids(pages) == seeded


@pytest.mark.parametrize("kind", ["create", "update"])
def test_c55_a_batch_of_100_with_3_bad_rows_applies_97(clock: FakeClock, kind: str) -> None:
    world = make_world(clock, options={"update_batch": "200"})
    names = ["x" * 121 if number in (7, 50, 99) else f"deal {number}" for number in range(100)]
    if kind == "create":
        changes = [create("Opportunity", {"Name": name}, number=at) for at, name in enumerate(names)]
    else:
        deals = [world.seed("Opportunity") for _ in names]
        changes = [update("Opportunity", deal, put("Name", name)) for deal, name in zip(deals, names, strict=True)]
    receipts = world.write(*changes, rows=[f"op-{number}" for number in range(100)])
    assert len(world.sent("/composite/sobjects", "PATCH")) == 1
    assert [at for at, one in enumerate(receipts) if one.outcome is Outcome.REJECTED] == [7, 50, 99]
    assert {receipts[at].code for at in (7, 50, 99)} == {"STRING_TOO_LONG"}
    stored = world.vendor.state()["Opportunity"]
    for at, receipt in enumerate(receipts):
        if receipt.outcome is Outcome.APPLIED:
            assert receipt.ref is not None
            assert stored[receipt.ref.id]["Name"] == names[at]
    assert sum(one["Name"].startswith("deal ") for one in stored.values()) == 97


def test_c57_children_of_a_locked_account_come_later_one_by_one_and_then_succeed(world: World) -> None:
    account = world.seed("Account")
    world.vendor.lock(account, times=2)
    changes = [create("Contact", {"LastName": str(number), "AccountId": account}, number=number) for number in range(4)]
    receipts = world.write(*changes)
    assert [one.outcome for one in receipts] == [Outcome.LATER, Outcome.LATER, Outcome.APPLIED, Outcome.APPLIED]
    assert receipts[0].wait_seconds == 5.0
    again = world.write(*changes[:2], rows=["op-1", "op-2"])
    assert [one.outcome for one in again] == [Outcome.APPLIED, Outcome.APPLIED]
    assert len(world.vendor.state()["Contact"]) == 4


def test_c58_a_lost_answer_to_200_rows_is_read_back_before_anything_is_sent_again(clock: FakeClock) -> None:
    world = make_world(clock, options={"update_batch": "200"})
    deals = [world.seed("Opportunity", Name=str(number)) for number in range(200)]
    changes = [update("Opportunity", deal, put("Amount", 5, codec="money")) for deal in deals]
    request = world.request(*changes)
    world.fault("lost", method="PATCH")
    assert {one.outcome for one in world.salesforce.send(request)} == {Outcome.UNKNOWN}
    world.vendor.edit("Opportunity", deals[3], {"Amount": 7})  # a person, after our write
    probed = world.salesforce.probe(request, changes, SINCE)
    assert [at for at, one in enumerate(probed) if one.outcome is not Outcome.APPLIED] == [3]
    assert len(world.sent("/composite/sobjects", "PATCH")) == 1


# --- across records ---------------------------------------------------------------------------------------------------


def test_c60_a_formula_that_changed_through_its_parent_is_seen_when_the_object_is_read_whole(
    world: World, clock: FakeClock
) -> None:
    world.vendor.seed("field:Account", {"name": "Credit__c", "type": "string"})
    world.vendor.seed("field:Opportunity", {"name": "Credit__c", "type": "string", "formula": "AccountId.Credit__c"})
    account = world.seed("Account", Credit__c="good", CreatedDate=LONG_AGO)
    deal = world.seed("Opportunity", AccountId=account, CreatedDate=LONG_AGO)
    pages = world.pull("Opportunity")
    clock.advance(3_600)
    world.vendor.edit("Account", account, {"Credit__c": "bad"})
    clock.advance(3_600)
    missed = world.pull("Opportunity", pages[-1].windows)
    assert ids(missed) == []
    clock.advance(24 * 3600)
    night = world.pull("Opportunity", missed[-1].windows)
    (found,) = records(night)
    assert (found.ref.id, decode_json(found.raw)["Credit__c"]) == (deal, "bad")
    assert found.updated_at == records(pages)[0].updated_at  # nothing but the whole read shows it
    assert night[-1].complete
    assert not world.schema("Opportunity").fields["Credit__c"].writable.startswith("always")


def test_c61_a_row_that_was_committed_late_is_caught_by_the_look_back(world: World, clock: FakeClock) -> None:
    windows = world.pull("Account")[-1].windows
    clock.advance(60)
    late = world.seed("Account", Name="late", CreatedDate="2026-11-20T02:55:00Z")  # stamped before our cursor
    clock.advance(60)
    pages = world.pull("Account", windows)
    assert ids(pages) == [late]


def test_a67_a_token_in_an_error_is_never_kept(clock: FakeClock) -> None:
    world = make_world(clock)
    world.salesforce.company()
    rule = {"message": f"your token is {world.vendor.token}", "when": {"Name": "Acme"}}
    world.vendor.seed("rule:Account", rule)
    for receipt in world.write(create("Account", {}), create("Account", {}, number=2)):
        assert receipt.outcome is Outcome.REJECTED
        assert world.vendor.token not in f"{receipt.message}{receipt.body}"
        assert "[redacted]" in receipt.message


def test_a70_a_user_without_the_api_is_told_once(world: World) -> None:
    found = Explain(5.0)(Answer(403, {}, b'[{"message":"off","errorCode":"API_DISABLED_FOR_ORG"}]', "GET /x"))
    assert (found.outcome, "let an admin enable it" in found.fix) == (Outcome.STOP, True)
