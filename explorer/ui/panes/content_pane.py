"""The Content pane: the chosen message as what it is, such as JSON or HTTP, found out by itself or as the user says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.bridge.jobs import Job
from explorer.capture.message_spans import span_of
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.span_bytes import Holder, SpanBytes, read_span
from explorer.core.calls import Call
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.content_text import ContentText
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.workbench import Workbench
from explorer.wire.content.api import Hints, Rendered
from explorer.wire.content.registry import VIEWS, choose, find_view

MOST = 1 << 20
"""Bytes of a message that are shown."""
AT_ONCE = 8 << 10
"""Bytes that are shown without a thread of their own: it takes some milliseconds."""
CALLS_AT_ONCE = 1 << 10
MOST_PROBLEMS = 3
NOTHING = (
    "The chosen message appears here as what it is: JSON, HTTP, text or hex.\n\n"
    "Choose a row in Messages or Calls, or a byte in Bytes."
)
WITHOUT_BYTES = "What is chosen carried no bytes.\n\nChoose a call that received or sent some."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Bytes to be shown, and how. view: "" to find out. data None: still to be read, as the span says."""

    what: str
    span: Span | None
    data: bytes | None
    whole: bool
    encoding: str
    view: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """What came of it. automatic: what the bytes look like."""

    wanted: _Wanted
    what: str
    automatic: str
    rendered: Rendered
    facts: tuple[str, ...]


