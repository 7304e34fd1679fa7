"""The sockets of the workspace and their connections: choosing a row chooses what all other panes show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMenu, QTreeView, QVBoxLayout, QWidget

from explorer.capture.stream import Scope
from explorer.core.commands import Target
from explorer.ui.models.sockets_model import SocketsModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.node_delegate import NodeDelegate
from explorer.ui.workbench import Workbench

RATES_EVERY = 500  # milliseconds
CALM = 100  # milliseconds between two looks at the connections of a socket that has very many
MANY = 500

EMPTY = "No sockets yet.\nAdd a server or a client: each appears here, with its connections below it."
EMPTY_CAPTURE = "This capture tells of no sockets.\nOpen another one, or look at its calls."
HOW = {"finish": "&Finish sending", "close": "&Close", "reset": "&Reset"}
HINTS = {
    "finish": "shutdown(SHUT_WR): the peer sees the end of the stream and can still send",
    "close": "close(): both directions end",
    "reset": "SO_LINGER 0, then close: the peer gets ECONNRESET",
}


class SocketsTree(QTreeView):
    """Signals: switched(): Space. opened(QModelIndex): Enter. removal_wanted(): Del.
    menu_wanted(QPoint): a menu for the current row, at this place of the screen. resized(). The current row stays in
    sight when the tree gets lower.
    """

    resized = Signal()

    menu_wanted = Signal(QPoint)
    switched = Signal()
    opened = Signal(QModelIndex)
    removal_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.switched.emit()
        elif event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.removal_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        place = self.visualRect(self.currentIndex())
        if place.bottom() >= self.viewport().height() > 0 and place.top() < event.oldSize().height():
            self.show_with_children(self.currentIndex())
        self.resized.emit()

    def show_with_children(self, index: QModelIndex) -> None:
        """Scroll so that a row is seen, and what stands below it as far as there is room."""
        rows = self.model().rowCount(index)
        if rows and self.isExpanded(index):
            self.scrollTo(self.model().index(rows - 1, 0, index))
        self.scrollTo(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        else:
            place = event.globalPos()
            index = self.indexAt(self.viewport().mapFromGlobal(place))
            if index.isValid():
                self.setCurrentIndex(index)
        self.menu_wanted.emit(place)


class SocketsPane(QWidget):
    """Signals:
    send_wanted(Target): the user wants to send to this one (its scope is chosen already).
    start_wanted(int), stop_wanted(int): the user wants this socket to run, or no longer. Starting is not done
        here: the form of its settings may hold a mistake, or a change that is still being typed.
    """

    send_wanted = Signal(object)
    start_wanted = Signal(int)
    stop_wanted = Signal(int)

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._choosing = False
        self._waiting: set[int] = set()
        self.model = SocketsModel(workbench, self)
        self.tree = SocketsTree()
        self._delegate = NodeDelegate(theme, self)
        self._empty = QLabel(EMPTY_CAPTURE if workbench.viewing else EMPTY, self.tree.viewport())
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._set_up_tree()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tree)
        self._rates = QTimer(self)
        self._rates.setInterval(RATES_EVERY)
        self._rates.timeout.connect(self._on_rates)
        self._rates.start()
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM)
        self._calm.timeout.connect(self._on_calm)
        self._seek = QTimer(self)  # when new rows have their places
        self._seek.setSingleShot(True)
        self._seek.timeout.connect(self._on_seek)
        self._connect()
        self._on_theme_changed()
        self._on_rebuilt()

    def _set_up_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        tree.setItemDelegate(self._delegate)
        tree.setHeaderHidden(True)
        tree.setAccessibleName("Sockets and connections")
        tree.setUniformRowHeights(False)
        tree.setIndentation(14)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.setExpandsOnDoubleClick(False)
        tree.menu_wanted.connect(self._on_menu)
        tree.resized.connect(self._place_empty)
        tree.selectionModel().currentChanged.connect(self._on_current_changed)
        tree.doubleClicked.connect(self._on_opened)
        tree.opened.connect(self._on_opened)
        if not self._workbench.viewing:
            tree.switched.connect(self.start_or_stop)
            tree.removal_wanted.connect(self.remove)

    def _connect(self) -> None:
        bench = self._workbench
        bench.socket_added.connect(self._on_added)
        bench.socket_changed.connect(self._on_changed)
        bench.socket_removed.connect(self._on_removed)
        bench.connections_changed.connect(self._on_connections)
        bench.capture_changed.connect(self._on_rebuilt)
        bench.selection.scope_changed.connect(self._on_scope)
        self._theme.changed.connect(self._on_theme_changed)

    def focus_first(self) -> None:
        """Take the keyboard, in the tree."""
        self.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- news -----------------------------------------------------------------------------------

    @Slot(int)
    def _on_added(self, number: int) -> None:
        self.model.add_socket(number)
        self.tree.expand(self.model.index_of(Scope(number)))
        self._show_empty()

    @Slot(int)
    def _on_changed(self, number: int) -> None:
        self.model.change_socket(number)

    @Slot(int)
    def _on_removed(self, number: int) -> None:
        self._choosing = True
        self.model.remove_socket(number)
        self._choosing = False
        self._on_scope(self._workbench.selection.scope)
        self._show_empty()

    @Slot(object)
    def _on_connections(self, sockets: set[int]) -> None:
        # Very many connections are looked at ten times a second; few at once.
        self._waiting |= {number for number in sockets if self.model.open_count(number) > MANY}
        for number in sockets - self._waiting:
            self._take(number)
        if self._waiting and not self._calm.isActive():
            self._calm.start()

    @Slot()
    def _on_calm(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for number in waiting:
            self._take(number)

    def _take(self, number: int) -> None:
        none_yet = not self.model.open_count(number)
        self._choosing = True
        self.model.take_connections(number)
        self._choosing = False
        if self._workbench.selection.scope.socket == number:
            self._on_scope(self._workbench.selection.scope)
            if none_yet and self.tree.visualRect(self.tree.currentIndex()).intersects(self.tree.viewport().rect()):
                self._seek.start()  # the first connection is looked for below its socket

    @Slot()
    def _on_rebuilt(self) -> None:
        self._choosing = True
        self.model.rebuild()
        self.tree.expandAll()
        self._choosing = False
        self._on_scope(self._workbench.selection.scope)
        self._show_empty()

    @Slot()
    def _on_rates(self) -> None:
        if self.isVisible() and not self._workbench.frozen:
            self.model.measure()

    def _show_empty(self) -> None:
        self._empty.setVisible(self.model.rowCount() == 1)
        self._place_empty()

    @Slot()
    def _place_empty(self) -> None:
        top = self.tree.visualRect(self.model.index(0, 0)).bottom() + 16
        seen = self.tree.viewport()
        self._empty.setGeometry(12, top, max(0, seen.width() - 24), max(0, seen.height() - top))

    @Slot()
    def _on_theme_changed(self) -> None:
        self._delegate.refresh()
        self._empty.setStyleSheet(f"color: {self._theme.colors.muted};")
        self._empty.setFont(QApplication.font())
        self.tree.setFont(QApplication.font())
        palette = QApplication.palette()
        palette.setColor(QPalette.ColorRole.Highlight, self._delegate.chosen)  # beside the row, under its branch
        palette.setColor(QPalette.ColorRole.HighlightedText, palette.color(QPalette.ColorRole.Text))
        self.tree.setPalette(palette)
        self.tree.doItemsLayout()
        self._place_empty()

    # -- choosing -------------------------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid() and not self._choosing:
            self._workbench.selection.choose_scope(self.model.scope(current))

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        """Another part of the window (or this one) chose what is looked at."""
        self._choosing = True
        self.model.pin(scope)
        index = self.model.index_of(scope)
        current = self.tree.currentIndex()
        on_more = current.isValid() and self.model.stands_for_more(current) and self.model.scope(current) == scope
        if index.isValid() and index != current and not on_more:
            self.tree.setCurrentIndex(index)
            self._seek.start()
        self._choosing = False

    @Slot()
    def _on_seek(self) -> None:
        """What another part of the window chose, or what is new of it, is seen."""
        self.tree.show_with_children(self.tree.currentIndex())

    @Slot(QModelIndex)
    def _on_opened(self, index: QModelIndex) -> None:
        """Enter, or a double click: more connections, or start and stop."""
        if not index.isValid():
            return
        number = index.internalId()
        if self.model.stands_for_more(index):
            self._show_more(number)
        elif not self._workbench.viewing and not number and index.row():
            self.start_or_stop()

    def _show_more(self, number: int) -> None:
        self._choosing = True  # the row for more may go, and its neighbour is not what the user chose
        self.model.show_more(number)
        self._choosing = False
        self._on_scope(self._workbench.selection.scope)

    # -- what can be done -----------------------------------------------------------------------

    @property
    def _scope(self) -> Scope:
        return self._workbench.selection.scope

    @Slot()
    def start_or_stop(self) -> None:
        """Ask to start the chosen socket, or to stop it when it runs. On "Everything": all of them."""
        entry = self._workbench.current
        if entry is not None:
            (self.stop_wanted if entry.running else self.start_wanted).emit(entry.number)
        elif any(one.running for one in self._workbench.sockets):
            self._workbench.stop_all()
        else:
            self._workbench.start_all()

    @Slot()
    def remove(self) -> None:
        """Remove the chosen socket (undoable); a connection is not removed but closed."""
        if self._scope.socket is not None and self._scope.connection is None:
            self._workbench.remove_socket(self._scope.socket)

    @Slot()
    def rename(self) -> None:
        self.tree.edit(self.tree.currentIndex())

    @Slot()
    def duplicate(self) -> None:
        entry = self._workbench.current
        if entry is not None:
            self._workbench.selection.choose_scope(Scope(self._workbench.duplicate(entry.number)))

    @Slot()
    def copy_address(self) -> None:
        connection = self._workbench.connection(self._scope.connection)
        entry = self._workbench.current
        if connection is not None:
            QApplication.clipboard().setText(str(connection.remote))
        elif entry is not None:
            QApplication.clipboard().setText(str(entry.local or entry.spec.endpoint))

    @Slot()
    def _send_here(self) -> None:
        if self._scope.socket is not None:
            self.send_wanted.emit(Target(self._scope.socket, self._scope.connection))

    @Slot()
    def _end(self) -> None:
        """Carry out the sending action's `data`: finish, close or reset."""
        action = self.sender()
        if isinstance(action, QAction) and self._scope.socket is not None:
            self._workbench.end_connection(Target(self._scope.socket, self._scope.connection), str(action.data()))

    # -- the menu -------------------------------------------------------------------------------

    def make_menu(self) -> QMenu:
        """What can be done with the chosen row."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        scope, entry = self._scope, self._workbench.current
        if entry is not None:
            self._add(menu, "Copy &address", self.copy_address)
        if self._workbench.viewing:
            return menu
        if entry is None:
            sockets = self._workbench.sockets
            self._add(menu, "&Start all", self._workbench.start_all, enabled=any(not one.running for one in sockets))
            self._add(menu, "S&top all", self._workbench.stop_all, enabled=any(one.running for one in sockets))
        elif scope.connection is not None:
            connection = self._workbench.connection(scope.connection)
            is_open = connection is not None and connection.open
            self._add(menu, "&Send to this one only", self._send_here, enabled=is_open)
            menu.addSeparator()
            self._add_ends(menu, "", is_open, udp=entry.spec.transport == "udp")
        else:
            self._add_socket(menu, entry.running)
            if entry.spec.role == "server":
                menu.addSeparator()
                is_open = self.model.open_count(entry.number) > 0
                self._add_ends(menu, " all connections", is_open, udp=entry.spec.transport == "udp")
        return menu

    def _add_socket(self, menu: QMenu, running: bool) -> None:
        if running:
            self._add(menu, "S&top\tSpace", self.start_or_stop)
        else:
            self._add(menu, "&Start\tSpace", self.start_or_stop)
        menu.addSeparator()
        self._add(menu, "Re&name\tF2", self.rename)
        self._add(menu, "&Duplicate", self.duplicate)
        self._add(menu, "Re&move\tDel", self.remove)

    def _add_ends(self, menu: QMenu, whose: str, is_open: bool, udp: bool) -> None:
        for how, text in HOW.items():
            if udp and how != "close":
                continue  # UDP has neither an end of stream nor a reset
            text = f"{text} on{whose}" if whose and how == "finish" else text + whose
            action = self._add(menu, text, self._end, enabled=is_open)
            action.setData(how)
            action.setToolTip("Forget this address until it sends again" if udp else HINTS[how])

    def _add(self, menu: QMenu, text: str, slot: Callable[[], object], enabled: bool = True) -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(slot)
        action.setEnabled(enabled)
        return action

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = self.make_menu()
        if not menu.isEmpty():
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)
