"""A form for a framing or a program, made from what its kinds say of themselves.

`picker` is the list of kinds with a button that shows or hides the settings; `details` is the row of
settings. They are two widgets, so that a pane can put the row where there is room for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from explorer.core.fields import Field
from explorer.core.socket_spec import Choice
from explorer.ui.choice_draft import ChoiceDraft, ChoicePreset, ChoiceRegistry, Typed
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.field_editors import LONG, make_editor
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo, mark_wrong
from explorer.ui.widgets.preset_button import PresetButton
from explorer.ui.widgets.setting_window import SettingWindow
from explorer.wire.framing.api import MAX_FIELD

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

    def __init__(
        self,
        title: str,
        registry: ChoiceRegistry,
        theme: Theme,
        parent: QWidget,
        letter: str = "",
        put_away: bool = False,
    ) -> None:
        """title: what is chosen, e.g. "Framing". letter: tells it from others of this title, for screen readers.
        put_away: little room is taken: labels are short, and the settings are not shown before the user asks for them
        or chooses a kind."""
        super().__init__(parent)
        self._put_away = put_away
        self._explained = False  # the present kind has more to show than its settings
        self._summaries: dict[str, QLabel] = {}
        self._told: dict[str, str] = {}
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
            self.kinds.addItem(kind.label.partition(" (")[0] if put_away else kind.label, kind.name)
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
        self.window = SettingWindow(theme, self.picker)  # of a table, or of code
        self.window.edited.connect(self._on_window_edited)
        self.window.gone.connect(self.left)
        self.kinds.activated.connect(self._on_kind)
        self.toggle.toggled.connect(self._show_details)
        theme.changed.connect(self._on_theme)

    @property
    def draft(self) -> ChoiceDraft | None:
        return self._draft

    def show_draft(self, draft: ChoiceDraft) -> None:
        """Show this draft, now or after it changed from outside."""
        other = draft is not self._draft
        if other or self._built != draft.kind:
            self.window.close()
        self._draft = draft
        self.kinds.choose(draft.kind)
        self.kinds.setToolTip(draft.description.summary)
        if other or self._built != draft.kind:
            self._build()
        self._fill_all()
        self._show_needed()

    def take(self, choice: Choice) -> None:
        """Another choice, by the user's doing elsewhere. Settings that were put away stay so."""
        if self._draft is not None:
            shown = self.toggle.isChecked() and not self.toggle.isHidden()
            self._draft.take(choice)
            self.show_draft(self._draft)
            self.toggle.setChecked(shown)

    def explain(self, explained: bool) -> None:
        """Whether there is more to show of the present kind than its settings: then the button is there anyway."""
        self._explained = explained
        self.toggle.setVisible(bool(self._editors) or explained)
        self._show_details()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the settings that these sentences are about; "" is about the whole."""
        self._problems = dict(problems)
        for name, editor in self._editors.items():
            inside = (text for path, text in problems.items() if path.startswith(f"{name}["))
            mark_wrong(editor, problems.get(name) or next(inside, ""), self._theme)
        mark_wrong(self.kinds, problems.get("", ""), self._theme)
        if self._editors and any(name.partition("[")[0] in self._editors for name in problems):
            self.toggle.setChecked(True)
        if self._draft is not None:
            self.window.show_value(self._draft, self._problems)

    def tell(self, name: str, words: str) -> None:
        """What is said of a setting of the type code, behind its number of lines."""
        if words != self._told.get(name, ""):
            self._told[name] = words
            if self._draft is not None and name in self._summaries:
                self._fill_all()

    def labels(self) -> dict[str, str]:
        """What the user calls the settings, by name; and the cells of tables in which something is wrong, by path."""
        fields = self._draft.description.fields if self._draft else ()
        labels = {"": self.title} | {field.name: field.label for field in fields}
        return labels | {path: _cell_label(path, fields) for path in self._problems if "[" in path}

    def editor(self, name: str) -> QWidget | None:
        """The input of a setting of the present kind; "" is the list of kinds. Of a cell, the button of its table."""
        return self._editors.get(name.partition("[")[0]) if name else self.kinds

    def is_wrong(self, name: str) -> bool:
        """Whether something is wrong with a setting, or in a cell of it."""
        return any(path.partition("[")[0] == name for path in self._problems)

    def open_cell(self, path: str) -> None:
        """Move the keyboard to a cell of a table, e.g. ``rules[2].pattern``."""
        if self._draft is not None:
            self.window.open(self._draft, self._problems, path.partition("[")[0], path)

    def widgets(self) -> list[QWidget]:
        """In tab order."""
        inside = [widget for name in self._editors for widget in self._stops(name)]
        return [self.kinds, self.toggle, self.presets, *inside]

    def fold(self, folded: bool) -> None:
        """The form that it belongs to is put away, or there again."""
        self._folded = folded
        self._show_details()

    def set_enabled(self, enabled: bool) -> None:
        self.picker.setEnabled(enabled)
        self.details.setEnabled(enabled)
        if not enabled:
            self.window.close()

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
        self._summaries.clear()
        kind = self._draft.description
        self._built = kind.name
        self.presets.offer(self._draft.presets)
        self._flow.addWidget(self.presets)
        QWidget.setTabOrder(self.toggle, self.presets)
        before: QWidget = self.presets
        for field in kind.fields:
            self._rows[field.name] = self._row(field)
            self._flow.addWidget(self._rows[field.name])
            for widget in self._stops(field.name):
                QWidget.setTabOrder(before, widget)
                before = widget
        make_choosable(self.details)
        self.toggle.setVisible(bool(kind.fields) or self._explained)
        # The longest message belongs to every framing and seldom matters: alone it does not take a row.
        self.toggle.setChecked(not self._put_away and any(field is not MAX_FIELD for field in kind.fields))
        self._show_details()

    def _show_needed(self) -> None:
        """Settings that mean nothing as the others stand are not there; and which preset it is, if any."""
        assert self._draft is not None
        shown = {field.name for field in self._draft.fields}
        for name, row in self._rows.items():
            row.setVisible(name in shown)
        self.presets.show_chosen(self._draft.preset, self._draft.added)

    def _stops(self, name: str) -> list[QWidget]:
        """Where Tab comes to in the row of a setting."""
        eyes = self._rows[name].findChildren(QToolButton, "eye")
        return [self._editors[name], *eyes]

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
        if field.type in LONG:
            self._summaries[field.name] = ElidedLabel()
            layout.addWidget(self._summaries[field.name])
        layout.addWidget(editor)
        if field.type == "secret" and isinstance(editor, QLineEdit):
            from explorer.ui.widgets.secret_edit import EyeButton  # few kinds have secrets

            eye = EyeButton(editor, field.label, self._theme)
            eye.setObjectName("eye")
            layout.addWidget(eye)
        if field.unit:
            layout.addWidget(QLabel(field.unit))
        return row

    def _make_editor(self, field: Field) -> QWidget:
        editor = make_editor(field, self._of, self._theme)
        if isinstance(editor, QCheckBox):
            editor.toggled.connect(self._on_edited)
        elif isinstance(editor, QComboBox):
            editor.activated.connect(self._on_edited)
        elif isinstance(editor, QPushButton):
            editor.clicked.connect(self._on_open)
        elif isinstance(editor, QLineEdit):
            editor.textChanged.connect(self._on_edited)
            editor.editingFinished.connect(self.left)
            editor.returnPressed.connect(self.entered)
        return editor

    def _fill_all(self) -> None:
        assert self._draft is not None
        for field in self._draft.description.fields:
            if field.type == "rows":
                from explorer.ui.typed_rows import summary  # few kinds have tables

                self._summaries[field.name].setText(summary(field, self._draft.rows(field)))
            elif field.type == "code":
                lines, told = len(str(self._draft.text(field)).splitlines()), self._told.get(field.name, "")
                self._summaries[field.name].setText(f"{lines:,} line{'s' * (lines != 1)}{told}")
            else:
                self._fill(self._editors[field.name], field, self._draft.text(field))
        self.window.show_value(self._draft, self._problems)

    def _fill(self, editor: QWidget, field: Field, text: str | bool) -> None:
        blocked = QSignalBlocker(editor)
        if isinstance(editor, QCheckBox):
            editor.setChecked(bool(text))
        elif isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(text))
        elif isinstance(editor, QLineEdit) and editor.text() != text:
            editor.setText(str(text))
            if editor.fontMetrics().horizontalAdvance(editor.text()) > editor.sizeHint().width():
                editor.setCursorPosition(0)  # the beginning is seen
        blocked.unblock()

    # -- what the user does ---------------------------------------------------------------------

    @Slot()
    def _on_kind(self) -> None:
        if self._draft is not None and self.kinds.currentData() != self._draft.kind:
            self._draft.kind = self.kinds.currentData()
            self.show_draft(self._draft)
            self.toggle.setChecked(True)  # who chooses a kind sees what it is
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

    # -- settings with a window of their own ------------------------------------------------------

    @Slot()
    def _on_open(self) -> None:
        if self._draft is not None:
            self.window.open(self._draft, self._problems, self.sender().objectName(), "")

    @Slot(str, object)
    def _on_window_edited(self, name: str, value: Typed) -> None:
        if self._draft is None:
            return
        if self._draft.kind != self._built:  # another is chosen meanwhile: it is there when this one is again
            self._draft.keep(self._built, name, value)
            return
        self._draft.put(name, value)
        self._fill_all()
        self._show_needed()
        self.edited.emit(name)
        if not isinstance(value, str):
            self.left.emit()

    @Slot()
    def _show_details(self) -> None:
        shown = not self._folded and self.toggle.isChecked()
        self.details.setVisible(shown and bool(self._editors))
        self.unfolded.emit(shown and (bool(self._editors) or self._explained))

    @Slot()
    def _on_theme(self) -> None:
        if self._draft is None:
            return
        for field in self._draft.description.fields:
            if field.type == "hex":
                self._editors[field.name].setFont(self._theme.mono)
        self.show_problems(self._problems)


def _cell_label(path: str, fields: Sequence[Field]) -> str:
    """E.g. ``Rules, row 3, pattern``."""
    from explorer.ui.typed_rows import parse_path

    place = parse_path(path)
    field = next((one for one in fields if place is not None and one.name == place[0]), None)
    if place is None or field is None:
        return path
    column = next((f", {one.label}" for one in field.columns if one.name == place[2]), "")
    return f"{field.label}, row {place[1] + 1}{column}"
