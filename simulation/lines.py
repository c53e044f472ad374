"""The line between a process and one pretend vendor, with the faults of the world on it. No network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Protocol

import httpx

from simulation.trouble import Trouble
from syncctl.sandbox.base import ConnectionLost, Fault, Sandbox, SandboxAnswer, SandboxRequest

REFUSES_TWINS: Final = {
    "quickbooks": ("/customer", "/invoice"),
    "xero": ("/Contacts", "/Invoices"),
}
"""Creates that the vendor itself refuses the second time: names and numbers are taken. Elsewhere only updates are safe
to arrive hours later."""


class Listener(Protocol):
    """Who is told what goes over a line."""

    trouble: Trouble

    def reach(self, point: str) -> None:
        """A process is at this point; raises when it ends there."""
        ...

    def before_write(self, system: str, request: SandboxRequest) -> None:
        """A write is about to reach the vendor."""
        ...

    def told(self, system: str, request: SandboxRequest, fault: str, status: int | None, *, write: bool) -> None:
        """What came of a request."""
        ...


class Line(httpx.BaseTransport):
    """One process's line to one vendor."""

    def __init__(self, system: str, sandbox: Sandbox, listener: Listener, twins: Callable[[], bool]) -> None:
        self.system = system
        self.sandbox = sandbox
        self.listener = listener
        self._twins = twins

    def exchange(self, asked: SandboxRequest) -> SandboxAnswer:
        """One request, and what the client sees of the answer. Raises httpx.ReadTimeout and httpx.ConnectError."""
        write = self._writes(asked)
        self.listener.reach("before-write-request" if write else "before-read-request")
        trouble = self.listener.trouble
        fault = trouble.write_fault() if write else trouble.read_fault()
        if write:
            self.listener.before_write(self.system, asked)
        status = None
        try:
            answer = self._answer(asked, fault)
            status = answer.status
        except ConnectionLost as error:
            raise httpx.ReadTimeout(str(error)) from error
        except _Unreached as error:
            raise httpx.ConnectError("nobody there") from error
        finally:
            self.listener.told(self.system, asked, fault, status, write=write)
        if write:
            self.listener.reach("after-write-request")
        return answer

    def _writes(self, request: SandboxRequest) -> bool:
        return not self.sandbox._only_asks(request.method, request.path)

    def _answer(self, request: SandboxRequest, fault: str) -> SandboxAnswer:
        if not fault:
            return self.sandbox.handle(request)
        if fault == "unreached":
            raise _Unreached
        if fault == "expired":
            words = {name: "expired" for name in ("authorization", "x-api-key") if name in request.headers}
            return self.sandbox.handle(
                SandboxRequest(request.method, request.path, request.query, {**request.headers, **words}, request.body)
            )
        if fault in ("late", "500 late"):
            seconds = self.listener.trouble.late_seconds(safe=self._safe(request))
            return self._late(request, seconds, answered=fault == "500 late")
        self.sandbox.faults.append(Fault(fault, seconds=30.0))
        try:
            return self.sandbox.handle(request)
        finally:
            self.sandbox.faults.clear()

    def _late(self, request: SandboxRequest, seconds: float, *, answered: bool) -> SandboxAnswer:
        """The vendor gets the request later; meanwhile the client waits in vain, or a gateway says 500."""
        vendor: Any = self.sandbox.vendor
        if not answered:
            self.sandbox.faults.append(Fault("late", seconds=seconds))
            return self.sandbox.handle(request)
        self.sandbox.catch_up()
        self.sandbox._late.append((vendor.clock.now() + timedelta(seconds=seconds), request))
        answer: SandboxAnswer = vendor.broken()
        return answer

    def _safe(self, request: SandboxRequest) -> bool:
        if self._creates(request):
            return self._twins() and any(request.path.endswith(end) for end in REFUSES_TWINS.get(self.system, ()))
        return True

    def _creates(self, request: SandboxRequest) -> bool:
        if self.system == "quickbooks":
            return b'"SyncToken"' not in request.body
        if self.system == "erp":
            return request.method == "POST"
        return request.method == "PUT" or request.path.endswith("/Payments")


class _Unreached(Exception):
    """The request certainly never left."""
