"""Text from the clipboard as bytes for the composer."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.ui.written import LONGEST_TEXT
from explorer.wire.placed_error import PlacedError

LONGEST_PASTE = LONGEST_TEXT  # characters
MOST_BYTES = LONGEST_PASTE // 4  # their text has at most four characters a byte
TOO_LONG = "That text has {:,} characters, too many for a message; save it and use Send file."
TOO_MANY = "That is {:,} bytes, too many for the editor; save them and use Send file."


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was pasted. label: the form it was read as."""

    data: bytes
    label: str

    @property
    def sentence(self) -> str:
        """To be shown: a text can often be read in several ways."""
        size = len(self.data)
        return f"Pasted {size:,} {'byte' if size == 1 else 'bytes'}, read as: {self.label}."


def read_pasted(text: str, encoding: str, plain: bool = False) -> Pasted | str:
    """The bytes of a pasted text in any form that bytes are copied in, or, as a sentence, why there are none.

    plain: the text itself, encoded.
    """
    from explorer.wire.pasting import parse_any  # all that reads pasted text: not at every start

    if len(text) > LONGEST_PASTE * 2:
        return TOO_LONG.format(len(text))
    try:
        found = Pasted(text.encode(encoding), "Text") if plain else Pasted(*parse_any(text, encoding))
    except PlacedError as error:
        return f"What was pasted was not taken. {error.message}"
    except UnicodeEncodeError as error:
        return f"What was pasted was not taken: {text[error.start]!r} does not exist in {encoding}."
    return TOO_MANY.format(len(found.data)) if len(found.data) > MOST_BYTES else found
