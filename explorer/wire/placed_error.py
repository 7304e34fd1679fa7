"""The error of what was typed into the composer: a sentence, and the place of the mistake."""

from __future__ import annotations

from explorer.core.errors import InputError


class PlacedError(InputError):
    """Typed text that cannot be turned into bytes.

    position: index of the first wrong character, from 0; the sentence counts from 1, as people do.
    """

    def __init__(self, position: int, message: str) -> None:
        super().__init__("", f"Character {position + 1}: {message}")
        self.position = position
