"""What was sent, as it was typed, to be called back with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.snippet import MODES, Mode
from explorer.ui.written import Written

MOST = 200  # entries
LONGEST = 65_536  # characters; a longer text is not remembered
_FIELDS = "+fields"  # behind the way of writing


class SendHistory:
    """Entries, oldest first, and a place among them. Behind the newest stands what was being typed."""

    def __init__(self) -> None:
        self._entries: list[Written] = []
        self._place = 0
        self._typed = Written("text")

    def add(self, entry: Written) -> None:
        """Remember what was sent; the same again right after is remembered once."""
        if entry.text and len(entry.text) <= LONGEST and (not self._entries or self._entries[-1] != entry):
            self._entries.append(entry)
            del self._entries[:-MOST]
        self._place = len(self._entries)

    def back(self, now: Written) -> Written | None:
        """The entry before, where there is one. now: what stands in the editor now."""
        if self._place >= len(self._entries):
            self._typed = now
            self._place = len(self._entries)
            # What was just sent still stands in the editor: the one before it is wanted.
            if self._entries and self._entries[-1] == now:
                self._place -= 1
        if self._place == 0:
            return None
        self._place -= 1
        return self._entries[self._place]

    def forward(self) -> Written | None:
        """The entry after; after the newest, what was being typed. None when that stands there already."""
        if self._place >= len(self._entries):
            return None
        self._place += 1
        return self._entries[self._place] if self._place < len(self._entries) else self._typed

    def leave(self) -> None:
        """The text was edited: the next step back starts at the newest entry."""
        self._place = len(self._entries)

    @property
    def lines(self) -> list[str]:
        """For the settings: an entry is one string with its way of writing: ``hex:48``, ``text+fields:{{time}}``."""
        return [f"{one.mode}{_FIELDS if one.fields else ''}:{one.text}" for one in self._entries]

    def load(self, lines: Iterable[str]) -> None:
        """Take the place of all entries. A string without a known way of writing is text."""
        self._entries = []
        for line in lines:
            name, colon, text = line.partition(":")
            plain_name = name.removesuffix(_FIELDS)
            mode: Mode | None = next((known for known in MODES if known == plain_name), None)
            if colon and mode is not None:
                self.add(Written(mode, text, name != plain_name))
            else:
                self.add(Written("text", line))
        self._place = len(self._entries)
