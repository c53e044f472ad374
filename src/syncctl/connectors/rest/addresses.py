"""Web addresses on a declared server: where a record stands, whether a link stays there. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

from syncctl.addresses import BadAddress
from syncctl.connectors.steps import leads_elsewhere, step

_PORTS: Final = {"http": 80, "https": 443}
PLACE: Final = re.compile(r"\{([a-z]+)\}")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)


def follow(base_url: str, current: str, link: str) -> str:
    """A link found in an answer as a whole address on the same server. Raises BadAddress for any other."""
    try:
        found = urljoin(current, link.strip())
        same = origin(found) == origin(base_url) and not urlsplit(found).username
    except ValueError:
        same = False
    if not same:
        raise BadAddress("the next page is on another server", "a link is only followed on the server of `base_url`")
    return found.partition("#")[0]


def split_query(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """An address without its query, and the query."""
    path, _, query = url.partition("?")
    return path, tuple(parse_qsl(query, keep_blank_values=True))


def filled(path: str, values: Mapping[str, str]) -> str:
    """A path with `{id}` and the like put in as one step each. Raises ValueError for an id that leads elsewhere."""
    return PLACE.sub(lambda found: step(values[found[1]]), path)


def usable(identity: str) -> bool:
    """False for an id that would lead elsewhere as a step of a path."""
    return identity.isprintable() and not leads_elsewhere(identity)
