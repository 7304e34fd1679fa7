"""Names that the user gives to sockets and snippets."""

from __future__ import annotations

from explorer.core.errors import InputError

LONGEST_NAME = 200  # characters
HALF = "There is half of a character here (U+{:04X}), which cannot be kept in a file. Delete it."


def check_whole(text: str, path: str) -> None:
    """Raise InputError at `path` when the text cannot be written in UTF-8: it has half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(path, HALF.format(ord(text[error.start]))) from None
