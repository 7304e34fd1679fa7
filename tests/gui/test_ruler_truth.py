"""What the Chunk ruler says and offers is so: while calls are still looked at, without a stream, in a capture from
disk, and while something is typed in Make it happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from explorer.capture.chunk_ruler_summary import MOST, Summary
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import commands, events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.pace import Pace
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State
from explorer.settings import Settings
from explorer.ui.dialogs.options_dialog import OptionsDialog
from explorer.ui.first_messages_text import NOTHING_VIEWING
from explorer.ui.models.ruler_choices import RulerChoices
from explorer.ui.panes.ruler_pane import EMPTY_VIEWING, RulerPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.framing_preview import FramingPreview
from explorer.ui.widgets.ruler_header import DOWN, UP, short_title
from explorer.ui.widgets.ruler_pace import WHY
from explorer.ui.widgets.ruler_words import ABSENT, SENT, sentence
from explorer.ui.workbench import Workbench
from tests.capture.making import accepted, closed, small_writer, socket_record, traffic
from tests.capture.test_chunk_ruler import begin, ruler_of
from tests.gui.conftest import FakeLink
from tests.gui.test_ruler_pane import LINES, PORT, RECV, SEND, has_messages, pair, pane, said, talked, wait_for

__all__ = ["pair", "pane", "talked"]  # fixtures


def connected(workbench: Workbench, link: FakeLink, writer: Writer, name: str, number: int) -> int:
    """A client of a peer elsewhere, which sent something."""
    client = workbench.add_socket(SocketSpec(name, role="client", host="10.0.0.7", port=PORT, framing=LINES))
    socket_record(writer, client, name, role="client")
    here, there = Endpoint("10.0.0.2", 50000 + number), Endpoint("10.0.0.7", PORT)
    writer.add_detail(CallKind.connect, client, number, {"address": str(there), "local": str(here)})
    link.news += [
        events.SocketChanged(client, State.ESTABLISHED, here, there),
        events.ConnectionOpened(client, number, here, there, accepted=False),
    ]
    traffic(writer, SEND, b"x\n", number, client)
    return client


def editor(pane: RulerPane, name: str = "send_pause") -> QLineEdit:
    edit = pane.pace.sender_form.form.editor(name)
    assert isinstance(edit, QLineEdit)
    return edit


def sender(pane: RulerPane) -> str:
    return pane.pace.sender_form.title.text()


# -- the panel, while something is typed in it ------------------------------------------------------


def test_the_panel_keeps_its_socket_while_typed_in_and_follows_when_left(
    pane: RulerPane, workbench: Workbench, link: FakeLink, writer: Writer, qtbot: QtBot
) -> None:
    alpha = connected(workbench, link, writer, "alpha", 1)
    qtbot.waitUntil(lambda: sender(pane) == "Sender: alpha")
    edit = editor(pane)
    edit.setFocus()
    QTest.keyClicks(edit, "10")
    beta = connected(workbench, link, writer, "beta", 2)
    qtbot.waitUntil(lambda: pane.source.numbers == (2,))
    assert sender(pane) == "Sender: alpha"
    # Another program has the keyboard for a while.
    QApplication.sendEvent(edit, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.focusChanged.emit(edit, None)
    assert sender(pane) == "Sender: alpha"
    QTest.keyClicks(edit, "00")
    paces = {number: entry.spec.pace for number in (alpha, beta) if (entry := workbench.socket(number))}
    assert paces == {alpha: Pace(send_pause=1000), beta: Pace()}
    pane.header.connections.setFocus()
    assert sender(pane) == "Sender: beta"
    assert edit.text() == ""


def test_a_removed_socket_is_left_at_once_and_what_was_typed_for_it_forgotten(
    pane: RulerPane, workbench: Workbench, link: FakeLink, writer: Writer, qtbot: QtBot
) -> None:
    alpha = connected(workbench, link, writer, "alpha", 1)
    qtbot.waitUntil(lambda: sender(pane) == "Sender: alpha")
    edit = editor(pane)
    edit.setFocus()
    QTest.keyClicks(edit, "7x")
    assert pane.pace.sender_form.form.errors.isVisible()
    link.news.append(events.SocketChanged(alpha, State.CLOSED))
    workbench.poll()
    workbench.remove_socket(alpha)
    qtbot.waitUntil(lambda: sender(pane) != "Sender: alpha")
    pane.pace.sender_form.form.show_pace(Pace(), "tcp", alpha)
    assert edit.text() == ""


# -- while calls are looked at, and without any ------------------------------------------------------


class Halt:
    """Keeps an index from advancing."""

    def __init__(self, pane: RulerPane) -> None:
        self._pane = pane

    def __enter__(self) -> None:
        self._indexer = self._pane._workbench.indexer
        self._register = self._indexer.register
        self._indexer.register = lambda *one, **more: None  # type: ignore[method-assign]

    def __exit__(self, *error: object) -> None:
        self._indexer.register = self._register  # type: ignore[method-assign]


def test_what_is_looked_for_is_not_said_to_be_missing(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    server, client = pair
    traffic(writer, SEND, b"one\n", 2, client)
    traffic(writer, SEND, b"answer\n", 1, server)
    wait_for(pane, qtbot, "1 send call")
    with Halt(pane):
        pane.source.choose_way(DOWN)
    assert "Looking for what was sent from echo to client" in pane.empty.text()
    assert "% of the calls" in pane.empty.text()
    assert pane.source.ruler is not None
    pane.source.ruler.advance()
    pane._on_tick()
    assert pane.stack.currentIndex() == 1
    with Halt(pane):
        pane.source.choose_way(UP)
    assert pane.source.ruler is not None
    assert "Looking for" in pane.empty.text()


def test_without_a_stream_nothing_is_said_about_its_ends(
    pane: RulerPane, workbench: Workbench, talked: dict[str, int]
) -> None:
    assert pane.pace.sender_form.isVisible()
    other = workbench.add_socket(SocketSpec("udp", transport="udp", port=9001))
    workbench.selection.choose_scope(Scope(other))
    assert pane.source.ruler is None
    assert pane.sentence.text() == ""
    assert not pane.pace.sender_form.isVisible()
    assert not pane.pace.receiver_form.isVisible()
    assert not pane.pace.gathers.isVisible()
    assert pane.pace.why.text() == WHY


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (Summary(2, 0, 0, 0, 0, 0, way=9), "2 send calls did not arrive yet. 9 bytes are on the way."),
        (Summary(1, 0, 0, 0, 0, 0, lost=4), "1 send call did not arrive. 4 bytes were never received."),
        (Summary(0, 2, 2, 0, 0, 0), ("2 recv calls hold 2 messages: here each call carried one whole message, which "
         "TCP does not promise.")),
        (
            Summary(6, 3, 3, 0, 0, 0),
            ("6 send calls arrived as 3 recv calls and hold 3 messages: here each recv call carried one whole "
            "message, which TCP does not promise."),
        ),
        (Summary(0, 1, 1, 0, 1, 0), "1 recv call holds 1 message: 1 message was split over calls."),
    ],
)  # fmt: skip
def test_the_sentence_tells_lost_from_late_and_counts_no_calls_that_are_not_there(
    tmp_path: Path, found: Summary, wanted: str
) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    assert sentence(ruler_of(writer), found) == wanted
    writer.close()


def test_bytes_that_a_closed_receiver_never_read_are_not_said_to_come_yet(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    traffic(writer, SEND, b"one\n", 2, pair[1])
    wait_for(pane, qtbot, "1 send call did not arrive yet.")
    closed(writer, 1, "reset", pair[0])
    wait_for(pane, qtbot, "1 send call did not arrive. 4 bytes were never received.")


def test_lines_are_offered_for_an_open_connection_only(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, link: FakeLink, qtbot: QtBot
) -> None:
    server, _ = pair
    traffic(writer, SEND, b"one\n", 1, server)
    qtbot.waitUntil(lambda: sender(pane) == "Sender: echo" and pane.pace.lines_button.isEnabled())
    closed(writer, 1, "eof", server)
    link.news.append(events.ConnectionClosed(server, 1, CloseReason.EOF, 0, 4, 0, 1))
    qtbot.waitUntil(lambda: not pane.pace.lines_button.isEnabled())  # though the server runs on


# -- the table --------------------------------------------------------------------------------------


def test_the_table_speaks_of_the_whole_stream(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    for number in range(MOST + 1):
        traffic(writer, RECV, b"hello %d\n" % number, 1, pair[0])
    qtbot.waitUntil(lambda: has_messages(pane, MOST + 1))
    wait_for(pane, qtbot, "Of what is seen here: ")
    pane.header.as_table.setChecked(True)
    assert said(pane, "2,001 recv calls hold 2,001 messages. Leave the table and zoom in to see")
    buttons = (pane.header.zoom_in, pane.header.zoom_out, pane.header.fit, pane.header.newest)
    assert not any(button.isEnabled() for button in buttons)
    pane.header.as_table.setChecked(False)
    assert all(button.isEnabled() for button in buttons)
    wait_for(pane, qtbot, "Of what is seen here: ")


def test_the_hint_follows_the_stream(
    pane: RulerPane, workbench: Workbench, link: FakeLink, writer: Writer, qtbot: QtBot
) -> None:
    client = connected(workbench, link, writer, "probe", 1)
    traffic(writer, RECV, b"y\n", 1, client)
    wait_for(pane, qtbot, "1 send call")
    pane.header.as_table.setChecked(True)
    QTest.mouseClick(pane.lane.button("sent"), Qt.MouseButton.LeftButton)
    assert pane.table.hint == ""
    QTest.mouseClick(pane.header.direction.button(DOWN), Qt.MouseButton.LeftButton)
    assert pane.table.hint == ABSENT[SENT]


def test_several_rows_select_all_their_bytes_and_no_others(
    pane: RulerPane, workbench: Workbench, talked: dict[str, int], writer: Writer, pair: tuple[int, int], qtbot: QtBot
) -> None:
    traffic(writer, SEND, b"between\n", 1, pair[0])
    last = traffic(writer, RECV, b"", 1, pair[0])
    traffic(writer, SEND, b"end\n", 2, pair[1])
    last = traffic(writer, RECV, b"end\n", 1, pair[0])
    wait_for(pane, qtbot, "as 3 recv calls")
    pane.header.as_table.setChecked(True)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 3)
    pane.table.setFocus()
    QTest.keyClick(pane.table, Qt.Key.Key_Home)
    for _ in range(2):
        QTest.keyClick(pane.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    whole = Span(talked["recv"], 0, last, 4, 1, True)
    assert workbench.selection.span == whole  # not the answers in between
    assert pane.view.selected == (0, 12)
    assert pane.table.selected_rows() == [range(3)]


def test_what_is_selected_elsewhere_marks_rows(
    pane: RulerPane, workbench: Workbench, talked: dict[str, int], qtbot: QtBot
) -> None:
    pane.header.as_table.setChecked(True)
    workbench.selection.choose_call(workbench.reader.call(talked["rest"]))
    assert pane.table.selected_rows() == [range(1, 2)]
    QTest.mouseClick(pane.lane.button("messages"), Qt.MouseButton.LeftButton)
    assert pane.table.selected_rows() == [range(1, 2)]
    workbench.selection.choose_call(workbench.reader.call(talked["send"]))
    assert pane.table.selected_rows() == [range(2)]
    workbench.selection.choose_span(None)
    assert pane.table.selected_rows() == []


def test_a_column_that_would_be_empty_is_left_out(pane: RulerPane, talked: dict[str, int], qtbot: QtBot) -> None:
    pane.header.as_table.setChecked(True)
    for lane, hidden in (("received", [6]), ("sent", [5]), ("messages", []), ("received", [6])):
        pane._on_lane(lane)
        assert [one for one in range(9) if pane.table.isColumnHidden(one)] == hidden
        assert all(pane.table.columnWidth(one) > 0 for one in range(9) if one not in hidden)
    assert pane.table.columnWidth(8) > 0


# -- a capture from disk ----------------------------------------------------------------------------


@pytest.fixture
def viewing(tmp_path: Path) -> Iterator[Workbench]:
    writer = Writer(tmp_path / "disk", segment_bytes=4 << 20, segment_records=1 << 12)
    socket_record(writer, framing={"kind": "line"})
    accepted(writer, 1)
    traffic(writer, RECV, b"hello\n")
    socket_record(writer, 2, "quiet")
    writer.close()
    made = Workbench(Reader(tmp_path / "disk"), None)
    yield made
    made.shut_down()


def test_a_capture_from_disk_promises_nothing(viewing: Workbench, theme: Theme, qtbot: QtBot) -> None:
    pane = RulerPane(viewing, theme)
    qtbot.addWidget(pane)
    pane.resize(1100, 300)
    pane.show()
    wait_for(pane, qtbot, "1 recv call holds 1 message")
    assert not pane.header.happen.isEnabled()
    assert not pane.pace.isVisible()
    pane.source.choose_way(DOWN)
    qtbot.waitUntil(lambda: "in this capture. Look at the other direction." in pane.empty.text())
    assert "yet" not in pane.empty.text()
    pane._on_lane("sent")
    assert pane.table.hint == "Nothing in this capture."
    viewing.selection.choose_scope(Scope(2))
    assert pane.empty.text() == EMPTY_VIEWING
    assert not pane.try_button.isVisible()
    preview = FramingPreview(viewing, theme)
    qtbot.addWidget(preview)
    preview.show_choice(LINES)
    preview.show()
    assert preview.line.text() == NOTHING_VIEWING


# -- names and room ---------------------------------------------------------------------------------


def test_names_are_shown_as_they_are_and_not_too_long(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, qtbot: QtBot
) -> None:
    entry = workbench.socket(pair[0])
    assert entry is not None
    button = pane.header.direction.button(UP)
    workbench.edit_socket(pair[0], replace(entry.spec, name="R&D server"))
    qtbot.waitUntil(lambda: button.text() == "client → R&&D server")
    assert button.shortcut().isEmpty()
    workbench.edit_socket(pair[0], replace(entry.spec, name="n" * 200))
    qtbot.waitUntil(lambda: "…" in button.text())
    assert len(button.text()) < 40
    assert button.toolTip() == f"client → {'n' * 200}"
    assert short_title("255.255.255.255:65535 → a").endswith("55:65535 → a")


def test_the_panel_leaves_room_for_the_picture(pane: RulerPane, theme: Theme, talked: dict[str, int]) -> None:
    pane.resize(1366, 300)
    while theme.zoom < 3:
        theme.zoom_in()
    assert pane.pace.width() <= 1366 * 2 // 5
    assert pane.view.width() > 1366 // 3
    theme.zoom_reset()


def test_the_picture_shows_that_it_has_the_keyboard(pane: RulerPane, theme: Theme, talked: dict[str, int]) -> None:
    pane.view.setFocus()
    accent, corner = theme.colors.accent, (1, pane.view.height() // 2)
    assert pane.view.grab().toImage().pixelColor(*corner).name() == accent.lower()
    pane.header.connections.setFocus()
    assert pane.view.grab().toImage().pixelColor(*corner).name() != accent.lower()


# -- what gathers small sends, and what is remembered -----------------------------------------------


def test_what_gathers_small_sends_is_said_where_it_applies(
    pane: RulerPane, workbench: Workbench, pair: tuple[int, int], link: FakeLink, talked: dict[str, int], qtbot: QtBot
) -> None:
    panel, client = pane.pace, pair[1]
    assert not panel.gathers.isVisible()
    editor(pane).setFocus()
    QTest.keyClicks(editor(pane), "20")
    assert panel.gathers.isVisible()
    assert "Nagle" in panel.gathers.text()
    link.posted.clear()
    panel.gathers_button.click()
    assert link.posted == [commands.Stop(client)]
    link.news.append(events.SocketChanged(client, State.CLOSED))
    with qtbot.waitSignal(workbench.setting_wanted) as told:
        workbench.poll()
    assert told.args == [client, "options.no_delay"]
    entry = workbench.socket(client)
    assert entry is not None
    workbench.edit_socket(client, replace(entry.spec, options=replace(entry.spec.options, no_delay=True)))
    assert not panel.gathers.isVisible()
    workbench.edit_socket(client, replace(entry.spec, pace=Pace(receive_pause=5)))
    assert not panel.gathers.isVisible()


@pytest.mark.qt_log_ignore(r"does not support raise\(\)", extend=True)
def test_the_button_leads_to_the_option(workbench: Workbench, theme: Theme, qtbot: QtBot) -> None:
    settings = SettingsPane(workbench, theme)
    qtbot.addWidget(settings)
    client = workbench.add_socket(SocketSpec("client", role="client", port=PORT))
    with qtbot.waitActive(settings):
        settings.show()
    workbench.selection.choose_scope(Scope(client))
    settings.focus_field("options.no_delay")

    def there() -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and focus.objectName() == "no_delay"

    qtbot.waitUntil(there)
    dialog = settings.findChild(OptionsDialog)
    assert dialog is not None
    dialog.reject()


def test_the_table_and_the_panel_are_remembered(
    workbench: Workbench, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    first = RulerPane(workbench, theme)
    qtbot.addWidget(first)
    with qtbot.waitSignals([workbench.ruler.changed] * 2):
        first.header.as_table.setChecked(True)
        first.header.happen.setChecked(False)
    settings = Settings(tmp_path / "settings")
    settings.ruler = workbench.ruler.texts
    settings.save()
    read = RulerChoices()
    read.load(Settings(tmp_path / "settings").ruler)
    assert (read.table, read.happen) == (True, False)
    workbench.ruler.load(read.texts)
    second = RulerPane(workbench, theme)
    qtbot.addWidget(second)
    assert second.header.as_table.isChecked()
    assert not second.header.newest.isEnabled()
    assert not second.header.happen.isChecked()
    assert not second.pace.isVisibleTo(second)
    read.load({"happen": "?", "form": "?"})
    assert (read.table, read.happen) == (False, True)
