"""The pretend Salesforce: authentication, the daily limit and dispatch around its endpoints. No network."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from syncctl.clock import Clock
from syncctl.sandbox.base import SandboxAnswer, SandboxRequest, json_answer
from syncctl.sandbox.clock import ServerClock
from syncctl.sandbox.salesforce import metadata, reading, records, seeding
from syncctl.sandbox.salesforce.calls import Call, Endpoint, Reply
from syncctl.sandbox.salesforce.jobs import Jobs
from syncctl.sandbox.salesforce.org import Org, Stored
from syncctl.sandbox.salesforce.reading import VERSIONS, Cursors, Replication
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, SignInRefused, not_found
from syncctl.sandbox.salesforce.signin import PREFIX, App, SignIns
from syncctl.sandbox.salesforce.writing import delete, update

DEFAULT_TOKEN: Final = "00D5e0000008xyz!AQsyncctl.sandbox.access.token"  # noqa: S105
"""The credential of a served sandbox; not a secret."""
DEFAULT_ORG: Final = "00D5e0000008xyzEAA"
_DATA: Final = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_NAME: Final = re.compile(r"\{(\w+)\}")
URI_MAX: Final = 16_384


class SalesforceSandbox:
    """One org. `currencies` other than none make it one with several, the first being its own.

    `daily_requests` None switches the limit off; `page_rows` cuts pages shorter than asked for; `app` is the client app
    that may sign in; `bulk_looks` is how often a job is asked for before it is complete.
    """

    name = "salesforce"
    asks: tuple[str, ...] = ("*/jobs/query", "*/composite/sobjects/*", f"{PREFIX}*")

    def __init__(
        self,
        clock: Clock,
        *,
        token: str = DEFAULT_TOKEN,
        org_id: str = DEFAULT_ORG,
        org_name: str = "Northwind Billing",
        sandbox: bool = True,
        edition: str = "Enterprise Edition",
        currencies: tuple[str, ...] = (),
        daily_requests: int | None = 100_000,
        page_rows: int = reading.PAGE_ROWS_MAX,
        app: App | None = None,
        session_seconds: float = 7_200.0,
        bulk_looks: int = 2,
    ) -> None:
        self.clock = clock = ServerClock(clock)
        self.org = Org(clock, currencies=currencies)
        seeding.furnish(self.org, name=org_name, org_id=org_id, sandbox=sandbox, edition=edition)
        self.sign_ins = SignIns(self.org, token, app or App(), session_seconds)
        self.cursors = Cursors(page_rows)
        self.replication = Replication()
        self.jobs = Jobs(bulk_looks)
        self.daily_requests = daily_requests
        self._used: deque[datetime] = deque()
        self._routes = self._table()

    @property
    def token(self) -> str:
        """The access token that holds for ever."""
        return self.sign_ins.token

    # --- what every vendor has ---

    def handle(self, request: SandboxRequest) -> SandboxAnswer:
        """Answers as the vendor would."""
        try:
            if request.path.startswith(PREFIX):
                return _answer(self.sign_ins.handle(request), {})
            if request.path.rstrip("/") == "/services/data":
                return _answer(Reply(200, reading.versions()), {})
            return _answer(self._dispatch(request), self._usage())
        except Refusal as refusal:
            return _answer(Reply(refusal.status, refusal.body()), self._usage())
        except SignInRefused as refused:
            return _answer(Reply(400, refused.body()), {})

    def limited(self) -> SandboxAnswer:
        """The daily limit is used up: 403, without a word on when it ends."""
        fault = Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return _answer(Reply(403, [fault.body()]), self._usage())

    def broken(self) -> SandboxAnswer:
        message = "An unexpected error occurred. Please include this ErrorId if you contact support: 1386-25"
        return _answer(Reply(500, [Fault("UNKNOWN_EXCEPTION", message).body()]), self._usage())

    def seed(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Kinds: an object's name, `object`, `field:Account`, `rule:Account`, `duplicate_rule:Account`.

        Raises ValueError.
        """
        family, _, of = kind.partition(":")
        seeders: dict[str, Callable[[Org, str, Mapping[str, Any]], dict[str, Any]]] = {
            "field": seeding.seed_field,
            "rule": seeding.seed_rule,
            "duplicate_rule": seeding.seed_duplicate_rule,
        }
        if kind == "object":
            return seeding.seed_object(self.org, body)
        if family in seeders:
            return seeders[family](self.org, of, body)
        if kind not in self.org.objects:
            raise ValueError(f"there is no object {kind!r}")
        return seeding.seed_record(self.org, kind, body)

    def state(self) -> dict[str, Any]:
        """Records by object and id with every field that is set."""
        return seeding.everything(self.org)

    # --- what only a person can do ---

    def edit(self, kind: str, identity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A person changes a record. Raises Faulty."""
        record = self._record(kind, identity)
        return seeding.whole(self.org, update(self.org, self.org.objects[kind], record, values))

    def delete(self, kind: str, identity: str) -> None:
        """Into the recycle bin."""
        delete(self.org, self._record(kind, identity))

    def undelete(self, kind: str, identity: str) -> None:
        """Out of it again."""
        record = self._record(kind, identity)
        record.deleted = None
        self.org.index(record)
        self.org.touch(record)

    def purge(self, kind: str, identity: str) -> None:
        """The recycle bin is emptied: only the list of deletions knows the record now."""
        record = self._record(kind, identity)
        record.purged = True

    def merge(self, kind: str, winner: str, loser: str) -> None:
        """A person merges two records: the loser names the winner."""
        kept = self._record(kind, winner)
        delete(self.org, self._record(kind, loser), master=kept.id)
        self.org.touch(kept)

    def hide(self, kind: str, *names: str) -> None:
        """Field-level security takes fields away from the API's user."""
        self.org.objects[kind].hidden.update(names)

    def lock(self, identity: str, times: int = 1) -> None:
        """So often the record, and those that point to it, cannot be written."""
        self.org.locks[identity] = times

    def _record(self, kind: str, identity: str) -> Stored:
        found = self.org.find(kind, identity)
        if found is None:
            raise KeyError(identity)
        return found

    # --- dispatch ---

    def _dispatch(self, request: SandboxRequest) -> Reply:
        if not self.sign_ins.holds(request.headers.get("authorization", "").removeprefix("Bearer ")):
            raise Refusal(401, Fault("INVALID_SESSION_ID", "Session expired or invalid"))
        if self._spent():
            raise Refusal(403, Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        self._used.append(self.clock.now())
        if len(request.path) + sum(len(quote(value)) + len(name) for name, value in request.query) > URI_MAX:
            raise Refusal(414, Fault("URI_TOO_LONG", "The request URI is too long"))
        found = _DATA.fullmatch(request.path)
        if found is None or found.group(1) not in VERSIONS:
            code = "UNSUPPORTED_API_VERSION" if found else "NOT_FOUND"
            raise Refusal(410 if found else 404, Fault(code, "The requested resource does not exist"))
        base, rest = f"/services/data/v{found.group(1)}", (found.group(2) or "").strip("/")
        for method, pattern, endpoint in self._routes:
            parts = pattern.fullmatch(rest)
            if method == request.method and parts is not None:
                query = dict(request.query)
                return endpoint(Call(self.org, base, parts.groupdict(), query, request.headers, request.body))
        raise not_found()

    def _limits(self, _: Call) -> Reply:
        return Reply(200, reading.limits(len(self._used), self.daily_requests or 0))

    def _table(self) -> tuple[tuple[str, re.Pattern[str], Endpoint], ...]:
        routes: tuple[tuple[str, str, Endpoint], ...] = (
            ("GET", "sobjects", reading.objects),
            ("GET", "limits", self._limits),
            ("GET", "sobjects/{kind}", reading.describe_shortly),
            ("GET", "sobjects/{kind}/describe", reading.describe),
            ("GET", "sobjects/{kind}/deleted", self.replication.deleted),
            ("GET", "sobjects/{kind}/updated", self.replication.updated),
            ("POST", "sobjects/FieldPermissions", metadata.show_field),
            ("POST", "sobjects/{kind}", records.create_record),
            ("GET", "sobjects/{kind}/{id}", records.read_record),
            ("PATCH", "sobjects/{kind}/{id}", records.update_record),
            ("DELETE", "sobjects/{kind}/{id}", records.delete_record),
            ("GET", "sobjects/{kind}/{field}/{value}", records.read_by_key),
            ("PATCH", "sobjects/{kind}/{field}/{value}", records.upsert_record),
            ("POST", "composite/sobjects", records.create_collection),
            ("PATCH", "composite/sobjects", records.update_collection),
            ("DELETE", "composite/sobjects", records.delete_collection),
            ("PATCH", "composite/sobjects/{kind}/{field}", records.upsert_collection),
            ("POST", "composite/sobjects/{kind}", records.retrieve_collection),
            ("GET", "composite/sobjects/{kind}", records.retrieve_collection),
            ("POST", "tooling/sobjects/CustomField", metadata.create_field),
            ("GET", "tooling/query", metadata.query),
            ("POST", "jobs/query", self.jobs.create),
            ("GET", "jobs/query/{job}", self.jobs.look),
            ("PATCH", "jobs/query/{job}", self.jobs.abort),
            ("DELETE", "jobs/query/{job}", self.jobs.remove),
            ("GET", "jobs/query/{job}/results", self.jobs.results),
        )
        compiled = [(method, re.compile(_NAME.sub(r"(?P<\1>[^/]+)", path)), end) for method, path, end in routes]
        compiled.append(("GET", re.compile(r"(?P<all>query|queryAll)", re.IGNORECASE), self.cursors.query))
        more = re.compile(r"(?:query|queryAll)/(?P<locator>[^/]+)", re.IGNORECASE)
        return (*compiled, ("GET", more, self.cursors.more))

    # --- the daily limit ---

    def _spent(self) -> bool:
        day_ago = self.clock.now() - timedelta(days=1)
        while self._used and self._used[0] <= day_ago:
            self._used.popleft()
        return self.daily_requests is not None and len(self._used) >= self.daily_requests

    def _usage(self) -> dict[str, str]:
        if self.daily_requests is None:
            return {}
        return {"sforce-limit-info": f"api-usage={len(self._used)}/{self.daily_requests}"}


def _answer(reply: Reply, headers: Mapping[str, str]) -> SandboxAnswer:
    every = {**headers, **reply.headers}
    if isinstance(reply.body, bytes):
        return SandboxAnswer(reply.status, reply.body, every)
    if reply.body is None:
        return SandboxAnswer(reply.status, b"", every)
    return json_answer(reply.status, reply.body, {**every, "content-type": "application/json;charset=UTF-8"})
