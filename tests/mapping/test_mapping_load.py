"""Mapping files become values: every form, every default, and text that stays text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mapping_world import BOOKS, HEAD, load, refused

from syncctl.errors import ConfigError, reading_fix
from syncctl.mapping.language import Conditions, Constant, First, Guards, Mapping, PathValue, Sum, Table, Template
from syncctl.mapping.load import load_mapping, load_mappings
from syncctl.mapping.loading import Books
from syncctl.paths import parse_path
from syncctl.yamltext import Map, Node, Text, read_yaml

WORKED = "design/mappings"
REFUSED = {
    "01-customers.yaml": ["`if_taken` is not supported yet"],
    "06c-bank-splits.yaml": ["`sum` is not supported yet", "`subset` is not supported yet"],
    "12a-people.yaml": ["`if_taken` is not supported yet"],
}


def nested(node: Node) -> Books:
    """The `books:` part as the settings give it."""
    assert isinstance(node, Map)
    return {key: value.text if isinstance(value, Text) else nested(value) for key, value in node.entries()}


def worked_books(folder: Path) -> Books:
    found = read_yaml("syncctl.books.yaml", (folder / "syncctl.books.yaml").read_bytes()).get("books")
    assert found is not None
    return nested(found)


@pytest.mark.vendors
def test_every_worked_mapping_is_read_or_refused_by_the_name_of_what_is_missing(vendors: Path) -> None:
    folder = vendors.parent / WORKED
    books = worked_books(folder)
    read, problems = set(), {}
    for file in sorted(folder.glob("[0-9]*.yaml")):
        try:
            read.add(load_mapping(file.name, file.read_bytes(), books).name)
        except ConfigError as error:
            problems[file.name] = [problem.message for problem in error.problems]
    assert problems == REFUSED
    assert len(read) == 16


@pytest.mark.vendors
def test_the_worked_mappings_are_read_once_what_is_later_is_taken_out(vendors: Path) -> None:
    folder = vendors.parent / WORKED
    for name in ("01-customers.yaml", "12a-people.yaml"):
        text = (folder / name).read_bytes().replace(b', if_taken: "{} (customer)"', b"")
        assert load_mapping(name, text, worked_books(folder)).fields


# --- text stays text --------------------------------------------------------------------------------------------------


def test_scalars_keep_their_text_from_the_file_to_the_mapping() -> None:
    found = load(
        """
where: {left: {country: NO, code: [090, 0.05]}}
fields:
  - {left: a, right: b, owner: left, values: {NO: 090, 1.0: yes, 8400: 0x1F}, else: 0755}
  - {left: {constant: 0.10}, right: c, once: true}
"""
    )
    assert [test.values for test in found.where.left] == [("NO",), ("090", "0.05")]
    assert found.fields[0].values == Table((("NO", "090"), ("1.0", "yes"), ("8400", "0x1F")), "0755")
    assert isinstance(found.fields[1].left, Constant)
    assert found.fields[1].left.text == "0.10"


# --- values -----------------------------------------------------------------------------------------------------------


def form(text: str) -> object:
    """The left form of one field."""
    return load(f"fields: [{{left: {text}, right: x, once: true}}]").fields[0].left


def test_value_forms() -> None:
    first = form("{first: [a.b, {text: '{c} {d}'}, $terms]}")
    assert isinstance(first, First)
    assert list(map(str, first.members)) == ["a.b", "{c} {d}", "$terms"]
    total = form("{sum: [gross, -fee, {first: [a, b]}]}")
    assert isinstance(total, Sum)
    assert [term.sign for term in total.terms] == [1, -1, 1]
    assert str(total) == "sum of gross, -fee, first of a, b"
    text = form("{text: 'S {id}!'}")
    assert isinstance(text, Template)
    assert text.parts == ("S ", parse_path("id"), "!")


def test_a_template_holds_settings_as_text() -> None:
    text = form('{text: "{$terms}: {a->b}"}')
    assert isinstance(text, Template)
    assert text.parts == ("Net 30: ", parse_path("a->b"))


@pytest.mark.parametrize(
    ("written", "text", "setting"),
    [("$terms", "Net 30", "terms"), ("$accounts.sales", "090", "accounts.sales"), ("{constant: $terms}", "$terms", "")],
)
def test_a_setting_is_filled_in_and_remembered(written: str, text: str, setting: str) -> None:
    found = form(written)
    assert isinstance(found, Constant)
    assert (found.text, found.setting) == (text, setting)


@pytest.mark.parametrize("written", ["$state", "(Project ID)", "a->$state", "link(invoices)->number", "a(b=c|d).e"])
def test_what_only_looks_like_a_setting_is_a_path(written: str) -> None:
    found = form(written)
    assert isinstance(found, PathValue)
    assert found.path == parse_path(written)


def test_settings_inside_selectors_conditions_tables_and_else() -> None:
    found = load(
        """
