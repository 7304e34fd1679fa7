"""The Notes dock: every highlight and note of the capture, to go to, edit in place, recolour and remove."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDockWidget,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.models.notes_model import BYTES, COLOR, SIZE, TEXT, WHERE, NotesModel
from explorer.ui.note_actions import HIGHLIGHT_KEY, NOTE_KEY, chosen_color, color_actions
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench

NOTHING = (
    "Highlights and notes on bytes are listed here.\n\n"
    f"Select bytes in Bytes, or rows in Messages; then press {HIGHLIGHT_KEY} to highlight them, or {NOTE_KEY} to "
    "write a note on them. They are kept beside the capture."
)


class NotesTable(QTableView):
    """Signals: wanted(): Enter: go there. unwanted(): Delete."""

    wanted = Signal()
    unwanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() is not QAbstractItemView.State.EditingState and not event.modifiers():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.wanted.emit()
                return
            if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self.unwanted.emit()
                return
        super().keyPressEvent(event)


class NotesPane(QWidget):
    """A click or Enter goes to the bytes; F2 or a double click edits the note; Delete removes it (can be undone)."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self.model = NotesModel(workbench, theme, self)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.table = NotesTable()
        self.empty = QLabel(NOTHING)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.table)
        self.stack.setMinimumSize(1, 1)  # a dock may be as narrow as the user makes it
        self.problem.setMinimumWidth(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 0)
        column.setSpacing(3)
        column.addWidget(self.problem)
        column.addWidget(self.stack, 1)
        self._set_up_table()
        self.table.wanted.connect(self.go_there)
        self.table.unwanted.connect(self.remove)
        self.table.clicked.connect(self._on_clicked)
        self.table.customContextMenuRequested.connect(self._on_menu)
        workbench.notes.notes_changed.connect(self._show_state)
        workbench.notes.edit_wanted.connect(self.edit)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._show_state()

    def _set_up_table(self) -> None:
        table, flag = self.table, QAbstractItemView.EditTrigger
        table.setModel(self.model)
        table.setAccessibleName("Notes")
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(flag.EditKeyPressed | flag.DoubleClicked)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def focus_first(self) -> None:
        """Take the keyboard, in the list, or in the sentence that stands in its place."""
        shown = self.stack.currentWidget() or self.table
        shown.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _show_state(self) -> None:
        self.problem.setText(self._workbench.notes.problem)
        self.problem.setVisible(bool(self._workbench.notes.problem))
        shown = self.table if self.model.rowCount() else self.empty
        before = self.stack.currentWidget()
        had_focus = before is not None and before.hasFocus()
        self.stack.setCurrentWidget(shown)
        if had_focus:
            self.focus_first()

    @Slot()
    def _on_theme(self) -> None:
        colors, table = self._theme.colors, self.table
        self.empty.setStyleSheet(f"color: {colors.muted};")
        self.problem.setStyleSheet(f"color: {colors.error};")
        table.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.5))
        wide = self.fontMetrics().horizontalAdvance("0")
        for column, characters in ((COLOR, 11), (TEXT, 22), (WHERE, 26), (SIZE, 8), (BYTES, 20)):
            table.setColumnWidth(column, characters * wide)

    # -- what can be done -------------------------------------------------------------------------

    def chosen(self) -> list[int]:
        """Numbers of the selected notes."""
        rows = self.table.selectionModel().selectedRows()
        return [number for index in rows if (number := self.model.number(index.row())) is not None]

    @Slot()
    def go_there(self) -> None:
        """Select the bytes of the current note in the whole window."""
        note = self.model.note(self.table.currentIndex().row())
        if note is None:
            return
        if note.span.last_call >= self._workbench.reader.count:
            self._workbench.notice("The bytes of this note lie beyond the end of this capture.", key="notes")
            return
        self._workbench.selection.choose_span(note.span, self)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.go_there()

    @Slot()
    def remove(self) -> None:
        """Remove the selected notes (can be undone)."""
        row = self.table.currentIndex().row()
        self._workbench.notes.remove(self.chosen())
        if self.model.rowCount():
            self.table.selectRow(min(row, self.model.rowCount() - 1))

    @Slot(int)
    def edit(self, number: int) -> None:
        """Show this note and type its text."""
        row = self.model.row_of(number)
        if row is None:
            return
        dock = self.parentWidget()
        if isinstance(dock, QDockWidget):
            dock.show()
            dock.raise_()
        self.table.selectRow(row)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.table.setCurrentIndex(self.model.index(row, TEXT))
        self.table.edit(self.model.index(row, TEXT))

    def make_menu(self) -> QMenu:
        """What can be done with the selected notes."""
        menu = QMenu(self)
        some = bool(self.chosen())
        for text, what in (("&Go there\tEnter", "go"), ("&Edit note…\tF2", "edit")):
            action = menu.addAction(text)
            action.setData(what)
            action.setEnabled(some)
        colors = menu.addMenu("&Colour")
        colors.setEnabled(some)
        color_actions(colors, self._theme.colors)
        remove = menu.addAction("&Remove\tDel")
        remove.setData("remove")
        remove.setEnabled(some)
        return menu

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = self.make_menu()
        chosen = menu.exec(self.table.viewport().mapToGlobal(place))
        what = chosen.data() if chosen is not None else None
        menu.deleteLater()
        self.act(what)

    def act(self, what: object) -> None:
        """Carry out a choice of the menu."""
        color, numbers = chosen_color(what), self.chosen()
        if color is not None:
            self._workbench.notes.set_color(numbers, color)
        elif what == "go":
            self.go_there()
        elif what == "edit" and numbers:
            self.edit(numbers[0])
        elif what == "remove":
            self.remove()
