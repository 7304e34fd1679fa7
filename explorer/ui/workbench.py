"""The window's one connection to the engine and the capture, and the document: what the workspace holds.

Panes read entries, the reader and the selection here, ask for what should happen, and listen to the
signals. The workbench knows no widget.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from explorer.bridge.jobs import JobRunner
from explorer.capture.catalog import Catalog
from explorer.capture.indexer import Indexer
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.filling import Fillable
from explorer.core.scripts import source_of
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.tally import Tally
from explorer.ui.captured import Captured, list_captured
from explorer.ui.entries import ConnectionEntry, Notice, SocketEntry, Trouble
from explorer.ui.finder import Finder
from explorer.ui.models.bench_choices import BenchChoices
from explorer.ui.models.chat_choice import ChatChoice
from explorer.ui.models.load_choices import LoadChoices
from explorer.ui.models.log_level import LogLevel
from explorer.ui.models.ruler_choices import RulerChoices
from explorer.ui.notes import Notes
from explorer.ui.scoped_messages import ScopedMessages
from explorer.ui.selection import SelectionHub
from explorer.ui.snippet_book import SnippetBook
from explorer.ui.socket_book import SocketBook
from explorer.ui.undo import SpecsChanged, UndoStack, change_text
from explorer.ui.views import Views
from explorer.workspace import Workspace

if TYPE_CHECKING:
    from explorer.core.load import LoadPlan
    from explorer.core.sequence import Sequence
    from explorer.ui.script_output import ScriptOutputs
    from explorer.ui.script_trust import ScriptTrust
    from explorer.ui.sequence_book import SequenceBook

FRAME = 16  # milliseconds
FAST = 40  # calls a frame; when more arrive, nobody can follow them, and every third frame is painted
EVENTS_A_FRAME = 2000
UNDO_STEPS = 500
RETRY = 1000  # milliseconds between looks whether a full capture has room again


class EngineLink(Protocol):
    """What the workbench needs of the engine's thread (`explorer.bridge.engine_thread`)."""

    def post(self, command: commands.Command) -> None: ...

    def drain(self, most: int) -> list[events.Event]: ...


