"""Associations as edits: one request each, the primary company left alone unless a mapping names it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hubspot_world import World, change, make_world, put, update
from syncctl.connectors.hubspot.links import read_links
from syncctl.edits import apply_edits
from syncctl.fields.jsontext import decode_json
from syncctl.model import Action, Edit, Outcome, Record, Ref
from syncctl.sandbox.clock import FakeClock

SINCE = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def add(identity: str, to: str = "companies") -> Edit:
    return Edit(f"associations.{to}", None, {"id": identity}, "add", codec="ref.element")


def primary(identity: str) -> Edit:
    return Edit("associations.companies(primary)", None, {"id": identity}, codec="ref.element")


def companies(world: World, *names: str) -> list[str]:
    return [world.vendor.seed("company", {"name": name})["id"] for name in names]


def deal_with(world: World, *linked: Any) -> str:
    identity: str = world.vendor.seed("deal", {"dealname": "x", "associations": {"companies": list(linked)}})["id"]
    return identity


def held(world: World, deal: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = world.read("deal", deal)["associations"]["companies"]
    return found


def test_adding_uses_the_default_endpoint_and_no_type_at_all(world: World) -> None:
    request = world.request(update("deal", "7", add("5"), add("6")))
    assert (request.method, request.path) == (
        "POST",
        "/crm/associations/2026-09/deals/companies/batch/associate/default",
    )
    assert json.loads(request.body)["inputs"] == [
        {"from": {"id": "7"}, "to": {"id": "5"}},
        {"from": {"id": "7"}, "to": {"id": "6"}},
    ]


def test_primary_is_written_only_where_the_path_says_so(world: World) -> None:
    first, second = companies(world, "Acme", "Beta")
    deal = deal_with(world, {"id": first, "label": "primary"})
    (receipt,) = world.write(update("deal", deal, primary(second)))
    assert receipt.outcome is Outcome.APPLIED
    assert held(world, deal) == [{"id": second, "label": "primary"}, {"id": first}]


def test_a_primary_company_comes_back_once_with_its_label(world: World) -> None:
    (acme,) = companies(world, "Acme")
    deal = deal_with(world, {"id": acme, "label": "primary"})
    assert sorted(world.vendor.state()["associations"][f"deal:{deal}>company:{acme}"]) == [5, 341]
    links = read_links(world.hubspot.client, "deal", [deal])
    assert links[deal]["companies"] == [{"id": acme, "label": "primary"}]


def test_setting_a_list_adds_what_is_missing_and_takes_nothing_away(world: World) -> None:
    first, second = companies(world, "Acme", "Beta")
    deal = deal_with(world, first)
    (receipt,) = world.write(update("deal", deal, Edit("associations.companies", None, [{"id": second}])))
    assert receipt.outcome is Outcome.APPLIED
    assert [one["id"] for one in held(world, deal)] == [first, second]


def test_removing_takes_only_the_named_association_away(world: World) -> None:
    first, second = companies(world, "Acme", "Beta")
    deal = deal_with(world, first, second)
    (current,) = world.hubspot.find("deal", "id", [deal])
    wanted = update("deal", deal, Edit(f"associations.companies(id={first})", {"id": first}, None, "remove"))
    request = world.request(wanted, current=[current])
    assert world.hubspot.send(request)[0].outcome is Outcome.APPLIED
    assert held(world, deal) == [{"id": second}]
    assert world.hubspot.probe(request, [wanted], SINCE)[0].outcome is Outcome.APPLIED


def test_clearing_the_primary_removes_what_the_record_holds_there(world: World) -> None:
    first, second = companies(world, "Acme", "Beta")
    deal = deal_with(world, {"id": first, "label": "primary"}, second)
    (current,) = world.hubspot.find("deal", "id", [deal])
    clear = update("deal", deal, Edit("associations.companies(primary)", {"id": first}, None))
    world.hubspot.send(world.request(clear, current=[current]))
    assert held(world, deal) == [{"id": second}]


def test_a_batch_of_associations_tells_its_rows_apart(world: World) -> None:
    (acme,) = companies(world, "Acme")
    good, bad = deal_with(world), deal_with(world)
    receipts = world.write(update("deal", good, add(acme)), update("deal", bad, add("99")), rows=["a", "b"])
    assert [(one.row, one.outcome) for one in receipts] == [("a", Outcome.APPLIED), ("b", Outcome.REJECTED)]
    assert receipts[0].ref == Ref("hubspot", "deal", good)
    assert "COMPANY=99 is not valid" in receipts[1].message
    assert held(world, good) == [{"id": acme}]


def test_a_lost_answer_to_an_association_is_probed_by_reading_it(world: World) -> None:
    (acme,) = companies(world, "Acme")
    deal = deal_with(world)
    wanted = update("deal", deal, primary(acme))
    request = world.request(wanted)
    assert world.hubspot.probe(request, [wanted], SINCE)[0].outcome is Outcome.UNKNOWN
    world.fault("lost", method="POST", path="/batch/create")
    assert world.hubspot.send(request)[0].outcome is Outcome.UNKNOWN
    (found,) = world.hubspot.probe(request, [wanted], SINCE)
    assert (found.outcome, found.ref) == (Outcome.APPLIED, Ref("hubspot", "deal", deal))


def test_a_mixed_change_is_cut_into_requests_of_one_sort(world: World) -> None:
    mixed = update("deal", "7", put("amount", "5"), add("1"), primary("2"), add("3", "contacts"), put("dealname", "y"))
    cut = world.hubspot.parts(mixed)
    assert [tuple(edit.path for edit in one.edits) for one in cut] == [
        ("properties.amount", "properties.dealname"),
        ("associations.companies",),
        ("associations.companies(primary)",),
        ("associations.contacts",),
    ]
    assert cut[0].intent == mixed.intent
    assert len({one.intent for one in cut}) == 4
    assert cut == world.hubspot.parts(mixed)
    assert len({world.hubspot.request_key(one) for one in cut}) == 4
    assert [world.hubspot.parts(one) for one in cut] == [(one,) for one in cut]
    with pytest.raises(ValueError, match="cut the change"):
        world.hubspot.request_key(mixed)


def test_a_create_with_associations_becomes_the_create_and_updates_that_wait_for_it(world: World) -> None:
    (acme,) = companies(world, "Acme")
    whole = change(Action.CREATE, "deal", "new-1", [put("dealname", "x"), primary(acme)])
    made, linked = world.hubspot.parts(whole)
    assert (made.action, linked.action) == (Action.CREATE, Action.UPDATE)
    assert linked.parents == (made.intent,)
    assert linked.target == made.target
    (receipt,) = world.write(made)
    assert receipt.ref is not None
    (second,) = world.write(change(Action.UPDATE, "deal", receipt.ref.id, linked.edits))
    assert second.outcome is Outcome.APPLIED
    assert held(world, receipt.ref.id) == [{"id": acme, "label": "primary"}]


def test_an_association_only_create_still_makes_the_record_first(world: World) -> None:
    made, linked = world.hubspot.parts(change(Action.CREATE, "deal", "new-1", [add("1")]))
    assert (made.edits, [edit.path for edit in linked.edits]) == ((), ["associations.companies"])
    assert world.write(made)[0].outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (Edit("associations.tickets", None, {"id": "1"}, "add"), "cannot write associations.tickets"),
        (Edit("associations.companies(billing)", None, {"id": "1"}), "only the label `primary`"),
        (Edit("associations.contacts(primary)", None, {"id": "1"}), "a deal has no primary contact"),
        (Edit("associations.companies", None, {"label": "x"}, "add"), "needs the id of a record"),
        (Edit("associations.companies(primary)", None, None), "to associate or to remove"),
    ],
)
def test_associations_that_cannot_be_written_are_refused(world: World, edit: Edit, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        world.request(update("deal", "7", edit))


def test_the_planners_overlay_reads_like_a_pull(world: World) -> None:
    first, second = companies(world, "Acme", "Beta")
    deal = deal_with(world, first)
    (before,) = world.hubspot.find("deal", "id", [deal])
    planned = apply_edits(decode_json(before.raw), [add(second)])["associations"]["companies"]
    world.write(update("deal", deal, add(second)))
    assert held(world, deal) == planned


def test_adding_an_association_again_changes_nothing(world: World) -> None:
    (acme,) = companies(world, "Acme")
    deal = deal_with(world, {"id": acme, "label": "primary"})
    assert world.write(update("deal", deal, add(acme)))[0].outcome is Outcome.APPLIED
    assert held(world, deal) == [{"id": acme, "label": "primary"}]


def test_one_record_is_associated_once_per_request(world: World) -> None:
    with pytest.raises(ValueError, match="once"):
        world.request(update("deal", "7", add("1")), update("deal", "7", add("2")))


def test_the_record_of_an_archived_company_is_not_listed(world: World) -> None:
    (acme,) = companies(world, "Acme")
    deal = deal_with(world, acme)
    world.vendor.account.archive(world.vendor.account.objects["company"][acme])
    assert held(world, deal) == []
    assert isinstance(world.hubspot.find("deal", "id", [deal])[0], Record)
