"""What came of a load: numbers, the histogram as a picture or a table, why clients failed, and the runs before."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.core.load import LoadReport
from explorer.ui.load_words import KeptRun, csv_text, plain_text
from explorer.ui.models.load_tables import FAILURES, BarsTable, FailuresTable, RunsTable
from explorer.ui.theme import Theme
from explorer.ui.widgets.elided_label import MutedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.load_figures import LoadFigures
from explorer.ui.widgets.load_histogram import LoadHistogram
from explorer.ui.widgets.segmented import SegmentedButtons

NO_FAILURES = "No client failed. Why clients fail, and how many, appears here."
NO_RUNS = (
    "The runs that are over appear here side by side: start the same load on servers that serve in different ways."
)
PAGES = (("picture", "Histogram"), ("table", "Table"), ("failures", "Failures"), ("runs", "Runs"))


class LoadResults(QWidget):
    """Signal: said(str): something was copied, as a sentence."""

    said = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._report: LoadReport | None = None
        self.figures = LoadFigures(theme)
        self.note = QLabel()
        self.histogram = LoadHistogram(theme)
        self.bars, self.failures, self.runs = BarsTable(self), FailuresTable(self), RunsTable(self)
        self.bars_table = _table(self.bars, "Histogram in numbers")
        self.failures_table = _table(self.failures, "Why clients failed")
        self.runs_table = _table(self.runs, "Runs")
        self.pages = SegmentedButtons("Results", PAGES, theme)
        self.copy_button = QPushButton("Copy runs")
        self.remove_button = QPushButton("Remove run")
        self.pointed = MutedLabel(theme)
        self.stack = _Pages()
        self._places: dict[str, QWidget] = {}
        self._lay_out()
        self._connect()
        self._on_theme()
        self._show_page()

    def _lay_out(self) -> None:
        self.note.hide()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._menu = QMenu(self.copy_button)
        self._copy_text = self._menu.addAction("As text")
        self._copy_csv = self._menu.addAction("As CSV, for a spreadsheet")
        self.copy_button.setMenu(self._menu)
        self.copy_button.setToolTip("Copy the runs that are over")
        self.remove_button.setToolTip("Forget the selected runs")
        for button in (self.copy_button, self.remove_button):
            button.setAutoDefault(False)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bar = QWidget()
        flow = FlowLayout(bar, gap=8, line_gap=3)
        for widget in (self.pages, self.copy_button, self.remove_button, self.pointed):
            flow.addWidget(widget)
        self._places = {
            "picture": self.histogram,
            "table": self.bars_table,
            "failures": _Page(self.failures_table, NO_FAILURES),
            "runs": _Page(self.runs_table, NO_RUNS),
        }
        for page in self._places.values():
            self.stack.addWidget(page)
        header = self.failures_table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(FAILURES) - 1, QHeaderView.ResizeMode.Stretch)
        self.failures_table.setWordWrap(True)
        self.failures_table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)  # what room there is
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(5)
        for part in (self.figures, self.note, bar):
            column.addWidget(part)
        column.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.histogram.pointed.connect(self.pointed.setText)
        self.pages.chosen.connect(self._show_page)
        self._copy_text.triggered.connect(self.copy_text)
        self._copy_csv.triggered.connect(self.copy_csv)
        self.remove_button.clicked.connect(self.remove_selected)
        self.runs_table.customContextMenuRequested.connect(self._on_menu)
        self.runs_table.selectionModel().selectionChanged.connect(self._show_page)
        for key, slot in (
            (QKeySequence.StandardKey.Copy, self.copy_text),
            (QKeySequence.StandardKey.Delete, self.remove_selected),
        ):
            shortcut = QShortcut(QKeySequence(key), self.runs_table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        self._theme.changed.connect(self._on_theme)

    def order(self, before: QWidget) -> None:
        """Let Tab come here after `before`."""
        stops = (
            *self.pages.buttons(), self.copy_button, self.remove_button, self.histogram, self.bars_table,
            self.failures_table, self.runs_table,
        )  # fmt: skip
        for widget in stops:
            QWidget.setTabOrder(before, widget)
            before = widget

    # -- showing ------------------------------------------------------------------------------------

    def show_report(self, report: LoadReport, answers: str) -> None:
        """answers: see `LoadPlan`."""
        self._report = report
        self.figures.show_report(report, answers)
        self.histogram.show_latencies(report.latencies, answers != "none")
        self.bars.show_latencies(report.latencies)
        self.failures.show_report(report)
        self.pages.button("failures").setText(f"Failures ({report.failed:,})" if report.failed else "Failures")
        self.note.setText(" ".join([report.problem, *report.notes]).strip())
        self.note.setVisible(bool(self.note.text()))
        self._color_note()
        self._show_page()

    def add_run(self, run: KeptRun) -> None:
        """A run is over."""
        self.runs.add(run)
        self.pages.button("runs").setText(f"Runs ({len(self.runs.runs)})")
        self.runs_table.resizeColumnsToContents()
        self._show_page()

    def show_page(self, name: str) -> None:
        self.pages.choose(name)
        self._show_page()

    @Slot()
    def _show_page(self) -> None:
        page = self._places[self.pages.value]
        self.stack.setCurrentWidget(page)
        for each, model in (("failures", self.failures), ("runs", self.runs)):
            place = self._places[each]
            assert isinstance(place, _Page)
            place.show_table(bool(model.rows))
        kept = bool(self.runs.runs)
        self.copy_button.setEnabled(kept)
        self.remove_button.setVisible(self.pages.value == "runs")
        self.remove_button.setEnabled(kept and self.runs_table.selectionModel().hasSelection())

    # -- runs ---------------------------------------------------------------------------------------

    def _selected(self) -> list[int]:
        return sorted({index.row() for index in self.runs_table.selectionModel().selectedIndexes()})

    def _chosen_runs(self) -> list[KeptRun]:
        """The selected ones, or all."""
        rows = self._selected()
        return [run for place, run in enumerate(self.runs.runs) if place in rows or not rows]

    @Slot()
    def copy_text(self) -> None:
        self._copy(plain_text(self._chosen_runs()), "text")

    @Slot()
    def copy_csv(self) -> None:
        self._copy(csv_text(self._chosen_runs()), "CSV")

    def _copy(self, text: str, form: str) -> None:
        if self.runs.runs:
            QGuiApplication.clipboard().setText(text)
            count = len(self._chosen_runs())
            self.said.emit(f"{count} run{'' if count == 1 else 's'} copied as {form}.")

    @Slot()
    def remove_selected(self) -> None:
        self.runs.remove(self._selected())
        count = len(self.runs.runs)
        self.pages.button("runs").setText(f"Runs ({count})" if count else "Runs")
        self._show_page()

    @Slot(QPoint)
    def _on_menu(self, where: QPoint) -> None:
        if self.runs.runs:
            menu = QMenu(self.runs_table)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Copy as text").triggered.connect(self.copy_text)
            menu.addAction("Copy as CSV").triggered.connect(self.copy_csv)
            menu.addAction("Remove").triggered.connect(self.remove_selected)
            menu.popup(self.runs_table.viewport().mapToGlobal(where))

    def _color_note(self) -> None:
        bad = self._report is not None and bool(self._report.problem)
        palette = self.note.palette()
        colors = self._theme.colors
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colors.error if bad else colors.muted))
        self.note.setPalette(palette)

    @Slot()
    def _on_theme(self) -> None:
        for table in (self.bars_table, self.failures_table, self.runs_table):
            line = table.fontMetrics().lineSpacing()
            table.verticalHeader().setDefaultSectionSize(line + 4)
            table.verticalHeader().setMinimumSectionSize(line + 4)
            table.resizeColumnsToContents()
        wide = self.bars_table.fontMetrics().horizontalAdvance("0") * 12  # of all texts that ever stand there
        for column in range(self.bars.columnCount()):
            self.bars_table.setColumnWidth(column, wide)
        self.stack.setMinimumSize(1, self.histogram.minimumSizeHint().height())
        self._color_note()


class _Pages(QStackedWidget):
    """Takes what room there is, and is content with its least height; that counts where everything has to scroll."""

    def sizeHint(self) -> QSize:
        return self.minimumSize()


class _Page(QWidget):
    """A table, or a sentence while there is nothing in it."""

    def __init__(self, table: QTableView, nothing: str) -> None:
        super().__init__()
        self._table = table
        self._nothing = QLabel(nothing)
        self._nothing.setWordWrap(True)
        self._nothing.setMargin(12)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(table)
        row.addWidget(self._nothing)

    def show_table(self, shown: bool) -> None:
        self._table.setVisible(shown)
        self._nothing.setVisible(not shown)


def _table(model: QAbstractTableModel, name: str) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    return table
