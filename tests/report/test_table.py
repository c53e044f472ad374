"""The dry-run table, at 80 and at 160 columns, as it is printed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from paper import on_paper
from plans import CHANGES, DEAL, INVOICE, NOW, TOTAL, edit, plan

from syncctl.model import Action, Finding, FindingKind, Money, Plan, Ref
from syncctl.report.style import command_text, indented
from syncctl.report.table import commands, plan_table

HOSTILE = "Evil\x1b[2J\x1b]8;;http://x\x07 [red]Corp[/red]\u202egro.live\u200b\nTOTALS :smile: =cmd()"


def printed(found: Plan, width: int, color: str = "never") -> str:
    return on_paper(plan_table(found, width=width, now=NOW), width, color)


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_as_it_is_seen(golden: Callable[[str, str], None], width: int) -> None:
    golden(f"table_{width}", printed(plan(), width))


@pytest.mark.parametrize("width", [80, 160])
def test_hostile_vendor_text_is_printed_as_text(golden: Callable[[str, str], None], width: int) -> None:
    evil = replace(TOTAL, name=HOSTILE, reason=HOSTILE, edits=(edit(HOSTILE, HOSTILE, HOSTILE + "!"),))
    finding = Finding(
        HOSTILE,
        FindingKind.CONFLICT,
        Ref("stripe", "invoice", HOSTILE),
        Ref("stripe", "invoice", "2"),
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        name=HOSTILE,
        hint=HOSTILE,
    )
    others = tuple(replace(finding, kind=kind) for kind in FindingKind if kind is not FindingKind.CONFLICT)
    text = printed(plan((evil,), (finding, *others)), width)
    assert not set(text) & {"\x1b", "\x07", "\u202e", "\u200b"}
    assert "[red]Corp[/red]" in text
    assert max(map(len, text.splitlines())) <= width
    golden(f"table_hostile_{width}", text)


@pytest.mark.parametrize("width", [40, 80, 119, 120, 160, 240])
def test_no_line_is_wider_than_the_page(width: int) -> None:
    assert max(map(len, printed(plan(), width).splitlines())) <= width


def test_every_change_is_there_with_its_ref_and_what_it_waits_for() -> None:
    text = printed(plan(), 160)
    for change in CHANGES:
        assert change.name in text
    assert "waits for 1 (create Acme GmbH)" in text
    assert "waits for 3 (create INV-1042 · Acme GmbH)" in text
    assert "from quickbooks, made by 3" in text


def test_an_amount_says_its_difference_in_words() -> None:
    text = printed(plan(), 80)
    assert "1,190.00 → 1,250.00 USD  up 60.00 " in text
    assert "2026-11-30 → 2026-12-30  30 days later" in text


def test_colour_shows_the_old_and_the_new_value() -> None:
    text = printed(plan((TOTAL,), ()), 80, color="always")
    assert "\x1b[31m" in text
    assert "\x1b[32m" in text


def test_a_plan_without_changes_and_findings_is_in_sync() -> None:
    assert printed(plan((), ()), 80).splitlines()[0].startswith("In sync: nothing to write.")
    assert "syncctl apply" not in printed(plan((), ()), 80)


def test_a_plan_with_findings_only_is_not_called_in_sync() -> None:
    text = printed(
        plan(
            (),
        ),
        80,
    )
    assert text.startswith("Nothing to write.")
    assert "syncctl match list" in text


def test_changes_stay_grouped_by_mapping_and_numbered_in_order() -> None:
    shuffled = (INVOICE, DEAL, replace(TOTAL, intent="i7", name="Later"))
    text = printed(plan(shuffled, ()), 80)
    assert text.index("Later") < text.index("deals → hubspot deal")
    assert " 2  ~ update    Later" in text


def test_totals_count_what_the_guards_count() -> None:
    archived = replace(TOTAL, intent="i8", action=Action.ARCHIVE, amount=None, amount_before=None, edits=())
    yen = replace(INVOICE, intent="i9", amount=Money(Decimal(120000), "JPY"))
    text = printed(plan((TOTAL, archived, yen, replace(DEAL, amount=None)), ()), 80)
    assert text.split("TOTALS")[1].split("  all       USD")[1].split()[0] == "95.00"
    assert "120,000" in text
    assert "120,000.00" not in text
    assert text.count("up to 1,000.00") == 2  # the deal's new amount is known after the apply: its line, and all EUR


def test_a_command_that_takes_several_lines_can_be_pasted_into_a_shell() -> None:
    words = ["printf", "'%s|'", "match", "confirm", "customers", "'it is one'", "quickbooks:Customer:7"]
    page = on_paper(indented(command_text(words, 26)), 30)
    assert page.count("\\\n") >= 2
    said = subprocess.run(["/bin/sh", "-c", page], capture_output=True, text=True, check=True).stdout
    assert said == "match|confirm|customers|it is one|quickbooks:Customer:7|"


def test_what_to_type_next_is_never_cut_and_breaks_only_between_words() -> None:
    typed = 'syncctl findings accept NUMBER --note "paid in cash"'
    assert on_paper(commands([(typed, "let it stand")]), 40).splitlines() == [
        "NEXT",
        "  syncctl findings accept NUMBER \\",
        '    --note "paid in cash"',
        "    let it stand",
    ]


def test_wide_letters_keep_the_columns_straight() -> None:
    text = printed(plan((replace(INVOICE, name="株式会社アクメ 東京本社"),), ()), 80)
    assert "株式会社アクメ 東京本社" in text


@pytest.mark.parametrize("width", [36, 50, 64])
def test_on_a_narrow_page_no_amount_is_cut(width: int) -> None:
    shown = printed(plan(), width)
    assert "…" not in shown.replace('"…"', "")
    assert all(amount in shown for amount in ("1,190.00 → 1,285.00 USD", "1,000.00 → 1,250.00 EUR", "500.00 USD"))
    total = shown.partition("TOTALS")[2]
    assert all(amount in total for amount in ("1,250.00", "500.00"))
