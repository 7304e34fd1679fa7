"""Messages: as the framing finds them in each connection's bytes, whatever the calls were."""

from __future__ import annotations

import gc
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import framed_messages
from explorer.capture.messages import Message, Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame
from explorer.wire.framing.registry import make_framer
from tests.capture.making import accepted, catalog_of, closed, small_writer, socket_record, traffic
from tests.fakes.untraced import untraced

LINES = Choice("line", {"ending": "lf", "max": 8})


def opened(writer, framing: Choice | None, scope: Scope = Scope(), sent: bool = True) -> Messages:  # noqa: B008
    reader = Reader.of(writer)
    return open_messages(reader, catalog_of(reader), scope, framing, sent=sent)


def all_of(messages: Messages) -> list[Message]:
    messages.advance()
    return [messages.message(row) for row in range(messages.rows)]


def payloads(messages: Messages) -> list[bytes]:
    return [messages.payload(message) for message in all_of(messages)]


def on_the_wire(reader: Reader, row: Message) -> bytes:
    """Bytes of a message's connection and direction, from where it begins to where it ends."""
    found = b""
    for call in reader.calls(row.first_call, row.call + 1):
        if (call.connection, call.received) == (row.connection, row.received):
            begin = row.skip if call.number == row.first_call else 0
            end = row.end if call.number == row.call else call.size
            found += reader.data(call.offset, call.size)[begin:end]
    return found


@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from([CallKind.recv, CallKind.send]),
            st.integers(1, 2),
            st.lists(st.sampled_from([b"a", b"\n", b"bc", b"0123456789"]), min_size=1, max_size=4).map(b"".join),
        ),
        max_size=40,
    ),
    framing=st.sampled_from(
        [
            LINES,
            Choice("fixed", {"size": 3}),
            Choice("delimiter", {"hex": "0a61", "keep": True, "max": 9}),
            Choice("length", {"width": 1, "max": 60}),
        ]
    ),
    step=st.sampled_from([1, 5, 1 << 62]),
)
@settings(max_examples=120, deadline=None)
def test_messages_are_those_of_each_stream(calls, framing, step):
    streams: dict[tuple[int, bool], bytes] = {}
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        for kind, connection, data in calls:
            traffic(writer, kind, data, connection)
            key = (connection, kind is CallKind.recv)
            streams[key] = streams.get(key, b"") + data
        messages = opened(writer, framing)
        while messages.advance(step):
            pass
        rows = all_of(messages)
        for (connection, received), data in streams.items():
            framer = make_framer(framing)
            mine = [row for row in rows if (row.connection, row.received) == (connection, received)]
            expected = framer.feed(data)
            assert [row.offset for row in mine] == [found.offset for found in expected]
            for row, found in zip(mine, expected, strict=True):
                assert bool(row.error) == (not isinstance(found, Frame))
                if isinstance(found, Frame):
                    assert messages.payload(row) == found.payload
                    assert (row.size, row.payload_size) == (found.size, len(found.payload))
            assert messages.pending(1, connection)[0 if received else 1] == framer.pending
        for row in rows:
            wire = streams[row.connection, row.received][row.offset :][: row.size]
            if row.error:  # the frame may go on when the error is found, and its size need not be known
                assert not row.size or wire.startswith(on_the_wire(Reader.of(writer), row))
            else:
                assert on_the_wire(Reader.of(writer), row) == wire
        assert [row.call for row in rows] == sorted(row.call for row in rows)
        assert all(messages.row_of(row.call) <= row.number for row in rows)
        writer.close()


