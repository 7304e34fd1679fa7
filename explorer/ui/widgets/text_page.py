"""The text view as a page of the byte pane: above it, how the text is to be read and shown."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QScrollBar, QVBoxLayout, QWidget

from explorer.capture.stream import Ranges, Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets import text_accessible
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.encoding_choice import EncodingChoice
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.widgets.text_view import TextView
from explorer.wire.visible import Style

STYLES: tuple[tuple[Style, str], ...] = (("symbols", "Symbols"), ("escapes", r"Escapes \r\n"))


class TextPage(QWidget):
    """Signals:
    selected(): the user moved the cursor or selected other bytes.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    marking(TextMarks), hint_wanted(Hint): as of the view.

    Until the user chooses an encoding, it is that of the socket.
    """

    selected = Signal()
    menu_requested = Signal(QPoint)
    marking = Signal(object)
    hint_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text_accessible.install()
        self.view = TextView(theme)
        self._chosen = False  # the user chose an encoding
        self.encoding_choice = EncodingChoice()
        self.encoding_choice.show_name("utf-8")
        self.style_choice = QuietCombo("Control characters")
        for style, label in STYLES:
            self.style_choice.addItem(label, style)
        self.lines = QCheckBox("&Break at line ends")
        self.lines.setChecked(True)
        self.lines.setToolTip("Begin a new row behind every line end. Off: text runs on, with line ends shown amid it")
        self.wrap = QCheckBox("&Wrap long lines")
        self.wrap.setChecked(True)
        self.wrap.setToolTip("Go on in the next row where a line is wider than the view. Off: scroll sideways")
        bar = QWidget()
        bar.setObjectName("text-options")
        flow = FlowLayout(bar, gap=14, line_gap=2)
        flow.setContentsMargins(0, 2, 0, 4)
        flow.addWidget(_labelled("E&ncoding:", self.encoding_choice))
        flow.addWidget(_labelled("&Control characters:", self.style_choice))
        flow.addWidget(self.lines)
        flow.addWidget(self.wrap)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.view, 1)
        make_choosable(self)
        self.encoding_choice.activated.connect(self._on_encoding)
        self.style_choice.currentIndexChanged.connect(self._on_options)
        self.lines.toggled.connect(self._on_options)
        self.wrap.toggled.connect(self._on_options)
        self.view.selected.connect(self.selected)
        self.view.menu_requested.connect(self.menu_requested)
        self.view.marking.connect(self.marking)
        self.view.hint_wanted.connect(self.hint_wanted)
        self.view.moved.connect(self._on_moved)

    # -- what the byte pane asks of a page ----------------------------------------------------------

    @property
    def ranges(self) -> Ranges:
        """What the user selected."""
        return self.view.ranges

    @property
    def cursor_offset(self) -> int:
        return self.view.cursor_offset

    def set_stream(self, stream: Stream | None, rows: object = None) -> None:
        """Show another stream, with nothing selected. The rows of the byte view are not those of text."""
        if stream is not self.view.stream:
            self.view.set_stream(stream)
        else:
            self.view.clear_selection(by_user=False)

    @property
    def scroll_bar(self) -> QScrollBar:
        return self.view.verticalScrollBar()

    @property
    def seen(self) -> tuple[int, int]:
        """The first position that is seen, and the one behind the last."""
        rows = self.view.shown_rows()
        return (rows[0].start, rows[-1].stop) if rows else (0, 0)

    def refresh(self, rows: object = None) -> None:
        self.view.refresh()

    def select_ranges(self, ranges: Ranges) -> None:
        self.view.refresh()
        self.view.select_ranges(ranges)

    def put_cursor(self, offset: int) -> None:
        self.view.refresh()
        self.view.put_cursor(offset)

    def update_marks(self) -> None:
        """Other marks are to be shown."""
        self.view.viewport().update()

    def set_encoding(self, name: str) -> None:
        """The socket's encoding, which is taken unless the user chose one."""
        if not self._chosen:
            self.encoding_choice.show_name(name)
            self.view.set_encoding(name)

    def focus_first(self) -> None:
        """Take the keyboard."""
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- options ------------------------------------------------------------------------------------

    @property
    def choices(self) -> dict[str, object]:
        """How text is shown, to be remembered."""
        return {
            "wrap": self.wrap.isChecked(),
            "lines": self.lines.isChecked(),
            "style": self.style_choice.currentData(),
        }

    def set_choices(self, choices: Mapping[str, object]) -> None:
        """Show text as it was remembered; what makes no sense is left out."""
        for box, name in ((self.wrap, "wrap"), (self.lines, "lines")):
            if isinstance(on := choices.get(name), bool):
                box.setChecked(on)
        style = choices.get("style")
        if isinstance(style, str) and (at := self.style_choice.findData(style)) >= 0:
            self.style_choice.setCurrentIndex(at)

    @Slot()
    def _on_encoding(self) -> None:
        self._chosen = True
        self.view.set_encoding(self.encoding_choice.currentData())

    @Slot()
    def _on_options(self) -> None:
        self.view.set_options(self.wrap.isChecked(), self.lines.isChecked(), self.style_choice.currentData())

    @Slot()
    def _on_moved(self) -> None:
        text_accessible.announce(self.view)


def _labelled(text: str, field: QWidget) -> QWidget:
    """A field with its label on the left."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    label = QLabel(text)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field)
    return holder
