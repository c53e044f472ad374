"""Pulling Salesforce: everything once, from any interruption, whatever the vendor leaves unsaid."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from connectors.salesforce_world import World, ids, make_world, records
from syncctl.errors import AnswerUnreadable, LimitReached, RequestRefused, VendorUnavailable
from syncctl.fields.jsontext import decode_json
from syncctl.model import Ref, Window
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.clock import FakeClock

LONG_AGO = "2026-11-10T00:00:00.000Z"


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def seed_accounts(world: World, count: int, **words: Any) -> list[str]:
    return [world.seed("Account", Name=f"Account {number}", **words) for number in range(count)]


def test_a_full_pull_brings_every_live_record_once_and_ends_complete(clock: FakeClock) -> None:
    world = make_world(clock, page_rows=100)
    seeded = seed_accounts(world, 230)
    world.vendor.delete("Account", world.seed("Account", Name="gone"))
    pages = world.pull("Account")
    assert ids(pages) == seeded
    assert [page.complete for page in pages] == [False, False, True]
    assert pages[-1].windows[0] == Window("since", since="2026-11-20T03:00:00.000Z")


def test_a_record_is_the_vendors_own_object_with_every_field_that_is_no_compound(world: World) -> None:
    account = world.seed("Account", Name="Acme", AnnualRevenue="1500", BillingCity="Oslo")
    (record,) = records(world.pull("Account"))
    raw = decode_json(record.raw)
    assert record.ref == Ref("salesforce", "Account", account)
    assert record.updated_at == "2026-11-20T03:00:00.000Z"
    assert raw["attributes"]["type"] == "Account"
    assert (raw["Name"], raw["BillingCity"], str(raw["AnnualRevenue"])) == ("Acme", "Oslo", "1500.0")
    assert "BillingAddress" not in raw


def test_an_object_of_which_nothing_is_there_is_read_complete(world: World) -> None:
    (page,) = world.pull("Product2")
    assert (page.records, page.complete) == ((), True)


@pytest.mark.parametrize("stop", range(4))
def test_a_full_pull_killed_after_any_page_goes_on_to_the_exact_set(clock: FakeClock, stop: int) -> None:
    world = make_world(clock, page_rows=60)
    seeded = seed_accounts(world, 230)
    pages = world.pull("Account")
    kept = pages[: stop + 1]
    rest = world.pull("Account", kept[-1].windows) if not kept[-1].complete else []
    assert ids([*kept, *rest]) == seeded
    assert [*kept, *rest][-1].complete


def test_records_that_come_and_go_while_paging_shift_nothing(clock: FakeClock) -> None:
    world = make_world(clock, page_rows=50)
    seeded = seed_accounts(world, 120)
    stream = world.salesforce.pull("Account", None)
    pages = [next(stream)]
    for identity in seeded[:30]:
        world.vendor.delete("Account", identity)
    pages += list(stream)
    assert [one for one in seeded[30:] if ids(pages).count(one) != 1] == []


def test_a_cursor_that_the_vendor_forgot_goes_on_behind_the_last_row(clock: FakeClock) -> None:
    world = make_world(clock, page_rows=50)
    seeded = seed_accounts(world, 120)
    stream = world.salesforce.pull("Account", None)
    pages = [next(stream)]
    world.vendor.cursors.forget()
    pages += list(stream)
    assert ids(pages) == seeded
    assert [one["status"] for one in world.sandbox.log].count(400) == 1


def test_an_address_that_would_be_too_long_is_read_by_id_instead(clock: FakeClock) -> None:
    world = make_world(clock, options={"url_limit": "600", "retrieve_rows": "40"})
    for number in range(300):
        world.vendor.seed("field:Account", {"name": f"A_Rather_Long_Custom_Field_{number}__c"})
    seeded = seed_accounts(world, 100, A_Rather_Long_Custom_Field_299__c="x")
    pages = world.pull("Account")
    assert ids(pages) == seeded
    assert {decode_json(one.raw)["A_Rather_Long_Custom_Field_299__c"] for one in records(pages)} == {"x"}
    assert len(world.sent("/composite/sobjects/Account", "POST")) == 3
    assert [one for one in world.sandbox.log if one["status"] == 414] == []


# --- since ------------------------------------------------------------------------------------------------------------


def test_an_incremental_pull_brings_what_changed_and_what_was_deleted(world: World, clock: FakeClock) -> None:
    seeded = seed_accounts(world, 5, CreatedDate=LONG_AGO)
    windows = world.pull("Account")[-1].windows
    clock.advance(24 * 3600)
    world.vendor.edit("Account", seeded[1], {"Phone": "1"})
    world.vendor.delete("Account", seeded[3])
    new = world.seed("Account", Name="new")
    clock.advance(120)
    pages = world.pull("Account", windows)
    assert ids(pages) == [seeded[1], new]
    assert {ref.id for page in pages for ref in page.deleted} == {seeded[3]}
    assert not any(page.complete for page in pages)
    assert pages[-1].windows[0] == Window("since", since="2026-11-21T03:02:00.000Z")
    clock.advance(24 * 3600)
    again = world.pull("Account", pages[-1].windows)
    assert ids(again) == [seeded[1], new]  # the look-back: a row may be committed late
    clock.advance(24 * 3600)
    quiet = world.pull("Account", again[-1].windows)
    assert (ids(quiet), [page.deleted for page in quiet if page.deleted]) == ([], [])


def test_what_left_the_recycle_bin_is_still_told_as_deleted(world: World, clock: FakeClock) -> None:
    account, other = seed_accounts(world, 2, CreatedDate=LONG_AGO)
    windows = world.pull("Account")[-1].windows
    clock.advance(3_600)
    world.vendor.delete("Account", account)
    world.vendor.purge("Account", account)
    clock.advance(120)
    pages = world.pull("Account", windows)
    assert [ref.id for page in pages for ref in page.deleted] == [account]
    assert other not in ids(pages)


def test_what_was_deleted_and_restored_is_no_deletion(world: World, clock: FakeClock) -> None:
    (account,) = seed_accounts(world, 1, CreatedDate=LONG_AGO)
    windows = world.pull("Account")[-1].windows
    clock.advance(3_600)
    world.vendor.delete("Account", account)
    world.vendor.undelete("Account", account)
    clock.advance(120)
    pages = world.pull("Account", windows)
    assert set(ids(pages)) == {account}
    assert [ref for page in pages for ref in page.deleted] == []


@pytest.mark.parametrize("stop", range(4))
def test_an_incremental_pull_killed_after_any_page_goes_on_to_the_exact_set(clock: FakeClock, stop: int) -> None:
    world = make_world(clock, page_rows=80)
    seeded = seed_accounts(world, 170)
    gone = world.seed("Account", Name="gone", CreatedDate=LONG_AGO)
    world.vendor.delete("Account", gone)
    start = (Window("since", since=LONG_AGO),)
    pages = world.pull("Account", start)
    assert len(pages) == 4
    kept = pages[: stop + 1]
    clock.advance(3_600)
    rest = world.pull("Account", kept[-1].windows) if stop < 3 else []
    assert ids([*kept, *rest]) == seeded
    assert {ref.id for page in [*kept, *rest] for ref in page.deleted} == {gone}


def test_the_upper_bound_is_frozen_so_a_busy_org_ends(clock: FakeClock) -> None:
    world = make_world(clock, page_rows=100)
    seeded = seed_accounts(world, 210)
    pages = []
    for page in world.salesforce.pull("Account", (Window("since", since=LONG_AGO),)):
        pages.append(page)
        clock.advance(60)
        world.vendor.edit("Account", seeded[0], {"Phone": str(len(pages))})
    assert set(ids(pages)) == set(seeded)
    assert pages[-1].windows[0] == Window("since", since="2026-11-20T03:00:00.000Z")


def test_a_list_of_deletions_that_is_too_long_is_asked_for_in_halves(world: World, clock: FakeClock) -> None:
    world.vendor.replication.ids_max = 3
    seeded = seed_accounts(world, 8, CreatedDate=LONG_AGO)
    windows = world.pull("Account")[-1].windows
    for identity in seeded:
        clock.advance(3_600)
        world.vendor.delete("Account", identity)
        world.vendor.purge("Account", identity)
    clock.advance(120)
    pages = world.pull("Account", windows)
    assert {ref.id for page in pages for ref in page.deleted} == set(seeded)
    assert len(world.sent("/deleted")) > 3


def test_the_cursor_follows_how_far_the_vendors_list_of_deletions_reaches(world: World, clock: FakeClock) -> None:
    from datetime import timedelta

    windows = world.pull("Account")[-1].windows
    clock.advance(3_600)
    world.vendor.replication.lag = timedelta(minutes=10)
    pages = world.pull("Account", windows)
    assert pages[-1].windows[0].since == "2026-11-20T03:50:00.000Z"


def test_a_cursor_older_than_the_list_of_deletions_means_a_full_pull(world: World, clock: FakeClock) -> None:
    seeded = seed_accounts(world, 3)
    windows = world.pull("Account")[-1].windows
    clock.advance(16 * 24 * 3600)
    pages = world.pull("Account", windows)
    assert ids(pages) == seeded
    assert pages[-1].complete


def test_an_object_without_a_stamp_is_always_read_whole(world: World, clock: FakeClock) -> None:
    world.vendor.seed("object", {"name": "Setting__c", "prefix": "a01"})
    del world.vendor.org.objects["Setting__c"].fields["SystemModstamp"]
    del world.vendor.org.objects["Setting__c"].fields["LastModifiedDate"]
    one = world.seed("Setting__c", Name="x")
    windows = world.pull("Setting__c")[-1].windows
    clock.advance(60)
    pages = world.pull("Setting__c", windows)
    assert (ids(pages), pages[-1].complete) == ([one], True)


# --- bulk -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def bulk(clock: FakeClock) -> World:
    return make_world(clock, options={"bulk_threshold": "50", "bulk_rows": "40"})


def test_a_large_object_is_read_in_bulk(bulk: World) -> None:
    seeded = seed_accounts(bulk, 110)
    pages = bulk.pull("Account")
    assert ids(pages) == seeded
    assert [page.complete for page in pages] == [False, False, True]
    assert len(bulk.sent("/jobs/query", "POST")) == 1
    assert pages[-1].windows[0].name == "since"


def test_a_record_read_in_bulk_is_the_same_record(clock: FakeClock) -> None:
    worlds = [make_world(clock, options={"bulk_threshold": text}) for text in ("0", "1000")]
    for world in worlds:
        world.seed("Opportunity", Name='6" pipe, "Ø"\nsecond line', Amount="1234.50", Probability=20, Description="")
    (in_bulk,), (paged,) = (records(world.pull("Opportunity")) for world in worlds)
    assert in_bulk.lasting == paged.lasting
    assert in_bulk.updated_at == paged.updated_at
    assert decode_json(in_bulk.raw)["Amount"] == decode_json(paged.raw)["Amount"]
    assert decode_json(in_bulk.raw)["Name"] == decode_json(paged.raw)["Name"]


@pytest.mark.parametrize("stop", range(3))
def test_a_bulk_pull_killed_after_any_part_goes_on_with_the_same_job(bulk: World, stop: int) -> None:
    seeded = seed_accounts(bulk, 110)
    pages = bulk.pull("Account")
    kept = pages[: stop + 1]
    rest = bulk.pull("Account", kept[-1].windows) if stop < 2 else []
    assert ids([*kept, *rest]) == seeded
    assert len(bulk.sent("/jobs/query", "POST")) == 1


def test_a_bulk_job_that_is_gone_or_fails_is_read_page_by_page(bulk: World) -> None:
    seeded = seed_accounts(bulk, 110)
    stream = bulk.salesforce.pull("Account", None)
    first = next(stream)
    stream.close()
    bulk.vendor.jobs.held.clear()
    assert ids(bulk.pull("Account", first.windows)) == seeded
    bulk.vendor.jobs.fails = "InvalidBatch"
    assert ids(bulk.pull("Account")) == seeded


def test_a_bulk_part_that_was_cut_short_is_no_complete_pull(bulk: World) -> None:
    seed_accounts(bulk, 110)
    bulk.fault("truncated", path="/results", skip=1, times=5)
    stream = bulk.salesforce.pull("Account", None)
    next(stream)
    with pytest.raises(AnswerUnreadable, match="bulk result"):
        next(stream)


def test_a_bulk_part_that_fails_is_asked_for_again(bulk: World) -> None:
    seeded = seed_accounts(bulk, 110)
    bulk.fault("500 before", path="/results", times=2)
    bulk.fault("lost", path="/results")
    bulk.fault("truncated", path="/results", times=2)
    assert ids(bulk.pull("Account")) == seeded


# --- trouble ----------------------------------------------------------------------------------------------------------


class Spoiling(SandboxTransport):
    """Spoils one row of a query."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if not request.url.path.endswith("/query") or b'"bad"' not in answer.content:
            return answer
        body = json.loads(answer.content)
        for row in body["records"]:
            if row.get("Name") == "bad":
                row["SystemModstamp"] = {"no": "stamp"}
        return httpx.Response(200, json=body, request=request)


