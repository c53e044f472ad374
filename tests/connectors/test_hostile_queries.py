"""Hostile names and ids in what is asked of vendors: each question holds exactly the text, and nothing becomes syntax.

Each grammar is read here letter by letter, from the vendors' pages and not from the sandboxes' readers; those are shown
to refuse, or to understand otherwise, a question whose text was put in without care.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import httpx
import pytest

from hostile import TEXTS
from syncctl.connectors.hubspot.addresses import Addresses as HubspotAddresses
from syncctl.connectors.quickbooks import queries
from syncctl.connectors.salesforce import soql
from syncctl.connectors.salesforce.addresses import Addresses as SalesforceAddresses
from syncctl.connectors.steps import step
from syncctl.connectors.stripe.rows import read_head
from syncctl.connectors.xero.client import Query
from syncctl.connectors.xero.finding import Finder
from syncctl.connectors.xero.where import any_text
from syncctl.contract.registry import subject_of
from syncctl.contract.stand import Stand, Wire
from syncctl.model import Poison
from syncctl.sandbox.base import from_httpx
from syncctl.sandbox.quickbooks.answers import Refusal as QuickbooksRefusal
from syncctl.sandbox.quickbooks.query import parse_query
from syncctl.sandbox.salesforce.refusals import Refusal as SalesforceRefusal
from syncctl.sandbox.salesforce.soql import Compare, parse
from syncctl.sandbox.xero.answers import Refusal as XeroRefusal
from syncctl.sandbox.xero.conditions import compile_where

MORE: Final = {
    "nothing but a quote": "'",
    "nothing but two": '"',
    "nothing but a backslash": "\\",
    "ends with a backslash": "Acme\\",
    "backslash, quote, backslash": "\\'\\",
    "escape of a letter": "\\n \\u0027 \\x27",
    "brackets and more": "') OR (Id > '0",
    "and more, double": '") OR (1==1) OR (Name=="',
    "comment": "' -- /* */ #",
    "address": "a&q=b#c?d=e/../f;g%27%00%2e%2e +",
    "emoji": "🚀 Rocket 👨‍👩‍👧",
    "emoji alone": "🚀",
    "like": "%_%",
    "four kilobytes": "O'Brien \\ " * 410,
}
EVERY: Final = {**TEXTS, **MORE}
ADDRESS: Final = "https://vendor.example/list"
ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}


def every(test: Callable[[str], None]) -> Callable[[], None]:
    """One test over all texts: a test each would cost more than the work."""

    def over_all() -> None:
        for name in EVERY:
            try:
                test(name)
            except BaseException as error:
                error.add_note(f"the text: {name}")
                raise

    over_all.__name__ = test.__name__
    return over_all


def texts_in(question: str, quote: str, escapes: dict[str, str] | None) -> tuple[str, list[str]]:
    """A question with `?` in place of every text in it, and the texts; `escapes`: letter behind a backslash to what it
    means, None where the language has no backslash."""
    shape, texts, signs = "", [], iter(question)
    for sign in signs:
        if sign != quote:
            shape += sign
            continue
        text = ""
        while (sign := next(signs)) != quote:  # StopIteration: a text that does not end
            text += escapes[next(signs)] if escapes is not None and sign == "\\" else sign
        shape, texts = shape + "?", [*texts, text]
    return shape, texts


def travelled(query: Query) -> list[tuple[str, str]]:
    """A query as the other end of the wire reads it."""
    return list(from_httpx(httpx.Request("GET", ADDRESS, params=list(query))).query)


@every
def test_a_quickbooks_query_asks_for_exactly_the_text(name: str) -> None:
    text = EVERY[name]
    (condition,) = queries.matches("DisplayName", [text])
    question = queries.select("Customer", (condition,), tail=queries.page(1, 10))
    latin = all(ord(sign) <= 0xFF for sign in text)
    asked = "IN (?)" if latin else "LIKE ?"
    shape, (read,) = texts_in(question, "'", {"\\": "\\", "'": "'"})
    assert shape == f"SELECT * FROM Customer WHERE DisplayName {asked} ORDERBY Id STARTPOSITION 1 MAXRESULTS 10"
    assert travelled([("query", question)]) == [("query", question)]
    (found,) = parse_query(question).where
    assert (found.field, found.values) == ("DisplayName", (read,))
    if latin:
        assert read == text
    else:  # what the language cannot say is asked for with a wildcard; the connector compares what comes
        parts = read.split("%")
        assert all(part in text for part in parts)
        assert text.startswith(parts[0])
        assert text.endswith(parts[-1])


@every
def test_a_salesforce_query_asks_for_exactly_the_text(name: str) -> None:
    text = EVERY[name]
    question = soql.select("Account", ("Id",), (soql.one_of("Name", [soql.literal("string", text)]),))
    assert texts_in(question, "'", ESCAPES) == ("SELECT Id FROM Account WHERE Name IN (?)", [text])
    assert travelled([("q", question)]) == [("q", question)]
    where = parse(question).where
    assert isinstance(where, Compare)
    assert [one.value for one in where.values] == [text]


@every
def test_a_xero_condition_holds_exactly_the_text_and_one_that_cannot_is_searched_for(name: str) -> None:
    text = EVERY[name]
    client: Any = SimpleNamespace(options=SimpleNamespace(ids_asked=40))
    queried = list(Finder(client, "xero")._queries("Contact", "Name", [text]))
    (question,) = queried
    assert travelled(question) == list(question)
    if '"' in text or "\\" in text:
        for word, part in question:
            assert (word, part in text) == ("searchTerm", True)
            assert not {'"', "\\"} & set(part)
    else:
        ((word, condition),) = question
        assert (word, *texts_in(condition, '"', None)) == ("where", "Name==?", [text])
        holds = compile_where(condition)
        assert (holds({"Name": text}), holds({"Name": f"{text}x"}), holds({"Name": ""})) == (True, False, False)


class Heard(Wire):
    """Keeps what HubSpot is searched for."""

    searches: list[Any]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/search"):
            self.searches.append(json.loads(request.read()))
        return super().handle_request(request)


def test_a_hubspot_search_holds_exactly_the_text() -> None:
    stand = Stand(subject_of("hubspot"))
    wire = Heard(stand.sandbox)
    wire.searches, stand.wire = [], wire
    assert stand.connect().find("contact", "lastname", list(EVERY.values())) == ()
    ((first, second),) = [one["filters"] for one in wire.searches[0]["filterGroups"]]
    assert first == {"propertyName": "lastname", "operator": "IN", "values": [text.lower() for text in EVERY.values()]}
    assert second == {"propertyName": "hs_object_id", "operator": "GT", "value": "0"}


def understood(read: Callable[[str], Any], question: str) -> str:
    """What a sandbox makes of a question: a refusal, or its reading."""
    try:
        return repr(read(question))
    except (QuickbooksRefusal, SalesforceRefusal, XeroRefusal):
        return "refused"


def asked_of_salesforce(question: str) -> Any:
    return parse(question).where


BREAKING: Final = ("'", "x' OR Id > '0", "x') OR (Id > '0", "\\", "x\\' OR Id > '0", "x', 'y")
"""Texts that break a question in which they stand as they are."""


@pytest.mark.parametrize("text", BREAKING)
def test_a_sandbox_does_not_take_a_text_without_its_escapes_for_the_same_question(text: str) -> None:
    (condition,) = queries.matches("DisplayName", [text])
    quickbooks, salesforce = "SELECT * FROM Customer WHERE ", "SELECT Id FROM Account WHERE "
    for read, right, careless in (
        (parse_query, f"{quickbooks}{condition}", f"{quickbooks}DisplayName IN ('{text}')"),
        (asked_of_salesforce, f"{salesforce}Name IN ({soql.quoted(text)})", f"{salesforce}Name IN ('{text}')"),
    ):
        assert understood(read, right) != "refused"
        assert understood(read, careless) != understood(read, right)


@pytest.mark.parametrize("text", ['"', 'x" OR Name!="x', 'x") OR (Name!="', "\\"])
def test_xeros_sandbox_refuses_or_obeys_a_text_that_should_have_been_searched_for(text: str) -> None:
    try:
        holds = compile_where(any_text("Name", [text]))
    except XeroRefusal:
        return
    assert holds({"Name": "somebody else"})  # it obeyed: a connector that let it through would be seen


@every
def test_an_id_is_one_step_of_an_address(name: str) -> None:
    identity = EVERY[name]
    for path in (
        f"/v1/products/{step(identity)}/lines",
        f"{SalesforceAddresses('62.0').record('Account', identity)}/lines",
        f"{SalesforceAddresses('62.0').upsert('Account', 'Sync__c', identity)}/lines",
        f"{HubspotAddresses('2026-09').objects('contact', identity)}/lines",
    ):
        request = httpx.Request("GET", f"https://vendor.example{path}", params=[("limit", "1")])
        sent, _, query = request.url.raw_path.decode().partition("?")
        assert [unquote(one) for one in sent.split("/")[-2:]] == [identity, "lines"]
        assert sent.count("/") == path.count("/")
        assert parse_qsl(query) == [("limit", "1")]


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_an_id_that_would_lead_elsewhere_is_never_asked_for(identity: str) -> None:
    with pytest.raises(ValueError, match="no id that an address can hold"):
        step(identity)
    row = json.dumps({"id": identity, "object": "product"}).encode()
    assert isinstance(read_head("stripe", "product", row), Poison)
