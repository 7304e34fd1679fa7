"""How the sockets of the capture that is looked at are shown: kept beside the capture, and there again with it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from explorer.bridge.jobs import Progress
from explorer.capture.catalog import CapturedSocket
from explorer.capture.views import View, ViewsFile
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.entries import Notice

if TYPE_CHECKING:
    from explorer.ui.captured import Captured
    from explorer.ui.workbench import Workbench

SAVE_AFTER = 300  # milliseconds from a change to its being written


class Views(QObject):
    """Framing and encoding of each socket that was started on this capture, as they are now; of one that was removed,
    as they were last.

    problem: a sentence while they cannot be kept on disk; else "".
    Signal: saved(): what was changed is on disk, or `problem` tells why it is not.
    """

    saved = Signal()

    def __init__(self, workbench: Workbench, captured: Captured | None) -> None:
        """captured: what is opened from disk; None: the capture that is being written."""
        super().__init__(workbench)
        self._workbench = workbench
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(SAVE_AFTER)
        self._save_soon.timeout.connect(self._save)
        self._tell_soon = QTimer(self)
        self._tell_soon.setSingleShot(True)
        self._tell_soon.timeout.connect(self._tell_warning)
        workbench.capture_changed.connect(self._on_capture_changed)
        workbench.socket_changed.connect(self._on_socket_changed)
        workbench.socket_added.connect(self._on_socket_changed)  # by undo
        if captured is None:
            self._begin(file := ViewsFile(workbench.reader.folder), file.load())
        else:
            self._begin(captured.views_file, captured.views)
            for entry in captured.sockets:
                self._present[entry.number] = View(entry.spec.framing, entry.spec.encoding)

    def _begin(self, file: ViewsFile, found: Mapping[int, View]) -> None:
        self.problem = ""
        self._found = found
        self._keeper = _Keeper(file, found)
        self._turn = 0  # changes so far
        self._present: dict[int, View] = {}
        self._started: dict[int, SocketSpec] = {}  # with what each was started last
        self._catalog = self._workbench.catalog
        if file.warning:
            self._tell_soon.start()  # when somebody listens

    @Slot()
    def _tell_warning(self) -> None:
        self._workbench.noticed.emit(Notice(self._keeper.file.warning, serious=True, key="views"))

    # -- looking --------------------------------------------------------------------------------

    def of(self, socket: int) -> View | None:
        """How it is shown (nothing in it is None); None: it was never started on this capture."""
        return self._present.get(socket)

    @property
    def framings(self) -> dict[int, Choice]:
        """By the sockets' numbers."""
        return {number: view.framing for number, view in self._present.items() if view.framing is not None}

    @property
    def chosen(self) -> dict[int, View]:
        """What differs from the capture's records, as it is kept beside the capture."""
        found = {number: view for number, view in self._found.items() if number not in self._present}
        for number, present in self._present.items():
            known = self._recorded(number)
            view = View(
                None if all(one.framing == present.framing for one in known) else present.framing,
                None if all(one.encoding == present.encoding for one in known) else present.encoding,
            )
            if view != View():
                found[number] = view
        return found

    def _recorded(self, number: int) -> list[CapturedSocket | SocketSpec]:
        """What may be its last record: the catalog may lag, and a start may fail before anything is recorded."""
        found = (self._catalog.socket(number), self._started.get(number))
        return [one for one in found if one is not None]

    # -- following ------------------------------------------------------------------------------

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        entry = self._workbench.socket(number)
        if entry is None or (entry.started is None and number not in self._present):
            return
        present = View(entry.spec.framing, entry.spec.encoding)
        started = entry.started or self._started.get(number)
        if present == self._present.get(number) and started is self._started.get(number):
            return
        self._present[number] = present
        if started is not None:
            self._started[number] = started
        self._turn += 1
        self._save_soon.start()

    @Slot()
    def _on_capture_changed(self) -> None:
        self.flush()
        self._begin(file := ViewsFile(self._workbench.reader.folder), file.load())

    # -- on disk --------------------------------------------------------------------------------

    @Slot()
    def _save(self) -> None:
        """Write what changed, beside the window."""
        keeper, turn, chosen = self._keeper, self._turn, self.chosen

        def work(progress: Progress) -> _Outcome:
            return keeper.write(turn, chosen)

        job = self._workbench.jobs.start("Keep framings and encodings", work)
        job.succeeded.connect(self._on_written)

    @Slot()
    def flush(self) -> None:
        """Write what is not written yet, now."""
        self._save_soon.stop()
        self._on_written(self._keeper.write(self._turn, self.chosen))

    @Slot(object)
    def _on_written(self, outcome: _Outcome) -> None:
        if outcome.keeper is not self._keeper or outcome.outdated:
            return
        before, self.problem = self.problem, outcome.problem
        if self.problem and self.problem != before:
            self._workbench.notice(self.problem, serious=True, key="views")
        elif outcome.aside is not None:
            self._workbench.notice(f"What could not be read is kept as {outcome.aside}.", key="views")
        self.saved.emit()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Of one writing. aside: the new name of a file that could not be read. outdated: later ones were written."""

    keeper: _Keeper
    problem: str = ""
    aside: Path | None = None
    outdated: bool = False


class _Keeper:
    """Writes one capture's views, from any thread: never earlier ones over later ones, and no file twice alike."""

    def __init__(self, file: ViewsFile, kept: Mapping[int, View]) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._kept = kept
        self._turn = 0

    def write(self, turn: int, views: Mapping[int, View]) -> _Outcome:
        """turn: how many changes led to these views."""
        with self._lock:
            if turn < self._turn:
                return _Outcome(self, outdated=True)
            self._turn = turn
            if views == self._kept:
                return _Outcome(self)
            try:
                aside = self.file.save(views)
            except OSError as error:
                return _Outcome(self, problem=_sentence(error))
            self._kept = views
            return _Outcome(self, aside=aside)


def _sentence(error: OSError) -> str:
    return (
        f"The framings and encodings chosen here cannot be saved beside this capture: {error.strerror or error}. They "
        "stay as long as this window is open. Save the capture elsewhere (File menu) to keep them with it."
    )
