"""Messages that silence ends: by the clock of the records, the same live and when the capture is looked at again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.catalog import Catalog
from explorer.capture.messages import Message, Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.words import counted
from explorer.capture.writer import Writer
from explorer.core.calls import PAYLOAD, RECEIVING, Call, CallFlag, CallKind
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, FramingError, timed
from explorer.wire.framing.registry import make_framer
from tests.capture.making import closed, small_writer, socket_record, traffic

MS = 1_000_000
IDLE = Choice("idle", {"ms": 10, "max": 6})
SLOW = Choice("idle", {"ms": 35, "max": 6, "checksum": "sum8"})
LINES = Choice("line", {"ending": "lf", "max": 6})
OWN = {1: IDLE, 2: LINES, 3: SLOW, 4: Choice("raw")}


class Clock:
    """The writer's clock, in the hands of a test. time: nanoseconds since the capture began."""

    def __init__(self, writer: Writer) -> None:
        self.time = 0
        started = writer._started
        writer._clock = lambda: started + self.time


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = small_writer(tmp_path / "capture")
    yield made
    made.close()


@pytest.fixture
def clock(writer: Writer) -> Clock:
    return Clock(writer)


def opened(reader: Reader, framing: Choice | None = IDLE, scope: Scope = Scope()) -> Messages:  # noqa: B008
    catalog = Catalog(reader)
    catalog.advance()
    return open_messages(reader, catalog, scope, framing)


def seen(messages: Messages) -> list[tuple[int, bytes]]:
    """(completing call, payload)."""
    rows = map(messages.message, range(messages.rows))
    return [(row.call, messages.payload(row)) for row in rows]


# -- against a simple reference ------------------------------------------------------------------

Row = tuple[int, int, int, bool, bytes, str]  # completing call, socket, connection, received, payload, error


class Stream:
    """One direction of one connection, fed byte by byte."""

    def __init__(self, framing: Choice) -> None:
        self.framer = make_framer(framing)
        self.within_time = timed(self.framer)
        self.calls: list[int] = []  # of each byte

    def take(self, call: Call, data: bytes) -> Iterator[tuple[int, Found]]:
        """(completing call, found)."""
        if self.within_time:
            yield from self.placed(self.within_time.at(call.time), 0)
        for byte in data:
            self.calls.append(call.number)
            yield from self.placed(self.framer.feed(bytes([byte])), call.number)

    def silence(self) -> Iterator[tuple[int, Found]]:
        if self.within_time:
            yield from self.placed(self.within_time.at(1 << 63), 0)

    def close(self, number: int) -> Iterator[tuple[int, Found]]:
        yield from self.silence()
        if left := self.framer.pending:
            sentence = (
                f"The connection was closed in the middle of a message, {counted(left, 'byte')} after its beginning."
            )
            yield number, FramingError(len(self.calls) - left, left, sentence)

    def placed(self, found: list[Found], number: int) -> Iterator[tuple[int, Found]]:
        for one in found:
            yield max(self.calls[one.offset + one.size - 1] if one.size else number, number), one


def expected_rows(reader: Reader, framings: dict[int, Choice]) -> list[Row]:
    """All rows of a capture that has come to its end."""
    streams: dict[tuple[int, int, bool], Stream] = {}
    rows: list[Row] = []

    def add(key, places) -> None:
        for call, found in places:
            error = "" if isinstance(found, Frame) else found.message
            rows.append((call, *key, found.payload or b"", error))

    for call in reader.calls(0, reader.count):
        if call.kind is CallKind.close:
            for key in sorted(key for key in streams if key[0] == call.socket and call.connection in (0, key[1])):
                add(key, streams.pop(key).close(call.number))
        elif call.kind in PAYLOAD:
            key = call.socket, call.connection, call.kind in RECEIVING
            framing, data = framings[call.socket], reader.data(call.offset, call.size)
            if framing.kind == "raw":
                rows.append((call.number, *key, data, ""))
            elif not call.flags & CallFlag.END:
                add(key, streams.setdefault(key, Stream(framing)).take(call, data))
            elif key in streams:
                add(key, streams.pop(key).silence())
    for key, stream in streams.items():
        add(key, stream.silence())
    return sorted(rows, key=lambda row: row[0])


