"""The composer: what is sent, as text, hex or Python, to one connection or to all.

After sending, the text stays and is selected: Enter sends it again, typing begins another.
"""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.core.commands import Target
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.ui.composer import ENDINGS, Composer, Outgoing
from explorer.ui.entries import SocketEntry
from explorer.ui.file_to_send import size_to_send
from explorer.ui.send_history import Entry, SendHistory
from explorer.ui.targets import Targets, find_targets, why_nothing_can_be_sent
from explorer.ui.theme import Theme
from explorer.ui.units import size_text
from explorer.ui.widgets.composer_edit import ComposerEdit
from explorer.ui.widgets.fitted import FittedPane
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo, make_bold
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.widgets.send_progress import SendProgressLine
from explorer.ui.widgets.target_box import TargetBox
from explorer.ui.workbench import Workbench
from explorer.ui.written import Mode
from explorer.wire.framing.api import Framer
from explorer.wire.framing.registry import find_kind, make_framer

REFRESH = 100  # milliseconds between two looks at the connections, however many come and go
LEAST_LINES = 3  # of text, of the pane, where the window is low and the text large
DATAGRAM_PIECE = 1400  # bytes of a file in one datagram: fits into one packet on Ethernet
HINT = "Enter sends, Shift+Enter adds a line, ↑ brings back what was sent."
HINTS: dict[Mode, str] = {
    "text": "Text with escapes: \\n \\r \\t \\0 \\\\ \\xHH \\u20ac.",
    "hex": "Hex in any usual way: 48 65, 0x48, 48:65, \\x48, or a whole dump.",
    "python": 'A Python literal: b"\\x01ok" or "text".',
}


