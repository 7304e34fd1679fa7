"""A box about a call that failed: what was called, what the system said, what it means, what to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from explorer.core.failure import Failure
from explorer.ui.theme import Theme


class FailureBox(QFrame):
    """Takes no room while nothing failed.

    Signals: call_wanted(int): show this record of the capture. dismissed(): the user has read it.
    """

    call_wanted = Signal(int)
    dismissed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("failure_box")
        self._theme = theme
        self._failure: Failure | None = None
        self._hidden: Failure | None = None  # the user has read it
        self._record = -1
        self._mark = QLabel("✖")
        self._means = self._label()
        self._call = self._label()
        self._show = QPushButton("Show call")
        self._show.setToolTip("Select the row of this call in the table")
        self._show.setAutoDefault(False)
        self._show.clicked.connect(self._on_show)
        self._close = QToolButton()
        self._close.setText("×")
        self._close.setAutoRaise(True)
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.setAccessibleName("Hide this message")
        self._close.setToolTip("Hide this message")
        self._close.clicked.connect(self.dismiss)
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 5, 6, 5)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(1)
        layout.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._means, 0, 1)
        layout.addWidget(self._call, 1, 1)
        layout.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._show)
        buttons.addWidget(self._close)
        layout.addLayout(buttons, 0, 2, 2, 1, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def _label(self) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    @property
    def sentences(self) -> list[str]:
        """What is shown."""
        return [self._means.text(), self._call.text()] if not self.isHidden() else []

    def show_failure(self, failure: Failure | None, record: int = -1) -> None:
        """Show it (None: nothing failed) until the user hides it. record: the call's number, -1 for none."""
        self._failure, self._record = failure, record
        if failure is not self._hidden:
            self._hidden = None
        if failure is not None:
            said = " ".join(part for part in (failure.errno, f"({failure.said})" if failure.said else "") if part)
            self._means.setText(failure.sentence)
            self._call.setText(f"{failure.call} → {said}" if said else failure.call)
            self.setAccessibleName(f"Failed: {failure.sentence}")
        self._show.setVisible(record >= 0)
        self.setVisible(failure is not None and self._hidden is None)

    @Slot()
    def _on_show(self) -> None:
        self.call_wanted.emit(self._record)

    @Slot()
    def dismiss(self) -> None:
        """The user has read what is shown."""
        self._hidden = self._failure
        self.hide()
        self.dismissed.emit()

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.setStyleSheet(
            f"#failure_box {{ background: {colors.error_tint}; border: 1px solid {colors.error}; border-radius: 4px; }}"
            f"QLabel {{ color: {colors.text}; }}"
        )
        self._mark.setStyleSheet(f"color: {colors.error};")
        self._call.setFont(self._theme.mono)
        self._call.setStyleSheet(f"color: {colors.muted};")
