"""Who a message goes to: fills the composer's list with the chosen socket's connections as they come and go."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from explorer.core.commands import Target
from explorer.ui.targets import Targets, find_targets, why_nothing_can_be_sent
from explorer.ui.widgets.target_box import TargetBox
from explorer.ui.workbench import Workbench

REFRESH = 100  # milliseconds between two looks at the connections, however many come and go


class Receivers(QObject):
    """Signal: changed(): there are others now, or another is chosen."""

    changed = Signal()

    def __init__(self, workbench: Workbench, box: TargetBox, parent: QObject) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._box = box
        self._targets = Targets(((None, "all connections"),), 0)
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH)
        self._refresh.timeout.connect(self.show_targets)
        box.activated.connect(self.changed)
        workbench.connections_changed.connect(self._on_connections)

    @property
    def target(self) -> Target:
        """The chosen receiver; only while `why_not` has nothing to say."""
        entry = self._workbench.current
        assert entry is not None
        return Target(entry.number, self._box.chosen)

    @property
    def count(self) -> int:
        """How many connections a message goes to, at least 1."""
        return max(1, self._targets.open) if self._box.chosen is None else 1

    @property
    def why_not(self) -> str:
        """Why nothing can be sent to the chosen one; "" when it can."""
        entry = self._workbench.current
        known = self._workbench.connections(entry.number) if entry is not None else {}
        return why_nothing_can_be_sent(entry, known, self._targets, self._box.chosen)

    @Slot()
    def show_targets(self) -> None:
        """Look again who is there; what is chosen stays."""
        if self._box.is_open:
            self._refresh.start()  # not under the user's eyes
        else:
            self._fill(self._box.chosen)

    def choose_anew(self) -> None:
        """The selection moved: its connection is the receiver now, or all of its socket's."""
        self._fill(self._workbench.selection.scope.connection)

    def _fill(self, chosen: int | None) -> None:
        entry = self._workbench.current
        if entry is None:
            self._targets = Targets(((None, "all connections"),), 0)
        else:
            selected = self._workbench.selection.scope.connection
            wanted = frozenset(number for number in (chosen, selected) if number is not None)
            self._targets = find_targets(entry, self._workbench.connections(entry.number), wanted)
        if entry is None or entry.spec.role == "client":
            chosen = None
        self._box.show_targets(self._targets, chosen)
        self.changed.emit()

    @Slot(object)
    def _on_connections(self, sockets: set[int]) -> None:
        if self._workbench.selection.scope.socket in sockets and not self._refresh.isActive():
            self._refresh.start()
