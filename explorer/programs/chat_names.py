"""What people in a chat may be called and say: no control characters, nothing endless, no two with one name."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 24  # characters
LONGEST_LINE = 2000  # characters that are passed on; a longer line is refused

_NOT_IN_NAMES = frozenset(":*/,")
# Marks that turn the direction of what stands behind them, on the reader's screen: nobody but their writer wants them.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(said: bytes) -> str:
    """One line of text that can be shown to anybody: what is no UTF-8 becomes U+FFFD, control characters go."""
    text = said.decode("utf-8", "replace").replace("\t", " ")
    if text.isprintable():
        return text.strip()
    kept = (one for one in text if one not in _TURNING and unicodedata.category(one) not in ("Cc", "Cs", "Zl", "Zp"))
    return "".join(kept).strip()


def key_of(name: str) -> str:
    """Two names with the same key look the same, or nearly."""
    return unicodedata.normalize("NFKC", name).casefold()


def wrong_with(name: str) -> str:
    """Why nobody can be called so, as a sentence; "" when somebody can."""
    if not name:
        return "A name needs a letter or a digit at least."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters; this one has {len(name):,}."
    if any(one.isspace() or one in _NOT_IN_NAMES for one in name) or not any(one.isalnum() for one in name):
        return "A name is one word of letters, digits and signs, without : * / and commas."
    return ""
