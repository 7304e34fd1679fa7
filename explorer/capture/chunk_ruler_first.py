"""In which direction the first bytes of a connection went, found without looking any further."""

from __future__ import annotations

from collections.abc import Collection

from explorer.capture.block_index import BlockIndex
from explorer.capture.match import both, carries, of_connections
from explorer.capture.messages import not_empty
from explorer.capture.reader import Reader
from explorer.core.calls import Call

_STEP = 1 << 14  # records looked at in one step


class FirstCall:
    """The first call of some connections (the two ends of one) that carried bytes. `advance` from one thread.

    call: it, once it is found.
    """

    def __init__(self, reader: Reader, connections: Collection[int]) -> None:
        self._index = BlockIndex(reader, both(of_connections(connections), carries(), not_empty), reads_bytes=False)
        self.call: Call | None = None

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at."""
        while self.call is None and most > 0:
            before = self._index.done
            more = self._index.advance(min(most, _STEP))
            most -= self._index.done - before
            if self._index.rows:
                self.call = self._index.reader.call(self._index.number(0))
            elif not more:
                return False
        return self.call is None
