"""What was sent, as it was typed, to be called back with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.ui.written import MODES, Mode

MOST = 200  # entries
LONGEST = 65_536  # characters; a longer text is not remembered

Entry = tuple[Mode, str]


class SendHistory:
    """Entries, oldest first, and a place among them. Behind the newest stands what was being typed."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._place = 0
        self._typed: Entry = ("text", "")

    def add(self, mode: Mode, text: str) -> None:
        """Remember what was sent; the same again right after is remembered once."""
        entry: Entry = (mode, text)
        if text and len(text) <= LONGEST and (not self._entries or self._entries[-1] != entry):
            self._entries.append(entry)
            del self._entries[:-MOST]
        self._place = len(self._entries)

    def back(self, mode: Mode, text: str) -> Entry | None:
        """The entry before, where there is one. mode, text: what stands in the editor now."""
        if self._place >= len(self._entries):
            self._typed = (mode, text)
            self._place = len(self._entries)
            # What was just sent still stands in the editor: the one before it is wanted.
            if self._entries and self._entries[-1] == (mode, text):
                self._place -= 1
        if self._place == 0:
            return None
        self._place -= 1
        return self._entries[self._place]

    def forward(self) -> Entry | None:
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
        """For the settings: one string an entry, its way of writing in front: ``hex:48 65``."""
        return [f"{mode}:{text}" for mode, text in self._entries]

    def load(self, lines: Iterable[str]) -> None:
        """Take the place of all entries. A string without a known way of writing is text."""
        self._entries = []
        for line in lines:
            name, colon, text = line.partition(":")
            mode: Mode | None = next((known for known in MODES if known == name), None)
            if colon and mode is not None:
                self.add(mode, text)
            else:
                self.add("text", line)
        self._place = len(self._entries)
