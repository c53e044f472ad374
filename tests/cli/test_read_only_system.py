"""A system that syncctl.yaml says is only read: the plan, an apply, doctor and setup say so, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cli.house import YES, House, house


def watch(found: House, system: str, said: str = "true") -> None:
    path = found.folder / "syncctl.yaml"
    text = path.read_text()
    path.write_text(text.replace(f"connector: {system}", f"connector: {system}\n    read_only: {said}", 1))


@pytest.fixture
def watched() -> Iterator[House]:
    """A house whose QuickBooks and HubSpot may only be read."""
    with house() as found:
        watch(found, "quickbooks")
        watch(found, "hubspot")
        yield found


def test_everything_for_a_read_only_system_is_blocked_with_the_reason_and_nothing_is_written(watched: House) -> None:
    before = len(watched.boxes["quickbooks"].log)
    said = watched.run(*YES, "--json")
    assert said.code == 2, said.err
    assert len(watched.boxes["quickbooks"].log) > before, "it is read as ever"
    assert not any(box.writes() for name, box in watched.boxes.items() if name != "stripe")
    plan = watched.run("plan", "--json").json["plan"]
    blocked = {found["hint"] for found in plan["findings"] if found["kind"] == "blocked"}
    for system in ("quickbooks", "hubspot"):
        assert (
            f"{system} is read only: take `read_only` of it out of syncctl.yaml, or write it there by hand" in blocked
        )
    assert not plan["changes"]


def test_a_plan_made_before_is_stale_once_its_system_is_only_read(watched: House) -> None:
    for system in ("quickbooks", "hubspot"):
        file = watched.folder / "syncctl.yaml"
        file.write_text(file.read_text().replace(f"connector: {system}\n    read_only: true", f"connector: {system}"))
    path = str(watched.folder / "friday.plan")
    assert watched.run("plan", "--out", path).code == 2
    watch(watched, "quickbooks")
    said = watched.run("apply", path, "--max-ratio", "100%")
    assert said.code == 8, said.err
    assert not watched.boxes["quickbooks"].writes()


def test_doctor_says_which_systems_are_only_read_and_asks_for_no_setup_there(watched: House) -> None:
    rows = {row["check"]: row for row in watched.run("doctor", "--json").json["rows"]}
    assert rows["system hubspot"]["cause"].endswith("sandbox, read only")
    assert rows["system stripe"]["cause"].endswith("sandbox")
    assert "setup of hubspot" not in rows


def test_setup_is_refused_at_a_read_only_system(watched: House) -> None:
    vendor: Any = watched.boxes["hubspot"].vendor
    for properties in vendor.account.properties.values():
        properties.pop("syncctl_external_id", None)
    said = watched.run("setup", "hubspot", "--yes")
    assert (said.code, said.error["fix"]) == (
        78,
        "to write there, take `read_only` of hubspot out of syncctl.yaml",
    )
    assert not watched.boxes["hubspot"].writes()


def test_another_word_than_true_or_false_is_a_problem_with_its_place(watched: House) -> None:
    watch(watched, "stripe", "maybe")
    said = watched.run("doctor")
    assert said.code == 78
    assert "`maybe` is no read_only" in said.err
