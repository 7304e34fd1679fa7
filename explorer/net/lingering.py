"""close(2) of sockets that linger: it may wait for the peer, even on a non-blocking socket (Linux, socket(7)).

So it is done beside the engine's loop, on a few threads at most, however many connections end at once.
The threads are daemons: they never keep the program from ending, and the system closes what is left.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque

MOST = 16  # threads


class LingeringCloses:
    """The sockets that wait to be closed, and the threads that close them; these end when nothing waits."""

    def __init__(self) -> None:
        self._waiting: deque[socket.socket] = deque()
        self._threads = 0
        self._lock = threading.Lock()

    def close(self, sock: socket.socket) -> None:
        """Close this one as soon as a thread is free."""
        with self._lock:
            self._waiting.append(sock)
            if self._threads >= MOST:
                with contextlib.suppress(OSError):  # gone already
                    sock.shutdown(socket.SHUT_WR)  # the peer shall not wait for our threads
                return
            self._threads += 1
        threading.Thread(target=self._work, name="lingering close", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                sock = self._waiting.popleft()
            with contextlib.suppress(OSError):  # the descriptor is gone all the same (close(2))
                sock.setblocking(True)  # Windows refuses to close a lingering socket otherwise
                sock.close()
