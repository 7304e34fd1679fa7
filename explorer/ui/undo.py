"""Undoable changes of the document."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QUndoCommand

from explorer.core.socket_spec import SocketSpec


class Document(Protocol):
    """What a change is carried out on."""

    def place(self, number: int) -> int: ...

    def put_spec(self, number: int, spec: SocketSpec | None, place: int | None = None) -> None: ...


class SpecsChanged(QUndoCommand):
    """One socket was added (no before), changed, or removed (no after).

    step: changes with the same step (a number from 1 on), one right after the other, are one undo step: the
    typing of one value. -1: a step of its own.
    """

    def __init__(
        self,
        document: Document,
        text: str,
        number: int,
        before: SocketSpec | None,
        after: SocketSpec | None,
        step: int = -1,
    ) -> None:
        super().__init__(text)
        self._step = step
        self._document = document
        self._number = number
        self._before = before
        self._after = after
        self._place = document.place(number)

    def redo(self) -> None:
        self._document.put_spec(self._number, self._after, self._place)

    def undo(self) -> None:
        self._document.put_spec(self._number, self._before, self._place)

    def id(self) -> int:
        return self._step

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, SpecsChanged) or other._number != self._number:
            return False
        self._after = other._after
        return True
