"""How a declared type spells its values: the codec of each spelling, named after what it does. No I/O.

A codec's name holds its whole declaration, `date.declared:{"format":"DD.MM.YYYY"}`, so that a kept schema and a saved
plan still say how their values are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from syncctl.fields.builtin import CODECS, Codec, amount_of
from syncctl.fields.dates import Format, parse_format, read_day, read_moment, zone
from syncctl.fields.numbers import exact_number
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable, excerpt
from syncctl.model import Money
from syncctl.money import from_minor, to_minor
from syncctl.paths import as_text

MARK: Final = ".declared:"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Spelling = Mapping[str, Any]
"""The keys of a type that say how it is spelled, with their texts."""


def declare(kind: str, spelling: Spelling) -> str:
    """The name of the codec of a type (`money`, `date`, …) spelled this way."""
    return f"{kind}{MARK}{json.dumps(spelling, sort_keys=True, separators=(',', ':'))}"


def declared(name: str) -> Codec:
    """The codec that a name describes. Raises KeyError when it describes none."""
    kind, mark, spelling = name.partition(MARK)
    if not mark:
        raise KeyError(name)
    return _MAKERS[kind](json.loads(spelling))


# --- numbers ----------------------------------------------------------------------------------------------------------


def _number(spelling: Spelling) -> Codec:
    read, write = _reader(spelling), _writer(spelling)
    return Codec(lambda raw, _: read(raw), lambda value, _: write(amount_of(value)))


def _money(spelling: Spelling) -> Codec:
    read, write = _reader(spelling), _writer(spelling)
    return Codec(lambda raw, currency: Money(read(raw), currency), lambda value, _: write(amount_of(value)))


def _reader(spelling: Spelling) -> Callable[[Any], Decimal]:
    if "minor" in spelling:
        return lambda raw: from_minor(_whole(raw), int(spelling["minor"]))
    if spelling.get("whole"):
        return _whole
    point, group = spelling["decimal"], spelling.get("group", "")
    plain = re.compile(rf"[+-]?[0-9]+(?:{re.escape(point)}[0-9]+)?")
    grouped = re.compile(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+(?:{re.escape(point)}[0-9]+)?")

    def read(raw: Any) -> Decimal:
        if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            return exact_number(Decimal(raw))
        text = raw.strip() if isinstance(raw, str) else ""
        if group and grouped.fullmatch(text):
            text = text.replace(group, "")
        if not plain.fullmatch(text):
            raise Undecodable(f"not a number with `{point}` before the decimals: {excerpt(raw)}")
        return exact_number(Decimal(text.replace(point, ".")))

    return read


def _whole(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal) or raw != int(raw):
        raise Undecodable(f"not a whole number: {excerpt(raw)}")
    return exact_number(Decimal(raw))


def _writer(spelling: Spelling) -> Callable[[Decimal], Any]:
    if "minor" in spelling:
        return lambda value: to_minor(value, int(spelling["minor"]))
    if spelling.get("whole"):
        return lambda value: to_minor(value, 0)
    least = int(spelling.get("decimals", 0))

    def write(value: Decimal) -> str:
        if "decimals" in spelling:
            to_minor(value, least)  # raises where something smaller would be lost
        text = format(value.normalize() if value else Decimal(0), "f")
        whole, _, part = text.partition(".")
        part = part.ljust(least, "0")
        return f"{whole}{spelling['decimal']}{part}" if part else whole

    return write


# --- days and times ---------------------------------------------------------------------------------------------------


def _date(spelling: Spelling) -> Codec:
    form = parse_format(spelling["format"], time=False)

    def decode(raw: Any, _: str) -> date:
        return read_day(form, _text(raw))

    def encode(value: Any, _: str) -> str:
        day = value.date() if isinstance(value, datetime) else value
        found = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
        return form.text(datetime(found.year, found.month, found.day, tzinfo=UTC))

    return Codec(decode, encode)


def _instant(spelling: Spelling) -> Codec:
    if spelling["format"] in ("epoch", "epoch_ms"):
        return _epoch(timedelta(milliseconds=1) if spelling["format"] == "epoch_ms" else timedelta(seconds=1))
    form, within = parse_format(spelling["format"], time=True), zone(spelling.get("zone", "UTC"))
    return Codec(
        lambda raw, _: read_moment(form, within, _text(raw)),
        lambda value, _: _spelled(form, within, value),
    )


def _epoch(unit: timedelta) -> Codec:
    def decode(raw: Any, _: str) -> datetime:
        try:
            return _EPOCH + int(_whole(raw)) * unit
        except OverflowError as error:
            raise Undecodable(f"not a Unix time: {excerpt(raw)}") from error

    return Codec(decode, lambda value, _: (_moment(value) - _EPOCH) // unit)


def _spelled(form: Format, within: tzinfo, value: Any) -> str:
    return form.text(_moment(value).astimezone(within))


def _moment(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise Undecodable(f"a time without an offset: {excerpt(value)}")
    return found


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Undecodable(f"not a text: {excerpt(raw)}")
    return raw.strip()


# --- words ------------------------------------------------------------------------------------------------------------


def _bool(spelling: Spelling) -> Codec:
    yes, no = spelling["true"], spelling["false"]

    def decode(raw: Any, _: str) -> bool:
        text = as_text(raw) if isinstance(raw, str | int | Decimal) else ""
        if text not in (yes, no):
            raise Undecodable(f"neither {yes} nor {no}: {excerpt(raw)}")
        return bool(text == yes)

    def encode(value: Any, _: str) -> Any:
        known = {True: yes, "true": yes, False: no, "false": no}.get(value)
        if known is None:
            raise Undecodable(f"not true or false: {excerpt(value)}")
        return _as(spelling, known)

    return Codec(decode, encode)


def _like(known: str) -> Callable[[Spelling], Codec]:
    """Read like a known codec, written as a number where the type says so."""

    def made(spelling: Spelling) -> Codec:
        plain = CODECS[known]
        return Codec(plain.decode, lambda value, currency: _as(spelling, plain.encode(value, currency)))

    return made


def _as(spelling: Spelling, text: Any) -> Any:
    """A text, or the whole number that it spells where the type is declared `as: number`."""
    if spelling.get("as") != "number":
        return text
    if not re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", show(text)):
        raise Undecodable(f"not a whole number: {excerpt(text)}")
    return int(text)


_MAKERS: Final[Mapping[str, Callable[[Spelling], Codec]]] = {
    "number": _number,
    "money": _money,
    "date": _date,
    "instant": _instant,
    "bool": _bool,
    "ref": _like("ref"),
    "enum": _like("enum"),
    "id": _like("id"),
}
