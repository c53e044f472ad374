"""Which servers may be spoken to: no spelling reaches a machine's own services, nothing is sent in the clear."""

from __future__ import annotations

import pytest

from syncctl.addresses import BadAddress, check_base, check_server

METADATA = (
    "169.254.169.254",
    "169.254.169.254.",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "168.63.129.16",
    "2852039166",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata",
    "0.0.0.0",
    "[::]",
    "0",
    "224.0.0.1",
    "255.255.255.255",
    "1\uff16\uff19.254.169.254",
    "\uff11\uff16\uff19\u3002254.169.254",
)


@pytest.mark.parametrize("host", METADATA)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_reaches_the_machines_own_services(host: str, scheme: str) -> None:
    with pytest.raises(BadAddress):
        check_base(f"{scheme}://{host}/latest/meta-data")


@pytest.mark.parametrize(
    "address",
    [
        "http://erp.example.com",
        "http://10.0.0.5",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://2130706433",
        "http://127.1",
        "http://localhost.",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "//127.0.0.1",
        "https://",
        "https:///path",
        "https://a@b.example.com",
        "https://@b.example.com",
        "https://a:b@b.example.com",
        "https://b.example.com\\@evil.example",
        "https://b.example.com\n.evil.example",
        "https://b.example.com/a b",
        "https://b.example.com\t",
        "https://[::1",
        "https://b.example.com:port",
    ],
)
def test_nothing_travels_in_the_clear_and_no_address_has_two_readings(address: str) -> None:
    with pytest.raises(BadAddress):
        check_server(address)


@pytest.mark.parametrize(
    "address",
    ["https://erp.example.com/api/", "https://10.0.0.5:8443", "http://127.0.0.1:8105", "http://[::1]:8105",
     "http://localhost/x", "https://xn--mller-kva.example/api", "https://1und1.example"],
)  # fmt: skip
def test_a_server_over_https_an_own_network_and_this_machine_by_name_are_fine(address: str) -> None:
    assert check_base(address) == address.rstrip("/")


def test_the_refusal_never_repeats_what_may_hold_a_secret() -> None:
    with pytest.raises(BadAddress) as refused:
        check_server("https://me:hunter2-hunter2@erp.example.com")
    assert "hunter2" not in f"{refused.value} {refused.value.fix}"
