"""Read-only text with tones: the lines of a content view, put in place piece by piece so that nothing waits for it."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import QMimeData, QTimer, Slot
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from explorer.ui.theme import Theme
from explorer.wire.content.api import Line, Rendered, Stretch

AT_ONCE = 400
"""Lines that are put in place at a time."""
LONGEST = 2000
"""Characters of a line of the document; longer ones go on in the next. What is copied has no break there."""
_GOES_ON = 1  # user state of such a block


class _Tones(QSyntaxHighlighter):
    """Colours each block as its line says. Errors are underlined too."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self.toned: list[tuple[Stretch, ...]] = []
        self._formats: dict[str, QTextCharFormat] = {}
        self._theme = theme

    def take_theme(self) -> None:
        colors = self._theme.colors
        tones = {
            "key": colors.accent,
            "string": colors.good,
            "number": colors.sent_text,
            "word": colors.received_text,
            "muted": colors.muted,
            "error": colors.error,
        }
        self._formats = {}
        for tone, color in tones.items():
            form = QTextCharFormat()
            form.setForeground(QColor(color))
            if tone == "word":
                form.setFontWeight(QFont.Weight.Bold)
            if tone == "error":
                form.setFontUnderline(True)
            self._formats[tone] = form

    def highlightBlock(self, text: str) -> None:
        number = self.currentBlock().blockNumber()
        if number >= len(self.toned):
            return
        place = 0  # Qt counts characters beyond the first plane twice
        seen = 0
        wide = not text.isascii()
        for one in self.toned[number]:
            place += _units(text[seen : one.start]) if wide else one.start - seen
            size = _units(text[one.start : one.start + one.size]) if wide else one.size
            self.setFormat(place, size, self._formats[one.tone])
            place += size
            seen = one.start + one.size


class ContentText(QPlainTextEdit):
    """Shows what a content view gave. `show_rendered` returns at once; long texts fill in over the next frames."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self._tones = _Tones(self.document(), theme)
        self._waiting: list[tuple[str, tuple[Stretch, ...], bool]] = []
        self._next = 0
        self._fill = QTimer(self)
        self._fill.setInterval(0)
        self._fill.timeout.connect(self._put_some)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @property
    def filling(self) -> bool:
        """Whether lines are still to come."""
        return self._next < len(self._waiting)

    def show_rendered(self, rendered: Rendered) -> None:
        """These lines instead of those before."""
        self._fill.stop()
        self._tones.toned = []
        self._waiting = [piece for line in rendered.lines for piece in _pieces(line)]
        self._next = 0
        self.clear()
        self._put_some()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def set_wrapped(self, wrapped: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if wrapped else mode.NoWrap)

    @Slot()
    def _put_some(self) -> None:
        some = list(islice(self._waiting, self._next, self._next + AT_ONCE))
        if some:
            first = self._next == 0
            self._next += len(some)
            self._tones.toned.extend(toned for _, toned, _ in some)
            text = "\n".join(text for text, _, _ in some)
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            start = cursor.blockNumber() + (0 if first else 1)
            cursor.insertText(text if first else f"\n{text}")
            block = self.document().findBlockByNumber(start)
            for _, _, goes_on in some:
                block.setUserState(_GOES_ON if goes_on else 0)
                block = block.next()
        if self.filling:
            self._fill.start()
        else:
            self._fill.stop()
            self._waiting, self._next = [], 0

    def createMimeDataFromSelection(self) -> QMimeData:
        """What is selected, without the breaks of lines that go on."""
        cursor = self.textCursor()
        start, stop = cursor.selectionStart(), cursor.selectionEnd()
        parts: list[str] = []
        block: QTextBlock = self.document().findBlock(start)
        while block.isValid() and block.position() <= stop:
            inside = QTextCursor(block)
            inside.setPosition(max(start, block.position()))
            inside.setPosition(min(stop, block.position() + block.length() - 1), QTextCursor.MoveMode.KeepAnchor)
            if parts and block.userState() != _GOES_ON:
                parts.append("\n")
            parts.append(inside.selectedText())
            block = block.next()
        data = QMimeData()
        data.setText("".join(parts))
        return data

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(self._theme.mono)
        self._tones.take_theme()
        self._tones.rehighlight()


def _pieces(line: Line) -> list[tuple[str, tuple[Stretch, ...], bool]]:
    """A line in parts that are not too long: text, its tones, and whether it goes on a line."""
    if len(line.text) <= LONGEST:
        return [(line.text, line.toned, False)]
    parts: list[tuple[str, tuple[Stretch, ...], bool]] = []
    at = 0  # in line.toned: the first stretch that reaches into the part
    for start in range(0, len(line.text), LONGEST):
        stop = start + LONGEST
        toned: list[Stretch] = []
        while at < len(line.toned) and line.toned[at].start < stop:
            one = line.toned[at]
            begin, end = max(one.start, start), min(one.start + one.size, stop)
            toned.append(Stretch(begin - start, end - begin, one.tone))
            if one.start + one.size > stop:
                break
            at += 1
        parts.append((line.text[start:stop], tuple(toned), start > 0))
    return parts


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
