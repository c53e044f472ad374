"""Every exit code of docs/commands.md is what some command line really left with, in a test that is there.

A test that is renamed, or that no longer looks at the code, is missed here; so is a code that nobody answers for.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from conftest import ROOT
from syncctl.cli.exits import MEANINGS

HERE: Final = Path(__file__).parent
TESTS: Final = {
    0: "test_end_to_end.py::test_a_pull_since_and_a_full_one_bring_the_same_books",
    1: """
        test_surroundings.py::test_where_nothing_can_be_written_down_nothing_is_sent
        test_cron.py::test_a_disk_that_is_full_before_the_intent_sends_nothing_and_says_so
    """,
    2: "test_end_to_end.py::test_diff_is_the_ledger_alone",
    4: """
        test_end_to_end.py::test_a_wrong_credential_is_4_and_shows_no_secret
        test_end_to_end.py::test_a_missing_credential_is_4_and_says_where_to_put_it
    """,
    5: "test_promises.py::test_fail_fast_stops_at_the_first_row_that_is_not_applied",
    6: """
        test_guards_sent.py::test_the_number_of_changes
        test_terminal.py::test_anything_but_a_plain_yes_is_a_no
    """,
    7: "test_end_to_end.py::test_a_held_ledger_is_7_and_says_by_whom",
    8: """
        test_plan_files.py::test_an_edited_plan_and_a_folder_are_named_too
        test_read_only_system.py::test_a_plan_made_before_is_stale_once_its_system_is_only_read
    """,
    64: "test_exits.py::test_a_wrong_command_line_is_64",
    75: "test_alert_nights.py::"
    "test_a_push_that_is_stopped_is_told_with_the_whole_exchange_and_not_with_what_follows_from_it",
    78: "test_exits.py::test_no_project_is_78_and_says_how_to_make_one",
    130: "test_interrupted.py::test_while_writing_it_says_what_was_written_what_was_not_and_how_to_go_on",
    143: "test_terminated.py::"
    "test_what_sigterm_cut_is_asked_about_what_it_did_not_cut_is_finished_and_each_is_there_once",
}
"""By exit code: tests under tests/cli that run a command line and look at the code it leaves."""


def documented() -> set[int]:
    """The codes of the table in docs/commands.md."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("\n## Exit codes\n")
    table = rest.partition("\n\nWhat a command can end with")[0]
    return {int(code) for row in re.findall(r"(?m)^\| ([\d, ]+) \|", table) for code in row.split(",")}


def compared(test: ast.AST) -> set[int]:
    """The numbers that a test compares an exit code with."""
    found: set[int] = set()
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            numbers = {one.value for one in ast.walk(node.comparators[0]) if isinstance(one, ast.Constant)}
            found |= {number for number in numbers if isinstance(number, int) and not isinstance(number, bool)}
    return found


def test_the_documented_codes_are_the_programs_and_each_has_its_tests() -> None:
    assert documented() == set(MEANINGS) == set(TESTS)


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in TESTS.items() for name in names.split()])
def test_the_test_that_answers_for_a_code_is_there_and_looks_at_it(code: int, name: str) -> None:
    file, _, wanted = name.partition("::")
    parsed = ast.parse((HERE / file).read_text(encoding="utf-8"))
    (test,) = (one for one in parsed.body if isinstance(one, ast.FunctionDef) and one.name == wanted)
    assert code in compared(test)
