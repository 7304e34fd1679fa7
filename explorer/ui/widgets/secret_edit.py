"""What shows a secret that is typed: a button with an eye beside its field."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLineEdit, QToolButton

from explorer.ui.icons import themed_icon
from explorer.ui.theme import Theme


class EyeButton(QToolButton):
    """Shows what is typed in a field while it is down, and hides it again."""

    def __init__(self, edit: QLineEdit, label: str, theme: Theme) -> None:
        super().__init__()
        self._edit = edit
        self._label = label
        self._theme = theme
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggled.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        shown = self.isChecked()
        self._edit.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.setIcon(themed_icon("eye-off" if shown else "eye", self._theme))
        text = f"{'Hide' if shown else 'Show'} {self._label.lower()}"
        self.setAccessibleName(text)
        self.setToolTip(text)
