"""`closed: today`: what is dated in a closed period is posted in the open one, says of which day it is, and stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deeds import vendor
from stacks import StackOffice
from syncctl.stack import Stack

NUMBER = "INV-9001"
DATE = {"quickbooks": "TxnDate", "xero": "DateString"}
MARKER = {"quickbooks": "PrivateNote", "xero": "Reference"}
RULE = {"quickbooks": "book_close_date", "xero": "period_lock"}


@pytest.fixture(params=["quickbooks", "xero"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StackOffice]:
    """The books are closed to yesterday, and an invoice of yesterday is sold."""
    found = StackOffice(tmp_path, Stack(request.param, "hubspot"))
    text = (tmp_path / "mappings" / "invoices.yaml").read_text()
    assert "closed: block" in text
    found.edit("invoices", "closed: block", "closed: today")
    vendor(found, request.param).set_rules(**{RULE[request.param]: "2026-11-19"})
    yield found
    found.project.close()


def test_a50_an_old_document_is_posted_today_and_says_of_which_day_it_is(office: StackOffice) -> None:
    books = office.stack.books
    sold = office.sell(NUMBER)
    report = office.reconcile()
    assert report.exit_code == 0
    (change,) = [one for one in report.plan.changes if one.action == "create"]
    assert change.reason == "posted on 2026-11-20: it is of 2026-11-19, and the books are closed to 2026-11-19"
    (booked,) = office.booked(NUMBER)
    assert booked[DATE[books]].startswith("2026-11-20")
    assert booked[MARKER[books]] == f"of 2026-11-19 syncctl stripe:invoice:{sold['id']}"
    office.clock.advance(86_400)
    office.reopen()
    later, writes = office.count_writes(office.reconcile)
    assert (later.exit_code, later.plan.changes, set(writes.values())) == (0, (), {0})
