"""The text column: characters over their bytes, whatever calls and windows cut them apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.ui.widgets.byte_scene import TextKind, Tie, View, WindowText
from explorer.ui.widgets.byte_text import BROKEN, DOT, STAND_IN, StreamText, shown
from explorer.ui.widgets.byte_window import load_window
from explorer.wire.text import ENCODINGS
from explorer.wire.text_cells import text_cells
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of

SAMPLE = "aé z\nß漢字カ😀Я~"


@pytest.fixture(scope="module")
def writers() -> Iterator[list[Writer]]:
    """Writers of captures, closed at the end of the module."""
    made: list[Writer] = []
    yield made
    for writer in made:
        writer.close()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("encoding", [encoding.name for encoding in ENCODINGS])
@settings(max_examples=20)  # each writes a capture
@given(st.data())
def test_calls_and_windows_do_not_cut_characters(
    folder: Path, writers: list[Writer], encoding: str, data: st.DataObject
) -> None:
    """Two directions, each a text of its own, cut into calls that are mixed; and any window over them."""
    texts = {side: data.draw(st.text(st.sampled_from(SAMPLE), max_size=12)) for side in (RECEIVED, SENT)}
    whole = {side: text.encode(encoding, "ignore") for side, text in texts.items()}
    writer = Writer(folder / str(len(writers)), quota=1 << 30, segment_bytes=1 << 17, segment_records=64)
    writers.append(writer)
    done, order = {RECEIVED: 0, SENT: 0}, list[tuple[CallKind, int]]()
    while any(done[side] < len(whole[side]) for side in done):
        side = data.draw(st.sampled_from([side for side in done if done[side] < len(whole[side])]))
        size = data.draw(st.integers(1, 3))
        part = whole[side][done[side] : done[side] + size]
        put(writer, side, part)
        order += [(side, done[side] + n) for n in range(len(part))]
        done[side] += len(part)
    stream = stream_of(writer)
    start = data.draw(st.integers(0, stream.size))
    stop = data.draw(st.integers(start, stream.size))
    text = StreamText(stream.reader, encoding)
    window = load_window(stream, start, stop)
    text.of(window)
    while text.advance(1):
        pass
    found = text.of(window)
    assert text.settled
    cells = {side: text_cells(whole[side], encoding, offset=0) for side in whole}
    expected = {
        (side, cell.start): shown(cell.character)[0] for side in cells for cell in cells[side] if cell.character
    }
    assert list(found.characters) == [expected.get(one, "") for one in order[start:stop]]
    assert not any(found.kinds)
    stream.reader.close()


def text_of(writer: Writer, encoding: str, calls: list[tuple[CallKind, bytes]]) -> WindowText:
    stream = stream_of(writer, calls)
    text = StreamText(stream.reader, encoding)
    window = load_window(stream, 0, stream.size)
    text.of(window)
    text.advance(1 << 20)
    return text.of(window)


def test_a_character_stands_over_its_first_byte_and_is_tied_to_the_others(writer: Writer) -> None:
    found = text_of(writer, "utf-8", [(RECEIVED, b"a\xe6"), (SENT, b"<"), (RECEIVED, b"\xbc\xa2")])
    assert found.characters == ("a", "漢", "<", "", "")
    assert list(found.ties) == [Tie.ALONE, Tie.FIRST, Tie.ALONE, Tie.AMID, Tie.LAST]


def test_what_hides_or_turns_the_writing_is_shown(writer: Writer) -> None:
    hidden = "\u202e\u200b\u2066\ufeff\u00ad"
    found = text_of(writer, "utf-8", [(RECEIVED, f"x{hidden}\x1b\t\xa0e\u0301".encode())])
    assert [character for character in found.characters if character] == ["x", *STAND_IN * 5, DOT, DOT, "e", "◌\u0301"]
    assert found.kinds.count(TextKind.STAND_IN) == len(hidden)


def test_bytes_that_are_no_text_are_marked(writer: Writer) -> None:
    found = text_of(writer, "utf-8", [(RECEIVED, b"a\xff\xe6\xbcb")])
    assert found.characters == ("a", BROKEN, BROKEN, BROKEN, "b")
    assert list(found.kinds) == [0, TextKind.BROKEN, TextKind.BROKEN, TextKind.BROKEN, 0]


def test_a_datagram_is_a_text_of_its_own(writer: Writer) -> None:
    for part in (b"\0A\0", b"\0B\0C", b"\xe6"):
        room = writer.room(len(part))
        assert room is not None
        room[:] = part
        writer.add(CallKind.recvfrom, 1, 1, size=len(part), asked=99, flags=CallFlag.DATAGRAM)
    assert text_of(writer, "utf-16-be", []).characters == ("A", "", BROKEN, "B", "", "C", "", BROKEN)


def test_utf_16_is_exact_once_its_places_are_counted(writer: Writer) -> None:
    """A call that begins amid a character: until the bytes before it are counted, it is taken for a beginning."""
    data = "AB".encode("utf-16-le")
    put(writer, RECEIVED, data[:1])
    put(writer, SENT, b"..")
    put(writer, RECEIVED, data[1:])
    stream = ByteStream(Reader.of(writer), Scope())
    stream.index.advance()
    text = StreamText(stream.reader, "utf-16-le")
    window = load_window(stream, 3, 6)
    assert text.of(window).characters[:1] != ("",)
    assert not text.settled
    assert not text.advance(100)
    assert text.of(window).characters == ("", "B", "")
    assert text.settled
    assert text.of(window) is text.of(window)
    assert text.decorate(View((), window)).text is text.of(window)


def test_far_back_is_looked_only_as_far_as_needed(writer: Writer) -> None:
    """Shift-JIS in calls of one byte: back to the line end, which lies thousands of bytes before."""
    line = ("\n" + "亜" * 1500).encode("shift_jis")
    stream = stream_of(writer, [(RECEIVED, line[at : at + 1]) for at in range(len(line))])
    text = StreamText(stream.reader, "shift_jis")
    for start in (2000, 2001):
        found = text.of(load_window(stream, start, start + 4)).characters
        assert found == (("", "亜", "", "亜") if start % 2 == 0 else ("亜", "", "亜", ""))


def test_many_connections_are_kept_apart_and_their_places_are_counted_within_bounds(writer: Writer) -> None:
    """Each of 30 connections: one character in two calls, and those of the others in between."""
    data = "漢".encode("utf-16-le")
    for half in (data[:1], data[1:]):
        for connection in range(1, 31):
            put(writer, RECEIVED, half, connection=connection)
    stream = stream_of(writer)
    text = StreamText(stream.reader, "utf-16-le")
    whole = load_window(stream, 0, 60)
    text.of(whole)
    assert not text.advance(1000)
    assert text.of(whole).characters == ("漢",) * 30 + ("",) * 30
    assert text.settled
    lower = load_window(stream, 30, 60)
    text.of(lower)
    assert not text.advance(1000)
    found = text.of(lower).characters
    assert found[:8] == ("",) * 8
    assert text.settled
    utf_8 = StreamText(stream.reader, "utf-8")
    assert utf_8.of(lower).kinds == bytes([TextKind.PLAIN]) * 30
