"""A channel takes its address from where it is kept, and reaches nothing it must not; never is the address told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from listener import Listener, listening
from syncctl.addresses import reach_of
from syncctl.alerts.channels import ChannelError, Message, Open, open_channel
from syncctl.alerts.dialing import Line, Refused, on
from syncctl.credentials import Credentials, parse_reference
from syncctl.redact import Redactor
from syncctl.settings import AlertChannel

SECRET = "hunter2-hunter2"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


def opened(address: str, *, allow_private: bool = False) -> Open:
    channel = AlertChannel(parse_reference("env:CHAT"), allow_private=allow_private)
    return open_channel(channel, Credentials({"CHAT": address}, Path()), Redactor())


def refusal(address: str, *, allow_private: bool = False) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        opened(address, allow_private=allow_private).send(Message("title", "body"))
    return caught.value


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
        ("127.0.0.1", "private"),
        ("::1", "private"),
        ("localhost", "private"),
        ("10.1.2.3", "private"),
        ("192.168.0.9", "private"),
        ("fd12::1", "private"),
        ("::ffff:127.0.0.1", "private"),
        ("169.254.169.254", "never"),
        ("::ffff:169.254.169.254", "never"),
        ("64:ff9b::a9fe:a9fe", "never"),
        ("fe80::1%eth0", "never"),
        ("100.100.100.200", "never"),
        ("fd00:ec2::254", "never"),
        ("168.63.129.16", "never"),
        ("0.0.0.0", "never"),
        ("224.0.0.1", "never"),
        ("hooks.example.com", None),
    ],
)
def test_how_far_an_address_reaches(address: str, reach: str | None) -> None:
    assert reach_of(address) == reach


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "100.100.100.200"])
def test_a_machines_own_services_are_never_reached(host: str, allowed: bool) -> None:
    assert "network services" in str(refusal(f"json://{host}/latest/meta-data", allow_private=allowed))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.9", "[::1]"])
def test_this_machine_and_its_network_only_where_the_settings_say_so(host: str) -> None:
    error = refusal(f"json://{host}/hook")
    assert "private network" in str(error)
    assert "allow_private: true" in error.fix


def test_a_message_arrives_whole_as_plain_text(listener: Listener) -> None:
    opened(listener.address, allow_private=True).send(Message("A title", "one\n  two_three *four*\n"))
    taken = listener.taken.pop()
    assert (taken["title"], taken["message"].strip(), taken["type"]) == (
        "A title", "one\n  two_three *four*", "failure",
    )  # fmt: skip


def test_a_name_that_leads_inside_is_refused_when_it_is_connected_to(listener: Listener) -> None:
    # The address says nothing: only the connection shows where the name leads.
    error = refusal(listener.address.replace("127.0.0.1", "2130706433"))
    assert "127.0.0.1" in str(error)
    assert "allow_private" in error.fix
    assert not listener.taken


def test_a_redirect_is_not_followed(listener: Listener) -> None:
    listener.status, listener.location = 307, "http://169.254.169.254/latest"
    try:
        assert "network services" not in str(refusal(listener.address, allow_private=True))
    finally:
        listener.status, listener.location = 200, ""


def test_connections_outside_of_a_send_are_nobodys_business(listener: Listener) -> None:
    port = int(listener.address.rpartition(":")[2].partition("/")[0])
    with pytest.raises(Refused), on(Line(allow_private=False)):
        socket.create_connection(("127.0.0.1", port))
    socket.create_connection(("127.0.0.1", port)).close()


@pytest.mark.parametrize("address", ["nonsense", "nothing://x", "slack://", "mailto://"])
def test_an_address_that_apprise_does_not_know_is_not_repeated(address: str) -> None:
    error = refusal(f"{address}{SECRET}" if address == "nonsense" else address)
    assert SECRET not in str(error) + error.fix
    assert "Apprise" in str(error)


def test_the_reason_of_a_failure_is_told_without_the_address(
    listener: Listener, capfd: pytest.CaptureFixture[str]
) -> None:
    listener.status = 503
    try:
        error = refusal(listener.address, allow_private=True)
    finally:
        listener.status = 200
    assert "503" in str(error)
    assert SECRET not in str(error)
    assert capfd.readouterr() == ("", "")


def test_a_reference_without_a_secret_says_what_is_missing() -> None:
    channel = AlertChannel(parse_reference("env:CHAT"))
    with pytest.raises(ChannelError, match="CHAT is not set"):
        open_channel(channel, Credentials({}, Path()), Redactor())
