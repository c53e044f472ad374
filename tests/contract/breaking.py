"""Real connectors with exactly one thing broken: what the contract suite must catch. No network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncctl.clock import Clock
from syncctl.connectors.base import Access, Company, Connector
from syncctl.contract.stand import Wire
from syncctl.contract.subject import WRONG_TOKEN
from syncctl.errors import AuthenticationFailed, LimitReached
from syncctl.model import Change, Outcome, Page, Record, Ref, Request, Window, WriteReceipt

Pages = Iterator[Page]


class Whole:
    """A connector that passes everything on; those below pass one thing on wrongly."""

    def __init__(self, access: Access, make: Callable[[Access], Connector]) -> None:
        self.access = self.given(access)
        self.inner = make(self.access)
        self.name, self.card = self.inner.name, self.inner.card

    def given(self, access: Access) -> Access:
        return access

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @property
    def wire(self) -> Wire:
        assert isinstance(self.access.transport, Wire)
        return self.access.transport


class Noted(Whole):
    """Passes everything on and notes in `asked` which methods were asked for."""

    def __init__(self, access: Access, make: Callable[[Access], Connector], asked: set[str]) -> None:
        self.asked = asked
        super().__init__(access, make)

    def __getattr__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getattr__(name)


class OpensAnotherCompany(Whole):
    def company(self) -> Company:
        return replace(self.inner.company(), id=f"{self.inner.company().id}0")


class BelievesTheConfiguration(Whole):
    def company(self) -> Company:
        return replace(self.inner.company(), id=self.access.company)


class DropsTheLastPage(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        pages = list(self.inner.pull(kind, windows))
        if windows is None and len(pages) > 1:  # the records of the last page that has any
            last = max((place for place, page in enumerate(pages) if page.records), default=0)
            pages[last] = replace(pages[last], records=())
        return iter(pages)


class NeverSaysItIsComplete(Whole):
    """Of a long list; a short one it knows to be complete."""

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        pages = list(self.inner.pull(kind, windows))
        long = windows is None and len(pages) > 2
        return (replace(page, complete=page.complete and not long) for page in pages)


class SkipsWhereRecordsWereDeleted(Whole):
    """Counts its pages by offset: what was deleted moves as many records out of its sight."""

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        before = self.held(kind)
        for page in self.inner.pull(kind, windows):
            lost = len(before - self.held(kind))
            before = self.held(kind)
            yield replace(page, records=page.records[lost:])

    def held(self, kind: str) -> set[str]:
        return set(self.wire.sandbox.vendor.state()[kind])


class ForgetsTheCursor(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        pages = list(self.inner.pull(kind, windows))
        return (replace(page, windows=page.windows if page is pages[-1] else ()) for page in pages)


class GoesOnAPageTooFar(Whole):
    """Its cursor stands behind the page after the one it was given with."""

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        pages = list(self.inner.pull(kind, windows))
        return (
            replace(page, windows=after.windows) for page, after in zip(pages, [*pages[1:], pages[-1]], strict=True)
        )


class MissesChanges(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        known: set[str] = self.__dict__.setdefault("known", set())
        for page in self.inner.pull(kind, windows):
            fresh = tuple(one for one in page.records if windows is None or one.ref.id not in known)
            known |= {record.ref.id for record in page.records}
            yield replace(page, records=fresh)


class HidesDeletions(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        return (replace(page, deleted=()) for page in self.inner.pull(kind, windows))


class RemembersWhatItRead(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        read: dict[Ref, Record] = self.__dict__.setdefault("read", {})
        for page in self.inner.pull(kind, windows):
            yield replace(page, records=tuple(read.setdefault(record.ref, record) for record in page.records))


class TellsNoTimes(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        for page in self.inner.pull(kind, windows):
            yield replace(page, records=tuple(replace(one, version="", updated_at="") for one in page.records))


class SwallowsPoison(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        return (replace(page, poison=()) for page in self.inner.pull(kind, windows))


class GivesNoReason(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        for page in self.inner.pull(kind, windows):
            yield replace(page, poison=tuple(replace(one, reason="") for one in page.poison))


class PromisesAKindItHasNot(Whole):
    def __init__(self, access: Access, make: Callable[[Access], Connector]) -> None:
        super().__init__(access, make)
        self.card = replace(self.card, kinds=(*self.card.kinds, "dream"))


class MixesUpKinds(Whole):
    """A list that it shows for every small kind."""

    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        return self.inner.pull("owner" if kind == "pipeline" else kind, windows)


class FindsOneOfMany(Whole):
    def find(self, kind: str, field: str, values: Sequence[str]) -> tuple[Record, ...]:
        return self.inner.find(kind, field, values)[:1]


class NeverPreparesTheSameTwice(Whole):
    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        self.prepared: int = self.__dict__.get("prepared", 0) + 1
        return self.inner.prepare(changes, current, f"{key}-{self.prepared}", rows)


class AsksWhilePreparing(Whole):
    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        if self.access.token() != WRONG_TOKEN:
            self.wire.cut, cut = None, self.wire.cut
            self.inner.company()
            self.wire.cut = cut
        return self.inner.prepare(changes, current, key, rows)


class RaisesAnything(Whole):
    def company(self) -> Company:
        try:
            return self.inner.company()
        except LimitReached as error:
            raise RuntimeError(error.message) from error


class Impatient:
    """A clock that does not wait when it takes long."""

    def __init__(self, inner: Clock) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def sleep(self, seconds: float) -> None:
        if seconds < 1:
            self.inner.sleep(seconds)


class DoesNotWait(Whole):
    def given(self, access: Access) -> Access:
        return replace(access, clock=Impatient(access.clock))


class FasterThanItsCard(Whole):
    def __init__(self, access: Access, make: Callable[[Access], Connector]) -> None:
        super().__init__(access, make)
        self.card = replace(self.card, limits=replace(self.card.limits, per_second=self.card.limits.per_second / 4))


class ShowsTheCredential(Whole):
    def pull(self, kind: str, windows: Sequence[Window] | None) -> Pages:
        try:
            yield from self.inner.pull(kind, windows)
        except AuthenticationFailed as error:
            raise AuthenticationFailed(f"{error} with {self.access.token()}", error.exchange) from error


class LosesAField(Whole):
    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        lost = ("phone", "properties.phone", "PaymentRefNum")
        kept = [replace(one, edits=tuple(edit for edit in one.edits if edit.path not in lost)) for one in changes]
        return self.inner.prepare(kept, current, key, rows)


class RetriesAWrite(Whole):
    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        receipts = self.inner.send(request)
        return self.inner.send(request) if receipts[0].outcome is Outcome.UNKNOWN else receipts


class CallsTheUnknownRefused(Whole):
    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        wrong = {Outcome.UNKNOWN: Outcome.REJECTED}
        return tuple(replace(one, outcome=wrong.get(one.outcome, one.outcome)) for one in self.inner.send(request))


class RefusesWithoutAWord(Whole):
    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        silent = len(request.rows) == 1 and not self.access.read_only
        return tuple(replace(one, message="") if silent else one for one in self.inner.send(request))


class NeverFindsWhatItMade(Whole):
    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        return tuple(WriteReceipt(row, Outcome.UNKNOWN) for row in request.rows)


class FindsWhatIsNotThere(Whole):
    def probe(self, request: Request, changes: Sequence[Change], since: datetime) -> tuple[WriteReceipt, ...]:
        return tuple(WriteReceipt(row, Outcome.APPLIED, changes[0].target) for row in request.rows)


class IgnoresTheVersion(Whole):
    def prepare(
        self, changes: Sequence[Change], current: Sequence[Record | None], key: str, rows: Sequence[str]
    ) -> Request:
        fresh = [held and self.inner.find(held.ref.kind, "Id", [held.ref.id])[0] for held in current]
        return self.inner.prepare(changes, fresh, key, rows)


class MixesUpRows(Whole):
    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        receipts = self.inner.send(request)
        refs = [one.ref for one in receipts if one.ref is not None][::-1]
        return tuple(replace(one, ref=refs.pop(0)) if one.ref is not None else one for one in receipts)


class GivesTheWholeBatchUp(Whole):
    def send(self, request: Request) -> tuple[WriteReceipt, ...]:
        receipts = self.inner.send(request)
        bad = next((one for one in receipts if len(receipts) > 1 and one.outcome is Outcome.REJECTED), None)
        return tuple(replace(bad, row=row) for row in request.rows) if bad is not None else receipts


class WritesThoughReadOnly(Whole):
    def given(self, access: Access) -> Access:
        return replace(access, read_only=False)


BREAKS: tuple[tuple[str, type[Whole], str], ...] = (
    ("stripe", OpensAnotherCompany, "company_is_the_credentials"),
    ("hubspot", BelievesTheConfiguration, "company_is_the_credentials"),
    ("stripe", PromisesAKindItHasNot, "every_kind_is_read"),
    ("hubspot", MixesUpKinds, "every_kind_is_read"),
    ("stripe", DropsTheLastPage, "pull_is_whole"),
    ("stripe", NeverSaysItIsComplete, "pull_is_whole"),
    ("stripe", SkipsWhereRecordsWereDeleted, "changes_while_paging_hide_nothing"),
    ("stripe", ForgetsTheCursor, "killed_pull_goes_on"),
    ("stripe", GoesOnAPageTooFar, "killed_pull_goes_on"),
    ("stripe", MissesChanges, "next_pull_brings_changes"),
    ("stripe", HidesDeletions, "next_pull_brings_changes"),
    ("stripe", RemembersWhatItRead, "twice_is_once"),
    ("hubspot", TellsNoTimes, "late_does_not_undo"),
    ("stripe", SwallowsPoison, "poison_is_set_aside"),
    ("hubspot", GivesNoReason, "poison_is_set_aside"),
    ("stripe", FindsOneOfMany, "records_are_found_by_id"),
    ("stripe", RaisesAnything, "failed_read_says_what"),
    ("stripe", DoesNotWait, "limit_is_waited_for"),
    ("stripe", FasterThanItsCard, "pace_is_kept"),
    ("stripe", ShowsTheCredential, "credential_stays_hidden"),
    ("stripe", LosesAField, "fields_come_back"),
    ("quickbooks", LosesAField, "fields_come_back"),
    ("hubspot", LosesAField, "fields_come_back"),
    ("stripe", NeverPreparesTheSameTwice, "same_change_is_same_bytes"),
    ("stripe", AsksWhilePreparing, "same_change_is_same_bytes"),
    ("stripe", RetriesAWrite, "write_is_sent_once"),
    ("stripe", CallsTheUnknownRefused, "write_is_sent_once"),
    ("stripe", RefusesWithoutAWord, "refusal_is_told"),
    ("hubspot", NeverFindsWhatItMade, "lost_create_is_one_record"),
    ("stripe", FindsWhatIsNotThere, "lost_create_is_one_record"),
    ("quickbooks", IgnoresTheVersion, "stale_update_is_refused"),
    ("hubspot", MixesUpRows, "batch_rows_are_told_apart"),
    ("hubspot", GivesTheWholeBatchUp, "batch_rows_are_told_apart"),
    ("stripe", WritesThoughReadOnly, "read_only_sends_nothing"),
)
"""The connector, what is broken in it, and the one promise that must notice."""


def touched(how: type[Whole], asked: frozenset[str]) -> bool:
    """True when somebody who asks a connector for these methods alone can meet what is broken in it."""
    return not asked.isdisjoint(vars(how)) or not {"given", "__init__"}.isdisjoint(vars(how))
