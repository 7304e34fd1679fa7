"""Labels that give way: what there is no room for ends in …, and the tip has it all."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.ui.theme import Theme

LEAST = 6  # digits that are seen at least


class ElidedLabel(QLabel):
    """One line of plain text. `text` is all of it, whatever is seen, for screen readers too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("0") * LEAST, super().minimumSizeHint().height())

    @property
    def seen(self) -> str:
        """What is painted."""
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area, seen = self.contentsRect(), self.seen
        self.style().drawItemText(
            painter, area, self.alignment(), self.palette(), self.isEnabled(), seen, QPalette.ColorRole.WindowText
        )
        self.setToolTip(self.text() if seen != self.text() else "")


class MutedLabel(ElidedLabel):
    """One for words that explain: in the theme's muted colour, and as wide as there is room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.setPalette(palette)


class GivingLabel(QLabel):
    """A sentence that wraps, in as many lines as it needs. Where there is less room it is one line, or none at all:
    never half a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)

    def hasHeightForWidth(self) -> bool:
        return False  # else a layout would give it no less than that

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.heightForWidth(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = self.height() >= self.heightForWidth(self.width())
        if whole:
            super().paintEvent(event)
        elif self.height() >= self.fontMetrics().height():
            painter = QPainter(self)
            seen = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            self.style().drawItemText(
                painter, self.rect(), Qt.AlignmentFlag.AlignTop, self.palette(), self.isEnabled(), seen,
                QPalette.ColorRole.WindowText,
            )  # fmt: skip
        self.setToolTip("" if whole else self.text())
