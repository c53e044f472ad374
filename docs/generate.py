"""Writes what is generated in the docs, cut from what the demo prints: the dry run in README.md, the statement in
docs/tasks.md; the simulator's figures in docs/promises.md; and the JSON Schemas for editors in docs/schemas/.
I/O: runs the demo, reads simulation/figures.json, writes into docs/."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from syncctl.connectors.rest.grammar import system_json_schema
from syncctl.mapping.jsonschema import mapping_json_schema

HERE = Path(__file__).resolve().parent
FIGURES = HERE.parent / "simulation" / "figures.json"
"""What `make sim` and `make kill` wrote."""
SCHEMAS = {"mapping": mapping_json_schema, "system": system_json_schema}
"""What an editor checks a file in mappings/ and in systems/ against."""
CUT = "\n  ⋮\n"


def main(words: Sequence[str] = ()) -> None:
    """Runs the demo at 80 columns and rewrites the blocks; `figures`: only the figures."""
    rewrite(HERE / "promises.md", "simulator", figures(FIGURES.read_text()))
    if "figures" in words:
        return
    for name in SCHEMAS:
        (HERE / "schemas" / f"{name}.schema.json").write_text(schema(name))
    printed = subprocess.run(
        [str(Path(sys.executable).with_name("syncctl")), "demo"],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rewrite(HERE.parent / "README.md", "dry run", CUT.join(parts(printed)))
    rewrite(HERE / "tasks.md", "statement", CUT.join(statement(printed)))


def schema(name: str) -> str:
    """A JSON Schema as its file holds it."""
    return json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False) + "\n"


def rewrite(page: Path, name: str, shown: str) -> None:
    """Puts the text into the block of a page that has this name."""
    block = re.compile(rf"(<!-- {name}.*?```text\n).*?(```\n<!-- end)", re.DOTALL)
    page.write_text(block.sub(lambda found: f"{found.group(1)}{shown}\n{found.group(2)}", page.read_text()))


def figures(written: str) -> str:
    """What the lives of the simulator came to: the counts, then every kind of damage, zeroes included; so the kills."""
    found = json.loads(written)
    counts = {name.replace("_", " "): value for name, value in found.items() if isinstance(value, int)}
    counts |= {name: sum(found[name].values()) for name in ("faults", "crashes")}
    lines = [f"{name:<26}{value:>12,}" for name, value in counts.items()]
    damage = [f"{kind:<26}{count:>12,}" for kind, count in found["damage"].items()]
    matrix = found["kill matrix"].items()
    kills = [f"{'kill matrix: ' + name:<26}{value:>12,}" for name, value in matrix]
    failed = [f"{'failed in turn: ' + name:<26}{value:>12,}" for name, value in found["nth failures"].items()]
    return "\n".join([*lines, "", *damage, "", *kills, "", *failed])


def statement(printed: str) -> Iterator[str]:
    """The telling parts of the statement: the invoices, the one that was refused, the verdict."""
    paragraphs = printed[printed.index("\nSTATEMENT ") :].strip("\n").split("\n\n")
    listed = _from(paragraphs, "OPEN ")
    title, *entries = re.split(r"\n(?= +\d+  )", paragraphs[listed])
    yield "\n".join(paragraphs[0].splitlines()[:2])
    yield paragraphs[_from(paragraphs, "invoices")]
    yield title
    yield next(entry for entry in entries if " refused: " in entry)
    yield paragraphs[listed + 1]


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
    main(sys.argv[1:])
