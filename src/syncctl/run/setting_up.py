"""The use case setup: what a vendor needs once before records can be created there safely. I/O: vendor, ledger.

The requests come from the connector, which reads what is there first; making the same thing twice is refused by the
vendor, so an unknown outcome is looked up by asking again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from syncctl.errors import GuardTripped, ReadOnly, no_such
from syncctl.ledger.requests import told
from syncctl.model import Outcome, Request, WriteReceipt
from syncctl.project import Project
from syncctl.run.heads import alone
from syncctl.run.pausing import pause_trip
from syncctl.run.pull import check_company
from syncctl.run.running import PAUSED

DONE: Final = frozenset({Outcome.APPLIED, Outcome.DUPLICATE})


def missing_setup(project: Project, system: str) -> tuple[Request, ...]:
    """The requests that would make what is missing; empty when nothing is, or when the vendor needs nothing.

    Raises UsageError, VendorError, GuardTripped.
    """
    if system not in project.settings.systems:
        raise no_such("system", system, project.settings.systems)
    connector: Any = project.connector(system)
    check_company(project, system)
    ask = getattr(connector, "setup", None)
    return tuple(ask()) if ask is not None else ()


def make_setup(project: Project, system: str, requests: Sequence[Request]) -> tuple[tuple[Request, WriteReceipt], ...]:
    """Sends each request once, written down before and after. Raises LockedError, ReadOnly, GuardTripped."""
    if requests and project.settings.systems[system].read_only:
        raise ReadOnly(system, f"{requests[0].method} {requests[0].path}")
    run = project.new_id()
    runs = project.journal.runs
    with alone(project, run):
        runs.start(run, f"setup {system}")
        made: list[tuple[Request, WriteReceipt]] = []
        for request in requests:
            if (pause := pause_trip(project)) is not None:
                runs.finish(run, PAUSED, GuardTripped.exit_code, {"requests": len(made)})
                raise pause.error()
            runs.note(run, "setup.sending", told(request, project.redact))
            receipts = project.connector(system).send(request)
            answer = project.answered(system)
            outcomes = {receipt.row: str(receipt.outcome) for receipt in receipts}
            runs.note(run, "setup.answered", {"outcomes": outcomes, "answer": asdict(answer) if answer else None})
            made += [(request, receipt) for receipt in receipts]
        counts = {"made": sum(receipt.outcome in DONE for _, receipt in made), "requests": len(made)}
        runs.finish(run, "applied" if counts["made"] == len(made) else "partly applied", exit_code(made), counts)
    return tuple(made)


def exit_code(made: Sequence[tuple[Request, WriteReceipt]]) -> int:
    """0 when everything is there now, else 5."""
    return 0 if all(receipt.outcome in DONE for _, receipt in made) else 5
