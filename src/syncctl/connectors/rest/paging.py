"""How a list goes on from page to page: what to ask for at a position, and which position comes next. No I/O.

A position is a text that the ledger keeps: the number of the page, rows to leave out, a cursor, or an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from syncctl.connectors.http import Answer
from syncctl.connectors.rest.language import Paging, Query
from syncctl.connectors.rest.rows import text_at, value_at
from syncctl.fields.undecodable import Undecodable

OVERLAP_ROWS: Final = 10
_LINK: Final = re.compile(r'<([^<>]*)>((?:\s*;\s*[^,;<>"]+(?:"[^"]*")?)*)')
_NEXT: Final = re.compile(r'rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask for: more of the query, or another address altogether."""

    query: Query = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Turned:
    """How a list goes on: `position` of the next page, empty at the end. `link` is not yet checked."""

    position: str = ""
    link: str = ""


def asked_at(paging: Paging, position: str) -> Asked:
    """What to ask for at a position; an empty one is the beginning."""
    size = ((paging.size, str(paging.rows)),) if paging.size else ()
    match paging.style:
        case "page":
            return Asked(((paging.parameter, position or str(paging.first)), *size))
        case "offset":
            return Asked(((paging.parameter, position or "0"), *size))
        case "cursor":
            return Asked((*(((paging.parameter, position),) if position else ()), *size))
        case "link":
            return Asked(url=position) if position else Asked(size)
    return Asked()


def overlap_of(paging: Paging) -> int:
    """How many rows each page of an offset list shows again of the page before."""
    return min(OVERLAP_ROWS, paging.rows // 2) if paging.style == "offset" else 0


def turned(paging: Paging, position: str, answer: Answer, rows: int) -> Turned:
    """How the list goes on after a page of so many rows. Raises Undecodable."""
    over = paging.more and value_at(answer.body, paging.more) in (False, "false", None)
    match paging.style:
        case "page" if rows and not over:
            return Turned(str(int(position or paging.first) + 1))
        case "offset" if not over:
            return Turned(str(max(0, int(position or "0") + rows - overlap_of(paging))))
        case "cursor" if not over:
            following = text_at(answer.body, paging.next)
            if following and following == position:
                raise Undecodable("the next cursor is the one that was asked for")
            return Turned(following)
        case "link":
            link = text_at(answer.body, paging.next) if paging.next else _in_header(answer.headers.get("link", ""))
            return Turned(link, link)
    return Turned()


def _in_header(text: str) -> str:
    """The target of the link with rel=next (RFC 8288)."""
    return next((found[1] for found in _LINK.finditer(text) if _NEXT.search(found[2])), "")
