"""Pulling HubSpot: everything once, from any interruption, through a lagging search index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from connectors.hubspot_world import World, make_world, records
from syncctl.connectors.hubspot.addresses import LINKED
from syncctl.errors import AnswerUnreadable, LimitReached, VendorUnavailable
from syncctl.fields.jsontext import decode_json
from syncctl.model import Page, Ref, Window
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot.limits import DAILY

LONG_AGO = "2026-10-01T00:00:00.000Z"


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def seed_contacts(world: World, count: int, **words: Any) -> list[str]:
    return [world.vendor.seed("contact", {"email": f"{n}@example.com", **words})["id"] for n in range(count)]


def ids(pages: Sequence[Page]) -> list[str]:
    return [record.ref.id for record in records(pages)]


def test_a_full_pull_brings_every_record_once_and_ends_complete(world: World) -> None:
    seeded = seed_contacts(world, 230)
    gone = world.vendor.seed("contact", {"email": "old@example.com", "archived": True})["id"]
    pages = world.pull("contact")
    assert ids(pages) == [*seeded, gone]
    assert [page.complete for page in pages] == [False, False, False, True]
    assert pages[-1].windows == (Window("since", since="2026-11-20T03:00:00.000Z"),)


def test_a_record_is_the_vendors_own_object_with_its_associations(world: World) -> None:
    first, second = (world.vendor.seed("company", {"name": name})["id"] for name in ("Acme", "Beta"))
    contact = seed_contacts(world, 1)[0]
    linked = {"companies": [{"id": second, "label": "primary"}, first], "contacts": [contact]}
    deal = world.vendor.seed("deal", {"dealname": "x", "amount": "15000", "associations": linked})["id"]
    (record,) = records(world.pull("deal"))
    raw = decode_json(record.raw)
    assert record.ref == Ref("hubspot", "deal", deal)
    assert record.updated_at == "2026-11-20T03:00:00.000Z"
    assert raw["properties"]["amount"] == "15000"
    assert raw["properties"]["closedate"] is None
    assert raw["associations"] == {
        "companies": [{"id": second, "label": "primary"}, {"id": first}],
        "contacts": [{"id": contact}],
        "line_items": [],
    }


def test_the_vendors_bytes_are_kept_exactly(clock: FakeClock) -> None:
    seen: list[bytes] = []

    class Listening(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "GET" and request.url.path.endswith("/objects/2026-09/products"):
                seen.append(answer.content)
            return answer

    world = make_world(clock, transport=Listening)
    world.vendor.seed("product", {"name": "Café 1/2", "price": "0.10"})
    (record,) = records(world.pull("product"))
    assert record.raw[: -len(b',"associations":{}}')] + b"}" in seen[0]


@pytest.mark.parametrize("stop", range(5))
def test_a_full_pull_killed_after_any_page_goes_on_to_the_exact_set(world: World, stop: int) -> None:
    live = seed_contacts(world, 230)
    archived = seed_contacts(world, 0) + [
        world.vendor.seed("contact", {"email": f"old{n}@example.com", "archived": True})["id"] for n in range(110)
    ]
    pages = world.pull("contact")
    assert len(pages) == 5
    kept = pages[: stop + 1]
    rest = world.pull("contact", kept[-1].windows) if not kept[-1].complete else []
    assert ids([*kept, *rest]) == [*live, *archived]
    assert [*kept, *rest][-1].complete


def test_records_that_come_and_go_while_paging_shift_nothing(world: World) -> None:
    seeded = seed_contacts(world, 250)
    stream = world.hubspot.pull("contact", None)
    pages = [next(stream)]
    for identity in seeded[:50]:
        world.vendor.account.archive(world.vendor.account.objects["contact"][identity])
    late = world.vendor.seed("contact", {"email": "late@example.com"})["id"]
    pages += list(stream)
    assert set(ids(pages)) == {*seeded, late}
    assert sorted(identity for identity in seeded[50:] if ids(pages).count(identity) != 1) == []


def test_associations_are_read_for_many_pages_of_the_list_at_once(clock: FakeClock) -> None:
    world = make_world(clock, options={"association_batch": "300"})
    seeded = seed_contacts(world, 430)
    pages = world.pull("contact")
    assert [len(page.records) for page in pages] == [300, 130, 0]
    assert ids(pages) == seeded
    assert len(world.sent("/associations/")) == 2 * len(LINKED["contact"])


def test_a_long_list_of_properties_goes_through_batch_reads(clock: FakeClock) -> None:
    world = make_world(clock, options={"url_limit": "500"})
    seeded = seed_contacts(world, 120)
    archived = world.vendor.seed("contact", {"email": "old@example.com", "archived": True})["id"]
    pages = world.pull("contact")
    assert ids(pages) == [*seeded, archived]
    assert decode_json(records(pages)[-1].raw)["properties"]["email"] == "old@example.com"
    assert len(world.sent("/batch/read")) == 3 + 4
    assert all("properties" not in entry["query"] for entry in world.sent("/objects/2026-09/contacts"))


def test_an_incremental_pull_brings_what_changed_and_what_was_archived(world: World, clock: FakeClock) -> None:
    seeded = seed_contacts(world, 5, createdAt=LONG_AGO)
    windows = world.pull("contact")[-1].windows
    clock.advance(24 * 3600)
    world.vendor.edit("contact", seeded[1], {"phone": "1"})
    world.vendor.account.archive(world.vendor.account.objects["contact"][seeded[3]])
    new = world.vendor.seed("contact", {"email": "new@example.com"})["id"]
    clock.advance(60)
    pages = world.pull("contact", windows)
    assert ids(pages) == [seeded[1], new, seeded[3]]
    assert decode_json(records(pages)[-1].raw)["archived"] is True
    assert not any(page.complete for page in pages)
    assert pages[-1].windows == (Window("since", since="2026-11-21T03:01:00.000Z"),)
    clock.advance(24 * 3600)
    overlap = world.pull("contact", pages[-1].windows)
    assert ids(overlap) == [seeded[1], new, seeded[3]]  # the last hour is read again: the index may have been late
    clock.advance(24 * 3600)
    assert ids(world.pull("contact", overlap[-1].windows)) == []


def test_a_change_that_the_index_learns_of_late_is_read_by_the_next_pull(clock: FakeClock) -> None:
    world = make_world(clock, search_lag_seconds=600)
    deal = world.vendor.seed("deal", {"dealname": "x", "createdAt": LONG_AGO})["id"]
    windows = world.pull("deal")[-1].windows
    clock.advance(7_200)
    world.vendor.edit("deal", deal, {"amount": "5"})
    clock.advance(60)
    missed = world.pull("deal", windows)
    assert ids(missed) == []
    clock.advance(1_200)
    assert ids(world.pull("deal", missed[-1].windows)) == [deal]


def test_the_upper_bound_is_frozen_so_a_busy_account_ends(world: World, clock: FakeClock) -> None:
    seeded = seed_contacts(world, 410)
    stream = world.hubspot.pull("contact", (Window("since", since=LONG_AGO),))
    pages = []
    for page in stream:
        pages.append(page)
        clock.advance(60)
        world.vendor.edit("contact", seeded[0], {"phone": str(len(pages))})
        world.vendor.seed("contact", {"email": f"busy{len(pages)}@example.com"})
    assert ids(pages) == seeded
    until = pages[0].windows[0].until
    assert pages[-1].windows == (Window("since", since=until),)


@pytest.mark.parametrize("stop", range(5))
def test_an_incremental_pull_killed_after_any_page_goes_on_to_the_exact_set(
    world: World, clock: FakeClock, stop: int
) -> None:
    live = seed_contacts(world, 410)
    archived = [
        world.vendor.seed("contact", {"email": f"old{n}@example.com", "archived": True})["id"] for n in range(110)
    ]
    pages = world.pull("contact", (Window("since", since=LONG_AGO),))
    assert len(pages) == 5
    clock.advance(3_600)
    kept = pages[: stop + 1]
    rest = world.pull("contact", kept[-1].windows) if stop < 4 else []
    assert ids([*kept, *rest]) == [*live, *archived]


def test_merged_away_records_are_reported_deleted(world: World, clock: FakeClock) -> None:
    ada, bob = seed_contacts(world, 2)
    windows = world.pull("contact")[-1].windows
    winner = world.vendor.merge("contact", ada, bob)["id"]
    clock.advance(60)
    pages = world.pull("contact", windows)
    assert ids(pages) == [winner]
    assert set(pages[0].deleted) == {Ref("hubspot", "contact", ada), Ref("hubspot", "contact", bob)}
    assert set(pages[0].merged) == {(loser, Ref("hubspot", "contact", winner)) for loser in pages[0].deleted}
    assert [record.ref.id for record in world.hubspot.find("contact", "id", [ada, bob, winner])] == [winner]


class Spoiling(SandboxTransport):
    """Spoils one row of the list of deals."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if not request.url.path.endswith("/objects/2026-09/deals"):
            return answer
        body = json.loads(answer.content)
        for row in body["results"]:
            if row["properties"]["dealname"] == "bad":
                row["properties"] = ["no", "object"]
        return httpx.Response(200, json=body, request=request)


