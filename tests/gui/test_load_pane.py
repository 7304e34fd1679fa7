"""The Load dock: what is sent to whom, live numbers, why clients fail, runs side by side; everything by keyboard."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.latency import Latencies, LatencyCount
from explorer.core.load import Failed, LoadPlan, LoadReport
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import State
from explorer.ui.load_cause import Crowding, explained
from explorer.ui.load_draft import LoadDraft, limits_text, loadable, serving_at
from explorer.ui.load_words import KeptRun, csv_text, plain_text, time_text, will_send
from explorer.ui.models.load_choices import LoadChoices
from explorer.ui.panes.load_pane import LoadPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.load_form import ANOTHER
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

LINES = Choice("line", {"ending": "lf"})
REFUSED = Failure("connect()", "ECONNREFUSED", "refused", "Nothing listens there.", "Start the server first.")


def latencies(*times: int) -> Latencies:
    count = LatencyCount()
    for time in times:
        count.add(time)
    return count.snapshot()


def serve(workbench: Workbench, link: FakeLink, spec: SocketSpec, host: str = "127.0.0.1", port: int = 9000) -> int:
    """A server that runs."""
    number = workbench.add_socket(spec)
    workbench.start(number)
    state = State.LISTEN if spec.transport == "tcp" else State.BOUND
    link.news.append(events.SocketChanged(number, state, Endpoint(host, port)))
    workbench.poll()
    return number


@pytest.fixture
def echo(workbench: Workbench, link: FakeLink) -> int:
    number = serve(workbench, link, SocketSpec("echo", framing=LINES, program=Choice("echo")))
    workbench.selection.choose_scope(Scope(number))
    return number


def show(qtbot: QtBot, workbench: Workbench, theme: Theme) -> LoadPane:
    made = LoadPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1200, 400)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, echo: int, qtbot: QtBot) -> LoadPane:
    return show(qtbot, workbench, theme)


def write(pane: LoadPane, name: str, text: str) -> None:
    """Type into a field of the form."""
    edit = {"host": pane.form.host.edit, "port": pane.form.port}.get(name) or pane.form.settings.editor(name)
    assert isinstance(edit, QLineEdit)
    edit.setText(text)


def asked(link: FakeLink) -> commands.StartLoad:
    found = [one for one in link.posted if isinstance(one, commands.StartLoad)]
    assert found
    return found[-1]


def tell(workbench: Workbench, link: FakeLink, report: LoadReport) -> None:
    link.news.append(events.LoadProgress(asked(link).job, report))
    workbench.poll()


def run(pane: LoadPane, workbench: Workbench, link: FakeLink, report: LoadReport) -> None:
    pane.start_button.click()
    tell(workbench, link, report)


DONE = LoadReport(
    100, 1000, done=98, failed=2, sent=990, answered=985, wrong=5, settled=1000, bytes_sent=64_350,
    bytes_received=64_350, seconds=2.0, sending=1.0, peak=100,
    latencies=latencies(*range(1_000_000, 10_000_000, 10_000)),
    connects=latencies(50_000, 2_000_000), failures=(Failed(REFUSED, 2),), end="done",
)  # fmt: skip


# -- what is asked for -------------------------------------------------------------------------------


def test_the_chosen_server_is_filled_in(pane: LoadPane, link: FakeLink) -> None:
    form = pane.form
    assert form.chosen is not None
    assert (form.chosen.name, form.chosen.model) == ("echo", "Selectors")
    assert form.server.currentText() == "echo · TCP 127.0.0.1:9000 · Selectors"
    pane.start_button.click()
    plan = asked(link).plan
    assert plan == LoadPlan("tcp", "127.0.0.1", 9000, LINES, answers="echo")


def test_load_this_server_takes_the_socket_that_is_chosen(
    pane: LoadPane, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    spec = SocketSpec("collector", "udp", program=Choice("discard"))
    number = serve(workbench, link, spec, host="0.0.0.0", port=9100)
    workbench.selection.choose_scope(Scope(number))
    qtbot.mouseClick(pane.form.this_server, Qt.MouseButton.LeftButton)
    assert pane.form.server.currentText() == "collector · UDP 127.0.0.1:9100"
    pane.start_button.click()
    plan = asked(link).plan
    assert (plan.transport, plan.endpoint, plan.answers) == ("udp", Endpoint("127.0.0.1", 9100), "none")
    workbench.selection.clear()
    assert not pane.form.this_server.isEnabled()


def test_the_list_of_servers_follows(pane: LoadPane, workbench: Workbench, link: FakeLink, echo: int) -> None:
    def titles() -> list[str]:
        return [pane.form.server.itemText(place) for place in range(pane.form.server.count())]

    assert titles() == ["echo · TCP 127.0.0.1:9000 · Selectors", ANOTHER]
    link.news.append(events.SocketChanged(echo, State.CLOSED))
    workbench.poll()
    assert titles() == ["echo · TCP 127.0.0.1:9000 · Selectors · stopped", ANOTHER]
    assert pane.form.port.text() == "9000"
    workbench.start(echo)
    link.news.append(events.SocketChanged(echo, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()
    assert titles() == ["echo · TCP 127.0.0.1:9000 · Selectors", ANOTHER]
    workbench.selection.clear()
    link.news.append(events.SocketChanged(echo, State.CLOSED))
    workbench.poll()
    workbench.remove_socket(echo)
    assert titles() == [ANOTHER]


def test_a_server_that_stops_stays_chosen_and_is_told(
    pane: LoadPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    link.news.append(events.SocketChanged(echo, State.CLOSED))
    workbench.poll()
    assert pane.form.server.currentText().endswith("stopped")
    assert pane.form.server.itemData(0, Qt.ItemDataRole.ForegroundRole) is not None
    assert "“echo” is stopped" in pane.hint.text()
    assert pane.hint.isVisible()
    pane.start_button.click()
    assert not any(isinstance(one, commands.StartLoad) for one in link.posted)
    assert "“echo” is stopped" in pane.state.text()
    workbench.start(echo)
    link.news.append(events.SocketChanged(echo, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()
    assert pane.hint.text() == ""
    assert pane.form.server.itemData(0, Qt.ItemDataRole.ForegroundRole) is None
    run(pane, workbench, link, DONE)
    assert pane.results.runs.rows[0][1:3] == ["echo", "Selectors"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_a_server_of_ours_is_recognised_by_host_and_port(
    pane: LoadPane, workbench: Workbench, link: FakeLink, host: str
) -> None:
    serve(workbench, link, SocketSpec("all", serving=Choice("thread")), host="0.0.0.0", port=9400)
    pane.form.server.choose(0)
    pane.form.server.activated.emit(pane.form.server.currentIndex())
    write(pane, "port", "9400")
    write(pane, "host", host)
    pane.form._server = 0  # as if it was asked for by host and port
    run(pane, workbench, link, DONE)
    assert pane.results.runs.rows[0][1:3] == ["all", "Thread per client"]


def test_a_server_at_one_address_is_not_meant_by_another(workbench: Workbench, link: FakeLink) -> None:
    serve(workbench, link, SocketSpec("one"), port=9001)
    servers = loadable(workbench.sockets)
    assert serving_at(servers, LoadPlan(host="127.0.0.1", port=9001)) is servers[0]
    assert serving_at(servers, LoadPlan(host="localhost", port=9001)) is servers[0]
    for other in (
        LoadPlan(host="127.0.0.2", port=9001), LoadPlan(host="127.0.0.1", port=9002),
        LoadPlan("udp", "127.0.0.1", 9001), LoadPlan(host="192.0.2.1", port=9001),
    ):  # fmt: skip
        assert serving_at(servers, other) is None
    assert serving_at([replace(servers[0], stopped=True)], LoadPlan(host="127.0.0.1", port=9001)) is None


def test_what_is_to_be_expected_stands_beside_the_button(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    spec = SocketSpec("t", serving=Choice("thread", {"most": 50}))
    workbench.selection.choose_scope(Scope(serve(workbench, link, spec, port=9001)))
    pane.form.load_current()
    assert "at most 50 threads at a time" in pane.hint.text()
    assert pane.hint.isVisible()
    assert pane.hint.mapTo(pane, QPoint()).y() < pane.form.mapTo(pane, QPoint()).y()
    write(pane, "clients", "5")
    assert not pane.hint.isVisible()


def test_a_full_accept_queue_is_named_as_the_cause(
    pane: LoadPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    late = Failure("connect()", "timeout", "", "No answer to the connect in 10 s.", "Allow more time.")
    lost = LoadReport(
        50, 500, failed=50, sent=120, seconds=2, end="done", failures=(Failed(late, 40), Failed(REFUSED, 10))
    )
    pane.start_button.click()
    link.news.append(events.QueueSampled(echo, 11, 10, ()))
    workbench.poll()
    link.news.append(events.QueueSampled(echo, 0, 10, ()))
    workbench.poll()
    tell(workbench, link, lost)
    assert "50 of 50 clients failed: the server’s accept queue was full; see Failures" in pane.state.text()
    first, second = pane.results.failures.rows
    assert first[3].startswith("The server’s accept queue was full (11 waited, 10 were asked for).")
    assert "longer accept queue (its option Backlog)" in first[3]
    assert second[3] == REFUSED.sentence
    run(pane, workbench, link, lost)  # this time it had room
    assert "accept queue" not in pane.state.text()
    assert pane.results.failures.rows[0][3] == late.sentence


def test_a_server_that_paused_accepting_is_named_as_the_cause(echo: int, workbench: Workbench) -> None:
    entry = workbench.socket(echo)
    assert entry is not None
    full = Crowding().seen(replace(entry, paused="It serves 50 clients, as many as it may.")).seen(entry)
    assert full.short == "the server paused accepting"
    assert full.sentence.startswith("The server paused accepting: It serves 50 clients, as many as it may. ")
    assert Crowding().seen(entry) == Crowding()
    assert explained(DONE, Crowding()) is DONE


def test_a_stopped_run_has_nobody_at_work_and_is_marked(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    figures = pane.results.figures
    pane.start_button.click()
    tell(workbench, link, LoadReport(100, 1000, open=100, sent=5, connections=100, peak=100))
    assert (figures.caption("open"), figures.text("open")) == ("At work", "100")
    tell(workbench, link, LoadReport(100, 1000, open=100, sent=5, connections=100, peak=100, seconds=1, end="stopped"))
    assert (figures.caption("open"), figures.text("open")) == ("Cut off", "100")
    assert figures.text("connections") == "0 (100)"
    assert pane.results.runs.rows[0][1] == "echo (stopped)"
    assert pane.results.runs.rows[0][-1] == "■ stopped"
    run(pane, workbench, link, DONE)
    assert figures.caption("open") == "At work"
    assert pane.results.runs.rows[0][1] == "echo"


def test_another_port_is_another_server_and_back(pane: LoadPane) -> None:
    write(pane, "port", "9001")
    assert pane.form.server.currentText() == ANOTHER
    assert pane.form.chosen is None
    write(pane, "port", "9000")
    assert pane.form.chosen is not None


def test_a_preset_fills_in_all_of_it(pane: LoadPane, link: FakeLink, qtbot: QtBot) -> None:
    menu = pane.form.settings.presets.menu()
    assert menu is not None
    next(one for one in menu.actions() if one.text() == "10,000 clients, 3 echoes").trigger()
    pane.start_button.click()
    plan = asked(link).plan
    assert (plan.clients, plan.messages, plan.hold, plan.timeout) == (10_000, 3, True, 60)
    assert plan.endpoint == Endpoint("127.0.0.1", 9000)


def test_clients_a_second_matter_only_where_that_is_chosen(pane: LoadPane, link: FakeLink) -> None:
    field = pane.form.settings.editor("per_second")
    combo = pane.form.settings.editor("connect")
    assert field is not None
    assert combo is not None
    assert not field.isVisible()
    combo.setCurrentIndex(1)  # type: ignore[attr-defined]
    combo.activated.emit(1)  # type: ignore[attr-defined]
    assert field.isVisible()
    write(pane, "per_second", "20")
    pane.start_button.click()
    assert (asked(link).plan.connect, asked(link).plan.per_second) == ("per_second", 20)


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("clients", "many", "whole number"),
        ("clients", "0", "from 1 to 100,000"),
        ("port", "", "A port is needed"),
        ("port", "99999", "does not exist"),
        ("host", "", "whom to send to"),
        ("host", "0.0.0.0", "all addresses"),
        ("begin", r"\q", "Begins with"),
        ("begin", r"a\nb", "cannot carry"),
        ("size", "1048577", "1,048,576"),
    ],
)
def test_what_is_wrong_stands_under_the_form_and_nothing_starts(
    pane: LoadPane, link: FakeLink, field: str, text: str, says: str
) -> None:
    write(pane, field, text)
    assert any(says in sentence for sentence in pane.form.errors.sentences), pane.form.errors.sentences
    pane.start_button.click()
    assert not any(isinstance(one, commands.StartLoad) for one in link.posted)
    assert "wrong" in pane.state.text()
    write(pane, field, {"port": "9000", "host": "127.0.0.1", "begin": "", "clients": "5", "size": "64"}[field])
    pane.start_button.click()
    assert asked(link).plan.port == 9000


def test_limits_are_explained(workbench: Workbench, link: FakeLink) -> None:
    one_each = SocketSpec("t", serving=Choice("thread", {"most": 50}), options=SocketOptions(backlog=10))
    serve(workbench, link, one_each, port=9001)
    serve(workbench, link, SocketSpec("i", serving=Choice("iterative")), port=9002)
    serve(workbench, link, SocketSpec("s"), port=9003)
    thread, iterative, selectors = loadable(workbench.sockets)
    many = replace(thread.plan, clients=10_000)
    assert "at most 50 threads at a time, and 10,000 clients" in limits_text(many, thread)
    assert "accept queue (10 of them)" in limits_text(many, thread)
    assert "time out" in limits_text(replace(many, hold=True), thread)
    assert limits_text(replace(many, clients=50), thread) == ""
    assert "one client at a time" in limits_text(many, iterative)
    assert limits_text(replace(many, connect="in_turn"), iterative) == ""
    assert limits_text(many, selectors) == ""


def test_the_last_load_is_remembered(pane: LoadPane, workbench: Workbench, theme: Theme, qtbot: QtBot) -> None:
    write(pane, "clients", "77")
    write(pane, "port", "9555")
    kept = LoadChoices()
    kept.load(workbench.load_choices.text)
    assert kept.plan is not None
    assert (kept.plan["clients"], kept.plan["port"]) == (77, 9555)
    workbench.load_choices.plan = kept.plan
    other = show(qtbot, workbench, theme)
    again = other.form.read().plan
    assert again is not None
    assert (again.clients, again.port, again.framing) == (77, 9555, LINES)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"clients": -1}', '{"framing": {"kind": "x"}}', "[" * 100_000])
def test_a_damaged_memory_is_as_good_as_none(
    workbench: Workbench, theme: Theme, echo: int, qtbot: QtBot, text: str
) -> None:
    workbench.load_choices.load(text)
    made = show(qtbot, workbench, theme)
    assert made.form.read().plan is not None


# -- other hosts -------------------------------------------------------------------------------------


def test_another_host_is_asked_about_with_exactly_what_is_sent(pane: LoadPane, link: FakeLink, qtbot: QtBot) -> None:
    write(pane, "host", "192.0.2.7")
    write(pane, "clients", "250")
    pane.start_button.click()
    box = pane.findChild(QMessageBox)
    assert box is not None
    assert "192.0.2.7" in box.text()
    says = box.informativeText()
    for part in ("192.0.2.7, TCP port 9000", "250 connections, all at once", "2,500 in all", "65 in each", "162 kB"):
        assert part in says, says
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    assert not any(isinstance(one, commands.StartLoad) for one in link.posted)
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert not pane.running
    assert not any(isinstance(one, commands.StartLoad) for one in link.posted)
    qtbot.waitUntil(lambda: pane.findChild(QMessageBox) is None)
    pane.start_button.click()
    again = pane.findChild(QMessageBox)
    assert again is not None
    write(pane, "clients", "9")  # what was agreed to is what stood in the question
    next(one for one in again.findChildren(QPushButton) if one.text() == "Send it").click()
    assert asked(link).plan.clients == 250
    assert pane.running


def test_a_server_of_ours_is_not_asked_about(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    number = serve(workbench, link, SocketSpec("lan"), host="192.168.7.7", port=9300)
    workbench.selection.choose_scope(Scope(number))
    pane.form.load_current()
    pane.start_button.click()
    assert asked(link).plan.host == "192.168.7.7"


def test_what_will_be_sent_in_words() -> None:
    plan = LoadPlan("udp", "10.0.0.1", 53, clients=1, messages=1, connect="in_turn", rate=20)
    assert will_send(plan, 64)[1:] == [
        "Connections: 1 UDP socket, one after another",
        "Messages: 1 datagram on each, 1 in all, at most 20 messages a second",
        "Bytes: 64 in each message, 64 B in all (headers of UDP and IP not counted)",
    ]


# -- while it runs and afterwards --------------------------------------------------------------------


def test_live_numbers_then_the_end(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    pane.start_button.click()
    assert pane.stop_button.isEnabled()
    assert not pane.start_button.isEnabled()
    tell(workbench, link, LoadReport(100, 1000, waiting=40, connecting=20, open=40, sent=500, answered=460, settled=460,
                                     seconds=1.5, recent=312.4, connections=40, peak=40,
                                     latencies=latencies(1_000_000)))  # fmt: skip
    figures = pane.results.figures
    assert pane.progress.value() == 460
    assert pane.state.text() == "Running for 1.5 s · 500 of 1,000 messages sent · 312 a second"
    shown = {name: figures.text(name) for name in ("waiting", "connecting", "open", "answered", "p50", "connections")}
    assert shown == {"waiting": "40", "connecting": "20", "open": "40", "answered": "460", "p50": "1.00 ms",
                     "connections": "40 (40)"}  # fmt: skip
    tell(workbench, link, DONE)
    assert not pane.running
    assert pane.start_button.isEnabled()
    assert pane.state.text() == (
        "⚠ Ended after 2.0 s (2 of 100 clients failed; see Failures) · 990 of 1,000 messages sent · 985 a second · "
        "5 wrong answers"
    )
    assert figures.text("max") == "9.99 ms"
    assert figures.text("connect").endswith("/ 2.00 ms")
    assert pane.progress.value() == 1000


def test_stop_asks_the_engine_and_waits_for_its_last_report(
    pane: LoadPane, workbench: Workbench, link: FakeLink
) -> None:
    pane.start_button.click()
    pane.stop_button.click()
    assert link.posted[-1] == commands.CancelSend(asked(link).job)
    assert pane.running
    assert not pane.stop_button.isEnabled()
    tell(workbench, link, replace(DONE, end="stopped"))
    assert not pane.running
    assert pane.state.text().startswith("Stopped after 2.0 s")


def test_news_of_another_job_change_nothing(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    pane.start_button.click()
    link.news.append(events.LoadProgress(asked(link).job + 1, DONE))
    workbench.poll()
    assert pane.running


def test_why_clients_failed(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    run(pane, workbench, link, DONE)
    assert pane.results.pages.button("failures").text() == "Failures (2)"
    assert pane.results.failures.rows == [
        ["2", "connect()", "ECONNREFUSED", "Nothing listens there. Start the server first."]
    ]
    pane.results.pages.button("failures").click()
    assert pane.results.failures_table.isVisible()


def test_a_run_that_failed_as_a_whole_says_why(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    run(pane, workbench, link, LoadReport(100, 1000, waiting=100, end="failed", problem="No such name. Check it."))
    assert pane.results.note.text() == "No such name. Check it."
    assert pane.results.note.isVisible()
    assert not pane.results.runs.runs
    assert pane.state.text().startswith("⚠ Failed")


def test_another_capture_ends_it(pane: LoadPane, workbench: Workbench) -> None:
    pane.start_button.click()
    workbench.capture_changed.emit()
    assert not pane.running
    assert "ended with the capture" in pane.results.note.text()
    assert pane.state.text().startswith("⚠ Failed after 0.00 s · The load ended with the capture.")


def test_a_load_that_lost_all_clients_is_not_just_done(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    lost = LoadReport(50, 500, failed=50, sent=120, settled=500, seconds=2.4, sending=2, end="done")
    run(pane, workbench, link, lost)
    assert pane.state.text().startswith("⚠ Ended after 2.4 s (50 of 50 clients failed; see Failures) · 120 of 500")
    assert pane.results.runs.rows[0][-1] == "⚠ 50 failed"
    run(pane, workbench, link, replace(lost, failed=0, done=50, sent=500))
    assert pane.state.text().startswith("Done in 2.4 s · 500 of 500")
    assert pane.results.runs.rows[0][-1] == "done"


def test_figures_are_whole_in_a_low_dock(pane: LoadPane, qtbot: QtBot) -> None:
    figures = pane.results.figures
    for height in (400, 260, 210, 170):
        pane.resize(1024, height)
        qtbot.waitUntil(lambda: figures.height() >= figures.heightForWidth(figures.width()))


def test_names_that_look_like_formulas_stay_text_in_a_spreadsheet() -> None:
    for name in ("=1+1", "+1", "-1", "@SUM(A1)"):
        report = LoadReport(1, 1, done=1, sent=1, settled=1, seconds=1, end="done")
        read = next(csv.DictReader(io.StringIO(csv_text([KeptRun(1, name, "", LoadPlan(host=name), report)]))))
        assert (read["server"], read["host"]) == (f"'{name}", f"'{name}")


def test_runs_side_by_side_and_copied(pane: LoadPane, workbench: Workbench, link: FakeLink, qtbot: QtBot) -> None:
    run(pane, workbench, link, DONE)
    run(pane, workbench, link, replace(DONE, failed=0, failures=()))
    pane.results.pages.button("runs").click()
    rows = pane.results.runs.rows
    assert [row[:4] for row in rows] == [["2", "echo", "Selectors", "100"], ["1", "echo", "Selectors", "100"]]
    assert [row[-3] for row in rows] == ["0", "2"]
    pane.results.copy_csv()
    read = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [one["failed_clients"] for one in read] == ["0", "2"]
    assert float(read[0]["p50_ms"]) == pytest.approx(5.5, rel=0.02)
    assert read[0]["port"] == "9000"
    pane.results.runs_table.setFocus()
    pane.results.runs_table.selectRow(1)
    qtbot.keyClick(pane.results.runs_table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 2
    assert lines[1].split()[:3] == ["1", "echo", "Selectors"]
    qtbot.keyClick(pane.results.runs_table, Qt.Key.Key_Delete)
    assert [one.number for one in pane.results.runs.runs] == [2]


def test_the_texts_of_no_runs() -> None:
    assert len(plain_text([]).splitlines()) == 1
    assert len(csv_text([]).splitlines()) == 1


# -- the histogram -----------------------------------------------------------------------------------


def test_the_histogram_counts_every_answer(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    run(pane, workbench, link, DONE)
    histogram = pane.results.histogram
    assert sum(bar.count for bar in histogram.bars) == DONE.latencies.count == 900
    assert sum(int(row[2].replace(",", "")) for row in pane.results.bars.rows) == 900
    assert histogram.bars[-1].below + histogram.bars[-1].count == 900
    assert pane.results.bars.rows[-1][4] == "100 %"


def test_a_bar_is_told_by_pointer_and_keys(pane: LoadPane, workbench: Workbench, link: FakeLink, qtbot: QtBot) -> None:
    run(pane, workbench, link, DONE)
    histogram = pane.results.histogram
    place = len(histogram.bars) // 2
    where = QPointF(histogram.bar_rect(place).center())
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QEvent.Type.MouseMove, where, histogram.mapToGlobal(where), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(histogram, move)
    assert histogram.current_text == histogram.describe(place)
    assert f"{histogram.bars[place].count:,} of 900 answers" in histogram.current_text
    histogram.setFocus()
    histogram._choose(-1)
    qtbot.keyClick(histogram, Qt.Key.Key_Right)
    assert histogram.current_text == histogram.describe(0)
    qtbot.keyClick(histogram, Qt.Key.Key_Right)
    assert histogram.current_text == histogram.describe(1)
    qtbot.keyClick(histogram, Qt.Key.Key_Left)
    assert histogram.current_text == histogram.describe(0) == pane.results.pointed.text()


def test_what_a_screen_reader_is_told(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    run(pane, workbench, link, DONE)
    found = QAccessible.queryAccessibleInterface(pane.results.histogram)
    assert found.role() == QAccessible.Role.Graphic
    described = found.text(QAccessible.Text.Description)
    assert described.startswith("900 answers, 1.00 ms to 9.99 ms: 50 % within 5.4")
    assert found.text(QAccessible.Text.Value) == "no bar is chosen"


def test_bars_are_as_high_as_they_count_and_marks_stand_where_they_belong(
    pane: LoadPane, workbench: Workbench, link: FakeLink
) -> None:
    run(pane, workbench, link, replace(DONE, latencies=latencies(*[1_000_000] * 30, *[8_000_000] * 10)))
    histogram = pane.results.histogram
    heights = [histogram.bar_rect(place).height() for place in range(len(histogram.bars))]
    assert heights[-1] == pytest.approx(heights[0] / 3, abs=1)
    assert set(heights[1:-1]) == {0}
    colors = {histogram.grab().toImage().pixelColor(QPoint(round(histogram.bar_rect(0).center().x()), y)).name()
              for y in range(histogram.height())}  # fmt: skip
    assert Theme("light").colors.received.lower() in colors


def test_no_answers_no_times(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    combo = pane.form.settings.editor("answers")
    assert combo is not None
    combo.setCurrentIndex(2)  # type: ignore[attr-defined]
    combo.activated.emit(2)  # type: ignore[attr-defined]
    run(
        pane,
        workbench,
        link,
        LoadReport(100, 1000, done=100, sent=1000, settled=1000, sending=0.5, seconds=1, end="done"),
    )
    assert "No answer is waited for" in pane.results.histogram.summary
    assert pane.results.figures.text("answered") == "–"
    assert pane.results.figures.text("rate") == "2,000"


def test_times_in_words() -> None:
    assert [time_text(time) for time in (900, 41_300, 1_200_000, 99_960_000, 2_345_000_000, 120_000_000_000)] == [
        "0.90 µs", "41.3 µs", "1.20 ms", "100 ms", "2.35 s", "120 s",
    ]  # fmt: skip


def test_the_keyboard_comes_to_everything(pane: LoadPane, qtbot: QtBot) -> None:
    pane.focus_first()
    assert pane.form.server.hasFocus()
    wanted = [pane.form.this_server, pane.form.port, pane.form.framing.kinds, pane.form.settings.presets]
    wanted += [pane.form.settings.editor(name) for name in ("clients", "timeout")]  # type: ignore[misc]
    wanted += [pane.results.pages.button("picture"), pane.results.histogram, pane.start_button]
    reached = []
    for _ in range(60):
        qtbot.keyClick(QApplication.focusWidget() or pane, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    places = [reached.index(widget) for widget in wanted]
    assert places == sorted(places)
    qtbot.keyClick(pane.form.port, Qt.Key.Key_Return)
    assert pane.running


def test_what_was_typed_stays_when_presets_and_servers_change() -> None:
    draft = LoadDraft(LoadPlan(clients=7))
    assert draft.text(draft.description.fields[0]) == "7"
    draft.take_plan(LoadPlan())
    assert draft.preset is not None
    assert draft.preset.label == "100 clients, 10 messages"


def test_the_numbers_of_the_histogram_can_be_read(pane: LoadPane, workbench: Workbench, link: FakeLink) -> None:
    run(pane, workbench, link, DONE)
    table, model = pane.results.bars_table, pane.results.bars
    pane.results.pages.button("table").click()
    needed = max(table.fontMetrics().horizontalAdvance(cell) for row in model.rows for cell in row)
    assert all(table.columnWidth(column) > needed for column in range(model.columnCount()))
