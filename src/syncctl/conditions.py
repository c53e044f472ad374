"""`where` and `when`: tests on a record, compiled. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from syncctl.fields.numbers import parse_number, plain_number
from syncctl.fields.schema import Field
from syncctl.fields.text import clean_text, show
from syncctl.fields.undecodable import Undecodable
from syncctl.mapping.language import Test
from syncctl.model import Unknown
from syncctl.values.canonical import local_date, number_of
from syncctl.values.locate import locate
from syncctl.values.scope import Catalogue, Scope

Check: TypeAlias = Callable[[Any, Scope], bool]
"""From a record or line element to whether all tests hold. Raises Undecodable when that hangs on a value that cannot
be read: such a record is nobody's to leave out."""


def compile_tests(tests: Sequence[Test], system: str, kind: str, catalogue: Catalogue, prefix: str = "") -> Check:
    """All tests must hold. Raises Undecodable naming what the schema lacks."""
    checks = [_compile(test, system, kind, catalogue, prefix) for test in tests]
    if len(checks) == 1:
        return checks[0]

    def together(raw: Any, scope: Scope) -> bool:
        unread: Undecodable | None = None
        for check in checks:
            try:
                if not check(raw, scope):
                    return False  # whatever the others say
            except Undecodable as error:
                unread = unread or error
        if unread is not None:
            raise unread
        return True

    return together


def _compile(test: Test, system: str, kind: str, catalogue: Catalogue, prefix: str) -> Check:
    located = locate(test.path, system, kind, catalogue, prefix)
    holds = _predicate(test, located.field, catalogue)

    def check(raw: Any, scope: Scope) -> bool:
        value: Any = None
        try:
            value = located.read(raw, scope)
            if type(value) is not tuple:
                return holds(value) is not test.negated
            return any(holds(each) for each in value) is not test.negated
        except Undecodable as error:
            if any(isinstance(each, Unknown) for each in (value if type(value) is tuple else (value,))):
                return False  # what only the vendor's answer tells holds for nothing before
            raise Undecodable(f"{test.path}: {error}") from error

    return check


def _predicate(test: Test, field: Field | None, catalogue: Catalogue) -> Callable[[Any], bool]:
    match test.test:
        case "in":
            return _among(test, field)
        case "present":
            expected = test.values[0] == "true"
            return lambda value: (value is not None and value != "") is expected
        case "starts":
            return lambda value: value is not None and show(value).startswith(test.values[0])
        case "over" | "under":
            return _bound(test)
        case "from" | "until":
            return _dated(test, catalogue)


def _among(test: Test, field: Field | None) -> Callable[[Any], bool]:
    wanted = frozenset(_option(field, text) for text in test.values)
    if field is not None and field.type in ("number", "money"):  # an amount is tested without its currency
        return lambda value: value is not None and plain_number(number_of(value)) in wanted
    return lambda value: value is not None and clean_text(show(value)) in wanted


def _bound(test: Test) -> Callable[[Any], bool]:
    limit = parse_number(test.values[0])
    if test.test == "over":
        return lambda value: value is not None and number_of(value) > limit
    return lambda value: value is not None and number_of(value) < limit


def _dated(test: Test, catalogue: Catalogue) -> Callable[[Any], bool]:
    limit = date.fromisoformat(test.values[0])

    def local(value: Any) -> date | None:
        return local_date(value, catalogue.time_zone) if isinstance(value, date | datetime | str) else None

    if test.test == "from":
        return lambda value: (found := local(value)) is not None and found >= limit
    return lambda value: (found := local(value)) is not None and found <= limit


def _option(field: Field | None, text: str) -> str:
    """A picklist's label stands for its option; a bare number for itself without trailing zeros."""
    for identity, label in field.options if field is not None else ():
        if text in (identity, label):
            return identity
    if field is not None and field.type in ("number", "money"):
        return show(parse_number(text))
    return clean_text(text)
