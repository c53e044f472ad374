"""A system that a project's own YAML file declares, through the command line: no Python, both directions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from cli.house import YES, House, folder
from syncctl.sandbox.base import Fault, Sandbox
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.erp import ErpSandbox
from syncctl.sandbox.quickbooks import QuickBooksSandbox

DECLARED = """\
system: Legacy ERP
base_url: https://erp.example.com/api
auth: {header: X-Api-Key}
company: {read: /company, id: company, name: name, sandbox: test_system}
rows: items
record: item
paging: {page: page, size: per_page, rows: 100}
idempotency: {unique: external_ref}
errors: {code: error.no, message: error.text, codes: {4091: conflict, 4092: duplicate}}
types:
  stamp: {type: instant, format: "DD.MM.YYYY HH:mm:ss", zone: Europe/Berlin}
  flag: {type: boolean, true: J, false: N}
kinds:
  customer:
    id: customer_no
    list: /customers
    read: /customers/{id}
    find: {external_ref: "/customers?external_ref={value}"}
    create: POST /customers
    update: PUT /customers/{id}
    version: rev
    updated: changed_at
    since: changed_from
    title: name
    writable: [name, email, city]
    at_creation: [curr, external_ref]
    required: [name]
    fields: {customer_no: id, name: text, email: text, city: text, curr: currency, external_ref: text,
             blocked: flag, changed_at: stamp, rev: integer}
"""
SETTINGS = """\
systems:
  erp: {connector: rest, file: systems/erp.yaml, environment: sandbox, credential: env:ERP, company: "4711"}
  quickbooks: {connector: quickbooks, environment: sandbox, credential: env:QBO, company: "9130350000000001"}
books: {time_zone: Europe/Berlin}
"""
MAPPING = """\
mapping: customers
left: erp.customer
right: quickbooks.Customer
where: {left: {blocked: false}}
match:
  - {left: email, right: PrimaryEmailAddr.Address, as: email}
create: both
fields:
  - {left: name, right: DisplayName, owner: both}
  - {left: email, right: PrimaryEmailAddr.Address, owner: both, as: email}
  - {left: city, right: BillAddr.City, owner: left}
  - {left: curr, right: CurrencyRef, once: true}
