"""Finding bytes and going to an offset, as a user does it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.bridge.jobs import JobRunner
from explorer.capture.stream import ByteStream
from explorer.capture.writer import Writer
from explorer.core.errors import InputError
from explorer.ui.theme import Theme
from explorer.ui.widgets.find_bar import FindBar
from explorer.ui.widgets.goto_bar import GotoBar, parse_offset
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of

ENTER, SHIFT = Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def stream(writer: Writer) -> ByteStream:
    """Hello at 0, 12 and (cut by a border of calls) 22; hello in lower case at 6."""
    return stream_of(writer, [(RECEIVED, b"Hello hello Hello "), (SENT, b"...."), (SENT, b"Hel"), (SENT, b"lo\r\n")])


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme, stream: ByteStream) -> Iterator[FindBar]:
    jobs = JobRunner()
    made = FindBar(jobs, theme)
    qtbot.addWidget(made)
    place = [0]
    made.position = lambda: place[0]
    made.found.connect(lambda start, stop: place.__setitem__(0, start))
    made.set_stream(stream)
    made.open_bar()
    yield made
    jobs.shut_down()


def find(qtbot: QtBot, bar: FindBar, modifiers: Qt.KeyboardModifier = PLAIN) -> tuple[int, int]:
    with qtbot.waitSignal(bar.found) as blocker:
        qtbot.keyClick(bar.field, ENTER, modifiers)
    start, stop = blocker.args
    return start, stop


def test_enter_goes_from_hit_to_hit_and_around(bar: FindBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(bar.field, "Hello")
    bar.case.setChecked(True)
    assert find(qtbot, bar) == (0, 5)
    assert bar.status.text() == "1 of 3"
    assert find(qtbot, bar) == (12, 17)
    assert find(qtbot, bar) == (22, 27)
    assert find(qtbot, bar) == (0, 5)
    assert bar.status.text() == "1 of 3 · went on from the beginning"
    assert find(qtbot, bar, SHIFT) == (22, 27)
    assert bar.status.text() == "3 of 3 · went on from the end"
    assert find(qtbot, bar, SHIFT) == (12, 17)


def tab_stops(bar: QWidget, first: QWidget) -> list[str]:
    """What Tab leads to from `first` on, as far as the bar goes."""
    found, widget = [first], first.nextInFocusChain()
    while widget is not None and widget is not first:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(bar) and bar.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return [one.accessibleName() or one.property("text") or one.property("placeholderText") for one in found]


def test_tab_leads_through_the_bars_from_left_to_right(bar: FindBar, theme: Theme, qtbot: QtBot) -> None:
    expected = ["text", "What is typed", "Match case", "Previous", "Next", "Close the find bar"]
    assert tab_stops(bar, bar.field) == expected
    other = GotoBar(theme, lambda: 1)
    qtbot.addWidget(other)
    other.open_bar()
    assert tab_stops(other, other.field) == ["500 or 0x1F4", "Go", "Close Go to offset"]


def test_case_counts_only_when_asked(bar: FindBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(bar.field, "hello")
    find(qtbot, bar)
    assert bar.status.text() == "1 of 4"
    bar.case.setChecked(True)
    find(qtbot, bar)
    assert bar.status.text() == "1 of 1"


def test_hits_that_are_seen_are_marked(bar: FindBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(bar.field, "Hello")
    bar.case.setChecked(True)
    with qtbot.waitSignal(bar.marks_changed):
        find(qtbot, bar)
    assert list(bar.marks(14, 23)) == [(12, 17), (22, 27)]
    assert list(bar.marks(5, 12)) == []
    qtbot.keyClicks(bar.field, "x")
    assert list(bar.marks(0, 100)) == []


def test_hex_finds_bytes(bar: FindBar, qtbot: QtBot) -> None:
    bar.kind.setCurrentText("Hex")
    assert not bar.case.isEnabled()
    qtbot.keyClicks(bar.field, "0d 0a")
    assert find(qtbot, bar) == (27, 29)


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("Hex", "abc", "odd number"),
        ("Hex", "0g", "not a hex digit"),
        ("Hex", " ", "no hex digits"),
        ("Text", "", "Write what to find"),
        ("Text", "€", "does not exist in ascii"),
        ("Text", "nowhere", "Not found."),
    ],
)
def test_what_cannot_be_found_is_said_beside_the_field(
    bar: FindBar, qtbot: QtBot, stream: ByteStream, kind: str, typed: str, told: str
) -> None:
    bar.set_encoding("ascii")
    bar.kind.setCurrentText(kind)
    bar.field.setText(typed)
    qtbot.keyClick(bar.field, ENTER)
    qtbot.waitUntil(lambda: told in bar.problem.text())
    assert bar.problem.isVisible()
    qtbot.keyClick(bar.field, Qt.Key.Key_A)
    assert not bar.problem.isVisible()


def test_bytes_that_came_later_are_found_too(bar: FindBar, qtbot: QtBot, writer: Writer, stream: ByteStream) -> None:
    qtbot.keyClicks(bar.field, "Hello")
    find(qtbot, bar)
    put(writer, SENT, b"Hello")
    stream.index.advance()
    find(qtbot, bar)
    assert bar.status.text() == "2 of 5"


def test_a_search_can_be_cancelled_and_taken_up_again(
    bar: FindBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.capture.search import Search

    def slow(self: Search, progress) -> bool:
        while progress(1, 2):
            pass
        return False

    with monkeypatch.context() as patch:
        patch.setattr(Search, "run", slow)
        qtbot.keyClicks(bar.field, "Hello")
        qtbot.keyClick(bar.field, ENTER)
        qtbot.waitUntil(lambda: bar.bar.value() == 500)
        assert bar.cancel_button.isVisible()
        qtbot.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bar.status.text().startswith("Stopped"))
    assert not bar.cancel_button.isVisible()
    assert find(qtbot, bar) == (0, 5)


def test_escape_closes_it(bar: FindBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


# -- go to ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offset"), [("500", 500), ("0x1F4", 500), ("0X1f4", 500), ("1,000", 1000), (" 1 000 ", 1000), ("0", 0)]
)
def test_offsets_as_people_write_them(text: str, offset: int) -> None:
    assert parse_offset(text, 2000) == offset


@pytest.mark.parametrize(
    ("text", "size", "told"),
    [
        ("", 10, "Write an offset"),
        ("1f4", 2000, "as hex, write 0x1f4"),
        ("xyz", 10, "is not an offset"),
        ("-1", 10, "is not an offset"),
        ("0x", 10, "is not an offset"),
        ("٣", 10, "is not an offset"),
        ("2000", 2000, "the last byte is at 1,999 (0x7CF)"),
        ("9" * 5000, 2000, "beyond the end"),
        ("0", 0, "no bytes here yet"),
    ],
)
def test_offsets_that_do_not_exist(text: str, size: int, told: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_offset(text, size)
    assert told in caught.value.message


def test_going_to_an_offset(qtbot: QtBot, theme: Theme) -> None:
    bar = GotoBar(theme, lambda: 2000)
    qtbot.addWidget(bar)
    bar.open_bar()
    qtbot.keyClicks(bar.field, "5000")
    qtbot.keyClick(bar.field, ENTER)
    assert "beyond the end" in bar.problem.text()
    bar.field.clear()
    qtbot.keyClicks(bar.field, "0x1F4")
    assert bar.problem.text() == ""
    with qtbot.waitSignal(bar.chosen) as blocker:
        qtbot.keyClick(bar.field, ENTER)
    assert blocker.args == [500]
