"""What a Salesforce system of syncctl.yaml can set, with the defaults and where they come from. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.options import Range, read_fields
from syncctl.errors import ConfigError
from syncctl.model import Problem

STANDARD: Final = (
    "Account",
    "Contact",
    "Opportunity",
    "OpportunityLineItem",
    "Product2",
    "PricebookEntry",
    "User",
)
"""Objects that are looked at without being named, where the user may see them."""
COLLECTION_MAX: Final = 200
"""Records per collection request (developer.salesforce.com, REST API, sObject Collections)."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the system.

    `objects`: objects beside the standard ones, custom ones too (`Invoice__c, Project__c`). `api_version`: always
    sent; 68.0 is Winter '27. `external_id_field`: our unique External ID field. `currency`: the org's currency
    where it has only one, which its API does not name. `lookback_seconds`: how far an incremental pull reaches
    back, for rows that were committed late. `deleted_days`: how long the vendor lists deletions.
    `calculated_hours`: how often objects with formula or roll-up fields are read whole, because those change
    without a trace; negative: never. `bulk_threshold`: from so many rows on a full pull is a bulk job; `bulk_rows`:
    rows per part of its result; `bulk_wait_seconds`: how long it may take. `page_rows`: asked for per page (200 to
    2,000; the vendor may give fewer). `retrieve_rows`: records read by id per request. `url_limit`: characters of
    an address; refused somewhere near 16,000. `create_batch`: rows per upsert. `update_batch`: rows per update;
    only a single one can say `If-Unmodified-Since`. `requests_per_second`: our own pace. `api_reserve_percent`: the
    share of the daily requests that is left to others. `lock_wait_seconds`: the pause after a locked record.
    `test_editions`: editions whose data is not live though they are no sandbox. `permission_set`: its id; `setup`
    then makes our field visible to it.
    """

    objects: str = ""
    api_version: str = "68.0"
    external_id_field: str = "syncctl_External_Id__c"
    currency: str = ""
    lookback_seconds: float = 600.0
    deleted_days: float = 15.0
    calculated_hours: float = 20.0
    bulk_threshold: int = 20_000
    bulk_rows: int = 10_000
    bulk_wait_seconds: float = 3_600.0
    page_rows: int = 2_000
    retrieve_rows: int = 500
    url_limit: int = 12_000
    create_batch: int = COLLECTION_MAX
    update_batch: int = 1
    requests_per_second: float = 10.0
    api_reserve_percent: float = 10.0
    lock_wait_seconds: float = 5.0
    test_editions: str = "Developer Edition"
    permission_set: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every object this system looks at: the standard ones, then those that were named."""
        return tuple(dict.fromkeys((*STANDARD, *self.named)))

    @property
    def named(self) -> tuple[str, ...]:
        """The objects that syncctl.yaml names: they must be there."""
        return tuple(name.strip() for name in self.objects.split(",") if name.strip())


_RANGES: Final[Mapping[str, Range]] = {
    "calculated_hours": (-8_784, 8_784),
    "create_batch": (1, COLLECTION_MAX),
    "update_batch": (1, COLLECTION_MAX),
    "page_rows": (200, 2_000),
    "retrieve_rows": (1, 2_000),
    "bulk_rows": (1, 1_000_000),
    "bulk_threshold": (0, 10**12),
    "url_limit": (500, 16_000),
    "requests_per_second": (0.01, 1_000),
    "api_reserve_percent": (0, 100),
    "lookback_seconds": (0, 86_400),
    "lock_wait_seconds": (0, 90),
    "bulk_wait_seconds": (1, 86_400),
    "deleted_days": (0.1, 30),
}


def read_settings(system: str, options: Mapping[str, str], kinds: Sequence[str] = ()) -> Settings:
    """Settings from the options of syncctl.yaml; `kinds` of mappings are objects too. Raises ConfigError with every
    problem.
    """
    found, problems = read_fields(Settings, system, options, _RANGES)
    named = (found.get("objects", ""), *(kind for kind in kinds if kind not in STANDARD))
    settings = Settings(**found | {"objects": ", ".join(filter(None, named))})
    problems += _texts(system, settings)
    if problems:
        raise ConfigError(f"the options of {system} are wrong", problems)
    return settings


def _texts(system: str, settings: Settings) -> list[Problem]:
    problems = [
        Problem(f"{system}.objects", f"{name!r} is no object's API name", "Invoice__c, not Invoice")
        for name in settings.named
        if not _NAME.fullmatch(name)
    ]
    if not _NAME.fullmatch(settings.external_id_field):
        problems.append(
            Problem(f"{system}.external_id_field", f"{settings.external_id_field!r} is no field's API name")
        )
    if not re.fullmatch(r"\d{2,3}\.0", settings.api_version):
        problems.append(Problem(f"{system}.api_version", f"{settings.api_version!r} is no version", "68.0"))
    return problems
