"""A list by page numbers whose reading is cut short, again and again: it goes on where it stood and misses nothing."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_lists import BASE, Lists, file_for
from rest_world import connector, ids

from syncctl.errors import AnswerUnreadable
from syncctl.model import Page, Window
from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock

BY_NUMBER = ("page", "page from 0")


def lists(style: str, count: int) -> Lists:
    vendor = Lists(FakeClock(), count)
    vendor.first_page = 0 if style == "page from 0" else 1
    return vendor


def read(vendor: Lists, style: str, windows: tuple[Window, ...] | None, pages: int) -> list[Page]:
    """So many pages of a connector that is new, as after every cut."""
    rest = connector(FakeClock(), Sandbox(vendor), file_for(style), base_url=BASE)
    return list(islice(rest.pull("thing", windows), pages))


@pytest.mark.parametrize("style", BY_NUMBER)
@pytest.mark.parametrize("count", [5, 8, 23])
def test_a_pull_cut_after_every_page_asks_for_no_page_more_than_one_in_one_go(style: str, count: int) -> None:
    vendor = lists(style, count)
    whole = read(vendor, style, None, 100)
    asked, vendor.asked = vendor.asked, 0
    pages = read(vendor, style, None, 1)
    while not pages[-1].complete:
        pages += read(vendor, style, pages[-1].windows, 1)
    assert vendor.asked == asked
    assert set(ids(pages)) == set(ids(whole)) == {str(number) for number in vendor.things}


@given(
    style=st.sampled_from(BY_NUMBER),
    cuts=st.lists(st.integers(1, 4), max_size=5),
    happenings=st.lists(
        st.tuples(st.sampled_from(["add", "first", "delete", "nothing"]), st.integers(0, 30)), max_size=5
    ),
)
def test_what_comes_and_goes_at_a_cut_hides_nothing(
    style: str, cuts: list[int], happenings: list[tuple[str, int]]
) -> None:
    vendor = lists(style, 11)
    there, removed = set(vendor.things), set[int]()
    pages: list[Page] = []
    for cut, (what, place) in zip(cuts, happenings, strict=False):
        pages += read(vendor, style, pages[-1].windows if pages else None, cut)
        if pages[-1].complete:
            break
        if what == "delete":
            number = sorted(vendor.things)[place % len(vendor.things)]
            removed.add(number)
            del vendor.things[number]
        elif what != "nothing":
            vendor.add() if what == "add" else vendor.add_first()
    if not pages or not pages[-1].complete:
        pages += read(vendor, style, pages[-1].windows if pages else None, 100)
    assert pages[-1].complete
    assert set(map(int, ids(pages))) >= there - removed


@pytest.mark.parametrize("style", BY_NUMBER)
def test_a_list_that_never_rests_is_left_for_the_next_pull_which_reads_it_whole(style: str) -> None:
    vendor = lists(style, 11)
    vendor.meanwhile = dict.fromkeys(range(1, 1000), vendor.add_first)
    rest = connector(FakeClock(), Sandbox(vendor), file_for(style), base_url=BASE)
    pages: list[Page] = []
    with pytest.raises(AnswerUnreadable, match="another one each of 6 times"):
        pages.extend(rest.pull("thing", None))
    vendor.meanwhile = {}
    rest_of_it = read(vendor, style, pages[-1].windows if pages else None, 100)
    assert rest_of_it[-1].complete
    assert set(ids(pages + rest_of_it)) == {str(number) for number in vendor.things}
