"""Open, save, export and tidy captures. Long work runs as a job with progress and Cancel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from explorer.bridge.jobs import Cancelled, Job, Progress
from explorer.capture.catalog import Catalog
from explorer.capture.library import Library, Stored, save_as
from explorer.ui.captured import Captured, load_captured
from explorer.ui.dialogs.file_dialog import ask_folder, ask_new
from explorer.ui.units import count_text, size_text
from explorer.ui.workbench import Workbench


class CaptureFiles(QObject):
    """Signal: opened(Captured): a capture from disk is ready to be shown in a window of its own."""

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
        ask_folder(self._window, "Open capture (its folder)", self._library.folder, self._on_folder_chosen)

    @Slot(str)
    def _on_folder_chosen(self, folder: str) -> None:
        self.open_folder(Path(folder))

    def open_folder(self, folder: Path) -> None:
        """Open and check it beside the window; `opened` tells when it is there."""
        if not self._workbench.viewing and _is_in(folder, self._workbench.reader.folder):
            self._workbench.notice(
                f"{folder.name} is the capture that this window is writing and shows already. Save a copy to open it "
                "in a window of its own.",
                action="Save capture as…",
                key="own-capture",
            )
            return
        job = self._workbench.jobs.start(f"Opening {folder.name}", lambda progress: load_captured(folder, progress))
        job.succeeded.connect(self._on_opened)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_opened(self, captured: Captured) -> None:
        if captured.reader.folder == self._leftover:
            with contextlib.suppress(OSError):  # it will be offered once more
                self._library.acknowledge(self._leftover)
            self._leftover = None
        self.opened.emit(captured)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if sentence:
            self._workbench.notice(sentence, serious=True, key="capture")

    # -- save and export --------------------------------------------------------------------------

    @Slot()
    def save(self) -> None:
        start = Path.home() / "capture"
        ask_new(self._window, "Save capture as a folder", start, "Capture folder (*)", self._on_save_chosen)

    @Slot(str)
    def _on_save_chosen(self, folder: str) -> None:
        self.save_to(Path(folder))

    def save_to(self, folder: Path) -> None:
        reader, notes = self._workbench.reader, self._workbench.notes
        notes.flush()
        kept, views = notes.notes, self._workbench.views.chosen

        def work(progress: Progress) -> str:
            if not save_as(reader, folder, progress, kept, views):
                raise Cancelled
            return f"The capture is saved as {folder}."

        self._finish(self._workbench.jobs.start("Saving the capture", work))

    @Slot()
    def export(self) -> None:
        from explorer.capture.export import registry as exporters  # seldom wanted: not at every start

        forms = exporters.FORMATS
        filters = ";;".join(f"{form.label} (*{form.suffix})" for form in forms)
        start = Path.home() / f"capture{forms[0].suffix}"
        title = f"Export {self._what()} (the name's ending chooses the format)"
        ask_new(self._window, title, start, filters, self._on_export_chosen)

    @Slot(str)
    def _on_export_chosen(self, path: str) -> None:
        self.export_to(Path(path))

    def _what(self) -> str:
        """What the selection is about, and so what is exported."""
        scope = self._workbench.selection.scope
        connection, socket = self._workbench.connection(scope.connection), self._workbench.socket(scope.socket)
        if connection is not None:
            return f"the connection with {connection.remote}"
        return f'the socket "{socket.spec.name}"' if socket is not None else "everything"

    def export_to(self, path: Path) -> None:
        """Export what the selection is about (everything, a socket, a connection)."""
        from explorer.capture.export import registry as exporters

        reader, scope, what = self._workbench.reader, self._workbench.selection.scope, self._what()

        def work(progress: Progress) -> str:
            # A catalog of its own: the window's is advanced by the indexer's thread.
            result = exporters.export(reader, Catalog(reader), scope, path, progress)
            if result.cancelled:
                raise Cancelled
            return " ".join((f"Exported {what} as {path} ({size_text(result.size)}).", *result.remarks))

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
                f"The program ended unexpectedly. What it captured is still here: {count_text(newest.calls, 'call')}, "
                f"{size_text(newest.used)}, begun {newest.started.astimezone():%d %b %H:%M}.{others}",
                action="Reopen it",
                key="leftover",
            )

    def handlers(self) -> dict[str, Callable[[], None]]:
        """What the buttons of this class's notices do, by the notice's key."""
        return {"leftover": self._reopen, "old-captures": self._ask_remove, "own-capture": self.save}

    def _reopen(self) -> None:
        if self._leftover is not None:
            self.open_folder(self._leftover)

    def _ask_remove(self) -> None:
        button = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Remove old captures")
        box.setText(f"Remove {count_text(len(self._old), 'capture')} for good?")
        box.setInformativeText(f"The newest {self._library.keep} stay. This cannot be undone.")
        box.setDetailedText("\n".join(str(found.folder) for found in self._old))
        box.setStandardButtons(button.Ok | button.Cancel)
        box.setDefaultButton(button.Cancel)
        box.accepted.connect(self._remove_old)
        box.show()

    @Slot()
    def _remove_old(self) -> None:
        library, old = self._library, list(self._old)

        def work(progress: Progress) -> int:
            for done, found in enumerate(old):
                if not progress(done, len(old)):
                    break
                library.remove(found.folder)
            return len(old)

        job = self._workbench.jobs.start("Removing old captures", work)
        job.failed.connect(self._on_failed)


def _is_in(chosen: Path, folder: Path) -> bool:
    """Whether a capture's folder was chosen, or a file in it."""
    return folder.resolve() in (chosen.resolve(), chosen.resolve().parent)
