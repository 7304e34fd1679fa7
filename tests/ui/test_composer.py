"""The composer: the same bytes as text, hex and Python, and the history of what was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.snippet import MODES, Mode
from explorer.core.socket_spec import Choice
from explorer.ui.composer import ENDINGS, Composer
from explorer.ui.send_history import LONGEST, MOST, SendHistory
from explorer.ui.written import Written, pasted, write
from explorer.wire.framing.registry import make_framer
from explorer.wire.text import ENCODINGS
from explorer.wire.typed_message import parse_typed as parse


@given(
    data=st.binary(max_size=60), mode=st.sampled_from(MODES), encoding=st.sampled_from([one.name for one in ENCODINGS])
)
def test_what_is_written_is_read_back(data: bytes, mode: Mode, encoding: str) -> None:
    assert parse(mode, write(mode, data, encoding), encoding) == data


@given(data=st.binary(max_size=40), modes=st.lists(st.sampled_from(MODES), max_size=6))
def test_switching_keeps_the_bytes(data: bytes, modes: list[Mode]) -> None:
    composer = Composer("hex")
    composer.edit(data.hex())
    for mode in modes:
        composer.switch(mode)
        assert composer.problem is None
        assert composer.data == data


def test_switching_writes_the_same_bytes_the_other_way() -> None:
    composer = Composer()
    composer.edit(r"Hi\r\n")
    composer.switch("hex")
    assert composer.text == "48 69 0d 0a"
    composer.switch("python")
    assert composer.text == r"b'Hi\r\n'"
    composer.edit(r"b'\xff\x00'")
    composer.switch("text")
    assert composer.text == r"\xff\0"


def test_switching_there_and_back_gives_what_was_typed() -> None:
    composer = Composer()
    composer.edit(r"\x41\u{42}")
    composer.switch("hex")
    assert composer.text == "41 42"
    composer.switch("text")
    assert composer.text == r"\x41\u{42}"


def test_edit_in_the_other_way_forgets_the_old_writing() -> None:
    composer = Composer()
    composer.edit(r"\x41")
    composer.switch("hex")
    composer.edit("41 42")
    composer.switch("text")
    assert composer.text == "AB"


def test_wrong_text_stays_when_switching() -> None:
    composer = Composer("hex")
    composer.edit("48 6")
    assert composer.problem is not None
    assert composer.problem.position == 3
    composer.switch("text")
    assert composer.text == "48 6"
    assert composer.problem is None
    composer.switch("hex")
    assert composer.text == "34 38 20 36"


def test_wrong_text_keeps_the_sentence_and_sends_nothing() -> None:
    composer = Composer()
    composer.edit(r"ok\q")
    found = composer.outgoing(None)
    assert found.data is None
    assert found.problem.startswith("Character 3: ")
    assert composer.text == r"ok\q"


def test_encoding_decides_what_typed_text_means() -> None:
    composer = Composer()
    composer.edit("é")
    assert composer.data == b"\xc3\xa9"
    composer.set_encoding("latin-1")
    assert composer.data == b"\xe9"
    composer.set_encoding("ascii")
    assert composer.problem is not None
    assert composer.text == "é"


def test_encoding_leaves_hex_alone() -> None:
    composer = Composer("hex")
    composer.edit("c3a9")
    composer.set_encoding("latin-1")
    assert composer.data == b"\xc3\xa9"
    composer.switch("text")
    assert composer.text == "Ã©"


@pytest.mark.parametrize(
    ("framing", "ending", "data", "count"),
    [
        (Choice("raw"), "none", b"hello", "5 bytes"),
        (Choice("raw"), "CRLF", b"hello\r\n", "5 bytes (+2 ending)"),
        (Choice("line"), "none", b"hello\n", "5 bytes (+1 framing)"),
        (Choice("length", {"width": 2}), "NUL", b"\x00\x06hello\0", "5 bytes (+1 ending, +2 framing)"),
    ],
)
def test_outgoing_counts_ending_and_framing(framing: Choice, ending: str, data: bytes, count: str) -> None:
    composer = Composer()
    composer.edit("hello")
    found = composer.outgoing(make_framer(framing), ending)
    assert (found.data, found.count) == (data, count)


def test_framing_that_cannot_carry_the_message_says_so() -> None:
    composer = Composer()
    composer.edit("abcdef")
    found = composer.outgoing(make_framer(Choice("line", {"max": 3})))
    assert found.data is None
    assert "6 bytes" in found.problem
    assert composer.outgoing(None).data == b"abcdef"


def test_endings_follow_the_encoding() -> None:
    composer = Composer("hex", "utf-16-be")
    composer.edit("0041")
    assert composer.outgoing(None, "LF").data == b"\0A\0\n"
    assert set(ENDINGS) == {"none", "LF", "CRLF", "CR", "NUL"}


def test_one_byte_is_singular() -> None:
    composer = Composer("hex")
    composer.edit("00")
    assert composer.outgoing(None).count == "1 byte"


def test_pasted_text_hides_and_loses_nothing() -> None:
    assert pasted("text", "a\r\nb\0\u202ec\td") == "a\\r\nb\\0\\u{202e}c\\td"
    assert parse("text", pasted("text", "a\r\nb\0\u202ec\td"), "utf-8") == "a\r\nb\0\u202ec\td".encode()


def test_pasted_dump_becomes_pairs_of_digits() -> None:
    dump = "00000000  48 65 6c 6c 6f 0a                                 |Hello.|\n00000006\n"
    assert pasted("hex", dump) == "48 65 6c 6c 6f 0a"
    assert pasted("hex", "not\nhex") == "not\nhex"
    assert pasted("hex", "48:65") == "48:65"
    assert pasted("hex", "new Uint8Array([72, 105])") == "48 69"
    assert pasted("hex", r"b'Hi\x00'") == "48 69 00"
    assert pasted("python", "b'a'\nb'b'") == "b'a'\nb'b'"


def test_recall_writes_in_the_present_way() -> None:
    composer = Composer("hex")
    composer.recall("text", "Hi")
    assert (composer.mode, composer.text) == ("hex", "48 69")
    composer.recall("hex", "0x01")
    assert composer.text == "0x01"


def test_recall_of_what_the_encoding_cannot_say_comes_as_typed() -> None:
    composer = Composer("hex", "ascii")
    composer.recall("text", "é")
    assert (composer.mode, composer.text) == ("text", "é")
    assert composer.problem is not None


# -- history --------------------------------------------------------------------------------------


def test_history_goes_back_and_returns_to_what_was_typed() -> None:
    history = SendHistory()
    history.add(Written("text", "one"))
    history.add(Written("hex", "02"))
    assert history.back(Written("text", "dra")) == Written("hex", "02")
    assert history.back(Written("text", "02")) == Written("text", "one")
    assert history.back(Written("text", "one")) is None
    assert history.forward() == Written("hex", "02")
    assert history.forward() == Written("text", "dra")
    assert history.forward() is None


def test_history_skips_what_still_stands_in_the_editor() -> None:
    history = SendHistory()
    history.add(Written("text", "one"))
    history.add(Written("text", "two"))
    assert history.back(Written("text", "two")) == Written("text", "one")


def test_history_of_nothing() -> None:
    history = SendHistory()
    assert history.back(Written("text", "")) is None
    assert history.forward() is None
    history.add(Written("text", ""))
    history.add(Written("text", "x" * (LONGEST + 1)))
    assert history.lines == []


def test_history_is_bounded_and_remembers_a_repetition_once() -> None:
    history = SendHistory()
    for number in range(MOST + 50):
        history.add(Written("text", str(number)))
        history.add(Written("text", str(number)))
    assert len(history.lines) == MOST
    assert history.lines[0] == "text:50"


def test_editing_a_recalled_text_starts_over() -> None:
    history = SendHistory()
    for text in ("one", "two", "three"):
        history.add(Written("text", text))
    history.back(Written("text", ""))
    history.back(Written("text", "three"))
    history.leave()
    assert history.back(Written("text", "two!")) == Written("text", "three")
    assert history.forward() == Written("text", "two!")


def test_history_survives_the_settings() -> None:
    history = SendHistory()
    history.add(Written("python", "b'a:b'"))
    history.add(Written("text", "plain"))
    again = SendHistory()
    again.load([*history.lines, "no mode: here"])
    assert again.lines == ["python:b'a:b'", "text:plain", "text:no mode: here"]
    assert again.back(Written("text", "")) == Written("text", "no mode: here")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize(
    ("mode", "text", "meant"),
    [("text", "ab", "ab\r\n"), ("text", r"a\nb", "a\nb\r\n"), ("text", "", "\r\n"), ("python", '"ab"', "ab\r\n")],
)
def test_a_byte_order_mark_stands_at_the_front_only(encoding: str, mode: Mode, text: str, meant: str) -> None:
    composer = Composer(mode, encoding)
    composer.edit(text)
    out = composer.outgoing(None, "CRLF")
    assert out.data == meant.encode(encoding)
    assert out.size + out.ending == len(out.data)


def test_hex_gets_an_ending_without_a_byte_order_mark() -> None:
    composer = Composer("hex", "utf-16")
    composer.edit("61 00")
    mark = len("".encode("utf-16"))
    assert composer.outgoing(None, "LF").data == b"a\0" + "\n".encode("utf-16")[mark:]
