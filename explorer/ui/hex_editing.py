"""Bytes under a text cursor, as a hex editor holds them: typing digits, inserting, overwriting, deleting. No Qt.

The cursor stands between bytes, as in a text editor: 0 is before the first one, `size` behind the last. A byte
has two digits; while only one is typed it is `pending` and no byte changes, so that half a byte is never sent.
"""

from __future__ import annotations

from typing import Literal

from explorer.ui.written import common_start


def changed_end(before: bytes, after: bytes) -> int:
    """Where in `after` that ends which is another than before."""
    start = common_start(before, after)
    return len(after) - common_start(before[start:][::-1], after[start:][::-1])


Side = Literal["hex", "text"]
DIGITS = frozenset("0123456789abcdefABCDEF")


class HexEditing:
    """data: the bytes. cursor: where typing goes. pending: "" or the first digit of a byte whose second is missing.

    overwrite: typing takes the place of the bytes behind the cursor. side: the column that is typed into.
    """

    def __init__(self) -> None:
        self.data = b""
        self.cursor = 0
        self.pending = ""
        self.overwrite = False
        self.side: Side = "hex"
        self._anchor = 0  # equal to the cursor where nothing is selected

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def selection(self) -> tuple[int, int]:
        """The first selected byte and the one behind the last; both the cursor where nothing is selected."""
        return min(self._anchor, self.cursor), max(self._anchor, self.cursor)

    @property
    def selected(self) -> bytes:
        start, stop = self.selection
        return self.data[start:stop]

    # -- moving -----------------------------------------------------------------------------------

    def load(self, data: bytes, cursor: int | None = None) -> None:
        """Other bytes, changed elsewhere. cursor None: it stays, as far as there are bytes.

        Half a byte stays where it is among the bytes around it: what was typed is not lost.
        """
        if data == self.data and cursor is None:
            return
        pending = self.pending if cursor is None else ""
        if pending and common_start(self.data, data) < self.cursor:
            self.cursor += len(data) - len(self.data)
        self.data = data
        self.move(self.cursor if cursor is None else cursor)
        self.pending = pending

    def move(self, to: int, extend: bool = False) -> None:
        """Go to a place, beyond the ends means to them. extend: select from where the selection began."""
        self.pending = ""
        self.cursor = max(0, min(to, self.size))
        if not extend:
            self._anchor = self.cursor
        self._anchor = min(self._anchor, self.size)

    def select(self, start: int, stop: int) -> None:
        """Select `start` … `stop` - 1 and stand behind them."""
        self.move(start)
        self.move(stop, extend=True)

    # -- editing: each says whether the bytes changed -----------------------------------------------

    def digit(self, character: str) -> bool:
        """One hex digit (of DIGITS): the first waits, the second makes a byte of both."""
        if not self.pending:
            self.pending = character
            return False
        return self.put(bytes([int(self.pending + character, 16)]))

    def put(self, data: bytes) -> bool:
        """Put bytes in the place of the selection, else (overwrite) of as many bytes, else between two."""
        before = self.data
        start, stop = self.selection
        if start == stop and self.overwrite:
            stop = min(start + len(data), self.size)
        self._replace(start, stop, data)
        return self.data != before

    def erase_back(self) -> bool:
        """Backspace: a pending digit, else the selection, else the byte before the cursor."""
        if self.pending:
            self.pending = ""
            return False
        start, stop = self.selection
        return self._erase(start - 1 if start == stop else start, stop)

    def erase_forward(self) -> bool:
        """Delete: a pending digit, else the selection, else the byte behind the cursor."""
        if self.pending:
            self.pending = ""
            return False
        start, stop = self.selection
        return self._erase(start, stop + 1 if start == stop else stop)

    def clear(self) -> bool:
        return self._erase(0, self.size)

    def _erase(self, start: int, stop: int) -> bool:
        start, stop = max(0, start), min(stop, self.size)
        if start >= stop:
            return False
        self._replace(start, stop, b"")
        return True

    def _replace(self, start: int, stop: int, data: bytes) -> None:
        self.data = self.data[:start] + data + self.data[stop:]
        self.move(start + len(data))
