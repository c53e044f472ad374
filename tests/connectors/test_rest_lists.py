"""Every way of paging shows every record, whoever adds and deletes meanwhile; a pull that is cut short goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_lists import BASE, PAGING, Lists, file_for
from rest_world import connector, ids

from syncctl.connectors.rest import Rest
from syncctl.errors import AnswerUnreadable, LimitReached, VendorUnavailable
from syncctl.model import Page, Window
from syncctl.sandbox.base import Fault, Sandbox, json_answer
from syncctl.sandbox.clock import FakeClock

STYLES = tuple(PAGING)


def wired(clock: FakeClock, style: str, count: int = 11) -> tuple[Lists, Rest, Sandbox]:
    vendor = Lists(clock, count)
    vendor.first_page = 0 if style == "page from 0" else 1
    sandbox = Sandbox(vendor)
    return vendor, connector(clock, sandbox, file_for(style), base_url=BASE), sandbox


def pulled(rest: Rest, windows: tuple[Window, ...] | None = None) -> list[Page]:
    return list(rest.pull("thing", windows))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("count", [0, 1, 4, 11, 40])
def test_every_record_comes_once_and_the_last_page_says_complete(clock: FakeClock, style: str, count: int) -> None:
    vendor, rest, _ = wired(clock, style, count)
    pages = pulled(rest)
    assert set(ids(pages)) == {str(number) for number in vendor.things}
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].windows == (Window("since", since="2026-11-20T03:00:00Z"),)


@pytest.mark.parametrize("style", [style for style in STYLES if style != "none"])
@pytest.mark.parametrize("request_number", [2, 3])
def test_a48_a_row_deleted_or_added_while_a_list_is_read_hides_no_other(
    clock: FakeClock, style: str, request_number: int
) -> None:
    for happening in ("delete", "delete many", "add", "delete and add"):
        vendor, rest, _ = wired(clock, style)
        there = set(vendor.things)

        def meanwhile(vendor: Lists = vendor, happening: str = happening) -> None:
            if "add" in happening:
                vendor.add_first() if happening == "add" else vendor.add()
            for number in sorted(vendor.things)[: {"delete many": 3}.get(happening, 1) if "delete" in happening else 0]:
                del vendor.things[number]

        vendor.meanwhile[request_number] = meanwhile
        found = set(map(int, ids(pulled(rest))))
        assert found >= there & set(vendor.things), happening


@given(
    style=st.sampled_from(STYLES),
    happenings=st.lists(
        st.tuples(st.integers(1, 8), st.sampled_from(["add", "first", "delete"]), st.integers(0, 9)), max_size=8
    ),
)
def test_nothing_that_was_there_all_the_time_is_ever_missed(style: str, happenings: list[tuple[int, str, int]]) -> None:
    vendor, rest, _ = wired(FakeClock(), style)
    there = set(vendor.things)
    removed: set[int] = set()

    def happen(what: str, place: int) -> None:
        if what == "delete":
            number = sorted(vendor.things)[place % len(vendor.things)]
            removed.add(number)
            del vendor.things[number]
        else:
            vendor.add() if what == "add" else vendor.add_first()

    for at, what, place in happenings:
        before = vendor.meanwhile.get(at, lambda: None)
        vendor.meanwhile[at] = _both(before, lambda what=what, place=place: happen(what, place))  # type: ignore[misc]
    assert set(map(int, ids(pulled(rest)))) >= there - removed


def _both(one: Callable[[], None], other: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        one()
        other()

    return both


@pytest.mark.parametrize("style", STYLES)
def test_a_pull_that_is_cut_short_goes_on_behind_its_last_page(clock: FakeClock, style: str) -> None:
    vendor, rest, _ = wired(clock, style, 23)
    for cut in range(1, 6):
        stored: list[Page] = []
        for page in rest.pull("thing", None):
            stored.append(page)
            if len(stored) == cut:
                break
        again = pulled(rest, stored[-1].windows) if not stored[-1].complete else []
        assert set(ids([*stored, *again])) == {str(number) for number in vendor.things}
        assert [*stored, *again][-1].complete


@pytest.mark.parametrize("style", STYLES)
def test_the_next_pull_asks_only_for_what_changed_with_some_overlap(clock: FakeClock, style: str) -> None:
    vendor, rest, sandbox = wired(clock, style)
    clock.advance(-3600)
    for raw in vendor.things.values():
        raw["changed"] = clock.now().isoformat()
    clock.advance(3600)
    windows = pulled(rest)[-1].windows
    clock.advance(86_400)
    new = [vendor.add() for _ in range(9)]
    pages = pulled(rest, windows)
    assert set(ids(pages)) == {str(number) for number in new}
    assert not pages[-1].complete
    assert pages[-1].windows[0].since.startswith("2026-11-21T03:00:0")
    assert "2026-11-20T02:50:00.000Z" in {entry["query"].get("since") for entry in sandbox.log}


def test_a_cut_pull_of_changes_goes_on_with_the_same_time(clock: FakeClock) -> None:
    vendor, rest, sandbox = wired(clock, "offset", 0)
    windows = pulled(rest)[-1].windows
    clock.advance(86_400)
    new = [vendor.add() for _ in range(9)]
    first = next(iter(rest.pull("thing", windows)))
    clock.advance(600)
    later = pulled(rest, first.windows)
    assert set(ids([first, *later])) == {str(number) for number in new}
    assert len({entry["query"]["since"] for entry in sandbox.log if "since" in entry["query"]}) == 1
    assert later[-1].windows == (Window("since", since="2026-11-21T03:00:00Z"),)


def test_a_day_given_by_hand_is_a_time_to_begin_from(clock: FakeClock) -> None:
    vendor, rest, _ = wired(clock, "none", 0)
    vendor.add(changed="2026-11-01T00:00:00+00:00")
    new = vendor.add(changed="2026-11-10T00:00:00+00:00")
    assert ids(pulled(rest, (Window("since", since="2026-11-05"),))) == [str(new)]


@pytest.mark.parametrize("style", STYLES)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_come(clock: FakeClock, style: str) -> None:
    vendor, rest, _ = wired(clock, style)
    vendor.things[103]["changed"] = "2026-13-45 yesterday"
    vendor.things[105]["id"] = 105
    pages = pulled(rest)
    poison = {(row.id, row.reason) for page in pages for row in page.poison}
    assert {identity for identity, _ in poison} == {"103"}
    assert all("not a time" in reason for _, reason in poison)
    assert set(ids(pages)) == {str(number) for number in vendor.things if number != 103}


@pytest.mark.parametrize("identity", ["", "..", ".", None, True, [1, 2], {"a": 1}, "a\nb"])
def test_a_row_without_an_id_that_can_be_asked_for_is_set_aside(clock: FakeClock, identity: Any) -> None:
    vendor, rest, _ = wired(clock, "none", 1)
    vendor.things[101]["id"] = identity
    (page,) = pulled(rest)
    assert (len(page.records), len(page.poison)) == (0, 1)


def test_a_system_that_ignores_the_page_is_found_out(clock: FakeClock) -> None:
    vendor, rest, sandbox = wired(clock, "page", 4)
    vendor.first_page = 0
    vendor.handle = lambda _: Lists._list(vendor, {"limit": "4"})  # type: ignore[method-assign]
    with pytest.raises(AnswerUnreadable, match="the same rows on every page"):
        pulled(rest)
    assert len(sandbox.log) < 10


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/v1/things?after=104", "http://127.0.0.1:9999/v1/things", "//evil.example/things",
     "http://127.0.0.1:8106@evil.example/things", "file:///etc/passwd", "https://127.0.0.1:8106/v1/things",
     "http://user:secret@127.0.0.1:8106/v1/things"],
)  # fmt: skip
@pytest.mark.parametrize("style", ["link in the header", "link in the body"])
def test_a_link_to_another_server_is_never_followed(clock: FakeClock, style: str, link: str) -> None:
    vendor, rest, sandbox = wired(clock, style)
    vendor.next_link = link
    with pytest.raises(AnswerUnreadable, match="another server"):
        pulled(rest)
    assert len(sandbox.log) == 1


def test_a_stored_link_to_another_server_is_not_followed_either(clock: FakeClock) -> None:
    _, rest, sandbox = wired(clock, "link in the body")
    stored = Window("full", position='{"at":"https://evil.example/things"}', since="2026-11-20T03:00:00Z")
    with pytest.raises(AnswerUnreadable, match="another server"):
        pulled(rest, (stored,))
    assert sandbox.log == []


def test_a_cursor_that_stands_still_ends_the_pull(clock: FakeClock) -> None:
    vendor, rest, _ = wired(clock, "cursor")
    vendor.handle = lambda _: Lists._list(vendor, {"limit": "4"})  # type: ignore[method-assign]
    with pytest.raises(AnswerUnreadable, match="cursor"):
        pulled(rest)


@pytest.mark.parametrize("style", STYLES)
def test_limits_and_lost_answers_are_waited_for(clock: FakeClock, style: str) -> None:
    vendor, rest, sandbox = wired(clock, style)
    sandbox.faults += [Fault("429"), Fault("lost"), Fault("500 before"), Fault("truncated")]
    assert set(ids(pulled(rest))) == {str(number) for number in vendor.things}
    assert clock.slept >= 10


def test_a_server_that_stays_down_or_full_ends_the_pull(clock: FakeClock) -> None:
    _, rest, sandbox = wired(clock, "page")
    sandbox.faults.append(Fault("429", times=99))
    with pytest.raises(LimitReached):
        pulled(rest)
    sandbox.faults[:] = [Fault("500 before", times=99)]
    with pytest.raises(VendorUnavailable):
        pulled(rest)


def test_an_answer_of_another_shape_names_what_to_compare(clock: FakeClock) -> None:
    vendor, rest, _ = wired(clock, "none")
    vendor.handle = lambda _: json_answer(200, {"items": []})  # type: ignore[method-assign]
    with pytest.raises(AnswerUnreadable, match="data holds no list") as caught:
        pulled(rest)
    assert "rows" in caught.value.fix


def test_where_the_stamp_is_only_a_day_the_day_before_is_read_again(clock: FakeClock) -> None:
    vendor = Lists(clock, 0)
    sandbox = Sandbox(vendor)
    text = file_for("none").replace("changed: instant", "changed: date")
    rest = connector(clock, sandbox, text, base_url=BASE)
    pulled(rest, (Window("since", since="2026-11-20T00:05:00Z"),))
    assert sandbox.log[-1]["query"]["since"] == "2026-11-18"
