"""How lists are cut into pages, from nodes to `Paging` values. No I/O."""

from __future__ import annotations

from syncctl.connectors.rest.language import Paging, Style
from syncctl.connectors.rest.loading import Declaring
from syncctl.yamltext import Node, Text


def read_paging(loading: Declaring, node: Node | None) -> Paging:
    """`paging:`, of the system or of one kind."""
    if node is None or isinstance(node, Text):
        loading.choice(node, "paging", ("none",))
        return Paging()
    body = loading.map(node, "paging")
    way = loading.way(body, "paging")
    style: Style | None = next((style for style in ("page", "offset", "cursor", "link") if style == way), None)
    if style is None:
        return Paging()
    parameter = loading.text(body.get(style), style) or ""
    place, parameter = (body.get("next"), parameter) if style != "link" else (body.get("link"), "")
    if style == "cursor" and place is None:
        loading.problem(body, "`cursor` needs `next`", "where an answer holds the next cursor: paging.next")
    header = style == "link" and isinstance(place, Text) and place.text == "header"
    rows = loading.whole(body.get("rows"), "rows", low=2, high=10_000) or 0
    size = loading.text(body.get("size"), "size") or ""
    if (rows > 0) is not bool(size):
        loading.problem(body, "`size` and `rows` go together", "the parameter, and how many: size: limit, rows: 100")
    if style == "offset" and not rows:
        loading.problem(body, "`offset` needs `size` and `rows`", "pages overlap, so their size must be known")
    return Paging(
        style,
        parameter,
        size,
        rows,
        first=0 if loading.choice(body.get("first"), "first", ("0", "1")) == "0" else 1,
        next=() if header or style in ("page", "offset") else loading.keys(place, "next"),
        more=loading.keys(body.get("more"), "more"),
    )