where: {left: {terms: $terms, (Terms): {not: [$terms, x]}}}
fields:
  - {left: lines(item=$items.shipping|x).amount, right: a, owner: none}
  - {left: method, right: b, owner: left, values: $tables.methods, else: $terms}
  - {left: account, right: c, owner: left, values: {x: $accounts.sales}}
lines:
  - {right: "Line(ItemRef->Name=$accounts.receivable)", owner: left, fields: []}
"""
    )
    assert [test.values for test in found.where.left] == [("Net 30",), ("Net 30", "x")]
    assert str(found.fields[0].left) == "lines(item=Shipping|x).amount"
    assert found.fields[1].values == Table(
        (("card", "Credit Card"), ("link", "Credit Card"), ("090", "0210")), "Net 30"
    )
    assert found.fields[2].values == Table((("x", "090"),))
    assert found.lines[0].right.steps[0].selectors[0].values == ("Accounts Receivable (A/R)",)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("$trems", "there is no setting `$trems` (did you mean `$terms`?)"),
        ("$accounts.recievable", "there is no setting `$accounts.recievable` (did you mean `$accounts.receivable`?)"),
        ("$accounts", "`$accounts` is a group of settings, not one"),
        ("$empty", "the setting `$empty` is empty (give it a text under `books:`)"),
        ("a($accounts=$nothing)", "there is no setting `$nothing`"),
        ("a(b=$accounts.odd)", "the text of a setting in `(b=$accounts.odd)` cannot stand there"),
        ("a.$terms", "`$terms` cannot stand inside a path"),
    ],
)
def test_an_unknown_setting_is_a_problem_with_a_suggestion(written: str, problem: str) -> None:
    assert problem in refused(f"fields: [{{left: '{written}', right: x, once: true}}]")[0]


# --- conditions -------------------------------------------------------------------------------------------------------


def test_conditions() -> None:
    found = load(
        """
where:
  left:
    {status: [open, paid], total: {over: 0, under: 10.5}, memo: {not: x}, due: {from: 2026-01-01, until: 2026-12-31}}
  right: {$state: {not: [void, deleted]}, DocNumber: {starts: SO-}, Note: {present: false}, A: {not: {present: true}}}
"""
    )
    assert [(str(test.path), test.test, test.values, test.negated) for test in found.where.left] == [
        ("status", "in", ("open", "paid"), False),
        ("total", "over", ("0",), False),
        ("total", "under", ("10.5",), False),
        ("memo", "in", ("x",), True),
        ("due", "from", ("2026-01-01",), False),
        ("due", "until", ("2026-12-31",), False),
    ]
    assert [(str(test.path), test.test, test.values, test.negated) for test in found.where.right] == [
        ("$state", "in", ("void", "deleted"), True),
        ("DocNumber", "starts", ("SO-",), False),
        ("Note", "present", ("false",), False),
        ("A", "present", ("true",), True),
    ]
    assert str(found.where.left[1].at) == "mappings/x.yaml:8:28"


def test_groups_are_taken_apart_and_their_conditions_joined() -> None:
    found = load(
        """
fields:
  - when: {left: {a: 1}}
    fields:
      - {left: x, right: X, owner: left}
      - when: {right: {b: 2}}
        fields:
          - {left: y, right: Y, owner: left, when: {left: {c: 3}}}
  - {left: z, right: Z, owner: none}
