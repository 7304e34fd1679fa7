"""Rows of a text view: the same wherever one begins, and every byte in one of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.ui.widgets import text_rows
from explorer.ui.widgets.text_rows import Row, TextRows
from explorer.wire.text import ENCODINGS
from tests.capture.making import small_writer, traffic

RECV, SEND = CallKind.recv, CallKind.send
names = [one.name for one in ENCODINGS]


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return small_writer(tmp_path / "capture", segment_bytes=1 << 20)


def stream_of(writer: Writer) -> ByteStream:
    stream = ByteStream(Reader.of(writer), Scope())
    stream.advance()
    return stream


def rows_of(writer: Writer, encoding: str = "utf-8", columns: int = 20, **options: object) -> list[Row]:
    return TextRows(stream_of(writer), encoding, columns, **options).rows_from(0, 10_000)  # type: ignore[arg-type]


def said(rows: list[Row]) -> list[str]:
    return [row.text for row in rows]


def test_rows_end_at_line_ends_and_at_the_width(writer: Writer) -> None:
    traffic(writer, RECV, b"one\r\ntwo\n\nthree\rfour five six seven")
    rows = rows_of(writer, columns=10)
    assert said(rows) == ["one␍␊", "two␊", "␊", "three␍", "four five ", "six seven"]
    assert [row.goes_on for row in rows] == [False] * 5 + [True]
    assert said(rows_of(writer, columns=10, lines=False)) == ["one␍␊two␊␊", "three␍four", " five six ", "seven"]
    assert said(rows_of(writer, columns=10, style="escapes"))[:3] == [r"one\r\n", r"two\n", r"\n"]


def test_an_end_of_line_needs_no_room_in_a_full_row(writer: Writer) -> None:
    traffic(writer, RECV, b"0123456789\r\n0123456789ab\n")
    assert said(rows_of(writer, columns=10)) == ["0123456789␍␊", "0123456789", "ab␊"]


def test_directions_and_connections_begin_rows(writer: Writer) -> None:
    traffic(writer, RECV, b"a")
    traffic(writer, RECV, b"b")
    traffic(writer, SEND, b"c")
    traffic(writer, SEND, b"d", 2)
    rows = rows_of(writer)
    assert said(rows) == ["ab", "c", "d"]
    assert [(row.received, row.connection, row.begins) for row in rows] == [
        (True, 1, True),
        (False, 1, True),
        (False, 2, True),
    ]


def test_each_datagram_begins_a_row(writer: Writer) -> None:
    for _ in range(2):
        traffic(writer, RECV, b"ping", flags=CallFlag.DATAGRAM)
    assert said(rows_of(writer)) == ["ping", "ping"]


@pytest.mark.parametrize(
    ("encoding", "first", "second"),
    [
        ("utf-8", b"a\xe2\x82", b"\xac!"),
        ("utf-16-le", b"a\0\xac", b"\x20!\0"),
        ("utf-16-be", b"\0a\x20", b"\xac\0!"),
        ("gb18030", b"a\xa2", b"\xe3!"),
    ],
)
def test_a_character_over_two_reads_is_one(writer: Writer, encoding: str, first: bytes, second: bytes) -> None:
    traffic(writer, RECV, first)
    traffic(writer, SEND, "ok".encode(encoding))
    traffic(writer, RECV, second)
    rows = rows_of(writer, encoding)
    assert said(rows) == ["a…", "ok", "€!"]
    assert [(row.start, row.stop) for row in rows] == list(
        itertools.pairwise(itertools.accumulate((len(first), len("ok".encode(encoding)), len(second)), initial=0))
    )
    assert rows[2].bytes_of(0) == (rows[2].start, rows[2].start + 1)


def test_what_hides_or_turns_is_seen(writer: Writer) -> None:
    traffic(writer, RECV, "a\u202eb\u200bc\x07\te\u0301".encode() + b"\xff")
    (row,) = rows_of(writer, columns=80)
    assert row.text == "a<U+202E>b<U+200B>c␇␉e\u0301\ufffd"
    assert row.columns[-1] == 26  # the tab goes to column 24; the accent takes no room
    assert [bool(one) for one in row.special or ()] == [c in (1, 3, 5, 6, 9) for c in range(10)]


def test_wide_characters_take_two_columns(writer: Writer) -> None:
    traffic(writer, RECV, "日本語".encode())
    rows = rows_of(writer, columns=5)
    assert said(rows) == ["日本", "語"]
    assert list(rows[0].columns) == [0, 2, 4]
    assert [rows[0].index_at(column) for column in range(-1, 6)] == [0, 0, 0, 1, 1, 1, 1]
    assert [rows[0].index(position) for position in range(6)] == [0, 0, 0, 1, 1, 1]


_TEXTS = {
    "utf-8": ["a", "€", "\n", "\r\n", "\r", "😀", "plain text ", "日本", "\u0301"],
    "utf-16-le": ["a", "€", "\n", "\r\n", "\r", "😀", "\u0a0d", "\u0d0a", "text "],
    "cp037": ["a", "\n", "\x85", "\r\n", "text "],
    "gb18030": ["中", "a0", "\n", "\r\n", "\x80", "日本"],
    "shift_jis": ["日", "ｱ", "\n", "a\\", "語"],
}


@st.composite
def _calls(draw: st.DrawFn) -> tuple[str, list[tuple[CallKind, int, bytes]]]:
    encoding = draw(st.sampled_from(sorted(_TEXTS)))
    piece = st.lists(st.sampled_from(_TEXTS[encoding]), max_size=12).map(lambda some: "".join(some).encode(encoding))
    data = st.one_of(piece, piece.map(lambda whole: whole[1:]), st.binary(min_size=1, max_size=9))
    call = st.tuples(st.sampled_from([RECV, SEND]), st.sampled_from([1, 1, 1, 2]), data)
    return encoding, [one for one in draw(st.lists(call, min_size=1, max_size=14)) if one[2]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(
    made=_calls(), columns=st.sampled_from([1, 3, 8, 40]), lines=st.booleans(), span=st.sampled_from([16, 64, 1 << 14])
)
def test_rows_are_the_same_wherever_one_begins(
    tmp_path_factory: pytest.TempPathFactory, made, columns: int, lines: bool, span: int
) -> None:
    encoding, calls = made
    writer = small_writer(tmp_path_factory.mktemp("rows") / "c", segment_bytes=1 << 16)
    for kind, connection, data in calls:
        traffic(writer, kind, data, connection)
    stream = stream_of(writer)
    usual = text_rows.SPAN
    text_rows.SPAN = span
    try:
        rows = TextRows(stream, encoding, columns, lines)
        whole = rows.rows_from(0, 10_000)
        assert [row.start for row in whole] == [0, *(row.stop for row in whole)][: len(whole)]
        assert not whole or whole[-1].stop == stream.size
        fresh = TextRows(stream, encoding, columns, lines)
        for number, row in enumerate(whole):
            assert row.starts[0] == row.start
            assert len(row.starts) == len(row.shown) == len(row.columns) - 1
            assert fresh.rows_from(row.start, 3) == whole[number : number + 3]
            assert fresh.rows_before(row.start, 4) == whole[max(0, number - 4) : number]
        for position in range(stream.size):
            found = fresh.row_of(position)
            assert found in whole
            assert found is not None
            assert found.start <= position < found.stop
        assert fresh.rows_before(stream.size, 5) == whole[-5:]
    finally:
        text_rows.SPAN = usual
        writer.close()


def test_a_line_without_end_is_broken_at_a_character(writer: Writer) -> None:
    for _ in range(40):
        traffic(writer, RECV, "€".encode() * 1001)
    stream = stream_of(writer)
    rows = TextRows(stream, "utf-8", 100)
    whole = rows.rows_from(0, 10_000)
    assert sum(len(row.shown) for row in whole) == 40_040
    assert {shown for row in whole for shown in row.shown} == {"€"}
    short = [row.start for row in whole if len(row.shown) < 100]
    assert len(short) == 120_120 // text_rows.SPAN - 1 + 1  # before each multiple of it but the first, and the end
    for row in whole[::37]:
        assert rows.row_of(row.start + 1) == row
    assert said(rows_of(writer, columns=0)[:2]) == ["€", "€"]


def test_an_empty_stream_has_no_rows(writer: Writer) -> None:
    rows = TextRows(stream_of(writer), "utf-8", 80)
    assert rows.row_of(0) is None
    assert rows.rows_from(0, 5) == rows.rows_before(0, 5) == []


@pytest.mark.parametrize("encoding", names)
def test_each_encoding(writer: Writer, encoding: str) -> None:
    for _ in range(3):
        traffic(writer, RECV, "Hello\n".encode(encoding))
    assert said(rows_of(writer, encoding)) == ["Hello␊"] * 3


def test_utf_16_is_in_step_far_from_its_beginning(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "long", segment_bytes=1 << 20, segment_records=1 << 13)
    text = "Grüße, 日本\n".encode("utf-16-le")
    for at in range(9000):
        traffic(writer, RECV, text[1:] if at % 2 else text + text[:1])
    stream = stream_of(writer)
    rows = TextRows(stream, "utf-16-le", 40)
    assert said(rows.rows_before(stream.size, 3))[:2] == ["Grüße, 日本␊"] * 2
    writer.close()
