"""One line of text in several tones, which ends in … where there is no room for it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.ui.first_messages_text import Run, plain
from explorer.ui.theme import Theme
from explorer.ui.widgets.elided_label import ElidedLabel

LEAST = 24  # digits that are seen at least, where the window has room for that many


class RunsLabel(ElidedLabel):
    """`text` is all of it, for screen readers and the tip."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs: tuple[Run, ...] = ()
        self._faint = False

    def show_runs(self, runs: Sequence[Run], faint: bool = False) -> None:
        """faint: all of it is greyed."""
        if (tuple(runs), faint) != (self._runs, self._faint):
            self._runs, self._faint = tuple(runs), faint
            self.setText(plain(list(runs)))
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("0") * LEAST, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = self._theme.colors
        tones = {"text": colors.text, "quiet": colors.muted, "error": colors.error}
        painter = QPainter(self)
        area, metrics = self.contentsRect(), self.fontMetrics()
        whole = metrics.horizontalAdvance(self.text()) <= area.width()
        for run in self._runs:
            wide = metrics.horizontalAdvance(run.text)
            seen = run.text
            if not whole and wide > area.width() - metrics.horizontalAdvance("…"):
                seen = metrics.elidedText(f"{run.text}…", Qt.TextElideMode.ElideRight, area.width())
                wide = area.width()
            painter.setPen(QColor(colors.muted if self._faint else tones[run.tone]))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, seen)
            area.setLeft(area.left() + wide)
            if area.width() <= 0:
                break
        self.setToolTip("" if whole else self.text())