"""
    )
    shown = [
        (entry.name, [str(test.path) for test in entry.when.left], [str(test.path) for test in entry.when.right])
        for entry in found.fields
    ]
    assert shown == [("X", ["a"], []), ("Y", ["a", "c"], ["b"]), ("Z", [], [])]
    assert found.fields[2].when == Conditions()


# --- rules and fields -------------------------------------------------------------------------------------------------


def test_rules() -> None:
    found = load(
        """
mapping: m
left: a.b
right: c.d
match:
  - {left: x, right: X}
  - {left: name, right: Name, similar: 92, accept: review}
  - {left: mail, right: Mail, as: email, rule: by mail}
  - rule: the usual
    all: [{left: c, right: C, link: customers}, {left: t, right: T, tolerance: 0.05}, {left: d, right: D, within: 3d}]
  - all: [{left: m, right: M, values: {a: b}, else: c}, {left: n, right: N}]
"""
    )
    assert [(rule.name, rule.review, [criterion.exact for criterion in rule.criteria]) for rule in found.match] == [
        ("x = X", False, [True]),
        ("name = Name (similar 92)", True, [False]),
        ("by mail", False, [True]),
        ("the usual", False, [True, False, False]),
        ("m = M and n = N", False, [True, True]),
    ]
    usual = found.match[3].criteria
    assert (usual[0].link, usual[1].tolerance, usual[2].within_days) == ("customers", Decimal("0.05"), 3)


def test_defaults_of_a_field() -> None:
    entry = load("fields: [{left: a, right: b, owner: none}]").fields[0]
    assert (entry.once, entry.link, entry.values, entry.as_) == (False, "", None, "")
    assert (entry.empty, entry.tolerance, entry.reason, entry.when) == ("keep", None, "", Conditions())


def test_a_field_without_owner_or_once_is_refused() -> None:
    assert refused("fields: [{left: a, right: b}]") == [
        "5:10: nobody owns this field (say who decides: owner: left, right, both or none; or once: true)"
    ]


@pytest.mark.parametrize(
    ("create", "left", "right", "source"),
    [
        ("right", "a", "b", "left"),
        ("left", "a", "b", "right"),
        ("none", "a", "b", "left"),
        ("both", "a", "b", "left"),
        ("left", "$terms", "b", "left"),
        ("right", "a", "{constant: x}", "right"),
    ],
)
def test_the_owner_of_a_value_written_once_is_where_it_comes_from(
    create: str, left: str, right: str, source: str
) -> None:
    entry = load(f"create: {create}\nfields: [{{left: {left}, right: {right}, once: true}}]").fields[0]
    assert (entry.once, entry.owner) == (True, source)


def test_a_line_block_owns_its_fields_unless_they_say_otherwise() -> None:
    found = load(
        """
lines:
  - left: lines.data
    right: Line(DetailType=X)
    owner: left
    when: {left: {a: {present: true}}}
    match: [{left: description, right: Description}]
    fields:
      - {left: amount, right: Amount}
      - {left: tax, right: Tax, owner: none}
      - {left: $parent.customer->name, right: Who}
  - {right: Line(Description=Fee), fields: [{left: fee, right: Amount}]}
"""
    )
    first, second = found.lines
    assert [entry.owner for entry in first.fields] == ["left", "none", "left"]
    assert (str(first.left), str(first.right), first.owner) == ("lines.data", "Line(DetailType=X)", "left")
    assert (second.left, second.owner, second.fields[0].owner) == (None, "none", "none")


# --- the whole file ---------------------------------------------------------------------------------------------------


def test_everything_at_the_top_of_a_file() -> None:
    found = load(
        """