def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(clock: FakeClock) -> None:
    world = make_world(clock, transport=Spoiling)
    good, bad, last = (world.seed("Account", Name=name) for name in ("good", "bad", "last"))
    pages = world.pull("Account")
    assert ids(pages) == [good, last]
    (poison,) = pages[0].poison
    assert (poison.kind, poison.id) == ("Account", bad)
    assert "cannot be read" in poison.reason
    assert pages[-1].complete


def test_more_rows_without_an_address_are_no_end(clock: FakeClock) -> None:
    class Astray(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if b"nextRecordsUrl" not in answer.content:
                return answer
            body = json.loads(answer.content) | {"nextRecordsUrl": "https://elsewhere.example/services/data/"}
            return httpx.Response(200, json=body, request=request)

    world = make_world(clock, transport=Astray, page_rows=50)
    seed_accounts(world, 60)
    with pytest.raises(AnswerUnreadable, match="more rows and does not say where"):
        world.pull("Account")


@pytest.mark.parametrize("fault", ["500 before", "truncated", "lost"])
def test_a_read_that_fails_is_tried_again(world: World, fault: str) -> None:
    seeded = seed_accounts(world, 3)
    world.fault(fault, path="/query", times=2)
    assert ids(world.pull("Account")) == seeded


def test_a_read_that_keeps_failing_says_so(world: World) -> None:
    world.fault("500 before", path="/query", times=9)
    with pytest.raises(VendorUnavailable, match="unexpected error"):
        world.pull("Account")


def test_an_object_that_the_user_does_not_see_is_named(world: World) -> None:
    world.vendor.org.objects["Product2"].visible = False
    with pytest.raises(RequestRefused, match="salesforce has no Product2") as raised:
        world.pull("Product2")
    assert "not visible to this user" in raised.value.fix


def test_the_days_requests_used_up_stop_with_a_resume_point(clock: FakeClock) -> None:
    world = make_world(clock, page_rows=50)
    seeded = seed_accounts(world, 120)
    stream = world.salesforce.pull("Account", None)
    kept = [next(stream)]
    world.fault("429", path="/query/")
    with pytest.raises(LimitReached, match="TotalRequests Limit exceeded") as raised:
        next(stream)
    assert (raised.value.wait_seconds, raised.value.exit_code) == (None, 75)
    assert ids([*kept, *world.pull("Account", kept[-1].windows)]) == seeded


def test_a_share_of_the_days_requests_is_left_to_others(clock: FakeClock) -> None:
    world = make_world(clock, daily_requests=100, options={"api_reserve_percent": "20"})
    seed_accounts(world, 1)
    while len(world.sandbox.log) < 80:
        world.salesforce.find("Account", "Name", ["nobody"])
    with pytest.raises(LimitReached, match=r"80 of 100 requests .* 20 % are left to others") as raised:
        world.pull("Account")
    assert (raised.value.wait_seconds, raised.value.exit_code) == (None, 75)
    assert len(world.sandbox.log) == 80
