"""What cannot be seen is shown."""

from __future__ import annotations

import time
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.escapes import parse_escaped
from explorer.wire.formats import find_format
from explorer.wire.formats.json import _ESCAPES
from explorer.wire.visible import _KEPT, _TABLES, is_seen, visible, visible_text
from tests.fakes.untraced import untraced


def test_every_byte_has_one_character() -> None:
    column = visible(bytes(range(256)))
    assert len(column) == 256
    assert column[0x20:0x7F] == bytes(range(0x20, 0x7F)).decode()
    assert set(column[:0x20] + column[0x7F:]) == {"·"}
    assert visible(memoryview(b"a\0")) == "a·"


def test_controls_become_pictures_and_hidden_characters_their_codes() -> None:
    assert visible_text("a\0\n\r\x1b\x7f") == "a␀␊␍␛␡"
    assert visible_text("pay\u202efdp.exe") == "pay<U+202E>fdp.exe"
    assert visible_text("a\u200bb\ufeff\ufe0f\u2028\x85") == "a<U+200B>b<U+FEFF><U+FE0F><U+2028><U+0085>"


def test_text_that_shows_itself_stays() -> None:
    assert visible_text("plain") == "plain"
    assert visible_text("naïve €  😀 עברית") == "naïve €  😀 עברית"
    assert visible_text("") == ""


def test_escapes_are_what_the_composer_reads() -> None:
    shown = visible_text("a\\b\r\n\t\0\x1b\x7f pay\u202efdp", "escapes")
    assert shown == r"a\\b\r\n\t\0\x1b\x7f pay\u{202e}fdp"
    assert visible_text("a/b", "escapes") == "a/b"


@given(st.text())
def test_escapes_can_be_read_back(text: str) -> None:
    shown = visible_text(text, "escapes")
    assert all(is_seen(character) for character in shown)
    data = text.encode("utf-8", "replace").decode("utf-8")
    assert parse_escaped(visible_text(data, "escapes"), "utf-8") == data.encode()


def test_long_text_is_made_visible_quickly() -> None:
    text = "Grüße 日本語 \r\n\u202e" * 20_000
    with untraced():
        begin = time.process_time()
        visible_text(text)
        assert time.process_time() - begin < 0.2


@given(st.text())
def test_nothing_hidden_is_left(text: str) -> None:
    shown = visible_text(text)
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert len(shown) >= len(text)


def test_tables_remember_only_so_many_characters() -> None:
    """What was never seen before is worked out all the same, and nothing grows."""
    text = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 20_000))
    assert visible_text(text) == text
    assert visible_text(text[::-1]) == text[::-1]
    for style in _TABLES.values():
        assert len(style) <= _KEPT
    assert find_format("json").render("\u9fff\x01".encode(), "utf-8") == '"\u9fff\\u0001"'
    assert find_format("json").render(text.encode(), "utf-8") == f'"{text}"'
    assert len(_ESCAPES) <= _KEPT
