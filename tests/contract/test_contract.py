"""Every connector keeps every promise; and a connector that breaks one is caught by exactly that one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest

from contract.breaking import BREAKS, Noted, Whole, touched
from syncctl.contract.registry import BUILT_IN, subject_of
from syncctl.contract.subject import Subject
from syncctl.contract.suite import PROMISES, Judged, Promise, Verdict, judge, says, try_all


def named(value: Any) -> str:
    return getattr(value, "__name__", str(value))


@cache
def tried(name: str, promise: Promise) -> tuple[Judged, frozenset[str]]:
    """The verdict on the real connector, and the methods that the promise asked it for."""
    subject = subject_of(name)
    asked: set[str] = set()
    judged = judge(replace(subject, connect=partial(Noted, make=subject.connect, asked=asked)), promise)
    return judged, frozenset(asked)


@pytest.mark.parametrize("promise", PROMISES, ids=named)
@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_connector_keeps_every_promise(name: str, promise: Promise) -> None:
    judged, _ = tried(name, promise)
    assert judged.verdict is not Verdict.BROKEN, judged.why
    assert judged.verdict is Verdict.KEPT or judged.why, "why does it not apply?"


def broken(subject: Subject, how: type[Whole]) -> Subject:
    return replace(subject, connect=partial(how, make=subject.connect))


@pytest.mark.parametrize(("name", "how", "promise"), BREAKS, ids=named)
def test_one_thing_broken_is_caught_by_exactly_the_promise_about_it(name: str, how: type[Whole], promise: str) -> None:
    """A promise that never asks for a method that is broken would see the real connector: it is not tried again."""
    subject = broken(subject_of(name), how)
    judged = [judge(subject, one) for one in PROMISES if touched(how, tried(name, one)[1])]
    found = {one.promise: one.why for one in judged if one.verdict is Verdict.BROKEN}
    assert set(found) == {promise}, found
    assert found[promise]


def test_every_promise_can_be_broken() -> None:
    assert {promise for _, _, promise in BREAKS} == {promise.__name__ for promise in PROMISES}


def test_a_connector_that_only_passes_everything_on_is_judged_like_the_real_one() -> None:
    assert [tried("stripe", promise)[0] for promise in PROMISES] == list(try_all(subject_of("stripe")))


def test_only_promises_that_there_are_can_be_exempt() -> None:
    known = {promise.__name__ for promise in PROMISES}
    assert all(set(subject_of(name).exempt) <= known for name in BUILT_IN)


@pytest.mark.parametrize("promise", PROMISES, ids=named)
def test_a_promise_is_one_sentence(promise: Promise) -> None:
    assert says(promise).endswith(".")
    assert len(says(promise)) < 100
