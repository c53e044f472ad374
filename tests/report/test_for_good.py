"""What cannot be undone once it is written stands in the plan before it is, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from plans import CUSTOMER, INVOICE, NOW, PHONE, plan
from test_table import printed

from syncctl.model import Plan
from syncctl.report.formats import write_report
from syncctl.report.plans import plan_report

WHY = "an item can only be deleted in Xero, and nothing here deletes"


def made() -> Plan:
    changes = (replace(CUSTOMER, final=WHY), replace(PHONE, undo="update"), replace(INVOICE, final=WHY))
    return replace(plan(), changes=changes, findings=())


def written(form: str) -> str:
    stream = io.StringIO()
    write_report(plan_report(made(), now=NOW), form, stream)
    return stream.getvalue()


def test_what_cannot_be_undone_is_told_below_the_changes_by_its_number() -> None:
    lines = [line.split() for line in printed(made(), 80).splitlines()]
    assert "CANNOT BE UNDONE once they are written".split() in lines
    assert f"1, 3 {WHY}".split() in lines


def test_programs_are_told_with_each_change() -> None:
    plan = json.loads(written("json"))["plan"]
    assert [(change["undo"], change["cannot_be_undone"]) for change in plan["changes"]] == [
        ("", WHY), ("update", ""), ("", WHY),
    ]  # fmt: skip
    rows = csv.DictReader(io.StringIO(written("csv")))
    assert {(row["number"], row["cannot_be_undone"]) for row in rows} == {("1", WHY), ("2", ""), ("3", WHY)}
