"""The strip beside the scroll bar, and marks on the scroll bar: what a user sees and clicks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPixmap
from PySide6.QtWidgets import QApplication, QToolTip

from explorer.capture.overview import Overview, Part
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.ui.widgets.marked_scroll_bar import Mark, MarkedScrollBar
from explorer.ui.widgets.overview_bar import OverviewBar, lines_of
from tests.gui.byte_captures import RECEIVED, SENT, put


@pytest.fixture
def overview(writer):
    """1,000 bytes received, then 1,000 sent."""
    for kind in (RECEIVED, SENT):
        for _ in range(100):
            put(writer, kind, bytes(10))
    found = Overview(Reader.of(writer), Scope())
    found.advance()
    return found


@pytest.fixture
def bar(qtbot, theme, overview):
    bar = OverviewBar(theme)
    qtbot.addWidget(bar)
    bar.resize(21, 200)
    bar.set_overview(overview)
    bar.show()
    qtbot.waitExposed(bar)
    return bar


_PARTS = st.lists(
    st.builds(lambda r, s, t, d: Part(r, s, t, t + d), *[st.integers(0, 999)] * 4).filter(lambda part: part.size),
    max_size=40,
)


@given(parts=_PARTS, height=st.integers(0, 100))
def test_every_line_of_pixels_has_something_to_show(parts, height):
    found = lines_of(tuple(parts), height)
    assert len(found) == (height if parts else 0)
    assert all(0 <= line.received <= 1 and line.pace > 0 for line in found)


def test_directions_stand_on_their_sides(bar, theme):
    picture = bar.grab().toImage()
    colors = theme.colors

    def shade(x: int, y: int) -> tuple[bool, bool]:
        """Whether a place is nearer to the colour of received or of sent bytes than to the ground."""
        color = picture.pixelColor(x, y)
        return color.blue() > color.red() + 20, color.red() > color.blue() + 20

    assert shade(6, 50) == (True, False)
    assert picture.pixelColor(15, 50) == QColor(colors.window)
    assert shade(15, 150) == (False, True)
    assert picture.pixelColor(6, 150) == QColor(colors.window)


def test_a_click_goes_to_the_place(bar, qtbot):
    with qtbot.waitSignal(bar.wanted) as told:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(5, 150))
    assert told.args == [1500]
    with qtbot.waitSignal(bar.wanted) as told:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(5, 0))
    assert told.args == [0]


def test_the_frame_says_what_is_shown(bar):
    bar.set_shown(1000, 1200)
    assert (bar.shown_rect().top(), bar.shown_rect().height()) == (100, 20)
    bar.set_shown(1999, 2000)  # never too thin to be seen
    assert bar.shown_rect().height() >= 5
    assert bar.shown_rect().bottom() < 200


def test_the_frame_stays_within_the_strip_and_is_not_drawn_around_everything(bar, theme):
    def dark() -> list[QPoint]:
        """Pixels in the colour of the frame."""
        picture, color = bar.grab().toImage(), QColor(theme.colors.text)
        places = (QPoint(x, y) for y in range(picture.height()) for x in range(picture.width()))
        return [place for place in places if picture.pixelColor(place) == color]

    for start, stop in ((0, 100), (1000, 1200), (1990, 2000)):
        bar.set_shown(start, stop)
        frame = dark()
        assert frame
        assert all(bar.shown_rect().contains(place) and 2 < place.x() < bar.width() - 1 for place in frame)
    bar.set_shown(0, 2000)
    assert not dark()


def test_the_strip_has_an_edge_all_round(bar, theme):
    picture, edge = bar.grab().toImage(), QColor(theme.colors.border)
    for y in range(picture.height()):
        assert picture.pixelColor(2, y) == picture.pixelColor(picture.width() - 1, y) == edge
    for x in range(2, picture.width()):
        assert picture.pixelColor(x, 0) == picture.pixelColor(x, picture.height() - 1) == edge


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_tip_says_what_stands_there(bar, qtbot):
    QApplication.sendEvent(bar, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 50), bar.mapToGlobal(QPoint(5, 50))))
    qtbot.waitUntil(QToolTip.isVisible)
    assert QToolTip.text().startswith("Near offset 0x1F4 (500 B): received, ")


def test_it_grows_with_the_capture(bar, overview, writer, qtbot):
    put(writer, SENT, bytes(2000))
    overview.advance()
    bar.refresh()
    qtbot.waitUntil(lambda: bar.size_shown == 4000)


def test_a_stream_that_grows_all_the_time_is_drawn_a_few_times_a_second(bar, overview, writer, qtbot, monkeypatch):
    drawn: list[float] = []
    draw = bar._draw

    def draw_and_count(scale: float) -> QPixmap:
        drawn.append(scale)
        return draw(scale)

    monkeypatch.setattr(bar, "_draw", draw_and_count)
    put(writer, SENT, bytes(2000))
    overview.advance()
    bar.refresh()
    qtbot.waitUntil(lambda: bar.size_shown == 4000)
    for _ in range(20):
        put(writer, SENT, bytes(100))
        overview.advance()
        bar.refresh()
        bar.repaint()
    assert len(drawn) <= 3
    qtbot.waitUntil(lambda: bar.size_shown == 6000)


def test_marks_stand_where_their_places_are(qtbot):
    bar = MarkedScrollBar()
    qtbot.addWidget(bar)
    bar.setRange(0, 1000)
    bar.resize(16, 300)
    bar.show()
    qtbot.waitExposed(bar)
    bar.set_marks([Mark(0.0, "#ff0000"), Mark(1.0, "#00ff00"), Mark(0.5, "#0000ff", side=0)])
    groove, picture = bar.groove(), bar.grab().toImage()
    for mark in bar.marks:
        assert groove.contains(bar.mark_rect(mark))
        assert picture.pixelColor(bar.mark_rect(mark).center()) == QColor(mark.color)
    bar.set_marks([])
    assert bar.grab().toImage().pixelColor(groove.center()) != QColor("#ff0000")
