"""HTTP requests in a stream of bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.http_requests import (
    MAX_CHUNK_LINE,
    MAX_HEAD,
    MAX_LINE,
    Continue,
    Event,
    Problem,
    Request,
    RequestParser,
)

HOST = b"Host: a\r\n"
CHUNKS = b"3;a=b\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX: y"
STREAMS = (
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\n\r\nPOST /x HTTP/1.1\nHost: a\nContent-Length: 5\n\nhelloGET /y HTTP/1.0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"\r\n\r\nHEAD",
    b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03\x01\x02\x00\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + b"x" * 101,
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * MAX_HEAD,
    b"GET /" + b"y" * MAX_LINE + b" HTTP/1.1\r\n",
)


def parse(*pieces: bytes, max_body: int = 100) -> list[Event]:
    parser = RequestParser(max_body)
    return [event for piece in pieces for event in parser.feed(piece)]


def test_a_request_and_its_parts() -> None:
    [found] = parse(b"POST /a?b=c HTTP/1.1\r\nHost: a\r\nx-y:  z \r\nX-Y: w\r\nContent-Length: 2\r\n\r\nhi")
    assert found == Request(
        b"POST",
        b"/a?b=c",
        1,
        ((b"Host", b"a"), (b"x-y", b"z"), (b"X-Y", b"w"), (b"Content-Length", b"2")),
        b"hi",
        keeps=True,
    )
    assert isinstance(found, Request)
    assert found.header(b"x-y") == b"z, w"
    assert found.header(b"none") == b""


def test_requests_may_come_together() -> None:
    found = parse(STREAMS[1])
    assert [(event.method, event.target, event.body) for event in found if isinstance(event, Request)] == [
        (b"POST", b"/x", b"hello"),
        (b"GET", b"/y", b""),
    ]


def test_a_body_in_chunks() -> None:
    [found] = parse(STREAMS[2])
    assert isinstance(found, Request)
    assert found.body == b"abc0123456789"


def test_who_waits_is_told_to_go_on() -> None:
    head, body = STREAMS[3][:-3], STREAMS[3][-3:]
    parser = RequestParser(100)
    assert parser.feed(head) == [Continue()]
    [found] = parser.feed(body)
    assert isinstance(found, Request)
    assert not any(isinstance(event, Continue) for event in parse(STREAMS[3].replace(b"HTTP/1.1", b"HTTP/1.0")))
    assert not any(isinstance(event, Continue) for event in parse(STREAMS[3].replace(b": 3", b": 0")))


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [
        (b"1.1", b"", True),
        (b"1.1", b"Connection: close\r\n", False),
        (b"1.1", b"Connection: Upgrade, CLOSE\r\n", False),
        (b"1.0", b"", False),
        (b"1.0", b"Connection: Keep-Alive\r\n", True),
        (b"1.7", b"", True),
    ],
)
def test_whether_the_connection_stays(version: bytes, connection: bytes, keeps: bool) -> None:
    [found] = parse(b"GET / HTTP/" + version + b"\r\n" + HOST + connection + b"\r\n")
    assert isinstance(found, Request)
    assert found.keeps is keeps


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"hello\r\n", 400),
        (b"GET /\r\n", 400),
        (b"GET  / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1 \r\n", 400),
        (b"GET /a\tb HTTP/1.1\r\n", 400),
        (b"G\xc3T / HTTP/1.1\r\n", 400),
        (b"GET / http/1.1\r\n", 400),
        (b"GET / HTTP/11\r\n", 400),
        (b"GET / HTTP/2.0\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/0.9\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST * 2 + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X : y\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b" folded\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b": no name\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 101\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Expect: gold\r\nContent-Length: 1\r\n\r\n", 417),
        (b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
        (b"CONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
        (b"x" * MAX_LINE, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * MAX_HEAD, 431),
    ],
)
def test_what_is_no_request_is_refused(wire: bytes, status: int) -> None:
    [found] = parse(wire + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert isinstance(found, Problem)
    assert found.status == status
    assert found.why.endswith(".")


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        (b"x\r\n", 400),
        (b"\r\n", 400),
        (b"-1\r\n", 400),
        (b"0x3\r\nabc", 400),
        (b"3\r\nabcd\r\n", 400),
        (b"3\r\nabcd\n", 400),
        (b"3\r\nabc0\r\n\r\n", 400),
        (b"65\r\n", 413),
        (b"3\r\nabc\r\n62\r\n", 413),
        (b"f" * 15 + b"\r\n", 413),
        (b"1;" + b"x" * MAX_CHUNK_LINE, 400),
        (b"0\r\n" + b"X: y\r\n" * MAX_HEAD, 431),
    ],
)
def test_chunks_that_are_none(chunks: bytes, status: int) -> None:
    [found] = parse(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert isinstance(found, Problem)
    assert found.status == status


@pytest.mark.parametrize("size", [0, 3, 4, 5, 90])
def test_of_a_long_body_only_the_beginning_is_kept(size: int) -> None:
    body = bytes(range(65, 65 + size))
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in body) + b"0\r\n\r\n"
    wire = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + body
    wire += b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
    for step in (1, 3, len(wire)):
        parser = RequestParser(90, kept=4)
        pieces = [wire[place : place + step] for place in range(0, len(wire), step)]
        found = [event for piece in pieces for event in parser.feed(piece)]
        assert [(event.body, event.left, event.size) for event in found if isinstance(event, Request)] == [
            (body[:4], max(0, size - 4), size)
        ] * 2


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (b"x" * MAX_LINE, f"The request line has more than {MAX_LINE:,} bytes."),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * MAX_HEAD,
            f"The head of the request has more than {MAX_HEAD:,} bytes.",
        ),
    ],
)
def test_the_limit_is_said(wire: bytes, why: str) -> None:
    [found] = parse(wire)
    assert isinstance(found, Problem)
    assert found.why == why


def test_the_longest_that_is_allowed() -> None:
    target = b"/" + b"a" * (MAX_LINE - len(b"GET / HTTP/1.1\r\n"))
    [found] = parse(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n" + b"x" * 100)
    assert isinstance(found, Request)
    assert (found.target, len(found.body)) == (target, 100)


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 60), max_size=40), st.integers(0, 300), st.binary(max_size=3))
def test_any_way_of_cutting_gives_the_same(stream: bytes, cuts: list[int], at: int, noise: bytes) -> None:
    stream = stream[:at] + noise + stream[at:]
    pieces, place = [], 0
    for cut in cuts:
        pieces.append(stream[place : place + cut])
        place += cut
    assert parse(*pieces, stream[place:]) == parse(stream)


def test_byte_by_byte_too() -> None:
    for stream in STREAMS:
        assert parse(*(bytes([byte]) for byte in stream)) == parse(stream)
