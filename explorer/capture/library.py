"""The captures in the user's data folder: new ones, those a crash left behind, old ones, saved copies.

Nothing here removes a capture unasked, except one in which nothing was ever written.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from explorer.capture import segments
from explorer.capture.layout import HEADER, LOCK, RECORD, Header, bytes_file, calls_file
from explorer.capture.notes import Note, copy_notes
from explorer.capture.reader import Reader
from explorer.capture.segments import FolderLock
from explorer.capture.views import View, copy_views
from explorer.core.errors import CaptureError

Progress = Callable[[int, int], bool]
"""Told (done, total); returns False to cancel."""

_PIECE = 4 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A capture in the library.

    size: bytes on disk, space that was only reserved included; used: bytes of records and traffic.
    started: when it began, in UTC. calls: how many.
    """

    folder: Path
    size: int
    used: int
    started: datetime
    calls: int


def _go_on(done: int, total: int) -> bool:
    return True


class Library:
    """keep: how many captures may stay without a question (the newest ones)."""

    def __init__(self, folder: Path, keep: int = 5) -> None:
        self.folder = folder
        self.keep = keep

    def new_folder(self) -> Path:
        """A name for a new capture, by the time; `Writer` makes it. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform != "win32":
            self.folder.chmod(0o700)
        name = time.strftime("%Y-%m-%d %H.%M.%S")
        folder = self.folder / name
        number = 1
        while folder.exists():
            number += 1
            folder = self.folder / f"{name} ({number})"
        return folder

    def all(self) -> list[Path]:
        """Folders of captures, newest first. What is no capture is not among them."""
        if not self.folder.is_dir():
            return []
        found = []
        for folder in self.folder.iterdir():
            try:
                found.append((Header.load(folder).started, folder))
            except CaptureError:
                continue
        return [folder for _, folder in sorted(found, reverse=True)]

    def leftovers(self) -> list[Stored]:
        """Captures that no program writes any more and that were not closed: a crash left them. Newest first."""
        return [
            stored(folder) for folder in self.all() if not Header.load(folder).closed and not is_being_written(folder)
        ]

    def discard_empty(self) -> None:
        """Delete captures that a program left without ever writing to them (see `is_untouched`)."""
        for folder in self.all():
            self._discard_untouched(folder)

    def acknowledge(self, folder: Path) -> None:
        """The user has seen this leftover; it counts as an ordinary capture from now on. Raises OSError."""
        replace(Header.load(folder), closed=True).save(folder)

    def old(self) -> list[Stored]:
        """Captures beyond the `keep` newest, which the user may be asked to remove. Never one in use."""
        return [stored(folder) for folder in self.all()[self.keep :] if not is_being_written(folder)]

    def remove(self, folder: Path) -> None:
        """Delete a capture of this library. Raises CaptureError."""
        if folder.resolve().parent != self.folder.resolve() or not (folder / HEADER).is_file():
            raise CaptureError(f"{folder} is not a capture of this library, so it is not removed.")
        if is_being_written(folder):
            raise CaptureError(f"{folder} is being written by a running program. Close that program first.")
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise CaptureError(f"The capture {folder} cannot be removed: {error.strerror or error}.") from None

    def discard_if_empty(self, folder: Path) -> bool:
        """Delete a capture that was closed in good order and was never written to. Whether it was deleted."""
        try:
            return Header.load(folder).closed and self._discard_untouched(folder)
        except CaptureError:
            return False

    def _discard_untouched(self, folder: Path) -> bool:
        try:
            if is_being_written(folder) or not is_untouched(folder):
                return False
            self.remove(folder)
        except (CaptureError, OSError):  # it stays, and is listed with the others
            return False
        return True


def stored(folder: Path) -> Stored:
    """What is known of a capture without reading it through. Raises CaptureError."""
    reader = Reader(folder)
    size = sum(_taken(path) for path in folder.iterdir())
    started = datetime.fromtimestamp(reader.header.started / 1e9, UTC)
    used = min(size, reader.count * RECORD.size + _log_end(reader, reader.count))
    found = Stored(folder, size, used, started, reader.count)
    reader.close()
    return found


def _taken(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone in the meantime
        return 0


def is_untouched(folder: Path) -> bool:
    """Whether nothing was ever written to a capture: its files are as they were made, or as an orderly end cut them.

    That no call is found is not enough: the list of calls may have been cut short, or removed, while the
    traffic is still there. Raises CaptureError, OSError.
    """
    header = Header.load(folder)
    records, data = sorted(folder.glob("calls-*")), sorted(folder.glob("bytes-*"))
    if calls_file(folder, 0) not in records or bytes_file(folder, 0) not in data:
        return False
    made = {header.segment_records * RECORD.size} | ({0} if header.closed else set())
    if not all(path.stat().st_size in made for path in records):
        return False
    return all(segments.is_zeros(path) for path in (*records, *data))


def is_being_written(folder: Path) -> bool:
    """Whether a living program holds the capture's lock."""
    if not (folder / LOCK).exists():
        return False
    try:
        lock = FolderLock(folder / LOCK)
    except OSError:
        return False  # a medium that cannot be written: nobody writes there
    free = lock.acquire()
    lock.release()
    return not free


