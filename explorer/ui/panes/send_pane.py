"""The composer: what is sent, as text, hex or Python, to one connection or to all.

After sending, the text stays and is selected: Enter sends it again, typing begins another.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.core.errors import InputError
from explorer.core.snippet import Mode
from explorer.core.socket_spec import Choice
from explorer.ui.composer import Outgoing
from explorer.ui.entries import SocketEntry
from explorer.ui.file_to_send import size_to_send
from explorer.ui.panes.send_form import SendForm
from explorer.ui.panes.send_repeat import SendRepeat
from explorer.ui.panes.send_snippets import SendSnippets
from explorer.ui.receivers import Receivers
from explorer.ui.send_framing import SendFraming
from explorer.ui.send_history import SendHistory
from explorer.ui.snippet_actions import SnippetActions
from explorer.ui.theme import Theme
from explorer.ui.units import size_text
from explorer.ui.workbench import Workbench
from explorer.ui.written import Written
from explorer.wire.framing.api import Framer

DATAGRAM_PIECE = 1400  # bytes of a file in one datagram: fits into one packet on Ethernet
HINT = "Enter sends, Shift+Enter adds a line, ↑ shows what was sent."
HINTS: dict[Mode, str] = {
    "text": "Escapes: \\n \\r \\t \\0 \\\\ \\xHH \\u20ac. Enter sends, ↑ shows what was sent.",
    "hex": "Hex in any usual way: 48 65, 0x48, 48:65, \\x48, or a whole dump.",
    "python": 'A Python literal: b"\\x01ok" or "text". Enter sends.',
}
"""What is said while nothing is typed: short enough for one line of a narrow pane."""


class SendPane(SendForm):
    """Stands below the bytes. `send_path` and `focus_first` are for the window's actions."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._workbench = workbench
        self._composer = self.editors.composer
        self._history = SendHistory()
        self._receivers = Receivers(workbench, self.to, self)
        self._framing = SendFraming()
        self._outgoing = Outgoing(b"", 0, 0, 0)
        self._refused = ""  # why a paste, a key, a snippet or a file was not taken
        self._socket: int | None = None  # the chosen one
        self._unframed: set[int] = set()  # sockets whose messages the user wants without framing
        self._insisted = False  # the user tried to send although nothing can be sent
        self._shown_both: dict[Mode, bool] = {"text": False, "hex": True, "python": False}
        self._repeating = SendRepeat(workbench, self, self._receivers, self._framing)
        self._kept = SendSnippets(self, workbench.snippets, self._receivers, self._framing)
        self._snippets = SnippetActions(workbench.snippets, self.snippets, theme, self, self._kept)
        self._connect()
        self._on_scope()

    def _connect(self) -> None:
        self.mode.chosen.connect(self._on_mode)
        self.ending.activated.connect(self._update)
        self.framed.toggled.connect(self._on_framed)
        self.both.clicked.connect(self._on_both)
        self.fields.inserted.connect(self._on_field)
        self.fields.used.connect(self.editors.use_fields)
        self.filled.reset_wanted.connect(self._on_reset)
        self.filled.use_wanted.connect(self._on_use)
        self.filled.time_passed.connect(self._on_time)
        self._repeating.started.connect(self._on_repeat_started)
        self._repeating.counted.connect(self._show_filled)
        self._snippets.use_wanted.connect(self._kept.use)
        self._snippets.send_wanted.connect(self._kept.send)
        self._snippets.refused.connect(self._refuse)
        self._kept.used.connect(self._on_used)
        self._kept.refused.connect(self._refuse)
        self._kept.send_wanted.connect(self._on_send_snippet)
        self.file.clicked.connect(self.choose_file)
        self.button.clicked.connect(self.send)
        self.editors.changed.connect(self._on_edited)
        self.editors.problem_changed.connect(self._update)
        self.editors.submitted.connect(self.send)
        self.editors.back_wanted.connect(self._on_back)
        self.editors.forward_wanted.connect(self._on_forward)
        self.editors.refused.connect(self._refuse)
        self.editors.noted.connect(self.say)
        self.hex.overwriting.connect(self._on_overwriting)
        self.progress.cancelled.connect(self._workbench.cancel_send)
        bench = self._workbench
        bench.send_progressed.connect(self.progress.on_progress)
        bench.capture_changed.connect(self.progress.end_all)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.socket_added.connect(self._on_socket_changed)
        bench.socket_changed.connect(self._on_socket_changed)
        bench.socket_removed.connect(self._on_scope)
        self._receivers.changed.connect(self._update)
        self._theme.changed.connect(self._update)

    # -- what others ask for ----------------------------------------------------------------------

    def focus_first(self) -> None:
        """Take the keyboard, in the editor."""
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def history(self) -> list[str]:
        """What was sent, as strings for the settings, oldest first."""
        return self._history.lines

    def set_history(self, lines: list[str]) -> None:
        self._history.load(lines)

    def choices(self) -> dict[str, str]:
        """How the composer was used, for the settings: the repeat's values, and where the hex editor shows."""
        every, times = self.repeat.values
        shown = ",".join(mode for mode, both in self._shown_both.items() if both)
        return {"every": every, "times": times, "hex_editor": shown}

    def set_choices(self, choices: Mapping[str, str]) -> None:
        """What `choices` gave once; what is missing stays as it is."""
        before = self.repeat.values
        self.repeat.set_values(choices.get("every", before[0]), choices.get("times", before[1]))
        if "hex_editor" in choices:
            shown = choices["hex_editor"].split(",")
            self._shown_both = {mode: mode in shown for mode in self._shown_both}
            self._show_both()

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
        problem = self._receivers.why_not
        if problem or entry is None:
            self._refuse(f"{path.name} was not sent. {problem}")
            return
        try:
            size = size_to_send(path)
        except InputError as error:
            self._refuse(error.message)
            return
        target = self._receivers.target
        if entry.spec.transport == "udp":
            job = self._workbench.send_file(target, path, DATAGRAM_PIECE)
        else:
            job = self._workbench.send_file(target, path)
        self.progress.watch(job, path.name, size * self._receivers.count)
        self._refuse("")

    # -- showing --------------------------------------------------------------------------------

    @Slot()
    def _on_scope(self) -> None:
        entry = self._workbench.current
        number = entry.number if entry is not None else None
        if number != self._socket:  # what went wrong with another is no news of this one
            self._socket, self._refused, self._insisted = number, "", False
            self.progress.forget()
            blocked = QSignalBlocker(self.framed)
            self.framed.setChecked(number not in self._unframed)
            blocked.unblock()
        self._take_spec(entry)
        self._receivers.choose_anew()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        entry = self._workbench.current
        if entry is not None and entry.number == number:
            self._take_spec(entry)
            self._receivers.show_targets()

    def _take_spec(self, entry: SocketEntry | None) -> None:
        """Encoding and framing are those of the socket."""
        self.editors.set_encoding(entry.spec.encoding if entry is not None else "utf-8")
        self._framing.take(entry.spec.framing if entry is not None else Choice("raw"))
        self.framed.setText(f"Add framing ({self._framing.label})")
        self.framed.setToolTip(f"Wrap the message as the socket's framing wants it. {self._framing.summary}")

    @Slot()
    def _update(self) -> None:
        """What would be sent, and what stands in the way."""
        composer = self._composer
        self._outgoing = composer.outgoing(self._present_framer, self.ending.currentData())
        self.count.setText(self._outgoing.count if composer.problem is None else "")
        self.editor.mark(composer.problem.position if composer.problem is not None else None)
        self.filled.show_composer(composer)
        self.fields.show_use(composer.fields)
        reason = self._reason()
        unreachable = self._receivers.why_not
        self.button.setEnabled(not reason)
        self.button.setToolTip(reason or "Send (Enter)")
        self.button.setAccessibleDescription(reason)
        self._repeating.show_reason(reason)
        self.file.setEnabled(not unreachable)
        self.file.setToolTip(unreachable or "Send a file's content as it is, without ending and framing")
        self._show_status(reason)

    @property
    def _hint(self) -> str:
        """What can be done; that the socket's framing is left out is seen before it is sent so."""
        if self._framing.choice.kind != "raw" and not self.framed.isChecked():
            return f"Without framing ({self._framing.label}). Enter sends, ↑ shows what was sent."
        return HINT if self._composer.text else HINTS[self._composer.mode]

    @property
    def _present_framer(self) -> Framer | None:
        return self._framing.framer if self.framed.isChecked() else None

    def _reason(self) -> str:
        """Why Send does nothing now; "" when it sends."""
        return self.editors.problem or self._outgoing.problem or self._receivers.why_not or self._nothing_to_send()

    def _nothing_to_send(self) -> str:
        entry = self._workbench.current
        if self._outgoing.data or (entry is not None and entry.spec.transport == "udp"):
            return ""  # an empty datagram is a message too
        return "Type what to send."

    def _show_status(self, reason: str) -> None:
        colors = self._theme.colors
        wrong = self._refused or self.editors.problem or self._outgoing.problem
        empty = not self._composer.text
        if wrong:
            self.show_status(f"⚠ {wrong}", colors.error)
        elif reason and (self._insisted or not (empty and reason == self._nothing_to_send())):
            self.show_status(reason, colors.error if self._insisted else colors.warning)
        else:
            self.show_status(self._hint, colors.muted)

    @Slot(str)
    def _refuse(self, sentence: str) -> None:
        self._refused = sentence
        self._update()

    def _accept(self) -> None:
        """What was wrong before is over."""
        self._refused, self._insisted = "", False
        self._update()

    # -- the message ----------------------------------------------------------------------------

    @Slot()
    def _on_edited(self) -> None:
        self._history.leave()
        self.mode.choose(self._composer.mode)
        self._show_both()
        self._accept()

    @Slot(str)
    def _on_mode(self, mode: Mode) -> None:
        reason = self._composer.why_not(mode)
        self.editors.switch(mode)
        self._show_composer()
        self.focus_first()
        if reason:
            self._refuse(reason)

    def _show_composer(self) -> None:
        """The message was changed otherwise than by typing."""
        self.mode.choose(self._composer.mode)
        self._show_both()
        self._accept()

    @Slot(bool)
    def _on_framed(self, framed: bool) -> None:
        """It belongs to the socket: another one's messages are framed as before."""
        if self._socket is not None:
            (self._unframed.discard if framed else self._unframed.add)(self._socket)
        self._update()

    @Slot(bool)
    def _on_both(self, shown: bool) -> None:
        self._shown_both[self._composer.mode] = shown
        self._show_both()

    def _show_both(self) -> None:
        shown = self._shown_both[self._composer.mode]
        self.both.setChecked(shown)
        self.editors.show_bytes_editor(shown)
        self.typing.setVisible(shown)
        self.typing.setText("Overwrite" if self.hex.editing.overwrite else "Insert")

    @Slot(bool)
    def _on_overwriting(self, overwrite: bool) -> None:
        self._show_both()
        self.say(f"What is typed {'replaces' if overwrite else 'goes between'} bytes now; Ins changes that.")

    @Slot()
    def _on_back(self) -> None:
        self._recall(self._history.back(self._composer.written))

    @Slot()
    def _on_forward(self) -> None:
        self._recall(self._history.forward())

    def _recall(self, entry: Written | None) -> None:
        if entry is not None:
            self.editors.recall(entry.mode, entry.text, entry.fields)
            self._show_composer()

    @Slot(str)
    def _on_field(self, field: str) -> None:
        if self._composer.mode == "python" and self._composer.problem is not None:
            self._refuse(
                "Fields can be written in Text and in Hex only, and this Python cannot be read. Correct it first."
            )
        else:
            self.editors.insert_field(field)

    @Slot(bool)
    def _on_use(self, use: bool) -> None:
        self.editors.use_fields(use)
        self.focus_first()

    @Slot()
    def _on_reset(self) -> None:
        self._composer.reset_counter()
        self._show_filled()

    @Slot()
    def _on_time(self) -> None:
        self._composer.fill_again()
        self._show_filled()

    @Slot()
    def _show_filled(self) -> None:
        self.editors.show_filled()
        self._update()

    # -- sending --------------------------------------------------------------------------------

    @Slot()
    def send(self) -> None:
        """Send what stands in the editor; if that cannot be, say why in so many words."""
        self._composer.fill_again()
        self._update()
        data = self._outgoing.data
        if self._reason() or data is None:
            self._insisted = True
            self._update()
            QAccessible.updateAccessibility(QAccessibleEvent(self.editor, QAccessible.Event.Alert))
            return
        self._send_bytes(data, f"Message of {size_text(len(data))}")
        self._history.add(self._composer.written)
        self._composer.sent()
        self._composer.steps.rest()
        self.editors.show_filled()
        self.editors.select_all()
        self._accept()

    def _send_bytes(self, data: bytes, title: str) -> None:
        job = self._workbench.send(self._receivers.target, data)
        self.progress.watch(job, title, len(data) * self._receivers.count)

    @Slot(bytes, str)
    def _on_send_snippet(self, data: bytes, name: str) -> None:
        self._send_bytes(data, name)
        self._accept()
        self.say(f"Sent {name}, {size_text(len(data))}.")

    @Slot()
    def _on_repeat_started(self) -> None:
        self._history.add(self._composer.written)

    @Slot()
    def _on_used(self) -> None:
        self._history.leave()
        self._show_composer()
        self.focus_first()

    @Slot(str)
    def _on_file(self, path: str) -> None:
        self.send_path(Path(path))

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Something that was done, until the next key; what is wrong is more important."""
        if not (self._refused or self.editors.problem or self._outgoing.problem):
            self.show_status(sentence, self._theme.colors.text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._snippets.show_all()  # the window is whole now: it is known which keys are free in it
