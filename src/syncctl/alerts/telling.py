"""After a run: compares it with what was told, keeps an alert if it changed, delivers what waits. I/O: ledger, network.

Whatever happens here is reported and changes nothing about the run: its work is committed, its exit code decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from syncctl.alerts.channels import ChannelError, Message, open_channel
from syncctl.alerts.delivering import QUIET, Tried, deliver
from syncctl.alerts.ended import Ended
from syncctl.alerts.message import Alert, Place, alert_of, test_alert
from syncctl.alerts.observing import observe
from syncctl.alerts.rule import decide
from syncctl.ledger.alerts import Alerts
from syncctl.ledger.audit import head
from syncctl.ledger.requests import Requests
from syncctl.model import Request
from syncctl.report.text import plural

if TYPE_CHECKING:
    from syncctl.clock import Clock
    from syncctl.ledger.engine import Engine
    from syncctl.redact import Redactor
    from syncctl.settings import AlertChannel, Settings

BODY_MAX: Final = 20_000
"""Bytes of a request that are looked at; the message is cut further."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What telling works with."""

    settings: Settings
    clock: Clock
    redact: Redactor


def tell(engine: Engine, ended: Ended, around: Surroundings) -> tuple[Tried, ...]:
    """Tells what changed with this run, and what earlier ones could not. Raises LockedError, LedgerError."""
    alerts = Alerts(engine)
    requests = Requests(engine)

    def sent(operation: str) -> str:
        found = requests.last_of(operation)
        return request_text(found.request) if found else ""

    known = alerts.known()
    seen = observe(ended, requests=sent)
    verdict = decide(known, seen, ended.at)
    if verdict.begun or verdict.ended:
        end = head(engine.db)
        place = Place(books_of(around.settings), f"{plural(end.count, 'event')}, head {end.short}")
        alert = alert_of(verdict, seen, ended, place, around.redact)
        names = [channel.name for channel in around.settings.alerts if wants(channel, alert)]
        alerts.tell(verdict.known, ended.at, ended.run, alert.kind, alert.title, alert.body, names)
    elif verdict.known != known:
        alerts.remember(verdict.known)
    return deliver(alerts, around.settings, around.clock, around.redact)


def tell_without_ledger(ended: Ended, around: Surroundings) -> tuple[tuple[str, ChannelError | None], ...]:
    """The ledger cannot be opened, so nothing is remembered: it is told every time, once per channel."""
    seen = observe(ended)
    alert = alert_of(decide((), seen, ended.at), seen, ended, Place(books_of(around.settings)), around.redact)
    return send_now([channel for channel in around.settings.alerts if wants(channel, alert)], alert, around)


def send_test(around: Surroundings, run: str) -> tuple[tuple[str, ChannelError | None], ...]:
    """One marked message to every channel; what went wrong with each, None where it arrived."""
    return send_now(around.settings.alerts, test_alert(Place(books_of(around.settings)), run), around)


def send_now(
    channels: list[AlertChannel] | tuple[AlertChannel, ...], alert: Alert, around: Surroundings
) -> tuple[tuple[str, ChannelError | None], ...]:
    """Sends to one channel after the other, and keeps nothing."""
    message = Message(alert.title, alert.body, failure=alert.kind not in QUIET)

    def trial(channel: AlertChannel) -> ChannelError | None:
        try:
            open_channel(channel, around.settings.credentials, around.redact).send(message)
        except ChannelError as error:
            return error
        return None

    return tuple((channel.name, trial(channel)) for channel in channels)


def wants(channel: AlertChannel, alert: Alert) -> bool:
    """True when the channel's filter lets an alert through."""
    chosen = alert.states.intersection(channel.states)
    return bool(chosen - {"open"}) or ("open" in chosen and alert.count >= channel.min_open)


def books_of(settings: Settings) -> str:
    """What a project is called in an alert: its folder, its profile, and whether it is live."""
    profile = f" ({settings.profile})" if settings.profile else ""
    return f"{settings.folder.resolve().name}{profile}, {'live' if settings.live else 'sandbox'}"


def request_text(request: Request) -> str:
    """What was sent, as a person reads it: method, path, query, body."""
    query = "&".join(f"{name}={value}" for name, value in request.query)
    body = request.body[:BODY_MAX].decode("utf-8", "replace")
    return " ".join(filter(None, (request.method, request.path + (f"?{query}" if query else ""), body)))


Say = Callable[[str], None]


def report(tried: tuple[Tried, ...], say: Say) -> None:
    """One sentence for each channel that did not take what was for it."""
    channels = dict.fromkeys(one.delivery.channel for one in tried if one.cause)
    for channel in channels:
        failed = [one for one in tried if one.delivery.channel == channel and one.cause]
        last = failed[-1]
        given_up = sum(one.given_up for one in failed)
        kept = len(failed) - given_up
        parts = [f"{kept} kept, and tried again after the next run"] if kept else []
        parts += [f"{given_up} given up"] if given_up else []
        fix = f". Fix: {last.fix}" if last.fix else ""
        say(f"alerts for {channel} could not be delivered: {last.cause} ({'; '.join(parts)}){fix}")
