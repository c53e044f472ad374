"""Takes secrets out of text before it is stored, logged or shown. No I/O."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "[redacted]"
SHORTEST_SECRET: Final = 6

_PATTERNS: Final = (
    re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}"),
    re.compile(r"\b(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{6,}"),
    re.compile(r"\bpat-[a-z0-9-]{6,}", re.IGNORECASE),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9._-]+"),
    re.compile(r"\bAB[01][A-Za-z0-9]{20,}"),
    re.compile(r"(?i)(Token (?:expired|revoked|invalid)[^:]*:\s*)[^\s\"\\,}]+"),
    re.compile(
        r'(?i)("?(?:access_token|refresh_token|id_token|client_secret|api_key|apikey|password|authorization|secret)"?\s*[:=]\s*"?)[^\s"&,}]+'
    ),
)


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
        """Remembers one more secret (a token just refreshed)."""
        if len(secret) >= SHORTEST_SECRET:
            self._secrets.add(secret)

    def __call__(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        for pattern in _PATTERNS:
            text = pattern.sub(
                lambda match: (match.group(1) if match.re.groups and match.group(1) else "") + MASK, text
            )
        return text
