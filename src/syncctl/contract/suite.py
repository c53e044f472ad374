"""Every promise, and the verdicts of one connector on them. No network.

A promise is a function that takes a stand; its name is what `exempt` and JSON call it, the first line of its docstring
what people read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from syncctl.contract.batches import batch_rows_are_told_apart
from syncctl.contract.company import company_is_the_credentials
from syncctl.contract.fields import fields_come_back
from syncctl.contract.pulls import (
    changes_while_paging_hide_nothing,
    every_kind_is_read,
    killed_pull_goes_on,
    next_pull_brings_changes,
    pull_is_whole,
)
from syncctl.contract.reads import credential_stays_hidden, failed_read_says_what, limit_is_waited_for, pace_is_kept
from syncctl.contract.rows import late_does_not_undo, poison_is_set_aside, records_are_found_by_id, twice_is_once
from syncctl.contract.stand import Broken, DoesNotApply, Stand
from syncctl.contract.subject import Subject
from syncctl.contract.writes import (
    lost_create_is_one_record,
    read_only_sends_nothing,
    refusal_is_told,
    same_change_is_same_bytes,
    stale_update_is_refused,
    write_is_sent_once,
)

Promise: TypeAlias = Callable[[Stand], None]

PROMISES: Final[tuple[Promise, ...]] = (
    company_is_the_credentials,
    every_kind_is_read,
    pull_is_whole,
    changes_while_paging_hide_nothing,
    killed_pull_goes_on,
    next_pull_brings_changes,
    twice_is_once,
    late_does_not_undo,
    poison_is_set_aside,
    records_are_found_by_id,
    failed_read_says_what,
    limit_is_waited_for,
    pace_is_kept,
    credential_stays_hidden,
    fields_come_back,
    same_change_is_same_bytes,
    write_is_sent_once,
    refusal_is_told,
    lost_create_is_one_record,
    stale_update_is_refused,
    batch_rows_are_told_apart,
    read_only_sends_nothing,
)


class Verdict(StrEnum):
    """What became of one promise."""

    KEPT = "kept"
    BROKEN = "broken"
    DOES_NOT_APPLY = "does not apply"


@dataclass(frozen=True, slots=True)
class Judged:
    """One promise of one connector; `why` is empty for a kept one."""

    promise: str
    says: str
    verdict: Verdict
    why: str = ""


def says(promise: Promise) -> str:
    """The promise as one sentence."""
    return (promise.__doc__ or "").partition("\n")[0]


def judge(subject: Subject, promise: Promise) -> Judged:
    """Tries one promise on a fresh stand; whatever the connector raises unasked breaks it."""
    named = promise.__name__, says(promise)
    if promise.__name__ in subject.exempt:
        return Judged(*named, Verdict.DOES_NOT_APPLY, subject.exempt[promise.__name__])
    try:
        promise(Stand(subject))
    except DoesNotApply as reason:
        return Judged(*named, Verdict.DOES_NOT_APPLY, str(reason))
    except Broken as reason:
        return Judged(*named, Verdict.BROKEN, str(reason))
    except Exception as error:  # noqa: BLE001 - a connector under test may raise anything
        return Judged(*named, Verdict.BROKEN, f"{type(error).__name__}: {error}")
    return Judged(*named, Verdict.KEPT)


def try_all(subject: Subject) -> Iterator[Judged]:
    """Every promise in turn."""
    for promise in PROMISES:
        yield judge(subject, promise)
