"""Hostile texts as Xero, Salesforce, Plaid and a declared system send them: on every page, in every file, in an alert.

The connectors' own pulls and codecs, and the functions that draw; whole command lines are in tests/test_hostile.py.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, Final

import pytest
from rich.cells import cell_len

from connectors.plaid_wired import Wired
from connectors.rest_world import Erp
from connectors.salesforce_world import make_world
from connectors.xero_setup import organisation
from hostile import TEXTS
from report.plans import NOW, TOTAL, edit, plan
from syncctl.alerts.ended import Ended, Job
from syncctl.alerts.message import Place, alert_of
from syncctl.alerts.observing import observe
from syncctl.alerts.rule import decide
from syncctl.connectors.base import Connector
from syncctl.errors import Exchange, RequestRefused
from syncctl.fields.codecs import decode
from syncctl.fields.jsontext import decode_json
from syncctl.model import Finding, FindingKind, Page, Ref
from syncctl.redact import Redactor
from syncctl.report.formats import write_report
from syncctl.report.page import console_for, print_page
from syncctl.report.plans import findings_report
from syncctl.report.statement import statement_block
from syncctl.report.table import plan_table
from syncctl.sandbox.clock import FakeClock
from syncctl.statement_line import SideTotal, StatementLine

HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
SIDES: Final = {"customers": ("stripe customer", "quickbooks Customer")}
LINE: Final = StatementLine("customers", "USD", SideTotal(Decimal(10), 1, 1), SideTotal(Decimal(10), 1, 1))
WIDTH: Final = 80
LONGEST: Final = 100
"""Characters that each of the four takes as a name."""


def xero(texts: Iterable[str]) -> tuple[Connector, str, str, list[Page]]:
    here = organisation(FakeClock())
    for text in texts:
        here.seed("Contact", Name=text)
    return here.connector, "Contact", "Name", here.pull("Contact")


def salesforce(texts: Iterable[str]) -> tuple[Connector, str, str, list[Page]]:
    here = make_world(FakeClock())
    for text in texts:
        here.seed("Account", Name=text)
    return here.salesforce, "Account", "Name", here.pull("Account")


def plaid(texts: Iterable[str]) -> tuple[Connector, str, str, list[Page]]:
    here = Wired(FakeClock())
    for text in texts:
        here.buy(name=text)
    return here.plaid, "transaction", "name", here.pull()


def rest(texts: Iterable[str]) -> tuple[Connector, str, str, list[Page]]:
    here = Erp(FakeClock())
    for text in texts:
        here.customer(text)
    return here.rest, "customer", "name", list(here.rest.pull("customer", None))


SYSTEMS: Final[Mapping[str, Callable[[Iterable[str]], tuple[Connector, str, str, list[Page]]]]] = {
    "xero": xero,
    "salesforce": salesforce,
    "plaid": plaid,
    "rest": rest,
}
SENT: Final = tuple(dict.fromkeys(text[:LONGEST] for text in TEXTS.values()))


@cache
def read(system: str) -> tuple[tuple[Ref, str], ...]:
    """Every hostile record with its name, as a connector pulled and decoded it."""
    connector, kind, path, pages = SYSTEMS[system](SENT)
    (schema,) = (found for found in connector.describe() if found.kind == kind)
    records = [record for page in pages for record in page.records]
    assert not [page for page in pages if page.poison]
    return tuple((one.ref, str(decode(schema.fields[path].codec, decode_json(one.raw)[path]))) for one in records)


@cache
def findings(system: str) -> tuple[Finding, ...]:
    """A finding about each, of all kinds in turn, with the text wherever a text of a vendor can stand."""
    kinds = list(FindingKind)
    return tuple(
        Finding(
            "customers", kinds[number % len(kinds)], ref, None, "Name", text, text[::-1], text, name=text, hint=text,
            number=number, since="2026-11-18T02:00:00+00:00", accepted=number % 5 == 0, note=text,
        )
        for number, (ref, text) in enumerate(read(system))
    )  # fmt: skip


def hidden(text: str) -> set[str]:
    """What a terminal would obey or not show."""
    return {one for one in text if one != "\n" and unicodedata.category(one) in HIDDEN}


def drawn(page: Any) -> str:
    stream = io.StringIO()
    print_page(console_for(stream, color="never", width=WIDTH), page)
    return stream.getvalue()


def filed(system: str, form: str) -> str:
    stream = io.StringIO()
    write_report(findings_report(findings(system), now=NOW, everything=True), form, stream)
    return stream.getvalue()


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_text_is_read_as_it_was_sent(system: str) -> None:
    assert {text.strip() for text in SENT} <= {text.strip() for _, text in read(system)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_page_obeys_what_they_hold(system: str) -> None:
    texts = [text for _, text in read(system)]
    changes = tuple(
        replace(TOTAL, intent=f"i{number}", name=text, reason=text, edits=(edit(text, text, f"{text}!"),))
        for number, text in enumerate(texts)
    )
    table = plan_table(plan(changes, findings(system)), width=WIDTH, now=NOW)
    statement = statement_block((LINE,), findings(system), sides=SIDES, width=WIDTH, now=NOW)
    for page in (drawn(table), drawn(statement)):
        assert hidden(page) == set()
        assert max(map(cell_len, page.splitlines())) <= WIDTH
        assert "[bold red]PAID[/bold red]" in " ".join(page.split())


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_file_obeys_what_they_hold(system: str) -> None:
    rows = list(csv.reader(io.StringIO(filed(system, "csv"))))
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(FORMULAS) or cell.removeprefix("-").replace(".", "", 1).isdecimal()
    lines = filed(system, "md").splitlines()
    assert len({line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines}) == 1
    assert not any("<script" in line.replace("\\<", "") or "![" in line.replace("\\[", "") for line in lines)
    assert {text for _, text in read(system)} <= {row["name"] for row in json.loads(filed(system, "json"))["rows"]}
    assert hidden(filed(system, "csv")) | hidden(filed(system, "md")) | hidden(filed(system, "json")) == set()


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_alert_obeys_what_they_hold(system: str) -> None:
    for _, text in read(system):
        error = RequestRefused(text, Exchange(system, f"GET /{text}", 400, text, text[:20], text), fix=text)
        ended = Ended(Job("reconcile"), "night-1", NOW, 1, error=error)
        seen = observe(ended)
        body = alert_of(decide((), seen, NOW), seen, ended, Place(text), Redactor()).body
        assert hidden(body) == set()
        assert not {"<", ">"} & set(body)
        assert "](" not in body
        assert "https://evil" not in body
