"""What a HubSpot system of syncctl.yaml can set, with the defaults and where they come from. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.options import Range, read_fields
from syncctl.errors import ConfigError

DEFAULT_BASE_URL: Final = "https://api.hubapi.com"
BATCH_MAX: Final = 100
"""Inputs per batch request (developers.hubspot.com, object APIs, limits)."""
ASSOCIATIONS_MAX: Final = 1_000
"""Records whose associations one request reads (developers.hubspot.com/changelog, 10 February 2025)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the system.

    `api_version`: a dated version (2026-09 is current until March 2027). `external_id_property`: our unique property.
    `search_lag_seconds`: how far an incremental pull reaches back, because the search index lags; connectors in the
    wild hold back up to an hour. `url_limit`: a longer list address is refused with 414 somewhere between 8,000 and
    16,000 characters. `batch_size`: rows per write. `association_batch`: records whose associations are read in one
    request; more are pulled at a time, too. `requests_per_10_seconds`: 100 on Free and Starter, 190 on
    Professional, 250 with the add-on. `searches_per_second`: the account's limit is 5. `account_info_path`: the
    dated address when empty. `live_account_types`: account types whose data is real. `property_group_*`: where
    `syncctl setup` puts our property.
    """

    api_version: str = "2026-09"
    external_id_property: str = "syncctl_external_id"
    search_lag_seconds: float = 3_600.0
    url_limit: int = 6_000
    batch_size: int = BATCH_MAX
    association_batch: int = 1_000
    requests_per_10_seconds: float = 100.0
    searches_per_second: float = 4.0
    account_info_path: str = ""
    live_account_types: str = "STANDARD"
    property_group_contact: str = "contactinformation"
    property_group_company: str = "companyinformation"
    property_group_deal: str = "dealinformation"

    def group(self, kind: str) -> str:
        """The property group of a writable kind."""
        groups = {
            "contact": self.property_group_contact,
            "company": self.property_group_company,
            "deal": self.property_group_deal,
        }
        return groups[kind]


_RANGES: Final[Mapping[str, Range]] = {
    "batch_size": (1, BATCH_MAX),
    "association_batch": (1, ASSOCIATIONS_MAX),
    "search_lag_seconds": (0, 604_800),
}


def read_settings(system: str, options: Mapping[str, str]) -> Settings:
    """Settings from the options of syncctl.yaml; raises ConfigError with every problem."""
    found, problems = read_fields(Settings, system, options, _RANGES)
    if problems:
        raise ConfigError(f"the options of {system} are wrong", problems)
    return Settings(**found)
