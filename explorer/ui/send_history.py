"""What was sent, as it was typed, to be called back with the arrow keys."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.snippet import MODES, Mode
from explorer.ui.history import History
from explorer.ui.written import Written

MOST = 200  # entries
LONGEST = 65_536  # characters; a longer text is not remembered
_FIELDS = "+fields"  # behind the way of writing


class SendHistory(History[Written]):
    """The same sent twice in a row is one entry."""

    def __init__(self) -> None:
        super().__init__(Written("text"))

    def add(self, entry: Written) -> None:
        """Remember what was sent."""
        if entry.text and len(entry.text) <= LONGEST and (not self._entries or self._entries[-1] != entry):
            self._take([*self._entries, entry][-MOST:])
        self.leave()

    @property
    def lines(self) -> list[str]:
        """For the settings: an entry is one string with its way of writing: ``hex:48``, ``text+fields:{{time}}``."""
        return [f"{one.mode}{_FIELDS if one.fields else ''}:{one.text}" for one in self._entries]

    def load(self, lines: Iterable[str]) -> None:
        """Take the place of all entries. A string without a known way of writing is text."""
        self._take(())
        for line in lines:
            name, colon, text = line.partition(":")
            plain_name = name.removesuffix(_FIELDS)
            mode: Mode | None = next((known for known in MODES if known == plain_name), None)
            if colon and mode is not None:
                self.add(Written(mode, text, name != plain_name))
            else:
                self.add(Written("text", line))
