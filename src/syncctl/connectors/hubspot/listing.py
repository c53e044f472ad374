"""Owners and deal pipelines: small lists, always read whole. I/O: network."""

from __future__ import annotations

from collections.abc import Iterator

from syncctl.connectors.hubspot.client import LIST_PAGE, Client
from syncctl.connectors.hubspot.rows import RowPage, split_rows, to_record
from syncctl.model import Page, Poison, Record, Window

WHOLE = "whole"
"""The one window of these kinds: there is nothing to resume."""


def pull_list(client: Client, kind: str) -> Iterator[Page]:
    """Every owner (deactivated ones too) or every pipeline, as one page. Raises VendorError."""
    records, poison = read_list(client, kind)
    yield Page(tuple(records), (), tuple(poison), (), (Window(WHOLE),), complete=True)


def read_list(client: Client, kind: str) -> tuple[list[Record], list[Poison]]:
    """All records of such a kind. Raises VendorError."""
    records: list[Record] = []
    poison: list[Poison] = []
    for page in _owner_pages(client) if kind == "owner" else _pipeline_pages(client):
        rows, worse = split_rows(client.name, kind, page.results)
        records += [to_record(client.name, kind, row) for row in rows]
        poison += worse
    return records, poison


def _owner_pages(client: Client) -> Iterator[RowPage]:
    for archived in ("false", "true"):
        after, more = "", True
        while more:
            query = [("limit", str(LIST_PAGE)), ("archived", archived)]
            page = client.get(client.at.owners, [*query, ("after", after)] if after else query)
            after, more = page.after, bool(page.after)
            yield page


def _pipeline_pages(client: Client) -> Iterator[RowPage]:
    yield client.get(client.at.deal_pipelines, ())
