"""What a guess looks at: the beginnings of a few streams, and whether they are whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.bridge.jobs import Cancelled, Progress
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.ui.models import bench_samples
from explorer.ui.models.bench_samples import DATAGRAMS, SAMPLE, Samples, guess_framing, read_samples
from tests.capture.making import traffic


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(tmp_path / "capture", segment_bytes=1 << 20, segment_records=64)
    yield made
    made.close()


def progress() -> Progress:
    return Progress(lambda done, total: None)


def read(writer: Writer, *connections: int, received: bool = True) -> Samples:
    return read_samples(Reader.of(writer), connections, received, progress())


def test_each_connection_is_a_stream(writer: Writer) -> None:
    for data in (b"one\n", b"two\n"):
        traffic(writer, CallKind.recv, data)
        traffic(writer, CallKind.send, b"not this")
        traffic(writer, CallKind.recv, data.upper(), connection=2)
        traffic(writer, CallKind.recv, b"nor this", connection=3)
    assert read(writer, 1, 2) == Samples((b"one\ntwo\n", b"ONE\nTWO\n"), False)
    assert read(writer, 1, received=False) == Samples((b"not thisnot this",), False)
    assert read(writer, 9) == Samples((), True)


def test_streams_that_ended_are_whole(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"abc")
    writer.add(CallKind.recv, 1, 1, asked=1024, flags=CallFlag.END)
    assert read(writer, 1).ended
    traffic(writer, CallKind.recv, b"abc", connection=2)
    assert not read(writer, 1, 2).ended


def test_of_long_streams_the_beginning_is_read(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_samples, "_FURTHER", 4)
    for number in range(20):
        traffic(writer, CallKind.recv, bytes([number]) * 50_000)
    traffic(writer, CallKind.recv, b"far away", connection=2)
    samples = read(writer, 1, 2)
    assert [len(stream) for stream in samples.streams] == [SAMPLE]
    assert samples.streams[0][:3] == bytes(3)
    assert not samples.ended


def test_datagrams_are_streams_of_their_own(writer: Writer) -> None:
    for number in range(DATAGRAMS + 5):
        traffic(writer, CallKind.recvfrom, b"%d" % number, flags=CallFlag.DATAGRAM)
    samples = read(writer, 1)
    assert samples.streams[:3] == (b"0", b"1", b"2")
    assert len(samples.streams) == DATAGRAMS
    assert samples.ended


def test_a_guess_is_cancelled(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"one\ntwo\nthree\n")
    given_up = progress()
    given_up.cancel()
    with pytest.raises(Cancelled):
        guess_framing(Reader.of(writer), [1], True, given_up)
    found = guess_framing(Reader.of(writer), [1], True, progress())
    assert found.size == 14
    assert found.guesses[0].choice.kind == "line"