def open_capture(folder: Path, progress: Progress = _go_on) -> Reader:
    """A capture on disk, checked (see `Reader.warnings`). Raises CaptureError."""
    if folder.name == HEADER and folder.is_file():
        folder = folder.parent  # the header was chosen instead of the folder around it
    if is_being_written(folder):
        raise CaptureError(
            f"{folder} is being written by a running program. Close it there first, or save a copy from there."
        )
    try:
        reader = Reader(folder)
        reader.verify(progress)
    except OSError as error:
        raise CaptureError(f"The capture {folder} cannot be read: {error.strerror or error}.") from None
    return reader


# -- saving ------------------------------------------------------------------------------------------


def save_as(
    reader: Reader,
    destination: Path,
    progress: Progress = _go_on,
    notes: Sequence[Note] = (),
    views: Mapping[int, View] | None = None,
) -> bool:
    """Copy the capture, as far as it has come, to a new folder, with these notes and views (None: those that lie
    beside it); preallocated space is left out.

    Whether it was copied to its end; a cancelled or failed copy leaves nothing. Raises CaptureError.
    """
    if destination.exists():
        raise CaptureError(f"{destination} exists already. Choose another name, or remove it first.")
    half = destination.with_name(destination.name + ".part")
    try:
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        if not _copy(reader, half, progress):
            shutil.rmtree(half, ignore_errors=True)
            return False
        copy_notes(reader.folder, half, notes)
        copy_views(reader.folder, half, views)
        replace(reader.header, closed=True).save(half)
        half.rename(destination)
    except OSError as error:
        shutil.rmtree(half, ignore_errors=True)
        raise CaptureError(
            f"The capture cannot be saved as {destination}: {error.strerror or error}. "
            "Choose another place, or free space there."
        ) from None
    return True


def _copy(reader: Reader, target: Path, progress: Progress) -> bool:
    header = reader.header
    count = reader.count
    end = _log_end(reader, count)
    parts = [
        *_parts(reader.folder, target, calls_file, count * RECORD.size, header.segment_records * RECORD.size),
        *_parts(reader.folder, target, bytes_file, end, header.segment_bytes),
    ]
    total = sum(size for _, _, size in parts)
    done = 0
    for source, copy, size in parts:
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with source.open("rb") as given, os.fdopen(descriptor, "wb") as taken:
            left = size
            while left and (piece := given.read(min(_PIECE, left))):
                taken.write(piece)
                left -= len(piece)
                done += len(piece)
                if not progress(done, total):
                    return False
    return True


def _log_end(reader: Reader, count: int) -> int:
    """Where the byte log ends. Damaged records know no place, so the last sound one is asked."""
    for number in range(count - 1, max(-1, count - 100_000), -1):
        call = reader.call(number)
        if call.offset or call.size:
            return call.offset + call.size
    return 0


def _parts(
    folder: Path, target: Path, name: Callable[[Path, int], Path], end: int, length: int
) -> list[tuple[Path, Path, int]]:
    """(file, its copy, bytes of it that are used) for segments up to `end`; missing files stay missing."""
    parts = []
    for segment in range(-(-end // length)):
        source = name(folder, segment)
        if source.is_file():
            parts.append((source, name(target, segment), min(length, end - segment * length)))
    return parts
