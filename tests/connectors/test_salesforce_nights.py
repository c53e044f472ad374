"""Whole nights with Salesforce: HubSpot's companies and deals become accounts and opportunities, once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.hubspot_world import GENEROUS
from connectors.salesforce_world import EXTERNAL_ID, FIELD, MY_DOMAIN
from syncctl import run
from syncctl.errors import ConfigError, GuardTripped, VendorError
from syncctl.mapping.language import Guards
from syncctl.project import Project, open_project
from syncctl.run import Choices, ReconcileReport
from syncctl.run.setting_up import make_setup, missing_setup
from syncctl.sandbox.base import Fault, Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot import HubSpotSandbox
from syncctl.sandbox.hubspot.calls import Behaviour
from syncctl.sandbox.salesforce import SalesforceSandbox

SETTINGS = f"""
ledger: ledger.db
mappings: mappings
systems:
  hubspot: {{connector: hubspot, environment: sandbox, credential: "env:HUBSPOT"}}
  salesforce:
    connector: salesforce
    environment: sandbox
    credential: "env:SALESFORCE"
    base_url: {MY_DOMAIN}
    options: {{currency: USD, requests_per_second: "1000"}}
books: {{time_zone: America/New_York}}
guards: {{max_changes: 1000}}
"""
COMPANIES = """
mapping: companies
left: hubspot.company
right: salesforce.Account
match: [{left: domain, right: Website}]
create: right
fields:
  - {left: name, right: Name, owner: left}
  - {left: domain, right: Website, owner: left}
  - {left: phone, right: Phone, owner: left, empty: clear}
"""
DEALS = """
mapping: deals
left: hubspot.deal
right: salesforce.Opportunity
match: [{left: dealname, right: Name}]
create: right
fields:
  - {left: dealname, right: Name, owner: left}
  - {left: amount, right: Amount, owner: left}
  - {left: closedate, right: CloseDate, owner: left}
  - {left: dealstage, right: StageName, owner: left, values: {contractsent: Negotiation/Review, closedwon: Closed Won}}
  - {left: "associations.companies(primary)", right: AccountId, owner: left, link: companies}
"""
LIMITLESS = Choices(overrides=Guards(max_changes=10_000, max_ratio=1), first_run=True)  # type: ignore[arg-type]


class Desk:
    """Two CRMs and a project over them."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.folder, self.clock = folder, clock
        self.hubspot = HubSpotSandbox(clock, behaviour=Behaviour(account_type="SANDBOX"), allowance=GENEROUS)
        self.salesforce = SalesforceSandbox(clock)
        for kind in ("Account", "Opportunity"):
            self.salesforce.seed(f"field:{kind}", EXTERNAL_ID)
        self.sandboxes = {"hubspot": Sandbox(self.hubspot), "salesforce": Sandbox(self.salesforce)}
        self._ids = itertools.count(1)
        (folder / "syncctl.yaml").write_text(SETTINGS)
        (folder / "mappings").mkdir()
        (folder / "mappings" / "companies.yaml").write_text(COMPANIES)
        (folder / "mappings" / "deals.yaml").write_text(DEALS)
        self.project = self.open()

    def open(self) -> Project:
        return open_project(
            self.folder,
            transports={name: SandboxTransport(one) for name, one in self.sandboxes.items()},
            clock=self.clock,
            ids=lambda: f"id{next(self._ids):06}",
            environment={
                "HUBSPOT": self.hubspot.token,
                "SALESFORCE": self.salesforce.token,
                "SALESFORCE_ID": self.salesforce.sign_ins.app.client_id,
                "SALESFORCE_SECRET": self.salesforce.sign_ins.app.client_secret,
            },
        )

    def edit_settings(self, old: str, new: str) -> None:
        """Edits syncctl.yaml as a person would, and opens the project anew."""
        path = self.folder / "syncctl.yaml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        self.project.close()
        self.project = self.open()

    def night(self) -> ReconcileReport:
        return run.reconcile(self.project, choices=LIMITLESS)

    def sell(self, number: int) -> None:
        """A company and its deal in HubSpot."""
        company = self.hubspot.seed("company", {"name": f"Acme {number}", "domain": f"acme{number}.example"})["id"]
        linked = {"companies": [{"id": company, "label": "primary"}]}
        deal = {
            "dealname": f"Deal {number}",
            "amount": f"{number}00.50",
            "closedate": "2026-12-31T00:00:00Z",
            "dealstage": "contractsent",
            "associations": linked,
        }
        self.hubspot.seed("deal", deal)

    def fault(self, fault: str, **words: Any) -> None:
        self.sandboxes["salesforce"].faults.append(Fault(fault, **words))

    def held(self, kind: str) -> list[dict[str, Any]]:
        return list(self.salesforce.state()[kind].values())

    def patches(self) -> int:
        """Requests that may have changed something at Salesforce."""
        return sum(one["method"] in ("PATCH", "DELETE") for one in self.sandboxes["salesforce"].log)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    found = Desk(tmp_path, clock)
    yield found
    found.project.close()


