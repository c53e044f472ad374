"""The command line's door. I/O: standard streams, the process's umask. `--version` answers before anything else is
imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

PRIVATE: Final = 0o077
"""Books are nobody else's business: every file is 0600 and every folder 0700, whatever the shell's umask says."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words in (["--version"], ["-V"]):
        from syncctl import __version__

        sys.stdout.write(f"syncctl {__version__}\n")
        return 0
    os.umask(PRIVATE)
    try:
        from syncctl.cli.app import run

        return run(words)
    except KeyboardInterrupt:  # while Python still reads the program; `run` answers everything later
        sys.stderr.write("interrupted: nothing was begun\n")
        return 130
