"""What the window shows while there is no socket: two choices and one button that shows everything at once."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.icons import themed_icon
from explorer.ui.theme import Theme


class WelcomePane(QWidget):
    """Signals: server_wanted(), client_wanted(), try_wanted(), open_wanted()."""

    server_wanted = Signal()
    client_wanted = Signal()
    try_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = QLabel("What do you want to do?")
        self._server = self._choice("Wait for others", "Create a server:\nprograms and devices connect to it.")
        self._client = self._choice("Connect to something", "Create a client:\nit talks to a server or a device.")
        self._try = QPushButton("&Try it: echo server and client")
        self._try.setDefault(True)
        self._hint = QLabel(
            "Starts both on this computer only, sends a line,\nand shows every socket call and every byte of it."
        )
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._open = QPushButton("&Open a workspace…")
        self._open.setFlat(True)
        self._server.clicked.connect(self.server_wanted)
        self._client.clicked.connect(self.client_wanted)
        self._try.clicked.connect(self.try_wanted)
        self._open.clicked.connect(self.open_wanted)
        card = QFrame()
        column = QVBoxLayout(card)
        column.setSpacing(16)
        column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        choices = QHBoxLayout()
        choices.setSpacing(16)
        choices.addWidget(self._server)
        choices.addWidget(self._client)
        column.addLayout(choices)
        for widget in (self._try, self._hint):
            column.addWidget(widget)
        column.addWidget(self._open, 0, Qt.AlignmentFlag.AlignHCenter)
        content = QWidget()
        middle = QVBoxLayout(content)
        middle.addStretch(2)
        middle.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(3)
        scroll = QScrollArea()  # large text on a small screen
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _choice(self, title: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setText(f"{title}\n\n{text}")
        button.setAccessibleName(title)
        button.setAccessibleDescription(text.replace("\n", " "))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def focus_first(self) -> None:
        self._try.setFocus()

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        self._title.setFont(font)
        side = self.fontMetrics().height()
        for button, name in ((self._server, "add-server"), (self._client, "add-client")):
            button.setIcon(themed_icon(name, self._theme, colors.accent))
            button.setIconSize(QSize(side * 3, side * 3))
            button.setMinimumWidth(side * 15)
            button.setFixedHeight(side * 11)
        self._try.setIcon(themed_icon("try", self._theme, colors.on_accent))
        self._try.setFixedHeight(side * 3)
        self._try.setStyleSheet(
            f"QPushButton {{ background: {colors.accent}; color: {colors.on_accent}; border-radius: 4px;"
            f" border: 2px solid {colors.accent}; font-weight: bold; padding: 6px; }}"
            f"QPushButton:focus {{ border-color: {colors.text}; }}"
        )
        self._hint.setStyleSheet(f"color: {colors.muted};")
