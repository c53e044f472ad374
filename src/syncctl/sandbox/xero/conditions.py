"""Xero's `where` language, as much of it as is documented: a comparison, AND, OR and brackets. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.xero.answers import Raw, bad_query
from syncctl.sandbox.xero.moments import moment_of

Test = Callable[[Raw], bool]
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"[^"\\]*")|(?P<guid>guid\(\s*"[0-9a-fA-F-]{36}"\s*\))|(?P<date>DateTime\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\))
    |(?P<number>-?\d+(\.\d+)?)|(?P<sign>==|!=|>=|<=|=|>|<)|(?P<both>&&|AND\b)|(?P<either>\|\||OR\b)
    |(?P<bracket>[()])|(?P<name>[A-Za-z][A-Za-z0-9.]*))""",
    re.IGNORECASE | re.VERBOSE,
)


def compile_where(text: str) -> Test:
    """The test that a filter says. Raises Refusal for what Xero cannot read."""
    reader = _Reader(text)
    found = reader.either()
    if reader.tokens:
        raise bad_query(f"The filter could not be read from {reader.tokens[0][1]!r} on")
    return found


class _Reader:
    """A cursor over a filter's tokens."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise bad_query(f"The filter could not be read from {text[at : at + 20]!r} on")
            self.tokens.append((found.lastgroup or "", found.group(found.lastgroup or 0)))
            at = found.end()

    def take(self, *kinds: str) -> str:
        if self.tokens and self.tokens[0][0] in kinds:
            return self.tokens.pop(0)[1]
        return ""

    def either(self) -> Test:
        tests = [self.both()]
        while self.take("either"):
            tests.append(self.both())
        return lambda raw: any(test(raw) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.take("both"):
            tests.append(self.one())
        return lambda raw: all(test(raw) for test in tests)

    def one(self) -> Test:
        if self.tokens and self.tokens[0] == ("bracket", "("):
            self.tokens.pop(0)
            inner = self.either()
            if self.take("bracket") != ")":
                raise bad_query("The filter lacks a closing bracket")
            return inner
        name, sign = self.take("name"), self.take("sign")
        if not name or not sign:
            raise bad_query("The filter lacks a comparison")
        value = self.value()
        return lambda raw: _holds(_at(raw, name), sign, value)

    def value(self) -> Any:
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        if kind == "text":
            return text[1:-1].casefold()
        if kind == "guid":
            return text.partition('"')[2].partition('"')[0].casefold()
        if kind == "date":
            year, month, day = (int(part) for part in re.findall(r"\d+", text))
            return datetime(year, month, day, tzinfo=UTC)
        if kind == "number":
            return Decimal(text)
        if kind == "name" and text.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text.lower()]
        raise bad_query(f"The filter could not be read at {text!r}")


def _at(raw: Raw, name: str) -> Any:
    value: Any = raw
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, str):
        try:
            return moment_of(value)
        except ValueError:
            return value.casefold()
    return value


def _holds(held: Any, sign: str, value: Any) -> bool:
    if sign in ("=", "=="):
        return bool(held == value)
    if sign == "!=":
        return bool(held != value)
    if held is None or value is None or isinstance(held, str) != isinstance(value, str):
        return False
    if sign == ">":
        return bool(held > value)
    if sign == ">=":
        return bool(held >= value)
    return bool(held < value if sign == "<" else held <= value)
