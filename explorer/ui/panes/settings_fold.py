"""A socket's form that can be put away for tables and bytes; `explorer.ui.form_fold` decides when."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from explorer.core.states import State
from explorer.ui.form_fold import FormFold
from explorer.ui.panes.settings_form import SettingsForm
from explorer.ui.spec_draft import Read
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench


class FoldingForm(SettingsForm):
    """Signals:
    rows_wanted(bool): whether what the socket does is of more interest now than its form.
    fold_changed(): the form was put away, or brought back.
    """

    rows_wanted = Signal(bool)
    fold_changed = Signal()

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(workbench, theme, parent)
        self._shown: int | None = None  # the socket's number
        self._read: Read | None = None  # what stands in the form
        self._fold = FormFold()
        self._fold_soon = QTimer(self)  # when everything has the height that it needs
        self._fold_soon.setSingleShot(True)
        self._fold_soon.timeout.connect(self._decide_fold)

    @property
    def folded(self) -> bool:
        """Whether the form is put away, so that tables and bytes have its room."""
        return self._fold.away

    @property
    def fold_choice(self) -> bool:
        """Whether the user put it away; it does so by itself where the window is low and the socket works."""
        return self._fold.chosen

    @Slot(bool)
    def fold(self, folded: bool) -> None:
        """Put the form away, or bring it back, because the user wants so."""
        self._fold.choose(folded)
        self._show_fold()

    @Slot(int)
    def set_spare(self, spare: int) -> None:
        """Pixels of the window's height that nothing wants; negative: that are lacking."""
        self._fold.set_spare(spare)
        if self._program_note is not None:
            self._program_note.picture.fit()
        self._fold_soon.start()

    @Slot()
    def _decide_fold(self) -> None:
        entry = self._workbench.socket(self._shown)
        if entry is None:
            self.rows_wanted.emit(True)
            return
        works = entry.running and entry.state not in (State.RESOLVING, State.SYN_SENT)
        self.rows_wanted.emit(works or self._workbench.viewing)
        focus = QApplication.focusWidget()
        in_use = focus is not None and self.body.isAncestorOf(focus) and not self.header.isAncestorOf(focus)
        before = self._fold.away
        room = self.heightForWidth(self.width()) - self.header.height()
        if self._fold.decide(works, in_use, room) != before:
            self._show_fold()

    def _show_fold(self) -> None:
        folded = self._fold.away
        self.header.fold.setChecked(folded)
        self.show_form(not folded)
        self.fold_changed.emit()

    def minimumSizeHint(self) -> QSize:
        """What is left of a form that was put away is always whole."""
        least = super().minimumSizeHint()
        if self.folded and self._read is not None:
            least.setHeight(self.heightForWidth(max(self.width(), least.width())))
        return least
