"""What the Sequences dock shows: the list of sequences, the tree of steps, the form beside it, the result below."""

from __future__ import annotations

import re
from collections.abc import Sequence as Listed

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.core.events import SequenceStep
from explorer.core.sequence import Sequence
from explorer.ui.models.sequence_tree import PLACE, STEP, CasePlace, Place, fill, items, show_marks
from explorer.ui.sequence_edits import StepPlace
from explorer.ui.sequence_words import KINDS
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.widgets.step_form import StepForm

EMPTY = (
    "A sequence is a test without code: steps such as connect, send, wait for a message and check it, carried out one "
    "after the other.\n\n"
    "Record what you do by hand, make an example that works at once, or begin with an empty one. Sequences are saved "
    "in the workspace; “socket-explorer run” carries them out without a window."
)
STEP_WIDTH = 48  # digits
RECORD, STOP_RECORDING = "Record", "Stop recording"


def button(text: str, tip: str) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setAutoDefault(False)
    return made


class RecordButton(QPushButton):
    """Begins to record and ends it, at one place: it is as wide with either text."""

    def __init__(self, tip: str) -> None:
        super().__init__(RECORD)
        self.setToolTip(tip)
        self.setAutoDefault(False)

    def show_recording(self, recording: bool) -> None:
        self.setText(STOP_RECORDING if recording else RECORD)

    def sizeHint(self) -> QSize:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = STOP_RECORDING
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, STOP_RECORDING)
        longer = self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, words, self)
        return super().sizeHint().expandedTo(longer)


class SequenceEmpty(QWidget):
    """While there is no sequence: what this is, and how to begin."""

    new_wanted = Signal()
    record_wanted = Signal()
    example_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = QLabel(EMPTY)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setMinimumWidth(1)
        self.new = button("New sequence", "An empty one")
        self.record = RecordButton("Keep what you do by hand as steps")
        self.example = button("Make an example", "An echo server, a client, and a sequence that talks with it")
        row = QWidget()
        flow = FlowLayout(row)
        for one in (self.example, self.record, self.new):
            flow.addWidget(one)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(row)
        column.addStretch(1)  # below: what is told of a recording moves nothing
        self.new.clicked.connect(self.new_wanted)
        self.record.clicked.connect(self.record_wanted)
        self.example.clicked.connect(self.example_wanted)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def show_recording(self, recording: bool) -> None:
        self.record.show_recording(recording)

    @Slot()
    def _on_theme(self) -> None:
        self.text.setStyleSheet(f"color: {self._theme.colors.muted};")


class StepTree(QTreeWidget):
    """Signals: unwanted(): Delete. lifted(int): Ctrl+Up (-1) or Ctrl+Down (1)."""

    unwanted = Signal()
    lifted = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key == Qt.Key.Key_Delete:
            self.unwanted.emit()
        elif control and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.lifted.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


