"""One column of the bench: a framing to choose, a picture of it, what it found in words, and its messages."""

from __future__ import annotations

import time

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.framing_text import framing_text
from explorer.ui.icons import themed_icon
from explorer.ui.models.bench_choices import OWN, BenchRegistry, same_framing
from explorer.ui.models.bench_rows import BenchMessages, BenchState, BenchWork
from explorer.ui.theme import Theme
from explorer.ui.widgets.bench_counts import BenchCounts
from explorer.ui.widgets.bench_room import BenchRoom
from explorer.ui.widgets.bench_rows import BenchRows
from explorer.ui.widgets.choice_form import ChoiceForm
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.frame_picture import FramePicture
from explorer.ui.widgets.framing_note import drawn
from explorer.ui.widgets.inputs import make_bold
from explorer.ui.workbench import Workbench
from explorer.wire.framing.api import Part
from explorer.wire.framing.registry import find_kind

TELL_EVERY = 0.2  # seconds
TYPED = 250  # milliseconds without a key before a framing that is being typed is tried
BEHIND, BEHIND_BYTES = 50_000, 4 << 20  # calls and bytes not looked at yet, from which on it is said
LEAST_WIDTH, LEAST_PICTURE = 42, 16  # characters
FEWEST = 12  # characters of words that are worth while
NOT_YET = "Messages appear here as this framing finds them.\nNothing was {way} on this connection yet."
NONE_WHOLE = "This framing has found no message in these bytes so far."
USE = "Let the socket have this framing; Ctrl+Z takes it back"
AS_BEFORE = "The rows are those from before a setting became wrong."
NOTHING = "Nothing is framed until the settings are right."
WHEN_RIGHT = "Messages appear here when the settings are right."


