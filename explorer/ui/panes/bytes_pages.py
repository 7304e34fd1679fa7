"""The pages of the byte pane, one of which is seen: bytes as hex and text, the others of `VIEWS`, or why there are no
bytes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from explorer.capture.arrangement import Arrangement
from explorer.capture.stream import Stream
from explorer.ui.panes.bytes_views import VIEWS, BytesPage, TextualPage, as_widget
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_view import ByteView


class BytesPages(QStackedWidget):
    """The first page holds the cursor and the selection; the others are made when they are wanted.

    empty: says why there are no bytes. page: the one that is chosen; None: the first.
    Signals: selected(): the user chose other bytes on another page than the first.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    marking(TextMarks), hint_wanted(Hint): as of `TextualPage`. scrolled(): another page than the first was.
    """

    selected = Signal()
    menu_requested = Signal(QPoint)
    marking = Signal(object)
    hint_wanted = Signal(object)
    scrolled = Signal()

    def __init__(self, theme: Theme, view: ByteView, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = view
        self._encoding = "utf-8"
        self._text_choices: Mapping[str, object] = {}  # for a page that is not made yet
        self.empty = QLabel(nothing)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12)
        self.addWidget(self.empty)
        self.addWidget(view)
        self.made: dict[str, BytesPage] = {}
        self.page: BytesPage | None = None
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def hasHeightForWidth(self) -> bool:
        """It gives way in a low window, so that the line above it keeps what it needs."""
        return False

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.empty.setStyleSheet(f"color: {colors.muted}; background: {colors.base}")
        self.setMinimumHeight(self._view.minimumSizeHint().height())

    # -- which page ---------------------------------------------------------------------------------

    def choose(self, name: str, stream: Stream | None) -> None:
        """Have this page shown from now on, with what is shown on the first."""
        if name not in self.made:
            make = next(spec.make for spec in VIEWS if spec.name == name)
            if make is not None:
                self._add(name, make(self._theme))
        self.page = self.made.get(name)
        self.set_stream(stream)

    def _add(self, name: str, page: BytesPage) -> None:
        self.made[name] = page
        self.addWidget(as_widget(page))
        as_widget(page).resize(self.contentsRect().size())  # what is selected is shown before it is laid out
        page.selected.connect(self.selected)
        page.menu_requested.connect(self.menu_requested)
        page.scroll_bar.valueChanged.connect(self.scrolled)
        if isinstance(page, TextualPage):
            page.marking.connect(self.marking)
            page.hint_wanted.connect(self.hint_wanted)
            page.set_choices(self._text_choices)

    @property
    def is_first(self) -> bool:
        """Whether the first page is chosen."""
        return self.page is None

    @property
    def is_text(self) -> bool:
        return isinstance(self.page, TextualPage)

    def show_page(self, some: bool) -> None:
        """The page that is chosen, where there are bytes (`some`)."""
        shown: QWidget = self.empty
        if some:
            shown = self._view if self.page is None else as_widget(self.page)
        if self.currentWidget() is not shown:
            self.setCurrentWidget(shown)

    # -- what it shows --------------------------------------------------------------------------------

    def set_stream(self, stream: Stream | None) -> None:
        """Another stream, or other rows, as on the first page."""
        if self.page is not None:
            self.page.set_stream(stream, self._view.rows)
        self.set_encoding(self._encoding)

    def refresh(self, rows: Arrangement) -> None:
        """At every frame."""
        if self.page is not None:
            self.page.refresh(rows)

    def set_encoding(self, name: str) -> None:
        """The encoding of the socket."""
        self._encoding = name
        if isinstance(self.page, TextualPage):
            self.page.set_encoding(name)

    @Slot()
    def update_marks(self) -> None:
        """Other marks are to be painted."""
        if isinstance(self.page, TextualPage):
            self.page.update_marks()

    @property
    def seen(self) -> tuple[int, int]:
        """The first position that is seen, and the one behind the last."""
        return self._view.seen if self.page is None else self.page.seen

    def show_selection(self) -> None:
        """Select on the page that is shown what is selected on the first."""
        page, ranges = self.page, self._view.ranges
        if page is None or page.ranges == ranges:
            return
        if ranges:
            page.select_ranges(ranges)
        else:
            page.put_cursor(self._view.cursor_offset)

    # -- choices ----------------------------------------------------------------------------------------

    @property
    def text_choices(self) -> dict[str, object]:
        """How text is shown, to be remembered."""
        page = self.made.get("text")
        return page.choices if isinstance(page, TextualPage) else dict(self._text_choices)

    def set_text_choices(self, choices: Mapping[str, object]) -> None:
        """Show text as it was remembered; what makes no sense is left out."""
        self._text_choices = choices
        page = self.made.get("text")
        if isinstance(page, TextualPage):
            page.set_choices(choices)
