from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.capture.flow import read_back, read_on
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.core.calls import CallKind
from tests.capture.making import small_writer, traffic

_CALLS = st.lists(
    st.tuples(st.sampled_from([CallKind.recv, CallKind.send]), st.integers(1, 2), st.binary(max_size=9)),
    min_size=1,
    max_size=200,
)


@given(calls=_CALLS, most=st.integers(0, 40), data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_stands_around_a_place_is_of_its_own_connection_and_direction(tmp_path_factory, calls, most, data):
    folder: Path = tmp_path_factory.mktemp("flow")
    writer = small_writer(folder / "capture")
    for kind, connection, traffic_ in calls:
        traffic(writer, kind, traffic_, connection)
    reader = Reader.of(writer)
    number = data.draw(st.integers(0, len(calls) - 1))
    kind, connection, here = calls[number]
    skip = data.draw(st.integers(0, len(here)))
    same = [(at, part) for at, (k, c, part) in enumerate(calls) if (k, c) == (kind, connection)]
    after = here[skip:] + b"".join(part for at, part in same if at > number)
    before = b"".join(part for at, part in same if at < number) + here[:skip]
    assert read_on(reader, Place(number, skip), most) == after[:most]
    assert read_back(reader, Place(number, skip), most) == before[len(before) - most if most < len(before) else 0 :]
    writer.close()


def test_how_far_is_looked_is_bounded(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"a", 1)
    for _ in range(50):
        traffic(writer, CallKind.recv, b"-", 2)
    traffic(writer, CallKind.recv, b"b", 1)
    reader = Reader.of(writer)
    assert read_on(reader, Place(0, 0), 8) == b"ab"
    assert read_on(reader, Place(0, 0), 8, look=50) == b"a"
    assert read_back(reader, Place(51, 1), 8) == b"ab"
    assert read_back(reader, Place(51, 1), 8, look=50) == b"b"
    writer.close()
