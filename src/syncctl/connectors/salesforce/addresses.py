"""The address of every endpoint, for one API version. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from syncctl.connectors.steps import step

ASKS: Final = ("*/jobs/query", "*/composite/sobjects/*")
"""POSTs that only ask: a bulk query job, and several records by id."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Paths below `/services/data/vXX.0`."""

    version: str

    @property
    def base(self) -> str:
        return f"/services/data/v{self.version}"

    @property
    def objects(self) -> str:
        """Every object the user may see."""
        return f"{self.base}/sobjects"

    def describe(self, kind: str) -> str:
        return f"{self.objects}/{kind}/describe"

    def record(self, kind: str, identity: str) -> str:
        return f"{self.objects}/{kind}/{step(identity)}"

    def upsert(self, kind: str, field: str, value: str) -> str:
        """The record whose External ID field has this value."""
        return f"{self.objects}/{kind}/{field}/{step(value)}"

    def query(self, *, deleted: bool) -> str:
        """`queryAll` shows what is in the recycle bin, too."""
        return f"{self.base}/{'queryAll' if deleted else 'query'}"

    def collection(self, *rest: str) -> str:
        """`/composite/sobjects`, or `/composite/sobjects/Account/ExternalId__c`."""
        return "/".join((self.base, "composite", "sobjects", *rest))

    def deletions(self, kind: str) -> str:
        return f"{self.objects}/{kind}/deleted"

    def jobs(self, *rest: str) -> str:
        """Bulk query jobs."""
        return "/".join((self.base, "jobs", "query", *rest))

    @property
    def custom_fields(self) -> str:
        """Where custom fields are made."""
        return f"{self.base}/tooling/sobjects/CustomField"

    @property
    def tooling_query(self) -> str:
        return f"{self.base}/tooling/query"
