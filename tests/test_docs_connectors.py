"""docs/connectors keeps up with the connectors: pages, options with their defaults, what is written, links, YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from syncctl.auth.card import SignInCard
from syncctl.connectors.base import Access
from syncctl.connectors.http import Answer
from syncctl.connectors.hubspot import complaints as hubspot_complaints
from syncctl.connectors.hubspot.addresses import KINDS as HUBSPOT_KINDS
from syncctl.connectors.hubspot.addresses import WRITABLE
from syncctl.connectors.hubspot.settings import Settings as HubSpotSettings
from syncctl.connectors.plaid import complaints as plaid_complaints
from syncctl.connectors.plaid.options import Options as PlaidOptions
from syncctl.connectors.plaid.schemas import KINDS as PLAID_KINDS
from syncctl.connectors.quickbooks import faults as quickbooks_faults
from syncctl.connectors.quickbooks.kinds import KINDS as QUICKBOOKS_KINDS
from syncctl.connectors.quickbooks.options import Options as QuickBooksOptions
from syncctl.connectors.quickbooks.options import read_options
from syncctl.connectors.quickbooks.schemas import actions_of
from syncctl.connectors.registry import BUILT_IN, connector_class, connects_items, sign_in_card
from syncctl.connectors.salesforce import complaints as salesforce_complaints
from syncctl.connectors.salesforce.schema import NEVER_MADE
from syncctl.connectors.salesforce.settings import STANDARD
from syncctl.connectors.salesforce.settings import Settings as SalesforceSettings
from syncctl.connectors.stripe import complaints as stripe_complaints
from syncctl.connectors.stripe.card import Options as StripeOptions
from syncctl.connectors.stripe.schemas import schemas as stripe_schemas
from syncctl.connectors.xero import faults as xero_faults
from syncctl.connectors.xero.kinds import KINDS as XERO_KINDS
from syncctl.connectors.xero.options import Options as XeroOptions
from syncctl.errors import ConfigError
from syncctl.fields.jsontext import encode_json
from syncctl.model import Outcome
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock
from syncctl.settings import SystemSettings, load_settings

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "connectors"
PAGES = sorted(FOLDER.glob("*.md"))
EVERYWHERE = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
ELSEWHERE = {"rest": ROOT / "docs" / "rest-systems.md"}
"""A system declared in YAML has no options and no kinds of its own."""
OWN_PAGE = sorted(set(BUILT_IN) - set(ELSEWHERE))
OPTIONS: Mapping[str, Any] = {
    "hubspot": HubSpotSettings(),
    "plaid": PlaidOptions(""),
    "quickbooks": QuickBooksOptions(""),
    "salesforce": SalesforceSettings(),
    "stripe": StripeOptions(),
    "xero": XeroOptions(),
}
NO_OPTION = frozenset({"realm", "live", "base_url"})
"""Said elsewhere in the system's lines of syncctl.yaml."""
SPELLED = {"enhanced": "enhanced_custom_fields", "retention_seconds": "requestid_seconds"}
"""How syncctl.yaml calls two of QuickBooks'."""
ACTIONS = ("create", "update", "archive", "reactivate", "void")
OUTCOMES = {
    "stop": Outcome.STOP,
    "later": Outcome.LATER,
    "refused": Outcome.REJECTED,
    "changed meanwhile": Outcome.CONFLICT,
    "duplicate": Outcome.DUPLICATE,
    "unknown": Outcome.UNKNOWN,
    "key differs": Outcome.KEY_MISMATCH,
}
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")

Row = dict[str, str]


def page(name: str) -> str:
    return ELSEWHERE.get(name, FOLDER / f"{name}.md").read_text()


def table(name: str, heading: str) -> list[Row]:
    """The rows of the first table below a heading, by the words of its head."""
    part = page(name).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(head, row, strict=True)) for row in rows]


def named(cell: str) -> list[str]:
    return CODE.findall(cell)


# --- pages and options ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_connector_has_its_page_and_the_index_names_it(name: str) -> None:
    where = "../rest-systems.md" if name in ELSEWHERE else f"{name}.md"
    assert page(name)
    assert f"]({where})" in (FOLDER / "README.md").read_text()


