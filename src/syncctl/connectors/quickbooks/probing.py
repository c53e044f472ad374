"""Did a write happen after all? Lists what was made since and compares here. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from syncctl.connectors.quickbooks import queries
from syncctl.connectors.quickbooks.bodies import SERVER_LINES
from syncctl.connectors.quickbooks.client import Client
from syncctl.connectors.quickbooks.kinds import VOIDED, looks_void
from syncctl.connectors.quickbooks.rows import read_rows
from syncctl.connectors.quickbooks.sending import bodies_by_row
from syncctl.fields.jsontext import decode_json
from syncctl.fields.text import clean_text
from syncctl.model import Action, Change, Outcome, Raw, Record, Request, WriteReceipt

EARLIER: Final = timedelta(minutes=10)
_CONTROL: Final = frozenset({"Id", "SyncToken", "sparse"})


@dataclass(frozen=True, slots=True)
class Prober:
    """Looks for the writes of one system."""

    system: str
    client: Client

    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        """APPLIED with the record for each row that is found. Raises VendorError."""
        bodies = bodies_by_row(request)
        if request.action is Action.CREATE:
            return self._created(request, bodies, since)
        ids = [change.target.id for change in changes]
        now = {record.ref.id: record for record in _records(self.system, self.client, request.kind, ids)}
        return tuple(
            self._receipt(row, now.get(identity), request.action, bodies.get(row, {}))
            for row, identity in zip(request.rows, ids, strict=True)
        )

    def _receipt(self, row: str, record: Record | None, action: Action, sent: Raw) -> WriteReceipt:
        if record is None or record.version == str(sent.get("SyncToken", "")):
            return WriteReceipt(row, Outcome.UNKNOWN, message="the record is as it was before this write")
        held = decode_json(record.raw)
        if action is Action.VOID:
            done = looks_void(held.get("TotalAmt"), held.get("PrivateNote"))
        else:
            done = says(held, {key: value for key, value in sent.items() if key not in _CONTROL})
        if not done:
            return WriteReceipt(row, Outcome.UNKNOWN, message="the record has changed, but not as this write says")
        return WriteReceipt(row, Outcome.APPLIED, record.ref, record)

    def _created(self, request: Request, bodies: dict[str, Raw], since: datetime) -> tuple[WriteReceipt, ...]:
        made = [(record, decode_json(record.raw)) for record in self._made_since(request.kind, since - EARLIER)]
        taken: set[str] = set()
        receipts = []
        for row in request.rows:
            found = next(
                (
                    record
                    for record, held in made
                    if record.ref.id not in taken and is_this(request.kind, held, bodies.get(row, {}))
                ),
                None,
            )
            if found is None:
                receipts.append(WriteReceipt(row, Outcome.UNKNOWN, message="no such record was made since"))
            else:
                taken.add(found.ref.id)
                receipts.append(WriteReceipt(row, Outcome.APPLIED, found.ref, found))
        return tuple(receipts)

    def _made_since(self, kind: str, since: datetime) -> Iterator[Record]:
        conditions = (queries.everything(kind), f"MetaData.CreateTime >= {queries.quoted(queries.instant(since))}")
        size, start = self.client.options.page_rows, 1
        while True:
            tail = queries.page(start, size)
            columns = self.client.columns(kind)
            rows = self.client.query(kind, queries.select(kind, conditions, columns=columns, tail=tail)).rows
            yield from (row for _, row in read_rows(self.system, kind, rows) if isinstance(row, Record))
            if len(rows) < size:
                return
            start += size


def _records(system: str, client: Client, kind: str, ids: Sequence[str]) -> list[Record]:
    rows = read_rows(system, kind, client.rows_by_id(kind, ids).rows)
    return [row for _, row in rows if isinstance(row, Record)]


def is_this(kind: str, held: Raw, sent: Raw) -> bool:
    """Whether a record is the one that a create sent.

    By the marker in its note, or by its number for the same customer, or a list record by its name. Where a create
    carried none of these, by everything it said.
    """
    name = "DisplayName" if kind == "Customer" else "Name"
    note, number = sent.get("PrivateNote"), sent.get("DocNumber")
    if sent.get(name):
        return clean_text(str(held.get(name, ""))).casefold() == clean_text(str(sent[name])).casefold()
    if note and _noted(str(held.get("PrivateNote", "")), note):
        return True
    if number and held.get("DocNumber") == number:
        return says(held.get("CustomerRef"), sent.get("CustomerRef"))
    return not note and not number and says(held, sent)


def _noted(held: str, note: str) -> bool:
    """The note, or the note with what a void puts before it."""
    return held == note or (held.startswith(VOIDED) and held.endswith(f" - {note}"))


def says(held: Any, sent: Any) -> bool:
    """True when what is held says everything that was sent; QuickBooks adds names, ids, defaults and lines."""
    if isinstance(sent, dict):
        return isinstance(held, dict) and all(says(held.get(key), value) for key, value in sent.items())
    if isinstance(sent, list) and any("DefinitionId" in element for element in sent):
        return all(any(says(one, element) for one in held or []) for element in sent)
    if isinstance(sent, list):
        lines = [line for line in held or [] if not (isinstance(line, dict) and line.get("DetailType") in SERVER_LINES)]
        return len(lines) == len(sent) and all(says(one, other) for one, other in zip(lines, sent, strict=True))
    if sent in (None, ""):
        return held in (None, "")
    return held == sent or str(held) == str(sent)
