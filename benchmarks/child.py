"""The fresh process of one measurement: `python -m benchmarks.child MODULE PART ARGUMENT…`. I/O: prints JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module

from benchmarks.measure import peak_mb


def main() -> None:
    """Runs one part and prints its facts with the process's peak memory."""
    name, part, *arguments = sys.argv[1:]
    facts = import_module(f"benchmarks.{name}").PARTS[part](*arguments)
    print(json.dumps({**facts, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
