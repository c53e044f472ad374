"""The live schema: what this user sees, what may be written, how each value is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.salesforce_world import FIELD, World, make_world
from syncctl.connectors.salesforce.settings import read_settings
from syncctl.errors import ConfigError
from syncctl.fields.codecs import decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.fields.references import decode_reference
from syncctl.model import Action, Money, Ref
from syncctl.sandbox.clock import FakeClock
from syncctl.schemas import schema_from_json, schema_to_json


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def test_the_standard_objects_are_described_and_custom_ones_that_are_named(clock: FakeClock) -> None:
    world = make_world(clock, options={"objects": "Invoice__c, Task"})
    world.vendor.seed("object", {"name": "Invoice__c", "prefix": "a01", "fields": {"Total__c": {"type": "currency"}}})
    kinds = tuple(one.kind for one in world.salesforce.describe())
    assert kinds == world.salesforce.card.kinds
    assert kinds[-2:] == ("Invoice__c", "Task")
    invoice = world.schema("Invoice__c")
    assert (invoice.fields["Total__c"].codec, invoice.fields["Total__c"].custom) == ("money", True)


def test_a_standard_object_may_be_hidden_and_a_named_one_may_not(clock: FakeClock) -> None:
    world = make_world(clock)
    world.vendor.org.objects["Product2"].visible = False
    assert "Product2" not in [one.kind for one in world.salesforce.describe()]
    with pytest.raises(ConfigError, match="no object Invoice__c that this user sees"):
        make_world(clock, options={"objects": "Invoice__c"}).salesforce.describe()


def test_flags_of_a_description_become_rules(world: World) -> None:
    deal = world.schema("Opportunity")
    required = sorted(path for path, field in deal.fields.items() if field.required)
    assert required == ["CloseDate", "Name", "StageName"]
    assert deal.fields["ExpectedRevenue"].writable == "never"  # not called calculated, and not updateable either
    assert deal.fields["Id"].writable == "never"
    line = world.schema("OpportunityLineItem")
    assert line.fields["OpportunityId"].writable == "create"
    assert line.fields["OpportunityId"].required
    assert deal.fields["Name"].max_length == 120
    assert (deal.identity, deal.dated, deal.amount, deal.name) == ("Id", "CloseDate", "Amount", ("Name",))


def test_picklists_are_closed_for_us_even_where_the_vendor_takes_any_text(world: World) -> None:
    world.vendor.seed(
        "field:Opportunity", {"name": "Tier__c", "type": "picklist", "options": ["Gold", ["Bronze", False]]}
    )
    fields = world.schema("Opportunity").fields
    stage, tier = fields["StageName"], fields["Tier__c"]
    assert ("Closed Won", "Closed Won") in stage.options
    assert (stage.open_options, tier.open_options) == (False, False)
    assert tier.options == (("Gold", "Gold"),)  # an inactive value is read, and not written


def test_references_name_their_object_by_how_an_id_begins(clock: FakeClock) -> None:
    world = make_world(clock, options={"objects": "Task"})
    deal, task = world.schema("Opportunity"), world.schema("Task")
    assert (deal.fields["AccountId"].target, deal.fields["OwnerId"].target) == ("Account", "User")
    what = task.fields["WhatId"]
    assert what.kinds == ("Account", "Opportunity", "Product2")
    for kind in ("Account", "Opportunity"):
        identity = world.seed(kind)
        assert decode_reference(what, "salesforce", identity) == Ref("salesforce", kind, identity)


def test_the_records_that_point_here_are_a_list(world: World) -> None:
    lines = world.schema("Opportunity").fields["OpportunityLineItems"]
    assert (lines.reverse, lines.many) == (("OpportunityLineItem", "OpportunityId", "Id"), True)


def test_every_kind_of_value_goes_there_and_back(world: World) -> None:
    world.vendor.seed("field:Opportunity", {"name": "Due__c", "type": "date"})
    world.vendor.seed("field:Opportunity", {"name": "Met__c", "type": "datetime"})
    world.vendor.seed("field:Opportunity", {"name": "Vip__c", "type": "boolean"})
    meant = {
        "Name": 'Ø & Søn\'s \\ "x"',
        "Amount": Money(Decimal("1234.56"), "USD"),
        "Probability": Decimal(35),
        "Due__c": date(2026, 12, 31),
        "Met__c": datetime(2026, 5, 6, 11, 30, 49, tzinfo=UTC),
        "Vip__c": True,
        "StageName": "Closed Won",
    }
    fields = world.schema("Opportunity").fields
    deal = world.seed("Opportunity")
    world.vendor.edit("Opportunity", deal, {name: encode(fields[name].codec, value) for name, value in meant.items()})
    raw = world.read("Opportunity", deal)
    held = {name: decode(fields[name].codec, raw[name], currency_of(raw, fields[name])) for name in meant}
    assert held == meant
    assert raw["Met__c"] == "2026-05-06T11:30:49.000+0000"


def test_an_org_with_several_currencies_says_which_in_every_record(clock: FakeClock) -> None:
    world = make_world(clock, currencies=("USD", "EUR", "JPY"), options={"currency": ""})
    schema = world.schema("Opportunity")
    assert schema.fields["Amount"].currency == "CurrencyIsoCode"
    code = schema.fields["CurrencyIsoCode"]
    assert (code.codec, [value for value, _ in code.options]) == ("currency", ["USD", "EUR", "JPY"])
    deal = world.read("Opportunity", world.seed("Opportunity", Amount="1000", CurrencyIsoCode="EUR"))
    assert decode("money", deal["Amount"], currency_of(deal, schema.fields["Amount"])) == Money(Decimal(1000), "EUR")


def test_an_org_with_one_currency_must_be_told_which(clock: FakeClock) -> None:
    world = make_world(clock, options={"currency": ""})
    with pytest.raises(ConfigError, match="does not say which") as raised:
        world.salesforce.describe()
    assert "currency: USD" in raised.value.fix


def test_without_our_external_id_nothing_is_created_and_the_schema_says_why(clock: FakeClock) -> None:
    world = make_world(clock, external_id=False)
    account = world.schema("Account")
    assert Action.CREATE not in account.actions
    assert Action.UPDATE in account.actions
    assert "missing or hidden" in account.note
    assert "syncctl setup" in account.note
    world.vendor.seed("field:Account", {"name": FIELD})
    assert "External ID with unique values" in world.schema("Account").note


def test_what_can_be_done_with_an_object(world: World) -> None:
    actions = {one.kind: one.actions for one in world.salesforce.describe()}
    assert actions["Opportunity"] == {Action.CREATE, Action.UPDATE}
    assert actions["Product2"] == {Action.CREATE, Action.UPDATE, Action.ARCHIVE, Action.REACTIVATE}
    assert actions["User"] == {Action.UPDATE}
    assert world.schema("Account").fields[FIELD].writable == "never"


def test_states(world: World) -> None:
    state = world.salesforce.state
    assert state("Account", {"IsDeleted": True}) == "deleted"
    assert state("Product2", {"IsDeleted": False, "IsActive": False}) == "archived"
    assert state("Opportunity", {"IsDeleted": False, "IsClosed": True}) == "open"


def test_a_schema_survives_the_ledger(world: World) -> None:
    told = world.salesforce.describe()
    assert {schema.kind for schema in told} >= {"Account", "Opportunity"}
    assert [schema_from_json(decode_json(encode_json(schema_to_json(schema)))) for schema in told] == list(told)


def test_the_company_is_the_org(clock: FakeClock) -> None:
    found = make_world(clock).salesforce.company()
    assert (found.id, found.name, found.live) == ("00D5e0000008xyzEAA", "Northwind Billing", False)
    assert make_world(clock, sandbox=False).salesforce.company().live
    assert not make_world(clock, sandbox=False, edition="Developer Edition").salesforce.company().live


def test_a_company_of_15_letters_is_told_its_18(clock: FakeClock) -> None:
    with pytest.raises(ConfigError) as raised:
        make_world(clock, company="00D5e0000008xyz")
    assert raised.value.fix == "write company: 00D5e0000008xyzEAA"


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"objects": "Invoice c"}, "objects"),
        ({"external_id_field": "x'; y"}, "external_id_field"),
        ({"create_batch": "201"}, "create_batch"),
        ({"page_rows": "many"}, "page_rows"),
        ({"api_version": "v68"}, "api_version"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], where: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_settings("crm", options)
    assert [problem.where for problem in raised.value.problems] == [f"crm.{where}"]
