"""An editor for Python: line numbers, colours, blocks that indent themselves, and a mark on a line that is wrong."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from explorer.ui.theme import Theme
from explorer.ui.widgets.python_colors import PythonColors

INDENT = 4


class _Numbers(QWidget):
    """The numbers beside the lines."""

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.numbers_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_numbers(self, event)


class CodeEditor(QPlainTextEdit):
    """Tab indents, and Esc lets go of the keyboard, so that Tab is no trap. Who comes here by Tab goes on by Tab, until
    another key is pressed.

    Signal: left_wanted(): Esc was pressed.
    """

    left_wanted = Signal()

    def __init__(self, label: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wrong = 0  # a line, from 1 on
        self.setAccessibleName(label)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._colors = PythonColors(self.document(), theme)
        self._numbers = _Numbers(self)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._on_scrolled)
        self.cursorPositionChanged.connect(self._mark_lines)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    # -- showing --------------------------------------------------------------------------------

    def show_text(self, text: str) -> None:
        """Another text, without its counting as typed; the editor's own undo can take it back."""
        if text == self.toPlainText():
            return
        blocked = self.blockSignals(True)
        cursor = self.textCursor()
        place = cursor.position()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.setPosition(min(place, len(text)))
        self.setTextCursor(cursor)
        self.blockSignals(blocked)
        self._make_room()

    def mark_line(self, line: int) -> None:
        """Something is wrong in this line (from 1 on); 0: in none."""
        if line != self._wrong:
            self._wrong = line
            self._mark_lines()
            self._numbers.update()

    @property
    def marked_line(self) -> int:
        return self._wrong

    def go_to_line(self, line: int) -> None:
        """Take the keyboard, in this line (from 1 on)."""
        block = self.document().findBlockByNumber(line - 1)
        if block.isValid():
            cursor = QTextCursor(block)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            self.setTextCursor(cursor)
            self.centerCursor()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _mark_lines(self) -> None:
        marks = [self._line_mark(self.textCursor(), self._theme.colors.alternate)]
        block = self.document().findBlockByNumber(self._wrong - 1) if self._wrong else None
        if block is not None and block.isValid():
            marks.append(self._line_mark(QTextCursor(block), self._theme.colors.error_tint))
        self.setExtraSelections(marks)

    def _line_mark(self, cursor: QTextCursor, color: str) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        mark.format.setBackground(QColor(color))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        cursor.clearSelection()
        mark.cursor = cursor
        return mark

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(self._theme.mono)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * INDENT)
        self._colors.set_theme(self._theme)
        self._make_room()
        self._mark_lines()

    # -- line numbers ---------------------------------------------------------------------------

    def numbers_width(self) -> int:
        digits = max(3, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("0") * (digits + 1) + 6

    @Slot()
    def _make_room(self) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)
        self._place_numbers()

    def _place_numbers(self) -> None:
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))

    @Slot(QRect, int)
    def _on_scrolled(self, area: QRect, by: int) -> None:
        if by:
            self._numbers.scroll(0, by)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_numbers()

    def paint_numbers(self, place: QWidget, event: QPaintEvent) -> None:
        """The numbers of the lines that are seen."""
        colors = self._theme.colors
        painter = QPainter(place)
        painter.fillRect(event.rect(), QColor(colors.window))
        painter.setFont(self.font())
        block, height = self.firstVisibleBlock(), self.fontMetrics().height()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if area.top() > event.rect().bottom():
                return
            number, wrong = block.blockNumber() + 1, block.blockNumber() + 1 == self._wrong
            painter.setPen(QColor(colors.error if wrong else colors.muted))
            line = QRect(0, round(area.top()), place.width() - 6, height)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, f"⚠{number}" if wrong else str(number))
            block = block.next()

    # -- keys -----------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_tab = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.setTabChangesFocus(by_tab)
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setTabChangesFocus(False)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key != Qt.Key.Key_Shift:  # Shift may become Shift+Tab
            self.setTabChangesFocus(False)
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        if key == Qt.Key.Key_Escape:
            self.left_wanted.emit()
        elif key == Qt.Key.Key_Backtab:
            self._indent(-1)
        elif key == Qt.Key.Key_Tab and plain:
            if self.textCursor().hasSelection():
                self._indent(1)
            else:
                column = self.textCursor().positionInBlock()
                self.insertPlainText(" " * (INDENT - column % INDENT))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._new_line()
        elif key == Qt.Key.Key_Backspace and plain and self._before_is_indent():
            for _ in range((self.textCursor().positionInBlock() - 1) % INDENT + 1):
                self.textCursor().deletePreviousChar()
        else:
            super().keyPressEvent(event)

    def _before_is_indent(self) -> bool:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        return not cursor.hasSelection() and bool(before) and not before.strip(" ")

    def _new_line(self) -> None:
        """As deep as the line before; one deeper behind a colon, one less behind what ends a block."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        bare = before.strip()
        depth = len(before) - len(before.lstrip(" "))
        if bare.partition("#")[0].rstrip().endswith(":"):
            depth += INDENT
        elif bare.split(" ")[0] in ("return", "pass", "break", "continue", "raise"):
            depth = max(0, depth - INDENT)
        self.insertPlainText("\n" + " " * depth)
        self.ensureCursorVisible()

    def _indent(self, by: int) -> None:
        """Move the chosen lines by one step to the right (1) or to the left (-1)."""
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart())
        last = document.findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - 1))
        edit = QTextCursor(document)
        edit.beginEditBlock()
        block = first
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            edit.setPosition(block.position())
            if by > 0 and block.text().strip():
                edit.insertText(" " * INDENT)
            elif by < 0:
                text = block.text()
                for _ in range(min(INDENT, len(text) - len(text.lstrip(" ")))):
                    edit.deleteChar()
            block = block.next()
        edit.endEditBlock()
