"""Columns of the Framing bench: what they show is what their form names, and they stand level; a guess stays."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.span import Span
from explorer.capture.steps import Work
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.models.bench_choices import OWN
from explorer.ui.models.bench_model import TEXT
from explorer.ui.panes.framing_bench_pane import FramingBenchPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.bench_column import AS_BEFORE, NOTHING, WHEN_RIGHT, BenchColumn
from explorer.ui.widgets.bench_counts import BenchCounts
from explorer.ui.workbench import Workbench
from tests.gui.byte_captures import put
from tests.gui.conftest import FakeLink, set_framing
from tests.gui.test_framing_bench import LINES, cells, connect, pick, show, wait_for, write


@pytest.fixture
def echo(workbench: Workbench, writer: Writer, link: FakeLink) -> int:
    """A server with framing "line", chosen, and one client."""
    number = workbench.add_socket(SocketSpec("echo", port=9000, framing=LINES))
    writer.add_detail(CallKind.socket, number, 0, {"name": "echo", "framing": {"kind": "line"}})
    connect(workbench, writer, link, 1, number)
    workbench.selection.choose_scope(Scope(number))
    return number


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, echo: int, qtbot: QtBot) -> FramingBenchPane:
    """The socket's own framing, lines, and beside it raw."""
    return show(qtbot, workbench, theme, 1440)


def framing_of(workbench: Workbench, socket: int) -> Choice:
    entry = workbench.socket(socket)
    assert entry is not None
    return entry.spec.framing


# -- wrong settings ---------------------------------------------------------------------------------


