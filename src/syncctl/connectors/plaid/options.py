"""What syncctl.yaml may set for a Plaid system, and what its credential holds. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.base import Access
from syncctl.errors import ConfigError, CredentialError

LIVE_URL: Final = "https://production.plaid.com"
SANDBOX_URL: Final = "https://sandbox.plaid.com"
VERSION: Final = "2020-09-14"
"""The API version that every request names (plaid.md, first line)."""
PAGE_ROWS: Final = 500
"""/transactions/sync: count is 1 to 500 (plaid.md)."""
DAYS_MAX: Final = 730
"""/transactions/sync: days_requested is 1 to 730 (plaid.md)."""
_TOKEN: Final = re.compile(r"access-(sandbox|development|production)-[0-9a-f-]+")
FORM: Final = "CLIENT_ID:SECRET:ACCESS_TOKEN, several access tokens divided by commas"
NUMBERS: Final = {"days": DAYS_MAX, "per_minute": 45, "wait_seconds": 20, "link_minutes": 30, "link_poll_seconds": 5}
"""The options that are numbers, with what they are when nothing is said."""
WORDS: Final = ("balances", "category_version", "countries", "language")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Options:
    """One system's settings. `days`: how much history an item gives; it counts only before the item's transactions
    were first asked for. `balances`: `cached` as of the bank's last update, or `live`, asked from the bank at every
    pull. `category_version`: v1 or v2, empty for the client's own. `per_minute`: requests (plaid.md: 50 per item, [S]).
    `countries` and `language` are those of the page where banks are connected, `link_minutes` how long it may be used,
    and every `link_poll_seconds` somebody looks whether it is done.
    """

    base_url: str
    days: int = DAYS_MAX
    balances: str = "cached"
    category_version: str = ""
    per_minute: float = 45
    wait_seconds: float = 20
    countries: tuple[str, ...] = ("US",)
    language: str = "en"
    link_minutes: int = 30
    link_poll_seconds: float = 5


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """Who asks, and for which banks: one access token per item; none before the first bank is connected."""

    client_id: str
    secret: str
    tokens: tuple[str, ...]


def read_options(access: Access) -> Options:
    """The options of a system. Raises ConfigError."""
    given = dict(access.options)
    unknown = sorted(set(given) - {*NUMBERS, *WORDS})
    if unknown:
        raise ConfigError(f"{access.name}: plaid has no option {unknown[0]}", fix="see docs: days, balances, …")
    balances, category = given.get("balances", "cached"), given.get("category_version", "")
    if balances not in ("cached", "live") or category not in ("", "v1", "v2"):
        raise ConfigError(f"{access.name}: an option is none of its choices", fix="balances: cached or live; v1 or v2")
    countries = tuple(given.get("countries", "US").replace(",", " ").split())
    if not countries or not all(_COUNTRY.fullmatch(one) for one in countries):
        raise ConfigError(f"{access.name}: `countries` are no country codes", fix="countries: US, CA")
    numbers = _numbers(access.name, given)
    url = access.base_url.rstrip("/") or (LIVE_URL if access.live else SANDBOX_URL)
    return Options(
        url,
        int(numbers["days"]),
        balances,
        category,
        numbers["per_minute"],
        numbers["wait_seconds"],
        countries,
        given.get("language", "en"),
        int(numbers["link_minutes"]),
        numbers["link_poll_seconds"],
    )


def _numbers(name: str, given: Mapping[str, str]) -> Mapping[str, float]:
    try:
        whole = {key: int(given.get(key, NUMBERS[key])) for key in ("days", "link_minutes")}
        found = {key: float(given.get(key, usual)) for key, usual in NUMBERS.items()}
    except ValueError as error:
        fix = f"write a number: {', '.join(NUMBERS)}; days and link_minutes are whole"
        raise ConfigError(f"{name}: an option is no number", fix=fix) from error
    if not 1 <= whole["days"] <= DAYS_MAX or not all(0 < number < float("inf") for number in found.values()):
        raise ConfigError(f"{name}: an option is out of bounds", fix=f"days: 1 to {DAYS_MAX}; others above 0")
    return found


def read_credential(name: str, text: str) -> Credential:
    """The parts of a credential. Raises CredentialError, which never repeats them."""
    parts = text.split(":")
    tokens = tuple(parts[2].split(",")) if len(parts) == 3 else ()
    fix = f"put {FORM} where `credential` of {name} points, or connect the bank: `sign_in`, syncctl auth login {name}"
    if len(parts) not in (2, 3) or not all((*parts, *tokens)):
        raise CredentialError(f"{name}: the credential is not of the form CLIENT_ID:SECRET:ACCESS_TOKEN", fix=fix)
    if not all(_TOKEN.fullmatch(token) for token in tokens):
        said = "what stands after the secret is no access token, they begin with access-sandbox- or access-production-"
        raise CredentialError(f"{name}: {said}", fix=fix)
    if len({token.split("-")[1] for token in tokens}) > 1:
        raise CredentialError(
            f"{name}: the access tokens are of several environments", fix="keep sandbox and live apart"
        )
    return Credential(parts[0], parts[1], tokens)
