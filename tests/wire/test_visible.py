"""What cannot be seen is shown."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.visible import visible, visible_text


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


@given(st.text())
def test_nothing_hidden_is_left(text: str) -> None:
    shown = visible_text(text)
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert len(shown) >= len(text)
