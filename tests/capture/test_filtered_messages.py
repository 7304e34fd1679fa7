"""Filtered messages: many at once against one by one, under every framing; look-ups; memory."""

from __future__ import annotations

import gc
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import filtered_messages, framed_columns, framings_used
from explorer.capture.catalog import Catalog
from explorer.capture.filtered_messages import FilteredMessages
from explorer.capture.filters import parse_filter
from explorer.capture.messages import Message, Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from tests.capture.making import accepted, catalog_of, small_writer, socket_record, traffic

FRAMINGS = (
    Choice("raw"),
    Choice("line", {"ending": "any", "max": 6}),
    Choice("delimiter", {"hex": "62", "keep": True}),
    Choice("fixed", {"size": 3}),
    Choice("length", {"width": 1, "skip": 1, "max": 20}),
    None,
)
Judge = Callable[[Message, bytes, Reader], bool]
WORDS: dict[str, Judge] = {
    "size>2": lambda message, payload, reader: message.payload_size > 2,
    "-size=1": lambda message, payload, reader: message.payload_size != 1,
    "dir:in": lambda message, payload, reader: message.received,
    "dir:out": lambda message, payload, reader: not message.received,
    "error": lambda message, payload, reader: bool(message.error),
    "conn:#2": lambda message, payload, reader: message.connection == 2,
    "conn:4001": lambda message, payload, reader: message.connection == 1,
    "socket:one": lambda message, payload, reader: message.socket == 1,
    "call:recv,sendto": lambda message, payload, reader: (
        reader.call(message.call).kind in (CallKind.recv, CallKind.sendto)
    ),
    "a": lambda message, payload, reader: b"a" in payload.lower(),
    "-text:ab": lambda message, payload, reader: b"ab" not in payload.lower(),
    "hex:61": lambda message, payload, reader: b"a" in payload,
    "hex:0a": lambda message, payload, reader: b"\n" in payload,
    "hex:02": lambda message, payload, reader: b"\2" in payload,
}
STREAMS = st.tuples(st.sampled_from((CallKind.recv, CallKind.send)), st.sampled_from(((1, 1), (1, 2))))
DATAGRAMS = st.tuples(st.sampled_from((CallKind.recvfrom, CallKind.sendto)), st.just((2, 3)))
CALLS = st.lists(
    st.tuples(
        st.one_of(STREAMS, DATAGRAMS),
        st.lists(st.sampled_from(b"aAb\n\r\1\2\3"), max_size=12).map(bytes),
        st.booleans(),
    ),
    max_size=40,
)


def make(folder: Path, calls: list[tuple[tuple[CallKind, tuple[int, int]], bytes, bool]]) -> tuple[Reader, Catalog]:
    """Two sockets with three connections, then these calls; some datagrams among them were cut."""
    writer = small_writer(folder)
    socket_record(writer, 1, "one", framing={"kind": "line", "ending": "lf"})
    socket_record(writer, 2, "two", framing={"kind": "length", "width": 1, "skip": 1})
    for connection, socket in ((1, 1), (2, 1), (3, 2)):
        accepted(writer, connection, f"127.0.0.1:{4000 + connection}", socket=socket)
    for (kind, (socket, connection)), data, cut in calls:
        datagram = kind in (CallKind.recvfrom, CallKind.sendto)
        flags = CallFlag.DATAGRAM | (CallFlag.CUT if cut else CallFlag.NONE) if datagram else CallFlag.NONE
        traffic(writer, kind, data, connection, socket, flags=flags)
    writer.close()
    reader = Reader(folder)
    return reader, catalog_of(reader)


def test_what_is_too_long_is_searched_only_as_far_as_it_came(tmp_path):
    too_long = [((CallKind.recv, (1, connection)), data, False) for connection, data in ((1, b"a"), (2, b"b"))]
    reader, catalog = make(tmp_path / "capture", too_long)
    messages = open_messages(reader, catalog, Scope(), Choice("length", {"width": 1, "max": 20}))
    messages.advance()
    assert [messages.message(row).error != "" for row in range(messages.rows)] == [True, True]
    found = FilteredMessages(messages, parse_filter("text:ab", catalog))
    found.advance()
    assert rows_of(found) == []
    reader.close()


def test_what_is_too_long_is_searched_from_where_it_begins(tmp_path):
    reader, catalog = make(tmp_path / "capture", [((CallKind.recvfrom, (2, 3)), b"\x02aaa", False)])
    messages = open_messages(reader, catalog, Scope(), Choice("length", {"width": 1, "skip": 1, "max": 20}))
    messages.advance()
    found = FilteredMessages(messages, parse_filter("hex:02", catalog))
    found.advance()
    assert rows_of(found) == []
    reader.close()


def rows_of(found: FilteredMessages) -> list[int]:
    return [found.number(row) for row in range(found.rows)]


