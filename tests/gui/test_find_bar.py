"""Finding bytes and going to an offset, as a user does it."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.search import Search
from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.errors import InputError
from explorer.ui.go_to import EXAMPLES
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_window import load_window
from explorer.ui.widgets.find_bar import FindBar
from explorer.ui.widgets.goto_bar import GotoBar, parse_offset
from explorer.ui.workbench import Workbench
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of

ENTER, SHIFT = Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme, writer: Writer, workbench: Workbench) -> FindBar:
    """Hello in call 0 at 0 and 12, and over the border of calls 2 and 4; hello in lower case at 6."""
    for kind, data in [
        (RECEIVED, b"Hello hello Hello "),
        (SENT, b"...."),
        (SENT, b"Hel"),
        (RECEIVED, b"lo"),
        (SENT, b"lo\r\n"),
    ]:
        put(writer, kind, data)
    made = FindBar(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 120)
    made.open_bar()
    with qtbot.waitExposed(made):
        made.show()
    return made


def find(qtbot: QtBot, bar: FindBar, modifiers: Qt.KeyboardModifier = PLAIN) -> tuple[int, int]:
    """Press Enter. The place that was gone to."""
    with qtbot.waitSignal(bar.found) as blocker:
        qtbot.keyClick(bar.field, ENTER, modifiers)
    qtbot.waitUntil(lambda: not bar._finder.searching)
    span = blocker.args[0]
    return span.first_call, span.first_skip


def choose(bar: FindBar, kind: str) -> None:
    bar.options.choose_kind(kind)


def test_enter_goes_from_hit_to_hit_and_around(bar: FindBar, qtbot: QtBot, workbench: Workbench) -> None:
    qtbot.keyClicks(bar.field, "Hello")
    bar.options.case.setChecked(True)
    assert find(qtbot, bar) == (0, 0)
    assert bar.status.text() == "1 of 3"
    assert find(qtbot, bar) == (0, 12)
    assert find(qtbot, bar) == (2, 0)
    assert workbench.selection.span == Span(2, 0, 4, 2, 1, False)
    assert find(qtbot, bar) == (0, 0)
    assert bar.status.text() == "1 of 3 · went on from the beginning"
    assert find(qtbot, bar, SHIFT) == (2, 0)
    assert bar.status.text() == "3 of 3 · went on from the end"
    assert find(qtbot, bar, SHIFT) == (0, 12)
    assert bar.status.text() == "2 of 3"


def test_it_goes_on_from_the_cursor(bar: FindBar, qtbot: QtBot, workbench: Workbench) -> None:
    qtbot.keyClicks(bar.field, "hello")
    assert find(qtbot, bar) == (0, 0)
    workbench.selection.choose_cursor(Place(0, 8))
    assert find(qtbot, bar) == (0, 12)
    workbench.selection.choose_cursor(Place(2, 0))  # a hit, but not the one gone to last
    assert find(qtbot, bar) == (2, 0)


def test_typing_finds_after_a_pause_from_where_the_cursor_was(bar: FindBar, qtbot: QtBot, workbench: Workbench) -> None:
    workbench.selection.choose_cursor(Place(0, 3))
    with qtbot.waitSignal(bar.found) as blocker:
        qtbot.keyClicks(bar.field, "h")
    assert blocker.args[0] == Span(0, 6, 0, 7)
    with qtbot.waitSignal(bar.found) as blocker:
        qtbot.keyClicks(bar.field, "ello")
    assert blocker.args[0] == Span(0, 6, 0, 11)  # the hit grows, the cursor stays
    bar.field.clear()
    qtbot.waitUntil(lambda: bar.search is None)


def tab_stops(bar: QWidget, first: QWidget) -> list[str]:
    """What Tab leads to from `first` on, as far as the bar goes."""
    found, widget = [first], first.nextInFocusChain()
    while widget is not None and widget is not first:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(bar) and bar.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return [one.accessibleName() or one.property("text") or one.property("placeholderText") for one in found]


def test_tab_leads_through_the_bar_from_left_to_right(bar: FindBar, qtbot: QtBot) -> None:
    line = ["text", "Previous", "Next", "List results", "Close the find bar"]
    where = ["Where to find", "Direction"]
    assert tab_stops(bar, bar.field) == [*line, "What is typed", "Encoding of what is typed", "Match case", *where]
    choose(bar, "number")
    width = ["What is typed", "Width of the number", "Order of the number's bytes"]
    assert tab_stops(bar, bar.field) == ["1234, -5 or 0x4d2", *line[1:], *width, *where]


def test_tab_leads_through_go_to_from_left_to_right(theme: Theme, qtbot: QtBot) -> None:
    other = GotoBar(theme, lambda: 1)
    qtbot.addWidget(other)
    other.open_bar()
    assert tab_stops(other, other.field) == [EXAMPLES, "Go", "Close Go to"]


def test_case_counts_only_when_asked(bar: FindBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(bar.field, "hello")
    find(qtbot, bar)
    assert bar.status.text() == "1 of 4"
    bar.options.case.setChecked(True)
    find(qtbot, bar)
    assert bar.status.text() == "1 of 1"


def test_hits_that_are_seen_are_marked(bar: FindBar, qtbot: QtBot, workbench: Workbench, writer: Writer) -> None:
    stream = stream_of(writer)
    qtbot.keyClicks(bar.field, "Hello")
    bar.options.case.setChecked(True)
    with qtbot.waitSignal(bar.marks_changed):
        find(qtbot, bar)
    assert list(bar.ranges_in(load_window(stream, 14, 24))) == [(14, 17), (22, 24)]
    assert list(bar.ranges_in(load_window(stream, 22, 31))) == [(22, 25), (27, 29)]  # received bytes stand between
    assert list(bar.ranges_in(load_window(stream, 5, 12))) == []
    with qtbot.waitSignal(bar.marks_changed):
        bar.close_bar()
    assert list(bar.ranges_in(load_window(stream, 0, 31))) == []
    assert bar.search is not None  # the list of results keeps them


@pytest.mark.parametrize(
    ("kind", "typed", "place", "size"),
    [
        ("hex", "0d 0a", (4, 2), 2),
        ("hex", "4? 65 6c ?? 6f 0d", (2, 0), 6),
        ("regex", r"l+o\r", (2, 2), 4),
        ("number", "0x6c6c", (0, 2), 2),
        ("text", "LO\u0020h", (0, 3), 4),
    ],
)
def test_each_kind_finds_also_over_the_border_of_calls(
    bar: FindBar, qtbot: QtBot, workbench: Workbench, kind: str, typed: str, place: tuple[int, int], size: int
) -> None:
    choose(bar, kind)
    bar.options.width_box.setCurrentIndex(bar.options.width_box.findData("2"))
    qtbot.keyClicks(bar.field, typed)
    assert find(qtbot, bar) == place
    assert bar.search is not None
    assert bar.search.hit(0).size == size
    assert workbench.selection.span == bar.search.hit(0).span


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("hex", "abc", "odd number"),
        ("hex", "0g", "not a hex digit"),
        ("hex", "0? zz", "Character 4: 'z' is neither"),
        ("hex", " ", "no hex digits"),
        ("hex", "??", "fits every byte"),
        ("text", "", "Write what to find"),
        ("text", "€", "does not exist in ASCII"),
        ("text", "nowhere", "Not found in the whole capture."),
        ("regex", "(a", "Character 1: This ( has no ) that closes it."),
        ("regex", r"(a)\1", "linear time"),
        ("regex", "a*", "without any bytes"),
        ("number", "70000", "does not fit into 2 bytes"),
        ("number", "ten", "is not a whole number"),
    ],
)
def test_what_cannot_be_found_is_said_beside_the_field(
    bar: FindBar, qtbot: QtBot, kind: str, typed: str, told: str
) -> None:
    bar.set_encoding("ascii")
    choose(bar, kind)
    bar.options.width_box.setCurrentIndex(bar.options.width_box.findData("2"))
    bar.field.setText(typed)
    qtbot.keyClick(bar.field, ENTER)
    qtbot.waitUntil(lambda: told in bar.problem.text())
    assert bar.problem.isVisible()
    assert bar.field.text() == typed
    qtbot.keyClick(bar.field, Qt.Key.Key_A)
    assert not bar.problem.isVisible()


def test_where_is_what_is_chosen_at_the_left_unless_said_otherwise(
    bar: FindBar, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, b"Hello", 2, 7)
    put(writer, SENT, b"Hello", 2, 8)
    qtbot.keyClicks(bar.field, "Hello")
    find(qtbot, bar)
    assert bar.status.text() == "1 of 6"
    workbench.selection.choose_scope(Scope(2, 7))
    assert [bar.options.scope_box.itemText(place) for place in range(3)] == [
        "the whole capture",
        "this socket",
        "this connection",
    ]
    assert find(qtbot, bar) == (5, 0)
    assert bar.status.text() == "1 of 1 · went on from the beginning" or bar.status.text() == "1 of 1"
    bar.options.scope_box.setCurrentIndex(1)
    find(qtbot, bar)
    assert bar.status.text().split(" ·")[0] == "2 of 2"
    assert workbench.selection.scope == Scope(2, 8)  # the hit is of another connection: that is looked at now
    bar.options.direction.setCurrentIndex(1)
    find(qtbot, bar)
    assert bar.status.text().split(" ·")[0] == "1 of 1"


def test_the_choices_stay_where_they_are_whatever_is_said(bar: FindBar, qtbot: QtBot) -> None:
    def places() -> tuple[object, ...]:
        return tuple(
            one.mapTo(bar, QPoint(0, 0)).toTuple()
            for one in (bar.options.kind, bar.options.encoding, bar.options.scope_box, bar.options.direction)
        )

    before = places(), bar.sizeHint().height()
    bar.field.setText("nowhere")
    qtbot.keyClick(bar.field, ENTER)
    qtbot.waitUntil(lambda: "Not found" in bar.problem.text())
    qtbot.wait(0)
    assert (places(), bar.sizeHint().height()) == before
    bar.field.setText("Hello")
    find(qtbot, bar, SHIFT)
    assert "went on from the end" in bar.status.text()
    assert (places(), bar.sizeHint().height()) == before
    assert bar.status.mapTo(bar, QPoint(0, 0)).y() > bar.options.geometry().bottom()


def test_a_button_looks_further_where_nothing_was_found(
    bar: FindBar, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    put(writer, SENT, b"nothing", 2, 7)
    workbench.selection.choose_scope(Scope(2))
    bar.options.direction.choose("received")
    bar.field.setText("Hello h")
    qtbot.keyClick(bar.field, ENTER)
    qtbot.waitUntil(bar.widen_button.isVisible)
    assert bar.problem.text() == "Not found in this socket, received."
    assert bar.widen_button.text() == "Look in both directions"
    qtbot.mouseClick(bar.widen_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bar.problem.text() == "Not found in this socket.")
    assert bar.widen_button.text() == "Look in the whole capture"
    bar.widen_button.setFocus()
    with qtbot.waitSignal(bar.found) as found:
        qtbot.keyClick(bar.widen_button, Qt.Key.Key_Space)
    assert found.args[0].first == Place(0, 0)
    assert not bar.widen_button.isVisible()
    assert bar.field.hasFocus()


def test_what_the_bar_says_is_about_what_is_looked_for_now(
    bar: FindBar, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, b"Hello", 2, 7)
    put(writer, SENT, b"Hello", 2, 8)
    qtbot.keyClicks(bar.field, "Hello")
    find(qtbot, bar)
    assert bar.status.text() == "1 of 6"
    workbench.selection.choose_scope(Scope(2))
    assert bar.status.text() == "6 hits in the whole capture. Enter looks in this socket."
    workbench.selection.choose_scope(Scope())
    assert bar.status.text() == "1 of 6"
    workbench.selection.choose_scope(Scope(2, 7))
    find(qtbot, bar)
    workbench.selection.choose_scope(Scope(2, 8))
    assert bar.status.text() == "1 hit in the connection chosen before. Enter looks in this connection."
    find(qtbot, bar)
    assert bar.status.text().startswith("1 of 1")
    bar._finder.clear()  # as the list of results does, and a new capture
    assert bar.status.text() == ""
    assert bar.problem.text() == ""
    bar.field.setText("nowhere")
    qtbot.keyClick(bar.field, ENTER)
    qtbot.waitUntil(lambda: "Not found" in bar.problem.text())
    workbench.capture_changed.emit()
    assert (bar.status.text(), bar.problem.text()) == ("", "")
    assert bar.field.text() == "nowhere"


def test_bytes_that_come_later_are_found_too(bar: FindBar, qtbot: QtBot, writer: Writer, workbench: Workbench) -> None:
    qtbot.keyClicks(bar.field, "Hello")
    find(qtbot, bar)
    assert bar.status.text() == "1 of 4"
    put(writer, SENT, b"Hello")
    qtbot.waitUntil(lambda: bar.status.text() == "1 of 5")
    assert find(qtbot, bar) == (0, 6)


def test_a_search_can_be_cancelled_and_taken_up_again(
    bar: FindBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(self: Search, progress) -> bool:
        pause = threading.Event()
        while progress(1, 2):
            pause.wait(0.005)
        return False

    with monkeypatch.context() as patch:
        patch.setattr(Search, "run", slow)
        qtbot.keyClicks(bar.field, "Hello")
        qtbot.keyClick(bar.field, ENTER)
        qtbot.waitUntil(lambda: bar.bar.value() == 50)
        assert bar.cancel_button.isVisible()
        qtbot.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bar.status.text().startswith("Stopped"))
    assert not bar.cancel_button.isVisible()
    assert find(qtbot, bar) == (0, 0)


def test_what_was_looked_for_comes_back_with_the_arrow_keys(bar: FindBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(bar.field, "Hello")
    find(qtbot, bar)
    choose(bar, "hex")
    bar.field.setText("6c ??")
    find(qtbot, bar)
    bar.field.setText("6d")
    for key, kind, typed in (
        (Qt.Key.Key_Up, "hex", "6c ??"),
        (Qt.Key.Key_Up, "text", "Hello"),
        (Qt.Key.Key_Up, "text", "Hello"),
        (Qt.Key.Key_Down, "hex", "6c ??"),
        (Qt.Key.Key_Down, "hex", "6d"),
    ):
        qtbot.keyClick(bar.field, key)
        assert (bar.options.kind_name, bar.field.text()) == (kind, typed)
    assert bar._finder.history.lines == ["text:Hello", "hex:6c ??"]


def test_escape_closes_it(bar: FindBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.closed):
        qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_choices_are_kept_for_the_next_start(bar: FindBar, qtbot: QtBot) -> None:
    usual = {"kind": "text", "width": "4", "order": "either", "case": "ignore"}
    assert bar.options.choices == usual
    bar.options.set_choices({"kind": "smell", "width": "5", "order": "", "case": "maybe", "else": "x"})
    assert bar.options.choices == usual
    chosen = {"kind": "number", "width": "float32", "order": "big", "case": "match"}
    with qtbot.waitSignal(bar.options.changed):
        bar.options.set_choices(chosen)
    assert bar.options.choices == chosen
    assert bar.field.placeholderText() == "1234, -5 or 0x4d2"
    bar.options.set_choices({"kind": "hex"})
    assert bar.options.choices == {**chosen, "kind": "hex"}


def test_the_encoding_is_that_of_the_socket_until_another_one_is_chosen(bar: FindBar) -> None:
    bar.set_encoding("latin-1")
    assert bar.options.pattern_options.encoding == "latin-1"
    bar.options.encoding.choose("utf-16-le")
    bar.options.encoding.activated.emit(bar.options.encoding.currentIndex())
    bar.set_encoding("koi8-r")
    assert bar.options.pattern_options.encoding == "utf-16-le"
    bar.options.encoding.choose("koi8-r")  # that of the socket: it follows again
    bar.options.encoding.activated.emit(bar.options.encoding.currentIndex())
    bar.set_encoding("utf-8")
    assert bar.options.pattern_options.encoding == "utf-8"


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
