"""Bank transactions in a mapping: matched by amount and day, checked, never written."""

from __future__ import annotations

from pathlib import Path

from office import LIMITLESS
from syncctl import run
from syncctl.project import open_project
from syncctl.sandbox.base import Sandbox, SandboxTransport
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.plaid import PlaidSandbox
from syncctl.sandbox.stripe import StripeSandbox

SETTINGS = """
systems:
  stripe: {connector: stripe, environment: sandbox, credential: "env:STRIPE"}
  bank: {connector: plaid, environment: sandbox, credential: "env:PLAID"}
books: {time_zone: America/New_York}
"""
MAPPING = """
mapping: bank
left: stripe.payout
right: bank.transaction
where: {left: {status: paid}, right: {pending: false}}
match:
  - rule: same amount and week
    all:
      - {left: amount, right: signed_amount}
      - {left: arrival_date, right: date, within: 5d}
unmatched: {right: ignore}
fields:
  - {left: amount, right: signed_amount, owner: none}
  - {left: amount, right: {sum: [-amount]}, owner: none}
"""


def test_a29_a_payout_finds_its_bank_line_and_a_missing_one_is_told(tmp_path: Path) -> None:
    clock = FakeClock()
    bank, stripe = PlaidSandbox(clock, limits=False), StripeSandbox(clock, requests_per_second=None)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "syncctl.yaml").write_text(SETTINGS)
    (tmp_path / "mappings" / "bank.yaml").write_text(MAPPING)
    day = int(clock.now().timestamp())
    common = {"currency": "usd", "status": "paid", "arrival_date": day, "created": day - 86_400}
    stripe.seed("payout", {**common, "amount": 421_863})
    stripe.seed("payout", {**common, "amount": 999})
    bank.seed("transaction", {"amount": -4218.63, "name": "STRIPE TRANSFER", "date": "2026-11-21"})
    bank.seed("transaction", {"amount": -9.99, "pending": True})
    sandboxes = {"stripe": Sandbox(stripe), "bank": Sandbox(bank)}
    project = open_project(
        tmp_path,
        transports={name: SandboxTransport(sandbox) for name, sandbox in sandboxes.items()},
        clock=clock,
        environment={"STRIPE": stripe.token, "PLAID": bank.credential},
    )
    report = run.reconcile(project, choices=LIMITLESS)
    (finding,) = report.findings
    assert (str(finding.kind), str(finding.amount)) == ("missing", "9.99 USD")
    assert report.plan.changes == ()
    pending = next(one for one in bank.state()["transaction"].values() if one["pending"])
    bank.post(pending["transaction_id"])
    clock.advance(86_400)
    assert run.reconcile(project, choices=LIMITLESS).exit_code == 0
    assert bank.credential.split(":")[1].encode() not in (tmp_path / "ledger.db").read_bytes()
    project.close()
