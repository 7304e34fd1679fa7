"""The settings of one step of a sequence, of a case of a branch, or of the sequence itself, with what is wrong beside
them. Only the fields that mean something there are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.sequence_words import HOWS, WHATS
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import LabelledField, QuietCombo, ShortEdit, mark_wrong, show_text

ANY = "any"
WRITTEN = {"text": "Text", "hex": "Hex"}
LABELS = {
    "name": "Name",
    "socket": "Socket",
    "what": "Check",
    "group": "Remembered as",
    "snippet": "Snippet to send",
    "text": "Text",
    "how": "Message",
    "pattern": "Pattern",
    "written": "Written as",
    "least": "At least",
    "most": "At most",
    "times": "Times",
    "counter": "Counter's name",
    "seconds": "Seconds",
    "timeout": "Seconds to wait at most",
    "expect": "What is expected",
    "framed": "With the socket's framing",
}
_NO_SNIPPET = "none: send the text"
WIDE = 30  # digits
_WIDE = ("text", "pattern", "expect", "name")
_SHORT = {"group": 12, "least": 6, "most": 6, "times": 9, "counter": 12, "seconds": 8, "timeout": 8}

Values = Mapping[str, str]


class StepForm(QWidget):
    """Fields hold text; what it means is the pane's. Signal: edited(str): the user changed the field of this name."""

    edited = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._showing = False
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setMinimumWidth(1)
        self.help = QLabel()
        self.help.setTextFormat(Qt.TextFormat.PlainText)
        self.help.setWordWrap(True)
        self.help.setMinimumWidth(1)
        self.errors = FieldErrors(theme)
        self.fields: dict[str, QWidget] = {}
        self._boxes: dict[str, QWidget] = {}
        fields = QWidget()
        flow = FlowLayout(fields)
        for name, label in LABELS.items():
            field = self._make(name, label)
            self.fields[name] = field
            box = field if name == "framed" else LabelledField(label, field, theme)
            self._boxes[name] = box
            flow.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 2, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(fields)
        column.addWidget(self.errors)
        column.addWidget(self.help)
        column.addStretch(1)
        self.errors.wanted.connect(self._on_wanted)
        make_choosable(self)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _make(self, name: str, label: str) -> QWidget:
        if name == "framed":
            check = QCheckBox(LABELS[name])
            check.setObjectName(name)
            check.toggled.connect(self._on_edited)
            return check
        if name in ("socket", "what", "snippet", "how", "written"):
            combo = QuietCombo(label)
            combo.setObjectName(name)
            choices = {"what": WHATS, "how": {ANY: "is any", **HOWS}, "written": WRITTEN}.get(name, {})
            for data, text in choices.items():
                combo.addItem(text, data)
            combo.currentIndexChanged.connect(self._on_edited)
            return combo
        edit = ShortEdit(_SHORT.get(name, WIDE), label)
        edit.setObjectName(name)
        edit.setAccessibleName(label)
        if name in _WIDE:
            edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        edit.textChanged.connect(self._on_edited)
        return edit

    # -- what the pane asks -----------------------------------------------------------------------------

    def show_fields(self, title: str, names: Collection[str], values: Values, about: str) -> None:
        """Show these fields with these values."""
        self._showing = True
        self.title.setText(title)
        self.help.setText(about)
        for name, box in self._boxes.items():
            box.setVisible(name in names)
        for name, value in values.items():
            field = self.fields[name]
            if isinstance(field, QLineEdit):
                show_text(field, value)
            elif isinstance(field, QComboBox):
                field.setCurrentIndex(field.findData(value))
            elif isinstance(field, QCheckBox):
                field.setChecked(bool(value))
        self._showing = False

    def offer(self, name: str, choices: Mapping[str, str]) -> None:
        """What can be chosen in the list of this name: what is read, by value."""
        combo = cast("QComboBox", self.fields[name])
        have = {str(combo.itemData(row)): combo.itemText(row) for row in range(combo.count())}
        if have == choices:
            return
        self._showing = True
        chosen = combo.currentData()
        combo.clear()
        for data, text in choices.items():
            combo.addItem(text, data)
        combo.setCurrentIndex(combo.findData(chosen))
        self._showing = False

    def offer_snippets(self, names: Collection[str]) -> None:
        self.offer("snippet", {"": _NO_SNIPPET, **{name: name for name in names}})

    def hint(self, name: str, text: str) -> None:
        """What stands in an empty field."""
        field = self.fields[name]
        if isinstance(field, QLineEdit):
            field.setPlaceholderText(text)

    def values(self) -> dict[str, str]:
        """What all fields hold. Of a check box, "" is off."""
        found = {}
        for name, field in self.fields.items():
            if isinstance(field, QLineEdit):
                found[name] = field.text()
            elif isinstance(field, QComboBox):
                found[name] = str(field.currentData() or "")
            elif isinstance(field, QCheckBox):
                found[name] = "yes" if field.isChecked() else ""
        return found

    def show_problems(self, problems: Values) -> None:
        for name, field in self.fields.items():
            mark_wrong(field, problems.get(name, ""), self._theme)
        self.errors.show_problems(problems, LABELS)

    @property
    def shown(self) -> list[str]:
        """The fields that are shown."""
        return [name for name, box in self._boxes.items() if not box.isHidden()]

    def focus_first(self) -> None:
        for name in self.shown:
            if name not in ("socket", "how", "written"):
                self.fields[name].setFocus(Qt.FocusReason.OtherFocusReason)
                return

    @Slot()
    def _on_edited(self) -> None:
        sender = self.sender()
        if not self._showing and sender is not None:
            self.edited.emit(sender.objectName())

    @Slot(str)
    def _on_wanted(self, name: str) -> None:
        if name in self.fields:
            self.fields[name].setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_theme(self) -> None:
        self.help.setStyleSheet(f"color: {self._theme.colors.muted};")
        self.title.setStyleSheet("font-weight: bold;")
