"""How many sockets this program may have, and what is kept back so that reaching the limit hurts nobody else."""

from __future__ import annotations

import errno
import os
import socket
import sys

OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
PAUSE = 1.0  # seconds until accepting is tried again
KEPT_BACK = 16  # files that accepting never takes: the capture's next segments, a saved file, a new socket


def raise_open_files() -> tuple[int, int]:
    """Let this process open as many files as its hard limit allows. (before, now); (0, 0) where there is no
    such limit. It is the process's setting, so the start-up calls this and not the engine."""
    if sys.platform == "win32":
        return 0, 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = hard
    if sys.platform == "darwin":
        target = min(hard, 10_240) if hard != resource.RLIM_INFINITY else 10_240  # OPEN_MAX: setrlimit refuses more
    if soft == resource.RLIM_INFINITY or (target != resource.RLIM_INFINITY and soft >= target):
        return soft, soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
    except (OSError, ValueError):
        return soft, soft
    return soft, target


class FileReserve:
    """Spare file descriptors. When accepting has used up all others, they are given back, so that the rest
    of the program still opens files; accepting goes on only after they could be taken again."""

    def __init__(self) -> None:
        self._held: list[int] = []

    def hold(self) -> bool:
        """Take them (again). Whether all could be taken."""
        if sys.platform == "win32":
            return True  # sockets are no files there
        try:
            while len(self._held) < KEPT_BACK:
                self._held.append(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        for descriptor in self._held:
            os.close(descriptor)
        self._held.clear()


def non_blocking(family: int, kind: int) -> socket.socket:
    """A new socket for the loop. Raises OSError."""
    made = socket.socket(family, kind)
    made.setblocking(False)
    return made
