"""Formats of days and times as a YAML file declares them: `DD.MM.YYYY HH:mm`. No I/O.

YYYY MM DD   year, month and day, as many digits as letters
HH mm ss     hour (00 to 23), minute, second; SSS milliseconds
Z            the offset: `Z`, `+01:00` or `+0100`
Everything else stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syncctl.fields.undecodable import Undecodable, excerpt

_TOKENS: Final = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "DD": r"(?P<day>[0-9]{2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "SSS": r"(?P<milli>[0-9]{3})",
    "ss": r"(?P<second>[0-9]{2})",
    "Z": r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})",
}
_CUT: Final = re.compile("(" + "|".join(_TOKENS) + ")")
_PARTS: Final = ("year", "month", "day", "hour", "minute", "second")
_DAY: Final = ("YYYY", "MM", "DD")


class NotAFormat(ValueError):
    """A text is no format; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Format:
    """A parsed format: literal texts and tokens in order, and the pattern that reads it."""

    parts: tuple[str, ...]
    pattern: re.Pattern[str]

    @property
    def offset(self) -> bool:
        """True when a text of this format says its offset."""
        return "Z" in self.parts

    def fields(self, text: str) -> dict[str, str]:
        """The digits by their meaning. Raises Undecodable."""
        found = self.pattern.fullmatch(text)
        if found is None:
            raise Undecodable(f"not of the form {''.join(self.parts)}: {excerpt(text)}")
        return found.groupdict()

    def text(self, moment: datetime) -> str:
        """A moment in this format, in its own time zone."""
        return "".join(_written(part, moment) for part in self.parts)


def _written(part: str, moment: datetime) -> str:
    match part:
        case "YYYY":
            return f"{moment.year:04}"
        case "MM":
            return f"{moment.month:02}"
        case "DD":
            return f"{moment.day:02}"
        case "HH":
            return f"{moment.hour:02}"
        case "mm":
            return f"{moment.minute:02}"
        case "ss":
            return f"{moment.second:02}"
        case "SSS":
            return f"{moment.microsecond // 1000:03}"
        case "Z":
            return moment.isoformat()[-6:]
    return part


@cache
def parse_format(text: str, *, time: bool) -> Format:
    """Reads a format; `time` says whether it is one of times. Raises NotAFormat."""
    parts = tuple(part for part in _CUT.split(text) if part)
    tokens = [part for part in parts if part in _TOKENS]
    needed = (*_DAY, "HH", "mm") if time else _DAY
    missing = [token for token in needed if token not in tokens]
    if missing:
        raise NotAFormat(f"`{text}` has no {', no '.join(missing)}")
    twice = next((token for token in tokens if tokens.count(token) > 1), "")
    if twice:
        raise NotAFormat(f"`{text}` has {twice} twice")
    if not time and len(tokens) > len(_DAY):
        raise NotAFormat(f"`{text}` holds a time; a day has YYYY, MM and DD")
    if "SSS" in tokens and "ss" not in tokens:
        raise NotAFormat(f"`{text}` has milliseconds without seconds")
    literal = "".join(part for part in parts if part not in _TOKENS)
    if re.search(r"[A-Za-z0-9]", literal.replace("T", "")):
        raise NotAFormat(f"`{text}`: only YYYY, MM, DD, HH, mm, ss, SSS, Z and T are known letters")
    return Format(parts, re.compile("".join(_TOKENS.get(part, re.escape(part)) for part in parts)))


def zone(name: str) -> tzinfo:
    """A time zone by its IANA name. Raises NotAFormat."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotAFormat(f"`{name}` is no time zone") from error


def read_day(form: Format, text: str) -> date:
    """The day in a text. Raises Undecodable."""
    found = form.fields(text)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError as error:
        raise Undecodable(f"no such day: {excerpt(text)}") from error


def read_moment(form: Format, within: tzinfo, text: str) -> datetime:
    """The instant in a text, in UTC. Of an hour that comes twice it is the first; one that the clocks leap over is
    refused. Raises Undecodable.
    """
    found = {name: digits for name, digits in form.fields(text).items() if digits is not None}
    offset = found.pop("offset", "")
    micros = int(found.pop("milli", "0")) * 1000
    try:
        year, month, day, hour, minute, second = (int(found.get(name, "0")) for name in _PARTS)
        there = datetime(year, month, day, hour, minute, second, micros, tzinfo=_offset(offset) if offset else within)
        moment = there.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Undecodable(f"no such time: {excerpt(text)}") from error
    if moment.astimezone(there.tzinfo).replace(fold=0) != there.replace(fold=0):
        raise Undecodable(f"the clocks leap over this time: {excerpt(text)}")
    return moment


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
