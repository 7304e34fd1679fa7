"""The window: puts panes, actions and files together. What they do stands in their own files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QByteArray, Qt, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.capture.library import Library
from explorer.capture.stream import Scope
from explorer.core.socket_spec import Role, SocketSpec
from explorer.settings import Settings
from explorer.ui.actions import Actions
from explorer.ui.capture_files import CaptureFiles
from explorer.ui.entries import Notice
from explorer.ui.panes.registry import PANES, PaneSpec
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.panes.welcome_pane import WelcomePane
from explorer.ui.theme import Theme
from explorer.ui.try_it import TryIt
from explorer.ui.widgets.job_bar import JobBar
from explorer.ui.widgets.notice_bar import NoticeBar
from explorer.ui.widgets.status_line import StatusLine
from explorer.ui.workbench import Workbench
from explorer.ui.workspace_files import WorkspaceFiles

LAYOUT = 1  # version of the saved layout
FIRST_PORT = 9000
SIZES = (300, 270, 120)  # heights of tables, bytes and send, in proportion


class Live(Protocol):
    """What the window asks of the program around it."""

    def new_capture(self) -> None:
        """Put the present capture away and begin another; what runs is started again on it."""

    def close(self) -> None:
        """End the engine and the capture in good order."""


class MainWindow(QMainWindow):
    """One window over one workbench. live None: it shows a capture from disk."""

    def __init__(
        self, workbench: Workbench, theme: Theme, settings: Settings, library: Library, live: Live | None
    ) -> None:
        super().__init__()
        self.workbench = workbench
        self.theme = theme
        self.settings = settings
        self._live = live
        self._viewers: list[MainWindow] = []
        self.actions_ = Actions(theme, workbench.viewing, self)
        self.workspace_files = WorkspaceFiles(workbench, settings, self)
        self.capture_files = CaptureFiles(workbench, library, self)
        self._library = library
        self.panes: dict[str, QWidget] = {}
        self._build()
        self._connect()
        self._restore()
        self._update_title()
        self._update_actions()
        self._show_welcome()

    # -- assembly -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.resize(1280, 860)
        self.notices = NoticeBar(self.theme)
        self.welcome = WelcomePane(self.theme)
        self.tables = QTabWidget()
        self.tables.setDocumentMode(True)
        self.tables.setAccessibleName("Calls and messages")
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.tables)
        self.splitter.setStretchFactor(0, 3)
        middle = QWidget()
        self._middle = QVBoxLayout(middle)
        self._middle.setContentsMargins(0, 0, 0, 0)
        self._middle.setSpacing(0)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(middle)
        self._middle.addWidget(self.splitter, 1)
        for spec in PANES:
            if not (spec.live and self.workbench.viewing):
                self._add_pane(spec)
        self.splitter.setSizes(list(SIZES[: self.splitter.count()]))
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(central)
        self._build_bars()

    def _build_bars(self) -> None:
        undo = self.workbench.undo.createUndoAction(self, "&Undo")
        undo.setShortcut("Ctrl+Z")
        redo = self.workbench.undo.createRedoAction(self, "&Redo")
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        others: dict[str, object] = {"@undo": undo, "@redo": redo, "@recent": self.workspace_files.recent_menu}
        self.actions_.fill_menus(others)  # type: ignore[arg-type]
        self.addToolBar(self.actions_.make_toolbar())
        self.status_line = StatusLine(self.workbench)
        self.job_bar = JobBar()
        bar = self.statusBar()
        bar.setContentsMargins(8, 0, 0, 0)
        bar.addWidget(self.status_line, 1)
        bar.addPermanentWidget(self.job_bar)

    def _add_pane(self, spec: PaneSpec) -> None:
        pane = spec.make(self.workbench, self.theme)
        self.panes[spec.name] = pane
        if spec.area in ("left", "right"):
            dock = QDockWidget(spec.title, self)
            dock.setObjectName(f"dock_{spec.name}")
            dock.setWidget(pane)
            side = (
                Qt.DockWidgetArea.LeftDockWidgetArea if spec.area == "left" else Qt.DockWidgetArea.RightDockWidgetArea
            )
            self.addDockWidget(side, dock)
            self.resizeDocks([dock], [270], Qt.Orientation.Horizontal)
        elif spec.area == "top":
            self._middle.insertWidget(self._middle.indexOf(self.splitter), pane)
        elif spec.area == "bottom":
            self._middle.addWidget(pane)
        elif spec.area == "tables":
            self.tables.addTab(pane, spec.title)
        else:
            self.splitter.addWidget(pane)
            self.splitter.setStretchFactor(self.splitter.count() - 1, spec.stretch)

    def _connect(self) -> None:
        slots: dict[str, Callable[[], object]] = {
            "new_server": self.add_server,
            "new_client": self.add_client,
            "try_it": self.try_it,
            "start": self.start,
            "stop": self.stop,
            "start_all": self.workbench.start_all,
            "stop_all": self.workbench.stop_all,
            "duplicate": self.duplicate,
            "remove": self.remove,
            "find": self.open_find,
            "go_to": self.go_to_offset,
            "filter": self.filter_calls,
            "zoom_in": self.theme.zoom_in,
            "zoom_out": self.theme.zoom_out,
            "zoom_reset": self.theme.zoom_reset,
            "toggle_theme": self.theme.toggle,
            "theme_system": self.follow_system,
            "new_workspace": self.workspace_files.new,
            "open_workspace": self.workspace_files.open,
            "save_workspace": self.workspace_files.save,
            "save_workspace_as": self.workspace_files.save_as,
            "new_capture": self.new_capture,
            "open_capture": self.capture_files.open,
            "save_capture": self.capture_files.save,
            "export": self.capture_files.export,
            "captures_folder": self.capture_files.show_folder,
            "quit": self.close,
            "reset_layout": self.reset_layout,
            "shortcuts": self.show_shortcuts,
            "about": self.show_about,
        }
        for name, slot in slots.items():
            self.actions_[name].triggered.connect(slot)
        self.actions_["freeze"].toggled.connect(self.workbench.set_frozen)
        for name in ("sockets", "settings", "calls", "messages", "bytes", "send"):
            self.actions_[f"go_{name}"].triggered.connect(self._on_go)
        self.welcome.server_wanted.connect(self.add_server)
        self.welcome.client_wanted.connect(self.add_client)
        self.welcome.try_wanted.connect(self.try_it)
        self.welcome.open_wanted.connect(self.workspace_files.open)
        bench = self.workbench
        bench.noticed.connect(self.notices.show_notice)
        bench.jobs.started.connect(self.job_bar.watch)
        bench.socket_added.connect(self._on_sockets)
        bench.socket_removed.connect(self._on_sockets)
        bench.socket_changed.connect(self._on_socket_changed)
        bench.selection.scope_changed.connect(self._on_scope)
        self.notices.acted.connect(self._on_notice_acted)
        self.workspace_files.title_changed.connect(self._update_title)
        self.capture_files.opened.connect(self.show_capture)
        sockets = self.panes["sockets"]
        assert isinstance(sockets, SocketsPane)
        sockets.send_wanted.connect(self._on_send_wanted)
        self.theme.changed.connect(self._on_theme)

    # -- what the actions do ----------------------------------------------------------------------

    @Slot()
    def add_server(self) -> None:
        self._add("server")

    @Slot()
    def add_client(self) -> None:
        self._add("client")

    def _add(self, role: Role) -> None:
        """A new socket, chosen, with the keyboard in its settings. A client takes the last server's port."""
        ports = [entry.spec.port for entry in self.workbench.sockets if entry.spec.role == "server"]
        if role == "server":
            port = next(port for port in range(FIRST_PORT, FIRST_PORT + len(ports) + 1) if port not in ports)
        else:
            port = ports[-1] if ports and ports[-1] else FIRST_PORT
        number = self.workbench.add_socket(SocketSpec(role, "tcp", role, "127.0.0.1", port))
        self.workbench.selection.choose_scope(Scope(number))
        self._focus("settings")

    @Slot()
    def try_it(self) -> None:
        TryIt(self.workbench)
        self._focus("send")

    @Slot()
    def start(self) -> None:
        entry = self.workbench.current
        if entry is not None:
            settings = self.panes["settings"]
            assert isinstance(settings, SettingsPane)
            settings.start()
        else:
            self.workbench.start_all()

    @Slot()
    def stop(self) -> None:
        entry = self.workbench.current
        if entry is not None:
            self.workbench.stop(entry.number)
        else:
            self.workbench.stop_all()

    @Slot()
    def duplicate(self) -> None:
        entry = self.workbench.current
        if entry is not None:
            self.workbench.selection.choose_scope(Scope(self.workbench.add_socket(entry.spec)))

    @Slot()
    def remove(self) -> None:
        entry = self.workbench.current
        if entry is not None:
            self.workbench.remove_socket(entry.number)

    @Slot()
    def open_find(self) -> None:
        self._bytes("open_find")

    @Slot()
    def go_to_offset(self) -> None:
        self._bytes("open_go_to")

    @Slot()
    def filter_calls(self) -> None:
        if self.stack.currentIndex() == 1:
            current = self.tables.currentWidget()
            if hasattr(current, "focus_filter"):
                current.focus_filter()

    def _bytes(self, method: str) -> None:
        if self.stack.currentIndex() == 1:
            getattr(self.panes["bytes"], method)()

    @Slot()
    def new_capture(self) -> None:
        if self._live is not None:
            self._live.new_capture()

    @Slot()
    def follow_system(self) -> None:
        self.theme.set_mode("system" if self.actions_["theme_system"].isChecked() else "light")

    @Slot()
    def show_shortcuts(self) -> None:
        from explorer.ui.dialogs.shortcuts_dialog import ShortcutsDialog  # seldom wanted: not at every start

        ShortcutsDialog(self.actions_.listing(), self).show()

    @Slot()
    def show_about(self) -> None:
        from explorer.ui.dialogs.about_dialog import show_about

        show_about(self)

    @Slot()
    def _on_go(self) -> None:
        self._focus(self.sender().objectName().removeprefix("go_"))

    def _focus(self, name: str) -> None:
        """Move the keyboard to a pane, bringing it to the front."""
        pane = self.panes.get(name)
        if pane is None or (self.stack.currentIndex() == 0 and name != "sockets"):
            return
        if self.tables.indexOf(pane) >= 0:
            self.tables.setCurrentWidget(pane)
        for dock in self.findChildren(QDockWidget):
            if dock.widget() is pane:
                dock.show()
                dock.raise_()
        pane.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(object)
    def _on_send_wanted(self, target: object) -> None:
        self._focus("send")

    @Slot(object)
    def show_capture(self, reader: object) -> None:
        """A window of its own for a capture from disk."""
        from explorer.capture.reader import Reader

        assert isinstance(reader, Reader)
        window = MainWindow(Workbench(reader, None), self.theme, self.settings, self._library, None)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for sentence in reader.warnings:
            window.workbench.notice(sentence, serious=True)
        self._viewers.append(window)
        window.destroyed.connect(self._on_viewer_gone)
        window.show()

    @Slot()
    def _on_viewer_gone(self) -> None:
        self._viewers = [window for window in self._viewers if _is_alive(window)]

    # -- what happens -----------------------------------------------------------------------------

    @Slot(int)
    def _on_sockets(self, number: int) -> None:
        self._show_welcome()
        self._update_actions()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        self._update_actions()

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        self._update_actions()

    def _show_welcome(self) -> None:
        empty = not self.workbench.sockets and self.workbench.reader.count == 0 and not self.workbench.viewing
        self.stack.setCurrentIndex(0 if empty else 1)
        for dock in self.findChildren(QDockWidget):
            dock.setVisible(not empty and not dock.property("closed_by_user"))

    def _update_actions(self) -> None:
        if self.workbench.viewing:
            return
        sockets, entry = self.workbench.sockets, self.workbench.current
        running = [one for one in sockets if one.running]
        actions = self.actions_
        actions["start"].setEnabled(not entry.running if entry else len(running) < len(sockets))
        actions["stop"].setEnabled(entry.running if entry else bool(running))
        actions["start_all"].setEnabled(len(running) < len(sockets))
        actions["stop_all"].setEnabled(bool(running))
        for name in ("duplicate", "remove"):
            actions[name].setEnabled(entry is not None)
        self._update_title()

    @Slot()
    def _update_title(self) -> None:
        if self.workbench.viewing:
            self.setWindowTitle(f"{self.workbench.reader.folder.name} (capture) – Socket Explorer")
        else:
            self.setWindowTitle(f"{self.workspace_files.title} – Socket Explorer")
            self.setWindowModified(self.workspace_files.modified)

    @Slot(object)
    def _on_notice_acted(self, notice: Notice) -> None:
        if notice.key == "capture-full":
            self.workbench.resume_capture()
        elif notice.key in (handlers := self.capture_files.handlers()):
            handlers[notice.key]()

    @Slot()
    def _on_theme(self) -> None:
        self.actions_["theme_system"].setChecked(self.theme.mode == "system")

    # -- remembered -----------------------------------------------------------------------------

    def _restore(self) -> None:
        self.actions_["theme_system"].setChecked(self.theme.mode == "system")
        self._default_layout = self.saveState(LAYOUT)
        self._default_sizes = self.splitter.saveState()
        for name, restore in (("geometry", self.restoreGeometry), ("splitter", self.splitter.restoreState)):
            blob = self.settings.blob(name)
            if blob is not None:
                restore(blob)
        state = self.settings.blob("state")
        if state is not None:
            self.restoreState(state, LAYOUT)
        send, settings = self.panes.get("send"), self.panes.get("settings")
        if isinstance(send, SendPane):
            send.set_history(self.settings.history)
        if isinstance(settings, SettingsPane):
            settings.set_hosts(self.settings.hosts)

    @Slot()
    def reset_layout(self) -> None:
        self.settings.forget_layout()
        self.restoreState(self._default_layout, LAYOUT)
        self.splitter.restoreState(QByteArray(self._default_sizes))

    def _remember(self) -> None:
        self.settings.set_blob("geometry", self.saveGeometry())
        if self.stack.currentIndex() == 1:
            self.settings.set_blob("splitter", self.splitter.saveState())
            self.settings.set_blob("state", self.saveState(LAYOUT))
        self.settings.theme = self.theme.mode
        self.settings.zoom = self.theme.zoom
        if not self.workbench.viewing:
            self.settings.session = self.workbench.specs
            send, settings = self.panes["send"], self.panes["settings"]
            assert isinstance(send, SendPane)
            assert isinstance(settings, SettingsPane)
            self.settings.history = send.history()
            self.settings.hosts = settings.hosts
        self.settings.save()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.workbench.viewing and not self.workspace_files.may_discard():
            event.ignore()
            return
        self._remember()
        for viewer in list(self._viewers):
            if _is_alive(viewer):
                viewer.close()
        self.workbench.shut_down()
        if self._live is not None:
            self._live.close()
        super().closeEvent(event)

    def createPopupMenu(self) -> QMenu | None:
        return None  # hiding the toolbar by a stray right click would be a trap


def _is_alive(window: QMainWindow) -> bool:
    from shiboken6 import isValid

    return bool(isValid(window))
