"""Vendor text made safe to print, and values in the words of a finance person. No I/O.

A customer's name can hold terminal escapes, right-to-left overrides or invisible characters. Whatever is printed goes
through `visible` first. Colour markup cannot be smuggled in either: reports are built from `rich.text.Text`, which
never reads markup.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from syncctl.model import Money
from syncctl.money import exponent

SHOWN_MAX: Final = 200
"""Characters of one value in a table; a memo can hold 5 MB."""
BODY_SHOWN_MAX: Final = 600
"""Characters of a vendor's answer, and of a sentence of ours in a table."""
MARKS_MAX: Final = 3
"""Combining marks on one letter: more than any living script needs pile up over the lines above."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_AMOUNT: Final = re.compile(r"(-?\d+(?:\.\d+)?)(?: ([A-Z]{3}))?")
_SELECTOR: Final = re.compile(r"(?<=\w)\([^()]*=[^()]*\)")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def visible(text: str) -> str:
    """The text with every control, bidi, zero-width and look-alike blank character written as an escape.

    >>> visible("Acme" + chr(0x202E) + "cnI")
    'Acme\\\\u202ecnI'
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        hidden = category in _HIDDEN or (category == "Zs" and character != " ") or marks > MARKS_MAX
        shown.append(_escape(character) if hidden else character)
    return "".join(shown)


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def short(text: str, length: int = SHOWN_MAX) -> str:
    """`visible`, cut to a length; the cut says how much there is."""
    if len(text) <= length:
        return visible(text)
    return f"{visible(text[:length])}… ({len(text):,} characters)"


def amount_text(amount: Decimal, currency: str) -> str:
    """`1,250.00`, with the decimals the currency has, and more only where the amount has more.

    >>> amount_text(Decimal("1250"), "USD"), amount_text(Decimal("1250"), "JPY")
    ('1,250.00', '1,250')
    """
    plain = amount.normalize()
    own = plain.as_tuple().exponent
    decimals = max(exponent("stripe", currency) if currency else 2, -own if isinstance(own, int) else 0)
    return f"{plain:,.{decimals}f}"


def decimal_text(amount: Decimal, currency: str) -> str:
    """The same for a program: `1250.00`, without separators."""
    return amount_text(amount, currency).replace(",", "")


def money_text(money: Money) -> str:
    """`1,250.00 USD`."""
    return f"{amount_text(money.amount, money.currency)} {money.currency}".rstrip()


def read_amount(shown: str) -> Money | None:
    """The amount in a canonical text such as `1250 USD` or `-3.5`; None when it is something else."""
    found = _AMOUNT.fullmatch(shown)
    return Money(Decimal(found[1]), found[2] or "") if found else None


def value_text(shown: str, codec: str = "") -> str:
    """A canonical value as a person reads it: amounts with separators, everything else visible and cut.

    Without a codec only a number with its currency counts as an amount: `1042` may be a document number. A line
    (`object`) ends in its amounts: `Cable kit, 61.28 USD`.
    """
    if codec == "object":
        return _line_text(shown)
    found = read_amount(shown) if codec.startswith("money") or " " in shown else None
    return money_text(found) if found else short(shown)


def _line_text(shown: str) -> str:
    about, amounts = shown.split(", "), list[str]()
    while about and (money := read_amount(about[-1])) is not None and money.currency:
        amounts.insert(0, money_text(money))
        about.pop()
    return ", ".join(filter(None, [short(", ".join(about)), *amounts]))


def values_text(shown: str) -> str:
    """Several values, for what a rule looks for: `INV-1042, 500.00 USD`."""
    found = [(part, read_amount(part)) for part in shown.split(", ")]
    return short(", ".join(money_text(money) if money and money.currency else part for part, money in found))


def exact_text(shown: str, codec: str = "") -> str:
    """A canonical value for a program: an amount with its currency's decimals, everything else as it is."""
    found = read_amount(shown) if codec.startswith("money") or " " in shown else None
    return f"{decimal_text(found.amount, found.currency)} {found.currency}".rstrip() if found else shown


def field_text(field: str) -> str:
    """A field of a mapping as a person reads it: without selectors, and a reference without its key.

    >>> field_text("Line(DetailType=SalesItemLineDetail)"), field_text("SalesTermRef->Name"), field_text("(PO Number)")
    ('Line', 'SalesTermRef', '(PO Number)')
    """
    return short(_SELECTOR.sub("", field).partition("->")[0])


def in_words(before: str, after: str, codec: str = "") -> str:
    """How far apart two canonical values are: `up 60.00`, `30 days later`; empty where words add nothing.

    The currency is not repeated: it stands beside the values.
    """
    if _DATE.fullmatch(before) and _DATE.fullmatch(after):
        return _days(date.fromisoformat(before), date.fromisoformat(after))
    if not codec.startswith(("money", "number")) and " " not in after:
        return ""
    old, new = read_amount(before), read_amount(after)
    if old is None or new is None or (old.currency and new.currency and old.currency != new.currency):
        return ""
    step = new.amount - old.amount
    currency = new.currency or old.currency
    size = amount_text(abs(step), currency) if currency or codec.startswith("money") else f"{abs(step):,f}"
    return f"{'up' if step > 0 else 'down'} {size}" if step else ""


def _days(before: date, after: date) -> str:
    days = (after - before).days
    return f"{plural(abs(days), 'day')} {'later' if days > 0 else 'earlier'}" if days else ""


def since_text(since: str, now: datetime) -> str:
    """`since 2026-11-08 (12 days)`; empty when nothing says since when."""
    if not since:
        return ""
    found = datetime.fromisoformat(since)
    moment = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    days = (now.astimezone(UTC) - moment).days
    return f"since {moment:%Y-%m-%d} ({plural(days, 'day') if days > 0 else 'today'})"


def moment_text(instant: str) -> str:
    """An ISO-8601 instant as `2026-11-20 03:00 UTC`; anything else as it is."""
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError:
        return visible(instant)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment.tzinfo else visible(instant)


def plural(number: int, noun: str) -> str:
    """`1 change`, `2 changes`, `2 currencies`.

    >>> plural(1, "change"), plural(1200, "change"), plural(2, "currency")
    ('1 change', '1,200 changes', '2 currencies')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{number:,} {noun}s"
