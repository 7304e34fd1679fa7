"""What is selected, once for the whole window.

Panes tell the hub and listen to it; none knows another. Bytes are given by calls and places within
their bytes, so they mean the same in every view, whatever stream that view shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.core.calls import Call


class SelectionHub(QObject):
    """Signals:
    scope_changed(Scope): another socket or connection is looked at.
    span_changed(Span | None, origin): other bytes are selected; origin is the pane that did it, so that it can
        ignore its own news. Where they are several stretches, the span is the one chosen last; `parts` has all.
    cursor_changed(Place | None, origin): the cursor stands on another byte; with a new span, on its first one
        unless the view that chose it says otherwise.
    covered_changed(): `covered` is another.

    covered: the bytes that a value is made of which is looked at somewhere, as a place and how many of its flow from
    there on; None: no such value is looked at.
    """

    scope_changed = Signal(object)
    span_changed = Signal(object, object)
    cursor_changed = Signal(object, object)
    covered_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scope = Scope()
        self.span: Span | None = None
        self.parts: tuple[Span, ...] = ()
        self.cursor: Place | None = None
        self.covered: tuple[Place, int] | None = None

    def choose_scope(self, scope: Scope) -> None:
        if scope != self.scope:
            self.scope = scope
            self.scope_changed.emit(scope)

    def choose_span(
        self,
        span: Span | None,
        origin: QObject | None = None,
        cursor: Place | None = None,
        parts: Sequence[Span] = (),
    ) -> None:
        """cursor: where it stands then; None: on the span's first byte, or where it was if there is no span.

        parts: all that is selected, where it is more than the span: stretches that stand apart.
        """
        chosen = () if span is None else tuple(parts) or (span,)
        if span != self.span or chosen != self.parts:
            self.span, self.parts = span, chosen
            self.span_changed.emit(span, origin)
        if cursor is None and span is not None:
            cursor = span.first
        if cursor is not None:
            self.choose_cursor(cursor, origin)

    def choose_cursor(self, cursor: Place | None, origin: QObject | None = None) -> None:
        if cursor != self.cursor:
            self.cursor = cursor
            self.cursor_changed.emit(cursor, origin)

    def cover(self, covered: tuple[Place, int] | None) -> None:
        if covered != self.covered:
            self.covered = covered
            self.covered_changed.emit()

    def shows(self, call: Call) -> bool:
        """Whether a call is of the socket and connection that are looked at. What is selected stays selected when they
        change, and is seen again when they are chosen again; meanwhile it is not shown."""
        scope = self.scope
        return scope.socket in (None, call.socket) and scope.connection in (None, call.connection)

    def choose_call(self, call: Call, origin: QObject | None = None) -> None:
        self.choose_span(Span.of_call(call), origin)

    def begin_anew(self) -> None:
        """Another capture: only the chosen socket stays chosen. Tells nobody; whoever calls this does."""
        self.scope = Scope(self.scope.socket)
        self.span = self.cursor = self.covered = None
        self.parts = ()

    def clear(self) -> None:
        """Back to everything and nothing, as when another capture is opened."""
        self.choose_span(None)
        self.choose_cursor(None)
        self.choose_scope(Scope())