def test_a_chain_is_made_in_one_night_and_the_second_night_writes_nothing(desk: Desk) -> None:
    for number in range(1, 6):
        desk.sell(number)
    assert desk.night().exit_code == 0
    accounts = {one["Website"]: one for one in desk.held("Account")}
    deals = {one["Name"]: one for one in desk.held("Opportunity")}
    assert len(accounts) == len(deals) == 5
    for number in range(1, 6):
        deal = deals[f"Deal {number}"]
        assert deal["AccountId"] == accounts[f"acme{number}.example"]["Id"]
        assert (str(deal["Amount"]), deal["CloseDate"], deal["StageName"]) == (
            f"{number}00.50",
            "2026-12-31",
            "Negotiation/Review",
        )
    assert len({one[FIELD] for one in (*accounts.values(), *deals.values())}) == 10
    before = desk.patches()
    desk.clock.advance(24 * 3600)
    report = desk.night()
    assert (report.exit_code, report.plan.changes, report.findings, desk.patches()) == (0, (), (), before)


@pytest.mark.parametrize("fault", ["lost", "500 after", "500 before", "late", "truncated"])
def test_whatever_happens_to_the_answers_there_is_one_record_each(desk: Desk, fault: str) -> None:
    for number in range(1, 4):
        desk.sell(number)
    desk.fault(fault, method="PATCH", times=2)
    desk.night()
    desk.clock.advance(3_600)
    desk.night()
    desk.sandboxes["salesforce"].catch_up()
    assert sorted(one["Name"] for one in desk.held("Account")) == ["Acme 1", "Acme 2", "Acme 3"]
    assert sorted(one["Name"] for one in desk.held("Opportunity")) == ["Deal 1", "Deal 2", "Deal 3"]
    desk.clock.advance(24 * 3600)
    assert desk.night().plan.changes == ()


def test_updates_go_out_and_a_cleared_field_is_cleared(desk: Desk) -> None:
    desk.sell(1)
    (company,) = desk.hubspot.state()["company"]
    desk.hubspot.edit("company", company, {"phone": "1"})
    desk.night()
    assert desk.held("Account")[0]["Phone"] == "1"
    desk.clock.advance(7_200)
    desk.hubspot.edit("company", company, {"phone": ""})
    desk.clock.advance(7_200)
    assert desk.night().exit_code == 0
    assert "Phone" not in desk.held("Account")[0]


def test_c57_a_locked_record_is_tried_again_and_succeeds_in_the_same_night(desk: Desk) -> None:
    desk.sell(1)
    desk.night()
    (account,) = desk.held("Account")
    (company,) = desk.hubspot.state()["company"]
    desk.clock.advance(7_200)
    desk.hubspot.edit("company", company, {"name": "Acme Group"})
    desk.clock.advance(7_200)
    desk.salesforce.lock(account["Id"], times=2)
    slept = desk.clock.slept
    assert desk.night().exit_code == 0
    assert desk.held("Account")[0]["Name"] == "Acme Group"
    assert desk.clock.slept - slept >= 10.0