def test_another_kind_with_a_wrong_setting_shows_nothing_of_the_one_before(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    raw = pane.columns[1]
    put(writer, CallKind.recv, b"abcdef", echo)
    wait_for(qtbot, raw, ["abcdef"])
    pick(qtbot, raw, "delimiter")
    assert raw.wrong
    assert raw.errors.sentences[0].startswith("Delimiter is missing")
    assert (cells(raw, TEXT), raw.counts.text(), raw.table.hint) == ([], NOTHING, WHEN_RIGHT)
    assert not raw.use_button.isEnabled()
    assert raw.picture.old
    assert raw.picture.text() == "[payload][00]"  # an example
    put(writer, CallKind.recv, b"more", echo)
    pane._on_tick()
    assert (cells(raw, TEXT), raw.counts.text()) == ([], NOTHING)
    assert pane._work is not None
    assert pane._work.columns == (pane.columns[0].source,)
    pick(qtbot, raw, "raw")
    wait_for(qtbot, raw, ["abcdef", "more"])
    qtbot.waitUntil(lambda: raw.counts.text() == "2 messages · 0 errors · 0 pending")
    assert raw.use_button.isEnabled()
    assert not raw.picture.old
    assert framing_of(workbench, echo) == LINES


def test_while_a_setting_is_wrong_the_rows_before_are_called_so(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    column = pane.columns[1]
    put(writer, CallKind.recv, b"abcdef", echo)
    pick(qtbot, column, "delimiter")
    write(column, "hex", "63")
    wait_for(qtbot, column, ["ab", "pending: 3 bytes: 64 65 66 · waits for its end: 63"])
    write(column, "hex", "6")
    assert column.counts.text() == AS_BEFORE
    assert column.picture.old
    assert not column.use_button.isEnabled()
    assert len(cells(column, TEXT)) == 2
    write(column, "hex", "64")
    wait_for(qtbot, column, ["abc", "pending: 2 bytes: 65 66 · waits for its end: 64"])
    qtbot.waitUntil(lambda: column.counts.text() == "1 message · 0 errors · 2 pending")


def test_a_guess_is_not_taken_for_shown_by_a_column_that_is_wrong(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    pick(qtbot, pane.columns[1], "line")
    assert pane.columns[1].framing.kind == "line"
    pick(qtbot, pane.columns[1], "fixed")
    pick(qtbot, pane.columns[0], "raw")
    pane.show_framing(pane.columns[1].framing)
    assert [column.framing.kind for column in pane.columns] == ["raw", "line", "line"]
    assert [column.wrong for column in pane.columns] == [False, True, False]


def test_what_is_typed_is_used_though_the_typing_does_not_rest(
    pane: FramingBenchPane, workbench: Workbench, echo: int, qtbot: QtBot
) -> None:
    column = pane.columns[1]
    pick(qtbot, column, "fixed")
    write(column, "size", "7")
    column.use_button.click()  # as on systems where a click does not move the keyboard there
    assert framing_of(workbench, echo) == Choice("fixed", {"size": 7})


# -- side by side -----------------------------------------------------------------------------------


def tops(pane: FramingBenchPane) -> list[tuple[int, int, int]]:
    """Where counts, button and table of each column begin."""
    zero = QPoint(0, 0)
    return [
        (one.counts.mapTo(pane, zero).y(), one.use_button.mapTo(pane, zero).y(), one.table.mapTo(pane, zero).y())
        for one in pane.columns
    ]


def level(pane: FramingBenchPane) -> bool:
    QApplication.processEvents()
    return len(set(tops(pane))) == 1


def within(column: BenchColumn) -> bool:
    """Whether all controls of a column have their place in it, and none lies over another."""
    shown: list[QWidget] = [column.counts, column.picture, column.use_button, column.form.picker, column.remove_button]
    rects = [one.rect().translated(one.mapTo(column, QPoint(0, 0))) for one in shown if one.isVisible()]
    apart = not any(a.intersects(b) for place, a in enumerate(rects) for b in rects[:place])
    return apart and all(column.rect().contains(rect) for rect in rects)


def test_tables_begin_at_one_height(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, theme: Theme, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("length", {"width": 4, "skip": 4, "checksum": "crc32"}))
    put(writer, CallKind.recv, b"one\ntwo", echo)
    pane.add_column()
    pane.add_column()
    pick(qtbot, pane.columns[2], "length")
    pick(qtbot, pane.columns[3], "slip")
    for column in pane.columns:
        column.form.toggle.setChecked(False)
    qtbot.waitUntil(lambda: level(pane))
    folded = tops(pane)[0]
    pane.columns[2].form.toggle.setChecked(True)
    qtbot.waitUntil(lambda: level(pane) and tops(pane)[0][2] > folded[2])
    editor = pane.columns[2].form.editor("width")
    assert editor is not None
    assert pane.columns[2].room.rect().contains(editor.mapTo(pane.columns[2].room, editor.rect().bottomRight()))
    assert all(map(within, pane.columns))
    write(pane.columns[2], "width", "x")
    qtbot.waitUntil(lambda: level(pane))
    theme.zoom_in()
    qtbot.waitUntil(lambda: level(pane))
    pane.resize(2400, 500)
    qtbot.waitUntil(lambda: level(pane))
    pane.columns[2].remove_button.click()
    qtbot.waitUntil(lambda: level(pane) and pane.columns[0].room.height() == 0)


def test_the_picture_is_whole_beside_the_button(
    pane: FramingBenchPane, workbench: Workbench, echo: int, qtbot: QtBot
) -> None:
    """The words of the socket's framing give way to it."""
    set_framing(workbench, echo, Choice("length", {"width": 2, "skip": 2}))
    own = pane.columns[0]
    qtbot.waitUntil(lambda: own.picture.parts[0].role == "length")
    qtbot.waitUntil(lambda: [words for _, words in own.picture.boxes()] == ["length: 2 BE · cut off", "payload"])
    assert own.words.text().startswith("Length prefix")


def test_counts_leave_out_what_is_not_there_where_there_is_no_room(qtbot: QtBot) -> None:
    counts = BenchCounts()
    qtbot.addWidget(counts)
    width = counts.fontMetrics().horizontalAdvance
    counts.show_parts(["0 messages", "1 error", "0 pending", "framing… 34 %"])
    assert counts.text() == "0 messages · 1 error · 0 pending · framing… 34 %"
    counts.resize(width(counts.text()) + 1, 20)
    assert counts.seen == counts.text()
    counts.resize(width(counts.text()) - 2, 20)
    assert counts.seen == "0 messages · 1 error · framing… 34 %"
    assert not counts.grab().isNull()
    assert counts.toolTip() == counts.text()
    counts.resize(width("1 error · framing… 34 %") + 1, 20)
    assert counts.seen == "1 error · framing… 34 %"
    counts.resize(width("1 error · fra…") + 1, 20)
    assert counts.seen.startswith("1 error · f")
    assert counts.seen.endswith("…")
    counts.show_parts(["0 messages", "0 errors"])
    counts.resize(width("0 messages") + 1, 20)
    assert counts.seen == "0 messages"
    counts.show_parts(["2 messages"])
    assert not counts.grab().isNull()
    assert (counts.seen, counts.toolTip()) == ("2 messages", "")


def test_letters_stand_in_their_order(pane: FramingBenchPane, workbench: Workbench, qtbot: QtBot) -> None:
    pane.add_column()
    qtbot.mouseClick(pane.columns[1].remove_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(pane.add_button, Qt.MouseButton.LeftButton)
    assert [column.letter for column in pane.columns] == ["A", "B", "C"]
    assert QApplication.focusWidget() is pane.columns[1].form.kinds
    qtbot.waitUntil(lambda: pane.columns[0].x() < pane.columns[1].x() < pane.columns[2].x())
    assert list(workbench.bench.framings) == pane.framings


def test_a_column_that_goes_leaves_no_work_behind(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    """Though rows are looked for just then."""

    def endless() -> Work[list[range]]:
        while True:
            yield 1

    put(writer, CallKind.recv, b"one\ntwo", echo)
    column = pane.columns[1]
    wait_for(qtbot, column, ["one\\ntwo"])
    before = [turn.index for turn in workbench.indexer._turns]
    column._finding.begin(endless())
    assert column._finding in [turn.index for turn in workbench.indexer._turns]
    column.remove_button.click()
    assert [turn.index for turn in workbench.indexer._turns] == before
    assert not column.busy


def test_controls_of_each_column_have_names_of_their_own(pane: FramingBenchPane, qtbot: QtBot) -> None:
    """Two columns of one kind are told apart with no look at them."""
    for column in pane.columns:
        pick(qtbot, column, "length")
    one, other = ({stop.accessibleName() for stop in column.stops()} for column in pane.columns)
    assert len(one) == len(pane.columns[0].stops())
    assert not one & other
    assert {"Framing A", "Framing A settings", "Longest message, framing A"} <= one
    assert [name for name in one if name.startswith("Preset") and name.endswith(", framing A")]
    assert {"Framing B", "Framing B settings"} <= other
    for column in pane.columns:
        lists = [label.buddy() for label in column.findChildren(QLabel) if label.buddy() is not None]
        named = {label.accessibleName() for label in column.findChildren(QLabel) if label.buddy() in lists}
        assert all(name.lower().endswith(f"framing {column.letter.lower()}") for name in named)
        assert any(isinstance(one, QComboBox) for one in lists)
        assert column.form.toggle.toolTip() == "Show or hide the settings of this framing"


# -- what it is about -------------------------------------------------------------------------------


def test_the_size_is_of_what_is_shown(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    put(writer, CallKind.recv, b"x" * 100, echo)
    qtbot.waitUntil(lambda: pane.size_label.text() == "100 bytes received")
    other = workbench.add_socket(SocketSpec("other", port=9009))
    workbench.selection.choose_scope(Scope(other))
    assert pane.size_label.text() == ""
    qtbot.mouseClick(pane.direction.button("sent"), Qt.MouseButton.LeftButton)
    assert pane.size_label.text() == ""
    workbench.selection.choose_scope(Scope(echo))
    assert pane.size_label.text() == "0 bytes sent"


@pytest.fixture
def guessed(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> FramingBenchPane:
    """A guess is shown, of connection 1."""
    put(writer, CallKind.recv, b"".join(b"line %d\n" % number for number in range(50)), echo)
    qtbot.waitUntil(lambda: pane.columns[0].model.rowCount() == 50)
    pane.guess()
    qtbot.waitUntil(lambda: bool(pane.guesses.cards))
    return pane


def shown(pane: FramingBenchPane) -> int | None:
    source = pane.columns[0].source
    return source.flow.connection if source is not None else None


def test_a_guess_stays_when_a_newer_connection_opens(
    guessed: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    pane = guessed
    connect(workbench, writer, link, 2, echo)
    qtbot.waitUntil(lambda: pane.connections.currentText() == "127.0.0.1:50001")
    assert pane.connections.itemText(0) == "newest: 127.0.0.1:50002"
    assert (shown(pane), pane.guesses.isVisible(), len(pane.guesses.cards)) == (1, True, 1)
    pane.connections.setFocus()
    qtbot.keyClick(pane.connections, Qt.Key.Key_Home)  # the user wants the newest: it is of the same socket
    assert (shown(pane), pane.guesses.isVisible()) == (2, True)
    connect(workbench, writer, link, 3, echo)
    qtbot.waitUntil(lambda: pane.connections.currentText() == "127.0.0.1:50002")
    qtbot.mouseClick(pane.guesses.close_button, Qt.MouseButton.LeftButton)
    assert (shown(pane), pane.connections.currentText()) == (3, "newest: 127.0.0.1:50003")


def test_a_guess_under_way_keeps_its_connection(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    put(writer, CallKind.recv, b"one\ntwo\nthree\n", echo)
    pane.guess()
    connect(workbench, writer, link, 2, echo)
    qtbot.waitUntil(lambda: pane.connections.count() == 3)
    assert shown(pane) == 1
    qtbot.waitUntil(lambda: bool(pane.guesses.cards))


def test_a_guess_goes_with_its_socket_and_its_direction(
    guessed: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    pane = guessed
    workbench.selection.choose_scope(Scope())
    assert pane.guesses.isVisible()
    qtbot.mouseClick(pane.direction.button("sent"), Qt.MouseButton.LeftButton)
    assert not pane.guesses.isVisible()
    pane.guess()
    assert pane.guesses.isVisible()
    other = workbench.add_socket(SocketSpec("other", port=9001))
    connect(workbench, writer, link, 2, other)
    qtbot.waitUntil(lambda: pane.connections.count() == 3)
    assert (shown(pane), pane.guesses.isVisible()) == (1, True)
    workbench.selection.choose_scope(Scope(other))
    assert (shown(pane), pane.guesses.isVisible()) == (2, False)
    assert not pane.guessing.under_way
    assert pane.framings[0] == OWN


def test_what_is_selected_is_found_again_when_the_settings_are_right(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    raw = pane.columns[1]
    call = put(writer, CallKind.recv, b"abcdef", echo)
    wait_for(qtbot, raw, ["abcdef"])
    workbench.selection.choose_span(Span(call, 0, call, 6, 1, True), None)
    qtbot.waitUntil(lambda: bool(raw.table.selected_rows()))
    pick(qtbot, raw, "fixed")
    assert raw.table.selected_rows() == []
    write(raw, "size", "3")
    wait_for(qtbot, raw, ["abc", "def"])
    qtbot.waitUntil(lambda: [list(rows) for rows in raw.table.selected_rows()] == [[0, 1]])
