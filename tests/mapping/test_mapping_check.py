"""Mappings against live schemas: what cannot work stops before anything is written."""

from __future__ import annotations

import pytest
from mapping_world import CUSTOMERS, HEAD, PRODUCTS, SCHEMAS, checked, load

from syncctl.mapping.check import check_mappings

DEALS = "mapping: deals\nleft: stripe.invoice\nright: hubspot.deal\nmatch: [{left: number, right: hs_object_id}]\n"
MADE = """create: right
fields:
  - {left: customer, right: CustomerRef, owner: left, link: customers}
  - {left: number, right: DocNumber, owner: left}
"""


def test_a_mapping_that_fits_both_schemas_has_no_problems() -> None:
    text = (
        MADE
        + """  - {left: effective_at, right: TxnDate, owner: left}
  - {left: {first: [metadata.terms, $terms]}, right: Memo, once: true}
  - {left: $accounts.receivable, right: ARAccountRef->Name, once: true}
  - {left: metadata.project, right: (Project ID), owner: right}
  - {left: currency, right: CurrencyRef, once: true}
  - {left: total, right: TotalAmt, owner: none, tolerance: 0.01}
  - {left: paid, right: PrintStatus, owner: left, values: {true: NotSet, false: Needtoprint}}
  - {left: {sum: [payments.amount]}, right: TotalAmt, owner: none}
  - {left: customer->name, right: CustomerRef->DisplayName, owner: none}
lines:
  - left: lines.data
    right: Line(DetailType=SalesItemLineDetail)
    owner: left
    match: [{left: description, right: Description}]
    fields:
      - {left: amount, right: Amount}
      - {left: product, right: SalesItemLineDetail.ItemRef, link: products, when: {left: {product: {present: true}}}}
      - {left: $items.shipping, right: SalesItemLineDetail.ItemRef->Name}
      - {left: $parent.description, right: Description}
  - right: Line(SalesItemLineDetail.ItemRef->Name=$items.shipping)
    owner: left
    when: {left: {amount_shipping: {over: 0}}}
    fields: [{left: amount_shipping, right: Amount}]
where: {left: {status: [open, paid], customer->email: {present: true}}, right: {$state: {not: void}}}
dated: {left: effective_at, right: TxnDate}
amount: {left: total, right: TotalAmt}
marker: {right: PrivateNote}
gone: {void: void}
guards: {max_amount: 25000 USD}
"""
    )
    assert checked(text) == []


# --- paths ------------------------------------------------------------------------------------------------------------


def field(left: str, right: str, more: str = "owner: left") -> list[str]:
    return checked(f"fields: [{{left: '{left}', right: '{right}', {more}}}]")


@pytest.mark.parametrize(
    ("left", "right", "problem"),
    [
        ("nubmer", "Memo", "stripe.invoice has no field `nubmer` (did you mean `number`?)"),
        ("number", "DocNum", "quickbooks.Invoice has no field `DocNum` (did you mean `DocNumber`?)"),
        ("zzz", "Memo", "stripe.invoice has no field `zzz` (if it is new at the vendor: syncctl schema pull)"),
        ("customer->nam", "Memo", "stripe.customer has no field `nam` (did you mean `name`?)"),
        ("number->name", "Memo", "stripe.invoice.number is no reference (only a reference has an arrow after it)"),
        ("customer->address", "Memo", "`customer->address` (object) and `Memo` (text) do not compare"),
        ("link(invocies)->number", "Memo", "there is no mapping `invocies` (did you mean `invoices`?)"),
        ("link(products)->Name", "Memo", "joins stripe.product and quickbooks.Item, but this is stripe.invoice"),
        ("customer->link(customers)->Note", "Memo", "quickbooks.Customer has no field `Note` (did you mean `Notes`?)"),
        ("number", "Line(DetailTyp=X).Amount", "has no field `Line.DetailTyp` (did you mean `DetailType`?)"),
        ("number", "Line(primary).Amount", "`Line` has no labels to choose by (write `Line(FIELD=VALUE)`)"),
        ("number", "Line(DetailType=Discount).Description", "`Discount` is no option of `Line.DetailType`"),
        ("number", "BillAddr", "is a group of fields, not a value (name one: BillAddr.Line1, BillAddr.City)"),
        ("number", "Project ID", "has no field `Project ID` (as a label it is written (Project ID))"),
    ],
)  # fmt: skip
def test_an_unknown_path_suggests_the_closest(left: str, right: str, problem: str) -> None:
    (found,) = field(left, right)
    assert found.startswith("5:")
    assert problem in found


