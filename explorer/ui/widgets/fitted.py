"""A pane that is as high as its content needs at its present width, and scrolls where the window has less room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget


class _Content(QWidget):
    """Signal: asked(): something in it wants another size."""

    asked = Signal()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.asked.emit()
        return done


class FittedPane(QWidget):
    """What it shows is laid out in `content`. In a box layout beside a neighbour that stretches, it gives way only
    when the neighbour is as small as it can be. Works in splitters too, which know nothing of heights that depend
    on widths: that is why the pane itself has none for Qt, and tells its height as a size hint."""

    def __init__(self, least_lines: float, parent: QWidget | None = None) -> None:
        """least_lines: its height in lines of text where there is very little room."""
        super().__init__(parent)
        self._least_lines = least_lines
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.content = _Content()
        self._scroll = QScrollArea()
        self._scroll.setWidget(self.content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
        self.content.asked.connect(self._on_asked)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_range)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def hasHeightForWidth(self) -> bool:
        return False

    def heightForWidth(self, width: int) -> int:
        """Pixels that everything in it needs at this width."""
        height = self.content.heightForWidth(width)
        return height if height >= 0 else self.content.sizeHint().height()  # the same at every width

    def sizeHint(self) -> QSize:
        width = max(self.width(), self.minimumSizeHint().width())
        return QSize(self.content.sizeHint().width(), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        least = round(self.fontMetrics().lineSpacing() * self._least_lines)
        width = self.content.minimumSizeHint().width()
        return QSize(width + bar, min(least, self.heightForWidth(max(self.width(), width))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    @Slot()
    def _on_asked(self) -> None:
        self.updateGeometry()

    @Slot()
    def _on_range(self) -> None:
        """What has the keyboard stays in sight when something comes above it."""
        self._on_focus(None, QApplication.focusWidget())

    @Slot(QWidget, QWidget)
    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        """What has the keyboard is seen."""
        if now is not None and self.content.isAncestorOf(now):
            self._scroll.ensureWidgetVisible(now, 0, self.fontMetrics().lineSpacing())
