"""Undoable changes of the document."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QUndoCommand

from explorer.core.socket_spec import SocketSpec


class Document(Protocol):
    """What a change is carried out on."""

    def put_spec(self, number: int, spec: SocketSpec | None) -> None: ...


class SpecsChanged(QUndoCommand):
    """One socket was added (no before), changed, or removed (no after)."""

    def __init__(
        self, document: Document, text: str, number: int, before: SocketSpec | None, after: SocketSpec | None
    ) -> None:
        super().__init__(text)
        self._document = document
        self._number = number
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._document.put_spec(self._number, self._after)

    def undo(self) -> None:
        self._document.put_spec(self._number, self._before)
