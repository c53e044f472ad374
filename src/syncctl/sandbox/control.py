"""The `/_sandbox/…` endpoints that steer a served sandbox. No I/O.

GET  /_sandbox/state   everything stored
GET  /_sandbox/log     one {"at", "method", "path", "query", "status", "fault"} per request to the vendor
POST /_sandbox/faults  a list of faults, added to those that wait; an empty list takes all of them away
POST /_sandbox/reset   back to the freshly seeded company, without faults and log; the clock stays
POST /_sandbox/clock   {"advance_seconds": n}: requests that arrive late meanwhile are applied
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from syncctl.sandbox.base import Fault, Sandbox, SandboxAnswer, SandboxRequest, Vendor, json_answer, json_body
from syncctl.sandbox.clock import MovableClock

PREFIX: Final = "/_sandbox/"
Fresh: TypeAlias = Callable[[], Vendor]
"""Builds the vendor anew, as it was when the server started."""


class Refused(Exception):
    """A control request that cannot be done; the message says why."""


def control(sandbox: Sandbox, fresh: Fresh | None, request: SandboxRequest) -> SandboxAnswer:
    """Answers one control request: 200, 400 with the reason, or 404."""
    found = _ENDPOINTS.get((request.method, request.path.removeprefix(PREFIX)))
    if found is None:
        known = ", ".join(f"{method} {PREFIX}{name}" for method, name in _ENDPOINTS)
        return json_answer(404, {"error": f"there is no {request.method} {request.path}; there are {known}"})
    try:
        return json_answer(200, found(sandbox, fresh, request))
    except (Refused, ValueError) as error:
        return json_answer(400, {"error": str(error)})


def _state(sandbox: Sandbox, _fresh: Fresh | None, _request: SandboxRequest) -> Any:
    sandbox.catch_up()
    return sandbox.vendor.state()


def _log(sandbox: Sandbox, _fresh: Fresh | None, _request: SandboxRequest) -> Any:
    return sandbox.log


def _faults(sandbox: Sandbox, _fresh: Fresh | None, request: SandboxRequest) -> Any:
    body = json_body(request)
    if not isinstance(body, list):
        raise Refused("faults are a list")
    asked = [_fault(entry) for entry in body]
    sandbox.faults[:] = [*sandbox.faults, *asked] if asked else []
    return {"waiting": sum(fault.times > 0 for fault in sandbox.faults)}


def _fault(entry: Any) -> Fault:
    if not isinstance(entry, Mapping) or "fault" not in entry:
        raise Refused('a fault is {"match": {"method", "path"}, "fault", "times", "seconds", "skip"}')
    return Fault.from_json(entry)


def _reset(sandbox: Sandbox, fresh: Fresh | None, _request: SandboxRequest) -> Any:
    if fresh is None:
        raise Refused("this sandbox was not built from a seed, so there is nothing to go back to")
    sandbox.restart(fresh())
    return {"reset": sandbox.vendor.name}


def _clock(sandbox: Sandbox, _fresh: Fresh | None, request: SandboxRequest) -> Any:
    clock = sandbox.vendor.clock.source
    if not isinstance(clock, MovableClock):
        raise Refused("this sandbox runs on a clock that cannot be moved")
    body = json_body(request)
    seconds = body.get("advance_seconds") if isinstance(body, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refused('expected {"advance_seconds": n}')
    clock.advance(seconds)
    sandbox.catch_up()
    return {"now": clock.now().isoformat()}


_ENDPOINTS: Final[Mapping[tuple[str, str], Callable[[Sandbox, Fresh | None, SandboxRequest], Any]]] = {
    ("GET", "state"): _state,
    ("GET", "log"): _log,
    ("POST", "faults"): _faults,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
}
