"""What `doctor` says of alerts: every channel read and understood, nothing sent; what did not arrive. I/O: the
credential's store, the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from syncctl.alerts.channels import ChannelError, open_channel
from syncctl.errors import ConfigError
from syncctl.ledger.alerts import Alerts
from syncctl.report.text import plural
from syncctl.run.weak_spots import Check

if TYPE_CHECKING:
    from syncctl.project import Project
    from syncctl.settings import AlertChannel


def alert_checks(project: Project) -> Iterator[Check]:
    """One line per channel and one for what is undelivered; nothing where there are no alerts."""
    yield from (_channel(project, channel) for channel in project.settings.alerts)
    undelivered = Alerts(project.engine).undelivered()
    if not undelivered and not project.settings.alerts:
        return
    given_up = sum(one.state == "given up" for one in undelivered)
    said = [f"{plural(len(undelivered) - given_up, 'alert')} undelivered"] if len(undelivered) > given_up else []
    said += [f"{plural(given_up, 'alert')} given up after a week"] if given_up else []
    fix = "see `syncctl alerts list`; mend the channel, then `syncctl alerts test`" if said else ""
    yield Check("alerts delivered", not said, "; ".join(said), fix)


def _channel(project: Project, channel: AlertChannel) -> Check:
    name = f"alerts for {channel.name}"
    try:
        open_channel(channel, project.settings.credentials, project.redact)
    except ChannelError as error:
        return Check(name, ok=False, cause=str(error), fix=error.fix, exit_code=ConfigError.exit_code)
    least = f", from {channel.min_open:,} open items on" if channel.min_open > 1 else ""
    return Check(name, ok=True, cause=f"{', '.join(channel.states)}{least}")
