"""Endpoints that read: versions, descriptions, queries with their cursors, deletions and changes, limits. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from syncctl.sandbox.salesforce.calls import Call, Reply
from syncctl.sandbox.salesforce.fields import FieldDef, ObjectDef
from syncctl.sandbox.salesforce.org import Stored, stamp
from syncctl.sandbox.salesforce.refusals import Fault, Refusal, not_found
from syncctl.sandbox.salesforce.select import choose, show
from syncctl.sandbox.salesforce.soql import parse

VERSIONS: Final = tuple(f"{number}.0" for number in range(41, 69))
"""Supported in Winter '27 (the vendor's page on API end of life)."""
PAGE_ROWS_MAX: Final = 2_000
CURSOR_LIFE: Final = timedelta(hours=48)
DELETED_DAYS: Final = 15
UPDATED_DAYS: Final = 30


def versions() -> list[dict[str, str]]:
    return [{"label": f"Release {one}", "url": f"/services/data/v{one}", "version": one} for one in VERSIONS]


def objects(call: Call) -> Reply:
    shown = [one.head(call.base) for one in call.org.objects.values() if one.visible]
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})


def describe(call: Call) -> Reply:
    about = call.about()
    return Reply(200, about.describe(call.base, call.org.children(about.name)))


def describe_shortly(call: Call) -> Reply:
    return Reply(200, {"objectDescribe": call.about().head(call.base), "recentItems": []})


# --- queries --------------------------------------------------------------------------------------------------------


@dataclass
class Cursor:
    """A query under way."""

    about: ObjectDef
    fields: list[FieldDef]
    rows: list[Stored]
    made: datetime


@dataclass
class Cursors:
    """Queries under way. `page_rows` makes pages shorter than what was asked for, as the vendor may."""

    page_rows: int = PAGE_ROWS_MAX
    held: dict[str, Cursor] = field(default_factory=dict)

    def query(self, call: Call) -> Reply:
        """`/query` and `/queryAll`."""
        if "q" not in call.query:
            raise Refusal(400, Fault("MALFORMED_QUERY", "the parameter q is missing"))
        query = parse(call.query["q"])
        deleted = call.parts.get("all", "").lower() == "queryall"
        about, fields, rows = choose(call.org, query, deleted=deleted)
        if not fields:
            return Reply(200, {"totalSize": len(rows), "done": True, "records": []})
        name = f"01g5e{len(self.held):08d}AAA"
        self.held[name] = Cursor(about, fields, rows, call.org.now())
        return self._page(call, name, 0)

    def more(self, call: Call) -> Reply:
        """A later page: `/query/01g…-2000`."""
        name, _, place = call.parts["locator"].partition("-")
        cursor = self.held.get(name)
        if cursor is None or not place.isdigit() or cursor.made + CURSOR_LIFE < call.org.now():
            raise Refusal(400, Fault("INVALID_QUERY_LOCATOR", "invalid query locator"))
        return self._page(call, name, int(place))

    def forget(self) -> None:
        """The vendor drops every cursor."""
        self.held.clear()

    def _page(self, call: Call, name: str, start: int) -> Reply:
        cursor = self.held[name]
        end = start + min(self._asked(call), self.page_rows)
        shown = [show(call.org, cursor.about, one, cursor.fields, call.base) for one in cursor.rows[start:end]]
        body: dict[str, Any] = {"totalSize": len(cursor.rows), "done": end >= len(cursor.rows)}
        if not body["done"]:
            body["nextRecordsUrl"] = f"{call.base}/query/{name}-{end}"
        return Reply(200, {**body, "records": shown})

    def _asked(self, call: Call) -> int:
        """The header `Sforce-Query-Options: batchSize=500`, between 200 and 2,000."""
        text = call.headers.get("sforce-query-options", "").replace(" ", "").lower()
        number = text.removeprefix("batchsize=")
        return min(max(int(number), 200), PAGE_ROWS_MAX) if number.isdigit() else PAGE_ROWS_MAX


# --- replication ----------------------------------------------------------------------------------------------------


@dataclass
class Replication:
    """Lists of ids that were deleted or changed. `ids_max` is the vendor's 600,000; `since` is where the log begins."""

    ids_max: int = 600_000
    since: datetime | None = None
    lag: timedelta = timedelta(0)

    def deleted(self, call: Call) -> Reply:
        about, start, end = self._window(call, DELETED_DAYS)
        records = [
            one
            for one in call.org.records[about.name].values()
            if one.deleted is not None and start <= one.deleted <= end
        ]
        self._few(len(records))
        listed = [{"id": one.id, "deletedDate": stamp(one.deleted or end)} for one in records]
        earliest = self.since or call.org.now() - timedelta(days=DELETED_DAYS)
        body = {"deletedRecords": listed, "earliestDateAvailable": stamp(earliest)}
        return Reply(200, {**body, "latestDateCovered": stamp(min(end, call.org.now() - self.lag))})

    def updated(self, call: Call) -> Reply:
        about, start, end = self._window(call, UPDATED_DAYS)
        ids = [one.id for one in call.org.live(about.name) if start <= one.stamped <= end]
        self._few(len(ids))
        return Reply(200, {"ids": ids, "latestDateCovered": stamp(min(end, call.org.now() - self.lag))})

    def _few(self, count: int) -> None:
        if count > self.ids_max:
            raise Refusal(400, Fault("EXCEEDED_ID_LIMIT", f"more than {self.ids_max} ids"))

    def _window(self, call: Call, days: int) -> tuple[ObjectDef, datetime, datetime]:
        about = call.about()
        if not about.replicable:
            raise not_found()
        try:
            start, end = (datetime.fromisoformat(call.query[name]).astimezone(UTC) for name in ("start", "end"))
        except (KeyError, ValueError) as error:
            raise Refusal(400, Fault("INVALID_REPLICATION_DATE", "start and end are needed")) from error
        if end - start < timedelta(minutes=1):
            raise Refusal(400, Fault("INVALID_REPLICATION_DATE", "endDate must be at least one minute after startDate"))
        if start < call.org.now() - timedelta(days=days):
            message = f"startDate cannot be more than {days} days ago"
            raise Refusal(400, Fault("INVALID_REPLICATION_DATE", message))
        return about, start, end


def limits(used: int, allowed: int) -> dict[str, Any]:
    return {"DailyApiRequests": {"Max": allowed, "Remaining": max(allowed - used, 0)}}
