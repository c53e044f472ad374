"""Exit codes: one table, one order, and nothing leaves with a code that is not in it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from cli.house import alone
from syncctl import errors
from syncctl.cli.exits import MEANINGS, ORDER, code_of, winner
from syncctl.errors import GuardTripped, Interrupted, SyncctlError


def test_every_code_has_a_meaning_and_a_place() -> None:
    assert set(MEANINGS) == set(ORDER)
    assert ORDER == (130, 143, 1, 78, 64, 7, 4, 8, 6, 75, 5, 2, 0)


def test_every_error_class_has_a_code_with_a_meaning() -> None:
    classes = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, SyncctlError)]
    assert {found.exit_code for found in classes} <= set(MEANINGS)


@pytest.mark.parametrize(
    ("codes", "left"),
    [((), 0), ((0, 2), 2), ((5, 75), 75), ((2, 5, 6), 6), ((1, 130), 130), ((64, 78), 78), ((4, 8), 4)],
)
def test_of_several_results_the_worst_wins(codes: tuple[int, ...], left: int) -> None:
    assert winner(codes) == left


def test_signals_leave_with_their_own_codes() -> None:
    assert code_of(Interrupted(signal.SIGINT)) == 130
    assert code_of(Interrupted(signal.SIGTERM)) == 143
    assert code_of(KeyboardInterrupt()) == 130
    assert code_of(GuardTripped("x", guard="y")) == 6
    assert code_of(RuntimeError()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["bogus"],
        ["pull", "--bogus"],
        ["findings", "accept", "1"],
        ["findings", "accept", "one", "--note", "x"],
        ["-o", "yaml", "help", "exit-codes"],
        ["--color", "blue", "help", "exit-codes"],
        ["--run-id", "../x", "help", "exit-codes"],
        ["match"],
        ["-o"],
        ["sandbox", "serve", "sage"],
        ["reconcile", "--max-amount", "lots"],
        ["reconcile", "--max-ratio", "200%"],
        ["reconcile", "--period", "2026-13"],
    ],
)
def test_a_wrong_command_line_is_64(words: list[str]) -> None:
    said = alone(*words)
    assert said.code == 64
    assert said.out == ""


def test_a_wrong_command_line_on_a_terminal_is_one_clear_message() -> None:
    said = alone("pull", "--ful", "--color", "never", terminal=True)
    assert said.code == 64
    assert "error: this command cannot be carried out" in said.err
    assert "--full" in said.err


def test_no_project_is_78_and_says_how_to_make_one() -> None:
    said = alone("diff", "--project", "/nonexistent")
    assert said.code == 78
    assert said.error["error"] == "ConfigError"
    assert "syncctl init DIR" in said.error["fix"]


@pytest.mark.parametrize("name", ["SYNCCTL_OUTPUT", "SYNCCTL_COLOR", "SYNCCTL_LOG_FORMAT", "SYNCCTL_CONFIG"])
def test_a_wrong_choice_in_the_environment_is_told_and_never_a_traceback(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (tmp_path / "own.yaml").write_text("output: nonsense\n", encoding="utf-8")
    wrong = {name: str(tmp_path / "own.yaml") if name == "SYNCCTL_CONFIG" else "nonsense"}
    said = alone("diff", "--project", str(folder), environment=wrong)
    assert (said.code, said.error["cause"]) == (78, f"there is no syncctl.yaml in {folder}")
    (folder / "syncctl.yaml").write_text("systems: {}\n", encoding="utf-8")
    said = alone("diff", "--project", str(folder), environment=wrong)
    assert said.code == 78
    assert (name if name != "SYNCCTL_CONFIG" else "own.yaml") in said.error["cause"]
    assert "Traceback" not in said.err


def test_help_exit_codes_is_the_table() -> None:
    said = alone("help", "exit-codes", "--json")
    assert said.code == 0
    assert {row["code"]: row["meaning"] for row in said.json["rows"]} == MEANINGS
    assert tuple(said.json["first_wins"]) == ORDER


def test_a_group_without_a_command_shows_its_help_page() -> None:
    said = alone("match", terminal=True)
    assert (said.code, said.out) == (64, "")
    assert said.err.startswith("Usage: syncctl match")
    assert "confirm" in said.err
