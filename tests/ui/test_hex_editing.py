"""Bytes under a cursor: typing, overwriting, erasing, and that half a byte changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.ui.hex_editing import HexEditing


def editing(data: bytes, cursor: int = 0) -> HexEditing:
    made = HexEditing()
    made.load(data, cursor)
    return made


@given(st.binary(max_size=40))
def test_what_is_typed_digit_by_digit_stands_there(data: bytes) -> None:
    made = HexEditing()
    for digit in data.hex():
        made.digit(digit)
    assert (made.data, made.cursor, made.pending) == (data, len(data), "")


@given(st.binary(max_size=40), st.integers(0, 40), st.integers(0, 40), st.binary(max_size=8))
def test_a_selection_gives_way_to_what_is_put(data: bytes, one: int, other: int, put: bytes) -> None:
    made = editing(data)
    made.select(one, other)
    start, stop = sorted((min(one, len(data)), min(other, len(data))))
    made.put(put)
    assert made.data == data[:start] + put + data[stop:]
    assert made.selection == (start + len(put), start + len(put))


@given(st.binary(max_size=40), st.integers(0, 40), st.binary(max_size=8))
def test_overwriting_takes_as_many_and_grows_at_the_end(data: bytes, at: int, put: bytes) -> None:
    made = editing(data, at)
    made.overwrite = True
    made.put(put)
    at = min(at, len(data))
    assert made.data == data[:at] + put + data[at + len(put) :]


def test_half_a_byte_waits_and_can_be_taken_back() -> None:
    made = editing(b"ab", 1)
    assert not made.digit("4")
    assert (made.data, made.pending) == (b"ab", "4")
    assert not made.erase_back()
    assert (made.data, made.pending) == (b"ab", "")
    made.digit("4")
    made.move(2)
    assert (made.data, made.pending) == (b"ab", "")


def test_backspace_and_delete() -> None:
    made = editing(b"abc", 1)
    assert made.erase_back()
    assert (made.data, made.cursor) == (b"bc", 0)
    assert not made.erase_back()
    assert made.erase_forward()
    assert made.data == b"c"
    made.move(1)
    assert not made.erase_forward()


def test_shift_selects_from_where_it_began() -> None:
    made = editing(b"abcdef", 4)
    made.move(2, extend=True)
    made.move(1, extend=True)
    assert made.selection == (1, 4)
    assert made.selected == b"bcd"
    made.load(b"ab")
    assert made.selection == (1, 1)
