"""One stream as its two ends saw it: every byte stands in the calls that carried it, and in its message."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.both_ends import other_end
from explorer.capture.catalog import CapturedConnection, Catalog
from explorer.capture.chunk_ruler import ChunkRuler, Ends, Missing
from explorer.capture.chunk_ruler_first import FirstCall
from explorer.capture.chunk_ruler_lanes import CallLane, Columns, Lane, MessageLane, Range, rows_between
from explorer.capture.chunk_ruler_summary import Summary, count_several, count_split, summarize
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice
from tests.capture.making import accepted, closed, small_writer, socket_record, traffic

LINES = Choice("line", {"ending": "lf"})
SERVER, CLIENT = 1, 2  # their connections too
SEND, RECV = CallKind.send, CallKind.recv


def begin(writer: Writer, transport: str = "tcp") -> None:
    """A server and a client that are connected with each other."""
    socket_record(writer, SERVER, "echo", transport, framing={"kind": "line", "ending": "lf"})
    socket_record(writer, CLIENT, "client", transport, "client")
    connect = {"address": "127.0.0.1:9000", "local": "127.0.0.1:51514"}
    if transport == "tcp":
        writer.add_detail(CallKind.connect, CLIENT, CLIENT, connect)
        accepted(writer, SERVER, socket=SERVER)
    else:
        writer.add_detail(CallKind.peer, SERVER, SERVER, {"peer": "127.0.0.1:51514", "local": "127.0.0.1:9000"})
        writer.add_detail(CallKind.peer, CLIENT, CLIENT, {"peer": "127.0.0.1:9000", "local": "127.0.0.1:51514"})


@contextmanager
def a_writer() -> Iterator[Writer]:
    with tempfile.TemporaryDirectory() as folder:
        writer = small_writer(Path(folder) / "capture")
        try:
            yield writer
        finally:
            writer.close()


def ruler_of(writer: Writer, framing: Choice = LINES, known: str = "both") -> ChunkRuler:
    """known: both, sender or receiver."""
    reader = Reader.of(writer)
    catalog = Catalog(reader)
    catalog.advance()
    ends = Ends(
        catalog.connection(CLIENT) if known != "receiver" else None,
        catalog.connection(SERVER) if known != "sender" else None,
    )
    return ChunkRuler(reader, catalog, ends, framing)


def whole(lane: Lane | None) -> list[Range]:
    assert lane is not None
    return lane.ranges(0, lane.count)


def cuts(sizes: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(accumulate(sizes, initial=0)))


def places(ranges: Sequence[Range]) -> list[tuple[int, int]]:
    return [(one.start, one.stop) for one in ranges]


def cut_up(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """`data` in pieces of these sizes, again and again."""
    pieces, at, place = [], 0, 0
    while at < len(data):
        pieces.append(data[at : at + sizes[place % len(sizes)]])
        at += len(pieces[-1])
        place += 1
    return pieces


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(max_size=30), max_size=40),
    SIZES,
    SIZES,
    st.lists(st.integers(1, 60), min_size=1, max_size=5),
    st.integers(0, 300),
    st.integers(0, 300),
)
def test_every_byte_stands_where_it_was_carried(
    lines: list[bytes], sends: list[int], receives: list[int], steps: list[int], one: int, other: int
) -> None:
    """Whatever the calls, whatever comes between them, however the records are looked at."""
    data = b"".join(line.replace(b"\n", b".") + b"\n" for line in lines)
    sent, received = cut_up(data, sends), cut_up(data, receives)
    with a_writer() as writer:
        begin(writer)
        for place in range(max(len(sent), len(received))):
            if place < len(sent):
                traffic(writer, SEND, sent[place], CLIENT, CLIENT)
                traffic(writer, SEND, b"others", SERVER, SERVER)
            if place < len(received):
                traffic(writer, RECV, received[place], SERVER, SERVER)
                traffic(writer, RECV, b"others", 3, 3)
        ruler = ruler_of(writer)
        place = 0
        while ruler.advance(steps[place % len(steps)]):
            place += 1
            for lane in ruler.lanes:
                assert_joined(whole(lane))
        assert places(whole(ruler.sent)) == cuts([len(piece) for piece in sent])
        assert places(whole(ruler.received)) == cuts([len(piece) for piece in received])
        sizes = [len(line) + 1 for line in lines]
        assert places(whole(ruler.messages)) == cuts(sizes)
        start, stop = sorted((one, other))
        for lane in ruler.lanes:
            assert lane is not None
            rows = rows_between(lane, start, stop)
            wanted = [item for item in whole(lane) if item.start < stop and item.stop > start and start < stop]
            assert lane.ranges(rows.start, rows.stop) == wanted
            assert [lane.range(row) for row in rows] == wanted
            for item in wanted:
                assert ruler.positions(lane.span(item.row)) == (item.start, item.stop)
        check_summary(ruler, start, stop)


def assert_joined(ranges: Sequence[Range]) -> None:
    assert [item.row for item in ranges] == list(range(len(ranges)))
    assert all(before.stop == after.start for before, after in pairwise(ranges))


def check_summary(ruler: ChunkRuler, start: int, stop: int) -> None:
    """Against what is counted byte by byte."""
    found = summarize(ruler, start, stop)
    calls, messages = whole(ruler.received), whole(ruler.messages)
    held = [item for item in calls if item.start < stop and item.stop > start and start < stop]
    seen = [item for item in messages if item.start < stop and item.stop > start and start < stop]
    assert (found.receives, found.messages) == (len(held), len(seen))
    if held:
        assert found.several == sum(len(touching(call, messages)) > 1 for call in held)
        assert found.split == sum(len(touching(message, calls)) > 1 for message in seen)


def touching(one: Range, others: Sequence[Range]) -> list[Range]:
    mine = set(range(one.start, one.stop))
    return [item for item in others if mine & set(range(item.start, item.stop))]


def test_columns_of_a_picture_count_what_begins_in_them(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "c", 1 << 30, 8 << 20, 1 << 14)
    begin(writer)
    sizes = [1] * 5000 + [3000] + [1, 2, 3] * 900 + [1] * 4000
    for size in sizes:
        traffic(writer, SEND, b"x" * (size - 1) + b"\n", CLIENT, CLIENT)
    ruler = ruler_of(writer, known="sender")
    ruler.advance()
    begins = [start for start, _ in cuts(sizes)]
    for lane in (ruler.sent, ruler.messages):
        assert lane is not None
        assert lane.count == len(sizes)
        edges = list(range(0, ruler.size + 37, 37))
        columns, exact = Columns(lane), False
        while not exact:
            counts, exact = columns.counts(edges, 0.001)
        wanted = [sum(start <= begun < stop for begun in begins) for start, stop in pairwise(edges)]
        assert counts == wanted
        rough, exact = Columns(lane).counts(edges, 0)
        assert not exact
        assert sum(rough) == len(sizes)
    writer.close()


def test_what_was_sent_and_has_not_come_is_on_its_way_until_the_receiver_closes(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    traffic(writer, SEND, b"0123456789", CLIENT, CLIENT)
    traffic(writer, RECV, b"0123", SERVER, SERVER)
    ruler = ruler_of(writer)
    ruler.advance()
    assert list(ruler.missing(0, 100)) == [Missing(4, 10, "way")]
    assert list(ruler.missing(0, 4)) == []
    assert ruler.unfinished == (0, 4)
    assert summarize(ruler, 0, 10) == Summary(1, 1, 0, 0, 0, 0, way=6)
    traffic(writer, RECV, b"4567", SERVER, SERVER)
    closed(writer, SERVER, "reset", SERVER)
    ruler._catalog.advance()
    assert list(ruler.missing(0, 100)) == [Missing(4, 10, "way")]  # what is closed may have received more
    ruler.advance()
    assert list(ruler.missing(0, 100)) == [Missing(8, 10, "closed")]
    assert summarize(ruler, 0, 10).lost == 2
    writer.close()


def test_what_may_have_come_is_not_said_to_be_on_its_way(tmp_path: Path) -> None:
    """The lanes are looked at one after the other."""
    writer = small_writer(tmp_path / "c")
    begin(writer)
    traffic(writer, SEND, b"0123456789", CLIENT, CLIENT)
    traffic(writer, RECV, b"0123456789", SERVER, SERVER)
    ruler = ruler_of(writer)
    assert ruler.sent is not None
    ruler.sent.advance()
    assert list(ruler.missing(0, 10)) == []
    ruler.advance()
    assert list(ruler.missing(0, 10)) == []
    writer.close()


def test_the_first_call_that_carried_bytes_is_found(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    for _ in range(20):
        traffic(writer, SEND, b"others", 9, 9)
    first = FirstCall(Reader.of(writer), [SERVER, CLIENT])
    assert not first.advance()
    assert first.call is None
    traffic(writer, SEND, b"others", 9, 9)
    wanted = traffic(writer, RECV, b"x", SERVER, SERVER)
    traffic(writer, SEND, b"y", SERVER, SERVER)
    assert first.advance(1)
    assert not first.advance()
    assert first.call is not None
    assert first.call.number == wanted
    writer.close()


def test_one_end_only(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    for piece in (b"one\ntw", b"o\n", b"three\nfour\n"):
        traffic(writer, SEND, piece, CLIENT, CLIENT)
    ruler = ruler_of(writer, known="sender")
    ruler.advance()
    assert ruler.received is None
    assert places(whole(ruler.messages)) == [(0, 4), (4, 8), (8, 14), (14, 19)]
    assert summarize(ruler, 0, 19) == Summary(3, None, 4, several=2, split=1, errors=0)
    assert list(ruler.missing(0, 19)) == []
    writer.close()


def test_without_framing_each_call_is_a_message(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    traffic(writer, SEND, b"abcdef", CLIENT, CLIENT)
    for piece in (b"ab", b"cdef"):
        traffic(writer, RECV, piece, SERVER, SERVER)
    ruler = ruler_of(writer, Choice("raw"))
    ruler.advance()
    assert not ruler.framed
    assert places(whole(ruler.messages)) == [(0, 2), (2, 6)]
    assert summarize(ruler, 0, 6) == Summary(1, 2, None)
    writer.close()


def test_broken_framing_reaches_to_the_next_message(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    for piece in (b"ok\n", b"too long", b" to be a line\nok\n"):
        traffic(writer, RECV, piece, SERVER, SERVER)
    ruler = ruler_of(writer, Choice("line", {"ending": "lf", "max": 4}))
    ruler.advance()
    assert [(one.start, one.stop, one.error) for one in whole(ruler.messages)] == [
        (0, 3, False), (3, 25, True), (25, 28, False),
    ]  # fmt: skip
    assert isinstance(ruler.messages, MessageLane)
    assert "4" in ruler.messages.message(1).error
    assert summarize(ruler, 0, 28).errors == 1
    assert summarize(ruler, 0, 28).messages == 2
    writer.close()


def test_a_framing_that_cannot_be_used_leaves_the_calls(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    traffic(writer, SEND, b"abc", CLIENT, CLIENT)
    ruler = ruler_of(writer, Choice("from the future"))
    ruler.advance()
    assert ruler.messages is None
    assert "cannot be used" in ruler.problem
    assert summarize(ruler, 0, 3) == Summary(1, 0, None, way=3)
    writer.close()


def test_the_two_ends_are_found_by_the_catalog(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    reader = Reader.of(writer)
    catalog = Catalog(reader)
    catalog.advance()
    client = catalog.connection(CLIENT)
    assert client is not None
    server = other_end(catalog, client)
    assert server is not None
    assert server.number == SERVER
    assert Ends(client, server).known is server
    assert Ends(client, None).known is client
    writer.close()


def test_selections_of_others_are_not_in_it(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    sent = traffic(writer, SEND, b"0123456789", CLIENT, CLIENT)
    answer = traffic(writer, SEND, b"answer", SERVER, SERVER)
    came = traffic(writer, RECV, b"01234", SERVER, SERVER)
    ruler = ruler_of(writer)
    ruler.advance()
    assert ruler.positions(Span(sent, 2, sent, 5)) == (2, 5)
    assert ruler.positions(Span(came, 1, came, 3, SERVER, True)) == (1, 3)
    assert ruler.positions(Span(sent, 0, came, 3)) == (0, 3)
    assert ruler.positions(Span(answer, 0, answer, 6)) is None
    assert ruler.positions(Span(came, 0, came, 3, SERVER, False)) is None
    assert ruler.positions(Span(came, 0, came + 1, 3)) is None  # not there
    writer.close()


def test_calls_that_carried_nothing_are_left_out(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    traffic(writer, RECV, b"abc", SERVER, SERVER)
    writer.add(RECV, SERVER, SERVER, errno=104)
    writer.add(RECV, SERVER, SERVER, flags=CallFlag.END)
    lane = CallLane(Reader.of(writer), SERVER, received=True)
    lane.advance()
    assert places(whole(lane)) == [(0, 3)]
    assert (lane.count, lane.stop, lane.row_at(2), lane.row_at(3)) == (1, 3, 0, 1)
    with pytest.raises(IndexError):
        lane.range(1)
    writer.close()


def test_counting_cuts() -> None:
    calls = [Range(0, 4, 0, 0), Range(4, 8, 1, 1), Range(8, 8, 2, 2), Range(8, 20, 3, 3)]
    messages = [Range(0, 4, 0, 0), Range(4, 10, 1, 3), Range(10, 20, 2, 3)]
    assert count_several(calls, messages) == 1
    assert count_split(messages, calls) == 1
    assert count_several([], messages) == count_split([], calls) == 0


def test_a_connection_of_datagrams_has_ends_too() -> None:
    here, there = Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 2)
    assert Ends(None, CapturedConnection(1, 1, here, there, "udp", True, 0)).transport == "udp"


@pytest.mark.parametrize("framing", [LINES, Choice("length", {"width": 2, "skip": 2}), Choice("netstring")])
def test_ranges_asked_for_again_as_the_stream_grows_are_the_same(framing: Choice) -> None:
    """Whole messages, broken ones whose end nobody knows yet, and several in a call or over several."""
    pieces = (b"4:oneA,", b"4:two", b"B,", b"4:six\n,4:ten\n,", b"4:odd?4:", b"9\n", b"\n\n")
    with a_writer() as writer:
        begin(writer)
        ruler = ruler_of(writer, framing)
        for turn in range(5):
            for number in range(turn * 150, turn * 150 + 150):
                data = pieces[number * 5 % len(pieces)]
                traffic(writer, SEND, data, CLIENT, CLIENT)
                traffic(writer, RECV, data, SERVER, SERVER)
            ruler.advance()
            fresh = ruler_of(writer, framing)
            fresh.advance()
            for lane, other in zip(ruler.lanes, fresh.lanes, strict=True):
                assert lane is not None
                assert other is not None
                assert lane.count == other.count
                one_by_one = [other.range(row) for row in range(other.count)]
                for first in (0, 30, 0):
                    assert lane.ranges(first, lane.count) == one_by_one[first:]
                assert lane.ranges(5, 400) == one_by_one[5:400]
