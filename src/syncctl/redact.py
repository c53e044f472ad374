"""Takes secrets out of text before it is stored, logged or shown. No I/O."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "[redacted]"
SHORTEST_SECRET: Final = 6

_PATTERNS: Final = (
    re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}"),
    re.compile(r"\b(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{6,}"),
    re.compile(r"\bpat-[a-z0-9-]{6,}", re.IGNORECASE),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9._-]+"),
    re.compile(r"\bAB[01][A-Za-z0-9]{20,}"),
    re.compile(r"(?i)(Token (?:expired|revoked|invalid)[^:]*:\s*)[^\s\"\\,}]+"),
    re.compile(r"\b(?:access|public|link|processor)-(?:sandbox|development|production)-[0-9a-f-]{8,}"),
    re.compile(r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{8,}"),
    re.compile(r"(?i)(\bhttps?://)[^\s/@:\"]*:[^\s/@\"]+(?=@)"),
    re.compile(r"(?i)(\bhttps://hooks\.[a-z.]+/)[^\s\"]+"),
    re.compile(
        r"(?i)((?:access_token|refresh_token|id_token|client_secret|api[_-]?key|password|authorization|secret)"
        r'\\?"?\s*[:=]\s*\\?"?)[^\s"&,}\\]+(?:\s+[a-z0-9._~+/=-]{12,})?'
    ),
)
"""Shapes that vendors give their secrets, and the words before one: for secrets that nobody told us about."""
ENCODED_BYTES: Final = 12
"""Fewer letters of base64 could be any word."""


class Redactor:
    """Masks the secrets it was given, and anything that looks like one.

    >>> Redactor(["hunter2-hunter2"])("key hunter2-hunter2 sent")
    'key [redacted] sent'
    """

    def __init__(self, secrets: list[str] | tuple[str, ...] = ()) -> None:
        self._secrets: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Remembers one more secret (a token just refreshed), and how it looks in URLs, JSON and base64."""
        if len(secret) >= SHORTEST_SECRET and secret not in self._secrets:
            self._secrets.update((secret, *_encoded(secret)))

    def known(self, body: bytes) -> bytes:
        """The same bytes without the secrets it was given; whatever they are part of stays as well formed as it was."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            body = body.replace(secret.encode(), MASK.encode())
        return body

    def __call__(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        for pattern in _PATTERNS:
            text = pattern.sub(
                lambda match: (match.group(1) if match.re.groups and match.group(1) else "") + MASK, text
            )
        return text


def _encoded(secret: str) -> Iterator[str]:
    """The other spellings of a secret: vendors echo requests, and requests hold it in all of these."""
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret), quote_plus(secret, safe="/")):
        yield quoted
        yield _ESCAPES.sub(lambda found: found[0].lower(), quoted)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret)[1:-1].replace("/", "\\/")  # PHP's
    for before in range(3):  # what stands before it in the same base64 moves its letters
        encoded = base64.b64encode(bytes(before) + secret.encode()).decode().rstrip("=")
        # Letters that share bits with a neighbour are not the secret's own.
        own = encoded[(0, 2, 3)[before] : len(encoded) - (1 if (before + len(secret.encode())) % 3 else 0)]
        if len(own) >= ENCODED_BYTES:
            yield own
            yield own.translate(_URL_SAFE)


_ESCAPES: Final = re.compile("%[0-9A-F]{2}")
_URL_SAFE: Final = str.maketrans("+/", "-_")
