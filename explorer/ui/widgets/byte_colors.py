"""Which colour each byte of a view is painted in: one number a byte, worked out in slices."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtGui import QColor

from explorer.ui.theme import Colors
from explorer.ui.widgets.byte_scene import View


class Ink(IntEnum):
    """The colours of characters."""

    SENT = 0
    RECEIVED = 1
    SELECTED = 2


def inks_of(view: View) -> bytes:
    """An `Ink` for each byte of the window."""
    window = view.window
    start, size = window.start, len(window.data)
    inks = bytearray(size)
    for run in window.runs:
        inks[run.start - start : run.stop - start] = bytes([run.received]) * (run.stop - run.start)
    for low, high in view.selection:
        low, high = max(low - start, 0), min(high - start, size)
        if low < high:
            inks[low:high] = bytes([Ink.SELECTED]) * (high - low)
    return bytes(inks)


def ink_colors(colors: Colors) -> dict[Ink, QColor]:
    return {
        Ink.SENT: QColor(colors.sent_text),
        Ink.RECEIVED: QColor(colors.received_text),
        Ink.SELECTED: QColor(colors.on_accent),
    }
