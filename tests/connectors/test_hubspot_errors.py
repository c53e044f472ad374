"""What HubSpot's refusals mean: told from its codes, with a cause, a way out and no secret."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hubspot_world import change, create, make_world, update
from syncctl.connectors.http import Answer
from syncctl.connectors.hubspot.complaints import existing_id, explain, row_complaint
from syncctl.errors import AuthenticationFailed, ConfigError, RequestRefused
from syncctl.model import Action, Edit, Outcome
from syncctl.sandbox.base import SandboxTransport
from syncctl.sandbox.clock import FakeClock


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, names, json.dumps(body).encode() if body is not None else b"<html>", "GET /x")


def error(category: str, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"status": "error", "category": category, "message": message, "correlationId": "c-1", **more}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "code"),
    [
        (401, error("EXPIRED_AUTHENTICATION"), Outcome.STOP, "EXPIRED_AUTHENTICATION"),
        (401, None, Outcome.STOP, "INVALID_AUTHENTICATION"),
        (403, error("MISSING_SCOPES"), Outcome.STOP, "MISSING_SCOPES"),
        (403, error("BANNED"), Outcome.STOP, "BANNED"),
        (403, error("FORBIDDEN", "USER_DOES_NOT_HAVE_PERMISSIONS"), Outcome.STOP, "USER_DOES_NOT_HAVE_PERMISSIONS"),
        (404, error("OBJECT_NOT_FOUND"), Outcome.REJECTED, "OBJECT_NOT_FOUND"),
        (409, error("CONFLICT"), Outcome.CONFLICT, "CONFLICT"),
        (409, error("CONFLICT", "Contact already exists. Existing ID: 12"), Outcome.DUPLICATE, "CONFLICT"),
        (414, None, Outcome.REJECTED, "URI_TOO_LONG"),
        (500, error("INTERNAL_ERROR"), Outcome.UNKNOWN, "INTERNAL_ERROR"),
        (502, None, Outcome.UNKNOWN, ""),
        (408, None, Outcome.UNKNOWN, ""),
        (400, error("SOMETHING_NEW"), Outcome.REJECTED, "SOMETHING_NEW"),
        (400, error("VALIDATION_ERROR"), Outcome.REJECTED, "VALIDATION_ERROR"),
        (418, {}, Outcome.REJECTED, ""),
    ],
)
def test_each_refusal_has_one_meaning(status: int, body: Any, outcome: Outcome, code: str) -> None:
    found = explain(answer(status, body))
    assert (found.outcome, found.code) == (outcome, code)


def test_the_request_id_comes_from_the_body_or_the_header() -> None:
    assert explain(answer(400, error("X"))).vendor_request_id == "c-1"
    assert explain(answer(502, None, x_hubspot_correlation_id="c-2")).vendor_request_id == "c-2"


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        ({"policyName": "DAILY"}, {}, None),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {"x_hubspot_ratelimit_interval_milliseconds": "10000"}, 10.0),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10.0),
        ({"policyName": "SECONDLY"}, {"x_hubspot_ratelimit_interval_milliseconds": "10000"}, 1.0),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {"retry_after": "3"}, 3.0),
        ({}, {}, 10.0),
    ],
)
def test_a_limit_waits_as_long_as_its_policy(body: dict[str, str], headers: dict[str, str], wait: float | None) -> None:
    found = explain(answer(429, body, **headers))
    assert (found.outcome, found.wait_seconds) == (Outcome.LATER, wait)


def test_a_locked_account_waits_two_seconds_and_a_migrating_one_as_told() -> None:
    assert explain(answer(423)).wait_seconds == 2.0
    assert explain(answer(477, None, retry_after="86400")).wait_seconds == 86_400.0


def test_the_problem_inside_the_message_is_read(clock: FakeClock) -> None:
    inner = [
        {"isValid": False, "message": "ZAR was not allowed", "error": "INVALID_OPTION", "name": "deal_currency_code"}
    ]
    found = row_complaint(error("VALIDATION_ERROR", f"Property values were not valid: {json.dumps(inner)}"))
    assert (found.code, found.message) == ("INVALID_OPTION", "deal_currency_code: INVALID_OPTION: ZAR was not allowed")
    broken = row_complaint(error("VALIDATION_ERROR", "Property values were not valid: [{oops"))
    assert (broken.code, broken.outcome) == ("VALIDATION_ERROR", Outcome.REJECTED)


def test_a_unique_value_names_the_record_that_holds_it_not_the_one_being_written() -> None:
    message = (
        "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, "
        "propertyName=email, value=a@b.example} on 552148386511. 552239500007 already has that value."
    )
    assert existing_id(error("VALIDATION_ERROR", message)) == "552239500007"
    assert row_complaint(error("VALIDATION_ERROR", message)).outcome is Outcome.DUPLICATE
    tokens = {"existingObjectId": ["77"]}
    assert existing_id({"message": "…", "errorTokens": tokens}) == "77"
    assert existing_id({"message": "nothing"}) == ""


def test_every_field_of_an_error_may_be_missing() -> None:
    assert row_complaint({}).outcome is Outcome.REJECTED
    assert row_complaint({"errors": "odd", "context": None, "message": None}).outcome is Outcome.REJECTED
    assert explain(answer(400, ["odd"])).outcome is Outcome.REJECTED


def test_missing_scopes_are_named(clock: FakeClock) -> None:
    world = make_world(clock, scopes=["crm.objects.contacts.read"])
    with pytest.raises(AuthenticationFailed, match=r"crm\.schemas\.deals\.read") as raised:
        world.pull("deal")
    assert "scope" in raised.value.fix
    assert raised.value.exit_code == 4


def test_no_error_shows_the_token(clock: FakeClock) -> None:
    class Echoing(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            sent = request.headers["authorization"]
            return httpx.Response(401, json=error("INVALID_AUTHENTICATION", f"no such key: {sent}"), request=request)

    world = make_world(clock, token="a-secret-of-no-known-form", transport=Echoing)
    with pytest.raises(AuthenticationFailed) as raised:
        world.hubspot.company()
    (receipt,) = world.write(create("deal", {"dealname": "x"}))
    shown = f"{raised.value} {raised.value.exchange} {raised.value.fix} {receipt}"
    assert "a-secret-of-no-known-form" not in shown
    assert shown.count("[redacted]") >= 4


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["op-1", "VALIDATION_ERROR", "7"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "results errors id context objectWriteTraceId ids message category from to properties".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(status=st.sampled_from([200, 201, 204, 207, 400, 401, 403, 404, 409, 423, 429, 500]), body=JSON)
def test_send_never_raises_for_what_the_vendor_says(status: int, body: Any) -> None:
    class Saying(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(status, json=body, request=request)

    world = make_world(FakeClock(), external_id=False, transport=Saying)
    linked = Edit("associations.companies", None, {"id": "8"}, "add")
    for wanted in (create("deal", {"dealname": "x"}), update("deal", "7", linked), change(Action.ARCHIVE, "deal", "7")):
        (receipt,) = world.write(wanted)
        assert receipt.row == "op-1"


def test_a_url_that_is_too_long_names_the_option(clock: FakeClock) -> None:
    world = make_world(clock, options={"url_limit": "100000"})
    for number in range(600):
        world.vendor.define_property("deal", {"name": f"custom_property_{number}"})
    with pytest.raises(RequestRefused, match="too long") as raised:
        world.pull("deal")
    assert "url_limit" in raised.value.fix


def test_wrong_options_are_all_reported_at_once(clock: FakeClock) -> None:
    with pytest.raises(ConfigError) as raised:
        make_world(clock, options={"api_verson": "2026-09", "url_limit": "long", "batch_size": "101"})
    assert [problem.where for problem in raised.value.problems] == [
        "hubspot.api_verson",
        "hubspot.url_limit",
        "hubspot.batch_size",
    ]
