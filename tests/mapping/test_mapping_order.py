"""Mappings are planned after those they link to."""

from __future__ import annotations

from itertools import permutations

import pytest
from mapping_world import load

from syncctl.errors import ConfigError
from syncctl.mapping.language import Mapping
from syncctl.mapping.order import circles, in_order


def mapping(name: str, rest: str = "", match: str = "{left: a, right: b}") -> Mapping:
    return load(f"mapping: {name}\nleft: a.{name}\nright: b.{name}\nmatch: [{match}]\n{rest}", f"mappings/{name}.yaml")


CUSTOMERS = mapping("customers")
PRODUCTS = mapping("products")
INVOICES = mapping(
    "invoices",
    "lines: [{left: l, right: L, fields: [{left: p, right: P, link: products}]}]",
    match="{left: customer, right: CustomerRef, link: customers}",
)
DEALS = mapping("deals", match="{left: link(invoices)->id, right: number}")
PAYMENTS = mapping("payments", "where: {left: {link(invoices)->x: {present: true}}}")
BANK = mapping("bank", "after: [payments, nobody]\namount: {left: link(deals)->TotalAmt}")


BEFORE = [
    ("customers", "invoices"),
    ("products", "invoices"),
    ("invoices", "deals"),
    ("deals", "bank"),
    ("payments", "bank"),
]


def names(mappings: tuple[Mapping, ...]) -> list[str]:
    return [each.name for each in mappings]


def test_a_mapping_comes_after_what_it_links_to_names_and_waits_for() -> None:
    expected = ["customers", "products", "invoices", "deals", "payments", "bank"]
    for given in permutations([CUSTOMERS, PRODUCTS, INVOICES, DEALS, PAYMENTS, BANK]):
        order = names(in_order(given))
        assert sorted(order) == sorted(expected)
        for before, after in BEFORE:
            assert order.index(before) < order.index(after)


def test_without_links_the_order_is_kept() -> None:
    assert names(in_order([PRODUCTS, CUSTOMERS])) == ["products", "customers"]


def test_a_circle_names_its_mappings_and_places() -> None:
    one = mapping("one", "fields: [{left: a, right: b, owner: none, link: two}]")
    two = mapping("two", "after: three")
    three = mapping("three", match="{left: link(one), right: b}")
    waiting = mapping("waiting", "after: one")
    with pytest.raises(ConfigError) as caught:
        in_order([waiting, one, two, three, CUSTOMERS])
    assert [str(problem) for problem in caught.value.problems] == [
        f"{place}: `{name}` waits for `{there}`, in a circle: one -> two -> three -> one ({caught.value.fix})"
        for place, name, there in [
            ("mappings/one.yaml:5:10", "one", "two"),
            ("mappings/two.yaml:1:1", "two", "three"),
            ("mappings/three.yaml:4:16", "three", "one"),
        ]
    ]


def test_a_mapping_cannot_wait_for_itself() -> None:
    alone = mapping("alone", "fields: [{left: parent, right: ParentRef, owner: left, link: alone}]")
    assert [problem.message for problem in circles([alone, CUSTOMERS])] == ["`alone` waits for itself"]


def test_an_order_has_no_circles() -> None:
    assert circles([BANK, DEALS, INVOICES]) == []
