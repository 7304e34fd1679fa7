"""What stands beside the bytes: the strip that shows the whole stream, and marks on the scroll bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.byte_captures import RECEIVED, SENT, put

SIZE = 64_000


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme, writer: Writer) -> BytesPane:
    """32,000 bytes received, 32,000 sent; "needle" stands three times in those received."""
    for _ in range(32):
        put(writer, RECEIVED, bytes(994) + b"needle" if _ % 12 == 11 else bytes(1000))
    for _ in range(32):
        put(writer, SENT, bytes(1000), connection=2)
    put(writer, RECEIVED, b"needle")
    made = BytesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: made.overview.bar.size_shown == SIZE + 6)
    return made


def click(pane: BytesPane, qtbot: QtBot, share: float) -> None:
    bar = pane.overview.bar
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(5, round(share * (bar.height() - 1))))


@pytest.mark.parametrize("mode", ["continuous", "call", "message"])
def test_a_click_on_the_strip_goes_there_and_selects_nothing(pane: BytesPane, qtbot: QtBot, mode: str) -> None:
    pane.source.set_mode(mode)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: pane.view.rows.size == SIZE + 6)
    click(pane, qtbot, 0)
    qtbot.waitUntil(lambda: pane.view.shown_window().start == 0)
    click(pane, qtbot, 0.5)
    window = pane.view.shown_window()
    assert window.start < SIZE // 2 < window.stop
    assert pane.view.selection is None
    frame = pane.overview.bar.shown_rect()
    assert frame.top() <= pane.overview.bar.height() // 2 <= frame.bottom() + 1


def test_the_frame_follows_the_scroll_bar_of_a_still_capture(pane: BytesPane, qtbot: QtBot) -> None:
    pane.view.scroll_bar.setValue(0)
    qtbot.waitUntil(lambda: pane.overview.bar.shown_rect().top() == 0)
    pane.view.scroll_bar.setValue(pane.view.scroll_bar.maximum())
    bar = pane.overview.bar
    qtbot.waitUntil(lambda: bar.shown_rect().bottom() == bar.height() - 1)


def test_hits_are_marked_on_the_scroll_bar(pane: BytesPane, qtbot: QtBot, theme: Theme) -> None:
    pane.open_find()
    qtbot.keyClicks(pane.find_bar.field, "needle")
    qtbot.keyClick(pane.find_bar.field, Qt.Key.Key_Return)
    bar = pane.view.scroll_bar
    qtbot.waitUntil(lambda: len(bar.marks) == 3)
    assert [round(mark.fraction, 2) for mark in bar.marks] == [0.19, 0.37, 1.0]
    assert {mark.color for mark in bar.marks} == {theme.colors.warning}
    pane.set_direction("sent")  # hits that are not shown are not marked
    qtbot.waitUntil(lambda: not bar.marks)


def test_notes_are_marked_on_the_scroll_bar(pane: BytesPane, qtbot: QtBot, workbench: Workbench, theme: Theme) -> None:
    number = workbench.notes.add(Span(16, 0, 16, 10, 1, True), color=2)
    bar = pane.view.scroll_bar
    qtbot.waitUntil(lambda: [mark.color for mark in bar.marks] == [theme.colors.highlight_marks[2]])
    assert round(bar.marks[0].fraction, 2) == 0.25
    assert number is not None
    workbench.notes.remove([number])
    qtbot.waitUntil(lambda: not bar.marks)


def test_marks_move_when_the_stream_grows(pane: BytesPane, qtbot: QtBot, workbench: Workbench, writer: Writer) -> None:
    workbench.notes.add(Span(32, 0, 32, 10))
    bar = pane.view.scroll_bar
    qtbot.waitUntil(lambda: bool(bar.marks) and round(bar.marks[0].fraction, 2) == 0.5)
    for _ in range(64):
        put(writer, RECEIVED, bytes(1000))
    qtbot.waitUntil(lambda: round(bar.marks[0].fraction, 2) == 0.25)


def test_another_scope_has_an_overview_of_its_own(pane: BytesPane, qtbot: QtBot, workbench: Workbench) -> None:
    workbench.selection.choose_scope(Scope(1, 2))
    qtbot.waitUntil(lambda: pane.overview.bar.size_shown == SIZE // 2)
    assert "sent" in pane.overview.bar.describe(10)
