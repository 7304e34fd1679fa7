"""The sequences of the workspace, in order, with undoable edits."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from explorer.core.sequence import Sequence
from explorer.ui.sequence_edits import rename_snippet, rename_socket

Sequences = tuple[Sequence, ...]


class SequenceBook(QObject):
    """Signals: changed(): a sequence was added, changed, removed or moved."""

    changed = Signal()

    def __init__(self, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo = undo
        self._items: Sequences = ()

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Sequence]:
        return iter(self._items)

    @property
    def items(self) -> Sequences:
        return self._items

    def find(self, name: str) -> Sequence | None:
        return next((one for one in self._items if one.name == name), None)

    def free_name(self, wanted: str) -> str:
        """`wanted`, or with a number behind it that no other sequence has."""
        if self.find(wanted) is None:
            return wanted
        base = wanted.rstrip("0123456789").rstrip()
        return next(name for n in itertools.count(2) if self.find(name := f"{base} {n}".lstrip()) is None)

    # -- undoable edits -----------------------------------------------------------------------------

    def add(self, sequence: Sequence) -> str:
        """Put it behind the others. Its name, with a number if another has it."""
        named = replace(sequence, name=self.free_name(sequence.name))
        self._push(f"add sequence {named.name}", (*self._items, named))
        return named.name

    def change(self, name: str, sequence: Sequence, text: str = "", step: int = -1) -> None:
        """Put another in the place of the one called `name`, perhaps under another name. text: what is done, for the
        Edit menu. Edits with the same `step` ≥ 1 in a row are undone together."""
        if sequence != self.find(name):
            items = tuple(sequence if one.name == name else one for one in self._items)
            self._push(text or f"change sequence {name}", items, step)

    def remove(self, name: str) -> None:
        if self.find(name) is not None:
            self._push(f"remove sequence {name}", tuple(one for one in self._items if one.name != name))

    # -- without undo -------------------------------------------------------------------------------

    def put(self, sequences: Iterable[Sequence]) -> None:
        """Have these from now on: another workspace was opened, or an edit was carried out or undone."""
        items = tuple(sequences)
        if items != self._items:
            self._items = items
            self.changed.emit()

    def socket_renamed(self, before: str, after: str) -> None:
        """What the user calls a socket is called so in every step. (Undoing the one undoes the other.)"""
        self.put(rename_socket(one, before, after) for one in self._items)

    def snippet_renamed(self, before: str, after: str) -> None:
        self.put(rename_snippet(one, before, after) for one in self._items)

    def _push(self, text: str, after: Sequences, step: int = -1) -> None:
        self._undo.push(_SequencesChanged(self, text, self._items, after, step))


class _SequencesChanged(QUndoCommand):
    """The list before and after an edit."""

    def __init__(self, book: SequenceBook, text: str, before: Sequences, after: Sequences, step: int) -> None:
        super().__init__(text)
        self._step = step
        self._book = book
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._book.put(self._after)

    def undo(self) -> None:
        self._book.put(self._before)

    def id(self) -> int:
        return self._step

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _SequencesChanged):
            return False
        self._after = other._after
        return True
