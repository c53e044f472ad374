"""How the ERP spells values: decimal commas, DD.MM.YYYY, J and N. Written apart from the connector's own. No I/O."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from syncctl.sandbox.erp.refusals import malformed

ZONE: Final = ZoneInfo("Europe/Berlin")
_AMOUNT: Final = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]+))?")
_CENT: Final = Decimal("0.01")


def amount_of(field: str, text: Any, decimals: int = 2) -> Decimal:
    """`1.234,56` as a number. Raises Refusal."""
    found = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if found is None or len(found[1] or "") > decimals:
        raise malformed(field, f"an amount like 1234,56 with at most {decimals} decimals", text)
    return Decimal(str(text).replace(".", "").replace(",", "."))


def amount_text(value: Decimal, decimals: int = 2) -> str:
    """A number as `1.234,56`; more than two decimals only where they are needed."""
    rounded = value.quantize(_CENT, ROUND_HALF_UP) if decimals == 2 or value == value.quantize(_CENT) else value
    whole, _, part = f"{rounded:,f}".partition(".")
    return f"{whole.replace(',', '.')},{part.ljust(2, '0')}"


def day_of(field: str, text: Any) -> datetime:
    """`31.12.2026`. Raises Refusal."""
    try:
        if not isinstance(text, str) or not re.fullmatch(r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", text):
            raise ValueError(text)
        return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=ZONE)
    except ValueError as error:
        raise malformed(field, "a day like 31.12.2026", text) from error


def moment_of(field: str, text: str) -> datetime:
    """`31.12.2026 23:59:59`, the time in Berlin. Raises Refusal."""
    try:
        return datetime.strptime(text, "%d.%m.%Y %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError as error:
        raise malformed(field, "a time like 31.12.2026 23:59:59", text) from error


def moment_text(moment: datetime) -> str:
    """A moment as the ERP stamps it."""
    return moment.astimezone(ZONE).strftime("%d.%m.%Y %H:%M:%S")


def check_text(field: str, value: Any, longest: int) -> None:
    """A text of at most so many signs. Raises Refusal."""
    if not isinstance(value, str) or len(value) > longest:
        raise malformed(field, f"a text of at most {longest} signs", value)


def check_choice(field: str, value: Any, choices: tuple[str, ...]) -> None:
    """One of some words. Raises Refusal."""
    if value not in choices:
        raise malformed(field, f"one of {', '.join(choices)}", value)


def check_currency(field: str, value: Any) -> None:
    """An ISO code. Raises Refusal."""
    if not isinstance(value, str) or not re.fullmatch("[A-Z]{3}", value):
        raise malformed(field, "a currency like EUR", value)
