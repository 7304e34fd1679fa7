"""What stands at the end of a stream: bytes held back or passed over; and what the rows are, counted as they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.capture.catalog import Catalog
from explorer.capture.messages import Messages, Tally, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.unfinished import MOST_CALLS, head_of
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import FramingError
from explorer.wire.framing.registry import make_framer
from tests.capture.making import small_writer, traffic


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = small_writer(tmp_path / "capture")
    yield made
    made.close()


def opened(writer: Writer, framing: Choice) -> Messages:
    reader = Reader(writer.folder, writer)
    messages = open_messages(reader, Catalog(reader), Scope(), framing)
    messages.advance()
    return messages


def test_bytes_held_back_are_told_for_each_direction(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"whole\nhalf")
    traffic(writer, CallKind.send, b"other")
    traffic(writer, CallKind.recv, b" more", connection=2)
    traffic(writer, CallKind.recv, b" more")
    messages = opened(writer, Choice("line"))
    received, sent = messages.unfinished(1, 1)
    assert received is not None
    assert sent is not None
    assert (received.start, received.size, received.skip, received.skipped) == (6, 9, 6, False)
    assert list(received.calls) == [0, 3]
    reader = Reader(writer.folder, writer)
    assert head_of(reader, received, 64) == b"half more"
    assert head_of(reader, received, 6) == b"half m"
    assert (sent.start, sent.size, list(sent.calls)) == (0, 5, [1])
    assert messages.unfinished(1, 3) == (None, None)


def test_of_very_many_calls_the_first_are_known(writer: Writer) -> None:
    for number in range(2 * MOST_CALLS):
        traffic(writer, CallKind.recv, bytes([number]))
    [received, _] = opened(writer, Choice("fixed", {"size": 1000})).unfinished(1, 1)
    assert received is not None
    assert received.size == 2 * MOST_CALLS
    assert head_of(Reader(writer.folder, writer), received, 1000) == bytes(range(MOST_CALLS))


KINDS: list[tuple[str, dict[str, Value], bytes, int, bytes]] = [
    ("line", {"max": 4}, b"ok\nmuch too long", 3, b"\n"),
    ("line", {"ending": "crlf", "max": 4}, b"ok\r\nmuch too long\r", 4, b"\r\n"),
    ("slip", {"max": 4}, b"ok\xc0much too long", 3, b"\xc0"),
    ("cobs", {"max": 4}, b"\3ok\0\12much too long", 4, b"\0"),
    ("stx_etx", {}, b"\2ok\3junk", 4, b"\2"),
    ("idle", {"ms": 1000, "max": 4}, b"too long", 0, b""),
    ("line", {"max": 4, "checksum": "sum8"}, b"much too long", 0, b"\n"),
]


@pytest.mark.parametrize(("kind", "settings", "data", "start", "end"), KINDS)
def test_what_is_skipped_without_a_known_end_goes_on_until_it_comes(
    writer: Writer, kind: str, settings: dict[str, Value], data: bytes, start: int, end: bytes
) -> None:
    traffic(writer, CallKind.recv, data)
    messages = opened(writer, Choice(kind, settings))
    for more in (0, 100):
        traffic(writer, CallKind.recv, b"x" * more)
        messages.advance()
        [received, _] = messages.unfinished(1, 1)
        assert received is not None
        assert (received.start, received.size, received.skipped, received.whole) == (
            start, len(data) + more - start, True, None,
        )  # fmt: skip
    if end:
        traffic(writer, CallKind.recv, end)
        messages.advance()
        [received, _] = messages.unfinished(1, 1)
        assert received is None or not received.skipped


def test_what_a_wrong_length_says_is_skipped_to_its_end(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"\xff\xff\xff\xff" + bytes(100))
    traffic(writer, CallKind.recv, bytes(50))
    messages = opened(writer, Choice("length"))
    [received, _] = messages.unfinished(1, 1)
    assert received is not None
    assert (received.start, received.size, received.skipped) == (0, 154, True)
    assert received.whole == 0xFFFF_FFFF + 4  # more than a row can tell
    traffic(writer, CallKind.recv, b"", flags=CallFlag.END)
    messages.advance()
    assert messages.unfinished(1, 1) == (None, None)


def test_raw_has_nothing_unfinished(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"anything")
    messages = opened(writer, Choice("raw"))
    assert messages.unfinished(1, 1) == (None, None)
    assert messages.tally == Tally(1, 0, 0)


def test_datagrams_that_were_cut_are_counted(writer: Writer) -> None:
    for place in range(200):
        flags = CallFlag.DATAGRAM | (CallFlag.CUT if place % 3 == 0 else CallFlag.NONE)
        traffic(writer, CallKind.recvfrom, b"abcd", connection=place % 2 + 1, flags=flags)
    reader = Reader(writer.folder, writer)
    messages = open_messages(reader, Catalog(reader), Scope(1, 1), Choice("raw"))
    while messages.advance(7):
        pass
    assert messages.tally == Tally(100, 0, 34)


@given(
    framing=st.sampled_from(
        [
            Choice("line", {"max": 3}),
            Choice("line", {"checksum": "xor8"}),
            Choice("length", {"width": 1, "adjustment": -1, "max": 20}),
            Choice("netstring", {"max": 5}),
            Choice("stx_etx"),
        ]
    ),
    calls=st.lists(st.tuples(st.binary(max_size=20) | st.sampled_from([b"a\n", b"1:a,"]), st.booleans()), max_size=20),
    most=st.integers(1, 5),
)
def test_the_end_of_a_stream_and_the_tally_are_what_the_framers_give(
    framing: Choice, calls: list[tuple[bytes, bool]], most: int
) -> None:
    with TemporaryDirectory() as folder:
        writer = small_writer(Path(folder) / "capture")
        for data, inward in calls:
            traffic(writer, CallKind.recv if inward else CallKind.send, data)
        reader = Reader(writer.folder, writer)
        messages = open_messages(reader, Catalog(reader), Scope(), framing)
        while messages.advance(most):
            pass
        broken = wrong = rows = 0
        for inward, end in zip((True, False), messages.unfinished(1, 1), strict=True):
            data = b"".join(part for part, way in calls if way is inward)
            framer = make_framer(framing)
            found = framer.feed(data)
            errors = [one for one in found if isinstance(one, FramingError)]
            rows += len(found)
            broken += sum(error.payload is None for error in errors)
            wrong += sum(error.payload is not None for error in errors)
            if framer.pending:
                assert end is not None
                assert (end.start + end.size, end.size, end.skipped) == (len(data), framer.pending, False)
                assert head_of(reader, end, 1 << 20) == data[end.start :]
            elif end is not None:
                assert end.skipped
                assert end.start == errors[-1].offset
                assert end.whole == errors[-1].size
                assert end.start + end.size == len(data)
            elif errors and errors[-1].size is not None:
                assert errors[-1].offset + errors[-1].size <= len(data)
        assert messages.tally == Tally(rows, broken, wrong)
        writer.close()
