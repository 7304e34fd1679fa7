"""Asks for an offset in the stream that is shown, in decimal or hex, and goes there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.core.errors import InputError
from explorer.ui.theme import Theme
from explorer.ui.widgets.typing_bar import TypingBar


def parse_offset(text: str, size: int) -> int:
    """A byte's offset in a stream of `size` bytes: ``500``, ``1,000`` or ``0x1F4``. Raises InputError."""
    bare = "".join(text.split()).replace(",", "").replace("_", "").lower()
    if not bare:
        raise InputError("offset", "Write an offset: 500, or 0x1F4 in hex.")
    digits, base = (bare[2:], 16) if bare.startswith("0x") else (bare, 10)
    known = "0123456789abcdef"[:base]
    if not digits or any(digit not in known for digit in digits):
        if not bare.startswith("0x") and all(digit in "0123456789abcdef" for digit in bare):
            raise InputError("offset", f"{text.strip()!r} is no decimal number; as hex, write 0x{bare}.")
        raise InputError("offset", f"{text.strip()!r} is not an offset. Write 500, or 0x1F4 in hex.")
    offset = int(digits[:20], base)
    if offset >= size:
        if not size:
            raise InputError("offset", "There are no bytes here yet to go to.")
        raise InputError(
            "offset", f"Offset {offset:,} is beyond the end; the last byte is at {size - 1:,} (0x{size - 1:X})."
        )
    return offset


class GotoBar(TypingBar):
    """Signal: chosen(object): go to this offset."""

    chosen = Signal(object)  # an int that may be larger than a C int

    def __init__(self, theme: Theme, size: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(theme, "Go to offset:", "500 or 0x1F4", "Close Go to offset", parent)
        self._size = size
        self.go_button = self._button("Go", "Go there (Enter)", self.go)
        self._add(self.go_button)
        self._add_space(3)

    def _enter(self, backwards: bool) -> None:
        self.go()

    @Slot()
    def go(self) -> None:
        """Go to what is typed, or say what is wrong with it."""
        try:
            offset = parse_offset(self.field.text(), self._size())
        except InputError as error:
            self._say_problem(error.message)
            return
        self._say_problem("")
        self.chosen.emit(offset)
