"""The first messages of a connection: those that the Messages tab shows, from its first bytes only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.first_messages import MOST_BYTES, SHOWN, Chunk, FirstBytes, FirstMessages, first_messages
from explorer.capture.messages import open_messages
from explorer.capture.reader import Reader
from explorer.capture.steps import finish
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from tests.capture.making import catalog_of, closed, small_writer, socket_record, traffic

LINES = Choice("line")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = small_writer(tmp_path / "capture")
    yield made
    made.close()


def look(writer: Writer, scope: Scope, received: bool = True, step: int = 1 << 62) -> FirstBytes:
    first = FirstBytes(Reader.of(writer), scope, received)
    while first.advance(step):
        pass
    return first


def found(first: FirstBytes, framing: Choice = LINES, now: int | None = None) -> FirstMessages:
    assert first.begun is not None
    return finish(first_messages(first.begun.chunks, framing, now))


def texts(messages: FirstMessages) -> list[bytes]:
    return [message.data for message in messages.found]


def test_the_first_connection_of_a_socket_that_received_bytes(writer: Writer) -> None:
    socket_record(writer, 1)
    traffic(writer, CallKind.send, b"sent\n", connection=1)
    traffic(writer, CallKind.recv, b"other socket\n", connection=9, socket=2)
    traffic(writer, CallKind.recv, b"o", connection=2)
    traffic(writer, CallKind.recv, b"of another\n", connection=3)
    traffic(writer, CallKind.recv, b"ne\ntwo\nthr", connection=2)
    first = look(writer, Scope(1), step=1)
    assert first.begun is not None
    assert first.begun.number == 2
    messages = found(first)
    assert texts(messages) == [b"one", b"two"]
    assert (messages.looked, messages.pending) == (11, 3)
    assert texts(found(look(writer, Scope(1), received=False))) == [b"sent"]
    assert texts(found(look(writer, Scope(1, 3)))) == [b"of another"]
    assert look(writer, Scope(1, 3), received=False).begun is None


def test_bytes_of_a_socket_that_was_started_again_take_the_place_of_the_old_ones(writer: Writer) -> None:
    socket_record(writer, 1)
    traffic(writer, CallKind.recv, b"old\n", connection=1)
    reader = Reader.of(writer)
    first, chosen = FirstBytes(reader, Scope(1), True), FirstBytes(reader, Scope(1, 1), True)
    socket_record(writer, 2)
    socket_record(writer, 1)
    for one in (first, chosen):
        one.advance()
        assert texts(found(one)) == [b"old"]  # until there are others
    socket_record(writer, 1)
    traffic(writer, CallKind.recv, b"new\n", connection=2)
    for one in (first, chosen):
        one.advance()
    assert texts(found(first)) == [b"new"]
    assert texts(found(chosen)) == [b"old"]


def test_no_more_than_the_first_bytes_are_read(writer: Writer) -> None:
    for _ in range(5):
        traffic(writer, CallKind.recv, bytes(20_000))
    first = look(writer, Scope(1))
    assert first.begun is not None
    assert first.begun.full
    assert sum(len(chunk.data) for chunk in first.begun.chunks) == MOST_BYTES
    assert found(first).found == ()
    assert found(first).pending == MOST_BYTES
    assert len(found(first, Choice("fixed", {"size": 100})).found) == 8
    assert not look(writer, Scope(1, 1)).advance()
    traffic(writer, CallKind.recv, b"more\n")
    assert not first.advance()
    assert first.begun.size == MOST_BYTES
    socket_record(writer, 1)
    traffic(writer, CallKind.recv, b"anew\n", connection=2)
    assert not first.advance()
    assert texts(found(first)) == [b"anew"]


def test_a_long_message_is_kept_in_part_with_its_size(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"x" * 1000 + b"\n")
    [message] = found(look(writer, Scope(1))).found
    assert (message.data, message.size) == (b"x" * SHOWN, 1000)


def test_raw_is_what_each_call_carried(writer: Writer) -> None:
    for data in (b"a", b"bc", b"d"):
        traffic(writer, CallKind.recv, data)
    writer.add(CallKind.recv, 1, 1, flags=CallFlag.END)
    messages = found(look(writer, Scope(1)), Choice("raw"))
    assert [(one.offset, one.data) for one in messages.found] == [(0, b"a"), (1, b"bc"), (3, b"d")]


def test_what_an_ended_stream_lacks_is_an_error(writer: Writer) -> None:
    traffic(writer, CallKind.recv, b"one\ntw")
    writer.add(CallKind.recv, 1, 1, flags=CallFlag.END)
    one, two = found(look(writer, Scope(1))).found
    assert one.data == b"one"
    assert (two.offset, two.error) == (
        4, "The stream ended in the middle of a message, 2 bytes after its beginning.",
    )  # fmt: skip


def test_datagrams_are_framed_one_by_one(writer: Writer) -> None:
    for data in (b"a\nb\n", b"broken", b"c\n"):
        traffic(writer, CallKind.recvfrom, data, flags=CallFlag.DATAGRAM)
    messages = found(look(writer, Scope(1)))
    assert [(one.offset, one.data, bool(one.error)) for one in messages.found] == [
        (0, b"a", False), (2, b"b", False), (4, b"", True), (10, b"c", False),
    ]  # fmt: skip


def test_silence_ends_a_message_by_the_clock_of_the_capture() -> None:
    ms = 1_000_000
    chunks = [Chunk(0, b"ab"), Chunk(5 * ms, b"c"), Chunk(40 * ms, b"de")]
    idle = Choice("idle", {"ms": 20})
    messages = finish(first_messages(chunks, idle, 50 * ms))
    assert texts(messages) == [b"abc"]
    assert (messages.pending, messages.due) == (2, 60 * ms)
    assert texts(finish(first_messages(chunks, idle, 60 * ms))) == [b"abc", b"de"]
    assert texts(finish(first_messages([*chunks, Chunk(41 * ms, b"", ended=True)], idle, 41 * ms))) == [b"abc", b"de"]


@settings(max_examples=25)
@given(st.lists(st.lists(st.sampled_from(b"\n\x00\x01\x02\x0a23:a,"), max_size=12).map(bytes), max_size=12))
@pytest.mark.parametrize("framing", [LINES, Choice("length", {"width": 1, "skip": 1, "max": 9}), Choice("netstring")])
def test_they_are_the_same_as_in_the_messages_tab(
    tmp_path_factory: pytest.TempPathFactory, framing: Choice, calls: list[bytes]
) -> None:
    writer = small_writer(tmp_path_factory.mktemp("same") / "capture")
    try:
        socket_record(writer, 1)
        for data in calls:
            if data:
                traffic(writer, CallKind.recv, data)
        reader = Reader.of(writer)
        messages = open_messages(reader, catalog_of(reader), Scope(1), framing)
        messages.advance()
        shown = [messages.message(row) for row in range(min(8, messages.rows))]
        first = look(writer, Scope(1))
        mine = found(first, framing).found if first.begun else ()
        assert [(one.offset, one.size, one.error) for one in mine if not one.error] == [
            (one.offset, one.payload_size, one.error) for one in shown if not one.error
        ]
        assert [(one.offset, one.error) for one in mine] == [(one.offset, one.error) for one in shown]
    finally:
        writer.close()


def test_a_closed_connection_has_no_more_bytes(writer: Writer) -> None:
    socket_record(writer, 1)
    traffic(writer, CallKind.recv, b"a\nb", connection=4)
    writer.add(CallKind.recv, 1, 4, errno=104)
    closed(writer, 9, socket=1)
    reader = Reader.of(writer)
    first, of_socket = FirstBytes(reader, Scope(1, 4), True), FirstBytes(reader, Scope(1), True)
    for one in (first, of_socket):
        assert not one.advance()
        assert [message.error for message in found(one).found] == [""]
    closed(writer, 4, "reset", socket=1)
    for one in (first, of_socket):
        assert not one.advance()
        assert "The connection was closed in the middle" in found(one).found[1].error
    traffic(writer, CallKind.recv, b"later\n", connection=4)
    assert not first.advance()
    assert first.begun is not None
    assert first.begun.size == 3


def test_a_datagram_is_taken_whole_or_not_at_all(writer: Writer) -> None:
    for size in (40_000, 40_000, 5):
        traffic(writer, CallKind.recvfrom, b"x" * (size - 1) + b"\n", flags=CallFlag.DATAGRAM)
    first = look(writer, Scope(1))
    assert first.begun is not None
    assert (first.begun.size, first.begun.full) == (40_000, True)
    assert [one.size for one in found(first).found] == [39_999]


def test_what_is_cut_has_its_whole_size_and_no_silence_behind_it(writer: Writer) -> None:
    for _ in range(4):
        traffic(writer, CallKind.recv, bytes(50_000))
    first = look(writer, Scope(1))
    raw = found(first, Choice("raw"))
    assert [(one.offset, one.size, len(one.data)) for one in raw.found] == [(0, 50_000, SHOWN), (50_000, 50_000, SHOWN)]
    idle = found(first, Choice("idle", {"ms": 20}), now=1 << 62)
    assert (idle.found, idle.pending, idle.due) == ((), MOST_BYTES, None)


def test_a_connection_that_ends_before_it_begins_is_passed_over(writer: Writer) -> None:
    writer.add(CallKind.recv, 1, 1, flags=CallFlag.END)
    traffic(writer, CallKind.recv, b"one\n", connection=2)
    first = look(writer, Scope(1))
    assert first.begun is not None
    assert first.begun.number == 2