def test_raw_is_one_message_a_call(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"one")
    writer.add(CallKind.recv, 1, 1, asked=10, flags=CallFlag.END)
    writer.add(CallKind.recv, 1, 1, asked=10, errno=104)
    traffic(writer, CallKind.send, b"two")
    traffic(writer, CallKind.recvfrom, b"", flags=CallFlag.DATAGRAM, asked=10)
    traffic(writer, CallKind.recvfrom, b"cut", flags=CallFlag.DATAGRAM | CallFlag.CUT, asked=3, extra=9)
    messages = opened(writer, Choice("raw"))
    assert payloads(messages) == [b"one", b"two", b"", b"cut"]
    assert [message.call for message in all_of(messages)] == [0, 3, 4, 5]
    assert "did not fit" in messages.message(3).error
    assert messages.payload(messages.message(0), 2) == b"on"
    assert messages.row_of(3) == 1
    assert messages.done == 6
    assert messages.pending(1, 1) == (0, 0)
    assert payloads(opened(writer, Choice("raw"), sent=False)) == [b"one", b"", b"cut"]
    writer.close()


def test_each_datagram_is_framed_on_its_own(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, transport="udp", framing=LINES.to_json())
    for data in (b"a\nb\nrest", b"c\n", b"", b"d\nx"):
        traffic(writer, CallKind.recvfrom, data, flags=CallFlag.DATAGRAM)
    traffic(writer, CallKind.recvfrom, b"e\nxyz", flags=CallFlag.DATAGRAM | CallFlag.CUT, asked=5)
    messages = opened(writer, None, Scope(1))
    assert payloads(messages) == [b"a", b"b", b"rest", b"c", b"d", b"x", b"e", b"xyz"]
    rows = all_of(messages)
    assert [row.offset for row in rows] == [0, 2, 4, 8, 10, 12, 13, 15]
    assert rows[2].error == "The datagram ended in the middle of a message, 4 bytes after its beginning."
    assert rows[5].error == "The datagram ended in the middle of a message, 1 byte after its beginning."
    assert "was cut" in rows[7].error
    assert messages.pending(1, 1) == (0, 0)
    writer.close()


def test_the_end_of_a_stream_tells_what_is_left_over(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"one\ntw")
    messages = opened(writer, LINES)
    assert payloads(messages) == [b"one"]
    assert messages.pending(1, 1) == (2, 0)
    writer.add(CallKind.recv, 1, 1, asked=10, flags=CallFlag.END)
    assert payloads(messages) == [b"one", b"tw"]
    assert messages.message(1).error.startswith("The stream ended in the middle of a message, 2 bytes")
    assert messages.pending(1, 1) == (0, 0)
    writer.close()


def test_the_end_completes_what_only_the_end_can(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"abcd")
    writer.add(CallKind.recv, 1, 1, asked=10, flags=CallFlag.END)
    rows = all_of(opened(writer, Choice("fixed", {"size": 3})))
    assert [(row.offset, row.size) for row in rows] == [(0, 3), (3, 1)]
    writer.close()


