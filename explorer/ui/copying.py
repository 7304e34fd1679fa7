"""Copies bytes of a stream to the clipboard or into a file, in any of the formats of `explorer.wire.formats`.

The clipboard takes `LIMIT` bytes at most; a file takes any number, written piece by piece.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.bridge.jobs import Cancelled, Job, JobRunner
from explorer.capture.stream import Ranges, Stream, size_of
from explorer.core.errors import ShownError
from explorer.ui.dialogs.file_dialog import ask_new
from explorer.wire.formats import FORMATS, Format

LIMIT = 16 << 20
"""Bytes that are copied to the clipboard at once."""
AT_ONCE = 64 << 10
"""Bytes that are written out without a thread of their own: it takes a few milliseconds."""
_PIECE = 1 << 20

Told = Callable[[int, int], bool]
"""Told (done, total) bytes; False asks to stop."""


class TooMuchToCopy(ShownError):
    """More bytes than the clipboard is given."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"{size:,} bytes are selected; at most {LIMIT:,} are copied to the clipboard, because other programs "
            "stop answering when they get more. Select less, or save them to a file."
        )


def render(stream: Stream, ranges: Ranges, form: Format, encoding: str) -> str:
    """These bytes as text for the clipboard. Raises TooMuchToCopy."""
    if size_of(ranges) > LIMIT:
        raise TooMuchToCopy(size_of(ranges))
    return form.render(b"".join(stream.read(start, stop) for start, stop in ranges), encoding)


def save(stream: Stream, ranges: Ranges, form: Format | None, encoding: str, path: Path, told: Told) -> int:
    """Write these bytes to a file: as they are (form None), or as UTF-8 text. Bytes written.

    They are written beside it first: a file that was there stays as it was until all is written.
    Raises Cancelled, ShownError when the file cannot be written.
    """
    half = path.with_name(path.name + ".part")
    try:
        with half.open("wb") as file:
            _write(file, stream, ranges, form, encoding, told)
            size = file.tell()
        os.replace(half, path)
    except OSError as error:
        raise ShownError(
            f"The bytes could not be written to {path} ({error.strerror or error}). "
            "Choose another place, or free space."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
    return size


def _write(file: BinaryIO, stream: Stream, ranges: Ranges, form: Format | None, encoding: str, told: Told) -> None:
    pieces = _pieces(stream, ranges, told)
    if form is None:
        for data in pieces:
            file.write(data)
        return
    for text in form.write(pieces, encoding, size_of(ranges)):
        file.write(text.encode("utf-8", "backslashreplace"))


def _pieces(stream: Stream, ranges: Ranges, told: Told) -> Iterator[bytes]:
    """The bytes, one piece after another. Raises Cancelled."""
    total, done = size_of(ranges), 0
    for start, stop in ranges:
        while start < stop:
            if not told(done, total):
                raise Cancelled("")
            end = min(stop, start + _PIECE)
            yield stream.read(start, end)
            done += end - start
            start = end


@dataclass(frozen=True, slots=True)
class SaveChoice:
    """One kind of file that bytes are saved as. name: of the format, ``raw`` for the bytes as they are."""

    name: str
    label: str
    suffix: str
    file_filter: str
    form: Format | None


SAVE_CHOICES = (
    SaveChoice("raw", "Bytes as they are", ".bin", "Bytes (*.bin)", None),
    *(SaveChoice(form.name, form.label, form.suffix, form.file_filter, form) for form in FORMATS),
)
"""What "Save as" offers, in its order."""


def find_save_choice(name: str) -> SaveChoice:
    """The choice called `name`. Raises KeyError: only code names choices."""
    return {known.name: known for known in SAVE_CHOICES}[name]


@dataclass(frozen=True, slots=True)
class _Saving:
    """What is saved once the file is chosen: the bytes of the moment when that was asked for."""

    stream: Stream
    ranges: Ranges
    form: Format | None
    encoding: str


class Copier(QObject):
    """Copies and saves without ever holding up the window. Signals:
    refused(str, bool): a sentence that says why not, and whether saving to a file would do.
    finished(str): what was done, as a sentence.
    """

    refused = Signal(str, bool)
    finished = Signal(str)

    def __init__(self, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._sentences: dict[int, str] = {}  # what is said when a job has succeeded, by the job's number
        self._asked: dict[QObject, _Saving] = {}  # by the dialog that asks for the file

    def copy(self, stream: Stream, ranges: Ranges, form: Format, encoding: str) -> None:
        """Put these bytes on the clipboard."""
        size = size_of(ranges)
        if size > LIMIT:
            self.refused.emit(str(TooMuchToCopy(size)), True)
            return
        sentence = f"{counted(size)} copied as {form.label}."
        if size <= AT_ONCE:
            QGuiApplication.clipboard().setText(render(stream, ranges, form, encoding))
            self.finished.emit(sentence)
            return
        job = self._jobs.start(f"Copy {size:,} bytes", lambda progress: render(stream, ranges, form, encoding))
        job.succeeded.connect(self._on_rendered)
        self._watch(job, sentence)

    def ask_to_save(
        self, parent: QWidget, stream: Stream, ranges: Ranges, choice: SaveChoice, encoding: str
    ) -> QFileDialog:
        """Ask for a file and write these bytes into it, whatever is looked at by then. Traffic goes on meanwhile."""
        title = f"Save {counted(size_of(ranges))} as {choice.label}"
        start = Path.home() / f"bytes{choice.suffix}"
        dialog = ask_new(parent, title, start, f"{choice.file_filter};;All files (*)", self._on_chosen, choice.suffix)
        self._asked[dialog] = _Saving(stream, ranges, choice.form, encoding)
        dialog.rejected.connect(self._on_given_up)
        return dialog

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        saving = self._asked.pop(self.sender())
        self.save(saving.stream, saving.ranges, saving.form, saving.encoding, Path(path))

    @Slot()
    def _on_given_up(self) -> None:
        self._asked.pop(self.sender(), None)

    def save(self, stream: Stream, ranges: Ranges, form: Format | None, encoding: str, path: Path) -> None:
        """Write these bytes to a file, as they are or (with a form) as text."""
        size = size_of(ranges)
        job = self._jobs.start(
            f"Save {size:,} bytes",
            lambda progress: save(stream, ranges, form, encoding, path, progress),
        )
        self._watch(job, f"{counted(size)} saved to {path}.")

    def _watch(self, job: Job, sentence: str) -> None:
        self._sentences[job.number] = sentence
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.ended.connect(self._on_ended)

    @Slot(object)
    def _on_rendered(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    @Slot(object)
    def _on_succeeded(self, result: object) -> None:
        job = self.sender()
        assert isinstance(job, Job)
        self.finished.emit(self._sentences[job.number])

    @Slot()
    def _on_ended(self) -> None:
        job = self.sender()
        assert isinstance(job, Job)
        del self._sentences[job.number]

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if sentence:
            self.refused.emit(sentence, False)


def counted(size: int) -> str:
    """``1 byte``, ``1,200 bytes``."""
    return f"{size:,} byte" + ("" if size == 1 else "s")
