"""Whatever a client sends, the pretend HubSpot answers and never breaks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncctl.sandbox.base import SandboxRequest
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.hubspot import HubSpotSandbox
from syncctl.sandbox.hubspot.routes import ROUTES

CLOCK = FakeClock(datetime(2026, 11, 20, tzinfo=UTC))
NAMES = st.sampled_from(
    "inputs id idProperty properties objectWriteTraceId associations from to types filterGroups filters propertyName "
    "operator value values highValue sorts direction limit after query name label type fieldType groupName options "
    "associationCategory associationTypeId primaryObjectId objectIdToMerge email amount dealname".split()
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**6)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "1",
            "email",
            "hs_object_id",
            "EQ",
            "GT",
            "IN",
            "BETWEEN",
            "string",
            "text",
            "number",
            "HUBSPOT_DEFINED",
            "createdate",
        ]
    )
)
ANY = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=14,
)
IDS = st.sampled_from(["1", "2", "3", "", 1]) | ANY
END = st.fixed_dictionaries({"id": IDS}) | ANY
SPEC = st.fixed_dictionaries(
    {"associationCategory": LEAVES, "associationTypeId": st.sampled_from([5, 341, 279, "5"]) | ANY}
)
INPUT = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS,
        "idProperty": LEAVES,
        "objectWriteTraceId": LEAVES,
        "properties": st.dictionaries(NAMES, ANY, max_size=3) | ANY,
        "from": END,
        "to": END | st.lists(END, max_size=2),
        "types": st.lists(SPEC, max_size=2) | ANY,
        "associations": st.lists(st.fixed_dictionaries({"to": END, "types": st.lists(SPEC, max_size=2)}), max_size=1)
        | ANY,
    },
)
FILTER = st.fixed_dictionaries(
    {"propertyName": st.sampled_from(["amount", "createdate", "dealname", "hs_object_id"])},
    optional={"operator": LEAVES, "value": LEAVES, "values": ANY, "highValue": LEAVES},
)
SEARCH = st.fixed_dictionaries(
    {
        "filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(FILTER, max_size=2) | ANY}), max_size=2)
        | ANY
    },
    optional={"sorts": ANY, "limit": LEAVES, "after": LEAVES, "query": LEAVES, "properties": ANY},
)
BODIES = (
    ANY | INPUT | SEARCH | st.fixed_dictionaries({"inputs": st.lists(INPUT, max_size=3)}) | st.lists(SPEC, max_size=2)
)


def path_of(template: str, family: str) -> str:
    """An address of the route in a dated version, with ids that exist and that do not."""
    filled = template.format(type="deals", other="companies", id="1", other_id="2", name="amount")
    head, _, rest = filled.partition("/")
    if head == "account":
        return f"/account-info/{family}/details"
    if head == "settings":
        return f"/settings/currencies/{family}/company-currency"
    return f"/crm/{head}/{family}" + (f"/{rest}" if rest else "")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=BODIES,
    extra=st.dictionaries(st.sampled_from(["limit", "after", "archived", "idProperty"]), st.text(max_size=4)),
)
def test_any_body_gets_an_answer(route: Any, body: Any, extra: dict[str, str]) -> None:
    vendor = HubSpotSandbox(CLOCK, allowance=None)
    vendor.seed("deal", {"id": "1", "dealname": "x"})
    vendor.seed("company", {"id": "2", "name": "Acme"})
    headers = {"authorization": f"Bearer {vendor.token}"}
    raw = json.dumps(body).encode()
    answer = vendor.handle(
        SandboxRequest(route.method, path_of(route.path, "2026-09"), tuple(extra.items()), headers, raw)
    )
    assert answer.status in (200, 201, 204, 400, 404, 409)
    assert answer.body == b"" or json.loads(answer.body)
