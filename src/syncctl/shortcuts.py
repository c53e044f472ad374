"""The plain cases of a cell, straight from the raw value to its text; all others take the long way. No I/O.

A shortcut saves making a canonical value (Decimal, Money, datetime) that would at once become text again: a ledger of
millions of records is projected in a third of the time. Its text is always the one that decoding and comparing make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from syncctl.comparison import EMPTY, Compare
from syncctl.fields.currency import currency_reader
from syncctl.fields.numbers import DOUBLE_DIGITS
from syncctl.fields.placeholder import UNKNOWN_KEY
from syncctl.fields.schema import Field
from syncctl.fields.text import show
from syncctl.model import Money, Raw
from syncctl.money import exponent
from syncctl.paths import compile_read, parse_path
from syncctl.values.canonical import one
from syncctl.values.forms import Reading
from syncctl.values.scope import Scope

Cell: TypeAlias = Callable[[Any, Scope], str]
"""From a raw record or line element to the text of a cell. Raises Undecodable."""
Shortcut: TypeAlias = Callable[[Any, Raw], str | None]
"""From a raw value that is not null, and its record, to the text; None when this value is no plain case."""

MICROS: Final = Decimal(1_000_000)
"""Amounts are summed in SQL as whole millionths of the currency's unit, exactly."""
LARGEST: Final = 2**62
"""Two amounts below it are subtracted in 64 bits."""
AmountReader: TypeAlias = Callable[[Any, Scope], tuple[int | None, str]]
"""From a raw record to its amount in millionths and the currency; (None, "") where there is none."""
EXACT_BELOW: Final = 10**15
"""Whole numbers from here on are left to the decoder, which knows how many digits a number has."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How the values of two fields are compared: in which common type, and the function that makes them text.

    `normalise` is the named function of `as`, which `compare` has in it already.
    """

    common: str
    compare: Compare
    time_zone: ZoneInfo
    normalise: Callable[[str], str] | None = None


def cell_reader(reading: Reading, ways: Ways) -> Cell:
    """How the cells of a form are read: `compare(reading.read(...))`, by a shortcut where there is one."""
    read, compare = reading.read, ways.compare

    def long_way(raw: Any, scope: Scope) -> str:
        return compare(read(raw, scope))

    if reading.members:
        return _first(reading.members, ways, long_way)
    if reading.terms:
        return _sum(reading.terms, ways, long_way)
    found = reading.own
    shortcut = _shortcut(found, ways) if found is not None else None
    if found is None or shortcut is None:
        return long_way
    get = compile_read(parse_path(reading.parts[0].place))
    absent = None if found.default else EMPTY

    def cell(raw: Any, scope: Scope) -> str:
        value = get(raw)
        text = absent if value is None else shortcut(value, scope.root)
        return compare(read(raw, scope)) if text is None else text

    def top_cell(raw: Any, scope: Scope) -> str:
        """The same for a key of the record itself, where most fields are: one call less per cell."""
        value = raw.get(key) if type(raw) is dict else get(raw)
        text = absent if value is None else shortcut(value, scope.root)
        return compare(read(raw, scope)) if text is None else text

    steps = parse_path(reading.parts[0].place).steps
    key = steps[0].name
    return top_cell if len(steps) == 1 and not steps[0].selectors else cell


def _first(members: tuple[Reading, ...], ways: Ways, long_way: Cell) -> Cell:
    """The first member that is there, when all of them have shortcuts."""
    plain: list[tuple[Callable[[Any], Any], Shortcut]] = []
    for member in members:
        found = member.own
        shortcut = _shortcut(found, ways) if found is not None and not found.default else None
        if shortcut is None or ways.normalise is not None:
            return long_way
        plain.append((compile_read(parse_path(member.parts[0].place)), shortcut))

    def first(raw: Any, scope: Scope) -> str:
        for get, shortcut in plain:
            value = get(raw)
            text = EMPTY if value is None else shortcut(value, scope.root)
            if text is None:
                return long_way(raw, scope)
            if text != EMPTY:
                return text
        return EMPTY

    return first


def _sum(terms: tuple[tuple[int, Reading], ...], ways: Ways, long_way: Cell) -> Cell:
    """Whole minor units in one currency, when all terms have them."""
    own = [term.own for _, term in terms]
    minor = [found for found in own if found is not None and found.codec == "money.minor.stripe" and not found.default]
    if len(minor) < len(terms) or len({(found.currency, found.currency_default) for found in minor}) > 1:
        return long_way
    shortcut = _shortcut(minor[0], ways)
    if shortcut is None:
        return long_way
    plain = [(sign, compile_read(parse_path(term.parts[0].place))) for sign, term in terms]

    def total(raw: Any, scope: Scope) -> str:
        amounts: list[int] = []
        for sign, get in plain:
            value = get(raw)
            for each in value if type(value) is tuple else (value,):
                if type(each) is int and -EXACT_BELOW < each < EXACT_BELOW:
                    amounts.append(sign * each)
                elif each is not None:
                    return long_way(raw, scope)
        text = shortcut(sum(amounts), scope.root) if amounts else EMPTY
        return long_way(raw, scope) if text is None else text

    return total


