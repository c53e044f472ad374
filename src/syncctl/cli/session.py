"""One command's surroundings: streams, preferences, log, the open project, and how its answer leaves. I/O: streams."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from syncctl.cli.exits import winner
from syncctl.errors import ConfigError, Interrupted, LedgerError, UsageError
from syncctl.redact import Redactor
from syncctl.settings import Preferences, load_preferences, load_settings, project_folder

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from syncctl.alerts.ended import RunReport, Sides
    from syncctl.cli.progress import LiveLines
    from syncctl.cli.signals import Stop
    from syncctl.clock import Clock
    from syncctl.errors import SyncctlError
    from syncctl.model import Plan
    from syncctl.project import Project
    from syncctl.report.formats import Report
    from syncctl.settings import Settings


RUNS_LOOKED_AT: Final = 100_000
_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Flags:
    """The global options as they were typed."""

    project: Path | None = None
    preferences: Preferences = field(default_factory=Preferences)
    quiet: bool = False
    verbose: int = 0
    run_id: str = ""


class Session:
    """Everything a command needs from its surroundings. Data goes to `out`, everything else to `err`."""

    def __init__(
        self,
        *,
        out: TextIO | None = None,
        err: TextIO | None = None,
        answers: TextIO | None = None,
        environment: Mapping[str, str] = os.environ,
        surroundings: Mapping[str, Any] | None = None,
    ) -> None:
        """`answers` is where a person types; `surroundings` are further words for `open_project`: transports, clock."""
        self._surroundings = dict(surroundings or {})
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self._answers = answers or sys.stdin
        self.environment = environment
        self.flags = Flags()
        self._preferences: Preferences | None = None
        self.redact: Redactor = Redactor()
        self.run_id = ""
        self.job: tuple[str, Sequence[str] | None] | None = None
        self.report: RunReport | None = None
        self.sides: Sides = {}
        self.settings: Settings | None = None
        self._live: LiveLines | None = None

    # --- surroundings ---

    def configure(self, flags: Flags) -> None:
        """Takes the flags. Nothing is read yet, so that a help page needs no file. Raises UsageError."""
        from secrets import token_hex

        given = flags.run_id or self.environment.get("SYNCCTL_RUN_ID") or ""
        if given and not _RUN_ID.fullmatch(given):
            raise UsageError("this is no run id", fix="letters, digits, dots, - and _; at most 64")
        self.flags = flags
        self.run_id = given or token_hex(6)
        self._preferences = None

    @property
    def preferences(self) -> Preferences:
        """The flags over the environment over the user's file; over the project's too once it is open.

        Raises ConfigError, once: afterwards the flags alone hold, so that the error itself can be shown.
        """
        if self._preferences is None:
            self._preferences = self.flags.preferences
            self._prefer(load_preferences(self.environment))
        return self._preferences

    def read_preferences(self) -> None:
        """Reads them where nobody did so far. That they are wrong is no reason not to say why a command ended: from
        here on the flags alone hold.
        """
        with suppress(ConfigError):
            _ = self.preferences

    def _prefer(self, weaker: Preferences) -> None:
        from syncctl.log import configure_log, log_level

        self._preferences = self.flags.preferences.over(weaker)
        level = log_level(verbose=self.flags.verbose, quiet=self.flags.quiet, steps=not self.terminal)
        configure_log(self.err, form=self.log_form, level=level, run_id=self.run_id, redact=self.redact)

    @property
    def terminal(self) -> bool:
        """True when a person watches: only then is anything drawn live or asked."""
        return self.err.isatty()

    @property
    def asks(self) -> bool:
        """True when a person can answer."""
        return self.terminal and self._answers is not None and self._answers.isatty()

    @property
    def log_form(self) -> Any:
        """json or text; off a terminal json is the default."""
        chosen = self.preferences.log_format
        return chosen if chosen in ("json", "text") else "text" if self.terminal else "json"

    @property
    def output(self) -> str:
        """table, json, jsonl, csv or md."""
        return self.preferences.output or "table"

    def console(self, stream: TextIO) -> Console:
        """A console on one of the streams, coloured as preferred."""
        from syncctl.report.page import console_for

        return console_for(stream, color=self.preferences.color or "auto")

    # --- the project ---

    def read_settings(self) -> Settings:
        """The project's settings, without opening it. Raises ConfigError, UsageError."""
        folder = project_folder(self.flags.project, self.environment)
        return load_settings(folder, profile=self.flags.preferences.profile, environment=self.environment)

    @contextmanager
    def project(self, *, a_run: bool = False) -> Iterator[Project]:
        """The project, open; closed at the end. `a_run`: the command is a run of the ledger, under this run's id.

        Raises ConfigError, LedgerError.
        """
        from syncctl.project import open_project

        folder = project_folder(self.flags.project, self.environment)
        profile = self.flags.preferences.profile
        around = self._surroundings | self._patience()
        found = open_project(folder, profile=profile, environment=self.environment, **around)
        self.redact, self.settings = found.redact, found.settings
        self._prefer(found.settings.preferences)
        if a_run:
            found.new_id = self._ids(found)
        try:
            yield found
            self._warn_of_old(found)
            if a_run:
                self._warn_of_endings(found)
        finally:
            if found.moved_to is not None:
                from syncctl.report.text import plural

                self.say(f"audit chain: {plural(found.moved_to.count, 'event')}, head {found.moved_to.short}")
            found.close()

    def _patience(self) -> dict[str, Any]:
        """With -q a person at a terminal hears of a long wait all the same; cron, which would mail it, does not."""
        if not (self.flags.quiet and self.terminal and self.log_form == "text"):
            return {}
        from syncctl.cli.patience import PatientClock

        def say(text: str) -> None:
            self.err.write(f"{text}\n")
            self.err.flush()

        return {"clock": PatientClock(self.clock, say)}

    def _warn_of_old(self, project: Project) -> None:
        """What a command has just read may lack what a later run wrote down."""
        from syncctl.run.heads import standing

        try:
            old = standing(project) if project.moved_to is None else None
        except LedgerError as error:
            self.say(f"warning: {error.message}; {error.fix}")
            return
        if old is not None:
            self.say(f"warning: {old.sentence}; {old.error().fix}")

    def _warn_of_endings(self, project: Project) -> None:
        """One line about the sign-in that ends next, while there is time."""
        from syncctl.run.endings import endings

        found = endings(project)
        if found:
            more = f" ({len(found) - 1} more: syncctl auth status)" if len(found) > 1 else ""
            self.say(f"warning: {found[0].sentence}; {found[0].fix}{more}")

    def _ids(self, project: Project) -> Callable[[], str]:
        """Identifiers whose first is this run's, so that ledger and log call the run alike.

        An id that was given and is in the ledger already stays a mark in the log only.
        """
        fresh = project.new_id
        taken = any(run.id == self.run_id for run in project.journal.runs.list(RUNS_LOOKED_AT))
        first = [] if taken else [self.run_id]
        return lambda: first.pop() if first else fresh()

    # --- what a run was, for alerts ---

    def begins(self, command: str, names: Sequence[str] | None = None) -> None:
        """The command is a run whose end others may want to know of; `names` are what it is about, all when empty."""
        self.job = command, names

    def warn_of_scopes(self, project: Project, plan: Plan) -> None:
        """What of a plan its vendor would refuse for want of a scope, where that is known before the first write."""
        from syncctl.run.scopes import lacking_for_plan

        for lack in lacking_for_plan(project, plan):
            self.say(f"warning: {lack.sentence}; {lack.fix}")

    def ended(self, report: RunReport, sides: Sides | None = None) -> None:
        """The run came to its end with this report; `sides` are what the mappings of its statement call theirs."""
        self.report, self.sides = report, sides or {}

    @property
    def clock(self) -> Clock:
        """The clock that projects of this session have."""
        from syncctl.clock import SystemClock

        found: Clock | None = self._surroundings.get("clock")
        return found or SystemClock()

    # --- what leaves ---

    def show(self, report: Report) -> None:
        """The command's answer on stdout, in the chosen format."""
        try:
            if self.output == "table":
                self._page(self.out, report.show)
            else:
                from syncctl.report.formats import write_report

                write_report(report, self.output, self.out)
                self.out.flush()
        except BrokenPipeError:
            # Whoever read us went away (`| head`); what the command did, and its exit code, stay true.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.out.fileno())

    def tell(self, show: Callable[[int], RenderableType]) -> None:
        """Something for the person, not the data: on stderr, not with -q."""
        if not self.flags.quiet:
            self._page(self.err, show)

    def paused(self) -> AbstractContextManager[None]:
        """Stops the live progress, if there is any, for as long as the block runs."""
        return self._live.paused() if self._live is not None else nullcontext()

    def ask(self, question: str) -> bool:
        """Asks on stderr, where data never goes, until the answer is one: y, n, or Enter for no; its end is a no."""
        self.err.write("\n")
        while True:
            self.err.write(f"{question} [y/N] (Enter is no) ")
            self.err.flush()
            typed = self._typed()
            answer = typed.strip().lower()
            if answer in ("y", "yes", "n", "no") or (not answer and typed):
                return answer in ("y", "yes")
            if not typed:
                self.err.write("\n")
                return False
            self.err.write("please answer y or n\n")

    def type_again(self, word: str) -> bool:
        """Asks for one word to be typed, for what cannot be taken back; anything else is a no."""
        self.err.write(f"type {word} to go on: ")
        self.err.flush()
        return self._typed().strip() == word

    def _typed(self) -> str:
        """One line; a signal leaves the question's line before it ends the command."""
        try:
            return self._answers.readline()
        except Interrupted:
            self.err.write("\n")
            raise

    def read_line(self) -> str:
        """One line that a person types; empty at the end of the input."""
        return self._answers.readline().strip()

    def tell_error(self, error: SyncctlError, *, above: str = "") -> None:
        """What went wrong beside the answer, with its fix; `above` says what it was about."""
        if self.log_form == "json":
            self.say("; ".join(part for part in (above, error.message, error.fix) if part))
            return
        from syncctl.report.errors import error_block

        if above:
            self.say(above)
        self.tell(lambda _width: error_block(error, redact=self.redact))

    def say(self, text: str) -> None:
        """One sentence on stderr: a log line off a terminal."""
        import logging

        from syncctl.log import NAME
        from syncctl.report.text import visible

        if self.log_form == "json":
            logging.getLogger(NAME).info(text)
        elif not self.flags.quiet:
            self.err.write(f"{visible(self.redact(text))}\n")
            self.err.flush()

    def _page(self, stream: TextIO, show: Callable[[int], RenderableType]) -> None:
        from syncctl.report.page import print_page

        console = self.console(stream)
        print_page(console, show(console.width))

    @contextmanager
    def progress(self, stop: Stop | None = None) -> Iterator[Callable[[str, dict[str, Any]], None]]:
        """Progress of long work. While it pulls, a signal may end the command at once."""
        from syncctl.cli.progress import LiveLines, LogLines

        def watched(show: Callable[[str, dict[str, Any]], None]) -> Callable[[str, dict[str, Any]], None]:
            def step(event: str, facts: dict[str, Any]) -> None:
                if stop is not None and event in ("open", "pull"):
                    stop.writing = False
                show(event, facts)

            return step

        if self.terminal and self.log_form == "text" and not self.flags.quiet:
            with LiveLines(self.console(self.err)) as self._live:
                self._live("start", {})
                yield watched(self._live)
            self._live = None
        else:
            yield watched(LogLines())

    def exit_code(self, *codes: int) -> int:
        """Of all the results, the one that wins."""
        return winner(codes)
