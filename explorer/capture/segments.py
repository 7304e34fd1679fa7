"""Preallocated, memory-mapped segment files, and the lock that marks a capture as being written."""

from __future__ import annotations

import mmap
import os
import sys
from pathlib import Path

_ZEROS = bytes(1 << 20)


def create(path: Path, size: int) -> mmap.mmap:
    """A new file of `size` zero bytes whose disk space is taken, mapped for writing.

    Raises OSError (ENOSPC, EDQUOT, …) and leaves no file behind: with the space taken beforehand, a
    full disk cannot strike later, as a fault in the middle of a receive.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            _reserve(descriptor, size)
            return mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _reserve(descriptor: int, size: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
        return
    left = size
    while left:
        left -= os.write(descriptor, _ZEROS[:left] if left < len(_ZEROS) else _ZEROS)


def open_readable(path: Path) -> mmap.mmap | None:
    """The file mapped for reading; None where it is missing or empty, or no regular file: opening a pipe may
    never end."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):
        return None
    if sys.platform != "win32":
        # A look at sixteen bytes must not read megabytes of the disk ahead. Who goes on says so: `will_read`.
        mapped.madvise(mmap.MADV_RANDOM)
    return mapped


def will_read(mapped: mmap.mmap, start: int, size: int) -> None:
    """Have the system fetch these bytes of a file at once, rather than page by page when they are touched."""
    if sys.platform != "win32":
        begin = start - start % mmap.PAGESIZE
        size = min(start + size, len(mapped)) - begin
        if size > 0:
            mapped.madvise(mmap.MADV_WILLNEED, begin, size)


def is_zeros(path: Path) -> bool:
    """Whether a regular file holds nothing but zeros, or nothing at all. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        while piece := file.read(len(_ZEROS)):
            if piece != _ZEROS[: len(piece)]:
                return False
    return True


class FolderLock:
    """Held while a program writes a capture, so that no other one takes it for a leftover.

    The system gives it back when the program ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self) -> bool:
        """Whether it was free."""
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        os.close(self._descriptor)
