"""A command inside a sentence is there to be copied: no line of a page ends in it."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.text import Text

from syncctl.report.page import console_for, print_page
from syncctl.report.style import COMMAND, indented
from syncctl.report.text import visible


def page(text: Text, width: int, color: str = "never") -> str:
    stream = StringIO()
    print_page(console_for(stream, color=color, width=width), indented(text, 2))
    return stream.getvalue()


@pytest.mark.parametrize(
    "command",
    [
        "`syncctl match confirm`",
        "`chmod 600 .env`",
        "syncctl reconcile",
        "(syncctl auth login quickbooks --paste),",
        "syncctl ops settle op-3 --as written|refused|never",
    ],
)
def test_a_command_stands_whole_on_one_line_wherever_the_sentence_would_break(command: str) -> None:
    for before in range(0, 40, 3):
        shown = page(Text(f"{'so ' * before}then {command} and look again"), 60)
        assert sum(command in line for line in shown.splitlines()) == 1
        assert max(map(len, shown.splitlines())) <= 60
        assert shown.split() == [*["so"] * before, "then", *command.split(), "and", "look", "again"]


def test_a_command_longer_than_the_page_ends_lines_at_its_blanks() -> None:
    shown = page(Text("`syncctl match confirm customers stripe:customer:cus_1 quickbooks:Customer:61`"), 40)
    assert shown.splitlines() == [
        "  `syncctl match confirm customers",
        "  stripe:customer:cus_1",
        "  quickbooks:Customer:61`",
    ]


def test_a_kept_command_keeps_its_colour_and_a_vendors_private_character_is_no_blank() -> None:
    shown = page(Text.assemble("type ", ("syncctl ops list", COMMAND), " for ", visible("A\ue000B")), 60, "always")
    assert shown == "  type \x1b[36msyncctl ops list\x1b[0m for A\\ue000B\n"
