"""What came of a load so far, in numbers with a word above each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.load import LoadReport
from explorer.ui.load_words import PERCENTILES, rate_words, time_text
from explorer.ui.theme import Theme
from explorer.ui.units import size_text
from explorer.ui.widgets.flow_layout import FlowLayout

NONE = "–"
# name, what stands above it, what it means, digits that have room
_FIGURES = (
    ("waiting", "Waiting", "Clients that have not begun", 6),
    ("connecting", "Connecting", "Clients whose connect is under way", 6),
    ("open", "At work", "Clients that are connected and not done", 6),
    ("done", "Done", "Clients that are done with all their messages", 6),
    ("failed", "Failed", "Clients that gave up; see Failures", 6),
    ("connections", "Connected (most)", "Connections that are there now, and the most at one time", 14),
    ("sent", "Sent", "Messages that were sent", 10),
    ("answered", "Answered", "Messages whose answer came, and was right", 10),
    ("wrong", "Wrong", "Answers that are not the one expected", 6),
    ("lost", "Lost", "Messages whose answer did not come in time", 6),
)
_TIMES = (
    ("rate", "Messages/s", "Messages a second: at present, and on average once it is over", 9),
    *((name, name, f"{share:g} % of the answers took no longer than this", 8) for share, name in PERCENTILES),
    ("max", "Max", "The slowest answer", 8),
    ("connect", "Connect p50 / max", "How long it took until a connection was established", 17),
    ("bytes", "Bytes sent / received", "On the connections, framing included", 17),
)
_LEFT = {  # what is above a figure, and what it means, of a run that ended before all its clients were done
    "waiting": ("Not begun", "Clients that had not begun when it ended"),
    "connecting": ("Connect cut off", "Clients whose connect was under way when it ended"),
    "open": ("Cut off", "Clients that were connected and not done when it ended"),
}
_BAD = ("failed", "wrong", "lost")


class LoadFigures(QWidget):
    """Every number has room for its largest value, so that none moves while they count up."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: dict[str, QLabel] = {}
        self._captions: dict[str, QLabel] = {}
        self._cells: dict[str, QWidget] = {}
        self._digits: dict[str, int] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for figures in (_FIGURES, _TIMES):
            row = QWidget()
            flow = FlowLayout(row, gap=10, line_gap=3)
            for name, caption, tip, digits in figures:
                flow.addWidget(self._cell(name, caption, tip, digits))
            column.addWidget(row)
        theme.changed.connect(self._on_theme)
        self.show_report(LoadReport(0, 0), "echo")
        self._on_theme()

    def _cell(self, name: str, caption: str, tip: str, digits: int) -> QWidget:
        cell = QWidget()
        above, value = QLabel(caption), QLabel(NONE)
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for label in (above, value):
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        cell.setToolTip(tip)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        cell.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._values[name], self._digits[name] = value, digits
        self._captions[name], self._cells[name] = above, cell
        return cell

    def show_report(self, report: LoadReport, answers: str) -> None:
        """answers: see `LoadPlan`."""
        waits = answers != "none"
        shown = {
            name: f"{getattr(report, name):,}" for name in ("waiting", "connecting", "open", "done", "failed", "sent")
        }
        shown["connections"] = f"{0 if report.over else report.connections:,} ({report.peak:,})"
        self._caption(report.end in ("stopped", "failed"))
        for name in ("answered", "wrong", "lost"):
            shown[name] = f"{getattr(report, name):,}" if waits else NONE
        if report.late:
            shown["lost"] += f" ({report.late:,} late)"
        rate = report.rate if report.over else report.recent
        shown["rate"] = rate_words(rate) if rate else NONE
        shown["bytes"] = f"{size_text(report.bytes_sent)} / {size_text(report.bytes_received)}"
        times, connects = report.latencies, report.connects
        for share, name in PERCENTILES:
            shown[name] = time_text(times.percentile(share)) if times.count else NONE
        shown["max"] = time_text(times.most) if times.count else NONE
        shown["connect"] = (
            f"{time_text(connects.percentile(50))} / {time_text(connects.most)}" if connects.count else NONE
        )
        for name, text in shown.items():
            if self._values[name].text() != text:
                self._values[name].setText(text)
                if name in _BAD:
                    self._color(name)

    def _caption(self, ended_early: bool) -> None:
        """Nobody is at work any more when it is over."""
        for name, caption, tip, _digits in _FIGURES:
            text, means = _LEFT.get(name, (caption, tip)) if ended_early else (caption, tip)
            label = self._captions[name]
            if label.text() != text:
                label.setText(text)
                self._cells[name].setToolTip(means)

    def text(self, name: str) -> str:
        """What is shown of a figure."""
        return self._values[name].text()

    def caption(self, name: str) -> str:
        """What stands above a figure."""
        return self._captions[name].text()

    def _color(self, name: str) -> None:
        label = self._values[name]
        bad = name in _BAD and label.text() not in ("0", NONE)
        palette = QPalette()
        if bad:
            palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.error))
        label.setPalette(palette)

    @Slot()
    def _on_theme(self) -> None:
        for caption in self._captions.values():
            palette = caption.palette()
            palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
            caption.setPalette(palette)
        for name, label in self._values.items():
            label.setFont(self._theme.mono)
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance("0") * self._digits[name])
            self._color(name)
