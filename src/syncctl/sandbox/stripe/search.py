"""Search: an index that lags behind, so that a record just made is not found. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from syncctl.fields.jsontext import decode_json
from syncctl.sandbox.stripe.lists import limit_of
from syncctl.sandbox.stripe.refusals import Refusal
from syncctl.sandbox.stripe.store import Store, Thing

SEARCHABLE: Final = ("charge", "customer", "invoice", "payment_intent", "price", "product")
_CLAUSE: Final = re.compile(
    r"""\s*(-?)([a-z_]+)(?:\[['"]([^'"]+)['"]\])?\s*([:~<>]=?)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\d+|null))\s*"""
)
_JOINT: Final = re.compile(r"(AND|OR)\b", re.IGNORECASE)
Test = Callable[[Thing], bool]


class SearchIndex:
    """What search knows: everything that happened at least `lag_seconds` ago."""

    def __init__(self, store: Store, lag_seconds: float) -> None:
        self._store = store
        self._lag = timedelta(seconds=lag_seconds)
        self._known: dict[str, dict[str, Thing]] = {kind: {} for kind in SEARCHABLE}

    def _catch_up(self) -> None:
        ready = self._store.clock.now() - self._lag
        late = []
        for news in self._store.news:
            when, kind, identity, thing = news
            if when > ready:
                late.append(news)
            elif kind in self._known and thing is None:
                self._known[kind].pop(identity, None)
            elif kind in self._known and thing is not None:
                self._known[kind][identity] = decode_json(bytes(thing))
        self._store.news[:] = late

    def search(self, kind: str, url: str, given: dict[str, Any]) -> Thing:
        """One page of results, newest first. Raises Refusal for a query that is none."""
        self._catch_up()
        test = _parse(given["query"])
        hits = [thing for thing in self._known[kind].values() if test(thing)]
        hits.sort(key=lambda thing: (thing["created"], thing["id"]), reverse=True)
        start, limit = _start(given.get("page")), limit_of(given)
        more = len(hits) > start + limit
        return {
            "object": "search_result",
            "data": hits[start : start + limit],
            "has_more": more,
            "next_page": f"page_{start + limit}" if more else None,
            "url": url,
        }


def _start(page: str | None) -> int:
    if not page:
        return 0
    number = page.removeprefix("page_")
    if not number.isdigit():
        raise Refusal(f"Invalid page: {page}", param="page")
    return int(number)


def _parse(query: str) -> Test:
    tests, joints, at = [], set(), 0
    while True:
        clause = _CLAUSE.match(query, at)
        if clause is None:
            raise Refusal("We were unable to parse your search query.", param="query")
        tests.append(_test(clause))
        at = clause.end()
        if at == len(query):
            break
        joint = _JOINT.match(query, at)
        if joint is None:
            raise Refusal("We were unable to parse your search query.", param="query")
        joints.add(joint[1].upper())
        at = joint.end()
    if len(joints) > 1:
        raise Refusal("You can't combine AND and OR in the same query.", param="query")
    met = any if joints == {"OR"} else all
    return lambda thing: met(test(thing) for test in tests)


def _test(clause: re.Match[str]) -> Test:
    negated, name, key, operator = clause[1] == "-", clause[2], clause[3], clause[4]
    text = next((part for part in clause.groups()[4:] if part is not None), "")
    wanted = re.sub(r"\\(.)", r"\1", text)

    def holds(thing: Thing) -> bool:
        value = thing.get(name)
        if key is not None:
            value = (value or {}).get(key)
        return _compared(value, operator, wanted) != negated

    return holds


def _compared(value: Any, operator: str, wanted: str) -> bool:
    if wanted == "null":
        return value is None
    if value is None:
        return False
    if operator == ":":
        return str(value).lower() == wanted.lower()
    if operator == "~":
        return wanted.lower() in str(value).lower()
    if not wanted.lstrip("-").isdigit() or not isinstance(value, int):
        return False
    left, right = value, int(wanted)
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]
