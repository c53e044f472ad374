"""What Salesforce's refusals mean: each code has an outcome, and words that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.salesforce_world import FIELD, World, create, ids, make_world, put, update
from syncctl.connectors.http import Answer
from syncctl.connectors.salesforce.complaints import MEANINGS, Explain
from syncctl.errors import AuthenticationFailed, RequestRefused
from syncctl.model import Action, Outcome, WriteReceipt
from syncctl.sandbox.clock import FakeClock

EXPLAIN = Explain(5.0)


@pytest.fixture
def world(clock: FakeClock) -> World:
    return make_world(clock)


def refused(world: World, values: dict[str, Any], kind: str = "Opportunity") -> WriteReceipt:
    """The receipt of a create that must not happen; alone and in a collection it is the same refusal."""
    good = create(kind, {}, number=2)
    (alone,) = world.write(create(kind, values), rows=["a"])
    first, second = world.write(create(kind, values), good, rows=["b", "c"])
    assert (alone.outcome, alone.code) == (first.outcome, first.code)
    assert second.outcome is Outcome.APPLIED
    return alone


def test_a_missing_required_field_is_named(world: World) -> None:
    receipt = refused(world, {"CloseDate": None})
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "REQUIRED_FIELD_MISSING")
    assert "CloseDate" in receipt.message
    assert "map the missing field" in receipt.fix


def test_a_validation_rule_speaks_with_the_admins_words(world: World) -> None:
    rule = {"message": "Won deals need an amount.", "field": "Amount", "when": {"StageName": "Closed Won"}}
    world.vendor.seed("rule:Opportunity", rule | {"missing": "Amount"})
    receipt = refused(world, {"StageName": "Closed Won"})
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert "Won deals need an amount. (Amount)" in receipt.message
    assert "validation rule" in receipt.fix


def test_a_text_that_is_too_long_is_refused_not_cut(world: World) -> None:
    receipt = refused(world, {"Name": "x" * 121})
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "STRING_TOO_LONG")


def test_a_number_with_too_many_digits(world: World) -> None:
    receipt = refused(world, {"Probability": 12345})
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "NUMBER_OUTSIDE_VALID_RANGE")


def test_a_value_outside_a_restricted_picklist(world: World) -> None:
    receipt = refused(world, {"Name": "x", "CleanStatus": "Spotless"}, "Account")
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert "Spotless" in receipt.message


def test_references_to_what_is_gone_or_is_no_such_object(world: World) -> None:
    account, contact = world.seed("Account"), world.seed("Contact")
    world.vendor.delete("Account", account)
    assert refused(world, {"AccountId": account}).code == "ENTITY_IS_DELETED"
    assert refused(world, {"AccountId": contact}).code == "FIELD_INTEGRITY_EXCEPTION"
    assert refused(world, {"AccountId": account[:14] + "Z"}).code == "INVALID_CROSS_REFERENCE_KEY"
    assert refused(world, {"AccountId": "12"}).code == "MALFORMED_ID"


def test_an_email_address_that_is_none(world: World) -> None:
    assert refused(world, {"Email": "ada at example"}, "Contact").code == "INVALID_EMAIL_ADDRESS"


def test_a_field_that_may_not_be_written(world: World) -> None:
    receipt = refused(world, {"ExpectedRevenue": 5})
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_hidden_field_is_explained_by_field_level_security(world: World) -> None:
    world.vendor.hide("Opportunity", "NextStep")
    receipt = refused(world, {"NextStep": "call"})
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "INVALID_FIELD")
    assert "not visible to this user; field-level security" in receipt.fix
    with pytest.raises(RequestRefused, match=r"salesforce has no Opportunity\.NextStep") as raised:
        world.salesforce.find("Opportunity", "NextStep", ["call"])
    assert "not visible to this user; field-level security" in raised.value.fix


def test_a_create_without_our_field_points_to_the_setup(world: World) -> None:
    world.vendor.hide("Account", FIELD)
    for count in (1, 2):
        receipts = world.write(*(create("Account", {}, number=number) for number in range(count)))
        assert {(one.outcome, one.code) for one in receipts} == {(Outcome.REJECTED, "NOT_FOUND")}
        assert "syncctl setup" in receipts[0].fix


def test_a_field_that_cannot_be_searched_by_says_so(world: World) -> None:
    with pytest.raises(RequestRefused) as raised:
        world.salesforce.find("Opportunity", "Description", ["x"])
    assert "cannot search by this field" in raised.value.fix


def test_a_unique_value_that_is_taken_names_the_record(world: World) -> None:
    world.vendor.seed("field:Account", {"name": "Vat__c", "unique": True})
    holder = world.seed("Account", Vat__c="1")
    receipt = refused(world, {"Name": "x", "Vat__c": "1"}, "Account")
    assert (receipt.outcome, receipt.code) == (Outcome.DUPLICATE, "DUPLICATE_VALUE")
    assert receipt.ref is not None
    assert receipt.ref.id == holder


def test_a_locked_row_waits_and_the_rest_of_its_batch_is_done(world: World) -> None:
    account = world.seed("Account")
    world.vendor.lock(account)
    receipts = world.write(create("Contact", {"AccountId": account}), create("Contact", {"LastName": "free"}, number=2))
    assert [one.outcome for one in receipts] == [Outcome.LATER, Outcome.APPLIED]
    assert (receipts[0].code, receipts[0].wait_seconds) == ("UNABLE_TO_LOCK_ROW", 5.0)


# --- who may come in --------------------------------------------------------------------------------------------------


def test_a_wrong_token_stops_reads_and_writes(clock: FakeClock) -> None:
    world = make_world(clock, token="00D!wrong-token")
    with pytest.raises(AuthenticationFailed, match="Session expired or invalid") as raised:
        world.pull("Account")
    assert "My Domain" in raised.value.fix
    (receipt,) = world.write(create("Account", {"Name": "x"}))
    assert (receipt.outcome, receipt.code) == (Outcome.STOP, "INVALID_SESSION_ID")


def test_a_token_never_shows(clock: FakeClock) -> None:
    world = make_world(clock)
    world.salesforce.company()
    assert world.vendor.token not in world.redactor(f"failed with {world.vendor.token}")


# --- the table --------------------------------------------------------------------------------------------------------


def answer(status: int, body: Any, **headers: str) -> Answer:
    return Answer(status, headers, json.dumps(body).encode() if body is not None else b"", "PATCH /x")


@pytest.mark.parametrize(
    ("status", "body", "outcome", "code"),
    [
        (401, [{"message": "x", "errorCode": "INVALID_SESSION_ID"}], Outcome.STOP, "INVALID_SESSION_ID"),
        (401, None, Outcome.STOP, "INVALID_SESSION_ID"),
        (403, [{"message": "x", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], Outcome.LATER, "REQUEST_LIMIT_EXCEEDED"),
        (403, [{"message": "x", "errorCode": "API_DISABLED_FOR_ORG"}], Outcome.STOP, "API_DISABLED_FOR_ORG"),
        (403, [{"message": "x", "errorCode": "NEW_THING"}], Outcome.STOP, "NEW_THING"),
        (404, None, Outcome.REJECTED, "NOT_FOUND"),
        (410, None, Outcome.STOP, "UNSUPPORTED_API_VERSION"),
        (412, None, Outcome.CONFLICT, "PRECONDITION_FAILED"),
        (420, None, Outcome.LATER, "420"),
        (429, None, Outcome.LATER, "429"),
        (400, [{"message": "x", "errorCode": "NEVER_HEARD_OF"}], Outcome.REJECTED, "NEVER_HEARD_OF"),
        (400, None, Outcome.REJECTED, "400"),
        (500, [{"message": "x", "errorCode": "REQUIRED_FIELD_MISSING"}], Outcome.UNKNOWN, "REQUIRED_FIELD_MISSING"),
        (503, "<html>", Outcome.UNKNOWN, "503"),
    ],
)
def test_an_answer_means(status: int, body: Any, outcome: Outcome, code: str) -> None:
    found = EXPLAIN(answer(status, body))
    assert (found.outcome, found.code) == (outcome, code)
    assert found.message


def test_the_vendors_own_wait_is_kept() -> None:
    assert EXPLAIN(answer(429, None, **{"retry-after": "33"})).wait_seconds == 33.0
    assert EXPLAIN(answer(429, None)).wait_seconds == 10.0
    assert EXPLAIN(answer(403, [{"message": "x", "errorCode": "REQUEST_LIMIT_EXCEEDED"}])).wait_seconds is None


def test_every_refusal_of_a_record_says_what_to_do() -> None:
    silent = [code for code, meaning in MEANINGS.items() if meaning.outcome is Outcome.REJECTED and not meaning.fix]
    assert silent == []


def test_archiving_a_product_that_a_rule_protects_is_refused(world: World) -> None:
    from connectors.salesforce_world import change

    world.vendor.seed("rule:Product2", {"message": "Still sold.", "when": {"IsActive": False}})
    product = world.seed("Product2", Name="Gizmo")
    (receipt,) = world.write(change(Action.ARCHIVE, "Product2", product))
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert ids(world.pull("Product2")) == [product]
    (gone,) = world.write(update("Product2", product[:14] + "Z", put("Name", "x")))
    assert (gone.outcome, gone.code) == (Outcome.REJECTED, "NOT_FOUND")
