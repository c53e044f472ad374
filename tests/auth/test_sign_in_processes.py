"""Real processes, a real file and a real server: one refresh for all, and a SIGKILL at the worst moment is mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from refreshing import store_in
from token_server import TokenServer, served

from syncctl.auth.store import FileStore
from syncctl.auth.tokens import Kept, Tokens
from syncctl.clock import SystemClock
from syncctl.failpoints import VARIABLE

SCRIPT = Path(__file__).with_name("refreshing.py")


@pytest.fixture
def server() -> TokenServer:
    server = TokenServer(SystemClock())
    server.current = "refresh-token-000000"
    return server


@pytest.fixture
def url(server: TokenServer) -> Iterator[str]:
    with served(server) as found:
        yield found


def expired(folder: Path) -> FileStore[Kept]:
    """A store whose access token has just ended."""
    now = datetime.now(UTC)
    store = store_in(folder)
    store.save(Kept(Tokens("access-token-000000", now - timedelta(1), now - timedelta(2), "refresh-token-000000")))
    return store


def start(folder: Path, url: str, failpoint: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, VARIABLE: failpoint},
    )


def test_eight_processes_refreshing_one_rotating_token_make_one_call_and_none_fails(
    tmp_path: Path, server: TokenServer, url: str
) -> None:
    expired(tmp_path)
    processes = [start(tmp_path, url) for _ in range(8)]
    ended = [(process.communicate(timeout=60), process.returncode) for process in processes]
    assert {(out, code) for (out, _), code in ended} == {("access-token-000001", 0)}, ended
    assert server.asked == ["refresh_token"]


def test_a62_a_process_killed_with_the_new_tokens_in_its_hands_is_mended_by_the_next(
    tmp_path: Path, server: TokenServer, url: str
) -> None:
    store = expired(tmp_path)
    killed = start(tmp_path, url, "token-rotated")
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    left = store.load()
    assert left is not None
    assert left.tokens.refresh == "refresh-token-000000"
    assert left.refreshing_since is not None
    rerun = start(tmp_path, url)
    assert rerun.communicate(timeout=60)[0] == "access-token-000002"
    kept = store.load()
    assert kept is not None
    assert kept.tokens.refresh == server.current