def shown_reader(reading: Reading) -> Cell:
    """How a form is shown to people: `show(reading.read(...))`."""
    read, found = reading.read, reading.own
    if found is None or found.codec not in ("text", "enum", "id"):
        return lambda raw, scope: show(read(raw, scope))
    get = compile_read(parse_path(reading.parts[0].place))

    def shown(raw: Any, scope: Scope) -> str:
        value = get(raw)
        return value if type(value) is str and value and not value.isspace() else show(read(raw, scope))

    return shown


def amount_reader(reading: Reading) -> AmountReader:
    """How the amount of a record is read, for sums."""
    read, found = reading.read, reading.own

    def long_way(raw: Any, scope: Scope) -> tuple[int | None, str]:
        value = one(read(raw, scope))
        if isinstance(value, Money):
            return _millionths(value.amount), value.currency
        return (_millionths(value), "") if isinstance(value, Decimal) else (None, "")

    if found is None or found.codec != "money.minor.stripe":
        return long_way
    get, code_of = compile_read(parse_path(reading.parts[0].place)), currency_reader(found)

    def minor(raw: Any, scope: Scope) -> tuple[int | None, str]:
        value = get(raw)
        if type(value) is not int or not 0 <= value < EXACT_BELOW:
            return long_way(raw, scope)
        code = code_of(scope.root)
        micros = value * 10 ** (6 - exponent("stripe", code))
        return (micros if micros < LARGEST else None), code

    return minor


def _millionths(amount: Decimal) -> int | None:
    """Whole millionths; None where the ledger's integers could not add them up."""
    whole = int(amount * MICROS)
    return whole if abs(whole) < LARGEST else None


def _shortcut(found: Field, ways: Ways) -> Shortcut | None:
    common, normalise = ways.common, ways.normalise
    if common == "text" and found.codec in ("text", "enum", "id"):
        return _text(normalise)
    if normalise is not None:
        return None
    match common, found.codec:
        case "currency", "currency" | "currency.lower":
            return lambda value, _record: value.upper() if type(value) is str and value.isalpha() else None
        case "currency", "currency.value":
            return _currency_value
        case "date", "date":
            return _day
        case "date", "instant.epoch":
            return _local_day(ways.time_zone)
        case "money" | "number", "money.minor.stripe":
            return _minor("stripe", found, common)
        case "money" | "number", "money":
            return _amount(found, common)
        case "number", "number":
            return lambda value, _record: _plain(value)
    return None


def _text(normalise: Callable[[str], str] | None) -> Shortcut:
    """Printable ASCII without double blanks; `clean_text` is for the rest."""

    def text(value: Any, _record: Raw) -> str | None:
        if type(value) is not str or not value.isascii() or "  " in value or not value.isprintable():
            return None
        stripped = value.strip()
        return (normalise(stripped) if normalise is not None and stripped else stripped) or EMPTY

    return text


def _currency_value(value: Any, _record: Raw) -> str | None:
    code = value.get("value") if type(value) is dict and UNKNOWN_KEY not in value else None
    return code.upper() if type(code) is str and code.isalpha() else None


def _day(value: Any, _record: Raw) -> str | None:
    if type(value) is not str or len(value) != 10:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _local_day(time_zone: ZoneInfo) -> Shortcut:
    def day(value: Any, _record: Raw) -> str | None:
        # Within these bounds (1970 to 9000) no zone's offset leaves what a date can be.
        if type(value) is not int or not 86_400 <= value < 221_845_392_000:
            return None
        return datetime.fromtimestamp(value, time_zone).date().isoformat()

    return day


def _minor(vendor: str, found: Field, common: str) -> Shortcut:
    """Whole minor units."""
    code_of = currency_reader(found)

    def minor(value: Any, record: Raw) -> str | None:
        # A price in minor units with decimals comes as text (Stripe's unit_amount_decimal); mostly it has none.
        if type(value) is str and value.isdecimal() and len(value) <= DOUBLE_DIGITS:
            value = int(value)
        if type(value) is not int or not 0 <= value < EXACT_BELOW:
            return None
        code = code_of(record)
        decimals = exponent(vendor, code)
        whole, part = divmod(value, 10**decimals)
        number = f"{whole}.{part:0{decimals}}".rstrip("0") if part else str(whole)
        return f"{number} {code}" if common == "money" else number

    return minor


def _amount(found: Field, common: str) -> Shortcut:
    """Major units."""
    code_of = currency_reader(found)

    def amount(value: Any, record: Raw) -> str | None:
        number = _plain(value)
        return f"{number} {code_of(record)}" if number is not None and common == "money" else number

    return amount


def _plain(value: Any) -> str | None:
    """A number short enough to have no float tail, without trailing zeros."""
    if type(value) is int:
        return str(value) if -EXACT_BELOW < value < EXACT_BELOW else None
    text = str(value) if type(value) is Decimal else ""
    if not text or len(text) > DOUBLE_DIGITS or "E" in text or "." not in text:
        return None
    short = text.rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
