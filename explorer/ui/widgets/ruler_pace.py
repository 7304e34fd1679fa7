"""Make it happen: beside the chunk ruler, controls that let its two sockets cut, pause and read slowly, for real.

On one machine a send mostly arrives as one recv. What a network does to a stream is done here on purpose, by calls
that these sockets really make.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.core.pace import Pace
from explorer.ui.entries import SocketEntry
from explorer.ui.theme import Theme
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.pace_form import PaceForm
from explorer.wire.visible import visible_text

WHY = (
    "On one machine one send mostly arrives as one recv; on a network it need not. Let these sockets cut, pause and "
    "read slowly: by real calls, at once."
)
NOBODY = "Neither end of this stream is a socket of this workspace, so there is nothing to be set here."
ELSEWHERE = "The {end} is not in this program: what it does is up to it."
GATHERS = "TCP may gather small sends (Nagle’s algorithm)."
GATHERS_HOW = (
    "While bytes that were sent are not acknowledged yet, the system keeps small further sends back and lets them go "
    "together: 7 bytes and 1 byte may arrive as one recv of 8. The option No delay (TCP_NODELAY) turns that off."
)
LINES = 5
_SENDING, _RECEIVING = ("send_size", "send_random", "send_pause"), ("receive_pause",)


class _EndForm(QWidget):
    """One end: its pace, as far as it has to do with sending, or with receiving."""

    def __init__(self, theme: Theme, sends: bool) -> None:
        super().__init__()
        self._sends = sends
        self.number: int | None = None
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.form = PaceForm(theme)
        self.absent = QLabel(ELSEWHERE.format(end="sender" if sends else "receiver"))
        self.absent.setWordWrap(True)
        self.form.keep_to(*(_SENDING if sends else _RECEIVING))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widget in (self.title, self.form, self.absent):
            column.addWidget(widget)

    def show_entry(self, entry: SocketEntry | None) -> None:
        """The socket at this end; None: it is not ours."""
        self.number = entry.number if entry is not None else None
        what = "Sender" if self._sends else "Receiver"
        self.title.setText(f"{what}: {visible_text(entry.spec.name)}" if entry is not None else what)
        self.form.setVisible(entry is not None)
        self.absent.setVisible(entry is None)
        if entry is not None:
            self.form.show_pace(entry.spec.pace, entry.spec.transport, entry.number)


class RulerPace(QScrollArea):
    """Signals:
    edited(int, Pace, int): the user changed the pace of a socket; edits with the same last number are one step.
    setting_wanted(int, str): the user wants to change this setting of a socket, and to stop it first if it runs.
    lines_wanted(): send some lines now.
    """

    edited = Signal(int, object, int)
    setting_wanted = Signal(int, str)
    lines_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._most = 1 << 20
        self.why = QLabel(WHY)
        self.why.setWordWrap(True)
        self.sender_form = _EndForm(theme, sends=True)
        self.receiver_form = _EndForm(theme, sends=False)
        self.buffer = QLabel()
        self.buffer_button = QPushButton()
        self.buffer_button.setToolTip(
            "To the buffer size in the settings of this socket, which has to be stopped for it. With a buffer of 5 "
            "bytes, one send arrives as many recv calls."
        )
        self.lines_button = QPushButton(f"Send {LINES} lines now")
        self.lines_button.setToolTip("Send some short messages from the sender, to see how they arrive")
        self.gathers = QLabel(GATHERS)
        self.gathers.setWordWrap(True)
        self.gathers.setToolTip(GATHERS_HOW)
        self.gathers_button = QPushButton()
        self.gathers_button.setToolTip(f"{GATHERS_HOW} The socket has to be stopped for it.")
        for button in (self.buffer_button, self.lines_button, self.gathers_button):
            button.setAutoDefault(False)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 0, 4, 0)
        column.setSpacing(6)
        buffer = QWidget()
        row = FlowLayout(buffer, gap=8, line_gap=2)
        row.addWidget(self.buffer)
        row.addWidget(self.buffer_button)
        for widget in (
            self.lines_button, self.sender_form, self.gathers, self.gathers_button, self.receiver_form, buffer,
            self.why,
        ):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Make it happen")
        self.sender_form.form.edited.connect(self._on_sender)
        self.receiver_form.form.edited.connect(self._on_receiver)
        self.buffer_button.clicked.connect(self._on_buffer)
        self.gathers_button.clicked.connect(self._on_gathers)
        self.lines_button.clicked.connect(self.lines_wanted)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @property
    def in_use(self) -> bool:
        """Whether something is being typed here, or will be when the user comes back to this window: then another
        socket must not take the place of this one."""
        focus = self.window().focusWidget()
        return isinstance(focus, QLineEdit) and self.isAncestorOf(focus)

    @property
    def numbers(self) -> list[int]:
        """Of the sockets that it is about."""
        return [form.number for form in (self.sender_form, self.receiver_form) if form.number is not None]

    def shows(self, sender: SocketEntry | None, receiver: SocketEntry | None) -> bool:
        """Whether it is about these two now."""
        wanted = [entry.number if entry is not None else None for entry in (sender, receiver)]
        return [self.sender_form.number, self.receiver_form.number] == wanted

    def forget(self, number: int) -> None:
        """This socket is not there any more, nor what was typed for it."""
        for form in (self.sender_form, self.receiver_form):
            form.form.forget(number)

    def show_nothing(self) -> None:
        """There is no stream, so nobody can be said to be at its ends."""
        self.show_ends(None, None, sends=False)
        self.why.setText(WHY)
        for form in (self.sender_form, self.receiver_form):
            form.hide()

    def show_ends(self, sender: SocketEntry | None, receiver: SocketEntry | None, sends: bool) -> None:
        """The sockets at the two ends, where they are sockets of this workspace. sends: the sender still can."""
        for form, entry in ((self.sender_form, sender), (self.receiver_form, receiver)):
            form.show_entry(entry)
            form.show()
        self.why.setText(WHY if sender is not None or receiver is not None else NOBODY)
        for widget in (self.buffer, self.buffer_button):
            widget.setVisible(receiver is not None)
        self._show_gathers(sender)
        self.lines_button.setVisible(sender is not None)
        self.lines_button.setEnabled(sends)
        if receiver is not None:
            size = receiver.spec.buffer_size
            self.buffer.setText(f"Each call takes up to {size:,} B.")
            self.buffer_button.setText("Stop it and change…" if receiver.running else "Change…")
            self.buffer_button.setAccessibleName(
                "Stop the receiver and change its buffer size" if receiver.running else "Change the buffer size"
            )

    def _show_gathers(self, sender: SocketEntry | None) -> None:
        """Only where it may undo what was asked for."""
        spec = sender.spec if sender is not None else None
        shown = spec is not None and spec.transport == "tcp" and spec.options.no_delay is not True
        shown = shown and spec is not None and bool(spec.pace.send_size or spec.pace.send_pause)
        for widget in (self.gathers, self.gathers_button):
            widget.setVisible(shown)
        running = sender is not None and sender.running
        self.gathers_button.setText("Stop it and set No delay…" if running else "Set No delay…")
        self.gathers_button.setAccessibleName(
            "Stop the sender and set its option No delay" if running else "Set the option No delay of the sender"
        )

    @Slot(object)
    def _on_sender(self, pace: Pace) -> None:
        self._tell(self.sender_form, pace)

    @Slot(object)
    def _on_receiver(self, pace: Pace) -> None:
        self._tell(self.receiver_form, pace)

    def _tell(self, end: _EndForm, pace: Pace) -> None:
        if end.number is not None:
            self.edited.emit(end.number, pace, end.form.step)

    @Slot()
    def _on_buffer(self) -> None:
        if self.receiver_form.number is not None:
            self.setting_wanted.emit(self.receiver_form.number, "buffer_size")

    @Slot()
    def _on_gathers(self) -> None:
        if self.sender_form.number is not None:
            self.setting_wanted.emit(self.sender_form.number, "options.no_delay")

    @Slot()
    def _on_theme(self) -> None:
        palette = self.why.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        for label in (self.why, self.buffer, self.gathers, self.sender_form.absent, self.receiver_form.absent):
            label.setPalette(palette)
        self.limit(self._most)

    def limit(self, most: int) -> None:
        """Be no wider than so many pixels: the picture needs room too."""
        self._most = most
        self.setFixedWidth(min(self.fontMetrics().averageCharWidth() * 52, most))
