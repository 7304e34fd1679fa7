from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import overview
from explorer.capture.overview import Overview
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import CallKind
from tests.capture.making import small_writer, traffic

_CALLS = st.lists(
    st.tuples(st.sampled_from([CallKind.recv, CallKind.send]), st.integers(1, 2), st.integers(0, 3000)), max_size=150
)


@given(calls=_CALLS, steps=st.lists(st.integers(1, 40), max_size=10), scope=st.sampled_from([None, 1, 2]))
@settings(max_examples=60, deadline=None)
def test_parts_hold_each_direction_where_it_stands(tmp_path_factory, calls, steps, scope):
    writer = small_writer(tmp_path_factory.mktemp("overview") / "capture")
    found = Overview(Reader.of(writer), Scope(None, scope))
    for place, (kind, connection, size) in enumerate(calls):
        traffic(writer, kind, bytes(size), connection)
        if place < len(steps):
            found.advance(steps[place])
    assert not found.advance()
    stream = "".join(
        ("r" if kind is CallKind.recv else "s") * size
        for kind, connection, size in calls
        if scope in (None, connection)
    )
    width = found.width
    assert found.size == len(stream)
    assert len(found.parts) == -(-len(stream) // width) <= overview.PARTS
    for place, part in enumerate(found.parts):
        assert part.size == len(stream[place * width : (place + 1) * width])
        assert part.began <= part.ended
    assert sum(part.received for part in found.parts) == stream.count("r")
    if stream:  # exact to a part and a call, whatever was attributed whole
        largest = max(size for _, _, size in calls)
        for place in range(len(found.parts)):
            exact = stream[: (place + 1) * width].count("r")
            assert abs(sum(part.received for part in found.parts[: place + 1]) - exact) <= largest + width
    writer.close()


def test_one_direction_alone(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"in")
    traffic(writer, CallKind.send, b"out")
    found = Overview(Reader.of(writer), Scope(), received=False)
    found.advance()
    assert [(part.received, part.sent) for part in found.parts] == [(0, 3)]
    writer.close()


def test_memory_does_not_grow_with_the_capture(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for _ in range(300):
        traffic(writer, CallKind.recv, bytes(5000))
    found = Overview(Reader.of(writer), Scope())
    found.advance()
    assert found.size == 1_500_000
    assert found.width == 4096
    assert len(found.parts) == 367
    writer.close()
