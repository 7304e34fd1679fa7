"""The catalog and the descriptions: what rare records tell, in values and in words."""

from __future__ import annotations

import errno
import json
import sys

import pytest

from explorer.capture.catalog import CapturedConnection, CapturedSocket, Catalog
from explorer.capture.describe import CallText, describe, preview
from explorer.capture.layout import HEADER
from explorer.capture.reader import Reader
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice
from tests.capture.making import accepted, catalog_of, closed, small_writer, socket_record, traffic


@pytest.fixture
def writer(tmp_path):
    made = small_writer(tmp_path / "capture")
    yield made
    made.close()


def test_a_server_and_its_connections(writer):
    socket_record(writer, framing={"kind": "line", "ending": "lf"})
    writer.add_detail(CallKind.bind, 1, 0, {"address": "127.0.0.1:0", "local": "127.0.0.1:9000"})
    accepted(writer, 1)
    accepted(writer, 2, "[::1]:40000", "[::1]:9000")
    catalog = catalog_of(Reader.of(writer))
    line = Choice("line", {"ending": "lf"})
    [socket] = catalog.sockets
    assert socket == CapturedSocket(
        1, "echo", "tcp", "server", "utf-8", line, Choice("echo"), Endpoint("127.0.0.1", 9000), "127.0.0.1", 0
    )
    first = catalog.connection(1)
    assert first is not None
    assert first == CapturedConnection(
        1, 1, Endpoint("127.0.0.1", 9000), Endpoint("127.0.0.1", 51514), "tcp", True, first.opened_at, None,
        begun_at=first.opened_at,
    )  # fmt: skip
    assert first.opened_at == Reader.of(writer).call(2).time
    assert catalog.connections_of(1) == catalog.connections
    assert catalog.connections_of(2) == ()
    closed(writer, 1, "reset")
    closed(writer, 99, "reset")
    catalog.advance()
    closed(writer, 0, "nonsense")
    catalog.advance()
    assert [connection.closed for connection in catalog.connections] == ["reset", "local"]
    assert [connection.closed_at for connection in catalog.connections] == [catalog.reader.call(n).time for n in (4, 6)]
    assert catalog.between(9000, 51514) == catalog.between(51514, 9000) == catalog.connections[:1]
    assert catalog.between(9000, 1) == ()
    assert catalog.connection(3) is None


def test_a_client_that_tries_two_addresses(writer):
    for address in ("[::1]:9000", "127.0.0.1:9000"):
        socket_record(writer, 5, "me", role="client")
        writer.add_detail(CallKind.connect, 5, 0, {"address": address}, errno=115, flags=CallFlag.PENDING)
        if address.startswith("["):
            writer.add_detail(CallKind.connect, 5, 1, {"address": address}, errno=111)
    writer.add_detail(CallKind.connect, 5, 2, {"address": "127.0.0.1:9000", "local": "127.0.0.1:40000"})
    catalog = catalog_of(Reader.of(writer))
    [connection] = catalog.connections
    assert (connection.number, connection.accepted) == (2, False)
    assert connection.local == Endpoint("127.0.0.1", 40000)
    assert [socket.number for socket in catalog.sockets] == [5]


def test_udp_peers(writer):
    socket_record(writer, 1, transport="udp")
    writer.add_detail(CallKind.bind, 1, 0, {"address": "127.0.0.1:9000", "local": "127.0.0.1:9000"})
    writer.add_detail(CallKind.peer, 1, 1, {"peer": "127.0.0.1:5000"})
    socket_record(writer, 2, "client", "udp", "client")
    writer.add_detail(CallKind.connect, 2, 2, {"address": "127.0.0.1:9000", "local": "127.0.0.1:5000"})
    writer.add_detail(CallKind.peer, 2, 2, {"peer": "127.0.0.1:9000", "local": "127.0.0.1:5000"})
    catalog = catalog_of(Reader.of(writer))
    assert [one.accepted for one in catalog.connections] == [True, False]
    assert [one.transport for one in catalog.connections] == ["udp", "udp"]
    assert catalog.connections[0].local == Endpoint("127.0.0.1", 9000)
    assert catalog.connections[1].opened_at == Reader.of(writer).call(4).time


