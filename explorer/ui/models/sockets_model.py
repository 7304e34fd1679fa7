"""The tree of sockets and their connections, with a first row for everything."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, QTimer, Slot

from explorer.capture.stream import Scope
from explorer.ui.models.log_model import Index, Tone
from explorer.ui.models.peers import MORE, Peers
from explorer.ui.models.socket_nodes import (
    Node,
    Shape,
    captured_node,
    connection_node,
    everything_node,
    more_node,
    socket_node,
    unknown_node,
)
from explorer.ui.workbench import Workbench

NODE = int(Qt.ItemDataRole.UserRole)
SMOOTH = 0.5  # how much the latest half second counts in a rate


class SocketsModel(QAbstractItemModel):
    """Rows: everything; the sockets; under each its connections, and one row for those not shown.

    An index carries the number of the socket it stands under: 0 for the rows at the top.
    """

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._order: list[int] = []
        self._peers: dict[int, Peers] = {}
        self._rates: dict[int, tuple[float, float]] = {}
        self._totals: dict[int, tuple[int, int]] = {}
        self._measured = time.monotonic()
        self._changed: set[int] = set()  # sockets whose rows are to be written anew, all at once
        self._flush = QTimer(self)
        self._flush.setSingleShot(True)
        self._flush.setInterval(0)
        self._flush.timeout.connect(self._on_flush)
        self.rebuild()

    # -- taking news ----------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Begin again from what the workbench knows."""
        self.beginResetModel()
        self._order = [entry.number for entry in self._workbench.sockets]
        self._peers = {number: Peers() for number in self._order}
        self._rates.clear()
        self._totals.clear()
        for number, peers in self._peers.items():
            peers.take(self._workbench.connections(number), self._workbench.tally)
            peers.shown = peers.wanted()
            peers.tell()
            peers.more_row = peers.hidden > 0
        self.endResetModel()

    def add_socket(self, number: int) -> None:
        """It stands where the workbench has it: one that comes back goes to its old place."""
        place = self._workbench.place(number)
        self.beginInsertRows(QModelIndex(), place + 1, place + 1)
        self._order.insert(place, number)
        self._peers[number] = Peers()
        self.endInsertRows()
        self.take_connections(number)
        self._tell(self.index(0, 0))

    def remove_socket(self, number: int) -> None:
        place = self._order.index(number) + 1
        self.beginRemoveRows(QModelIndex(), place, place)
        self._order.remove(number)
        del self._peers[number]
        self._rates.pop(number, None)
        self._totals.pop(number, None)
        self.endRemoveRows()
        self._tell(self.index(0, 0))

    def change_socket(self, number: int) -> None:
        """Its row is written anew soon: once, however many changes come in one go."""
        self._changed.add(number)
        self._flush.start()

    @Slot()
    def _on_flush(self) -> None:
        changed, self._changed = self._changed, set()
        for number in changed:
            self._tell(self.index_of(Scope(number)))

    def take_connections(self, number: int) -> None:
        """Show what came, went and changed among a socket's connections."""
        peers = self._peers.get(number)
        if peers is None:
            return
        changed = peers.take(self._workbench.connections(number), self._workbench.tally)
        self._arrange(number, peers)
        for connection in changed:
            place = peers.place(connection)
            if place >= 0:
                self._tell(self.createIndex(place, 0, number))
        self.change_socket(number)

    def open_count(self, number: int) -> int:
        """Open connections of a socket."""
        return len(self._peers[number].open) if number in self._peers else 0

    def show_more(self, number: int) -> None:
        """Show more of a socket's connections."""
        self._peers[number].limit += MORE
        self._arrange(number, self._peers[number])

    def pin(self, scope: Scope) -> None:
        """Keep the connection of `scope` among those shown, and let go of others."""
        for number, peers in self._peers.items():
            wanted = scope.connection if scope.socket == number else None
            if peers.pinned != wanted:
                peers.pinned = wanted
                self._arrange(number, peers)

    def _arrange(self, number: int, peers: Peers) -> None:
        """Remove and insert rows, in runs, until those shown are those wanted."""
        parent = self.index_of(Scope(number))
        wanted = peers.wanted()
        keep, there = set(wanted), set(peers.shown)
        for first, last in reversed(_runs(place for place, one in enumerate(peers.shown) if one not in keep)):
            self.beginRemoveRows(parent, first, last)
            del peers.shown[first : last + 1]
            self.endRemoveRows()
        for first, last in _runs(place for place, one in enumerate(wanted) if one not in there):
            self.beginInsertRows(parent, first, last)
            peers.shown[first:first] = wanted[first : last + 1]
            self.endInsertRows()
        place = len(peers.shown)
        peers.tell()
        if peers.hidden > 0 and not peers.more_row:
            self.beginInsertRows(parent, place, place)
            peers.more_row = True
            self.endInsertRows()
        elif peers.hidden <= 0 and peers.more_row:
            self.beginRemoveRows(parent, place, place)
            peers.more_row = False
            self.endRemoveRows()
        elif peers.more_row:
            self._tell(self.createIndex(place, 0, number))

    def measure(self) -> None:
        """Take new rates; to be called about twice a second."""
        now = time.monotonic()
        passed, self._measured = now - self._measured, now
        if passed <= 0:
            return
        for number, peers in self._peers.items():
            totals = peers.totals(self._workbench.tally)
            before = self._totals.get(number, totals)
            rates = self._rates.get(number, (0.0, 0.0))
            fresh = tuple(max(0, new - old) / passed for new, old in zip(totals, before, strict=True))
            smooth = [old + SMOOTH * (new - old) for new, old in zip(fresh, rates, strict=True)]
            now_rates = (_settled(smooth[0]), _settled(smooth[1]))
            moved = totals != before
            self._totals[number] = totals
            self._rates[number] = now_rates
            if moved or now_rates != rates:
                self.change_socket(number)
            if moved and peers.shown:
                self.dataChanged.emit(
                    self.createIndex(0, 0, number), self.createIndex(len(peers.shown) - 1, 0, number), [NODE]
                )
        self._tell(self.index(0, 0))

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.dataChanged.emit(index, index)

    # -- places ---------------------------------------------------------------------------------

    def scope(self, index: Index) -> Scope:
        """What choosing a row means; the row for what is not shown means its socket."""
        number = index.internalId()
        if number:
            peers = self._peers[number]
            if index.row() < len(peers.shown):
                return Scope(number, peers.shown[index.row()])
            return Scope(number)
        return Scope(self._order[index.row() - 1]) if index.row() else Scope()

    def index_of(self, scope: Scope) -> QModelIndex:
        """The row of a scope; an invalid index for one that is not shown."""
        if scope.socket is None:
            return self.index(0, 0)
        if scope.socket not in self._peers:
            return QModelIndex()
        if scope.connection is None:
            return self.createIndex(self._order.index(scope.socket) + 1, 0, 0)
        place = self._peers[scope.socket].place(scope.connection)
        return self.createIndex(place, 0, scope.socket) if place >= 0 else QModelIndex()

    def stands_for_more(self, index: Index) -> bool:
        """Whether this row stands for connections that are not shown."""
        number = index.internalId()
        return bool(number) and index.row() >= len(self._peers[number].shown)

    # -- Qt's questions -------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        if column != 0 or not 0 <= row < self.rowCount(parent):
            return QModelIndex()
        return self.createIndex(row, 0, self._order[parent.row() - 1] if parent.isValid() else 0)

    def parent(self, child: Index | None = None) -> QModelIndex:  # type: ignore[override]
        number = child.internalId() if child is not None and child.isValid() else 0
        return self.index_of(Scope(number)) if number else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self._order) + 1
        if parent.internalId() or parent.row() == 0:
            return 0
        peers = self._peers[self._order[parent.row() - 1]]
        return len(peers.shown) + peers.more_row

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def hasChildren(self, parent: Index = QModelIndex()) -> bool:  # noqa: B008
        return self.rowCount(parent) > 0

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.internalId():
            flags |= Qt.ItemFlag.ItemNeverHasChildren
        elif index.row() and not self._workbench.viewing:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == NODE:
            return self.node(index)
        if role == Qt.ItemDataRole.EditRole:
            return self.node(index).title
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.node(index).spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.node(index).tip
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a socket (undoable)."""
        entry = self._workbench.socket(self.scope(index).socket)
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or entry is None or not name or name == entry.spec.name:
            return False
        self._workbench.edit_socket(entry.number, replace(entry.spec, name=self._workbench.free_name(name)))
        return True

    # -- what rows say --------------------------------------------------------------------------

    def node(self, index: Index) -> Node:
        """What a row shows now."""
        scope, bench = self.scope(index), self._workbench
        if scope.socket is None:
            received = sum(rate for rate, _ in self._rates.values())
            sent = sum(rate for _, rate in self._rates.values())
            return everything_node(len(bench.sockets), (received, sent))
        peers = self._peers[scope.socket]
        if self.stands_for_more(index):
            return more_node(peers.told, peers.reachable)
        if scope.connection is not None:
            entry = bench.connections(scope.socket).get(scope.connection)
            return connection_node(entry, bench.tally.of(entry.number)) if entry else unknown_node(scope.connection)
        socket, rates = bench.socket(scope.socket), self._rates.get(scope.socket, (0.0, 0.0))
        if socket is None:
            return Node(Shape.RING, Tone.MUTED, "")  # it is being removed
        if bench.viewing:
            return captured_node(socket, peers.count, rates)
        return socket_node(socket, len(peers.open), rates)


def _settled(rate: float) -> float:
    """A rate that dies away ends at zero."""
    return rate if rate >= 1 else 0.0


def _runs(places: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring numbers as (first, last), in order."""
    runs = []
    for _, group in groupby(enumerate(places), key=lambda pair: pair[1] - pair[0]):
        run = [place for _, place in group]
        runs.append((run[0], run[-1]))
    return runs
