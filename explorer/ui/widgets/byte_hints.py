"""What a byte view says about the place under the mouse: it asks, and whoever knows answers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

CALL_LEGEND = "a thin grey tick at the left of the first byte that each recv or send carried"
MESSAGE_LEGEND = "a corner at the upper left of the first byte of each message, and one at the lower right of its last"


@dataclass(slots=True)
class Hint:
    """offset: the byte that is pointed at. text: what is to be said of it."""

    offset: int
    text: str = ""


def show_hint(view: QAbstractScrollArea, event: QHelpEvent, text: str) -> None:
    """Beside the mouse, as it is, in lines of a handy length; nothing, if there is nothing to be said."""
    if text:
        QToolTip.showText(event.globalPos(), f'<p style="white-space: pre-wrap">{escape(text)}</p>', view.viewport())
    else:
        QToolTip.hideText()
        event.ignore()


def legend_of(call_marks: bool, message_marks: bool) -> str:
    """What the marks mean that are shown, as sentences."""
    shown = [f"Call borders: {CALL_LEGEND}."] if call_marks else []
    return "\n".join([*shown, f"Message borders: {MESSAGE_LEGEND}."] if message_marks else shown)
