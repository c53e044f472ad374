"""Every planted break shows in the dry run as its kind says it does, and nothing else shows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from office import Office
from syncctl.sandbox.breaks import KINDS


def test_the_dry_run_shows_every_planted_break_and_nothing_else(tmp_path: Path) -> None:
    office = Office(tmp_path, broken=True)
    report = office.reconcile(dry_run=True)
    planted = Counter(one.kind for one in office.world.breaks)
    assert set(planted) == {kind.name for kind in KINDS}
    shown = {(change.mapping, str(change.action)) for change in report.plan.changes}
    shown |= {(change.mapping, plain(edit.field)) for change in report.plan.changes for edit in change.edits}
    shown |= {(change.mapping, plain(edit.path)) for change in report.plan.changes for edit in change.edits}
    shown |= {(finding.mapping, str(finding.kind)) for finding in report.findings}
    shown |= {(finding.mapping, plain(finding.field)) for finding in report.findings}
    for kind in KINDS:
        if kind.outcome != "explained":
            assert any(show in shown for show in kind.shows), (kind.name, kind.shows)
    creates = Counter(change.mapping for change in report.plan.changes if change.action == "create")
    missing = Counter(mapping for kind in KINDS for mapping, what in kind.shows if what == "create")
    assert all(creates[mapping] >= 1 for mapping in missing)


def test_after_the_run_only_breaks_that_need_a_person_are_open(tmp_path: Path) -> None:
    office = Office(tmp_path, broken=True)
    office.reconcile()
    again = office.reconcile()
    people = {show for kind in KINDS if kind.outcome == "person" for show in kind.shows}
    open_ = {(finding.mapping, str(finding.kind)) for finding in again.findings}
    open_ |= {(finding.mapping, plain(finding.field)) for finding in again.findings}
    expected = {mapping for mapping, _ in people}
    assert {finding.mapping for finding in again.findings} <= expected
    shows = {kind.name: len(kind.shows) for kind in KINDS if kind.outcome == "person"}
    assert len(again.findings) == sum(shows.get(one.kind, 0) for one in office.world.breaks)


def plain(field: str) -> str:
    """`(Project ID)` and `Project ID`, `Line(DetailType=X).Amount` and `Line.Amount` are one field."""
    text = field.removeprefix("(").removesuffix(")") if field.startswith("(") else field
    head, _, rest = text.partition("(")
    return head + rest.rpartition(")")[2]
