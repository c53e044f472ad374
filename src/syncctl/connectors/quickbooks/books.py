"""How the company is set up: currency, numbering, custom fields. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from syncctl.model import Raw

_LABEL: Final = re.compile(r"SalesFormsPrefs\.SalesCustomName(\d)")
_USED: Final = re.compile(r"SalesFormsPrefs\.UseSalesCustom(\d)")


@dataclass(frozen=True, slots=True)
class Books:
    """Facts from Preferences. `custom_fields` are (DefinitionId, label) of the sales forms' fields that are in use;
    `own_numbers` says that documents keep the number they are given.
    """

    home_currency: str = ""
    multicurrency: bool = False
    own_numbers: bool = False
    custom_fields: tuple[tuple[str, str], ...] = ()


def books_from(preferences: Raw) -> Books:
    """The facts in a Preferences record."""
    currency = preferences.get("CurrencyPrefs") or {}
    forms = preferences.get("SalesFormsPrefs") or {}
    return Books(
        home_currency=str((currency.get("HomeCurrency") or {}).get("value", "")).upper(),
        multicurrency=currency.get("MultiCurrencyEnabled") is True,
        own_numbers=forms.get("CustomTxnNumbers") is True,
        custom_fields=_labels(forms.get("CustomField")),
    )


def _labels(groups: Any) -> tuple[tuple[str, str], ...]:
    """QuickBooks nests the definitions once more: flags in one group, labels in another."""
    used: dict[str, bool] = {}
    labels: dict[str, str] = {}
    for entry in _entries(groups):
        name = str(entry.get("Name", ""))
        if found := _LABEL.fullmatch(name):
            labels[found.group(1)] = str(entry.get("StringValue", "")).strip()
        elif found := _USED.fullmatch(name):
            used[found.group(1)] = entry.get("BooleanValue") is True
    return tuple((place, label) for place, label in sorted(labels.items()) if label and used.get(place, True))


def _entries(value: Any) -> Iterator[Raw]:
    if isinstance(value, list):
        for element in value:
            yield from _entries(element)
    elif isinstance(value, dict):
        if "Name" in value:
            yield value
        yield from _entries(value.get("CustomField"))
