"""A form for a framing or a program, made from what its kinds say of themselves.

`picker` is the list of kinds with a button that shows or hides the settings; `details` is the row of
settings. They are two widgets, so that a pane can put the row where there is room for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from explorer.core.fields import Field
from explorer.ui.choice_draft import ChoiceDraft, ChoicePreset, ChoiceRegistry
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo, ShortEdit, mark_wrong
from explorer.ui.widgets.long_choice import MOST_ROWS, LongChoice
from explorer.ui.widgets.preset_button import PresetButton
from explorer.wire.framing.api import MAX_FIELD

WIDTHS = {"hex": 12, "text": 20}  # characters
MOST_DIGITS, FEWEST_DIGITS = 9, 5
FEW_BYTES = 8  # of which most often only one or two are written
GAP = 12  # pixels between two settings


class ChoiceForm(QObject):
    """Signals:
    edited(str): the user changed the setting of this name, or ("") chose another kind or a preset; it stands in the
        draft.
    left(): the keyboard left a setting, or a choice was made: the edit is whole.
    entered(): Enter was pressed in a setting.
    unfolded(bool): whether the settings are shown now.
    """

    edited = Signal(str)
    left = Signal()
    entered = Signal()
    unfolded = Signal(bool)

    def __init__(self, title: str, registry: ChoiceRegistry, theme: Theme, parent: QWidget, letter: str = "") -> None:
        """title: what is chosen, e.g. "Framing". letter: tells it from others of this title, for screen readers."""
        super().__init__(parent)
        self.title = title
        name = f"{title} {letter}" if letter else title
        self._of = f", {title.lower()} {letter}" if letter else ""  # ends the names of what is inside
        self._registry = registry
        self._theme = theme
        self._draft: ChoiceDraft | None = None
        self._built = ""  # the kind whose settings are shown
        self._editors: dict[str, QWidget] = {}
        self._rows: dict[str, QWidget] = {}
        self._problems: Mapping[str, str] = {}
        self.kinds = QuietCombo(name)
        for kind in registry.kinds():
            self.kinds.addItem(kind.label, kind.name)
            self.kinds.setItemData(self.kinds.count() - 1, kind.summary, Qt.ItemDataRole.ToolTipRole)
        self.toggle = QToolButton()
        self.toggle.setText("…")
        self.toggle.setCheckable(True)
        self.toggle.setAccessibleName(f"{name} settings")
        self.toggle.setToolTip(f"Show or hide the settings of this {title.lower()}")
        self.toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.picker = QWidget(parent)
        row = QHBoxLayout(self.picker)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.kinds, 1)
        row.addWidget(self.toggle)
        self.picker.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.details = QFrame(parent)
        self.details.setAccessibleName(f"{name} settings")
        self._flow = FlowLayout(self.details, gap=GAP)
        self.presets = PresetButton(self.details, self._of)
        self.presets.chosen.connect(self._on_preset)
        self.details.hide()
        self._folded = False
        self.kinds.activated.connect(self._on_kind)
        self.toggle.toggled.connect(self._show_details)
        theme.changed.connect(self._on_theme)

    @property
    def draft(self) -> ChoiceDraft | None:
        return self._draft

    def show_draft(self, draft: ChoiceDraft) -> None:
        """Show this draft, now or after it changed from outside."""
        other = draft is not self._draft
        self._draft = draft
        self.kinds.choose(draft.kind)
        self.kinds.setToolTip(draft.description.summary)
        if other or self._built != draft.kind:
            self._build()
        self._fill_all()
        self._show_needed()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the settings that these sentences are about; "" is about the whole."""
        self._problems = dict(problems)
        for name, editor in self._editors.items():
            mark_wrong(editor, problems.get(name, ""), self._theme)
        mark_wrong(self.kinds, problems.get("", ""), self._theme)
        if problems and self._editors:
            self.toggle.setChecked(True)

    def labels(self) -> dict[str, str]:
        """What the user calls the settings, by name."""
        fields = self._draft.description.fields if self._draft else ()
        return {"": self.title} | {field.name: field.label for field in fields}

    def editor(self, name: str) -> QWidget | None:
        """The input of a setting of the present kind; "" is the list of kinds."""
        return self._editors.get(name) if name else self.kinds

    def widgets(self) -> list[QWidget]:
        """In tab order."""
        return [self.kinds, self.toggle, self.presets, *self._editors.values()]

    def fold(self, folded: bool) -> None:
        """The form that it belongs to is put away, or there again."""
        self._folded = folded
        self._show_details()

    def set_enabled(self, enabled: bool) -> None:
        self.picker.setEnabled(enabled)
        self.details.setEnabled(enabled)

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        """Inputs for the settings of the present kind."""
        assert self._draft is not None
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self.presets:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._editors.clear()
        self._rows.clear()
        kind = self._draft.description
        self._built = kind.name
        self.presets.offer(self._draft.presets)
        self._flow.addWidget(self.presets)
        QWidget.setTabOrder(self.toggle, self.presets)
        before: QWidget = self.presets
        for field in kind.fields:
            self._rows[field.name] = self._row(field)
            self._flow.addWidget(self._rows[field.name])
            QWidget.setTabOrder(before, self._editors[field.name])
            before = self._editors[field.name]
        make_choosable(self.details)
        self.toggle.setVisible(bool(kind.fields))
        # The longest message belongs to every framing and seldom matters: alone it does not take a row.
        self.toggle.setChecked(any(field is not MAX_FIELD for field in kind.fields))
        self._show_details()

    def _show_needed(self) -> None:
        """Settings that mean nothing as the others stand are not there; and which preset it is, if any."""
        assert self._draft is not None
        shown = {field.name for field in self._draft.fields}
        for name, row in self._rows.items():
            row.setVisible(name in shown)
        self.presets.show_chosen(self._draft.preset, self._draft.added)

    def _row(self, field: Field) -> QWidget:
        editor = self._make_editor(field)
        editor.setToolTip(field.help)
        editor.setWhatsThis(field.help)
        editor.setObjectName(field.name)
        self._editors[field.name] = editor
        if isinstance(editor, QCheckBox):
            return editor
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        label = QLabel(field.brief or field.label)
        label.setBuddy(editor)
        if self._of:
            label.setAccessibleName(field.label + self._of)  # a screen reader finds a list by its label
        label.setToolTip(field.help)
        layout.addWidget(label)
        layout.addWidget(editor)
        if field.unit:
            layout.addWidget(QLabel(field.unit))
        return row

    def _make_editor(self, field: Field) -> QWidget:
        if field.type == "bool":
            box = QCheckBox(field.label)
            box.setAccessibleName(field.label + self._of)
            box.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)  # as high as its line
            box.toggled.connect(self._on_edited)
            return box
        if field.type == "choice":
            combo: QuietCombo
            if len(field.choices) > MOST_ROWS:
                combo = LongChoice(field)
            else:
                combo = QuietCombo(field.label + self._of)
                for choice in field.choices:
                    combo.addItem(field.label_of(choice), choice)
            combo.setAccessibleName(field.label + self._of)
            combo.activated.connect(self._on_edited)
            return combo
        edit = ShortEdit(_characters(field), field.label + self._of)
        if field.type == "hex":
            edit.setFont(self._theme.mono)
        if field.default is not None:
            edit.setPlaceholderText(str(field.default))
        edit.textChanged.connect(self._on_edited)
        edit.editingFinished.connect(self.left)
        edit.returnPressed.connect(self.entered)
        return edit

    def _fill_all(self) -> None:
        assert self._draft is not None
        for field in self._draft.description.fields:
            self._fill(self._editors[field.name], field, self._draft.text(field))

    def _fill(self, editor: QWidget, field: Field, text: str | bool) -> None:
        blocked = QSignalBlocker(editor)
        if isinstance(editor, QCheckBox):
            editor.setChecked(bool(text))
        elif isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(text))
        elif isinstance(editor, QLineEdit) and editor.text() != text:
            editor.setText(str(text))
        blocked.unblock()

    # -- what the user does ---------------------------------------------------------------------

    @Slot()
    def _on_kind(self) -> None:
        if self._draft is not None and self.kinds.currentData() != self._draft.kind:
            self._draft.kind = self.kinds.currentData()
            self.show_draft(self._draft)
            self.toggle.setChecked(bool(self._editors))  # who chooses a kind sees what it is
            self.edited.emit("")
            self.left.emit()

    @Slot(object)
    def _on_preset(self, preset: ChoicePreset) -> None:
        if self._draft is not None:
            self._draft.put_preset(preset)
            self.show_draft(self._draft)
            self.edited.emit("")
            self.left.emit()

    @Slot()
    def _on_edited(self) -> None:
        editor = self.sender()
        if self._draft is None or not isinstance(editor, QWidget):
            return
        if isinstance(editor, QLineEdit):
            self._draft.put(editor.objectName(), editor.text())
            self._show_needed()
            self.edited.emit(editor.objectName())
            return
        value = editor.isChecked() if isinstance(editor, QCheckBox) else editor.currentData()  # type: ignore[attr-defined]
        self._draft.put(editor.objectName(), value)
        self._fill_all()  # others may have come along with it
        self._show_needed()
        self.edited.emit(editor.objectName())
        self.left.emit()

    @Slot()
    def _show_details(self) -> None:
        shown = not self._folded and self.toggle.isChecked() and bool(self._editors)
        self.details.setVisible(shown)
        self.unfolded.emit(shown)

    @Slot()
    def _on_theme(self) -> None:
        if self._draft is None:
            return
        for field in self._draft.description.fields:
            if field.type == "hex":
                self._editors[field.name].setFont(self._theme.mono)
        self.show_problems(self._problems)


def _characters(field: Field) -> int:
    """How wide a field to type in is: as what usually stands there."""
    if field.type == "int":
        return min(MOST_DIGITS, max(FEWEST_DIGITS, len(str(field.default)) + 1 if field.default is not None else 7))
    if field.type == "hex" and field.maximum is not None and field.maximum <= FEW_BYTES:
        return FEWEST_DIGITS
    return WIDTHS[field.type]
