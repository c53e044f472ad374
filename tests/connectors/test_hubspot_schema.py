"""The live schema: types, currencies, options and who may write what, from the account's own metadata."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.hubspot_world import World, make_world
from syncctl.fields.codecs import decode
from syncctl.fields.currency import currency_of
from syncctl.fields.schema import Schema
from syncctl.model import Action, Money
from syncctl.paths import parse_path, read
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot.calls import Behaviour


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def schema(world: World, kind: str) -> Schema:
    return next(one for one in world.hubspot.describe() if one.kind == kind)


def test_every_kind_is_described_and_the_read_only_ones_say_so(world: World) -> None:
    found = {one.kind: one for one in world.hubspot.describe()}
    assert tuple(found) == ("contact", "company", "deal", "line_item", "product", "owner", "pipeline")
    written = {Action.CREATE, Action.UPDATE, Action.ARCHIVE}
    assert [kind for kind, one in found.items() if one.actions == written] == ["contact", "company", "deal"]
    assert all(one.note == "syncctl only reads this kind" for kind, one in found.items() if not one.actions)


def test_fields_have_the_type_that_people_mean(world: World) -> None:
    world.vendor.define_property("deal", {"name": "due", "type": "date"})
    world.vendor.define_property("deal", {"name": "paid", "type": "bool"})
    fields = schema(world, "deal").fields
    codecs = {
        name: fields[name].codec
        for name in "dealname amount closedate createdate due paid dealstage hubspot_owner_id hs_exchange_rate".split()
    }
    assert codecs == {
        "dealname": "text",
        "amount": "money.text",
        "closedate": "date.midnight",
        "createdate": "instant.iso",
        "due": "date",
        "paid": "bool.text",
        "dealstage": "enum",
        "hubspot_owner_id": "ref",
        "hs_exchange_rate": "number.text",
    }
    assert fields["hubspot_owner_id"].target == "owner"
    assert fields["amount"].access == "properties.amount"
    assert fields["hs_object_id"].access == "id"


def test_amounts_are_in_the_deals_currency_and_home_amounts_in_the_accounts(world: World) -> None:
    world.vendor.define_property("deal", {"name": "open_balance", "type": "number", "showCurrencySymbol": True})
    fields = schema(world, "deal").fields
    raw = {"properties": {"deal_currency_code": "EUR", "amount": "5"}}
    assert [currency_of(raw, fields[name]) for name in ("amount", "open_balance", "amount_in_home_currency")] == [
        "EUR",
        "EUR",
        "USD",
    ]
    assert currency_of({"properties": {}}, fields["amount"]) == "USD"
    named = {"name": "fee", "type": "number", "currencyPropertyName": "fee_currency", "showCurrencySymbol": True}
    world.vendor.define_property("deal", named)
    assert schema(world, "deal").fields["fee"].currency == "properties.fee_currency"
    assert currency_of({"properties": {}}, schema(world, "company").fields["annualrevenue"]) == "USD"


def test_float_tails_are_no_difference(world: World) -> None:
    world.vendor.seed("deal", {"dealname": "x", "amount": "15000", "dealstage": "qualifiedtobuy"})
    fields = schema(world, "deal").fields
    (raw,) = world.raws("deal").values()
    values = raw["properties"]
    assert decode(fields["hs_deal_stage_probability"].codec, values["hs_deal_stage_probability"]) == Decimal("0.4")
    assert decode("money.text", values["hs_projected_amount"], "USD") == Money(Decimal(6000), "USD")


def test_custom_properties_are_found_by_their_label(world: World) -> None:
    world.vendor.define_property("deal", {"name": "project_id", "label": "Project ID"})
    world.vendor.define_property("deal", {"name": "qbo_no", "label": "QuickBooks invoice number"})
    found = schema(world, "deal")
    assert [one.path for one in found.labelled("project id")] == ["project_id"]
    assert [(one.path, one.custom) for one in found.labelled("QuickBooks invoice number")] == [("qbo_no", True)]
    assert found.fields["dealname"].custom is False


def test_what_the_vendor_computes_is_never_writable(world: World) -> None:
    fields = schema(world, "deal").fields
    assert fields["hs_projected_amount"].writable == "never"
    assert fields["hs_unique_creation_key"].writable == "never"
    assert (fields["amount"].writable, fields["createdate"].writable) == ("always", "always")
    assert schema(world, "contact").fields["createdate"].writable == "never"
    assert schema(world, "contact").fields["email"].unique


def test_deal_stages_and_pipelines_are_options_with_their_labels(world: World) -> None:
    stages = [{"id": "r1", "label": "Invoiced"}, {"id": "r2", "label": "Closed won"}]
    world.vendor.seed("pipeline", {"id": "renewals", "label": "Renewals", "stages": stages})
    stage = schema(world, "deal").fields["dealstage"]
    assert dict(stage.options)["closedwon"] == "Closed won"
    assert dict(stage.options)["r1"] == "Invoiced"
    assert dict(stage.options)["r2"] == "Closed won (Renewals)"
    assert not stage.open_options
    assert dict(schema(world, "deal").fields["pipeline"].options) == {
        "default": "Sales Pipeline",
        "renewals": "Renewals",
    }


def test_currencies_are_those_that_the_account_has_enabled(world: World) -> None:
    field = schema(world, "deal").fields["deal_currency_code"]
    assert (field.codec, [value for value, _ in field.options], field.open_options) == (
        "currency",
        ["USD", "EUR", "GBP"],
        False,
    )


def test_associations_are_lists_of_references(world: World) -> None:
    found = schema(world, "contact")
    companies = found.find("associations.companies")
    assert companies is not None
    assert (companies.codec, companies.target, companies.many, companies.writable) == (
        "ref.element",
        "company",
        True,
        "always",
    )
    assert schema(world, "deal").fields["associations.line_items"].writable == "never"
    company = world.vendor.seed("company", {"name": "Acme"})["id"]
    linked = {"companies": [{"id": company, "label": "primary"}]}
    world.vendor.seed("contact", {"email": "ada@example.com", "associations": linked})
    (raw,) = world.raws("contact").values()
    (element,) = read(raw, parse_path("associations.companies(primary)"))
    assert decode("ref.element", element) == company


def test_the_fields_that_the_example_mappings_use_exist(world: World) -> None:
    contact = "lifecyclestage email hs_object_id firstname lastname phone mobilephone address city state zip country"
    company = "name domain phone numberofemployees annualrevenue industry address address2 city state zip country"
    for kind, names in (
        ("contact", f"{contact} company createdate hubspot_owner_id associations.companies"),
        ("company", f"{company} hubspot_owner_id"),
        ("deal", "hs_object_id dealstage amount deal_currency_code closedate associations.contacts"),
        ("owner", "email"),
    ):
        found = schema(world, kind)
        assert [name for name in names.split() if found.find(name) is None] == []


def test_the_schema_names_its_main_fields(world: World) -> None:
    deal, contact = schema(world, "deal"), schema(world, "contact")
    assert (deal.identity, deal.dated, deal.amount, deal.name) == ("hs_object_id", "closedate", "amount", ("dealname",))
    assert contact.name[0] == "hs_full_name_or_email"
    assert all(path in contact.fields for path in contact.name)


def test_the_company_is_the_portal_and_a_test_account_is_not_live(clock: FakeClock, world: World) -> None:
    assert (world.hubspot.company().id, world.hubspot.company().live) == ("48213977", True)
    test_account = make_world(clock, behaviour=Behaviour(account_type="DEVELOPER_TEST"))
    assert test_account.hubspot.company().live is False


def test_records_are_open_or_archived(world: World) -> None:
    assert world.hubspot.state("deal", {"archived": False}) == "open"
    assert world.hubspot.state("deal", {"archived": True}) == "archived"


def test_a_date_of_a_deal_is_the_day_that_people_see(world: World) -> None:
    assert decode("date.midnight", "2026-12-31T00:00:00Z") == date(2026, 12, 31)
    world.vendor.seed("deal", {"dealname": "x", "closedate": "2026-12-31T00:00:00Z"})
    (raw,) = world.raws("deal").values()
    assert decode(schema(world, "deal").fields["closedate"].codec, raw["properties"]["closedate"]) == date(2026, 12, 31)


@pytest.mark.parametrize("name", ["email", "properties.email"])
def test_records_are_found_by_a_unique_property(world: World, name: str) -> None:
    ada = world.vendor.seed("contact", {"email": "ada@example.com"})["id"]
    old = world.vendor.seed("contact", {"email": "old@example.com", "archived": True})["id"]
    found = world.hubspot.find("contact", name, ["Ada@example.com", "old@example.com", "none@example.com"])
    assert [record.ref.id for record in found] == [ada, old]
    assert world.sent("/search") == []


def test_records_are_found_by_other_properties_through_the_index(world: World) -> None:
    companies = [world.vendor.seed("company", {"name": "Acme", "domain": "acme.example"})["id"] for _ in range(205)]
    world.vendor.seed("company", {"name": "Beta", "domain": "beta.example"})
    found = world.hubspot.find("company", "domain", ["Acme.example", "nobody.example"])
    assert [record.ref.id for record in found] == companies


def test_many_ids_are_found_in_few_requests(world: World) -> None:
    seeded = [world.vendor.seed("product", {"name": str(number)})["id"] for number in range(150)]
    found = world.hubspot.find("product", "hs_object_id", [*seeded, "5", "no number", seeded[0]])
    assert [record.ref.id for record in found] == seeded
    assert len(world.sent("/batch/read")) == 3


def test_owners_and_pipelines_are_found_in_their_lists(world: World) -> None:
    assert [one.ref.id for one in world.hubspot.find("owner", "email", ["Finance@example.com"])] == ["70000001"]
    assert [one.ref.id for one in world.hubspot.find("pipeline", "id", ["default"])] == ["default"]
    assert world.hubspot.find("owner", "id", []) == ()
