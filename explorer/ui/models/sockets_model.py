"""The tree of sockets and their connections, with a first row for everything."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from explorer.capture.stream import Scope
from explorer.core.states import CloseReason, State
from explorer.ui.entries import ConnectionEntry, SocketEntry
from explorer.ui.models.log_model import Index, Tone
from explorer.ui.models.peers import MORE, Peers
from explorer.ui.units import count_text, rate_text, size_text
from explorer.ui.workbench import Workbench

NODE = int(Qt.ItemDataRole.UserRole)
SMOOTH = 0.5  # how much the latest half second counts in a rate


class Shape(Enum):
    """The mark before a row: its form tells the state without its colour."""

    NONE = "none"
    FULL = "open"
    RING = "closed"
    HALF = "on its way"
    CROSS = "failed"


@dataclass(frozen=True, slots=True)
class Node:
    """One row, ready to paint.

    title, kind: the first line (kind in grey); detail: a second line, where there is one;
    amount: at the right. more: this row stands for so many connections that are not shown.
    """

    shape: Shape
    tone: Tone
    title: str
    kind: str = ""
    detail: str = ""
    detail_tone: Tone = Tone.MUTED
    amount: str = ""
    tip: str = ""
    grey: bool = False
    bold: bool = False
    more: int = 0

    @property
    def spoken(self) -> str:
        """The whole row in words."""
        parts = (self.title, self.kind, self.shape.value if self.shape is not Shape.NONE else "", self.detail)
        return ", ".join(part for part in (*parts, self.amount) if part)


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
        self.endResetModel()

    def add_socket(self, number: int) -> None:
        place = len(self._order) + 1
        self.beginInsertRows(QModelIndex(), place, place)
        self._order.append(number)
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
        peers.told = peers.hidden
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
        scope = self.scope(index)
        if scope.socket is None:
            return self._everything()
        peers = self._peers[scope.socket]
        if self.stands_for_more(index):
            hidden = peers.told
            return Node(
                Shape.NONE, Tone.MUTED, f"… {count_text(hidden, 'more connection')}", more=hidden,
                tip="Only the newest are shown, open ones first. Enter or a double click shows 1,000 more.",
            )  # fmt: skip
        if scope.connection is not None:
            entry = self._workbench.connections(scope.socket).get(scope.connection)
            return self._connection(entry) if entry else Node(Shape.RING, Tone.MUTED, f"#{scope.connection}", grey=True)
        socket = self._workbench.socket(scope.socket)
        return self._socket(socket, peers) if socket else Node(Shape.RING, Tone.MUTED, "")

    def _everything(self) -> Node:
        received = sum(rate for rate, _ in self._rates.values())
        sent = sum(rate for _, rate in self._rates.values())
        kind = count_text(len(self._workbench.sockets), "socket")
        tip = "Calls, messages and bytes of all sockets together"
        return Node(Shape.NONE, Tone.TEXT, "Everything", kind, amount=_rates(received, sent), tip=tip, bold=True)

    def _socket(self, entry: SocketEntry, peers: Peers) -> Node:
        shape, tone = _socket_mark(entry)
        status = entry.status if not self._workbench.viewing else count_text(peers.count, "connection")
        failed = entry.failure is not None and not entry.running
        if not entry.running and not failed and not self._workbench.viewing:
            status = f"not running · {_wanted_address(entry)}"
        elif entry.running and entry.spec.role == "server" and peers.open:
            status += f" · {len(peers.open):,} open"
        problem = failed or bool(entry.paused) or entry.lost > 0
        detail_tone = Tone.ERROR if failed else Tone.WARNING if problem else Tone.MUTED
        lines = [f"{entry.spec.name}: {entry.spec.title}", status]
        if entry.failure is not None:
            failure = entry.failure
            lines[1:] = [f"{failure.call} failed: {failure.errno} ({failure.said})", failure.means, failure.advice]
        if entry.lost:
            lines.append(f"The system dropped {count_text(entry.lost, 'datagram')} before they could be read.")
            status += f" · {entry.lost:,} lost"
        amount = _rates(*self._rates.get(entry.number, (0.0, 0.0)))
        return Node(
            shape, tone, entry.spec.name, entry.spec.title, status, detail_tone, amount, "\n".join(lines), bold=True
        )

    def _connection(self, entry: ConnectionEntry) -> Node:
        received, sent = self._workbench.tally.of(entry.number)
        amount = f"↓{size_text(received)} ↑{size_text(sent)}" if received or sent else ""
        shape, tone, word = _connection_mark(entry)
        way = "accepted from" if entry.accepted else "connected to"
        why = _REASONS[entry.reason] if entry.reason else ""
        lines = [f"{way} {entry.remote}, local address {entry.local}", word + why]
        if received or sent:
            lines.append(f"received {received:,} bytes, sent {sent:,} bytes")
        if entry.failure is not None:
            lines.append(f"{entry.failure.call} failed: {entry.failure.errno}. {entry.failure.sentence}")
        return Node(shape, tone, str(entry.remote), word, amount=amount, tip="\n".join(lines), grey=not entry.open)


_REASONS = {
    CloseReason.EOF: ": the peer had finished",
    CloseReason.RESET: ": the connection was reset",
    CloseReason.LOCAL: ": from this side",
    CloseReason.TIMEOUT: ": nothing came for too long",
}
_ON_ITS_WAY = frozenset({State.RESOLVING, State.SYN_SENT})


def _socket_mark(entry: SocketEntry) -> tuple[Shape, Tone]:
    if entry.state in _ON_ITS_WAY:
        return Shape.HALF, Tone.WARNING
    if entry.running:
        return Shape.FULL, Tone.WARNING if entry.paused else Tone.GOOD
    return (Shape.CROSS, Tone.ERROR) if entry.failure is not None else (Shape.RING, Tone.MUTED)


def _connection_mark(entry: ConnectionEntry) -> tuple[Shape, Tone, str]:
    """Mark and state word."""
    if entry.open:
        if entry.state is State.ESTABLISHED:
            return Shape.FULL, Tone.GOOD, "connected"
        return Shape.HALF, Tone.WARNING, entry.state.value
    reason = entry.reason.value if entry.reason else ""
    if entry.reason in (CloseReason.RESET, CloseReason.TIMEOUT):
        return Shape.CROSS, Tone.ERROR, f"closed ({reason})"
    return Shape.RING, Tone.MUTED, f"closed ({reason})" if reason else "closed"


def _wanted_address(entry: SocketEntry) -> str:
    if entry.spec.port == 0:
        return f"{entry.spec.host}, any free port"
    return str(entry.spec.endpoint)


def _rates(received: float, sent: float) -> str:
    parts = []
    if received >= 1:
        parts.append(f"↓{rate_text(received)}")
    if sent >= 1:
        parts.append(f"↑{rate_text(sent)}")
    return " ".join(parts)


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
