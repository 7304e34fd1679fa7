"""The first line of the settings: a socket's name, what it is, what it does now, and Start or Stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from explorer.core.states import State
from explorer.ui.entries import SocketEntry
from explorer.ui.icons import themed_icon
from explorer.ui.pace_draft import pace_text
from explorer.ui.theme import Theme
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.inputs import ShortEdit, make_bold

NAME, SHORT_NAME = 18, 11  # characters: what the socket does now needs the room more than a short name


class SocketHeader(QWidget):
    """`fold`, `name` and `action` are the controls; the pane says what they do."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entry: SocketEntry | None = None
        self._viewing = False
        self.fold = QToolButton()
        self.fold.setCheckable(True)
        self.fold.setAutoRaise(True)
        self.fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fold.toggled.connect(self._on_folded)
        self._on_folded(False)
        self.name = ShortEdit(NAME, "Name")
        self._label = QLabel("&Name")
        self._label.setBuddy(self.name)
        self.title = QLabel()
        self.dot = QLabel("●")
        self.status = _Status()
        self.status.setObjectName("status")
        self.action = QPushButton("Start")
        self.action.setAutoDefault(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.fold, self._label, self.name, self.title, self.dot):
            layout.addWidget(widget)
        layout.addWidget(self.status, 1)
        layout.addWidget(self.action)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def show_entry(self, entry: SocketEntry, viewing: bool) -> None:
        """viewing: it stands in a capture from disk; nothing can be started."""
        self._entry, self._viewing = entry, viewing
        self.name.set_characters(SHORT_NAME if len(entry.spec.name) < SHORT_NAME else NAME)
        self.title.setText(entry.spec.title)
        self.status.show_text(_status(entry, viewing), _status(entry, viewing, brief=True))
        self.status.setAccessibleName(f"State: {self.status.text()}")
        self.action.setVisible(not viewing)
        self._on_theme()

    def show_problem(self, problem: str) -> None:
        """Why it cannot start now; "" when it can."""
        running = self._entry is not None and self._entry.running
        self.action.setEnabled(running or not problem)
        self.action.setAccessibleDescription("" if running else problem)
        hint = "Close the socket and its connections (Shift+F5)" if running else "Open the socket (Enter or F5)"
        self.action.setToolTip(problem if problem and not running else hint)

    @Slot(bool)
    def _on_folded(self, folded: bool) -> None:
        what = "Show" if folded else "Put away"
        self.fold.setArrowType(Qt.ArrowType.RightArrow if folded else Qt.ArrowType.DownArrow)
        self.fold.setToolTip(f"{what} the settings of the socket")
        self.fold.setAccessibleName(f"{what} the settings")

    @Slot()
    def _on_theme(self) -> None:
        colors, entry = self._theme.colors, self._entry
        make_bold(self.title)
        color = colors.muted
        if entry is not None and entry.running:
            waiting = entry.state in (State.RESOLVING, State.SYN_SENT) or entry.paused or entry.trouble is not None
            color = colors.warning if waiting else colors.good
        elif entry is not None and entry.failure is not None:
            color = colors.error
        self.dot.setStyleSheet(f"color: {color};")
        running = entry is not None and entry.running
        self.action.setText("Stop" if running else "Start")
        icon = (
            themed_icon("stop", self._theme, colors.error)
            if running
            else themed_icon("start", self._theme, colors.good)
        )
        self.action.setIcon(icon)


class _Status(ElidedLabel):
    """What a socket does now: where that is too long, without what else is said of it, which the tip has."""

    def __init__(self) -> None:
        super().__init__()
        self._brief = ""

    def show_text(self, text: str, brief: str) -> None:
        self._brief = brief
        self.setText(text)

    @property
    def seen(self) -> str:
        """What is painted."""
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        fits = metrics.horizontalAdvance(self.text()) <= room
        return metrics.elidedText(self.text() if fits else self._brief, Qt.TextElideMode.ElideRight, room)


def _status(entry: SocketEntry, viewing: bool, brief: bool = False) -> str:
    """brief: the state, and whether it is slow on purpose, but not how."""
    if viewing:
        return "in a capture from disk"
    if entry.failure is not None and not entry.running:
        return "failed"  # the box below says how
    lost = f" · {entry.lost:,} datagrams lost before they could be read" if entry.lost else ""
    pace = pace_text(entry.spec.pace, entry.spec.transport)
    # Nobody should forget that it is slow on purpose: the word stands where it is seen in a narrow window, too.
    if brief:
        return f"slowed · {entry.status}" if pace else entry.status
    return f"slowed · {entry.status}{lost} · {pace}" if pace else entry.status + lost
