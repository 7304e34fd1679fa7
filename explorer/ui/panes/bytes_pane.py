"""The byte pane: what went through the chosen sockets, as hex and as text, with find, go to and copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from explorer.capture.stream import Stream
from explorer.ui.catch_up import CatchUp
from explorer.ui.copying import Copier, find_save_choice
from explorer.ui.note_actions import act_on_note, note_actions
from explorer.ui.panes import bytes_menu
from explorer.ui.panes.bytes_header import FIT, BytesHeader
from explorer.ui.panes.bytes_link import BytesLink
from explorer.ui.panes.bytes_notice import BytesNotice
from explorer.ui.panes.bytes_overview import BytesOverview
from explorer.ui.panes.bytes_source import ROW_MODES, BytesSource, Direction, RowMode
from explorer.ui.panes.bytes_text import BytesText
from explorer.ui.panes.bytes_views import VIEWS, BytesPage, TextualPage, as_widget
from explorer.ui.panes.bytes_words import NOTHING_YET, describe_left_out, describe_position, describe_scope, why_empty
from explorer.ui.theme import Theme
from explorer.ui.widgets import byte_accessible
from explorer.ui.widgets.byte_highlights import highlights_in
from explorer.ui.widgets.byte_messages import WindowMessages
from explorer.ui.widgets.byte_scene import ColorMode
from explorer.ui.widgets.byte_view import ByteView, Draft
from explorer.ui.widgets.byte_window import load_window
from explorer.ui.widgets.find_bar import FindBar
from explorer.ui.widgets.goto_bar import GotoBar
from explorer.ui.widgets.text_view import TextMarks
from explorer.ui.workbench import Workbench
from explorer.wire.formats import Format, find_format

__all__ = ["NOTHING_YET", "BytesPane", "describe_position", "describe_scope"]

LAG = 50_000
"""Calls that the index may be behind before the pane says so."""
_SETTLE = 120  # milliseconds that the width must stay before rows are made to fit it


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
        self._color: ColorMode = "direction"
        self.source = BytesSource(workbench, self)
        self.messages = WindowMessages()
        self.text = BytesText(workbench, self)
        self.header = BytesHeader(theme)
        self.find_bar = FindBar(workbench, theme)
        self.goto_bar = GotoBar(theme, lambda: self.view.rows.size)
        self.goto_bar.cursor_offset = lambda: self.view.cursor_offset
        self.goto_bar.started = lambda: self._workbench.reader.header.started
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
        self.header.set_views([(spec.name, spec.title) for spec in VIEWS])
        self._pages: dict[str, BytesPage] = {}  # but the first, made when they are wanted
        self._page: BytesPage | None = None  # the one that is chosen; None: the first
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(0)
        for widget in (self.header, self.find_bar, self.goto_bar, self.notice):
            column.addWidget(widget)
        self.overview = BytesOverview(workbench, theme, self.source, self.view, self)
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self.stack, 1)
        line.addWidget(self.overview.bar)
        column.addLayout(line, 1)
        self._fit_later = QTimer(self)
        self._fit_later.setSingleShot(True)
        self._fit_later.setInterval(_SETTLE)
        self._copier = Copier(workbench.jobs, self)
        self.link = BytesLink(workbench, self.source, self.view, self)
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()
        self._on_source_changed()

    def _connect(self) -> None:
        bench = self._workbench
        bench.ticked.connect(self._on_tick)
        bench.socket_changed.connect(self._on_names_changed)
        bench.connections_changed.connect(self._on_names_changed)
        bench.messages.changed.connect(self._on_messages_changed)
        self.source.changed.connect(self._on_source_changed)
        self.source.rearranged.connect(self._on_rearranged)
        self.header.direction_chosen.connect(self.set_direction)
        self.header.width_chosen.connect(self._on_width)
        self.header.rows_chosen.connect(self._on_rows)
        self.header.view_chosen.connect(self._on_view)
        self.header.color_chosen.connect(self._on_color)
        self.header.marks_chosen.connect(self._on_marks_chosen)
        self.header.find_button.clicked.connect(self.open_find)
        self.header.goto_button.clicked.connect(self.open_go_to)
        self.view.moved.connect(self._on_moved)
        self.view.menu_requested.connect(self._on_menu)
        self.link.waiting.connect(self._catch_up.start)
        self.link.looked.connect(self._show_state)
        self.link.messages_wanted.connect(self._use_messages)
        self.link.refused.connect(self._on_refused)
        self.view.resized.connect(self._fit_later.start)
        self._fit_later.timeout.connect(self._fit)
        self.view.composing.connect(self._on_composing)
        self.find_bar.marks_changed.connect(self._on_marks)
        bench.notes.notes_changed.connect(self._on_marks)
        self.find_bar.closed.connect(self.focus_first)
        self.goto_bar.chosen.connect(self._on_goto)
        self.goto_bar.moment_chosen.connect(self._on_goto_moment)
        self.goto_bar.closed.connect(self.focus_first)
        self.notice.save_wanted.connect(self.save_raw)
        self._copier.refused.connect(self.notice.show_problem)
        self._copier.finished.connect(self.notice.show_done)
        self.overview.wanted.connect(self._on_overview)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()
        for keys, act in (
            (QKeySequence(QKeySequence.StandardKey.Copy), self.copy_as_seen),
            (QKeySequence("F3"), self.find_bar.find_next),
            (QKeySequence("Shift+F3"), self.find_bar.find_previous),
        ):
            owner: QWidget = self.stack if act == self.copy_as_seen else self
            shortcut = QShortcut(keys, owner)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    @Slot()
    def focus_first(self) -> None:
        """Take the keyboard: in the bytes, or above them while there are none."""
        shown = self.stack.currentWidget()
        if isinstance(shown, TextualPage):
            shown.focus_first()
            return
        first = self.header.button(self.source.direction) if shown is None or shown is self.empty else shown
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
        }

    def set_choices(self, choices: Mapping[str, object]) -> None:
        """Show bytes as it was remembered; what makes no sense is left out."""
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
        bench, source = self._workbench, self.source
        self.view.set_stream(source.stream, source.arranger)
        if self._page is not None:
            self._page.set_stream(source.stream, self.view.rows)
        self.link.begin()
        self._on_names_changed()
        bench.refresh()
        self._catch_up.start()
        self._show_state()

    @Slot()
    def _on_rearranged(self) -> None:
        if self.source.arranger is not None:
            self.view.arrange(self.source.arranger)
        if self._page is not None:
            self._page.set_stream(self.source.stream, self.view.rows)
        self._catch_up.start()
        self._show_state()

    @Slot()
    def _on_messages_changed(self) -> None:
        self.messages.messages = self._workbench.messages.messages if self._wants_messages() else None
        self.view.viewport().update()

    def _wants_messages(self) -> bool:
        return self.header.message_marks.isChecked() or self._color == "message" or self.link.wants_messages

    @Slot()
    def _use_messages(self) -> None:
        self.source.want_messages(self._wants_messages())
        self._on_messages_changed()

    @Slot()
    def _on_marks_chosen(self) -> None:
        self.view.call_marks = self.header.call_marks.isChecked()
        self.messages.marks = self.header.message_marks.isChecked()
        self._use_messages()

    @Slot(str)
    def _on_color(self, color: ColorMode) -> None:
        self._color = color
        self._use_messages()

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
        if name not in self._pages:
            make = next(spec.make for spec in VIEWS if spec.name == name)
            if make is not None:
                page = self._pages[name] = make(self._theme)
                self.stack.addWidget(as_widget(page))
                page.selected.connect(self._on_page_selected)
                page.menu_requested.connect(self._on_menu)
                if isinstance(page, TextualPage):
                    page.marking.connect(self._on_marking)
        self._page = self._pages.get(name)
        if self._page is not None:
            self._page.set_stream(self.source.stream, self.view.rows)
            self._on_names_changed()
            self._show_on_page()
        self._show_state()

    def _looked_at(self) -> int:
        """Calls whose bytes are there."""
        return self.source.done

    @Slot()
    def _on_tick(self) -> None:
        self.view.refresh()
        if self._page is not None:
            self._page.refresh(self.view.rows)
        elif self.text.outdated or (self.messages.messages is not None and self.messages.outdated):
            self.view.viewport().update()
        self._show_state()
        self.overview.refresh()
        self.link.look()

    @Slot()
    def _on_names_changed(self) -> None:
        self.header.set_scope(describe_scope(self._workbench))
        self.find_bar.set_encoding(self._encoding())
        if self.text.set_encoding(self._encoding()):
            self.view.viewport().update()
        if isinstance(self._page, TextualPage):
            self._page.set_encoding(self._encoding())

    def _show_state(self) -> None:
        """The bytes, or why there are none; and how far the index is when it lags."""
        done, count = self.source.looked_at, self._workbench.reader.count
        lagging = count - done > LAG
        self.header.set_indexing(
            f"indexing… {100 * done // count} %" if lagging else describe_left_out(self.source.left_out)
        )
        shown = self.view if self._page is None else as_widget(self._page)
        page = shown if self.view.rows.count > 0 else self.empty
        if page is self.empty:
            looking = lagging and not self.source.problem
            text = "Looking for the bytes of this choice…" if looking else why_empty(self._workbench, self.source)
            if text != self.empty.text():
                self.empty.setText(text)
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)
        self.overview.bar.setVisible(page is not self.empty)

    def _encoding(self) -> str:
        entry = self._workbench.current
        return entry.spec.encoding if entry is not None else "utf-8"

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.empty.setStyleSheet(f"color: {colors.muted}; background: {colors.base}")
        self.stack.setMinimumHeight(self.fontMetrics().lineSpacing())

    @Slot(object)
    def _on_composing(self, draft: Draft) -> None:
        """What is to be seen besides the bytes: hits, highlights, messages, colours."""
        window, notes = draft.view.window, self._workbench.notes
        span = window.span
        noted = notes.notes_between(span.first_call, span.last_call) if span is not None else ()
        marked = replace(
            draft.view,
            mode=self._color,
            hits=tuple(self.find_bar.ranges_in(window)),
            highlights=highlights_in(window, noted),
        )
        draft.view = self.text.decorate(self.messages.decorate(marked))

    # -- selection, linked ------------------------------------------------------------------------

    @Slot()
    def _on_page_selected(self) -> None:
        page = self._page
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
        self._show_on_page()
        byte_accessible.announce(self.view)

    def _show_on_page(self) -> None:
        """Select on the page that is shown what is selected."""
        page, ranges = self._page, self.view.ranges
        if page is None or page.ranges == ranges:
            return
        if ranges:
            page.select_ranges(ranges)
        else:
            page.put_cursor(self.view.cursor_offset)

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
        self.goto_bar.open_bar()

    @Slot()
    def _on_marks(self) -> None:
        self.view.viewport().update()
        if isinstance(self._page, TextualPage):
            self._page.update_marks()

    @Slot(object)
    def _on_marking(self, marks: TextMarks) -> None:
        """What the search found, on a page of text."""
        if self.source.stream is not None and self.find_bar.isVisible():
            window = load_window(self.source.stream, marks.start, marks.stop)
            marks.hits += tuple(self.find_bar.ranges_in(window))

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
        if self._page is None:
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

    # -- copy ---------------------------------------------------------------------------------------

    @Slot()
    def copy_as_seen(self) -> None:
        """As text where text is read, as hex where hex is."""
        self.copy_as(find_format(self._usual_format()))

    def _usual_format(self) -> str:
        if self._page is None:
            return "text" if self.view.side == "text" else "hex"
        return "text" if isinstance(self._page, TextualPage) else "hex"

    def copy_as(self, form: Format) -> None:
        chosen = self.view.ranges
        if not chosen or self.source.stream is None:
            self.notice.show_problem("Nothing is selected. Drag over bytes, or press Ctrl+A for all of them.", False)
            return
        self._copier.copy(self.source.stream, chosen, form, self._encoding())

    @Slot()
    def save_raw(self) -> None:
        """Ask for a file and write the selected bytes into it as they are."""
        self._save_as("raw")

    def _save_as(self, name: str) -> None:
        chosen = self.view.ranges
        if not chosen or self.source.stream is None:
            return
        self._copier.ask_to_save(self, self.source.stream, chosen, find_save_choice(name), self._encoding())

    def make_menu(self) -> QMenu:
        """What can be done with the selection."""
        menu = bytes_menu.make_menu(self, self.view.selection is not None, self._usual_format())
        menu.addSeparator()
        bench = self._workbench
        note_actions(menu, bench.notes, bench.selection.span, self._theme.colors)
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
        if act_on_note(self._workbench.notes, self._workbench.selection.span, what):
            return
        if what == bytes_menu.CALL:
            self.view.select_call(self.view.cursor_offset)
        elif what == bytes_menu.MESSAGE:
            self.link.select_message(self.view.cursor_offset)
        elif what == bytes_menu.ALL:
            self.view.select_all()
        elif what.startswith(bytes_menu.SAVE):
            self._save_as(what.removeprefix(bytes_menu.SAVE))
        else:
            self.copy_as(find_format(what))