@settings(max_examples=60, deadline=None)
@given(
    CALLS, st.sampled_from(FRAMINGS), st.lists(st.sampled_from(sorted(WORDS)), max_size=3), st.integers(1, 30),
    st.integers(1, 8), st.booleans(),
)  # fmt: skip
def test_many_at_once_are_judged_as_one_by_one(calls, framing, words, step, block, scattered):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(filtered_messages, "BLOCK", block * 16)
        patch.setattr(filtered_messages, "_BITS", block)
        if scattered:
            patch.setattr(framed_columns, "_AROUND", 0)
            patch.setattr(framed_columns, "_FEW", 2)
        reader, catalog = make(Path(name) / "capture", calls)
        messages = open_messages(reader, catalog, Scope(), framing)
        messages.advance()
        found = FilteredMessages(messages, parse_filter(" ".join(words), catalog))
        while found.advance(step):
            pass
        wanted = []
        for row in range(messages.rows):
            message = messages.message(row)
            payload = messages.payload(message)
            if all(WORDS[word](message, payload, reader) for word in words):
                wanted.append(row)
        assert rows_of(found) == wanted
        for number in range(messages.rows + 1):
            assert found.row(number) == sum(row < number for row in wanted)
        reader.close()


@settings(max_examples=30, deadline=None)
@given(CALLS, st.sampled_from(FRAMINGS), st.integers(1, 30))
def test_columns_hold_what_the_messages_say(calls, framing, most):
    with tempfile.TemporaryDirectory() as name:
        reader, catalog = make(Path(name) / "capture", calls)
        messages = open_messages(reader, catalog, Scope(), framing)
        messages.advance()
        row = 0
        while row < messages.rows:
            part = messages.columns(row, most)
            assert part.first == row
            assert 0 < part.count <= most
            there = [messages.message(number) for number in range(row, row + part.count)]
            assert list(part.calls) == [message.call for message in there]
            assert part.last_call == there[-1].call
            assert list(part.sizes) == [message.size for message in there]
            assert list(part.payload_sizes) == [message.payload_size for message in there]
            assert list(part.sockets) == [message.socket for message in there]
            assert list(part.connections) == [message.connection for message in there]
            assert list(part.received) == [message.received for message in there]
            assert list(part.errors) == [bool(message.error) for message in there]
            assert list(part.kinds) == [reader.call(message.call).kind for message in there]
            row += part.count
        with pytest.raises(IndexError):
            messages.columns(messages.rows, 1)
        reader.close()


def test_payloads_that_are_no_piece_of_the_wire_are_framed_again(tmp_path, monkeypatch):
    """As of a framing that unescapes: nothing is concluded from the bytes on the wire."""
    monkeypatch.setattr(framings_used, "payload_place", lambda choice: "")
    reader, catalog = make(tmp_path / "capture", [((CallKind.recv, (1, 1)), b"aa\nbb\n", False)])
    messages = open_messages(reader, catalog, Scope(1), Choice("line", {"ending": "lf"}))
    messages.advance()
    for text, wanted in (("a", [0]), ("hex:0a", [])):
        found = FilteredMessages(messages, parse_filter(text, catalog))
        found.advance()
        assert rows_of(found) == wanted
    reader.close()


def many(folder: Path, count: int) -> tuple[Reader, Messages, Catalog]:
    """Every hundredth line is of another size; direction and connection change from call to call."""
    writer = small_writer(folder, segment_bytes=4 << 20)
    for number in range(count // 100):
        kind = CallKind.send if number & 1 else CallKind.recv
        traffic(writer, kind, b"12345\n" * 99 + b"1234567\n", 1 + (number >> 1 & 1))
    writer.close()
    reader = Reader(folder)
    catalog = catalog_of(reader)
    messages = open_messages(reader, catalog, Scope(), Choice("line", {"ending": "lf"}))
    messages.advance()
    return reader, messages, catalog


def test_little_is_kept_of_many(tmp_path):
    reader, messages, catalog = many(tmp_path / "capture", 25 * 4096)
    for text, most in (("size>100", 5_000), ("size>5", 10_000), ("size>0", 5_000), ("dir:in", 20_000)):
        FilteredMessages(messages, parse_filter(text, catalog)).advance()  # what is read once is kept by the reader
        tracemalloc.start()
        found = FilteredMessages(messages, parse_filter(text, catalog))
        found.advance()
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert kept < most, text
    assert rows_of(found) == [row for row in range(messages.rows) if row // 100 % 2 == 0]
    reader.close()


def test_rows_can_be_looked_up_while_messages_still_come(tmp_path):
    writer = small_writer(tmp_path / "capture")
    reader = Reader.of(writer)
    catalog = catalog_of(reader)
    messages = open_messages(reader, catalog, Scope(), Choice("raw"))
    found = FilteredMessages(messages, parse_filter("size>1", catalog))
    wanted = []
    for number in range(200):
        traffic(writer, CallKind.recv, b"xx" if number % 3 else b"x")
        wanted += [number] if number % 3 else []
        messages.advance()
        found.advance()
        assert (found.rows, found.done) == (len(wanted), number + 1)
        assert not wanted or found.number(found.rows - 1) == wanted[-1]
    assert rows_of(found) == wanted
    with pytest.raises(IndexError):
        found.number(len(wanted))
    reader.close()
    writer.close()
