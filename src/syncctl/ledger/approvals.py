"""What people said about plans, kept in the audit chain: nobody can change it unseen. I/O: SQL."""

from __future__ import annotations

import json
from typing import Any, Final

from syncctl.ledger.engine import Engine
from syncctl.model import Person, Plan
from syncctl.safeguards import Approval

EVENT: Final = "plan.approved"


def approval_body(plan: Plan, approval: Approval) -> dict[str, Any]:
    """The event of an approval; it belongs to the plan's digest."""
    return {
        "plan": plan.id,
        "digest": plan.digest,
        "by": approval.by.name,
        "uid": approval.by.uid,
        "left": list(approval.left),
        "note": approval.note,
    }


def approval_of(engine: Engine, plan: Plan) -> Approval | None:
    """The newest approval of exactly this plan; None while nobody gave one."""
    row = engine.db.execute(
        "SELECT at, body FROM audit WHERE event = ? AND json_extract(body, '$.plan') = ?"
        " AND json_extract(body, '$.digest') = ? ORDER BY id DESC LIMIT 1",
        (EVENT, plan.id, plan.digest),
    ).fetchone()
    if row is None:
        return None
    said = json.loads(row[1])
    return Approval(Person(said["uid"], said["by"]), str(row[0]), tuple(said["left"]), said["note"])
