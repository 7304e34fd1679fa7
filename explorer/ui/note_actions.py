"""Highlighting bytes and putting notes on them: the entries of context menus, and what they do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from explorer.capture.span import Span
from explorer.ui.notes import Notes
from explorer.ui.palettes import HIGHLIGHT_NAMES, Colors

NOTE_KEY, HIGHLIGHT_KEY = "Ctrl+Shift+M", "Ctrl+M"
_PREFIX = "note "


Chosen = Span | Sequence[Span] | None
"""Bytes that are selected, in one stretch or several; None: nothing is."""


def note_actions(menu: QMenu, notes: Notes, chosen: Chosen, colors: Colors) -> None:
    """Add "Highlight ▸", "Add note…" and "Remove highlight" for these bytes.

    The data of each action is a text for `act_on_note`.
    """
    parts = _parts(chosen)
    marking = menu.addMenu("&Highlight")
    marking.setEnabled(bool(parts))
    color_actions(marking, colors)
    touching = _touching(notes, parts)
    add = menu.addAction(f"Add &note…\t{NOTE_KEY}")
    add.setData(f"{_PREFIX}add")
    add.setEnabled(bool(parts))
    if touching:
        menu.addAction("&Edit note…").setData(f"{_PREFIX}edit")
    text = "&Remove highlight" if len(touching) < 2 else f"&Remove {len(touching):,} highlights"
    remove = menu.addAction(text)
    remove.setData(f"{_PREFIX}remove")
    remove.setEnabled(bool(touching))


def color_actions(menu: QMenu, colors: Colors) -> None:
    """Add one action for each colour; their data are as those of `note_actions`."""
    for color, name in enumerate(HIGHLIGHT_NAMES):
        action = menu.addAction(color_icon(colors, color), name)
        action.setData(f"{_PREFIX}color {color}")


def act_on_note(notes: Notes, chosen: Chosen, what: object) -> bool:
    """Carry out the data of an action; whether it was one of these."""
    if not isinstance(what, str) or not what.startswith(_PREFIX):
        return False
    act, _, color = what.removeprefix(_PREFIX).partition(" ")
    parts = _parts(chosen)
    if not parts:
        return True
    touching = _touching(notes, parts)
    if act == "color":
        same = {number: note.span for number in touching if (note := notes.note(number)) and note.span in parts}
        if set(same.values()) == set(parts):
            notes.set_color(list(same), int(color))
        else:
            notes.add_all([part for part in parts if part not in same.values()], int(color))
            notes.set_color(list(same), int(color))
    elif act == "add":
        notes.add_and_edit(*parts)
    elif act == "edit" and touching:
        notes.edit_wanted.emit(touching[-1])
    elif act == "remove":
        notes.remove(touching)
    return True


def _parts(chosen: Chosen) -> Sequence[Span]:
    return () if chosen is None else (chosen,) if isinstance(chosen, Span) else chosen


def _touching(notes: Notes, parts: Sequence[Span]) -> list[int]:
    """Numbers of the notes on bytes of any of these, each once."""
    return list(dict.fromkeys(number for part in parts for number in notes.touching(part)))


def chosen_color(what: object) -> int | None:
    """The colour that an action of `color_actions` stands for."""
    if isinstance(what, str) and what.startswith(f"{_PREFIX}color "):
        return int(what.rpartition(" ")[2])
    return None


def color_icon(colors: Colors, color: int, size: int = 16) -> QIcon:
    """A square in a highlight's colour, with its edge."""
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.fillRect(1, 1, size - 2, size - 2, QColor(colors.highlights[color]))
    painter.setPen(QColor(colors.highlight_marks[color]))
    painter.drawRect(1, 1, size - 3, size - 3)
    painter.end()
    return QIcon(picture)
