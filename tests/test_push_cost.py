"""What a push costs: commits and requests grow with requests, never with the rows of a batch."""

from __future__ import annotations

import pytest

from push_desk import Desk, create, states
from syncctl.model import Action
from syncctl.push import push

BATCH = 100
COMMITS = 3
"""The plan is taken; intent; outcome."""


@pytest.mark.parametrize("rows", [1, BATCH])
def test_a_batch_is_one_transaction_before_the_socket_and_one_after(rows: int) -> None:
    desk = Desk()
    desk.card("crm", batch={Action.CREATE: BATCH})
    plan, means = desk.plan(*(create("crm", "contact", f"c{row}", stage="new") for row in range(rows))), desk.means()
    commits: list[str] = []
    desk.engine.db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    assert states(push(plan, means)) == ["applied"] * rows
    assert (len(commits), desk.vendor("crm").requests) == (COMMITS, 1)
