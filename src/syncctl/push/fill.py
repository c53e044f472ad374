"""References to records that this plan created, filled in from what the vendor answered. I/O: ledger, reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from syncctl.edits import fill, unknowns
from syncctl.errors import SyncctlError
from syncctl.fields.codecs import decode, encode
from syncctl.fields.currency import currency_of
from syncctl.fields.placeholder import unknown_in
from syncctl.fields.schema import Field
from syncctl.fields.text import show
from syncctl.fields.undecodable import Undecodable
from syncctl.ledger.operation import Operation
from syncctl.ledger.states import State
from syncctl.model import NEW, Action, Change, Edit, Raw, Ref, Unknown
from syncctl.paths import parse_path, read
from syncctl.push.means import Means

_AS_TEXT: Final = frozenset({"text", "enum", "id", "ref"})
"""Types that take the text of any value."""


class Waits(Exception):
    """A change cannot be sent now; the message says what it waits for."""


def fill_change(means: Means, operation: Operation) -> Change:
    """The operation's change with real references and known values. Raises Waits."""
    _refuse_made_up(means, operation)
    change = operation.change
    if not _refers(change):
        return change
    answers = _Answers(means, operation, means.journal.operations.applied_creates(operation.plan))
    target = change.target if change.action is Action.CREATE else answers.real(change.target)
    source = answers.created.get(change.source, change.source) if change.source else None
    return replace(change, target=target, source=source, edits=tuple(map(answers.filled, change.edits)))


def _refers(change: Change) -> bool:
    later = change.action is not Action.CREATE and change.target.provisional
    return later or any(unknowns(edit.after) or unknowns(edit.before) for edit in change.edits)


def _refuse_made_up(means: Means, operation: Operation) -> None:
    """A made-up id must never reach a vendor, whoever forgot to write it as a placeholder."""
    for edit in operation.change.edits:
        for text in _texts(edit.after):
            if text.startswith(NEW) and means.journal.operations.plans_record(operation.plan, text):
                raise Waits(f"{edit.field or edit.path} holds the id of a record that is only planned")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for element in inner for text in _texts(element)]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the vendors answered to the operations before this one. `created`: planned record to real one."""

    means: Means
    operation: Operation
    created: Mapping[Ref, Ref]

    def real(self, ref: Ref) -> Ref:
        if ref.provisional and ref not in self.created:
            raise Waits(f"waits for {ref.system} {ref.kind}, which is not created yet")
        return self.created.get(ref, ref)

    def filled(self, edit: Edit) -> Edit:
        if not (unknowns(edit.after) or unknowns(edit.before)):
            return edit
        whole = unknown_in(edit.after)
        after = fill(edit.after, self._raw) if whole is None else self._encoded(edit, whole)
        return replace(edit, before=fill(edit.before, self._raw), after=after)

    def _raw(self, unknown: Unknown) -> Any:
        return self._answer(unknown)[0]

    def _encoded(self, edit: Edit, unknown: Unknown) -> Any:
        """A value that stands alone changes its spelling with the system: an epoch there is a date here."""
        raw, source, currency = self._answer(unknown)
        try:
            value = decode(source.codec, raw, currency)
            as_text = edit.codec.partition(".")[0] in _AS_TEXT
            return encode(edit.codec, show(value) if as_text else value, currency)
        except (Undecodable, ValueError) as error:
            raise Waits(f"{edit.field or edit.path} cannot be filled in: {error}") from error

    def _answer(self, unknown: Unknown) -> tuple[Any, Field, str]:
        """The raw value that the vendor gave, the field it comes from, and its currency."""
        ref = self.real(unknown.ref)
        schema = self.means.schema(ref.system, ref.kind)
        if unknown.path in ("", schema.identity):
            return ref.id, Field(unknown.path, "id"), ""
        raw = self._record_after(unknown.ref, ref)
        found = schema.find(unknown.path) or Field(unknown.path)
        values = list(read(raw, parse_path(found.place)))
        if len(values) != 1:
            raise Waits(f"waits for {unknown.path} of {ref}, which {ref.system} has not given")
        return values[0], found, currency_of(raw, found)

    def _record_after(self, planned: Ref, ref: Ref) -> Raw:
        """The record as it is after the plan's earlier writes to it; read again where an answer did not hold it."""
        operations = self.means.journal.operations
        writers = [
            writer
            for writer in operations.of_target(self.operation.plan, planned)
            if writer.position < self.operation.position
        ]
        if any(writer.state is not State.APPLIED for writer in writers):
            raise Waits(f"waits for {ref}, which is not written yet")
        if not all(writer.read_back for writer in writers) or ref in self.means.records.unread():
            self._read_again(ref, writers)
        found = self.means.records.raw(ref)
        if found is None:
            raise Waits(f"waits for {ref}, which {ref.system} does not show")
        return found

    def _read_again(self, ref: Ref, writers: list[Operation]) -> None:
        means = self.means
        connector = means.connectors.get(ref.system)
        if connector is None:
            raise Waits(f"waits for {ref}, and {ref.system} is not configured")
        try:
            found = connector.find(ref.kind, means.schema(ref.system, ref.kind).identity, [ref.id])
        except SyncctlError as error:
            raise Waits(f"waits for {ref}, which cannot be read now: {error}") from error
        if not found:
            raise Waits(f"waits for {ref}, which {ref.system} does not show")
        with means.journal.write() as db:
            means.records.store_receipt(found[0], means.at)
            means.journal.operations.mark_read_back(db, means.run, writers)
