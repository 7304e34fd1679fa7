"""Highlights and notes that the user put on bytes, kept beside the capture in its folder.

`notes.json`, in UTF-8:

    {"version": 1, "notes": [{"first": [12, 0], "last": [12, 37], "connection": 3, "received": true,
                              "color": 0, "text": "the greeting"}]}

first and last are places as in `Span`: the number of a call, and how many of its bytes stand before.
connection and received may be null. A file that cannot be read whole is never overwritten: before other notes
are saved it is set aside under another name.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
        self.path = folder / FILE
        self.warning = ""
        self._aside = False  # what lies there holds more than was understood

    def load(self) -> tuple[Note, ...]:
        """What lies there, as far as it can be read."""
        self.warning, self._aside = "", False
        try:
            if self.path.stat().st_size > _LARGEST:
                raise ValueError("it is larger than any file of notes")
            notes, wrong = _parse(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return ()
        except RecursionError:
            self._refuse(f"The notes of this capture cannot be read ({self.path}): they are nested too deeply.")
            return ()
        except (OSError, ValueError) as error:
            why = error.strerror or error if isinstance(error, OSError) else error
            self._refuse(f"The notes of this capture cannot be read ({self.path}): {why}.")
            return ()
        if wrong:
            self._refuse(f"{counted(wrong, 'note')} of this capture cannot be read ({self.path}); all others are here.")
        return notes

    def _refuse(self, sentence: str) -> None:
        self._aside = True
        self.warning = f"{sentence} The file is left as it is; when notes are changed, it is kept under another name."

    def save(self, notes: Sequence[Note]) -> Path | None:
        """Write them, so that a crash leaves the old file or the new one; without notes, no file.

        What the old file's new name is, if it was set aside; else None. Raises OSError.
        """
        aside = None
        if self._aside:
            aside = _free_name(self.path)
            os.rename(self.path, aside)
            self._aside = False
        if notes:
            fresh = self.path.with_name(FILE + ".new")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(_written(notes))
            os.replace(fresh, self.path)
        else:
            self.path.unlink(missing_ok=True)
        return aside


def copy_notes(source: Path, target: Path, notes: Sequence[Note]) -> None:
    """Give the copy of a capture these notes, and what was set aside or could not be read. Raises OSError."""
    for path in sorted(source.glob("notes*.json")):
        if path.is_file():
            shutil.copyfile(path, target / path.name)
            os.chmod(target / path.name, 0o600)
    file = NotesFile(target)
    if file.load() != tuple(notes):
        file.save(notes)


def bounded(note: Note) -> Note:
    """With no more text than is kept, and none that no file can hold."""
    text = note.text.encode(errors="replace").decode()[:MOST_TEXT]
    return replace(note, text=text) if text != note.text else note


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"notes-set-aside-{number}.json")).exists():
        number += 1
    return aside


def _written(notes: Sequence[Note]) -> str:
    lines = ",\n".join(json.dumps(_as_json(note), ensure_ascii=False) for note in notes)
    return f'{{"version": {VERSION}, "notes": [\n{lines}\n]}}\n'


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
    if not isinstance(given, dict) or type(given.get("version")) is not int:
        raise ValueError("it is no file of notes")
    if given["version"] != VERSION:
        raise ValueError(f"it has format {given['version']}, and this program reads format {VERSION}")
    if not isinstance(given.get("notes"), list):
        raise ValueError("its list of notes is missing")
    found = [_note(one) for one in given["notes"]]
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
