"""Which connection a pane looks at, of those of what is chosen in the window: the newest, or one that was picked."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.capture.stream import Scope
from explorer.ui.entries import ConnectionEntry, SocketEntry
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text

MOST = 100  # connections that are offered one by one
NEWEST = 0  # stands for whichever is the newest; connections are numbered from 1 on


@dataclass(frozen=True, slots=True)
class Offered:
    """items: numbers of connections, the newest first, and what the list says. shown: the one that is looked at, where
    there is any. chosen: what is chosen in the list: its number, or `NEWEST`. hidden: how many more there are.
    one: the window is about one connection alone, so that whichever is the newest does not matter."""

    items: tuple[tuple[int, str], ...] = ()
    shown: ConnectionEntry | None = None
    chosen: int = NEWEST
    hidden: int = 0
    one: bool = False


class ConnectionChoice:
    """A pane asks `look` whenever the sockets, the connections or the window's scope may be others.

    chosen: the connection that the user picked in this pane, or `NEWEST`. holding: where the newest is shown, it stays
    when a newer one opens.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._held = NEWEST
        self.chosen = NEWEST
        self.holding = False

    def pick(self, number: int) -> None:
        """The user picked a connection, or `NEWEST`. Where the window is about one alone, it is about this one then."""
        selection, picked = self._workbench.selection, self._workbench.connection(number)
        self.chosen, self._held = number, NEWEST
        if selection.scope.connection is not None and picked is not None:
            selection.choose_scope(Scope(picked.socket, picked.number))

    def forget(self) -> None:
        """Another capture: its connections have other numbers."""
        self.chosen = self._held = NEWEST

    def look(self) -> Offered:
        """The connections of what the window is about. One that it is about alone comes before what was picked."""
        bench = self._workbench
        if self.chosen != NEWEST and bench.connection(self.chosen) is None:
            self.chosen = NEWEST
        found = _offered(bench, self.chosen, self._held if self.holding else NEWEST)
        self._held = found.shown.number if found.shown is not None else NEWEST
        return found


def _offered(workbench: Workbench, chosen: int, held: int) -> Offered:
    """held: shown where none is chosen."""
    scope = workbench.selection.scope
    sockets = [entry for entry in workbench.sockets if scope.socket in (None, entry.number)]
    found = newest_of(workbench, sockets)
    count = sum(len(workbench.connections(entry.number)) for entry in sockets)
    newest = found[0] if found else None
    known = map(workbench.connection, (scope.connection or chosen, held))
    shown = next((one for one in known if one is not None and scope.socket in (None, one.socket)), newest)
    if shown is not None and shown not in found:
        found.append(shown)
    names = {entry.number: entry.spec.name for entry in sockets}
    several = len(sockets) > 1
    items = tuple((one.number, _label(one, names.get(one.socket, "") if several else "")) for one in found)
    one = shown is not None and shown.number == scope.connection
    explicit = shown is not None and (one or shown.number == chosen or shown is not newest)
    listed = shown.number if explicit and shown is not None else NEWEST
    return Offered(items, shown, listed, max(0, count - len(found)), one)


def newest_of(workbench: Workbench, sockets: list[SocketEntry], most: int = MOST) -> list[ConnectionEntry]:
    """Up to `most` connections of these sockets, the newest first."""
    found: list[ConnectionEntry] = []
    for entry in sockets:
        known = workbench.connections(entry.number)
        numbers = list(known)[-most:]
        found += map(known.__getitem__, numbers)
    return sorted(found, key=lambda one: -one.number)[:most]


def _label(connection: ConnectionEntry, name: str) -> str:
    closed = "" if connection.open else " (closed)"
    return f"{visible_text(name)} · {connection.remote}{closed}" if name else f"{connection.remote}{closed}"
