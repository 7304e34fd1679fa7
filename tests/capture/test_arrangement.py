"""Rows: which byte stands where, without a gap, per call and per message."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.capture.arrangement import Arrangement, Arranger, CallRule, Continuous, MessageRule, RowMap
from explorer.capture.block_index import BLOCK
from explorer.capture.message_stream import MessageStream
from explorer.capture.messages import Messages, RawMessages, open_messages
from explorer.capture.raw_stream import RawStream
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import ByteStream, Scope, Stream
from explorer.capture.unit_rows import UnitArranger, per_call, per_message
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from tests.capture.making import catalog_of, small_writer, traffic

LINES = Choice("line", {"ending": "lf"})
RAW = Choice("raw")
Sent = tuple[int, bool, bytes]  # connection, whether received, bytes

sent_calls = st.lists(
    st.tuples(st.integers(1, 2), st.booleans(), st.text("ab\n", max_size=9).map(str.encode)), max_size=40
)
widths = st.integers(1, 40)


def capture(folder: Path, calls: list[Sent]) -> Writer:
    writer = small_writer(folder / "c", segment_bytes=1 << 17)
    for connection, received, data in calls:
        traffic(writer, CallKind.recv if received else CallKind.send, data, connection, asked=64)
    return writer


def framed(reader: Reader, framing: Choice = LINES, **direction: bool) -> tuple[Messages, MessageStream]:
    messages = open_messages(reader, catalog_of(reader), Scope(), framing)
    messages.advance()
    stream = MessageStream(reader, messages, **direction)
    assert not stream.advance()
    return messages, stream


def counted(arranger: UnitArranger) -> Arrangement:
    assert not arranger.advance()
    return arranger.rows()


def check_rows(rows: Arrangement) -> None:
    """The law of all arrangements: a byte has one place, a place one byte, rows cover the bytes in order."""
    at, rules = 0, 0
    for row in range(rows.count):
        line = rows.line(row)
        assert (rows.start(row), rows.stop(row)) == (line.start, line.stop)
        assert line.start == at
        if rows.rule(row) is not None:
            assert (line.stop, line.label) == (at, None)
            rules += 1
        else:
            assert 0 < line.stop - at <= rows.per_row
            for column, offset in enumerate(range(line.start, line.stop)):
                assert (rows.row(offset), rows.column(offset)) == (row, column)
                assert rows.offset(row, column) == offset
            assert rows.offset(row, 1000) == line.stop - 1
        at = line.stop
    assert at == rows.size
    for row in (-3, rows.count, rows.count + 9):
        assert rows.size == 0 or 0 <= rows.offset(row, 3) < rows.size
        with pytest.raises(IndexError):
            rows.line(row)


def check_blocks(rows: Arrangement, start: int, stop: int) -> None:
    covered = [
        rows.start(row) + column
        for block in rows.blocks(start, stop)
        for row in range(block.row, block.row + block.rows)
        for column in range(block.first, block.last)
    ]
    assert covered == list(range(start, stop))


@given(st.integers(0, 400), widths, st.data())
def test_rows_without_a_gap(size: int, per_row: int, data: st.DataObject) -> None:
    rows = RowMap(size, per_row)
    check_rows(rows)
    start = data.draw(st.integers(0, size))
    check_blocks(rows, start, data.draw(st.integers(start, size)))


@given(sent_calls, widths, st.data())
def test_rows_per_call(
    tmp_path_factory: pytest.TempPathFactory, calls: list[Sent], per_row: int, data: st.DataObject
) -> None:
    writer = capture(tmp_path_factory.mktemp("c"), calls)
    stream = ByteStream(Reader.of(writer), Scope())
    arranger = per_call(stream, per_row)
    while stream.advance(data.draw(st.integers(1, 9))):  # in any cutting
        arranger.advance(data.draw(st.integers(1, 9)))
    rows = counted(arranger)
    assert arranger.done == len(calls)
    assert (rows.size, rows.count) == (
        stream.size,
        sum(1 + -(-len(sent[2]) // per_row) for sent in calls),
    )
    check_rows(rows)
    rules = [rule for row in range(rows.count) if isinstance(rule := rows.rule(row), CallRule)]
    assert [(rule.call.number, rule.call.size) for rule in rules] == [(n, len(c[2])) for n, c in enumerate(calls)]
    times = [call.time for call in stream.reader.calls(0, len(calls))]
    gaps = [None, *(after - before for before, after in pairwise(times))]
    assert [rule.gap for rule in rules] == gaps[: len(calls)]
    start = data.draw(st.integers(0, stream.size))
    check_blocks(rows, start, data.draw(st.integers(start, stream.size)))
    writer.close()


def wire(reader: Reader, messages: Messages) -> list[bytes]:
    """The bytes of each message, collected the slow way: from its flow, byte for byte."""
    flows: dict[tuple[int, bool], bytes] = {}
    for call in reader.calls(0, reader.count):
        key = call.connection, call.received
        flows[key] = flows.get(key, b"") + reader.traffic(call)
    found = []
    for row in range(messages.rows):
        message = messages.message(row)
        assert message.offset is not None
        flow = flows[message.connection, message.received]
        found.append(flow[message.offset : message.offset + message.size])
    return found


@given(sent_calls, widths, st.sampled_from([None, True, False]), st.sampled_from([LINES, RAW]), st.data())
def test_rows_per_message(
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[Sent],
    per_row: int,
    direction: bool | None,
    framing: Choice,
    data: st.DataObject,
) -> None:
    writer = capture(tmp_path_factory.mktemp("c"), calls)
    reader = Reader.of(writer)
    messages = open_messages(reader, catalog_of(reader), Scope(), framing)
    directions = direction is not False, direction is not True
    stream: MessageStream | RawStream
    if isinstance(messages, RawMessages):
        stream = RawStream(messages, Scope(), *directions)
    else:
        stream = MessageStream(reader, messages, *directions)
    arranger = per_message(stream, per_row)
    while messages.advance(data.draw(st.integers(1, 9))):
        stream.advance(data.draw(st.integers(1, 9)))
        arranger.advance(data.draw(st.integers(1, 9)))
        assert stream.done <= messages.done
    assert not stream.advance()
    rows = counted(arranger)
    assert stream.done == arranger.done == len(calls)
    shown = [row for row in range(messages.rows) if direction in (None, messages.message(row).received)]
    if framing is RAW:
        texts = [sent[2] for sent in calls if sent[2] and direction in (None, sent[1])]
    else:
        texts = [wire(reader, messages)[row] for row in shown]
    assert stream.read(0, 1 << 30) == b"".join(texts)
    assert rows.size == stream.size == sum(map(len, texts))
    check_rows(rows)
    rules = [rule for row in range(rows.count) if isinstance(rule := rows.rule(row), MessageRule)]
    assert [(rule.message.number, rule.shown) for rule in rules] == list(zip(shown, map(len, texts), strict=True))
    check_stream(stream)
    for position in range(stream.size):
        number, start, stop = stream.message_at(position)
        assert start <= position < stop
        assert stream.read(start, stop) == texts[shown.index(number)]
        line = rows.line(rows.row(position))
        assert line.label == line.start - start
    writer.close()


def check_stream(stream: Stream) -> None:
    """Positions and places are two names of the same bytes."""
    whole = stream.read(0, stream.size)
    assert len(whole) == stream.size
    for position in range(stream.size):
        place = stream.locate(position)
        call = stream.reader.call(place.call)
        assert stream.reader.traffic(call)[place.skip] == whole[position]
        assert stream.position(place) == position
        assert stream.places(stream.span_of(position, position + 1)) == ((position, position + 1),)
        start, stop = stream.call_at(position)
        assert start <= position < stop
        assert {stream.locate(at).call for at in range(start, stop)} == {place.call}
        for beside in (start - 1, stop):
            assert not 0 <= beside < stream.size or stream.locate(beside).call != place.call
    with pytest.raises(IndexError):
        stream.locate(stream.size)


@given(sent_calls, st.data())
def test_positions_and_places(tmp_path_factory: pytest.TempPathFactory, calls: list[Sent], data: st.DataObject) -> None:
    writer = capture(tmp_path_factory.mktemp("c"), calls)
    stream = ByteStream(Reader.of(writer), Scope(), data.draw(st.booleans()), data.draw(st.booleans()))
    assert not stream.advance()
    check_stream(stream)
    writer.close()


def test_ends_and_failures_are_rules_without_rows(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    traffic(writer, CallKind.recv, b"abc", asked=1024)
    writer.add(CallKind.note, 1, 1)
    traffic(writer, CallKind.recvfrom, b"", asked=1024, flags=CallFlag.DATAGRAM)
    writer.add(CallKind.recv, 1, 1, asked=1024, flags=CallFlag.END)
    writer.add(CallKind.send, 1, 1, asked=5, errno=32)
    stream = ByteStream(Reader.of(writer), Scope())
    stream.advance()
    rows = counted(per_call(stream, 16))
    assert [rows.line(row)[:2] for row in range(rows.count)] == [(0, 0), (0, 3), (3, 3), (3, 3), (3, 3)]
    rules = [rows.rule(row) for row in range(rows.count)]
    assert [rule.call.number for rule in rules if isinstance(rule, CallRule)] == [0, 2, 3, 4]
    assert [rows.offset(row, 1) for row in range(rows.count)] == [1, 1, 2, 2, 2]
    assert rows.row(3) == 1
    writer.close()


def test_only_rules(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    writer.add(CallKind.recv, 1, 1, asked=1024, flags=CallFlag.END)
    stream = ByteStream(Reader.of(writer), Scope())
    stream.advance()
    rows = counted(per_call(stream, 16))
    assert (rows.size, rows.count, rows.row(0), rows.offset(0, 0), rows.line(0)) == (0, 1, 0, 0, (0, 0, None))
    writer.close()


def test_rows_across_many_blocks(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    count = 3 * BLOCK + 100
    for n in range(count):
        traffic(writer, CallKind.recv, b"x" * (n % 40))
    stream = ByteStream(Reader.of(writer), Scope())
    stream.advance()
    rows = counted(per_call(stream, 16))
    heights = [1 + -(-(n % 40) // 16) for n in range(count)]
    assert rows.count == sum(heights)
    row = 0
    for n, height in enumerate(heights):
        if n % 97 == 0 or n % BLOCK in (0, 1, BLOCK - 1):
            rule = rows.rule(row)
            assert isinstance(rule, CallRule)
            assert rule.call.number == n
            for byte in range(0, n % 40, 13):
                offset = rows.start(row) + byte
                assert (rows.row(offset), rows.column(offset)) == (row + 1 + byte // 16, byte % 16)
        row += height
    writer.close()


def test_rows_keep_their_places_while_they_grow(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    stream = ByteStream(Reader.of(writer), Scope())
    arrangers: list[Arranger] = [per_call(stream, 8), Continuous(stream, 8)]
    traffic(writer, CallKind.recv, b"0123456789")
    stream.advance()
    for arranger in arrangers:
        arranger.advance(99)
    before = [arranger.rows() for arranger in arrangers]
    traffic(writer, CallKind.recv, b"0123456789")
    stream.advance()
    for arranger in arrangers:
        arranger.advance(99)
    for rows, arranger in zip(before, arrangers, strict=True):
        check_rows(rows)
        assert rows.size == 10
        check_rows(arranger.rows())
        assert arranger.rows().size == 20
    writer.close()


def test_messages_of_two_connections_do_not_mix(tmp_path: Path) -> None:
    writer = capture(tmp_path, [(1, True, b"on"), (2, True, b"tw"), (1, True, b"e\nx"), (2, True, b"o\n")])
    reader = Reader.of(writer)
    _, stream = framed(reader)
    assert stream.read(0, 99) == b"one\ntwo\n"
    assert stream.locate(3) == Place(2, 1)
    assert stream.span_of(0, 4) == Span(0, 0, 2, 2, 1, True)
    assert stream.places(Span(0, 0, 2, 2)) == ((0, 6),)
    assert stream.places(Span(0, 0, 2, 2, 1, True)) == ((0, 4),)
    assert stream.places(Span(1, 1, 3, 1)) == ((2, 4), (5, 7))
    assert stream.places(Span(2, 2, 2, 3)) == ()
    assert stream.position(Place(2, 2)) == 4
    writer.close()


def test_broken_framing_shows_what_was_there(tmp_path: Path) -> None:
    framing = Choice("length", {"width": 1, "max": 8})
    writer = capture(tmp_path, [(1, True, b"\x02ab\x7fxyz"), (1, True, bytes(120)), (1, True, b"pad.\x01!\x03un")])
    reader = Reader.of(writer)
    messages, stream = framed(reader, framing)
    rows = counted(per_message(stream, 16))
    rules = [rule for row in range(rows.count) if isinstance(rule := rows.rule(row), MessageRule)]
    assert [bool(rule.message.error) for rule in rules] == [False, True, False]
    assert [rule.shown for rule in rules][::2] == [3, 2]
    assert stream.read(0, 3) == b"\x02ab"
    assert stream.read(stream.size - 2, stream.size) == b"\x01!"
    assert rules[1].shown == stream.size - 5 <= rules[1].message.size
    assert messages.pending(1, 1) == (3, 0)
    writer.close()


def test_framing_that_claims_to_skip_more_than_there_will_ever_be(tmp_path: Path) -> None:
    writer = capture(tmp_path, [(1, True, (1 << 40).to_bytes(8, "big") + b"rest"), (1, True, b"more")])
    messages, stream = framed(Reader.of(writer), Choice("length", {"width": 8}))
    rules = [messages.message(row) for row in range(messages.rows)]
    assert [(bool(rule.error), "1,099,511,627,784" in rule.error) for rule in rules] == [(True, True)]
    assert stream.read(0, 99).startswith((1 << 40).to_bytes(8, "big") + b"rest")
    writer.close()
