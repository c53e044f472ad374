"""No refusal leaves a person without a way out: every code that a connector knows, and every answer it does not."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from syncctl import connectors
from syncctl.connectors.http import Answer, Complaint
from syncctl.connectors.hubspot import complaints as hubspot
from syncctl.connectors.plaid import complaints as plaid
from syncctl.connectors.quickbooks import faults as quickbooks
from syncctl.connectors.quickbooks.options import Options as QuickBooks
from syncctl.connectors.rest import complaints as rest
from syncctl.connectors.salesforce import complaints as salesforce
from syncctl.connectors.stripe import complaints as stripe
from syncctl.connectors.xero import faults as xero
from syncctl.connectors.xero.options import Options as Xero
from syncctl.errors import AnswerUnreadable, Exchange

CONNECTORS: Final = Path(connectors.__file__).parent
NEVER: Final = 9
RAISED: Final = {"ConfigError": 2, "CredentialError": NEVER, "RequestRefused": NEVER, "VendorUnavailable": NEVER}
"""What has a fix; from so many arguments on its problems have theirs."""
Explains = Callable[[Answer], Complaint]
STRANGE: Final = ({}, [], {"message": "odd"}, {"error": {"message": "odd"}}, [{"errorCode": "ODD", "message": "odd"}])
EXPLAINS: Final[dict[str, Explains]] = {
    "hubspot": hubspot.explain,
    "plaid": lambda answer: plaid.explain(answer, 20, "bank"),
    "quickbooks": lambda answer: quickbooks.explain(answer, QuickBooks("1")),
    "salesforce": salesforce.Explain(5.0),
    "stripe": stripe.Explain(1.0),
    "xero": lambda answer: xero.explain(answer, Xero("1")),
}
KNOWN: Final[dict[str, Iterable[tuple[str, str]]]] = {
    "hubspot": [(code, fix) for code, (_, fix) in hubspot._CODES.items()],
    "plaid": [(code, one.fix) for code, one in plaid.CODES.items()],
    "quickbooks": [(code, one.fix) for code, one in quickbooks.MEANINGS.items()],
    "rest": [(meaning, fix) for meaning, (_, fix) in rest._SAID.items()],
    "salesforce": [(code, one.fix) for code, one in salesforce.MEANINGS.items()],
    "stripe": [
        (str(code), fix)
        for table in (stripe._BY_CODE, stripe._BY_TYPE, stripe._BY_STATUS)
        for code, (_, fix) in table.items()
    ],
    "xero": [(one.code, one.fix) for one in xero.MEANINGS],
}


@pytest.mark.parametrize("vendor", KNOWN)
def test_every_code_that_a_connector_knows_has_a_fix(vendor: str) -> None:
    assert [code for code, fix in KNOWN[vendor] if not fix.strip()] == []


@pytest.mark.parametrize("vendor", EXPLAINS)
def test_an_answer_that_nobody_expected_has_a_fix_too(vendor: str) -> None:
    def silent(status: int, body: Any) -> bool:
        return not EXPLAINS[vendor](Answer(status, {}, json.dumps(body).encode(), "POST /x")).fix

    statuses = (400, 401, 402, 403, 404, 405, 408, 409, 410, 412, 414, 418, 422, 423, 429, 500, 502, 503, 504)
    assert [(status, body) for status in statuses for body in STRANGE if silent(status, body)] == []


def test_an_answer_that_cannot_be_read_has_a_fix_wherever_it_is_read() -> None:
    assert AnswerUnreadable("stripe answered with a riddle", Exchange("stripe", "GET /v1")).fix.startswith("try again")


def test_whatever_a_connector_raises_itself_has_a_fix_or_problems_with_theirs() -> None:
    raising = re.compile(rf"raise ({'|'.join(RAISED)})\(")
    silent = [
        f"{file.relative_to(CONNECTORS)}:{call.lineno}"
        for file in CONNECTORS.rglob("*.py")
        if raising.search(text := file.read_text(encoding="utf-8"))
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in RAISED
        if "fix" not in {word.arg for word in call.keywords} and len(call.args) < RAISED[call.func.id]
    ]
    assert silent == []
