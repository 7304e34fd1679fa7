"""Undoable changes of the document."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import Protocol

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from explorer.core.scripts import SCRIPT
from explorer.core.socket_spec import SocketSpec

_steps = itertools.count(1)


def new_step() -> int:
    """A number for edits that are one step of undo, which no other edit has (see `SpecsChanged`)."""
    return next(_steps)


FIELDS = {
    "buffer_size": "buffer size",
    "serving": "way of serving",
}
"""What undo calls settings of a socket whose name in `SocketSpec` is not what the user reads."""


def change_text(before: SocketSpec, after: SocketSpec) -> str:
    """E.g. ``change script of server 3``; without the setting, where several changed at once."""
    changed = [one.name for one in fields(before) if getattr(before, one.name) != getattr(after, one.name)]
    if len(changed) != 1:
        return f"change {before.name}"
    [name] = changed
    what = FIELDS.get(name, name)
    if name in ("framing", "program") and getattr(before, name).kind == getattr(after, name).kind:
        old, new = getattr(before, name).settings, getattr(after, name).settings
        inside = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        if name == "program" and after.program.kind == SCRIPT and inside == ["source"]:
            what = "script"
        elif len(inside) == 1:
            what = f"{inside[0].replace('_', ' ')} ({what})"
        else:
            what = f"settings of the {what}"
    return f"change {what} of {before.name}"


class UndoStack(QUndoStack):
    """Offers no steps that would do nothing: those that became obsolete are left out."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dropping = False
        self.indexChanged.connect(self._drop_obsolete)

    def forget(self, kind: type[QUndoCommand]) -> None:
        """What these commands changed is not there any more."""
        for step in range(self.count()):
            command = self.command(step)
            if isinstance(command, kind):
                command.setObsolete(True)
        self._drop_obsolete()

    @Slot()
    def _drop_obsolete(self) -> None:
        """Qt removes an obsolete step when it is undone or redone, without carrying it out."""
        if self._dropping:
            return
        self._dropping = True
        while self._is_obsolete(self.index() - 1):
            self.undo()
        while self._is_obsolete(self.index()):
            self.redo()
        self._dropping = False

    def _is_obsolete(self, step: int) -> bool:
        return 0 <= step < self.count() and self.command(step).isObsolete()


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
