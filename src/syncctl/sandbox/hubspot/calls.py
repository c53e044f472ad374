"""One call to an endpoint, and the answers that batches share. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncctl.sandbox.hubspot.account import Account
from syncctl.sandbox.hubspot.properties import instant
from syncctl.sandbox.hubspot.refusals import Refusal, invalid_json
from syncctl.sandbox.hubspot.shapes import shaped

BATCH_MAX = 100
ASSOCIATIONS_MAX = 1_000
"""Reading associations only (developers.hubspot.com/changelog, 10 February 2025)."""
"""Inputs per batch request (vendor's documentation)."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What differs between accounts or is not settled. `partial_status` is that of a batch with errors on a dated
    path: the documentation of 2026-09 dropped 207. `keep_primary_id`: merges keep the primary's id (a public beta).
    """

    partial_status: int = 200
    keep_primary_id: bool = False
    url_limit: int = 8_192
    account_type: str = "STANDARD"
    time_zone: str = "US/Eastern"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as an endpoint sees it. `parts` are the names in its path."""

    account: Account
    behaviour: Behaviour
    version: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def json(self, known: Iterable[str]) -> dict[str, Any]:
        """The body as an object with no other fields than these; raises Refusal."""
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise invalid_json(str(error)) from error
        if not isinstance(found, dict):
            raise invalid_json("not an object")
        shaped(found, known)
        return found

    def inputs(
        self, known: Iterable[str], also: Iterable[str] = (), most: int = BATCH_MAX
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The inputs of a batch (at least one, at most so many, no unknown fields) and the body; raises Refusal."""
        body = self.json(("inputs", *also))
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise Refusal(400, "VALIDATION_ERROR", "inputs: some required fields were not set")
        if len(inputs) > most:
            raise Refusal(400, "VALIDATION_ERROR", f"The batch has {len(inputs)} inputs; at most {most}")
        for one in inputs:
            shaped(one, known)
        return inputs, body

    def flag(self, name: str) -> bool:
        """A true/false query parameter, written in either case."""
        value = self.query.get(name, "false").lower()
        if value not in ("true", "false"):
            raise Refusal(400, "VALIDATION_ERROR", f"{name} must be true or false, not {value}")
        return value == "true"

    def limit(self, most: int) -> int:
        """The page size, 10 unless told; raises Refusal."""
        text = self.query.get("limit", "10")
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise Refusal(400, "VALIDATION_ERROR", f"limit must be between 1 and {most}, not {text}")
        return int(text)

    def after(self) -> int:
        """The cursor: the last id of the page before; raises Refusal."""
        text = self.query.get("after") or "0"
        if not text.isdecimal():
            raise Refusal(400, "VALIDATION_ERROR", f"Invalid paging cursor {text}")
        return int(text)

    def words(self, name: str) -> list[str]:
        """A comma-separated query parameter."""
        return [word for word in self.query.get(name, "").split(",") if word]


Reply = tuple[int, Any]
"""Status and body; the body is None for a 204."""
Endpoint = Callable[[Call], Reply]


def batch_reply(call: Call, results: Sequence[Any], errors: Sequence[Any], status: int = 200) -> Reply:
    """The answer to a batch: 207, or what the account says, where some inputs failed."""
    now = instant(call.account.now())
    body: dict[str, Any] = {"status": "COMPLETE", "results": list(results)}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
        status = 207 if call.version.startswith("v") else call.behaviour.partial_status
    return status, {**body, "startedAt": now, "completedAt": now}


def traced(inputs: Sequence[Mapping[str, Any]]) -> bool:
    """True when every input has an `objectWriteTraceId` of its own: only then does a batch succeed in part."""
    tags = [one.get("objectWriteTraceId") for one in inputs]
    return all(tags) and len(set(tags)) == len(tags)


def page_of(items: Sequence[Any], limit: int, next_after: str, more: bool) -> dict[str, Any]:
    """`results` and, when there is more, `paging.next`."""
    body: dict[str, Any] = {"results": list(items)[:limit]}
    if more:
        body["paging"] = {"next": {"after": next_after, "link": f"?limit={limit}&after={next_after}"}}
    return body
