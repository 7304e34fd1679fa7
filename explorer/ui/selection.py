"""What is selected, once for the whole window.

Panes tell the hub and listen to it; none knows another. A span is given by calls and places within
their bytes, so it means the same in every view, whatever stream that view shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from explorer.capture.stream import Scope
from explorer.core.calls import Call


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from byte `first_skip` of call `first_call` up to, not including, byte `last_skip` of `last_call`.

    A call without bytes is selected as the empty span (number, 0, number, 0).
    connection, received: only the bytes of this connection and direction are meant, as of a message whose calls
    others stand between; None: whatever the view shows.
    """

    first_call: int
    first_skip: int
    last_call: int
    last_skip: int
    connection: int | None = None
    received: bool | None = None

    @classmethod
    def of_call(cls, call: Call) -> Span:
        return cls(call.number, 0, call.number, call.size if call.received or call.sent else 0)


class SelectionHub(QObject):
    """Signals:
    scope_changed(Scope): another socket or connection is looked at.
    span_changed(Span | None, origin): other bytes are selected; origin is the pane that did it, so that it can
        ignore its own news.
    """

    scope_changed = Signal(object)
    span_changed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scope = Scope()
        self.span: Span | None = None

    def choose_scope(self, scope: Scope) -> None:
        if scope != self.scope:
            self.scope = scope
            self.scope_changed.emit(scope)

    def choose_span(self, span: Span | None, origin: QObject | None = None) -> None:
        if span != self.span:
            self.span = span
            self.span_changed.emit(span, origin)

    def choose_call(self, call: Call, origin: QObject | None = None) -> None:
        self.choose_span(Span.of_call(call), origin)

    def begin_anew(self) -> None:
        """Another capture: only the chosen socket stays chosen. Tells nobody; whoever calls this does."""
        self.scope = Scope(self.scope.socket)
        self.span = None

    def clear(self) -> None:
        """Back to everything and nothing, as when another capture is opened."""
        self.choose_span(None)
        self.choose_scope(Scope())
