"""The named messages of the workspace, in order, with undoable edits."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from explorer.core.errors import InputError
from explorer.core.snippet import Snippet
from explorer.workspace_snippets import check_snippet, check_total, in_order

Snippets = tuple[Snippet, ...]


class SnippetBook(QObject):
    """Signals: changed(): a snippet was added, changed, removed or moved. loaded(): they are another workspace's.
    renamed(str, str): one is called otherwise now; its names before and after."""

    changed = Signal()
    renamed = Signal(str, str)
    loaded = Signal()

    def __init__(self, undo: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo = undo
        self._items: Snippets = ()

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Snippet]:
        return iter(self._items)

    @property
    def items(self) -> Snippets:
        return self._items

    def find(self, name: str) -> Snippet | None:
        return next((snippet for snippet in self._items if snippet.name == name), None)

    def free_name(self, wanted: str) -> str:
        """`wanted`, or with a number behind it that no other snippet has."""
        if self.find(wanted) is None:
            return wanted
        base = wanted.rstrip("0123456789").rstrip()
        return next(name for n in itertools.count(2) if self.find(name := f"{base} {n}".lstrip()) is None)

    # -- undoable edits -----------------------------------------------------------------------------

    def add(self, snippet: Snippet) -> str:
        """Put it behind the others. Its name, with a number if another has it. Raises InputError (see `check`)."""
        named = in_order(replace(snippet, name=self.free_name(snippet.name)))
        self.check(named, "")
        self._push(f"add snippet {named.name}", (*self._items, named))
        return named.name

    def change(self, name: str, snippet: Snippet) -> None:
        """Put another in the place of the one called `name`, perhaps under another name. Raises InputError."""
        snippet = in_order(snippet)
        self.check(snippet, name)
        if snippet != self.find(name):
            self._push(f"change snippet {name}", tuple(snippet if one.name == name else one for one in self._items))

    def rename(self, name: str, to: str) -> None:
        """Raises InputError."""
        snippet = self.find(name)
        if snippet is not None:
            self.change(name, replace(snippet, name=to))

    def remove(self, name: str) -> None:
        if self.find(name) is not None:
            self._push(f"remove snippet {name}", tuple(one for one in self._items if one.name != name))

    def move(self, name: str, place: int) -> None:
        """To this place, counted from 0, among the others."""
        snippet = self.find(name)
        if snippet is None:
            return
        others = [one for one in self._items if one.name != name]
        others.insert(max(0, place), snippet)
        if tuple(others) != self._items:
            self._push(f"move snippet {name}", tuple(others))

    def check(self, snippet: Snippet, instead_of: str) -> None:
        """Raise InputError, with the wrong field's name as its path, when it cannot take the place of the snippet
        called so ("": be added)."""
        snippet = in_order(snippet)
        check_snippet(snippet, "")
        others = [other for other in self._items if other.name != instead_of]
        for other in others:
            if other.name == snippet.name:
                raise InputError("name", f"There is a snippet called {snippet.name!r} already; names are used once.")
            if snippet.shortcut and other.shortcut == snippet.shortcut:
                raise InputError("shortcut", f"{snippet.shortcut} sends {other.name!r} already. Choose other keys.")
        check_total((*others, snippet), "text")

    # -- without undo -------------------------------------------------------------------------------

    def load(self, snippets: Iterable[Snippet]) -> None:
        """Those of another workspace."""
        self.put(snippets)
        self.loaded.emit()

    def put(self, snippets: Iterable[Snippet]) -> None:
        """Have these from now on: an edit was carried out or undone."""
        items = tuple(snippets)
        if items != self._items:
            before, self._items = self._items, items
            self.changed.emit()
            others = [(old.name, new.name) for old, new in zip(before, items, strict=False) if old.name != new.name]
            if len(before) == len(items) and len(others) == 1:
                self.renamed.emit(*others[0])

    def _push(self, text: str, after: Snippets) -> None:
        self._undo.push(_SnippetsChanged(self, text, self._items, after))


class _SnippetsChanged(QUndoCommand):
    """The list before and after an edit."""

    def __init__(self, book: SnippetBook, text: str, before: Snippets, after: Snippets) -> None:
        super().__init__(text)
        self._book = book
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._book.put(self._after)

    def undo(self) -> None:
        self._book.put(self._before)
