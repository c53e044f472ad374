"""A run's page: every change of the plan it carried out, with what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from paper import shown
from plans import CHANGES, CUSTOMER, DEAL, INVOICE, PHONE, TOTAL, VOID, edit

from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import Change, Ref, Run
from syncctl.redact import Redactor
from syncctl.report.carried import run_report
from syncctl.run.history import PastRun, RunStory

RUN = Run("7c31", "reconcile", "2026-11-20T03:00:00+00:00", "2026-11-20T03:02:00+00:00", "partly applied", 5)
SECRET = "hunter2-hunter2"


def became(
    change: Change, state: State, ref: Ref | None = None, code: str = "", message: str = "", fix: str = ""
) -> Operation:
    return Operation(
        f"op-{change.intent}", change.intent, "5f2c9a41", "7c31", 0, state, 1, change, None, b"", ref, False, code,
        message, fix, "", "",
    )  # fmt: skip


STORY = RunStory(
    PastRun(RUN, resumable=True),
    (
        became(CUSTOMER, State.APPLIED, Ref("quickbooks", "Customer", "93")),
        became(PHONE, State.CONFLICT, message="PrimaryPhone.FreeFormNumber is (555) 010-0142 now"),
        became(
            INVOICE, State.REJECTED, None, "6540", f"the deposit account {SECRET} is not a bank account", "choose one"
        ),
        became(TOTAL, State.UNKNOWN, message="ReadTimeout: no answer within 60 seconds"),
        became(VOID, State.PLANNED),
        became(DEAL, State.HELD, message="waits for INV-1042 · Acme GmbH, which was refused"),
    ),
    "5f2c9a41",
)


def printed(story: RunStory, width: int) -> str:
    return shown(run_report(story, Redactor([SECRET])), width)


@pytest.mark.parametrize("width", [80, 160])
def test_the_page_of_a_run_as_it_is_seen(golden: Callable[[str, str], None], width: int) -> None:
    text = printed(STORY, width)
    assert all(change.name.split(" · ")[0] in text for change in CHANGES)
    assert SECRET not in text
    assert max(map(len, text.splitlines())) <= width
    golden(f"run_{width}", text)


def test_a_resume_that_would_be_refused_is_not_offered() -> None:
    stale = replace(STORY, past=PastRun(RUN, resumable=False, stale="the plan 5f2c9a41 is stale: records were pulled"))
    assert "syncctl runs resume 7c31" in printed(STORY, 80)
    text = " ".join(printed(stale, 80).split())
    assert "runs resume" not in text
    assert "syncctl reconcile plan anew what run 7c31 left: the plan 5f2c9a41 is stale" in text


def test_a_value_that_was_known_after_apply_is_shown_once_it_was_sent() -> None:
    later = replace(DEAL, edits=(edit("amount", "1000 EUR", "(known after apply)"),))
    for after in ("1250.00", Decimal("1250.00")):
        sent = replace(later, edits=tuple(replace(one, after=after) for one in later.edits))
        operation = replace(became(later, State.APPLIED), sent=sent)
        text = printed(replace(STORY, operations=(operation,)), 80)
        assert "→ 1250.00" in text
        assert "known after apply" not in text
