"""The list of results: every place where Find found what was looked for, with what stands around it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.capture.search import MOST_HITS
from explorer.capture.span import Span
from explorer.ui.models.found_model import FoundModel
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.log_table import LogTable, copied_text
from explorer.ui.widgets.time_choice import TimeChoice
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text

EMPTY = "Every place where Find finds something appears here.\nPress Ctrl+F, write what to find, and press Enter."
NOTHING = "Not found. Look for less, in both directions, or in the whole capture: see the find bar (Ctrl+F)."
STOPPED = "The search was stopped before it found anything. Press Enter in the find bar to go on."
AGAIN = 50  # milliseconds
_LONGEST = 40  # characters of what was looked for
_AS_HEX = ("hex", "number")


class FoundPane(QWidget):
    """A row that is chosen is selected in the whole window, and the hit that Find goes to is selected here."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._finder = workbench.finder
        self._theme = theme
        self._shown: object = None  # the search whose hits are shown
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(AGAIN)
        self._later.timeout.connect(self._on_hits)
        self.model = FoundModel(workbench.reader, workbench.catalog, partial(encoding_of, workbench), self)
        self.table = LogTable(self.model, theme, follows=False)
        self.table.setAccessibleName("Results of Find")
        self.status = QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setWordWrap(True)
        self.status.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of Find")
        self.bar.setMaximumWidth(120)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAccessibleName("Cancel Find")
        self.cancel_button.clicked.connect(self._finder.cancel)
        self.clear_button = QPushButton("Clear")
        self.clear_button.setAccessibleName("Clear the results of Find")
        self.clear_button.setToolTip("Empty this list, and take the marks out of the bytes")
        self.clear_button.clicked.connect(self._finder.clear)
        self.times = TimeChoice()
        line = QWidget()
        flow = FlowLayout(line, gap=8, line_gap=3)
        for widget in (self.status, self.bar, self.cancel_button, self.times, self.clear_button):
            flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 0)
        column.setSpacing(4)
        column.addWidget(line)
        column.addWidget(self.table, 1)
        self._connect()
        self._on_changed()

    def _connect(self) -> None:
        bench = self._workbench
        self.times.style_chosen.connect(self.model.set_time_style)
        self.table.chosen.connect(self._on_chosen)
        self.table.copied.connect(self._on_copied)
        self.table.activated.connect(self._on_enter)
        self._finder.changed.connect(self._on_changed)
        self._finder.hits_changed.connect(self._on_hits)
        bench.selection.span_changed.connect(self._on_span)
        bench.socket_changed.connect(self.model.repaint)  # its encoding may be another
        self._theme.changed.connect(self._on_theme)
        self._on_theme()

    def focus_first(self) -> None:
        """Take the keyboard, in the table."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_hits()
        self._show_current()

    # -- what is shown --------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        """Another search, or it began, was stopped, or came to its end."""
        finder = self._finder
        if finder.search is not self._shown:
            self._shown = finder.search
            as_hex = finder.wanted is not None and finder.wanted.kind in _AS_HEX
            self.model.show(self._workbench.reader, self._workbench.catalog, finder.search, as_hex)
        had_focus = self.cancel_button.hasFocus()
        self.bar.setVisible(finder.searching)
        self.cancel_button.setVisible(finder.searching)
        self.clear_button.setEnabled(finder.search is not None)
        if had_focus and not finder.searching:
            self.focus_first()
        self._tell()

    @Slot()
    def _on_hits(self) -> None:
        if not self.isVisible():
            return
        there = self.model.rowCount()
        if not self.model.refresh():
            self.table.take_new()
        if self.model.rowCount() < self.model.available():  # a table lets some frames pass while rows rush by
            self._later.start()
        if self.model.rowCount() != there:
            self._reveal_current()
        self._tell()

    def _tell(self) -> None:
        finder = self._finder
        self.bar.setValue(finder.percent)
        text, hint = "", EMPTY
        if finder.search is not None and finder.wanted is not None:
            typed = visible_text(finder.wanted.typed)
            typed = typed if len(typed) <= _LONGEST else typed[:_LONGEST] + "…"
            hits = count_text(finder.count, "hit")
            if finder.searching:
                text = hint = f"{hits} of “{typed}” · searching… {finder.percent} %"
            elif finder.problem:
                text = hint = finder.problem
            elif finder.stopped:
                text, hint = f"{hits} of “{typed}” · stopped", STOPPED
            elif finder.search.limited:
                text = f"The first {hits} of “{typed}”; no more than {MOST_HITS:,} are kept"
            else:
                text, hint = f"{hits} of “{typed}”", NOTHING
        if text != self.status.text():
            self.status.setText(text)
        self.table.set_hint(hint)

    @Slot()
    def _on_theme(self) -> None:
        self.status.setStyleSheet(f"color: {self._theme.colors.muted}")

    # -- choosing -------------------------------------------------------------------------------

    @Slot(int, int)
    def _on_chosen(self, first: int, last: int) -> None:
        """One row is gone to; more are chosen to be copied."""
        hit = self.model.hit(first)
        if first == last and hit is not None:
            self._finder.choose(hit)

    @Slot()
    def _on_enter(self) -> None:
        """To the selected row's hit, or back to the one gone to last."""
        row = self.table.currentIndex().row()
        if not self.table.selected_rows() and (last := self._finder.index_of(self._finder.current)) >= 0:
            row = last
        self._on_chosen(row, row)

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        self._show_current()

    def _show_current(self) -> None:
        """Select the row of the hit that is selected in the window, if that is one; else none."""
        if not self._reveal_current():
            self.table.forget()

    def _reveal_current(self) -> bool:
        hit, span = self._finder.current, self._workbench.selection.span
        index = self._finder.index_of(hit)
        if hit is None or hit.span != span or not 0 <= index < self.model.rowCount():
            return False
        self.table.reveal([range(index, index + 1)])
        return True

    @Slot(int, int)
    def _on_copied(self, copied: int, selected: int) -> None:
        if copied < selected:
            self._workbench.notice(copied_text(copied, selected), key="copied")
