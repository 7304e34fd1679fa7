"""Characters over their bytes: any window of a text shows what the whole text shows there."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.wire.text import ENCODINGS
from explorer.wire.text_cells import (
    LOOK_BACK,
    LOOK_ON,
    TextCell,
    is_bytewise,
    is_enough,
    look_back,
    may_be_cut,
    may_go_on,
    needs_offset,
    text_cells,
)

NAMES = [encoding.name for encoding in ENCODINGS]
SAMPLE = "aé zß\n漢字カナ𝄞😀Яж~ 0·9"


def sample(encoding: str) -> bytes:
    return SAMPLE.encode(encoding, "ignore")


def data_of(encoding: str) -> st.SearchStrategy[bytes]:
    """Text, torn text and noise of bytes that matter to encodings."""
    text = st.text(st.sampled_from(SAMPLE), max_size=6).map(lambda one: one.encode(encoding, "ignore"))
    torn = st.tuples(text, st.integers(0, 3)).map(lambda one: one[0][one[1] :])
    noise = st.lists(
        st.sampled_from(
            [0x00, 0x20, 0x30, 0x41, 0x7F, 0x80, 0x81, 0x9F, 0xBF, 0xC3, 0xD8, 0xDC, 0xE0, 0xF0, 0xFE, 0xFF]
        ),
        max_size=5,
    ).map(bytes)
    return st.lists(st.one_of(text, torn, noise, st.binary(max_size=3)), max_size=6).map(b"".join)


@pytest.mark.parametrize("encoding", NAMES)
@given(st.data())
def test_any_window_shows_what_the_whole_shows(encoding: str, data: st.DataObject) -> None:
    whole = data.draw(data_of(encoding))
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    before = whole[max(0, start - look_back(encoding)) : start]
    seen = text_cells(whole[start:stop], encoding, before, whole[stop : stop + LOOK_ON], start)
    every = text_cells(whole, encoding, offset=0)
    expected = (
        [cell for cell in every if cell.start < stop and cell.start + cell.length > start] if stop > start else []
    )
    assert [TextCell(cell.start + start, cell.length, cell.character) for cell in seen] == expected


@pytest.mark.parametrize("encoding", NAMES)
@given(st.data())
def test_no_more_is_asked_for_than_matters(encoding: str, data: st.DataObject) -> None:
    whole = data.draw(data_of(encoding).filter(len))
    start = data.draw(st.integers(0, len(whole) - 1))
    every = text_cells(whole[start:], encoding, whole[:start], offset=start)
    if not may_go_on(whole[start], encoding):
        assert text_cells(whole[start:], encoding) == every
    if is_bytewise(whole[start:], encoding):
        alone = [text_cells(bytes([byte]), encoding)[0].character for byte in whole[start:]]
        assert [(cell.length, cell.character) for cell in every] == [(1, one) for one in alone]
    if not may_be_cut(whole[:start][-LOOK_ON:], encoding):
        assert text_cells(whole[:start], encoding, offset=0) == [
            cell for cell in text_cells(whole, encoding, offset=0) if cell.start < start
        ]
    back = next((most for most in range(start) if is_enough(whole[start - most : start], encoding)), start)
    assert text_cells(whole[start:], encoding, whole[start - back : start], offset=start) == every


@pytest.mark.parametrize("encoding", NAMES)
@given(st.data())
def test_cells_cover_the_bytes_and_hold_what_python_decodes(encoding: str, data: st.DataObject) -> None:
    whole = data.draw(data_of(encoding))
    cells = text_cells(whole, encoding, offset=0)
    at = 0
    for cell in cells:
        assert cell.start == at
        assert cell.length >= 1
        at += cell.length
        if cell.character is not None:
            assert whole[cell.start : at].decode(encoding) == cell.character
    assert at == len(whole)


@pytest.mark.parametrize("encoding", NAMES)
@given(st.data())
def test_good_text_is_read_whole(encoding: str, data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from(SAMPLE)))
    encoded = text.encode(encoding, "ignore")
    cells = text_cells(encoded, encoding, offset=0)
    assert "".join(cell.character or "?" for cell in cells) == encoded.decode(encoding)
    assert all(len(cell.character or "") == 1 for cell in cells)


def test_a_character_that_is_split_over_two_windows_is_in_both() -> None:
    first, second = "x漢".encode()[:3], "漢y".encode()[2:]
    assert text_cells(first, "utf-8", after=second) == [TextCell(0, 1, "x"), TextCell(1, 3, "漢")]
    assert text_cells(second, "utf-8", before=first) == [TextCell(-2, 3, "漢"), TextCell(1, 1, "y")]
    assert text_cells(first, "utf-8") == [TextCell(0, 1, "x"), TextCell(1, 1, None), TextCell(2, 1, None)]


@example(1)
@example(2)
@given(st.integers(0, 9))
def test_utf_16_stands_on_even_places(offset: int) -> None:
    text = "Aä漢".encode("utf-16-le")
    whole = bytes(offset + offset % 2) + text
    part = whole[offset:]
    cells = text_cells(part, "utf-16-le", b"", b"", offset)
    assert "".join(cell.character or "" for cell in cells).endswith("Aä漢")
    assert cells[0] == (TextCell(0, 1, None) if offset % 2 else TextCell(0, 2, "A"))


def test_a_pair_of_units_is_one_character() -> None:
    pair = "😀".encode("utf-16-be")
    assert text_cells(pair[3:] + b"\0A", "utf-16-be", pair[:3], offset=3) == [
        TextCell(-3, 4, "😀"),
        TextCell(1, 2, "A"),
    ]
    assert text_cells(pair[:2] + b"\0A", "utf-16-be", offset=0) == [TextCell(0, 2, None), TextCell(2, 2, "A")]


def test_bytes_that_are_no_text_stand_alone() -> None:
    assert text_cells(b"\xe6\xbc!", "utf-8") == [TextCell(0, 1, None), TextCell(1, 1, None), TextCell(2, 1, "!")]
    assert text_cells(b"A\x80", "ascii") == [TextCell(0, 1, "A"), TextCell(1, 1, None)]
    assert text_cells(b"\x81 ", "shift_jis") == [TextCell(0, 1, None), TextCell(1, 1, " ")]


@pytest.mark.parametrize("encoding", ["gb18030", "shift_jis"])
def test_what_stands_before_decides_up_to_a_byte_that_stands_alone(encoding: str) -> None:
    text = ("\n" + "亜" * 20).encode(encoding)
    for cut in range(1, len(text)):
        cells = text_cells(text[cut:], encoding, text[:cut])
        assert cells[0].start in (0, -1)
        assert all(cell.character == "亜" for cell in cells)
    assert look_back(encoding) == LOOK_BACK


def test_only_utf_16_asks_for_the_place() -> None:
    assert [name for name in NAMES if needs_offset(name)] == ["utf-16-le", "utf-16-be"]
    with pytest.raises(LookupError):
        look_back("no such")
