"""The list of connections in the bench's header."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from explorer.ui.models.bench_connections import NEWEST, Offered
from explorer.ui.widgets.inputs import QuietCombo

CHARACTERS = 26  # of its width, whatever the names of the connections are


class BenchConnectionBox(QuietCombo):
    """`show_offered` fills it, `chosen` is a connection's number or `NEWEST`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Connection", parent)
        self.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(CHARACTERS)

    @property
    def chosen(self) -> int:
        data = self.currentData()
        return data if isinstance(data, int) else NEWEST

    def show_offered(self, found: Offered, chosen: int, one: bool) -> None:
        """Offer these and show which is chosen, without telling anyone; not under the user's eyes.

        one: the window is about one connection alone, so that whichever is the newest does not matter.
        """
        if self.view().isVisible():
            return
        items = [(text, number) for number, text in found.items]
        if not (one and items):
            items.insert(0, (f"newest: {items[0][0] if items else 'none yet'}", NEWEST))
        shown = [(self.itemText(place), self.itemData(place)) for place in range(len(items))]
        if items != shown or self.count() != len(items) + bool(found.hidden):
            self.clear()
            for text, number in items:
                self.addItem(text, number)
            if found.hidden:
                self.addItem(f"and {found.hidden:,} more; choose one in Sockets", -1)
                self.disable_last()
        self.choose(chosen)
