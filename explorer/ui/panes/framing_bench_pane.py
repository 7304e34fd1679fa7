"""The Framing bench: the same bytes under up to four framings side by side, live, and a guess which of them fits."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.core.socket_spec import Choice
from explorer.ui.catch_up import CatchUp
from explorer.ui.models.bench_choices import MOST, OWN, another, same_framing
from explorer.ui.models.bench_rows import BenchFlow, BenchWork
from explorer.ui.models.connection_choice import NEWEST, ConnectionChoice, Offered
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.bench_column import BenchColumn
from explorer.ui.widgets.bench_guesses import GuessList
from explorer.ui.widgets.bench_guessing import BenchGuessing
from explorer.ui.widgets.bench_room import level
from explorer.ui.widgets.connection_box import ConnectionBox
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.workbench import Workbench

TELL_EVERY = 0.2  # seconds
REFRESH = 100  # milliseconds between two looks at the connections, however many come and go
LETTERS = "ABCD"
LINES = 19  # of text that it is high at first
EMPTY = (
    "The same bytes under up to four framings appear here, side by side: what is one message for one framing is two, "
    "or half of one, for another.\n\n"
    "Start a socket and let a connection receive something, or open a capture. Then choose a framing in each column, "
    "or press Guess."
)


class FramingBenchPane(DockedPane):
    """Works while it is seen; what its columns had found stays when it is hidden, and goes on from there.

    LEAST_LINES: of text that it is high at least; in a lower dock it scrolls.
    """

    LEAST_LINES = 9

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._choice = ConnectionChoice(workbench)
        self._offered = Offered()
        self._work: BenchWork | None = None
        self._turn = 0
        self._told = 0.0
        self.columns: list[BenchColumn] = []
        self.connections = ConnectionBox()
        self.direction = SegmentedButtons("Direction", (("received", "← Received"), ("sent", "→ Sent")), theme)
        self.add_button = QPushButton("Add framing")
        self.guess_button = QPushButton("Guess")
        self.size_label = QLabel()
        self.empty = QLabel(EMPTY)
        self.guesses = GuessList(theme)
        self.guessing = BenchGuessing(workbench, self.guesses, self)
        self.stack = QStackedWidget()
        self._row = QHBoxLayout()
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH)
        self._lay_out()
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()
        self._restore()
        self._on_theme()

    def _lay_out(self) -> None:
        label = QLabel("Connection:")
        label.setBuddy(self.connections)
        self.add_button.setToolTip(f"One more column, up to {MOST}")
        self.guess_button.setToolTip("Propose framings that fit these bytes, each with its reason")
        header = QWidget()
        line = FlowLayout(header, gap=8, line_gap=2)
        for widget in (label, self.connections, self.direction, self.add_button, self.guess_button, self.size_label):
            line.addWidget(widget)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.guesses.hide()
        content = QWidget()
        content.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(10)
        self._row.addWidget(self.guesses)
        self.scroller = QScrollArea()
        self.scroller.setWidget(content)
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.scroller)
        self.stack.setMinimumSize(1, 1)
        self.stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 3)
        column.setSpacing(4)
        column.addWidget(header)
        column.addWidget(self.stack, 1)

    def _connect(self) -> None:
        bench = self._workbench
        self.connections.picked.connect(self._on_connection)
        self.direction.chosen.connect(self._on_direction)
        self.add_button.clicked.connect(self.add_column)
        self.guess_button.clicked.connect(self.guess)
        self.guesses.show_wanted.connect(self.show_framing)
        self.guesses.use_wanted.connect(self.use)
        self.guesses.closed.connect(self._close_guesses)
        self.guesses.cancel_wanted.connect(self._close_guesses)
        self.guesses.filled.connect(self._arrange_guesses)
        self._refresh.timeout.connect(self._look)
        bench.ticked.connect(self._on_tick)
        bench.capture_changed.connect(self._on_capture)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.connections_changed.connect(self._on_connections)
        bench.socket_changed.connect(self._on_socket)
        bench.socket_removed.connect(self._on_socket)
        self._theme.changed.connect(self._on_theme)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.fontMetrics().lineSpacing() * LINES)

    def focus_first(self) -> None:
        """Take the keyboard: the rows of the first framing, or where there are none the list of connections."""
        shown = self.columns and self.stack.currentWidget() is self.scroller
        (self.columns[0].table if shown else self.connections).setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- columns ----------------------------------------------------------------------------------

    def _restore(self) -> None:
        """The columns that were there the last time; else the socket's own framing beside another."""
        choices = self._workbench.bench
        self.direction.choose("received" if choices.received else "sent")
        self._offered = self._choice.look()
        for framing in choices.framings or (OWN, another([self._own or Choice("raw")])):
            self._put_column(framing)
        self._arrange()

    def _put_column(self, framing: Choice) -> BenchColumn:
        letter = next(one for one in LETTERS if one not in {column.letter for column in self.columns})
        column = BenchColumn(self._workbench, self._theme, letter, framing)
        place = sum(one.letter < letter for one in self.columns)
        self.columns.insert(place, column)
        self._row.insertWidget(place, column, 1)
        column.room.changed.connect(self._level)
        column.changed.connect(self._on_framing)
        column.use_wanted.connect(self._on_use)
        column.remove_wanted.connect(self._on_remove)
        make_choosable(column)
        return column

    def _arrange(self) -> None:
        """There are other columns now: Tab comes to them in their order."""
        before: QWidget = self.guess_button
        for widget in [stop for column in self.columns for stop in column.stops()] + self.guesses.stops():
            QWidget.setTabOrder(before, widget)
            before = widget
        self.add_button.setEnabled(len(self.columns) < MOST)
        for column in self.columns:
            column.remove_button.setEnabled(len(self.columns) > 1)
        self._level()
        self._remember()
        self._look()

    @Slot()
    def _level(self) -> None:
        """Their tables begin at one height."""
        level([column.room for column in self.columns])

    @property
    def framings(self) -> list[Choice]:
        return [column.framing for column in self.columns]

    def _remember(self) -> None:
        self._workbench.bench.choose(self.framings, self.direction.value == "received")

    @Slot()
    def add_column(self) -> None:
        """One more framing beside the others; the keyboard goes to its list."""
        if len(self.columns) < MOST:
            shown = [column.real(self._own or Choice("raw")) for column in self.columns]
            column = self._put_column(another(shown))
            self._arrange()
            column.form.kinds.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_remove(self) -> None:
        column = self.sender()
        if isinstance(column, BenchColumn) and len(self.columns) > 1:
            place = self.columns.index(column)
            self.columns.remove(column)
            self.columns[min(place, len(self.columns) - 1)].table.setFocus(Qt.FocusReason.OtherFocusReason)
            self._row.removeWidget(column)
            column.let_go()
            column.hide()
            column.deleteLater()
            self._arrange()

    @Slot()
    def _on_framing(self) -> None:
        self._remember()
        self._look()

    @Slot(object)
    def show_framing(self, framing: Choice) -> None:
        """Have it in a column: one that shows it already, a further one, or else the last."""
        right = [one for one in self.columns if not one.wrong]
        column = next((one for one in right if same_framing(one.real(self._own or one.framing), framing)), None)
        if column is None and len(self.columns) < MOST:
            column = self._put_column(framing)
        elif column is None:
            column = self.columns[-1]
            column.show_framing(framing)
        self._arrange()
        self.scroller.ensureWidgetVisible(column)

    # -- the socket's own framing -----------------------------------------------------------------

    @property
    def _own(self) -> Choice | None:
        """The framing of the socket whose bytes are looked at."""
        shown = self._offered.shown
        entry = self._workbench.socket(shown.socket) if shown is not None else None
        return entry.spec.framing if entry is not None else None

    @Slot()
    def _on_use(self) -> None:
        column, own = self.sender(), self._own
        if isinstance(column, BenchColumn) and own is not None:
            self.use(column.real(own))

    @Slot(object)
    def use(self, framing: Choice) -> None:
        """Let the socket have this framing (undoable)."""
        shown = self._offered.shown
        entry = self._workbench.socket(shown.socket) if shown is not None else None
        if entry is not None and not same_framing(entry.spec.framing, framing):
            self._workbench.edit_socket(entry.number, replace(entry.spec, framing=framing))

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        """Its framing or its name may be another."""
        self._on_connections({number})

    # -- which bytes ------------------------------------------------------------------------------

    def _refresh_soon(self) -> None:
        if self.seen and not self._refresh.isActive():
            self._refresh.start()

    @Slot(object)
    def _on_connections(self, sockets: set[int]) -> None:
        if self._workbench.selection.scope.socket in (None, *sockets):
            self._refresh_soon()

    @Slot(object)
    def _on_scope(self, scope: object) -> None:
        self._choice.chosen = NEWEST
        self._look()

    @Slot()
    def _on_capture(self) -> None:
        self.guessing.put_away()
        self._choice.forget()
        self._look()

    @Slot(int)
    def _on_connection(self, number: int) -> None:
        self._choice.pick(number)
        self._look()

    @Slot(str)
    def _on_direction(self, value: str) -> None:
        self.guessing.put_away()
        self._remember()
        self._look()

    @Slot()
    def _look(self) -> None:
        """Find out whose bytes to show, and under which framings."""
        if not self.seen:
            return
        bench = self._workbench
        self._choice.holding = self.guessing.socket is not None  # what a guess is of does not go away under it
        self._offered = self._choice.look()
        self.connections.show_offered(self._offered)
        shown = self._offered.shown
        if shown is None or shown.socket != self.guessing.socket:
            self.guessing.put_away()
        flow = BenchFlow(shown.socket, shown.number, self.direction.value == "received") if shown is not None else None
        if self._work is None or self._work.flow != flow or self._work.reader is not bench.reader:
            self._rest()
            self._work = BenchWork(bench.reader, bench.catalog, flow) if flow is not None else None
        own = self._own
        for column in self.columns:
            column.look(self._work, own)
        self.guessing.show_used(own)
        self.stack.setCurrentWidget(self.scroller if shown is not None else self.empty)
        self.guess_button.setEnabled(shown is not None)
        if self._work is not None:
            self._work.columns = tuple(column.source for column in self.columns if column.source is not None)
            bench.indexer.register(self._work)
            bench.refresh()
            self._catch_up.start()
        self._tell()

    def _rest(self) -> None:
        if self._work is not None:
            self._workbench.indexer.unregister(self._work)

    def _on_seen(self) -> None:
        if self.seen:
            self._look()
        else:
            self._rest()

    # -- frames -----------------------------------------------------------------------------------

    def _looked_at(self) -> int:
        """Calls whose messages are found in every column; of a frozen window, for `CatchUp`."""
        if any(column.busy for column in self.columns):
            return -1
        found = [column.model.state.done for column in self.columns if column.source is not None]
        return min(found, default=self._workbench.reader.count)

    @Slot()
    def _on_tick(self) -> None:
        if not self.seen or self._work is None:
            return
        columns = self.columns
        if self._workbench.indexer.gentle:  # very much arrives, and the engine needs the time: one in turn
            self._turn = (self._turn + 1) % len(columns)
            columns = [columns[self._turn]]
        for column in columns:
            column.tick()
        now = time.monotonic()
        if now >= self._told + TELL_EVERY:
            self._told = now
            self._tell()

    def _tell(self) -> None:
        work = self._work
        text = f"{count_text(work.stream.size, 'byte')} {self.direction.value}" if work is not None else ""
        if text != self.size_label.text():
            self.size_label.setText(text)

    # -- guessing ---------------------------------------------------------------------------------

    @Slot()
    def guess(self) -> None:
        """Look at what came so far, beside the window, and propose framings."""
        if self._work is not None:
            self.guessing.begin(self._work.flow, self._own)
            self.scroller.ensureWidgetVisible(self.guesses)

    @Slot()
    def _close_guesses(self) -> None:
        self.guessing.put_away()
        self._look()
        self.guess_button.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _arrange_guesses(self) -> None:
        """Others are listed now: Tab comes to them behind the columns."""
        stops = self.guesses.stops()
        for before, widget in pairwise([self.columns[-1].table, *stops]):
            QWidget.setTabOrder(before, widget)

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.empty.setStyleSheet(f"color: {colors.muted}; background: {colors.base}")
        self.size_label.setStyleSheet(f"color: {colors.muted}")
