"""The row of controls above the chunk ruler: whose stream, in which direction, how far zoomed, as a table or not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QToolButton, QWidget

from explorer.ui.theme import Theme
from explorer.ui.widgets.connection_box import ConnectionBox
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.segmented import SegmentedButtons

UP, DOWN = "up", "down"
"""From the end that connected to the one that accepted, and back."""
ARROW = " → "
LONGEST = 20  # characters of a socket's name that are shown


class RulerHeader(QWidget):
    """Its signals are those of its controls.

    connections: whose stream. newest: stay with the newest bytes. as_table: show the table. happen: show what makes it
    happen.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.connections = ConnectionBox()
        label = QLabel("Connection:")
        label.setBuddy(self.connections)
        self.direction = SegmentedButtons("Direction", ((UP, "client → server"), (DOWN, "server → client")), theme)
        self.zoom_out = _button("−", "Zoom out", "Show more bytes, less of each (−)")
        self.zoom_in = _button("+", "Zoom in", "Show fewer bytes, more of each (+, or Ctrl and the wheel)")
        self.fit = _button("Show all", "", "The whole stream, however long it gets (0)")
        self.newest = _box("Newest", "Stay with the newest bytes")
        self.as_table = _box("Table", "The same as a table, with exact numbers")
        self.happen = _box("Make it happen", "Cut sends, pause and read slowly on purpose")
        line = FlowLayout(self, gap=8, line_gap=2)
        for widget in (
            label, self.connections, self.direction, self.zoom_out, self.zoom_in, self.fit, self.newest, self.as_table,
            self.happen,
        ):  # fmt: skip
            line.addWidget(widget)

    def show_directions(self, titles: tuple[str, str], way: str) -> None:
        """What the two are called, and which is shown."""
        for one, title in zip((UP, DOWN), titles, strict=True):
            button = self.direction.button(one)
            button.setText(short_title(title).replace("&", "&&"))  # a single one would make the next letter a key
            button.setToolTip(title)
        self.direction.choose(way)

    def show_table(self, shown: bool) -> None:
        """A table has no zoom."""
        for widget in (self.zoom_out, self.zoom_in, self.fit, self.newest):
            widget.setEnabled(not shown)

    def refuse_happen(self, why: str) -> None:
        """Nothing can be made to happen."""
        self.happen.setEnabled(False)
        self.happen.setToolTip(why)


def short_title(title: str) -> str:
    """``client → a very lon…e of it``: of each name its beginning and its end, where an address has its port."""
    half = LONGEST // 2 - 1
    return ARROW.join(
        name if len(name) <= LONGEST else f"{name[: half + 1]}…{name[-half:]}" for name in title.split(ARROW)
    )


def _button(text: str, name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    if name:
        button.setAccessibleName(name)
    return button


def _box(text: str, tip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)  # as high as its line
    return box
