"""The connections of one socket as the tree shows them: some of very many, and totals over all.

A tree asks about every row that it holds, so it holds the newest connections only: open ones before
closed ones, and more on demand. Taking news costs what is new plus one comparison for each open connection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import islice
from operator import itemgetter

from explorer.core.tally import Tally
from explorer.ui.entries import ConnectionEntry

SHOWN = 200  # connections, to begin with
MORE = 1000  # added each time the user asks for more


class Peers:
    """Follows a workbench's connections of one socket.

    shown: numbers of the connections that are shown, in order of their opening.
    more_row: whether a row stands for those that are not shown (the model sees to it);
    told: how many that row speaks of; reachable: whether some of these can be shown, or all are forgotten.
    pinned: one that is shown in any case, because it is selected.
    open, closed: those that the workbench knows; closed_count counts also those that it has forgotten since.
    """

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.more_row = False
        self.told = 0
        self.reachable = False
        self.limit = SHOWN
        self.pinned: int | None = None
        self.open: dict[int, ConnectionEntry] = {}
        self.closed: dict[int, None] = {}  # numbers, in the order of their closing
        self.closed_count = 0
        self._source: Mapping[int, ConnectionEntry] | None = None
        self._newest = 0
        self._closed_received = 0
        self._closed_sent = 0

    @property
    def count(self) -> int:
        """Connections since the socket was started."""
        return len(self.open) + self.closed_count

    @property
    def hidden(self) -> int:
        """Connections that are not shown."""
        return self.count - len(self.shown)

    def tell(self) -> None:
        """What the row for hidden connections says from now on."""
        self.told = self.hidden
        self.reachable = len(self.open) + len(self.closed) > len(self.shown)

    def wanted(self) -> list[int]:
        """The connections to show now."""
        chosen = list(islice(reversed(self.open), self.limit))
        chosen += islice(reversed(self.closed), self.limit - len(chosen))
        if self.pinned is not None and self.pinned not in chosen and self.knows(self.pinned):
            chosen.append(self.pinned)
        return sorted(chosen)

    def knows(self, number: int) -> bool:
        return self._source is not None and number in self._source

    def place(self, number: int) -> int:
        """The row of a connection that is shown; -1 for one that is not."""
        found = bisect_left(self.shown, number)
        return found if found < len(self.shown) and self.shown[found] == number else -1

    def totals(self, tally: Tally) -> tuple[int, int]:
        """(received, sent) bytes over all connections since the socket was started."""
        amounts = list(map(tally.of, self.open))
        received, sent = sum(map(itemgetter(0), amounts)), sum(map(itemgetter(1), amounts))
        return self._closed_received + received, self._closed_sent + sent

    def take(self, entries: Mapping[int, ConnectionEntry], tally: Tally) -> set[int]:
        """Learn what came, went and changed. The numbers of those that changed."""
        if entries is not self._source:
            self._begin(entries)
        changed = {number for number, entry in self.open.items() if entries.get(number) is not entry}
        for number in changed:
            self._put(number, entries.get(number), tally)
        numbers = list(entries)
        for number in numbers[bisect_right(numbers, self._newest) :]:
            self._put(number, entries[number], tally)
            self._newest = number
        if len(self.open) + len(self.closed) > len(entries):  # the workbench has forgotten some
            self.closed = {number: None for number in self.closed if number in entries}
        return changed

    def _begin(self, entries: Mapping[int, ConnectionEntry]) -> None:
        """The socket was started anew: its earlier connections are gone from the tree."""
        self._source = entries
        self.open.clear()
        self.closed.clear()
        self.closed_count = self._newest = self._closed_received = self._closed_sent = 0

    def _put(self, number: int, entry: ConnectionEntry | None, tally: Tally) -> None:
        """entry None: it closed, and was forgotten before anybody looked."""
        if entry is not None and entry.open:
            self.open[number] = entry
            return
        self.open.pop(number, None)
        if entry is not None:
            self.closed[number] = None
        self.closed_count += 1
        received, sent = tally.of(number)
        self._closed_received += received
        self._closed_sent += sent
