"""The vendors are gone right after the last write: what was written is told all the same."""

from __future__ import annotations

import httpx
import pytest
from house import YES, House, Said, house

from syncctl.sandbox.base import SandboxTransport


def gone_after_the_last_write(there: House, writes: int) -> type[SandboxTransport]:
    """Transports of vendors that answer nothing any more once they saw so many writes."""

    class Gone(SandboxTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if there.writes >= writes:
                raise httpx.ConnectError("the vendor is gone", request=request)
            return super().handle_request(request)

    return Gone


@pytest.fixture(scope="module")
def whole() -> tuple[Said, int]:
    """The same run while nothing goes wrong, and how many writes it makes."""
    with house() as there:
        return there.run(*YES, "--json"), there.writes


def states(said: Said) -> list[tuple[str, str]]:
    return [(row["name"], row["state"]) for row in said.json["applied"]]


def test_a_read_back_that_fails_hides_nothing_of_what_was_written(whole: tuple[Said, int]) -> None:
    undisturbed, writes = whole
    with house() as there:
        said = there.run(*YES, "--json", "--run-id", "night-8", transport=gone_after_the_last_write(there, writes))
        assert states(said) == states(undisturbed)
        assert undisturbed.json["not_read_back"] is None
        assert said.json["not_read_back"]["error"] == "VendorUnavailable"
        assert (said.code, said.json["exit_code"]) == (1, 1)
        assert "what was written stands" in said.err
        listed = {row["run"]: row["outcome"] for row in there.run("runs", "list", "--json").json["rows"]}
        assert listed["night-8"] == "not read back"
        assert there.run(*YES, "--json").json["not_read_back"] is None
        assert there.writes == writes


def test_on_a_terminal_the_cause_stands_beside_the_report_of_an_apply(whole: tuple[Said, int]) -> None:
    with house() as there:
        there.run("plan")
        gone = gone_after_the_last_write(there, whole[1])
        said = there.run("apply", "--max-ratio", "100%", terminal=True, transport=gone)
        assert "changes written" in said.out
        assert "the vendor did not answer" in said.err
        assert said.code == 1
