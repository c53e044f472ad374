"""The promise about batches: every row has its own outcome. No network."""

from __future__ import annotations

from typing import Final

from syncctl.contract.stand import DoesNotApply, Stand, decoded, keep
from syncctl.contract.subject import Kind
from syncctl.model import Action, Change, Outcome, WriteReceipt
from syncctl.paths import parse_path, read

BAD: Final = (1, 3)
ROWS: Final = 5
"""Of which those in the places of BAD are bad."""


def batch_rows_are_told_apart(stand: Stand) -> None:
    """In a batch with bad rows each row has its own outcome and its own record."""
    kind = stand.creating()
    size = stand.connector.card.batch.get(Action.CREATE, 1)
    if size < 2:
        raise DoesNotApply("the card says that a create is sent alone")
    rows = min(ROWS, size)
    changes = [stand.create(kind, kind.refused if place in BAD else None) for place in range(rows)]
    keep(len({stand.connector.request_key(change) for change in changes}) == 1, "creates of one kind share no request")
    request = stand.request(*changes)
    receipts = stand.connector.send(request)
    keep([receipt.row for receipt in receipts] == list(request.rows), "the receipts are not the rows' own, in order")
    for place, (change, receipt) in enumerate(zip(changes, receipts, strict=True)):
        _check(stand, kind, change, receipt, bad=place in BAD)


def _check(stand: Stand, kind: Kind, change: Change, receipt: WriteReceipt, *, bad: bool) -> None:
    if bad:
        keep(receipt.outcome is Outcome.REJECTED, f"a bad row among good ones is {receipt.outcome}")
        keep(bool(receipt.message.strip()), "a bad row does not say why")
        return
    keep(receipt.outcome is Outcome.APPLIED, f"a good row among bad ones is {receipt.outcome}: {receipt.message}")
    keep(receipt.ref is not None, "a good row does not name its record")
    wanted = [edit.after for edit in change.edits if edit.path == kind.text]
    held = decoded(stand.read(kind, receipt.ref.id if receipt.ref else ""))
    found = list(read(held, parse_path(kind.text)))
    keep(found == wanted, f"a row that wrote {wanted} names a record with {found}")
