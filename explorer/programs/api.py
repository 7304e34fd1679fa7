"""What a program is: it is told of a connection and its messages, and answers with actions.

One program object serves one connection. It does no I/O and keeps no clock of its own, so it can be tested
by telling it things and looking at what it answers. What all connections of a socket share (the members of a
room, a counter) is kept by the `Setup` that makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice, Transport
from explorer.wire.framing.api import Framer

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random


@dataclass(frozen=True, slots=True)
class Send:
    """Send one message on the connection.

    as_found: the payload is a message just as the framing found it, so that it goes back as it
    came, even where it still holds its own length field.
    """

    payload: bytes
    as_found: bool = False

    def wire_bytes(self, framer: Framer) -> bytes:
        """The bytes to send under `framer`. Raises InputError when the payload cannot be framed."""
        return framer.restore(self.payload) if self.as_found else framer.encode(self.payload)


@dataclass(frozen=True, slots=True)
class Tell:
    """Send one message to every other open connection of the same socket."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on with the actions behind this one so many seconds later. The connection is not read meanwhile."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection once everything before has been sent."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection at once with a reset (TCP; a UDP peer is forgotten). What waits is not sent."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the process that runs the user's own code; what it answers is told to `Asking.answered`. The connection is
    not read meanwhile. request: what JSON can hold."""

    request: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GoOn:
    """Do nothing. Messages that bring no other action bring this now and then, so that the turn can end at it."""


Action = Send | Tell | Wait | Close | Reset | Ask | GoOn
GO_ON = GoOn()
LOOK_EVERY = 16  # lines or messages without an action, before a GO_ON


class Program(Protocol):
    """One connection's program. What it returns may be made while it is taken (a generator), so that neither time nor
    memory is spent on what the peer does not read."""

    def opened(self, peer: str) -> Iterable[Action]:
        """The connection to `peer` (``host:port``) is open."""

    def message(self, payload: bytes) -> Iterable[Action]:
        """One message came, as the framing found it (with raw framing: what one recv returned)."""

    def closed(self) -> Sequence[Action]:
        """The connection is over; on it nothing can be sent any more, so `Tell` alone means something."""


class Ahead(Protocol):
    """Runs ahead of a program over messages that it was not told yet, and leaves it as it is."""

    @property
    def secret(self) -> bool:
        """Whether the next message is a secret."""

    @property
    def hides(self) -> bool:
        """Whether any of those to come may be one."""

    @property
    def sealed(self) -> bool:
        """Whether every message to come is one, whatever it is."""

    def take(self, payload: bytes) -> None:
        """The next message was this one."""


@runtime_checkable
class Secretive(Program, Protocol):
    """A program to which secrets are told, which the capture must not keep.

    hides: whether any of what comes from now on may be one; once False, it stays so.
    """

    @property
    def hides(self) -> bool: ...

    def ahead(self) -> Ahead:
        """From where the conversation stands now."""


@runtime_checkable
class Asking(Program, Protocol):
    """A program that uses `Ask`."""

    def answered(self, reply: Mapping[str, object]) -> Sequence[Action]:
        """What the process answered to the last `Ask`."""


@dataclass(frozen=True, slots=True)
class World:
    """What a program may know of where it runs: the time, chance, the language's version, and what carries it."""

    now: Callable[[], datetime]
    random: Random
    version: str
    transport: Transport = "tcp"


Setup = Callable[[World], Program]
"""Made once for a socket; called for each of its connections."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the picture of a conversation. who: "peer" and "us" speak; "note" is what happens besides, e.g. that
    the connection is closed."""

    who: Literal["peer", "us", "note"]
    text: str


def no_picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class ProgramKind:
    """One kind of program. Its label and summary stand in the registry.

    make: raises InputError, with the name of a field as its path, when settings do not fit together.
    answers: it may send without the user, so two of these can talk to each other for ever.
    wants_messages: it looks at messages; when False, the engine need not find them for it.
    picture: a short conversation under these settings, for whoever sees the program for the first time.
    transports: what it works over. framing: what it is usually used with, None where any does; framed: over which
    of these, as a datagram may be a message without one. buffer_size: likewise, in bytes.
    shared: its connections know of each other, so they cannot be served by processes of their own.
    """

    name: str
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, Value]], Setup]
    answers: bool
    wants_messages: bool
    picture: Callable[[Mapping[str, Value]], tuple[Line, ...]] = no_picture
    transports: tuple[str, ...] = ("tcp", "udp")
    framing: Choice | None = None
    buffer_size: int | None = None
    shared: bool = False
    framed: tuple[str, ...] = ("tcp", "udp")
