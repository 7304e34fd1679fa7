"""The single conditions of a filter: each can judge calls (as a mask over columns) and messages.

A verdict about a socket or connection, once given, stays: an index that decodes a block again must find
the same rows. So before a verdict the catalog is brought as far as the records that are looked at.
"""

from __future__ import annotations

import operator
import struct
from array import array
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Protocol

from explorer.capture.block_index import Match
from explorer.capture.catalog import Catalog
from explorer.capture.match import both, carries, failed, kinds, table_of
from explorer.capture.message_columns import MessageColumns
from explorer.capture.reader import Columns
from explorer.core.calls import PAYLOAD, CallKind

SIGNS = ("<", "<=", ">", ">=", "=", ":")
OPPOSITE = bytes([1, 0]) + bytes(254)
"""Translates a mask to its opposite."""
_MIRRORED = {"<": operator.gt, "<=": operator.ge, ">": operator.lt, ">=": operator.le}


class Condition(Protocol):
    """What a word of the filter asks for."""

    def match(self) -> Match:
        """As a condition on calls."""

    def mask(self, messages: MessageColumns) -> bytes | None:
        """The same of messages: one byte each, 1 where it holds; None where it holds of all."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Calls of these kinds; messages that such a call completed."""

    wanted: Collection[CallKind]

    def match(self) -> Match:
        return kinds(self.wanted)

    def mask(self, messages: MessageColumns) -> bytes | None:
        return messages.kinds.translate(table_of(self.wanted))


@dataclass(frozen=True, slots=True)
class Direction:
    received: bool

    def match(self) -> Match:
        return carries(self.received, not self.received)

    def mask(self, messages: MessageColumns) -> bytes | None:
        return messages.received if self.received else messages.received.translate(OPPOSITE)


@dataclass(frozen=True, slots=True)
class Failed:
    """Calls that failed; messages that are none because their framing is broken."""

    def match(self) -> Match:
        return failed

    def mask(self, messages: MessageColumns) -> bytes | None:
        return messages.errors


@dataclass(frozen=True, slots=True)
class Size:
    """Traffic of so many bytes; messages with a payload of so many. Calls without traffic never match."""

    sign: str
    wanted: int

    def match(self) -> Match:
        def sized(columns: Columns) -> bytes:
            return self._judge(columns.sizes)

        return both(kinds(PAYLOAD), sized)

    def mask(self, messages: MessageColumns) -> bytes | None:
        return self._judge(messages.payload_sizes)

    def _judge(self, sizes: Iterable[int]) -> bytes:
        return bytes(map(_MIRRORED.get(self.sign, operator.eq), repeat(self.wanted), sizes))


class _Verdicts(dict[int, bool]):
    """Whether a number is wanted: asked once, remembered."""

    def __init__(self, ask: Callable[[int], bool]) -> None:
        self._ask = ask

    def __missing__(self, number: int) -> bool:
        self[number] = verdict = self._ask(number)
        return verdict

    def on(self, numbers: array[int]) -> bytes | None:
        """The verdicts on these numbers; None where all are wanted."""
        if numbers.tobytes() == struct.pack("=I", numbers[0]) * len(numbers):  # the usual case: one value only
            return None if self[numbers[0]] else bytes(len(numbers))
        return bytes(map(self.__getitem__, numbers))


class Peers:
    """Calls and messages of connections with this port at either end, or with this number (``#3``)."""

    def __init__(self, catalog: Catalog, port: int | None, number: int | None) -> None:
        def wanted(connection: int) -> bool:
            found = catalog.connection(connection)
            return connection == number or (found is not None and port in (found.remote.port, found.local.port))

        self._catalog = catalog
        self._verdicts = _Verdicts(wanted)

    def match(self) -> Match:
        def of_peers(columns: Columns) -> bytes:
            self._catalog.reach(columns.start + columns.count)
            return bytes(map(self._verdicts.__getitem__, columns.connections))

        return of_peers

    def mask(self, messages: MessageColumns) -> bytes | None:
        self._catalog.reach(messages.last_call + 1)
        return self._verdicts.on(messages.connections)


class OfSocket:
    """Calls and messages of sockets with this name, in capitals or not."""

    def __init__(self, catalog: Catalog, name: str) -> None:
        def wanted(socket: int) -> bool:
            found = catalog.socket(socket)
            return found is not None and found.name.casefold() == name.casefold()

        self._catalog = catalog
        self._verdicts = _Verdicts(wanted)

    def match(self) -> Match:
        def of_sockets(columns: Columns) -> bytes:
            self._catalog.reach(columns.start + columns.count)
            return bytes(map(self._verdicts.__getitem__, columns.sockets))

        return of_sockets

    def mask(self, messages: MessageColumns) -> bytes | None:
        self._catalog.reach(messages.last_call + 1)
        return self._verdicts.on(messages.sockets)
