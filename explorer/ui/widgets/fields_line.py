"""A line about a message with fields: the bytes of its next sending, and where its counters stand; or that what looks
like a field is none."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from explorer.ui.composer import Composer
from explorer.ui.theme import Theme
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.wire.template_fields import CounterField, IsoTimeField, TimeField

SHOWN = 64  # bytes of the next sending
EVERY = 1000  # milliseconds between two looks at the clock


class FieldsLine(QWidget):
    """Hidden while the message has no fields and nothing that looks like one. Signals: reset_wanted(): the counters are
    to begin anew. use_wanted(bool): braces are to be read as fields. time_passed(): a field shows the time, which is
    another now."""

    reset_wanted = Signal()
    use_wanted = Signal(bool)
    time_passed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.next = ElidedLabel()
        self.next.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.counter = QLabel()
        self.reset = QPushButton("Reset counter")
        self.reset.setAutoDefault(False)
        self.reset.setToolTip("The next message counts from the start again")
        self.reset.clicked.connect(self.reset_wanted)
        self.use = QPushButton("Read as fields")
        self.use.setAutoDefault(False)
        self.use.setToolTip("Fill {{…}} at sending, as the Fields menu does")
        self.use.clicked.connect(self._on_use)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.next, 1)
        row.addWidget(self.counter)
        row.addWidget(self.reset)
        row.addWidget(self.use)
        self._clock = QTimer(self)
        self._clock.setInterval(EVERY)
        self._clock.timeout.connect(self.time_passed)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def show_composer(self, composer: Composer) -> None:
        """What its message is filled with next."""
        unread = composer.unread_field
        self.use.setVisible(bool(unread))
        self.setVisible(composer.has_fields or bool(unread))
        if not composer.has_fields:
            self._clock.stop()
            for widget in (self.counter, self.reset):
                widget.hide()
            self.next.setText(f"Sent as it stands: {{{{{unread}…}}}} is not filled." if unread else "")
            return
        parts = composer.template.parts
        data = composer.data
        rest = f" … ({len(data):,} bytes)" if len(data) > SHOWN else ""
        timed = any(isinstance(part, TimeField | IsoTimeField) for part in parts)
        self.next.setText(f"Next: {data[:SHOWN].hex(' ')}{rest}")
        counters = [part for part in parts if isinstance(part, CounterField)]
        values = []
        for part in counters:
            number, limit = part.start + part.step * composer.counter, part.form.limit
            values.append(f"{number if limit is None else number % limit:,}")
        self.counter.setText(f"Counter: {', '.join(values)}")
        for widget in (self.counter, self.reset):
            widget.setVisible(bool(counters))
        self.reset.setEnabled(composer.counter > 0)
        if timed and not self._clock.isActive():
            self._clock.start()
        elif not timed:
            self._clock.stop()

    @Slot()
    def _on_use(self) -> None:
        self.use_wanted.emit(True)

    @Slot()
    def _on_theme(self) -> None:
        self.next.setFont(self._theme.mono)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.counter.setPalette(palette)
