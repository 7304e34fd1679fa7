"""Text from the clipboard as bytes for the composer."""

from __future__ import annotations

from explorer.wire.pasting import parse_any
from explorer.wire.placed_error import PlacedError

LONGEST_PASTE = 1 << 16  # characters; a longer text would make every key press slow
MOST_BYTES = LONGEST_PASTE // 4  # their text has at most four characters a byte
TOO_LONG = "That text has {:,} characters, too many for a message; save it and use Send file."
TOO_MANY = "That is {:,} bytes, too many for the editor; save them and use Send file."


def pasted_bytes(text: str, encoding: str, plain: bool = False) -> bytes | str:
    """The bytes of a pasted text in any form that bytes are copied in, or, as a sentence, why there are none.

    plain: the text itself, encoded.
    """
    if len(text) > LONGEST_PASTE * 2:
        return TOO_LONG.format(len(text))
    try:
        data = text.encode(encoding) if plain else parse_any(text, encoding)[0]
    except PlacedError as error:
        return f"What was pasted was not taken. {error.message}"
    except UnicodeEncodeError as error:
        return f"What was pasted was not taken: {text[error.start]!r} does not exist in {encoding}."
    return TOO_MANY.format(len(data)) if len(data) > MOST_BYTES else data
