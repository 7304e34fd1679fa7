"""One column of the bench: a framing to choose, a picture of it, what it found in words, and its messages."""

from __future__ import annotations

import time

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.framing_text import framing_text
from explorer.ui.icons import themed_icon
from explorer.ui.models.bench_choices import OWN, BenchRegistry, same_framing
from explorer.ui.models.bench_rows import BenchMessages, BenchWork
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.bench_rows import BenchRows
from explorer.ui.widgets.choice_form import ChoiceForm
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.frame_picture import FramePicture
from explorer.ui.widgets.inputs import make_bold
from explorer.ui.workbench import Workbench
from explorer.wire.framing.api import Part
from explorer.wire.framing.registry import find_kind

TELL_EVERY = 0.2  # seconds
TYPED = 250  # milliseconds without a key before a framing that is being typed is tried
BEHIND, BEHIND_BYTES = 50_000, 4 << 20  # calls and bytes not looked at yet, from which on it is said
LEAST_WIDTH, LEAST_PICTURE = 42, 16  # characters
NOT_YET = "Messages appear here as this framing finds them.\nNothing was {way} on this connection yet."
NONE_WHOLE = "This framing has found no message in these bytes so far."


class BenchColumn(BenchRows):
    """Signals:
    changed(): the user chose another framing for this column; it stands in `framing`.
    use_wanted(): the socket is to have this framing.
    remove_wanted(): the column is to go.

    framing: `OWN` is the socket's own. source: what is found under it; None where there is nothing to look at.
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
        self._told = 0.0
        self.name = QLabel(letter)
        self.form = ChoiceForm(f"Framing {letter}", BenchRegistry(), theme, self)
        self.errors = FieldErrors(theme)
        self.use_button = QPushButton("Use this framing")
        self.remove_button = QToolButton()
        self.counts = QLabel()
        self.words = QLabel()
        self.picture = FramePicture(theme)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(TYPED)
        self._lay_out()
        self._connect()
        self.show_framing(framing)
        self._on_theme()

    def _lay_out(self) -> None:
        self.name.setBuddy(self.form.kinds)
        self.form.picker.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.form.kinds.setSizeAdjustPolicy(self.form.kinds.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.form.kinds.setMinimumContentsLength(10)
        self.use_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.remove_button.setAutoRaise(True)
        self.remove_button.setAccessibleName(f"Remove column {self.letter}")
        self.remove_button.setToolTip("Remove this column")
        self.table.setAccessibleName(f"Messages under framing {self.letter}")
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.errors.hide()
        top = QWidget()
        row = FlowLayout(top, gap=5, line_gap=2)
        for widget in (self.name, self.form.picker, self.remove_button):
            row.addWidget(widget)
        said = QWidget()
        line = FlowLayout(said, gap=10, line_gap=2)
        for label in (self.counts, self.words, self.picture, self.use_button):
            line.addWidget(label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widget in (top, self.form.details, self.errors, said):
            column.addWidget(widget)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        self.form.edited.connect(self._on_edited)
        self.form.left.connect(self._take)
        self.form.entered.connect(self._take)
        self._typed.timeout.connect(self._take)
        self.errors.wanted.connect(self._focus_field)
        self.use_button.clicked.connect(self.use_wanted)
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
        self.form.show_problems(problems)
        self.errors.show_problems(problems, self.form.labels())
        self.errors.setVisible(bool(problems))

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
        framing = self.real(own) if own is not None else None
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
        own, framing = self._own, self.framing
        used = own is not None and same_framing(self.real(own), own)
        self.use_button.setText("In use" if used else "Use this framing")
        self.use_button.setEnabled(own is not None)
        self.use_button.setToolTip(
            "The socket has this framing already" if used else "Let the socket have this framing; Ctrl+Z takes it back"
        )
        self.use_button.setAccessibleName(f"{self.use_button.text()}, column {self.letter}")
        is_own = framing == OWN and own is not None
        self.words.setText(framing_text(self.real(own)) if is_own and own is not None else "")
        self.words.setVisible(is_own)
        parts = _parts(self.real(own) if own is not None else framing)
        self.picture.show_parts(parts)
        self.picture.setVisible(bool(parts))
        self._fit_picture()

    def _fit_picture(self) -> None:
        """It gives way to what stands beside it, down to a few words, and leaves the rest of its line empty."""
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
            self.counts.setText("")
            self.table.set_hint(self._problem)
            return
        calls = source.stream.reader.count
        messages = count_text(state.rows - state.errors, "message")
        text = f"{messages} · {count_text(state.errors, 'error')} · {state.pending:,} pending"
        hint = NONE_WHOLE if source.stream.size else NOT_YET.format(way="received" if source.flow.received else "sent")
        size, looked = source.stream.size, source.bytes_before(state)
        if size - looked > BEHIND_BYTES:
            hint = f"framing… {100 * looked // size} %"
            text = f"{text} · {hint}"
        elif calls - state.done > BEHIND:
            hint = f"framing… {100 * state.done // calls} %"
            text = f"{text} · {hint}"
        if text != self.counts.text():
            self.counts.setText(text)
        self.table.set_hint(hint)

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
