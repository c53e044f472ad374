"""Field and Schema, and the only encoder and decoder of values. No I/O.

A codec's name begins with the type of the value it makes: `money.minor.stripe` makes Money. The connector says which
codec a field has; a mapping never does. Decode once on the way in, encode once on the way out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from syncctl.model import Action, Money, Raw, Ref, Unknown
from syncctl.money import STRIPE_READ_ONLY_CURRENCIES, STRIPE_WHOLE_CURRENCIES, exponent, from_minor, to_minor
from syncctl.paths import Path, compile_read, parse_path, read, write

UNKNOWN_KEY: Final = "$known_after_apply"
EXPECTED: Final = "expected"
"""Beside it in a placeholder: the number that arithmetic tells, as text. For people and states, never written."""
DOUBLE_DIGITS: Final = 15
"""Decimal digits that survive a binary double; more of them are a float tail (HubSpot sends such numbers)."""
CLEAN_DIGITS: Final = 13
"""A number of 16 digits is a float tail when rounding leaves no more than these: 0.7999999999999999 is 0.8, while
12345678901234.56 is meant as it stands."""
CENTS: Final = 2
"""Numbers with no more decimals than these are never taken for a float tail."""
EXACT_DIGITS: Final = 28
"""What decimal arithmetic keeps; a longer number could not be added up exactly, so it is refused."""
SMALLEST_EXPONENT: Final = -100


class Undecodable(ValueError):
    """A raw value is not what its field says; the message names the value."""


_LONG: Final = Context(prec=1_000)
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode_json(body: bytes) -> Any:
    """JSON with every fractional number as an exact Decimal; raises Undecodable when it is no JSON."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, RecursionError) as error:
        raise Undecodable(f"not JSON: {error}") from error


def decode_record(body: bytes) -> Raw:
    """The JSON object that a record is; raises Undecodable when it is none."""
    found = decode_json(body)
    if not isinstance(found, dict):
        raise Undecodable(f"no record: {_short(found)}")
    return found


def encode_json(value: Any) -> bytes:
    """JSON, Decimals written as numbers digit by digit."""
    return _encoder.encode(value)


@dataclass(frozen=True, slots=True)
class Field:
    """One place where a record keeps a value.

    `path` names it without selectors (`Line.Amount`); `access` is the plain path that reads and writes it when that
    differs (a custom field: `CustomField(DefinitionId=1).StringValue`). `currency` is the path of the currency of a
    money field, read from the same record. `target` is the kind a reference points to. `writable` is `always`,
    `create`, `never`, or `while PATH=A|B`: a rule over the record's state. A path ending in `.*` stands for any key.
    `default` is the raw value where the vendor leaves the field out; `currency_default` likewise the currency of a
    money field. `assigned`: the vendor sets the field on a create that leaves it out (an id, a number, a total).
    `reverse` makes the field the list of the records of another kind that point here: (kind, path there, path here).
    `unique_with` names other kinds whose field of the same name shares the uniqueness.
    """

    path: str
    codec: str = "text"
    access: str = ""
    label: str = ""
    currency: str = ""
    currency_default: str = ""
    default: str = ""
    assigned: bool = False
    target: str = ""
    writable: str = "never"
    required: bool = False
    unique: bool = False
    unique_with: tuple[str, ...] = ()
    many: bool = False
    max_length: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    open_options: bool = True
    custom: bool = False
    reverse: tuple[str, str, str] | None = None
    note: str = ""

    @property
    def type(self) -> str:
        """The type of the value: text, enum, id, ref, number, money, date, instant, bool, currency, object."""
        return self.codec.partition(".")[0]

    @property
    def place(self) -> str:
        """The plain path that reads and writes the value."""
        return self.access or self.path


