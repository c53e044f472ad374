"""Alerts in the ledger: what was told, and what is on its way to which channel. I/O: SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, cast

from syncctl.ledger.engine import Engine

DeliveryState: TypeAlias = Literal["waiting", "sent", "given up"]
TAKEN_FOR: Final = timedelta(minutes=5)
"""A process that delivers has a message for so long; one that died has it no longer."""
_TROUBLE: Final = "key, job, state, about, what, since, seen_at, count, told, part"
_MESSAGE: Final = (
    "SELECT d.alert, d.channel, a.at, a.run, a.kind, a.title, a.body, d.state, d.tries, d.tried_at, d.cause, d.fix"
    " FROM alert_deliveries d JOIN alerts a ON a.id = d.alert"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A trouble that was seen by a job and not seen ended since. `count` is what its number was when it was told;
    `told` is False while a patient one waits for its second time. See syncctl.alerts.rule.Trouble for the rest.
    """

    key: str
    job: str
    state: str
    about: str
    what: str
    since: datetime
    seen_at: datetime
    count: int
    told: bool
    part: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one channel. `cause` and `fix` say why the last try failed."""

    alert: int
    channel: str
    at: datetime
    run: str
    kind: str
    title: str
    body: str
    state: DeliveryState
    tries: int
    tried_at: str
    cause: str
    fix: str


class Alerts:
    """The alerts of one ledger. Every method that writes has a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def known(self) -> tuple[Known, ...]:
        """Every trouble that is remembered."""
        rows = self.engine.db.execute(f"SELECT {_TROUBLE} FROM alert_troubles ORDER BY key, job")
        return tuple(_known(row) for row in rows)

    def remember(self, known: Iterable[Known]) -> None:
        """These are the troubles from now on, and nothing is to be told."""
        with self.engine.write() as db:
            db.execute("DELETE FROM alert_troubles")
            db.executemany(f"INSERT INTO alert_troubles ({_TROUBLE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           [_row(one) for one in known])  # fmt: skip

    def tell(
        self, known: Iterable[Known], at: datetime, run: str, kind: str, title: str, body: str, channels: Iterable[str]
    ) -> int:
        """Remembers the troubles and keeps an alert for these channels, in one transaction; returns its number."""
        rows = [_row(one) for one in known]
        with self.engine.write() as db:
            db.execute("DELETE FROM alert_troubles")
            db.executemany(f"INSERT INTO alert_troubles ({_TROUBLE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            number = int(
                db.execute(
                    "INSERT INTO alerts (at, run, kind, title, body) VALUES (?, ?, ?, ?, ?) RETURNING id",
                    (at.isoformat(), run, kind, title, body),
                ).fetchone()[0]
            )
            db.executemany(
                "INSERT INTO alert_deliveries (alert, channel, state) VALUES (?, ?, 'waiting')",
                [(number, channel) for channel in channels],
            )
        return number

    def take(self, channels: Sequence[str], at: datetime) -> tuple[Delivery, ...]:
        """What waits for these channels, oldest first; no other process gets it meanwhile."""
        with self.engine.write() as db:
            found = [
                row
                for row in db.execute(
                    f"{_MESSAGE} WHERE d.state = 'waiting' AND d.taken_until <= ? ORDER BY d.alert, d.channel",
                    (at.isoformat(),),
                )
                if row[1] in channels
            ]
            db.executemany(
                "UPDATE alert_deliveries SET taken_until = ? WHERE alert = ? AND channel = ?",
                [((at + TAKEN_FOR).isoformat(), row[0], row[1]) for row in found],
            )
        return tuple(_delivery(row) for row in found)

    def settle(self, delivery: Delivery, state: DeliveryState, at: datetime, *, cause: str = "", fix: str = "") -> None:
        """Writes down what became of a try."""
        with self.engine.write() as db:
            db.execute(
                "UPDATE alert_deliveries SET state = ?, tries = tries + 1, tried_at = ?, taken_until = '', cause = ?,"
                " fix = ? WHERE alert = ? AND channel = ?",
                (state, at.isoformat(), cause, fix, delivery.alert, delivery.channel),
            )

    def undelivered(self) -> tuple[Delivery, ...]:
        """What waits, and what was given up, oldest first. What was given up is forgotten once its channel took a later
        one."""
        rows = self.engine.db.execute(
            f"{_MESSAGE} WHERE d.state = 'waiting' OR (d.state = 'given up' AND NOT EXISTS (SELECT 1 FROM"
            " alert_deliveries l WHERE l.channel = d.channel AND l.state = 'sent' AND l.alert > d.alert))"
            " ORDER BY d.alert, d.channel"
        )
        return tuple(_delivery(row) for row in rows)

    def waiting_channels(self) -> tuple[str, ...]:
        """The channels that something waits for."""
        rows = self.engine.db.execute("SELECT DISTINCT channel FROM alert_deliveries WHERE state = 'waiting'")
        return tuple(sorted(str(row[0]) for row in rows))


def _row(one: Known) -> tuple[str | int, ...]:
    return (one.key, one.job, one.state, one.about, one.what, one.since.isoformat(), one.seen_at.isoformat(),
            one.count, int(one.told), int(one.part))  # fmt: skip


def _known(row: Sequence[str | int]) -> Known:
    key, job, state, about, what, since, seen_at, count, told, part = row
    return Known(
        str(key),
        str(job),
        str(state),
        str(about),
        str(what),
        datetime.fromisoformat(str(since)),
        datetime.fromisoformat(str(seen_at)),
        int(count),
        bool(told),
        bool(part),
    )


def _delivery(row: Sequence[str | int]) -> Delivery:
    alert, channel, at, run, kind, title, body, state, tries, tried_at, cause, fix = row
    return Delivery(
        int(alert),
        str(channel),
        datetime.fromisoformat(str(at)),
        str(run),
        str(kind),
        str(title),
        str(body),
        cast("DeliveryState", state),
        int(tries),
        str(tried_at),
        str(cause),
        str(fix),
    )
