"""The list of connections in the header of a pane that looks at one of them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.ui.models.connection_choice import NEWEST, Offered
from explorer.ui.widgets.inputs import QuietCombo

CHARACTERS = 26  # of its width, whatever the names of the connections are
_MORE = -1  # stands for the connections that are not listed


class ConnectionBox(QuietCombo):
    """Signal: picked(int): the user chose a connection by its number, or `NEWEST`.

    `show_offered` fills it.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Connection", parent)
        self.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(CHARACTERS)
        self.activated.connect(self._on_activated)

    def show_offered(self, found: Offered) -> None:
        """Offer these and show which is chosen, without telling anyone; not under the user's eyes."""
        if self.view().isVisible():
            return
        items = [(text, number) for number, text in found.items]
        if not found.one:
            items.insert(0, (f"newest: {items[0][0] if items else 'none yet'}", NEWEST))
        if found.hidden:
            items.append((f"and {found.hidden:,} more; choose one in Sockets", _MORE))
        if items != [(self.itemText(place), self.itemData(place)) for place in range(self.count())]:
            self.clear()
            for text, number in items:
                self.addItem(text, number)
            if found.hidden:
                self.disable_last()
        self.choose(found.chosen)

    @Slot()
    def _on_activated(self) -> None:
        number = self.currentData()
        if isinstance(number, int) and number != _MORE:
            self.picked.emit(number)
