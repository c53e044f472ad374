"""Bulk 2.0 query jobs: made, watched, their tables fetched in parts. No I/O."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from syncctl.sandbox.salesforce.calls import Call, Reply
from syncctl.sandbox.salesforce.fields import NUMBERS, FieldDef
from syncctl.sandbox.salesforce.org import Org, Stored, stamp
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, not_found
from syncctl.sandbox.salesforce.select import choose
from syncctl.sandbox.salesforce.soql import parse

ROWS: Final = 50_000
_COMPOUND: Final = frozenset({"address", "location"})


@dataclass
class Job:
    """One job; its rows are chosen when it is made. `looks` are the polls until it is complete."""

    id: str
    operation: str
    kind: str
    made: str
    fields: list[FieldDef]
    rows: list[Stored]
    looks: int
    state: str = "UploadComplete"
    error: str = ""


@dataclass
class Jobs:
    """Every job. `looks`: how often it is asked for before it is complete; `fails`: what the next one fails with."""

    looks: int = 2
    fails: str = ""
    held: dict[str, Job] = field(default_factory=dict)

    def create(self, call: Call) -> Reply:
        body = call.object()
        operation = body.get("operation")
        if operation not in ("query", "queryAll") or not isinstance(body.get("query"), str):
            raise Refusal(400, Fault("INVALIDJOB", "operation must be query or queryAll, and query is needed"))
        query = parse(body["query"])
        about, fields, rows = choose(call.org, query, deleted=operation == "queryAll")
        compound = [one.name for one in fields if one.type in _COMPOUND]
        if compound or not fields:
            message = f"Selecting compound data not supported in Bulk Query: {', '.join(compound) or 'COUNT()'}"
            raise Refusal(400, Fault("FEATURENOTENABLED", message))
        identity = f"750{len(self.held):012d}AAA"
        found = Job(identity, operation, about.name, stamp(call.org.now()), fields, rows, self.looks)
        found.error, self.fails = self.fails, ""
        self.held[identity] = found
        return Reply(200, _shown(found, call.org))

    def look(self, call: Call) -> Reply:
        found = self._job(call)
        if found.state in ("UploadComplete", "InProgress"):
            found.looks -= 1
            found.state = "InProgress" if found.looks > 0 else "Failed" if found.error else "JobComplete"
        return Reply(200, _shown(found, call.org))

    def abort(self, call: Call) -> Reply:
        found = self._job(call)
        if call.object().get("state") != "Aborted":
            raise Refusal(400, Fault("INVALIDJOBSTATE", "a query job can only be aborted"))
        found.state = "Aborted"
        return Reply(200, _shown(found, call.org))

    def remove(self, call: Call) -> Reply:
        del self.held[self._job(call).id]
        return Reply(204)

    def results(self, call: Call) -> Reply:
        found = self._job(call)
        if found.state != "JobComplete":
            raise Refusal(400, Fault("INVALIDJOBSTATE", f"the job is {found.state}"))
        start = _whole(call.query.get("locator", "0"))
        end = start + _whole(call.query.get("maxRecords", str(ROWS)))
        some = found.rows[start:end]
        headers = {
            "content-type": "text/csv",
            "sforce-locator": str(end) if end < len(found.rows) else "null",
            "sforce-numberofrecords": str(len(some)),
        }
        return Reply(200, _table(call.org, found.fields, some), headers)

    def _job(self, call: Call) -> Job:
        found = self.held.get(call.parts["job"])
        if found is None:
            raise not_found()
        return found


def _whole(text: str) -> int:
    if not text.isdigit():
        raise Refusal(400, Fault("INVALIDREQUEST", f"{text!r} is no number"))
    return int(text)


def _shown(job: Job, org: Org) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.kind,
        "createdById": org.user,
        "createdDate": job.made,
        "systemModstamp": job.made,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 68.0,
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    if job.state == "JobComplete":
        shown |= {"numberRecordsProcessed": len(job.rows), "retries": 0, "totalProcessingTime": 334}
    if job.state == "Failed":
        shown["errorMessage"] = job.error
    return shown


def _table(org: Org, fields: list[FieldDef], rows: list[Stored]) -> bytes:
    """Every cell in quotes, null as an empty one, moments with a Z."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([one.name for one in fields])
    for record in rows:
        writer.writerow([_cell(org.value(record, one), one) for one in fields])
    return text.getvalue().encode()


def _cell(value: Any, one: FieldDef) -> str:
    if value is None:
        return ""
    if one.type == "boolean":
        return "true" if value else "false"
    if one.type == "datetime":
        return str(value).replace("+0000", "Z")
    if one.type in NUMBERS:
        return format(Decimal(value), "f")
    return str(value)
