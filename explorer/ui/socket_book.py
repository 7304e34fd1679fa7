"""The sockets of the workspace and their connections, as the engine's news tell of them. Plain values, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from explorer.core import events
from explorer.core.states import State
from explorer.ui.connection_book import ConnectionBook
from explorer.ui.entries import ConnectionEntry, SocketEntry, Trouble


class SocketBook(Mapping[int, SocketEntry]):
    """Entries by number, in the order in which the user sees them. connections: theirs."""

    def __init__(self, entries: Iterable[SocketEntry] = (), connections: ConnectionBook | None = None) -> None:
        self._entries = {entry.number: entry for entry in entries}
        self._changed: dict[int, None] = {}  # in the order in which news of them came
        self.connections = connections or ConnectionBook()
        self._handlers: dict[type, Callable[..., None]] = {
            events.SocketChanged: self._on_socket_changed,
            events.SocketStarted: self._on_started,
            events.ConnectionOpened: self._on_connection_opened,
            events.ConnectionChanged: self._on_connection_changed,
            events.ConnectionClosed: self.connections.close,
            events.SocketFailed: self._on_failed,
            events.OptionsApplied: self._on_options,
            events.AcceptPaused: self._on_accept_paused,
            events.QueueSampled: self._on_queue,
            events.DatagramsLost: self._on_lost,
            events.EngineStopped: self._on_engine_stopped,
        }

    def __getitem__(self, number: int) -> SocketEntry:
        return self._entries[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    # -- by the user's doing ------------------------------------------------------------------------

    def place(self, number: int) -> int:
        """Where a socket stands among the others; behind them all if it is not there."""
        return list(self._entries).index(number) if number in self._entries else len(self._entries)

    def put(self, entry: SocketEntry, place: int | None = None) -> None:
        """Another entry for its number. place: where a new one goes; None: last."""
        if entry.number in self._entries or place is None:
            self._entries[entry.number] = entry
        else:
            entries = [*self._entries.values()]
            entries.insert(place, entry)
            self._entries = {one.number: one for one in entries}

    def begin(self, number: int, started: bool) -> None:
        """Nothing has happened to it yet, and its earlier connections are over. started: it is being started."""
        spec = self._entries[number].spec
        self._entries[number] = SocketEntry(number, spec, started=spec if started else None, starting=started)
        self.connections.forget(number)

    def dismiss(self, number: int, trouble: Trouble) -> None:
        """The user has read it."""
        entry, connection = self._entries.get(number), self.connections.find(trouble.connection)
        if entry is not None and entry.trouble is trouble:
            self._change(number, trouble=None)
        if connection is not None and connection.trouble is trouble:
            self.connections.change(number, trouble.connection, trouble=None)

    def remove(self, number: int) -> None:
        """It is no part of the workspace any more."""
        del self._entries[number]
        self.connections.forget(number)

    # -- by the engine's news -------------------------------------------------------------------------

    def take(self, event: events.Event) -> None:
        """One of the engine's news. What is of no socket here, or removed since, changes nothing."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def take_changed(self) -> list[int]:
        """The sockets of which news came since this was asked last."""
        changed, self._changed = self._changed, {}
        return [number for number in changed if number in self._entries]

    def _change(self, number: int, **fields: object) -> None:
        entry = self._entries.get(number)
        if entry is not None:
            self._entries[number] = replace(entry, **fields)  # type: ignore[arg-type]
            self._changed[number] = None

    def _on_started(self, event: events.SocketStarted) -> None:
        """Not by the window's doing: a step of a sequence asked for it."""
        if event.socket in self._entries:
            self.begin(event.socket, started=True)
            self._changed[event.socket] = None

    def _on_socket_changed(self, event: events.SocketChanged) -> None:
        self._change(event.socket, state=event.state, local=event.local, remote=event.remote, starting=False)

    def _on_connection_opened(self, event: events.ConnectionOpened) -> None:
        if event.socket in self._entries:
            self.connections.add(
                ConnectionEntry(event.connection, event.socket, event.local, event.remote, event.accepted)
            )

    def _on_connection_changed(self, event: events.ConnectionChanged) -> None:
        self.connections.change(event.socket, event.connection, state=event.state)

    def _on_failed(self, event: events.SocketFailed) -> None:
        if event.connection == 0 or event.fatal:
            self._change(event.socket, failure=event.failure, failed_record=event.record)
        else:
            trouble = Trouble(event.connection, event.failure, event.record)
            self._change(event.socket, trouble=trouble)
            self.connections.change(event.socket, event.connection, failure=event.failure, trouble=trouble)

    def _on_options(self, event: events.OptionsApplied) -> None:
        self._change(event.socket, options=event.options)

    def _on_accept_paused(self, event: events.AcceptPaused) -> None:
        self._change(event.socket, paused=event.why)

    def _on_queue(self, event: events.QueueSampled) -> None:
        self._change(event.socket, queue=event)

    def _on_lost(self, event: events.DatagramsLost) -> None:
        self._change(event.socket, lost=event.count)

    def _on_engine_stopped(self, event: events.EngineStopped) -> None:
        for number, entry in list(self._entries.items()):
            if entry.in_engine:
                self._change(number, state=State.CLOSED, starting=False)
