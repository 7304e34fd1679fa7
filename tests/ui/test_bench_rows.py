"""One flow under several framings: what each finds, what is pending, however the indexer gets on."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.catalog import Catalog
from explorer.capture.indexer import ComesAgain
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from explorer.ui.models.bench_rows import BenchFlow, BenchMessages, BenchState, BenchWork
from explorer.wire.framing.api import FramingError
from explorer.wire.framing.registry import make_framer
from tests.capture.making import accepted, small_writer, socket_record, traffic

FLOW = BenchFlow(1, 1, True)
FRAMINGS = (
    Choice("raw"),
    Choice("line"),
    Choice("length", {"width": 1, "max": 64}),
    Choice("fixed", {"size": 7}),
    Choice("line", {"max": 4}),
)


def work_of(writer: Writer, *framings: Choice) -> tuple[BenchWork, tuple[BenchMessages, ...]]:
    reader = Reader.of(writer)
    work = BenchWork(reader, Catalog(reader), FLOW)
    work.columns = tuple(map(work.open, framings))
    return work, work.columns


def finish(work: BenchWork, most: int = 1000) -> None:
    for _ in range(100_000):
        if not work.advance(most):
            return
    raise AssertionError("it comes to no end")


def test_each_framing_finds_its_own_messages(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    accepted(writer, 1)
    for data in (b"one\ntw", b"o\nthr"):
        traffic(writer, CallKind.recv, data)
        traffic(writer, CallKind.send, b"no part of it\n")
        traffic(writer, CallKind.recv, b"neither\n", connection=2)
    work, (raw, line) = work_of(writer, Choice("raw"), Choice("line"))
    finish(work)
    assert (raw.state.rows, raw.state.pending) == (2, 0)
    assert (line.state.rows, line.state.errors, line.state.pending) == (2, 0, 3)
    assert work.stream.size == 11
    found = line.pending(line.state, 2)
    assert found is not None
    assert (found.start, found.size, found.head) == (8, 3, b"th")
    span = line.span_of_pending(line.state)
    assert span is not None
    assert (span.connection, span.received, span.last_skip - span.first_skip) == (1, True, 3)
    assert raw.pending(raw.state, 9) is None
    assert line.offset_of(Place(span.first_call, span.first_skip)) == 8
    assert line.offset_of(Place(10_000, 0)) is None
    assert line.bytes_before(line.state) == 11
    assert line.bytes_before(BenchState(done=3)) == 6
    writer.close()


def test_pending_bytes_are_those_of_the_moment(tmp_path: Path) -> None:
    """What comes after a state was taken changes nothing of what was pending in it."""
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"one\ntw")
    work, (line,) = work_of(writer, Choice("line"))
    finish(work)
    before = line.state
    traffic(writer, CallKind.recv, b"o\nx")
    finish(work)
    old, new = line.pending(before, 99), line.pending(line.state, 99)
    assert old is not None
    assert new is not None
    assert (old.head, old.start) == (b"tw", 4)
    assert (new.head, new.start) == (b"x", 8)
    writer.close()


def test_all_get_their_turn(tmp_path: Path) -> None:
    """No framing waits until another has come to its end."""
    writer = small_writer(tmp_path / "capture")
    for _ in range(300):
        traffic(writer, CallKind.recv, b"abc\n")
    work, columns = work_of(writer, *FRAMINGS[:4])
    for _ in range(8):
        assert work.advance(20)
    assert [column.state.done for column in columns] == [40] * 4
    late = work.open(Choice("line", {"ending": "crlf"}))
    work.columns = (*columns, late)  # one that is added is soon as far as the others
    finish(work, 50)
    assert {column.state.done for column in work.columns} == {300}
    writer.close()


@settings(max_examples=25, deadline=None)
@given(
    calls=st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.booleans()), max_size=30),
    most=st.integers(1, 8),
)
def test_rows_errors_and_pending_are_what_the_framers_give(calls: list[tuple[bytes, bool]], most: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = small_writer(Path(folder) / "capture")
        work, columns = work_of(writer, *FRAMINGS)
        for data, received in calls:
            traffic(writer, CallKind.recv if received else CallKind.send, data)
            work.advance(most)
        finish(work, most)
        received_data = [data for data, received in calls if received]
        stream = b"".join(received_data)
        assert work.stream.read(0, len(stream)) == stream
        for framing, column in itertools.islice(zip(FRAMINGS, columns, strict=True), 1, None):
            framer = make_framer(framing)
            found = framer.feed(stream)
            errors = sum(isinstance(one, FramingError) for one in found)
            assert (column.state.rows, column.state.errors) == (len(found), errors)
            assert column.state.pending == framer.pending
            pending = column.pending(column.state, len(stream))
            assert (pending.head if pending else b"") == stream[len(stream) - framer.pending :]
        assert columns[0].state.rows == len(received_data)
        writer.close()


def test_silence_makes_it_come_again(tmp_path: Path) -> None:
    """The indexer is told when silence may have ended a message, under the framing that waits least."""
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"abc")
    work, (_, later, sooner) = work_of(
        writer, Choice("line"), Choice("idle", {"ms": 50_000}), Choice("idle", {"ms": 1_000})
    )
    assert isinstance(work, ComesAgain)
    finish(work)
    assert (later.state.rows, later.state.pending, later.state.done) == (0, 3, 1)
    wait = work.again_in
    assert wait is not None
    assert wait <= 1
    work.columns = tuple(column for column in work.columns if column is not sooner)
    wait = work.again_in
    assert wait is not None
    assert 1 < wait <= 50
    work.columns = work.columns[:1]
    assert work.again_in is None
    writer.close()
