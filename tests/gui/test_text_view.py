"""The text view: rows on the screen, scrolling, following, selecting, painting, being read out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.stream import ByteStream, CallPart
from explorer.capture.writer import Writer
from explorer.ui.theme import LIGHT, Theme
from explorer.ui.widgets import text_accessible
from explorer.ui.widgets.text_page import TextPage
from explorer.ui.widgets.text_rows import SPAN, TextRows
from explorer.ui.widgets.text_view import TextMarks, TextView
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
LINES = b"".join(b"line %04d\r\n" % number for number in range(1000))  # 11 bytes each


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> TextView:
    text_accessible.install()
    made = TextView(theme)
    qtbot.addWidget(made)
    made.resize(600, 20 * made.painter.line + 2 * made.frameWidth())
    made.show()
    qtbot.waitExposed(made)
    return made


def said(view: TextView) -> list[str]:
    return [row.text for row in view.shown_rows()]


def grow(view: TextView, stream: ByteStream, writer: Writer, data: bytes) -> None:
    put(writer, RECEIVED, data)
    stream.advance()
    view.refresh()


def place_of(view: TextView, offset: int) -> QPoint:
    for number, row in enumerate(view.shown_rows()):
        if row.start <= offset < row.stop:
            box = view.painter.rect(row, *row.bytes_of(row.index(offset)), number * view.painter.line)
            return box.center()
    raise AssertionError(offset)


def turn(view: TextView, notches: int) -> None:
    place = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        place,
        view.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


# -- scrolling and following ------------------------------------------------------------------------------


def test_it_shows_the_end_and_follows(view: TextView, writer: Writer) -> None:
    stream = stream_of(writer, [(RECEIVED, LINES)])
    view.set_stream(stream)
    assert view.whole_rows == 20
    assert said(view)[-1] == "line 0999␍␊"
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    grow(view, stream, writer, b"newest\n")
    assert said(view)[-1] == "newest␊"
    assert view.following
    assert view.tail_button.isHidden()


def test_scrolling_up_ends_following_and_the_button_leads_back(view: TextView, writer: Writer, qtbot: QtBot) -> None:
    stream = stream_of(writer, [(RECEIVED, LINES)])
    view.set_stream(stream)
    turn(view, 1)
    assert said(view)[0] == "line 0977␍␊"
    assert not view.following
    top = view.top
    grow(view, stream, writer, b"newest\n")
    assert view.top == top
    assert view.tail_button.text() == "▼ 7 new bytes"
    qtbot.mouseClick(view.tail_button, LEFT)
    assert said(view)[-1] == "newest␊"
    assert view.following
    turn(view, 2)
    turn(view, -2)
    assert view.following


def test_the_scroll_bar_goes_by_rows_by_pages_and_to_places(view: TextView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, LINES)]))
    bar = view.verticalScrollBar()
    bar.triggerAction(bar.SliderAction.SliderSingleStepSub)
    assert said(view)[0] == "line 0979␍␊"
    bar.triggerAction(bar.SliderAction.SliderPageStepSub)
    assert said(view)[0] == "line 0959␍␊"
    bar.setValue(5 * 11 + 3)
    assert said(view)[0] == "line 0005␍␊"
    bar.triggerAction(bar.SliderAction.SliderPageStepAdd)
    assert said(view)[0] == "line 0025␍␊"
    bar.setValue(bar.maximum())
    assert view.following
    bar.setValue(0)
    assert view.top == 0


def test_keys_move_by_character_row_and_page(view: TextView, writer: Writer, qtbot: QtBot) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, "a€b\nxyz\n\nlong line\n".encode() + LINES)]))
    key = Qt.Key
    qtbot.keyClick(view, key.Key_Home, CONTROL)
    assert view.cursor_offset == view.top == 0
    steps = [
        (key.Key_Right, 1), (key.Key_Right, 4), (key.Key_Left, 1), (key.Key_Right, 4), (key.Key_Down, 8),
        (key.Key_Down, 10), (key.Key_Down, 13), (key.Key_Up, 10), (key.Key_Home, 10), (key.Key_End, 10),
        (key.Key_Down, 11), (key.Key_End, 20), (key.Key_Left, 19), (key.Key_Right, 20), (key.Key_Right, 21),
    ]  # fmt: skip
    for one, offset in steps:
        qtbot.keyClick(view, one)
        assert view.cursor_offset == offset, one
    qtbot.keyClick(view, key.Key_PageDown)
    assert view.cursor_offset == 21 + 20 * 11
    assert view.cursor_rect().isValid()
    qtbot.keyClick(view, key.Key_PageUp)
    qtbot.keyClick(view, key.Key_End, CONTROL)
    assert view.following
    assert view.cursor_offset == view.total - 1


# -- selecting ------------------------------------------------------------------------------------------------


def test_whole_characters_are_selected(view: TextView, writer: Writer, qtbot: QtBot) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, "a€b€c\n".encode())]))
    with qtbot.waitSignal(view.selected):
        qtbot.mouseClick(view.viewport(), LEFT, pos=place_of(view, 2))
    assert view.selection == (1, 4)
    qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert view.ranges == ((1, 8),)
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Left, SHIFT)
    assert view.ranges == ((0, 4),)
    qtbot.mousePress(view.viewport(), LEFT, pos=place_of(view, 6))
    qtbot.mouseMove(view.viewport(), place_of(view, 1))
    qtbot.mouseRelease(view.viewport(), LEFT, pos=place_of(view, 1))
    qtbot.keyClick(view, Qt.Key.Key_A, CONTROL)
    assert view.selection == (0, view.total)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.selection is None
    qtbot.mouseDClick(view.viewport(), LEFT, pos=place_of(view, 1))
    assert view.selection == (0, 10)


def test_what_others_select_is_shown_and_told_nobody(view: TextView, writer: Writer, qtbot: QtBot) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, LINES)]))
    with qtbot.assertNotEmitted(view.selected):
        view.select_ranges(((1100, 1105), (1200, 1203)))
        assert view.ranges == ((1100, 1105), (1200, 1203))
        assert said(view)[5] == "line 0100␍␊"
        assert not view.following
        view.put_cursor(7)
        assert not view.ranges
        view.clear_selection(by_user=False)
    view.put_cursor(10**9)
    assert view.cursor_offset == view.total - 1


# -- painting -------------------------------------------------------------------------------------------------


def shot(view: TextView) -> QImage:
    return view.viewport().grab().toImage()


def test_directions_selection_and_hits_have_their_colours(view: TextView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, b"hello\n"), (SENT, b"world\n")]))
    painter = view.painter
    image = shot(view)
    assert image.pixelColor(painter.received_x + 1, 5) == QColor(LIGHT.received)
    assert image.pixelColor(painter.sent_x + 1, painter.line + 5) == QColor(LIGHT.sent)
    beside = painter.text_x + 20 * painter.cell
    assert image.pixelColor(beside, 5) == QColor(LIGHT.received_tint)
    assert image.pixelColor(beside, painter.line + 5) == QColor(LIGHT.sent_tint)
    view.select(1, 3)
    view.set_marks(lambda start, stop: [(6, 8)])
    image = shot(view)
    assert image.pixelColor(painter.text_x + painter.cell, painter.line - 1) != QColor(LIGHT.received_tint)
    corner = painter.text_x + 2 * painter.cell + painter.cell - 1
    assert image.pixelColor(corner, painter.line - 2) == QColor(LIGHT.accent)
    assert image.pixelColor(painter.text_x, 2 * painter.line - 2) == QColor(LIGHT.hit)


def test_hits_can_be_given_at_each_painting(view: TextView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, b"hello\n")]))
    asked: list[tuple[int, int]] = []

    def mark(marks: TextMarks) -> None:
        asked.append((marks.start, marks.stop))
        marks.hits += ((0, 2),)

    view.marking.connect(mark)
    view.put_cursor(4)
    image = shot(view)
    assert asked[-1] == (0, 6)
    assert image.pixelColor(view.painter.text_x + view.painter.cell, 1) == QColor(LIGHT.hit)


def test_a_line_of_any_length_is_quick_anywhere(view: TextView, writer: Writer) -> None:
    """64 MiB without a line end: no more than a bounded part of it is looked at."""
    stream = stream_of(writer, [(RECEIVED, b"no line ends here, ever; " * 40_000)] * 64)
    view.set_stream(stream)
    view.resize(1200, 60 * view.painter.line)
    shot(view)
    jumps, paints = [], []
    with untraced():
        for place in (0, stream.size // 2, stream.size - 1, stream.size // 3):
            begin = time.perf_counter()
            view.select(place, place + 1)
            view.shown_rows()
            jumps.append(time.perf_counter() - begin)
            shot(view)
            begin = time.perf_counter()
            view.viewport().repaint()
            paints.append(time.perf_counter() - begin)
    assert min(paints) < 0.008
    assert max(jumps) < 0.05
    assert view.rows is not None
    assert all(row.stop - row.start <= 4096 for row in view.shown_rows())


def test_another_width_keeps_the_place(view: TextView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, b"word " * 20_000)]))
    view.select(50_000, 50_001)
    shown = view.shown_rows()
    assert shown[0].start < 50_000 < shown[-1].stop
    top = view.top
    view.resize(400, view.height())
    row = view.shown_rows()[0]
    assert row.start <= top < row.stop
    view.set_options(wrap=False, lines=True, style="symbols")
    assert view.horizontalScrollBar().maximum() > 0


# -- being read out -------------------------------------------------------------------------------------------


def test_a_screen_reader_is_told_the_text(view: TextView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, b"hello\nagain\n"), (SENT, b"world\n")]))
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.text(QAccessible.Text.Name) == "Text"
    assert interface.text(QAccessible.Text.Description) == "received: hello␊\nagain␊\nsent: world␊"
    view.put_cursor(13)
    assert interface.text(QAccessible.Text.Value) == "sent: world␊"
    assert text_accessible.describe_cursor(view) == "o, offset 13"
    view.select(3, 8)
    assert text_accessible.describe_cursor(view) == "5 bytes selected: lo␊ag"
    view.set_stream(None)
    assert interface.text(QAccessible.Text.Description) == "no text yet"


# -- the page -------------------------------------------------------------------------------------------------


def test_the_page_chooses_how_text_is_read_and_shown(qtbot: QtBot, theme: Theme, writer: Writer) -> None:
    page = TextPage(theme)
    qtbot.addWidget(page)
    page.resize(700, 300)
    page.show()
    stream = stream_of(writer, [(RECEIVED, b"a\xe9\r\nb")])
    page.set_stream(stream)
    assert said(page.view) == ["a\ufffd␍␊", "b"]
    page.set_encoding("latin-1")
    assert said(page.view) == ["aé␍␊", "b"]
    page.style_choice.setCurrentIndex(1)
    assert said(page.view) == [r"aé\r\n", "b"]
    qtbot.mouseClick(page.lines, LEFT, pos=QPoint(6, page.lines.height() // 2))
    assert said(page.view) == [r"aé\r\nb"]
    page.encoding_choice.setCurrentIndex(page.encoding_choice.findData("koi8-r"))
    page.encoding_choice.activated.emit(page.encoding_choice.currentIndex())
    page.set_encoding("latin-1")  # the user's choice stays
    assert page.view.encoding == "koi8-r"
    with qtbot.waitSignal(page.selected):
        qtbot.mouseClick(page.view.viewport(), LEFT, pos=place_of(page.view, 1))
    assert page.ranges == ((1, 2),)
    assert page.cursor_offset == 1
    page.set_stream(stream)  # other rows of the byte view: the text stays where it is
    assert not page.ranges


def test_ten_thousand_directions_and_no_bytes(view: TextView, writer: Writer, tmp_path: Path) -> None:
    assert said(view) == []
    shot(view)
    view.set_stream(stream_of(writer, [((RECEIVED, SENT)[at % 2], b"x") for at in range(10_000)]))
    assert said(view) == ["x"] * 20
    with untraced():
        begin = time.perf_counter()
        view.select(5000, 5001)
        shot(view)
        assert time.perf_counter() - begin < 0.05


def test_characters_of_all_scripts_can_be_painted(view: TextView, writer: Writer) -> None:
    """Also those that no font of this machine has."""
    text = "".join(chr(code) for code in range(0x100, 0x3000, 7) if chr(code).isprintable())
    view.set_stream(stream_of(writer, [(RECEIVED, text.encode())]))
    view.select(0, 1)
    assert len({shown for row in view.shown_rows() for shown in row.shown}) > 500
    assert not shot(view).isNull()


def test_tiny_reads_without_ends_of_line_are_looked_at_once(
    view: TextView, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40_000):
        put(writer, RECEIVED, b"%x" % (number % 16))
    stream = stream_of(writer)
    looked, parts = [0], stream.parts

    def counted(start: int, stop: int) -> Iterator[CallPart]:
        for part in parts(start, stop):
            looked[0] += 1
            yield part

    monkeypatch.setattr(stream, "parts", counted)
    view.set_stream(stream)
    assert looked[0] < 3 * SPAN
    for _ in range(3):
        looked[0] = 0
        grow(view, stream, writer, b"y")
        view.viewport().repaint()
        assert looked[0] <= 10
    assert said(view)[-1].endswith("fyyy")
    looked[0] = 0
    view.select(20_000, 20_001)
    view.viewport().repaint()
    assert looked[0] < 4 * SPAN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "shift_jis"])
def test_rows_do_not_depend_on_what_was_looked_at_before(writer: Writer, encoding: str) -> None:
    data = ("日本語 text\r\n" * 30 + "ひらがな" * 3000).encode(encoding)
    random = Random(1)
    while data:
        size = random.choice([1, 2, 3, 50])
        put(writer, random.choice([RECEIVED, RECEIVED, RECEIVED, SENT]), data[:size], connection=random.choice([1, 2]))
        data = data[size:]
    stream = stream_of(writer)
    warm = TextRows(stream, encoding, 40)
    for _ in range(60):
        place = random.choice([random.randrange(stream.size), stream.size - 1 - random.randrange(500)])
        fresh = TextRows(stream, encoding, 40)
        assert warm.rows_from(place, 5) == fresh.rows_from(place, 5)
        assert warm.rows_before(place, 5) == TextRows(stream, encoding, 40).rows_before(place, 5)
