"""What can be done with the bytes that are selected in the byte pane: its context menu, and doing it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from explorer.ui.copying import SAVE_CHOICES, Copier, find_save_choice
from explorer.ui.note_actions import act_on_note, note_actions
from explorer.ui.panes.bytes_link import BytesLink
from explorer.ui.panes.bytes_notice import BytesNotice
from explorer.ui.panes.bytes_pages import BytesPages
from explorer.ui.panes.bytes_source import BytesSource
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.workbench import Workbench
from explorer.wire.formats import FORMATS, Format, find_format

NOTHING = "Nothing is selected. Drag over bytes, or press Ctrl+A for all of them."
CALL, MESSAGE, ALL = "call", "message", "all"
SAVE = "save "
"""Goes before the name of a choice of `explorer.ui.copying.SAVE_CHOICES`."""
_KINDS = {"text": "text", "escaped": "text", "base64": "encoded", "json": "encoded"}


def make_menu(parent: QWidget, some: bool, usual: str) -> QMenu:
    """A menu whose actions' data say what to do. some: whether anything is selected. usual: the format's name that
    the copy key takes."""
    menu = QMenu(parent)
    copy = menu.addAction(f"Copy as {find_format(usual).label}")
    copy.setData(usual)
    copy.setEnabled(some)
    copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    copying = menu.addMenu("Copy as")
    copying.setEnabled(some)
    before = FORMATS[0]
    for form in FORMATS:
        if _kind(form) != _kind(before):
            copying.addSeparator()
        copying.addAction(form.label).setData(form.name)
        before = form
    saving = menu.addMenu("Save selection as")
    saving.setEnabled(some)
    for choice in SAVE_CHOICES:
        saving.addAction(f"{choice.label}…").setData(SAVE + choice.name)
        if choice.form is None:
            saving.addSeparator()
    menu.addSeparator()
    for label, what, key in (
        ("Select the whole call", CALL, QKeySequence("C")),
        ("Select the whole message", MESSAGE, QKeySequence("M")),
        ("Select all", ALL, QKeySequence(QKeySequence.StandardKey.SelectAll)),
    ):
        action = menu.addAction(label)
        action.setData(what)
        action.setShortcut(key)
    return menu


def _kind(form: Format) -> str:
    """Formats of one kind stand together: hex, text, source code, others."""
    if form.suffix == ".hex" or form.name in ("dump", "hex_escapes"):
        return "hex"
    return _KINDS.get(form.name, "source")


class SelectionMenu(QObject):
    """The menu, and what its entries do."""

    def __init__(
        self,
        workbench: Workbench,
        theme: Theme,
        source: BytesSource,
        view: ByteView,
        pages: BytesPages,
        link: BytesLink,
        notice: BytesNotice,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._owner = parent
        self._workbench = workbench
        self._theme = theme
        self._source = source
        self._view = view
        self._pages = pages
        self._link = link
        self._notice = notice
        self._copier = Copier(workbench.jobs, self)
        self._copier.refused.connect(notice.show_problem)
        self._copier.finished.connect(notice.show_done)
        notice.save_wanted.connect(self.save_raw)
        view.menu_requested.connect(self._on_menu)
        pages.menu_requested.connect(self._on_menu)

    # -- copying ------------------------------------------------------------------------------------

    @Slot()
    def copy_as_seen(self) -> None:
        """As text where text is read, as hex where hex is."""
        self.copy_as(find_format(self._usual_format()))

    def _usual_format(self) -> str:
        text = self._view.side == "text" if self._pages.is_first else self._pages.is_text
        return "text" if text else "hex"

    def copy_as(self, form: Format) -> None:
        chosen = self._view.ranges
        if not chosen or self._source.stream is None:
            self._notice.show_problem(NOTHING, False)
            return
        self._copier.copy(self._source.stream, chosen, form, self._encoding())

    def _encoding(self) -> str:
        entry = self._workbench.current
        return entry.spec.encoding if entry is not None else "utf-8"

    @Slot()
    def save_raw(self) -> None:
        """Ask for a file and write the selected bytes into it as they are."""
        self._save_as("raw")

    def _save_as(self, name: str) -> None:
        chosen = self._view.ranges
        if not chosen or self._source.stream is None:
            return
        choice = find_save_choice(name)
        self._copier.ask_to_save(self._owner, self._source.stream, chosen, choice, self._encoding())

    # -- the menu -----------------------------------------------------------------------------------

    def make_menu(self) -> QMenu:
        """What can be done with the selection."""
        menu = make_menu(self._owner, self._view.selection is not None, self._usual_format())
        menu.addSeparator()
        bench = self._workbench
        note_actions(menu, bench.notes, bench.selection.parts, self._theme.colors)
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
        if act_on_note(self._workbench.notes, self._workbench.selection.parts, what):
            return
        if what == CALL:
            self._view.select_call(self._view.cursor_offset)
        elif what == MESSAGE:
            self._link.select_message(self._view.cursor_offset)
        elif what == ALL:
            self._view.select_all()
        elif what.startswith(SAVE):
            self._save_as(what.removeprefix(SAVE))
        else:
            self.copy_as(find_format(what))