def test_what_the_user_gave_is_known(writer):
    writer.add_detail(
        CallKind.socket, 1, 0, {"name": "a", "role": "client", "host": "localhost", "port": 80, "buffer_size": 7}
    )
    writer.add_detail(CallKind.connect, 1, 0, {"address": "127.0.0.1:80"}, errno=115, flags=CallFlag.PENDING)
    [socket] = catalog_of(Reader.of(writer)).sockets
    assert (socket.host, socket.port, socket.buffer_size) == ("localhost", 80, 7)
    writer.add_detail(CallKind.socket, 2, 0, {"role": "server", "host": "", "port": 80})
    writer.add_detail(CallKind.bind, 2, 0, {"address": "0.0.0.0:80"})
    assert catalog_of(Reader.of(writer)).sockets[1].host == ""  # all addresses, as it was given


def test_what_earlier_versions_did_not_record_is_taken_from_the_calls(writer):
    socket_record(writer, 1)
    socket_record(writer, 2, role="client")
    socket_record(writer, 3)
    assert [(one.host, one.port, one.buffer_size) for one in catalog_of(Reader.of(writer)).sockets] == [
        (None, None, None)
    ] * 3
    writer.add_detail(CallKind.bind, 1, 0, {"address": "0.0.0.0:0", "local": "0.0.0.0:9000"})
    writer.add_detail(CallKind.bind, 2, 0, {"address": "127.0.0.1:5000", "local": "127.0.0.1:5000"})
    for address in ("[::1]:9000", "127.0.0.1:9000"):
        writer.add_detail(CallKind.connect, 2, 0, {"address": address}, errno=111)
    writer.add_detail(CallKind.bind, 3, 0, {"address": "nonsense"})
    found = [(one.host, one.port, one.buffer_size) for one in catalog_of(Reader.of(writer)).sockets]
    assert found == [("0.0.0.0", 0, None), ("::1", 9000, None), (None, None, None)]


@pytest.mark.parametrize(
    "detail",
    [{"host": 3, "port": -1, "buffer_size": 0}, {"port": 65_536, "buffer_size": 1 << 21}, {"port": True}],
)
def test_what_cannot_be_is_not_taken_for_what_the_user_gave(writer, detail):
    writer.add_detail(CallKind.socket, 1, 0, {"role": "server", **detail})
    [socket] = catalog_of(Reader.of(writer)).sockets
    assert (socket.host, socket.port, socket.buffer_size) == (None, None, None)


def test_damaged_details_are_lived_with(writer):
    writer.add_detail(CallKind.socket, 1, 0, {"name": 3, "transport": "pigeon", "framing": [], "program": {"kind": 1}})
    writer.add_detail(CallKind.socket, 1, 0, {})
    writer.add_detail(CallKind.bind, 1, 0, {"local": 9})
    writer.add_detail(CallKind.accept, 1, 1, {"peer": "nowhere"})
    writer.add_detail(CallKind.accept, 1, 2, {})
    writer.add_detail(CallKind.accept, 7, 3, {"peer": "127.0.0.1:1"})
    writer.add_detail(CallKind.peer, 7, 4, {"peer": "127.0.0.1:1"})
    catalog = catalog_of(Reader.of(writer))
    assert catalog.sockets == (CapturedSocket(1, "socket 1"),)
    assert [(one.number, one.local, one.transport) for one in catalog.connections] == [
        (3, Endpoint("", 0), "tcp"),
        (4, Endpoint("", 0), "udp"),
    ]