def defaults(name: str) -> dict[str, str]:
    spelled = SPELLED if name == "quickbooks" else {}
    options = [one.name for one in fields(OPTIONS[name]) if one.name not in NO_OPTION]
    return {spelled.get(option, option): shown(getattr(OPTIONS[name], option)) for option in options}


def shown(value: object) -> str:
    """A default as syncctl.yaml would say it; a dash for nothing."""
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    text = ", ".join(value) if isinstance(value, tuple) else f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"`{text}`" if text else "–"


@pytest.mark.parametrize("name", OWN_PAGE)
def test_every_option_stands_on_its_page_with_its_default(name: str) -> None:
    assert {named(row["option"])[0]: row["default"] for row in table(name, "Options")} == defaults(name)


@pytest.mark.parametrize("name", OWN_PAGE)
def test_a_connector_takes_every_default_that_its_page_shows(name: str) -> None:
    told = {named(row["option"])[0]: row["default"].strip("`") for row in table(name, "Options")}
    assert connect(name, {option: text for option, text in told.items() if text != "–"}) == name


def connect(name: str, options: Mapping[str, str], company: str = "", base_url: str = "") -> str:
    """Makes a connector, and tells which; nothing is sent. Raises ConfigError."""
    known = {"quickbooks": "1", "xero": "00000000-0000-0000-0000-000000000000"}
    access = Access(
        name,
        str,
        FakeClock(),
        Redactor(),
        base_url=base_url or "https://vendor.example",
        company=company or known.get(name, ""),
        options=options,
    )
    made = connector_class(name)(access)
    made.close()
    return made.card.connector


@pytest.mark.parametrize("option", [named(row["option"])[0] for row in table("quickbooks", "Options")])
def test_quickbooks_looks_at_every_option_that_its_page_shows(option: str) -> None:
    """The other connectors refuse an option they do not know."""
    try:
        found = read_options(Access("quickbooks", str, FakeClock(), Redactor(), company="1", options={option: "7"}))
    except ConfigError:
        return
    assert found != QuickBooksOptions("1")


# --- kinds ------------------------------------------------------------------------------------------------------------


def written() -> Iterator[tuple[str, str, set[str]]]:
    """(connector, kind, what can be written) of those whose kinds are the same for everybody."""
    for schema in stripe_schemas("stripe"):
        yield "stripe", schema.kind, {str(action) for action in schema.actions}
    for kind in QUICKBOOKS_KINDS.values():
        yield "quickbooks", kind.name, {str(action) for action in actions_of(kind, QuickBooksOptions(""))}
    for other in XERO_KINDS.values():
        yield "xero", other.name, {str(action) for action in other.actions}
    for name in HUBSPOT_KINDS:
        yield "hubspot", name, {"create", "update", "archive"} if name in WRITABLE else set()
    for name in PLAID_KINDS:
        yield "plaid", name, set()


@pytest.mark.parametrize(("name", "kind", "actions"), list(written()))
def test_a_page_says_of_every_kind_what_can_be_written(name: str, kind: str, actions: set[str]) -> None:
    (row,) = [row for row in table(name, "What is read and written") if kind in named(row["kind"])]
    told = {action for action in ACTIONS if re.search(rf"\b{action}\b", row["written"])}
    if row["written"] == "metadata":
        told = {"update"}
    assert told == actions
    assert (row["written"] == "nothing") is not bool(actions)


@pytest.mark.parametrize("kind", STANDARD)
def test_salesforces_standard_objects_are_named_and_what_is_never_made(kind: str) -> None:
    (row,) = [row for row in table("salesforce", "What is read and written") if kind in named(row["kind"])]
    assert ("create" in row["written"]) is (kind not in NEVER_MADE)


# --- refusals ---------------------------------------------------------------------------------------------------------


def meanings(name: str, code: str) -> Outcome:
    """What the connector makes of a refusal."""
    if name == "stripe":
        body = {"error": {"code": code, "type": code}}
        status = int(code) if code.isdigit() else 400
        return stripe_complaints.Explain(1.0)(Answer(status, {}, encode_json(body))).outcome
    if name == "hubspot":
        status = {"DAILY": 429, "SECONDLY": 429, "TEN_SECONDLY_ROLLING": 429, "URI_TOO_LONG": 414}.get(code, 400)
        complaint = hubspot_complaints.explain(Answer(status, {}, encode_json({"category": code, "policyName": code})))
        assert complaint.code == code
        return complaint.outcome
    if name == "xero":
        return xero_meaning(code)
    tables: Mapping[str, Mapping[str, Any]] = {
        "quickbooks": quickbooks_faults.MEANINGS,
        "salesforce": salesforce_complaints.MEANINGS,
        "plaid": plaid_complaints.CODES,
    }
    found: Outcome = tables[name][code].outcome
    return found


