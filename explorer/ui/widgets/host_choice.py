"""Where a socket listens or connects: a host to type, or one of those that are well known or were used lately."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from explorer.core.socket_spec import Role
from explorer.ui.widgets.inputs import QuietCombo

HOSTS = {
    "127.0.0.1": "This machine only, IPv4",
    "::1": "This machine only, IPv6",
    "localhost": "This machine only, by name",
    "0.0.0.0": "Every IPv4 interface of this machine",
    "::": "Every interface of this machine, IPv6 and on most systems IPv4 too",
}
CLIENT_HOSTS = ("127.0.0.1", "::1", "localhost")
MOST_HOSTS = 20


class HostChoice(QuietCombo):
    """A line to type into, with a list below it. `offer` fills the list for a role."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Host", parent)
        self._recent: list[str] = []
        self._role: Role = "server"
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # type: ignore[arg-type]
        self.setMinimumContentsLength(11)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(320)
        self.edit.setAccessibleName("Host")

    @property
    def edit(self) -> QLineEdit:
        """The line itself."""
        edit = self.lineEdit()
        assert edit is not None
        return edit

    @property
    def recent(self) -> list[str]:
        """Hosts that were used lately, the latest first."""
        return list(self._recent)

    def set_recent(self, hosts: Sequence[str]) -> None:
        self._recent = [host for host in hosts if host not in HOSTS][:MOST_HOSTS]
        self._fill()

    def remember(self, host: str) -> None:
        """It was used now."""
        if host not in HOSTS:
            self.set_recent([host, *(known for known in self._recent if known != host)])

    def offer(self, role: Role) -> None:
        """List what a server can listen on, or what a client finds on this machine."""
        if role != self._role or not self.count():
            self._role = role
            self._fill()

    def _fill(self) -> None:
        blocked, edit_blocked = QSignalBlocker(self), QSignalBlocker(self.edit)
        text = self.currentText()
        self.clear()
        for host in (*(HOSTS if self._role == "server" else CLIENT_HOSTS), *self._recent):
            self.addItem(host)
            self.setItemData(self.count() - 1, HOSTS.get(host, ""), Qt.ItemDataRole.ToolTipRole)
        self.setEditText(text)
        edit_blocked.unblock()
        blocked.unblock()