def test_traffic_is_passed_over_in_slices(writer):
    for _ in range(100):
        traffic(writer, CallKind.recv, b"x")
    socket_record(writer)
    catalog = Catalog(Reader.of(writer))
    steps = 1
    while catalog.advance(10):
        steps += 1
    assert steps == 11
    assert catalog.done == 101
    assert catalog.sockets


ADDRESS = "127.0.0.1:9000"


@pytest.mark.parametrize(
    ("kind", "detail", "number", "written", "result"),
    [
        ("socket", {"family": "AF_INET", "type": "SOCK_STREAM"}, 0, "socket(AF_INET, SOCK_STREAM)", "ok"),
        (
            "getaddrinfo",
            {"host": "localhost", "port": 9000, "results": [ADDRESS, "[::1]:9000"]},
            0,
            'getaddrinfo("localhost", 9000)',
            "127.0.0.1:9000, [::1]:9000",
        ),
        ("getaddrinfo", {"host": 'a"b', "port": 1}, 0, 'getaddrinfo("a\\"b", 1)', "ok"),
        ("getaddrinfo", {"host": "x", "port": 1, "error": "EAI_NONAME"}, 2, 'getaddrinfo("x", 1)', "EAI_NONAME"),
        (
            "setsockopt",
            {"level": "SOL_SOCKET", "option": "SO_RCVBUF", "asked": 4096, "got": 8192},
            0,
            "setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)",
            "got 8192",
        ),
        ("setsockopt", {"level": "L", "option": "O", "asked": 1, "got": 1}, 0, "setsockopt(L, O, 1)", "ok"),
        ("bind", {"address": ADDRESS, "local": ADDRESS}, 0, 'bind(("127.0.0.1", 9000))', "ok"),
        (
            "bind",
            {"address": "127.0.0.1:0", "local": ADDRESS},
            0,
            'bind(("127.0.0.1", 0))',
            "ok, local address 127.0.0.1:9000",
        ),
        ("bind", {"address": ADDRESS}, 98, 'bind(("127.0.0.1", 9000))', "EADDRINUSE"),
        ("bind", {"address": "/a/path"}, 0, "bind(/a/path)", "ok"),
        ("listen", {"backlog": 5}, 0, "listen(5)", "ok"),
        ("connect", {"address": "[::1]:9000"}, 111, 'connect(("::1", 9000))', "ECONNREFUSED"),
        ("connect", {"address": ADDRESS}, 0, 'connect(("127.0.0.1", 9000))', "ok"),
        ("connect", {}, 60_000, "connect()", "errno 60000"),
        ("accept", {"peer": ADDRESS}, 0, "accept()", ADDRESS),
        ("accept", {}, 24, "accept()", "EMFILE"),
        ("shutdown", {"how": "SHUT_WR"}, 0, "shutdown(SHUT_WR)", "ok"),
        ("close", {"reason": "eof"}, 0, "close()", "ok, the peer had finished"),
        ("close", {"reason": "local"}, 0, "close()", "ok"),
        ("peer", {"peer": ADDRESS}, 0, "new peer 127.0.0.1:9000", ""),
        ("note", {"text": "self-connection\n\u202e"}, 0, "self-connection␊<U+202E>", ""),
    ],
)
@pytest.mark.skipif("sys.platform != 'linux'", reason="errno numbers are those of Linux")
def test_rare_calls_in_words(writer, kind, detail, number, written, result):
    writer.add_detail(CallKind[kind], 1, 0, detail, errno=number)
    reader = Reader.of(writer)
    call = reader.call(0)
    text = describe(call, reader.detail(call), catalog_of(reader))
    assert (text.call, text.result, text.failed) == (written, result, number != 0)


def test_a_connect_that_goes_on_has_not_failed(writer):
    writer.add_detail(CallKind.connect, 1, 0, {"address": ADDRESS}, errno=115, flags=CallFlag.PENDING)
    reader = Reader.of(writer)
    text = describe(reader.call(0), reader.detail(reader.call(0)), catalog_of(reader))
    assert (text.result, text.failed) == ("EINPROGRESS (goes on)", False)


