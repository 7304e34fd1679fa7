"""What may be chosen beside what is looked for: how it is typed, in which encoding, of which width, and where."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from explorer.capture.stream import Scope
from explorer.ui.widgets.encoding_choice import EncodingChoice
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo
from explorer.wire.patterns import KINDS, PatternOptions, find_kind
from explorer.wire.patterns.number import ORDERS, WIDTHS

_SCOPES = {"everything": "the whole capture", "socket": "this socket", "connection": "this connection"}
_DIRECTIONS = {"both": "both directions", "received": "← received", "sent": "→ sent"}


def scope_words(scope: Scope) -> str:
    """What was chosen before, in words."""
    if scope.connection is not None:
        return "the connection chosen before"
    return "the whole capture" if scope.socket is None else "the socket chosen before"


class FindOptions(QWidget):
    """Signals: kind_chosen(): something else is typed. changed(): anything was chosen, also the kind."""

    kind_chosen = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggested = "utf-8"
        self._own_encoding = False  # the user chose one
        self._own_scope: str | None = None
        self._flow = FlowLayout(self, gap=8, line_gap=3)
        self.kind = self._combo("What is typed", {kind.name: kind.label for kind in KINDS})
        self.case = QCheckBox("Match case")
        self.encoding = EncodingChoice()
        self.encoding.setAccessibleName("Encoding of what is typed")
        self.width_box = self._combo("Width of the number", dict(WIDTHS))
        self.width_box.choose("4")
        self.order = self._combo("Order of the number's bytes", dict(ORDERS))
        self.scope_box = self._combo("Where to find", _SCOPES)
        self.direction = self._combo("Direction", _DIRECTIONS)
        self._kept = {"kind": self.kind, "width": self.width_box, "order": self.order}
        self._pairs = {
            "encoding": self._pair("Encoding:", self.encoding),
            "width": self._pair("Width:", self.width_box),
            "order": self._pair("Order:", self.order),
            "case": self.case,
        }
        for widget in (
            self._pair("As:", self.kind),
            *self._pairs.values(),
            self._pair("In:", self.scope_box),
            self._pair("Way:", self.direction),
        ):
            self._flow.addWidget(widget)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.encoding.activated.connect(self._on_encoding)
        self.scope_box.activated.connect(self._on_scope)
        for box in (self.encoding, self.width_box, self.order, self.scope_box, self.direction):
            box.currentIndexChanged.connect(self.changed)
        self.case.toggled.connect(self.changed)
        self._show_options()

    @staticmethod
    def _combo(name: str, choices: dict[str, str]) -> QuietCombo:
        combo = QuietCombo(name)
        combo.setToolTip(name)
        for value, label in choices.items():
            combo.addItem(label, value)
        return combo

    @staticmethod
    def _pair(text: str, field: QWidget) -> QWidget:
        pair = QWidget()
        beside = QHBoxLayout(pair)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(4)
        label = QLabel(text)
        label.setBuddy(field)
        beside.addWidget(label)
        beside.addWidget(field)
        return pair

    # -- what is chosen -------------------------------------------------------------------------

    @property
    def kind_name(self) -> str:
        return str(self.kind.currentData())

    def choose_kind(self, name: str) -> None:
        """Have something else typed."""
        self.kind.setCurrentIndex(self.kind.findData(name))

    @property
    def choices(self) -> dict[str, str]:
        """What is kept for the next start; where is looked, and in which encoding, depends on what is looked at."""
        kept = {name: str(box.currentData()) for name, box in self._kept.items()}
        return {**kept, "case": "match" if self.case.isChecked() else "ignore"}

    def set_choices(self, choices: Mapping[str, str]) -> None:
        """As they were kept; what makes no sense is left out."""
        for name, box in self._kept.items():
            place = box.findData(choices.get(name, ""))
            if place >= 0:
                box.setCurrentIndex(place)
        if choices.get("case") in ("match", "ignore"):
            self.case.setChecked(choices["case"] == "match")

    @property
    def pattern_options(self) -> PatternOptions:
        return PatternOptions(
            self.encoding.currentData(), self.case.isChecked(), self.width_box.currentData(), self.order.currentData()
        )

    @property
    def directions(self) -> tuple[bool, bool]:
        """Whether what was received is looked through, and what was sent."""
        chosen = self.direction.currentData()
        return chosen != "sent", chosen != "received"

    def suggest_encoding(self, name: str) -> bool:
        """The socket's encoding. Whether it is now another one: the user's own choice stays, until it is that of a
        socket again."""
        before, self._suggested = self._suggested, name
        if self._own_encoding or name == before:
            return False
        self.encoding.show_name(name)
        return "encoding" in find_kind(self.kind_name).options

    def offer_scopes(self, scope: Scope) -> None:
        """Offer what is chosen at the left; the narrowest of it, unless the user wanted another one."""
        offered = ["everything"]
        if scope.socket is not None:
            offered.append("socket")
        if scope.connection is not None:
            offered.append("connection")
        if [self.scope_box.itemData(place) for place in range(self.scope_box.count())] == offered:
            return
        blocked = self.scope_box.blockSignals(True)
        self.scope_box.clear()
        for name in offered:
            self.scope_box.addItem(_SCOPES[name], name)
        self.scope_box.choose(self._own_scope if self._own_scope in offered else offered[-1])
        self.scope_box.blockSignals(blocked)

    def scope(self, selected: Scope) -> Scope:
        """Where to find; selected: what is chosen at the left."""
        chosen = self.scope_box.currentData()
        if chosen == "everything":
            return Scope()
        return Scope(selected.socket) if chosen == "socket" else selected

    @property
    def where(self) -> str:
        """In words: ``in this socket, received``."""
        way = {"both": "", "received": ", received", "sent": ", sent"}[self.direction.currentData()]
        return f"in {_SCOPES[self.scope_box.currentData()]}{way}"

    @property
    def widening(self) -> str:
        """Where else could be looked when there is nothing: ``Look in the whole capture``. "": everywhere was."""
        if self.direction.currentData() != "both":
            return "Look in both directions"
        return "" if self.scope_box.currentData() == "everything" else "Look in the whole capture"

    def widen(self) -> None:
        """Have that looked at, as if the user had chosen it."""
        if self.direction.currentData() != "both":
            self.direction.choose("both")
        elif self.scope_box.currentData() != "everything":
            self.scope_box.choose("everything")
            self._on_scope()

    # -- what is shown --------------------------------------------------------------------------

    @Slot()
    def _on_kind(self) -> None:
        self._show_options()
        self.kind_chosen.emit()
        self.changed.emit()

    @Slot()
    def _on_encoding(self) -> None:
        self._own_encoding = self.encoding.currentData() != self._suggested

    @Slot()
    def _on_scope(self) -> None:
        self._own_scope = self.scope_box.currentData()

    def _show_options(self) -> None:
        """Only those that count for the kind."""
        options = find_kind(self.kind_name).options
        for name, widget in self._pairs.items():
            widget.setVisible(name in options)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit_height()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """A splitter knows nothing of lines that wrap: as high as they are now."""
        height = self._flow.heightForWidth(self.width())
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
