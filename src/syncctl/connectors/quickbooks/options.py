"""What syncctl.yaml may set for a QuickBooks system, with defaults for what the vendor does not publish. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from syncctl.connectors.base import Access
from syncctl.errors import ConfigError
from syncctl.model import Problem

LIVE_URL: Final = "https://quickbooks.api.intuit.com"
SANDBOX_URL: Final = "https://sandbox-quickbooks.api.intuit.com"
_ON: Final = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Options:
    """One system's settings.

    `enhanced` asks for custom fields beyond the three of the sales forms; `custom_fields` are those fields as
    (legacyIDV2, label), because their definitions are kept behind another API with a scope of its own.
    `retention_seconds`: how long a requestid is taken to be remembered (unpublished). `void_kinds`: what can be voided;
    Intuit documents it for invoices and payments, for credit memos it is unconfirmed, so the answer to every void is
    checked. `item_columns`: what a query for items asks for (a star alone leaves Sku out). `quota_words`: a 429 with
    one of these says that the month's quota is used up. `duplicate_numbers`: two documents of one kind may share a
    number, because the company has turned QuickBooks' warning (6140) off.
    """

    realm: str
    live: bool = False
    base_url: str = SANDBOX_URL
    enhanced: bool = False
    custom_fields: tuple[tuple[str, str], ...] = ()
    doc_number_length: int = 21
    duplicate_numbers: bool = False
    custom_field_length: int = 31
    retention_seconds: float = 86_400
    throttle_seconds: float = 60
    overlap_seconds: float = 300
    page_rows: int = 1000
    void_kinds: tuple[str, ...] = ("Invoice", "Payment", "CreditMemo")
    item_columns: str = "*, Sku"
    quota_words: tuple[str, ...] = ("quota", "monthly", "next month", "usage limit")


KNOWN: Final = (
    "custom_field_length",
    "custom_fields",
    "doc_number_length",
    "duplicate_numbers",
    "enhanced_custom_fields",
    "item_columns",
    "overlap_seconds",
    "page_rows",
    "quota_words",
    "requestid_seconds",
    "throttle_seconds",
    "void_kinds",
)
"""What syncctl.yaml may set."""
_Number = TypeVar("_Number", int, float)


def read_options(access: Access) -> Options:
    """The options of a system; raises ConfigError for a value that cannot be one."""
    given = access.options
    if not access.company.isdigit():
        raise ConfigError(
            f"{access.name}: {access.company!r} is no QuickBooks company id",
            fix="set `company` to the realm id, the digits that QuickBooks shows as Company ID",
        )
    unknown = [name for name in given if name not in KNOWN]
    if unknown:
        problems = [
            Problem(f"{access.name}.{name}", f"there is no option `{name}`", f"known: {', '.join(KNOWN)}")
            for name in unknown
        ]
        raise ConfigError(f"{access.name} has options that QuickBooks does not know", problems)
    live = access.live
    default = Options(access.company)
    return Options(
        realm=access.company,
        live=live,
        base_url=access.base_url.rstrip("/") or (LIVE_URL if live else SANDBOX_URL),
        enhanced=_switch(access.name, given, "enhanced_custom_fields"),
        custom_fields=_pairs(access.name, given.get("custom_fields", "")),
        doc_number_length=_number(access.name, given, "doc_number_length", default.doc_number_length),
        duplicate_numbers=_switch(access.name, given, "duplicate_numbers"),
        custom_field_length=_number(access.name, given, "custom_field_length", default.custom_field_length),
        retention_seconds=_number(access.name, given, "requestid_seconds", default.retention_seconds),
        throttle_seconds=_number(access.name, given, "throttle_seconds", default.throttle_seconds),
        overlap_seconds=_number(access.name, given, "overlap_seconds", default.overlap_seconds),
        page_rows=max(2, min(1000, _number(access.name, given, "page_rows", default.page_rows))),
        void_kinds=_words(given, "void_kinds", default.void_kinds),
        item_columns=given.get("item_columns", default.item_columns),
        quota_words=_words(given, "quota_words", default.quota_words),
    )


def _switch(system: str, given: Mapping[str, str], name: str) -> bool:
    text = str(given.get(name, "")).lower()
    if text not in _ON:
        raise ConfigError(f"{system}: {name} is {text!r}", fix="write `on` or `off`")
    return _ON[text]


def _number(system: str, given: Mapping[str, str], name: str, default: _Number) -> _Number:
    if name not in given:
        return default
    try:
        found = type(default)(given[name])
    except ValueError as error:
        raise ConfigError(f"{system}: {name} is {given[name]!r}", fix="write a number") from error
    if found <= 0:
        raise ConfigError(f"{system}: {name} is {given[name]!r}", fix="write a number above 0")
    return found


def _words(given: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if name not in given:
        return default
    return tuple(word.strip() for word in given[name].split(",") if word.strip())


def _pairs(system: str, text: str) -> tuple[tuple[str, str], ...]:
    """`1000000001=Region, 1000000002=Project ID`."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        identity, equals, label = (piece.strip() for piece in part.partition("="))
        if not (equals and identity.isdigit() and label):
            raise ConfigError(f"{system}: custom_fields holds {part!r}", fix="write legacyIDV2=Label, …")
        found.append((identity, label))
    return tuple(found)
