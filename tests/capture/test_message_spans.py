"""Messages and the bytes they hold, both ways, however connections and directions are mixed."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from explorer.capture import message_spans
from explorer.capture.filters import parse_filter
from explorer.capture.message_spans import find_rows, row_steps, span_of, spans_of
from explorer.capture.messages import Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.steps import Steps
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from explorer.ui.models.message_filter import MessageFilter
from tests.capture.making import catalog_of, small_writer, traffic
from tests.fakes.untraced import untraced

LINES = Choice("line", {"ending": "lf"})
RECV, SEND = CallKind.recv, CallKind.send


def opened(writer: Writer, framing: Choice = LINES, scope: Scope = Scope()) -> tuple[Reader, Messages]:  # noqa: B008
    reader = Reader.of(writer)
    messages = open_messages(reader, catalog_of(reader), scope, framing)
    messages.advance()
    return reader, messages


def found(reader: Reader, messages: Messages | MessageFilter, span: Span) -> list[int]:
    return [row for part in find_rows(reader, messages, span) for row in part]


@pytest.fixture
def mixed(tmp_path: Path) -> Writer:
    """Connection 1 begins a line, connection 2 sends two, connection 1 ends its own. Calls 0 to 3."""
    writer = small_writer(tmp_path / "capture")
    traffic(writer, RECV, b"AAA", 1)
    traffic(writer, RECV, b"x\n", 2)
    traffic(writer, RECV, b"y\n", 2)
    traffic(writer, RECV, b"aaa\n", 1)
    return writer


def test_a_call_selects_the_messages_that_hold_its_bytes_and_no_others(mixed: Writer) -> None:
    reader, messages = opened(mixed)
    of_call = [found(reader, messages, Span.of_call(reader.call(number))) for number in range(4)]
    assert of_call == [[2], [0], [1], [2]]  # x, y, AAAaaa


def test_a_message_is_only_its_own_bytes(mixed: Writer) -> None:
    reader, messages = opened(mixed)
    spans = [span_of(messages.message(row)) for row in range(3)]
    assert spans == [Span(1, 0, 1, 2, 2, True), Span(2, 0, 2, 2, 2, True), Span(0, 0, 3, 4, 1, True)]
    assert [found(reader, messages, span) for span in spans] == [[0], [1], [2]]
    assert spans_of(messages.message(0), messages.message(2)) == Span(0, 0, 3, 4)


def test_one_byte_of_a_call_with_many_lines_is_one_message(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    traffic(writer, RECV, b"".join(b"line %02d\n" % number for number in range(50)))
    reader, messages = opened(writer)
    assert found(reader, messages, Span(0, 83, 0, 84)) == [10]
    assert found(reader, messages, Span(0, 79, 0, 81)) == [9, 10]
    assert found(reader, messages, Span(0, 0, 0, 400)) == list(range(50))


def test_a_message_that_is_still_to_be_completed_is_none(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    traffic(writer, RECV, b"one\ntw")
    reader, messages = opened(writer)
    assert found(reader, messages, Span(0, 4, 0, 6)) == []
    traffic(writer, SEND, b"answer\n")
    traffic(writer, RECV, b"o\n")
    messages.advance()
    assert found(reader, messages, Span(0, 4, 0, 6)) == [2]


def test_a_call_without_bytes_selects_what_it_completed(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    traffic(writer, RECV, b"no end")
    end = writer.add(RECV, 1, 1, asked=10, flags=CallFlag.END)
    writer.add_detail(CallKind.close, 1, 1, {"reason": "eof"})
    reader, messages = opened(writer)
    assert found(reader, messages, Span(end, 0, end, 0)) == [0]
    assert found(reader, messages, Span(end + 1, 0, end + 1, 0)) == []
    assert found(reader, messages, Span(0, 2, 0, 3)) == [0]


def test_empty_datagrams_are_found(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    for data in (b"a", b"", b"b"):
        traffic(writer, CallKind.recvfrom, data, flags=CallFlag.DATAGRAM, asked=10)
    reader, messages = opened(writer, Choice("raw"))
    assert found(reader, messages, Span(1, 0, 1, 0)) == [1]
    assert found(reader, messages, Span(0, 0, 1, 0)) == [0, 1]
    assert found(reader, messages, Span(1, 0, 2, 1)) == [1, 2]


def test_another_connection_is_not_in_the_scope(mixed: Writer) -> None:
    reader, messages = opened(mixed, scope=Scope(1, 1))
    assert found(reader, messages, Span.of_call(reader.call(2))) == []
    assert found(reader, messages, Span.of_call(reader.call(0))) == [0]


def test_rows_that_a_filter_leaves_out_are_not_found(mixed: Writer) -> None:
    reader, messages = opened(mixed)
    shown = MessageFilter(messages, parse_filter("-x", catalog_of(reader)))
    shown.advance()
    assert [found(reader, shown, Span.of_call(reader.call(number))) for number in range(4)] == [[1], [], [0], [1]]
    shown = MessageFilter(messages, parse_filter("x", catalog_of(reader)))
    shown.advance()
    assert [found(reader, shown, Span.of_call(reader.call(number))) for number in range(4)] == [[], [0], [], []]


def test_what_is_completed_very_far_away_is_not_looked_for(mixed: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_spans, "FAR", 2)
    reader, messages = opened(mixed)
    assert found(reader, messages, Span.of_call(reader.call(0))) == []


@pytest.mark.parametrize("others", [1, 20])
def test_what_is_completed_later_is_found_however_much_others_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    monkeypatch.setattr(message_spans, "FAR", 16)
    monkeypatch.setattr(message_spans, "_LOOK", 2)
    writer = small_writer(tmp_path / "capture")
    traffic(writer, RECV, b"be")
    for _ in range(5):
        traffic(writer, RECV, b"x\n" * others, 2)
        traffic(writer, SEND, b"gi", 1)
    traffic(writer, RECV, b"gin\n")
    traffic(writer, RECV, b"next\n")
    reader, messages = opened(writer)
    assert found(reader, messages, Span(0, 0, 0, 2)) == [5 * others]
    assert found(reader, messages, Span(0, 1, 4, 1, 1, True)) == [5 * others]
    assert found(reader, messages, Span(3, 0, 5, 2, 2, True)) == list(range(others, 2 * others + 1))


def test_very_long_spans_are_searched_in_steps_and_quickly(tmp_path: Path) -> None:
    """A connection that receives and sends by turns, and another in one run."""
    writer = Writer(tmp_path / "capture")
    for number in range(40_000):
        traffic(writer, SEND if number % 2 and number < 2_000 else RECV, b"x\n")
    reader, messages = opened(writer)
    whole = Span(0, 0, 39_999, 2, 1, True)
    with untraced():
        begun = time.perf_counter()
        rows = find_rows(reader, messages, whole)
        spent = time.perf_counter() - begun
        assert len(rows) == message_spans.MOST_PARTS
        assert spent < 0.02
        begun = time.perf_counter()
        assert find_rows(reader, messages, Span(2_000, 1, 39_999, 2, 1, True)) == [range(2_000, 40_000)]
        spent = time.perf_counter() - begun
    assert spent < 0.05
    steps = Steps(row_steps(reader, messages, Span(2_000, 0, 39_998, 1, 1, True)))
    taken = 0
    while steps.advance(1):
        assert steps.result is None
        taken += 1
    assert steps.result == [range(2_000, 39_999)]
    assert taken >= 9


def test_rows_of_one_flow_among_those_that_fit_a_filter(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    for number in range(10_000):
        traffic(writer, RECV, b"a\n" if number % 3 else b"long\n", 1 + number % 2)
    reader, messages = opened(writer)
    shown = MessageFilter(messages, parse_filter("size>2", catalog_of(reader)))
    shown.advance()
    span = Span(0, 0, 9_999, 2, 2, True)
    wanted = [row for row in range(shown.rows) if shown.message(row).connection == 2]
    assert found(reader, shown, span) == wanted[: message_spans.MOST_PARTS]
    assert found(reader, shown, Span(9_000, 0, 9_999, 2, 2, True)) == [
        row for row in wanted if shown.message(row).call >= 9_000
    ]


def test_very_many_parts_are_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_spans, "MOST_PARTS", 3)
    writer = small_writer(tmp_path / "capture")
    for number in range(20):
        traffic(writer, RECV, b"x\n", 1 + number % 2)
    reader, messages = opened(writer)
    assert find_rows(reader, messages, Span(0, 0, 19, 2, 1, True)) == [range(1), range(2, 3), range(4, 5)]


CALL = st.tuples(
    st.sampled_from([RECV, SEND]),
    st.integers(1, 2),
    st.lists(st.sampled_from([b"a", b"\n", b"bc", b"\r\n", b"0123456789"]), min_size=1, max_size=3).map(b"".join),
)
FRAMINGS = [
    LINES,
    Choice("line", {"ending": "any", "max": 8}),
    Choice("line", {"ending": "crlf"}),
    Choice("fixed", {"size": 3}),
    Choice("length", {"width": 1, "max": 60}),
    Choice("raw"),
]


@given(st.lists(CALL, min_size=1, max_size=20), st.sampled_from(FRAMINGS), st.data())
@example([(RECV, 1, b"a\r\n"), (RECV, 1, b"a")], FRAMINGS[1], None)
@settings(max_examples=150, deadline=None)
def test_the_messages_of_a_span_are_those_with_a_byte_in_it(calls, framing, data):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        for kind, connection, part in calls:
            traffic(writer, kind, part, connection)
        reader, messages = opened(writer, framing)
        rows = [bytes_of(reader, span_of(messages.message(row))) for row in range(messages.rows)]
        for row, held in enumerate(rows):
            message = messages.message(row)
            assert message.error or len(held) == message.size
            held |= {(message.first_call, message.skip)}  # one without bytes stands there
            assert row in found(reader, messages, span_of(message))
        for span in [Span.of_call(call) for call in reader.calls(0, reader.count)] + (
            drawn(data, reader) if data else []
        ):
            wanted = bytes_of(reader, span)
            assert found(reader, messages, span) == [place for place, row in enumerate(rows) if row & wanted], span
        writer.close()


def drawn(data: st.DataObject, reader: Reader) -> list[Span]:
    """Some spans over more than one call, with and without a connection."""
    spans = []
    for _ in range(4):
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, reader.count - 1)] * 2)))
        begin = data.draw(st.integers(0, reader.call(first).size - 1))
        end = data.draw(st.integers(begin + 1 if first == last else 1, reader.call(last).size))
        flows = [(reader.call(number).connection, reader.call(number).received) for number in (first, last)]
        spans.append(Span(first, begin, last, end))
        if flows[0] == flows[1]:
            spans.append(Span(first, begin, last, end, *flows[0]))
    return spans


def bytes_of(reader: Reader, span: Span) -> set[tuple[int, int]]:
    """Every byte of a span as (call, place in it)."""
    found = set()
    for call in reader.calls(span.first_call, span.last_call + 1):
        if span.connection is None or (call.connection, call.received) == (span.connection, span.received):
            begin = span.first_skip if call.number == span.first_call else 0
            end = span.last_skip if call.number == span.last_call else call.size
            found |= {(call.number, place) for place in range(begin, end)}
    return found
