"""The line in which is typed what to find: text, hex, a regular expression or a number, anywhere in the capture.

Typing finds from the cursor on after a short pause; Enter and F3 go on, with Shift back.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from explorer.capture.search import MOST_HITS, Search
from explorer.capture.span import Place
from explorer.capture.stream import Ranges, Scope
from explorer.core.errors import InputError
from explorer.ui.find_marks import FindMarks
from explorer.ui.finder import Wanted
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.byte_window import ByteWindow
from explorer.ui.widgets.find_options import FindOptions, scope_words
from explorer.ui.widgets.inputs import show_text
from explorer.ui.widgets.typing_bar import TypingBar
from explorer.ui.workbench import Workbench
from explorer.wire.patterns import find_kind

PAUSE = 300  # milliseconds between the last key and the search


class FindBar(TypingBar):
    """Signals:
    found(Span): a hit was gone to; it is selected in the whole window.
    marks_changed(): `ranges_in` gives other ranges now.
    """

    found = Signal(object)
    marks_changed = Signal()

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Find:", "text", "Close the find bar", parent)
        self._workbench = workbench
        self._finder = workbench.finder
        self._forward: bool | None = None  # where to go as soon as there is a hit; None: nowhere
        self._from = Place(0, 0)
        self._around = ""
        self._marks = FindMarks()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._on_pause)
        self._make_widgets()
        self._finder.changed.connect(self._on_news)
        self._finder.hits_changed.connect(self._on_hits)
        workbench.selection.scope_changed.connect(self._on_scope)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._on_scope()
        self._on_kind()

    def _make_widgets(self) -> None:
        self.options = FindOptions()
        self.options.kind_chosen.connect(self._on_kind)
        self.options.changed.connect(self._on_edited)
        self.previous_button = self._button("Previous", "The hit before (Shift+Enter, Shift+F3)", self.find_previous)
        self.next_button = self._button("Next", "The next hit (Enter, F3)", self.find_next)
        self.list_button = self._button("List results", "Show all hits as a table", self._finder.list_wanted.emit)
        self._add(self.previous_button, self.next_button, self.list_button)
        self.status = QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setMaximumWidth(120)
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName("Progress of the search")
        self.cancel_button = self._button("Cancel", "Stop searching; what was found stays", self._finder.cancel)
        self.widen_button = self._button("Look further", "Look there as well, now", self._on_widen)
        self.widen_button.hide()
        column = self.layout()
        assert column is not None
        column.addWidget(self.options)
        column.addWidget(self._make_line())
        self.setTabOrder(self._close, self.options.kind)
        self._show_progress(False)

    def _make_line(self) -> QWidget:
        """All that is said, in the last line, which is there from the beginning: nothing above it moves."""
        self._line = QWidget()
        beside = QHBoxLayout(self._line)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.bar)
        beside.addWidget(self.cancel_button)
        beside.addWidget(self.status, 1)
        beside.addWidget(self.problem, 1)
        beside.addWidget(self.widen_button)
        return self._line

    # -- what is looked for ---------------------------------------------------------------------

    def set_encoding(self, encoding: str) -> None:
        """How typed text becomes bytes, unless the user chose otherwise: the encoding of the socket."""
        if self.options.suggest_encoding(encoding):
            self._on_edited()

    @Slot()
    def _on_kind(self) -> None:
        kind = find_kind(self.options.kind_name)
        self.field.setPlaceholderText(kind.example)
        self.field.setToolTip(f"{kind.help} ↑ and ↓ call back what was looked for before.")
        self.field.setAccessibleDescription(kind.help)

    @Slot()
    def _on_scope(self) -> None:
        self.options.offer_scopes(self._workbench.selection.scope)
        if self._finder.search is not None:
            self._tell()

    def _wanted(self) -> Wanted:
        """What is typed and chosen. Raises InputError."""
        options, typed = self.options, self.field.text()
        if not typed:
            raise InputError("pattern", "Write what to find, then press Enter.")
        scope = options.scope(self._workbench.selection.scope)
        known = self._finder.wanted
        key = options.kind_name, typed, options.pattern_options, scope, *options.directions
        if known is not None and key == self._key:
            return known
        pattern = find_kind(options.kind_name).make(typed, options.pattern_options)
        self._key = key
        return Wanted(options.kind_name, typed, pattern, scope, *options.directions)

    _key: tuple[object, ...] = ()

    # -- going on -------------------------------------------------------------------------------

    def _enter(self, backwards: bool) -> None:
        self._find(not backwards)

    @Slot()
    def find_next(self) -> None:
        """Also from elsewhere in the window, where the keyboard stays."""
        self._find_from_anywhere(True)

    @Slot()
    def find_previous(self) -> None:
        self._find_from_anywhere(False)

    def _find_from_anywhere(self, forward: bool) -> None:
        """The bar shows what it says of the search; when nothing is typed, it asks for that."""
        if self.isHidden():
            self.show()
        if not self.field.text():
            self.open_bar()
        self._find(forward)

    @Slot()
    def cancel(self) -> None:
        self._finder.cancel()

    def _find(self, forward: bool) -> None:
        """To the next hit from the cursor on, or the one before it; a new search where something else is typed."""
        self._pause.stop()
        if self._seek(forward, stay=False) and self._finder.wanted is not None:
            self._finder.history.add((self._finder.wanted.kind, self._finder.wanted.typed))

    @Slot()
    def _on_pause(self) -> None:
        if self.field.text():
            self._seek(True, stay=True)
        else:
            self._finder.clear()

    def _seek(self, forward: bool, stay: bool) -> bool:
        """stay: a hit that begins at the cursor will do, even the one gone to last. Whether there is a pattern."""
        finder = self._finder
        try:
            wanted = self._wanted()
        except InputError as error:
            self._forward, self._key = None, ()
            finder.clear()
            self._say(error.message, problem=True)
            return False
        place = self._workbench.selection.cursor or Place(0, 0)
        on_hit = finder.current is not None and finder.current.first == place
        self._forward, self._around = forward, ""
        self._from = Place(place.call, place.skip + 1) if forward and on_hit and not stay else place
        if wanted is not finder.wanted or finder.search is None:
            finder.start(wanted)
        elif not finder.searching and not finder.search.finished:
            finder.go_on()
        self._go()
        return True

    def _go(self) -> None:
        """To the hit that is wanted, if it is known by now."""
        finder, search = self._finder, self._finder.search
        if self._forward is None or search is None or not search.count:
            return
        index = search.list.first_from(self._from)
        if self._forward:
            if index >= search.count:
                if finder.searching:
                    return
                index, self._around = 0, "went on from the beginning"
        else:
            if finder.searching:
                return
            index -= 1
            if index < 0:
                index, self._around = search.count - 1, "went on from the end"
        found = search.list.hits(index, index + 1)
        if found:
            self._forward = None
            finder.choose(found[0])
            self.found.emit(found[0].span)

    @Slot()
    def _on_news(self) -> None:
        """The search began, came further or to its end."""
        self._show_progress(self._finder.searching)
        self.bar.setValue(self._finder.percent)
        self._go()
        self._tell()

    @Slot()
    def _on_hits(self) -> None:
        self._go()
        self._tell()
        self.marks_changed.emit()

    def _tell(self) -> None:
        """How the search stands, in words."""
        finder, search = self._finder, self._finder.search
        if search is None:
            self._say("")
            return
        count, index = search.count, finder.index_of(finder.current)
        if finder.problem:
            self._say(finder.problem, problem=True)
        elif finder.searching:
            self._say(f"{count:,} so far…" if count else "Searching…")
        elif (before := self._scope_before()) is not None:
            self._say(f"{count_text(count, 'hit')} in {scope_words(before)}. Enter looks {self.options.where}.")
        elif finder.stopped:
            self._say(f"Stopped; {count:,} found so far. Enter goes on." if count else "Stopped. Enter goes on.")
        elif not count:
            self._say(f"Not found {self.options.where}.", problem=True)
            self._offer_widening(self.options.widening)
        else:
            total = f"the first {count:,}" if search.limited else f"{count:,}"
            text = f"{index + 1:,} of {total}" if index >= 0 else f"{count_text(count, 'hit')}"
            if search.limited:
                self.status.setToolTip(f"No more than {MOST_HITS:,} hits are kept. Look for something longer.")
            self._say(f"{text} · {self._around}" if self._around else text)

    def _scope_before(self) -> Scope | None:
        """Where was looked, if by now something else is chosen; else None."""
        wanted = self._finder.wanted
        now = self.options.scope(self._workbench.selection.scope)
        return wanted.scope if wanted is not None and wanted.scope != now else None

    # -- marks ----------------------------------------------------------------------------------

    @property
    def search(self) -> Search | None:
        return self._finder.search

    def ranges_in(self, window: ByteWindow) -> Ranges:
        """Where hits stand in the window of a view, while the bar is open."""
        return () if self.isHidden() else self._marks.ranges_in(window, self._finder.search)

    def hit_in(self, window: ByteWindow) -> Ranges:
        """Where the hit that was gone to last stands in it."""
        hit = self._finder.current
        if hit is None or self.isHidden():
            return ()
        flow = window.flows.get((hit.connection, hit.received))
        first, last = (hit.first.call, hit.first.skip), (hit.last.call, hit.last.skip)
        return tuple(flow.ranges_between(first, last)) if flow is not None else ()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.marks_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause.stop()
        self.marks_changed.emit()

    # -- looks and keys -----------------------------------------------------------------------------

    def _forget(self) -> None:
        """Something else is typed: it is looked for after a pause."""
        self._forward = None
        self._say("")
        if self.isVisible():
            self._pause.start()

    @Slot()
    def close_bar(self) -> None:
        """The results stay, in their list."""
        self._finder.cancel()
        super().close_bar()

    def _say(self, text: str, problem: bool = False) -> None:
        """How the search stands, or what is wrong."""
        self.status.setText("" if problem else text)
        self.status.setVisible(not problem)
        self._say_problem(text if problem else "")
        self._offer_widening("")

    def _offer_widening(self, text: str) -> None:
        """A button that looks further; "" for none."""
        if not text and self.widen_button.hasFocus():
            self.field.setFocus()
        if text:
            self.widen_button.setText(text)
        self.widen_button.setVisible(bool(text))

    @Slot()
    def _on_widen(self) -> None:
        self.field.setFocus()
        self.options.widen()
        self._find(True)

    @Slot()
    def _on_theme(self) -> None:
        self.status.setStyleSheet(f"color: {self._theme.colors.muted}")
        self._line.setMinimumHeight(self.cancel_button.sizeHint().height())

    def _show_progress(self, running: bool) -> None:
        if not running and self.cancel_button.hasFocus():
            self.field.setFocus()
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        history, kind, typed = self._finder.history, self.options.kind_name, self.field.text()
        if self.field.hasFocus() and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            entry = history.back((kind, typed)) if event.key() == Qt.Key.Key_Up else history.forward()
            if entry is not None:
                self.options.choose_kind(entry[0])
                show_text(self.field, entry[1])
                self._forget()
            return
        super().keyPressEvent(event)
