"""The window of a table of rules: under it a message can be tried, and rules that can never decide are told."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice
from explorer.rules_trial import doubts
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.dialogs.setting_dialog import RowsDialog
from explorer.ui.theme import Theme
from explorer.ui.widgets.rules_try import RulesTry
from explorer.ui.workbench import Workbench

MANY = 40  # rules that are looked into a moment after the last key, not at each
SOON = 250  # milliseconds
MOST_DOUBTS = 3  # sentences that are shown at once; the rows are marked, and have theirs as tips


class RulesDialog(RowsDialog):
    """See `RowsDialog`."""

    def __init__(self, field: Field, theme: Theme, parent: QWidget) -> None:
        super().__init__(field, theme, parent)
        self._workbench: Workbench | None = None
        self._number = 0
        self._draft: ChoiceDraft | None = None
        self._kind = ""
        self._asked: tuple[Mapping[str, Value] | None, bool, Choice | None] | None = None  # what was looked into
        self._think_soon = QTimer(self)
        self._think_soon.setSingleShot(True)
        self._think_soon.setInterval(SOON)
        self._think_soon.timeout.connect(self._think)
        self.doubts = QLabel()
        self.doubts.setWordWrap(True)
        self.doubts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        kept = self.doubts.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.doubts.setSizePolicy(kept)
        self.doubts.setMinimumHeight(self.doubts.fontMetrics().lineSpacing())  # its line is there before it is needed
        self.attempt = RulesTry(theme)
        self.column.insertWidget(1, self.doubts)
        self.column.insertWidget(2, self.attempt)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._fit(140, 36)

    def listen(self, workbench: Workbench, number: int) -> None:
        self._workbench, self._number = workbench, number
        workbench.socket_changed.connect(self._on_socket_changed)
        self._check()

    def show_value(self, draft: ChoiceDraft, problems: Mapping[str, str]) -> None:
        super().show_value(draft, problems)
        self._draft, self._kind = draft, self._kind or draft.kind
        self._check()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        if number == self._number:
            self._check()  # what can come depends on the framing

    def _check(self) -> None:
        if self._draft is None or self._draft.kind != self._kind:
            return  # another kind is chosen: this window is about to go
        right = self._draft.check().choice is not None
        values = self._draft.values
        entry = self._workbench.socket(self._number) if self._workbench is not None else None
        framing = entry.spec.framing if entry is not None else None
        before, self._asked = self._asked, (values, right, framing)
        if before is not None and before[0] is values and before[1:] == (right, framing):
            return
        rules = values.get(self.field.name) if values is not None else None
        if before is not None and isinstance(rules, tuple) and len(rules) > MANY:
            self._think_soon.start()
        else:
            self._think()

    @Slot()
    def _think(self) -> None:
        """What is doubtful about the rules, and what they do with the message that is tried."""
        if self._asked is None:
            return
        self._think_soon.stop()
        values, right, framing = self._asked
        self.attempt.show_rules(values, not right)
        found = doubts(values, framing) if values is not None and right else {}
        self.editor.model.warn(found)
        lines = [f"△ Row {row + 1}: {sentence}" for row, sentence in list(found.items())[:MOST_DOUBTS]]
        if len(found) > MOST_DOUBTS:
            lines.append(f"△ {len(found) - MOST_DOUBTS:,} more; the tips of the marked numbers tell why.")
        self.doubts.setText("\n".join(lines))
        self.doubts.setVisible(bool(lines))

    @Slot()
    def _on_theme(self) -> None:
        palette = self.doubts.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.warning))
        self.doubts.setPalette(palette)
