"""Under any framing with any settings, the rows are what its framer finds, whatever is looked at at once."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.catalog import Catalog
from explorer.capture.contains import Contains
from explorer.capture.framed_rows import LARGEST
from explorer.capture.messages import Message, Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, timed
from tests.capture.making import small_writer, traffic
from tests.capture.test_timed_messages import Clock
from tests.fakes.any_framing import KINDS, Timed, cut_up, make, some_choice, some_stream

STREAMED = [kind for kind in KINDS if kind.name != "raw"]


def found_in(choice: Choice, chunks: list[Timed]) -> list[Found]:
    """What the framer finds, up to the end of the stream."""
    framer = make(choice)
    within_time = timed(framer)
    found: list[Found] = []
    for time, data in chunks:
        if within_time:
            found += within_time.at(time)
        found += framer.feed(data)
    return [*found, *framer.end()]


def read(messages: Messages, step: int) -> list[Message]:
    while messages.advance(step):
        pass
    return [messages.message(row) for row in range(messages.rows)]


def capture_of(folder: Path, chunks: list[Timed], chance: random.Random) -> None:
    """What one connection receives, with what others do in between; the stream is ended."""
    writer = small_writer(folder)
    clock = Clock(writer)
    for time, data in chunks:
        clock.time = time
        traffic(writer, CallKind.recv, data)
        if chance.random() < 0.3:
            traffic(writer, CallKind.send, b"x", connection=2)
    writer.add(CallKind.recv, 1, 1, asked=10, flags=CallFlag.END)
    writer.close()


@given(kind=st.sampled_from(STREAMED), seed=st.integers(0, 1 << 32), step=st.sampled_from([1, 2, 5]))
@settings(max_examples=300, deadline=None)
def test_rows_are_what_the_framer_finds(kind, seed, step):
    chance = random.Random(seed)
    choice = some_choice(kind, chance)
    chunks = [(time, data) for time, data in cut_up(some_stream(choice, chance), chance) if data]
    expected = found_in(choice, chunks)
    with tempfile.TemporaryDirectory() as name:
        capture_of(Path(name) / "capture", chunks, chance)
        reader = Reader(Path(name) / "capture")
        messages = open_messages(reader, Catalog(reader), Scope(1, 1), choice, sent=False)
        rows = read(messages, 1 << 62)
        left = rows[len(expected) :]
        assert all("The stream ended in the middle" in row.error for row in left)
        assert len(left) <= 1
        for row, found in zip(rows, expected, strict=False):
            assert (row.offset, row.size, row.whole) == (
                found.offset,
                min(found.size or 0, LARGEST),
                found.payload is not None,
            )
            assert row.error == ("" if isinstance(found, Frame) else found.message)
            assert row.payload_size == len(found.payload or b"")
            if found.payload is not None:
                assert messages.payload(row) == found.payload
                assert messages.payload(row, 3) == found.payload[:3]
        contained = Contains(reader, [b"a"], ignore_case=False, details=False)
        mask = b"".join(messages.columns(row, 1).containing(contained) for row in range(len(rows)))
        assert [bool(one) for one in mask] == [b"a" in messages.payload(row) for row in rows]
        again = open_messages(reader, Catalog(reader), Scope(1, 1), choice, sent=False)
        assert [replace(row, number=0) for row in read(again, step)] == [replace(row, number=0) for row in rows]
        reader.close()


@given(kind=st.sampled_from(STREAMED), seed=st.integers(0, 1 << 32), step=st.sampled_from([1, 2, 5]))
@settings(max_examples=200, deadline=None)
def test_a_damaged_capture_of_streams_and_datagrams_in_one_connection_is_read(kind, seed, step):
    """And of streams that go on behind their end; whatever is looked at at once, the rows are the same."""
    chance = random.Random(seed)
    choice = some_choice(kind, chance)
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        clock = Clock(writer)
        for time, data in cut_up(some_stream(choice, chance), chance):
            clock.time = max(clock.time, time)
            flags = chance.choice([CallFlag.NONE] * 6 + [CallFlag.DATAGRAM] * 2 + [CallFlag.END])
            traffic(
                writer, chance.choice([CallKind.recv, CallKind.send]), data * chance.choice([1, 1, 40]), flags=flags
            )
            if chance.random() < 0.05:
                writer.add(CallKind.close, 1, chance.choice([0, 1]))
        writer.close()
        reader = Reader(Path(name) / "capture")
        messages, again = (open_messages(reader, Catalog(reader), Scope(1, 1), choice) for _ in range(2))
        rows = read(messages, 1 << 62)
        assert read(again, step) == rows
        assert [row.call for row in rows] == sorted(row.call for row in rows)
        assert [again.payload(row) for row in rows] == [messages.payload(row) for row in rows]
        reader.close()