class _Words(ElidedLabel):
    """They are not cut down to a few letters."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() >= self.fontMetrics().averageCharWidth() * FEWEST:
            super().paintEvent(event)
        else:
            self.setToolTip(self.text())


class BenchColumn(BenchRows):
    """Signals:
    changed(): the user chose another framing for this column; it stands in `framing`. Or its settings became wrong, or
        right again.
    use_wanted(): the socket is to have this framing.
    remove_wanted(): the column is to go.

    framing: `OWN` is the socket's own; while a setting is wrong, what was chosen before. source: what is found under
    it; None where there is nothing to look at, and where the form is about another kind with a wrong setting.
    room: holds the settings.
    """

    changed = Signal()
    use_wanted = Signal()
    remove_wanted = Signal()

    def __init__(
        self, workbench: Workbench, theme: Theme, letter: str, framing: Choice, parent: QWidget | None = None
    ) -> None:
        """letter: tells it from the others."""
        super().__init__(workbench, theme, parent)
        self.letter = letter
        self.framing = framing
        self.source: BenchMessages | None = None
        self._own: Choice | None = None
        self._problem = ""
        self._wrong = ""  # the kind of framing in the form, while a setting of it is wrong
        self._told = 0.0
        self.name = QLabel(letter)
        self.form = ChoiceForm("Framing", BenchRegistry(), theme, self, letter)
        self.errors = FieldErrors(theme)
        self.use_button = QPushButton("Use this framing")
        self.remove_button = QToolButton()
        self.counts = BenchCounts()
        self.words = _Words()
        self.picture = FramePicture(theme)
        self.room = BenchRoom((self.form.details, self.errors))
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(TYPED)
        self._lay_out()
        self._connect()
        self.show_framing(framing)
        self._on_theme()

    def _lay_out(self) -> None:
        self.name.setBuddy(self.form.kinds)
        self.name.setAccessibleName(f"Framing {self.letter}")  # a screen reader finds the list by its label
        self.form.picker.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.form.kinds.setSizeAdjustPolicy(self.form.kinds.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.form.kinds.setMinimumContentsLength(10)
        self.use_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.remove_button.setAutoRaise(True)
        self.remove_button.setAccessibleName(f"Remove column {self.letter}")
        self.remove_button.setToolTip("Remove this column")
        self.table.setAccessibleName(f"Messages under framing {self.letter}")
        self.picture.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.errors.hide()
        top = QHBoxLayout()
        top.setSpacing(5)
        top.addWidget(self.name)
        top.addWidget(self.form.picker, 1)
        top.addWidget(self.remove_button)
        drawn_line = QHBoxLayout()
        drawn_line.setSpacing(10)
        drawn_line.addWidget(self.picture)
        drawn_line.addWidget(self.words, 1)
        drawn_line.addWidget(self.use_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(top)
        column.addWidget(self.room)
        column.addWidget(self.counts)
        column.addLayout(drawn_line)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        self.form.edited.connect(self._on_edited)
        self.form.left.connect(self._take)
        self.form.entered.connect(self._take)
        self._typed.timeout.connect(self._take)
        self.errors.wanted.connect(self._focus_field)
        self.use_button.clicked.connect(self._on_use)
        self.remove_button.clicked.connect(self.remove_wanted)
        self._theme.changed.connect(self._on_theme)

    def stops(self) -> list[QWidget]:
        """Where Tab comes to, in order."""
        form = self.form
        return [form.kinds, form.toggle, self.remove_button, *form.widgets()[2:], self.use_button, self.table]

    # -- which framing ----------------------------------------------------------------------------

    def show_framing(self, framing: Choice) -> None:
        """Have this framing from now on; its settings are folded."""
        self.framing = framing
        if self.form.draft is None:
            self.form.show_draft(ChoiceDraft(BenchRegistry(), framing))
        else:
            self.form.draft.take(framing)
            self.form.show_draft(self.form.draft)
        self.form.toggle.setChecked(False)
        self._show_problems({})

    @Slot(str)
    def _on_edited(self, name: str) -> None:
        """A setting is being typed: it is tried when the typing rests."""
        self._typed.start()
        self._check()

    def _check(self) -> Choice | None:
        assert self.form.draft is not None
        checked = self.form.draft.check()
        self._show_problems(dict(checked.problems))
        return checked.choice

    @Slot()
    def _take(self) -> None:
        self._typed.stop()
        framing = self._check()
        if framing is not None and framing != self.framing:
            self.framing = framing
            self.changed.emit()

    def _show_problems(self, problems: dict[str, str]) -> None:
        """What is wrong with the form. The column shows no framing then that the form does not name."""
        assert self.form.draft is not None
        self.form.show_problems(problems)
        self.errors.show_problems(problems, self.form.labels())
        self.errors.setVisible(bool(problems))
        wrong = self.form.draft.kind if problems else ""
        if wrong != self._wrong:
            self._wrong = wrong
            self.changed.emit()
            self.tell()
        self._show_words()

    @property
    def wrong(self) -> bool:
        """Whether the form says something else than `framing`, because a setting in it is wrong."""
        return bool(self._wrong)

    @Slot()
    def _on_use(self) -> None:
        """What is typed counts, though the typing does not rest yet."""
        self._take()
        if not self.wrong:
            self.use_wanted.emit()

    @Slot(str)
    def _focus_field(self, name: str) -> None:
        if (editor := self.form.editor(name)) is not None:
            editor.setFocus()

    def real(self, own: Choice) -> Choice:
        """The framing that it stands for, where `own` is the socket's."""
        return own if self.framing == OWN else self.framing

    # -- what it finds ----------------------------------------------------------------------------

    def look(self, work: BenchWork | None, own: Choice | None) -> None:
        """Find messages in these bytes; those found already stay if nothing changed. own: the socket's framing."""
        self._own = own
        self._show_words()
        framing = self.real(own) if own is not None and self._wrong in ("", self.framing.kind) else None
        known = self.source
        if known is not None and work is not None and known.stream is work.stream and known.framing == framing:
            return
        self._problem, self.source = "", None
        if work is not None and framing is not None:
            try:
                self.source = work.open(framing)
            except InputError as error:
                self._problem = f"This framing cannot be used: {error.message}"
        self.show_messages(self.source)
        self.tell()

    def _show_words(self) -> None:
        own, framing, draft = self._own, self.framing, self.form.draft
        used = own is not None and not self.wrong and same_framing(self.real(own), own)
        tip = (
            "The socket has this framing already" if used else "Let the socket have this framing; Ctrl+Z takes it back"
        )
        self.use_button.setText("In use" if used else "Use this framing")
        self.use_button.setEnabled(own is not None and not self.wrong)
        self.use_button.setToolTip("A setting of this framing is wrong" if self.wrong else tip)
        self.use_button.setAccessibleName(f"{self.use_button.text()}, column {self.letter}")
        self.words.setText(framing_text(own) if own is not None and framing == OWN and not self.wrong else "")
        if self.wrong and draft is not None:
            parts, old = drawn(draft)
        else:
            parts, old = _parts(self.real(own) if own is not None else framing), ""
        self.picture.show_parts(parts, old)
        self.picture.setVisible(bool(parts))
        self._fit_picture()

    def _fit_picture(self) -> None:
        """It gives way to the button beside it, down to a few words; the words give way to it."""
        least = self.fontMetrics().averageCharWidth() * LEAST_PICTURE
        self.picture.setMinimumWidth(min(self.picture.sizeHint().width(), least))

    def tick(self) -> None:
        """Show what came since; how much it is, a few times a second."""
        super().tick()
        now = time.monotonic()
        if not self.model.rowCount() or now >= self._told + TELL_EVERY:
            self._told = now
            self.tell()

    def tell(self) -> None:
        """Say how much was found, and why there is nothing."""
        source, state = self.source, self.model.state
        if source is None:
            self.counts.show_parts([NOTHING] if self.wrong else [])
            self.table.set_hint(WHEN_RIGHT if self.wrong else self._problem)
            return
        hint = NONE_WHOLE if source.stream.size else NOT_YET.format(way="received" if source.flow.received else "sent")
        behind = _behind(source, state)
        parts = [*state.parts, behind] if behind else state.parts
        self.counts.show_parts([AS_BEFORE] if self.wrong else parts)
        self.table.set_hint(behind or hint)

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        make_bold(self.name)
        self.words.setStyleSheet(f"color: {colors.muted}")
        self.remove_button.setIcon(themed_icon("close", self._theme))
        self.remove_button.setIconSize(QSize(1, 1) * self.fontMetrics().height())
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * LEAST_WIDTH)
        self._fit_picture()


def _parts(framing: Choice) -> tuple[Part, ...]:
    """What stands on the wire; nothing where that is not known."""
    try:
        kind = find_kind(framing.kind)
        return kind.picture(check(kind.fields, framing.settings))
    except InputError:
        return ()


def _behind(source: BenchMessages, state: BenchState) -> str:
    """How far a framing is that has much left to look at; "" when it has not."""
    calls, size, looked = source.stream.reader.count, source.stream.size, source.bytes_before(state)
    if size - looked > BEHIND_BYTES:
        return f"framing… {100 * looked // size} %"
    if calls - state.done > BEHIND:
        return f"framing… {100 * state.done // calls} %"
    return ""