def test_c16_a_missing_custom_field_stops_at_the_check() -> None:
    assert field("metadata.project", "(Project Id)", "owner: right") == []
    for label, near in [
        ("Projekt ID", "did you mean `(Project ID)`?"),
        ("Cost centre", "known: `(Project ID)`, `(Twice)`, `(twice )`."),
    ]:
        (found,) = field("metadata.project", f"({label})", "owner: right")
        assert found == (
            f"5:44: quickbooks.Invoice has no field labelled ({label}) "
            f"({near} Otherwise make it at the vendor, then: syncctl schema pull)"
        )


def test_a_label_that_two_fields_have_asks_for_a_path() -> None:
    (found,) = field("number", "(twice)")
    assert "quickbooks.Invoice has 2 fields labelled (twice) (use a path: CustomField(DefinitionId=2)" in found


def test_a_path_in_a_line_is_looked_up_in_the_list() -> None:
    text = """lines:
  - left: lines.data
    right: Line
    fields: [{left: amuont, right: Amount}, {left: total, right: Description}]
"""
    assert checked(text) == [
        "8:21: stripe.invoice has no field `lines.data.amuont` (did you mean `amount`?)",
        "8:52: stripe.invoice has no field `lines.data.total` (known: `amount`, `description`, `product`)",
    ]


def test_lines_that_the_ledger_joins_have_the_fields_of_their_own_kind() -> None:
    fields = "[{left: amount, right: Amount}, {left: total, right: Amount}]"
    text = f"lines: [{{left: payments, right: Line, fields: {fields}}}]"
    assert checked(text) == ["5:86: stripe.invoice_payment has no field `total` (known: `amount`, `id`)"]


def test_a_list_that_does_not_exist_is_named_once() -> None:
    text = "lines: [{left: lines, right: Lines, owner: left, fields: [{left: a, right: b}]}]"
    assert [problem for problem in checked(text) if "Lines" in problem] == [
        "5:9: quickbooks.Invoice has no field `Lines` (did you mean `Line`?)"
    ]


def test_a_kind_that_was_never_read_says_so() -> None:
    assert checked(HEAD.replace("quickbooks.Invoice", "quickbooks.Invoices")) == [
        "1:1: `right`: quickbooks has no kind `Invoices` (did you mean `Invoice`?)"
    ]
    assert checked(HEAD.replace("stripe.invoice", "strype.invoice")) == [
        "1:1: `left`: there is no system `strype` (did you mean `stripe`?)"
    ]


# --- types ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "more"),
    [
        ("total", "TxnDate", "owner: none"),
        ("effective_at", "TotalAmt", "owner: none"),
        ("paid", "TotalAmt", "owner: none"),
        ("paid", "TxnDate", "owner: none"),
        ("customer", "TotalAmt", "owner: none"),
        ("lines.data", "DocNumber", "owner: none"),
    ],
)
def test_values_of_types_that_never_compare_are_refused(left: str, right: str, more: str) -> None:
    (found,) = field(left, right, more)
    assert "do not compare" in found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("total", "TotalAmt"),
        ("effective_at", "TxnDate"),
        ("currency", "CurrencyRef"),
        ("number", "TotalAmt"),
        ("customer", "Memo"),
        ("paid", "Taxable"),
        ("status", "DocNumber"),
    ],
)
def test_values_of_these_types_compare(left: str, right: str) -> None:
    assert field(left, right, "owner: none") == []