mapping: invoices
left: stripe.invoice
right: quickbooks_us.Invoice
dated: {left: {first: [effective_at, created]}, right: TxnDate}
amount: {right: TotalAmt}
marker: {right: PrivateNote}
from: 2026-01-01
closed: block
many: left
create: right
unmatched: {left: report, right: ignore}
gone: {void: void, archived: archive, deleted: report}
after: [credits, refunds]
guards: {max_changes: 200, max_ratio: 10%, max_amount: ["25000 USD", 500EUR]}
"""
    )
    assert (found.name, found.left, found.right) == ("invoices", ("stripe", "invoice"), ("quickbooks_us", "Invoice"))
    assert (str(found.dated.left), str(found.dated.right), found.amount.left) == (
        "first of effective_at, created",
        "TxnDate",
        None,
    )
    assert (str(found.marker.right), found.from_, found.many, found.create) == (
        "PrivateNote",
        date(2026, 1, 1),
        "left",
        "right",
    )
    assert (found.reports_unmatched("left"), found.reports_unmatched("right")) == (True, False)
    assert [found.when_gone(what) for what in ("void", "archived", "deleted", "filtered")] == [
        "void",
        "archive",
        "report",
        "report",
    ]
    assert found.after == ("credits", "refunds")
    assert found.guards == Guards(200, Decimal("0.1"), (("USD", Decimal(25000)), ("EUR", Decimal(500))))


def test_what_a_file_leaves_out() -> None:
    found = load("")
    assert (found.create, found.many, found.unmatched, found.gone, found.after) == ("none", "", (), (), ())
    assert (found.from_, found.guards, found.fields, found.lines) == (None, Guards(), (), ())


def test_gone_report_holds_for_every_case() -> None:
    assert dict(load("gone: report").gone) == dict.fromkeys(("void", "archived", "deleted", "filtered"), "report")


def test_after_may_be_one_name() -> None:
    assert load("after: credits").after == ("credits",)


def test_limits_may_be_divided_by_commas() -> None:
    assert load("guards: {max_amount: '25000 USD, 500.50 EUR'}").guards.max_amount == (
        ("USD", Decimal(25000)),
        ("EUR", Decimal("500.50")),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fields: [{left: a, right: b, owner: left, if_taken: '{} (customer)'}]", "`if_taken` is not supported yet"),
        (HEAD.replace("[{", "[{sum: {left: a, right: b}, "), "4:10: `sum` is not supported yet"),
        (HEAD.replace("[{", "[{subset: true, "), "4:10: `subset` is not supported yet"),
    ],
)
def test_parts_of_the_language_that_come_later_are_refused_by_name(text: str, problem: str) -> None:
    assert problem in refused(text)[0]


# --- folders ----------------------------------------------------------------------------------------------------------


def write(folder: Path, **files: str) -> Path:
    folder = folder / "mappings"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_folder_is_read_by_name_of_file(tmp_path: Path) -> None:
    folder = write(tmp_path, b=HEAD.replace("invoices", "first"), a=HEAD, c=HEAD.replace("invoices", "third"))
    (folder / "README.md").write_text("no mapping")
    (folder / ".hidden.yaml").write_text("no mapping")
    found: tuple[Mapping, ...] = load_mappings(folder, BOOKS)
    assert [(each.name, each.at.file) for each in found] == [
        ("invoices", "mappings/a.yaml"),
        ("first", "mappings/b.yaml"),
        ("third", "mappings/c.yaml"),
    ]


def test_the_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, a=HEAD + "creat: right", b="- x", c=HEAD, d=HEAD)
    with pytest.raises(ConfigError) as caught:
        load_mappings(folder, BOOKS)
    assert [str(problem) for problem in caught.value.problems] == [
        "mappings/a.yaml:5:1: unknown key `creat` (did you mean `create`?)",
        "mappings/b.yaml:1:1: the file holds a list, not `key: value` lines (remove the `- ` before the keys)",
        "mappings/d.yaml:1:1: a second mapping `invoices` (the first is mappings/c.yaml: rename one)",
    ]
    assert caught.value.message == "mappings/ has 3 problems"


def test_a_folder_that_is_not_there_says_where_to_name_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_mappings(tmp_path / "mappings", BOOKS)
    assert "mappings cannot be read" in caught.value.message
    assert caught.value.fix == "name the folder in syncctl.yaml: mappings: DIR"
    denied = PermissionError(13, "Permission denied", "mappings")  # a test may run as root, who reads everything
    private = "its owner lets your group read it: chgrp -R GROUP mappings; chmod -R g+rX mappings"
    assert reading_fix(denied, "name another") == private
