"""The input of one setting of a framing or a program, by the type of its field."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QSizePolicy, QWidget

from explorer.core.fields import Field
from explorer.ui.theme import Theme
from explorer.ui.widgets.inputs import QuietCombo, ShortEdit
from explorer.ui.widgets.long_choice import MOST_ROWS, LongChoice

WIDTHS = {"hex": 12, "text": 20, "secret": 16}  # characters
LONG = ("rows", "code")  # fields that are edited in a window of their own
MOST_TEXT = 32
MOST_DIGITS, FEWEST_DIGITS = 9, 5
FEW_BYTES = 8  # of which most often only one or two are written


def make_editor(field: Field, of: str, theme: Theme) -> QWidget:
    """An input without a value. of: ends its name for screen readers. For a table or code, the button that opens it."""
    name = field.label + of
    if field.type == "bool":
        box = QCheckBox(field.label)
        box.setAccessibleName(name)
        box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)  # as high as its line
        return box
    if field.type == "choice":
        combo = LongChoice(field) if len(field.choices) > MOST_ROWS else QuietCombo(name)
        if not isinstance(combo, LongChoice):
            for choice in field.choices:
                combo.addItem(field.label_of(choice), choice)
        combo.setAccessibleName(name)
        return combo
    if field.type in LONG:
        button = QPushButton("Edit…")
        button.setAutoDefault(False)
        button.setAccessibleName(f"Edit {name}")
        return button
    edit = ShortEdit(_characters(field), name)
    if field.type == "secret":
        edit.setEchoMode(QLineEdit.EchoMode.Password)
        return edit
    if field.type == "hex":
        edit.setFont(theme.mono)
    if field.default is not None:
        edit.setPlaceholderText(str(field.default))
    return edit


def _characters(field: Field) -> int:
    """How wide a field to type in is: as what usually stands there."""
    if field.type == "int":
        return min(MOST_DIGITS, max(FEWEST_DIGITS, len(str(field.default)) + 1 if field.default is not None else 7))
    if field.type == "hex" and field.maximum is not None and field.maximum <= FEW_BYTES:
        return FEWEST_DIGITS
    if field.type == "text":
        return min(MOST_TEXT, max(WIDTHS["text"], len(str(field.default or "")) * 9 // 10))
    return WIDTHS[field.type]
