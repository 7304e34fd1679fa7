"""What a framing is: a picture of its frames drawn from the settings, a sentence, and the first messages under it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.fields import check
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.theme import Theme
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.frame_picture import FramePicture
from explorer.ui.widgets.framing_preview import FramingPreview
from explorer.ui.workbench import Workbench
from explorer.wire.framing.api import Part
from explorer.wire.framing.registry import find_kind

BEFORE = "So it was before a setting became wrong."
EXAMPLE = "An example: a setting is still missing."


class FramingNote(QWidget):
    """Stands under the settings of a framing."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.picture = FramePicture(theme)
        self.summary = ElidedLabel()
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # what room there is
        self.preview = FramingPreview(workbench, theme)
        drawn = QWidget()
        line = QHBoxLayout(drawn)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.picture)
        line.addWidget(self.summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(drawn)
        column.addWidget(self.preview)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def show_draft(self, draft: ChoiceDraft) -> None:
        """What stands in the form now, right or wrong."""
        parts, old = drawn(draft)
        self.picture.show_parts(parts, old)
        self.picture.setVisible(bool(parts))
        self.summary.setText(find_kind(draft.kind).summary)
        self.preview.show_choice(draft.check().choice)

    @Slot()
    def _on_theme(self) -> None:
        palette = self.summary.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.summary.setPalette(palette)
        self.summary.setContentsMargins(0, 0, 0, self.summary.fontMetrics().height() // 4)  # as the words in the boxes


def drawn(draft: ChoiceDraft) -> tuple[tuple[Part, ...], str]:
    """The picture of a framing as it stands in a form; and where a setting is wrong, what it is a picture of."""
    kind, choice = find_kind(draft.kind), draft.check().choice
    values, old = draft.values, "" if choice is not None else BEFORE
    if old and values is None and kind.presets:
        values, old = check(kind.fields, kind.presets[0].settings), EXAMPLE
    return (kind.picture(values) if values is not None else ()), old
