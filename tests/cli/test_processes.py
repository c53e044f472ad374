"""What only a real process shows: pipes that close, signals from outside, streams that are files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from cli.house import house

SYNCCTL = [sys.executable, "-c", "import sys; from syncctl.cli import main; sys.exit(main())"]


def test_a_reader_that_goes_away_is_no_error() -> None:
    with house() as found:
        words = [*SYNCCTL, "--project", str(found.folder), "show", "-o", "jsonl"]
        whole = subprocess.run(words, capture_output=True, check=False)
        assert whole.returncode == 0
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(30) == 0


def test_served_vendors_answer_until_they_are_terminated(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    words = [*SYNCCTL, "sandbox", "serve", "stripe", "--port-base", "0", "--scale", "0.01", "--ready-file", str(ready)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        _wait_for(ready)
        urls = json.loads(ready.read_text())
        assert list(urls) == ["stripe"]
        assert httpx.get(f"{urls['stripe']}/_sandbox/log", trust_env=False).json() == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    assert not ready.exists()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


def test_a_terminal_that_cannot_write_a_name_gets_an_escape(tmp_path: Path) -> None:
    with house() as found:
        words = [*SYNCCTL, "--project", str(found.folder), "show"]
        done = subprocess.run(
            words,
            capture_output=True,
            check=False,
            env={"PYTHONIOENCODING": "ascii", "COLUMNS": "80", "HOME": str(tmp_path)},
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert b"DRY RUN" in done.stdout
