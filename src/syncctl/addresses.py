"""Which addresses may be spoken to: the one rule for systems and for alert channels. No I/O."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Reach: TypeAlias = Literal["public", "private", "never"]
"""`private`: this machine, or a network that is not the internet. `never`: what no server of anybody has."""

METADATA: Final = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")))
"""Where a cloud gives its secrets to whoever asks, beside 169.254.169.254: Alibaba Cloud (ECS guide, "instance
metadata"), Azure (Virtual Network guide, "What is IP address 168.63.129.16?"), AWS over IPv6 (EC2 guide, "IMDS").
"""
METADATA_NAMES: Final = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_NUMBERS: Final = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}", re.IGNORECASE)
"""What a resolver takes for an IPv4 address, however it is spelled: 2852039166 is 169.254.169.254."""
_STRANGE: Final = re.compile(r"[^!-~]|\\")
"""Libraries disagree about what these mean in an address."""


class BadAddress(ValueError):
    """An address is not one that may be spoken to; `fix` says what to write."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def check_base(text: str) -> str:
    """A server's address without its last slash. Raises BadAddress."""
    parts = check_server(text)
    if parts.query or parts.fragment:
        raise BadAddress("the address has a query or fragment", "end it after the path")
    return text.rstrip("/")


def check_server(text: str) -> SplitResult:
    """An address in its parts; path and query may be anything. Raises BadAddress, which never repeats the address.

    In the clear only on this machine, and this machine only where it is named; addresses that reach a host's own
    services (169.254.…) never. A name behind which such a service stands cannot be told from its text: there https ends
    it, because that service has no certificate for the name. Redirects are never followed.
    """
    parts, host = _split(text)
    if "@" in parts.netloc:
        raise BadAddress("the address holds a user name or password", "leave it out, and name the secret by reference")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise BadAddress("this would send the credential unencrypted", "write https://")
    if reach_of(host) == "never" or host.rstrip(".") in METADATA_NAMES:
        raise BadAddress("this address belongs to the machine's own network services", "name the system's server")
    return parts


def _split(text: str) -> tuple[SplitResult, str]:
    fix = "write https://HOST/PATH, or http://127.0.0.1:PORT on this machine"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https"):
        raise BadAddress("this is no web address", fix)
    if _STRANGE.search(text):
        raise BadAddress("the address holds a blank, a backslash or a sign beyond ASCII", f"{fix}; other signs as %XX")
    if reach_of(host) is None and _NUMBERS.fullmatch(host.rstrip(".")):
        raise BadAddress("this is no usual way to write an address", "write four decimal numbers, or the server's name")
    return parts, host


def reach_of(text: str) -> Reach | None:
    """How far an address reaches that is given as a number; None for a name, which only a look-up can tell."""
    try:
        return reach(ipaddress.ip_address(text.partition("%")[0].rstrip(".")))
    except ValueError:
        return "private" if text.rstrip(".").lower() == "localhost" else None


def reach(address: IPAddress) -> Reach:
    """How far an address reaches. An IPv4 address inside an IPv6 one counts as itself."""
    address = _inner(address)
    own = address in METADATA or address.is_link_local
    loopback = address.is_loopback
    if own or address.is_multicast or address.is_unspecified or (address.is_reserved and not loopback):
        return "never"
    return "public" if address.is_global else "private"


def _inner(address: IPAddress) -> IPAddress:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
