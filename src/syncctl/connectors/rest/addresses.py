"""Web addresses: which server is spoken to, where a record stands on it, whether a link stays there. No I/O."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_PORTS: Final = {"http": 80, "https": 443}
PLACE: Final = re.compile(r"\{([a-z]+)\}")


class BadAddress(ValueError):
    """An address is not one that may be spoken to; `fix` says what to write."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def check_base(text: str) -> str:
    """A server's address without its last slash. Raises BadAddress.

    In the clear only on this machine, and this machine only where it is named; addresses that reach a host's own
    services (169.254.…) never.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in _PORTS:
        raise BadAddress("this is no web address", "write https://HOST/PATH, or http://127.0.0.1:PORT on this machine")
    if parts.username or parts.password:
        raise BadAddress("the address holds a user name or password", "leave it out; `auth:` says how to sign in")
    if parts.query or parts.fragment:
        raise BadAddress("the address has a query or fragment", "end it after the path")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise BadAddress("this would send the credential unencrypted", "write https://")
    if _internal(host):
        raise BadAddress("this address belongs to the machine's own network services", "name the system's server")
    return text.rstrip("/")


def _internal(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved


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
    """A path with `{id}` and the like put in, every sign that means something in an address escaped."""
    return PLACE.sub(lambda found: quote(values[found[1]], safe=""), path)


def usable(identity: str) -> bool:
    """False for an id that would lead elsewhere as a step of a path."""
    return identity not in ("", ".", "..") and identity.isprintable()
