"""One connection's framer and program: bytes come in, messages are counted, actions come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.core.socket_spec import Choice
from explorer.programs.api import Action
from explorer.programs.registry import find_kind, make_program
from explorer.wire.framing.api import Found, Frame, Framer
from explorer.wire.framing.registry import make_framer

SLICE = 4096  # bytes given to the framer at once: what it finds in them is held in memory


class Conversation:
    """Serves one connection. Raises InputError when the framing or the program is not valid.

    counting: find messages even where no program wants them, only to count them.
    messages_in, messages_out: how many messages came and went so far.
    """

    __slots__ = ("_counting", "_program", "_wants_messages", "framer", "messages_in", "messages_out", "peer", "raw")

    def __init__(self, framing: Choice, program: Choice, peer: str, counting: bool = True) -> None:
        self.peer = peer
        self._counting = counting
        self.messages_in = 0
        self.messages_out = 0
        self.framer: Framer
        self.replace(framing, program)

    def replace(self, framing: Choice, program: Choice) -> None:
        """Go on with these. What an old framer had begun to collect is left behind."""
        self.framer = make_framer(framing)
        self.raw = framing.kind == "raw"
        self._program = make_program(program)
        self._wants_messages = find_kind(program.kind).wants_messages

    @property
    def tight(self) -> bool:
        """Whether nothing need look at what is received: nobody answers, and each recv is a message or
        messages are not counted."""
        return not self._wants_messages and (self.raw or not self._counting)

    def opened(self) -> Iterator[Action]:
        yield from self._program.opened(self.peer)

    def received(self, data: bytes) -> Iterator[Action]:
        """What these bytes (one recv, or one datagram) bring."""
        if self.raw:
            self.messages_in += 1
            if self._wants_messages:
                yield from self._program.message(data)
        else:  # the law of framing: slices give the same messages
            for start in range(0, len(data), SLICE):
                yield from self._found(self.framer.feed(data[start : start + SLICE]))

    def ended(self) -> Iterator[Action]:
        """The peer sends no more."""
        if not self.raw:
            yield from self._found(self.framer.end())

    def closed(self) -> None:
        self._program.closed()

    def _found(self, found: Iterable[Found]) -> Iterator[Action]:
        for item in found:
            if isinstance(item, Frame):
                self.messages_in += 1
                if self._wants_messages:
                    yield from self._program.message(item.payload)
