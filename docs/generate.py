"""Writes what is generated in the docs: the dry run in README.md, cut from what the demo prints. I/O: runs the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- dry run.*?```text\n).*?(```\n<!-- end)", re.DOTALL)
CUT = "\n  ⋮\n"


def main() -> None:
    """Runs the demo at 80 columns and rewrites the block."""
    printed = subprocess.run(
        [str(Path(sys.executable).with_name("syncctl")), "demo"],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    shown = CUT.join(parts(printed))
    README.write_text(BLOCK.sub(lambda found: f"{found.group(1)}{shown}\n{found.group(2)}", README.read_text()))


def parts(printed: str) -> Iterator[str]:
    """The telling parts of the dry run: two invoices, the deals that wait for them, a tie, the totals, what is next."""
    paragraphs = printed.partition("\nRUN ")[0].strip("\n").split("\n\n")
    invoices = _from(paragraphs, "invoices →")
    deals = _from(paragraphs, "deals →")
    waiting = paragraphs[_last(paragraphs, "waits for", "deal")]
    number = re.search(r"waits for (\d+)", waiting)
    assert number is not None
    created = _from(paragraphs, f"{number.group(1)}  + create")
    yield paragraphs[0]
    yield paragraphs[invoices]
    yield paragraphs[created]
    yield paragraphs[deals]
    yield waiting
    yield paragraphs[_from(paragraphs, "NOT MATCHED")]
    yield paragraphs[_from(paragraphs, "TOTALS")]


def _from(paragraphs: list[str], start: str) -> int:
    return next(place for place, text in enumerate(paragraphs) if text.startswith(start))


def _last(paragraphs: list[str], *words: str) -> int:
    return max(place for place, text in enumerate(paragraphs) if all(word in text for word in words))


if __name__ == "__main__":
    main()
