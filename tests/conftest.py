"""What every test shares: a clock that stands still, the vendors' data, golden files."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from syncctl.sandbox.clock import FakeClock

settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("deep", max_examples=3_000, deadline=None)
settings.load_profile("quick")  # `pytest --hypothesis-profile=deep` looks longer

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 512 * 1024 * 1024
"""What the folders of a run need at most, with room to spare."""
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
    # A ledger on disk waits for the disk at every commit. Death of a process, which tests bring about, needs no disk.
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # tempfile asks the environment anew

YOUNG = (50_000, 20, 10)
"""How many new objects there are before Python looks for unreachable ones among them; its default is 700."""

ROOT = Path(__file__).resolve().parent.parent
VENDORS = Path(os.environ.get("SYNCCTL_VENDORS", ROOT.parent / "shared" / "vendors"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Python no longer searches thousands of tests and modules, which stay, for what could be thrown away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def vendors() -> Path:
    """The folder with the vendors' specifications and recordings; the test skips where it is missing."""
    if not VENDORS.is_dir():
        pytest.skip(f"vendors' data not found at {VENDORS}")
    return VENDORS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record the cassettes anew from the served sandbox")
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files with what was printed")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("table_80", text)` compares with golden/table_80.txt beside the test; --update-golden rewrites it."""
    folder = request.path.parent / "golden"

    def check(name: str, text: str) -> None:
        path = folder / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs; look, then run with --update-golden"

    return check


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last line says how many tests against the vendors' own material did not run."""
    skipped = len(_skipped_vendor_tests(terminalreporter))
    terminalreporter.write_line(f"checks against the vendors' own material: {skipped} skipped")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that skips them although the material is there has failed: something is wrong with the tests."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and VENDORS.is_dir() and _skipped_vendor_tests(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skipped_vendor_tests(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    return [report for report in reporter.stats.get("skipped", []) if "vendors" in report.keywords]
