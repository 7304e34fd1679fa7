"""One sequence that runs in the window, with the marks of its steps, and the recording of steps. Knows no widget."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from explorer.core.events import SequenceEnded, SequenceStep, StepRecorded
from explorer.core.sequence import Sequence, Step
from explorer.ui.workbench import Workbench

Mark = SequenceStep


class SequencePlay(QObject):
    """Signals: marked(): marks of steps or the result changed. recorded(): another step was recorded, or recording
    began or ended.

    name: of the sequence that runs, or ran last. marks: how its steps fared, by path. result: how it ended.
    """

    marked = Signal()
    recorded = Signal()

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self.name = ""
        self.job = 0
        self.marks: dict[str, Mark] = {}
        self.result: SequenceEnded | None = None
        self.recording = False
        self.steps: list[Step] = []
        self.note = ""
        workbench.automated.connect(self._on_news)
        workbench.socket_added.connect(self._on_sockets)
        workbench.socket_changed.connect(self._on_sockets)
        workbench.capture_changed.connect(self._on_capture)

    @property
    def running(self) -> bool:
        return self.job > 0

    def run(self, sequence: Sequence) -> None:
        """Carry it out; an earlier one must be over."""
        self.name, self.marks, self.result = sequence.name, {}, None
        self.job = self._workbench.run_sequence(sequence)
        self.marked.emit()

    def stop(self) -> None:
        if self.running:
            self._workbench.cancel_sequence(self.job)

    def forget(self) -> None:
        """The steps are others now: what is known of them means nothing any more."""
        if not self.running and (self.marks or self.result is not None):
            self.marks, self.result, self.name = {}, None, ""
            self.marked.emit()

    def renamed(self, name: str) -> None:
        self.name = name

    def record(self) -> None:
        """Keep what is done from now on as steps."""
        self.steps, self.note, self.recording = [], "", True
        self._workbench.record_steps(True)
        self.recorded.emit()

    def end_recording(self) -> tuple[Step, ...]:
        """What was recorded."""
        steps, self.steps, self.recording = tuple(self.steps), [], False
        self._workbench.record_steps(False)
        self.recorded.emit()
        return steps

    @Slot(object)
    def _on_news(self, event: object) -> None:
        if isinstance(event, StepRecorded):
            self._take_step(event)
        elif isinstance(event, SequenceStep) and event.job == self.job:
            self.marks[event.path] = event
            self.marked.emit()
        elif isinstance(event, SequenceEnded) and event.job == self.job:
            self.job, self.result = 0, event
            if not event.passed and (mark := self.marks.get(event.path)) is not None and mark.state == "waiting":
                self.marks[event.path] = replace(mark, state="failed", text=event.sentence)
            self.marked.emit()

    def _take_step(self, event: StepRecorded) -> None:
        if not self.recording:
            return
        if event.step is not None:
            if event.again and self.steps:
                self.steps.pop()
            self.steps.append(event.step)
        self.note = event.note
        self.recorded.emit()

    @Slot(int)
    def _on_sockets(self, number: int) -> None:
        """A socket that was added while steps are recorded is heard too."""
        if self.recording:
            self._workbench.record_steps(True)

    @Slot()
    def _on_capture(self) -> None:
        """Another engine is behind the window: nothing runs, and nothing is recorded there."""
        self.job, self.marks, self.result = 0, {}, None
        if self.recording:
            self._workbench.record_steps(True)
        self.marked.emit()