def test_true_or_false_against_a_list_of_options_needs_a_table() -> None:
    assert field("paid", "PrintStatus") == [
        "5:10: true or false against a list of options (values: {true: …, false: …})"
    ]


def test_references_into_two_systems_need_a_link_and_the_fix_names_it() -> None:
    assert field("customer", "CustomerRef") == [
        "5:10: references into different kinds: stripe.customer and quickbooks.Customer (link: customers)"
    ]


@pytest.mark.parametrize(
    ("left", "right", "link", "problem"),
    [
        ("customer", "CustomerRef", "custmers", "there is no mapping `custmers` (did you mean `customers`?)"),
        ("customer", "CustomerRef", "products", "joins stripe.product and quickbooks.Item, not stripe.customer"),
        ("number", "CustomerRef", "customers", "`number` (text) is no reference (`link` joins two"),
    ],
)  # fmt: skip
def test_a_link_names_a_mapping_of_these_kinds(left: str, right: str, link: str, problem: str) -> None:
    assert problem in field(left, right, f"owner: left, link: {link}")[0]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{left: total, right: TotalAmt, within: 3d}", "`within` compares days, and one side is none"),
        ("{left: total, right: TotalAmt, similar: 90}", "`similar` compares texts, and one side is none"),
        ("{left: number, right: DocNumber, tolerance: 1}", "`tolerance` without an amount or number"),
        ("{left: effective_at, right: DueDate, link: customers}", "is no reference"),
    ],
)
def test_a_rule_looks_only_where_there_is_something_to_see(rule: str, problem: str) -> None:
    assert problem in checked(HEAD.replace("{left: number, right: DocNumber}", rule))[0]


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("left: {status: opne}", "`opne` is no option of `status` (did you mean `open`?)"),
        ("right: {$state: payed}", "`payed` is no option of `$state` (did you mean `paid`?)"),
        ("left: {paid: {over: 1}}", "`over` tests amounts and numbers; `paid` is a bool"),
        ("left: {total: {from: 2026-01-01}}", "`from` tests days; `total` is a money"),
        ("left: {customer->name: a-name-too-long-to-exist}", "is longer than `name` may be (at most 20 characters)"),
        ("left: {effective_att: {present: true}}", "has no field `effective_att` (did you mean `effective_at`?)"),
    ],
)
def test_conditions_are_checked_like_values(where: str, problem: str) -> None:
    assert problem in checked(f"where: {{{where}}}")[0]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("values: {open: NotSett}", "in `values`: `NotSett` is no option of `PrintStatus` (did you mean `NotSet`?)"),
        ("values: {opne: NotSet}", "in `values`: `opne` is no option of `status` (did you mean `open`?)"),
        ("values: {open: NotSet}, else: Later", "in `values`: `Later` is no option of `PrintStatus`"),
    ],
)
def test_a_table_speaks_of_real_options(more: str, problem: str) -> None:
    assert problem in field("status", "PrintStatus", f"owner: left, {more}")[0]


def test_a_picklist_label_stands_for_its_option() -> None:
    text = DEALS + "fields: [{left: $state, right: dealstage, owner: left, values: {paid: Closed won, void: 2}}]"
    assert checked(text) == []


@pytest.mark.parametrize(
    ("left", "right", "problem"),
    [
        (
            "{constant: a text that is too long for a memo}",
            "Memo",
            "is longer than `Memo` may be (at most 30 characters)",
        ),
        ("{constant: maybe}", "Taxable", "`maybe` is no bool, which `Taxable` holds"),
        ("{constant: soon}", "DueDate", "`soon` is no date, which `DueDate` holds"),
        ("{constant: Printed}", "PrintStatus", "`Printed` is no option of `PrintStatus`"),
        ("{first: [metadata.x, $accounts.receivable]}", "(Project ID)", ""),
    ],
)
def test_a_constant_fits_its_field(left: str, right: str, problem: str) -> None:
    found = checked(f"fields: [{{left: {left}, right: '{right}', once: true}}]")
    assert len(found) == bool(problem)
    assert problem in "".join(found)


# --- writing ----------------------------------------------------------------------------------------------------------


