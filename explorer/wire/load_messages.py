"""What the clients of a load send, and whether what comes back is an answer and the right one. No I/O.

No two messages of a run are the same as long as their size has room for the numbers of the client and the message, so
an answer that belongs to another message is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from explorer.core.errors import InputError
from explorer.core.load import LARGEST_DATAGRAM, LoadPlan, check_target, check_together
from explorer.wire.escapes import parse_escaped
from explorer.wire.framing import registry
from explorer.wire.framing.api import Frame, Framer, FramingError, timed
from explorer.wire.placed_error import PlacedError


class LoadMessages:
    """The messages of a plan. Raises InputError, with the name of a field as the end of its path, when what the plan
    says cannot be sent; what is wrong with a message of any client is found here, not while it is sent."""

    def __init__(self, plan: LoadPlan) -> None:
        check_together(plan)
        self._begin = _parse_begin(plan)
        if len(self._begin) > plan.size:
            raise InputError(
                "$.size",
                f"Message size: what the message begins with has {len(self._begin):,} bytes already; "
                f"{plan.size:,} are fewer. Make it at least that, or begin with less.",
            )
        self._size = plan.size
        self._same = self._begin if len(self._begin) == plan.size else None  # there is room for no numbers
        self._raw = plan.framing.kind == "raw"
        self._datagrams = plan.transport == "udp"
        self._echo = plan.answers == "echo"
        make = registry.framer_maker(plan.framing, "$.framing")
        self._make: Callable[[], Framer] = make
        self._encoder = make()
        if timed(self._encoder) is not None:
            raise InputError(
                "$.framing",
                "Framing: with this one a message ends when nothing comes for a while, and that while would be counted "
                "as the server's time. Choose another framing, such as Raw.",
            )
        self._check_encoding(plan)

    def _check_encoding(self, plan: LoadPlan) -> None:
        """Messages of the first and the last client, the first and the last of each: the others are like them."""
        self._as_sent = True
        for client in sorted({0, plan.clients - 1}):
            for number in sorted({0, plan.messages - 1}):
                payload = self.payload(client, number)
                try:
                    wire = self._encoder.encode(payload)
                except InputError as error:
                    raise InputError("$.framing", f"Framing: it cannot carry these messages. {error.message}") from None
                self._as_sent = self._as_sent and self._found(wire) == payload
                if self._datagrams and len(wire) > LARGEST_DATAGRAM:
                    raise InputError(
                        "$.size",
                        f"Message size: with its framing a message has {len(wire):,} bytes; a datagram carries at most "
                        f"{LARGEST_DATAGRAM:,}.",
                    )
                self.largest = len(wire)

    def payload(self, client: int, number: int) -> bytes:
        """The message itself: what it begins with, then the numbers of client and message (from 1), again and again."""
        if self._same is not None:
            return self._same
        room = self._size - len(self._begin)
        text = b"%d.%d " % (client + 1, number + 1)
        return self._begin + (text * (room // len(text) + 1))[:room]

    def wire(self, client: int, number: int) -> bytes:
        """The message with its framing, as it is given to send."""
        payload = self.payload(client, number)
        return payload if self._raw else self._encoder.encode(payload)

    def expected(self, client: int, number: int) -> bytes:
        """What an echo of it is, as the framing finds it: with a header that is not cut off, more than was sent."""
        return self.payload(client, number) if self._as_sent else self._found(self.wire(client, number))

    def _found(self, wire: bytes) -> bytes:
        """The message that the framing finds in these bytes, which it made: `encode` sees to it that there is one."""
        if self._raw:
            return wire
        framer = self._make()
        [found] = [*framer.feed(wire), *framer.end()]
        assert isinstance(found, Frame)
        return found.payload

    def answers(self) -> Answers:
        """What finds the answers on one connection."""
        if self._datagrams:
            return _Datagrams(None if self._raw else self._make, self._echo)
        if self._raw:
            return _RawEcho() if self._echo else _AnyBytes()
        return _Framed(self._make(), self._echo)


@dataclass(frozen=True, slots=True)
class Answer:
    """right: whether it is the one that was waited for. unasked: further messages that came with it, unasked for."""

    right: bool
    payload: bytes
    unasked: int = 0


class Answers(Protocol):
    """Finds answers in what one client receives."""

    def feed(self, data: bytes, expected: bytes) -> Answer | None:
        """More was received while the answer `expected` is waited for; None: it is not whole yet."""


class _RawEcho:
    """A stream without boundaries: the answer is over when as many bytes came as were sent. More are wrong ones."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes, expected: bytes) -> Answer | None:
        if not self._held and len(data) == len(expected):
            return Answer(data == expected, data)
        self._held += data
        if len(self._held) < len(expected):
            return None
        answer = bytes(self._held)
        self._held.clear()
        return Answer(answer == expected, answer)


class _AnyBytes:
    """A stream without boundaries, and nobody knows how long an answer is: what comes first is taken as one."""

    def feed(self, data: bytes, expected: bytes) -> Answer | None:
        return Answer(True, data) if data else None


class _Framed:
    """A stream of messages. What breaks the framing is a wrong answer."""

    def __init__(self, framer: Framer, echo: bool) -> None:
        self._framer = framer
        self._echo = echo

    def feed(self, data: bytes, expected: bytes) -> Answer | None:
        found = self._framer.feed(data)
        if not found:
            return None
        first = found[0]
        if isinstance(first, FramingError):
            return Answer(False, first.payload or b"", len(found) - 1)
        return Answer(not self._echo or first.payload == expected, first.payload, len(found) - 1)


class _Datagrams:
    """Each datagram is an answer. make: what takes the framing off, if there is any."""

    def __init__(self, make: Callable[[], Framer] | None, echo: bool) -> None:
        self._make = make
        self._echo = echo

    def feed(self, data: bytes, expected: bytes) -> Answer | None:
        payload = data
        if self._make is not None:
            framer = self._make()
            found = [*framer.feed(data), *framer.end()]
            if len(found) != 1 or isinstance(found[0], FramingError):
                return Answer(False, data)
            payload = found[0].payload
        return Answer(not self._echo or payload == expected, payload)


def _parse_begin(plan: LoadPlan) -> bytes:
    try:
        return parse_escaped(plan.begin, "utf-8")
    except PlacedError as error:
        raise InputError("$.begin", f"Begins with: {error}") from None


def check_plan(plan: LoadPlan) -> LoadMessages:
    """All that can be known about a plan before it runs. Raises InputError."""
    check_target(plan)
    return LoadMessages(plan)
