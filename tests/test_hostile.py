"""Vendors' texts are hostile: whatever they hold, nothing that shows, stores or asks with them obeys it."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import pytest
from rich.cells import cell_len

from cli.house import House, Said, house
from hostile import MEMO, NUMBER, TEXTS, Hostile
from syncctl.report.text import visible

HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
ANSWER: Final = ("--max-ratio", "100%", "--max-changes", "5000")
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COMMANDS: Final = {
    "dry run": ("show",),
    "findings": ("findings", "list", "--all"),
    "matches": ("match", "list", "--all"),
    "runs": ("runs", "list"),
    "run": ("runs", "show", "night-8"),
    "writes": ("ops", "list"),
    "explain": ("explain", "REF"),
    "query": ("ledger", "query", "SELECT * FROM records ORDER BY rowid DESC LIMIT 60"),
}
FORMATS: Final = ("table", "csv", "md", "json", "jsonl")


class Poisoned:
    """A house whose vendors hold every hostile text, after a run that wrote; each page of it is asked for once."""

    def __init__(self, found: House) -> None:
        self.house = found
        self.names = {name: self._customer(number, text) for number, (name, text) in enumerate(TEXTS.items())}
        self.memo = self._customer(90, "Memo Ltd", description=MEMO)
        self.lone = self._customer(91, "@lone surrogate@")
        self._others()
        self.pages: dict[tuple[str, str], Said] = {}
        self.written = found.run("reconcile", "--yes", "--run-id", "night-8", *ANSWER, "-vv", transport=Hostile)

    def _customer(self, number: int, text: str, **words: Any) -> str:
        stripe = self.house.boxes["stripe"].vendor
        like = next(one for one in stripe.state()["customer"].values() if one["currency"] == "usd")
        body = {
            "name": text,
            "email": f"h{number}@hostile.example",
            "phone": f"+1651555{number:04}",
            "currency": "usd",
            "created": int(self.house.clock.now().timestamp()),
            "description": text,
            "metadata": {"note": text, text[:30]: "a key"},
            "address": {**like["address"], "city": text, "line2": text},
        }
        return str(stripe.seed("customer", {**body, **words})["id"])

    def _others(self) -> None:
        """The same texts in the books and at the CRM: of each kind one record with all of them, two with the worst."""
        books: Any = self.house.boxes["quickbooks"].vendor
        crm: Any = self.house.boxes["hubspot"].vendor
        for number, text in enumerate((" ".join(TEXTS.values()), TEXTS["formula"], TEXTS["clears the screen"])):
            named = {"DisplayName": f"{text} {number}", "PrimaryEmailAddr": {"Address": f"qb{number}@hostile.example"}}
            made = books.seed("Customer", {**named, "CompanyName": text, "Notes": text})
            line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "Description": text, "SalesItemLineDetail": {}}
            document = {
                "DocNumber": text[:21],
                "CustomerRef": {"value": made["Id"]},
                "PrivateNote": text,
                "Line": [line],
            }
            books.seed("Invoice", document)
            crm.seed("contact", {"firstname": text, "lastname": text, "email": f"hs{number}@hostile.example"})
            crm.seed("deal", {"dealname": text, "amount": "10", "description": text})

    def page(self, command: str, form: str) -> Said:
        """What a command prints; `wide` is the table at 160 columns."""
        if (command, form) not in self.pages:
            ref = f"stripe:customer:{self.names['clears the screen']}"
            words = [ref if word == "REF" else word for word in COMMANDS[command]]
            columns = {"COLUMNS": "160" if form == "wide" else "80"}
            out = "table" if form == "wide" else form
            self.pages[command, form] = self.house.run(*words, "-o", out, environment=columns, transport=Hostile)
        return self.pages[command, form]


@pytest.fixture(scope="module")
def poisoned() -> Iterator[Poisoned]:
    with house() as found:
        yield Poisoned(found)


def hidden(text: str) -> set[str]:
    """What a terminal would obey or not show."""
    return {character for character in text if character != "\n" and unicodedata.category(character) in HIDDEN}


def test_every_hostile_record_is_read_but_the_one_that_is_no_json(poisoned: Poisoned) -> None:
    assert poisoned.written.code == 5
    said = poisoned.house.run("ledger", "query", "SELECT rid FROM poison", "--json")
    aside = {row["rid"] for row in said.json["rows"]}
    assert poisoned.lone in aside  # half a surrogate pair is no JSON
    assert aside.isdisjoint({*poisoned.names.values(), poisoned.memo}), aside
    listed = poisoned.page("dry run", "json").out
    assert listed.count("Memo Ltd") >= 1


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_that_a_terminal_obeys_is_printed(poisoned: Poisoned, command: str, form: str) -> None:
    said = poisoned.page(command, form)
    assert said.code == (2 if command == "findings" else 0)
    assert hidden(said.out) == set()
    assert hidden(said.err) == set()


def test_nothing_that_a_terminal_obeys_is_printed_by_the_runs_and_their_log(poisoned: Poisoned) -> None:
    said = poisoned.written
    assert hidden(said.out) | hidden(said.err) == set()
    assert all(json.loads(line) for line in said.err.splitlines())


@pytest.mark.parametrize(("form", "width"), [("table", 80), ("wide", 160)])
@pytest.mark.parametrize("command", ["dry run", "findings", "run"])
def test_no_text_breaks_the_table(poisoned: Poisoned, command: str, form: str, width: int) -> None:
    assert max(map(cell_len, poisoned.page(command, form).out.splitlines())) <= width


def test_markup_is_shown_and_not_read(poisoned: Poisoned) -> None:
    shown = " ".join(poisoned.page("dry run", "wide").out.split())
    assert "[bold red]PAID[/bold red] [/]" in shown
    assert ":skull:" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_no_cell_of_a_spreadsheet_is_a_formula(poisoned: Poisoned, command: str) -> None:
    rows = list(csv.reader(io.StringIO(poisoned.page(command, "csv").out)))
    assert len({len(row) for row in rows}) <= 1
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(FORMULAS) or cell.removeprefix("-").replace(".", "", 1).isdecimal()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_markdown_table_keeps_its_columns_and_holds_no_markup(poisoned: Poisoned, command: str) -> None:
    lines = poisoned.page(command, "md").out.splitlines()
    counts = {line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines}
    assert len(counts) == 1
    assert not any("<script" in line.replace("\\<", "") or "![" in line.replace("\\[", "") for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_json_holds_the_texts_exactly(poisoned: Poisoned, command: str) -> None:
    whole = json.loads(poisoned.page(command, "json").out)
    assert whole["schema_version"] == 1
    assert all(json.loads(line) for line in poisoned.page(command, "jsonl").out.splitlines())
    if command == "explain":
        assert TEXTS["clears the screen"] in _texts(whole)


def _texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {text for inner in value.values() for text in _texts(inner)}
    if isinstance(value, list):
        return {text for inner in value for text in _texts(inner)}
    return {value} if isinstance(value, str) else set()


def test_five_megabytes_of_memo_stay_out_of_every_table(poisoned: Poisoned) -> None:
    for command in ("dry run", "findings", "run"):
        assert len(poisoned.page(command, "table").out) < 300_000
    said = poisoned.house.run("explain", f"stripe:customer:{poisoned.memo}")
    assert len(said.out) < 20_000
    assert len(poisoned.written.err) < 300_000


def test_schema_and_plan_files_hold_no_control_character(poisoned: Poisoned) -> None:
    folder = poisoned.house.folder
    poisoned.house.run("schema", "pull", transport=Hostile)
    poisoned.house.run("plan", "--out", str(folder / "friday.plan"), transport=Hostile)
    files = [folder / "friday.plan", *(folder / "schemas").rglob("*.yaml")]
    assert len(files) > 5
    for path in files:
        assert not set(path.read_bytes()) & (set(range(32)) - {10}), path
    assert poisoned.house.run("show", str(folder / "friday.plan")).code == 0


def test_no_name_of_a_vendors_becomes_a_place_on_the_disk(poisoned: Poisoned) -> None:
    names = {str(path.relative_to(poisoned.house.folder)) for path in poisoned.house.folder.rglob("*")}
    assert not any(".." in name or "etc" in name or not name.isprintable() for name in names)


# --- what no encoder of ours would send -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [b"NaN", b"-Infinity", b"1e400", b"[" * 60 + b"]" * 60], ids=["nan", "inf", "1e400", "deep"]
)
def test_a_number_that_is_none_stops_nothing_but_its_own_record(number: bytes) -> None:
    class Sends(Hostile):
        put_in: ClassVar[Mapping[bytes, bytes]] = {str(NUMBER).encode(): number}

    with house() as found:
        vendor: Any = found.boxes["stripe"].vendor
        invoices = vendor.state()["invoice"].values()
        like = next(one for one in invoices if one["status"] == "open" and one["currency"] == "usd")
        made = vendor.seed("invoice", {**like, "id": "in_hostile", "number": "INV-X", "metadata": {}, "total": NUMBER})
        said = found.run("pull", "stripe.invoice", "--full", "--json", transport=Sends)
        assert said.code == 0, said.err
        (row,) = said.json["rows"]
        assert row["records"] + row["set_aside"] >= len(vendor.state()["invoice"])
        assert row["set_aside"] == (number in (b"NaN", b"-Infinity"))
        matched = found.run("match", "list", "--all", "invoices", "--json").json["rows"]
        assert len(matched) > len(vendor.state()["invoice"]) // 2
        assert made["id"] not in json.dumps([row for row in matched if row.get("right")])


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_visible_stays_so(name: str) -> None:
    assert hidden(visible(TEXTS[name])) == set()
