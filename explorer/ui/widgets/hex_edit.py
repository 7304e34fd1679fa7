"""The hex editor of the composer: offset, hex and text in columns, with typing, selecting, copying and pasting."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QWidget

from explorer.ui.hex_editing import HexEditing, changed_end
from explorer.ui.theme import Theme, make_input_palette
from explorer.ui.widgets import hex_edit_accessible, hex_edit_menu
from explorer.ui.widgets.hex_edit_keys import HexEditKeys
from explorer.ui.widgets.hex_grid import WIDTHS, HexGrid, fit
from explorer.ui.widgets.hex_grid_painter import paint_grid

MOST_ROWS = 6
MARGIN = 3  # pixels above the first and below the last row
HALF_BYTE = "Half a byte: type its second hex digit, or press Backspace to take back the first."


class HexEdit(QAbstractScrollArea):
    """Its bytes are set with `show_bytes` and told with `edited`; undo is the composer's.

    Signals:
    edited(bytes): the user changed the bytes. selected(int, int): and what is selected: [start, stop).
    pending(): the first digit of a byte was typed, or taken back.
    refused(str): why a key or a paste did nothing, as a sentence. noted(str): what was pasted.
    submitted(): Enter. undo_wanted(), redo_wanted(). back_wanted(), forward_wanted(): the arrows at the first
        and last row. overwriting(bool): insert or overwrite.
    """

    edited = Signal(bytes)
    selected = Signal(int, int)
    pending = Signal()
    refused = Signal(str)
    noted = Signal(str)
    submitted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()
    back_wanted = Signal()
    forward_wanted = Signal()
    overwriting = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        hex_edit_accessible.install()
        self.theme = theme
        self.editing = HexEditing()
        self.encoding = "utf-8"
        self.locked = ""  # why nothing can be changed now, as a sentence; "" when it can
        self._most_rows = MOST_ROWS
        self._keys = HexEditKeys(self)
        self.setAccessibleName("Bytes of the message")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.grid = self._fitted(0)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    # -- what the composer asks --------------------------------------------------------------------

    def show_bytes(self, data: bytes, locked: str = "", at_change: bool = False) -> None:
        """Other bytes, changed elsewhere. locked: why they cannot be changed here. at_change: the cursor goes behind
        what is another, as after undoing; else it stays, as far as there are bytes."""
        before = self.editing.data
        if data == before and locked == self.locked:
            return
        self.locked = locked
        self.setToolTip(locked)
        self.editing.load(data, changed_end(before, data) if at_change and data != before else None)
        self._fit_rows()
        self.viewport().update()

    def show_selection(self, start: int, stop: int) -> None:
        """Select what is selected in the other editor, without telling anyone."""
        if self.editing.selection != (start, stop) and not self.editing.pending:
            self.editing.select(start, stop)
            self._show_cursor()

    @property
    def problem(self) -> str:
        """Why the bytes cannot be sent as they stand; "" when they can."""
        return HALF_BYTE if self.editing.pending else ""

    @property
    def text(self) -> str:
        """The bytes as pairs of hex digits."""
        return self.editing.data.hex(" ")

    # -- what keys, mouse and menu do ----------------------------------------------------------------

    def refuse(self, sentence: str) -> None:
        self.refused.emit(sentence)

    def may_edit(self) -> bool:
        """Whether the bytes can be changed; says why not."""
        if self.locked:
            self.refused.emit(self.locked)
        return not self.locked

    def after_edit(self, changed: bool) -> None:
        """Something was typed. changed: the bytes are others now."""
        self._fit_rows()
        self._show_cursor()
        if changed:
            self.edited.emit(self.editing.data)
        self.pending.emit()
        self._tell_selection()

    def after_move(self) -> None:
        """The cursor or the selection is another."""
        self._show_cursor()
        self.pending.emit()
        self._tell_selection()

    @Slot()
    def select_all(self) -> None:
        self.editing.select(0, self.editing.size)
        self.after_move()

    @Slot()
    def toggle_overwrite(self) -> None:
        self.editing.overwrite = not self.editing.overwrite
        self.viewport().update()
        self.overwriting.emit(self.editing.overwrite)

    def _tell_selection(self) -> None:
        self.selected.emit(*self.editing.selection)
        hex_edit_accessible.announce(self)

    # -- events ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._keys.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.commitString():
            self._keys.type_text(event.commitString())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event, extend=True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select the whole byte."""
        at = self._place_of(event)
        first = max(0, min(at, self.editing.size) - 1)
        self.editing.select(first, first + 1)
        self.after_move()

    def _go_to(self, event: QMouseEvent, extend: bool) -> None:
        self.editing.move(self._place_of(event), extend)
        self.after_move()

    def _place_of(self, event: QMouseEvent) -> int:
        """The gap between two bytes nearest to the mouse; the side it is on becomes the one typed into."""
        place = event.position().toPoint()
        self.editing.side, column = self.grid.hit(place.x() + self.horizontalScrollBar().value())
        row = self.verticalScrollBar().value() + (place.y() - MARGIN) // self.grid.line
        return max(0, row) * self.grid.per_row + column

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        hex_edit_menu.open_menu(self, event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()
        hex_edit_accessible.announce(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # -- rows and size -----------------------------------------------------------------------------

    def set_most_rows(self, most: int) -> None:
        """How many rows it grows to."""
        if most != self._most_rows:
            self._most_rows = most
            self._fit_rows()
            self.updateGeometry()

    @property
    def rows(self) -> int:
        """Of bytes, and of the place behind the last one."""
        return self.editing.size // self.grid.per_row + 1

    @property
    def page_rows(self) -> int:
        return max(1, (self.viewport().height() - 2 * MARGIN) // self.grid.line)

    def _fitted(self, width: int) -> HexGrid:
        metrics = QFontMetrics(self.theme.mono)
        digits = 4 if self.editing.size <= 0x10000 else 6
        return fit(
            max(1, metrics.horizontalAdvance("0")), metrics.lineSpacing(), metrics.ascent(), width, digits
        )  # fmt: skip

    def sizeHint(self) -> QSize:
        high = min(self.rows, self._most_rows) * self.grid.line + 2 * (MARGIN + self.frameWidth())
        return QSize(self.width_of(WIDTHS[0]), high)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.width_of(WIDTHS[-1]), self.sizeHint().height())

    def width_of(self, per_row: int) -> int:
        """Pixels that so many bytes per row take, with frame and scroll bar."""
        bar = self.verticalScrollBar().sizeHint().width() if self.rows > self._most_rows else 0
        return replace(self.grid, per_row=per_row).width + 2 * self.frameWidth() + bar

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_rows()

    def _fit_rows(self) -> None:
        """As many bytes per row as there is room for, and as high as they need."""
        high = self.sizeHint().height()
        self.grid = self._fitted(self.viewport().width())
        bar, across = self.verticalScrollBar(), self.horizontalScrollBar()
        bar.setPageStep(self.page_rows)
        bar.setRange(0, max(0, self.rows - self.page_rows) if self.rows > self._most_rows else 0)
        across.setPageStep(self.viewport().width())
        across.setRange(0, max(0, self.grid.width - self.viewport().width()))
        if high != self.sizeHint().height() or high != self.height():
            self.updateGeometry()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def _show_cursor(self) -> None:
        bar, row = self.verticalScrollBar(), self.editing.cursor // self.grid.per_row
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + self.page_rows:
            bar.setValue(row - self.page_rows + 1)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_grid(self)

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(self.theme.mono)
        self.setPalette(make_input_palette(self.theme.colors))  # its frame is seen like those of other fields
        self._fit_rows()
        self.updateGeometry()
        self.viewport().update()