class ContentPane(DockedPane):
    """Shows the bytes selected in the window; where that is one byte or none, the message that holds the cursor, as
    soon as it is complete, and until then what the call carried."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._views: dict[int, str] = {}  # by socket: what the user chose for it
        self._call: Call | None = None  # that the bytes begin in
        self._holder: Holder | None = None
        self._job: Job | None = None
        self._awaited: _Wanted | None = None
        self._rendered: Rendered | None = None
        self._look_soon = QTimer(self)  # span and cursor change one after the other, and keys come fast
        self._look_soon.setSingleShot(True)
        self._look_soon.setInterval(0)
        self._look_soon.timeout.connect(self._look)
        self.where = ElidedLabel()
        self.view_choice = QuietCombo("Show as")
        self.wrap = QCheckBox("Wrap lines")
        self.copy_button = QPushButton("Copy all")
        self.problems = self._sentences()
        self.facts = self._sentences()
        self.text = ContentText(theme)
        self.text.setAccessibleName("Content")
        self.empty = QLabel(NOTHING)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._say(NOTHING)

    def _sentences(self) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.hide()
        return label

    def _lay_out(self) -> None:
        self.view_choice.addItem("Automatic", "")
        for view in VIEWS:
            self.view_choice.addItem(view.title, view.name)
        self.view_choice.setSizeAdjustPolicy(QuietCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view_choice.setMinimumContentsLength(14)
        self.view_choice.setMinimumWidth(1)  # it gives way in a narrow dock
        self.view_choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        label = QLabel("Show as:")
        label.setBuddy(self.view_choice)
        self.wrap.setChecked(True)
        self.copy_button.setToolTip("Copy everything that is shown here")
        controls = QWidget()
        row = FlowLayout(controls, gap=8, line_gap=2)
        for widget in (label, self.view_choice, self.wrap, self.copy_button):
            row.addWidget(widget)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(3)
        inner.addWidget(self.where)
        inner.addWidget(controls)
        inner.addWidget(self.problems)
        inner.addWidget(self.facts)
        inner.addWidget(self.text, 1)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 0)
        column.addWidget(self.stack)

    def _connect(self) -> None:
        bench = self._workbench
        bench.selection.span_changed.connect(self._on_selection)
        bench.selection.cursor_changed.connect(self._on_selection)
        bench.messages.changed.connect(self._look)
        bench.capture_changed.connect(self._look)
        bench.socket_changed.connect(self._on_socket)
        bench.ticked.connect(self._on_tick)
        self.view_choice.currentIndexChanged.connect(self._on_view)
        self.wrap.toggled.connect(self.text.set_wrapped)
        self.copy_button.clicked.connect(self.copy_all)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()

    def focus_first(self) -> None:
        """Take the keyboard, in the text."""
        first = self.empty if self.stack.currentWidget() is self.empty else self.text
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_seen(self) -> None:
        if self.seen:
            self._workbench.messages.use(self)
            self._look()
        else:
            self._workbench.messages.leave(self)

    # -- which bytes ------------------------------------------------------------------------------

    @Slot(object, object)
    def _on_selection(self, chosen: object, origin: QObject | None) -> None:
        self._look_soon.start()

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        if self._call is not None and self._call.socket == number:
            self._look()  # its encoding may be another

    @Slot()
    def _look(self) -> None:
        """Find out what is chosen and show it."""
        if not self.seen:
            return
        reader, selection = self._workbench.reader, self._workbench.selection
        span, cursor = selection.span, selection.cursor
        self._call = self._holder = None
        place = span.first if span is not None else cursor
        if place is None or place.call >= reader.count:
            self._say(NOTHING)
            return
        if span is None or (span.last_call >= reader.count):
            span = Span.of_call(reader.call(place.call))
            alone = True
        else:
            alone = _is_one_byte(span)
        messages = self._workbench.messages.messages
        if messages is not None and reader.call(place.call).size:
            self._holder = Holder(reader, messages, cursor if alone and cursor is not None else place)
            self._holder.advance()
            if self._show_held(span, alone):
                return
        if alone and span.first_call == span.last_call:
            span = Span.of_call(reader.call(place.call))
        self._show_span(reader, span)

    def _show_held(self, span: Span, alone: bool) -> bool:
        """Show the message that holds the cursor, if it is found and is what is meant."""
        holder = self._holder
        if holder is None or holder.message is None:
            return False
        message, self._holder = holder.message, None
        own = replace(span_of(message), connection=span.connection, received=span.received)
        if not alone and own != span:
            return False
        messages = self._workbench.messages.messages
        assert messages is not None
        self._call = self._workbench.reader.call(message.first_call)
        data = messages.payload(message, MOST)
        size = message.payload_size or len(data)
        what = f"Message {message.number + 1:,} · {_direction(message.received)} · {count_text(size, 'byte')}"
        self._show(what, None, data, len(data) >= size)
        return True

    @Slot()
    def _on_tick(self) -> None:
        """The message that holds the cursor may be complete now."""
        holder, selection = self._holder, self._workbench.selection
        if holder is None or not self.seen:
            return
        if holder.over:
            self._holder = None
            return
        holder.advance()
        span = selection.span
        self._show_held(span or Span(0, 0, 0, 0), span is None or _is_one_byte(span))

    def _show_span(self, reader: Reader, span: Span) -> None:
        """The bytes of a span; read beside the window if it is long."""
        if span.last_call - span.first_call > CALLS_AT_ONCE:
            self._call = reader.call(span.first_call)
            self._show("", span, None, True)
            return
        read = read_span(reader, span, MOST)
        self._call = read.first
        if not read.data:
            self._say(WITHOUT_BYTES)
            return
        self._show(_describe(read, span), span, read.data, read.whole)

    # -- showing ----------------------------------------------------------------------------------

    def _show(self, what: str, span: Span | None, data: bytes | None, whole: bool) -> None:
        assert self._call is not None
        socket = self._call.socket
        encoding = encoding_of(self._workbench, socket)
        wanted = _Wanted(what, span, data, whole, encoding, self._views.get(socket, ""))
        self.view_choice.choose(wanted.view)
        self._stop_job()
        if data is not None and len(data) <= AT_ONCE:
            self._take(_render(self._workbench.reader, wanted))
            return
        reader = self._workbench.reader
        self._awaited = wanted
        self._job = self._workbench.jobs.start("Show content", lambda progress: _render(reader, wanted))
        self._job.succeeded.connect(self._on_rendered)
        self._job.failed.connect(self._on_failed)

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._awaited = None

    @Slot(object)
    def _on_rendered(self, shown: _Shown) -> None:
        if shown.wanted is self._awaited:
            self._job = self._awaited = None
            self._take(shown)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if sentence and self.sender() is self._job:
            self._job = self._awaited = None
            self._say(sentence)

    def _take(self, shown: _Shown) -> None:
        if not shown.rendered.lines and not shown.what:
            self._say(WITHOUT_BYTES)
            return
        self._rendered = shown.rendered
        self.where.setText(shown.what)
        self.view_choice.setItemText(0, f"Automatic ({shown.automatic})")
        _tell(self.problems, shown.rendered.problems)
        _tell(self.facts, shown.facts)
        self.text.show_rendered(shown.rendered)
        self.stack.setCurrentIndex(1)

    def _say(self, sentence: str) -> None:
        self._stop_job()
        self._rendered = None
        if self.empty.text() != sentence:
            self.empty.setText(sentence)
        self.stack.setCurrentWidget(self.empty)

    @Slot()
    def _on_view(self) -> None:
        """The user wants it shown otherwise: so for this socket from now on."""
        if self._call is not None:
            self._views[self._call.socket] = str(self.view_choice.currentData())
            self._look()

    @Slot()
    def copy_all(self) -> None:
        if self._rendered is not None:
            QGuiApplication.clipboard().setText(self._rendered.text)

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.empty.setStyleSheet(f"color: {colors.muted}; background: {colors.base}")
        self.where.setStyleSheet(f"color: {colors.muted}")
        self.facts.setStyleSheet(f"color: {colors.muted}")
        self.problems.setStyleSheet(f"color: {colors.error}")


def _render(reader: Reader, wanted: _Wanted) -> _Shown:
    """Runs on a thread of its own where there is much to show."""
    data, whole, what = wanted.data, wanted.whole, wanted.what
    facts: list[str] = []
    if data is None:
        assert wanted.span is not None
        read = read_span(reader, wanted.span, MOST)
        data, whole, what = read.data, read.whole, _describe(read, wanted.span)
    hints = Hints(wanted.encoding, whole)
    automatic = choose(data, hints)
    view = find_view(wanted.view) or automatic
    rendered = view.render(data, hints)
    if not whole:
        facts.append(f"Only the first {len(data):,} bytes are shown. Bytes shows all of them, and can save them.")
    return _Shown(wanted, what, automatic.title, rendered, (*facts, *rendered.facts))


def _is_one_byte(span: Span) -> bool:
    return span.first_call == span.last_call and span.last_skip - span.first_skip <= 1


def _describe(read: SpanBytes, span: Span) -> str:
    """Which bytes these are: ``recv #12 · 37 bytes``."""
    if read.first is None:
        return ""
    number = read.first.number
    calls = f"#{number}" if number == span.last_call else f"#{number} to #{span.last_call}"
    size = count_text(len(read.data), "byte") if read.whole else f"more than {len(read.data):,} bytes"
    only = f" · only what {read.first.kind.name} #{number}'s connection {_direction(read.first.received)}"
    return f"{read.first.kind.name} {calls} · {size}{only if read.others else ''}"


def _direction(received: bool) -> str:
    return "received" if received else "sent"


def _tell(label: QLabel, sentences: tuple[str, ...]) -> None:
    shown = sentences[:MOST_PROBLEMS]
    more = len(sentences) - len(shown)
    label.setText("\n".join((*shown, f"… and {more:,} more") if more else shown))
    label.setVisible(bool(sentences))