def xero_meaning(code: str) -> Outcome:
    by_sentence = {meaning.code: meaning.outcome for meaning in xero_faults.MEANINGS}
    if code in by_sentence:
        return by_sentence[code]
    limit = code.removesuffix(" limit")
    status, headers = (429, {"x-rate-limit-problem": limit}) if limit != code else (401, {})
    complaint = xero_faults.explain(Answer(status, headers, encode_json({"Detail": code})), XeroOptions())
    assert complaint.code == code
    return complaint.outcome


@pytest.mark.parametrize("name", OWN_PAGE)
def test_the_refusals_of_a_page_become_what_it_says(name: str) -> None:
    rows = table(name, "Common refusals")
    told = {code: row["becomes"] for row in rows for code in named(next(iter(row.values())))}
    words = {outcome: word for word, outcome in OUTCOMES.items()}
    assert told == {code: words[meanings(name, code)] for code in told}
    assert len(told) >= len(rows)


def test_the_index_explains_every_word_of_the_refusals() -> None:
    part = (FOLDER / "README.md").read_text().split("## What becomes of a refusal")[1]
    assert all(f"| {word} |" in part for word in OUTCOMES)


# --- what can be typed ------------------------------------------------------------------------------------------------


def shown_lines() -> Iterator[tuple[str, str]]:
    for one in PAGES:
        yield from ((one.name, found) for found in YAML.findall(one.read_text()) if found.startswith("systems:"))


@pytest.mark.parametrize(("where", "text"), list(shown_lines()))
def test_the_lines_of_syncctl_yaml_that_a_page_shows_are_taken(tmp_path: Path, where: str, text: str) -> None:
    rest = "ledger: ledger.db\nmappings: mappings\nbooks: {time_zone: Europe/Berlin}\n"
    (tmp_path / "syncctl.yaml").write_text(text + rest)
    found = load_settings(tmp_path, environment={}, user_file=tmp_path / "none").systems.values()
    assert found, where
    for system in found:
        connect(system.connector, system.options, system.company, system.base_url)
        check_sign_in(system)


def check_sign_in(system: SystemSettings) -> None:
    """A sign-in needs a card that has its grant and asks for none but the card's scopes, or a page for banks."""
    if system.sign_in is None:
        return
    if connects_items(system.connector):
        assert system.sign_in.client_secret is not None
        return
    card = sign_in_card(system.connector)
    assert isinstance(card, SignInCard)
    assert system.sign_in.grant in card.grants
    assert set(system.sign_in.scopes) <= set(card.scopes)


@pytest.mark.parametrize("name", [name for name in OWN_PAGE if sign_in_card(name) is not None])
def test_every_scope_that_a_sign_in_asks_for_is_on_its_page(name: str) -> None:
    card = sign_in_card(name)
    assert card is not None
    told = page(name)
    for scope in card.scopes:
        assert f"`{scope}`" in told or re.search(rf"`{re.escape('.' + scope.split('.', 2)[-1])}`", told), scope


# --- links ------------------------------------------------------------------------------------------------------------


def links() -> Iterator[tuple[str, str, str]]:
    for one in EVERYWHERE:
        text = re.sub(r"^```.*?^```", "", one.read_text(), flags=re.MULTILINE | re.DOTALL)
        yield from ((str(one.relative_to(ROOT)), *found) for found in LINK.findall(text))


@pytest.mark.parametrize(("where", "target", "anchor"), list(links()))
def test_every_link_between_the_pages_leads_somewhere(where: str, target: str, anchor: str) -> None:
    found = ((ROOT / where).parent / target).resolve() if target else ROOT / where
    assert found.exists()
    if anchor:
        assert anchor in anchors(found)


@cache
def anchors(found: Path) -> frozenset[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", found.read_text(), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings)