def test_c17_a_field_that_cannot_be_written_is_named_with_its_reason() -> None:
    (found,) = field("total", "TotalAmt")
    assert found == (
        "5:33: quickbooks.Invoice.TotalAmt cannot be written: QuickBooks works it out from the lines "
        "(make it a check: owner: none)"
    )


def test_c18_a_calculated_property_as_target_is_refused_before_any_write() -> None:
    assert checked(DEALS + "fields: [{left: number, right: days_open, owner: left}]") == [
        "5:32: hubspot.deal.days_open cannot be written: calculated by HubSpot (make it a check: owner: none)"
    ]
    assert checked(DEALS + "fields: [{left: metadata.days, right: days_open, owner: right}]") == []


@pytest.mark.parametrize(
    ("left", "right", "more", "problem"),
    [
        ("number", "Memo", "owner: right", "5:17: stripe.invoice.number cannot be written (make it a check"),
        ("metadata.a", "$state", "owner: left", "a state changes by what is done to the record"),
        ("number", "CustomerRef->DisplayName", "owner: left", ""),
        ("customer->name", "Memo", "owner: right", "stripe.invoice.customer cannot be written"),
        ("payments.id", "Memo", "owner: right", "`payments.id` cannot be written: it stands in other records"),
        ("number", "CurrencyRef", "owner: left", "CurrencyRef is fixed, and this mapping makes no record"),
    ],
)  # fmt: skip
def test_what_is_owned_can_be_written_on_the_other_side(left: str, right: str, more: str, problem: str) -> None:
    found = field(left, right, more)
    assert len(found) == bool(problem)
    assert problem in "".join(found)


@pytest.mark.parametrize(
    ("left", "more", "problem"),
    [
        ("$terms", "owner: right", "a constant cannot be written, and right owns this field"),
        ("{text: '{number} x'}", "owner: right", "`{number} x` cannot be taken apart (add split: first or last"),
        ("{sum: [total, -amount_shipping]}", "owner: right", "`sum of total, -amount_shipping` cannot be written back"),
        ("{text: '{metadata.a} {metadata.b}', split: last}", "owner: both", ""),
        ("{first: [metadata.a, number]}", "owner: right", ""),
        ("{first: [status, number]}", "owner: right", "stripe.invoice.status cannot be written"),
    ],
)
def test_a_form_that_cannot_be_written_back_has_no_owner_opposite(left: str, more: str, problem: str) -> None:
    found = checked(f"fields: [{{left: {left}, right: Memo, {more}}}]")
    assert len(found) == bool(problem)
    assert problem in "".join(found)


def test_filling_the_owner_needs_an_owner_that_can_be_written() -> None:
    assert "stripe.invoice.number cannot be written" in field("number", "Memo", "owner: left, empty: fill")[0]


def test_a_field_fixed_at_creation_may_be_written_by_a_mapping_that_creates() -> None:
    assert checked(MADE + "  - {left: currency, right: CurrencyRef, owner: left}\n") == []


def test_a_kind_that_cannot_be_created_says_why() -> None:
    head = "mapping: back\nleft: quickbooks.Invoice\nright: stripe.invoice\n"
    assert checked(head + "match: [{left: DocNumber, right: number}]\ncreate: right\n") == [
        "1:1: stripe.invoice cannot be created (only metadata is written)"
    ]


def test_a_kind_that_cannot_be_written_is_reported_once() -> None:
    text = (
        "mapping: accounts\nleft: stripe.product\nright: quickbooks.Account\nmatch: [{left: name, right: Name}]\n"
        "fields: [{left: name, right: Name, owner: left}, {left: id, right: Id, owner: left}]\n"
    )
    assert checked(text) == ["5:10: quickbooks.Account cannot be written (syncctl only reads this kind)"]


def test_gone_names_only_what_somebody_can_do() -> None:
    assert checked("create: none\ngone: {void: void, deleted: report}") == []
    assert checked(DEALS + "gone: {void: void}") == [
        "1:1: `gone: {void: void}`: nobody can void stripe.invoice and hubspot.deal (only metadata is written)"
    ]


