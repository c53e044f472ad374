"""The use cases: what the command line calls. Each takes an open Project."""

from __future__ import annotations

from syncctl.run.applying import ApplyReport, apply
from syncctl.run.approving import approve
from syncctl.run.fetching import PullRow
from syncctl.run.guarding import Choices, check
from syncctl.run.planning import DiffReport, diff, plan, statement
from syncctl.run.pull import PullReport, pull
from syncctl.run.reconciling import ReconcileReport, reconcile
from syncctl.run.resuming import resume
from syncctl.run.undoing import undo

__all__ = [
    "ApplyReport",
    "Choices",
    "DiffReport",
    "PullReport",
    "PullRow",
    "ReconcileReport",
    "apply",
    "approve",
    "check",
    "diff",
    "plan",
    "pull",
    "reconcile",
    "resume",
    "statement",
    "undo",
]
