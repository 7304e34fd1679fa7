"""The Content pane: the chosen message as what it is, such as JSON or HTTP, found out by itself or as the user says."""

from __future__ import annotations

from dataclasses import replace

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
from explorer.capture.describe import who
from explorer.capture.messages import Message, Messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.span_bytes import Holder
from explorer.core.calls import Call
from explorer.ui.catch_up import CatchUp
from explorer.ui.content_reading import (
    AT_ONCE,
    CALLS_AT_ONCE,
    MOST,
    Content,
    HeldMessage,
    Shown,
    Wanted,
    read_bytes,
    read_message,
    render,
)
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.widgets.content_text import ContentText
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.workbench import Workbench
from explorer.wire.content.api import Rendered
from explorer.wire.content.registry import VIEWS
from explorer.wire.hexdump import line_width
from explorer.wire.visible import visible_text

__all__ = ["MOST", "ContentPane"]

MOST_PROBLEMS = 3
SETTLE = 120  # milliseconds that the width must stay before hex is made to fit it
PER_ROW = (16, 8, 4)
"""Bytes in a row of hex: as many of these as fit."""
NOTHING = (
    "The chosen message appears here as what it is: JSON, HTTP, text or hex.\n\n"
    "Choose a row in Messages or Calls, or a byte in Bytes."
)
ELSEWHERE = (
    "What is chosen belongs to {name}, which is not shown now.\n\n"
    "Choose a row in Messages or Calls, or a byte in Bytes."
)
WITHOUT_BYTES = "What is chosen carried no bytes.\n\nChoose a call that received or sent some."


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
        self._held: HeldMessage | None = None  # that was found last: the cursor often stays in it
        self._job: Job | None = None
        self._wanted: Wanted | None = None  # that is shown, or will be when the job has ended
        self._rendered: Rendered | None = None
        self._look_soon = QTimer(self)  # span and cursor change one after the other, and keys come fast
        self._look_soon.setSingleShot(True)
        self._look_soon.setInterval(0)
        self._look_soon.timeout.connect(self._look)
        self._fit_later = QTimer(self)
        self._fit_later.setSingleShot(True)
        self._fit_later.setInterval(SETTLE)
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
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
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
        bench.selection.scope_changed.connect(self._look)
        bench.messages.changed.connect(self._on_messages)
        bench.capture_changed.connect(self._look)
        bench.socket_changed.connect(self._on_socket)
        bench.ticked.connect(self._on_tick)
        self.view_choice.currentIndexChanged.connect(self._on_view)
        self.wrap.toggled.connect(self.text.set_wrapped)
        self.wrap.toggled.connect(self._fit)
        self.text.resized.connect(self._fit_later.start)
        self._fit_later.timeout.connect(self._fit)
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

    @Slot()
    def _on_messages(self) -> None:
        """Others are found from now on; nothing is kept of those before, which hold files open."""
        self._held = self._holder = self._wanted = None
        self._look()

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
        call = reader.call(place.call)
        of_one = span is None or span.connection is not None or span.first_call == span.last_call
        if of_one and not selection.shows(call):
            self._say(ELSEWHERE.format(name=visible_text(who(call, self._workbench.catalog))))
            return
        if span is None or (span.last_call >= reader.count):
            span = Span.of_call(reader.call(place.call))
            alone = True
        else:
            alone = _is_one_byte(span)
        messages = self._workbench.messages.messages
        if messages is not None and reader.call(place.call).size:
            held = self._find_held(reader, messages, cursor if alone and cursor is not None else place)
            if held is not None and self._show_held(held, span, alone):
                return
        if alone and span.first_call == span.last_call:
            span = Span.of_call(reader.call(place.call))
        self._show_span(reader, span)

    def _find_held(self, reader: Reader, messages: Messages, place: Place) -> HeldMessage | None:
        """The message that holds the byte at a place; None while it is not found, and then it is looked for."""
        call, held = reader.call(place.call), self._held
        if held is not None and held.messages is messages and _holds(held.message, place, call):
            return held
        holder = Holder(reader, messages, place)
        holder.advance()
        if holder.message is not None:
            self._held = HeldMessage(messages, holder.message)
            return self._held
        if not holder.over:
            self._holder = holder
            self._catch_up.start()
        return None

    def _show_held(self, held: HeldMessage, span: Span, alone: bool) -> bool:
        """Show a message if it is what is meant."""
        if not alone and replace(held.span, connection=span.connection, received=span.received) != span:
            return False
        reader = self._workbench.reader
        self._call = reader.call(held.message.first_call)
        self._show(read_message(reader, held) if held.short else held)
        return True

    def _looked_at(self) -> int:
        """Calls among which the message that holds the cursor was looked for; of a frozen window, for `CatchUp`."""
        return self._workbench.reader.count if self._holder is None else self._holder.done

    @Slot()
    def _on_tick(self) -> None:
        """The message that holds the cursor may be complete now."""
        holder, messages = self._holder, self._workbench.messages.messages
        if holder is None or messages is None or not self.seen:
            return
        holder.advance()
        if holder.over:
            self._holder = None
        if holder.message is not None:
            self._held = HeldMessage(messages, holder.message)
            span = self._workbench.selection.span
            self._show_held(self._held, span or Span(0, 0, 0, 0), span is None or _is_one_byte(span))

    def _show_span(self, reader: Reader, span: Span) -> None:
        """The bytes of a span; read beside the window if it is long."""
        if span.last_call - span.first_call > CALLS_AT_ONCE:
            self._call = reader.call(span.first_call)
            self._show(span)
            return
        read = read_bytes(reader, span)
        self._call = read.call
        if read.data:
            self._show(read)
        else:
            self._say(WITHOUT_BYTES)

    # -- showing ----------------------------------------------------------------------------------

    def _show(self, source: Content | HeldMessage | Span) -> None:
        assert self._call is not None
        socket, reader = self._call.socket, self._workbench.reader
        wanted = Wanted(source, encoding_of(self._workbench, socket), self._views.get(socket, ""), self._per_row)
        self.view_choice.choose(wanted.view)
        known = self._wanted
        if known is not None and not self._in_rows:
            known = replace(known, per_row=wanted.per_row)
        if wanted == known:
            self._wanted = known
            return
        self._stop_job()
        self._wanted = wanted
        if isinstance(source, Content) and len(source.data) <= AT_ONCE:
            self._take(render(reader, wanted))
            return
        self._job = self._workbench.jobs.start("Show content", lambda progress: render(reader, wanted, progress))
        self._job.succeeded.connect(self._on_rendered)
        self._job.failed.connect(self._on_failed)

    @property
    def _per_row(self) -> int:
        """Bytes in a row of hex; where lines do not wrap, as many as is usual."""
        if not self.wrap.isChecked():
            return PER_ROW[0]
        return next((count for count in PER_ROW if line_width(count) <= self.text.columns), PER_ROW[-1])

    @property
    def _in_rows(self) -> bool:
        """Whether what is shown, or will be, depends on how much there is room for in a row."""
        return self._job is not None or self._rendered is None or self._rendered.by_row

    @Slot()
    def _fit(self) -> None:
        """The pane has another width: hex gets other rows, what else is shown stays."""
        if self._wanted is None or self._wanted.per_row == self._per_row:
            return
        if self._in_rows:
            self._look()
        else:
            self._wanted = replace(self._wanted, per_row=self._per_row)

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._wanted = None

    @Slot(object)
    def _on_rendered(self, shown: Shown) -> None:
        if shown.wanted is self._wanted:
            self._job = None
            self._take(shown)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if self.sender() is self._job:
            self._job = self._wanted = None
            if sentence:
                self._say(sentence)

    def _take(self, shown: Shown) -> None:
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


def _is_one_byte(span: Span) -> bool:
    return span.first_call == span.last_call and span.last_skip - span.first_skip <= 1


def _holds(message: Message, place: Place, call: Call) -> bool:
    """Whether the byte at a place of a call is one of a message's."""
    begin, end = Place(message.first_call, message.skip), Place(message.call, message.end)
    return (message.connection, message.received) == (call.connection, call.received) and begin <= place < end


def _tell(label: QLabel, sentences: tuple[str, ...]) -> None:
    shown = sentences[:MOST_PROBLEMS]
    more = len(sentences) - len(shown)
    label.setText("\n".join((*shown, f"… and {more:,} more") if more else shown))
    label.setVisible(bool(sentences))
