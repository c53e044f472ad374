"""The use case approve: a second person's word on a plan, whole or without some of its rows. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from syncctl.errors import GuardTripped, StalePlanError, UsageError
from syncctl.ledger.approvals import EVENT, approval_body
from syncctl.model import Plan
from syncctl.planfile import check_fresh
from syncctl.project import Project
from syncctl.run.applying import situation
from syncctl.run.heads import keep
from syncctl.safeguards import Approval, approval_trip, left_words, selection


def check_approvable(project: Project, made: Plan) -> None:
    """Raises StalePlanError for a plan that could not be sent any more, so that nobody reads it for nothing."""
    used_by = project.journal.plans.used_by(made.id)
    if used_by:
        raise StalePlanError(f"the plan {made.id} was used by run {used_by}", fix=f"syncctl runs show {used_by}")
    check_fresh(made, situation(project))


def approve(project: Project, made: Plan, leave: Iterable[str] = (), note: str = "") -> Approval:
    """Approves a plan as the user that this process belongs to, but for the intents in `leave`. The newest approval of
    a plan holds. It needs no lock: it changes nothing that a run rests on, and a second user cannot have the owner's.

    Raises StalePlanError, UsageError, GuardTripped where it would be the approval of whoever made the plan.
    """
    check_approvable(project, made)
    left = tuple(dict.fromkeys(leave))
    if left and not note.strip():
        raise UsageError("rows that are left need a note", fix='say why: --note "waiting for the customer"')
    approval = Approval(project.operator(), project.at(), left, note.strip())
    kept = selection(made, dict.fromkeys(left, left_words(approval.by, approval.note))).of(made)
    trip = approval_trip(kept, approval, project.settings.safeguards)
    if trip is not None:
        raise GuardTripped(str(trip), guard="", fix=trip.fix)
    project.journal.runs.note("", EVENT, approval_body(made, approval))
    keep(project, "approve")
    return approval
