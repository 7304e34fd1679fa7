"""A list of many choices: those that are wanted most stand first, and typing finds any word of any of them."""

from __future__ import annotations

import re
import time

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QApplication, QListView, QWidget

from explorer.core.fields import Field
from explorer.ui.widgets.inputs import QuietCombo

MOST_ROWS = 20  # seen at once
CHARACTERS = 13  # that the field is wide; its list is as wide as the longest
LEAST_CHARACTERS = 8
_WORD = re.compile(r"[^\W_]+")


class LongChoice(QuietCombo):
    """The choices of a field. `currentData` is the choice as it is written in a file."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field.label, parent)
        self.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(CHARACTERS)
        self.setMaxVisibleItems(MOST_ROWS)
        self.setStyleSheet("combobox-popup: 0;")  # else the list is as long as it is, like a menu
        view = _FoundByWord()
        view.setSpacing(1)
        self.setView(view)
        for choice in (*field.common, *(one for one in field.choices if one not in field.common)):
            self._add(choice, field.label_of(choice))
        if field.common:
            self.insertSeparator(len(field.common))

    def _add(self, choice: str, label: str) -> None:
        self.addItem(label, choice)
        self.setItemData(self.count() - 1, choice, Qt.ItemDataRole.ToolTipRole)

    def minimumSizeHint(self) -> QSize:
        """It may get too narrow for its words, as in a narrow window with large text."""
        least = super().minimumSizeHint()
        return QSize(least.width() * LEAST_CHARACTERS // CHARACTERS, least.height())

    def showPopup(self) -> None:
        view = self.view()
        view.setFont(self.font())  # a view of one's own does not zoom along
        beside = view.verticalScrollBar().sizeHint().width() + view.fontMetrics().averageCharWidth() * 2
        view.setMinimumWidth(view.sizeHintForColumn(0) + beside)
        super().showPopup()


class _FoundByWord(QListView):
    """Typing goes to the next row of which a word, or the whole, begins so."""

    def __init__(self) -> None:
        super().__init__()
        self._typed = ""
        self._last = 0.0  # seconds

    def keyboardSearch(self, text: str) -> None:
        now = time.monotonic()
        again = now - self._last > QApplication.keyboardInputInterval() / 1000 or not text
        self._last = now
        self._typed = text if again else self._typed + text
        wanted = self._typed.lower()
        model, row = self.model(), self.currentIndex().row()
        assert isinstance(model, QStandardItemModel)
        if len(set(wanted)) == 1:  # the same letter goes through all of them
            wanted, row = wanted[0], row + 1
        for step in range(model.rowCount() if wanted else 0):
            index = model.index((max(0, row) + step) % model.rowCount(), 0)
            if model.flags(index) & Qt.ItemFlag.ItemIsEnabled and _begins(
                index.data(), index.data(Qt.ItemDataRole.ToolTipRole), wanted
            ):
                self.setCurrentIndex(index)
                return


def _begins(label: str, choice: str, wanted: str) -> bool:
    texts = (label.lower(), choice.lower())
    return any(text.startswith(wanted) for text in texts) or any(
        text.startswith(wanted, word.start()) for text in texts for word in _WORD.finditer(text)
    )
