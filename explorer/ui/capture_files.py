"""Open, save, export and tidy captures. Long work runs as a job with progress and Cancel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from explorer.bridge.jobs import Cancelled, Job, Progress
from explorer.capture.catalog import Catalog
from explorer.capture.library import Library, Stored, open_capture, save_as
from explorer.capture.reader import Reader
from explorer.ui.units import count_text, size_text
from explorer.ui.workbench import Workbench


class CaptureFiles(QObject):
    """Signal: opened(Reader): a capture from disk is ready to be shown in a window of its own."""

    opened = Signal(object)

    def __init__(self, workbench: Workbench, library: Library, window: QWidget) -> None:
        super().__init__(window)
        self._workbench = workbench
        self._library = library
        self._window = window
        self._old: list[Stored] = []
        self._leftover: Path | None = None

    # -- open -----------------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, "Open capture (its folder)", str(self._library.folder))
        if chosen:
            self.open_folder(Path(chosen))

    def open_folder(self, folder: Path) -> None:
        """Open and check it beside the window; `opened` tells when it is there."""
        job = self._workbench.jobs.start(f"Opening {folder.name}", lambda progress: open_capture(folder, progress))
        job.succeeded.connect(self._on_opened)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_opened(self, reader: Reader) -> None:
        if reader.folder == self._leftover:
            with contextlib.suppress(OSError):  # it will be offered once more
                self._library.acknowledge(reader.folder)
            self._leftover = None
        self.opened.emit(reader)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if sentence:
            self._workbench.notice(sentence, serious=True, key="capture")

    # -- save and export --------------------------------------------------------------------------

    @Slot()
    def save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save capture as a folder", str(Path.home() / "capture"), "Capture folder (*)"
        )
        if chosen:
            self.save_to(Path(chosen))

    def save_to(self, folder: Path) -> None:
        reader = self._workbench.reader

        def work(progress: Progress) -> str:
            if not save_as(reader, folder, progress):
                raise Cancelled
            return f"The capture is saved as {folder}."

        self._finish(self._workbench.jobs.start("Saving the capture", work))

    @Slot()
    def export(self) -> None:
        from explorer.capture.export import registry as exporters  # seldom wanted: not at every start

        forms = exporters.FORMATS
        filters = ";;".join(f"{form.label} (*{form.suffix})" for form in forms)
        start = str(Path.home() / f"capture{forms[0].suffix}")
        chosen, used = QFileDialog.getSaveFileName(self._window, "Export", start, filters)
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(next(form.suffix for form in forms if used.startswith(form.label)))
        self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Export what the selection is about (everything, a socket, a connection)."""
        from explorer.capture.export import registry as exporters

        reader, scope = self._workbench.reader, self._workbench.selection.scope

        def work(progress: Progress) -> str:
            # A catalog of its own: the window's is advanced by the indexer's thread.
            result = exporters.export(reader, Catalog(reader), scope, path, progress)
            if result.cancelled:
                raise Cancelled
            return " ".join((f"Exported as {path} ({size_text(result.size)}).", *result.remarks))

        self._finish(self._workbench.jobs.start(f"Exporting {path.name}", work))

    def _finish(self, job: Job) -> None:
        job.succeeded.connect(self._on_written)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_written(self, sentence: str) -> None:
        self._workbench.notice(sentence, key="capture")

    @Slot()
    def show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._library.folder)))

    # -- leftovers ------------------------------------------------------------------------------

    def offer_leftovers(self) -> None:
        """After a crash: say what was left and offer to reopen it. Old captures: offer to remove them."""
        library = self._library

        def work(progress: Progress) -> tuple[list[Stored], list[Stored]]:
            library.discard_empty()
            return library.leftovers(), library.old()

        job = self._workbench.jobs.start("Looking for captures of earlier starts", work)
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_found(self, found: tuple[list[Stored], list[Stored]]) -> None:
        leftovers, self._old = found
        if self._old:
            total = sum(one.size for one in self._old)
            self._workbench.notice(
                f"{count_text(len(self._old), 'older capture')} ({size_text(total)}) in your data folder: more than "
                f"the {self._library.keep} that are kept.",
                action="Remove them…",
                key="old-captures",
            )
        if leftovers:
            newest = leftovers[0]
            self._leftover = newest.folder
            others = f" ({count_text(len(leftovers) - 1, 'more')} lie beside it.)" if len(leftovers) > 1 else ""
            self._workbench.notice(
                f"The program ended unexpectedly. Its capture is whole: {count_text(newest.calls, 'call')}, "
                f"{size_text(newest.size)}, begun {newest.started.astimezone():%d %b %H:%M}.{others}",
                action="Reopen it",
                key="leftover",
            )

    def handlers(self) -> dict[str, Callable[[], None]]:
        """What the buttons of this class's notices do, by the notice's key."""
        return {"leftover": self._reopen, "old-captures": self._ask_remove}

    def _reopen(self) -> None:
        if self._leftover is not None:
            self.open_folder(self._leftover)

    def _ask_remove(self) -> None:
        button = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setWindowTitle("Remove old captures")
        box.setText(f"Remove {count_text(len(self._old), 'capture')} for good?")
        box.setInformativeText(f"The newest {self._library.keep} stay. This cannot be undone.")
        box.setDetailedText("\n".join(str(found.folder) for found in self._old))
        box.setStandardButtons(button.Yes | button.Cancel)
        box.setDefaultButton(button.Cancel)
        if box.exec() != button.Yes:
            return
        library, old = self._library, list(self._old)

        def work(progress: Progress) -> int:
            for done, found in enumerate(old):
                if not progress(done, len(old)):
                    break
                library.remove(found.folder)
            return len(old)

        job = self._workbench.jobs.start("Removing old captures", work)
        job.failed.connect(self._on_failed)