def test_a_closed_connection_is_forgotten_and_so_is_a_closed_socket(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for connection in (1, 2):
        traffic(writer, CallKind.recv, b"half", connection)
    messages = opened(writer, LINES)
    messages.advance()
    assert (messages.pending(1, 1), messages.pending(1, 2)) == ((4, 0), (4, 0))
    closed(writer, 1, "reset")
    messages.advance()
    assert (messages.pending(1, 1), messages.pending(1, 2)) == ((0, 0), (4, 0))
    closed(writer, 0, "local")
    messages.advance()
    assert messages.pending(1, 2) == (0, 0)
    writer.close()


def test_every_socket_has_its_own_framing(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, 1, framing={"kind": "line", "ending": "lf"})
    socket_record(writer, 2, "raw one")
    socket_record(writer, 3, "of tomorrow", framing={"kind": "quantum"})
    accepted(writer, 1)
    traffic(writer, CallKind.recv, b"a\nb", 1, 1)
    traffic(writer, CallKind.recv, b"a\nb", 2, 2)
    traffic(writer, CallKind.recv, b"a\nb", 3, 3)
    traffic(writer, CallKind.recv, b"c\n", 1, 1)
    traffic(writer, CallKind.recv, b"d", 3, 3)
    messages = opened(writer, None)
    assert payloads(messages) == [b"a", b"a\nb", b"a\nb", b"a\nb", b"bc", b"d"]
    assert "'quantum' of socket 3 cannot be used" in messages.message(2).error
    assert messages.message(4).first_call == 4
    writer.close()


def test_a_socket_may_have_another_framing_by_now(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, 1, framing={"kind": "line", "ending": "lf"})
    socket_record(writer, 2, "other", framing={"kind": "line", "ending": "lf"})
    traffic(writer, CallKind.recv, b"a\nb\n", 1, 1)
    traffic(writer, CallKind.recv, b"c\nd\n", 2, 2)
    reader = Reader.of(writer)
    for scope, expected in ((Scope(), [b"a\nb\n", b"c", b"d"]), (Scope(1), [b"a\nb\n"]), (Scope(2), [b"c", b"d"])):
        messages = open_messages(reader, catalog_of(reader), scope, present={1: Choice("fixed", {"size": 4})})
        assert payloads(messages) == expected
    writer.close()


def test_messages_wait_for_the_catalog(tmp_path):
    writer = small_writer(tmp_path / "capture")
    reader = Reader.of(writer)
    catalog = catalog_of(reader)
    messages = open_messages(reader, catalog, Scope())
    socket_record(writer, 1, framing={"kind": "line", "ending": "lf"})
    traffic(writer, CallKind.recv, b"a\n")
    assert not messages.advance()
    assert messages.rows == 0
    catalog.advance()
    assert payloads(messages) == [b"a"]
    writer.close()


def test_a_framing_that_does_not_exist_is_refused(tmp_path):
    writer = small_writer(tmp_path / "capture")
    with pytest.raises(InputError, match="no framing called 'quantum'"):
        opened(writer, Choice("quantum"))
    writer.close()


def test_very_many_rows_and_kinds_of_errors(tmp_path, monkeypatch):
    monkeypatch.setattr(framed_messages, "MOST_ERRORS", 3)
    monkeypatch.setattr("explorer.capture.row_file.PAGE", 16)
    writer = small_writer(tmp_path / "capture")
    sizes = [*range(2, 8)] * 50
    for size in sizes:
        traffic(writer, CallKind.recvfrom, b"a\n" + b"x" * size, flags=CallFlag.DATAGRAM)
    messages = opened(writer, LINES)
    rows = all_of(messages)
    assert [row.payload_size for row in rows] == [1, 0] * 300
    assert [messages.payload(row) for row in rows] == [part for size in sizes for part in (b"a", b"x" * size)]
    assert "very many errors" in rows[-1].error
    with pytest.raises(IndexError):
        messages.message(600)
    writer.close()


def test_a_slice_of_work_is_short(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for _ in range(4):
        traffic(writer, CallKind.recv, bytes(5000))
    messages = opened(writer, LINES)
    assert messages.advance(2)
    assert messages.done == 1
    writer.close()


def test_lost_bytes_keep_their_place(tmp_path):
    folder = tmp_path / "capture"
    writer = small_writer(folder)
    traffic(writer, CallKind.recv, b"abc\nd")
    traffic(writer, CallKind.recv, b"ef\n")
    writer.close()
    data = (folder / "bytes-000000.bin").read_bytes()
    (folder / "bytes-000000.bin").write_bytes(data[:-2])
    reader = Reader(folder)
    messages = open_messages(reader, catalog_of(reader), Scope(), LINES)
    assert payloads(messages) == [b"abc"]
    assert messages.pending(1, 1) == (4, 0)


def test_memory_is_bounded_however_small_the_messages_are(tmp_path):
    writer = Writer(tmp_path / "capture", 1 << 30, 4 << 20)
    traffic(writer, CallKind.recv, bytes(1 << 20))
    for _ in range(12):
        traffic(writer, CallKind.recv, b"\n" * (1 << 16))
    messages = opened(writer, LINES)
    tracemalloc.start()
    try:
        messages.advance()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert messages.rows == 12 << 16  # the first line is too long, and its end with it
    assert peak < 64_000_000
    writer.close()


def test_what_a_close_leaves_over_is_an_error(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for connection in (1, 2, 3):
        traffic(writer, CallKind.recv, b"one\nhalf", connection)
        traffic(writer, CallKind.send, b"sent", connection)
    writer.add(CallKind.recv, 1, 3, asked=10, flags=CallFlag.END)
    closed(writer, 1, "reset")
    closed(writer, 0, "local")
    found = []
    for step in (1, 3, 1 << 62):
        messages = opened(writer, LINES)
        while messages.advance(step):
            pass
        rows = [messages.message(row) for row in range(messages.rows)]
        errors = [
            (row.call, row.connection, row.received, row.offset, row.size, row.error) for row in rows if row.error
        ]
        found.append((rows, errors))
    assert found[0] == found[1] == found[2]
    what = "The connection was closed in the middle of a message, 4 bytes after its beginning."
    assert found[0][1] == [
        (6, 3, True, 4, 4, what.replace("connection was closed", "stream ended")),
        (7, 1, False, 0, 4, what),
        (7, 1, True, 4, 4, what),
        (8, 2, False, 0, 4, what),
        (8, 2, True, 4, 4, what),
        (8, 3, False, 0, 4, what),
    ]
    assert opened(writer, Choice("raw")).advance() is False
    assert all(not row.error for row in all_of(opened(writer, Choice("raw"))))
    writer.close()


def seconds_of(messages: Messages) -> tuple[float, float]:
    """Of this thread: all, and the longest that it does not come back."""
    every = []
    more = True
    gc.disable()  # what other tests left is not collected at the cost of this one
    try:
        with untraced():
            while more:
                begun = time.thread_time()
                more = messages.advance(1 << 20)
                every.append(time.thread_time() - begun)
    finally:
        gc.enable()
    return sum(every), max(every)


COUNTING_ITSELF = Choice("length", {"width": 2, "adjustment": -2, "skip": 2})


@pytest.mark.parametrize("size", [1000, 200_000])
def test_bytes_that_break_the_framing_often_hold_nobody_up(tmp_path, size):
    writer = Writer(tmp_path / "capture", 1 << 30, 4 << 20)
    for _ in range(200_000 // size):
        traffic(writer, CallKind.recv, bytes(size))
    messages = opened(writer, COUNTING_ITSELF)
    whole, longest = seconds_of(messages)
    assert messages.rows == 100_000
    assert whole < 2
    assert longest < 0.1
    assert messages.message(99_999).call == writer.count - 1
    writer.close()


def test_datagrams_that_break_the_framing_often_hold_nobody_up(tmp_path):
    writer = Writer(tmp_path / "capture", 1 << 30, 4 << 20)
    for _ in range(2):
        traffic(writer, CallKind.recvfrom, bytes(60_000), flags=CallFlag.DATAGRAM)
    messages = opened(writer, COUNTING_ITSELF)
    assert seconds_of(messages)[1] < 0.1
    assert messages.rows == 60_000
    assert messages.message(59_999).offset == 119_998
    writer.close()


def test_errors_among_messages_cost_no_more_when_more_calls_are_looked_at(tmp_path):
    taken = []
    for calls in (128, 1024):
        writer = Writer(tmp_path / f"{calls} calls", 1 << 30, 4 << 20)
        for _ in range(calls):
            traffic(writer, CallKind.recv, b"abc\na\n" * 10)
        messages = opened(writer, Choice("line", {"ending": "lf", "max": 2}))
        taken.append(seconds_of(messages)[0] / calls)
        assert messages.rows == 20 * calls
        writer.close()
    assert taken[1] < 3 * taken[0]
