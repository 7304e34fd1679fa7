"""Looks at a file before it is sent, without ever waiting for it. No Qt."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from explorer.core.errors import InputError


def size_to_send(path: Path) -> int:
    """Bytes that a file holds, at least one. Raises InputError when it cannot be sent."""
    try:
        size = _readable_size(path)
    except OSError as error:
        raise InputError("path", f"{path.name} cannot be read: {error.strerror}. Nothing was sent.") from error
    if not size:
        raise InputError("path", f"{path.name} is empty: there is nothing to send.")
    return size


def _readable_size(path: Path) -> int:
    # Asked before opening: to open a pipe waits for its other end, and this runs on the window's thread.
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputError(
            "path",
            f"{path.name} is not a file with a content of its own (a folder, a pipe or a device). "
            "Nothing was sent; choose a regular file.",
        )
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size
