"""Every record of a list, page by page, for those who look something up. I/O: network, through the client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncctl.connectors.xero.client import Client, Query
from syncctl.connectors.xero.kinds import KINDS
from syncctl.connectors.xero.rows import read_rows
from syncctl.model import Record


def every_record(
    client: Client, system: str, kind: str, *, since: datetime | None = None, query: Query = ()
) -> Iterator[Record]:
    """Every record that the query shows; a contact that was merged away is absent. Raises VendorError."""
    page = 1
    while True:
        listed = client.page(kind, page, since=since, more=query)
        for head, row in read_rows(system, kind, listed.rows):
            if isinstance(row, Record) and head is not None and not head.merged_into:
                yield row
        page += 1
        if not KINDS[kind].paged or len(listed.rows) < client.options.page_rows:
            return
