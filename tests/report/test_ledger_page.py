"""What `ledger verify`, `backup`, `restore` and `purge` show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from paper import shown

from syncctl.ledger.audit import Head
from syncctl.ledger.chain import Broken
from syncctl.ledger.heads import KeptHead
from syncctl.ledger.purging import Purged
from syncctl.ledger.restoring import Loss
from syncctl.ledger.verifying import Verified
from syncctl.model import Ref
from syncctl.report.ledger import backup_report, restored_report, verified_report
from syncctl.report.purged import purged_report
from syncctl.run.purging import Purge
from syncctl.run.restoring import Restored, loss_words

AT = "2026-10-31T03:00:00+00:00"
HEAD = Head(1_204, "0123456789abcdef" * 4)
KEPT = KeptHead("2026-11-20T03:12:00+00:00", "4f1b2c3d5e6f", HEAD, "c4336f47485d36bd")
HEADS = Path("/mnt/other/ledger.heads")
SOUND = Verified(HEAD, KEPT, 8_112, ())
ALTERED = Verified(
    Head(1_202, "fedcba9876543210" * 4),
    KEPT,
    8_112,
    (
        Broken("chain", "its time, run, kind or text was changed after it was written", number=311, at=AT,
               event="match.confirm"),
        Broken("heads", "the end was cut off: run 4f1b2c3d5e6f ended with event 1204, the last one here is 1202",
               number=1203, at=KEPT.at),
        Broken("rows", "decisions [\"customers\"]: it is not as this event left it", number=311, at=AT,
               event="match.confirm"),
        Broken("rows", "runs night-\u202e7: no event tells of it, so it was added by hand"),
        Broken("links", "3 rows of records name a row of kinds that is not there"),
    ),
)  # fmt: skip
LOSS = Loss(41, ("night-7", "night-8"), 12)
RESTORED = Restored("back", "c4336f47485d36bd.a1b2c3d4", HEAD, LOSS, Path("ledger.db.replaced-20261120T030000Z-back"))
PURGE_TOLD = "hubspot:contact:501, event 1,190, by ana: 8 events hold no texts any more"
CONTACT = Ref("hubspot", "contact", "501")
COUNTS = {"states": 5, "pairs": 1, "findings": 4, "alerts": 0, "operations": 5, "requests": 4, "plans": 4, "events": 8}
PURGED = Purge(
    CONTACT,
    Purged(COUNTS),
    stays=False,
    others=(Ref("quickbooks", "Invoice", "3"), Ref("stripe", "customer", "cus_1")),
    files=(Path("reports/night.csv"), Path("friday.plan")),
    left=False,
)
PAGES = {
    "sound": verified_report(SOUND, HEADS),
    "sound_after_a_purge": verified_report(replace(SOUND, purges=(PURGE_TOLD,)), HEADS),
    "no_heads": verified_report(Verified(HEAD, None, 8_112, ()), HEADS),
    "altered": verified_report(ALTERED, HEADS),
    "backup": backup_report(Path("/mnt/other/ledger-2026-10.db"), HEAD),
    "purged": purged_report(PURGED),
    "past_purged": purged_report(replace(PURGED, purged=Purged({"states": 2}), stays=True, others=(), files=())),
    "nothing_left": purged_report(replace(PURGED, purged=Purged({}), others=(), files=(), left=True)),
    "restored": restored_report(RESTORED, loss_words(LOSS)),
}


@pytest.mark.parametrize("width", [80, 160])
def test_the_pages_about_the_ledger_as_they_are_seen(golden: Callable[[str, str], None], width: int) -> None:
    golden(f"ledger_{width}", "\n\n".join(f"--- {name}\n{shown(page, width)}" for name, page in PAGES.items()))


SEVEN = "the runs n0, n1, n2, n3, n4 and 2 more"
WRITTEN = "1,200 requests that wrote to vendors, and what they wrote stays there"


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Loss(), "nothing is lost"),
        (Loss(1, ("night-7",), 0), "1 event of run night-7 is not in it; none of them wrote to a vendor"),
        (Loss(9, (), None), "9 events are not in it; what they wrote is only at the vendors"),
        (Loss(known=False), "nobody can tell what came after this backup: there is no ledger and no head of it"),
        (
            Loss(70, tuple(f"n{number}" for number in range(7)), 1_200),
            f"70 events of {SEVEN} are not in it; among them {WRITTEN}",
        ),
    ],
)
def test_what_is_lost_is_said_in_words(loss: Loss, words: str) -> None:
    assert loss_words(loss) == words
