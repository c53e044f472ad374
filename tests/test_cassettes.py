"""Interactions with the served sandbox, recorded once and replayed without it: a connector's requests stay as they are.

`pytest tests/test_cassettes.py --record` records anew; read the difference like that of a golden file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import vcr

from syncctl.connectors.base import Access, Connector
from syncctl.connectors.registry import connector_class
from syncctl.model import Record
from syncctl.redact import Redactor
from syncctl.sandbox.clock import FakeClock
from syncctl.sandbox.serve import Served
from syncctl.sandbox.world import plan_world, world_credentials

CASSETTES = Path(__file__).resolve().parent.parent / "cassettes"
KINDS = {"stripe": "product", "quickbooks": "Item", "hubspot": "pipeline"}
SECRETS = ("authorization", "Authorization")


def player(*, record: bool) -> Any:
    return vcr.VCR(
        cassette_library_dir=str(CASSETTES),
        record_mode="all" if record else "none",
        match_on=["method", "path", "query", "body"],
        filter_headers=[(name, "Bearer [redacted]") for name in SECRETS],
        decode_compressed_response=True,
    )


def connector(system: str, url: str, clock: FakeClock) -> Connector:
    credential = world_credentials()[system]
    access = Access(system, lambda: credential.token, clock, Redactor(), base_url=url, company=credential.company)
    return connector_class(system)(access)


def pulled(found: Connector, kind: str) -> list[Record]:
    try:
        return [record for page in found.pull(kind, None) for record in page.records]
    finally:
        found.close()


@pytest.mark.parametrize("system", KINDS)
def test_a_recorded_pull_replays_without_a_server(
    system: str, clock: FakeClock, request: pytest.FixtureRequest
) -> None:
    tape, kind = f"{system}_{KINDS[system]}.yaml", KINDS[system]
    world = plan_world(clock, scale=0.01, limits=False).sandboxes([system])
    if request.config.getoption("--record"):
        (CASSETTES / tape).unlink(missing_ok=True)
        with Served(world) as urls, player(record=True).use_cassette(tape):
            pulled(connector(system, urls[system], clock), kind)
    with player(record=False).use_cassette(tape):
        replayed = pulled(connector(system, "http://127.0.0.1:9", clock), kind)
    with Served(world) as urls:
        live = pulled(connector(system, urls[system], clock), kind)
    assert [record.ref for record in replayed] == [record.ref for record in live]
    assert len(replayed) > 0


def test_no_cassette_holds_a_credential() -> None:
    tapes = list(CASSETTES.glob("*.yaml"))
    assert len(tapes) == len(KINDS)
    for tape in tapes:
        text = tape.read_text()
        for credential in world_credentials().values():
            assert credential.token not in text
