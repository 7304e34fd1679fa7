"""What the byte pane shows: a stream of the chosen scope and direction, and how its bytes are put into rows."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot

from explorer.capture.arrangement import Arranger, Continuous
from explorer.capture.indexer import Advances
from explorer.capture.message_stream import MessageStream
from explorer.capture.messages import RawMessages
from explorer.capture.raw_stream import RawStream
from explorer.capture.stream import ByteStream, Stream
from explorer.capture.unit_rows import per_call, per_message
from explorer.ui.workbench import Workbench

Direction = Literal["both", "received", "sent"]
RowMode = Literal["continuous", "call", "message"]
ROW_MODES: tuple[RowMode, ...] = ("continuous", "call", "message")
OF_MESSAGES = (MessageStream, RawStream)
"""Streams that show messages, and what belongs to none not at all."""


class BytesSource(QObject):
    """Streams and rows are made here, and advanced by the workbench's indexer while they are shown.

    bytes: in the order of the calls; what is searched. stream: what is shown: the same, or with rows per message
    the bytes of the messages. arranger: of its rows.
    problem: why there are no rows per message, as a sentence; else "".
    Signals:
    changed(): another stream is shown. rearranged(): the same one, in other rows.
    """

    changed = Signal()
    rearranged = Signal()

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._registered: list[Advances] = []
        self._wants_messages = False  # for borders or colours
        self.direction: Direction = "both"
        self.mode: RowMode = "continuous"
        self.per_row = 16
        self.problem = ""
        self.bytes = self._new_bytes()
        self.stream: Stream | None = self.bytes
        self.arranger: Arranger | None = Continuous(self.bytes, self.per_row)
        self._register(self.bytes.index)
        workbench.capture_changed.connect(self.open)
        workbench.selection.scope_changed.connect(self.open)
        workbench.messages.changed.connect(self._on_messages_changed)

    @property
    def done(self) -> int:
        """Calls whose bytes are there to be shown."""
        if self.arranger is None:
            return 0
        return min(self.bytes.done, self.arranger.done)

    @property
    def looked_at(self) -> int:
        """Calls looked at; some of them may wait for their rows."""
        if isinstance(self.stream, OF_MESSAGES):
            return min(self.bytes.done, self.stream.messages.looked)
        return self.done

    @property
    def left_out(self) -> int:
        """Bytes that belong to no message, so that rows per message do not show them."""
        stream = self.stream
        if not isinstance(stream, OF_MESSAGES) or stream.done != self.bytes.done:
            return 0
        return max(0, self.bytes.size - stream.size)

    # -- choosing ---------------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """A stream of the present scope, from its beginning."""
        self._let_go()
        self.bytes = self._new_bytes()
        self._register(self.bytes.index)
        self._choose_stream()
        self.changed.emit()

    def set_direction(self, direction: Direction) -> None:
        self.direction = direction
        self.open()

    def set_mode(self, mode: RowMode) -> None:
        """Break rows at calls or messages, or not at all."""
        if mode == self.mode:
            return
        other_stream = "message" in (mode, self.mode)
        self.mode = mode
        self._use_messages()
        if other_stream:
            self._let_go(but=self.bytes.index)
            self._choose_stream()
            self.changed.emit()
        else:
            self._rearrange()

    def set_per_row(self, per_row: int) -> None:
        """How many bytes stand in a row."""
        if per_row != self.per_row:
            self.per_row = per_row
            self._rearrange()

    def want_messages(self, wanted: bool) -> None:
        """Have the messages found also while rows do not show them: for borders, colours or a selection."""
        self._wants_messages = wanted
        self._use_messages()

    def let_go(self) -> None:
        """Before the end: nothing is advanced for this any more."""
        self._let_go()
        self._workbench.messages.leave(self)

    # -- making -----------------------------------------------------------------------------------

    def _new_bytes(self) -> ByteStream:
        bench = self._workbench
        received, sent = self.direction != "sent", self.direction != "received"
        return ByteStream(bench.reader, bench.selection.scope, received, sent)

    def _choose_stream(self) -> None:
        bench = self._workbench
        self.problem = ""
        self.stream = self.bytes
        if self.mode == "message":
            self._use_messages()
            messages = bench.messages.messages
            self.problem = bench.messages.problem
            self.stream = None
            if messages is not None:
                received, sent = self.direction != "sent", self.direction != "received"
                if isinstance(messages, RawMessages):
                    self.stream = RawStream(messages, bench.selection.scope, received, sent)
                else:
                    self.stream = MessageStream(bench.reader, messages, received, sent)
                self._register(self.stream)
        self._choose_rows()

    def _rearrange(self) -> None:
        if self.arranger is not None and self.arranger in self._registered:
            self._registered.remove(self.arranger)
            self._workbench.indexer.unregister(self.arranger)
        self._choose_rows()
        self.rearranged.emit()

    def _choose_rows(self) -> None:
        stream = self.stream
        if stream is None:
            self.arranger = None
            return
        if isinstance(stream, OF_MESSAGES):
            self.arranger = per_message(stream, self.per_row)
        elif self.mode == "call":
            self.arranger = per_call(self.bytes, self.per_row)
        else:
            self.arranger = Continuous(stream, self.per_row)
            return
        self._register(self.arranger)

    def _use_messages(self) -> None:
        if self.mode == "message" or self._wants_messages:
            self._workbench.messages.use(self)
        else:
            self._workbench.messages.leave(self)

    @Slot()
    def _on_messages_changed(self) -> None:
        """Another framing shows other messages."""
        stream = self.stream
        now = self._workbench.messages.messages
        if self.mode == "message" and (not isinstance(stream, OF_MESSAGES) or stream.messages is not now):
            self.open()

    def _register(self, index: Advances) -> None:
        self._registered.append(index)
        self._workbench.indexer.register(index)
        self._workbench.refresh()

    def _let_go(self, but: Advances | None = None) -> None:
        for index in self._registered:
            if index is not but:
                self._workbench.indexer.unregister(index)
        self._registered = [index for index in self._registered if index is but]