class Workbench(QObject):
    """Signals (all on the window's thread):

    socket_added(int), socket_changed(int), socket_removed(int): numbers of sockets. What the engine tells of a
        socket in one frame is one change.
    connections_changed(set[int]): sockets whose connections came, went or changed; at most once a frame.
    ticked(): at most 60 times a second while there may be something new to paint.
    failed(SocketFailed), send_progressed(SendProgress), repeat_progressed(RepeatProgress), noticed(Notice),
        load_progressed(LoadProgress): as they happen.
    capture_changed(): another reader is in place.
    snippets_changed(): a snippet was added, changed, removed or moved.
    document_changed(): the workspace differs from what was saved, or no longer does.
    automated(SequenceStep | SequenceEnded | StepRecorded): news of sequences and of recording, as they happen.
    setting_wanted(int, str): the user wants to change this setting of a socket (a field of `SocketSpec`).
    python_wanted(str): the user wants to see the sequence of this name as Python.
    script_printed(int): the script of this socket printed a line, or failed (see `script_output`).
    """

    socket_added = Signal(int)
    socket_changed = Signal(int)
    socket_removed = Signal(int)
    connections_changed = Signal(object)
    ticked = Signal()
    failed = Signal(object)
    send_progressed = Signal(object)
    repeat_progressed = Signal(object)
    load_progressed = Signal(object)
    noticed = Signal(object)
    capture_changed = Signal()
    snippets_changed = Signal()
    document_changed = Signal()
    automated = Signal(object)
    setting_wanted = Signal(int, str)
    python_wanted = Signal(str)
    script_printed = Signal(int)

    def __init__(self, source: Reader | Captured, link: EngineLink | None, tally: Tally | None = None) -> None:
        """source: the capture that the engine behind `link` writes, or one from disk (then link is None)."""
        super().__init__()
        if link is None and isinstance(source, Reader):
            source = list_captured(source)
        self.reader = source.reader if isinstance(source, Captured) else source
        self.link = link
        self.tally = tally or Tally()
        self.selection = SelectionHub(self)
        self.jobs = JobRunner(self)
        self.undo = UndoStack(self)
        self.undo.setUndoLimit(UNDO_STEPS)
        self.snippets = SnippetBook(self.undo, self)
        self.snippets.changed.connect(self.snippets_changed)
        self.snippets.changed.connect(self.document_changed)
        self._sequences: SequenceBook | None = None  # made when there are some, or somebody looks at them
        self.catalog = source.catalog if isinstance(source, Captured) else Catalog(source)
        self.indexer = Indexer(self._on_index_failed)
        self.indexer.start()
        self.indexer.register(self.catalog)
        captured = source if isinstance(source, Captured) else None
        self._sockets = SocketBook(captured.sockets, captured.connections) if captured else SocketBook()
        self._numbers = itertools.count(1)
        self._send_jobs = itertools.count(1)
        self._seen = -1
        self._skipped = 0
        self._idle_frames = 0
        self._by_itself = 0
        self._frozen = False
        self._handlers: dict[type, Callable[..., None]] = {
            events.SocketFailed: self.failed.emit,
            events.SendProgress: self.send_progressed.emit,
            events.RepeatProgress: self.repeat_progressed.emit,
            events.SequenceStep: self.automated.emit,
            events.SequenceEnded: self.automated.emit,
            events.StepRecorded: self.automated.emit,
            events.LoadProgress: self.load_progressed.emit,
            events.ScriptOutput: self._on_script_output,
            events.CaptureFull: self._on_capture_full,
            events.EngineStopped: self._on_engine_stopped,
        }
        self._script_output: ScriptOutputs | None = None
        self._scripts: ScriptTrust | None = None
        self._full = ""  # why the capture takes no more, as the user was told
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY)
        self._retry.timeout.connect(self._try_capture)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._on_frame)
        self._timer.start()
        self.views = Views(self, captured)  # before all who look at sockets as it says
        self.messages = ScopedMessages(self)
        self.finder = Finder(self, self)
        self.ticked.connect(self.finder.look)
        self.capture_changed.connect(self.finder.clear)
        self.notes = Notes(self)
        self.bench = BenchChoices(self)
        self.ruler = RulerChoices(self)
        self.load_choices = LoadChoices(self)
        self.log_level = LogLevel(self)
        self.chat_choice = ChatChoice(self)

    # -- looking --------------------------------------------------------------------------------

    @property
    def viewing(self) -> bool:
        """Whether this is a capture opened from disk, with no engine behind it."""
        return self.link is None

    @property
    def sockets(self) -> list[SocketEntry]:
        """In the order in which they were added."""
        return list(self._sockets.values())

    @property
    def specs(self) -> list[SocketSpec]:
        return [entry.spec for entry in self._sockets.values()]

    @property
    def document(self) -> Workspace:
        """All that is saved in a workspace."""
        return Workspace(
            tuple(self.specs), self.snippets.items, () if self._sequences is None else self._sequences.items
        )

    @property
    def sequences(self) -> SequenceBook:
        """Those of the workspace."""
        if self._sequences is None:
            from explorer.ui.sequence_book import SequenceBook

            self._sequences = SequenceBook(self.undo, self)
            self._sequences.changed.connect(self.document_changed)
            self.snippets.renamed.connect(self._sequences.snippet_renamed)
        return self._sequences

    def socket(self, number: int | None) -> SocketEntry | None:
        return None if number is None else self._sockets.get(number)

    def connections(self, socket: int) -> Mapping[int, ConnectionEntry]:
        """By number, oldest first."""
        return self._sockets.connections.of(socket)

    def connection(self, number: int | None) -> ConnectionEntry | None:
        return None if number is None else self._sockets.connections.find(number)

    def trouble(self, number: int) -> Trouble | None:
        """What the user has not read yet of the chosen connection of a socket; of none chosen, of them all."""
        scope = self.selection.scope
        entry: SocketEntry | ConnectionEntry | None = self.socket(number)
        if scope.socket == number and scope.connection is not None:
            entry = self.connections(number).get(scope.connection)
        return entry.trouble if entry is not None else None

    def dismiss(self, number: int, trouble: Trouble) -> None:
        """The user has read what was told of a connection."""
        self._sockets.dismiss(number, trouble)
        self.socket_changed.emit(number)

    @property
    def current(self) -> SocketEntry | None:
        """The socket that the selection is about."""
        return self.socket(self.selection.scope.socket)

    @property
    def scripts(self) -> ScriptTrust:
        """Which scripts may run. It is made when it is wanted."""
        if self._scripts is None:
            from explorer.ui.script_trust import ScriptTrust

            self._scripts = ScriptTrust()
        return self._scripts

    def settle_script(self, number: int) -> None:
        """A script that was written here is to run, or its window was closed: it is trusted for good."""
        source = source_of(self._sockets[number].spec.program)
        problem = self.scripts.settle(source) if source is not None else ""
        if problem:
            self.notice(problem, serious=True)

    @property
    def script_output(self) -> ScriptOutputs:
        """What scripts printed. It is made when it is wanted: few sockets have a script."""
        if self._script_output is None:
            from explorer.ui.script_output import ScriptOutputs

            self._script_output = ScriptOutputs()
        return self._script_output

    @property
    def frozen(self) -> bool:
        """Whether views stand still while the engine goes on."""
        return self._frozen

    def set_frozen(self, frozen: bool) -> None:
        self._frozen = frozen
        self._seen = -1

    # -- the document ---------------------------------------------------------------------------

    def add_socket(self, spec: SocketSpec) -> int:
        """Add it (undoable) with a name of its own. Its number."""
        number = next(self._numbers)
        entry = SocketEntry(number, replace(spec, name=self.free_name(spec.name)))
        self.undo.push(SpecsChanged(self, f"add {entry.spec.name}", number, None, entry.spec))
        return number

    def edit_socket(self, number: int, spec: SocketSpec, step: int = -1) -> None:
        """Change what is asked for (undoable). A running socket takes a new program, framing and pace at once,
        everything else at its next start. Edits with the same `step` ≥ 1 in a row are undone together."""
        before = self._sockets[number].spec
        if spec != before:
            self.undo.push(SpecsChanged(self, change_text(before, spec), number, before, spec, step))

    def duplicate(self, number: int) -> int:
        """Add a socket with the same settings (undoable). Its number."""
        return self.add_socket(self._sockets[number].spec)

    def remove_socket(self, number: int) -> None:
        """Stop and remove it (undoable; what it captured stays in the capture)."""
        spec = self._sockets[number].spec
        self.undo.push(SpecsChanged(self, f"remove {spec.name}", number, spec, None))

    def place(self, number: int) -> int:
        """Where a socket stands among the others; behind them all if it is not there."""
        return self._sockets.place(number)

    def put_spec(self, number: int, spec: SocketSpec | None, place: int | None = None) -> None:
        """Carry out a change of the document (for undo commands). place: where a new socket goes; None: last."""
        entry = self._sockets.get(number)
        if spec is not None and (source := source_of(spec.program)) is not None:
            self.scripts.came(source)
        if spec is None:
            if entry is not None:
                self.stop(number)
                self._sockets.remove(number)
                if self.selection.scope.socket == number:
                    self.selection.clear()
                self.socket_removed.emit(number)
        elif entry is None:
            self._sockets.put(SocketEntry(number, spec), place)
            self.socket_added.emit(number)
        else:
            self._sockets.put(replace(entry, spec=spec))
            if self._sequences is not None and spec.name != entry.spec.name:
                self._sequences.socket_renamed(entry.spec.name, spec.name)
            if entry.in_engine and (spec.program, spec.framing) != (entry.spec.program, entry.spec.framing):
                self.settle_script(number)
                self._post(commands.SetProgram(number, spec.program, spec.framing))
            if entry.in_engine and spec.pace != entry.spec.pace:
                self._post(commands.SetPace(number, spec.pace))
            self.socket_changed.emit(number)
        self.document_changed.emit()

    def load(
        self, specs: Iterable[SocketSpec], snippets: Iterable[Snippet] = (), sequences: Iterable[Sequence] = ()
    ) -> list[int]:
        """Replace the whole document, as when a workspace is opened. The sockets' numbers."""
        for entry in self.sockets:
            self.put_spec(entry.number, None)
        numbers = []
        for spec in specs:
            number = next(self._numbers)
            self.put_spec(number, spec)
            numbers.append(number)
        self.snippets.load(snippets)
        self._load_sequences(tuple(sequences))
        self.undo.clear()
        return numbers

    def _load_sequences(self, sequences: tuple[Sequence, ...]) -> None:
        if sequences or self._sequences is not None:
            self.sequences.put(sequences)

    def free_name(self, wanted: str) -> str:
        """`wanted`, or with a number behind it that no other socket has."""
        taken = {entry.spec.name for entry in self._sockets.values()}
        if wanted not in taken:
            return wanted
        base = wanted.rstrip("0123456789").rstrip()
        return next(name for n in itertools.count(2) if (name := f"{base} {n}") not in taken)

    # -- what should happen ---------------------------------------------------------------------

    def start(self, number: int) -> None:
        entry = self._sockets[number]
        if not entry.running:
            self._sockets.begin(number, started=True)
            if self.selection.scope.socket == number:
                self.selection.choose_scope(Scope(number))  # its earlier connections are over
            self.settle_script(number)
            self._post(commands.Start(number, entry.spec))
            self.socket_changed.emit(number)

    def stop(self, number: int) -> None:
        if self._sockets[number].in_engine:
            self._post(commands.Stop(number))

    @Slot()
    def start_all(self) -> None:
        """Start every socket, servers first, so that clients of the same workspace find them."""
        self.start_these(self._sockets)

    def start_these(self, numbers: Collection[int]) -> None:
        """Start these sockets, in the same order."""
        for entry in sorted(self.sockets, key=lambda entry: entry.spec.role != "server"):
            if entry.number in numbers:
                self.start(entry.number)

    def stop_all(self) -> None:
        for entry in self.sockets:
            self.stop(entry.number)

    def send(self, target: commands.Target, data: bytes) -> int:
        """Send bytes that are framed already. The job's number, which `send_progressed` repeats."""
        job = next(self._send_jobs)
        self._post(commands.Send(target, data, job))
        return job

    def send_file(self, target: commands.Target, path: Path, piece: int = 262_144) -> int:
        job = next(self._send_jobs)
        self._post(commands.SendFile(target, path, job, piece))
        return job

    def repeat(
        self, target: commands.Target, message: Fillable, every: float, times: int = 0, *,
        framing: Choice | None = None, first: int = 0,
    ) -> int:  # fmt: skip
        """Send a message again and again (see `commands.Repeat`). The job's number, which `repeat_progressed`
        repeats; `cancel_send` stops it."""
        job = next(self._send_jobs)
        self._post(commands.Repeat(target, message, job, every, times, framing, first))
        return job

    def start_load(self, plan: LoadPlan) -> int:
        """Begin a load (see `commands.StartLoad`). The job's number, which `load_progressed` repeats; `cancel_send`
        stops it."""
        job = next(self._send_jobs)
        self._post(commands.StartLoad(plan, job))
        return job

    def cancel_send(self, job: int) -> None:
        """Take back what of a send waits, or stop repeating, or end a load."""
        self._post(commands.CancelSend(job))

    def run_sequence(self, sequence: Sequence) -> int:
        """Carry it out on the sockets as they are in the workspace now. The job's number, which `automated` repeats."""
        job = next(self._send_jobs)
        sockets = {entry.spec.name: (entry.number, entry.spec) for entry in self.sockets}
        self._post(commands.RunSequence(sequence, job, sockets, self.snippets.items))
        return job

    def cancel_sequence(self, job: int) -> None:
        self._post(commands.CancelSequence(job))

    def record_steps(self, record: bool) -> None:
        """Have what is done from now on told by `automated`, as steps; or no longer."""
        names = {entry.number: entry.spec.name for entry in self.sockets} if record else None
        self._post(commands.RecordSteps(names))

    def end_connection(self, target: commands.Target, how: str) -> None:
        """how: finish, close or reset (see `commands.EndConnection`)."""
        assert how in ("finish", "close", "reset")
        self._post(commands.EndConnection(target, how))  # type: ignore[arg-type]

    def resume_capture(self, quota: int | None = None) -> None:
        self._full = ""  # if it is still full, the user is told again
        self._post(commands.ResumeCapture(quota))

    @Slot()
    def _try_capture(self) -> None:
        """Room may have come without the user's doing here: a file removed, a disk enlarged."""
        self._post(commands.ResumeCapture())

    def notice(self, text: str, serious: bool = False, action: str = "", key: str = "") -> None:
        self.noticed.emit(Notice(text, serious, action, key))

    def _post(self, command: commands.Command) -> None:
        if self.link is not None:
            self.link.post(command)

    def shut_down(self) -> None:
        """Stop what runs beside the window, and let go of the capture."""
        self._timer.stop()
        self._retry.stop()
        self.notes.flush()
        self.views.flush()
        self.jobs.shut_down()
        self.indexer.stop()
        self.reader.close()

    # -- news -----------------------------------------------------------------------------------

    @Slot()
    def poll(self) -> None:
        """Take the engine's news now (the frame timer does so anyway)."""
        self._on_frame()

    @Slot()
    def _on_frame(self) -> None:
        if self.link is not None:
            for event in self.link.drain(EVENTS_A_FRAME):
                self.take(event)
        for number in self._sockets.take_changed():
            self.socket_changed.emit(number)
        if touched := self._sockets.connections.take_touched():
            self.connections_changed.emit(touched)
            self._idle_frames = 0
        if self._frozen:
            return
        count = self.reader.count
        self.indexer.gentle = count - self._seen > FAST
        if count != self._seen:
            self._skipped += 1
            if self._skipped < 3 and count - self._seen > FAST * self._skipped:
                return
            self._skipped = 0
            self._seen = count
            self._idle_frames = 0
            self.indexer.wake()
        if self.indexer.by_itself != self._by_itself:  # silence may have ended messages
            self._by_itself = self.indexer.by_itself
            self._idle_frames = 0
        # A few more frames after the last news, and after the indexer has come to its end: views let some pass.
        self._idle_frames = self._idle_frames + 1 if self.indexer.idle else 0
        if self._idle_frames < 30:
            self.ticked.emit()

    def refresh(self) -> None:
        """Ask views to look again (an index was registered, a view became visible)."""
        self._idle_frames = 0
        self.indexer.wake()

    def take(self, event: events.Event) -> None:
        """One of the engine's news. What it changes in sockets is told at the end of the frame."""
        self._sockets.take(event)
        if (handler := self._handlers.get(type(event))) is not None:
            handler(event)

    def _on_script_output(self, event: events.ScriptOutput) -> None:
        self.script_output.add(event)
        self.script_printed.emit(event.socket)

    def _on_capture_full(self, event: events.CaptureFull) -> None:
        if event.why == self._full:
            return
        self._full = event.why
        if event.why:
            self._retry.start()
        else:
            self._retry.stop()
        self.notice(event.why, serious=True, action="Resume" if event.why else "", key="capture-full")

    def _on_engine_stopped(self, event: events.EngineStopped) -> None:
        if event.problem:
            self.notice(event.problem, serious=True)

    def _on_index_failed(self, index: object, problem: Exception) -> None:
        self.noticed.emit(Notice(f"A view over the capture failed and stands still: {problem}", serious=True))

    def set_capture(self, reader: Reader, link: EngineLink | None, tally: Tally) -> None:
        """Put another capture (and engine) in place; nothing may run on the old one any more."""
        self.indexer.unregister(self.catalog)
        self.reader, self.link, self.tally = reader, link, tally
        self.catalog = Catalog(reader)
        self.indexer.register(self.catalog)
        self._full = ""
        self._retry.stop()
        self._seen = -1
        for number in self._sockets:
            self._sockets.begin(number, started=False)
        scope = self.selection.scope
        self.selection.begin_anew()
        self.capture_changed.emit()
        for number in self._sockets:
            self.socket_changed.emit(number)
        if self.selection.scope != scope:
            self.selection.scope_changed.emit(self.selection.scope)
