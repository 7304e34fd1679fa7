"""The messages whose bytes some calls carry, in bulk: for views that show very many of them at once.

Those that these calls completed stand together. One that began in them and was completed later is looked for among
the next messages, and then among the next calls of its connection; not farther away than `FAR` calls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from explorer.capture.message_columns import MessagePlace
from explorer.capture.message_spans import FAR, Flow, Place, calls_of
from explorer.capture.messages import Messages
from explorer.capture.reader import Reader

MOST = 1 << 14
"""Messages of calls that are looked up one by one."""
_TOGETHER, _TOGETHER_A_CALL = 4096, 4  # messages that are gone through rather
_NEXT = (8, 120, 4096)  # messages behind them that are looked at, in steps
_FEW = 8  # messages of one call that are looked at, for one with bytes
_CALL = 3  # in a MessagePlace
_MOST_FLOWS = 64  # whose calls are looked for


def completed_by(messages: Messages, rows: range, calls: Collection[int]) -> Iterator[MessagePlace]:
    """Where the messages of some rows stand, at least of those that these calls completed, which ascend.

    Where by far the most of them belong to others, as where one direction is shown and the other one is much busier,
    each call is looked up.
    """
    if len(rows) <= _TOGETHER + _TOGETHER_A_CALL * len(calls):
        yield from places_of(messages, rows)
        return
    left = MOST
    for call in calls:
        first = max(messages.row_of(call), rows.start)
        for place in places_of(messages, range(first, min(first + left, rows.stop))):
            if place[_CALL] != call:
                break
            yield place
            left -= 1


def places_of(messages: Messages, rows: range) -> Iterator[MessagePlace]:
    """Where the messages of some rows stand; of those that are there."""
    first, stop = rows.start, min(rows.stop, messages.rows)
    while first < stop:
        columns = messages.columns(first, stop - first)
        yield from columns.places
        first += columns.count


class BegunMessages:
    """The messages that began before a place and were completed after it, one of each flow.

    final: after the iteration, whether it gives the same whatever comes.
    """

    def __init__(self, reader: Reader, messages: Messages, row: int, end: Place, flows: Iterable[Flow]) -> None:
        """row: of the first message that was completed after the place `end`. flows: in the order in which they
        matter."""
        self._reader = reader
        self._messages = messages
        self._row = row
        self._end = end
        self._left = dict.fromkeys(flows)
        self.final = False

    def __iter__(self) -> Iterator[MessagePlace]:
        row, call = self._row, self._end[0]
        for step in _NEXT:
            for place in places_of(self._messages, range(row, row + step)):
                row, call = row + 1, place[_CALL]
                if self._take(place):
                    yield place
                if not self._left:
                    break
        if self._left and row < self._messages.rows:
            yield from self._of_calls(call + 1)
        self.final = not self._left or self._messages.done >= self._end[0] + FAR

    def _of_calls(self, start: int) -> Iterator[MessagePlace]:
        """The same, from a call on, for few flows: those that matter most."""
        messages = self._messages
        self._left = dict.fromkeys(list(self._left)[:_MOST_FLOWS])
        behind = start  # the next call that completed anything
        flows = frozenset(self._left)
        for number, flow in calls_of(self._reader, flows, start, min(self._reader.count, self._end[0] + FAR)):
            if number < behind or flow not in self._left:
                continue
            row = messages.row_of(number)
            for place in places_of(messages, range(row, row + _FEW)):
                behind = place[_CALL]
                if behind != number or not self._left:
                    break
                if self._take(place):
                    yield place
            if not self._left:
                return

    def _take(self, place: MessagePlace) -> bool:
        """Whether it may be wanted. One without bytes does not end the looking."""
        _, first_call, skip, _, _, size, connection, received, _ = place
        flow = connection, received
        if flow not in self._left:
            return False
        if size:
            del self._left[flow]
        return (first_call, skip) < self._end
