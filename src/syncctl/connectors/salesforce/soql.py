"""Texts of queries. Every value goes through one of these functions, so that no value can become syntax. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from syncctl.fields.numbers import parse_number, plain_number
from syncctl.fields.undecodable import Undecodable

_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\\\",
        "'": "\\'",
        '"': '\\"',
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)
NUMBERS: Final = frozenset({"currency", "double", "int", "long", "percent"})


def quoted(text: str) -> str:
    """A text literal, with every character that means something there escaped."""
    return f"'{text.translate(_ESCAPES)}'"


def instant(moment: datetime) -> str:
    """A datetime literal in UTC, unquoted, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def literal(type_: str, text: str) -> str:
    """A value as a field of this type is compared with. Raises ValueError where it cannot be one."""
    if type_ in NUMBERS:
        try:
            number: Decimal = parse_number(text)
        except Undecodable as error:
            raise ValueError(str(error)) from error
        return plain_number(number)
    if type_ == "boolean":
        if text.casefold() not in ("true", "false"):
            raise ValueError(f"not true or false: {text!r}")
        return text.casefold()
    if type_ == "date":
        return datetime.fromisoformat(text).date().isoformat()
    if type_ == "datetime":
        return instant(datetime.fromisoformat(text))
    return quoted(text)


def select(kind: str, names: Iterable[str], conditions: Sequence[str] = (), order: Sequence[str] = ()) -> str:
    """A whole query. `kind` and `names` come from a description, never from a person."""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    ordered = f" ORDER BY {', '.join(order)}" if order else ""
    return f"SELECT {', '.join(names)} FROM {kind}{where}{ordered}"  # noqa: S608 - no value but those made here


def one_of(name: str, literals: Iterable[str]) -> str:
    """`name IN (…)`."""
    return f"{name} IN ({', '.join(literals)})"


def after(stamp: str, moment: str, last_id: str) -> str:
    """Everything behind a place in the order of (stamp, Id): any number of rows may share one stamp."""
    return f"({stamp} > {moment} OR ({stamp} = {moment} AND Id > {quoted(last_id)}))"
