"""After a restore everything is pulled whole before anything is planned. I/O: the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from syncctl.errors import StalePlanError
from syncctl.ledger.restoring import full_pull_due, pulled_whole
from syncctl.project import Project


def refuse_until_pulled(project: Project) -> None:
    """Raises StalePlanError while a kind of the mappings was not pulled since the ledger was restored.

    What was written after the restored state is only at the vendors: planned without it, it would be written again.
    """
    sides = {side for mapping in project.mappings for side in (mapping.left, mapping.right)}
    due = sorted(full_pull_due(project.engine) & sides)
    if due:
        named = ", ".join(dict.fromkeys(system for system, _ in due))
        why = f"the ledger was restored, and what is at {named} was not pulled since"
        raise StalePlanError(why, fix="run `syncctl pull`: it reads everything once; then plan again")


def note_pulled(project: Project, kinds: Iterable[tuple[str, str]], since: str | None) -> None:
    """These kinds (system, kind) were pulled to their end. Every cursor was forgotten at the restore, so that was all
    there is; only a pull of what changed `since` a day is not."""
    if since is None:
        pulled_whole(project.engine, kinds)
