"""The worked mappings against what the connectors say of their vendors."""

from __future__ import annotations

from collections.abc import Mapping as Keyed
from pathlib import Path

import pytest
from test_mapping_load import WORKED, worked_books

from syncctl.connectors.quickbooks.books import Books
from syncctl.connectors.quickbooks.options import Options
from syncctl.connectors.quickbooks.schemas import schemas as quickbooks_schemas
from syncctl.connectors.stripe.schemas import schemas as stripe_schemas
from syncctl.fields.schema import Schema
from syncctl.mapping.check import check_mapping
from syncctl.mapping.language import Mapping
from syncctl.mapping.load import load_mapping
from syncctl.mapping.order import in_order

CUSTOM_FIELDS = (("1", "PO Number"), ("2", "Project ID"))


def schemas(custom_fields: tuple[tuple[str, str], ...] = CUSTOM_FIELDS) -> Keyed[tuple[str, str], Schema]:
    books = Books("USD", multicurrency=True, own_numbers=True, custom_fields=custom_fields)
    found = (*stripe_schemas("stripe"), *quickbooks_schemas("quickbooks", books, Options("1")))
    return {(schema.system, schema.kind): schema for schema in found}


@pytest.fixture
def worked(vendors: Path) -> dict[str, Mapping]:
    folder = vendors.parent / WORKED
    books = worked_books(folder)
    files = [file for file in sorted(folder.glob("[0-9]*.yaml")) if not file.name.startswith("06c")]
    texts = {file.name: file.read_bytes().replace(b', if_taken: "{} (customer)"', b"") for file in files}
    found = [load_mapping(name, text, books) for name, text in texts.items()]
    return {mapping.name: mapping for mapping in found}


@pytest.mark.vendors
@pytest.mark.parametrize("name", ["customers", "invoices", "payments", "refunds", "credit_memos", "products"])
def test_a_worked_mapping_fits_its_vendors(worked: dict[str, Mapping], name: str) -> None:
    assert check_mapping(worked[name], schemas(), list(worked.values())) == []


@pytest.mark.vendors
def test_c16_without_the_custom_field_the_invoices_stop_at_the_check(worked: dict[str, Mapping]) -> None:
    found = check_mapping(worked["invoices"], schemas((("2", "Project ID"),)), list(worked.values()))
    (problem,) = found
    assert problem.where == "02-invoices.yaml:27:39"
    assert problem.message == "quickbooks.Invoice has no field labelled (PO Number)"


@pytest.mark.vendors
def test_two_worked_mappings_that_write_one_kind_must_be_told_apart(worked: dict[str, Mapping]) -> None:
    found = check_mapping(worked["credits_applied"], schemas(), list(worked.values()))
    assert {problem.message.rpartition(" by ")[2] for problem in found} == {"`payments`"}


@pytest.mark.vendors
def test_the_worked_mappings_have_an_order(worked: dict[str, Mapping]) -> None:
    order = [mapping.name for mapping in in_order(worked.values())]
    assert len(order) == len(worked)
    for before, after in [
        ("customers", "invoices"),
        ("invoices", "deals"),
        ("payments", "deposits"),
        ("deposits", "bank"),
    ]:
        assert order.index(before) < order.index(after)