def rows_of(messages: Messages) -> list[Row]:
    found = []
    for number in range(messages.rows):
        row = messages.message(number)
        payload = messages.payload(row) if row.whole else b""
        found.append((row.call, row.socket, row.connection, row.received, payload, row.error))
    return found


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("bytes"),
            st.sampled_from([0, 0, 4, 10, 30, 40]).map(lambda ms: ms * MS),  # since the step before
            st.integers(1, 4),  # socket
            st.integers(0, 1),  # connection
            st.booleans(),  # received
            st.sampled_from([b"a", b"bc", b"\x01\x01", b"d\n", b"efgh", b"toolong"]),
        ),
        st.tuples(st.just("close"), st.just(5 * MS), st.integers(1, 4), st.integers(0, 1)),
        st.tuples(st.just("time"), st.sampled_from([1, 9, 10, 50]).map(lambda ms: ms * MS)),
        st.tuples(st.just("look"), st.sampled_from([1, 3, 1 << 62])),
    ),
    max_size=40,
)


@given(steps=STEPS, one=st.sampled_from([None, None, IDLE, SLOW]), again=st.sampled_from([1, 2, 7, 1 << 62]))
@settings(max_examples=150, deadline=None)
def test_live_and_looked_at_again_the_rows_are_the_same(steps, one, again):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        clock = Clock(writer)
        for number, framing in OWN.items():
            socket_record(writer, number, framing=framing.to_json())
        reader = Reader.of(writer)
        catalog = Catalog(reader)
        live = open_messages(reader, catalog, Scope(), one)
        shown: list[Row] = []
        for step in steps:
            if step[0] == "bytes":
                _, later, socket, connection, received, data = step
                clock.time += later
                kind = CallKind.recv if received else CallKind.send
                traffic(writer, kind, data, 2 * socket + connection, socket)
            elif step[0] == "close":
                clock.time += step[1]
                closed(writer, 2 * step[2] + step[3], socket=step[2])
            elif step[0] == "time":
                clock.time += step[1]
            else:
                catalog.advance()
                live.advance(step[1])
                assert live.done <= live.looked <= reader.count
                new = rows_of(live)
                assert new[: len(shown)] == shown
                shown = new
                # What is there is all that came of the calls that are done.
                assert live.rows == live.row_of(live.done)
        while catalog.advance() or live.advance():
            pass
        framings = dict.fromkeys(OWN, one) if one else OWN
        expected = expected_rows(reader, framings)
        assert rows_of(live) == expected[: live.rows]
        writer.close()
        while live.advance(again):
            pass
        assert rows_of(live) == expected
        assert live.done == live.looked == reader.count
        replayed = opened(Reader(writer.folder), one)
        while replayed.advance(again):
            pass
        assert rows_of(replayed) == expected


# -- one thing each ------------------------------------------------------------------------------


def test_silence_is_shown_by_any_later_record(writer, clock):
    messages = opened(Reader.of(writer))
    traffic(writer, CallKind.recv, b"ab")
    clock.time = 9 * MS
    traffic(writer, CallKind.recv, b"c")
    clock.time = 18 * MS
    traffic(writer, CallKind.recv, b"d", connection=2)
    messages.advance()
    assert seen(messages) == []
    assert (messages.done, messages.looked) == (1, 3)
    assert messages.pending(1, 1) == (3, 0)
    clock.time = 19 * MS
    writer.add(CallKind.recv, 1, 3, errno=104)
    messages.advance()
    assert seen(messages) == [(1, b"abc")]
    assert messages.message(0).time == 9 * MS
    assert messages.message(0).first_call == 0
    assert messages.pending(1, 1) == (0, 0)


def test_silence_is_shown_by_the_clock(writer, clock):
    messages = opened(Reader.of(writer))
    assert messages.again_in is None
    traffic(writer, CallKind.recv, b"ab")
    assert messages.again_in is None  # not before it is looked at
    clock.time = 4 * MS
    messages.advance()
    assert messages.again_in == pytest.approx(0.006)
    clock.time = 10 * MS
    assert messages.again_in == 0
    assert not messages.advance()
    assert seen(messages) == [(0, b"ab")]
    assert messages.again_in is None


