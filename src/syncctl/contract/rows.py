"""Promises about single rows of a pull: twice, late, unreadable. No network; a ledger in memory."""

from __future__ import annotations

from syncctl.contract.stand import GONE, Stand, ids, keep
from syncctl.ledger.engine import open_engine
from syncctl.ledger.records import Records
from syncctl.model import Page, Record


def twice_is_once(stand: Stand) -> None:
    """A record that comes twice is one record, with the newest values."""
    first, second = _before_and_after(stand)
    kept = _stored(stand, [*first, *second, *second])
    newest = {record.ref.id: record for page in second for record in page.records}
    keep(kept.keys() == newest.keys(), f"{len(newest)} records were read twice and are now {len(kept)}")
    stale = [identity for identity, raw in kept.items() if raw != newest[identity].raw]
    keep(not stale, f"of a record that came twice the older values were kept: {stale}")


def late_does_not_undo(stand: Stand) -> None:
    """A record that arrives late does not replace a newer one."""
    first, second = _before_and_after(stand)
    kept = _stored(stand, [*second, *first])
    newest = {record.ref.id: record for page in second for record in page.records}
    undone = [identity for identity, raw in kept.items() if raw != newest[identity].raw]
    keep(not undone, f"a later state was replaced by an earlier one: {undone}")


def _before_and_after(stand: Stand) -> tuple[list[Page], list[Page]]:
    """Two full pulls with a change between them; raises Broken when the second does not show it."""
    changed, *_ = stand.make(stand.kind, 3)
    first = stand.pull(stand.kind)
    stand.change(stand.kind, changed)
    second = stand.pull(stand.kind)
    before, after = _found(first, changed), _found(second, changed)
    keep(before.raw != after.raw, "a record that was changed came as it was before")
    return first, second


def _found(pages: list[Page], identity: str) -> Record:
    found = [record for page in pages for record in page.records if record.ref.id == identity]
    keep(bool(found), f"the record {identity} did not come")
    return found[-1]


def _stored(stand: Stand, pages: list[Page]) -> dict[str, bytes]:
    """What a ledger keeps of these pages, in this order: raw by id."""
    engine = open_engine(None)
    records = Records(engine)
    try:
        for page in pages:
            records.store_page(stand.subject.name, stand.kind.name, page, stand.clock.now().isoformat())
        number = records.kind_id(stand.subject.name, stand.kind.name)
        return dict(engine.db.execute("SELECT rid, raw FROM records WHERE kind = ?", (number,)))
    finally:
        engine.close()


def poison_is_set_aside(stand: Stand) -> None:
    """A row that cannot be read is set aside with its reason, and all others come."""
    kind = stand.kind
    first, spoiled, last = stand.make(kind, 3)
    stand.wire.spoiled = {(kind.row_id, spoiled)}
    pages = stand.pull(kind)
    poison = [found for page in pages for found in page.poison]
    keep({first, last} <= ids(pages), "one row that could not be read took others with it")
    keep(bool(poison), "a row that could not be read is neither a record nor set aside")
    keep(spoiled not in ids(pages), "a row that could not be read came as a record")
    for found in poison:
        keep(bool(found.reason.strip()), "a row was set aside without a reason")
        keep(spoiled.encode() in found.raw, "a row was set aside without its own bytes")
        keep(found.kind == kind.name, f"a row of {kind.name} was set aside as one of {found.kind}")
    stand.wire.spoiled = set()
    keep(spoiled in ids(stand.pull(kind)), "the row can be read again and does not come")


def records_are_found_by_id(stand: Stand) -> None:
    """Records are found by id, each once; one that is gone is absent or says that it is."""
    kind = stand.kind
    first, second, third = stand.make(kind, 3)
    identity = stand.schemas[kind.name].identity
    found = stand.connector.find(kind.name, identity, [first, second, first])
    listed = sorted(record.ref.id for record in found)
    keep(
        listed == sorted((first, second)), f"asked for {first} and {second}, it found {', '.join(listed) or 'nothing'}"
    )
    if kind.deletable:
        stand.pretend.delete(kind.name, third)
        gone = stand.read(kind, third)
        keep(gone is None or stand.state(kind, gone) in GONE, "a deleted record is found as if it were there")
