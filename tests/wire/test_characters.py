"""Characters and the bytes they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.characters import LONGEST, UNFINISHED, codec_of
from explorer.wire.escapes import decode_pieces
from explorer.wire.text import ENCODINGS

names = [one.name for one in ENCODINGS]
OTHERS = ["cp932", "big5", "utf-16", "utf-32-be", "cp1251", "euc_jp"]


@pytest.mark.parametrize(
    ("encoding", "data", "text", "starts"),
    [
        ("utf-8", b"abc", "abc", [0, 1, 2]),
        ("utf-8", "a€😀".encode(), "a€😀", [0, 1, 4]),
        ("utf-8", b"\xffa\xe2\x82", "\udcffa" + UNFINISHED, [0, 1, 2]),
        ("latin-1", b"a\xff", "aÿ", [0, 1]),
        ("cp1252", b"\x81\x80", "\udc81€", [0, 1]),
        ("cp037", b"\xc8\x89", "Hi", [0, 1]),
        ("utf-16-le", "a😀".encode("utf-16-le") + b"b", "a😀" + UNFINISHED, [0, 2, 6]),
        ("utf-16-be", b"\xdc\x00\0a", "\udcdc\udc00a", [0, 1, 2]),
        ("gb18030", b"\xd6\xd0a\x81\x30\x81\x30", "中a\x80", [0, 2, 3]),
        ("shift_jis", b"\x93\xfa\xb1\x93", "日ｱ" + UNFINISHED, [0, 2, 3]),
        ("cp932", b"\x87\x90\x81\xe0", "≒≒", [0, 2]),
        # Bytes that switch between alphabets belong to the character behind them.
        ("iso2022_jp", b'a\x1b$B$"$"\x1b(Bb', "aああb", [0, 1, 6, 8]),
    ],
)
def test_each_character_knows_its_bytes(encoding: str, data: bytes, text: str, starts: list[int]) -> None:
    found = codec_of(encoding).split(data)
    assert (found.text, list(found.starts)) == (text, starts)


def test_what_is_unfinished_at_the_end_of_all_is_no_text() -> None:
    assert codec_of("utf-8").split(b"a\xe2\x82", final=True).text == "a\udce2\udc82"
    assert codec_of("utf-16-le").split(b"a\0b", final=True).text == "a\udc62"


def test_a_character_may_have_begun_before() -> None:
    found = codec_of("utf-8").split(b"\x82\xac!", lead=b"\xe2")
    assert (found.text, list(found.starts)) == ("€!", [-1, 2])
    found = codec_of("utf-8").split(b"!", lead=b"\xe2")
    assert (found.text, list(found.starts)) == ("!", [0])
    found = codec_of("utf-16-le").split(b"\0", lead=b"a")
    assert (found.text, list(found.starts)) == ("a", [-1])


@pytest.mark.parametrize(
    ("encoding", "context", "lead"),
    [
        ("latin-1", b"a\xff", b""),
        ("utf-8", b"a\xe2\x82", b"\xe2\x82"),
        ("utf-8", b"\xc3\xa9", b""),
        ("utf-8", b"a\x82", b""),
        ("utf-8", b"\x82\x82\x82", b""),
        ("utf-16-le", b"a\0b", b"b"),
        ("gb18030", b"\x30\n\xd6", b"\xd6"),
    ],
)
def test_what_goes_on_behind_a_place(encoding: str, context: bytes, lead: bytes) -> None:
    assert codec_of(encoding).lead(context) == lead


@pytest.mark.parametrize("encoding", names)
@given(text=st.text(st.characters(codec="utf-8"), max_size=30), cut=st.integers(0, 120))
def test_reading_may_begin_anywhere(encoding: str, text: str, cut: int) -> None:
    """The bytes before a place tell which of them go on behind it, in text without a mistake."""
    data = text.encode(encoding, "ignore")
    cut = min(cut, len(data))
    codec = codec_of(encoding)
    whole = codec.split(data, final=True)
    inside = cut not in whole.starts and cut < len(data)
    if cut == len(data) or (not inside and not codec.needs_lead(data[cut])):
        return
    lead = codec.lead(data[:cut])
    assert bool(lead) == inside
    rest = codec.split(data[cut:], lead)
    assert rest.text == whole.text[len(whole.text) - len(rest.text) :]
    ahead = [start - cut for start in whole.starts]
    assert list(rest.starts) == ahead[len(ahead) - len(rest.starts) :]
    assert len(rest.starts) == sum(start >= 0 for start in ahead) + inside


@pytest.mark.parametrize("encoding", names + OTHERS)
@given(data=st.binary(max_size=40), final=st.booleans())
def test_every_byte_belongs_to_one_character(encoding: str, data: bytes, final: bool) -> None:
    codec = codec_of(encoding)
    text, starts = codec.split(data, final=final)
    assert len(text) == len(starts)
    assert list(starts) == sorted(starts)
    assert not starts or starts[0] == 0
    assert bool(text) == bool(data)
    if final:
        assert UNFINISHED not in text
        assert "".join(decode_pieces([data], codec.encoding)) == text
    elif text.endswith(UNFINISHED):
        assert len(data) - starts[-1] < 2 * LONGEST


@pytest.mark.parametrize(
    ("encoding", "data", "phase", "places"),
    [
        ("utf-8", b"a\nb\r\nc\rd\n", 0, [2, 5, 7]),
        ("utf-8", b"\n\n", 0, [1]),
        ("cp037", b"\x81\x25\x82\x15\x0d\x25\x83", 0, [2, 4, 6]),
        ("utf-16-le", "a\r\nb\nc".encode("utf-16-le"), 0, [6, 10]),
        ("utf-16-le", b"\x0a\x0a\x00\x0d\x00\x00\x0a\x00", 1, [3, 5]),
        ("utf-16-be", "\u0a00\u0a0ab\nc".encode("utf-16-be"), 0, [8]),
        ("gb18030", b"\x81\n\xd6\xd0\ra", 0, [2, 5]),
        ("utf-16-le", "a\nb\n".encode("utf-16-le"), 0, [4]),
    ],
)
def test_lines_end_where_characters_say_so(encoding: str, data: bytes, phase: int, places: list[int]) -> None:
    assert codec_of(encoding).breaks(data, phase) == places