@dataclass(frozen=True, slots=True)
class Schema:
    """What a kind's records look like at this vendor, for this account, now.

    `identity` is the field that holds the record's id; `actions` what can be written at all, and `note` why one is
    missing. `dated` and `amount` are the default posting date and amount; `marker` the text field that can carry a
    source's Ref; `name` the paths that make a record's human name, the first that is not empty. `owed` is the field
    that says how much of a record is still unpaid; `settles` how a record of this kind pays others: (kind paid, list of
    parts, path of its id in a part, path of the amount in a part).
    """

    system: str
    kind: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    identity: str = "id"
    dated: str = ""
    amount: str = ""
    marker: str = ""
    name: tuple[str, ...] = ()
    owed: str = ""
    settles: tuple[tuple[str, str, str, str], ...] = ()
    actions: frozenset[Action] = frozenset()
    note: str = ""

    def find(self, key: str) -> Field | None:
        """The field with this path, or the `.*` field that stands for it."""
        found = self.fields.get(key)
        if found is not None:
            return found
        parent, dot, _ = key.rpartition(".")
        wild = self.fields.get(f"{parent}.*") if dot else None
        if wild is None:
            return None
        return replace(wild, path=key)

    def labelled(self, label: str) -> tuple[Field, ...]:
        """Every field with this label, compared without case and outer blanks."""
        wanted = label.strip().casefold()
        return tuple(found for found in self.fields.values() if found.label.strip().casefold() == wanted)


# --- codecs: raw JSON value <-> canonical value ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Codec:
    """`decode(raw, currency)` and `encode(value, currency)`; both raise Undecodable. None never reaches either."""

    decode: Callable[[Any, str], Any]
    encode: Callable[[Any, str], Any]


def unknown_in(raw: Any) -> Unknown | None:
    """The placeholder of a value known after apply, if `raw` is one (bare, or as a reference's `value`)."""
    if not isinstance(raw, dict):
        return None
    if UNKNOWN_KEY in raw:
        ref, _, path = raw[UNKNOWN_KEY].rpartition("#")
        return Unknown(Ref.parse(ref), path)
    inner = raw.get("value", raw.get("id"))
    return unknown_in(inner) if isinstance(inner, dict) else None


def placeholder(unknown: Unknown) -> Raw:
    """The JSON that stands for a value known after apply, until a receipt replaces it."""
    return {UNKNOWN_KEY: f"{unknown.ref}#{unknown.path}"}


def clean_text(text: str) -> str:
    """Unicode NFC, outer blanks off, inner runs of blanks as one: how texts are compared."""
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(raw: Any, _: str) -> str:
    if type(raw) is str:
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | Decimal):
        return format(raw, "f") if isinstance(raw, Decimal) else str(raw)
    raise Undecodable(f"not a text: {_short(raw)}")


def _short(raw: Any) -> str:
    shown = repr(raw)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _decimal(raw: Any, _: str) -> Decimal:
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return _exact(Decimal(raw))
    if isinstance(raw, str):
        return parse_number(raw)
    raise Undecodable(f"not a number: {_short(raw)}")


_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED_NUMBER = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


def parse_number(text: str) -> Decimal:
    """A number as people and vendors write it: `15000`, `15000.00`, `15,000`; anything doubtful raises Undecodable.

    Digits beyond what a double holds are a float tail and are rounded away.
    """
    stripped = text.strip()
    if _GROUPED_NUMBER.fullmatch(stripped):
        stripped = stripped.replace(",", "")
    if not _PLAIN_NUMBER.fullmatch(stripped):
        raise Undecodable(f"not a number: {_short(text)}")
    return _exact(Decimal(stripped))


def _exact(value: Decimal) -> Decimal:
    """The value without a float tail. Raises Undecodable when it is too long to be reckoned with."""
    text = str(value)
    if len(text) <= DOUBLE_DIGITS and "E" not in text and text[-1].isdigit():
        return value
    _, digits, exponent_ = value.as_tuple()
    if not isinstance(exponent_, int) or exponent_ < SMALLEST_EXPONENT:
        raise Undecodable(f"not a number to reckon with: {_short(value)}")
    if len(digits) > DOUBLE_DIGITS and exponent_ < -CENTS:
        value = _without_tail(value, len(digits))
    if len(value.as_tuple().digits) > EXACT_DIGITS or value.adjusted() >= EXACT_DIGITS:
        raise Undecodable(f"a number of more than {EXACT_DIGITS} digits: {_short(value)}")
    return value


