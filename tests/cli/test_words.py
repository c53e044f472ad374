"""Global options stand before or after the command."""

from __future__ import annotations

import pytest

from cli.house import alone
from syncctl.cli.words import global_first


@pytest.mark.parametrize(
    ("words", "moved"),
    [
        (["pull", "-o", "json"], ["-o", "json", "pull"]),
        (["pull", "-ojson", "x"], ["-ojson", "pull", "x"]),
        (["pull", "--output=json"], ["--output=json", "pull"]),
        (["runs", "list", "--json", "-q"], ["--json", "-q", "runs", "list"]),
        (["plan", "--out", "FILE"], ["plan", "--out", "FILE"]),
        (["ledger", "query", "--", "-q"], ["ledger", "query", "--", "-q"]),
        (["pull", "--project"], ["--project", "pull"]),
        ([], []),
    ],
)
def test_only_global_options_are_moved(words: list[str], moved: list[str]) -> None:
    assert global_first(words) == moved


def test_before_and_after_say_the_same() -> None:
    before = alone("--json", "help", "exit-codes")
    after = alone("help", "exit-codes", "--json")
    between = alone("help", "-o", "json", "exit-codes")
    assert before == after == between