class SequenceView(QWidget):
    """Signals say what the user wants; the pane does it. place_chosen(Place), sequence_chosen(str), step_wanted(Step):
    a step of this kind is added, move_wanted(int): the chosen one goes up or down."""

    sequence_chosen = Signal(str)
    place_chosen = Signal(object)
    new_wanted = Signal()
    duplicate_wanted = Signal()
    remove_wanted = Signal()
    example_wanted = Signal()
    run_wanted = Signal()
    stop_wanted = Signal()
    record_wanted = Signal()
    step_wanted = Signal(object)
    case_wanted = Signal()
    otherwise_wanted = Signal()
    copy_step_wanted = Signal()
    remove_step_wanted = Signal()
    move_wanted = Signal(int)
    call_wanted = Signal()
    python_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._showing = False
        self._result: tuple[str, str, bool] = ("", "muted", False)
        self.names = QuietCombo("Sequence")
        self.names.setMinimumContentsLength(12)
        self.run = button("Run", "Carry out this sequence")
        self.stop = button("Stop", "End the sequence that runs")
        self.record = RecordButton("Keep what you do by hand as steps of another sequence")
        self.more = QToolButton()
        self.more.setText("Sequence")
        self.more.setToolTip("Add, duplicate or remove whole sequences, or show this one as Python")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tree = StepTree()
        self.add = QPushButton("Add step")
        self.add.setAutoDefault(False)
        self.add_menu = QMenu(self)
        self.copy = button("Duplicate", "Another step like this one, behind it")
        self.up = button("Up", "Before the one above (Ctrl+Up); out of its block beyond the edge")
        self.down = button("Down", "Behind the one below (Ctrl+Down); out of its block beyond the edge")
        self.remove = button("Remove", "Remove the step (Delete); Undo in the Edit menu brings it back")
        self.form = StepForm(theme)
        self.result = QLabel()
        self._fill_menus()
        self._lay_out()
        self._connect()
        make_choosable(self)
        theme.changed.connect(self._on_theme)

    def _fill_menus(self) -> None:
        for text, tip, make in KINDS:
            action = self.add_menu.addAction(text)
            action.setToolTip(tip)
            action.setData(make)
        self.add_menu.addSeparator()
        self.case = self.add_menu.addAction("Case of the branch")
        self.otherwise = self.add_menu.addAction("Otherwise of the branch")
        self.add_menu.setToolTipsVisible(True)
        self.add.setMenu(self.add_menu)
        menu = QMenu(self)
        for text, signal in (
            ("New", self.new_wanted), ("Duplicate", self.duplicate_wanted), ("Remove", self.remove_wanted),
            ("Make an example", self.example_wanted), ("Show as Python", self.python_wanted),
        ):  # fmt: skip
            menu.addAction(text).triggered.connect(signal)
        self.more.setMenu(menu)

    def _lay_out(self) -> None:
        top, steps = QWidget(), QWidget()
        flow = FlowLayout(top, gap=6)
        for one in (self.names, self.more, self.run, self.stop, self.record):
            flow.addWidget(one)
        below = FlowLayout(steps, gap=6)
        for one in (self.add, self.copy, self.up, self.down, self.remove):
            below.addWidget(one)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(top)
        column.addWidget(self.tree, 1)
        column.addWidget(steps)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.form)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumWidth(1)
        left.setMinimumWidth(1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        self.splitter.addWidget(area)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.result.setWordWrap(True)
        self.result.setMinimumWidth(1)
        self.result.setTextFormat(Qt.TextFormat.RichText)
        self.result.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(self.splitter, 1)
        whole.addWidget(self.result)
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["Step", "Result"])
        self.tree.setAccessibleName("Steps")
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(1)
        header = self.tree.header()
        header.setSectionResizeMode(STEP, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self._set_widths()

    def _connect(self) -> None:
        self.names.activated.connect(self._on_name)
        self.run.clicked.connect(self.run_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        self.record.clicked.connect(self.record_wanted)
        self.tree.currentItemChanged.connect(self._on_item)
        self.tree.unwanted.connect(self.remove_step_wanted)
        self.tree.lifted.connect(self.move_wanted)
        self.add_menu.triggered.connect(self._on_add)
        self.copy.clicked.connect(self.copy_step_wanted)
        self.remove.clicked.connect(self.remove_step_wanted)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        self.result.linkActivated.connect(self.call_wanted)

    # -- showing ----------------------------------------------------------------------------------------

    def show_names(self, names: Listed[str], chosen: str) -> None:
        if [self.names.itemText(row) for row in range(self.names.count())] != list(names):
            self.names.clear()
            for name in names:
                self.names.addItem(name, name)
        self.names.choose(chosen)

    def show_steps(self, sequence: Sequence, place: Place) -> None:
        self._showing = True
        across = self.tree.verticalScrollBar().value()
        fill(self.tree, sequence)
        for item, stands_for in items(self.tree):
            if stands_for == place:
                self.tree.setCurrentItem(item)
        self.tree.verticalScrollBar().setValue(across)
        if (now := self.tree.currentItem()) is not None:
            self.tree.scrollToItem(now)
        self._showing = False

    def show_marks(self, marks: dict[str, SequenceStep], follow: bool) -> None:
        """follow: keep the step that is waited at in sight."""
        now = show_marks(self.tree, marks, self._theme.colors)
        if follow and now is not None:
            self.tree.scrollToItem(now)

    def show_state(self, running: bool, can_run: bool, place: Place) -> None:
        self.run.setEnabled(can_run and not running)
        self.stop.setEnabled(running)
        step = isinstance(place, StepPlace)
        for one in (self.copy, self.up, self.down):
            one.setEnabled(step)
        self.remove.setEnabled(place is not None)
        item = self.tree.currentItem()
        below = None if item is None else item.child(0)
        branch = isinstance(place, CasePlace) or (
            below is not None and isinstance(below.data(STEP, PLACE), CasePlace) and place is not None
        )
        self.case.setEnabled(branch)
        self.otherwise.setEnabled(branch)

    def show_recording(self, recording: bool) -> None:
        self.record.show_recording(recording)

    def show_result(self, text: str, kind: str, link: bool = False) -> None:
        """The line below the steps. kind: good, error or muted. link: with a link to the call."""
        self._result = text, kind, link
        colors = self._theme.colors
        color = {"good": colors.good, "error": colors.error}.get(kind, colors.muted)
        more = f" <a href='call' style='color:{colors.accent}'>Show the call</a>" if link else ""
        shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self.result.setText(f"<span style='color:{color}'>{shown}</span>{more}")
        self.result.setVisible(bool(text))

    def spoken_place(self, path: str) -> str:
        """``at “Send …”`` for the path of a step; "" for none."""
        found = ""
        for item, place in items(self.tree):
            if isinstance(place, StepPlace) and _is_about(path, place.path):
                found = item.text(STEP)
        return f"at “{found}”" if found else ""

    # -- what the user does -----------------------------------------------------------------------------

    @Slot(int)
    def _on_name(self, row: int) -> None:
        self.sequence_chosen.emit(self.names.itemData(row))

    @Slot(QTreeWidgetItem, QTreeWidgetItem)
    def _on_item(self, item: QTreeWidgetItem | None, before: QTreeWidgetItem | None) -> None:
        if not self._showing and item is not None:
            self.place_chosen.emit(item.data(STEP, PLACE))

    @Slot(QAction)
    def _on_add(self, action: QAction) -> None:
        if action is self.case:
            self.case_wanted.emit()
        elif action is self.otherwise:
            self.otherwise_wanted.emit()
        else:
            self.step_wanted.emit(action.data()())

    @Slot()
    def _on_up(self) -> None:
        self.move_wanted.emit(-1)

    @Slot()
    def _on_down(self) -> None:
        self.move_wanted.emit(1)

    def _set_widths(self) -> None:
        self.tree.setColumnWidth(STEP, self.fontMetrics().horizontalAdvance("0") * STEP_WIDTH)

    @Slot()
    def _on_theme(self) -> None:
        self._set_widths()
        self.show_result(*self._result)


def _is_about(path: str, step: str) -> bool:
    """Whether a path leads to this step, or to a field of it."""
    return path == step or bool(re.match(rf"{re.escape(step)}\.(?!steps\[|otherwise\[)", path))
