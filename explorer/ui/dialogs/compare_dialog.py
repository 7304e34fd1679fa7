"""Two messages side by side: what differs, listed and marked, from one difference to the next."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPoint, Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.bridge.jobs import Cancelled, Job, Progress
from explorer.capture.messages import Message, Messages
from explorer.ui.models.compare_models import NOTHING, CompareModel, DifferencesModel
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.compare_delegate import CompareDelegate
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.job_bar import JobBar
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.workbench import Workbench
from explorer.wire.compare import Stopped, compare
from explorer.wire.compare_rows import CompareRows

MOST = 4 << 20  # bytes of each message
CUT = f"Only the first {MOST:,} bytes of each message are compared."
ROUGH = "{size} differ too much to be aligned: pieces of the same size are compared byte by byte, others as a whole."
WIDE, NARROW = 16, 8  # bytes of one side in a row
EDGES = 60  # pixels around the table: margins, frame, scroll bar
NEXT_KEYS, PREVIOUS_KEYS = ("F8", "Alt+Down"), ("Shift+F8", "Alt+Up")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what it is called, and where to read it; data: once it is read."""

    title: str
    messages: Messages
    message: Message
    data: bytes | None = None

    def read(self) -> bytes:
        return self.messages.payload(self.message, MOST + 1) if self.data is None else self.data


