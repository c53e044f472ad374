"""A wrong command line is answered in our own words: what was typed, what is allowed, an example; exit code 64."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup

from cli.house import House, Said, alone, house
from syncctl.cli.app import command

JUNK = "€junk"
FOREIGN = re.compile(r"Usage:|Traceback|pydantic|Input should|[Ii]nvalid value|defect of syncctl|valid integer")
"""What only Typer, pydantic or Python would say."""
ANY_TEXT = frozenset({"note", "run_id", "out", "ready_file", "project", "folder", "target"})
"""Options and arguments that any text fits."""


@pytest.fixture(scope="module")
def planned() -> Iterator[House]:
    """After a dry run. A wrong command line changes nothing, so all tests look at one."""
    with house() as found:
        yield found


def commands(group: Any, *before: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if isinstance(found, TyperGroup):
            yield from commands(found, *before, name)
        else:
            yield (*before, name), found


def is_flag(parameter: Any) -> bool:
    return bool(getattr(parameter, "is_flag", False))


def option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


FITTING = {
    "mapping": "customers", "left": "stripe:customer:cus_1", "right": "quickbooks:Customer:1", "system": "hubspot",
    "verdict": "never", "number": "1",
}  # fmt: skip
"""What fits where not every text does, so that the mistake is the only one."""


def arguments(found: Any) -> list[str]:
    """A word that fits for every argument and option that a command must have."""
    words = []
    for parameter in found.params:
        if parameter.required:
            word = FITTING.get(parameter.name, "x")
            words += [parameter.opts[0], word] if option(parameter) else [word]
    return words


JUNKED = [
    pytest.param(
        (*words, *arguments(found), parameter.opts[0], JUNK), parameter.opts[0], id=f"{words} {parameter.name}"
    )
    for words, found in commands(command())
    for parameter in found.params
    if option(parameter) and not is_flag(parameter) and parameter.name not in ANY_TEXT
]
TYPED = [
    pytest.param((*words, JUNK, *arguments(found)[1:]), id=f"{words}")
    for words, found in commands(command())
    for parameter in [one for one in found.params if not option(one)][:1]
    if parameter.name not in ANY_TEXT
]
EVERY = [pytest.param(words, found, id=" ".join(words)) for words, found in commands(command())]
NEEDY = [pytest.param(words, found, id=" ".join(words)) for words, found in commands(command()) if arguments(found)]


def refused(said: Said) -> Any:
    """The error, after the checks that hold for every wrong command line."""
    assert said.code == 64, said
    assert said.out == ""
    assert not FOREIGN.search(said.err), said.err
    assert said.error["fix"]
    return said.error


@pytest.mark.parametrize(("words", "name"), JUNKED)
def test_junk_for_any_option_is_named_with_what_is_allowed(planned: House, words: tuple[str, ...], name: str) -> None:
    found = refused(planned.run(*words))
    assert JUNK in found["cause"] or name in found["fix"], found


@pytest.mark.parametrize("words", TYPED)
def test_junk_for_any_argument_is_named_with_what_is_allowed(planned: House, words: tuple[str, ...]) -> None:
    found = refused(planned.run(*words))
    assert JUNK in found["cause"]


@pytest.mark.parametrize(("words", "found"), EVERY)
def test_an_unknown_option_a_word_too_many_and_a_flag_with_a_value_are_named(
    words: tuple[str, ...], found: Any
) -> None:
    assert "--bogus" in refused(alone(*words, "--bogus"))["cause"]
    for parameter in found.params:
        if is_flag(parameter):
            assert parameter.opts[0] in refused(alone(*words, f"{parameter.opts[0]}=yes"))["cause"]
        elif option(parameter):
            assert f"{parameter.opts[0]} needs a value" in refused(alone(*words, parameter.opts[0]))["cause"]
    if not any(parameter.nargs == -1 for parameter in found.params):
        optional = ["x" for parameter in found.params if not option(parameter) and not parameter.required]
        assert "one-more" in refused(alone(*words, *arguments(found), *optional, "one-more"))["cause"]


@pytest.mark.parametrize(("words", "found"), NEEDY)
def test_what_is_missing_is_named_with_the_whole_command(words: tuple[str, ...], found: Any) -> None:
    said = refused(alone(*words))
    assert "is missing: " in said["cause"]
    assert said["fix"].startswith(f"write syncctl {' '.join(words)} ")
    assert said["fix"].count(" ") >= 2 + len(words)


@pytest.mark.parametrize(
    ("typed", "cause", "fix"),
    [
        (
            "reconcile --max-changes abc",
            "--max-changes takes a whole number, 0 or more; 'abc' is none",
            "for example: syncctl reconcile --max-changes 50",
        ),
        (
            "sandbox serve --port-base -1",
            "--port-base takes a whole number from 0 to 65,000; '-1' is none",
            "for example: syncctl sandbox serve --port-base 8100",
        ),
        (
            "demo --scale inf",
            "--scale takes a number from 0.01 to 1,000.0; 'inf' is none",
            "for example: syncctl demo --scale 0.2",
        ),
        (
            "findings accept twelve --note x",
            "NUMBER takes a whole number; 'twelve' is none",
            "for example: syncctl findings accept 50 --note TEXT",
        ),
        (
            "reconcile --max-amount 5",
            "--max-amount takes an amount with its currency; '5' is none",
            "for example: --max-amount 500USD, once per currency",
        ),
        ("reconcile --since yesterday", "--since takes a day; 'yesterday' is none", "for example: --since 2026-10-01"),
        (
            "diff -o yaml",
            "--output takes table, json, jsonl, csv, md; 'yaml' is none of them",
            "for example: --output table",
        ),
        (
            "diff -o markdown",
            "--output takes table, json, jsonl, csv, md; 'markdown' is none of them",
            "did you mean --output md?",
        ),
        ("plam", "`syncctl` has no command 'plam'", "did you mean plan?"),
        (
            "frobnicate",
            "`syncctl` has no command 'frobnicate'",
            f"there are {len(command().commands)}, for example alerts, apply, approve; syncctl --help lists them",
        ),
        (
            "match confim",
            "`syncctl match` has no command 'confim'",
            "did you mean confirm? there is: confirm, list, reject, release",
        ),
        ("diff invoces", "there is no mapping 'invoces'", "did you mean invoices?"),
        ("pull --ful", "`syncctl pull` has no option --ful", "did you mean --full?"),
        ("runs list more", "`syncctl runs list` has no use for 'more'", "write syncctl runs list"),
        (
            "ops settle x --as maybe --note y",
            "--as takes written, refused, never; 'maybe' is none of them",
            "for example: --as written",
        ),
    ],
)
def test_the_words(planned: House, typed: str, cause: str, fix: str) -> None:
    found = refused(planned.run(*shlex.split(typed)))
    assert found["cause"] == cause
    assert found["fix"].startswith(fix)


def test_two_options_that_exclude_each_other_say_which_one_to_leave_out() -> None:
    found = refused(alone("init", "books", "--stack", "xero", "--sandbox", "ready.json"))
    assert found["cause"] == (
        "--stack and --sandbox cannot be used in one command: ready.json says already which systems there are"
    )
    assert found["fix"] == "leave --stack out: syncctl init books --sandbox ready.json"
