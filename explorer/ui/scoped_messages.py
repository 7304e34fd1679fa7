"""The messages of what is chosen, under its present framing: opened once, shared by all who show them.

Finding messages takes work: it is done only while somebody uses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from explorer.capture.messages import Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.ui.entries import SocketEntry

if TYPE_CHECKING:
    from explorer.ui.workbench import Workbench


class ScopedMessages(QObject):
    """Messages of the chosen scope: of one socket under its framing, or of all sockets, each under its own.

    messages: as far as they are found; None while nobody uses them, or where the framing cannot be used.
    problem: then a sentence that says so; else "".
    framing: that of the chosen socket; None: each socket has its own.
    Signal: changed(): `messages` is another object now (another scope, framing or capture, or the first user).
    """

    changed = Signal()

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self.messages: Messages | None = None
        self.problem = ""
        self.framing: Choice | None = None
        self._users: set[int] = set()  # ids: no object is kept alive for it
        self._framings: dict[int, Choice] = {}  # of each socket, as it was last looked at
        self._opened: tuple[Reader, Scope] | None = None  # what `messages` are of; None: to be opened anew
        workbench.capture_changed.connect(self._on_scope_changed)
        workbench.selection.scope_changed.connect(self._on_scope_changed)
        workbench.socket_changed.connect(self._on_socket_changed)

    @property
    def used(self) -> bool:
        """Whether somebody looks, so that messages are being found."""
        return bool(self._users)

    def use(self, user: QObject) -> None:
        """Have messages found as the capture grows, until `leave`. Calling it again changes nothing."""
        begins = not self._users
        self._users.add(id(user))
        if self._opened is None:
            self._open()
        elif begins and self.messages is not None:
            self._workbench.indexer.register(self.messages)
            self._workbench.refresh()

    def leave(self, user: QObject) -> None:
        """This user looks no more (before it is deleted, at the latest)."""
        self._users.discard(id(user))
        if not self._users:
            self._rest()

    def _rest(self) -> None:
        if self.messages is not None:
            self._workbench.indexer.unregister(self.messages)

    def _open(self) -> None:
        """Find messages from the beginning."""
        bench, scope = self._workbench, self._workbench.selection.scope
        self._rest()
        entry = bench.current
        self.framing = entry.spec.framing if entry else None
        self._framings = {entry.number: entry.spec.framing for entry in bench.sockets}
        self._opened = bench.reader, scope
        self.problem = ""
        try:
            self.messages = open_messages(
                bench.reader, bench.catalog, scope, self.framing, present=bench.views.framings
            )
        except InputError as error:
            self.messages = None
            self.problem = f"This framing cannot be used: {error.message}"
        else:
            bench.indexer.register(self.messages)
            bench.refresh()
        self.changed.emit()

    def _begin_anew(self) -> None:
        """What was found is of no use any more; the next is looked for when somebody wants it."""
        if self._users:
            self._open()
        elif self._opened is not None:
            self._opened, self.messages, self.problem = None, None, ""
            self.changed.emit()

    @Slot()
    def _on_scope_changed(self) -> None:
        """Another scope or another capture; both signals come when a capture is opened, for one change."""
        if self._opened != (self._workbench.reader, self._workbench.selection.scope):
            self._begin_anew()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        """Another framing shows the same bytes anew."""
        entry, chosen = self._workbench.socket(number), self._workbench.selection.scope.socket
        if entry is None or self._framings.get(number) == entry.spec.framing:
            return
        known = number in self._framings
        self._framings[number] = entry.spec.framing
        if known and (number == chosen or (chosen is None and self._has_bytes(entry))):
            self._begin_anew()

    def _has_bytes(self, entry: SocketEntry) -> bool:
        """Whether there may be bytes of this socket in the capture."""
        return self._workbench.views.of(entry.number) is not None
