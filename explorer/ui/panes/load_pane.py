"""The Load dock: very many clients against a server, how it bears them, and runs to compare."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from explorer.core.errors import InputError
from explorer.core.events import LoadProgress
from explorer.core.load import LoadPlan, LoadReport, from_json
from explorer.ui.load_cause import Crowding, explained
from explorer.ui.load_draft import Loadable, serving_at, stopped_text
from explorer.ui.load_words import KeptRun, state_text, went_wrong
from explorer.ui.theme import Theme
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.load_form import LoadForm
from explorer.ui.widgets.load_results import LoadResults
from explorer.ui.widgets.said_line import SaidLine
from explorer.ui.workbench import Workbench
from explorer.wire.framing import registry as framings
from explorer.wire.load_messages import check_plan

LINES = 21  # of text that it is high at first
STEPS = 1000  # of the progress bar
BEGIN = "Choose a server and press Start load."


class LoadPane(DockedPane):
    """One load at a time. What was counted stays when it is hidden, and goes on being counted.

    LEAST_LINES: of text that it is high at least; in a lower dock it scrolls.
    """

    LEAST_LINES = 10

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._job = 0  # of the load under way; 0: none
        self._plan = LoadPlan()  # of the present or the last run
        self._server: Loadable | None = None
        self._report = LoadReport(0, 0)
        self._crowding = Crowding()
        self._count = 0
        self._asking: QMessageBox | None = None
        self._asked: LoadPlan | None = None  # what the question is about
        self.start_button = QPushButton("Start load")
        self.stop_button = QPushButton("Stop load")
        self.progress = QProgressBar()
        self.state = ElidedLabel()
        self.state.setText(BEGIN)
        self.hint = SaidLine()  # what is to be expected of what stands in the form
        self.form = LoadForm(workbench, theme)
        self.results = LoadResults(theme)
        self._lay_out()
        self._connect()
        self._restore()
        self._show_buttons()
        self._color()

    def _lay_out(self) -> None:
        header = QWidget()
        flow = FlowLayout(header, gap=8, line_gap=2)
        for button in (self.start_button, self.stop_button):
            button.setAutoDefault(False)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.progress.setRange(0, STEPS)
        self.progress.setAccessibleName("Progress of the load")
        self.progress.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for widget in (self.start_button, self.stop_button, self.progress, self.state):
            flow.addWidget(widget)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        for part in (self.form, self.results):
            self.splitter.addWidget(_scrolled(part))
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setMinimumSize(1, 1)
        self.splitter.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 3)
        column.setSpacing(4)
        column.addWidget(header)
        column.addWidget(self.hint)
        column.addWidget(self.splitter, 1)
        QWidget.setTabOrder(self.start_button, self.stop_button)
        self.results.order(self.form.order(self.stop_button))

    def _connect(self) -> None:
        bench = self._workbench
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.form.edited.connect(self._on_edited)
        self.form.entered.connect(self.start)
        self.form.hinted.connect(self.hint.say)
        self.results.said.connect(self._say)
        bench.load_progressed.connect(self._on_progress)
        bench.capture_changed.connect(self._on_capture)
        bench.socket_changed.connect(self._on_socket)
        self._theme.changed.connect(self._on_theme)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.fontMetrics().lineSpacing() * LINES)

    def focus_first(self) -> None:
        """Take the keyboard: the list of servers, or while a load runs the button that stops it."""
        (self.stop_button if self.running else self.form.server).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_seen(self) -> None:
        """Reports are taken anyway: they are few."""

    @property
    def running(self) -> bool:
        return self._job != 0

    # -- the plan -----------------------------------------------------------------------------------

    def _restore(self) -> None:
        """The load of the last time; where there was none, the server that is chosen in the window."""
        given = self._workbench.load_choices.plan
        if given is not None:
            try:
                plan = from_json(given)
                framings.check_choice(plan.framing.to_json())
            except InputError:
                return
            self.form.show_plan(plan)
        else:
            self.form.load_current()

    @Slot()
    def _on_edited(self) -> None:
        plan = self.form.read().plan
        if plan is not None:
            self._workbench.load_choices.choose(plan.to_json())

    # -- start and stop -----------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Start what stands in the form; of another host than this one, ask first."""
        if self.running:
            return
        read = self.form.read(thoroughly=True)
        self.form.show_read(read)
        plan = read.plan
        if plan is None:
            self._say("Something in the form is wrong; see below it.", wrong=True)
            self.form.focus_field(next(iter(read.problems)))
            return
        self._workbench.load_choices.choose(plan.to_json())
        if reason := stopped_text(self.form.chosen):
            self._say(reason, wrong=True)
            self.form.server.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if plan.endpoint.is_loopback or self.form.chosen is not None:
            self._begin(plan)
        elif self._asking is None:
            from explorer.ui.dialogs.load_dialog import ask_to_send

            self._asked = plan
            self._asking = ask_to_send(self, plan, check_plan(plan).largest, self._on_agreed)
            self._asking.finished.connect(self._on_answered)

    @Slot()
    def _on_agreed(self) -> None:
        if self._asked is not None and not self.running:
            self._begin(self._asked)

    @Slot()
    def _on_answered(self) -> None:
        self._asking = self._asked = None

    def _begin(self, plan: LoadPlan) -> None:
        self._plan, self._server = plan, self.form.chosen or serving_at(self.form.running, plan)
        self._crowding = Crowding()
        self._report = LoadReport(plan.clients, plan.total, waiting=plan.clients)
        self._job = self._workbench.start_load(plan)
        self._show_report()
        self._show_buttons()
        if self.start_button.hasFocus() or not self.isAncestorOf(self.focusWidget() or self):
            self.stop_button.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def stop(self) -> None:
        """End it in order; its last report says so."""
        if self.running:
            self._workbench.cancel_send(self._job)
            self.stop_button.setEnabled(False)
            self._say("Stopping: the clients end their connections…")

    @Slot(object)
    def _on_progress(self, news: LoadProgress) -> None:
        if news.job == self._job and self.running:
            self._report = explained(news.report, self._crowding)
            if news.report.over:
                self._end()
            else:
                self._show_report()

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        """The server of ours that is loaded may have no room."""
        server = self._server
        entry = self._workbench.socket(number) if self.running and server and server.number == number else None
        if entry is not None and self._plan.transport == "tcp":
            self._crowding = self._crowding.seen(entry)

    @Slot()
    def _on_capture(self) -> None:
        """The engine that ran it is gone."""
        if self.running:
            problem = "The load ended with the capture. What was counted by then stands here; start it again."
            self._report = replace(self._report, end="failed", problem=problem)
            self._end()

    def _end(self) -> None:
        had_focus = self.stop_button.hasFocus()
        self._job = 0
        self._show_report()
        self._show_buttons()
        if had_focus:
            self.start_button.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._report.sent or self._report.failed:
            self._count += 1
            name = self._server.name if self._server is not None else str(self._plan.endpoint)
            model = self._server.model if self._server is not None else ""
            self.results.add_run(KeptRun(self._count, name, model, self._plan, self._report))

    # -- showing ------------------------------------------------------------------------------------

    def _show_report(self) -> None:
        report = self._report
        self.results.show_report(report, self._plan.answers)
        self.progress.setValue(STEPS * report.settled // report.total if report.total else 0)
        if self.stop_button.isEnabled() or not self.running:
            self._say(state_text(report, self._plan.answers != "none", self._crowding.short), wrong=went_wrong(report))

    def _show_buttons(self) -> None:
        self.start_button.setEnabled(not self.running)
        self.start_button.setToolTip("A load runs already" if self.running else "Send what stands in the form")
        self.stop_button.setEnabled(self.running)
        self.stop_button.setToolTip("End all connections in order" if self.running else "No load runs")

    @Slot(str)
    def _say(self, sentence: str, wrong: bool = False) -> None:
        self.state.setText(f"⚠ {sentence}" if wrong else sentence)
        self.state.setProperty("wrong", wrong)
        self._color()

    def _color(self) -> None:
        palette = QPalette()
        if self.state.property("wrong"):
            palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.error))
        self.state.setPalette(palette)
        hint = QPalette()
        hint.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.warning))
        self.hint.setPalette(hint)

    @Slot()
    def _on_theme(self) -> None:
        self._color()


def _scrolled(content: QWidget) -> QScrollArea:
    """Where there is little room, it scrolls."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumSize(1, 1)
    return area
