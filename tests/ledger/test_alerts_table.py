"""The ledger keeps alerts: a ledger from before them gets the tables, and loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from syncctl.ledger.alerts import Alerts, Known
from syncctl.ledger.engine import SCHEMA_VERSION, open_engine

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KNOWN = Known("open", "plan", "open", "", "3 open items", AT, AT, 3, told=True, part=False)


def test_a_ledger_from_before_alerts_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    engine = open_engine(path)
    lineage = engine.lineage
    with engine.write() as db:
        for table in ("alert_troubles", "alert_deliveries", "alerts"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'alerts'")
    engine.db.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    engine.close()
    engine = open_engine(path)
    Alerts(engine).remember([KNOWN])
    assert Alerts(engine).known() == (KNOWN,)
    assert engine.lineage == lineage
    engine.close()


def test_what_was_sent_is_not_sent_again_and_what_was_given_up_is_listed_until_the_channel_works() -> None:
    alerts = Alerts(open_engine(None))
    for number in range(2):
        alerts.tell([KNOWN], AT, f"run-{number}", "failed", "title", "body", ["env:A", "env:B"])
    first, second = (one for one in alerts.take(["env:A"], AT))
    alerts.settle(first, "given up", AT, cause="down", fix="mend it")
    assert [(one.channel, one.state) for one in alerts.undelivered()] == [
        ("env:A", "given up"), ("env:B", "waiting"), ("env:A", "waiting"), ("env:B", "waiting"),
    ]  # fmt: skip
    alerts.settle(second, "sent", AT)
    assert [one.channel for one in alerts.undelivered()] == ["env:B", "env:B"]
    assert alerts.take(["env:A"], AT) == ()
    assert alerts.waiting_channels() == ("env:B",)
