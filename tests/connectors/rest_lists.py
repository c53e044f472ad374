"""A vendor that lists one kind in every way of paging, while people add and delete. No network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from syncctl.clock import Clock
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer, query_dict
from syncctl.sandbox.clock import ServerClock

BASE = "http://127.0.0.1:8106/v1"
FILE = """
system: Lists
base_url: http://127.0.0.1:8106/v1
auth: bearer
rows: data
record: data
paging: {paging}
kinds:
  thing:
    id: id
    list: /things
    read: /things/{{id}}
    updated: changed
    since: since
    fields: {{id: id, name: text, changed: instant}}
"""
PAGING = {
    "none": "none",
    "page": "{page: page, size: limit, rows: 4}",
    "page from 0": "{page: page, first: 0, size: limit, rows: 4, more: more}",
    "offset": "{offset: skip, size: limit, rows: 4}",
    "cursor": "{cursor: after, next: next, size: limit, rows: 4}",
    "link in the header": "{link: header, size: limit, rows: 4}",
    "link in the body": "{link: paging.next, size: limit, rows: 4}",
}


def file_for(style: str) -> str:
    return FILE.format(paging=PAGING[style])


class Lists:
    """`meanwhile` maps the number of a list request to what people do right before it is answered."""

    name = "lists"
    asks: tuple[str, ...] = ()

    def __init__(self, clock: Clock, count: int = 11) -> None:
        self.clock = ServerClock(clock)
        self.things: dict[int, dict[str, Any]] = {}
        self.meanwhile: dict[int, Callable[[], None]] = {}
        self.asked = 0
        self.first_page = 1
        self.next_link = ""
        for _ in range(count):
            self.add()

    def add(self, **more: Any) -> int:
        number = max(self.things, default=100) + 1
        changed = self.clock.now().isoformat()
        self.things[number] = {"id": number, "name": f"thing {number}", "changed": changed, **more}
        return number

    def add_first(self) -> None:
        number = min(self.things) - 1
        self.things[number] = {"id": number, "name": "new", "changed": self.clock.now().isoformat()}

    # --- what a Vendor is ---

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        steps = request.path.split("/")[2:]
        if len(steps) == 2:
            found = self.things.get(int(steps[1]))
            return json_answer(200, {"data": found}) if found else json_answer(404, {"message": "gone"})
        self.asked += 1
        self.meanwhile.pop(self.asked, lambda: None)()
        return self._list(query_dict(request))

    def _list(self, query: Mapping[str, str]) -> SandboxAnswer:
        rows = [raw for _, raw in sorted(self.things.items()) if raw.get("changed", "") >= query.get("since", "")]
        size = int(query.get("limit", "1000"))
        if "page" in query:
            start = (int(query["page"]) - self.first_page) * size
        elif "after" in query:
            rows, start = [raw for raw in rows if raw["id"] > int(query["after"])], 0
        else:
            start = int(query.get("skip", "0"))
        page = rows[start : start + size]
        more = start + size < len(rows)
        link = self.next_link or f"/v1/things?after={page[-1]['id']}&limit={size}" if more and page else None
        body = {"data": page, "more": more, "next": page[-1]["id"] if more and page else None, "paging": {"next": link}}
        headers = {"Link": f'<{BASE}/things?limit=1>; rel="first", <{link}>; rel="next"'} if link else {}
        return json_answer(200, body, headers)

    def limited(self) -> SandboxAnswer:
        return json_answer(429, {"message": "slower"})

    def broken(self) -> SandboxAnswer:
        return json_answer(500, {"message": "broken"})

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.things[self.add(**body)]

    def state(self) -> dict[str, Any]:
        return {"thing": {str(number): raw for number, raw in self.things.items()}}
