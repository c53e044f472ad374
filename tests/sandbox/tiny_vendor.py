"""A vendor of a few lines: counts what it is asked to create. For tests of what goes around vendors. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncctl.clock import Clock
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer, json_body
from syncctl.sandbox.clock import ServerClock


class TinyVendor:
    """`POST /things` creates, `GET /things` lists, `/slip` raises as a defective vendor would."""

    asks: tuple[str, ...] = ()

    def __init__(self, clock: Clock, name: str = "tiny", things: int = 0) -> None:
        self.name = name
        self.clock = ServerClock(clock)
        self.things: list[Any] = [{"n": number} for number in range(things)]
        self.seen: list[SandboxRequest] = []

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        self.seen.append(request)
        if request.path == "/slip":
            raise ZeroDivisionError("a defect")
        if request.method == "POST":
            self.things.append(json_body(request))
            return json_answer(201, {"made": len(self.things)}, {"x-request-id": "r1"})
        return json_answer(200, self.things)

    def limited(self) -> SandboxAnswer:
        return json_answer(429, {"error": "slower"}, {"retry-after": "3"})

    def broken(self) -> SandboxAnswer:
        return json_answer(500, {"error": "broken"})

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.things.append({"kind": kind, **body})
        return dict(body)

    def state(self) -> dict[str, Any]:
        return {"thing": {str(number): thing for number, thing in enumerate(self.things)}}
