"""The window: puts panes, actions and files together. What they do stands in their own files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QChildEvent, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QFont, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
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
from explorer.ui.icons import themed_icon
from explorer.ui.pane_areas import PaneAreas
from explorer.ui.pane_places import TITLE_BUTTONS, PaneDock
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.panes.welcome_pane import WelcomePane
from explorer.ui.present_capture import PresentCapture
from explorer.ui.socket_actions import SocketActions
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.job_bar import JobBar
from explorer.ui.widgets.notice_bar import NoticeBar
from explorer.ui.widgets.status_line import StatusLine
from explorer.ui.window_layout import WindowLayout
from explorer.ui.window_memory import WindowMemory
from explorer.ui.workbench import Workbench
from explorer.ui.workspace_files import WorkspaceFiles

LAID_OUT = 150  # milliseconds after which new content has its places, and folds what has none


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
        self.present_capture = PresentCapture(workbench, settings, self)
        self.socket_actions = SocketActions(workbench, self)
        self._library = library
        self._update_soon = self._at_rest(self._update_actions)
        self._room_soon = self._at_rest(self._make_room)
        self._give_back_soon = self._at_rest(self._give_back)
        self._give_back_later = self._at_rest(self._give_back)
        self._give_back_later.setInterval(LAID_OUT)
        self._zoom = theme.zoom  # that the docks fit
        self._build()
        self._connect_actions()
        self._connect_panes()
        self._connect_workbench()
        self.layout_ = WindowLayout(self, self.panes, settings)
        for dock in self.findChildren(PaneDock):
            dock.visibilityChanged.connect(self._room_soon.start)
            dock.coming.connect(self.layout_.let_come)
            dock.dragged.connect(self.layout_.dragged)
        self._memory = WindowMemory(settings, workbench, theme, self.panes, self.layout_, self)
        self._on_theme()
        self._update_title()
        self._update_actions()
        self._show_welcome()
        self._at_rest(self._make_choosable).start()  # the window shows first

    def _at_rest(self, slot: Callable[[], object]) -> QTimer:
        """Once started, it calls `slot` when nothing else is to be done."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def _make_choosable(self) -> None:
        make_choosable(self)

    # -- assembly -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.notices = NoticeBar(self.theme)
        self.welcome = WelcomePane(self.theme)
        self.panes = PaneAreas(self, self.workbench, self.theme)
        self.tables = self.panes.tables
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.panes.room)
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
            {"@undo": undo, "@redo": redo, "@recent": self.workspace_files.recent_menu, "@docks": self.panes.dock_menu}
        )
        self.panes.show_keys({name: self.actions_[f"go_{name}"] for name in self.panes})
        self._toolbar = self.actions_.make_toolbar()
        self.addToolBar(self._toolbar)
        self.status_line = StatusLine(self.workbench)
        self.job_bar = JobBar()
        bar = self.statusBar()
        bar.setContentsMargins(8, 0, 0, 0)
        bar.addWidget(self.status_line, 1)
        bar.addPermanentWidget(self.job_bar)

    def _connect_actions(self) -> None:
        for name, slot in self._slots().items():
            self.actions_[name].triggered.connect(slot)
        self.actions_["freeze"].toggled.connect(self.workbench.set_frozen)
        self.actions_["high_contrast"].toggled.connect(self.theme.set_high_contrast)
        for name in self.panes:
            self.actions_[f"go_{name}"].triggered.connect(self._on_go)

    def _slots(self) -> dict[str, Callable[[], object]]:
        """What each action does."""
        return {
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
            "find_next": self.find_next,
            "find_previous": self.find_previous,
            "list_results": self.list_results,
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
            "new_capture": self.present_capture.ask_new,
            "open_capture": self.capture_files.open,
            "save_capture": self.capture_files.save,
            "export": self.capture_files.export,
            "capture_limit": self.present_capture.ask_limit,
            "captures_folder": self.capture_files.show_folder,
            "quit": self.close,
            "reset_layout": self.layout_reset,
            "shortcuts": self.show_shortcuts,
            "about": self.show_about,
        }

    def _connect_panes(self) -> None:
        bench = self.workbench
        self.welcome.server_wanted.connect(self.socket_actions.add_server)
        self.welcome.client_wanted.connect(self.socket_actions.add_client)
        self.welcome.try_wanted.connect(self.socket_actions.try_it)
        self.welcome.open_wanted.connect(self.workspace_files.open)
        self.socket_actions.start_wanted.connect(self.panes.get_as(SettingsPane, "settings").start)
        self.socket_actions.focus_wanted.connect(self._focus)
        sockets = self.panes.get_as(SocketsPane, "sockets")
        sockets.send_wanted.connect(self._on_send_wanted)
        sockets.start_wanted.connect(self.socket_actions.start_one)
        sockets.stop_wanted.connect(bench.stop)
        bench.finder.list_wanted.connect(self.list_results)
        bench.notes.edit_wanted.connect(self._on_edit_wanted)
        bench.setting_wanted.connect(self._on_setting_wanted)
        bench.python_wanted.connect(self._on_python_wanted)

    def _connect_workbench(self) -> None:
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
        self.present_capture.new_wanted.connect(self._begin_capture)
        self.theme.changed.connect(self._on_theme)

    # -- what the actions do ----------------------------------------------------------------------

    @property
    def _shows_panes(self) -> bool:
        return self.stack.currentWidget() is self.panes.room

    @Slot()
    def open_find(self) -> None:
        if self._shows_panes:
            self.panes.get_as(BytesPane, "bytes").open_find()

    @Slot()
    def find_next(self) -> None:
        if self._shows_panes:
            self.panes.get_as(BytesPane, "bytes").find_bar.find_next()

    @Slot()
    def find_previous(self) -> None:
        if self._shows_panes:
            self.panes.get_as(BytesPane, "bytes").find_bar.find_previous()

    @Slot()
    def list_results(self) -> None:
        self._focus("found")

    @Slot()
    def go_to_offset(self) -> None:
        if self._shows_panes:
            self.panes.get_as(BytesPane, "bytes").open_go_to()

    @Slot()
    def filter_calls(self) -> None:
        if self._shows_panes:
            self.panes.focus_filter()

    @Slot()
    def follow_system(self) -> None:
        self.theme.set_mode("system" if self.actions_["theme_system"].isChecked() else "light")

    @Slot()
    def layout_reset(self) -> None:
        self.layout_.reset()

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
        """Move the keyboard to a pane; to docks only while the welcome page stands where the others are."""
        if name in self.panes and (self._shows_panes or self.panes.is_dock(name)):
            self.panes.focus(name)

    @Slot(object)
    def _on_send_wanted(self, target: object) -> None:
        self._focus("send")

    @Slot(int, str)
    def _on_setting_wanted(self, number: int, name: str) -> None:
        """Move the keyboard to a setting of a socket."""
        self.workbench.selection.choose_scope(Scope(number))
        self.panes.get_as(SettingsPane, "settings").focus_field(name)

    @Slot(str)
    def _on_python_wanted(self, sequence: str) -> None:
        """Bring the Python dock to the front, with this sequence."""
        from explorer.ui.panes.python_pane import PythonPane

        self.panes.get_as(PythonPane, "python").show_sequence(sequence)
        self.panes.focus("python")

    @Slot(int)
    def _on_edit_wanted(self, number: int) -> None:
        """The list of notes hears this itself, once it was made."""
        if not self.panes.is_made("notes"):
            from explorer.ui.panes.notes_pane import NotesPane

            self.panes.get_as(NotesPane, "notes").edit(number)

    @Slot()
    def _begin_capture(self) -> None:
        if self._live is not None:
            self._live.new_capture()

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

    def _show_page(self, shown: QWidget) -> None:
        """The page that is not shown needs no room."""
        for page in (self.welcome, self.panes.room):
            policy = QSizePolicy.Policy.Preferred if page is shown else QSizePolicy.Policy.Ignored
            page.setSizePolicy(policy, policy)
        self.stack.setCurrentWidget(shown)

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
        self._show_page(self.welcome if empty else self.panes.room)

    @Slot()
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
        line = self.fontMetrics().height()
        side = max(16, min(round(line * 1.4), line + 8))
        self._toolbar.setIconSize(QSize(side, side))
        title = QFont(self.font())
        # A dock's title is painted in a font that was set and is not the inherited one; else in the program's first.
        title.setPointSizeF(title.pointSizeF() + 0.01)
        icons = {button: themed_icon(icon, self.theme) for button, icon in TITLE_BUTTONS.items()}
        for dock in self.findChildren(PaneDock):
            dock.take_icons(icons)
            dock.setFont(title)
            dock.setMinimumWidth(self.fontMetrics().averageCharWidth() * 12)
        self.layout_.fit_docks()
        self._give_back_soon.start()

    @Slot()
    def _make_room(self) -> None:
        self.layout_.make_room()

    @Slot()
    def _give_back(self) -> None:
        self.layout_.give_back()
        if self.theme.zoom != self._zoom:
            self._zoom = self.theme.zoom
            self.layout_.fit_docks()  # once more: until the layout rested, docks could not be as wide as they should

    # -- Qt's events ------------------------------------------------------------------------------

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        bar = event.child()
        if event.polished() and isinstance(bar, QTabBar):  # Qt makes one where docks share a place
            bar.setAccessibleName("Docks")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_.resized(event.oldSize(), event.size())
        if self.layout_.has_grown:  # what needed it may need it only until it is laid out
            self._give_back_later.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.workbench.viewing and not self.workspace_files.may_close(self.close):
            event.ignore()
            return
        for viewer in list(self._viewers):
            if _is_alive(viewer):
                viewer.close()
        self._memory.close(whole=self._shows_panes)
        self.workbench.shut_down()
        if self._live is not None:
            self._live.close()
        super().closeEvent(event)

    def createPopupMenu(self) -> QMenu | None:
        return None  # hiding the toolbar by a stray right click would be a trap


def _is_alive(window: QMainWindow) -> bool:
    from shiboken6 import isValid

    return bool(isValid(window))
