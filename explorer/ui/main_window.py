"""The window: puts panes, actions and files together. What they do stands in their own files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from PySide6.QtCore import QChildEvent, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QInputDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.capture.library import Library
from explorer.capture.stream import Scope
from explorer.settings import Settings
from explorer.ui.actions import Actions
from explorer.ui.capture_files import CaptureFiles
from explorer.ui.captured import Captured
from explorer.ui.entries import Notice
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.registry import PANES, PaneSpec
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.panes.welcome_pane import WelcomePane
from explorer.ui.socket_actions import SocketActions
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.job_bar import JobBar
from explorer.ui.widgets.notice_bar import NoticeBar
from explorer.ui.widgets.status_line import StatusLine
from explorer.ui.window_layout import PLACE, WindowLayout, docks_of
from explorer.ui.workbench import Workbench
from explorer.ui.workspace_files import WorkspaceFiles

P = TypeVar("P", bound=QWidget)

SAVE_AFTER = 1000  # milliseconds from a change to its being kept for the next start


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
        self._put_away: list[QDockWidget] = []  # docks that the welcome page hides
        self.actions_ = Actions(theme, workbench.viewing, self)
        self.workspace_files = WorkspaceFiles(workbench, settings, self)
        self.capture_files = CaptureFiles(workbench, library, self)
        self._library = library
        self.panes: dict[str, QWidget] = {}
        self._save_soon = self._single_shot(SAVE_AFTER, self._save_session)
        self._update_soon = self._single_shot(0, self._update_actions)
        self._build()
        self.socket_actions = SocketActions(workbench, self)
        self._connect()
        self.layout_ = WindowLayout(self, self.splitter, settings)
        self._restore()
        self._update_title()
        self._update_actions()
        self._show_welcome()
        self._single_shot(0, self._make_choosable).start()  # the window shows first

    @Slot()
    def _make_choosable(self) -> None:
        make_choosable(self)

    def _single_shot(self, milliseconds: int, slot: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    # -- assembly -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.resize(1280, 860)
        self._dock_menu = QMenu("&Docks", self)
        self.notices = NoticeBar(self.theme)
        self.welcome = WelcomePane(self.theme)
        self.tables = QTabWidget()
        self.tables.setDocumentMode(True)
        self.tables.setAccessibleName("Calls and messages")
        self.tables.tabBar().setAccessibleName("Calls and messages")
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
        self.actions_.fill_menus(
            {"@undo": undo, "@redo": redo, "@recent": self.workspace_files.recent_menu, "@docks": self._dock_menu}
        )
        self._toolbar = self.actions_.make_toolbar()
        self.addToolBar(self._toolbar)
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
            pane.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # a dock may be narrow
            beside = [one for one in docks_of(self) if self.dockWidgetArea(one) is side]
            dock.setProperty(PLACE, len(self.panes))
            self.addDockWidget(side, dock)
            if beside:
                self.tabifyDockWidget(beside[-1], dock)
                beside[0].raise_()
            self._dock_menu.addAction(dock.toggleViewAction())
        elif spec.area == "top":
            self._middle.insertWidget(self._middle.indexOf(self.splitter), pane)
        elif spec.area == "bottom":
            self._middle.addWidget(pane)
        elif spec.area == "tables":
            self.tables.addTab(pane, spec.title)
        else:
            self.splitter.addWidget(pane)
            self.splitter.setStretchFactor(self.splitter.count() - 1, spec.stretch)

    def _pane(self, kind: type[P], name: str) -> P:
        pane = self.panes[name]
        assert isinstance(pane, kind)
        return pane

    def _connect(self) -> None:
        slots: dict[str, Callable[[], object]] = {
            "new_server": self.socket_actions.add_server,
            "new_client": self.socket_actions.add_client,
            "try_it": self.socket_actions.try_it,
            "start": self.socket_actions.start,
            "stop": self.socket_actions.stop,
            "start_all": self.workbench.start_all,
            "stop_all": self.workbench.stop_all,
            "duplicate": self.socket_actions.duplicate,
            "remove": self.socket_actions.remove,
            "find": self.open_find,
            "go_to": self.go_to_offset,
            "filter": self.filter_calls,
            "highlight": self.workbench.notes.highlight_selection,
            "add_note": self.workbench.notes.note_selection,
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
            "capture_limit": self.ask_capture_limit,
            "captures_folder": self.capture_files.show_folder,
            "quit": self.close,
            "reset_layout": self.layout_reset,
            "shortcuts": self.show_shortcuts,
            "about": self.show_about,
        }
        for name, slot in slots.items():
            self.actions_[name].triggered.connect(slot)
        self.actions_["freeze"].toggled.connect(self.workbench.set_frozen)
        self.actions_["high_contrast"].toggled.connect(self.theme.set_high_contrast)
        for name in ("sockets", "settings", "calls", "messages", "bytes", "send", "inspector", "content"):
            self.actions_[f"go_{name}"].triggered.connect(self._on_go)
        self.welcome.server_wanted.connect(self.socket_actions.add_server)
        self.welcome.client_wanted.connect(self.socket_actions.add_client)
        self.welcome.try_wanted.connect(self.socket_actions.try_it)
        self.welcome.open_wanted.connect(self.workspace_files.open)
        bench = self.workbench
        bench.noticed.connect(self.notices.show_notice)
        bench.jobs.started.connect(self.job_bar.watch)
        bench.finder.list_wanted.connect(self._on_list_wanted)
        bench.socket_added.connect(self._on_sockets)
        bench.socket_removed.connect(self._on_sockets)
        bench.socket_changed.connect(self._on_socket_changed)
        bench.selection.scope_changed.connect(self._on_scope)
        self.notices.acted.connect(self._on_notice_acted)
        self.workspace_files.title_changed.connect(self._update_title)
        self.capture_files.opened.connect(self.show_capture)
        self.socket_actions.start_wanted.connect(self._pane(SettingsPane, "settings").start)
        self.socket_actions.focus_wanted.connect(self._focus)
        sockets = self._pane(SocketsPane, "sockets")
        sockets.send_wanted.connect(self._on_send_wanted)
        sockets.start_wanted.connect(self.socket_actions.start_one)
        sockets.stop_wanted.connect(bench.stop)
        bench.document_changed.connect(self._save_soon.start)
        self.theme.changed.connect(self._on_theme)

    # -- what the actions do ----------------------------------------------------------------------

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
        """Ask first when that closes connections of others."""
        bench = self.workbench
        count = sum(entry.open for one in bench.sockets for entry in bench.connections(one.number).values())
        if count == 0:
            self._begin_capture()
            return
        button = QMessageBox.StandardButton
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("New capture")
        box.setText(f"A new capture closes {count_text(count, 'open connection')}.")
        box.setInformativeText("Sockets that run are started again on it; their peers have to connect again.")
        box.setStandardButtons(button.Ok | button.Cancel)
        box.accepted.connect(self._begin_capture)
        box.show()

    @Slot()
    def ask_capture_limit(self) -> None:
        writer = self.workbench.reader.writer
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setWindowTitle("Capture limit")
        dialog.setLabelText("A capture may take so many gigabytes of disk; then reading pauses:")
        dialog.setDoubleDecimals(1)
        dialog.setDoubleRange(0.1, 10_000)
        dialog.setDoubleValue((writer.quota if writer else 0) / 1e9)
        dialog.doubleValueSelected.connect(self._set_capture_limit)
        dialog.show()

    @Slot(float)
    def _set_capture_limit(self, gigabytes: float) -> None:
        """From now on, for later captures too; reading that was paused by the limit goes on."""
        self.settings.quota = round(gigabytes * 1e9)
        self.workbench.resume_capture(self.settings.quota)

    @Slot()
    def _begin_capture(self) -> None:
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

    @Slot(str)
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
        if hasattr(pane, "focus_first"):
            pane.focus_first()
        else:
            pane.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_list_wanted(self) -> None:
        self._focus("found")

    @Slot(object)
    def _on_send_wanted(self, target: object) -> None:
        self._focus("send")

    @Slot(object)
    def show_capture(self, captured: Captured) -> None:
        """A window of its own for a capture from disk."""
        window = MainWindow(Workbench(captured, None), self.theme, self.settings, self._library, None)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for sentence in captured.reader.warnings:
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
        self._update_soon.start()  # there may be thousands of changes in a frame

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        self._update_actions()

    def _show_welcome(self) -> None:
        """The welcome page while there is nothing at all, else the panes."""
        empty = not self.workbench.sockets and self.workbench.reader.count == 0 and not self.workbench.viewing
        docks = self.findChildren(QDockWidget)
        if empty and not self._put_away:
            self._put_away = [dock for dock in docks if not dock.isHidden()]
            for dock in self._put_away:
                dock.hide()
        elif not empty:
            for dock in self._put_away:
                dock.show()
            if self._put_away:
                self.layout_.raise_first()
                self.layout_.make_room()
            self._put_away = []
        self.stack.setCurrentIndex(0 if empty else 1)

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
            self.setWindowModified(self.workspace_files.path is not None and self.workspace_files.modified)

    @Slot(object)
    def _on_notice_acted(self, notice: Notice) -> None:
        if notice.key == "capture-full":
            self.workbench.resume_capture()
        elif notice.key in (handlers := self.capture_files.handlers()):
            handlers[notice.key]()

    @Slot()
    def _on_theme(self) -> None:
        self.actions_["theme_system"].setChecked(self.theme.mode == "system")
        self.actions_["high_contrast"].setChecked(self.theme.high_contrast)
        side = max(16, round(self.fontMetrics().height() * 1.4))
        self._toolbar.setIconSize(QSize(side, side))
        for dock in self.findChildren(QDockWidget):
            dock.setMinimumWidth(self.fontMetrics().averageCharWidth() * 12)
        self.layout_.fit_docks()

    # -- remembered -----------------------------------------------------------------------------

    def _restore(self) -> None:
        self.layout_.restore()
        self._on_theme()
        self._pane(SettingsPane, "settings").set_hosts(self.settings.hosts)
        self._pane(SettingsPane, "settings").fold(self.settings.form_folded)
        self._pane(BytesPane, "bytes").set_choices(self.settings.bytes_view)
        self.workbench.finder.history.load(self.settings.patterns)
        if not self.workbench.viewing:
            self._pane(SendPane, "send").set_history(self.settings.history)
            self._pane(SendPane, "send").set_choices(self.settings.composer)

    @Slot()
    def layout_reset(self) -> None:
        self.layout_.reset()

    @Slot()
    def _save_session(self) -> None:
        """After each change, so that a crash does not take the sockets along."""
        if self.workbench.viewing:
            return
        self.settings.session = self.workbench.document
        self.settings.history = self._pane(SendPane, "send").history()
        self.settings.composer = self._pane(SendPane, "send").choices()
        self.settings.hosts = self._pane(SettingsPane, "settings").hosts
        self.settings.form_folded = self._pane(SettingsPane, "settings").folded
        self.settings.patterns = self.workbench.finder.history.lines
        self.settings.save()

    def _remember(self) -> None:
        self.settings.theme = self.theme.mode
        self.settings.zoom = self.theme.zoom
        self.settings.high_contrast = self.theme.high_contrast
        if not self.workbench.viewing:  # a viewer is a second window and leaves no trace
            self.settings.bytes_view = self._pane(BytesPane, "bytes").choices
            self.layout_.remember(whole=self.stack.currentIndex() == 1)
            self._save_session()
        self.settings.save()

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        bar = event.child()
        if event.polished() and isinstance(bar, QTabBar):  # Qt makes one where docks share a place
            bar.setAccessibleName("Docks")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_.make_room()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.workbench.viewing and not self.workspace_files.may_close(self.close):
            event.ignore()
            return
        for viewer in list(self._viewers):
            if _is_alive(viewer):
                viewer.close()
        self._save_soon.stop()
        self._remember()
        self.workbench.shut_down()
        if self._live is not None:
            self._live.close()
        super().closeEvent(event)

    def createPopupMenu(self) -> QMenu | None:
        return None  # hiding the toolbar by a stray right click would be a trap


def _is_alive(window: QMainWindow) -> bool:
    from shiboken6 import isValid

    return bool(isValid(window))
