"""Promises about pulls as a whole: nothing is missed, whatever happens meanwhile. No network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from syncctl.contract.stand import GONE, Stand, ids, keep, some
from syncctl.contract.subject import Kind
from syncctl.model import Page, Window

FEW: Final = 5
TWO_HOURS: Final = 7_200.0
"""Longer than a search index or a change feed is known to lag."""


def pull_is_whole(stand: Stand) -> None:
    """A full pull brings every record and says at its end that it is complete."""
    kind = stand.kind
    made = set(stand.make(kind, kind.many))
    pages = stand.pull(kind)
    missing = made - ids(pages)
    keep(not missing, f"{len(missing)} of {len(made)} records did not come: {some(missing)}")
    keep(len(pages) > 2, f"{len(made)} records came in {len(pages)} pages: the subject's `many` is too small")
    keep(pages[-1].complete, "the last page does not say that the pull was complete")


def every_kind_is_read(stand: Stand) -> None:
    """Every kind on the card has a schema and can be pulled to its end."""
    for name in stand.connector.card.kinds:
        schema = stand.schemas.get(name)
        keep(schema is not None and bool(schema.fields), f"{name} is on the card and has no schema")
        pages = list(stand.connector.pull(name, None))
        keep(bool(pages) and pages[-1].complete, f"a full pull of {name} never says that it is complete")
        foreign = {record.ref.kind for page in pages for record in page.records} - {name}
        keep(not foreign, f"a pull of {name} brings records of {some(foreign)}")


def changes_while_paging_hide_nothing(stand: Stand) -> None:
    """Records that come and go while pages are read hide no other record."""
    kind = stand.kind
    stand.make(kind, kind.many)
    before = ids(stand.pull(kind))
    pulling = stand.connector.pull(kind.name, None)
    pages = [next(pulling)]
    deleted = _deleted_around(stand, kind, pages[0], before) if kind.deletable else set()
    stand.make(kind, FEW)
    for page in pulling:
        pages.append(page)
        if len(pages) < FEW:  # nobody works so fast that something happens between any two pages
            stand.clock.advance(1)
            stand.make(kind, 1)
    missing = before - deleted - ids(pages)
    keep(not missing, f"{len(missing)} records were there all the time and did not come: {some(missing)}")


def _deleted_around(stand: Stand, kind: Kind, page: Page, before: set[str]) -> set[str]:
    """Deletes some records that were read and one that was not yet."""
    listed = ids([page])
    gone = {*sorted(listed)[-FEW:], *sorted(before - listed)[-1:]}
    for identity in gone:
        stand.pretend.delete(kind.name, identity)
    return gone


def killed_pull_goes_on(stand: Stand) -> None:
    """A pull that is killed after any page goes on behind it and misses nothing."""
    kind = stand.kind
    stand.make(kind, kind.many)
    whole = stand.pull(kind)
    _killed_anywhere(stand, kind, None, whole)
    stand.clock.advance(TWO_HOURS)
    stand.make(kind, kind.many)
    stand.clock.advance(TWO_HOURS)
    since = whole[-1].windows
    _killed_anywhere(stand, kind, since, stand.pull(kind, since))


def _killed_anywhere(stand: Stand, kind: Kind, windows: Sequence[Window] | None, whole: list[Page]) -> None:
    """Kills the same pull after each of its pages and goes on with a new connector."""
    what = "a full pull" if windows is None else "the next pull"
    for cut in range(1, len(whole)):
        begun = list(islice(stand.connect().pull(kind.name, windows), cut))
        rest = list(stand.connect().pull(kind.name, begun[-1].windows))
        missing = ids(whole) - ids([*begun, *rest])
        keep(not missing, f"{what} killed after page {cut} misses {len(missing)} records: {some(missing)}")
        done = ids(whole[:cut]) - ids(whole[cut:])
        keep(not done or not done <= ids(rest), f"{what} killed after page {cut} begins again instead of going on")
        complete = rest[-1].complete or not whole[-1].complete
        keep(complete, f"{what} killed after page {cut} never says that it was complete")


def next_pull_brings_changes(stand: Stand) -> None:
    """The next pull brings what was added, changed and deleted since the last one."""
    kind = stand.kind
    changed, deleted, *_ = stand.make(kind, FEW)
    windows = stand.pull(kind)[-1].windows
    stand.clock.advance(TWO_HOURS)
    [added] = stand.make(kind, 1)
    stand.change(kind, changed)
    if kind.deletable:
        stand.pretend.delete(kind.name, deleted)
    stand.clock.advance(TWO_HOURS)
    pages = stand.pull(kind, windows)
    dirty = {ref.id for page in pages for ref in page.dirty if ref.kind == kind.name}
    for what, identity in (("added", added), ("changed", changed)):
        keep(identity in ids(pages) | dirty, f"the record that was {what} since did not come")
    if kind.deletable:
        keep(_told_gone(stand, kind, pages, deleted), "nothing tells of the record that was deleted since")


def _told_gone(stand: Stand, kind: Kind, pages: list[Page], identity: str) -> bool:
    """Named as deleted, there in a state that says so, or missing in a pull that was complete."""
    named = {ref.id for page in pages for ref in (*page.deleted, *page.dirty)}
    if identity in named:
        return True
    found = [record for page in pages for record in page.records if record.ref.id == identity]
    if not found:
        return pages[-1].complete
    return stand.state(kind, found[-1]) in GONE
