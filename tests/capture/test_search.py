"""Search: the same hits as a naive search in each connection's bytes, at every border."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.reader import Reader
from explorer.capture.search import Hit, Search
from explorer.capture.stream import ByteStream, Scope
from explorer.core.calls import CallKind
from explorer.core.errors import InputError
from tests.capture.making import small_writer, traffic

CALLS = st.lists(
    st.tuples(
        st.sampled_from([CallKind.recv, CallKind.send, CallKind.note]),
        st.integers(1, 2),
        st.binary(max_size=6).map(lambda data: bytes(b"abA"[byte % 3] for byte in data)),
    ),
    max_size=60,
)


def naive(calls: list[tuple[CallKind, int, bytes]], pattern: bytes, scope: Scope, received: bool, sent: bool) -> list:
    """Hits by walking byte by byte: each flow is a list of (byte, stream offset, call)."""
    flows: dict[tuple[int, bool], list[tuple[int, int, int]]] = {}
    position = 0
    for number, (kind, connection, data) in enumerate(calls):
        is_received = kind is CallKind.recv
        if kind is CallKind.note or not (received if is_received else sent):
            continue
        if scope.connection not in (None, connection):
            continue
        for byte in data:
            flows.setdefault((connection, is_received), []).append((byte, position, number))
            position += 1
    hits = []
    for flow in flows.values():
        for at in range(len(flow) - len(pattern) + 1):
            if bytes(byte for byte, _, _ in flow[at : at + len(pattern)]) == pattern:
                hits.append(Hit(flow[at][1], flow[at + len(pattern) - 1][1] + 1, len(pattern), flow[at][2]))
    return sorted(hits, key=lambda hit: hit.offset)


@given(
    calls=CALLS,
    pattern=st.text("ab", min_size=1, max_size=7).map(str.encode),
    connection=st.sampled_from([None, 1, 2]),
    directions=st.sampled_from([(True, True), (True, False), (False, True)]),
    step=st.sampled_from([1, 3, 1 << 62]),
)
@settings(max_examples=150, deadline=None)
def test_search_finds_what_a_naive_search_finds(calls, pattern, connection, directions, step):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        for kind, conn, data in calls:
            if kind is CallKind.note:
                writer.add_detail(kind, 1, 0, {"text": "abab"})
            else:
                traffic(writer, kind, data, conn)
        stream = ByteStream(Reader.of(writer), Scope(connection=connection), *directions)
        search = Search(stream, pattern)
        while search.advance(step):
            pass
        assert search.hits() == naive(calls, pattern, stream.scope, *directions)
        stream.index.advance()
        if connection is not None and directions == (True, False):
            assert all(stream.read(hit.offset, hit.stop) == pattern for hit in search.hits())
        writer.close()


def test_a_hit_over_the_border_of_two_byte_files(tmp_path):
    writer = small_writer(tmp_path / "capture", segment_bytes=128 << 10)
    filler = bytes(30_000)
    traffic(writer, CallKind.recv, filler)
    traffic(writer, CallKind.recv, filler + b"nee")
    traffic(writer, CallKind.recv, b"dle" + filler)  # does not fit into the first file
    assert writer.used > 128 << 10
    stream = ByteStream(Reader.of(writer), Scope(1))
    search = Search(stream, b"needle")
    assert search.run()
    assert search.hits() == [Hit(60_000, 60_006, 6, 1)]
    stream.index.advance()
    assert stream.read(60_000, 60_006) == b"needle"
    writer.close()


def test_hits_inside_long_calls_and_over_chunks(tmp_path):
    writer = small_writer(tmp_path / "capture", segment_bytes=4 << 20)
    data = bytearray(1_000_000)
    places = [0, (1 << 18) - 3, (1 << 19) - 1, 999_993]
    for place in places:
        data[place : place + 7] = b"pattern"
    traffic(writer, CallKind.recv, bytes(data))
    search = Search(ByteStream(Reader.of(writer), Scope()), b"pattern")
    search.run()
    assert [hit.offset for hit in search.hits()] == places
    writer.close()


def test_case_is_ignored_when_asked(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for part in (b"GET / hT", b"Tp/1.1 http HTTP"):
        traffic(writer, CallKind.recv, part)
    stream = ByteStream(Reader.of(writer), Scope())
    assert [hit.offset for hit in _all(Search(stream, b"HTTP", ignore_case=True))] == [6, 15, 20]
    assert [hit.offset for hit in _all(Search(stream, b"HTTP"))] == [20]
    writer.close()


def test_progress_cancels_and_the_search_goes_on_with_the_capture(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.capture.search.STEP", 10)
    writer = small_writer(tmp_path / "capture")
    for _ in range(10):
        traffic(writer, CallKind.recv, b"needle")
    search = Search(ByteStream(Reader.of(writer), Scope()), b"needle")
    told: list[tuple[int, int]] = []

    def stop_half_way(done: int, total: int) -> bool:
        told.append((done, total))
        return done < 30

    assert not search.run(stop_half_way)
    assert 0 < search.count < 10
    assert told[-1][1] == 60
    assert search.run()
    assert search.count == 10
    traffic(writer, CallKind.recv, b"needle")
    assert not search.advance()
    assert search.count == 11
    assert search.progress == (66, 66)
    assert search.first_from(0) == 0
    assert search.first_from(7) == 2
    assert search.first_from(61) == 11
    writer.close()


def test_too_many_hits_are_said(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, bytes(100))
    search = Search(ByteStream(Reader.of(writer), Scope()), b"\0", most_hits=10)
    assert search.run()
    assert (search.count, search.limited) == (10, True)
    writer.close()


def test_nothing_to_find_is_refused(tmp_path):
    writer = small_writer(tmp_path / "capture")
    with pytest.raises(InputError, match="Write the bytes"):
        Search(ByteStream(Reader.of(writer), Scope()), b"")
    writer.close()


def _all(search: Search) -> list[Hit]:
    search.run()
    return search.hits()
