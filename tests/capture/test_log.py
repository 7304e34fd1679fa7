"""Writer, reader, block index and byte stream together: what is read is what was written, at any size."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import block_index
from explorer.capture.block_index import BlockIndex
from explorer.capture.indexer import Indexer
from explorer.capture.library import open_capture
from explorer.capture.match import any_of, both, carries, everything, failed, inverse, kinds, of_connections, of_sockets
from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from tests.capture.making import small_writer, traffic


@dataclass(frozen=True)
class Step:
    """One call to make: traffic of `size` bytes, or a rare call when kind is a note."""

    kind: CallKind
    connection: int
    size: int
    fill: int

    @property
    def data(self) -> bytes:
        return bytes((self.fill + at) % 256 for at in range(self.size % 997)) + bytes([self.fill]) * (
            self.size - self.size % 997
        )


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([CallKind.recv, CallKind.send, CallKind.note, CallKind.recvfrom]),
        st.integers(1, 3),
        st.one_of(st.integers(0, 20), st.integers(0, 60_000)),
        st.integers(0, 255),
    ),
    max_size=150,
)


def write(writer: Writer, steps: list[Step]) -> None:
    for step in steps:
        if step.kind is CallKind.note:
            writer.add_detail(step.kind, 1, step.connection, {"text": "x" * (step.size % 100)})
        else:
            traffic(writer, step.kind, step.data, step.connection)


@given(steps=STEPS, cut=st.integers(0, 150))
@settings(max_examples=60, deadline=None)
def test_what_is_read_is_what_was_written(steps, cut):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        live = Reader.of(writer)
        write(writer, steps[:cut])
        assert live.count == len(steps[:cut])
        write(writer, steps[cut:])
        check_calls(live, steps)
        writer.close()
        check_calls(live, steps)
        reader = open_capture(writer.folder)
        assert reader.warnings == []
        check_calls(reader, steps)


def check_calls(reader: Reader, steps: list[Step]) -> None:
    assert reader.count == len(steps)
    calls = list(reader.calls(0, reader.count))
    assert calls == [reader.call(number) for number in range(reader.count)]
    for call, step in zip(calls, steps, strict=True):
        assert (call.kind, call.connection) == (step.kind, step.connection)
        if step.kind is CallKind.note:
            assert reader.detail(call) == {"text": "x" * (step.size % 100)}
            assert reader.traffic(call) == b""
        else:
            assert reader.traffic(call) == step.data
            assert reader.detail(call) == {}
    assert [call.time for call in calls] == sorted(call.time for call in calls)


@given(steps=STEPS, connection=st.sampled_from([None, 1, 2]), slice_size=st.sampled_from([1, 7, 1 << 62]))
@settings(max_examples=60, deadline=None)
def test_offsets_calls_and_bytes_fit_together(steps, connection, slice_size):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_index, "BLOCK", 16)
        patch.setattr(block_index, "_CACHED", 3)
        writer = small_writer(Path(name) / "capture")
        reader = Reader.of(writer)
        stream = ByteStream(reader, Scope(connection=connection), received=True, sent=False)
        half = len(steps) // 2
        write(writer, steps[:half])
        while stream.index.advance(slice_size):
            pass
        write(writer, steps[half:])
        while stream.index.advance(slice_size):
            pass
        wanted = [
            number
            for number, step in enumerate(steps)
            if step.kind in (CallKind.recv, CallKind.recvfrom) and connection in (None, step.connection)
        ]
        whole = b"".join(steps[number].data for number in wanted)
        check_index(stream.index, wanted, steps)
        assert stream.size == len(whole)
        assert stream.read(0, len(whole) + 10) == whole
        third = len(whole) // 3
        assert stream.read(third, 2 * third) == whole[third : 2 * third]
        assert stream.read(2 * third, third) == b""
        assert all(piece.received for piece in stream.pieces(0, stream.size))
        writer.close()


def check_index(index: BlockIndex, wanted: list[int], steps: list[Step]) -> None:
    assert index.rows == len(wanted)
    assert index.numbers(0, len(steps) + 1) == wanted
    offset = 0
    for row, number in enumerate(wanted):
        assert index.number(row) == number
        assert index.row(number) == row
        assert index.offset(number) == offset
        size = steps[number].size
        if size:
            assert index.at(offset) == (number, 0)
            assert index.at(offset + size - 1) == (number, size - 1)
        offset += size
    assert index.offset(len(steps)) == offset
    for wrong in (-1, len(wanted)):
        with pytest.raises(IndexError):
            index.number(wrong)
    for wrong in (-1, offset):
        with pytest.raises(IndexError):
            index.at(wrong)


def test_pull_is_many_adds(tmp_path):
    writer = small_writer(tmp_path / "capture")
    reader = Reader.of(writer)
    given_data = [bytes([number % 256]) * 1000 for number in range(500)]
    waiting = list(given_data)

    def receive(view: memoryview) -> int:
        if not waiting:
            raise BlockingIOError
        view[:] = waiting.pop(0)
        return len(view)

    calls = size = 0
    while True:
        pulled = writer.pull(receive, 1, 2, 1000, 50)
        calls, size = calls + pulled.calls, size + pulled.size
        assert (pulled.ended, pulled.blocked, pulled.error) == (False, False, None)
        if not waiting:
            break
    assert (calls, size, writer.count) == (500, 500_000, 500)
    assert [reader.traffic(call) for call in reader.calls(0, 500)] == given_data
    assert {(call.asked, call.connection, call.kind) for call in reader.calls(0, 500)} == {(1000, 2, CallKind.recv)}
    writer.close()


def test_pull_stops_at_a_short_read_the_end_and_an_error(tmp_path):
    writer = small_writer(tmp_path / "capture")
    reader = Reader.of(writer)
    assert writer.pull(lambda view: 3, 1, 1, 10, 99).calls == 1
    ended = writer.pull(lambda view: 0, 1, 1, 10, 99)
    assert ended.ended
    assert reader.call(1).flags is CallFlag.END

    def reset(view: memoryview) -> int:
        raise ConnectionResetError(104, "Connection reset by peer")

    failed_pull = writer.pull(reset, 1, 1, 10, 99)
    assert isinstance(failed_pull.error, ConnectionResetError)
    assert (reader.call(2).errno, reader.call(2).size, reader.call(2).asked) == (104, 0, 10)
    writer.close()


def test_numbers_too_large_for_their_place_are_held_back(tmp_path):
    writer = small_writer(tmp_path / "capture")
    writer.add(CallKind.recvfrom, 1, 1, duration=1 << 40, extra=1 << 40)
    call = Reader.of(writer).call(0)
    assert call.duration == call.extra == 0xFFFF_FFFF
    assert call.received
    assert not call.sent
    assert writer.now() >= writer.last_time == call.time
    assert writer.used == 48
    writer.close()


def test_conditions_on_columns(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for number in range(10):
        traffic(writer, CallKind.recv if number % 2 else CallKind.send, b"x", number % 3, number // 5)
    writer.add(CallKind.recv, 1, 1, errno=104)
    writer.add_detail(CallKind.connect, 1, 1, {}, errno=115, flags=CallFlag.PENDING)

    def rows(match) -> list[int]:
        index = BlockIndex(Reader.of(writer), match)
        index.advance()
        return index.numbers(0, 99)

    everything_there = list(range(12))
    assert rows(everything) == everything_there
    assert rows(carries()) == list(range(11))
    assert rows(carries(sent=False)) == [1, 3, 5, 7, 9, 10]
    assert rows(failed) == [10]
    assert rows(of_sockets([1])) == [5, 6, 7, 8, 9, 10, 11]
    assert rows(of_connections([0])) == [0, 3, 6, 9]
    assert rows(Scope(1).match()) == [5, 6, 7, 8, 9, 10, 11]
    assert rows(Scope(1, 0).match()) == [0, 3, 6, 9]
    assert rows(inverse(everything)) == []
    assert rows(inverse(failed)) == [*range(10), 11]
    assert rows(any_of(failed, of_connections([0]))) == [0, 3, 6, 9, 10]
    assert rows(any_of(failed, everything)) == everything_there
    assert rows(both(everything, everything)) == everything_there
    assert rows(both(kinds([CallKind.listen]), everything, failed)) == []
    writer.close()


def test_one_connection_alone_is_the_quick_case(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for _ in range(5):
        traffic(writer, CallKind.recv, b"x", 7)
    for wanted, found in (([7], 5), ([8], 0)):
        index = BlockIndex(Reader.of(writer), of_connections(wanted))
        index.advance()
        assert index.rows == found
    writer.close()


def test_what_is_not_there(tmp_path):
    writer = small_writer(tmp_path / "capture")
    reader = Reader.of(writer)
    assert reader.writer is writer
    for number in (-1, 0):
        with pytest.raises(IndexError):
            reader.call(number)
    assert reader.data(1 << 40, 10) == b""
    reader.close()
    writer.close()
    writer.close()  # twice does no harm


def test_many_segments_are_read_with_few_mapped(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.capture.reader.MAPPED", 2)
    writer = small_writer(tmp_path / "capture")
    for number in range(300):
        traffic(writer, CallKind.recv, bytes([number % 256]) * 10_000)
    reader = Reader.of(writer)
    for number in (*range(300), *range(299, -1, -7)):
        assert reader.traffic(reader.call(number)) == bytes([number % 256]) * 10_000
    assert len(reader._bytes) <= 2
    writer.close()


def test_more_than_one_block(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for number in range(5000):
        traffic(writer, CallKind.recv, bytes(number % 5), 1 + number % 2)
    stream = ByteStream(Reader.of(writer), Scope(connection=2))
    while stream.index.advance(777):
        pass
    assert stream.index.rows == 2500
    assert stream.index.numbers(0, 5000) == list(range(1, 5000, 2))
    assert stream.size == sum(number % 5 for number in range(1, 5000, 2))
    assert [stream.index.number(row) for row in (0, 1100, 2499)] == [1, 2201, 4999]
    assert stream.index.at(stream.index.offset(4999)) == (4999, 0)
    writer.close()


def test_what_grows_can_be_looked_at_from_another_thread(tmp_path):
    """One thread receives, another indexes, this one looks: no row is ever wrong."""
    writer = small_writer(tmp_path / "capture", segment_bytes=1 << 20)
    reader = Reader.of(writer)
    stream = ByteStream(reader, Scope())
    total = 20_000

    def receive(view: memoryview) -> int:
        view[:] = writer.count.to_bytes(4, "big") * (len(view) // 4)
        return len(view)

    def write_all() -> None:
        while writer.count < total:
            writer.pull(receive, 1, 1, 40, 1)

    indexer = Indexer()
    indexer.register(stream.index)
    indexer.start()
    receiving = threading.Thread(target=write_all)
    receiving.start()
    looked = 0
    while stream.index.rows < total:
        indexer.wake()
        rows, size = stream.index.rows, stream.size
        if rows:
            call = reader.call(stream.index.number(rows - 1))
            assert reader.traffic(call) == call.number.to_bytes(4, "big") * 10
            assert stream.read(size - 40, size) == (size // 40 - 1).to_bytes(4, "big") * 10
            looked += 1
    receiving.join()
    indexer.stop()
    assert looked
    assert writer.count == total
    writer.close()
