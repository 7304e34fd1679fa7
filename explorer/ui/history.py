"""Entries that are called back with the arrow keys: what was sent, what was looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class History(Generic[Entry]):
    """Entries, oldest first, and a place among them. Behind the newest stands what is being typed."""

    def __init__(self, typed: Entry) -> None:
        self._entries: Sequence[Entry] = ()
        self._place = 0
        self._typed = typed

    def back(self, now: Entry) -> Entry | None:
        """The entry before, where there is one. now: what stands in the editor now."""
        if self._place >= len(self._entries):
            self._typed = now
            self._place = len(self._entries)
            # What was just taken still stands in the editor: the one before it is wanted.
            if self._entries and self._entries[-1] == now:
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
        """Something was typed: the next step back starts at the newest entry."""
        self._place = len(self._entries)

    def _take(self, entries: Sequence[Entry]) -> None:
        """Have these, and stand behind the newest."""
        self._entries = entries
        self.leave()
