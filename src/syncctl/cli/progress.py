"""What long work does right now: a live line per system on a terminal, a log line per step elsewhere. I/O: stderr."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from syncctl.log import NAME
from syncctl.report.text import plural, short

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live

SECONDS_BETWEEN_LINES: Final = 10.0
"""Off a terminal a pull is not told more often: a million records are ten thousand pages."""
STEPS: Final = {
    "start": "starting",
    "plan": "comparing and planning",
    "read back": "reading back what was written",
}
"""Steps that name nothing."""
UNANSWERED: Final = frozenset({"look", "wait"})
"""Steps about one request that nobody answered: a line each, for as long as nothing else happens."""


def told(event: str, facts: dict[str, Any]) -> str:
    """One step in words."""
    if event in ("pull", "pulled"):
        limit = f", {plural(facts['left'], 'request')} left {facts['span']}" if "left" in facts else ""
        amount = f": {plural(facts['pages'], 'page')}, {plural(facts['records'], 'record')}" if facts["pages"] else ""
        doing = "pulled" if event == "pulled" else "pulling"
        return f"{doing} {short(facts['system'])} {short(facts['kind'])}{amount}{limit}"
    if event == "anew":
        return f"reading all of {short(facts['system'])} {short(facts['kind'])} again: {facts['why']}"
    if event == "push":
        return f"{facts['state']}: {short(facts['name'])} ({short(facts['mapping'])})"
    if event in UNANSWERED:
        return _unanswered(event, {key: short(str(fact)) for key, fact in facts.items()})
    if event == "open":
        return f"opening {short(facts['system'])}: whose books, which fields"
    return STEPS.get(event, event)


def _unanswered(event: str, facts: Mapping[str, str]) -> str:
    """A write without a clear answer: which, since when, why, and until when it is waited for."""
    what = f"{facts['request']} {facts['record']} ({facts['mapping']}) at {facts['system']}"
    since = f"sent {_clock(facts['sent'])}: {facts['why']}"
    if event == "look":
        return f"finding out what became of {what}, {since}"
    left = f"until {_clock(facts['until'])[-12:]}, {plural(int(facts['seconds']), 'second')}"
    return f"waiting {left}, for {what}, {since}; until then it could still be made unseen, and a second one with it"


def _clock(instant: str) -> str:
    """`2026-11-20 03:00:10 UTC`."""
    return instant.replace("T", " ").replace("+00:00", " UTC")


class LogLines:
    """A log line per step: one when a kind is pulled, and while that takes long one every few seconds."""

    def __init__(self) -> None:
        self._log = logging.getLogger(NAME)
        self._last: dict[tuple[str, str], float] = {}

    def __call__(self, event: str, facts: dict[str, Any]) -> None:
        if event == "pull" and not self._due((str(facts["system"]), str(facts["kind"]))):
            return
        level = logging.WARNING if event == "anew" else logging.INFO
        self._log.log(
            level, event, extra={f"step_{key}" if key == "name" else key: fact for key, fact in facts.items()}
        )

    def _due(self, key: tuple[str, str]) -> bool:
        """True when the last line about this kind, or its beginning, is long ago."""
        now = time.monotonic()
        last = self._last.setdefault(key, now)
        if now - last < SECONDS_BETWEEN_LINES:
            return False
        self._last[key] = now
        return True


class LiveLines:
    """One line per system on a terminal, redrawn in place and gone at the end. As a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        self._live = self._new()

    def _new(self) -> Live:
        from rich.live import Live

        return Live(console=self._console, transient=True, refresh_per_second=8, redirect_stdout=False)

    def __enter__(self) -> LiveLines:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: str, facts: dict[str, Any]) -> None:
        from rich.text import Text

        self._lines.pop("start", None)
        if event == "anew":
            self._live.console.print(told(event, facts), style="dim", markup=False)  # stays: a long pull has a reason
        elif event in UNANSWERED:
            self._asked[f"{facts['request']} {facts['record']}"] = told(event, facts)
        else:
            self._asked.clear()
            if "system" not in facts:
                self._lines.clear()  # what the systems did is over
            self._lines[str(facts.get("system", event))] = told(event, facts)
        self._live.update(Text(self.shown, style="dim"), refresh=event == "start")

    @property
    def shown(self) -> str:
        """What stands there now."""
        return "\n".join((*self._lines.values(), *self._asked.values()))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is drawn inside: a page or a question has the terminal. Afterwards drawing begins below it."""
        self._live.stop()
        self._lines.clear()
        self._asked.clear()
        try:
            yield
        finally:
            # A Live that is started again would draw over what was printed meanwhile.
            self._live = self._new()
            self._live.start()
