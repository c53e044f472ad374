"""`syncctl connector test`: our connectors, somebody else's, and what is missing when there is nothing to test with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.house import alone
from syncctl.contract.suite import PROMISES

CONNECTORS = "[syncctl.connectors]\nacme = syncctl.connectors.stripe:Stripe\n"
CONTRACT = "[syncctl.contract]\nacme = acme_sync:SUBJECT\n"
SUBJECT = """
from dataclasses import replace
from functools import partial
from contract.breaking import SwallowsPoison
from syncctl.contract.subjects.stripe import SUBJECT as REAL
SUBJECT = replace(REAL, connect=partial(SwallowsPoison, make=REAL.connect))
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of somebody else with a connector named acme; what it tells is written by the test."""
    (tmp_path / "acme_sync.py").write_text(SUBJECT)
    told = tmp_path / "acme_sync-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-sync\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return told / "entry_points.txt"


def test_a_connector_that_keeps_every_promise_passes_and_the_exit_code_says_so() -> None:
    """tests/contract/test_contract.py says it of every shipped one."""
    said = alone("connector", "test", "plaid", "--json")
    assert said.code == 0
    assert [row["name"] for row in said.json["rows"]] == [promise.__name__ for promise in PROMISES]
    assert said.json["counts"]["broken"] == 0


def test_the_page_has_a_line_per_promise_and_says_why_one_does_not_apply() -> None:
    said = alone("connector", "test", "stripe", environment={"COLUMNS": "80"}).out
    assert "kept            A full pull brings every record and says at its end that it is" in said
    assert "does not apply  An update of a record that changed meanwhile" in said
    assert "the card says that this vendor checks no version" in said
    assert max(map(len, said.splitlines())) <= 80


def test_a_third_partys_connector_is_tried_by_the_subject_its_package_names(installed: Path) -> None:
    installed.write_text(CONNECTORS + CONTRACT)
    said = alone("connector", "test", "acme", "--json")
    assert said.code == 1
    (row,) = (row for row in said.json["rows"] if row["verdict"] == "broken")
    assert row["name"] == "poison_is_set_aside"
    assert row["why"] == "a row that could not be read is neither a record nor set aside"


def test_a_connector_without_a_subject_is_told_exactly_what_to_provide(installed: Path) -> None:
    installed.write_text(CONNECTORS)
    said = alone("connector", "test", "acme")
    assert said.code == 64
    assert said.error["cause"] == "the connector 'acme' has no pretend vendor to be tested against"
    assert '[project.entry-points."syncctl.contract"] acme = ' in said.error["fix"]
    assert "docs/connectors/writing-a-connector.md" in said.error["fix"]


def test_a_connector_that_does_not_exist_is_a_mistake_in_the_name() -> None:
    said = alone("connector", "test", "strype")
    assert said.code == 64
    assert "stripe" in said.error["fix"]
