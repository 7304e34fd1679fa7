"""Every action of the window by name, in one table: text, shortcut, icon, hint.

The menus and the toolbar are lists of these names. What an action does is connected by the window.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from explorer.ui.icons import themed_icon
from explorer.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """shortcut: as Qt writes it ("Ctrl+S"), several separated by "|"; live: needs an engine."""

    name: str
    text: str
    hint: str
    shortcut: str = ""
    icon: str = ""
    short: str = ""  # on the toolbar
    checkable: bool = False
    live: bool = False


SPECS = (
    ActionSpec("new_server", "Add ser&ver", "Add a server: programs connect to it", "Ctrl+Shift+S", "add-server",
               "+ Server", live=True),
    ActionSpec("new_client", "Add &client", "Add a client: it connects to a server", "Ctrl+Shift+C", "add-client",
               "+ Client", live=True),
    ActionSpec("try_it", "&Try it: echo server and client", "Start both on loopback and send a line", icon="try",
               live=True),
    ActionSpec("start", "&Start", "Start the chosen socket", "F5", "start", "Start", live=True),
    ActionSpec("stop", "Sto&p", "Stop the chosen socket and close its connections", "Shift+F5", "stop", "Stop",
               live=True),
    ActionSpec("start_all", "Start &all", "Start every socket, servers first", "Ctrl+F5", live=True),
    ActionSpec("stop_all", "Stop a&ll", "Stop every socket", "Ctrl+Shift+F5", live=True),
    ActionSpec("duplicate", "&Duplicate", "Add a socket with the same settings", "Ctrl+D", live=True),
    ActionSpec("remove", "&Remove", "Stop and remove the chosen socket (can be undone)", "Ctrl+Del", live=True),
    ActionSpec("freeze", "&Freeze", "Let the views stand still while the sockets go on", "Ctrl+Space|Pause", "freeze",
               "Freeze", checkable=True, live=True),
    ActionSpec("find", "&Find…", "Find text or bytes", "Ctrl+F", "find", "Find"),
    ActionSpec("find_next", "Find ne&xt", "Go to the next place where it is found", "F3"),
    ActionSpec("find_previous", "Find pre&vious", "Go to the place before where it is found", "Shift+F3"),
    ActionSpec("list_results", "L&ist results", "Every place where Find found something, as a table", "Ctrl+Shift+F"),
    ActionSpec("go_to", "&Go to offset…", "Show the bytes at an offset", "Ctrl+G"),
    ActionSpec("filter", "Fi&lter calls…", "Show only the calls that match", "Ctrl+L"),
    ActionSpec("highlight", "&Highlight", "Highlight the selected bytes, in the colour chosen last", "Ctrl+M"),
    ActionSpec("add_note", "Add n&ote…", "Write a note on the selected bytes", "Ctrl+Shift+M"),
    ActionSpec("zoom_out", "Zoom &out", "Smaller text everywhere", "Ctrl+-", short="A-"),
    ActionSpec("zoom_in", "Zoom &in", "Larger text everywhere", "Ctrl+=|Ctrl++", short="A+"),
    ActionSpec("zoom_reset", "Normal si&ze", "Text in the system's size", "Ctrl+0"),
    ActionSpec("toggle_theme", "&Light / dark", "Switch between the light and the dark look", "Ctrl+T", "theme",
               "Light/Dark"),
    ActionSpec("theme_system", "Like the s&ystem", "Follow the system's choice of light or dark", checkable=True),
    ActionSpec("high_contrast", "&High contrast", "Black and white, with strong borders; light or dark as chosen",
               "Ctrl+Alt+H", checkable=True),
    ActionSpec("new_workspace", "&New workspace", "Begin with no sockets", "Ctrl+N", live=True),
    ActionSpec("open_workspace", "&Open workspace…", "Open sockets from a file", "Ctrl+O", live=True),
    ActionSpec("save_workspace", "&Save workspace", "Save the sockets to a file", "Ctrl+S", live=True),
    ActionSpec("save_workspace_as", "Save workspace &as…", "Save the sockets to another file", "Ctrl+Alt+S", live=True),
    ActionSpec("new_capture", "New &capture", "Put away what was captured and begin afresh", "Ctrl+Shift+N",
               live=True),
    ActionSpec("open_capture", "Open ca&pture…", "Look at a saved capture in a window of its own", "Ctrl+Shift+O"),
    ActionSpec("save_capture", "Sa&ve capture as…", "Save everything captured so far as a folder", "Ctrl+Alt+C"),
    ActionSpec("export", "&Export…", "Export as pcapng (Wireshark), CSV, JSON lines, hex dump or raw bytes", "Ctrl+E"),
    ActionSpec("capture_limit", "Capture li&mit…", "How much disk a capture may take before reading pauses", live=True),
    ActionSpec("quit", "&Quit", "Close everything", "Ctrl+Q"),
    ActionSpec("go_sockets", "Go to &sockets", "Move the keyboard there", "Alt+1"),
    ActionSpec("go_settings", "Go to s&ettings", "Move the keyboard there", "Alt+2"),
    ActionSpec("go_calls", "Go to &calls", "Move the keyboard there", "Alt+3"),
    ActionSpec("go_messages", "Go to &messages", "Move the keyboard there", "Alt+4"),
    ActionSpec("go_bytes", "Go to &bytes", "Move the keyboard there", "Alt+5"),
    ActionSpec("go_send", "Go to se&nd", "Move the keyboard there", "Alt+6"),
    ActionSpec("go_inspector", "Go to ins&pector", "Move the keyboard there", "Alt+7"),
    ActionSpec("go_content", "&Go to content", "Move the keyboard there", "Alt+8"),
    ActionSpec("go_notes", "Go to no&tes", "Move the keyboard there", "Alt+9"),
    ActionSpec("go_found", "Go to fo&und", "Move the keyboard there: the results of Find", "Alt+0"),
    ActionSpec("go_python", "Go to P&ython", "The chosen socket as a Python script", "Alt+Shift+P"),
    ActionSpec("go_framing_bench", "Go to fr&aming bench", "The same bytes under several framings", "Alt+Shift+B"),
    ActionSpec("go_ruler", "Go to chun&k ruler", "One stream: its send calls, recv calls and messages", "Alt+Shift+R"),
    ActionSpec("go_chat", "Go to c&hat", "Messages as bubbles, and a line to say something", "Alt+Shift+C"),
    ActionSpec("go_log_lines", "Go to &log", "Received messages as lines of a log, with levels", "Alt+Shift+G"),
    ActionSpec("go_serving", "Go to ser&ving", "Whom a server serves, and who waits", "Alt+Shift+S", live=True),
    ActionSpec("go_load", "Go to loa&d", "Very many clients against a server, and how long answers take", "Alt+Shift+L",
               live=True),
    ActionSpec("go_sequences", "Go to se&quences", "Steps carried out one after the other: a test without code",
               "Alt+Shift+Q", live=True),
    ActionSpec("reset_layout", "&Reset layout", "Panes back to their places and sizes"),
    ActionSpec("shortcuts", "&Keyboard shortcuts", "List every key", "F1"),
    ActionSpec("captures_folder", "Show the captures &folder", "Open it in the file manager"),
    ActionSpec("about", "&About Socket Explorer", "Version and licence"),
)  # fmt: skip

MENUS = (
    ("&File", ("new_workspace", "open_workspace", "@recent", "save_workspace", "save_workspace_as", "-", "new_capture",
               "open_capture", "save_capture", "export", "capture_limit",
               "captures_folder", "-", "quit")),
    ("&Edit", ("@undo", "@redo", "-", "find", "find_next", "find_previous", "list_results", "-", "go_to", "filter", "-",
               "highlight", "add_note")),
    ("&Socket", ("new_server", "new_client", "try_it", "-", "start", "stop", "start_all", "stop_all", "-", "duplicate",
                 "remove")),
    ("&View", ("freeze", "-", "zoom_in", "zoom_out", "zoom_reset", "-", "toggle_theme", "theme_system",
               "high_contrast", "-",
               "@docks", "@go", "-", "reset_layout")),
    ("&Help", ("shortcuts", "about")),
)  # fmt: skip

TOOLBAR = ("new_server", "new_client", "-", "start", "stop", "freeze", "-", "find", "-", "zoom_out", "zoom_in",
           "toggle_theme")  # fmt: skip


class Actions(QObject):
    """The actions themselves, as `actions["start"]`. viewing: leave out what needs an engine."""

    def __init__(self, theme: Theme, viewing: bool, parent: QMainWindow) -> None:
        super().__init__(parent)
        self._theme = theme
        self._window = parent
        self._actions: dict[str, QAction] = {}
        for spec in SPECS:
            action = QAction(spec.text, parent)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            action.setIconText(spec.short or spec.text.replace("&", ""))
            sequences = [QKeySequence(text) for text in spec.shortcut.split("|") if text]
            action.setShortcuts(sequences)
            keys = f" ({sequences[0].toString(QKeySequence.SequenceFormat.NativeText)})" if sequences else ""
            action.setToolTip(spec.hint + keys)
            if spec.name == "quit":
                action.setMenuRole(QAction.MenuRole.QuitRole)
            if spec.name == "about":
                action.setMenuRole(QAction.MenuRole.AboutRole)
            action.setVisible(not (spec.live and viewing))
            action.setEnabled(not (spec.live and viewing))
            self._actions[spec.name] = action
            parent.addAction(action)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def fill_menus(self, others: dict[str, QAction | QMenu]) -> None:
        """Build the menu bar. others: what stands for the names that begin with "@". "@go" is a menu of all actions
        that move the keyboard to a pane."""
        go = QMenu("&Go to", self._window)
        go.addActions([self._actions[spec.name] for spec in SPECS if spec.name.startswith("go_")])
        others = {**others, "@go": go}
        for title, names in MENUS:
            menu = self._window.menuBar().addMenu(title)
            for name in names:
                if name == "-":
                    menu.addSeparator()
                elif name.startswith("@"):
                    other = others[name]
                    if isinstance(other, QMenu):
                        menu.addMenu(other)
                    else:
                        menu.addAction(other)
                else:
                    menu.addAction(self._actions[name])

    def make_toolbar(self) -> QToolBar:
        toolbar = QToolBar("Main", self._window)
        toolbar.setObjectName("toolbar")
        toolbar.setMovable(False)
        toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name in TOOLBAR:
            if name == "-":
                toolbar.addSeparator()
            else:
                toolbar.addAction(self._actions[name])
        for button in toolbar.findChildren(QObject):
            if hasattr(button, "setFocusPolicy") and hasattr(button, "defaultAction"):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return toolbar

    def listing(self) -> list[tuple[str, str, str]]:
        """(name, shortcut, hint) of every action with a key, for the help."""
        rows = []
        for spec in SPECS:
            action = self._actions[spec.name]
            keys = " or ".join(one.toString(QKeySequence.SequenceFormat.NativeText) for one in action.shortcuts())
            if keys:
                rows.append((spec.text.replace("&", "").rstrip("…"), keys, spec.hint))
        return rows

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        special = {"start": colors.good, "stop": colors.error}
        for spec in SPECS:
            if spec.icon:
                icon: QIcon = themed_icon(spec.icon, self._theme, special.get(spec.name, ""))
                self._actions[spec.name].setIcon(icon)
