"""The byte pane: what went through the chosen sockets, as hex and as text, with find, go to and copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from explorer.capture.places import place, places
from explorer.capture.span import Span
from explorer.capture.stream import ByteStream, Ranges, Scope, size_of
from explorer.ui.catch_up import CatchUp
from explorer.ui.copying import Copier, counted
from explorer.ui.panes.bytes_header import BytesHeader
from explorer.ui.panes.bytes_notice import BytesNotice
from explorer.ui.theme import Theme
from explorer.ui.widgets import byte_accessible
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.find_bar import FindBar
from explorer.ui.widgets.goto_bar import GotoBar
from explorer.ui.workbench import Workbench
from explorer.wire.formats import FORMATS, Format, find_format

Direction = Literal["both", "received", "sent"]

NOTHING_YET = (
    "Bytes sent and received will appear here, as hex and as text.\n"
    "Start a socket and send something, or press 'Try it'."
)
LAG = 50_000
"""Calls that the index may be behind before the pane says so."""


class _Pages(QStackedWidget):
    """Gives way in a low window, so that the line above it keeps what it needs."""

    def hasHeightForWidth(self) -> bool:
        return False


class BytesPane(QWidget):
    """What is selected here is selected in the whole window, and the other way round."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        byte_accessible.install()
        self._workbench = workbench
        self._theme = theme
        self._direction: Direction = "both"
        self._stream: ByteStream | None = None
        self._pending: Span | None = None  # a selection that the index has not come to yet
        self.header = BytesHeader(theme)
        self.find_bar = FindBar(workbench, theme)
        self.goto_bar = GotoBar(theme, lambda: self.view.rows.size)
        self.notice = BytesNotice(theme)
        self.view = ByteView(theme)
        self.empty = QLabel(NOTHING_YET)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.stack = _Pages()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(0)
        for widget in (self.header, self.find_bar, self.goto_bar, self.notice):
            column.addWidget(widget)
        column.addWidget(self.stack, 1)
        self._copier = Copier(workbench.jobs, self)
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()
        self._on_capture_changed()

    def _connect(self) -> None:
        bench, selection = self._workbench, self._workbench.selection
        bench.ticked.connect(self._on_tick)
        bench.capture_changed.connect(self._on_capture_changed)
        bench.socket_changed.connect(self._on_names_changed)
        bench.connections_changed.connect(self._on_names_changed)
        selection.scope_changed.connect(self._on_scope)
        selection.span_changed.connect(self._on_span)
        self.header.direction_chosen.connect(self.set_direction)
        self.header.width_chosen.connect(self.view.set_per_row)
        self.header.find_button.clicked.connect(self.open_find)
        self.header.goto_button.clicked.connect(self.open_go_to)
        self.view.selected.connect(self._on_selected)
        self.view.moved.connect(self._on_moved)
        self.view.menu_requested.connect(self._on_menu)
        self.find_bar.marks_changed.connect(self._on_marks)
        self.find_bar.closed.connect(self.view.setFocus)
        self.goto_bar.chosen.connect(self._on_goto)
        self.goto_bar.closed.connect(self.view.setFocus)
        self.notice.save_wanted.connect(self.save_raw)
        self._copier.refused.connect(self.notice.show_problem)
        self._copier.finished.connect(self.notice.show_done)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()
        for keys, act in (
            (QKeySequence(QKeySequence.StandardKey.Copy), self.copy_as_seen),
            (QKeySequence("F3"), self.find_bar.find_next),
            (QKeySequence("Shift+F3"), self.find_bar.find_previous),
        ):
            owner: QWidget = self.view if act == self.copy_as_seen else self
            shortcut = QShortcut(keys, owner)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def focus_first(self) -> None:
        """Take the keyboard: in the bytes, or above them while there are none."""
        first = self.view if self.view.isVisible() else self.header.button(self._direction)
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def stream(self) -> ByteStream | None:
        return self._stream

    @Slot(str)
    def set_direction(self, direction: Direction) -> None:
        self._direction = direction
        self.header.set_direction(direction)
        self._make_stream()

    @Slot()
    def _on_capture_changed(self) -> None:
        self._make_stream()

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        self._make_stream()

    def _make_stream(self) -> None:
        """A stream of the present scope and direction, which keeps what is selected in the window."""
        bench = self._workbench
        old = self._stream
        stream = ByteStream(
            bench.reader, bench.selection.scope, self._direction != "sent", self._direction != "received"
        )
        self._stream = stream
        self.view.set_stream(stream)
        self._on_marks()
        self._pending = bench.selection.span
        if old is not None:
            bench.indexer.unregister(old.index)
        bench.indexer.register(stream.index)
        self._on_names_changed()
        bench.refresh()
        self._catch_up.start()
        self._show_state()

    def _looked_at(self) -> int:
        """Calls looked at."""
        return self._stream.index.done if self._stream is not None else 0

    @Slot()
    def _on_tick(self) -> None:
        self.view.refresh()
        self._show_state()
        if self._pending is not None:
            self._show_span(self._pending)

    @Slot()
    def _on_names_changed(self) -> None:
        self.header.set_scope(describe_scope(self._workbench))
        self.find_bar.set_encoding(self._encoding())

    def _show_state(self) -> None:
        """The bytes, or why there are none; and how far the index is when it lags."""
        stream = self._stream
        if stream is None:
            return
        done, count = stream.index.done, stream.reader.count
        lagging = count - done > LAG
        self.header.set_indexing(f"indexing… {100 * done // count} %" if lagging else "")
        page: QWidget = self.view if self.view.rows.size > 0 else self.empty
        if page is self.empty:
            text = "Looking for the bytes of this choice…" if lagging else self._why_empty()
            if text != self.empty.text():
                self.empty.setText(text)
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)

    def _why_empty(self) -> str:
        name = describe_scope(self._workbench)
        if self._direction != "both":
            return f"Nothing was {self._direction} by {name} so far. Choose Both to see the other direction too."
        if self._workbench.viewing:
            return f"This capture holds no bytes of {name}. Choose another socket, or all sockets."
        if self._workbench.selection.scope != Scope() and self._workbench.tally.received + self._workbench.tally.sent:
            return f"{name} has sent and received nothing so far.\nBytes will appear here, as hex and as text."
        return NOTHING_YET

    def _encoding(self) -> str:
        entry = self._workbench.current
        return entry.spec.encoding if entry is not None else "utf-8"

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.empty.setStyleSheet(f"color: {colors.muted}; background: {colors.base}")
        self.stack.setMinimumHeight(self.fontMetrics().lineSpacing())

    # -- selection, linked ------------------------------------------------------------------------

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self:
            return
        self._pending = None
        if span is None:
            self.view.clear_selection(by_user=False)
        else:
            self._show_span(span)

    def _show_span(self, span: Span) -> None:
        """Select it, or remember it until the index has come that far."""
        stream = self._stream
        if stream is None or stream.index.done <= span.last_call < stream.reader.count:
            self._pending = span
            self._catch_up.start()
            return
        self._pending = None
        self.view.refresh()
        self._show_state()
        if ranges := places(stream, span):
            self.view.select_ranges(ranges)
        else:
            self.view.put_cursor(place(stream, span)[0])

    @Slot()
    def _on_selected(self) -> None:
        """The user selected bytes here: tell the window in calls, which mean the same in every view."""
        self._pending = None
        chosen = self.view.selection
        span = None
        if chosen is not None and self._stream is not None:
            first, skip = self._stream.index.at(chosen[0])
            last, last_skip = self._stream.index.at(chosen[1] - 1)
            span = Span(first, skip, last, last_skip + 1)
        self._workbench.selection.choose_span(span, self)

    @Slot()
    def _on_moved(self) -> None:
        text = describe_position(self.view.cursor_offset, self.view.ranges) if self.view.rows.size > 0 else ""
        self.header.set_position(text)
        byte_accessible.announce(self.view)

    # -- find and go to -----------------------------------------------------------------------------

    @Slot()
    def open_find(self) -> None:
        """Show the find bar and type into it."""
        self.goto_bar.hide()
        self.find_bar.open_bar()

    @Slot()
    def open_go_to(self) -> None:
        """Ask for an offset."""
        self.find_bar.hide()
        self.goto_bar.open_bar()

    @Slot()
    def _on_marks(self) -> None:
        self.view.set_marks(self._hits_in)

    def _hits_in(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        return self.find_bar.ranges_in(self.view.shown_window())

    @Slot(object)
    def _on_goto(self, offset: int) -> None:
        self.view.refresh()
        self.view.select(offset, offset + 1, by_user=True)
        self.goto_bar.close_bar()

    # -- copy ---------------------------------------------------------------------------------------

    @Slot()
    def copy_as_seen(self) -> None:
        """As text from the text side, as hex from the hex side."""
        self.copy_as(find_format("text" if self.view.side == "text" else "hex"))

    def copy_as(self, form: Format) -> None:
        chosen = self.view.ranges
        if not chosen or self._stream is None:
            self.notice.show_problem("Nothing is selected. Drag over bytes, or press Ctrl+A for all of them.", False)
            return
        self._copier.copy(self._stream, chosen, form, self._encoding())

    @Slot()
    def save_raw(self) -> None:
        """Ask for a file and write the selected bytes into it as they are."""
        self._save_as(None)

    def _save_as(self, form: Format | None) -> None:
        chosen = self.view.ranges
        if not chosen or self._stream is None:
            return
        suffix = "bin" if form is None else "txt"
        name, _ = QFileDialog.getSaveFileName(self, f"Save {counted(size_of(chosen))}", f"bytes.{suffix}")
        if name:
            self._copier.save(self._stream, chosen, form, self._encoding(), Path(name))

    def make_menu(self) -> QMenu:
        """What can be done with the selection."""
        menu = QMenu(self)
        some = self.view.selection is not None
        for form in FORMATS:
            action = menu.addAction(f"Copy as {form.label}")
            action.setData(form.name)
            action.setEnabled(some)
            if form.name == ("text" if self.view.side == "text" else "hex"):
                action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        menu.addSeparator()
        saving = menu.addMenu("Save selection as")
        saving.setEnabled(some)
        for label, form_name in (("Bytes as they are…", "raw"), *((f"{form.label}…", form.name) for form in FORMATS)):
            saving.addAction(label).setData(f"save {form_name}")
        menu.addSeparator()
        menu.addAction("Select the whole call").setData("call")
        menu.addAction("Select all").setData("all")
        return menu

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = self.make_menu()
        chosen = menu.exec(place)
        what = chosen.data() if chosen is not None else None
        menu.deleteLater()
        if isinstance(what, str):
            self.act(what)

    def act(self, what: str) -> None:
        """Carry out a choice of the menu."""
        if what == "call":
            self.view.select_call(self.view.cursor_offset)
        elif what == "all":
            self.view.select_all()
        elif what.startswith("save "):
            name = what.removeprefix("save ")
            self._save_as(None if name == "raw" else find_format(name))
        else:
            self.copy_as(find_format(what))


def describe_scope(workbench: Workbench) -> str:
    """Whose bytes are shown: ``all sockets``, ``echo`` or ``echo ← 127.0.0.1:51514``."""
    scope = workbench.selection.scope
    socket, connection = workbench.socket(scope.socket), workbench.connection(scope.connection)
    if connection is not None and socket is None:
        socket = workbench.socket(connection.socket)
    if socket is None:
        return "all sockets" if scope.socket is None else "a removed socket"
    if connection is None:
        return socket.spec.name
    return f"{socket.spec.name} {'←' if connection.accepted else '→'} {connection.remote}"


def describe_position(cursor: int, ranges: Ranges) -> str:
    """``offset 0x1F4 (500) · 12 bytes selected · ends 0x1FF``; the end is the last selected byte."""
    if not ranges:
        return f"offset 0x{cursor:X} ({cursor:,})"
    start, size = ranges[0][0], size_of(ranges)
    said = f"offset 0x{start:X} ({start:,}) · {counted(size)} selected"
    if len(ranges) > 1:
        said += f" in {len(ranges):,} parts"
    return f"{said} · ends 0x{ranges[-1][1] - 1:X}" if size > 1 else said
