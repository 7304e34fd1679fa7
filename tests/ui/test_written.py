"""Where bytes stand in what is typed, changes of bytes that leave the rest as it was typed, one undo over all."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.core.snippet import MODES, Mode
from explorer.ui import byte_places
from explorer.ui.byte_places import find_places
from explorer.ui.composer import Composer
from explorer.ui.written import Written, common_start, rewrite, write
from explorer.wire.placed_error import PlacedError
from explorer.wire.typed_message import parse_typed
from tests.fakes.untraced import untraced

ENCODINGS = ["utf-8", "latin-1", "utf-16-le"]


@given(
    st.binary(max_size=30), st.sampled_from(MODES), st.sampled_from(ENCODINGS), st.integers(0, 30), st.integers(0, 30)
)
def test_places_lead_there_and_back(data: bytes, mode: Mode, encoding: str, one: int, other: int) -> None:
    """What is selected in the text holds the selected bytes, and with it no character more than needed."""
    text = write(mode, data, encoding)
    places = find_places(mode, text, encoding)
    assert places is not None
    start, stop = sorted((min(one, len(data)), min(other, len(data))))
    first, last = places.characters_of(start, stop)
    assert 0 <= first <= last <= len(text)
    if stop > start:
        begin, end = places.bytes_of(first, last)
        assert begin <= start
        assert end >= stop
        if mode == "hex" or encoding == "latin-1":
            assert (begin, end) == (start, stop)


@pytest.mark.parametrize(
    ("mode", "text", "start", "stop", "shown"),
    [
        ("text", r"a\x41é\n", 1, 2, r"\x41"),
        ("text", r"a\x41é\n", 2, 3, "é"),
        ("hex", "0x48, 0x65", 1, 2, "0x65"),
        ("hex", "48656c", 1, 3, "656c"),
        ("python", r"b'H\x00i'", 1, 2, r"\x00"),
        ("text", "😀x", 4, 5, "x"),
        ("python", r"b'a\101b'", 1, 2, r"\101"),
    ],
)
def test_a_byte_is_found_however_it_is_written(mode: Mode, text: str, start: int, stop: int, shown: str) -> None:
    places = find_places(mode, text, "utf-8")
    assert places is not None
    first, last = places.characters_of(start, stop)
    assert text[first:last].strip(", ") == shown


@pytest.mark.parametrize("mode", MODES)
@given(text=st.text("aé4f0xh\\nu{}%'\"b ,€😀", max_size=14), encoding=st.sampled_from(["utf-8", "latin-1", "utf-16"]))
@example(text="\\ud83d\\ude00x", encoding="utf-16")
@example(text="0x4, 0x48 48h %48 \\x48 4865", encoding="utf-8")
@example(text="b'a\\x41\\\\n'", encoding="utf-8")
@example(text="'\\N{BULLET}\\u20ac'", encoding="utf-8")
@example(text="'0'", encoding="utf-16")
def test_the_table_says_what_parsing_the_front_says(mode: Mode, text: str, encoding: str) -> None:
    places = find_places(mode, text, encoding)
    try:
        size = len(parse_typed(mode, text, encoding))
    except PlacedError:
        assert places is None
        return
    assert places is not None
    searched = byte_places._Search(mode, text, encoding)
    assert places.prefix(len(text))[1] == size
    for start in range(size + 1):
        for stop in range(start, size + 1):
            assert places.characters_of(start, stop) == searched.characters_of(start, stop)
    for first in range(len(text) + 1):
        assert places.bytes_of(first, len(text)) == searched.bytes_of(first, len(text))


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("text", ("héllo\\x01 " * 1000)[:8000]),
        ("hex", "48 " * 2700),
        ("hex", "0x48, " * 1300),
        ("python", repr(bytes(range(256)) * 10)),
        ("python", repr("hé\n" * 2000)),
    ],
)
def test_places_in_a_long_text_are_found_while_typing(mode: Mode, text: str) -> None:
    size = len(parse_typed(mode, text, "utf-8"))
    with untraced():
        begun = time.perf_counter()
        places = byte_places.find_places.__wrapped__(mode, text, "utf-8")
        assert places is not None
        for start in range(0, size, size // 50):
            places.characters_of(start, start + 1)
        took = time.perf_counter() - begun
    assert took < 0.02


@given(
    st.binary(max_size=20), st.binary(max_size=20), st.sampled_from(MODES), st.sampled_from(ENCODINGS), st.booleans()
)
def test_changed_bytes_are_what_the_changed_text_says(
    before: bytes, after: bytes, mode: Mode, encoding: str, fields: bool
) -> None:
    composer = Composer(mode, encoding)
    composer.use_fields(fields and mode != "python")
    composer.edit(rewrite(Written(mode, "", composer.fields), b"", before, encoding))
    assert composer.data == before
    composer.edit_bytes(after)
    assert composer.problem is None
    assert composer.data == after


def test_what_stands_around_a_change_stays_as_it_was_typed() -> None:
    text = "\\x48ello,\nworld\\u{21}"
    changed = rewrite(Written("text", text), b"Hello,\nworld!", b"Hello,\nWorld!", "utf-8")
    assert changed == "\\x48ello,\nWorld\\u{21}"
    assert parse_typed("text", changed, "utf-8") == b"Hello,\nWorld!"


@given(st.text("ab", max_size=12), st.text("ab", max_size=12))
def test_the_common_start_is_common_and_no_longer(one: str, other: str) -> None:
    size = common_start(one, other)
    assert one[:size] == other[:size]
    assert one[size : size + 1] != other[size : size + 1] or size == min(len(one), len(other))


# -- undo -----------------------------------------------------------------------------------------


def test_undo_goes_back_over_every_editor_in_the_present_writing() -> None:
    composer = Composer()
    composer.edit("ab")
    composer.switch("hex")
    composer.edit("61 62 63")
    composer.edit_bytes(b"abcd")
    composer.switch("python")
    found = []
    while composer.undo():
        found.append((composer.mode, composer.text))
    assert found == [("python", "b'abc'"), ("python", "b'ab'"), ("python", "")]
    again = []
    while composer.redo():
        again.append(composer.data)
    assert again == [b"ab", b"abc", b"abcd"]


def test_letters_of_a_word_are_one_step() -> None:
    composer = Composer()
    typed = "one two"
    for end in range(1, len(typed) + 1):
        composer.edit(typed[:end])
    assert composer.undo()
    assert composer.text == "one "
    composer.edit("one t")
    assert not composer.redo()


def test_what_cannot_be_read_comes_back_as_it_was_typed() -> None:
    composer = Composer("hex")
    composer.edit("48 6")
    composer.edit("48 65")
    composer.switch("text")
    composer.undo()
    assert (composer.mode, composer.text) == ("hex", "48 6")


def test_a_recalled_message_can_be_undone() -> None:
    composer = Composer()
    composer.edit("draft")
    composer.recall("hex", "00")
    assert composer.text == r"\0"
    composer.undo()
    assert composer.text == "draft"


@given(st.lists(st.tuples(st.sampled_from(MODES), st.binary(max_size=6)), max_size=12))
def test_undo_visits_every_message_backwards(edits: list[tuple[Mode, bytes]]) -> None:
    composer, seen = Composer(), [b""]
    for mode, data in edits:
        composer.switch(mode)
        composer.steps.rest()
        composer.edit_bytes(data)
        if composer.data != seen[-1]:
            seen.append(composer.data)
    while composer.undo():
        seen.pop()
        assert composer.data == seen[-1]
    assert seen == [b""]


# -- fields ---------------------------------------------------------------------------------------


def test_a_field_is_put_in_and_filled_and_counts() -> None:
    composer = Composer()
    composer.edit("n={{")
    end = composer.insert_field("{{counter}}", 2)
    assert composer.text[:end] == "n={{counter}}"
    assert composer.data == b"n=0{{"
    composer.sent()
    assert composer.data == b"n=1{{"
    composer.reset_counter()
    assert composer.data == b"n=0{{"
    composer.use_fields(False)
    assert composer.data == b"n={{counter}}{{}}"
    composer.undo()
    assert composer.data == b"n=0{{"


def test_fields_go_with_the_bytes_from_text_to_hex_and_back() -> None:
    composer = Composer()
    composer.use_fields(True)
    composer.edit(r"id\0{{counter:u16be}}é{{crc8}}")
    before = composer.data
    composer.switch("hex")
    assert composer.text == "69 64 00 {{counter:u16be}} c3 a9 {{crc8}}"
    assert composer.data == before
    composer.edit(composer.text + " 7b7b")
    composer.switch("text")
    assert composer.text == r"id\0{{counter:u16be}}é{{crc8}}{{}}"
    assert composer.why_not("python")
    composer.switch("python")
    assert composer.mode == "text"


def test_a_wrong_field_is_pointed_at() -> None:
    composer = Composer()
    composer.use_fields(True)
    composer.edit("abc{{countr}}")
    assert composer.problem is not None
    assert composer.problem.position == 5
    assert "did you mean counter" in composer.problem.message
    assert composer.outgoing(None).data is None


def test_an_ending_is_put_behind_the_checksum() -> None:
    composer = Composer()
    composer.use_fields(True)
    composer.edit("ab{{sum8}}")
    assert composer.outgoing(None, "CRLF").data == b"ab\xc3\r\n"
