"""The Python dock: the chosen socket, or a sequence, as a script that does the same, to read, take away, and run beside
the app."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.as_python.api import STYLES
from explorer.as_python.lines import line_of
from explorer.core.calls import Call, CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.errors import InputError
from explorer.core.socket_spec import SocketSpec
from explorer.ui.dialogs.file_dialog import ask_new
from explorer.ui.entries import SocketEntry
from explorer.ui.python_runner import ScriptRunner
from explorer.ui.python_subject import SocketSubject, Subject, sequence_subject
from explorer.ui.theme import Theme
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.widgets.port_clash import PortClash
from explorer.ui.widgets.python_view import PythonView
from explorer.ui.widgets.script_run import ScriptRun
from explorer.ui.workbench import Workbench

NOTHING = (
    "A socket, or a sequence, as a Python script that does the same with the standard library alone appears here.\n\n"
    "Choose a socket in Sockets."
)
SOCKET = "The chosen socket"
ALONE = "Two programs cannot both have it"


class PythonPane(DockedPane):
    """Follows the chosen socket and its settings; the line of the chosen call is marked. Or shows a sequence, which is
    chosen in a list that is there as soon as the workspace has one."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._shown: Subject | None = None
        self._shown_style = ""
        self._waits_for = 0  # the socket that is being stopped, whose port the script will have
        self.where = ElidedLabel()
        self.what = QuietCombo("Show")
        self.what_label = QLabel("Show:")
        self.style_choice = QuietCombo("Style")
        self.copy_button = QPushButton("Copy")
        self.save_button = QPushButton("Save as…")
        self.run_button = QPushButton("Run beside the app")
        self.stop_button = QPushButton("Stop script")
        self.problem = QLabel()
        self.clash = PortClash()
        self.text = PythonView("Python script", theme)
        self.run = ScriptRun(theme)
        self.runner = ScriptRunner(self)
        self.empty = QLabel(NOTHING)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._look()

    def _lay_out(self) -> None:
        for style in STYLES:
            self.style_choice.addItem(style.label, style.name)
            self.style_choice.setItemData(self.style_choice.count() - 1, style.summary, Qt.ItemDataRole.ToolTipRole)
        for choice in (self.what, self.style_choice):
            choice.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.setMinimumContentsLength(16)
            choice.setMinimumWidth(1)
            choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.what_label.setBuddy(self.what)
        label = QLabel("Style:")
        label.setBuddy(self.style_choice)
        self.copy_button.setToolTip("Copy the whole script")
        self.run_button.setToolTip("Run it as a process of its own, with the Python of this computer")
        controls = QWidget()
        row = FlowLayout(controls, gap=6, line_gap=2)
        buttons = (self.copy_button, self.save_button, self.run_button, self.stop_button)
        for widget in (label, self.style_choice, *buttons):
            row.addWidget(widget)
        chooser = QHBoxLayout()
        chooser.addWidget(self.what_label)
        chooser.addWidget(self.what, 1)
        for button in buttons:
            button.setAutoDefault(False)
        for sentence in (self.problem, self.empty):
            sentence.setTextFormat(Qt.TextFormat.PlainText)
            sentence.setWordWrap(True)
        self.problem.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.problem.hide()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(12)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.text)
        self.splitter.addWidget(self.run)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setMinimumSize(1, 1)
        self.splitter.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.run.hide()
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(3)
        for part in (self.where, controls, self.problem, self.clash):
            inner.addWidget(part)
        inner.addWidget(self.splitter, 1)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 0)
        column.setSpacing(3)
        column.addLayout(chooser)
        column.addWidget(self.stack, 1)
        self._offer()

    def _connect(self) -> None:
        bench = self._workbench
        bench.selection.scope_changed.connect(self._look)
        bench.selection.span_changed.connect(self._on_call)
        bench.socket_changed.connect(self._on_socket)
        bench.socket_added.connect(self._on_socket)
        bench.socket_removed.connect(self._on_socket)
        bench.capture_changed.connect(self._look)
        bench.snippets_changed.connect(self._look)
        bench.sequences.changed.connect(self._on_sequences)
        self.what.currentIndexChanged.connect(self._look)
        self.style_choice.currentIndexChanged.connect(self._look)
        self.copy_button.clicked.connect(self.copy_all)
        self.save_button.clicked.connect(self.save_as)
        self.run_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.runner.stop)
        self.clash.stop_wanted.connect(self._stop_ours)
        self.clash.other_wanted.connect(self._run_elsewhere)
        self.clash.cancelled.connect(self._cancel)
        self.runner.printed.connect(self.run.add)
        self.runner.failed.connect(self._on_failed)
        self.runner.changed.connect(self._show_buttons)
        self.run.typed.connect(self.runner.type)
        app = QCoreApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self.runner.shut_down)
        self._show_buttons()

    def focus_first(self) -> None:
        """Take the keyboard, in the script."""
        first = self.empty if self.stack.currentWidget() is self.empty else self.text
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.DeferredDelete:
            self.runner.shut_down()
        return super().event(event)

    def _on_seen(self) -> None:
        self._look()

    # -- what is shown --------------------------------------------------------------------------------

    def show_sequence(self, name: str) -> None:
        """Show the sequence with this name."""
        place = self.what.findData(name)
        if place > 0:
            self.what.setCurrentIndex(place)

    def _offer(self) -> None:
        """List the sequences that there are."""
        names = [sequence.name for sequence in self._workbench.sequences]
        if [self.what.itemData(place) for place in range(1, self.what.count())] != names or not self.what.count():
            before, place = self.what.currentData(), self.what.currentIndex()
            self.what.blockSignals(True)
            self.what.clear()
            self.what.addItem(SOCKET, "")
            for name in names:
                self.what.addItem(f"Sequence: {name}", name)
            found = self.what.findData(before)
            renamed = found < 0 and len(names) >= place > 0  # it has another name now, and stands where it stood
            self.what.setCurrentIndex(place if renamed else max(0, found))
            self.what.blockSignals(False)
        for part in (self.what_label, self.what):
            part.setVisible(bool(names))

    @Slot()
    def _on_sequences(self) -> None:
        self._offer()
        self._look()

    def _subject(self) -> Subject | None:
        bench = self._workbench
        sequence = bench.sequences.find(str(self.what.currentData())) if self.what.currentIndex() > 0 else None
        if sequence is not None:
            return sequence_subject(sequence, bench.specs, bench.snippets.items)
        entry = bench.current
        return None if entry is None else SocketSubject(entry.number, entry.spec)

    @property
    def style_name(self) -> str:
        return str(self.style_choice.currentData())

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        if number == self._waits_for:
            self._on_stopped()
        self._look()

    @Slot()
    def _look(self) -> None:
        """Write the script of what is chosen."""
        if not self.seen:
            return
        subject = self._subject()
        if subject is None:
            self.stack.setCurrentWidget(self.empty)
            return
        self.stack.setCurrentIndex(1)
        if (subject, self.style_name) == (self._shown, self._shown_style):
            self._mark()
            return
        self.where.setText(subject.title)
        try:
            text = self._script(subject)
        except InputError as error:
            self._say(f"There is no script for this: {error.message}", wrong=True)
            text = ""
        else:
            self._say("")
        self.clash.hide()
        before = self._shown.file if self._shown is not None else "", self._shown_style
        self._shown, self._shown_style = subject, self.style_name
        self.text.show_text(text)
        if before != (subject.file, self.style_name):
            self.text.go_to_top()
        self._show_buttons()
        self._mark()

    def _script(self, subject: Subject) -> str:
        return subject.text(next(style.name for style in STYLES if style.name == self.style_name))

    @Slot(object, object)
    def _on_call(self, _span: object, _origin: QObject | None) -> None:
        self._mark()

    def _mark(self) -> None:
        """Mark the line that makes the chosen call, if it is one of the socket that is shown."""
        if not self.seen:
            return
        call, shown = self._chosen_call(), self._shown
        if call is None or not isinstance(shown, SocketSubject) or call.socket != shown.number:
            self.text.mark_call(0)
            return
        option = ""
        if call.kind is CallKind.setsockopt and CallFlag.DETAIL in call.flags:
            option = str(self._workbench.reader.detail(call).get("option", ""))
        self.text.mark_call(line_of(self.text.toPlainText(), call.kind, option) or 0)

    def _chosen_call(self) -> Call | None:
        span, reader = self._workbench.selection.span, self._workbench.reader
        if span is None or span.first_call >= reader.count:
            return None
        return reader.call(span.first_call)

    # -- taking it away -----------------------------------------------------------------------------

    @Slot()
    def copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._say("The script is on the clipboard.")

    @Slot()
    def save_as(self) -> None:
        if self._shown is not None:
            ask_new(self, "Save the script", Path.home() / self._shown.file, "Python (*.py)", self._save, suffix="py")

    @Slot(str)
    def _save(self, path: str) -> None:
        try:
            Path(path).write_text(self.text.toPlainText(), encoding="utf-8")
        except OSError as error:
            self._say(f"The script was not saved: {error.strerror} ({path}). Choose another place.", wrong=True)
        else:
            self._say(f"Saved as {path}.")

    # -- running it ---------------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Run the script, unless one of our own sockets holds its port: then ask."""
        if self._shown is None or self.runner.running:
            return
        held = self._held(self._shown)
        if held is None:
            self._run(self.text.toPlainText())
            return
        holder, spec = held
        self.clash.other_button.setVisible(self._shown.can_move)
        advice = "stop yours, or let the script take another port" if self._shown.can_move else "stop yours to run this"
        self.clash.ask(f'Port {spec.port} is in use by your socket "{holder.spec.name}". {ALONE}: {advice}.')

    def _held(self, subject: Subject) -> tuple[SocketEntry, SocketSpec] | None:
        """Our running socket that holds the address which a server of the script would bind, and that server."""
        for spec in subject.servers:
            holder = self._holder(spec)
            if holder is not None:
                return holder, spec
        return None

    def _holder(self, spec: SocketSpec) -> SocketEntry | None:
        if not spec.port:
            return None
        for entry in self._workbench.sockets:
            local = entry.local
            if entry.in_engine and entry.spec.transport == spec.transport and entry.spec.role == "server":
                taken = local or entry.spec.endpoint
                if taken.port == spec.port and _overlap(taken, spec.endpoint):
                    return entry
        return None

    @Slot()
    def _stop_ours(self) -> None:
        held = self._held(self._shown) if self._shown is not None else None
        self.clash.hide()
        if held is None:
            self.start()
            return
        holder, _ = held
        self._waits_for = holder.number
        self._say(f'Stopping "{holder.spec.name}"…')
        self._workbench.stop(holder.number)

    def _on_stopped(self) -> None:
        entry = self._workbench.socket(self._waits_for)
        if entry is not None and entry.in_engine:
            return
        self._waits_for = 0
        self._say("")
        self.start()

    @Slot()
    def _run_elsewhere(self) -> None:
        """Port 0: the system chooses one, which the script prints."""
        self.clash.hide()
        if self._shown is not None:
            self._run(self._script(self._shown.moved()))

    @Slot()
    def _cancel(self) -> None:
        self.clash.hide()
        self.run_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _run(self, text: str) -> None:
        assert self._shown is not None
        self.run.begin(f"[{self._shown.file} runs beside the app.]\n")
        self.run.set_typing(self._shown.can_type)
        self.run.show()
        self._say("")
        self.runner.start(text, self._shown.file, self._shown.environment())

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self.run.hide()
        self._say(sentence, wrong=True)

    @Slot()
    def _show_buttons(self) -> None:
        running, there = self.runner.running, bool(self.text.toPlainText())
        self.run_button.setVisible(not running)
        self.stop_button.setVisible(running)
        for button in (self.copy_button, self.save_button, self.run_button):
            button.setEnabled(there)

    def _say(self, sentence: str, wrong: bool = False) -> None:
        self.problem.setText(f"⚠ {sentence}" if wrong else sentence)
        self.problem.setVisible(bool(sentence))


def _overlap(one: Endpoint, other: Endpoint) -> bool:
    """Whether two addresses with the same port cannot both be bound."""
    return one.host == other.host or one.is_wildcard or other.is_wildcard or "localhost" in (one.host, other.host)
