"""The editor of the composer: one line that grows to six, Enter sends, arrows go through what was sent."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from explorer.ui.theme import Theme
from explorer.ui.written import Mode, pasted

MOST_LINES = 6
LONGEST_PASTE = 1 << 16  # characters; a longer text would make every key press slow

_NEW_LINE = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
_PLAIN = Qt.KeyboardModifier.KeypadModifier


class ComposerEdit(QPlainTextEdit):
    """Signals:
    submitted(): Enter. back_wanted(), forward_wanted(): the arrows at the first and last line.
    paste_refused(str): what was pasted is too long, as a sentence.
    """

    submitted = Signal()
    back_wanted = Signal()
    forward_wanted = Signal()
    paste_refused = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.mode: Mode = "text"
        self._wrong = -1
        self.setAccessibleName("Message to send")
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(3)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    # -- the text -------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The text itself; unlike toPlainText, a no-break space stays one."""
        return self.document().toRawText().replace("\u2029", "\n")

    def show_text(self, text: str) -> None:
        """Another text, which undo does not cross: it is another way of writing, or was recalled."""
        if text != self.text:
            self.setPlainText(text)
            self.moveCursor(QTextCursor.MoveOperation.End)

    def mark(self, position: int | None) -> None:
        """Underline the character at this index (of Python's string) as wrong; None: nothing is wrong."""
        self._wrong = -1 if position is None else position
        selections = []
        if position is not None:
            text = self.text
            start = len(text[:position].encode("utf-16-le", "surrogatepass")) // 2
            selection = QTextEdit.ExtraSelection()
            cursor = self.textCursor()
            last = max(0, self.document().characterCount() - 1)
            cursor.setPosition(min(start, last))
            cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, QTextCursor.MoveMode.KeepAnchor)
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            style.setUnderlineColor(QColor(self._theme.colors.error))
            style.setBackground(QColor(self._theme.colors.error_tint))
            selection.cursor, selection.format = cursor, style
            selections.append(selection)
        self.setExtraSelections(selections)

    def clear_text(self) -> None:
        """Empty it; undo brings the text back."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.removeSelectedText()

    # -- keys and pasting -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        plain = not modifiers & ~_PLAIN
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if plain:
                self.submitted.emit()
            elif modifiers & _NEW_LINE:
                self.insertPlainText("\n")
            event.accept()
        elif key == Qt.Key.Key_Escape and plain and self.document().characterCount() > 1:
            self.clear_text()
            event.accept()
        elif key == Qt.Key.Key_Up and plain and self._at_edge(QTextCursor.MoveOperation.Up):
            self.back_wanted.emit()
        elif key == Qt.Key.Key_Down and plain and self._at_edge(QTextCursor.MoveOperation.Down):
            self.forward_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _at_edge(self, way: QTextCursor.MoveOperation) -> bool:
        return not QTextCursor(self.textCursor()).movePosition(way)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not source.hasText():
            return
        text = source.text()
        if len(text) > LONGEST_PASTE:
            self.paste_refused.emit(
                f"That text has {len(text):,} characters, too many for a message; save it and use Send file."
            )
            return
        self.textCursor().insertText(pasted(self.mode, text))
        self.ensureCursorVisible()

    # -- size and looks -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        # The layout of a plain text document measures its height in lines.
        lines = min(max(1, round(self.document().size().height())), MOST_LINES)
        margins = 2 * (self.document().documentMargin() + self.frameWidth())
        return QSize(200, round(lines * self.fontMetrics().lineSpacing() + margins) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    @Slot()
    def _fit(self) -> None:
        high = self.sizeHint().height()
        if high != self.height():
            self.updateGeometry()
        full = self.document().size().height() > MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(self._theme.mono)
        self.mark(None if self._wrong < 0 else self._wrong)
        self._fit()
