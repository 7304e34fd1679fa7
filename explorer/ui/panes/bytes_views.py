"""The pages of the byte pane. Adding one is a file of its own and, here, a line and how it is made.

The first, bytes as hex and text, is always there: it holds the cursor and the selection. The others show the same
rows or the same bytes in their own way. Their files are imported when they are made: no start waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from PySide6.QtWidgets import QScrollBar, QWidget

from explorer.capture.arrangement import Arrangement
from explorer.capture.stream import Ranges, Stream
from explorer.ui.theme import Theme


class BytesPage(Protocol):
    """What every page but the first is, besides a QWidget.

    Its signals: selected(): the user chose other bytes. menu_requested(QPoint): a context menu is wanted there.
    scroll_bar: by which it is scrolled through the stream.
    """

    selected: Any
    menu_requested: Any

    @property
    def scroll_bar(self) -> QScrollBar: ...

    @property
    def seen(self) -> tuple[int, int]:
        """The first position that is seen, and the one behind the last."""

    @property
    def ranges(self) -> Ranges:
        """What the user selected."""

    @property
    def cursor_offset(self) -> int: ...

    def set_stream(self, stream: Stream | None, rows: Arrangement | None = None) -> None:
        """Show another stream or other rows, with nothing selected."""

    def refresh(self, rows: Arrangement) -> None:
        """There may be more rows by now. Called at every frame while the page is shown."""

    def select_ranges(self, ranges: Ranges) -> None:
        """Select these, at least one, and show them; tell nobody."""

    def put_cursor(self, offset: int) -> None:
        """Select nothing, and stand on a byte; tell nobody."""


@runtime_checkable
class TextualPage(Protocol):
    """What a page that shows text is besides. Its signals: marking(TextMarks): marks to show are to be put there.
    hint_wanted(Hint): the mouse rests on a byte.

    choices: how text is shown, to be remembered.
    """

    marking: Any
    hint_wanted: Any

    @property
    def choices(self) -> dict[str, object]: ...

    def set_choices(self, choices: Mapping[str, object]) -> None:
        """As it was remembered; what makes no sense is left out."""

    def set_encoding(self, name: str) -> None:
        """The encoding of the socket."""

    def update_marks(self) -> None:
        """Other marks are to be shown."""

    def focus_first(self) -> None:
        """Take the keyboard."""


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """name: for settings; title: what the user reads; make: None for the first page. The page is a QWidget, too."""

    name: str
    title: str
    make: Callable[[Theme], BytesPage] | None


def _text(theme: Theme) -> BytesPage:
    from explorer.ui.widgets.text_page import TextPage

    return TextPage(theme)


def _table(theme: Theme) -> BytesPage:
    from explorer.ui.widgets.byte_rows import rule_text
    from explorer.ui.widgets.byte_table import ByteTable

    return ByteTable(theme, rule_text)


VIEWS = (
    ViewSpec("hex", "&Hex and text", None),
    ViewSpec("text", "Te&xt", _text),
    ViewSpec("table", "&Table", _table),
)


def as_widget(page: BytesPage) -> QWidget:
    assert isinstance(page, QWidget)
    return page
