"""Bytes given by calls and places within them: so they mean the same in every view, whatever stream it shows."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.calls import Call


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Byte `skip` of the traffic of call `call`."""

    call: int
    skip: int


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from byte `first_skip` of call `first_call` up to, not including, byte `last_skip` of `last_call`.

    A call without bytes is selected as the empty span (number, 0, number, 0).
    connection, received: only the bytes of this connection and direction are meant, as of a message whose calls
    others stand between; None: whatever the view shows.
    """

    first_call: int
    first_skip: int
    last_call: int
    last_skip: int
    connection: int | None = None
    received: bool | None = None

    @classmethod
    def of_call(cls, call: Call) -> Span:
        return cls(call.number, 0, call.number, call.size if call.received or call.sent else 0)

    @property
    def first(self) -> Place:
        return Place(self.first_call, self.first_skip)
