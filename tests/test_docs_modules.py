"""The table of modules in docs/architecture.md has every module of the package, and none that is not there."""

from __future__ import annotations

import re

from conftest import ROOT

PACKAGE = ROOT / "src" / "syncctl"
NAME = re.compile(r"`([a-z_]+/?)`")


def rows() -> list[tuple[str, str]]:
    """What each row of the table names, and what it says of it."""
    text = (ROOT / "docs" / "architecture.md").read_text().partition("## Modules")[2].partition("\n\n`")[0]
    cells = [line.strip("|").split(" | ", 1) for line in text.splitlines() if line.startswith("| `")]
    return [(names, said) for names, said in cells]


def test_every_module_of_the_package_stands_in_the_architecture_and_no_other() -> None:
    named = [name for names, _ in rows() for name in NAME.findall(names) if name != "simulation/"]
    files = {path.stem for path in PACKAGE.glob("[a-z]*.py")}
    assert sorted(named) == sorted(files | {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")})


def test_every_module_that_the_architecture_tells_of_is_in_its_package() -> None:
    told = [(path, name) for names, said in rows() for path in NAME.findall(names) for name in NAME.findall(said)]
    packages = [(path, name) for path, name in told if path.endswith("/") and path != "simulation/"]
    assert packages
    assert [one for one in packages if not (PACKAGE / one[0] / f"{one[1]}.py").is_file()] == []