def _without_tail(value: Decimal, digits: int) -> Decimal:
    shift = value.adjusted() - DOUBLE_DIGITS + 1
    rounded = value.quantize(Decimal((0, (1,), min(shift, 0))), context=_LONG)
    short = len(rounded.normalize(_LONG).as_tuple().digits) <= CLEAN_DIGITS
    return rounded if short or digits > DOUBLE_DIGITS + 1 else value


def _money(vendor: str) -> Codec:
    def decode(raw: Any, currency: str) -> Money:
        if isinstance(raw, bool) or not isinstance(raw, int | Decimal | str):
            raise Undecodable(f"not an amount: {_short(raw)}")
        minor = _decimal(raw, "")
        return Money(from_minor(minor, exponent(vendor, currency)), currency)

    def encode(value: Any, currency: str) -> int:
        if currency in STRIPE_READ_ONLY_CURRENCIES:
            raise Undecodable(f"amounts in {currency} are read only: the vendor's number of decimals is unresolved")
        amount = _amount(value)
        return (
            to_minor(amount, 0) * 100
            if currency in STRIPE_WHOLE_CURRENCIES
            else to_minor(amount, exponent(vendor, currency))
        )

    return Codec(decode, encode)


def _amount(value: Any) -> Decimal:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str):
        return parse_number(value)
    raise Undecodable(f"not an amount: {_short(value)}")


def _decode_money(raw: Any, currency: str) -> Money:
    return Money(_decimal(raw, ""), currency)


def _text_number(value: Any, _: str) -> str:
    return format(_amount(value), "f")


def _json_number(value: Any, _: str) -> int | Decimal:
    amount = _amount(value)
    return int(amount) if amount == amount.to_integral_value() else amount


def _date(raw: Any, _: str) -> date:
    """The day of a date or of a time as it is written: the offset never moves it to another day."""
    if not isinstance(raw, str) or raw[10:11] not in ("", "T", " "):
        raise Undecodable(f"not a date: {_short(raw)}")
    try:
        return date.fromisoformat(raw[:10])
    except ValueError as error:
        raise Undecodable(f"not a date: {_short(raw)}") from error


def _instant_epoch(raw: Any, _: str) -> datetime:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Undecodable(f"not a Unix time: {_short(raw)}")
    try:
        return datetime.fromtimestamp(raw, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Undecodable(f"not a Unix time: {_short(raw)}") from error


def _instant_iso(raw: Any, _: str) -> datetime:
    if not isinstance(raw, str):
        raise Undecodable(f"not a time: {_short(raw)}")
    try:
        found = datetime.fromisoformat(raw)
        if found.tzinfo is None:
            raise Undecodable(f"a time without an offset: {_short(raw)}")
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, Undecodable) else Undecodable(f"not a time: {_short(raw)}") from error


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _date(value, "")


def _as_instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    return _instant_iso(value, "")


def _bool(raw: Any, _: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in ("true", "false"):
        return bool(raw == "true")
    raise Undecodable(f"not true or false: {_short(raw)}")


def _currency(raw: Any, _: str) -> str:
    text = raw.get("value") if isinstance(raw, dict) else raw
    if text is None and isinstance(raw, dict):
        return ""
    if not isinstance(text, str) or not text.isprintable():
        raise Undecodable(f"not a currency: {_short(raw)}")
    return text.strip().upper()


def _reference(raw: Any, _: str) -> str:
    """The id a reference holds: bare, as `{"value": id}`, or as an object with its `id`."""
    if type(raw) is str:
        return raw
    inner = raw.get("value", raw.get("id")) if isinstance(raw, dict) else raw
    if inner is None and ("value" in raw or "id" in raw):
        return ""
    if isinstance(inner, bool) or not isinstance(inner, str | int):
        raise Undecodable(f"not a reference: {_short(raw)}")
    return str(inner)


def _identity(value: Any) -> str:
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, str):
        return value
    raise Undecodable(f"not a reference: {_short(value)}")


def _plain_text(value: Any, _: str) -> str:
    return show(value)


