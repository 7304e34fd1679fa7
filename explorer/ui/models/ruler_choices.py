"""How the chunk ruler was shown last: remembered between starts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal


class RulerChoices(QObject):
    """Signal: changed(): what is to be remembered is another.

    happen: whether Make it happen is shown. table: whether the table is, rather than the picture.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.happen = True
        self.table = False

    def choose(self, happen: bool | None = None, table: bool | None = None) -> None:
        """Remember these from now on; None: that as before."""
        before = self.happen, self.table
        self.happen = self.happen if happen is None else happen
        self.table = self.table if table is None else table
        if (self.happen, self.table) != before:
            self.changed.emit()

    @property
    def texts(self) -> dict[str, str]:
        """For the settings."""
        return {"happen": "shown" if self.happen else "hidden", "form": "table" if self.table else "picture"}

    def load(self, texts: Mapping[str, str]) -> None:
        """Take what the settings remembered."""
        self.happen = texts.get("happen") != "hidden"
        self.table = texts.get("form") == "table"
