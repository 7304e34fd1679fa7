"""The child's side of a process of our own (see `explorer.net.processes`): python explorer/worker.py NAME HANDLE.

The packaged program starts itself for it: socket-explorer --worker NAME HANDLE. HANDLE is the descriptor (on Windows
the handle) of a socket that leads to whoever started it. Over it come and go parcels; the first one holds the
parent's `sys.path` and the module whose `main` does the work. NAME is for lists of processes.

Another kind of process is a file with `def main(parent: Parent) -> None`, and a line in WORK.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.core.parcels import Parcel, Unpacker

WORK = {
    "load": "explorer.net.load.child",
    "script": "explorer.net.script_child",
    "serve": "explorer.net.serving.process_child",
}
"""What each kind of process runs: a module with `main`."""

OPTION = "--worker"
TROUBLE = "trouble"  # the key of a parcel that tells of a bug: a traceback
LOST = 3  # exit status: whoever started the process is gone
PIECE = 65_536


class Parent:
    """Who started this process. `receive` and `take` are for one thread, `send` for any. sock: for waiting on it."""

    def __init__(self, sock: socket.socket) -> None:
        from explorer.core.parcels import Unpacker

        self.sock = sock
        self._unpacker: Unpacker = Unpacker()
        self._found: deque[Parcel] = deque()
        self._sending = threading.Lock()

    def receive(self) -> Parcel:
        """The next parcel; waits for it. The process ends when no more will come."""
        while not self._found:
            self._read()
        return self._found.popleft()

    def take(self) -> list[Parcel]:
        """What has come, of a socket that can be read."""
        self._read()
        return self.left()

    def left(self) -> list[Parcel]:
        """What has come together with what `receive` returned: the socket need not be readable for that."""
        found = list(self._found)
        self._found.clear()
        return found

    def _read(self) -> None:
        try:
            data = self.sock.recv(PIECE)
        except OSError:
            data = b""
        if not data:
            os._exit(LOST)
        self._found.extend(self._unpacker.feed(data))

    def send(self, head: Mapping[str, object], body: bytes = b"") -> None:
        """Waits while the other side does not read. The process ends when nobody is there any more."""
        from explorer.core.parcels import pack

        data = pack(head, body)
        with self._sending:
            try:
                self.sock.sendall(data)
            except OSError:
                os._exit(LOST)


def main(arguments: Sequence[str]) -> int:
    """Do the work that comes over the socket arguments[1]. Exit status."""
    _, handle = arguments
    if __name__ == "__main__":  # run as a file: its folder, which Python put there, is not where imports begin
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sock = socket.socket(fileno=int(handle))
    sock.set_inheritable(False)
    sock.setblocking(True)
    parent = Parent(sock)
    hello = parent.receive().head
    sys.path[:] = hello["path"]
    try:
        importlib.import_module(hello["work"]).main(parent)
    except Exception as error:
        import traceback

        parent.send({TROUBLE: "".join(traceback.format_exception(error))})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
