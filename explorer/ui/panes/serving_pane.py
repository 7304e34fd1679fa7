"""The Serving dock: who is being served by the chosen server, by which thread or process, and who waits how long."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QStackedWidget, QTableView, QVBoxLayout, QWidget

from explorer.capture.stream import Scope
from explorer.ui.entries import SocketEntry
from explorer.ui.models.serving_model import ServingModel
from explorer.ui.serving_scene import Client, ServingScene, kind_label, worker_text
from explorer.ui.theme import Theme
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.serving_picture import ServingPicture
from explorer.ui.workbench import Workbench

EVERY = 250  # milliseconds between two looks while it is seen
MOST = 2000  # clients listed; more are counted
WIDTHS = (24, 28, 26, 12, 14, 14)  # of the columns, in characters
LONGEST = 1 << 62  # nanoseconds; a capture from disk says more
NOTHING = (
    "Here you see whom a TCP server serves at this moment, and who waits.\n\n"
    "Choose a running TCP server on the left. How it serves (selectors, one client at a time, a thread or a process "
    "for each client, asyncio) is “Serving” in its settings; try “Iterative” with two clients."
)
NOT_LIVE = "Who is being served can only be seen while the server runs; this capture was opened from disk."


class ServingPane(DockedPane):
    """Selecting a client selects its connection everywhere, and the other way round.

    LEAST_LINES: of text that it is high at least; in a lower dock it scrolls.
    """

    LEAST_LINES = 10

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._latest = 0  # nanoseconds since the capture began, as they were known last
        self._following = False  # a selection made elsewhere is being shown
        self._followed = 0  # the connection that was shown so last; 0: none
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.sentence.setMinimumWidth(1)
        self.picture = ServingPicture(theme)
        self.model = ServingModel(self)
        self.table = QTableView()
        self._set_up_table()
        self.shown = QWidget()
        column = QVBoxLayout(self.shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.sentence)
        column.addWidget(self.picture)
        column.addWidget(self.table, 1)
        self.empty = QLabel(NOT_LIVE if workbench.viewing else NOTHING)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.shown)
        self.stack.setMinimumSize(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(6, 3, 6, 0)
        outer.addWidget(self.stack)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.look)
        self.picture.chosen.connect(self._choose)
        # Not `currentRowChanged`: a table that gets the keyboard makes its first row the current one, and selects none.
        self.table.selectionModel().selectionChanged.connect(self._on_selected)
        self.table.clicked.connect(self._on_row)
        self.table.activated.connect(self._on_row)
        workbench.capture_changed.connect(self._on_capture)
        workbench.connections_changed.connect(self._on_connections)
        workbench.socket_changed.connect(self._on_socket)
        workbench.socket_removed.connect(self._on_socket)
        workbench.selection.scope_changed.connect(self._on_scope)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.look()

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Clients of the server")
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def focus_first(self) -> None:
        """Take the keyboard."""
        shown = self.table if self.stack.currentWidget() is self.shown else self.empty
        shown.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what is shown --------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Show what is so now."""
        entry = self._workbench.current
        if entry is None or not entry.running or (entry.spec.transport, entry.spec.role) != ("tcp", "server"):
            self.stack.setCurrentWidget(self.empty)
            return
        scene = self.scene(entry)
        self.sentence.setText(f"{entry.spec.name} · {kind_label(scene.kind)}. {scene.sentence}")
        self.picture.show_scene(scene, self._workbench.selection.scope.connection or 0)
        self.model.show(scene, self._workbench.tally)
        self._follow()
        self.stack.setCurrentWidget(self.shown)

    def scene(self, entry: SocketEntry) -> ServingScene:
        """Whom this server serves."""
        workbench = self._workbench
        now, catalog = self._now(), workbench.catalog
        served: list[Client] = []
        for number, connection in workbench.connections(entry.number).items():
            if connection.open and len(served) < MOST:
                known = catalog.connection(number)
                since = (now - known.opened_at) / 1e9 if known else 0.0
                worker = worker_text(known.worker) if known else ""
                served.append(Client("served", str(connection.remote), number, worker, max(0.0, since)))
        queue, kind = entry.queue, (entry.started or entry.spec).serving.kind
        if queue is None:
            return ServingScene(kind, tuple(served), paused=entry.paused)
        clients = [
            Client("knocking" if one.connecting else "queued", str(one.peer), seconds=max(0.0, (now - one.since) / 1e9))
            for one in queue.clients
        ]
        return ServingScene(
            kind,
            tuple(served),
            tuple(one for one in clients if one.place == "queued"),
            tuple(one for one in clients if one.place == "knocking"),
            queue.waiting,
            queue.backlog,
            entry.paused,
        )

    def _now(self) -> int:
        """Nanoseconds since the capture began."""
        known = self._workbench.reader.known_until()
        if known < LONGEST:
            self._latest = max(self._latest, known)  # it is 0 for a moment while a record is being made
        return self._latest

    def _on_seen(self) -> None:
        if self.seen:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    @Slot(object)
    def _on_connections(self, sockets: set[int]) -> None:
        current = self._workbench.current
        if self.seen and current is not None and current.number in sockets and len(sockets) < MOST:
            self.look()

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        current = self._workbench.current
        if self.seen and (current is None or current.number == number):
            self.look()

    @Slot()
    def _on_capture(self) -> None:
        self._latest = 0

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        if self.seen:
            self.look()

    # -- choosing -------------------------------------------------------------------------------

    @Slot(int)
    def _choose(self, connection: int) -> None:
        entry = self._workbench.current
        if entry is not None:
            self._workbench.selection.choose_scope(Scope(entry.number, connection))

    @Slot(QItemSelection, QItemSelection)
    def _on_selected(self, now: QItemSelection, before: QItemSelection) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows and not self._following:
            self._on_row(rows[0])

    @Slot(QModelIndex)
    def _on_row(self, index: QModelIndex) -> None:
        """The user chose a row, the one that is selected already too."""
        client = self.model.client(index.row())
        if client is not None and client.connection:
            self._choose(client.connection)

    def _follow(self) -> None:
        """The row of the connection that is chosen is the selected one. One who waits has no connection yet: such a
        row stays selected until another connection is chosen."""
        wanted, selection = self._workbench.selection.scope.connection or 0, self.table.selectionModel()
        rows = selection.selectedRows()
        selected = self.model.client(rows[0].row()) if rows else None
        if selected is not None and not selected.connection and wanted == self._followed:
            return
        self._followed = wanted
        row = self.model.row_of(wanted)
        if row == (rows[0].row() if rows else -1):
            return
        self._following = True
        flag = QItemSelectionModel.SelectionFlag
        if row < 0:
            selection.clear()  # the current row too
        else:
            selection.setCurrentIndex(self.model.index(row, 0), flag.ClearAndSelect | flag.Rows)
        self._following = False

    @Slot()
    def _on_theme(self) -> None:
        metrics = self.fontMetrics()
        self.table.verticalHeader().setDefaultSectionSize(metrics.height() + 4)
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, metrics.averageCharWidth() * width)
