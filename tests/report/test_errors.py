"""Every error class as a person and as a program sees it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from paper import on_paper

from syncctl import errors
from syncctl.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    ConfigError,
    CredentialError,
    Exchange,
    GuardTripped,
    LedgerError,
    LimitReached,
    LockedError,
    NotHere,
    OldLedger,
    ReadOnly,
    RequestRefused,
    StalePlanError,
    SyncctlError,
    UsageError,
    VendorError,
    VendorUnavailable,
)
from syncctl.model import Problem
from syncctl.redact import Redactor
from syncctl.report.errors import TITLES, error_block, error_fields

SECRET = "hunter2-hunter2"
REQUEST = Exchange("quickbooks", "POST /v3/company/1/invoice", 400, "1-abc", "6540", '{"Fault": "…"}')
SAMPLES: tuple[SyncctlError, ...] = (
    UsageError("there is no plan 77", fix="syncctl plan makes one"),
    ConfigError(
        "mappings/invoices.yaml has 2 problems",
        (
            Problem(
                "mappings/invoices.yaml:14:5", "quickbooks Invoice has no field `DocNumbr`", "did you mean `DocNumber`?"
            ),
            Problem("mappings/invoices.yaml:20:9", "unknown key `ownr`", "did you mean `owner`?"),
        ),
    ),
    ConfigError("there is no syncctl.yaml in .", fix="make one: syncctl init DIR"),
    CredentialError("the environment variable STRIPE_API_KEY is not set", fix="set STRIPE_API_KEY"),
    LedgerError("the ledger was written by a newer syncctl", fix="update syncctl, or use another ledger file"),
    LockedError("run 7c31 of ana@books holds the ledger since 02:00 (process 4242)", fix="wait for it"),
    StalePlanError("records were pulled after this plan was made", fix="syncctl plan makes a new one"),
    GuardTripped(
        "number of changes: 260, allowed is 50", guard="--max-changes 260", fix="look, then --max-changes 260"
    ),
    AuthenticationFailed(
        "stripe: the key was revoked", Exchange("stripe", "GET /v1/customers", 401), fix="make a new key"
    ),
    LimitReached("hubspot: too fast", Exchange("hubspot", "GET /crm/v3", 429, code="SECONDLY"), wait_seconds=11.0),
    LimitReached("hubspot: the daily limit is used up", Exchange("hubspot", "GET /crm/v3", 429, code="DAILY")),
    VendorUnavailable("quickbooks did not answer: timed out", Exchange("quickbooks", "GET /v3"), fix="try again later"),
    RequestRefused("quickbooks: the deposit account is not a bank account", REQUEST, fix="choose a bank account"),
    AnswerUnreadable(
        "stripe answered 200 with something that is not JSON", Exchange("stripe", "GET /v1", 200, body="<html>")
    ),
    VendorError(f"stripe: token {SECRET} is odd", Exchange("stripe", "GET /v1", 418, body=f"\x1b[31m{SECRET}")),
    ReadOnly("quickbooks", "POST /v3/company/1/invoice"),
    SyncctlError("the disk is full", fix="make room and run the command again"),
    OldLedger("this ledger is older than its last run", fix="syncctl ledger restore FILE"),
    NotHere("there is no plan yet", fix="make one: syncctl plan"),
)


def printed(error: SyncctlError, width: int) -> str:
    return on_paper(error_block(error, redact=Redactor([SECRET])), width)


@pytest.mark.parametrize("width", [80, 160])
def test_every_error_class_as_it_is_seen(golden: Callable[[str, str], None], width: int) -> None:
    golden(f"errors_{width}", "\n".join(printed(error, width) for error in SAMPLES))


def test_no_error_class_is_forgotten() -> None:
    classes = {found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, SyncctlError)}
    assert classes == set(TITLES) == {type(error) for error in SAMPLES}


def test_no_secret_and_no_escape_leaves_through_an_error() -> None:
    leaking = [error for error in SAMPLES if SECRET in str(error)]
    assert leaking
    for error in leaking:
        text = printed(error, 80) + json.dumps(error_fields(error, redact=Redactor([SECRET])))
        assert "is odd" in text
        assert SECRET not in text
        assert "\x1b" not in text


def test_a_program_gets_everything_that_a_person_gets() -> None:
    fields = error_fields(SAMPLES[1], redact=Redactor())
    assert fields["exit_code"] == 78
    assert fields["problems"][0] == {
        "where": "mappings/invoices.yaml:14:5",
        "message": "quickbooks Invoice has no field `DocNumbr`",
        "fix": "did you mean `DocNumber`?",
    }
    refused = error_fields(SAMPLES[12], redact=Redactor())
    assert (refused["system"], refused["status"], refused["code"]) == ("quickbooks", 400, "6540")
    assert error_fields(SAMPLES[9], redact=Redactor())["wait_seconds"] == 11.0
    assert error_fields(SAMPLES[7], redact=Redactor())["guard"] == "--max-changes 260"