@pytest.mark.parametrize(
    ("kind", "size", "asked", "flags", "extra", "written", "result"),
    [
        ("recv", 37, 1024, 0, 0, "recv(1024)", "37 bytes"),
        ("recv", 1, 1024, 0, 0, "recv(1024)", "1 byte"),
        ("recv", 0, 1024, CallFlag.END, 0, "recv(1024)", "0 bytes: the peer has finished"),
        ("recvfrom", 0, 9, CallFlag.DATAGRAM, 0, "recvfrom(9)", "0 bytes"),
        (
            "recvfrom",
            37,
            37,
            CallFlag.CUT,
            100,
            "recvfrom(37)",
            "37 of 100 bytes: the datagram was cut, 63 lost",
        ),
        ("recvfrom", 37, 37, CallFlag.CUT, 0, "recvfrom(37)", "37 bytes: the datagram was cut, the rest is lost"),
        ("send", 1500, 1500, 0, 0, "send(1,500 bytes)", "1,500 bytes"),
        ("send", 37, 100, 0, 0, "send(100 bytes)", "37 of 100 bytes"),
        ("sendto", 5, 5, 0, 0, 'sendto(5 bytes, ("127.0.0.1", 51514))', "5 bytes"),
    ],
)
def test_traffic_in_words(writer, kind, size, asked, flags, extra, written, result):
    socket_record(writer)
    accepted(writer, 1)
    traffic(writer, CallKind[kind], bytes(size), asked=asked, flags=CallFlag(flags), extra=extra)
    reader = Reader.of(writer)
    assert describe(reader.call(2), {}, catalog_of(reader)) == CallText("echo :51514", written, result, False)


def test_who_is_told_even_when_little_is_known(writer):
    traffic(writer, CallKind.sendto, b"x", 7, 3)
    writer.add(CallKind.recv, 3, 0, asked=5, errno=104)
    reader = Reader.of(writer)
    catalog = catalog_of(reader)
    assert describe(reader.call(0), {}, catalog) == CallText("socket 3 #7", "sendto(1 byte)", "1 byte", False)
    text = describe(reader.call(1), {}, catalog)
    assert (text.who, text.failed) == ("socket 3", True)


@pytest.mark.parametrize(
    ("platform", "number"), [("linux", 111), ("darwin", 61), ("win32", 10_061), (None, errno.ECONNREFUSED)]
)
def test_errors_are_named_as_on_the_system_that_recorded_them(writer, platform, number):
    """Captures of earlier versions name no system: theirs was this one."""
    writer.add(CallKind.recv, 1, 1, asked=5, errno=number)
    writer.close()
    header = json.loads((writer.folder / HEADER).read_text())
    assert header.pop("platform") == sys.platform
    (writer.folder / HEADER).write_text(json.dumps(header if platform is None else header | {"platform": platform}))
    reader = Reader(writer.folder)
    assert describe(reader.call(0), {}, catalog_of(reader)).result == "ECONNREFUSED"


def test_previews_are_visible_text(writer):
    socket_record(writer)
    writer.add_detail(CallKind.socket, 2, 0, {"name": "odd", "encoding": "klingon"})
    traffic(writer, CallKind.recv, "grüß\r\n\u202e".encode() + b"\xff" + b"y" * 100)
    traffic(writer, CallKind.recv, b"plain", socket=2)
    traffic(writer, CallKind.recv, b"plain", socket=3)
    reader = Reader.of(writer)
    catalog = catalog_of(reader)
    shown = [preview(reader, call, catalog) for call in reader.calls(0, 5)]
    assert shown[0] == ""
    assert shown[2].startswith(r"grüß\r\n\u{202e}\xffyyy")
    assert shown[2].count("y") == 80 - 12
    assert shown[3:] == ["plain", "plain"]
