"""A file that holds no plan is named with what is wrong with it: one sentence, exit code 8, nothing sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from house import House, house


@pytest.fixture(scope="module")
def planned() -> Iterator[House]:
    """After a dry run. Tests only look."""
    with house() as found:
        yield found


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "this is no plan, it is empty"),
        (b"junk\n", "this is no plan, it is no JSON"),
        (b"\xff\xfe", "this is no plan, it is no JSON"),
        (b"[1, 2]", "this is no plan, it holds a list"),
        (b"[" * 200_000, "this is no plan, "),
        (b'"text"', "this is no plan, it holds a text"),
        (b'{"changes": []}', "this is no plan, it is other JSON"),
        (b'{"schema_version":1,"plan":{"id":"5f2c', "this is no plan, it is cut short"),
    ],
    ids=["empty", "junk", "binary", "list", "deep", "text", "other", "cut"],
)
def test_what_is_no_plan_is_said_with_the_files_name(planned: House, body: bytes, wrong: str) -> None:
    file = planned.folder / "junk.json"
    file.write_bytes(body)
    before = planned.writes
    for command in ("show", "apply"):
        said = planned.run(command, str(file))
        assert (said.code, said.out) == (8, "")
        assert said.error["cause"].startswith(f"{file}: {wrong}")
        assert "syncctl plan --out FILE" in said.error["fix"]
    assert planned.writes == before


def test_an_edited_plan_and_a_folder_are_named_too(planned: House) -> None:
    file = planned.folder / "friday.plan"
    planned.run("plan", "--out", str(file))
    file.write_bytes(file.read_bytes().replace(b'"mapping"', b' "mapping"', 1))
    said = planned.run("show", str(file))
    assert said.code == 8
    assert str(file) in said.error["cause"]
    assert "was edited after it was made" in said.error["cause"]
    said = planned.run("apply", str(planned.folder / "mappings"))
    assert (said.code, said.error["cause"]) == (8, f"{planned.folder / 'mappings'} is a folder, no plan file")
