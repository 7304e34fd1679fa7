"""A button whose menu fills in settings that are known by a name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from explorer.ui.choice_draft import ChoicePreset

TITLE = "Presets"
LONGEST = 34  # characters of a preset's name on the button


class PresetButton(QPushButton):
    """Hidden where there are none. Its words are the preset that the settings are, if any.

    Signal: chosen(ChoicePreset).
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None, of: str = "") -> None:
        """of: ends its name for screen readers, and tells it from others."""
        super().__init__(TITLE, parent)
        self._of = of
        self._offered: tuple[ChoicePreset, ...] = ()
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self.setMenu(self._menu)
        self.hide()

    def offer(self, presets: Sequence[ChoicePreset]) -> None:
        """Let the user choose among these."""
        self._offered = tuple(presets)
        self._menu.clear()
        for number, preset in enumerate(presets):
            action = self._menu.addAction(preset.label.replace("&", "&&"))
            action.setCheckable(True)
            action.setToolTip(preset.help)
            action.setStatusTip(preset.help)
            action.setData(number)
            action.triggered.connect(self._on_triggered)
        self.setVisible(bool(presets))

    def show_chosen(self, chosen: ChoicePreset | None, added: str = "") -> None:
        """Which of them the settings are now. added: what they have besides, e.g. "Checksum"."""
        for action, preset in zip(self._menu.actions(), self._offered, strict=True):
            action.setChecked(preset is chosen)
        label = chosen.label if chosen is not None else ""
        short = label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"
        more = f" + {added.lower()}" if added else ""
        self.setText(f"Preset: {short}{more}".replace("&", "&&") if label else TITLE)
        self.setAccessibleName((f"Preset: {label}{more}" if label else TITLE) + self._of)
        self.setToolTip(f"{label}: {chosen.help}" if chosen is not None else "Fill in settings that have a name")

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().horizontalAdvance(TITLE) + self.fontMetrics().height() * 2, self.sizeHint().height()
        )

    @Slot()
    def _on_triggered(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.chosen.emit(self._offered[action.data()])