CODECS: Final[dict[str, Codec]] = {
    "text": Codec(_text, _plain_text),
    "enum": Codec(_text, _plain_text),
    "id": Codec(_text, _plain_text),
    "number": Codec(_decimal, _json_number),
    "number.text": Codec(_decimal, _text_number),
    "money": Codec(_decode_money, _json_number),
    "money.text": Codec(_decode_money, _text_number),
    "money.minor.stripe": _money("stripe"),
    "date": Codec(_date, lambda value, _: _as_date(value).isoformat()),
    "date.midnight": Codec(_date, lambda value, _: f"{_as_date(value).isoformat()}T00:00:00Z"),
    "date.epoch": Codec(
        lambda raw, _: _instant_epoch(raw, "").date(),
        lambda value, _: int(datetime.combine(_as_date(value), time.min, UTC).timestamp()),
    ),
    "instant.epoch": Codec(_instant_epoch, lambda value, _: int(_as_instant(value).timestamp())),
    "instant.iso": Codec(
        _instant_iso, lambda value, _: _as_instant(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    ),
    "bool": Codec(_bool, lambda value, _: _bool(value, "")),
    "bool.text": Codec(_bool, lambda value, _: "true" if _bool(value, "") else "false"),
    "currency": Codec(_currency, lambda value, _: show(value).upper()),
    "currency.lower": Codec(_currency, lambda value, _: show(value).lower()),
    "currency.value": Codec(_currency, lambda value, _: {"value": show(value).upper()}),
    "ref": Codec(_reference, lambda value, _: _identity(value)),
    "ref.value": Codec(_reference, lambda value, _: {"value": _identity(value)}),
    "ref.element": Codec(_reference, lambda value, _: {"id": _identity(value)}),
    "object": Codec(lambda raw, _: raw, lambda value, _: value),
}
"""Every way a value is kept. `date.epoch` is a day, as the Unix time of its midnight in UTC. `ref.element` is a
reference inside a list of `{"id": …, "label": …}`.
"""


def decode(codec: str, raw: Any, currency: str = "") -> Any:
    """The canonical value of a raw one; None for null and the empty or blank text; Unknown for a placeholder.

    Raises Undecodable.
    """
    if raw is None or (type(raw) is str and (not raw or raw.isspace())):
        return None
    if type(raw) is dict and (unknown := unknown_in(raw)) is not None:
        return unknown
    value = CODECS[codec].decode(raw, currency)
    return None if type(value) is str and not value else value


def encode(codec: str, value: Any, currency: str = "") -> Any:
    """The raw value that a vendor is sent; placeholders for values known after apply. Raises Undecodable."""
    if value is None:
        return None
    if isinstance(value, Ref) and value.provisional:
        value = Unknown(value, "")
    if isinstance(value, Unknown):
        hole = placeholder(value)
        return {"value": hole} if codec.endswith(".value") else {"id": hole} if codec == "ref.element" else hole
    return CODECS[codec].encode(value, currency)


def plain_number(value: Decimal) -> str:
    """A number without exponent and trailing zeros: 12.50 and 1.25E+1 are both `12.5`."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def show(value: Any) -> str:
    """A canonical value as text: what is compared as text, written into text fields, and shown to people."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, Money):
        return f"{plain_number(value.amount)} {value.currency}".rstrip()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, tuple):
        return ", ".join(map(show, value))
    return str(value)


def currency_of(raw: Raw, found: Field) -> str:
    """The currency of a money field in this record: ISO code, upper case; empty where the record names none."""
    if not found.currency:
        return ""
    for value in read(raw, parse_path(found.currency)):
        return _currency(value, "") or found.currency_default
    return found.currency_default


def currency_reader(found: Field) -> Callable[[Raw], str]:
    """`currency_of` for many records: its path is looked up once."""
    if not found.currency:
        return lambda _raw: ""
    get, absent = compile_read(parse_path(found.currency)), found.currency_default

    def currency(raw: Raw) -> str:
        value = get(raw)
        if type(value) is str and value.isalpha():
            return value.upper()
        if type(value) is list or type(value) is tuple:
            return currency_of(raw, found)
        return absent if value is None else _currency(value, "") or absent

    return currency


def set_raw(raw: Raw, path: Path, value: Any) -> Raw:
    """A copy of a raw record with an encoded value written at a plain path."""
    written: Raw = write(raw, path, value)
    return written
