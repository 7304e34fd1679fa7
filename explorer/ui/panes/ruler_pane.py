"""The Chunk ruler: one stream as its two ends saw it, so that one send is seen not to be one recv."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.capture.chunk_ruler import BEHIND
from explorer.capture.chunk_ruler_lanes import rows_between
from explorer.capture.chunk_ruler_summary import summarize
from explorer.capture.span import Span
from explorer.ui.catch_up import CatchUp
from explorer.ui.models.ruler_model import COLUMN_OF, RulerModel
from explorer.ui.ruler_happen import RulerHappen
from explorer.ui.ruler_source import RulerSource
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.try_it import TryIt
from explorer.ui.widgets import ruler_accessible
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.elided_label import GivingLabel
from explorer.ui.widgets.ruler_header import UP, RulerHeader
from explorer.ui.widgets.ruler_pace import RulerPace
from explorer.ui.widgets.ruler_table import RulerTable
from explorer.ui.widgets.ruler_view import RulerView
from explorer.ui.widgets.ruler_words import ABSENT, MESSAGES, RECEIVED, SENT, lane_words, sentence
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.workbench import Workbench

REFRESH = 100  # milliseconds between two looks at the connections, however many come and go
TELL = 250  # milliseconds between two sentences about a stream that grows
EMPTY = (
    "One stream appears here, byte by byte: the sender’s send calls above, the receiver’s recv calls below them, and "
    "the messages underneath. So it is seen where calls cut messages, and that one send is not one recv.\n\n"
    "Connect a client with a server and let one of them send something."
)
EMPTY_VIEWING = (
    "One stream appears here, byte by byte: the sender’s send calls above, the receiver’s recv calls below them, and "
    "the messages underneath.\n\n"
    "Choose a socket or a connection at the left that sent or received something."
)
NO_BYTES = "Nothing was sent from {title} yet. Send something, or look at the other direction."
NO_BYTES_VIEWING = "Nothing was sent from {title} in this capture. Look at the other direction."
LOOKING = "Looking for what was sent from {title}… {done} % of the calls are looked at."
_LANES = {"sent": SENT, "received": RECEIVED, "messages": MESSAGES}


class RulerPane(DockedPane):
    """Works while it is seen. LEAST_LINES: of text that it is high at least; in a lower dock it scrolls."""

    LEAST_LINES = 9

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ruler_accessible.install()
        self._workbench = workbench
        self._theme = theme
        self._unread = 0  # records that there were when the stream was shown first
        self._reveal = False  # what is selected, as soon as it is known where it stands
        self.source = RulerSource(workbench, self)
        self.header = RulerHeader(theme)
        self.view = RulerView(theme)
        self.model = RulerModel(partial(encoding_of, workbench))
        self.table = RulerTable(self.model, theme)
        self.lane = SegmentedButtons(
            "Listed", (("received", "Recv calls"), ("sent", "Send calls"), ("messages", "Messages")), theme
        )
        self.pace = RulerPace(theme)
        self.happen = RulerHappen(workbench, self.pace, self)
        self.sentence = GivingLabel()
        self.empty = QLabel(EMPTY)
        self.stack = QStackedWidget()
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH)
        self._tell = QTimer(self, singleShot=True, interval=TELL)
        self._lay_out()
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()

    # -- building -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._fill_stack()
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part, stretch in ((self.stack, 1), (self.pace, 0)):  # they take what height there is
            part.setSizePolicy(part.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Ignored)
            row.addWidget(part, stretch)
        body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        choices = self._workbench.ruler
        self.header.as_table.setChecked(choices.table)
        self.header.show_table(choices.table)
        self.header.happen.setChecked(choices.happen and not self._workbench.viewing)
        if self._workbench.viewing:
            self.header.refuse_happen("A capture from disk: its sockets send nothing any more")
        self.pace.setVisible(self.header.happen.isChecked())
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(6, 3, 6, 3)
        column.setSpacing(4)
        column.addWidget(self.header)
        column.addWidget(self.sentence)
        column.addWidget(body, 1)
        self._scroller = QScrollArea()
        self._scroller.setWidget(content)
        self._scroller.setWidgetResizable(True)
        self._scroller.setFrameShape(QFrame.Shape.NoFrame)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroller)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()

    def _fill_stack(self) -> None:
        """The picture, the table, and what is said in their place."""
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.try_button = QPushButton("Try it: echo server and client")
        self.try_button.setToolTip("Start both on loopback and send a line")
        self.try_button.setAutoDefault(False)
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addStretch(1)
        column.addWidget(self.empty)
        column.addWidget(self.try_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        listing = QWidget()
        column = QVBoxLayout(listing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.lane)
        column.addWidget(self.table, 1)
        self.table.setAccessibleName("Chunk ruler as a table")
        for page in (nothing, self.view, listing):
            self.stack.addWidget(page)

    def _connect(self) -> None:
        bench, view, header = self._workbench, self.view, self.header
        header.connections.picked.connect(self.source.choose)
        header.direction.chosen.connect(self.source.choose_way)
        header.zoom_out.clicked.connect(view.zoom_out)
        header.zoom_in.clicked.connect(view.zoom_in)
        header.fit.clicked.connect(view.fit)
        header.newest.clicked.connect(view.follow)
        header.as_table.toggled.connect(self._on_table)
        header.happen.toggled.connect(self._on_happen)
        self.lane.chosen.connect(self._on_lane)
        self.try_button.clicked.connect(self._on_try)
        view.chosen.connect(self._on_chosen)
        view.moved.connect(self._on_moved)
        view.pointed.connect(self._on_pointed)
        self.table.chosen.connect(self._on_rows)
        self._tell.timeout.connect(self._say)
        self._refresh.timeout.connect(self.source.look)
        self.source.changed.connect(self._on_source)
        bench.ticked.connect(self._on_tick)
        bench.connections_changed.connect(self._on_connections)
        bench.socket_changed.connect(self._on_socket)
        bench.socket_removed.connect(self._on_socket)
        bench.selection.span_changed.connect(self._on_span)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.pace.limit(self.width() * 2 // 5)

    def sizeHint(self) -> QSize:
        around = self.header.connections.sizeHint().height() + 2 * self.fontMetrics().lineSpacing() + 24
        return QSize(super().sizeHint().width(), self.view.sizeHint().height() + around)

    def focus_first(self) -> None:
        """Take the keyboard: the picture or the table, or where there is nothing yet the list of connections."""
        page = self.stack.currentIndex()
        first = (self.header.connections, self.view, self.table)[page]
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_theme(self) -> None:
        """The picture needs as much as it says; where that is not there, the whole pane scrolls."""
        least = self.view.minimumSizeHint().height()
        for part in (self.stack, self.pace):
            part.setMinimumHeight(least)
            parent = part.parentWidget()
            if parent is not None:
                parent.setMinimumHeight(least)

    # -- which stream -------------------------------------------------------------------------------

    def _on_seen(self) -> None:
        self.source.run(self.seen)
        if self.seen:
            self._place_selection(reveal=True)
            self._catch_up.start()

    @Slot(object)
    def _on_connections(self, sockets: object) -> None:
        if self.seen and not self._refresh.isActive():
            self._refresh.start()

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        """Its framing, its name or its pace may be another."""
        if self.seen and not self._refresh.isActive():
            self._refresh.start()

    @Slot()
    def _on_source(self) -> None:
        """Another stream is shown, or others are offered."""
        ruler = self.source.ruler
        self.header.connections.show_offered(self.source.offered)
        self.header.show_directions(self.source.titles, self.source.way)
        if ruler is not self.view.ruler:
            self.view.show_ruler(ruler)
            self._unread = self._workbench.reader.count
            self._on_lane(self.lane.value)
            self._place_selection(reveal=True)
        if ruler is not None:
            words = lane_words(ruler, self.source.name)
            self.view.set_words(words, (ABSENT[SENT], ABSENT[RECEIVED], ruler.problem))
        self.happen.show(ruler)
        self._show_page()
        self._catch_up.start()

    def _show_page(self) -> None:
        ruler = self.source.ruler
        empty = ruler is None or not ruler.size
        title = self.source.titles[0 if self.source.way == UP else 1].replace(" → ", " to ")
        text = self._why_empty().format(title=title)
        if empty and text != self.empty.text():
            self.empty.setText(text)
        self.try_button.setVisible(ruler is None and not self._workbench.viewing)
        page = 0 if empty else 2 if self.header.as_table.isChecked() else 1
        if page != self.stack.currentIndex():
            self.stack.setCurrentIndex(page)
        if empty:
            self._say()

    def _why_empty(self) -> str:
        ruler, viewing, count = self.source.ruler, self._workbench.viewing, self._workbench.reader.count
        if ruler is None:
            return EMPTY_VIEWING if viewing else EMPTY
        if ruler.done < self._unread or ruler.done + BEHIND < count:
            return LOOKING.replace("{done}", f"{100 * ruler.done // count}")
        return NO_BYTES_VIEWING if viewing else NO_BYTES

    # -- frames -------------------------------------------------------------------------------------

    def _looked_at(self) -> int:
        """Calls that were looked at; of a frozen window, for `CatchUp`."""
        ruler = self.source.ruler
        return ruler.done if ruler is not None else self._workbench.reader.count

    @Slot()
    def _on_tick(self) -> None:
        if not self.seen:
            return
        self.source.tick()
        if self.source.ruler is None:
            return
        self.view.refresh()
        if self.stack.currentIndex() == 0:
            self._show_page()
        if self.header.as_table.isChecked():
            self.table.take_new()
        if self._reveal:
            self._place_selection(reveal=True)

    @Slot()
    def _on_moved(self) -> None:
        self.header.newest.setChecked(self.view.scale.following)
        if not self._tell.isActive():
            self._tell.start()

    @Slot()
    def _say(self) -> None:
        """What the stretch shows that is seen."""
        ruler = self.source.ruler
        text = ""
        if ruler is not None and ruler.size:
            table = self.header.as_table.isChecked()
            start, stop = (0, ruler.size) if table else self.view.scale.shown
            said = sentence(ruler, summarize(ruler, start, stop), zooms=not table)
            text = said if start <= 0 and stop >= ruler.size else f"Of what is seen here: {said}"
        if text != self.sentence.text():
            self.sentence.setText(text)
            self.view.setAccessibleDescription(text)

    @Slot()
    def _on_pointed(self) -> None:
        ruler_accessible.announce(self.view)

    # -- choosing -----------------------------------------------------------------------------------

    @Slot(int, int)
    def _on_chosen(self, which: int, row: int) -> None:
        self._choose(which, row, row)

    @Slot(int, int)
    def _on_rows(self, first: int, last: int) -> None:
        self._choose(self.model.which, first, last)

    def _choose(self, which: int, first: int, last: int) -> None:
        """Select the bytes of ranges in a row in the whole window, which is about their end then."""
        ruler, bench = self.source.ruler, self._workbench
        lane = ruler.lanes[which] if ruler is not None else None
        if ruler is None or lane is None or last >= lane.count:
            return
        span = lane.span(first)
        call = ruler.reader.call(span.first_call)
        if first < last:  # what others sent and received in between is not meant
            end = lane.span(last)
            span = Span(
                span.first_call, span.first_skip, end.last_call, end.last_skip, call.connection, bool(call.received)
            )
        if not bench.selection.shows(call):
            bench.selection.choose_scope(replace(bench.selection.scope, socket=call.socket, connection=call.connection))
        bench.selection.choose_span(span, self)
        self._place_selection(reveal=False)

    @Slot(object, object)
    def _on_span(self, span: object, origin: QObject | None) -> None:
        if self.seen and origin is not self:
            self._place_selection(reveal=True)

    def _place_selection(self, reveal: bool) -> None:
        """Show where the bytes stand that are selected in the window; of another connection of what is chosen, its
        stream."""
        bench, ruler = self._workbench, self.source.ruler
        span = bench.selection.span
        self._reveal = False
        if span is None or ruler is None or span.last_call >= bench.reader.count:
            self.view.select(None, reveal=False)
            self.table.forget()
            return
        found = ruler.positions(span)
        self.view.select(found, reveal)
        if reveal:
            self._mark_rows(found)
        if found is not None or not reveal:
            return
        call = bench.reader.call(span.first_call)
        if not (call.received or call.sent) or not call.size or not bench.selection.shows(call):
            return
        self._reveal = ruler.done <= span.last_call
        if ruler.lane_of(call.connection, call.received) is None:
            self._reveal = False
            self.source.choose_flow(call.connection, call.received)

    def _mark_rows(self, found: tuple[int, int] | None) -> None:
        """Show in the table what was selected elsewhere."""
        ruler = self.source.ruler
        lane = ruler.lanes[self.model.which] if ruler is not None else None
        rows = rows_between(lane, *found) if lane is not None and found is not None else range(0)
        rows = range(rows.start, min(rows.stop, self.model.rowCount()))
        if rows:
            self.table.reveal([rows], True)
        else:
            self.table.forget()

    # -- the table ----------------------------------------------------------------------------------

    @Slot(bool)
    def _on_table(self, shown: bool) -> None:
        self._workbench.ruler.choose(table=shown)
        self._show_page()
        self.header.show_table(shown)
        self._on_lane(self.lane.value)
        self._say()

    @Slot(bool)
    def _on_happen(self, shown: bool) -> None:
        self._workbench.ruler.choose(happen=shown)
        self.pace.setVisible(shown)

    @Slot(str)
    def _on_lane(self, value: str) -> None:
        which = _LANES[value]
        self.model.show(self.source.ruler, which)
        ruler = self.source.ruler
        absent = ruler is not None and ruler.lanes[which] is None
        why = (ruler.problem if which == MESSAGES else ABSENT[which]) if ruler is not None and absent else ""
        self.table.leave_out(COLUMN_OF.get(which, -1))
        self.table.set_hint(why or ("Nothing in this capture." if self._workbench.viewing else "Nothing yet."))
        if self.header.as_table.isChecked():
            self._place_selection(reveal=True)

    @Slot()
    def _on_try(self) -> None:
        TryIt(self._workbench)