class SendPane(FittedPane):
    """Stands below the bytes. `send_path` and `focus_first` are for the window's actions."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(LEAST_LINES, parent)
        self._workbench = workbench
        self._theme = theme
        self._composer = Composer()
        self._history = SendHistory()
        self._targets = Targets(((None, "all connections"),), 0)
        self._framing: Choice | None = None
        self._framer: Framer | None = None
        self._outgoing = Outgoing(b"", 0, 0, 0)
        self._refused = ""  # why a paste or a file was not taken
        self._insisted = False  # the user tried to send although nothing can be sent
        self._showing = False
        self._build()
        self._connect()
        self._on_scope()

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.mode = SegmentedButtons(
            "Write as", (("text", "Text"), ("hex", "Hex"), ("python", "Python")), self._theme
        )  # fmt: skip
        self.to = TargetBox()
        self.ending = QuietCombo("Ending")
        for name, characters in ENDINGS.items():
            self.ending.addItem(name, name)
            tip = "Nothing is put behind the message" if name == "none" else f"Puts {characters!r} behind the message"
            self.ending.setItemData(self.ending.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.framed = QCheckBox("Add framing")
        self.framed.setChecked(True)
        self.file = QPushButton("Send fi&le…")
        self.editor = ComposerEdit(self._theme)
        self.button = QPushButton("Send")
        for button in (self.file, self.button):
            button.setAutoDefault(False)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = SendProgressLine(self._theme)
        self._lay_out()
        self._on_theme()

    def _lay_out(self) -> None:
        bar = QWidget()
        flow = FlowLayout(bar, gap=12)
        for label, field in (("", self.mode), ("Send &to", self.to), ("En&ding", self.ending)):
            flow.addWidget(_beside(label, field) if label else field)
        flow.addWidget(self.framed)
        flow.addWidget(self.file)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.editor, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        below = QHBoxLayout()
        below.setSpacing(10)
        below.addWidget(self.status, 1)
        below.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(4)
        column.addWidget(bar)
        column.addLayout(line)
        column.addLayout(below)
        column.addWidget(self.progress)
        chain: list[QWidget] = [
            *self.mode.buttons(), self.to, self.ending, self.framed, self.file, self.editor, self.button,
            self.progress.cancel, self.progress.dismiss,
        ]  # fmt: skip
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH)
        self._refresh.timeout.connect(self._show_targets)
        self.mode.chosen.connect(self._on_mode)
        self.to.activated.connect(self._update)
        self.ending.activated.connect(self._update)
        self.framed.toggled.connect(self._update)
        self.file.clicked.connect(self.choose_file)
        self.button.clicked.connect(self.send)
        self.editor.textChanged.connect(self._on_text)
        self.editor.submitted.connect(self.send)
        self.editor.back_wanted.connect(self._on_back)
        self.editor.forward_wanted.connect(self._on_forward)
        self.editor.paste_refused.connect(self._refuse)
        self.progress.cancelled.connect(self._workbench.cancel_send)
        bench = self._workbench
        bench.send_progressed.connect(self.progress.on_progress)
        bench.capture_changed.connect(self.progress.end_all)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.socket_added.connect(self._on_socket_changed)
        bench.socket_changed.connect(self._on_socket_changed)
        bench.socket_removed.connect(self._on_scope)
        bench.connections_changed.connect(self._on_connections)
        self._theme.changed.connect(self._on_theme)

    # -- what others ask for ----------------------------------------------------------------------

    def focus_first(self) -> None:
        """Take the keyboard, in the editor."""
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def history(self) -> list[str]:
        """What was sent, as strings for the settings, oldest first."""
        return self._history.lines

    def set_history(self, lines: list[str]) -> None:
        self._history.load(lines)

    @Slot()
    def choose_file(self) -> None:
        """Ask which file to send; traffic goes on meanwhile."""
        dialog = QFileDialog(self, "Send a file")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file)
        dialog.setModal(False)
        dialog.show()

    def send_path(self, path: Path) -> None:
        """Send a file's content as it is: no ending, no framing."""
        entry = self._workbench.current
        problem = self._unreachable()
        if problem or entry is None:
            self._refuse(f"{path.name} was not sent. {problem}")
            return
        try:
            size = size_to_send(path)
        except InputError as error:
            self._refuse(error.message)
            return
        target = Target(entry.number, self.to.chosen)
        if entry.spec.transport == "udp":
            job = self._workbench.send_file(target, path, DATAGRAM_PIECE)
        else:
            job = self._workbench.send_file(target, path)
        self.progress.watch(job, path.name, size * self._receivers)
        self._refuse("")

    # -- showing --------------------------------------------------------------------------------

    @property
    def _receivers(self) -> int:
        return max(1, self._targets.open) if self.to.chosen is None else 1

    @Slot()
    def _on_scope(self) -> None:
        scope = self._workbench.selection.scope
        self._take_spec(self._workbench.current)
        self._show_targets(choose=scope.connection, anew=True)

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        entry = self._workbench.current
        if entry is not None and entry.number == number:
            self._take_spec(entry)
            self._show_targets()

    @Slot(object)
    def _on_connections(self, sockets: set[int]) -> None:
        if self._workbench.selection.scope.socket in sockets and not self._refresh.isActive():
            self._refresh.start()

    def _take_spec(self, entry: SocketEntry | None) -> None:
        """Encoding and framing are those of the socket."""
        self._composer.set_encoding(entry.spec.encoding if entry is not None else "utf-8")
        framing = entry.spec.framing if entry is not None else Choice("raw")
        if framing != self._framing:
            self._framing = framing
            self._framer = make_framer(framing)
            kind = find_kind(framing.kind)
            self.framed.setText(f"Add framing ({kind.label})")
            self.framed.setToolTip(f"Wrap the message as the socket's framing wants it. {kind.summary}")

    @Slot()
    def _show_targets(self, choose: int | None = None, anew: bool = False) -> None:
        """Fill the list with who is there. anew: the selection moved: `choose` is the receiver now."""
        if self.to.is_open and not anew:
            self._refresh.start()  # not under the user's eyes
            return
        entry = self._workbench.current
        chosen = choose if anew else self.to.chosen
        if entry is None:
            self._targets = Targets(((None, "all connections"),), 0)
        else:
            selected = self._workbench.selection.scope.connection
            wanted = frozenset(number for number in (chosen, selected) if number is not None)
            self._targets = find_targets(entry, self._workbench.connections(entry.number), wanted)
        if entry is None or entry.spec.role == "client":
            chosen = None
        self.to.show_targets(self._targets, chosen)
        self._update()

    def _unreachable(self) -> str:
        entry = self._workbench.current
        known = self._workbench.connections(entry.number) if entry is not None else {}
        return why_nothing_can_be_sent(entry, known, self._targets, self.to.chosen)

    @Slot()
    def _update(self) -> None:
        """What would be sent, and what stands in the way."""
        composer = self._composer
        framer = self._framer if self.framed.isChecked() else None
        self._outgoing = composer.outgoing(framer, self.ending.currentData())
        self.count.setText(self._outgoing.count if composer.problem is None else "")
        self.editor.mark(composer.problem.position if composer.problem is not None else None)
        reason = self._reason()
        unreachable = self._unreachable()
        self.button.setEnabled(not reason)
        self.button.setToolTip(reason or "Send (Enter)")
        self.button.setAccessibleDescription(reason)
        self.file.setEnabled(not unreachable)
        self.file.setToolTip(unreachable or "Send a file's content as it is, without ending and framing")
        self._show_status(reason)

    def _reason(self) -> str:
        """Why Send does nothing now; "" when it sends."""
        return self._outgoing.problem or self._unreachable() or self._nothing_to_send()

    def _nothing_to_send(self) -> str:
        entry = self._workbench.current
        if self._outgoing.data or (entry is not None and entry.spec.transport == "udp"):
            return ""  # an empty datagram is a message too
        return "Type what to send."

    def _show_status(self, reason: str) -> None:
        colors = self._theme.colors
        wrong = self._refused or self._outgoing.problem
        empty = not self._composer.text
        if wrong:
            text, color = f"⚠ {wrong}", colors.error
        elif reason and not (empty and reason == self._nothing_to_send()):
            text, color = reason, colors.error if self._insisted else colors.warning
        else:
            text, color = f"{HINTS[self._composer.mode]} {HINT}" if empty else HINT, colors.muted
            if self._insisted and reason:
                text, color = reason, colors.error
        self.status.setText(text)
        palette = self.status.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(color))
        self.status.setPalette(palette)
        self.editor.setAccessibleDescription(text)

    def _refuse(self, sentence: str) -> None:
        self._refused = sentence
        self._update()

    # -- what the user does ---------------------------------------------------------------------

    @Slot()
    def _on_text(self) -> None:
        text = self.editor.text
        if self._showing or text == self._composer.text:
            return
        self._composer.edit(text)
        self._history.leave()
        self._refused, self._insisted = "", False
        self._update()

    @Slot(str)
    def _on_mode(self, mode: Mode) -> None:
        self._composer.switch(mode)
        self._show_composer()
        self.focus_first()

    def _show_composer(self) -> None:
        """The composer's text and mode were changed otherwise than by typing."""
        self._showing = True
        self.editor.mode = self._composer.mode
        self.mode.choose(self._composer.mode)
        self.editor.show_text(self._composer.text)
        self._showing = False
        self._refused, self._insisted = "", False
        self._update()

    @Slot()
    def _on_back(self) -> None:
        self._recall(self._history.back(self._composer.mode, self._composer.text))

    @Slot()
    def _on_forward(self) -> None:
        self._recall(self._history.forward())

    def _recall(self, entry: Entry | None) -> None:
        if entry is not None:
            self._composer.recall(*entry)
            self._show_composer()

    @Slot()
    def send(self) -> None:
        """Send what stands in the editor; if that cannot be, say why in so many words."""
        entry = self._workbench.current
        reason = self._reason()
        if reason or entry is None or self._outgoing.data is None:
            self._insisted = True
            self._update()
            QAccessible.updateAccessibility(QAccessibleEvent(self.editor, QAccessible.Event.Alert))
            return
        data = self._outgoing.data
        job = self._workbench.send(Target(entry.number, self.to.chosen), data)
        total = len(data) * self._receivers
        self.progress.watch(job, f"Message of {size_text(len(data))}", total)
        self._history.add(self._composer.mode, self._composer.text)
        self._refused, self._insisted = "", False
        self.editor.selectAll()
        self._update()

    @Slot(str)
    def _on_file(self, path: str) -> None:
        self.send_path(Path(path))

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        palette = self.count.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colors.muted))
        self.count.setPalette(palette)
        make_bold(self.button)
        self.button.setStyleSheet(
            f"QPushButton {{ background: {colors.accent}; color: {colors.on_accent};"
            f" border: 2px solid {colors.accent}; border-radius: 4px; padding: 3px 16px; }}"
            f"QPushButton:focus {{ border-color: {colors.text}; }}"
            f"QPushButton:disabled {{ background: {colors.window}; color: {colors.muted};"
            f" border-color: {colors.border}; }}"
        )
        self._update()


def _beside(label: str, field: QWidget) -> QWidget:
    """A field with its label to the left."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(5)
    name = QLabel(label)
    name.setBuddy(field)
    row.addWidget(name)
    row.addWidget(field)
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return box