def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(clock: FakeClock) -> None:
    world = make_world(clock, transport=Spoiling)
    good, bad, last = (world.vendor.seed("deal", {"dealname": name})["id"] for name in ("good", "bad", "last"))
    pages = world.pull("deal")
    assert ids(pages) == [good, last]
    (poison,) = pages[0].poison
    assert (poison.kind, poison.id) == ("deal", bad)
    assert "cannot be read" in poison.reason
    assert b'["no","object"]' in poison.raw
    assert pages[-1].complete


def test_owners_and_pipelines_are_read_whole(world: World) -> None:
    world.vendor.seed("owner", {"id": "70000009", "email": "left@example.com", "archived": True})
    (page,) = world.pull("owner")
    assert [record.ref.id for record in page.records] == ["70000001", "70000009"]
    assert page.complete
    (pipelines,) = world.pull("pipeline")
    raw = decode_json(pipelines.records[0].raw)
    assert [stage["id"] for stage in raw["stages"]][-2:] == ["closedwon", "closedlost"]
    assert world.pull("pipeline", pipelines.windows)[0].records == pipelines.records


def test_a_company_with_more_contacts_than_a_page_of_associations_has_them_all(world: World) -> None:
    contacts = seed_contacts(world, 620)
    world.vendor.seed("company", {"name": "Acme", "associations": {"contacts": contacts}})
    (raw,) = world.raws("company").values()
    assert [one["id"] for one in raw["associations"]["contacts"]] == contacts


