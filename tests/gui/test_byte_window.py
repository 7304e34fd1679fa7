"""Where bytes of a connection and direction stand in a window, whatever stream it shows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.capture.message_stream import MessageStream
from explorer.capture.messages import Messages, open_messages
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
    stream.advance()
    messages = open_messages(reader, catalog_of(reader), Scope(), framing or Choice("raw"))
    messages.advance()
    if framing is not None:
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