def test_c52_a_used_up_day_ends_with_its_own_code_and_the_run_can_be_finished(desk: Desk) -> None:
    for number in range(1, 4):
        desk.sell(number)
    desk.fault("429", method="PATCH")
    report = desk.night()
    assert report.exit_code == 75
    assert desk.held("Account") == []
    desk.clock.advance(3_600)
    assert run.resume(desk.project, report.run.id).exit_code == 0
    assert (len(desk.held("Account")), len(desk.held("Opportunity"))) == (3, 3)


def test_c43_what_a_person_changed_since_the_plan_stays(desk: Desk) -> None:
    desk.sell(1)
    desk.night()
    (account,) = desk.held("Account")
    (company,) = desk.hubspot.state()["company"]
    desk.clock.advance(7_200)
    desk.hubspot.edit("company", company, {"name": "Acme Group"})
    desk.clock.advance(7_200)
    run.pull(desk.project)
    plan = run.plan(desk.project)
    assert len(plan.changes) == 1
    desk.salesforce.edit("Account", account["Id"], {"Name": "by hand"})
    report = run.apply(desk.project, plan, choices=LIMITLESS)
    assert report.exit_code == 5
    assert desk.held("Account")[0]["Name"] == "by hand"


def test_c55_bad_rows_are_told_and_the_others_are_done(desk: Desk) -> None:
    for number in range(1, 6):
        desk.sell(number)
    rule = {"message": "No threes.", "field": "Name", "when": {"Name": "Acme 3"}}
    desk.salesforce.seed("rule:Account", rule)
    report = desk.night()
    assert report.exit_code == 5
    assert sorted(one["Name"] for one in desk.held("Account")) == ["Acme 1", "Acme 2", "Acme 4", "Acme 5"]
    assert sorted(one["Name"] for one in desk.held("Opportunity")) == ["Deal 1", "Deal 2", "Deal 4", "Deal 5"]
    before = desk.patches()
    desk.clock.advance(24 * 3600)
    again = desk.night()
    assert desk.patches() == before  # a refusal is not sent again while nothing changed
    assert [one.kind for one in again.findings if one.mapping == "companies"] == ["rejected"]


def test_c17_a_field_that_security_hides_ends_the_run_before_anything_is_read(desk: Desk) -> None:
    desk.sell(1)
    desk.salesforce.hide("Account", "Phone")
    with pytest.raises(ConfigError) as raised:
        desk.night()
    told = [problem for problem in raised.value.problems if "has no field `Phone`" in problem.message]
    assert told
    assert all("field-level security: let an admin give" in problem.hint for problem in told)
    assert desk.held("Account") == []


def test_without_our_external_id_nothing_is_made_and_the_reason_is_told(tmp_path: Path, clock: FakeClock) -> None:
    desk = Desk(tmp_path, clock)
    desk.sell(1)
    del desk.salesforce.org.objects["Account"].fields[FIELD]
    with pytest.raises(ConfigError) as raised:
        desk.night()
    assert any("syncctl setup" in problem.hint for problem in raised.value.problems)
    desk.project.close()


def test_setup_makes_what_is_missing_and_the_night_after_it_creates(tmp_path: Path, clock: FakeClock) -> None:
    desk = Desk(tmp_path, clock)
    desk.edit_settings('"1000"}', '"1000", permission_set: 0PS5e000000000AAAQ}')
    desk.sell(1)
    for kind in ("Account", "Opportunity"):
        del desk.salesforce.org.objects[kind].fields[FIELD]
    requests = missing_setup(desk.project, "salesforce")
    made = make_setup(desk.project, "salesforce", requests)
    assert {str(receipt.outcome) for _, receipt in made} == {"applied"}
    assert missing_setup(desk.project, "salesforce") == ()
    assert desk.night().exit_code == 0
    assert len(desk.held("Opportunity")) == 1
    desk.project.close()


