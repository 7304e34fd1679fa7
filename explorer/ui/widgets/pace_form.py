"""Make it happen: controls that cut a socket's sends and slow it down, so that what a network does is seen at home."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.pace import Pace
from explorer.core.socket_spec import Transport
from explorer.ui.pace_draft import PACE_FIELDS, PaceDraft, pace_text
from explorer.ui.theme import Theme
from explorer.ui.undo import new_step
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import ShortEdit, mark_wrong, show_text

_ROWS = (  # name, words in front, width in digits, words behind, what an empty field means
    ("send_size", "Cut sends: at most", 8, "bytes a call", "no limit"),
    ("send_pause", "Pause", 6, "ms after each send", "0"),
    ("receive_pause", "Pause", 6, "ms after each receive", "0"),
)
HOW = "These are real calls on the real socket. A change counts at once, also while it runs."
_LABELS = {field.name: field.label for field in PACE_FIELDS}
_HELP = {field.name: field.help for field in PACE_FIELDS}


class PaceForm(QWidget):
    """Three numbers and a tick, with a sentence on what they do. They can be changed while the socket runs.

    Signals:
    edited(Pace): the user changed something; the pace has all that is valid. What is wrong stays in its field with a
        sentence, and leaves its part of the pace as it was; so the same pace may come again.
    left(): the keyboard left a field: the edit is whole.
    entered(): Enter was pressed in a field.
    """

    edited = Signal(object)
    left = Signal()
    entered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._drafts: dict[int, PaceDraft] = {}
        self._draft = PaceDraft(Pace())
        self._transport: Transport = "tcp"
        self._brief = False
        self.field = ""  # the one that was edited last; "" when that edit is whole
        self.step = new_step()
        self._edits: dict[str, QLineEdit] = {}
        self._build()
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def show_pace(self, pace: Pace, transport: Transport, whose: int = 0) -> None:
        """Show this pace, now or after it changed from outside.

        whose: the number of the socket it belongs to; what was typed and is wrong is kept for each.
        """
        draft = self._drafts.setdefault(whose, PaceDraft(pace))
        draft.take(pace)
        self.show_draft(draft, transport)

    def show_draft(self, draft: PaceDraft, transport: Transport) -> None:
        """Show what somebody else keeps."""
        if draft is not self._draft:
            self._end()
        self._draft, self._transport = draft, transport
        for name, edit in self._edits.items():
            show_text(edit, str(draft.text(name)))
        blocked = QSignalBlocker(self.random)
        self.random.setChecked(bool(draft.text("send_random")))
        blocked.unblock()
        self._check()

    def keep_to(self, *names: str) -> None:
        """Show no other fields of `Pace` than these, and no words but what is wrong or impossible, as beside a picture
        that shows what the pace does."""
        self._brief = True
        for name in _LABELS:
            shown = self.random if name == "send_random" else self._edits[name].parentWidget()
            if shown is not None:
                shown.setVisible(name in names)
        self._check()

    def forget(self, whose: int) -> None:
        """This socket is not there any more."""
        self._drafts.pop(whose, None)

    def editor(self, name: str) -> QWidget | None:
        """The input of a field of `Pace`."""
        return self.random if name == "send_random" else self._edits.get(name)

    def labels(self) -> dict[str, str]:
        """What the user calls the fields of `Pace`."""
        return dict(_LABELS)

    def widgets(self) -> list[QWidget]:
        """In tab order."""
        return [self._edits["send_size"], self.random, self._edits["send_pause"], self._edits["receive_pause"]]

    @property
    def sentences(self) -> list[str]:
        """What is wrong, or what the pace does."""
        return self.errors.sentences if self.errors.isVisibleTo(self) else [self.hint.text()]

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.controls = QWidget()
        flow = FlowLayout(self.controls, gap=16)
        self.random = QCheckBox("at random")
        self.random.setAccessibleName("Cut sends at random")
        self.random.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)  # as high as its line
        self.random.setToolTip(_HELP["send_random"])
        self.random.toggled.connect(self._on_random)
        self._cutting: list[QWidget] = [self.random]
        for name, before, digits, behind, empty in _ROWS:
            row = self._row(name, before, digits, behind, empty)
            flow.addWidget(row)
            if name == "send_size":
                self._cutting.append(row)
                flow.addWidget(self.random)
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.errors = FieldErrors(self._theme)
        self.errors.wanted.connect(self.focus_field)
        self.errors.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.controls, self.errors, self.hint):
            column.addWidget(widget)
        column.addStretch(1)

    def _row(self, name: str, before: str, digits: int, behind: str, empty: str) -> QWidget:
        edit = ShortEdit(digits, f"{_LABELS[name]}, {behind.partition(' after')[0]}")
        edit.setObjectName(name)
        edit.setPlaceholderText(empty)
        edit.setToolTip(_HELP[name])
        edit.textChanged.connect(self._on_typed)
        edit.editingFinished.connect(self._on_left)
        edit.returnPressed.connect(self.entered)
        self._edits[name] = edit
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        label = QLabel(before)
        label.setBuddy(edit)
        label.setToolTip(_HELP[name])
        layout.addWidget(label)
        layout.addWidget(edit)
        layout.addWidget(QLabel(behind))
        return row

    # -- what the user does ---------------------------------------------------------------------

    @Slot(str)
    def focus_field(self, name: str) -> None:
        """Move the keyboard to a field of `Pace`."""
        edit = self._edits.get(name)
        if edit is not None:
            edit.setFocus()
            edit.selectAll()

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._put(self.sender().objectName(), text)

    @Slot(bool)
    def _on_random(self, checked: bool) -> None:
        self._put("send_random", checked)
        self._end()
        self.left.emit()

    def _put(self, name: str, text: str | bool) -> None:
        if name != self.field:
            self.field, self.step = name, new_step()
        self._draft.put(name, text)
        self._check()
        self.edited.emit(self._draft.check().pace)

    @Slot()
    def _on_left(self) -> None:
        self._draft.tidy(self.sender().objectName())
        self._end()
        self.show_draft(self._draft, self._transport)
        self.left.emit()

    def _end(self) -> None:
        self.field = ""

    # -- showing --------------------------------------------------------------------------------

    def _check(self) -> None:
        """Show what is wrong, or what the pace does."""
        checked = self._draft.check()
        for name, edit in self._edits.items():
            mark_wrong(edit, checked.problems.get(name, ""), self._theme)
        stream = self._transport == "tcp"
        for widget in self._cutting:
            widget.setEnabled(stream)
        self.random.setEnabled(stream and checked.pace.send_size > 1)
        self.errors.show_problems(checked.problems, _LABELS)
        self.errors.setVisible(bool(checked.problems))
        does = pace_text(checked.pace, self._transport)
        now = f"Now it {does}." if does else "Now it sends and receives as fast as the system lets it."
        cut = "" if stream else " A datagram is never cut."
        self.hint.setText(cut.strip() if self._brief else f"{now}{cut} {HOW}")
        self.hint.setVisible(not checked.problems and bool(self.hint.text()))

    @Slot()
    def _on_theme(self) -> None:
        palette = self.hint.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.hint.setPalette(palette)
        self._check()
