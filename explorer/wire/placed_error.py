"""The error of what was typed into the composer: a sentence, and the place of the mistake."""

from __future__ import annotations

from explorer.core.errors import InputError


class PlacedError(InputError):
    """Typed text that cannot be turned into bytes.

    position: index of the first wrong character, from 0; the sentence counts from 1, as people do.
    reason: the sentence without the place.
    """

    def __init__(self, position: int, message: str) -> None:
        super().__init__("", f"Character {position + 1}: {message}")
        self.position = position
        self.reason = message

    def moved(self, by: int) -> PlacedError:
        """The same mistake where the text stands `by` characters further on in a longer one."""
        return PlacedError(self.position + by, self.reason)
