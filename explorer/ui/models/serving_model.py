"""The clients of a server as table rows: who, what happens with them, by what, for how long, bytes."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.core.tally import Tally
from explorer.ui.serving_scene import Client, ServingScene, duration

Index = QModelIndex | QPersistentModelIndex
HEADINGS = ("Client", "What", "Served by", "For", "Received", "Sent")
CLIENT, WHAT, WORKER, FOR, RECEIVED, SENT = range(len(HEADINGS))
WORDS = {"served": "served", "queued": "waits in the accept queue", "knocking": "still connecting"}


class ServingModel(QAbstractTableModel):
    """Shows the clients of a scene. Those that stay keep their rows, so that a selection stays too."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clients: tuple[Client, ...] = ()
        self._tally = Tally()

    def show(self, scene: ServingScene, tally: Tally) -> None:
        self._tally = tally
        fresh, before = scene.clients, self._clients
        if len(fresh) == len(before) and all(map(_same, fresh, before)):
            self._clients = fresh
            if fresh:
                self.dataChanged.emit(self.index(0, FOR), self.index(len(fresh) - 1, SENT))
            return
        self.beginResetModel()
        self._clients = fresh
        self.endResetModel()

    def client(self, row: int) -> Client | None:
        return self._clients[row] if 0 <= row < len(self._clients) else None

    def row_of(self, connection: int) -> int:
        """-1 when it is not there."""
        return next((row for row, one in enumerate(self._clients) if one.connection == connection != 0), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._clients)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        client = self.client(index.row())
        if client is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(client, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= FOR:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _text(self, client: Client, column: int) -> str:
        if column == CLIENT:
            return client.remote
        if column == WHAT:
            return WORDS[client.place]
        if column == WORKER:
            return client.worker
        if column == FOR:
            return duration(client.seconds)
        received, sent = self._tally.of(client.connection) if client.connection else (None, None)
        size = received if column == RECEIVED else sent
        return "" if size is None else f"{size:,}"


def _same(one: Client, other: Client) -> bool:
    return (one.place, one.remote, one.connection) == (other.place, other.remote, other.connection)
