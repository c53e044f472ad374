"""The pretend HubSpot by itself: as strict as the vendor, with its own bodies and headers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncctl.sandbox.base import SandboxAnswer, SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot import HubSpotSandbox
from syncctl.sandbox.hubspot.calls import Behaviour
from syncctl.sandbox.hubspot.limits import Allowance


@pytest.fixture
def vendor(clock: FakeClock) -> HubSpotSandbox:
    return HubSpotSandbox(clock)


def call(vendor: HubSpotSandbox, method: str, path: str, body: Any = None, **query: str) -> SandboxAnswer:
    headers = {"authorization": f"Bearer {vendor.token}"}
    raw = b"" if body is None else json.dumps(body).encode()
    return vendor.handle(SandboxRequest(method, path, tuple(query.items()), headers, raw))


def said(answer: SandboxAnswer) -> Any:
    return json.loads(answer.body)


def write(vendor: HubSpotSandbox, kind: str, **properties: Any) -> SandboxAnswer:
    return call(vendor, "POST", f"/crm/objects/2026-09/{kind}", {"properties": properties})


def code(answer: SandboxAnswer) -> tuple[int, str, str]:
    """Status, code and property of the first inner problem."""
    message = said(answer)["message"]
    inner = json.loads(message[message.index("[") :])[0]
    return answer.status, inner["error"], inner["name"]


def test_values_that_do_not_pass_are_refused_with_the_vendors_codes(vendor: HubSpotSandbox) -> None:
    assert code(write(vendor, "deals", dealnaem="x")) == (400, "PROPERTY_DOESNT_EXIST", "dealnaem")
    assert code(write(vendor, "deals", hs_is_closed="true")) == (400, "READ_ONLY_VALUE", "hs_is_closed")
    assert code(write(vendor, "deals", amount="12,000")) == (400, "INVALID_DOUBLE", "amount")
    assert code(write(vendor, "deals", deal_currency_code="ZAR")) == (400, "INVALID_OPTION", "deal_currency_code")
    assert code(write(vendor, "deals", dealstage="paid")) == (400, "INVALID_OPTION", "dealstage")
    assert code(write(vendor, "deals", hubspot_owner_id="1")) == (400, "INVALID_OPTION", "hubspot_owner_id")
    assert code(write(vendor, "deals", hs_exchange_rate="0.1234567")) == (400, "INVALID_DOUBLE", "hs_exchange_rate")
    assert code(write(vendor, "contacts", email="nobody")) == (400, "INVALID_EMAIL", "email")
    assert vendor.state()["deal"] == {}


def test_a_date_is_midnight_utc_and_a_datetime_any_millisecond(vendor: HubSpotSandbox) -> None:
    vendor.define_property("deal", {"name": "due", "type": "date"})
    answer = write(vendor, "deals", due="1798675200332")
    assert code(answer) == (400, "INVALID_DATE", "due")
    assert "00:00:00.332 UTC, not midnight!" in said(answer)["message"]
    assert said(write(vendor, "deals", due="1798675200000"))["properties"]["due"] == "2026-12-31"
    made = said(write(vendor, "deals", closedate="2026-12-31T00:00:00.332Z"))
    assert made["properties"]["closedate"] == "2026-12-31T00:00:00.332Z"
    assert said(write(vendor, "deals", closedate="2026-12-31"))["properties"]["closedate"] == "2026-12-31T00:00:00Z"


def test_null_is_ignored_and_the_empty_text_clears(vendor: HubSpotSandbox) -> None:
    made = said(write(vendor, "contacts", email="ada@example.com", phone="1", city="Paris"))
    path = f"/crm/objects/2026-09/contacts/{made['id']}"
    assert call(vendor, "PATCH", path, {"properties": {"phone": None, "city": ""}}).status == 200
    held = vendor.state()["contact"][made["id"]]["properties"]
    assert (held.get("phone"), held.get("city")) == ("1", None)


def test_computed_numbers_carry_the_tail_of_a_binary_double(vendor: HubSpotSandbox) -> None:
    made = said(write(vendor, "deals", dealname="x", amount="15000", dealstage="qualifiedtobuy"))
    shown = made["properties"]
    assert shown["hs_deal_stage_probability"] == "0.40000000000000002220446049250313080847263336181640625"
    assert shown["hs_projected_amount"] == "6000.00000000000033306690738754696212708950042724609375000"


def test_any_change_moves_the_modification_date(vendor: HubSpotSandbox, clock: FakeClock) -> None:
    made = said(write(vendor, "deals", dealname="x"))
    clock.advance(5)
    vendor.edit("deal", made["id"], {"description": "unmapped"})
    held = vendor.state()["deal"][made["id"]]
    assert held["updatedAt"] == held["properties"]["hs_lastmodifieddate"] == "2026-11-20T03:00:05Z"
    assert held["createdAt"] == "2026-11-20T03:00:00Z"


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "status"),
    [
        ("GET", "/crm/objects/2026-09/deals", None, {"limit": "101"}, 400),
        ("GET", "/crm/objects/2026-09/deals", None, {"sort": "amount"}, 400),
        ("GET", "/crm/objects/2025-09/deals", None, {}, 404),
        ("GET", "/crm/objects/2026-09/invoices", None, {}, 400),
        ("GET", "/crm/objects/2026-09/deals/1", None, {}, 404),
        ("POST", "/crm/objects/2026-09/deals", {"properties": {}, "extra": 1}, {}, 400),
        ("POST", "/crm/objects/2026-09/deals/search", {"limit": 201}, {}, 400),
        ("POST", "/crm/objects/2026-09/deals/search", {"filterGroups": [{"filters": []}] * 6}, {}, 400),
        ("POST", "/crm/objects/2026-09/deals/search", {"limit": 200, "after": "9900"}, {}, 400),
        ("POST", "/crm/objects/2026-09/deals/batch/read", {"inputs": [{"id": str(n)} for n in range(101)]}, {}, 400),
        ("PATCH", "/crm/v4/objects/deals/1", {}, {}, 404),
    ],
)
def test_what_the_vendor_does_not_know_is_refused(
    vendor: HubSpotSandbox, method: str, path: str, body: Any, query: dict[str, str], status: int
) -> None:
    answer = call(vendor, method, path, body, **query)
    assert answer.status == status
    assert said(answer)["status"] == "error"
    assert said(answer)["correlationId"] == answer.headers["x-hubspot-correlation-id"]


def test_an_address_longer_than_the_limit_is_414(vendor: HubSpotSandbox) -> None:
    assert call(vendor, "GET", "/crm/objects/2026-09/deals", properties="x" * 9_000).status == 414


def test_batches_fail_whole_without_trace_ids_and_in_part_with_them(clock: FakeClock) -> None:
    vendor = HubSpotSandbox(clock, behaviour=Behaviour(partial_status=207))
    good, bad = {"properties": {"email": "ada@example.com"}}, {"properties": {"email": "nobody"}}
    path = "/crm/objects/2026-09/contacts/batch/create"
    assert call(vendor, "POST", path, {"inputs": [good, bad]}).status == 400
    assert vendor.state()["contact"] == {}
    traced = [{**one, "objectWriteTraceId": tag} for one, tag in ((good, "a"), (bad, "b"))]
    answer = call(vendor, "POST", path, {"inputs": traced})
    assert answer.status == 207
    assert [error["context"] for error in said(answer)["errors"]] == [{"objectWriteTraceId": ["b"]}]
    assert len(vendor.state()["contact"]) == 1


def test_an_untraced_update_batch_leaves_nothing_behind(vendor: HubSpotSandbox) -> None:
    ada = vendor.seed("contact", {"email": "ada@example.com"})["id"]
    inputs = [{"id": ada, "properties": {"email": "new@example.com"}}, {"id": "5", "properties": {}}]
    answer = call(vendor, "POST", "/crm/objects/2026-09/contacts/batch/update", {"inputs": inputs})
    assert answer.status == 404
    assert vendor.state()["contact"][ada]["properties"]["email"] == "ada@example.com"
    assert write(vendor, "contacts", email="new@example.com").status == 201


def test_a_unique_value_is_held_by_one_record(vendor: HubSpotSandbox) -> None:
    vendor.define_property("deal", {"name": "order_number", "hasUniqueValue": True})
    first = said(write(vendor, "deals", order_number="1"))["id"]
    answer = write(vendor, "deals", order_number="1")
    assert answer.status == 400
    assert said(answer)["message"].endswith(f"{first} already has that value.")
    email = said(write(vendor, "contacts", email="ada@example.com"))["id"]
    taken = write(vendor, "contacts", email="ada@example.com")
    assert (taken.status, said(taken)["category"]) == (409, "CONFLICT")
    assert said(taken)["message"] == f"Contact already exists. Existing ID: {email}"


def test_upsert_needs_a_unique_property(vendor: HubSpotSandbox) -> None:
    one = {"id": "1", "idProperty": "hs_object_id", "properties": {}}
    answer = call(vendor, "POST", "/crm/objects/2026-09/deals/batch/upsert", {"inputs": [one]})
    assert answer.status == 400
    assert "non-unique" in said(answer)["message"]


def test_the_search_index_lags(vendor: HubSpotSandbox, clock: FakeClock) -> None:
    write(vendor, "deals", dealname="x")
    path = "/crm/objects/2026-09/deals/search"
    assert said(call(vendor, "POST", path, {}))["total"] == 0
    clock.advance(10)
    assert said(call(vendor, "POST", path, {}))["total"] == 1


def test_the_wrong_modification_property_filters_silently(vendor: HubSpotSandbox) -> None:
    vendor.seed("contact", {"email": "ada@example.com"})
    wrong = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "0"}
    right = {**wrong, "propertyName": "lastmodifieddate"}
    path = "/crm/objects/2026-09/contacts/search"
    assert said(call(vendor, "POST", path, {"filterGroups": [{"filters": [wrong]}]}))["total"] == 0
    assert said(call(vendor, "POST", path, {"filterGroups": [{"filters": [right]}]}))["total"] == 1


def test_limits_answer_with_their_policy_and_headers(clock: FakeClock) -> None:
    vendor = HubSpotSandbox(clock, allowance=Allowance(per_ten_seconds=3, per_day=5, searches_per_second=1))
    path = "/crm/objects/2026-09/deals"
    first = call(vendor, "GET", path)
    assert first.headers["x-hubspot-ratelimit-remaining"] == "2"
    assert first.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    call(vendor, "POST", f"{path}/search", {})
    search = call(vendor, "POST", f"{path}/search", {})
    assert (search.status, said(search)["policyName"]) == (429, "SECONDLY")
    assert "x-hubspot-ratelimit-max" not in search.headers
    call(vendor, "GET", path)
    assert said(call(vendor, "GET", path))["policyName"] == "TEN_SECONDLY_ROLLING"
    clock.advance(10)
    assert call(vendor, "GET", path).status == 200
    assert call(vendor, "GET", path).status == 200
    clock.advance(10)
    daily = said(call(vendor, "GET", path))
    assert (daily["policyName"], daily["errorType"]) == ("DAILY", "RATE_LIMIT")
    clock.advance(24 * 3600)
    assert call(vendor, "GET", path).status == 200


def test_scopes_are_asked_for(clock: FakeClock) -> None:
    vendor = HubSpotSandbox(clock, scopes=["crm.objects.deals.read"])
    assert call(vendor, "GET", "/crm/objects/2026-09/deals").status == 200
    refused = write(vendor, "deals", dealname="x")
    assert (refused.status, said(refused)["category"]) == (403, "MISSING_SCOPES")
    assert said(refused)["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.deals.write"]}


def test_an_archived_record_is_gone_for_good_after_ninety_days(vendor: HubSpotSandbox, clock: FakeClock) -> None:
    made = said(write(vendor, "deals", dealname="x"))["id"]
    path = f"/crm/objects/2026-09/deals/{made}"
    assert call(vendor, "DELETE", path).status == 204
    assert call(vendor, "DELETE", path).status == 204
    assert call(vendor, "GET", path).status == 404
    assert said(call(vendor, "GET", path, archived="true"))["archivedAt"] == "2026-11-20T03:00:00Z"
    clock.advance(91 * 24 * 3600)
    assert call(vendor, "GET", path, archived="true").status == 404


def test_a_second_primary_company_takes_the_label_from_the_first(vendor: HubSpotSandbox) -> None:
    first, second = (vendor.seed("company", {"name": name})["id"] for name in ("Acme", "Beta"))
    deal = vendor.seed("deal", {"dealname": "x", "associations": {"companies": [{"id": first, "label": "primary"}]}})
    path = f"/crm/v4/objects/deals/{deal['id']}/associations/companies/{second}"
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    assert call(vendor, "PUT", path, spec).status == 201
    edges = vendor.state()["associations"]
    assert edges[f"deal:{deal['id']}>company:{first}"] == [341]
    assert edges[f"deal:{deal['id']}>company:{second}"] == [5, 341]
    assert edges[f"company:{second}>deal:{deal['id']}"] == [6, 342]


def test_associations_are_not_in_a_search(vendor: HubSpotSandbox, clock: FakeClock) -> None:
    company = vendor.seed("company", {"name": "Acme"})["id"]
    vendor.seed("deal", {"dealname": "x", "associations": {"companies": [company]}})
    found = said(call(vendor, "POST", "/crm/objects/2026-09/deals/search", {"properties": ["dealname"]}))
    assert "associations" not in found["results"][0]


def test_a_merge_keeps_the_primarys_values_and_moves_the_associations(vendor: HubSpotSandbox) -> None:
    acme, beta = (
        vendor.seed("company", {"name": name, "city": city})["id"] for name, city in (("Acme", ""), ("B", "X"))
    )
    deal = vendor.seed("deal", {"dealname": "x", "associations": {"companies": [{"id": beta, "label": "primary"}]}})
    winner = vendor.merge("company", acme, beta)
    assert winner["id"] not in (acme, beta)
    assert (winner["properties"]["name"], winner["properties"]["city"]) == ("Acme", "X")
    assert set(winner["properties"]["hs_merged_object_ids"].split(";")) == {acme, beta}
    assert vendor.state()["associations"][f"deal:{deal['id']}>company:{winner['id']}"] == [5, 341]
    kept = HubSpotSandbox(vendor.clock, behaviour=Behaviour(keep_primary_id=True))
    one, two = kept.seed("company", {"name": "One"})["id"], kept.seed("company", {"name": "Two"})["id"]
    assert kept.merge("company", one, two)["id"] == one


def test_ids_are_the_same_in_every_run(clock: FakeClock) -> None:
    made = [HubSpotSandbox(clock, seed=7).seed("deal", {"dealname": "x"})["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] != HubSpotSandbox(clock, seed=8).seed("deal", {"dealname": "x"})["id"]


def test_a_seed_with_a_property_that_is_not_there_fails_loudly(vendor: HubSpotSandbox) -> None:
    with pytest.raises(ValueError, match="has no property 'dealnaem'"):
        vendor.seed("deal", {"dealnaem": "x"})
    with pytest.raises(ValueError, match="there is no kind 'ticket'"):
        vendor.seed("ticket", {})


def test_a_property_can_be_made_changed_and_archived(vendor: HubSpotSandbox) -> None:
    path = "/crm/properties/2026-09/deals"
    body = {
        "name": "size",
        "label": "Size",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "dealinformation",
    }
    assert call(vendor, "POST", path, body).status == 400
    options = [{"value": "s", "label": "Small", "hidden": False}]
    assert call(vendor, "POST", path, {**body, "options": options}).status == 201
    assert call(vendor, "POST", path, {**body, "options": options}).status == 409
    assert said(call(vendor, "PATCH", f"{path}/size", {"label": "Deal size"}))["label"] == "Deal size"
    assert call(vendor, "PATCH", f"{path}/amount", {"label": "x"}).status == 400
    assert call(vendor, "DELETE", f"{path}/size").status == 204
    assert call(vendor, "GET", f"{path}/size").status == 404
    assert call(vendor, "POST", path, {**body, "groupName": "nowhere", "options": options}).status == 400


def test_the_accounts_details_are_served(vendor: HubSpotSandbox) -> None:
    details = said(call(vendor, "GET", "/account-info/2026-09/details"))
    assert (details["portalId"], details["companyCurrency"], details["accountType"]) == (48_213_977, "USD", "STANDARD")
    assert details["additionalCurrencies"] == ["EUR", "GBP"]
    assert said(call(vendor, "GET", "/settings/currencies/2026-03/company-currency")) == {"currencyCode": "USD"}
