"""Which colour each byte of a view is painted in: one number a byte, worked out in slices, not byte by byte."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtGui import QColor

from explorer.ui.palettes import Colors
from explorer.ui.widgets.byte_scene import TextKind, View
from explorer.ui.widgets.byte_window import ByteWindow


class Ink(IntEnum):
    """The colours of characters."""

    SENT = 0
    RECEIVED = 1
    SELECTED = 2
    HIT = 3  # of the hit that the search stands at
    ZERO = 4
    PRINTABLE = 5
    WHITESPACE = 6
    CONTROL = 7
    HIGH = 8
    ODD = 9  # bytes that are missing, or no text, or a character that hides
    NONE = 10  # not painted


def _class_of(byte: int) -> Ink:
    if byte == 0:
        return Ink.ZERO
    if byte in b" \t\n\r\v\f":
        return Ink.WHITESPACE
    if byte < 0x20 or byte == 0x7F:
        return Ink.CONTROL
    return Ink.PRINTABLE if byte < 0x80 else Ink.HIGH


_CLASSES = bytes(_class_of(byte) for byte in range(256))
_ZEROS = bytes(0xFF if byte == 0 else 0 for byte in range(256))
_ODDS = bytes(0 if kind == TextKind.PLAIN else 0xFF for kind in range(256))


def ink_colors(colors: Colors) -> dict[int, QColor]:
    """The colour of each ink."""
    found = {
        Ink.SENT: colors.sent_text,
        Ink.RECEIVED: colors.received_text,
        Ink.SELECTED: colors.on_accent,
        Ink.HIT: colors.on_hit_now,
        Ink.ZERO: colors.zero,
        Ink.PRINTABLE: colors.printable,
        Ink.WHITESPACE: colors.whitespace,
        Ink.CONTROL: colors.control,
        Ink.HIGH: colors.high,
        Ink.ODD: colors.error,
    }
    return {int(ink): QColor(color) for ink, color in found.items()}


def directions_of(window: ByteWindow) -> bytes:
    """1 for each byte of the window that was received, 0 for each that was sent."""
    start, found = window.start, bytearray(len(window.data))
    for first, stop, received, _ in window.runs:
        if received:
            if stop - first == 1:  # there may be a thousand of them
                found[first - start] = 1
            else:
                found[first - start : stop - start] = b"\1" * (stop - first)
    return bytes(found)


def inks_of(view: View, directions: bytes) -> tuple[bytes, bytes]:
    """An `Ink` for each byte of the window, in hex and in text."""
    window = view.window
    start = window.start
    if view.mode == "class":
        inks = bytearray(window.data.translate(_CLASSES))
    else:
        inks = _with(directions, window.data.translate(_ZEROS), Ink.ZERO)  # SENT is 0, RECEIVED is 1
    texts = _with(inks, view.text.kinds.translate(_ODDS), Ink.ODD) if view.text else bytearray(inks)
    strong = [(*one, Ink.ODD) for one in window.missing]
    strong += [(*one, Ink.SELECTED) for one in view.selection]
    strong += [(*one, Ink.HIT) for one in view.hit]
    for first, stop, ink in strong:
        low, high = max(first - start, 0), min(stop - start, len(inks))
        if low < high:
            inks[low:high] = texts[low:high] = bytes([ink]) * (high - low)
    return bytes(inks), bytes(texts)


def _with(inks: bytes | bytearray, where: bytes, ink: Ink) -> bytearray:
    """`inks`, and `ink` where `where` is 255 (elsewhere it is 0)."""
    mask = int.from_bytes(where, "big")
    if not mask:
        return bytearray(inks)
    painted = mask // 0xFF * ink
    whole = int.from_bytes(inks, "big")
    return bytearray((whole ^ (whole & mask) | painted).to_bytes(len(inks), "big"))
