"""A line to type in under a conversation: Enter sends it to whom the conversation is with."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.core.commands import Target
from explorer.core.errors import InputError
from explorer.ui.entries import SocketEntry
from explorer.ui.targets import Targets, find_targets, why_nothing_can_be_sent
from explorer.ui.theme import Theme
from explorer.ui.widgets.said_line import SaidLine
from explorer.ui.workbench import Workbench
from explorer.wire.framing.registry import make_framer


class ChatLine(QWidget):
    """Sends text in the socket's encoding and framing, to the chosen connection or to all of the socket's."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._seen = True
        self._reason = ""  # why nothing can be sent now
        label = QLabel("Sa&y")
        self.field = QLineEdit()
        label.setBuddy(self.field)
        self.send_button = QPushButton("Send")
        self.send_button.setAccessibleName("Send the line")
        self.send_button.setAutoDefault(False)
        self.problem = SaidLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.field, 1)
        row.addWidget(self.send_button)
        column.addLayout(row)
        column.addWidget(self.problem)
        self.field.returnPressed.connect(self.send)
        self.field.textEdited.connect(self._on_edited)
        self.send_button.clicked.connect(self.send)
        workbench.selection.scope_changed.connect(self._on_scope)
        workbench.socket_changed.connect(self.show_receiver)
        workbench.connections_changed.connect(self.show_receiver)
        workbench.capture_changed.connect(self.show_receiver)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.show_receiver()

    def set_seen(self, seen: bool) -> None:
        """Whether somebody can look at it: else nothing is found out for it."""
        self._seen = seen
        self.show_receiver()

    @Slot()
    def show_receiver(self) -> None:
        """Say whom Enter would send to, or why nobody can be sent anything now."""
        self.setVisible(not self._workbench.viewing)
        if not self._seen or self._workbench.viewing:
            return
        entry = self._workbench.current
        before, self._reason = self._reason, self._why_not(entry)
        if before and before != self._reason and self.problem.text() == before:
            self.problem.say("")  # it is so no more
        if entry is None or self._reason:
            self.field.setPlaceholderText(self._reason)
            return
        chosen = self._workbench.selection.scope.connection
        end = ", with a line end (LF) behind it" if entry.spec.framing.kind == "raw" else ""
        items = find_targets(entry, self._workbench.connections(entry.number)).items
        whom = next((text for number, text in items if number == chosen), "the chosen connection")
        self.field.setPlaceholderText(f"Enter sends to {whom}{end}.")

    @Slot()
    def send(self) -> None:
        """What cannot be sent stays in the line, with a sentence that says why."""
        entry = self._workbench.current
        problem = self._why_not(entry)
        if entry is not None and not problem:
            try:
                data = self._bytes(entry)
            except InputError as error:
                problem = error.message
            else:
                self._workbench.send(Target(entry.number, self._workbench.selection.scope.connection), data)
                self.field.clear()
        self.problem.say(problem)

    def _why_not(self, entry: SocketEntry | None) -> str:
        if entry is None:
            return why_nothing_can_be_sent(None, {}, Targets((), 0), None)
        connections = self._workbench.connections(entry.number)
        chosen = self._workbench.selection.scope.connection
        return why_nothing_can_be_sent(entry, connections, find_targets(entry, connections), chosen)

    def _bytes(self, entry: SocketEntry) -> bytes:
        """Raises InputError."""
        text, encoding = self.field.text(), entry.spec.encoding
        try:
            payload = text.encode(encoding)
        except UnicodeEncodeError as error:
            raise InputError(
                "", f"{text[error.start]!r} cannot be written in {encoding}. Leave it out, or choose another encoding."
            ) from None
        if entry.spec.framing.kind == "raw":
            payload += "\n".encode(encoding)
        return make_framer(entry.spec.framing).encode(payload)

    @Slot()
    def _on_edited(self) -> None:
        self.problem.say("")

    @Slot()
    def _on_scope(self) -> None:
        self.problem.say("")
        self.show_receiver()

    @Slot()
    def _on_theme(self) -> None:
        self.problem.setStyleSheet(f"color: {self._theme.colors.error};")
