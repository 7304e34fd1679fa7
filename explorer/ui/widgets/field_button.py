"""The button whose menu puts fields into the message: counters, times, chance, lengths and checksums."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from explorer.wire.checksums import CHECKSUMS
from explorer.wire.template_reading import FIELD_HELP

_FAMILIES = (("crc8", "CRC-8"), ("crc16", "CRC-16"), ("crc32", "CRC-32"), ("", "Sums and others"))


class FieldButton(QPushButton):
    """Signals: inserted(str): this field is to be put at the cursor. used(bool): braces are fields, or are not."""

    inserted = Signal(str)
    used = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Fields", parent)
        self.setAutoDefault(False)
        self.setToolTip("Put in what is filled at sending: a counter, the time, a length, a checksum")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for entry in FIELD_HELP:
            if entry.name == "checksum":
                self._add_checksums(menu.addMenu(entry.label), entry.summary)
            else:
                action = menu.addAction(f"{entry.label}\t{entry.example}")
                action.setToolTip(entry.summary)
                action.setData(entry.example)
                action.triggered.connect(self._on_field)
        menu.addSeparator()
        self.use = menu.addAction("Read {{…}} as fields")
        self.use.setCheckable(True)
        self.use.setToolTip("Off: double braces are sent as they are typed")
        self.use.triggered.connect(self.used)
        self.setMenu(menu)

    def _add_checksums(self, menu: QMenu, summary: str) -> None:
        menu.setToolTipsVisible(True)
        left = list(CHECKSUMS)
        for prefix, label in _FAMILIES:
            family = menu.addMenu(label)
            family.setToolTipsVisible(True)
            for checksum in [one for one in left if one.name.startswith(prefix)]:
                left.remove(checksum)
                field = f"{{{{{checksum.name}}}}}"
                action = family.addAction(f"{checksum.label}\t{field}")
                action.setToolTip(summary.split(" Known:")[0])
                action.setData(field)
                action.triggered.connect(self._on_field)

    def show_use(self, used: bool) -> None:
        self.use.setChecked(used)

    @Slot()
    def _on_field(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.inserted.emit(action.data())