class CompareDialog(QDialog):
    """Not modal, as many as wanted. It compares beside the window, with progress and Cancel."""

    def __init__(self, workbench: Workbench, theme: Theme, left: Side, right: Side, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workbench = workbench
        self._theme = theme
        self._sides = (left, right)
        self._job: Job | None = None
        self.rows = CompareModel(self)
        self.differences = DifferencesModel(self)
        self._delegate = CompareDelegate(theme, self)
        self.names = QLabel()
        self.names.setTextFormat(Qt.TextFormat.PlainText)
        self.names.setWordWrap(True)
        self.way = SegmentedButtons("Compare", (("aligned", "Aligned"), ("offset", "Same offset")), theme)
        self.way.button("aligned").setToolTip("Bytes that were put in or left out do not make all that follows differ")
        self.way.button("offset").setToolTip("The first byte with the first, the second with the second")
        self.swap = self._button("S&wap sides", "Left becomes right, and right left")
        self.previous = self._button("&Previous", f"The difference before ({' or '.join(PREVIOUS_KEYS)})")
        self.next = self._button("&Next", f"The next difference ({' or '.join(NEXT_KEYS)})")
        self.again = self._button("&Compare again", "Begin anew, with the same messages")
        self.count = QLabel()
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self.job_bar = JobBar()
        self.table = QTableView()
        self.list = QTableView()
        self._lay_out()
        self._connect()
        self._take_size()
        self._begin()

    def _take_size(self) -> None:
        """Wide enough for 16 bytes a side, where the screen is."""
        needed = sum(self._delegate.width(column, WIDE) for column in range(self.rows.columnCount())) + EDGES
        # Not self.screen(): PySide takes what that returns for a part of the dialog, and lets it go with the dialog.
        parent = self.parentWidget()
        here = parent.geometry().center() if parent is not None else QPoint()
        room = (QGuiApplication.screenAt(here) or QGuiApplication.primaryScreen()).availableGeometry()
        self.resize(min(needed, room.width() - EDGES), min(round(needed * 0.5), room.height() - EDGES))

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        controls = QWidget()
        flow = FlowLayout(controls)
        for widget in (self.way, self.swap, self.previous, self.next, self.again, self.count):
            flow.addWidget(widget)
        for table, model, name in (
            (self.table, self.rows, "Both messages"),
            (self.list, self.differences, "Differences"),
        ):
            table.setModel(model)
            table.setAccessibleName(name)
            table.setTabKeyNavigation(False)
            table.setShowGrid(False)
            table.setWordWrap(False)
            table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
            table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
            table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            table.verticalHeader().hide()
            table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            table.horizontalHeader().setHighlightSections(False)
            table.horizontalHeader().setStretchLastSection(True)
            table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setItemDelegate(self._delegate)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.table)
        splitter.addWidget(self.list)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        for part in (self.names, controls, self.remark, self.job_bar):
            column.addWidget(part)
        column.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.way.chosen.connect(self._begin)
        self.swap.clicked.connect(self._on_swap)
        self.again.clicked.connect(self._begin)
        self.previous.clicked.connect(self.go_previous)
        self.next.clicked.connect(self.go_next)
        for keys, act in ((NEXT_KEYS, self.go_next), (PREVIOUS_KEYS, self.go_previous)):
            for key in keys:
                QShortcut(QKeySequence(key), self).activated.connect(act)
        self.list.selectionModel().currentRowChanged.connect(self._on_listed)
        self.table.clicked.connect(self._on_clicked)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()

    # -- comparing ------------------------------------------------------------------------------

    @Slot()
    def _begin(self) -> None:
        """Read both messages and compare them, beside the window."""
        self._stop()
        left, right = self._sides
        self.setWindowTitle(f"Compare {left.title} with {right.title}")
        self.names.setText(f"Left: {left.title}.  Right: {right.title}.")
        self.count.setText("comparing…")
        self.remark.hide()
        self.again.hide()
        self._show(NOTHING)
        aligned, width = self.way.value == "aligned", self._fitting()

        def work(progress: Progress) -> tuple[bytes, bytes, CompareRows]:
            old, new = left.read(), right.read()
            try:
                return old, new, CompareRows(compare(old[:MOST], new[:MOST], aligned, progress), width)
            except Stopped:
                raise Cancelled from None

        self._job = job = self._workbench.jobs.start("Comparing two messages", work)
        job.succeeded.connect(self._on_compared)
        job.failed.connect(self._on_failed)
        self.job_bar.watch(job)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.succeeded.disconnect(self._on_compared)
            self._job.failed.disconnect(self._on_failed)
            self._job.cancel()
            self._job = None

    @Slot(object)
    def _on_compared(self, result: tuple[bytes, bytes, CompareRows]) -> None:
        self._job = None
        old, new, rows = result
        left, right = self._sides
        self._sides = (
            Side(left.title, left.messages, left.message, old),
            Side(right.title, right.messages, right.message, new),
        )
        self._show(rows)
        remarks = [CUT] if max(len(old), len(new)) > MOST else []
        if rows.comparison.rough:
            remarks.append(ROUGH.format(size=count_text(rows.comparison.rough, "byte")))
        self.remark.setText(" ".join(remarks))
        self.remark.setVisible(bool(remarks))
        if rows.comparison.differences:
            self.go_next()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._job = None
        self.count.setText("not compared")
        self.remark.setText(sentence or "Comparing was cancelled.")
        self.remark.show()
        self.again.show()

    def _show(self, rows: CompareRows) -> None:
        self.rows.show(rows)
        self._place_columns()
        self.differences.show(rows.comparison)
        some = bool(rows.comparison.differences)
        for button in (self.previous, self.next):
            button.setEnabled(some)
        self.list.setVisible(some)
        if rows is not NOTHING:
            self._tell()

    def _tell(self) -> None:
        comparison, now = self.rows.rows.comparison, self.rows.now
        if not comparison.differences:
            self.count.setText(f"The messages are equal: {count_text(len(comparison.old), 'byte')}.")
            return
        total = count_text(len(comparison.differences), "difference")
        place = "" if now is None else f"{now + 1:,} of "
        self.count.setText(f"{place}{total} · {count_text(comparison.size, 'byte')}")

    @Slot()
    def _on_swap(self) -> None:
        self._sides = (self._sides[1], self._sides[0])
        self._begin()

    # -- from one difference to the next ----------------------------------------------------------

    @Slot()
    def go_next(self) -> None:
        """After the last comes the first."""
        total = self.differences.rowCount()
        if total:
            self.go_to(0 if self.rows.now is None else (self.rows.now + 1) % total)

    @Slot()
    def go_previous(self) -> None:
        total = self.differences.rowCount()
        if total:
            self.go_to((self.rows.now or 0) - 1 if self.rows.now else total - 1)

    def go_to(self, number: int) -> None:
        """Show a difference, counted from 0, in both tables."""
        self.rows.now = number
        row = self.rows.rows.row_of(number)
        self.table.scrollTo(self.rows.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        self.table.selectionModel().setCurrentIndex(
            self.rows.index(row, 0), self.table.selectionModel().SelectionFlag.NoUpdate
        )
        self.table.viewport().update()
        if self.list.currentIndex().row() != number:
            self.list.selectRow(number)
        self._tell()

    @Slot(QModelIndex, QModelIndex)
    def _on_listed(self, current: QModelIndex, before: QModelIndex) -> None:
        if current.isValid() and current.row() != self.rows.now:
            self.go_to(current.row())

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        """A row with differences: go to the first of them."""
        found = [part.difference for part in self.rows.rows.row(index.row()) if part.difference is not None]
        if found and self.rows.now not in found:
            self.go_to(found[0])

    # -- looks ----------------------------------------------------------------------------------

    @Slot()
    def _on_theme(self) -> None:
        self._delegate.refresh()
        self.table.setFont(self._theme.mono)
        self.list.setFont(self._theme.mono)
        height = self._delegate.height
        for table in (self.table, self.list):
            table.verticalHeader().setMinimumSectionSize(1)
            table.verticalHeader().setDefaultSectionSize(height)
            table.horizontalHeader().setFont(self.font())
        self._place_columns()
        wide = self.list.fontMetrics().horizontalAdvance("0")
        for column, characters in enumerate((6, 12, 13, 14, 40)):
            self.list.setColumnWidth(column, characters * wide)
        self.remark.setStyleSheet(f"color: {self._theme.colors.warning};")
        self.table.viewport().update()

    def _place_columns(self) -> None:
        for column in range(self.rows.columnCount()):
            self.table.setColumnWidth(column, self._delegate.width(column, self.rows.rows.width))

    def _fitting(self) -> int:
        """Bytes in a row of one side: 16 if they fit into the window, else 8."""
        needed = sum(self._delegate.width(column, WIDE) for column in range(self.rows.columnCount()))
        return WIDE if needed <= self.width() - EDGES else NARROW

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc."""
        self._stop()
        super().reject()
