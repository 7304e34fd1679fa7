"""What a program is: it is told of a connection and its messages, and answers with actions.

One program object serves one connection. It does no I/O and keeps no clock, so it can be tested
by telling it things and looking at what it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from explorer.core.fields import Field, Value
from explorer.wire.framing.api import Framer


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
class Close:
    """Close the connection once everything before has been sent."""


Action = Send | Close


class Program(Protocol):
    """One connection's program."""

    def opened(self, peer: str) -> Sequence[Action]:
        """The connection to `peer` (``host:port``) is open."""

    def message(self, payload: bytes) -> Sequence[Action]:
        """One message came, as the framing found it (with raw framing: what one recv returned)."""

    def closed(self) -> None:
        """The connection is over; nothing can be sent any more."""


@dataclass(frozen=True, slots=True)
class ProgramKind:
    """One kind of program, for the form and the workspace.

    answers: it may send without the user, so two of these can talk to each other for ever.
    wants_messages: it looks at messages; when False, the engine need not find them for it.
    """

    name: str
    label: str
    summary: str
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, Value]], Program]
    answers: bool
    wants_messages: bool
