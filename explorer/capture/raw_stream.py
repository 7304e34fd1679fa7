"""The bytes of messages that are what one call each carried, as one stream: in the order of the calls.

Where the scope is one of very many connections, its messages lie far apart. So positions are counted by blocks of
records, as in `ByteStream`, and not by blocks of messages: one block is always found in the same time.
"""

from __future__ import annotations

from explorer.capture.arrangement import MessageRule
from explorer.capture.block_index import BlockIndex
from explorer.capture.match import both, carries
from explorer.capture.messages import RawMessages
from explorer.capture.stream import ByteStream, Scope


class RawStream(ByteStream):
    """See `explorer.capture.stream.Stream`. messages: advanced by another, before this is."""

    def __init__(self, messages: RawMessages, scope: Scope, received: bool = True, sent: bool = True) -> None:
        super().__init__(messages.reader, scope, received, sent)
        self.messages = messages
        self.index = messages.index  # of both directions
        if self.direction is not None:
            match = both(messages.index.match, carries(received, sent))
            self.index = BlockIndex(self.reader, match, reads_bytes=False)

    def advance(self, most: int = 1 << 62) -> bool:
        done = self.messages.done
        if self.direction is not None and self.index.done < done:
            self.index.advance(min(most, done - self.index.done))
        return self.index.done < done

    def message_at(self, position: int) -> tuple[int, int, int]:
        """(number, start, stop): the message that a position belongs to, and the range of its bytes. IndexError."""
        return self.messages.row_of(self.locate(position).call), *self.call_at(position)

    def rule(self, call: int) -> MessageRule:
        """What stands above a message, by the number of its call."""
        message = self.messages.message(self.messages.row_of(call))
        row = self.index.row(call)
        gap = message.time - self.reader.call(self.index.number(row - 1)).time if row else None
        return MessageRule(message, message.size, gap)
