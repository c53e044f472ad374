"""What became of a write: the answer read row by row. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from syncctl.connectors.http import Answer, Complaint, NoAnswer
from syncctl.connectors.quickbooks import queries
from syncctl.connectors.quickbooks.client import Client
from syncctl.connectors.quickbooks.faults import REQUEST_ID, complain, explain, fault_in
from syncctl.connectors.quickbooks.kinds import VOIDED, looks_void
from syncctl.connectors.quickbooks.references import references_in
from syncctl.connectors.quickbooks.rows import elements, head_of, members, queried, record_of
from syncctl.fields.jsontext import decode_json
from syncctl.fields.undecodable import Undecodable
from syncctl.model import Action, Outcome, Raw, Request, WriteReceipt

INACTIVE_CODES: Final = frozenset({"610", "2500"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one system's requests and reads the answers."""

    system: str
    client: Client

    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        """One attempt; one receipt per row."""
        try:
            via = self.client.batches if len(request.rows) > 1 else self.client.http
            answer = via.send(request)
        except NoAnswer as error:
            return _all(request, self._lost(error))
        receipts = self._read(request, answer)
        if any(receipt.code in INACTIVE_CODES for receipt in receipts):
            receipts = self._named(request, receipts)
        return receipts

    def _lost(self, error: NoAnswer) -> WriteReceipt:
        if error.sent:
            return WriteReceipt("", Outcome.UNKNOWN, message=f"no answer came: {error}")
        return WriteReceipt("", Outcome.LATER, message=f"QuickBooks could not be reached: {error}", fix="try again")

    def _read(self, request: Request, answer: Answer) -> tuple[WriteReceipt, ...]:
        shown = self.client.http.shown_body(answer)
        about = WriteReceipt(
            "", Outcome.UNKNOWN, status=answer.status, vendor_request_id=answer.headers.get(REQUEST_ID, ""), body=shown
        )
        try:
            if not answer.ok or fault_in(answer.json()) is not None:
                return _all(request, self._refused(about, explain(answer, self.client.options)))
            if len(request.rows) == 1:
                return (replace(self._written(request, members(answer.body), about), row=request.rows[0]),)
            return self._batch(request, answer, about)
        except Undecodable as error:
            return _all(request, replace(about, message=f"the answer cannot be read: {error}"))

    def _refused(self, about: WriteReceipt, complaint: Complaint) -> WriteReceipt:
        return replace(
            about,
            outcome=complaint.outcome,
            code=complaint.code,
            message=self.client.http.redact(complaint.message),
            fix=complaint.fix,
            wait_seconds=complaint.wait_seconds,
        )

    def _written(self, request: Request, parts: dict[str, msgspec.Raw], about: WriteReceipt) -> WriteReceipt:
        """The record that an answer holds. Raises Undecodable."""
        row = parts.get(request.kind)
        if row is None:
            raise Undecodable(f"it holds no {request.kind}")
        head = head_of(row)
        record = record_of(self.system, request.kind, row, head)
        if request.action is Action.VOID and not _is_void(row):
            return replace(
                about,
                outcome=Outcome.REJECTED,
                ref=record.ref,
                record=record,
                code="not voided",
                message=f"QuickBooks left this {request.kind} as it was: its API may not void this kind",
                fix="void it in QuickBooks",
            )
        # An item's answer may lack its Sku, and a sparse one lacks more: those are read again.
        whole = not head.sparse and self.client.columns(request.kind) == "*"
        return replace(about, outcome=Outcome.APPLIED, ref=record.ref, record=record if whole else None)

    def _batch(self, request: Request, answer: Answer, about: WriteReceipt) -> tuple[WriteReceipt, ...]:
        found = members(answer.body).get("BatchItemResponse")
        if found is None:
            raise Undecodable("it holds no BatchItemResponse")
        rows = {}
        for item in elements(found):
            parts = members(item)
            row = msgspec.json.decode(parts.get("bId", b'""'))
            rows[row] = replace(self._batch_row(request, parts, item, about, answer), row=row)
        lost = replace(about, message="the batch's answer does not name this row")
        return tuple(rows.get(row, replace(lost, row=row)) for row in request.rows)

    def _batch_row(
        self, request: Request, parts: dict[str, msgspec.Raw], item: msgspec.Raw, about: WriteReceipt, answer: Answer
    ) -> WriteReceipt:
        about = replace(about, body=self.client.http.redact(bytes(item).decode("utf-8", "replace"))[:2_000])
        fault = fault_in(decode_json(bytes(item))) if "Fault" in parts or "fault" in parts else None
        if fault is not None:
            return self._refused(about, complain(fault, 400, self.client.options, dict(answer.headers)))
        try:
            return self._written(request, parts, about)
        except Undecodable as error:
            return replace(about, message=f"the answer cannot be read: {error}")

    # --- which reference it was ---------------------------------------------------------------------------------------

    def _named(self, request: Request, receipts: Sequence[WriteReceipt]) -> tuple[WriteReceipt, ...]:
        """Adds which of the records that a refused row names are inactive or missing: the vendor gives no name."""
        bodies = bodies_by_row(request)
        found = []
        for receipt in receipts:
            if receipt.code in INACTIVE_CODES:
                wrong = self._unusable(bodies.get(receipt.row, {}))
                found.append(replace(receipt, message=": ".join([*filter(None, ["; ".join(wrong)]), receipt.message])))
            else:
                found.append(receipt)
        return tuple(found)

    def _unusable(self, body: Raw) -> list[str]:
        wrong = []
        for kind, ids in references_in(body).items():
            there = self._names(kind, sorted(ids))
            if there is None:
                continue
            for identity in sorted(ids):
                name, active = there.get(identity, ("", False))
                if not active:
                    state = f"“{name}” ({identity}) is inactive" if name else f"{identity} does not exist"
                    wrong.append(f"{kind} {state}")
        return wrong

    def _names(self, kind: str, ids: Sequence[str]) -> dict[str, tuple[str, bool]] | None:
        """Id to name and whether it is active; None when that cannot be read now, at one attempt."""
        condition = next(queries.matches("Id", ids))
        text = queries.select(kind, (condition, queries.everything(kind)))
        query = (*self.client.parameters(), ("query", text))
        asked = Request(self.system, kind, Action.UPDATE, "GET", f"{self.client.base}/query", query)
        try:
            answer = self.client.http.send(asked)
            rows = [decode_json(bytes(row)) for row in queried(answer.body, kind).rows] if answer.ok else None
        except (NoAnswer, Undecodable):
            rows = None
        if rows is None:
            return None
        return {row["Id"]: (_name(row), row.get("Active", True)) for row in rows}


def _name(raw: Raw) -> str:
    return str(raw.get("FullyQualifiedName") or raw.get("DisplayName") or raw.get("Name") or raw["Id"])


def _all(request: Request, receipt: WriteReceipt) -> tuple[WriteReceipt, ...]:
    return tuple(replace(receipt, row=row) for row in request.rows)


def _is_void(row: msgspec.Raw) -> bool:
    raw = decode_json(bytes(row))
    return looks_void(raw.get("TotalAmt"), raw.get("PrivateNote", VOIDED))


def bodies_by_row(request: Request) -> dict[str, Raw]:
    """What each row of a request sent."""
    sent = decode_json(request.body) if request.body else {}
    if len(request.rows) == 1:
        return {request.rows[0]: sent}
    return {item["bId"]: item.get(request.kind, {}) for item in sent.get("BatchItemRequest", [])}
