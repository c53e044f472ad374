"""The official Python client against the pretend HubSpot over loopback: what it cannot do, the sandbox has wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot import HubSpotSandbox
from syncctl.sandbox.serve import Served


@pytest.fixture
def vendor(clock: FakeClock) -> HubSpotSandbox:
    return HubSpotSandbox(clock)


@pytest.fixture
def crm(vendor: HubSpotSandbox) -> Iterator[Any]:
    from hubspot import HubSpot

    with Served({"hubspot": Sandbox(vendor)}) as urls:
        yield HubSpot(access_token=vendor.token, host=urls["hubspot"]).crm


def make_contact(crm: Any, **properties: str) -> Any:
    from hubspot.crm.contacts import SimplePublicObjectInputForCreate

    return crm.contacts.basic_api.create(SimplePublicObjectInputForCreate(properties=properties))


def test_the_client_creates_reads_updates_and_archives_a_contact(crm: Any, vendor: HubSpotSandbox) -> None:
    from hubspot.crm.contacts import SimplePublicObjectInput

    made = make_contact(crm, email="Ada@Example.com", firstname="Ada")
    read = crm.contacts.basic_api.get_by_id(made.id, properties=["email", "phone"])
    assert read.properties["email"] == "ada@example.com"
    assert read.properties["phone"] is None
    assert "firstname" not in read.properties
    crm.contacts.basic_api.update(made.id, SimplePublicObjectInput(properties={"lastname": "Lovelace"}))
    assert vendor.state()["contact"][made.id]["properties"]["hs_full_name_or_email"] == "Ada Lovelace"
    crm.contacts.basic_api.archive(made.id)
    assert crm.contacts.basic_api.get_page().results == []
    assert [one.id for one in crm.contacts.basic_api.get_page(archived=True).results] == [made.id]


def test_the_client_pages_through_every_contact_once(crm: Any, vendor: HubSpotSandbox) -> None:
    seeded = [vendor.seed("contact", {"email": f"{number}@example.com"})["id"] for number in range(230)]
    assert [one.id for one in crm.contacts.get_all()] == seeded


def test_the_client_sees_a_conflict_for_a_known_email(crm: Any) -> None:
    from hubspot.crm.contacts import ApiException

    made = make_contact(crm, email="ada@example.com")
    with pytest.raises(ApiException, match="Existing ID") as raised:
        make_contact(crm, email="ada@example.com")
    assert raised.value.status == 409
    assert f"Existing ID: {made.id}" in raised.value.body


def test_the_client_searches_what_the_index_knows(crm: Any, clock: FakeClock) -> None:
    from hubspot.crm.contacts import Filter, FilterGroup, PublicObjectSearchRequest

    made = make_contact(crm, email="ada@example.com")
    request = PublicObjectSearchRequest(
        filter_groups=[FilterGroup(filters=[Filter(property_name="email", operator="EQ", value="ada@example.com")])],
        sorts=["createdate"],
        limit=5,
    )
    assert crm.contacts.search_api.do_search(request).total == 0
    clock.advance(11)
    found = crm.contacts.search_api.do_search(request)
    assert (found.total, found.results[0].id) == (1, made.id)


def test_the_client_upserts_by_a_unique_property_and_reads_a_batch(crm: Any, vendor: HubSpotSandbox) -> None:
    from hubspot.crm.deals import (
        BatchInputSimplePublicObjectBatchInputUpsert,
        BatchReadInputSimplePublicObjectId,
        SimplePublicObjectBatchInputUpsert,
        SimplePublicObjectId,
    )

    vendor.define_property("deal", {"name": "order_number", "hasUniqueValue": True})
    one = SimplePublicObjectBatchInputUpsert(id="A-1", id_property="order_number", properties={"dealname": "One"})
    batch = BatchInputSimplePublicObjectBatchInputUpsert(inputs=[one])
    assert [row.new for row in crm.deals.batch_api.upsert(batch).results] == [True]
    again = crm.deals.batch_api.upsert(batch)
    assert [row.new for row in again.results] == [False]
    asked = BatchReadInputSimplePublicObjectId(
        inputs=[SimplePublicObjectId(id=again.results[0].id), SimplePublicObjectId(id="5")],
        properties=["dealname"],
        properties_with_history=[],
    )
    read = crm.deals.batch_api.read(asked, archived=False)
    assert [row.properties["dealname"] for row in read.results] == ["One"]
    assert [error.context for error in read.errors] == [{"ids": ["5"]}]


def test_the_client_associates_a_deal_with_companies(crm: Any, vendor: HubSpotSandbox) -> None:
    from hubspot.crm.associations.v4 import AssociationSpec

    first, second = (vendor.seed("company", {"name": name})["id"] for name in ("Acme", "Beta"))
    deal = vendor.seed("deal", {"dealname": "One"})["id"]
    primary = [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=5)]
    crm.associations.v4.basic_api.create("deals", deal, "companies", first, primary)
    crm.associations.v4.basic_api.create_default("deals", deal, "companies", second)
    found = crm.associations.v4.basic_api.get_page("deals", deal, "companies")
    types = {str(one.to_object_id): sorted(kind.type_id for kind in one.association_types) for one in found.results}
    assert types == {first: [5, 341], second: [341]}
    whole = crm.deals.basic_api.get_by_id(deal, associations=["companies"])
    assert [one.type for one in whole.associations["companies"].results if one.id == first] == [
        "deal_to_company",
        "deal_to_company_unlabeled",
    ]


def test_the_client_reads_owners_pipelines_and_properties(crm: Any) -> None:
    from hubspot.crm.properties import PropertyCreate

    assert [owner.email for owner in crm.owners.owners_api.get_page().results] == ["finance@example.com"]
    (pipeline,) = crm.pipelines.pipelines_api.get_all("deals").results
    assert pipeline.stages[-1].id == "closedlost"
    wanted = PropertyCreate(
        name="project_id", label="Project ID", type="string", field_type="text", group_name="dealinformation"
    )
    crm.properties.core_api.create("deals", wanted)
    found = crm.properties.core_api.get_by_name("deals", "project_id")
    assert (found.label, found.hubspot_defined) == ("Project ID", False)
    amount = next(
        one for one in crm.properties.core_api.get_all("deals").results if one.name == "amount_in_home_currency"
    )
    assert amount.modification_metadata.read_only_value


def test_the_client_merges_contacts_and_the_old_id_leads_to_the_winner(crm: Any) -> None:
    from hubspot.crm.contacts import PublicMergeInput

    ada, bob = make_contact(crm, email="ada@example.com"), make_contact(crm, email="bob@example.com")
    winner = crm.contacts.basic_api.merge(PublicMergeInput(primary_object_id=ada.id, object_id_to_merge=bob.id))
    assert winner.id not in (ada.id, bob.id)
    assert crm.contacts.basic_api.get_by_id(bob.id).id == winner.id


def test_a_wrong_token_is_refused(vendor: HubSpotSandbox) -> None:
    from hubspot import HubSpot
    from hubspot.crm.contacts import ApiException

    with Served({"hubspot": Sandbox(vendor)}) as urls:
        crm = HubSpot(access_token="pat-na1-wrong", host=urls["hubspot"]).crm
        with pytest.raises(ApiException, match="INVALID_AUTHENTICATION"):
            crm.contacts.basic_api.get_page()
