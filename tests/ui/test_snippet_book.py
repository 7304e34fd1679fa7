"""Snippets as part of the document: each edit is undone and done again, and what is wrong is refused."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication

from explorer.core.errors import InputError
from explorer.core.snippet import Snippet
from explorer.ui.snippet_book import SnippetBook


@pytest.fixture
def undo(qapp: QApplication) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def book(undo: QUndoStack) -> SnippetBook:
    made = SnippetBook(undo)
    made.put([Snippet("a", "text", "one", shortcut="Ctrl+1"), Snippet("b", "hex", "01")])
    return made


def names(book: SnippetBook) -> list[str]:
    return [snippet.name for snippet in book]


def test_edits_are_undone_and_done_again(book: SnippetBook, undo: QUndoStack) -> None:
    heard: list[tuple[str, ...]] = []
    book.changed.connect(lambda: heard.append(tuple(names(book))))
    before = book.items
    assert book.add(Snippet("a", "text", "again")) == "a 2"
    book.change("b", Snippet("b", "hex", "02", ending="lf"))
    book.rename("a", "first")
    book.move("first", 9)
    book.remove("a 2")
    after = book.items
    assert names(book) == ["b", "first"]
    assert undo.count() == 5
    assert heard == [("a", "b", "a 2"), ("a", "b", "a 2"), ("first", "b", "a 2"), ("b", "a 2", "first"), ("b", "first")]
    assert undo.text(3) == "move snippet first"
    undo.setIndex(0)
    assert book.items == before
    undo.setIndex(5)
    assert book.items == after


def test_what_changes_nothing_is_no_step(book: SnippetBook, undo: QUndoStack) -> None:
    book.change("a", book.items[0])
    book.rename("none", "other")
    book.remove("none")
    book.move("none", 0)
    book.move("a", 0)
    book.move("a", -3)
    assert undo.count() == 0


def test_looking_up(book: SnippetBook) -> None:
    assert len(book) == 2
    assert book.find("b") == Snippet("b", "hex", "01")
    assert book.find("c") is None
    assert book.free_name("new") == "new"
    book.put([Snippet("7"), Snippet("2")])
    assert book.free_name("7") == "3"


@pytest.mark.parametrize(
    ("snippet", "path", "sentence"),
    [
        (Snippet("c", "hex", "0"), "text", "odd number"),
        (Snippet("c", "text", "{{no}}", fields=True), "text", "no field called 'no'"),
        (Snippet("", "text", "x"), "name", "needs a name"),
        (Snippet("c", shortcut="Ctrl+1"), "shortcut", "Ctrl+1 sends 'a' already"),
        (Snippet("c", shortcut="x"), "shortcut", "no shortcut"),
        (Snippet("c", text="x" * 65_537), "text", "send the file"),
        (Snippet("\udfff"), "name", "half of a character"),
    ],
)
def test_a_wrong_snippet_is_refused_and_nothing_changes(
    book: SnippetBook, undo: QUndoStack, snippet: Snippet, path: str, sentence: str
) -> None:
    for edit in (lambda: book.add(snippet), lambda: book.change("b", snippet)):
        with pytest.raises(InputError) as caught:
            edit()
        assert caught.value.path == path
        assert sentence in caught.value.message
    assert undo.count() == 0
    assert names(book) == ["a", "b"]


def test_a_name_in_use_is_refused(book: SnippetBook) -> None:
    with pytest.raises(InputError) as caught:
        book.rename("b", "a")
    assert caught.value.path == "name"
    assert "used once" in caught.value.message
    book.change("a", Snippet("a", shortcut="Ctrl+1"))  # its own name and keys are its own


def test_keys_are_the_same_in_any_order(book: SnippetBook) -> None:
    book.add(Snippet("c", shortcut="Shift+Ctrl+P"))
    assert book.items[-1].shortcut == "Ctrl+Shift+P"
    with pytest.raises(InputError, match="sends 'c' already"):
        book.change("b", Snippet("b", shortcut="Ctrl+Shift+P"))
    with pytest.raises(InputError, match="sends 'c' already"):
        book.change("b", Snippet("b", shortcut="Shift+Ctrl+P"))
    book.change("b", Snippet("b", shortcut="Alt+Shift+Ctrl+P"))
    assert book.items[1].shortcut == "Ctrl+Alt+Shift+P"


def test_there_is_an_end_to_snippets(book: SnippetBook, undo: QUndoStack) -> None:
    book.put(Snippet(str(number)) for number in range(1000))
    with pytest.raises(InputError, match=r"1,001 snippets; at most 1,000"):
        book.add(Snippet("one more"))
    book.change("5", Snippet("5", text="x"))
    book.put(Snippet(str(number), text="x" * 65_536) for number in range(32))
    with pytest.raises(InputError, match=r"2,097,153 characters in all; at most 2,097,152") as caught:
        book.add(Snippet("one more", text="x"))
    assert caught.value.path == "text"
    book.change("5", Snippet("5", text="x"))
    book.add(Snippet("one more", text="x"))
    assert undo.count() == 3
