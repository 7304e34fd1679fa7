"""Highlighting bytes and putting notes on them: the entries of context menus, and what they do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu

from explorer.capture.span import Span
from explorer.ui.notes import Notes
from explorer.ui.palettes import HIGHLIGHT_NAMES, Colors

NOTE_KEY, HIGHLIGHT_KEY = "Ctrl+Shift+M", "Ctrl+M"
_PREFIX = "note "


def note_actions(menu: QMenu, notes: Notes, span: Span | None, colors: Colors) -> None:
    """Add "Highlight ▸", "Add note…" and "Remove highlight" for these bytes (None: nothing is selected).

    The data of each action is a text for `act_on_note`.
    """
    marking = menu.addMenu("&Highlight")
    marking.setEnabled(span is not None)
    color_actions(marking, colors)
    touching = notes.touching(span) if span is not None else []
    add = menu.addAction(f"Add &note…\t{NOTE_KEY}")
    add.setData(f"{_PREFIX}add")
    add.setEnabled(span is not None)
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


def act_on_note(notes: Notes, span: Span | None, what: object) -> bool:
    """Carry out the data of an action; whether it was one of these."""
    if not isinstance(what, str) or not what.startswith(_PREFIX):
        return False
    act, _, color = what.removeprefix(_PREFIX).partition(" ")
    if span is None:
        return True
    touching = notes.touching(span)
    if act == "color":
        same = [number for number in touching if (note := notes.note(number)) and note.span == span]
        if same:
            notes.set_color(same, int(color))
        else:
            notes.add(span, int(color))
    elif act == "add":
        notes.add_and_edit(span)
    elif act == "edit" and touching:
        notes.edit_wanted.emit(touching[-1])
    elif act == "remove":
        notes.remove(touching)
    return True


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
