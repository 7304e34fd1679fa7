"""Which stream the chunk ruler shows: a connection of what is chosen in the window, its other end, and a direction."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from explorer.capture.both_ends import other_end
from explorer.capture.catalog import CapturedConnection
from explorer.capture.chunk_ruler import ChunkRuler, Ends
from explorer.capture.chunk_ruler_first import FirstCall
from explorer.capture.reader import Reader
from explorer.core.socket_spec import Choice
from explorer.ui.models.connection_choice import ConnectionChoice, Offered
from explorer.ui.widgets.ruler_header import DOWN, UP
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text


class RulerSource(QObject):
    """Signal: changed(): `ruler` is another one, or the connections on offer are others.

    offered: the connections to choose from. ruler: the stream that is shown; None where there is none. It is advanced
    while `run` was told so.
    """

    changed = Signal()

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._running = False
        self._explicit = False  # the user, or what is selected, says which direction; else the first bytes do
        self._first: FirstCall | None = None
        self._of: tuple[object, ...] = ()
        self._choice = ConnectionChoice(workbench)
        self.way = UP
        self.offered = Offered()
        self.ruler: ChunkRuler | None = None
        workbench.capture_changed.connect(self._on_anew)
        workbench.selection.scope_changed.connect(self._on_anew)

    # -- what is chosen -----------------------------------------------------------------------------

    def choose(self, connection: int) -> None:
        """The user picked a connection by its number, or `NEWEST`."""
        if connection != self.offered.chosen:
            self._explicit = False
            self._choice.pick(connection)
            self.look()

    def choose_way(self, way: str) -> None:
        self._explicit = True
        if way != self.way:
            self.way = way
            self.look()

    def choose_flow(self, connection: int, received: bool) -> None:
        """The stream that a connection receives, or sends."""
        known = self._workbench.catalog.connection(connection)
        if known is not None:
            self._choice.chosen = connection
            self._explicit = True
            self.way = UP if known.accepted == received else DOWN
            self.look()

    @Slot()
    def _on_anew(self) -> None:
        """Another capture or scope. A connection that was chosen here stays if it is one end of what is shown."""
        shown = self._workbench.selection.scope.connection
        if shown is None or shown not in self.numbers:
            self._choice.forget()
            self._explicit = False
        self.look()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of the connections whose calls are shown."""
        ends = self.ruler.ends if self.ruler is not None else None
        return tuple(end.number for end in (ends.sender, ends.receiver) if end is not None) if ends else ()

    # -- finding it ---------------------------------------------------------------------------------

    @Slot()
    def look(self) -> None:
        """Find out whose bytes to show."""
        if not self._running:
            return
        bench = self._workbench
        self.offered = self._choice.look()
        ends = self._ends()
        of = self._name_of(bench.reader, ends)
        if of != self._of:
            self._of = of
            self._unregister()
            self.ruler = ChunkRuler(bench.reader, bench.catalog, ends, self._framing(ends)) if ends else None
            self._first = FirstCall(bench.reader, self.numbers) if ends and not self._explicit else None
            self._register()
        self.changed.emit()

    def _name_of(self, reader: Reader, ends: Ends | None) -> tuple[object, ...]:
        if ends is None:
            return ()
        numbers = tuple(end.number if end else 0 for end in (ends.sender, ends.receiver))
        framing = self._framing(ends)
        return (reader, numbers, framing.kind, tuple(sorted(framing.settings.items())))

    def _ends(self) -> Ends | None:
        shown, catalog = self.offered.shown, self._workbench.catalog
        known = catalog.connection(shown.number) if shown is not None else None
        if known is None:
            return None
        connecting, accepting = self._sides(known)
        return Ends(connecting, accepting) if self.way == UP else Ends(accepting, connecting)

    def _sides(self, known: CapturedConnection) -> tuple[CapturedConnection | None, CapturedConnection | None]:
        """The end that connected, and the one that accepted."""
        other = other_end(self._workbench.catalog, known)
        return (other, known) if known.accepted else (known, other)

    def _framing(self, ends: Ends) -> Choice:
        """That of the receiver, or of the only end, as it is set now."""
        socket = ends.known.socket
        entry, captured = self._workbench.socket(socket), self._workbench.catalog.socket(socket)
        if entry is not None:
            return entry.spec.framing
        if (view := self._workbench.views.of(socket)) is not None and view.framing is not None:
            return view.framing  # as it was when the socket was removed
        return captured.framing if captured is not None else Choice("raw")

    def name(self, socket: int) -> str:
        """Of a socket, as it is called now."""
        entry, captured = self._workbench.socket(socket), self._workbench.catalog.socket(socket)
        return entry.spec.name if entry is not None else captured.name if captured is not None else f"socket {socket}"

    @property
    def titles(self) -> tuple[str, str]:
        """Of the two directions: ``client → echo``."""
        shown = self.offered.shown
        known = self._workbench.catalog.connection(shown.number) if shown is not None else None
        if known is None:
            return "client → server", "server → client"
        connecting, accepting = self._sides(known)
        one = self.name(connecting.socket) if connecting else str(known.remote)
        other = self.name(accepting.socket) if accepting else str(known.remote)
        return f"{visible_text(one)} → {visible_text(other)}", f"{visible_text(other)} → {visible_text(one)}"

    # -- as the capture grows -------------------------------------------------------------------------

    def run(self, running: bool) -> None:
        """Whether anybody looks."""
        self._running = running
        if running:
            self.look()  # what was shown last may be of another capture
            self._register()
        else:
            self._unregister()

    def tick(self) -> None:
        """The other end becomes known a moment after the first, and with the first bytes their direction."""
        ruler, first = self.ruler, self._first
        ends = ruler.ends if ruler is not None else None
        if ends is None or ends.sender is None or ends.receiver is None:
            found = self._ends()
            if self._name_of(self._workbench.reader, found) != self._of:
                self.look()
        if first is not None and first.call is not None and first is self._first:
            self._workbench.indexer.unregister(first)
            self._first = None
            call, known = first.call, self._workbench.catalog.connection(first.call.connection)
            way = UP if known is not None and known.accepted == call.received else DOWN
            if way != self.way:
                self.way = way
                self._explicit = True
                self.look()
                self._explicit = False

    def _register(self) -> None:
        """The direction is found out first: it may be the other one."""
        for index in (self._first, self.ruler):
            if index is not None and self._running:
                self._workbench.indexer.register(index)
                self._workbench.refresh()

    def _unregister(self) -> None:
        for index in (self._first, self.ruler):
            if index is not None:
                self._workbench.indexer.unregister(index)
