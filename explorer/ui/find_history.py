"""What was looked for, to be called back with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.wire.patterns import KINDS

MOST = 50  # entries
LONGEST = 1000  # characters; a longer pattern is not remembered

Entry = tuple[str, str]
"""A kind's name and what was typed."""


class FindHistory:
    """Entries, oldest first, each once, and a place among them. Behind the newest stands what is being typed."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._place = 0
        self._typed: Entry = (KINDS[0].name, "")

    def add(self, kind: str, typed: str) -> None:
        """Remember what was looked for as the newest."""
        entry = (kind, typed)
        if typed and len(typed) <= LONGEST:
            self._entries = [*(one for one in self._entries if one != entry), entry][-MOST:]
        self._place = len(self._entries)

    def back(self, kind: str, typed: str) -> Entry | None:
        """The entry before, where there is one. kind, typed: what stands in the bar now."""
        if self._place >= len(self._entries):
            self._typed = (kind, typed)
            self._place = len(self._entries)
            if self._entries and self._entries[-1] == self._typed:  # it still stands there: the one before is wanted
                self._place -= 1
        if not self._place:
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

    @property
    def lines(self) -> list[str]:
        """For the settings: ``hex:48 ??``."""
        return [f"{kind}:{typed}" for kind, typed in self._entries]

    def load(self, lines: Iterable[str]) -> None:
        """Take the place of all entries; lines of unknown kinds are left out."""
        self._entries = []
        known = {kind.name for kind in KINDS}
        for line in lines:
            kind, colon, typed = line.partition(":")
            if colon and kind in known:
                self.add(kind, typed)
        self._place = len(self._entries)
