"""The served sandbox: real sockets, loopback only, faults that really drop the connection."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.tiny_vendor import TinyVendor
from syncctl.errors import SyncctlError
from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import FakeClock, SandboxClock
from syncctl.sandbox.serve import SandboxFailed, Served, serve


@pytest.fixture
def tiny(clock: FakeClock) -> Sandbox:
    return Sandbox(TinyVendor(clock))


@pytest.fixture
def client(tiny: Sandbox) -> Iterator[httpx.Client]:
    with Served({"tiny": tiny}) as urls, httpx.Client(base_url=urls["tiny"], trust_env=False) as open_client:
        yield open_client


def plan(client: httpx.Client, fault: str, **words: Any) -> None:
    answer = client.post("/_sandbox/faults", json=[{"match": {"method": "POST"}, "fault": fault, **words}])
    assert answer.json() == {"waiting": 1}


def test_a_request_arrives_as_it_was_sent(client: httpx.Client, tiny: Sandbox) -> None:
    vendor = tiny.vendor
    assert isinstance(vendor, TinyVendor)
    client.post("/things/caf%C3%A9?a=1&a=2&empty=", json={"n": "ü"}, headers={"X-Tag": "t"})
    seen = vendor.seen[-1]
    assert (seen.method, seen.path) == ("POST", "/things/café")
    assert seen.query == (("a", "1"), ("a", "2"), ("empty", ""))
    assert seen.headers["x-tag"] == "t"
    assert json.loads(seen.body) == {"n": "ü"}


def test_an_answer_arrives_as_the_vendor_gave_it(client: httpx.Client) -> None:
    answer = client.post("/things", json={})
    assert (answer.status_code, answer.json()) == (201, {"made": 1})
    assert answer.headers["x-request-id"] == "r1"
    assert answer.headers["date"] == "Fri, 20 Nov 2026 03:00:00 GMT"


def test_one_connection_serves_many_requests(client: httpx.Client, tiny: Sandbox) -> None:
    address = set()
    for _ in range(5):
        answer = client.get("/things")
        address.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(address) == 1
    assert len(tiny.log) == 5


def test_head_has_headers_and_no_body(client: httpx.Client) -> None:
    answer = client.head("/things")
    assert answer.headers["content-length"] == "2"
    assert client.get("/things").json() == []


def test_a_body_of_unknown_length_is_refused(client: httpx.Client, tiny: Sandbox) -> None:
    assert client.post("/things", content=iter([b"{}"])).status_code == 411
    assert tiny.log == []


def test_the_log_lists_every_request_and_no_control_request(client: httpx.Client) -> None:
    client.get("/things", params={"limit": "5"})
    assert client.get("/_sandbox/log").json() == [
        {
            "at": "2026-11-20T03:00:00+00:00",
            "method": "GET",
            "path": "/things",
            "query": {"limit": "5"},
            "status": 200,
            "fault": None,
        }
    ]


def test_the_state_shows_what_is_stored(client: httpx.Client) -> None:
    client.post("/things", json={"n": 1})
    assert client.get("/_sandbox/state").json() == {"thing": {"0": {"n": 1}}}


def test_a_lost_answer_drops_the_connection_after_the_work(client: httpx.Client) -> None:
    plan(client, "lost")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/things", json={"n": 1})
    assert len(client.get("/things").json()) == 1
    logged = client.get("/_sandbox/log").json()[0]
    assert (logged["status"], logged["fault"]) == (None, "lost")


def test_a_late_request_is_applied_after_the_client_gave_up(client: httpx.Client) -> None:
    plan(client, "late", seconds=30)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/things", json={"n": 1})
    assert client.get("/things").json() == []
    client.post("/_sandbox/clock", json={"advance_seconds": 31})
    assert client.get("/things").json() == [{"n": 1}]


@pytest.mark.parametrize(
    ("fault", "status", "stored"), [("429", 429, 0), ("500 before", 500, 0), ("500 after", 500, 1), ("slow", 201, 1)]
)
def test_faults_answer_and_store_as_they_say(client: httpx.Client, fault: str, status: int, stored: int) -> None:
    plan(client, fault)
    assert client.post("/things", json={"n": 1}).status_code == status
    assert len(client.get("/things").json()) == stored


def test_a_truncated_answer_is_whole_http_and_half_a_body(client: httpx.Client) -> None:
    plan(client, "truncated")
    assert client.post("/things", json={"n": 1}).text == '{"mad'


def test_an_empty_list_of_faults_takes_the_waiting_ones_away(client: httpx.Client) -> None:
    plan(client, "500 before", times=9)
    assert client.post("/_sandbox/faults", json=[]).json() == {"waiting": 0}
    assert client.post("/things", json={}).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"fault": "lost"}),
        ("faults", [{"match": {}}]),
        ("faults", [{"fault": "meteor"}]),
        ("faults", [{"fault": ["lost"]}]),
        ("faults", [{"fault": "lost", "time": 2}]),
        ("faults", [{"fault": "lost", "times": "2"}]),
        ("faults", [{"fault": "lost", "match": "POST"}]),
        ("faults", [{"fault": "lost", "match": {"paht": "/v1/invoices"}}]),
        ("clock", {"advance_seconds": "soon"}),
        ("clock", {"advance_seconds": True}),
        ("clock", []),
        ("reset", {}),
    ],
)
def test_a_wrong_control_request_is_refused_with_its_reason(client: httpx.Client, path: str, body: Any) -> None:
    answer = client.post(f"/_sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/things").status_code == 200, "it steers nothing"


def test_an_unknown_control_path_names_the_known_ones(client: httpx.Client) -> None:
    answer = client.get("/_sandbox/stats")
    assert answer.status_code == 404
    assert "GET /_sandbox/state" in answer.json()["error"]


def test_the_clock_is_put_forward_for_the_vendor(client: httpx.Client, clock: FakeClock) -> None:
    before = clock.now()
    answer = client.post("/_sandbox/clock", json={"advance_seconds": 86_400})
    assert answer.json() == {"now": (before + timedelta(days=1)).isoformat()}
    assert clock.now() == before + timedelta(days=1)


def test_reset_brings_the_seed_back_without_faults_and_log(clock: FakeClock) -> None:
    tiny = Sandbox(TinyVendor(clock, things=2))
    served = Served({"tiny": tiny}, fresh={"tiny": lambda: TinyVendor(clock, things=2)})
    with served as urls, httpx.Client(base_url=urls["tiny"], trust_env=False) as client:
        client.post("/things", json={})
        plan(client, "lost")
        assert client.post("/_sandbox/reset").json() == {"reset": "tiny"}
        assert client.get("/_sandbox/log").json() == []
        assert client.post("/things", json={}).json() == {"made": 3}
    assert len(tiny.log) == 1


def test_each_system_has_its_own_port_in_order(clock: FakeClock) -> None:
    both = {"a": Sandbox(TinyVendor(clock, "a")), "b": Sandbox(TinyVendor(clock, "b"))}
    base = free_port_base()
    with Served(both, port_base=base) as urls:
        assert urls == {"a": f"http://127.0.0.1:{base + 1}", "b": f"http://127.0.0.1:{base + 2}"}


def free_port_base() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_one_clear_sentence(clock: FakeClock) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        served = Served({"tiny": Sandbox(TinyVendor(clock))}, port_base=taken.getsockname()[1] - 1)
        with pytest.raises(SyncctlError, match=r"cannot listen on 127\.0\.0\.1:\d+: Address already in use"):
            served.start()


def test_only_loopback_is_bound(tiny: Sandbox) -> None:
    served = Served({"tiny": tiny})
    with served as urls:
        assert urls["tiny"].startswith("http://127.0.0.1:")
        assert [server.socket.getsockname()[0] for server in served._servers.values()] == ["127.0.0.1"]


def test_parallel_requests_reach_the_vendor_one_at_a_time(tiny: Sandbox) -> None:
    def create(url: str) -> None:
        with httpx.Client(base_url=url, trust_env=False) as one:
            for _ in range(20):
                assert one.post("/things", json={}).status_code == 201

    with Served({"tiny": tiny}) as urls:
        threads = [threading.Thread(target=create, args=(urls["tiny"],)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert tiny.vendor.state()["thing"].keys() == {str(number) for number in range(80)}


def test_a_defective_vendor_fails_the_test_that_used_it(tiny: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(SandboxFailed) as failed,
        Served({"tiny": tiny}) as urls,
        httpx.Client(base_url=urls["tiny"], trust_env=False) as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.get("/slip")
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert "ZeroDivisionError: a defect" in capfd.readouterr().err


def test_a_half_sent_request_is_never_handled(tiny: Sandbox) -> None:
    with Served({"tiny": tiny}) as urls, socket.create_connection(address_of(urls["tiny"])) as half:
        half.sendall(b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{}")
        half.shutdown(socket.SHUT_WR)
        assert half.recv(100) == b""
    assert tiny.log == []


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def test_stopping_closes_idle_keep_alive_connections_at_once(tiny: Sandbox) -> None:
    served = Served({"tiny": tiny})
    urls = served.start()
    with httpx.Client(base_url=urls["tiny"], trust_env=False) as client:
        client.get("/things")
        start = time.monotonic()
        assert served.stop() == ()
        assert time.monotonic() - start < 2
        with pytest.raises(httpx.TransportError):
            client.get("/things")


def test_the_ready_file_is_there_exactly_while_the_sandbox_serves(clock: FakeClock, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text("left over")
    seen: dict[str, str] = {}

    def on_ready(urls: Any) -> None:
        seen.update(json.loads(ready.read_text()))
        assert httpx.get(urls["tiny"] + "/things", trust_env=False).status_code == 200
        os.kill(os.getpid(), signal.SIGTERM)

    number = serve({"tiny": Sandbox(TinyVendor(clock))}, port_base=0, ready_file=ready, on_ready=on_ready)
    assert number == signal.SIGTERM
    assert seen["tiny"].startswith("http://127.0.0.1:")
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


PROCESS = """
import sys; sys.path.insert(0, sys.argv[2])
from pathlib import Path
from sandbox.tiny_vendor import TinyVendor
from syncctl.sandbox.base import Sandbox
from syncctl.sandbox.clock import SandboxClock
from syncctl.sandbox.serve import serve
ready = lambda urls: print(urls["tiny"], flush=True)
tiny = Sandbox(TinyVendor(SandboxClock()))
raise SystemExit(serve({"tiny": tiny}, port_base=0, ready_file=Path(sys.argv[1]), on_ready=ready))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-c", PROCESS, str(ready), str(Path(__file__).parent.parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        assert json.loads(ready.read_text()) == {"tiny": url}
        assert httpx.post(url + "/things", json={}, trust_env=False).status_code == 201
        process.send_signal(number)
        assert process.stderr.read() == ""
        assert process.wait(timeout=10) == number
    assert not ready.exists()


def test_the_sandbox_clock_is_the_machines_put_forward(clock: FakeClock) -> None:
    ahead = SandboxClock(clock)
    ahead.advance(90)
    assert ahead.now() == clock.now() + timedelta(seconds=90)
    assert ahead.boottime() == clock.boottime() + 90
    with pytest.raises(ValueError, match="only put forward"):
        ahead.advance(-1)
