"""A declared system in mappings, both ways, night after night: nothing twice, nothing lost, nothing left unsaid."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from rest_office import RestOffice
from rest_world import SHIPPED, connector, edited

from office import LIMITLESS
from syncctl import run
from syncctl.errors import AuthenticationFailed, VendorError
from syncctl.project import open_project
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.erp import ErpSandbox
from syncctl.sandbox.serve import Served

OTHERS = "idempotency: {unique: external_ref}               # the ERP takes no external_ref twice"
HEADER = edited(SHIPPED, (OTHERS, "idempotency: {header: Idempotency-Key, retention: 24h}"))
QUERY = edited(SHIPPED, (OTHERS, "idempotency: {query: request, retention: 24h}"))
NONE = edited(SHIPPED, (OTHERS, "idempotency: none"))
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "unique": (SHIPPED, {}),
    "header": (HEADER, {"enforce": False, "key_in": "header:Idempotency-Key"}),
    "query": (QUERY, {"enforce": False, "key_in": "query:request"}),
    "none": (NONE, {"enforce": False}),
}
FAULTS = ("lost", "500 after", "500 before", "truncated", "late", "429")


def office(folder: Path, way: str = "unique") -> RestOffice:
    text, words = WAYS[way]
    return RestOffice(folder, text, **words)


def books_customer(place: RestOffice, name: str = "Beispiel AG") -> dict[str, Any]:
    mail = {"Address": f"{name.split()[0].lower()}@books.example"}
    body = {"DisplayName": name, "PrimaryEmailAddr": mail, "CurrencyRef": {"value": "EUR"}}
    return place.vendors["quickbooks"].seed("Customer", body)


def names(place: RestOffice) -> Counter[str]:
    return Counter(one["name"] for one in place.held("erp", "customer"))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("way", WAYS)
def test_a1_whatever_becomes_of_a_create_there_is_one_record(tmp_path: Path, way: str, fault: str) -> None:
    place = office(tmp_path, way)
    books_customer(place)
    books_customer(place, "Zweite AG")
    place.fault("erp", fault, method="POST", seconds=20)
    first = place.reconcile()
    for _ in range(2):
        place.night()
    found = names(place)
    assert max(found.values()) == 1
    assert found["Zweite AG"] == 1
    if way == "none" and fault == "500 before":
        assert found["Beispiel AG"] == 0  # nobody can tell, so a person decides
        assert first.exit_code == 5
    else:
        assert found["Beispiel AG"] == 1


@pytest.mark.parametrize("way", WAYS)
def test_a2_a_request_that_arrives_a_night_late_makes_no_second_record(tmp_path: Path, way: str) -> None:
    """With a key only while it is remembered: a request that arrives later than that no client can stop."""
    place = office(tmp_path, way)
    books_customer(place)
    place.fault("erp", "late", method="POST", seconds=(20 if way in ("header", "query") else 30) * 3600)
    place.reconcile()
    for _ in range(3):
        place.night()
    assert names(place) == {"Beispiel AG": 1}


def test_without_any_idempotency_an_open_create_waits_for_a_person(tmp_path: Path) -> None:
    place = office(tmp_path, "none")
    books_customer(place)
    place.fault("erp", "500 before", method="POST")
    report = place.reconcile()
    assert report.applied is not None
    assert [str(row.state) for row in report.applied.rows] == ["review"]
    assert (place.night().exit_code, names(place)) == (2, Counter())
    assert len([entry for entry in place.sandboxes["erp"].writes() if entry["method"] == "POST"]) == 1


def test_an_update_whose_answer_is_lost_is_seen_in_the_record(tmp_path: Path) -> None:
    place = office(tmp_path)
    made = place.vendors["erp"].seed("customer", {"name": "Muster GmbH", "email": "info@muster.example"})
    place.reconcile()
    (held,) = place.held("quickbooks", "Customer")
    for fault in ("lost", "500 after", "500 before", "truncated"):
        place.clock.advance(60)
        token = str(int(held["SyncToken"]) + 1)
        stamps = {**held["MetaData"], "LastUpdatedTime": place.clock.now().isoformat(timespec="seconds")}
        held = place.vendors["quickbooks"].seed(
            "Customer", {**held, "DisplayName": f"Muster {fault}", "SyncToken": token, "MetaData": stamps}
        )
        place.fault("erp", fault, method="PUT")
        assert place.night().exit_code == 0
        (erp,) = place.held("erp", "customer")
        assert (erp["name"], erp["customer_no"]) == (f"Muster {fault}", made["customer_no"])
    writes = place.writes()
    assert (place.night().exit_code, place.writes()) == (0, writes)


def test_a56_somebodys_edit_between_plan_and_write_stays(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.vendors["erp"].seed("customer", {"name": "Muster GmbH", "email": "info@muster.example"})
    place.reconcile()
    (held,) = place.held("quickbooks", "Customer")
    stamps = {**held["MetaData"], "LastUpdatedTime": place.clock.now().isoformat(timespec="seconds")}
    place.clock.advance(60)
    place.vendors["quickbooks"].seed(
        "Customer", {**held, "DisplayName": "From the books", "SyncToken": "9", "MetaData": stamps}
    )

    def edit() -> bool:
        place.vendors["erp"].seed("customer", {"customer_no": "K10001", "name": "From the ERP"})
        return False

    place.night(stop=edit)
    assert place.held("erp", "customer")[0]["name"] == "From the ERP"


def test_orders_become_invoices_to_the_cent_and_notes_flow_back(tmp_path: Path) -> None:
    place = office(tmp_path)
    erp = place.vendors["erp"]
    erp.seed("customer", {"name": "Muster GmbH", "email": "info@muster.example"})
    positions = [{"text": "Welle", "qty": "1", "price": "1.234,56"}, {"text": "Nabe", "qty": "1", "price": "0,10"}]
    order = {"customer_no": "K10001", "order_date": "01.11.2026", "status": "SHIPPED", "positions": positions}
    erp.seed("order", order)
    erp.seed("order", {**order, "status": "NEW"})
    assert place.reconcile().exit_code == 0
    (invoice,) = place.held("quickbooks", "Invoice")
    assert (invoice["DocNumber"], invoice["TxnDate"], invoice["TotalAmt"]) == ("SO-500001", "2026-11-01", "1234.66")
    stamps = {**invoice["MetaData"], "LastUpdatedTime": place.clock.now().isoformat(timespec="seconds")}
    place.vendors["quickbooks"].seed(
        "Invoice", {**invoice, "PrivateNote": "Skonto", "SyncToken": "1", "MetaData": stamps}
    )
    assert place.night().exit_code == 0
    held = {one["order_no"]: one for one in place.held("erp", "order")}
    assert held["500001"]["note"] == "Skonto"
    assert [one["price"] for one in held["500001"]["positions"]] == ["1.234,56", "0,10"]
    writes = place.writes()
    assert (place.night().exit_code, place.writes()) == (0, writes)


def test_a_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    place = office(tmp_path)
    erp = place.vendors["erp"]
    erp.seed("customer", {"name": "Muster GmbH", "email": "info@muster.example"})
    bad = {"customer_no": "K10001", "order_date": "01.11.2026", "status": "SHIPPED"}
    erp.seed("order", bad | {"positions": [{"text": "Welle", "qty": "1", "price": "10,00"}]})
    erp.seed("order", bad | {"positions": [{"text": "Nabe", "qty": "1", "price": "20,00"}]})
    erp.state()["order"]["500001"]["positions"][0]["price"] = "10.00"  # a point where a comma belongs
    report = place.reconcile()
    assert report.exit_code == 2
    (invoice,) = place.held("quickbooks", "Invoice")
    assert invoice["DocNumber"] == "SO-500002"
    (blocked,) = [finding for finding in report.plan.findings if finding.kind == "blocked"]
    assert "'10.00'" in blocked.hint


def test_a_wrong_key_stops_before_anything_is_read(tmp_path: Path) -> None:
    place = office(tmp_path)
    place.sandboxes["erp"].vendor.token = "another"  # type: ignore[attr-defined]
    with pytest.raises(AuthenticationFailed, match="the API key is not valid") as caught:
        place.reconcile()
    assert caught.value.exit_code == 4
    assert len(place.sandboxes["erp"].log) == 1


TWO = """
ledger: ledger.db
mappings: mappings
systems:
  old: {{connector: rest, environment: sandbox, credential: "env:ERP", file: erp.yaml, base_url: {base}/old}}
  new: {{connector: rest, environment: sandbox, credential: "env:ERP", file: erp.yaml, base_url: {base}/new}}