def test_a_limit_waits_what_its_policy_says_and_reads_on(world: World, clock: FakeClock) -> None:
    seeded = seed_contacts(world, 3)
    world.fault("429", path="/objects/")
    assert ids(world.pull("contact")) == seeded
    assert 10.0 <= clock.slept < 10.5


def test_the_search_limit_waits_a_second(clock: FakeClock) -> None:
    world = make_world(clock, options={"searches_per_second": "1000"}, search_lag_seconds=0)
    world.vendor.meter.allowance = None
    world.vendor.limit_policy = "SECONDLY"
    world.fault("429", path="/search", times=2)
    assert world.pull("deal", (Window("since", since=LONG_AGO),))
    assert 2.0 <= clock.slept < 2.5


def test_our_own_pace_stays_under_the_vendors_limits(clock: FakeClock) -> None:
    from syncctl.sandbox.hubspot.limits import Allowance

    options = {"requests_per_10_seconds": "100", "searches_per_second": "4"}
    world = make_world(clock, options=options, allowance=Allowance(110, 10_000, 5))
    seed_contacts(world, 1_900)
    assert len(ids(world.pull("contact", (Window("since", since=LONG_AGO),)))) == 1_900
    assert [entry for entry in world.sandbox.log if entry["status"] == 429] == []


@pytest.mark.parametrize("fault", ["500 before", "truncated", "lost"])
def test_a_read_that_fails_is_tried_again(world: World, fault: str) -> None:
    seeded = seed_contacts(world, 3)
    world.fault(fault, path="/objects/", times=2)
    assert ids(world.pull("contact")) == seeded


def test_a_read_that_keeps_failing_says_so(world: World) -> None:
    seed_contacts(world, 1)
    world.fault("500 before", path="/objects/", times=9)
    with pytest.raises(VendorUnavailable, match="internal error"):
        world.pull("contact")


def test_an_answer_of_another_shape_is_refused(clock: FakeClock) -> None:
    class Odd(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/owners/2026-09"):
                return httpx.Response(200, json={"owners": []}, request=request)
            return super().handle_request(request)

    with pytest.raises(AnswerUnreadable, match="no list of rows"):
        make_world(clock, transport=Odd).pull("owner")


def test_errors_inside_a_successful_read_are_not_swallowed(clock: FakeClock) -> None:
    class Refusing(SandboxTransport):
        def __init__(self, sandbox: Sandbox) -> None:
            super().__init__(sandbox)

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if "/associations/" in request.url.path:
                error = {"status": "error", "category": "INTERNAL", "message": "shard is away"}
                return httpx.Response(207, json={"results": [], "errors": [error]}, request=request)
            return super().handle_request(request)

    world = make_world(clock, transport=Refusing)
    seed_contacts(world, 1)
    with pytest.raises(Exception, match="shard is away"):
        world.pull("contact")


def test_the_daily_limit_stops_with_a_resume_point(world: World) -> None:
    seeded = seed_contacts(world, 230)
    stream = world.hubspot.pull("contact", None)
    kept = [next(stream)]
    world.vendor.limit_policy = DAILY
    world.fault("429", path="/objects/")
    with pytest.raises(LimitReached, match="daily limit") as raised:
        next(stream)
    assert raised.value.wait_seconds is None
    assert raised.value.exit_code == 75
    assert ids([*kept, *world.pull("contact", kept[-1].windows)]) == seeded
