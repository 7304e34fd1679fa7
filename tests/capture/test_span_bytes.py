"""Bytes of a span, and the message that holds a byte: against the flow put together by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.message_spans import span_of
from explorer.capture.messages import open_messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.span_bytes import Holder, read_span
from explorer.capture.stream import Scope
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from tests.capture.making import accepted, catalog_of, small_writer, socket_record, traffic

CALLS = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.booleans(), st.lists(st.sampled_from(b"ab\n"), max_size=6).map(bytes)),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(CALLS, st.data())
def test_spans_and_holders(calls: list[tuple[int, bool, bytes]], draw: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = small_writer(Path(folder) / "capture")
        socket_record(writer)
        accepted(writer, 1)
        base = accepted(writer, 2) + 1
        for connection, received, data in calls:
            traffic(writer, CallKind.recv if received else CallKind.send, data, connection)
        reader = Reader.of(writer)
        check_span(reader, base, calls, draw)
        check_holders(reader, base, calls)
        writer.close()


def check_span(reader: Reader, base: int, calls: list[tuple[int, bool, bytes]], draw: st.DataObject) -> None:
    first = draw.draw(st.integers(0, len(calls) - 1))
    last = draw.draw(st.integers(first, len(calls) - 1))
    most = draw.draw(st.integers(1, 12))
    skip = draw.draw(st.integers(0, len(calls[first][2])))
    stop = draw.draw(st.integers(skip if first == last else 0, len(calls[last][2])))
    read = read_span(reader, Span(base + first, skip, base + last, stop), most)
    here = [number for number in range(first, last + 1) if calls[number][2]]
    if not here:
        assert read.data == b""
        return
    flow = calls[here[0]][:2]
    expected = b"".join(
        calls[number][2][skip if number == first else 0 : stop if number == last else None]
        for number in here
        if calls[number][:2] == flow
    )
    assert read.data == expected[:most]
    assert read.whole == (len(expected) <= most)
    assert read.first is not None
    assert read.first.number == base + here[0]
    if read.whole:
        assert read.others == any(calls[number][:2] != flow for number in here)


def check_holders(reader: Reader, base: int, calls: list[tuple[int, bool, bytes]]) -> None:
    messages = open_messages(reader, catalog_of(reader), Scope(), Choice("line", {"ending": "lf"}))
    while messages.advance():
        pass
    spans = [span_of(messages.message(row)) for row in range(messages.rows)]
    for number, (connection, received, data) in enumerate(calls):
        for skip in range(len(data)):
            place = Place(base + number, skip)
            holder = Holder(reader, messages, place)
            holder.advance()
            holding = [
                span
                for span in spans
                if (span.connection, span.received) == (connection, received)
                and span.first <= place < Place(span.last_call, span.last_skip)
            ]
            found = [span_of(holder.message)] if holder.message else []
            assert found == holding
            assert holder.over or not holding


def test_a_holder_waits_for_the_end_of_its_message(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    start = accepted(writer, 1) + 1
    traffic(writer, CallKind.recv, b"ab")
    reader = Reader.of(writer)
    messages = open_messages(reader, catalog_of(reader), Scope(), Choice("line", {"ending": "lf"}))
    messages.advance()
    holder = Holder(reader, messages, Place(start, 1))
    holder.advance()
    assert not holder.over
    traffic(writer, CallKind.send, b"no\n")
    traffic(writer, CallKind.recv, b"c\nd\n")
    messages.advance()
    holder.advance()
    assert holder.over
    assert holder.message is not None
    assert messages.payload(holder.message) == b"abc"
    writer.close()
