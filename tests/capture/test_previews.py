"""Previews: whole characters, wherever reads and previews cut the stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.capture.describe import PREVIEW, preview_as
from explorer.capture.previews import cut_text
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from tests.capture.making import traffic

JAPANESE = "日本語テスト カタカナ"


@pytest.fixture
def writer(tmp_path):
    made = Writer(tmp_path / "capture", segment_bytes=1 << 16, segment_records=64)
    yield made
    made.close()


def previews(writer, encoding):
    reader = Reader.of(writer)
    return [preview_as(reader, call, encoding) for call in reader.calls(0, reader.count)]


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-8", "gb18030", "euc_jp"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_a_character_split_between_two_reads_is_shown_where_it_ends(writer, encoding, size):
    data = JAPANESE.encode(encoding)
    for at in range(0, len(data), size):
        traffic(writer, CallKind.recv, data[at : at + size])
        traffic(writer, CallKind.send, b"\x8c\xe2")  # the other direction has no part in it
    shown = previews(writer, encoding)[::2]
    assert "".join(one.text for one in shown) == JAPANESE
    assert all(one.settled for one in shown)


def test_where_a_character_begins_is_told_by_a_line_end_far_back(writer):
    data = ("\n" + "日本語テスト" * 50).encode("shift_jis")
    cut = 1 + 12 * 30 + 1  # amid a character, and an odd number of bytes behind the line end
    traffic(writer, CallKind.recv, data[:cut])
    traffic(writer, CallKind.recv, data[cut : cut + 11])
    assert previews(writer, "shift_jis")[1] == ("日本語テスト", True)


def test_half_a_character_is_shown_as_bytes_until_its_rest_is_there(writer):
    traffic(writer, CallKind.recv, b"ab\xe2\x82")
    assert previews(writer, "utf-8") == [("ab\\xe2\\x82", False)]
    traffic(writer, CallKind.recv, b"\xac!")
    assert previews(writer, "utf-8") == [("ab", True), ("€!", True)]


def test_bytes_that_are_no_text_stay_bytes(writer):
    traffic(writer, CallKind.recv, b"ab\xe2\x82")
    traffic(writer, CallKind.recv, b"c\x82")
    assert previews(writer, "utf-8") == [("ab\\xe2\\x82", True), ("c\\x82", True)]


def test_datagrams_are_no_stream(writer):
    for data in (b"ab\xe2\x82", b"\xac!"):
        traffic(writer, CallKind.recvfrom, data, flags=CallFlag.DATAGRAM)
    assert previews(writer, "utf-8") == [("ab\\xe2\\x82", True), ("\\xac!", True)]


def test_the_preview_ends_behind_a_character(writer):
    traffic(writer, CallKind.recv, b"y" * (PREVIEW - 1) + "€uro".encode())
    assert previews(writer, "utf-8") == [("y" * (PREVIEW - 1), True)]


def test_an_encoding_that_does_not_exist_is_shown_as_utf_8(writer):
    traffic(writer, CallKind.recv, "grün".encode())
    assert previews(writer, "klingon") == [("grün", True)]


@given(st.text("aä€日\U0001f600\n", max_size=30), st.integers(1, 9), st.sampled_from(["utf-8", "gb18030"]))
def test_pieces_put_together_are_the_text(text, size, encoding):
    data = text.encode(encoding)
    shown = "".join(cut_text(data[at : at + size], encoding, data[:at]) for at in range(0, len(data), size))
    assert shown == text.replace("\n", "\\n")
