"""The Inspector: what the bytes at the cursor may mean, in little and big endian side by side."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.capture.describe import who
from explorer.capture.flow import LOOK, read_on
from explorer.capture.span import Place
from explorer.core.calls import Call
from explorer.ui.models.inspector_model import BIG, LITTLE, NAME, InspectorModel
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.wrapped_values import WrappedValues
from explorer.ui.workbench import Workbench
from explorer.wire.inspector.api import Look
from explorer.wire.inspector.registry import MOST, inspect
from explorer.wire.visible import visible_text

NOTHING = (
    "What the bytes at the cursor mean appears here: numbers, characters, times and addresses.\n\n"
    "Choose a byte in Bytes, or a row in Calls or Messages."
)
ELSEWHERE = (
    "The byte at the cursor belongs to {name}, which is not shown now.\n\n"
    "Choose a byte in Bytes, or a row in Calls or Messages."
)
WITHOUT_BYTES = "Call #{number} ({kind}) carried no bytes.\n\nChoose one that received or sent some."


class InspectorPane(DockedPane):
    """Follows the window's cursor. Bytes are those of the same connection and direction, across the ends of calls;
    while there are too few, it looks again as more arrive.

    Signal: covers(Place, int): the current row, or the one under the mouse, is made of so many bytes from this
        place on; 0 bytes: of none.
    """

    covers = Signal(object, int)

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._call: Call | None = None  # which the cursor is in
        self._place: Place | None = None
        self._count = 0  # calls there were when too few bytes were found; 0: there were enough
        self.model = InspectorModel(theme, self)
        self.where = ElidedLabel()
        self.table = QTableView()
        self.whole = QLabel()  # the current row, where a column is too narrow for it
        self.whole.setTextFormat(Qt.TextFormat.PlainText)
        self.whole.setWordWrap(True)
        self.whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.whole.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.whole.setMargin(3)
        self.whole.hide()
        self.empty = QLabel(NOTHING)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 0)
        column.setSpacing(3)
        column.addWidget(self.where)
        column.addWidget(self.stack, 1)
        column.addWidget(self.whole)
        self._set_up_table()
        self._connect()
        self._look()

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Inspector")
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setMouseTracking(True)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.ResizeToContents)
        header.setMinimumSectionSize(1)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.viewport().installEventFilter(self)
        self._values = WrappedValues(table)
        table.setItemDelegate(self._values)
        self._fit_soon = QTimer(self)  # a header tells of each column while it still resizes the others
        self._fit_soon.setSingleShot(True)
        self._fit_soon.timeout.connect(self._values.forget)
        header.sectionResized.connect(self._on_widths)

    def _connect(self) -> None:
        bench, table = self._workbench, self.table
        bench.selection.cursor_changed.connect(self._on_cursor)
        bench.selection.scope_changed.connect(self._look)
        bench.ticked.connect(self._on_tick)
        bench.capture_changed.connect(self._look)
        bench.socket_changed.connect(self._on_socket)
        self.model.modelReset.connect(self._on_reset)
        self.model.dataChanged.connect(self._values.fit_rows)
        table.selectionModel().currentChanged.connect(self._on_current)
        table.entered.connect(self._tell_covered)
        self.covers.connect(self._cover)
        table.customContextMenuRequested.connect(self._on_menu)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_current)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()

    def focus_first(self) -> None:
        """Take the keyboard, at the first value."""
        if self.stack.currentWidget() is self.empty:
            self.empty.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        if not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, LITTLE))
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what is shown ----------------------------------------------------------------------------

    @Slot(object, object)
    def _on_cursor(self, place: Place | None, origin: object) -> None:
        self._look()

    def _on_seen(self) -> None:
        self._look()
        if not self.seen:
            self._workbench.selection.cover(None)

    @Slot()
    def _on_tick(self) -> None:
        """More bytes may have come, until the calls that are looked through are all there."""
        call, count = self._call, self._workbench.reader.count
        if self.seen and self._count and call is not None and self._count < count and self._count <= call.number + LOOK:
            self._look()

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        if self._call is not None and self._call.socket == number:
            self._look()  # its encoding may be another

    @Slot()
    def _look(self) -> None:
        """Read the bytes at the cursor and show what they mean."""
        if not self.seen:
            return
        reader, place = self._workbench.reader, self._workbench.selection.cursor
        count = reader.count
        self._call = None
        self._place = place
        self._count = 0
        if place is None or place.call >= count:
            self._say(NOTHING)
            return
        call = reader.call(place.call)
        if not self._workbench.selection.shows(call):
            self._say(ELSEWHERE.format(name=visible_text(who(call, self._workbench.catalog))))
            return
        if not (call.received or call.sent) or not call.size:
            self._say(WITHOUT_BYTES.format(number=call.number, kind=call.kind.name))
            return
        self._call = call
        data = read_on(reader, place, MOST)
        if len(data) < MOST:
            self._count = count
        self.model.show(inspect(data, Look(encoding_of(self._workbench, call.socket))))
        self.where.setText(describe(call, place))
        self.where.show()
        self.stack.setCurrentWidget(self.table)
        self._show_whole()
        self._tell_covered(self.table.currentIndex())

    def _say(self, sentence: str) -> None:
        if self.empty.text() != sentence:
            self.empty.setText(sentence)
        self.where.hide()
        self.whole.hide()
        self.stack.setCurrentWidget(self.empty)
        self._workbench.selection.cover(None)

    def _show_whole(self) -> None:
        """The values of the current row, one below the other, so that nothing of them is left out."""
        index = self.table.currentIndex()
        if not index.isValid() or self.stack.currentWidget() is self.empty:
            self.whole.hide()
            return
        row = self.model.rows[index.row()]
        values = (row.little, row.big) if row.kind.ordered else (row.big,)
        self.whole.setText("\n".join((row.kind.title, *(value.shown for value in values))))
        self.whole.show()

    @Slot()
    def _on_reset(self) -> None:
        self.table.clearSpans()
        for row, one in enumerate(self.model.rows):
            if not one.kind.ordered:
                self.table.setSpan(row, LITTLE, 1, 2)
        self._values.forget()

    @Slot()
    def _on_widths(self) -> None:
        self._fit_soon.start()

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.empty.setStyleSheet(f"color: {colors.muted}; background: {colors.base}")
        self.where.setStyleSheet(f"color: {colors.muted}")
        self._values.forget()
        self.table.viewport().update()

    # -- which bytes a row is made of ---------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, before: QModelIndex) -> None:
        self._show_whole()
        self._tell_covered(current)

    @Slot(QModelIndex)
    def _tell_covered(self, index: QModelIndex) -> None:
        size = self.model.rows[index.row()].size if index.isValid() else 0
        if self._place is not None:
            self.covers.emit(self._place, size)

    @Slot(object, int)
    def _cover(self, place: Place, size: int) -> None:
        """The other panes mark these bytes."""
        self._workbench.selection.cover((place, size) if size and self.seen else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:  # the mouse went: the current row counts again
            self._tell_covered(self.table.currentIndex())
        return super().eventFilter(watched, event)

    # -- copy -------------------------------------------------------------------------------------

    @Slot()
    def copy_current(self) -> None:
        """The current value; with the keyboard on a name, the row."""
        index = self.table.currentIndex()
        if index.isValid():
            self.copy(index.row(), index.column())

    def copy(self, row: int, column: int) -> None:
        """Put a value (column NAME: the row) on the clipboard, or say why there is none."""
        if column == NAME:
            QGuiApplication.clipboard().setText(self.model.row_text(row))
            return
        value = self.model.value(row, column)
        if value.problem:
            name = self.model.rows[row].kind.name
            self._workbench.notice(f"{name} has no value here to copy: {value.problem}.", key="copied")
        else:
            QGuiApplication.clipboard().setText(value.text)

    def make_menu(self, row: int) -> QMenu:
        """What can be copied of a row."""
        menu = QMenu(self)
        ordered = self.model.rows[row].kind.ordered
        values = (("Copy &little endian", LITTLE), ("Copy &big endian", BIG)) if ordered else (("Copy &value", BIG),)
        for text, column in (*values, ("Copy &row", NAME)):
            action = menu.addAction(text)
            action.setData(column)
            action.setEnabled(column == NAME or not self.model.value(row, column).problem)
        return menu

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        current = self.table.currentIndex()
        if not index.isValid() or not self.table.visualRect(index).contains(place):
            index = current
        if not index.isValid():
            return
        menu = self.make_menu(index.row())
        chosen = menu.exec(self.table.viewport().mapToGlobal(place))
        if chosen is not None:
            self.copy(index.row(), chosen.data())
        menu.deleteLater()


def describe(call: Call, place: Place) -> str:
    """Where the cursor stands: ``recv #12 · offset 5 of 37 bytes``."""
    return f"{call.kind.name} #{call.number} · offset {place.skip:,} of {count_text(call.size, 'byte')}"