"""
SECRETS = {"ERP": "erp-sandbox-key-0001", "QBO": "quickbooks-sandbox-token"}


@pytest.fixture
def place() -> Iterator[House]:
    clock = FakeClock()
    books = QuickBooksSandbox(clock, limits=False, home_currency="EUR", multicurrency=True, automated_tax=False)
    boxes = {"erp": Sandbox(ErpSandbox(clock, limits=False)), "quickbooks": Sandbox(books)}
    found = House(folder(), None, boxes, clock)
    texts = {"syncctl.yaml": SETTINGS, "systems/erp.yaml": DECLARED, "mappings/customers.yaml": MAPPING}
    for name, text in texts.items():
        (found.folder / name).parent.mkdir(exist_ok=True)
        (found.folder / name).write_text(text)
    erp, quickbooks = (box.vendor for box in boxes.values())
    erp.seed("customer", {"name": "Muster GmbH", "email": "info@muster.example", "city": "Ulm"})
    erp.seed("customer", {"name": "Gesperrt KG", "email": "info@gesperrt.example", "blocked": "J"})
    mail = {"Address": "info@beispiel.example"}
    beispiel = {"DisplayName": "Beispiel AG", "PrimaryEmailAddr": mail, "CurrencyRef": {"value": "EUR"}}
    quickbooks.seed("Customer", beispiel)
    yield found
    shutil.rmtree(found.folder)


def held(place: House, system: str, kind: str, name: str) -> dict[str, dict[str, Any]]:
    """Everything of a kind by its name, which no two have."""
    records = list(place.boxes[system].vendor.state()[kind].values())
    found = {record[name]: record for record in records}
    assert len(found) == len(records)
    return found


def test_thirty_lines_of_yaml_take_part_in_a_mapping_both_ways(place: House) -> None:
    assert len(DECLARED.splitlines()) <= 30
    for system, path in (("erp", ""), ("quickbooks", "/customer")):
        place.boxes[system].faults.append(Fault("lost", method="POST", path=path))
    doctor = place.run("doctor", "--json", environment=SECRETS)
    chain = next(row["cause"] for row in doctor.json["rows"] if row["check"] == "audit chain")
    assert (doctor.code, chain) == (0, "no run yet")
    assert place.run(*YES, environment=SECRETS).code == 0
    erp = held(place, "erp", "customer", "name")
    books = held(place, "quickbooks", "Customer", "DisplayName")
    assert erp.keys() == {"Muster GmbH", "Gesperrt KG", "Beispiel AG"}
    assert books.keys() == {"Muster GmbH", "Beispiel AG"}
    assert erp["Beispiel AG"]["email"] == "info@beispiel.example"
    assert books["Muster GmbH"]["BillAddr"]["City"] == "Ulm"
    writes = place.writes
    place.clock.advance(86_400)
    assert place.run("reconcile", "--yes", environment=SECRETS).code == 0
    assert place.writes == writes


def test_the_first_run_on_a_live_system_sends_nothing_whatever_is_allowed_and_the_next_may(place: House) -> None:
    file, settings = place.folder / "systems" / "erp.yaml", place.folder / "syncctl.yaml"
    file.write_text(DECLARED.replace(", sandbox: test_system", ""))  # it does not say that it is none of the live ones
    settings.write_text(SETTINGS.replace("environment: sandbox", "environment: live", 1))
    first = place.run(*YES, environment=SECRETS)
    assert (first.code, place.writes) == (6, 0)
    assert "the first run on a ledger with a live system only plans" in first.err
    assert place.run(*YES, environment=SECRETS).code == 0
    assert place.writes > 0


def test_a_plan_is_stale_once_the_file_of_a_system_was_edited(place: House) -> None:
    assert place.run("reconcile", "--dry-run", environment=SECRETS).code == 2
    file = place.folder / "systems" / "erp.yaml"
    file.write_text(DECLARED.replace("true: J, false: N", "true: N, false: J"))
    said = place.run("apply", environment=SECRETS)
    assert "the configuration or a mapping changed" in said.err
    assert place.writes == 0
    file.write_text(DECLARED)
    assert place.run("apply", "--max-ratio", "100%", environment=SECRETS).code == 0


def test_a_type_that_fits_no_row_is_told_as_what_it_is_and_each_row_counts_once(place: House) -> None:
    place.boxes["erp"].vendor.seed("customer", {"name": "Dritte OHG", "email": "info@dritte.example"})
    file = place.folder / "systems" / "erp.yaml"
    file.write_text(DECLARED.replace("DD.MM.YYYY HH:mm:ss", "YYYY-MM-DD HH:mm:ss").replace("rows: 100", "rows: 2"))
    rows = place.run("pull", "--json", environment=SECRETS).json["rows"]
    assert [(row["records"], row["set_aside"]) for row in rows if row["system"] == "erp"] == [(0, 3)]
    found = place.run("diff", "--json").json["findings"]
    hints = [row["hint"] for row in found if row["kind"] == "poison"]
    assert [hint.partition(":")[0] for hint in hints] == ["`changed_at`"] * 3
    assert all("no erp customer of 3 can be read, so it is hardly the records" in hint for hint in hints)


def test_a_wrong_file_is_told_with_its_place_before_anything_is_asked(place: House) -> None:
    (place.folder / "systems" / "erp.yaml").write_text(DECLARED.replace("rev: integer", "rev: integr"))
    said = place.run("reconcile", "--dry-run", environment=SECRETS)
    assert "systems/erp.yaml:29:" in said.err
    (place.folder / "systems" / "erp.yaml").unlink()
    assert "syncctl.yaml:2:" in place.run("reconcile", "--dry-run", environment=SECRETS).err
    assert not any(box.log for box in place.boxes.values())
    text = DECLARED.replace("updated: changed_at", "updated: changd_at").replace("paging:", "pagin:")
    (place.folder / "systems" / "erp.yaml").write_text(text)
    told = place.run("doctor", "--json", environment=SECRETS)
    assert told.code == 78
    wrong = [row for row in told.json["rows"] if "systems/erp.yaml:" in row["cause"]]
    assert [row["fix"] for row in wrong] == ["did you mean `paging`?", "did you mean `changed_at`?"]
    checked = place.run("schema", "check", "--json")
    assert (checked.code, [row["fix"] for row in checked.json["rows"]]) == (78, [row["fix"] for row in wrong])
