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
"""Off a terminal the same step is not told more often: a million records are ten thousand pages."""


def told(event: str, facts: dict[str, Any]) -> str:
    """One step in words."""
    if event == "pull":
        limit = f", {facts['left']} requests left" if "left" in facts else ""
        amount = f"{plural(facts['pages'], 'page')}, {plural(facts['records'], 'record')}{limit}"
        return f"pulling {short(facts['system'])} {short(facts['kind'])}: {amount}"
    if event == "push":
        return f"{facts['state']}: {short(facts['name'])} ({short(facts['mapping'])})"
    if event == "wait":
        return f"waiting {facts['seconds']:.0f} seconds until unanswered writes can be told apart"
    return short(f"{event} {facts}")


class LogLines:
    """A log line per step, and none for a step told a moment ago."""

    def __init__(self) -> None:
        self._log = logging.getLogger(NAME)
        self._last: dict[tuple[str, ...], float] = {}

    def __call__(self, event: str, facts: dict[str, Any]) -> None:
        key = (event, *(str(facts.get(name, "")) for name in ("system", "kind", "operation")))
        now = time.monotonic()
        if now - self._last.get(key, float("-inf")) >= SECONDS_BETWEEN_LINES:
            self._last[key] = now
            self._log.info(event, extra={f"step_{key}" if key == "name" else key: fact for key, fact in facts.items()})


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

        self._lines[str(facts.get("system", event))] = told(event, facts)
        self._live.update(Text("\n".join(self._lines.values()), style="dim"))

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
