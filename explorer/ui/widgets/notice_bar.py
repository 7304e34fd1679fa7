"""A line above the panes that says what happened, with a way out. Never modal; Esc or × takes it away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from explorer.ui.entries import Notice
from explorer.ui.icons import themed_icon
from explorer.ui.theme import Theme


class NoticeBar(QFrame):
    """Signal: acted(Notice): the button was pressed."""

    acted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._notices: list[Notice] = []
        self.setObjectName("notice_bar")
        self.setAccessibleName("Notice")
        self._mark = QLabel()
        self._text = QLabel()
        for label in (self._mark, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.setAccessibleName("Way out")
        self._action.clicked.connect(self._on_action)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setAccessibleName("Dismiss this notice")
        self._close.setToolTip("Dismiss (Esc)")
        self._close.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._action)
        layout.addWidget(self._close)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    @property
    def current(self) -> Notice | None:
        return self._notices[-1] if self._notices else None

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show it; one with the same key takes the place of the earlier, and an empty text removes that."""
        self._notices = [known for known in self._notices if not notice.key or known.key != notice.key]
        if notice.text:
            self._notices = [*self._notices[-19:], notice]
        self._update()

    @Slot()
    def dismiss(self) -> None:
        """Take the newest away; an older one that is still there shows again."""
        if self._notices:
            self._notices.pop()
        self._update()

    def _update(self) -> None:
        notice = self.current
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._mark.setText("⚠" if notice.serious else "ℹ")
        more = len(self._notices) - 1
        self._text.setText(notice.text + (f"  ({more} earlier)" if more else ""))
        self._action.setText(notice.action)
        self._action.setAccessibleName(notice.action or "Way out")
        self._action.setVisible(bool(notice.action))
        self._on_theme()
        self.setAccessibleDescription(notice.text)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @Slot()
    def _on_action(self) -> None:
        notice = self.current
        self.dismiss()
        if notice is not None:
            self.acted.emit(notice)

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        serious = self.current is not None and self.current.serious
        back = colors.error_tint if serious else colors.received_tint
        edge = colors.error if serious else colors.accent
        self.setStyleSheet(
            f"#notice_bar {{ background: {back}; border: 0; border-left: 4px solid {edge}; }}"
            f"#notice_bar QLabel {{ color: {colors.text}; background: transparent; }}"
        )
        self._close.setIcon(themed_icon("close", self._theme))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)
