"""What a person left out of a plan stays an open finding, with who left it and why. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from syncctl.model import Change, Finding, Plan, Ref
from syncctl.project import Project
from syncctl.run.planning import open_findings


def note_left(project: Project, made: Plan, left: Mapping[str, str]) -> None:
    """Writes the reason beside the findings that the rows would have settled. Their age stays; the next plan proposes
    them again until somebody accepts them."""
    rows = [change for change in made.changes if change.intent in left]
    if not rows:
        return
    findings = open_findings(project, project.projections(), frozenset())
    noted = [
        (finding.number, left[change.intent]) for finding in findings for change in rows if _settles(change, finding)
    ]
    with project.engine.write():
        for number, reason in noted:
            project.books.findings.annotate(number, reason)


def _settles(change: Change, finding: Finding) -> bool:
    """True when a finding is about the records that the change was about."""
    about: set[Ref] = {ref for ref in (finding.left, finding.right) if ref is not None}
    of_change = {ref for ref in (change.source, change.target) if ref is not None and not ref.provisional}
    return bool(about) and about <= of_change and (finding.mapping == change.mapping or len(about) > 1)
