"""What was looked for, to be called back with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.ui.history import History
from explorer.wire.patterns import KINDS

MOST = 50  # entries
LONGEST = 1000  # characters; a longer pattern is not remembered

Entry = tuple[str, str]
"""A kind's name and what was typed."""


class FindHistory(History[Entry]):
    """Each entry stands in it once."""

    def __init__(self) -> None:
        super().__init__((KINDS[0].name, ""))

    def add(self, entry: Entry) -> None:
        """Remember what was looked for as the newest."""
        if entry[1] and len(entry[1]) <= LONGEST:
            self._take([*(one for one in self._entries if one != entry), entry][-MOST:])
        self.leave()

    @property
    def lines(self) -> list[str]:
        """For the settings: ``hex:48 ??``."""
        return [f"{kind}:{typed}" for kind, typed in self._entries]

    def load(self, lines: Iterable[str]) -> None:
        """Take the place of all entries; lines of unknown kinds are left out."""
        self._take(())
        known = {kind.name for kind in KINDS}
        for line in lines:
            kind, colon, typed = line.partition(":")
            if colon and kind in known:
                self.add((kind, typed))
