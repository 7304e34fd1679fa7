"""The form of a load: which server, how many clients, what they send, how fast."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.endpoint import parse_port
from explorer.core.errors import InputError
from explorer.core.load import LoadPlan, check_target, with_settings
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.load_draft import Loadable, LoadDraft, LoadRegistry, limits_text, loadable, stopped_text
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.choice_form import ChoiceForm
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.host_choice import HostChoice
from explorer.ui.widgets.inputs import LabelledField, QuietCombo, ShortEdit, mark_wrong, show_text
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.workbench import Workbench
from explorer.wire.framing import registry as framings
from explorer.wire.load_messages import check_plan

ANOTHER = "Another server, by host and port"
MOST_AT_ONCE = 65_536  # bytes of a message that is tried out at every change; a larger one when the load begins
HINT = "Enter starts it."
NOT_CAPTURED = "These clients are not in the capture; the server’s side is, when it is one of yours."
_LABELS = {"server": "Server", "host": "Host", "port": "Port", "framing": "Framing"}


@dataclass(frozen=True, slots=True)
class ReadLoad:
    """What stands in the form. plan: None when something is wrong. problems: sentences by the name of the field."""

    plan: LoadPlan | None
    problems: Mapping[str, str]


class LoadForm(QWidget):
    """Signals: edited(): what stands there is another; entered(): Enter was pressed in a field; hinted(str): what is
    to be expected of what stands there, "" for nothing special."""

    edited = Signal()
    hinted = Signal(str)
    entered = Signal()

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._servers: list[Loadable] = []
        self._server = 0  # the number of the one that is chosen; 0: another
        self._draft = LoadDraft(LoadPlan())
        self._framing = ChoiceDraft(framings, LoadPlan().framing)
        self._make_controls()
        self._lay_out()
        self._connect()
        self._fill(LoadPlan(port=9000))
        self.refresh()

    # -- building -----------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self.server = QuietCombo("Server")
        self.this_server = QPushButton("Load this server")
        self.this_server.setAutoDefault(False)
        self.transport = SegmentedButtons("Transport", (("tcp", "TCP"), ("udp", "UDP")), self._theme)
        self.host = HostChoice()
        self.host.offer("client")
        self.port = ShortEdit(6, "Port")
        self.framing = ChoiceForm("Framing", framings, self._theme, self, "of the load")
        self.settings = ChoiceForm("Load", LoadRegistry(), self._theme, self)
        self.settings.picker.hide()
        self.errors = FieldErrors(self._theme)
        self.note = QLabel(NOT_CAPTURED)
        self.note.setWordWrap(True)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _lay_out(self) -> None:
        top = QWidget()
        flow = FlowLayout(top, gap=8, line_gap=6)
        flow.addWidget(LabelledField("Server", self.server, self._theme))
        flow.addWidget(self.this_server)
        for label, field in (("Transport", self.transport), ("Host", self.host), ("Port", self.port)):
            flow.addWidget(LabelledField(label, field, self._theme))
        flow.addWidget(LabelledField("Framing", self.framing.picker, self._theme, self.framing.kinds))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(8)
        for widget in (top, self.framing.details, self.settings.details, self.errors, self.note):
            column.addWidget(widget)
        column.addStretch(1)
        make_choosable(self)

    def _connect(self) -> None:
        self.server.activated.connect(self._on_server)
        self.this_server.clicked.connect(self.load_current)
        self.transport.chosen.connect(self._on_typed)
        self.host.editTextChanged.connect(self._on_typed)
        self.port.textChanged.connect(self._on_typed)
        for edit in (self.host.edit, self.port):
            edit.returnPressed.connect(self.entered)
        for form in (self.framing, self.settings):
            form.edited.connect(self._on_setting)
            form.entered.connect(self.entered)
        self.errors.wanted.connect(self.focus_field)
        bench = self._workbench
        bench.socket_added.connect(self.refresh)
        bench.socket_changed.connect(self.refresh)
        bench.socket_removed.connect(self.refresh)
        bench.selection.scope_changed.connect(self._show_current)
        self._theme.changed.connect(self._on_theme)
        self._on_theme()

    def order(self, before: QWidget) -> QWidget:
        """Let Tab come here after `before`; the last widget."""
        chain = [
            before, self.server, self.this_server, *self.transport.buttons(), self.host, self.port,
            *self.framing.widgets(), *self.settings.widgets()[2:],
        ]  # fmt: skip
        for one, other in itertools.pairwise(chain):
            QWidget.setTabOrder(one, other)
        return chain[-1]

    # -- what stands there --------------------------------------------------------------------------

    @property
    def chosen(self) -> Loadable | None:
        """The server of ours that is to be loaded; None: another."""
        return next((one for one in self._servers if one.number == self._server), None)

    def read(self, thoroughly: bool = False) -> ReadLoad:
        """thoroughly: very large messages are tried out, too."""
        problems: dict[str, str] = {}
        port, framing, settings = 0, self._framing.check(), self._draft.check()
        try:
            port = parse_port(self.port.text(), lowest=1)
        except InputError as error:
            problems["port"] = error.message
        host = self.host.currentText().strip()
        transport = "udp" if self.transport.value == "udp" else "tcp"
        try:
            check_target(LoadPlan(host=host, port=port or 1))
        except InputError as error:
            problems["host"] = error.message
        problems |= {name or "framing": text for name, text in framing.problems.items()}
        problems |= {name: text for name, text in settings.problems.items() if name not in problems}
        if framing.choice is None or settings.choice is None or problems:
            return ReadLoad(None, problems)
        try:
            # fmt: off
            plan = with_settings(LoadPlan(transport, host, port, framing.choice), settings.choice.settings)  # type: ignore[arg-type]
            # fmt: on
            if thoroughly or plan.size <= MOST_AT_ONCE:
                check_plan(plan)
        except InputError as error:
            return ReadLoad(None, {error.path.removeprefix("$.").partition(".")[0]: error.message})
        return ReadLoad(plan, {})

    def show_plan(self, plan: LoadPlan) -> None:
        """Put a plan into the form; a server of ours is chosen when it is the one that the plan is for."""
        self._fill(plan)
        self.refresh()
        same = [
            one for one in self._servers if (one.plan.transport, one.plan.endpoint) == (plan.transport, plan.endpoint)
        ]
        self._server = same[0].number if same else 0
        self.server.choose(self._server)
        self._show_problems()

    def _fill(self, plan: LoadPlan) -> None:
        self.transport.choose(plan.transport)
        show_text(self.host.edit, plan.host)
        show_text(self.port, str(plan.port or ""))
        self._framing.take(plan.framing)
        self.framing.show_draft(self._framing)
        self.framing.toggle.setChecked(False)
        self._draft.take_plan(plan)
        self.settings.show_draft(self._draft)
        self.settings.toggle.setChecked(True)

    # -- servers of ours ------------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Which servers run may have changed."""
        before = self.chosen
        self._servers = loadable(self._workbench.sockets)
        self._keep(before)
        now = next((one for one in self._servers if one.number == self._server), None)
        items = [(one.title, one.number) for one in self._servers] + [(ANOTHER, 0)]
        shown = [(self.server.itemText(place), self.server.itemData(place)) for place in range(self.server.count())]
        if items != shown:
            self.server.blockSignals(True)
            self.server.clear()
            for title, number in items:
                self.server.addItem(title, number)
            self.server.blockSignals(False)
        self._grey()
        if now is None:
            self._server = 0
        elif before is not None and before.plan != now.plan:  # it was started again, elsewhere
            self._take(now)
        self.server.choose(self._server)
        self._show_current()
        self._show_problems()

    def _keep(self, before: Loadable | None) -> None:
        """The chosen one stays in the list and chosen when it stops, as long as there is such a socket."""
        if before is None or any(one.number == before.number for one in self._servers):
            return
        if self._workbench.socket(before.number) is not None:
            self._servers.append(replace(before, stopped=True))

    def _grey(self) -> None:
        """A stopped one is there only because it was chosen."""
        color = QColor(self._theme.colors.muted)
        for place, one in enumerate(self._servers):
            self.server.setItemData(place, color if one.stopped else None, Qt.ItemDataRole.ForegroundRole)

    @property
    def running(self) -> tuple[Loadable, ...]:
        """The servers of ours that run now."""
        return tuple(one for one in self._servers if not one.stopped)

    @Slot()
    def _show_current(self) -> None:
        """The button is for the socket that is chosen in the window."""
        current = self._workbench.selection.scope.socket
        server = next((one for one in self.running if one.number == current), None)
        self.this_server.setEnabled(server is not None)
        self.this_server.setToolTip(
            f"Fill in {server.title}" if server else "Choose a server that runs among the sockets, then press this"
        )

    @Slot()
    def load_current(self) -> None:
        """Choose the server that is chosen in the window."""
        current = self._workbench.selection.scope.socket
        server = next((one for one in self.running if one.number == current), None)
        if server is not None:
            self._take(server)
            self._changed()

    @Slot()
    def _on_server(self) -> None:
        number = self.server.currentData()
        server = next((one for one in self._servers if one.number == number), None)
        if server is not None:
            self._take(server)
        else:
            self._server = 0
        self._changed()

    def _take(self, server: Loadable) -> None:
        """Fill in whom to send to; how much stays as it is."""
        read = self._draft.check()
        plan = server.plan
        if read.choice is not None:
            plan = replace(with_settings(plan, read.choice.settings), answers=server.plan.answers)
        self._server = server.number
        self._fill(plan)
        self.server.choose(server.number)

    # -- edits ----------------------------------------------------------------------------------------

    @Slot()
    def _on_typed(self) -> None:
        """Host, port or transport: it is the server of ours no longer, or again."""
        where = (self.transport.value, self.host.currentText().strip(), self.port.text().strip())
        same = [one for one in self._servers if (one.plan.transport, one.plan.host, str(one.plan.port)) == where]
        self._server = same[0].number if same else 0
        self.server.choose(self._server)
        self._changed()

    @Slot()
    def _on_setting(self) -> None:
        self._changed()

    def _changed(self) -> None:
        self._show_problems()
        self.edited.emit()

    @Slot()
    def _show_problems(self) -> None:
        self.show_read(self.read())

    @Slot()
    def _on_theme(self) -> None:
        palette = self.note.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
        self.note.setPalette(palette)
        self._grey()
        self._show_problems()

    def show_read(self, read: ReadLoad) -> None:
        """Sentences under the form: what is wrong. What is to be expected is told by a signal."""
        problems = read.problems
        for name, field in (("host", self.host), ("port", self.port)):
            mark_wrong(field, problems.get(name, ""), self._theme)
        own = self._framing.description.fields
        names = {field.name for field in own}
        self.framing.show_problems(
            {name if name != "framing" else "": text for name, text in problems.items() if name in names | {"framing"}}
        )
        self.settings.show_problems(
            {
                name: text
                for name, text in problems.items()
                if name in self.settings.labels() and name not in ("", *names)
            }
        )
        hint = limits_text(read.plan, self.chosen) if read.plan is not None else ""
        self.hinted.emit(stopped_text(self.chosen) or hint)
        labels = self.framing.labels() | self.settings.labels() | _LABELS
        self.errors.show_problems(problems, labels, HINT)

    @Slot(str)
    def focus_field(self, name: str) -> None:
        """Move the keyboard to a field."""
        own: dict[str, QWidget] = {"host": self.host.edit, "port": self.port, "framing": self.framing.kinds}
        field = own.get(name) or self.settings.editor(name) or self.framing.editor(name)
        if field is not None:
            field.setFocus()
