"""What syncctl.yaml may set for a Xero system, with defaults for what the vendor does not promise. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.base import Access
from syncctl.connectors.options import Range, read_fields
from syncctl.errors import ConfigError

URL: Final = "https://api.xero.com"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """One system's settings.

    `page_rows`: records per page, 1000 at most. `overlap_seconds`: how far a pull of changes reaches back before the
    last one. `full_days`: after so many days a pull of changes reads everything, because not every change moves a
    record's time of change. `retention_seconds`: how long a key is remembered. `batch_rows`: records per write; Xero
    recommends 50. `unit_decimals`: decimals of a unit price, 2 or 4. `calls_per_minute`: Xero allows 60 per
    organisation and app. `limit_seconds`: the wait after a minute limit that names none. `ids_asked`: ids or values per
    lookup. `reference_length`, `number_length`: longest reference and document number.
    """

    page_rows: int = 1000
    overlap_seconds: float = 300
    full_days: float = 7
    retention_seconds: float = 360
    batch_rows: int = 50
    unit_decimals: int = 4
    calls_per_minute: int = 60
    limit_seconds: float = 60
    ids_asked: int = 40
    reference_length: int = 255
    number_length: int = 255


_RANGES: Final[Mapping[str, Range]] = {
    "page_rows": (1, 1000),
    "unit_decimals": (1, 4),
    "calls_per_minute": (1, 60),
}


def read_options(access: Access) -> Options:
    """The options of a system; raises ConfigError with every problem."""
    if not _UUID.fullmatch(access.company):
        raise ConfigError(
            f"{access.name}: {access.company!r} is no Xero organisation",
            fix="set `company` to the organisation's tenant id; `GET https://api.xero.com/connections` lists it",
        )
    found, problems = read_fields(Options, access.name, access.options, _RANGES)
    if problems:
        raise ConfigError(f"the options of {access.name} are wrong", problems)
    return Options(**found)
