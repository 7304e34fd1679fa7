"""The load that was asked for last: remembered between starts as it stood in the form."""

from __future__ import annotations

import json

from PySide6.QtCore import QObject, Signal

LONGEST = 8000  # characters that are remembered


class LoadChoices(QObject):
    """Signal: changed(): what is to be remembered is another.

    plan: as `explorer.core.load.LoadPlan.to_json` gives it, unchecked; None: none yet.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan: dict[str, object] | None = None

    def choose(self, plan: dict[str, object]) -> None:
        """Remember this from now on."""
        if plan != self.plan:
            self.plan = plan
            self.changed.emit()

    @property
    def text(self) -> str:
        """For the settings; "" while there is none."""
        text = json.dumps(self.plan) if self.plan is not None else ""
        return text if len(text) <= LONGEST else ""

    def load(self, text: str) -> None:
        """Take what the settings remembered; what cannot be read is as good as none."""
        try:
            found = json.loads(text) if text and len(text) <= LONGEST else None
        except (ValueError, RecursionError):
            found = None
        self.plan = found if isinstance(found, dict) else None
