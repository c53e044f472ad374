"""Canonical values as text. No I/O."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from syncctl.fields.numbers import plain_number
from syncctl.model import Money, Ref


def clean_text(text: str) -> str:
    """Unicode NFC, outer blanks off, inner runs of blanks as one: how texts are compared."""
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()
    return " ".join(unicodedata.normalize("NFC", text).split())


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
