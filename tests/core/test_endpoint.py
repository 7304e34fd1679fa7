"""Addresses as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.endpoint import Endpoint, check_port, parse_port
from explorer.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1:9000", Endpoint("127.0.0.1", 9000)),
        ("[::1]:80", Endpoint("::1", 80)),
        (" localhost:0 ", Endpoint("localhost", 0)),
        ("[fe80::1%eth0]:65535", Endpoint("fe80::1%eth0", 65_535)),
    ],
)
def test_reads_host_and_port(text: str, endpoint: Endpoint) -> None:
    assert Endpoint.parse(text) == endpoint


@given(st.sampled_from(["127.0.0.1", "::1", "device.example", "fe80::1%eth0"]), st.integers(0, 65_535))
def test_what_is_written_is_read_back(host: str, port: int) -> None:
    assert Endpoint.parse(str(Endpoint(host, port))) == Endpoint(host, port)


@pytest.mark.parametrize("text", ["", "9000", "host", "host:", "host:abc", "host:70000", "host:-1"])
def test_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError):
        Endpoint.parse(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("70000", "Port 70,000 does not exist"),
        ("abc", "'abc' is not a port"),
        ("", "A port is needed"),
        ("-1", "'-1' is not a port"),
        ("٣", "is not a port"),
        ("9" * 5000, "does not exist"),
    ],
)
def test_a_wrong_port_gets_a_sentence_beside_the_field(text: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_port(text)
    assert caught.value.path == "port"
    assert part in caught.value.message


def test_only_servers_may_leave_the_port_to_the_system() -> None:
    assert parse_port("0") == 0
    with pytest.raises(InputError, match="only a server"):
        parse_port("0", lowest=1)
    assert check_port(1, lowest=1) == 1


@pytest.mark.parametrize(
    ("host", "loopback", "wildcard"),
    [
        ("127.0.0.1", True, False),
        ("127.9.9.9", True, False),
        ("::1", True, False),
        ("localhost", True, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("192.0.2.1", False, False),
        ("device.example", False, False),
    ],
)
def test_who_can_reach_it(host: str, loopback: bool, wildcard: bool) -> None:
    endpoint = Endpoint(host, 1)
    assert (endpoint.is_loopback, endpoint.is_wildcard) == (loopback, wildcard)


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        (("127.0.0.1", 5), Endpoint("127.0.0.1", 5)),
        (("::1", 5, 0, 0), Endpoint("::1", 5)),
        (("fe80::1", 5, 0, 3), Endpoint("fe80::1%3", 5)),
        (("fe80::1%eth0", 5, 0, 3), Endpoint("fe80::1%eth0", 5)),
        (None, Endpoint("", 0)),
    ],
)
def test_from_what_the_socket_module_gives(given: object, endpoint: Endpoint) -> None:
    assert Endpoint.of(given) == endpoint
