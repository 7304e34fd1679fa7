"""The text editor of the composer: one line that grows to six, Enter sends, arrows go through what was sent."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from explorer.core.snippet import Mode
from explorer.ui.pasting import LONGEST_PASTE, TOO_LONG, read_pasted
from explorer.ui.theme import Theme
from explorer.ui.written import common_start, pasted, too_long, write

MOST_LINES = 6
CLEARED = "Cleared. {} brings it back."

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_NEW_LINE = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
_PLAIN = Qt.KeyboardModifier.KeypadModifier


class ComposerEdit(QPlainTextEdit):
    """Undo is the composer's: it goes over all editors of the message.

    Signals:
    submitted(): Enter. back_wanted(), forward_wanted(): the arrows at the first and last line.
    undo_wanted(), redo_wanted().
    paste_refused(str): why what was pasted was not taken, as a sentence. noted(str): what was pasted as
    bytes, or cleared.
    """

    submitted = Signal()
    back_wanted = Signal()
    forward_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()
    paste_refused = Signal(str)
    noted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.mode: Mode = "text"
        self.encoding = "utf-8"
        self._most_lines = MOST_LINES
        self._wrong = -1
        self.setUndoRedoEnabled(False)
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
        """Another text. Only what differs is replaced; the cursor goes behind it."""
        before = self.text
        if text == before:
            return
        start = common_start(before, text)
        tail = common_start(before[start:][::-1], text[start:][::-1])
        cursor = self.textCursor()
        cursor.setPosition(_units(before[:start]))
        cursor.setPosition(_units(before[: len(before) - tail]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[start : len(text) - tail])
        self.setTextCursor(cursor)

    @property
    def selection(self) -> tuple[int, int]:
        """The selected characters, [first, last), as indexes of Python's string."""
        cursor, whole = self.textCursor(), self.document().toRawText()
        units = whole.encode("utf-16-le", "surrogatepass")
        first, last = cursor.selectionStart(), cursor.selectionEnd()
        return tuple(len(units[: 2 * at].decode("utf-16-le", "surrogatepass")) for at in (first, last))  # type: ignore[return-value]

    def select(self, first: int, last: int) -> None:
        """Select these characters, or put the cursor between two."""
        text, cursor = self.text, self.textCursor()
        cursor.setPosition(_units(text[:first]))
        cursor.setPosition(_units(text[:last]), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def mark(self, position: int | None) -> None:
        """Underline the character at this index (of Python's string) as wrong; None: nothing is wrong."""
        self._wrong = -1 if position is None else position
        selections = []
        if position is not None:
            text = self.text
            start = _units(text[:position])
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
            self.noted.emit(cleared())
            event.accept()
        elif key == Qt.Key.Key_Up and plain and self._at_edge(QTextCursor.MoveOperation.Up):
            self.back_wanted.emit()
        elif key == Qt.Key.Key_Down and plain and self._at_edge(QTextCursor.MoveOperation.Down):
            self.forward_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Redo) or (key == Qt.Key.Key_Y and modifiers == _CONTROL):
            self.redo_wanted.emit()
        elif key == Qt.Key.Key_V and modifiers == _CONTROL | _SHIFT:
            self.paste_bytes()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_V, Qt.Key.Key_Z, Qt.Key.Key_Y)
            and event.modifiers() & _CONTROL
        ):
            event.accept()
            return True
        return super().event(event)

    def _at_edge(self, way: QTextCursor.MoveOperation) -> bool:
        return not QTextCursor(self.textCursor()).movePosition(way)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not source.hasText():
            return
        text = source.text()
        if len(text) > LONGEST_PASTE:
            self.paste_refused.emit(TOO_LONG.format(len(text)))
            return
        self._insert(pasted(self.mode, text))

    def _insert(self, text: str) -> bool:
        """Put a text in the place of the selection. False, and a sentence, where the whole would be too long."""
        first, last = self.selection
        if problem := too_long(len(self.text) - (last - first) + len(text)):
            self.paste_refused.emit(problem)
            return False
        self.textCursor().insertText(text)
        self.ensureCursorVisible()
        return True

    @Slot()
    def paste_bytes(self) -> None:
        """Paste any form that bytes are copied in, written as the rest of the text is."""
        text = QGuiApplication.clipboard().text()
        if not text:
            return
        found = read_pasted(text, self.encoding)
        if isinstance(found, str):
            self.paste_refused.emit(found)
            return
        written = write(self.mode, found.data, self.encoding)
        if self.mode == "python" and self.text.strip():
            written = f" {written} "  # literals side by side join
        if self._insert(self._spaced(written)):
            self.noted.emit(found.sentence)

    def _spaced(self, written: str) -> str:
        """Hex does not run into the digits beside it."""
        if self.mode != "hex":
            return written
        first, last = self.selection
        text = self.text
        before = " " if first and text[first - 1].isalnum() else ""
        return before + written + (" " if text[last : last + 1].isalnum() else "")

    def make_menu(self) -> QMenu:
        """Qt's own, with the composer's undo, and with Paste as bytes."""
        menu = self.createStandardContextMenu()
        own = {action.objectName(): action for action in menu.actions()}
        for name, text, wanted in (
            ("edit-undo", "&Undo\tCtrl+Z", self.undo_wanted),
            ("edit-redo", "&Redo\tCtrl+Shift+Z", self.redo_wanted),
        ):
            action = QAction(text, menu)
            action.triggered.connect(wanted)
            if name in own:
                menu.insertAction(own[name], action)
                own[name].setVisible(False)
        paste = QAction("Paste as &bytes\tCtrl+Shift+V", menu)
        paste.setEnabled(bool(QGuiApplication.clipboard().text()))
        paste.triggered.connect(self.paste_bytes)
        menu.insertAction(menu.actions()[menu.actions().index(own["edit-paste"]) + 1], paste)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    # -- size and looks -------------------------------------------------------------------------

    def set_most_lines(self, most: int) -> None:
        """How many lines it grows to."""
        if most != self._most_lines:
            self._most_lines = most
            self._fit()

    def sizeHint(self) -> QSize:
        # The layout of a plain text document measures its height in lines.
        lines = min(max(1, round(self.document().size().height())), self._most_lines)
        margins = 2 * (self.document().documentMargin() + self.frameWidth())
        return QSize(200, round(lines * self.fontMetrics().lineSpacing() + margins) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    @Slot()
    def _fit(self) -> None:
        high = self.sizeHint().height()
        if high != self.height():
            self.updateGeometry()
        full = self.document().size().height() > self._most_lines
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


def cleared() -> str:
    """That the message is empty now, and the keys that bring it back."""
    return CLEARED.format(QKeySequence(QKeySequence.StandardKey.Undo).toString(QKeySequence.SequenceFormat.NativeText))


def _units(text: str) -> int:
    """How many characters Qt counts in a text; Python counts one where Qt counts the halves of a pair."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
