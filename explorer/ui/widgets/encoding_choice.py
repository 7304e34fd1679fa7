"""The list of encodings that the text of a socket can be in."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.ui.widgets.inputs import QuietCombo
from explorer.wire.text import ENCODINGS


class EncodingChoice(QuietCombo):
    """`currentData` is the encoding's name as Python knows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Encoding", parent)
        self.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        for known in ENCODINGS:
            self.addItem(known.label, known.name)

    def show_name(self, name: str) -> None:
        """Show this one without telling anyone; a workspace may name any that Python knows."""
        if self.findData(name) < 0:
            self.addItem(name, name)
        self.choose(name)
