"""Delivers what waits: bounded in time, every try written down, given up after a week. I/O: ledger, network.

Threads only send; this thread alone writes to the ledger.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from syncctl.alerts.channels import SECONDS_MAX, ChannelError, Message, Open, open_channel
from syncctl.ledger.alerts import Alerts, Delivery, DeliveryState

if TYPE_CHECKING:
    from syncctl.clock import Clock
    from syncctl.credentials import Credentials
    from syncctl.redact import Redactor
    from syncctl.settings import AlertChannel, Settings

GIVEN_UP_AFTER: Final = timedelta(days=7)
GONE: Final = "the channel is no longer in syncctl.yaml"
TOO_LONG: Final = "no answer in time; it is tried again"
TRY: Final = "syncctl alerts test"


@dataclass(frozen=True, slots=True)
class Tried:
    """One message to one channel, and why it did not arrive; an empty cause: it did."""

    delivery: Delivery
    cause: str = ""
    fix: str = ""
    given_up: bool = False


def deliver(
    alerts: Alerts, settings: Settings, clock: Clock, redact: Redactor, *, seconds: float = SECONDS_MAX
) -> tuple[Tried, ...]:
    """Sends whatever waits, each channel's oldest first. Raises LockedError when the ledger is being written."""
    now = clock.now()
    channels = {channel.name: channel for channel in settings.alerts}
    gone = [name for name in alerts.waiting_channels() if name not in channels]
    taken = alerts.take([*channels, *gone], now)
    tried = [Tried(one, GONE, given_up=True) for one in taken if one.channel in gone]
    tried += _send([one for one in taken if one.channel in channels], channels, settings.credentials, redact, seconds)
    done = []
    for one in tried:
        late = bool(one.cause) and now - one.delivery.at >= GIVEN_UP_AFTER
        settled = Tried(one.delivery, one.cause, one.fix, one.given_up or late)
        state: DeliveryState = "given up" if settled.given_up else "waiting" if settled.cause else "sent"
        alerts.settle(one.delivery, state, clock.now(), cause=settled.cause, fix=settled.fix)
        done.append(settled)
    return tuple(done)


def _send(
    waiting: Sequence[Delivery],
    channels: dict[str, AlertChannel],
    credentials: Credentials,
    redact: Redactor,
    seconds: float,
) -> Iterator[Tried]:
    """One thread per channel, all of them within the time; what has no answer by then counts as not delivered."""
    groups: list[tuple[Open, list[Delivery]]] = []
    for name, group in groupby(sorted(waiting, key=lambda one: (one.channel, one.alert)), key=lambda one: one.channel):
        found = list(group)
        try:
            groups.append((open_channel(channels[name], credentials, redact), found))
        except ChannelError as error:
            yield from (Tried(one, str(error), error.fix) for one in found)
    answers: queue.SimpleQueue[Tried] = queue.SimpleQueue()
    left = {(one.channel, one.alert): one for _, found in groups for one in found}
    for channel, found in groups:
        threading.Thread(target=_send_all, args=(channel, found, answers), daemon=True, name="alerts").start()
    yield from _answered(answers, left, seconds)
    yield from (Tried(one, TOO_LONG, TRY) for one in left.values())


def _answered(
    answers: queue.SimpleQueue[Tried], left: dict[tuple[str, int], Delivery], seconds: float
) -> Iterator[Tried]:
    """Takes out of `left` what was answered in time."""
    end = time.monotonic() + seconds
    while left:
        try:
            tried = answers.get(timeout=max(end - time.monotonic(), 0.0))
        except queue.Empty:
            return
        del left[tried.delivery.channel, tried.delivery.alert]
        yield tried


def _send_all(channel: Open, deliveries: Sequence[Delivery], answers: queue.SimpleQueue[Tried]) -> None:
    """One channel's messages; after one that failed, the rest is not tried: it would wait as long."""
    failed: ChannelError | None = None
    for one in deliveries:
        if failed is None:
            try:
                channel.send(Message(one.title, one.body, failure=one.kind not in QUIET))
            except ChannelError as error:
                failed = error
            except Exception as error:  # noqa: BLE001 - a plug-in of Apprise may raise anything
                failed = ChannelError(f"its plug-in failed: {type(error).__name__}", TRY)
        answers.put(Tried(one, str(failed), failed.fix) if failed is not None else Tried(one))


QUIET: Final = frozenset({"recovered", "test"})
"""Kinds of alerts that are no bad news."""
