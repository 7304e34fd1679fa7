"""Where bytes of a connection and direction stand in a window, whatever stream it shows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.capture import nearby_messages
from explorer.capture.message_stream import MessageStream
from explorer.capture.messages import Messages, RawMessages, open_messages
from explorer.capture.raw_stream import RawStream
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.capture.stream import ByteStream, Scope, Stream
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from explorer.ui.widgets.byte_messages import WindowMessages
from explorer.ui.widgets.byte_window import ByteWindow, load_window
from tests.capture.making import catalog_of, traffic

calls_of_two = st.lists(
    st.tuples(st.integers(1, 2), st.booleans(), st.text("ab\n", max_size=7).map(str.encode)), min_size=1, max_size=25
)
framings = st.sampled_from([None, Choice("line", {"ending": "lf"}), Choice("fixed", {"size": 3}), Choice("raw")])
Flow = list[tuple[int, int]]  # the places of a flow's bytes, in order


@given(calls_of_two, framings, st.data())
def test_ranges_of_a_flow_in_any_window(
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[tuple[int, bool, bytes]],
    framing: Choice | None,
    data: st.DataObject,
) -> None:
    writer = Writer(tmp_path_factory.mktemp("w") / "c", quota=1 << 30, segment_bytes=1 << 17, segment_records=8)
    flows: dict[tuple[int, bool], Flow] = {}
    for connection, received, sent in calls:
        number = traffic(writer, CallKind.recv if received else CallKind.send, sent, connection)
        flows.setdefault((connection, received), []).extend((number, skip) for skip in range(len(sent)))
    reader = Reader.of(writer)
    stream: Stream = ByteStream(reader, Scope())
    messages = open_messages(reader, catalog_of(reader), Scope(), framing or Choice("raw"))
    messages.advance()
    if isinstance(messages, RawMessages) and data.draw(st.booleans()):
        stream = RawStream(messages, Scope())
    elif framing is not None:
        stream = MessageStream(reader, messages)
    stream.advance()
    begin = data.draw(st.integers(0, stream.size))
    window = load_window(stream, begin, data.draw(st.integers(begin, stream.size)))
    shown = {(window.place(at).call, window.place(at).skip): at for at in range(window.start, window.stop)}
    for (connection, received), flow in flows.items():
        for _ in range(4 if flow else 0):
            first = data.draw(st.integers(0, len(flow) - 1))
            size = data.draw(st.integers(1, len(flow) - first))
            expected = sorted(shown[place] for place in flow[first : first + size] if place in shown)
            found = window.ranges_of(Place(*flow[first]), size, connection, received)
            assert [at for start, stop in found for at in range(start, stop)] == expected
            assert all(one[1] < other[0] for one, other in pairwise(found))
    seen = WindowMessages()
    seen.messages = messages
    check_messages(seen, messages, window, flows, shown)
    writer.close()


def check_messages(
    seen: WindowMessages,
    messages: Messages,
    window: ByteWindow,
    flows: dict[tuple[int, bool], Flow],
    shown: dict[tuple[int, int], int],
) -> None:
    """Each byte of the window belongs to the part of its message, and ends are told from cuts."""
    owner: dict[tuple[int, int], tuple[int, bool, bool]] = {}
    for row in range(messages.rows):
        message = messages.message(row)
        flow = flows[message.connection, message.received]
        if not message.size:
            continue
        at = flow.index((message.first_call, message.skip))
        for step, place in enumerate(flow[at : at + message.size]):
            owner[place] = message.number, step == 0, step == message.size - 1
    parts = seen.parts(window)
    numbers = {position: part.number for part in parts for position in range(part.start, part.stop)}
    expected = {at: owner[place] for place, at in shown.items() if place in owner}
    assert numbers.keys() == expected.keys()
    assert all(one.stop <= other.start for one, other in pairwise(parts))
    for part in parts:
        assert part.begins == expected[part.start][1]
        assert part.ends == expected[part.stop - 1][2]


@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.text("a\r\n", max_size=5).map(str.encode)), max_size=40),
    st.sampled_from(
        [Choice("line", {"ending": "lf"}), Choice("line", {"ending": "any"}), Choice("fixed", {"size": 3})]
    ),
    st.sampled_from([(True, True), (True, False), (False, True)]),
    st.booleans(),
    st.data(),
)
def test_messages_of_a_window_that_others_complete_between(
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[tuple[int, bool, bytes]],
    framing: Choice,
    directions: tuple[bool, bool],
    few: bool,
    data: st.DataObject,
) -> None:
    """Many connections; one direction or both; in bulk, or (few) call by call."""
    writer = Writer(tmp_path_factory.mktemp("w") / "c", quota=1 << 30, segment_bytes=1 << 17, segment_records=8)
    flows: dict[tuple[int, bool], Flow] = {}
    for connection, received, sent in calls:
        number = traffic(writer, CallKind.recv if received else CallKind.send, sent, connection)
        flows.setdefault((connection, received), []).extend((number, skip) for skip in range(len(sent)))
    reader = Reader.of(writer)
    stream = ByteStream(reader, Scope(), *directions)
    stream.advance()
    messages = open_messages(reader, catalog_of(reader), Scope(), framing)
    messages.advance(data.draw(st.integers(0, len(calls))))
    begin = data.draw(st.integers(0, stream.size))
    window = load_window(stream, begin, data.draw(st.integers(begin, stream.size)))
    shown = {(window.place(at).call, window.place(at).skip): at for at in range(window.start, window.stop)}
    seen = WindowMessages()
    seen.messages = messages
    with pytest.MonkeyPatch.context() as patch:
        if few:
            patch.setattr(nearby_messages, "_TOGETHER", 0)
            patch.setattr(nearby_messages, "_TOGETHER_A_CALL", 0)
            patch.setattr(nearby_messages, "_NEXT", (1,))
        check_messages(seen, messages, window, flows, shown)
        messages.advance()  # the rest is found as it comes
        check_messages(seen, messages, window, flows, shown)
    writer.close()


def test_broken_framing_keeps_what_it_skips(tmp_path: Path) -> None:
    """An error may reach beyond the call that it was found in: then it is counted how far."""
    writer = Writer(tmp_path / "c", quota=1 << 30, segment_bytes=1 << 17, segment_records=8)
    for connection, sent in ((1, b"\x09ab"), (2, b"\x01x"), (1, b"cd"), (1, b"ef"), (1, b"ghi\x01z")):
        traffic(writer, CallKind.recv, sent, connection)
    reader = Reader.of(writer)
    stream = ByteStream(reader, Scope())
    stream.advance()
    messages = open_messages(reader, catalog_of(reader), Scope(), Choice("length", {"width": 1, "max": 5}))
    messages.advance()
    seen = WindowMessages()
    seen.messages = messages
    whole = load_window(stream, 0, stream.size)
    found = [whole.data[part.start : part.stop] for part in seen.parts(whole)]
    assert found == [b"\x09ab", b"\x01x", b"cdefghi", b"\x01z"]
    assert [(part.begins, part.ends) for part in seen.parts(whole)] == [
        (True, False), (True, True), (False, True), (True, True),
    ]  # fmt: skip


def test_a_long_wait_for_the_end_of_a_message_is_over_some_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While others talk on, bytes that no message claims are not looked at again and again."""
    monkeypatch.setattr(nearby_messages, "FAR", 6)
    writer = Writer(tmp_path / "c", quota=1 << 30, segment_bytes=1 << 17, segment_records=64)
    traffic(writer, CallKind.recv, b"unfinished", 1)
    reader = Reader.of(writer)
    stream = ByteStream(reader, Scope())
    stream.advance()
    messages = open_messages(reader, catalog_of(reader), Scope(), Choice("line", {"ending": "lf"}))
    messages.advance()
    seen = WindowMessages()
    seen.messages = messages
    window = load_window(stream, 0, stream.size)
    waiting = []
    for _ in range(8):
        assert seen.parts(window) == ()
        traffic(writer, CallKind.recv, b"x\n", 2)
        messages.advance()
        waiting.append(seen.outdated)
    assert waiting == [True] * 5 + [False] * 3  # calls 1 … 5 were looked at