def test_a_created_record_has_everything_it_needs() -> None:
    assert checked(
        "create: right\nmarker: {right: PrivateNote}\nfields: [{left: number, right: BillAddr.Line1, owner: left}]"
    ) == [
        f"1:1: a new quickbooks.Invoice needs `{path}`, and nothing writes it (add a field for it, for example "
        f"{{left: {{constant: X}}, right: {path}, once: true}})"
        for path in ("CustomerRef", "BillAddr.City")
    ]


def test_a_new_line_has_everything_it_needs() -> None:
    text = MADE + "lines: [{left: lines.data, right: Line(Description=x), owner: left, fields: []}]"
    assert checked(text) == ["9:9: a new line needs `Line.Amount`, and nothing writes it (add a field for it)"]


@pytest.mark.parametrize(
    ("marker", "problem"),
    [
        ("right: PrivateNote", ""),
        ("left: metadata.source", ""),
        ("right: Memo", "`Memo` holds 30 characters; a marker takes up to 63 (name a longer field)"),
        ("right: TotalAmt", "`TotalAmt` is a money; a marker is a text"),
        ("left: number", "`number` cannot be written"),
        ("right: PrivatNote", "has no field `PrivatNote` (did you mean `PrivateNote`?)"),
    ],
)
def test_a_marker_stands_in_a_text_that_is_long_enough(marker: str, problem: str) -> None:
    found = checked(f"marker: {{{marker}}}")
    assert len(found) == bool(problem)
    assert problem in "".join(found)


def test_a_limit_on_amounts_needs_an_amount() -> None:
    limit = "guards: {max_amount: 5 USD}"
    assert checked(limit) == []
    people = CUSTOMERS.replace("customers", "people").replace("owner: left", "owner: none")
    assert checked(people + limit) == [
        "2:1: `max_amount` without an amount to compare (name it: amount: {right: PATH})"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("dated: {right: TotalAmt}", "`dated` names a money (name a date or instant)"),
        ("amount: {right: TxnDate}", "`amount` names a date (name a money or number)"),
        ("after: customrs", "`after` names no mapping: `customrs` (did you mean `customers`?)"),
    ],
)
def test_the_top_of_the_file_is_checked_too(text: str, problem: str) -> None:
    assert problem in checked(text)[0]


# --- owners -----------------------------------------------------------------------------------------------------------


def test_after_a_field_without_when_nothing_else_speaks_for_its_target() -> None:
    text = """fields:
  - {left: number, right: Memo, owner: left, when: {left: {paid: true}}}
  - {left: status, right: Memo, owner: left}
  - {left: description, right: Memo, once: true, when: {left: {paid: false}}}
  - {left: $accounts.receivable, right: ARAccountRef->Name, once: true}
  - {left: number, right: ARAccountRef, owner: left}
"""
    assert checked(text) == [
        f"{place}: `{name}` is already written "
        f"(line {line} always decides; put this one before it with `when`, or remove one)"
        for place, name, line in [("8:5", "Memo", 7), ("10:5", "ARAccountRef", 9)]
    ]


def test_a_check_beside_an_owner_is_fine() -> None:
    assert checked("fields: [{left: number, right: Memo, owner: left}, {left: status, right: Memo, owner: none}]") == []


OTHER = HEAD.replace("mapping: invoices", "mapping: other") + "fields: [{left: number, right: Memo, owner: left}]\n"


