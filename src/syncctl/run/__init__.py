"""The use cases: what the command line calls. Each takes an open Project."""

from __future__ import annotations

from syncctl.run.applying import ApplyReport, Choices, apply, check
from syncctl.run.planning import DiffReport, diff, plan, statement
from syncctl.run.pull import PullReport, PullRow, pull
from syncctl.run.reconciling import ReconcileReport, reconcile
from syncctl.run.resuming import resume

__all__ = [
    "ApplyReport",
    "Choices",
    "DiffReport",
    "PullReport",
    "PullRow",
    "ReconcileReport",
    "apply",
    "check",
    "diff",
    "plan",
    "pull",
    "reconcile",
    "resume",
    "statement",
]
