"""The pretend ERP is as strict as an old one: its spellings, its revisions, its own errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from syncctl.sandbox.base import Sandbox, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.erp import ErpSandbox
from syncctl.sandbox.serve import Served

KEY = {"x-api-key": "erp-sandbox-key-0001"}


def ask(
    erp: ErpSandbox, method: str, path: str, body: Any = None, headers: Mapping[str, str] = KEY
) -> tuple[int, dict[str, Any]]:
    path, _, query = path.partition("?")
    sent = b"" if body is None else json.dumps(body).encode()
    answer = erp.handle(SandboxRequest(method, f"/api{path}", tuple(parse_qsl(query)), headers, sent))
    found: dict[str, Any] = json.loads(answer.body)
    return answer.status, found


def number(answer: tuple[int, dict[str, Any]]) -> int:
    return int(answer[1]["error"]["no"])


@pytest.fixture
def erp(clock: FakeClock) -> ErpSandbox:
    made = ErpSandbox(clock)
    made.seed("customer", {"name": "Muster GmbH", "curr": "EUR"})
    return made


def test_a_customer_goes_in_and_comes_out(erp: ErpSandbox) -> None:
    status, made = ask(erp, "POST", "/customers", {"name": "Neu AG", "credit_limit": "12345,5"})
    assert (status, made) == (201, {"item": {"customer_no": "K10002", "rev": 1}})
    held = ask(erp, "GET", "/customers/K10002")[1]["item"]
    assert (held["credit_limit"], held["blocked"], held["changed_at"]) == ("12.345,50", "N", "20.11.2026 04:00:00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x", "credit_limit": "12,345"}, 1001),
        ({"name": "x", "credit_limit": "12.34"}, 1001),
        ({"name": "x", "credit_limit": 12.5}, 1001),
        ({"name": "x", "blocked": True}, 1001),
        ({"name": "x" * 61}, 1001),
        ({"name": "x", "curr": "euro"}, 1001),
        ({}, 1002),
        ({"name": "x", "rev": 1}, 1003),
        ({"name": "x", "shoe_size": "44"}, 1003),
    ],
)
def test_a_customer_that_does_not_fit_is_refused(erp: ErpSandbox, body: dict[str, Any], code: int) -> None:
    answer = ask(erp, "POST", "/customers", body)
    assert (answer[0], number(answer), len(erp.state()["customer"])) == (422, code, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"order_date": "2026-11-01"}, 1001),
        ({"order_date": "31.02.2026"}, 1001),
        ({"order_date": "1.11.2026"}, 1001),
        ({"order_date": None}, 1002),
        ({"customer_no": "K9"}, 1005),
        ({"gross_total": "1,00"}, 1003),
        ({"positions": [{"text": "a", "qty": "1"}]}, 1002),
        ({"positions": [{"text": "a", "qty": "1", "price": "1.5"}]}, 1001),
        ({"positions": [{"text": "a", "qty": "1", "price": "1,5", "colour": "red"}]}, 1003),
        ({"positions": {}}, 1001),
        ({"status": "PAID"}, 1001),
    ],
)
def test_an_order_that_does_not_fit_is_refused(erp: ErpSandbox, change: dict[str, Any], code: int) -> None:
    answer = ask(erp, "POST", "/orders", {"customer_no": "K10001", "order_date": "01.11.2026", **change})
    assert (answer[0], number(answer)) == (422, code)


def test_totals_are_the_erps_own(erp: ErpSandbox) -> None:
    positions = [
        {"text": "a", "qty": "3", "price": "10,10", "vat_key": "1"},
        {"text": "b", "qty": "1", "price": "0,1648"},
    ]
    for mode, net, gross in (("N", "30,46", "36,22"), ("B", "25,63", "30,46")):
        body = {"customer_no": "K10001", "order_date": "01.11.2026", "tax_mode": mode, "positions": positions}
        made = ask(erp, "POST", "/orders", body)[1]["item"]["order_no"]
        held = ask(erp, "GET", f"/orders/{made}")[1]["item"]
        assert (held["net_total"], held["gross_total"]) == (net, gross)
        assert [one["pos"] for one in held["positions"]] == ["10", "20"]
        assert [one["price"] for one in held["positions"]] == ["10,10", "0,1648"]


def test_an_update_names_the_newest_revision_and_sends_everything(erp: ErpSandbox) -> None:
    erp.seed("customer", {"customer_no": "K10001", "city": "Ulm", "external_ref": "r1"})
    assert number(ask(erp, "PUT", "/customers/K10001", {"name": "M"})) == 1002
    assert number(ask(erp, "PUT", "/customers/K10001", {"name": "M", "rev": 1})) == 4091
    assert number(ask(erp, "PUT", "/customers/K10001", {"name": "M", "rev": 2, "curr": "USD"})) == 1004
    assert ask(erp, "PUT", "/customers/K10001", {"name": "M", "rev": 2})[0] == 200
    held = erp.state()["customer"]["K10001"]
    assert (held["name"], held.get("city"), held["external_ref"], held["rev"]) == ("M", None, "r1", 3)


def test_an_invoiced_order_is_closed(erp: ErpSandbox) -> None:
    erp.seed("order", {"customer_no": "K10001", "order_date": "01.11.2026", "status": "INVOICED"})
    body = {"customer_no": "K10001", "order_date": "02.11.2026", "rev": 1}
    assert number(ask(erp, "PUT", "/orders/500001", body)) == 4095


def test_an_external_ref_comes_once(erp: ErpSandbox) -> None:
    assert ask(erp, "POST", "/customers", {"name": "a", "external_ref": "r1"})[0] == 201
    again = ask(erp, "POST", "/customers", {"name": "b", "external_ref": "r1"})
    assert (again[0], number(again), again[1]["error"]["field"]) == (409, 4092, "external_ref")
    assert [one["name"] for one in ask(erp, "GET", "/customers?external_ref=r1")[1]["items"]] == ["a"]


@pytest.mark.parametrize("where", ["header:Idem", "query:Idem"])
def test_a_key_answers_again_until_it_is_forgotten(clock: FakeClock, where: str) -> None:
    erp = ErpSandbox(clock, enforce=False, key_in=where, key_seconds=60)
    path = "/customers?Idem=k" if where.startswith("query") else "/customers"
    headers = {**KEY, "idem": "k"}
    first = ask(erp, "POST", path, {"name": "a"}, headers)
    assert ask(erp, "POST", path, {"name": "a"}, headers) == first
    assert number(ask(erp, "POST", path, {"name": "b"}, headers)) == 4096
    clock.advance(61)
    assert ask(erp, "POST", path, {"name": "a"}, headers) != first
    assert len(erp.state()["customer"]) == 2


def test_lists_have_pages_and_know_their_parameters(erp: ErpSandbox) -> None:
    for place in range(6):
        erp.seed("customer", {"name": f"c{place}"})
    found = ask(erp, "GET", "/customers?page=2&per_page=3")[1]
    assert ([one["customer_no"] for one in found["items"]], found["total"]) == (["K10004", "K10005", "K10006"], 7)
    assert ask(erp, "GET", "/customers?page=9&per_page=3")[1]["items"] == []
    for wrong in ("page=0", "page=x", "per_page=101", "sort=name", "changed_from=2026-11-20"):
        assert ask(erp, "GET", f"/customers?{wrong}")[0] == 422


def test_changes_are_told_from_a_time_in_berlin(erp: ErpSandbox, clock: FakeClock) -> None:
    clock.advance(3600)
    erp.seed("customer", {"name": "later"})
    found = ask(erp, "GET", "/customers?changed_from=20.11.2026 04:30:00")[1]["items"]
    assert [one["name"] for one in found] == ["later"]


def test_the_door_and_the_rate_are_kept(clock: FakeClock) -> None:
    erp = ErpSandbox(clock)
    assert number(ask(erp, "GET", "/company", headers={})) == 4010
    answers = [ask(erp, "GET", "/company") for _ in range(121)]
    assert [status for status, _ in answers[-2:]] == [200, 429]
    clock.advance(60)
    assert ask(erp, "GET", "/company")[0] == 200
    assert [ask(erp, *call)[0] for call in (("GET", "/x"), ("DELETE", "/orders"), ("GET", "/orders/1"))] == [
        404,
        405,
        404,
    ]


def test_it_is_served_like_every_other_sandbox(clock: FakeClock) -> None:
    with Served({"erp": Sandbox(ErpSandbox(clock))}) as urls:
        answer = httpx.get(f"{urls['erp']}/api/company", headers=KEY)
        log = httpx.get(f"{urls['erp']}/_sandbox/log").json()
    assert answer.json() == {"company": "4711", "name": "Northwind Fertigung", "test_system": True}
    assert [entry["path"] for entry in log] == ["/api/company"]