books: {{time_zone: Europe/Berlin}}
"""
MOVED = """
mapping: customers
left: old.customer
right: new.customer
match: [{left: name, right: name}]
create: right
fields:
  - {left: name, right: name, once: true}
  - {left: credit_limit, right: credit_limit, owner: left}
  - {left: curr, right: curr, once: true}
---
mapping: orders
left: old.order
right: new.order
marker: {right: external_ref}
create: right
fields:
  - {left: customer_no, right: customer_no, owner: left, link: customers}
  - {left: order_date, right: order_date, owner: left}
  - {left: curr, right: curr, once: true}
  - {left: status, right: status, owner: left}
  - {left: gross_total, right: gross_total, owner: none}
lines:
  - left: positions
    right: positions
    owner: left
    match: [{left: text, right: text}]
    fields:
      - {left: text, right: text}
      - {left: qty, right: qty}
      - {left: price, right: price}
      - {left: vat_key, right: vat_key}
"""


def test_orders_move_from_one_erp_to_another_with_their_lines(tmp_path: Path, clock: FakeClock) -> None:
    """Two systems of one file: amounts, days and lines are written as the ERP spells them."""
    vendors = {name: ErpSandbox(clock, limits=False, company=name) for name in ("old", "new")}
    sandboxes = {name: Sandbox(vendor) for name, vendor in vendors.items()}
    (tmp_path / "mappings").mkdir()
    for number, text in enumerate(MOVED.split("---")):
        (tmp_path / "mappings" / f"{number}.yaml").write_text(text)
    (tmp_path / "erp.yaml").write_text(SHIPPED)
    settings = TWO.format(base="http://127.0.0.1:8105").replace("/old}", "/api}")
    (tmp_path / "syncctl.yaml").write_text(settings.replace("/new}", "/api}"))
    transports: dict[str, httpx.BaseTransport] = {name: SandboxTransport(one) for name, one in sandboxes.items()}
    environment = {"ERP": "erp-sandbox-key-0001"}
    project = open_project(tmp_path, transports=transports, clock=clock, environment=environment)
    old = vendors["old"]
    old.seed("customer", {"name": "Muster GmbH", "credit_limit": "10.000,00"})
    positions = [
        {"text": "Welle", "qty": "2,5", "price": "1.234,50", "vat_key": "1"},
        {"text": "Nabe", "qty": "1", "price": "0,0725", "vat_key": "2"},
    ]
    order = old.seed("order", {"customer_no": "K10001", "order_date": "05.11.2026", "positions": positions})
    sandboxes["new"].faults.append(Fault("500 after", method="POST", path="/orders"))
    assert run.reconcile(project, choices=LIMITLESS).exit_code == 0
    (moved,) = vendors["new"].state()["order"].values()
    told = ("order_date", "gross_total", "status", "positions")
    assert {name: moved[name] for name in told} == {name: order[name] for name in told}
    assert moved["external_ref"] == "syncctl old:order:500001"
    clock.advance(86_400)
    changed = [{**positions[0], "price": "1.300,00"}, {"text": "Bolzen", "qty": "4", "price": "1,00", "vat_key": "0"}]
    order = old.seed("order", {"order_no": "500001", "positions": changed, "status": "SHIPPED"})
    assert run.reconcile(project, choices=LIMITLESS).exit_code == 0
    (moved,) = vendors["new"].state()["order"].values()
    assert {name: moved[name] for name in told} == {name: order[name] for name in told}
    writes = len(sandboxes["new"].writes())
    clock.advance(86_400)
    assert run.reconcile(project, choices=LIMITLESS).exit_code == 0
    assert len(sandboxes["new"].writes()) == writes
    project.close()


def test_over_real_http_ids_and_paths_arrive_as_they_are(clock: FakeClock) -> None:
    erp = ErpSandbox(clock)
    erp.seed("customer", {"customer_no": "K1", "name": "Muster & Söhne", "email": "a+b@muster.example"})
    with Served({"erp": Sandbox(erp)}) as urls:
        rest = connector(clock, None, base_url=f"{urls['erp']}/api")
        assert [one.ref.id for one in rest.find("customer", "customer_no", ["K1", "a/b", "ü?#%"])] == ["K1"]
        assert [one.ref.id for one in rest.find("customer", "email", ["a+b@muster.example"])] == ["K1"]
        assert [len(page.records) for page in rest.pull("customer", None)] == [1, 0]
        rest.close()


@pytest.mark.parametrize("seed", range(8))
def test_nights_of_any_faults_never_make_a_second_record(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    way = chance.choice(list(WAYS))
    place = office(tmp_path, way)
    told = 0
    for _ in range(4):
        for _ in range(chance.randrange(3)):
            books_customer(place, f"Firma{told} AG")
            told += 1
        for _ in range(chance.randrange(4)):
            words: dict[str, Any] = {"skip": chance.randrange(3), "seconds": chance.choice([5, 300, 15 * 3600])}
            place.fault("erp", chance.choice(FAULTS), method=chance.choice(["POST", "PUT", "GET", ""]), **words)
        with suppress(VendorError):  # the pull failed; the next night goes on
            place.night()
    place.sandboxes["erp"].faults.clear()
    for _ in range(2):
        place.night()
    found = names(place)
    assert max(found.values(), default=1) == 1, (seed, way)
    if way == "unique":
        assert len(found) == told, seed