def test_two_mappings_cannot_own_one_place() -> None:
    (found,) = checked("fields: [{left: status, right: Memo, owner: left}]", OTHER)
    assert found == (
        "5:10: `quickbooks.Invoice.Memo` is also written by `other` "
        "(mappings/other0.yaml:5:10; keep one, or tell their records apart in both `where`)"
    )


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("{DocNumber: a}", "{DocNumber: [b, c]}"),
        ("{DocNumber: {not: [a, b]}}", "{DocNumber: a}"),
        ("{TotalAmt: {over: 0}}", "{TotalAmt: 0}"),
        ("{TotalAmt: {over: 5}}", "{TotalAmt: {under: 5}}"),
        ("{TotalAmt: {under: 5}}", "{TotalAmt: [5, 6]}"),
        ("{TxnDate: {from: 2026-01-02}}", "{TxnDate: {until: 2026-01-01}}"),
        ("{Memo: {present: true}}", "{Memo: {present: false}}"),
    ],
)
def test_unless_no_record_is_in_both(mine: str, theirs: str) -> None:
    field_ = "fields: [{left: status, right: Memo, owner: left}]\n"
    assert checked(f"{field_}where: {{right: {mine}}}", f"{OTHER}where: {{right: {theirs}}}") == []
    assert checked(f"{field_}where: {{right: {theirs}}}", f"{OTHER}where: {{right: {mine}}}") == []
    assert len(checked(f"{field_}where: {{right: {mine}}}", f"{OTHER}where: {{right: {mine}}}")) == 1


def test_a_field_that_carries_markers_is_written_by_nothing_else() -> None:
    marked = OTHER.replace("fields", "marker: {right: PrivateNote}\nfields")
    text = "fields: [{left: description, right: PrivateNote, once: true}]"
    (found,) = checked(text, marked)
    assert found == (
        "5:10: `PrivateNote` carries the marker of `other`, and nothing else may write it "
        "(see mappings/other0.yaml:5:17; write into another field)"
    )


def test_records_that_share_a_partner_own_none_of_its_fields() -> None:
    text = "many: {}\nfields: [{{left: metadata.a, right: Memo, owner: {}}}]"
    assert checked(text.format("left", "right")) == []
    assert checked(text.format("left", "none")) == []
    for owner in ("left", "both"):
        (found,) = checked(text.format("left", owner))
        assert "several left records may share one partner, so none of them owns `Memo` (owner: right" in found


def test_mappings_that_wait_for_each_other_are_reported_in_their_own_files() -> None:
    other = OTHER + "after: invoices\n"
    (found,) = checked("after: other", other)
    assert found.startswith("1:1: `invoices` waits for `other`, in a circle: other -> invoices -> other (take one")


# --- all together -----------------------------------------------------------------------------------------------------


def test_every_problem_of_all_mappings_comes_in_the_order_of_the_files() -> None:
    mappings = [
        load(CUSTOMERS.replace("name, ", "nam, "), "mappings/a.yaml"),
        load(PRODUCTS.replace("right: Name", "right: Nmae"), "mappings/b.yaml"),
        load(HEAD + "where: {left: {status: x, numbre: 1}}", "mappings/c.yaml"),
    ]
    assert [problem.where for problem in check_mappings(mappings, SCHEMAS, mappings)] == [
        "mappings/a.yaml:6:17",
        "mappings/b.yaml:5:29",
        "mappings/c.yaml:5:16",
        "mappings/c.yaml:5:27",
    ]


CREATED = """mapping: people
left: stripe.customer
right: quickbooks.Customer
match: [{{left: email, right: PrimaryEmailAddr.Address}}]
{more}fields: [{{left: email, right: PrimaryEmailAddr.Address, {owner}}}]
"""
LOST = (
    "1:1: a new stripe.customer would carry neither a match value nor a marker: nobody could find it again (add"
    " marker: {left: FIELD}, or let the mapping write `email`: owner: right, owner: both, or once: true)"
)


@pytest.mark.parametrize(
    ("more", "owner", "lost"),
    [
        ("create: both\nmarker: {right: Notes}\n", "owner: left", True),
        ("create: left\n", "owner: left", True),
        ("create: left\n", "owner: both", False),
        ("create: left\n", "once: true", False),
        ("create: both\nmarker: {left: metadata.made_from}\n", "owner: left", False),
    ],
)
def test_a_mapping_that_makes_records_nobody_could_find_again_is_refused(more: str, owner: str, lost: bool) -> None:
    told = [problem for problem in checked(CREATED.format(more=more, owner=owner)) if "find it again" in problem]
    assert told == ([LOST] if lost else [])
