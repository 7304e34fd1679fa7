"""The composer's message sent again and again: started from the repeat bar, and counted on with."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot

from explorer.capture.stream import Scope
from explorer.core.events import RepeatProgress
from explorer.ui.panes.send_form import SendForm
from explorer.ui.receivers import Receivers
from explorer.ui.send_framing import SendFraming
from explorer.ui.workbench import Workbench


class SendRepeat(QObject):
    """Signals: started(): the message is being repeated now. counted(): so many were sent that fields count on."""

    started = Signal()
    counted = Signal()

    def __init__(self, workbench: Workbench, form: SendForm, receivers: Receivers, framing: SendFraming) -> None:
        super().__init__(form)
        self._workbench = workbench
        self._form = form
        self._receivers = receivers
        self._framing = framing
        self._reason = ""
        self._first = 0  # the counter of the first message
        self._failed_with: tuple[object, ...] | None = None  # what would have been sent when the last repeat failed
        self._socket = workbench.selection.scope.socket
        workbench.selection.scope_changed.connect(self._on_scope)
        form.repeats.toggled.connect(self._on_toggled)
        form.repeat.start_wanted.connect(self._on_start)
        form.repeat.stop_wanted.connect(workbench.cancel_send)
        workbench.repeat_progressed.connect(self._on_progress)
        workbench.capture_changed.connect(form.repeat.end_all)

    def show_reason(self, reason: str) -> None:
        """Why nothing can be sent now; "" when it can."""
        mended = self._failed_with is not None and (
            self._failed_with != self._present or bool(self._reason and not reason)
        )
        self._reason = reason
        if mended:
            self._failed_with = None
            self._form.repeat.forget(problems_only=True)
        self._form.repeat.show_reason(reason)

    @property
    def _present(self) -> tuple[object, ...]:
        """What decides what is sent."""
        form = self._form
        return self._framing.choice, form.framed.isChecked(), form.ending.currentData(), form.editors.composer.written

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        """What became of a repeat to another socket is no news of this one."""
        if scope.socket != self._socket:
            self._socket, self._failed_with = scope.socket, None
            self._form.repeat.forget()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        bar = self._form.repeat
        bar.setVisible(shown or bar.busy)
        if shown:
            bar.every.setFocus(Qt.FocusReason.OtherFocusReason)
            bar.every.selectAll()

    @Slot(float, int)
    def _on_start(self, every: float, times: int) -> None:
        entry, form = self._workbench.current, self._form
        if entry is None or self._reason:
            return
        composer = form.editors.composer
        framing = self._framing.choice if form.framed.isChecked() else None
        message = composer.ended_template(form.ending.currentData())
        self._first = composer.counter
        job = self._workbench.repeat(self._receivers.target, message, every, times, framing=framing, first=self._first)
        form.repeat.started(job, every, f"{entry.spec.name}, {form.to.currentText()}")
        self.started.emit()

    @Slot(object)
    def _on_progress(self, news: RepeatProgress) -> None:
        form = self._form
        if form.repeat.on_progress(news):
            form.editors.composer.count_to(self._first + news.messages)
            self._failed_with = self._present if news.done and news.problem else None
            self.counted.emit()
            form.repeat.setVisible(form.repeats.isChecked() or form.repeat.busy)
