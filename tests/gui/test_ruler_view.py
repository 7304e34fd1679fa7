"""The chunk ruler's picture: what is painted where, how it zooms and scrolls, what keys and mouse choose."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.chunk_ruler import ChunkRuler
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice
from explorer.ui.theme import Theme
from explorer.ui.widgets import ruler_accessible
from explorer.ui.widgets.ruler_painter import shade_of, tick_step
from explorer.ui.widgets.ruler_scale import Scale
from explorer.ui.widgets.ruler_scene import COLUMN, NARROW
from explorer.ui.widgets.ruler_view import RulerView
from explorer.ui.widgets.ruler_words import ABSENT, MESSAGES, RECEIVED, SENT, lane_words
from tests.capture.making import closed, traffic
from tests.capture.test_chunk_ruler import CLIENT, LINES, SERVER, begin, ruler_of
from tests.capture.test_chunk_ruler_datagrams import receive, send
from tests.fakes.untraced import untraced

NAMES = {SERVER: "echo", CLIENT: "client"}


def fill(writer: Writer, sends: list[bytes], receives: list[bytes]) -> None:
    begin(writer)
    for data in sends:
        traffic(writer, CallKind.send, data, CLIENT, CLIENT, asked=len(data))
    for data in receives:
        traffic(writer, CallKind.recv, data, SERVER, SERVER, asked=4096)


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Callable[[ChunkRuler], RulerView]:
    def make(ruler: ChunkRuler) -> RulerView:
        ruler.advance()
        view = RulerView(theme)
        qtbot.addWidget(view)
        view.resize(900, 240)
        view.set_words(lane_words(ruler, NAMES.__getitem__), (ABSENT[SENT], ABSENT[RECEIVED], ruler.problem))
        view.show_ruler(ruler)
        with qtbot.waitActive(view):
            view.show()
            view.activateWindow()
        view.setFocus()
        return view

    return make


Show = Callable[[ChunkRuler], RulerView]


@pytest.fixture
def merged(writer: Writer, show: Show) -> RulerView:
    """Three sends, one recv and a part; two lines and a beginning."""
    fill(writer, [b"one\n", b"tw", b"o\nthree"], [b"one\ntwo", b"\nth"])
    return show(ruler_of(writer))


def place_of(view: RulerView, which: int, position: float) -> QPoint:
    """The middle of a byte in a lane."""
    rect = view.lane_rect(which)
    return QPoint(round(rect.left() + view.scale.x(position + 0.5)), rect.center().y())


def image_of(view: RulerView) -> QImage:
    return view.viewport().grab().toImage()


def columns_of(image: QImage, y: int, color: str) -> set[int]:
    """Where a line of pixels has a colour."""
    wanted = QColor(color)
    return {x for x in range(image.width()) if image.pixelColor(x, y) == wanted}


# -- painting -------------------------------------------------------------------------------------


def test_edges_of_calls_stand_above_their_bytes(merged: RulerView, theme: Theme) -> None:
    image = image_of(merged)
    for which, color, edges in (
        (SENT, theme.colors.sent, (0, 4, 6, 13)),
        (RECEIVED, theme.colors.received, (0, 7, 10, 13)),
    ):
        rect = merged.lane_rect(which)
        seen = columns_of(image, rect.top() + 2, color)
        wanted = {rect.left() + round(merged.scale.x(edge)) for edge in edges}
        assert seen
        assert seen <= {x + d for x in wanted for d in (-1, 0, 1)}
        assert all(
            seen & {x - 1, x, x + 1} for x in wanted if x not in columns_of(image, rect.top() + 2, theme.colors.text)
        )


def test_neighbours_differ_and_lanes_differ(merged: RulerView) -> None:
    image = image_of(merged)

    def ground(which: int, position: int) -> str:
        rect = merged.lane_rect(which)
        return image.pixelColor(rect.left() + round(merged.scale.x(position)) + 3, rect.bottom() - 2).name()

    assert ground(SENT, 0) != ground(SENT, 4) != ground(SENT, 6)
    assert ground(SENT, 0) == ground(SENT, 6)  # in turn
    assert ground(RECEIVED, 0) != ground(RECEIVED, 7)
    assert len({ground(SENT, 0), ground(RECEIVED, 0), ground(MESSAGES, 0)}) == 3


def test_lines_go_up_from_the_edges_of_messages(merged: RulerView, theme: Theme) -> None:
    image, rect = image_of(merged), merged.lane_rect(SENT)
    between = merged.lane_rect(RECEIVED).top() - 3
    for y in (between, merged.lane_rect(MESSAGES).top() - 3):
        dark = [
            x for x in range(rect.left(), image.width())
            if any(image.pixelColor(x, y + d).lightness() < 128 for d in range(-3, 3))
        ]  # fmt: skip
        wanted = [rect.left() + round(merged.scale.x(edge)) for edge in (0, 4, 8)]
        assert dark == wanted


def test_what_is_on_its_way_and_what_is_not_whole_are_hatched_and_named(merged: RulerView) -> None:
    scene = merged.scene()
    assert scene is not None
    received, messages = scene.lanes[RECEIVED], scene.lanes[MESSAGES]
    assert received is not None
    assert messages is not None
    assert [(one.start, one.stop, one.why) for one in received.missing] == [(10, 13, "way")]
    assert messages.unfinished == (8, 10)
    assert "wait in the buffers" in merged.tip_at(place_of(merged, RECEIVED, 11))
    empty = QImage(image_of(merged))
    rect = merged.lane_rect(RECEIVED)
    left, right = (round(rect.left() + merged.scale.x(one)) for one in (10, 13))
    colors = {
        empty.pixelColor(x, y).name() for x in range(left + 3, right - 3) for y in range(rect.top() + 3, rect.top() + 9)
    }
    assert len(colors) > 1  # a pattern, no plain ground


def test_bytes_are_printed_where_there_is_room(merged: RulerView) -> None:
    """Not when far out; the same characters in all lanes, each above the same one below."""

    def inked(which: int, position: int) -> bool:
        rect, image = merged.lane_rect(which), image_of(merged)
        left = rect.left() + round(merged.scale.x(position)) + 2
        area = [
            (x, y)
            for x in range(left, left + max(2, round(1 / merged.scale.per_pixel)) - 3)
            for y in range(rect.center().y(), rect.bottom() - 2)
        ]
        return any(image.pixelColor(x, y).lightness() < 100 for x, y in area)

    scene = merged.scene()
    assert scene is not None
    texts = [lane.texts for lane in scene.lanes if lane is not None]
    assert texts == [
        ((0, b"one\n"), (4, b"tw"), (6, b"o\nthree")),
        ((0, b"one\ntwo"), (7, b"\nth")),
        ((0, b"one\ntwo"), (7, b"\nth")),
    ]
    assert all(inked(which, 1) for which in (SENT, RECEIVED, MESSAGES))
    for _ in range(8):
        merged.zoom_in()
    assert merged.scale.per_pixel == merged.scale.finest
    assert inked(RECEIVED, merged.scale.shown[0] + 2)


def test_bytes_are_not_read_where_they_cannot_be_seen(writer: Writer, show: Show) -> None:
    fill(writer, [b"x" * 3000], [b"x" * 3000])
    view = show(ruler_of(writer))
    view.fit()
    scene = view.scene()
    assert scene is not None
    assert all(lane is not None and lane.texts == () for lane in scene.lanes)


def test_too_many_calls_are_counted_and_stay_where_they_are(writer: Writer, show: Show, qtbot: QtBot) -> None:
    fill(writer, [b"x"] * 1500 + [b"y" * 3000], [b"x" * 4500])
    view = show(ruler_of(writer))
    view.fit()

    def is_exact() -> bool:
        found = view.scene()
        return found is not None and found.exact

    qtbot.waitUntil(is_exact)
    scene = view.scene()
    assert scene is not None
    sent, received = scene.lanes[SENT], scene.lanes[RECEIVED]
    assert sent is not None
    assert received is not None
    assert sent.ranges is None
    assert sent.count == 1501
    assert sent.count > view.scale.width // NARROW
    last = round(view.scale.x(1500)) // COLUMN
    assert sum(sent.counts[: last + 1]) >= 1500
    assert sum(sent.counts[last + 2 :]) == 0
    assert received.ranges is not None
    assert shade_of(1) < shade_of(5) < shade_of(200)


def test_one_end_only_says_why(writer: Writer, show: Show) -> None:
    fill(writer, [b"a\n", b"b\n"], [])
    view = show(ruler_of(writer, known="sender"))
    assert view.tip_at(place_of(view, RECEIVED, 1)) == ABSENT[RECEIVED]
    assert view.range_at(place_of(view, RECEIVED, 1)) is None
    assert view.range_at(place_of(view, SENT, 2)) == (SENT, 1)


def test_broken_framing_is_hatched_with_its_sentence(writer: Writer, show: Show, theme: Theme) -> None:
    fill(writer, [], [b"fine\n", b"much too long for this\n", b"ok\n"])
    view = show(ruler_of(writer, Choice("line", {"ending": "lf", "max": 6}), known="receiver"))
    tip = view.tip_at(place_of(view, MESSAGES, 8))
    assert "broken framing" in tip
    assert "6" in tip
    rect = view.lane_rect(MESSAGES)
    edge = columns_of(image_of(view), rect.top(), theme.colors.error)
    left, right = (rect.left() + round(view.scale.x(one)) for one in (5, 28))
    assert edge <= set(range(left, right + 1))
    assert len(edge) > (right - left) * 0.9


def test_lost_datagrams_are_told_from_those_on_their_way(writer: Writer, show: Show) -> None:
    begin(writer, "udp")
    for number in range(4):
        send(writer, b"datagram %d\n" % number)
    receive(writer, b"datagram 1\n")
    receive(writer, b"datag", cut_from=11)
    closed(writer, SERVER, "local", SERVER)
    view = show(ruler_of(writer))
    assert "lost" in view.tip_at(place_of(view, RECEIVED, 3))
    assert "did not fit" in view.tip_at(place_of(view, RECEIVED, 30))
    assert "never received: the receiver was closed" in view.tip_at(place_of(view, RECEIVED, 40))


def test_painting_is_quick_at_any_zoom(writer: Writer, show: Show) -> None:
    begin(writer)
    for number in range(12_000):
        data = b"\n" if number % 7 == 6 else b"x"
        traffic(writer, CallKind.send, data, CLIENT, CLIENT)
        traffic(writer, CallKind.recv, data, SERVER, SERVER)
    view = show(ruler_of(writer))
    view.resize(1400, 300)
    for _ in range(18):
        best = 1.0
        with untraced():
            for _ in range(5):
                begun = time.perf_counter()
                view.viewport().grab()
                best = min(best, time.perf_counter() - begun)
        assert best < 0.02  # 8 ms on a machine that has nothing else to do
        view.zoom(1 / 1.7)


# -- words ----------------------------------------------------------------------------------------


def test_tips_tell_how_calls_met(merged: RulerView) -> None:
    tip = merged.tip_at(place_of(merged, SENT, 4))
    assert tip.startswith("send 2 · 2 B · +")
    assert "arrived in recv 1 · call #" in tip
    assert "arrived in recv 1 and 2 · 3 B on the way" in merged.tip_at(place_of(merged, SENT, 7))
    tip = merged.tip_at(place_of(merged, RECEIVED, 1))
    assert "7 B into a buffer of 4,096 B" in tip
    assert "sent by send 1 to 3" in tip
    assert "carried message 1 and 2, of the last a part" in tip
    assert "sent by send 3 · carried message 2, a part of it" in merged.tip_at(place_of(merged, RECEIVED, 8))
    tip = merged.tip_at(place_of(merged, MESSAGES, 5))
    assert "message 2 · 4 B, of which 3 B are the message itself · split over 2 calls: recv 1 and 2" in tip
    assert merged.tip_at(QPoint(6, merged.lane_rect(SENT).center().y())) == "send calls of client → 9000"


def test_a_partial_send_tells_what_was_given(writer: Writer, show: Show) -> None:
    begin(writer)
    traffic(writer, CallKind.send, b"12345", CLIENT, CLIENT, asked=20)
    view = show(ruler_of(writer))
    assert "5 of 20 B" in view.tip_at(place_of(view, SENT, 1))


# -- keys and mouse ---------------------------------------------------------------------------------


def test_arrow_keys_go_from_range_to_range_and_lane_to_lane(merged: RulerView, qtbot: QtBot) -> None:
    QTest.keyClick(merged, Qt.Key.Key_Right)
    assert merged.current == (RECEIVED, 0)
    QTest.keyClick(merged, Qt.Key.Key_Right)
    assert merged.current == (RECEIVED, 1)
    QTest.keyClick(merged, Qt.Key.Key_Right)
    assert merged.current == (RECEIVED, 1)
    QTest.keyClick(merged, Qt.Key.Key_Up)
    assert merged.current == (SENT, 2)
    QTest.keyClick(merged, Qt.Key.Key_Up)
    assert merged.current == (SENT, 2)
    QTest.keyClick(merged, Qt.Key.Key_Home)
    assert merged.current == (SENT, 0)
    QTest.keyClick(merged, Qt.Key.Key_Down)
    QTest.keyClick(merged, Qt.Key.Key_Down)
    assert merged.current == (MESSAGES, 0)
    QTest.keyClick(merged, Qt.Key.Key_End)
    assert merged.current == (MESSAGES, 1)
    with qtbot.waitSignal(merged.chosen) as told:
        QTest.keyClick(merged, Qt.Key.Key_Return)
    assert told.args == [MESSAGES, 1]


def test_a_click_chooses_and_a_drag_scrolls(writer: Writer, show: Show, qtbot: QtBot) -> None:
    fill(writer, [b"0123456789" * 40], [b"0123456789"] * 40)
    view = show(ruler_of(writer))
    place = place_of(view, RECEIVED, view.scale.shown[1] - 15)
    with qtbot.waitSignal(view.chosen) as told:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [RECEIVED, (view.scale.shown[1] - 15) // 10]
    before = view.scale.left
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(view.viewport(), place + QPoint(60, 0))
    with qtbot.assertNotEmitted(view.chosen):
        QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(60, 0))
    assert view.scale.left == pytest.approx(before - 60 * view.scale.per_pixel)
    assert not view.scale.following


def wheel(view: RulerView, place: QPoint, turned: int, modifier: Qt.KeyboardModifier) -> None:
    at = QPointF(place)
    event = QWheelEvent(
        at, QPointF(view.viewport().mapToGlobal(place)), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, modifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_scrolls_and_with_ctrl_zooms_where_it_points(writer: Writer, show: Show) -> None:
    fill(writer, [b"0123456789" * 400], [])
    view = show(ruler_of(writer, known="sender"))
    left = view.scale.left
    wheel(view, QPoint(500, 50), 120, Qt.KeyboardModifier.NoModifier)
    assert view.scale.left < left
    assert not view.scale.following
    view.select((2000, 2010), reveal=True)
    place = QPoint(500, 50)
    x = place.x() - view.lane_rect(SENT).left()
    held = view.scale.position(x)
    wheel(view, place, -120, Qt.KeyboardModifier.ControlModifier)
    assert abs(view.scale.position(x) - held) <= 1
    assert view.scale.per_pixel > view.scale.usual


def test_keys_zoom_and_the_scroll_bar_scrolls(writer: Writer, show: Show) -> None:
    fill(writer, [b"0123456789" * 400], [])
    view = show(ruler_of(writer, known="sender"))
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.scale.fitting
    assert view.scale.shown == (0, 4000)
    assert view.horizontalScrollBar().maximum() == 0
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert not view.scale.fitting
    bar = view.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(0)
    assert view.scale.shown[0] == 0
    bar.setValue(bar.maximum())
    assert view.scale.shown[1] == 4000
    assert view.scale.following
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert view.scale.shown[1] < 4000


def test_the_newest_bytes_are_followed_until_somebody_scrolls(writer: Writer, show: Show, qtbot: QtBot) -> None:
    fill(writer, [b"0123456789" * 40], [])
    ruler = ruler_of(writer, known="sender")
    view = show(ruler)
    assert view.scale.shown[1] == 400

    def more() -> None:
        traffic(writer, CallKind.send, b"more", CLIENT, CLIENT)
        ruler.advance()
        qtbot.waitUntil(lambda: (view.refresh(), view.scale.size == ruler.size)[1])

    more()
    assert view.scale.shown[1] == 404
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    seen = view.scale.shown
    more()
    assert view.scale.shown == seen
    view.follow()
    assert view.scale.shown[1] == 408
    view.fit()
    more()
    assert view.scale.shown == (0, 412)


def test_what_is_selected_elsewhere_is_scrolled_to(writer: Writer, show: Show) -> None:
    fill(writer, [b"0123456789" * 400], [])
    view = show(ruler_of(writer, known="sender"))
    view.select((30, 40), reveal=True)
    start, stop = view.scale.shown
    assert start <= 30
    assert stop >= 40
    band = image_of(view).pixelColor(
        view.lane_rect(SENT).left() + round(view.scale.x(30)), view.lane_rect(SENT).top() - 2
    )
    view.select(None, reveal=True)
    assert view.scale.shown == (start, stop)
    x = view.lane_rect(SENT).left() + round(view.scale.x(30))
    assert image_of(view).pixelColor(x, view.lane_rect(SENT).top() - 2) != band


# -- screen readers -------------------------------------------------------------------------------


def test_a_screen_reader_is_told_where_the_keyboard_is(merged: RulerView) -> None:
    ruler_accessible.install()
    interface = QAccessible.queryAccessibleInterface(merged)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "Chunk ruler"
    assert interface.text(QAccessible.Text.Value) == ruler_accessible.NOTHING
    QTest.keyClick(merged, Qt.Key.Key_Right)
    assert interface.text(QAccessible.Text.Value).startswith("recv 1 · 7 B")
    assert "Enter" in interface.text(QAccessible.Text.Help)


def test_it_zooms_with_the_window_and_changes_with_the_theme(merged: RulerView, theme: Theme) -> None:
    usual, least = merged.scale.usual, merged.minimumSizeHint().height()
    theme.zoom_in()
    assert merged.scale.usual < usual
    assert merged.minimumSizeHint().height() > least
    theme.zoom_reset()
    light = image_of(merged).pixelColor(3, merged.viewport().height() - 2)
    theme.set_mode("dark")
    assert image_of(merged).pixelColor(3, merged.viewport().height() - 2).lightness() < light.lightness()
    theme.set_mode("light")


# -- the scale ------------------------------------------------------------------------------------

MOVES = st.sampled_from(["zoom in", "zoom out", "fit", "follow", "scroll", "grow", "reveal", "resize"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(MOVES, st.integers(0, 10**11)), max_size=25))
def test_the_scale_never_leaves_the_stream(moves: list[tuple[str, int]]) -> None:
    scale = Scale(0.03, 0.07)
    scale.resize(900)
    for move, number in moves:
        if move == "zoom in":
            scale.zoom(1.5, number % 900)
        elif move == "zoom out":
            scale.zoom(1 / 1.5, number % 900)
        elif move == "fit":
            scale.fit()
        elif move == "follow":
            scale.follow()
        elif move == "scroll":
            scale.scroll_by(number % 10_000 - 5000)
        elif move == "grow":
            scale.grow(scale.size + number)
        elif move == "reveal" and scale.size:
            start = number % scale.size
            scale.reveal(start, start + 1)
            assert scale.left <= start
            assert start <= scale.left + scale.span
        elif move == "resize":
            scale.resize(1 + number % 2000)
        start, stop = scale.shown
        assert 0 <= start <= stop <= scale.size
        assert scale.first - 1e-6 * abs(scale.first) <= scale.left <= scale.last + 1e-6 * abs(scale.last) + 1e-9
        assert scale.finest <= scale.per_pixel <= max(scale.coarsest, scale.finest) * (1 + 1e-9)
        if scale.fitting:
            assert (start, stop) == (0, scale.size)
        if scale.following and scale.size:
            assert stop == scale.size


@given(st.floats(0.01, 1e12))
def test_ticks_are_round_numbers(least: float) -> None:
    step = tick_step(least)
    assert step >= least
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert step <= max(1.0, least) * 5 + 1


def test_flags_of_an_empty_datagram(writer: Writer, show: Show) -> None:
    """It has no bytes, and is seen as a line all the same."""
    begin(writer, "udp")
    for data in (b"ab\n", b"", b"cd\n"):
        traffic(writer, CallKind.sendto, data, CLIENT, CLIENT, flags=CallFlag.DATAGRAM)
        traffic(writer, CallKind.recvfrom, data, SERVER, SERVER, flags=CallFlag.DATAGRAM)
    view = show(ruler_of(writer, LINES))
    scene = view.scene()
    assert scene is not None
    received = scene.lanes[RECEIVED]
    assert received is not None
    assert received.ranges is not None
    assert [(one.start, one.stop) for one in received.ranges] == [(0, 3), (3, 3), (3, 6)]
    assert view.range_at(place_of(view, RECEIVED, 3)) == (RECEIVED, 2)
