"""Lists fit the page: side by side where there is room, else one below the other, and no id is cut."""

from __future__ import annotations

from paper import shown

from syncctl.model import Ref
from syncctl.report.listing import listing

ROWS = [
    {"left": Ref("stripe", "customer", "c" * 30), "right": Ref("quickbooks", "Customer", "q" * 30), "count": number}
    for number in (1, 22)
]


def printed(width: int) -> str:
    return shown(listing("pairs", ROWS, ("left", "right", "count"), empty="none"), width)


def test_a_list_that_fits_stands_under_its_headings() -> None:
    heading, first, _ = printed(120).splitlines()
    assert heading.split() == ["left", "right", "count"]
    assert first.split() == [str(ROWS[0]["left"]), str(ROWS[0]["right"]), "1"]


def test_a_list_that_does_not_fit_has_a_line_per_value_and_every_id_whole() -> None:
    text = printed(60)
    assert text.count("\nright  quickbooks:Customer:" + "q" * 30) == 2
    assert max(map(len, text.splitlines())) <= 60


def test_a_fix_is_whole_because_its_command_stands_at_the_end() -> None:
    fix = f"{'let an admin give access to it and so on; ' * 5}then run `syncctl schema pull`"
    text = shown(listing("problems", [{"where": "a.yaml:1", "fix": fix}], ("where", "fix"), empty=""), 80)
    assert " ".join(text.split()).endswith("then run `syncctl schema pull`")
