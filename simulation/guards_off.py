"""Production functions with one guard taken out, to put in place of the real ones. I/O: what those do.

Each is as close to the real one as can be; what is missing is named in its first line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Any

from simulation.lines import Line
from simulation.world import Died
from syncctl.connectors.base import Card, Connector
from syncctl.fields.jsontext import decode_json, encode_json
from syncctl.ledger.operation import Operation
from syncctl.ledger.requests import Deadlines, SentRequest
from syncctl.model import Change, Outcome, Record, Request, WriteReceipt
from syncctl.plan.registry import Standing
from syncctl.push import compare, send, settle
from syncctl.push.drive import Drive
from syncctl.push.fresh import Verdict
from syncctl.push.means import Means
from syncctl.push.resolve import Case
from syncctl.push.send import Ready
from syncctl.push.settle import Settled
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest


def intent_after_the_send(
    means: Means, connector: Connector, group: Sequence[Ready], request: Request
) -> tuple[Settled, ...]:
    """What dies before the answer is written down leaves no trace of the intent."""
    try:
        return SEND_FIRST(means, connector, group, request)
    except Died:
        back = "UPDATE operations SET state = 'planned' WHERE state = 'sending' AND id = ?"
        for row in request.rows:
            means.journal.engine.db.execute(back, (row,))
        raise


SEND_FIRST: Callable[..., tuple[Settled, ...]] = send.send_first


def another_key_for_a_replay(self: Drive, sent: SentRequest, operations: Sequence[Operation]) -> None:
    """A request without an answer goes out again at once, under a key of its own."""
    del sent
    self.run([replace(one, generation=one.generation + 1) for one in operations])


def whenever_whole(_card: Card, case: Case, _now: Any) -> bool:
    """Replays however long ago the vendor has forgotten the key, or however it answered under it."""
    return case.whole


def nothing_found(_means: Means, case: Case) -> tuple[Operation, ...]:
    """Nobody looks whether a create has happened."""
    return case.operations


def no_wait(_means: Means, _cases: Sequence[Case]) -> bool:
    """Whoever looked once and saw nothing believes it."""
    return True


def as_the_plan_saw_it(_connector: Connector, _change: Change, current: Record | None, _base: bytes) -> Verdict:
    """What a fresh read shows is not compared with what the plan saw."""
    return Verdict(compare.Standing.OPEN, current)


def no_gate(_means: Means, _operation: Operation) -> None:
    """Nothing waits for its parents, for open writes of the same change, or for a hold."""


def no_deadline(means: Means, card: Card) -> Deadlines:
    """However long the machine slept, the request goes out."""
    return replace(DEADLINES(means, card), send_by=inf)


DEADLINES: Callable[[Means, Card], Deadlines] = send._deadlines


def refused_when_unanswered(connector: Connector, request: Request) -> tuple[WriteReceipt, ...]:
    """No answer is taken for a refusal: it goes out again, as if nothing had been sent."""
    return tuple(
        replace(receipt, outcome=Outcome.LATER, wait_seconds=1.0) if receipt.outcome is Outcome.UNKNOWN else receipt
        for receipt in ATTEMPT(connector, request)
    )


ATTEMPT: Callable[[Connector, Request], tuple[WriteReceipt, ...]] = send._attempt


def first_answer_for_all(
    means: Means, sent: SentRequest, operations: Sequence[Operation], receipts: Sequence[WriteReceipt], **words: Any
) -> tuple[Settled, ...]:
    """The answer to a batch is taken for the answer to each of its rows."""
    alike = tuple(replace(receipts[0], row=operation.id) for operation in operations) if receipts else ()
    return SETTLE(means, sent, operations, alike, **words)


SETTLE: Callable[..., tuple[Settled, ...]] = settle.settle


def whatever_comes_next(_self: Drive, operation: Operation, group: Sequence[Ready]) -> bool:
    """Changes of any kind and action share a request, as long as they are for one system."""
    return operation.system == group[0].operation.system and len(group) < 10


def whatever_is_open(_held: Any, read_only: frozenset[str]) -> Standing:
    """The planner does not know which writes are still open."""
    return Standing({}, read_only)


def stays_sending(_means: Means, _operations: Any) -> None:
    """What a dead process left on its way stays so for ever."""


def whatever_version_it_has(self: Line, request: SandboxRequest, fault: str) -> SandboxAnswer:
    """QuickBooks is told the version that the record has by now, not the one that was read."""
    if self.system == "quickbooks" and b'"SyncToken"' in request.body:
        request = replace(request, body=encode_json(_with_newest(self, request.path, decode_json(request.body))))
    return ANSWER(self, request, fault)


ANSWER: Callable[[Line, SandboxRequest, str], SandboxAnswer] = Line._answer


def _with_newest(line: Line, path: str, body: Any) -> Any:
    vendor: Any = line.sandbox.vendor
    for kind, written in _written(path, body):
        held = vendor.books.get(kind, written["Id"])
        if held is not None:
            written["SyncToken"] = held["SyncToken"]
    return body


def _written(path: str, body: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each record that a request writes, with its kind."""
    for row in body.get("BatchItemRequest", ()):
        yield from ((kind, value) for kind, value in row.items() if isinstance(value, dict) and "Id" in value)
    if "Id" in body:
        yield path.rpartition("/")[2].capitalize(), body
