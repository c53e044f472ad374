"""What a push works with and what it answers. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol, TypeAlias

from syncctl.clock import Clock
from syncctl.connectors.base import Answered, Connector
from syncctl.errors import AuthenticationFailed, CredentialError, LimitReached, SyncctlError
from syncctl.failpoints import reach
from syncctl.fields.schema import Schema
from syncctl.ledger.journal import Journal
from syncctl.ledger.operation import Operation
from syncctl.ledger.requests import Witness
from syncctl.ledger.states import State
from syncctl.model import Change, Raw, Record, Ref
from syncctl.redact import Redactor

Progress: TypeAlias = Callable[[str, dict[str, Any]], None]
StopKind: TypeAlias = Literal["", "limit", "auth", "unavailable", "signal", "fail_fast", "paused", "canary"]
"""Why what is still PLANNED was not sent: a limit (come back later), a credential or scope, no answers, a signal,
a row before it that was not applied, a person who paused all writing, or first writes that are not as meant."""


class RecordStore(Protocol):
    """The ledger's records, as far as a push needs them."""

    def store_receipt(self, record: Record, at: str) -> int:
        """Stores a record that was read back; joins the caller's transaction."""
        ...

    def mark_unread(self, refs: Iterable[Ref]) -> None:
        """These must be read again before the run ends; joins the caller's transaction."""
        ...

    def unread(self) -> tuple[Ref, ...]:
        """What must be read again."""
        ...

    def raw(self, ref: Ref) -> Raw | None:
        """The decoded record, or None when the ledger has none."""
        ...

    def record(self, ref: Ref) -> Record | None:
        """The stored record."""
        ...


class Sources(Protocol):
    """What the changes of a plan were made from."""

    def due(self, ref: Ref) -> bool:
        """True when the record must be read again before anything is written from it."""
        ...

    def moved(self, change: Change, before: Record | None, now: Record | None) -> str:
        """What moved in the change's source between the ledger's record and the vendor's (None: gone), or ""."""
        ...


class _AsPlanned:
    """Sources that nobody reads again."""

    def due(self, _ref: Ref) -> bool:
        return False

    def moved(self, _change: Change, _before: Record | None, _now: Record | None) -> str:
        return ""


AS_PLANNED: Final[Sources] = _AsPlanned()


def _nothing(_: str, __: dict[str, Any]) -> None:
    """The progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Means:
    """Everything a push works with. `run` is the id of the run that pushes; `schema` gives the kept live schema of
    (system, kind); `holds` says why a change must not be sent, or "", `sources` what moved in what it was made from;
    `stop` is asked between writes; `reach` is told where the push is, so that a test may end it there; `answered` gives
    what a system answered its last write with. With `fail_fast` nothing follows a row that is not applied.
    """

    run: str
    journal: Journal
    records: RecordStore
    connectors: Mapping[str, Connector]
    schema: Callable[[str, str], Schema]
    clock: Clock
    ids: Callable[[], str]
    holds: Callable[[Change], str] = lambda _: ""
    sources: Sources = AS_PLANNED
    progress: Progress = _nothing
    stop: Callable[[], int] = lambda: 0
    paused: Callable[[], str] = lambda: ""
    fail_fast: bool = False
    canary: int = 0
    reach: Callable[[str], None] = reach
    answered: Callable[[str], Answered | None] = lambda _system: None
    redact: Callable[[str], str] = field(default_factory=Redactor)

    @property
    def witness(self) -> Witness:
        """Who tells the audit chain of requests and answers."""
        return Witness(self.run, self.redact)

    @property
    def at(self) -> str:
        """Now, as the ledger writes it."""
        return self.clock.now().isoformat()


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a system gets nothing more in this run."""

    kind: StopKind
    message: str
    fix: str = ""
    code: str = ""
    body: str = ""


def stop_for(error: SyncctlError) -> Stop:
    """What an error of a read, or of getting a token, means for the rest of the run."""
    kind: StopKind = "unavailable"
    if isinstance(error, LimitReached):
        kind = "limit"
    elif isinstance(error, AuthenticationFailed | CredentialError):
        kind = "auth"
    exchange = getattr(error, "exchange", None)
    code, body = (exchange.code, exchange.body) if exchange else ("", "")
    return Stop(kind, error.message, error.fix, code, body)


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one change. `change` is as it was sent, else as planned; `stop` says why a PLANNED one waits."""

    operation: str
    change: Change
    state: State
    ref: Ref | None = None
    code: str = ""
    message: str = ""
    fix: str = ""
    body: str = ""
    stop: StopKind = ""


def result_of(operation: Operation, stop: Stop | None) -> OperationResult:
    """The result of an operation as the journal has it now; `stop` only tells why a PLANNED one was not sent."""
    found = OperationResult(
        operation.id,
        operation.sent or operation.change,
        operation.state,
        operation.ref,
        operation.code,
        operation.message,
        operation.fix,
        operation.body,
    )
    if operation.state is not State.PLANNED or stop is None:
        return found
    return replace(found, code=stop.code, message=stop.message, fix=stop.fix, body=stop.body, stop=stop.kind)


_STOP_CODES: Final[Mapping[StopKind, int]] = {"unavailable": 1, "auth": 4, "paused": 6, "limit": 75}
_DONE: Final = frozenset({State.APPLIED, State.LAPSED})


def exit_code(results: Iterable[OperationResult]) -> int:
    """0, or what stopped a system first (1, 4, 6, 75), or 5 when some change is not applied. A signal's code is the
    caller's."""
    seen = tuple(results)
    stops = {result.stop for result in seen if result.stop}
    for kind, code in _STOP_CODES.items():
        if kind in stops:
            return code
    return 5 if any(result.state not in _DONE for result in seen) else 0
