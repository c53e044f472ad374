"""Promises about reads in trouble: what failed is said, limits are kept, the credential stays hidden. No network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Final

import httpx

from syncctl.connectors.base import Connector
from syncctl.contract.stand import Broken, Stand, ids, keep
from syncctl.errors import AnswerUnreadable, AuthenticationFailed, LimitReached, VendorError, VendorUnavailable

ALWAYS: Final = 10_000
FAILURES: Final[dict[str, tuple[type[VendorError], ...]]] = {
    "500 before": (VendorUnavailable,),
    "lost": (VendorUnavailable,),
    "429": (LimitReached,),
    "truncated": (AnswerUnreadable, VendorUnavailable),
}
"""What a read must raise when every answer is like this."""


def failed_read_says_what(stand: Stand) -> None:
    """A read that fails says what it was: the vendor, the limit, the answer or the credential."""
    stand.make(stand.kind, 2)
    for fault, wanted in FAILURES.items():
        stand.fault(fault, times=ALWAYS)
        _raises(f"every answer is {fault!r}", wanted, stand.connector.company)
        _raises(f"every answer is {fault!r}", wanted, lambda: stand.pull(stand.kind))
    stand.sandbox.faults.clear()
    wrong = stand.connect(token=stand.subject.wrong_token)
    _raises("the credential is wrong", (AuthenticationFailed,), lambda: list(wrong.pull(stand.kind.name, None)))


def _raises(when: str, wanted: tuple[type[VendorError], ...], read: Callable[[], object]) -> None:
    named = " or ".join(error.__name__ for error in wanted)
    try:
        read()
    except wanted as error:
        keep(bool(error.message.strip()), f"{type(error).__name__} without a message when {when}")
    except Exception as error:
        raise Broken(f"{type(error).__name__} instead of {named} when {when}: {error}") from error
    else:
        raise Broken(f"no {named} when {when}")


def limit_is_waited_for(stand: Stand) -> None:
    """A read that the vendor asks to wait waits, and then goes on."""
    made = set(stand.make(stand.kind, 3))
    stand.fault("429")
    before = stand.clock.slept
    keep(made <= ids(stand.pull(stand.kind)), "a pull that was asked to wait once is not whole")
    keep(stand.clock.slept > before, "it asked again at once when the vendor said to wait")


def pace_is_kept(stand: Stand) -> None:
    """Requests go no faster than the card says."""
    limits = stand.connector.card.limits
    for _ in range(ceil(max(3 * limits.per_second, 1.2 * (limits.per_minute or 0)))):
        stand.connector.company()
    sent = [datetime.fromisoformat(entry["at"]).timestamp() for entry in stand.sandbox.log]
    # An idle second is not lost: its requests may follow at once.
    _within(sent, 1.0, 2 * limits.per_second + 1)
    if limits.per_minute is not None:
        _within(sent, 60.0, limits.per_minute * 61 / 60 + 1)


def _within(sent: list[float], seconds: float, most: float) -> None:
    """Raises Broken when more than `most` requests fall into any stretch of so many seconds."""
    first = 0
    for last, moment in enumerate(sent):
        while sent[first] <= moment - seconds:
            first += 1
        here = last - first + 1
        keep(here <= most, f"{here} requests within {seconds:g} seconds; the card allows {most:g}")


def credential_stays_hidden(stand: Stand) -> None:
    """No error and no receipt shows the credential."""
    said = [_said(stand.connect(token=stand.subject.wrong_token), stand)]
    stand.wire.cut = httpx.ReadError
    said += [_said(stand.connect(token=stand.subject.wrong_token), stand), _said(stand.connect(), stand)]
    secrets = (stand.subject.wrong_token, stand.pretend.token)
    shown = any(secret in text for text in said for secret in secrets)
    keep(not shown, "an error or a receipt shows the credential")


def _said(connector: Connector, stand: Stand) -> str:
    """Everything that a failing pull and a failing create tell."""
    try:
        list(connector.pull(stand.kind.name, None))
        said = ""
    except VendorError as error:
        said = f"{error} {error.fix} {error.exchange}"
    if stand.kind.least is None:
        return said
    change = stand.create(stand.kind)
    return f"{said} {connector.send(connector.prepare([change], [None], 'contract-key', ['op']))}"
