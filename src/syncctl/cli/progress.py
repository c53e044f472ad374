"""What long work does right now: a live line per system on a terminal, a log line per step elsewhere. I/O: stderr."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
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


def told(event: str, facts: dict[str, Any]) -> str:
    """One step in words."""
    if event in ("pull", "pulled"):
        limit = f", {plural(facts['left'], 'request')} left {facts['span']}" if "left" in facts else ""
        amount = f": {plural(facts['pages'], 'page')}, {plural(facts['records'], 'record')}" if facts["pages"] else ""
        doing = "pulled" if event == "pulled" else "pulling"
        return f"{doing} {short(facts['system'])} {short(facts['kind'])}{amount}{limit}"
    if event == "push":
        return f"{facts['state']}: {short(facts['name'])} ({short(facts['mapping'])})"
    if event == "wait":
        return f"waiting {facts['seconds']:.0f} seconds until unanswered writes can be told apart"
    if event == "open":
        return f"opening {short(facts['system'])}: whose books, which fields"
    return STEPS.get(event, event)


class LogLines:
    """A log line per step: one when a kind is pulled, and while that takes long one every few seconds."""

    def __init__(self) -> None:
        self._log = logging.getLogger(NAME)
        self._last: dict[tuple[str, str], float] = {}

    def __call__(self, event: str, facts: dict[str, Any]) -> None:
        if event == "pull" and not self._due((str(facts["system"]), str(facts["kind"]))):
            return
        self._log.info(event, extra={f"step_{key}" if key == "name" else key: fact for key, fact in facts.items()})

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

        if "system" not in facts:
            self._lines.clear()  # what the systems did is over
        self._lines.pop("start", None)
        self._lines[str(facts.get("system", event))] = told(event, facts)
        self._live.update(Text("\n".join(self._lines.values()), style="dim"), refresh=event == "start")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is drawn inside: a page or a question has the terminal. Afterwards drawing begins below it."""
        self._live.stop()
        self._lines.clear()
        try:
            yield
        finally:
            # A Live that is started again would draw over what was printed meanwhile.
            self._live = self._new()
            self._live.start()
