"""Read only: the transport lets nothing through that may write."""

from __future__ import annotations

import httpx
import pytest
from rest_world import Erp, create

from syncctl.connectors.base import Access, Limits
from syncctl.connectors.http import Http, Limiter
from syncctl.errors import ReadOnly
from syncctl.model import Action, Outcome, Request
from syncctl.push.send import _attempt
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock


class Counting(httpx.BaseTransport):
    """Answers everything and counts."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json={}, request=request)


def made(wire: Counting, clock: FakeClock) -> Http:
    def explain(answer: object) -> object:
        raise AssertionError(answer)

    return Http(
        Access("crm", lambda: "", clock, Redactor(), transport=wire, read_only=True),
        base_url="https://crm.example",
        authorize=dict,
        explain=explain,  # type: ignore[arg-type]
        limiter=Limiter(Limits(100), clock),
        asks=("/things/*/search",),
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/things"),
        ("POST", "/things/1/search/all"),
        ("PATCH", "/things/deals/search"),
        ("PUT", "/things/1"),
        ("DELETE", "/things/1"),
    ],
)
def test_what_may_write_is_refused_before_a_connection_is_opened(clock: FakeClock, method: str, path: str) -> None:
    wire = Counting()
    http = made(wire, clock)
    with pytest.raises(ReadOnly, match=f"crm is read only in syncctl.yaml: {method} {path} was not sent") as refused:
        http.send(Request("crm", "thing", Action.UPDATE, method, path))
    assert "`read_only` of crm" in refused.value.fix
    with pytest.raises(ReadOnly):
        http.read(method, path)
    assert wire.seen == []


def test_reads_and_posts_that_only_ask_go_through(clock: FakeClock) -> None:
    wire = Counting()
    http = made(wire, clock)
    http.read("GET", "/things")
    http.read("POST", "/things/deals/search", body=b"{}")
    assert wire.seen == ["GET /things", "POST /things/deals/search"]


def test_a_push_to_a_read_only_system_stops_there_with_the_fix_and_leaves_nothing_unknown(clock: FakeClock) -> None:
    erp = Erp(clock, access={"read_only": True})
    (receipt,) = _attempt(erp.rest, erp.prepared(create(name="Acme")))
    assert (receipt.row, receipt.outcome) == ("row-1", Outcome.STOP)
    assert "`read_only` of erp" in receipt.fix
    assert erp.sandbox.log == []
