"""Bulk query jobs: the vendor writes the rows into a table, which is fetched in parts. I/O: network.

A part is named by the vendor's locator, `null` after the last one; a job keeps its result for seven days, so a pull
that was cut goes on at the part it had reached.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from syncctl.connectors.http import Answer
from syncctl.connectors.salesforce.client import Client
from syncctl.connectors.salesforce.describing import Shape
from syncctl.connectors.salesforce.soql import NUMBERS
from syncctl.errors import AnswerUnreadable, Exchange, RequestRefused, VendorUnavailable
from syncctl.fields.jsontext import encode_json

LOCATOR: Final = "sforce-locator"
COUNT: Final = "sforce-numberofrecords"
POLL_SECONDS: Final = 2.0
POLL_SECONDS_MAX: Final = 30.0
NONE: Final = "null"


class BulkRefused(Exception):
    """The object cannot be read in bulk, or the job is gone: the rows are read page by page."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows as JSON objects. `following` is `<job>:<locator>` of the next part, empty after the last."""

    rows: list[bytes]
    following: str


def bulk_pages(client: Client, shape: Shape, query: str, place: str) -> Iterator[Part]:
    """The parts of a job, from its beginning or from a place. Raises BulkRefused before the first part; VendorError."""
    job, _, locator = place.partition(":")
    if not job:
        job = _start(client, query)
        _wait(client, job)
    first = True
    while True:
        try:
            answer, rows = _part(client, shape, job, locator)
        except RequestRefused as error:
            if not first or error.exchange.status not in (400, 404):
                raise
            raise BulkRefused(error.message) from error
        first = False
        locator = answer.headers.get(LOCATOR, NONE)
        yield Part(rows, "" if locator == NONE else f"{job}:{locator}")
        if locator == NONE:
            return


def _part(client: Client, shape: Shape, job: str, locator: str) -> tuple[Answer, list[bytes]]:
    """One part of the table; one that was cut short is fetched again. Raises VendorError."""
    asked = [("maxRecords", str(client.settings.bulk_rows))]
    query = [*asked, ("locator", locator)] if locator else asked
    for attempt in range(1, client.access.read_attempts):
        answer = client.download(client.at.jobs(job, "results"), query)
        try:
            return answer, [encode_json(row) for row in table(client.name, answer, shape.types)]
        except AnswerUnreadable:
            client.clock.sleep(float(attempt))
    answer = client.download(client.at.jobs(job, "results"), query)
    return answer, [encode_json(row) for row in table(client.name, answer, shape.types)]


def _start(client: Client, query: str) -> str:
    body = encode_json({"operation": "query", "query": query})
    try:
        found = client.read("POST", client.at.jobs(), body=body).json()
    except RequestRefused as error:
        raise BulkRefused(error.message) from error
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        where = Exchange(client.name, f"POST {client.at.jobs()}")
        raise AnswerUnreadable(f"{client.name} answered a bulk job without its id", where)
    return str(found["id"])


def _wait(client: Client, job: str) -> None:
    """Until the job is complete. Raises BulkRefused when it failed, VendorUnavailable when it takes too long."""
    waited, nap = 0.0, POLL_SECONDS
    where = Exchange(client.name, f"GET {client.at.jobs(job)}")
    while True:
        found = client.read_object(client.at.jobs(job), "state")
        if found["state"] == "JobComplete":
            return
        if found["state"] in ("Failed", "Aborted"):
            raise BulkRefused(str(found.get("errorMessage") or found["state"]))
        if waited >= client.settings.bulk_wait_seconds:
            message = f"{client.name}: a bulk job is not done after {waited:,.0f} seconds"
            raise VendorUnavailable(message, where, fix="run again later, or raise bulk_wait_seconds")
        client.clock.sleep(nap)
        waited += nap
        nap = min(nap * 2, POLL_SECONDS_MAX)


def table(system: str, answer: Answer, types: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A result's rows with their values typed. Raises AnswerUnreadable when it was cut short."""
    where = Exchange(system, answer.request, answer.status)
    try:
        lines = list(csv.reader(io.StringIO(answer.body.decode()), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise AnswerUnreadable(f"{system}: a bulk result cannot be read: {error}", where) from error
    names = lines[0] if lines else []
    told = answer.headers.get(COUNT, "")
    if (told.isdigit() and int(told) != len(lines[1:])) or any(len(line) != len(names) for line in lines[1:]):
        raise AnswerUnreadable(f"{system}: a bulk result was cut short: {len(lines[1:])} rows of {told}", where)
    for line in lines[1:]:
        yield {name: _typed(types.get(name, ""), text) for name, text in zip(names, line, strict=True)}


def _typed(type_: str, text: str) -> Any:
    """A table has no null: an empty cell is one. A number that is none stays a text, which no mapping can read."""
    if text == "":
        return None
    if type_ == "boolean":
        return text == "true"
    if type_ in NUMBERS:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text
