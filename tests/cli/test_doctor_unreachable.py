"""doctor, while nobody answers: a person waits for it."""

from __future__ import annotations

import httpx
from house import house

from syncctl.sandbox.base import SandboxTransport

NAMES = ("stripe", "quickbooks", "hubspot")


class Unreachable(SandboxTransport):
    """Nobody listens."""

    asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        type(self).asked += 1
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


def test_doctor_asks_a_system_that_cannot_be_reached_once_and_says_where_to_look() -> None:
    with house() as there:
        Unreachable.asked = 0
        said = there.run("doctor", "--json", transport=Unreachable)
        told = {row["check"]: row for row in said.json["rows"]}
        assert Unreachable.asked == len(NAMES)
        for number, name in enumerate(NAMES):
            row = told[f"system {name}"]
            assert row["cause"] == f"{name} cannot be reached: [Errno 111] Connection refused"
            assert f"127.0.0.1:{8101 + number} (base_url, network, proxy, firewall)" in row["fix"]
        assert said.code == 1
