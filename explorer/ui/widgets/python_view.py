"""A Python script to look at: line numbers and colours, and a mark on the line of the call that is chosen elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from explorer.ui.theme import Theme
from explorer.ui.widgets.code_editor import CodeEditor


class PythonView(CodeEditor):
    """Read only. Tab goes on to what stands next."""

    def __init__(self, label: str, theme: Theme, parent: QWidget | None = None) -> None:
        self._call_line = 0
        super().__init__(label, theme, parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    @property
    def call_line(self) -> int:
        return self._call_line

    def go_to_top(self) -> None:
        """Another script: begin to read it at its first letter. No line is marked then."""
        self.mark_call(0)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)

    def mark_call(self, line: int) -> None:
        """The chosen call is made in this line (from 1 on), which is brought into view; 0: in none."""
        if line == self._call_line:
            return
        self._call_line = line
        self._mark_lines()
        self.viewport().update()
        self._numbers.update()
        block = self.document().findBlockByNumber(line - 1)
        if line and block.isValid() and not self._is_seen(line):
            cursor = QTextCursor(block)
            self.setTextCursor(cursor)
            self.centerCursor()
            self.horizontalScrollBar().setValue(0)

    def _is_seen(self, line: int) -> bool:
        top = self.firstVisibleBlock().blockNumber() + 1
        rows = self.viewport().height() // max(1, self.fontMetrics().lineSpacing())
        return top <= line < top + rows

    @Slot()
    def _mark_lines(self) -> None:
        block = self.document().findBlockByNumber(self._call_line - 1)
        if self._call_line and block.isValid():
            self.setExtraSelections([self._line_mark(QTextCursor(block), self._theme.colors.hit)])
        else:
            self.setExtraSelections([])

    def paint_numbers(self, place: QWidget, event: QPaintEvent) -> None:
        super().paint_numbers(place, event)
        block = self.document().findBlockByNumber(self._call_line - 1)
        if not self._call_line or not block.isValid():
            return
        area = self.blockBoundingGeometry(block).translated(self.contentOffset())
        painter = QPainter(place)
        painter.setFont(self.font())
        painter.setPen(QColor(self._theme.colors.accent))
        mark = QRect(2, round(area.top()), place.width(), self.fontMetrics().height())
        painter.drawText(mark, Qt.AlignmentFlag.AlignLeft, "▸")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left_wanted.emit()
        else:
            QPlainTextEdit.keyPressEvent(self, event)
