"""Whether a growing table stays with its newest rows, and what lies over it: the way back, a hint in place of rows."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QPushButton

from explorer.ui.theme import Theme


class FollowTail(QObject):
    """Signal: wanted(): the button was pressed: to the newest row, and stay with the newest.

    button: visible while there are new rows below; says how many.
    """

    wanted = Signal()

    def __init__(
        self, table: QAbstractScrollArea, model: QAbstractItemModel, theme: Theme, follows: bool = True
    ) -> None:
        """follows: to begin with. A table that does not begins at its top, and says nothing of rows that come."""
        super().__init__(table)
        self._follows = follows
        self._table = table
        self._model = model
        self._theme = theme
        self._following = follows
        self._left_at = 0  # rows there were when following ended
        self._hint = QLabel(table.viewport())
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.button = QPushButton(table)
        self.button.setAccessibleName("Show the newest rows")
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.setToolTip("Go to the newest row and follow (End)")
        self.button.clicked.connect(self.wanted)
        self.button.hide()

    @property
    def following(self) -> bool:
        return self._following

    def set_following(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self._left_at = self._rows
        self.show_newer()

    def begin_anew(self) -> None:
        """Other rows altogether."""
        self._left_at = 0
        self.set_following(self._follows)
        self.show_hint()

    @property
    def _rows(self) -> int:
        return self._model.rowCount(QModelIndex())

    def show_newer(self) -> None:
        """Say how many rows came since following ended."""
        new = 0 if self._following or not self._follows else self._rows - self._left_at
        if new > 0:
            self.button.setText(f"↓ {new:,} new row{'s' if new > 1 else ''}")
            self.button.setAccessibleName(f"{new:,} new rows: go to the newest")
            self.place()
        self.button.setVisible(new > 0)

    # -- in place of rows -----------------------------------------------------------------------

    @property
    def hint(self) -> str:
        """What is said in place of rows; "" while there are rows."""
        return self._hint.text() if self._hint.isVisibleTo(self._table.viewport()) else ""

    def set_hint(self, text: str) -> None:
        if text != self._hint.text():
            self._hint.setText(text)
            self.place()
        self.show_hint()

    def show_hint(self) -> None:
        """While there are no rows, and only then."""
        empty = self._rows == 0
        if self._hint.isVisibleTo(self._table.viewport()) != empty:
            self._hint.setVisible(empty)

    # -- looks ----------------------------------------------------------------------------------

    def place(self) -> None:
        """The table has another size, or a text changed."""
        seen = self._table.viewport()
        margin = min(40, seen.width() // 10)
        self._hint.setGeometry(margin, 0, seen.width() - 2 * margin, seen.height())
        size, place = self.button.sizeHint(), seen.geometry()
        left, top = place.center().x() - size.width() // 2, place.bottom() - size.height() - 8
        self.button.setGeometry(left, top, size.width(), size.height())

    def refresh(self) -> None:
        """Look at the theme again."""
        colors = self._theme.colors
        self._hint.setStyleSheet(f"color: {colors.muted};")
        self._hint.setFont(QApplication.font())
        self.button.setStyleSheet(
            f"QPushButton {{ background: {colors.accent}; color: {colors.on_accent}; border: 0; border-radius: 4px;"
            f" padding: 4px 12px; }} QPushButton:focus {{ border: 2px solid {colors.text}; }}"
        )
        self.button.setFont(QApplication.font())
        self.place()
