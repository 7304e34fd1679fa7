"""Cut, copy and paste in the hex editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from explorer.ui.pasting import read_pasted
from explorer.wire.text import decode

if TYPE_CHECKING:
    from explorer.ui.widgets.hex_edit import HexEdit


def copy(edit: HexEdit) -> None:
    """What is selected: as hex where digits are typed, as text where text is."""
    data = edit.editing.selected
    if data:
        text = data.hex(" ") if edit.editing.side == "hex" else decode(data, edit.encoding)
        QGuiApplication.clipboard().setText(text)


def cut(edit: HexEdit) -> None:
    start, stop = edit.editing.selection
    if stop > start and edit.may_edit():
        copy(edit)
        edit.after_edit(edit.editing.put(b""))


def paste(edit: HexEdit, as_bytes: bool = False) -> None:
    """Where digits are typed, and with `as_bytes`, any form that bytes are copied in; else text as it is.

    What cannot be read is refused with a sentence, and changes nothing.
    """
    text = QGuiApplication.clipboard().text()
    if not text or not edit.may_edit():
        return
    plain = edit.editing.side == "text" and not as_bytes
    found = read_pasted(text, edit.encoding, plain)
    if isinstance(found, str):
        edit.refuse(found)
    else:
        edit.after_edit(edit.editing.put(found.data))
        edit.noted.emit(found.sentence)
