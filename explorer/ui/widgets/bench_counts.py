"""How much a framing of the bench has found, in one line however narrow its column is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.widgets.elided_label import ElidedLabel

BETWEEN = " · "
NONE = "0 "  # a part that begins so says that there is nothing of its kind


class BenchCounts(ElidedLabel):
    """`text` is all of it. Where there is no room for that, what is not there is left out first; the tip has it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._parts: tuple[str, ...] = ()

    def show_parts(self, parts: Sequence[str]) -> None:
        """The last matters most."""
        if tuple(parts) != self._parts:
            self._parts = tuple(parts)
            self.setText(BETWEEN.join(parts))

    @property
    def seen(self) -> str:
        """What there is room for."""
        parts = list(self._parts)
        for place in range(len(parts) - 1, -1, -1):
            if self._fit(parts) == BETWEEN.join(parts):
                break
            if parts[place].startswith(NONE) and len(parts) > 1:
                del parts[place]
        return self._fit(parts)

    def _fit(self, parts: Sequence[str]) -> str:
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(BETWEEN.join(parts), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, seen = QPainter(self), self.seen
        self.style().drawItemText(
            painter, self.contentsRect(), self.alignment(), self.palette(), self.isEnabled(), seen,
            QPalette.ColorRole.WindowText,
        )  # fmt: skip
        self.setToolTip(self.text() if seen != self.text() else "")
