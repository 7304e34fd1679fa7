"""Highlights and notes that the user put on bytes, kept beside the capture in its folder.

`notes.json`, in UTF-8:

    {"version": 1, "notes": [{"first": [12, 0], "last": [12, 37], "connection": 3, "received": true,
                              "color": 0, "text": "the greeting"}]}

first and last are places as in `Span`: the number of a call, and how many of its bytes stand before.
connection and received may be null. A file that cannot be read whole is set aside before other notes are saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from explorer.capture.beside import BesideFile, checked_list, copy_beside, written_list
from explorer.capture.span import Span
from explorer.capture.words import counted

FILE = "notes.json"
VERSION = 1
COLORS = 6
MOST_NOTES = 2000
MOST_TEXT = 4000  # characters
_LARGEST = 32 << 20  # bytes of a file that is read
_MOST = 1 << 62  # for numbers in a file


@dataclass(frozen=True, slots=True)
class Note:
    """Bytes that are highlighted, with a text or without. color: 0 … `COLORS` - 1."""

    span: Span
    color: int = 0
    text: str = ""


class NotesFile:
    """The notes of one capture. warning: after `load`, a sentence about what could not be read; else ""."""

    def __init__(self, folder: Path) -> None:
        self._file = BesideFile(folder, FILE)
        self.path = self._file.path
        self.warning = ""

    def load(self) -> tuple[Note, ...]:
        """What lies there, as far as it can be read."""
        self.warning, self._file.doubtful = "", False
        try:
            notes, wrong = _parse(self._file.read(_LARGEST))
        except FileNotFoundError:
            return ()
        except ValueError as error:
            self._refuse(f"The notes of this capture cannot be read ({self.path}): {error}.")
            return ()
        if wrong:
            self._refuse(f"{counted(wrong, 'note')} of this capture cannot be read ({self.path}); all others are here.")
        return notes

    def _refuse(self, sentence: str) -> None:
        self._file.doubtful = True
        self.warning = f"{sentence} The file is left as it is; when notes are changed, it is kept under another name."

    def save(self, notes: Sequence[Note]) -> Path | None:
        """Write them, so that a crash leaves the old file or the new one; without notes, no file.

        What the old file's new name is, if it was set aside; else None. Raises OSError.
        """
        return self._file.write(written_list(VERSION, "notes", [_as_json(note) for note in notes]))


def copy_notes(source: Path, target: Path, notes: Sequence[Note]) -> None:
    """Give the copy of a capture these notes, and what was set aside or could not be read. Raises OSError."""
    copy_beside(source, target, FILE)
    file = NotesFile(target)
    if file.load() != tuple(notes):
        file.save(notes)


def bounded(note: Note) -> Note:
    """With no more text than is kept, and none that no file can hold."""
    text = note.text.encode(errors="replace").decode()[:MOST_TEXT]
    return replace(note, text=text) if text != note.text else note


def _as_json(note: Note) -> dict[str, Any]:
    span = note.span
    return {
        "first": [span.first_call, span.first_skip],
        "last": [span.last_call, span.last_skip],
        "connection": span.connection,
        "received": span.received,
        "color": note.color,
        "text": note.text,
    }


def _parse(given: Any) -> tuple[tuple[Note, ...], int]:
    """The notes, and how many are wrong. Raises ValueError when it is no file of notes at all."""
    found = [_note(one) for one in checked_list(given, VERSION, "notes", "notes")]
    notes = [one for one in found if one is not None][:MOST_NOTES]
    return tuple(notes), len(found) - len(notes)


def _note(given: Any) -> Note | None:
    """None for what is no note."""
    if not isinstance(given, dict):
        return None
    first, last = _place(given.get("first")), _place(given.get("last"))
    connection, received = given.get("connection"), given.get("received")
    color, text = given.get("color"), given.get("text")
    if first is None or last is None or first > last:
        return None
    if not (connection is None or _is_number(connection)) or not (received is None or isinstance(received, bool)):
        return None
    if type(color) is not int or not 0 <= color < COLORS or not isinstance(text, str):
        return None
    note = Note(Span(*first, *last, connection, received), color, text)
    return note if bounded(note) == note else None


def _place(given: Any) -> tuple[int, int] | None:
    if isinstance(given, list) and len(given) == 2 and all(map(_is_number, given)):
        return given[0], given[1]
    return None


def _is_number(given: Any) -> bool:
    return type(given) is int and 0 <= given < _MOST
