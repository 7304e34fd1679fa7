"""The list of those a message can go to: all of a socket's connections, or one of them."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QWidget

from explorer.ui.targets import NOTE, Targets
from explorer.ui.widgets.inputs import QuietCombo

CHARACTERS = 20  # of its width, whatever the names of the receivers are


class TargetBox(QuietCombo):
    """`show_targets` fills it, `chosen` is a connection's number or None for all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Send to", parent)
        self.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(CHARACTERS)

    @property
    def chosen(self) -> int | None:
        data = self.currentData()
        return data if isinstance(data, int) else None

    @property
    def is_open(self) -> bool:
        """Whether the user looks at the list now."""
        return bool(self.view().isVisible())

    def show_targets(self, targets: Targets, chosen: int | None) -> None:
        """Offer these and show which is chosen, without telling anyone."""
        items = list(targets.items)
        if chosen is not None and all(number != chosen for number, _ in items):
            items.append((chosen, "a connection that is gone"))
        blocked = QSignalBlocker(self)
        if items != [(self.itemData(place), self.itemText(place)) for place in range(self.count())]:
            self.clear()
            for number, label in items:
                self.addItem(label, number)
                if number == NOTE:
                    self.disable_last()
        self.setCurrentIndex(next(place for place, (number, _) in enumerate(items) if number == chosen))
        blocked.unblock()
