"""Every connector keeps every promise; and a connector that breaks one is caught by exactly that one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from contract.breaking import BREAKS, Whole
from syncctl.contract.registry import BUILT_IN, subject_of
from syncctl.contract.subject import Subject
from syncctl.contract.suite import PROMISES, Promise, Verdict, judge, says, try_all


def named(value: Any) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("promise", PROMISES, ids=named)
@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_connector_keeps_every_promise(name: str, promise: Promise) -> None:
    judged = judge(subject_of(name), promise)
    assert judged.verdict is not Verdict.BROKEN, judged.why
    assert judged.verdict is Verdict.KEPT or judged.why, "why does it not apply?"


def broken(subject: Subject, how: type[Whole]) -> Subject:
    return replace(subject, connect=partial(how, make=subject.connect))


@pytest.mark.parametrize(("name", "how", "promise"), BREAKS, ids=named)
def test_one_thing_broken_is_caught_by_exactly_the_promise_about_it(name: str, how: type[Whole], promise: str) -> None:
    found = {one.promise: one.why for one in try_all(broken(subject_of(name), how)) if one.verdict is Verdict.BROKEN}
    assert set(found) == {promise}, found
    assert found[promise]


def test_every_promise_can_be_broken() -> None:
    assert {promise for _, _, promise in BREAKS} == {promise.__name__ for promise in PROMISES}


def test_a_connector_that_only_passes_everything_on_is_judged_like_the_real_one() -> None:
    subject = subject_of("stripe")
    assert list(try_all(broken(subject, Whole))) == list(try_all(subject))


def test_only_promises_that_there_are_can_be_exempt() -> None:
    known = {promise.__name__ for promise in PROMISES}
    assert all(set(subject_of(name).exempt) <= known for name in BUILT_IN)


@pytest.mark.parametrize("promise", PROMISES, ids=named)
def test_a_promise_is_one_sentence(promise: Promise) -> None:
    assert says(promise).endswith(".")
    assert len(says(promise)) < 100
