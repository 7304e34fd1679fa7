"""Running totals that the engine writes and views read: plain numbers, no locks.

The engine's thread is the only writer. A reader may see one total a moment older than another.
"""

from __future__ import annotations

from array import array


class Tally:
    """Bytes by connection number, and over all."""

    def __init__(self) -> None:
        self._received = array("Q")
        self._sent = array("Q")
        self.received = 0
        self.sent = 0
        self.dropped = 0  # datagrams the system told were lost before we could read them

    def make_room(self, connection: int) -> None:
        """Called by the engine before it counts for a new connection number."""
        missing = connection + 1 - len(self._sent)
        if missing > 0:
            self._received.extend([0] * missing)
            self._sent.extend([0] * missing)

    def add_received(self, connection: int, size: int) -> None:
        self._received[connection] += size
        self.received += size

    def add_sent(self, connection: int, size: int) -> None:
        self._sent[connection] += size
        self.sent += size

    def of(self, connection: int) -> tuple[int, int]:
        """(received, sent) bytes of a connection; zeros for one not known yet."""
        if connection >= len(self._sent):
            return 0, 0
        return self._received[connection], self._sent[connection]