def test_a_night_that_signs_in_by_itself_outlives_its_session(tmp_path: Path, clock: FakeClock) -> None:
    desk = Desk(tmp_path, clock)
    desk.edit_settings(
        'credential: "env:SALESFORCE"',
        "sign_in: {grant: client_credentials, client_id: env:SALESFORCE_ID, client_secret: env:SALESFORCE_SECRET}",
    )
    desk.sell(1)
    assert desk.night().exit_code == 0
    desk.salesforce.sign_ins.end_sessions()
    desk.sell(2)
    assert desk.night().exit_code == 0
    assert (len(desk.held("Account")), len(desk.held("Opportunity"))) == (2, 2)
    asked = [one for one in desk.sandboxes["salesforce"].log if one["path"].endswith("/token")]
    assert len(asked) == 2
    assert desk.salesforce.sign_ins.app.client_secret not in (tmp_path / "ledger.db").read_bytes().decode("latin-1")
    desk.project.close()


def test_c37_a_sandbox_org_never_opens_a_live_ledger(tmp_path: Path, clock: FakeClock) -> None:
    desk = Desk(tmp_path, clock)
    desk.edit_settings(
        "connector: salesforce\n    environment: sandbox", "connector: salesforce\n    environment: live"
    )
    desk.sell(1)
    with pytest.raises(GuardTripped, match="opens a sandbox") as raised:
        desk.night()
    assert raised.value.guard == "environment"
    assert desk.held("Account") == []
    desk.project.close()


def test_a64_another_org_than_the_ledgers_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    desk = Desk(tmp_path, clock)
    desk.night()
    desk.sandboxes["salesforce"].restart(SalesforceSandbox(clock, org_id="00D5e0000009abcEAA"))
    desk.sell(1)
    with pytest.raises(GuardTripped, match="belongs to company 00D5e0000008xyzEAA"):
        desk.night()
    desk.project.close()


def test_c11_an_account_deleted_in_salesforce_is_reported_and_not_made_anew(desk: Desk) -> None:
    desk.sell(1)
    desk.night()
    (account,) = desk.held("Account")
    desk.clock.advance(7_200)
    desk.salesforce.delete("Account", account["Id"])
    desk.clock.advance(7_200)
    report = desk.night()
    assert [one["Id"] for one in desk.held("Account")] == [account["Id"]]
    assert [finding.kind for finding in report.findings if finding.mapping == "companies"] == ["gone"]


@pytest.mark.parametrize("seed", range(4))
def test_nights_full_of_trouble_end_with_one_record_each(tmp_path: Path, clock: FakeClock, seed: int) -> None:
    chance = random.Random(seed)
    desk = Desk(tmp_path, clock)
    faults = ("lost", "500 before", "500 after", "late", "truncated", "429", "slow")
    sold = 0
    for _ in range(5):
        for _ in range(chance.randrange(4)):
            sold += 1
            desk.sell(sold)
        for _ in range(chance.randrange(4)):
            words = {"method": chance.choice(("PATCH", "PATCH", "GET")), "skip": chance.randrange(4)}
            desk.fault(
                chance.choice(faults), times=chance.randrange(1, 4), seconds=chance.choice((1, 40, 119)), **words
            )
        if chance.random() < 0.5 and desk.held("Account"):
            desk.salesforce.lock(chance.choice(desk.held("Account"))["Id"], chance.randrange(1, 8))
        with suppress(VendorError):
            desk.night()
        clock.advance(chance.choice((60, 7_200, 24 * 3600)))
        desk.project.close()
        desk.project = desk.open()
    desk.sandboxes["salesforce"].faults.clear()
    desk.salesforce.org.locks.clear()
    for _ in range(2):
        clock.advance(24 * 3600)
        report = desk.night()
    assert (report.exit_code, report.plan.changes) == (0, ())
    assert sorted(one["Name"] for one in desk.held("Account")) == sorted(f"Acme {n}" for n in range(1, sold + 1))
    accounts = {one["Name"]: one["Id"] for one in desk.held("Account")}
    deals = {one["Name"]: one["AccountId"] for one in desk.held("Opportunity")}
    assert deals == {f"Deal {number}": accounts[f"Acme {number}"] for number in range(1, sold + 1)}
    assert len(desk.held("Opportunity")) == sold
    desk.project.close()
