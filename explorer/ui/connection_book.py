"""The connections of every socket, as the engine's news tell of them. Plain values, no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from explorer.core import events
from explorer.core.states import State
from explorer.ui.entries import ConnectionEntry

CLOSED_KEPT = 1000  # closed connections of a socket that stay listed
_NONE: Mapping[int, ConnectionEntry] = MappingProxyType({})


class ConnectionBook:
    """A server may run for months: of its closed connections only the newest stay (the capture has all).

    touched: sockets whose connections came, went or changed since `take_touched`.
    """

    def __init__(self) -> None:
        self._connections: dict[int, dict[int, ConnectionEntry]] = {}
        self._closed: dict[int, int] = {}  # closed ones among those of each socket
        self._touched: set[int] = set()

    def of(self, socket: int) -> Mapping[int, ConnectionEntry]:
        """By number, oldest first."""
        return self._connections.get(socket, _NONE)

    def find(self, number: int) -> ConnectionEntry | None:
        for known in self._connections.values():
            if number in known:
                return known[number]
        return None

    def take_touched(self) -> set[int]:
        touched, self._touched = self._touched, set()
        return touched

    def add(self, entry: ConnectionEntry) -> None:
        self._connections.setdefault(entry.socket, {})[entry.number] = entry
        self._touched.add(entry.socket)

    def change(self, socket: int, connection: int, **fields: object) -> None:
        known = self._connections.get(socket, {})
        if connection in known:
            known[connection] = replace(known[connection], **fields)  # type: ignore[arg-type]
            self._touched.add(socket)

    def close(self, event: events.ConnectionClosed) -> None:
        self.change(
            event.socket, event.connection, state=State.CLOSED, reason=event.reason, failure=event.failure
        )  # fmt: skip
        self._closed[event.socket] = self._closed.get(event.socket, 0) + 1
        if self._closed[event.socket] >= 2 * CLOSED_KEPT:
            known = self._connections.get(event.socket, {})
            closed = [number for number, entry in known.items() if not entry.open]
            for number in closed[:-CLOSED_KEPT]:
                del known[number]
            self._closed[event.socket] = min(len(closed), CLOSED_KEPT)

    def forget(self, socket: int) -> None:
        """The socket begins anew, or is gone."""
        self._connections.pop(socket, None)
        self._closed.pop(socket, None)
        self._touched.add(socket)

    def clear(self) -> None:
        self._touched.update(self._connections)
        self._connections.clear()
        self._closed.clear()
