"""Read-only text with tones: the lines of a content view, put in place piece by piece so that nothing waits for it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from PySide6.QtCore import QMimeData, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from explorer.ui.theme import Theme
from explorer.wire.content.api import Line, Rendered, Stretch

TIME = 0.005
"""Seconds for lines that are put in place at a time, between which the window answers."""
BATCH = 40
"""Lines, and ten times as many stretches with a tone, that are put in place between looks at the clock."""
LONGEST = 500
"""Characters of a line of the document; longer ones go on in the next. What is copied has no break there."""
_GOES_ON = 1  # user state of such a block

_Piece = tuple[str, tuple[Stretch, ...], bool]
"""A line or a part of one: its text, its tones, and whether it goes on the line before."""


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
    """Shows what a content view gave. `show_rendered` returns at once; long texts fill in over the next frames.

    Signal: resized(): it has another size, or its text.
    """

    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self._tones = _Tones(self.document(), theme)
        self._rendered: Rendered | None = None
        self._waiting: Iterator[_Piece] | None = None
        self._fill = QTimer(self)
        self._fill.setInterval(0)
        self._fill.timeout.connect(self._put_some)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @property
    def filling(self) -> bool:
        """Whether lines are still to come."""
        return self._waiting is not None

    @property
    def columns(self) -> int:
        """Characters that there is room for in a line, beside a scroll bar."""
        bar = self.verticalScrollBar().sizeHint().width()
        edge = 2 * (self.frameWidth() + math.ceil(self.document().documentMargin()))
        return int((self.width() - bar - edge) / max(1.0, QFontMetricsF(self.font()).horizontalAdvance("0")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def show_rendered(self, rendered: Rendered) -> None:
        """These lines instead of those before."""
        self._rendered = rendered
        self._tones.toned = []
        self.clear()
        self._waiting = (piece for line in rendered.lines for piece in _pieces(line))
        self._put_some()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def set_wrapped(self, wrapped: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if wrapped else mode.NoWrap)

    @Slot()
    def _put_some(self) -> None:
        begin = time.perf_counter()
        while self._waiting is not None and time.perf_counter() < begin + TIME:
            some: list[_Piece] = []
            stretches = 0
            for piece in self._waiting:
                some.append(piece)
                stretches += len(piece[1])
                if len(some) >= BATCH or stretches >= 10 * BATCH:
                    break
            else:
                self._waiting = None
            if some:
                self._put(some)
        if self._waiting is not None:
            self._fill.start()
        else:
            self._fill.stop()

    def _put(self, some: list[_Piece]) -> None:
        first = not self._tones.toned
        self._tones.toned.extend(toned for _, toned, _ in some)
        text = "\n".join(text for text, _, _ in some)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        start = cursor.blockNumber() + (0 if first else 1)
        cursor.insertText(text if first else f"\n{text}")
        block = self.document().findBlockByNumber(start)
        for _, _, goes_on in some:
            if goes_on:
                block.setUserState(_GOES_ON)
            block = block.next()

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
        """A long text is put in place anew: to colour all of it at once would hold up the window."""
        place = self.verticalScrollBar().value()
        short = not self.filling and len(self._tones.toned) <= BATCH
        if self._rendered is not None and not short:
            self.clear()
        self.setFont(self._theme.mono)
        self._tones.take_theme()
        self.resized.emit()
        if short:
            self._tones.rehighlight()
        elif self._rendered is not None:
            self.show_rendered(self._rendered)
            self.verticalScrollBar().setValue(place)


def _pieces(line: Line) -> Iterator[_Piece]:
    """A line in parts that are not too long."""
    if len(line.text) <= LONGEST:
        yield line.text, line.toned, False
        return
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
        yield line.text[start:stop], tuple(toned), start > 0


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