def test_a_record_that_is_being_made_is_not_overtaken(writer, clock):
    reader = Reader.of(writer)
    messages = opened(reader)
    traffic(writer, CallKind.recv, b"ab")

    def receive(room):
        """While it is received, somebody looks long after."""
        if clock.time:
            raise BlockingIOError
        clock.time = 5 * MS
        room[:1] = b"c"
        return len(room)

    def looked_at_meanwhile(room):
        found = receive(room)
        clock.time = 500 * MS
        messages.advance()
        return found

    pulled = writer.pull(looked_at_meanwhile, 1, 1, 1, 8)
    assert pulled.calls == 1
    assert reader.known_until() == 500 * MS
    assert seen(messages) == []
    assert reader.call(1).time == 500 * MS


def test_the_end_and_a_close_are_endless_silence(writer, clock):
    messages = opened(Reader.of(writer))
    traffic(writer, CallKind.recv, b"ab")
    writer.add(CallKind.recv, 1, 1, asked=10, flags=CallFlag.END)
    traffic(writer, CallKind.send, b"cd")
    closed(writer, 1)
    traffic(writer, CallKind.send, b"e", connection=2)
    messages.advance()
    assert seen(messages) == [(0, b"ab"), (2, b"cd")]
    writer.close()
    messages.advance()
    assert seen(messages) == [(0, b"ab"), (2, b"cd"), (4, b"e")]
    assert messages.again_in is None


def test_later_rows_wait_for_an_earlier_message_to_end(writer, clock):
    socket_record(writer, 1, framing=IDLE.to_json())
    socket_record(writer, 2, framing=LINES.to_json())
    catalog = Catalog(Reader.of(writer))
    messages = open_messages(catalog.reader, catalog, Scope())
    traffic(writer, CallKind.recv, b"ab", 1, 1)
    traffic(writer, CallKind.recv, b"c\nd\n", 2, 2)
    catalog.advance()
    messages.advance()
    assert (seen(messages), messages.done, messages.looked) == ([], 2, 4)
    traffic(writer, CallKind.recv, b"cd", 1, 1)
    catalog.advance()
    messages.advance()
    assert seen(messages) == [(3, b"c"), (3, b"d")]
    clock.time = 10 * MS
    messages.advance()
    assert seen(messages) == [(3, b"c"), (3, b"d"), (4, b"abcd")]


def test_each_datagram_is_a_message_at_once(writer, clock):
    socket_record(writer, 1, transport="udp", framing=IDLE.to_json())
    catalog = Catalog(Reader.of(writer))
    catalog.advance()
    messages = open_messages(catalog.reader, catalog, Scope(1))
    for data in (b"ab", b"cd", b"toolong"):
        traffic(writer, CallKind.recvfrom, data, flags=CallFlag.DATAGRAM)
    traffic(writer, CallKind.recvfrom, b"", flags=CallFlag.DATAGRAM)
    catalog.advance()
    assert not messages.advance()
    assert [row[1] for row in seen(messages)] == [b"ab", b"cd", b""]  # nothing can be told of what was skipped
    assert messages.message(2).error.startswith("Expected a silence of 10 ms after at most 6 bytes")
    assert messages.again_in is None


def test_a_message_of_many_calls_is_read_whole(writer, clock):
    messages = opened(Reader.of(writer), Choice("idle", {"ms": 10}))
    data = bytes(range(256)) * 4
    for at in range(0, len(data), 7):
        traffic(writer, CallKind.recv, data[at : at + 7])
        traffic(writer, CallKind.send, b"x")
        clock.time += MS
    clock.time += 10 * MS
    messages.advance()
    rows: list[Message] = [messages.message(row) for row in range(messages.rows)]
    assert [row.received for row in rows] == [True, False]
    assert messages.payload(rows[0]) == data
    assert messages.payload(rows[0], 10) == data[:10]
