"""The byte pane: what went through the chosen sockets, as hex and as text, with find, go to and copy."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.capture.search_hits import Hit
from explorer.capture.stream import Stream
from explorer.ui.catch_up import CatchUp
from explorer.ui.panes.bytes_header import FIT, BytesHeader
from explorer.ui.panes.bytes_link import BytesLink
from explorer.ui.panes.bytes_marks import BytesMarks
from explorer.ui.panes.bytes_menu import SelectionMenu
from explorer.ui.panes.bytes_notice import BytesNotice
from explorer.ui.panes.bytes_overview import BytesOverview
from explorer.ui.panes.bytes_pages import BytesPages
from explorer.ui.panes.bytes_source import ROW_MODES, BytesSource, Direction, RowMode
from explorer.ui.panes.bytes_views import VIEWS, TextualPage
from explorer.ui.panes.bytes_words import (
    LEFT_OUT_TIP,
    NOTHING_YET,
    describe_counting,
    describe_left_out,
    describe_position,
    describe_scope,
    why_empty,
)
from explorer.ui.theme import Theme
from explorer.ui.widgets import byte_accessible
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.find_bar import FindBar
from explorer.ui.widgets.goto_bar import GotoBar
from explorer.ui.workbench import Workbench

__all__ = ["NOTHING_YET", "BytesPane", "describe_position", "describe_scope"]

LAG = 50_000
"""Calls that the index may be behind before the pane says so."""
OTHER_DIRECTION = "This hit was {}, and only {} bytes were shown: now both directions are."
_SETTLE = 120  # milliseconds that the width must stay before rows are made to fit it


class BytesPane(QWidget):
    """What is selected here is selected in the whole window, and the other way round."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        byte_accessible.install()
        self._workbench = workbench
        self.source = BytesSource(workbench, self)
        self.header = BytesHeader(theme)
        self.header.set_views([(spec.name, spec.title) for spec in VIEWS])
        self.find_bar = FindBar(workbench, theme)
        self.goto_bar = GotoBar(theme, lambda: self.view.rows.size)
        self.goto_bar.cursor_offset = lambda: self.view.cursor_offset
        self.goto_bar.started = lambda: self._workbench.reader.header.started
        self.notice = BytesNotice(theme)
        self.view = ByteView(theme)
        self.pages = BytesPages(theme, self.view, NOTHING_YET)
        self.marks = BytesMarks(workbench, self.source, self.view, self.header, self.find_bar, self)
        self.overview = BytesOverview(workbench, theme, self.source, self.view, self.pages, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(0)
        for widget in (self.header, self.find_bar, self.goto_bar, self.notice):
            column.addWidget(widget)
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self.pages, 1)
        line.addWidget(self.overview.bar)
        column.addLayout(line, 1)
        self._hit: Hit | None = None  # that the pane knows to have been gone to
        self._fit_later = QTimer(self)
        self._fit_later.setSingleShot(True)
        self._fit_later.setInterval(_SETTLE)
        self.link = BytesLink(workbench, self.source, self.view, self)
        self.menu = SelectionMenu(workbench, theme, self.source, self.view, self.pages, self.link, self.notice, self)
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()
        self._on_source_changed()

    def _connect(self) -> None:
        bench = self._workbench
        bench.ticked.connect(self._on_tick)
        bench.socket_changed.connect(self._on_names_changed)
        bench.connections_changed.connect(self._on_names_changed)
        bench.messages.changed.connect(self._on_messages_changed)
        bench.finder.changed.connect(self._on_finder_changed)
        self.source.changed.connect(self._on_source_changed)
        self.source.rearranged.connect(self._on_rearranged)
        self.header.direction_chosen.connect(self.set_direction)
        self.header.width_chosen.connect(self._on_width)
        self.header.rows_chosen.connect(self._on_rows)
        self.header.view_chosen.connect(self._on_view)
        self.header.find_button.clicked.connect(self.open_find)
        self.header.goto_button.clicked.connect(self.open_go_to)
        self.view.moved.connect(self._on_moved)
        self.link.waiting.connect(self._catch_up.start)
        self.link.looked.connect(self._show_state)
        self.link.messages_wanted.connect(self._use_messages)
        self.link.refused.connect(self._on_refused)
        self.view.resized.connect(self._fit_later.start)
        self._fit_later.timeout.connect(self._fit)
        self.marks.messages_wanted.connect(self._use_messages)
        self.marks.changed.connect(self.pages.update_marks)
        self.pages.marking.connect(self.marks.on_marking)
        self.pages.hint_wanted.connect(self.marks.on_hint)
        self.pages.selected.connect(self._on_page_selected)
        self.find_bar.closed.connect(self.focus_first)
        self.goto_bar.chosen.connect(self._on_goto)
        self.goto_bar.moment_chosen.connect(self._on_goto_moment)
        self.goto_bar.closed.connect(self.focus_first)
        self.overview.wanted.connect(self._on_overview)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.pages)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.menu.copy_as_seen)

    @Slot()
    def focus_first(self) -> None:
        """Take the keyboard: in the bytes, or above them while there are none."""
        shown = self.pages.currentWidget()
        if isinstance(shown, TextualPage):
            shown.focus_first()
            return
        first = self.header.button(self.source.direction) if shown is None or shown is self.pages.empty else shown
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def stream(self) -> Stream | None:
        return self.source.stream

    @property
    def choices(self) -> dict[str, object]:
        """How bytes are shown, to be remembered."""
        header = self.header
        return {
            "rows": header.rows,
            "width": header.width_choice,
            "view": header.view,
            "color": header.color,
            "calls": header.call_marks.isChecked(),
            "messages": header.message_marks.isChecked(),
            "text": self.pages.text_choices,
        }

    def set_choices(self, choices: Mapping[str, object]) -> None:
        """Show bytes as it was remembered; what makes no sense is left out."""
        if isinstance(text := choices.get("text"), Mapping):
            self.pages.set_text_choices(text)
        header, rows, width = self.header, choices.get("rows"), choices.get("width")
        header.show_choices(
            rows if rows in ROW_MODES else header.rows,
            width if isinstance(width, int) else header.width_choice,
            str(choices.get("color")),
            str(choices.get("view")),
        )
        for action, name in ((header.call_marks, "calls"), (header.message_marks, "messages")):
            if isinstance(on := choices.get(name), bool):
                action.setChecked(on)

    @Slot(str)
    def set_direction(self, direction: Direction) -> None:
        self.header.set_direction(direction)
        self.source.set_direction(direction)

    @Slot()
    def _on_source_changed(self) -> None:
        """Another stream; what is selected in the window stays so."""
        self.view.set_stream(self.source.stream, self.source.arranger)
        self.pages.set_stream(self.source.stream)
        self.link.begin()
        self._on_names_changed()
        self._workbench.refresh()
        self._catch_up.start()
        self._show_state()

    @Slot()
    def _on_rearranged(self) -> None:
        if self.source.arranger is not None:
            self.view.arrange(self.source.arranger)
        self.pages.set_stream(self.source.stream)
        self._catch_up.start()
        self._show_state()

    def _wants_messages(self) -> bool:
        return self.marks.wants_messages or self.link.wants_messages

    @Slot()
    def _on_messages_changed(self) -> None:
        self.marks.use_messages(self._wants_messages())

    @Slot()
    def _use_messages(self) -> None:
        self.source.want_messages(self._wants_messages())
        self._on_messages_changed()

    @Slot(str)
    def _on_rows(self, mode: RowMode) -> None:
        """The same bytes stay at the top, wherever they stand in the other rows."""
        stream, top = self.source.stream, self.link.top()
        self.source.set_mode(mode)
        self.link.keep_top(top if self.source.stream is not stream else None)

    @Slot(int)
    def _on_width(self, width: int) -> None:
        if width == FIT:
            self._fit()
        else:
            self.source.set_per_row(width)

    @Slot()
    def _fit(self) -> None:
        if self.header.width_choice == FIT and self.view.isVisible():
            self.source.set_per_row(self.view.fitting_per_row())

    @Slot(str)
    def _on_view(self, name: str) -> None:
        """Show another page."""
        self.pages.choose(name, self.source.stream)
        self._show_state()
        self.pages.show_selection()

    def _looked_at(self) -> int:
        """Calls whose bytes are there."""
        return self.source.done

    @Slot()
    def _on_tick(self) -> None:
        self.view.refresh()
        self.pages.refresh(self.view.rows)
        if self.pages.is_first and self.marks.outdated:
            self.view.viewport().update()
        self._show_state()
        self.overview.refresh()
        self.link.look()

    @Slot()
    def _on_names_changed(self) -> None:
        entry = self._workbench.current
        encoding = entry.spec.encoding if entry is not None else "utf-8"
        self.header.set_scope(describe_scope(self._workbench))
        self.find_bar.set_encoding(encoding)
        self.marks.set_encoding(encoding)
        self.pages.set_encoding(encoding)

    @Slot()
    def _show_state(self) -> None:
        """The bytes, or why there are none; and how far the index is when it lags."""
        done, count = self.source.looked_at, self._workbench.reader.count
        lagging = count - done > LAG
        if lagging:
            self.header.set_indexing(f"indexing… {100 * done // count} %")
        else:
            self.header.set_indexing(describe_left_out(self.source.left_out), LEFT_OUT_TIP)
        some, empty = self.view.rows.count > 0, self.pages.empty
        if not some:
            looking = lagging and not self.source.problem
            text = "Looking for the bytes of this choice…" if looking else why_empty(self._workbench, self.source)
            if text != empty.text():
                empty.setText(text)
        self.pages.show_page(some)
        self.overview.bar.setVisible(some)

    # -- selection, linked ------------------------------------------------------------------------

    @Slot()
    def _on_page_selected(self) -> None:
        page = self.pages.page
        if page is None:
            return
        if page.ranges:
            self.view.select_ranges(page.ranges)
        else:
            self.view.put_cursor(page.cursor_offset)
        self.link.tell()

    @Slot(str)
    def _on_refused(self, sentence: str) -> None:
        self.notice.show_problem(sentence, False)

    @Slot()
    def _on_moved(self) -> None:
        some = self.view.rows.size > 0
        text = describe_position(self.view.cursor_offset, self.view.ranges, self.source.stream) if some else ""
        self.header.set_position(text)
        if not self.goto_bar.isHidden():
            self._show_counting()
        self.pages.show_selection()
        byte_accessible.announce(self.view)

    # -- find and go to -----------------------------------------------------------------------------

    @Slot()
    def open_find(self) -> None:
        """Show the find bar and type into it."""
        self.goto_bar.hide()
        self.find_bar.open_bar()

    @Slot()
    def open_go_to(self) -> None:
        """Ask where to go."""
        self.find_bar.hide()
        self._show_counting()
        self.goto_bar.open_bar()

    @Slot()
    def _on_finder_changed(self) -> None:
        """A hit in the direction that is not shown is shown all the same, and it is said why."""
        hit = self._workbench.finder.current
        if hit is None or hit is self._hit:
            return
        self._hit = hit
        way = "received" if hit.received else "sent"
        if self.source.direction not in ("both", way):
            said = OTHER_DIRECTION.format(way, self.source.direction)
            self.set_direction("both")
            self.notice.show_done(said)

    def _show_counting(self) -> None:
        """What the offsets count that are typed to go somewhere."""
        self.goto_bar.set_note(describe_counting(self.view.cursor_offset, self.source.stream))

    def go_to(self, offset: int) -> None:
        """Select the byte at an offset of what is shown, and show it."""
        self.view.refresh()
        self.view.select(offset, offset + 1, by_user=True)

    @Slot(object)
    def _on_goto(self, offset: int) -> None:
        self.go_to(offset)
        self.goto_bar.close_bar()

    @Slot(object)
    def _on_overview(self, position: int) -> None:
        """Show a place, and leave the selection as it is; a page that cannot do that selects the byte."""
        if self.pages.is_first:
            self.view.show_offset(position)
        else:
            self.go_to(position)

    @Slot(object)
    def _on_goto_moment(self, moment: int) -> None:
        """To the first byte of the call that is nearest to a time."""
        if not self.link.go_to_moment(moment):
            self.goto_bar.say_problem("There are no bytes here yet to go to.")
            return
        self.goto_bar.close_bar()
