"""The keyboard of the hex editor: what each key does to the bytes and the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from explorer.ui.hex_editing import DIGITS
from explorer.ui.widgets import hex_clipboard
from explorer.ui.widgets.composer_edit import cleared

if TYPE_CHECKING:
    from explorer.ui.widgets.hex_edit import HexEdit

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_META = Qt.KeyboardModifier.MetaModifier
_BETWEEN = frozenset(" :,;-")  # what people put between pairs of digits
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class HexEditKeys:
    """Given the editor's key presses, it carries them out. It keeps nothing."""

    def __init__(self, edit: HexEdit) -> None:
        self._edit = edit

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the editor while it has the keyboard, before it is taken for a shortcut."""
        standard = QKeySequence.StandardKey
        known = (standard.Undo, standard.Redo, standard.Cut, standard.Copy, standard.Paste, standard.SelectAll)
        if any(event.matches(key) for key in known) or _is_redo(event):
            return True
        plain = not event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        control = event.modifiers() & ~_SHIFT == _CONTROL
        if control and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_V):
            return True
        return plain and (bool(event.text().strip()) or self._target(event) is not None)

    def press(self, event: QKeyEvent) -> bool:
        """Whether the editor has a use for the key, and has used it."""
        return self._command(event) or self._edit_key(event) or self._move(event) or self._typed(event)

    # -- commands ----------------------------------------------------------------------------------

    def _command(self, event: QKeyEvent) -> bool:
        edit, standard = self._edit, QKeySequence.StandardKey
        if event.matches(standard.Undo):
            edit.undo_wanted.emit()
        elif _is_redo(event):
            edit.redo_wanted.emit()
        elif event.matches(standard.Copy):
            hex_clipboard.copy(edit)
        elif event.matches(standard.Cut):
            hex_clipboard.cut(edit)
        elif event.matches(standard.Paste):
            hex_clipboard.paste(edit)
        elif event.key() == Qt.Key.Key_V and event.modifiers() == _CONTROL | _SHIFT:
            hex_clipboard.paste(edit, as_bytes=True)
        elif event.matches(standard.SelectAll):
            edit.select_all()
        else:
            return False
        return True

    def _edit_key(self, event: QKeyEvent) -> bool:
        edit, editing, key = self._edit, self._edit.editing, event.key()
        if event.modifiers() & (_ALT | _META):
            return False
        if key in _ENTER:
            edit.submitted.emit()
        elif key == Qt.Key.Key_Insert and not event.modifiers():
            edit.toggle_overwrite()
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            if editing.pending or edit.may_edit():
                edit.after_edit(editing.erase_back() if key == Qt.Key.Key_Backspace else editing.erase_forward())
        elif key == Qt.Key.Key_Escape:
            return self._escape()
        else:
            return False
        return True

    def _escape(self) -> bool:
        """One thing at a time: half a byte, the selection, everything (undo brings it back)."""
        edit, editing = self._edit, self._edit.editing
        start, stop = editing.selection
        if editing.pending or stop > start:
            editing.move(editing.cursor)
            edit.after_move()
        elif editing.size and edit.may_edit():
            edit.after_edit(editing.clear())
            edit.noted.emit(cleared())
        else:
            return False
        return True

    # -- moving ------------------------------------------------------------------------------------

    def _move(self, event: QKeyEvent) -> bool:
        edit, editing = self._edit, self._edit.editing
        key, control = event.key(), bool(event.modifiers() & _CONTROL)
        if control and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            editing.side = "hex" if key == Qt.Key.Key_Left else "text"
            edit.after_move()
            return True
        target = self._target(event)
        if target is None:
            return False
        if key == Qt.Key.Key_Up and editing.cursor < edit.grid.per_row and not event.modifiers() & _SHIFT:
            edit.back_wanted.emit()
        elif key == Qt.Key.Key_Down and self._in_last_row() and not event.modifiers() & _SHIFT:
            edit.forward_wanted.emit()
        else:
            editing.move(target, bool(event.modifiers() & _SHIFT))
            edit.after_move()
        return True

    def _in_last_row(self) -> bool:
        return self._edit.editing.cursor // self._edit.grid.per_row == self._edit.rows - 1

    def _target(self, event: QKeyEvent) -> int | None:
        """Where a key takes the cursor; beyond the ends means to them. None: nowhere."""
        edit, at = self._edit, self._edit.editing.cursor
        if event.modifiers() & (_ALT | _META):
            return None
        per_row, control = edit.grid.per_row, bool(event.modifiers() & _CONTROL)
        row = at // per_row * per_row
        start, stop = edit.editing.selection
        collapses = stop > start and not event.modifiers() & _SHIFT
        moves = {
            Qt.Key.Key_Left: start if collapses else at - 1,
            Qt.Key.Key_Right: stop if collapses else at + 1,
            Qt.Key.Key_Up: at - per_row,
            Qt.Key.Key_Down: at + per_row,
            Qt.Key.Key_Home: 0 if control else row,
            Qt.Key.Key_End: edit.editing.size if control else row + per_row - 1,
            Qt.Key.Key_PageUp: at - edit.page_rows * per_row,
            Qt.Key.Key_PageDown: at + edit.page_rows * per_row,
        }
        return moves.get(Qt.Key(event.key()))

    # -- typing ------------------------------------------------------------------------------------

    def _typed(self, event: QKeyEvent) -> bool:
        text = event.text()
        # AltGr is Control and Alt together on some systems, and types characters.
        modifiers = event.modifiers() & (_CONTROL | _ALT | _META)
        if not text or not text.isprintable() or modifiers not in (Qt.KeyboardModifier.NoModifier, _CONTROL | _ALT):
            return False
        self.type_text(text)
        return True

    def type_text(self, text: str) -> None:
        """Characters from the keyboard or an input method."""
        edit, editing = self._edit, self._edit.editing
        if not edit.may_edit():
            return
        if editing.side == "text":
            self._type_characters(text)
            return
        for character in text:
            if character in DIGITS:
                edit.after_edit(editing.digit(character))
            elif character not in _BETWEEN:
                edit.refuse(
                    f"{character!r} is not a hex digit (0-9, a-f). To type text, go to the text column with Ctrl+→."
                )

    def _type_characters(self, text: str) -> None:
        edit = self._edit
        try:
            data = text.encode(edit.encoding)
        except UnicodeEncodeError as error:
            edit.refuse(
                f"{text[error.start]!r} does not exist in {edit.encoding}. Choose another encoding of the socket, "
                "or type the byte in the hex column."
            )
            return
        edit.after_edit(edit.editing.put(data))


def _is_redo(event: QKeyEvent) -> bool:
    """On any system, both of the usual ways."""
    both = event.key() == Qt.Key.Key_Z and event.modifiers() == _CONTROL | _SHIFT
    return (
        both
        or event.matches(QKeySequence.StandardKey.Redo)
        or (event.key() == Qt.Key.Key_Y and event.modifiers() == _CONTROL)
    )
