"""The messages that fit a filter, as rows of a table."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass

from explorer.capture.filtered_messages import FilteredMessages
from explorer.capture.filters import Filter
from explorer.capture.messages import Message, Messages


@dataclass(frozen=True, slots=True)
class ShownColumns:
    """See `explorer.capture.message_spans.FlowColumns`."""

    count: int
    connections: array[int]
    received: bytes
    errors: bytes


class MessageFilter:
    """Implements `messages_model.MessageRows` over messages that somebody advances; to be advanced itself."""

    def __init__(self, messages: Messages, chosen: Filter) -> None:
        self._messages = messages
        self._chosen = FilteredMessages(messages, chosen)

    @property
    def rows(self) -> int:
        return self._chosen.rows

    @property
    def done(self) -> int:
        """Calls whose messages may be among those looked at."""
        return self._messages.done

    @property
    def looked(self) -> int:
        """Messages looked at."""
        return self._chosen.done

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at some further messages. Whether there are more to look at now."""
        return self._chosen.advance(most)

    def message(self, row: int) -> Message:
        return self._messages.message(self._chosen.number(row))

    def payload(self, message: Message, most: int | None = None) -> bytes:
        return self._messages.payload(message, most)

    def is_piece(self, message: Message) -> bool:
        return self._messages.is_piece(message)

    def columns(self, first: int, most: int) -> ShownColumns:
        """Of which flows up to `most` of those found are, from row `first` on; at least one. Raises IndexError."""
        numbers = self._chosen.numbers(first, most)
        start = numbers[0]
        whole = self._messages.columns(start, numbers[-1] + 1 - start)
        places = [number - start for number in numbers[: bisect_left(numbers, start + whole.count)]]
        connections, received, errors = whole.connections, whole.received, whole.errors
        return ShownColumns(
            len(places),
            array("I", map(connections.__getitem__, places)),
            bytes(map(received.__getitem__, places)),
            bytes(map(errors.__getitem__, places)),
        )

    def row_of(self, call: int) -> int:
        """How many of those found were complete before this call."""
        return self._chosen.row(self._messages.row_of(call))
