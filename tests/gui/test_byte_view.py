"""The byte view: rows, layout, painting, scrolling, following, selecting, being read out."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QFontMetricsF, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.arrangement import RowMap
from explorer.capture.layout import bytes_file
from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Ranges, Scope
from explorer.capture.writer import Writer
from explorer.ui.theme import LIGHT, Theme
from explorer.ui.widgets import byte_accessible
from explorer.ui.widgets.byte_colors import Ink, directions_of, inks_of
from explorer.ui.widgets.byte_cursor import ByteCursor
from explorer.ui.widgets.byte_layout import ByteLayout
from explorer.ui.widgets.byte_painter import BytePainter
from explorer.ui.widgets.byte_rows import WIDTHS
from explorer.ui.widgets.byte_scene import View
from explorer.ui.widgets.byte_scroller import MOST_STEPS
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.byte_window import ByteWindow, Run, load_window
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


# -- rows ---------------------------------------------------------------------------------------------

maps = st.builds(RowMap, st.integers(1, 2**40), st.sampled_from(WIDTHS))


@given(maps, st.data())
def test_an_offset_has_one_place_and_the_place_gives_it_back(rows: RowMap, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, rows.size - 1))
    row, column = rows.row(offset), rows.column(offset)
    assert rows.offset(row, column) == offset
    assert rows.start(row) <= offset < rows.stop(row) <= rows.size
    assert 0 <= row < rows.count


@given(st.integers(1, 400), st.sampled_from(WIDTHS), st.data())
def test_blocks_cover_exactly_the_bytes(size: int, per_row: int, data: st.DataObject) -> None:
    rows = RowMap(size, per_row)
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    covered = [
        rows.start(row) + column
        for block in rows.blocks(start, stop)
        for row in range(block.row, block.row + block.rows)
        for column in range(block.first, block.last)
    ]
    assert covered == list(range(start, stop))
    assert len(list(rows.blocks(start, stop))) <= 3


@given(maps, st.integers(-5, 2**40), st.integers(-5, 40))
def test_every_place_leads_to_a_byte(rows: RowMap, row: int, column: int) -> None:
    assert 0 <= rows.offset(row, column) < rows.size


def test_no_bytes_no_rows() -> None:
    assert RowMap(0, 16).count == 0
    assert list(RowMap(0, 16).blocks(0, 0)) == []


@pytest.mark.parametrize("per_row", WIDTHS)
def test_a_click_on_a_byte_hits_it(per_row: int) -> None:
    layout = ByteLayout(8, 18, 13, per_row, 8)
    for column in range(per_row):
        for x in (layout.hex_x[column], layout.hex_x[column] + 15):
            assert layout.hit(x) == ("hex", column)
        assert layout.hit(layout.text_x[column] + 3) == ("text", column)
    assert layout.hit(0) == ("hex", 0)
    assert layout.hit(100_000) == ("text", per_row - 1)


# -- the cursor -----------------------------------------------------------------------------------------


def test_a_selection_grows_to_either_side_of_where_it_began() -> None:
    cursor = ByteCursor()
    cursor.move(10)
    assert cursor.selection == (10, 11)
    cursor.move(13, extend=True)
    assert cursor.selection == (10, 14)
    cursor.move(7, extend=True)
    assert cursor.selection == (7, 11)
    cursor.clear()
    assert cursor.selection is None
    assert cursor.offset == 7


def test_dragging_from_a_call_keeps_the_whole_call() -> None:
    cursor = ByteCursor()
    cursor.extend_from(10, 20, 25)
    assert cursor.selection == (10, 26)
    cursor.extend_from(10, 20, 12)
    assert cursor.selection == (10, 20)
    cursor.extend_from(10, 20, 3)
    assert cursor.selection == (3, 20)


SEVERAL: Ranges = ((10, 12), (15, 16), (30, 40))


def test_several_ranges_are_selected_together() -> None:
    cursor = ByteCursor()
    cursor.select_ranges(SEVERAL)
    assert (cursor.offset, cursor.selection, cursor.ranges) == (10, (10, 40), SEVERAL)
    assert cursor.within(0, 10) == ()
    assert cursor.within(11, 31) == SEVERAL
    assert cursor.within(12, 15) == ()
    assert cursor.within(12, 16) == SEVERAL[1:2]
    assert cursor.within(40, 99) == ()
    cursor.clip(35)
    assert list(cursor.ranges) == [(10, 12), (15, 16), (30, 35)]
    cursor.clip(20)
    assert list(cursor.ranges) == [(10, 12), (15, 16)]


@pytest.mark.parametrize(
    ("act", "ranges"),
    [
        (lambda cursor: cursor.move(20), ((20, 21),)),
        (lambda cursor: cursor.move(20, extend=True), ((20, 40),)),
        (lambda cursor: cursor.select(3, 5), ((3, 5),)),
        (lambda cursor: cursor.select(3, 3), ()),
        (lambda cursor: cursor.select_ranges(((3, 5),)), ((3, 5),)),
        (lambda cursor: cursor.extend_from(1, 4, 6), ((1, 7),)),
        (lambda cursor: cursor.clear(), ()),
    ],
)
def test_what_is_selected_next_is_one_range(act, ranges) -> None:
    cursor = ByteCursor()
    cursor.select_ranges(SEVERAL)
    act(cursor)
    assert cursor.ranges == ranges


# -- what is read ------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=30), st.data())
def test_a_window_is_the_stream_in_runs(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[bool, int]], data: st.DataObject
) -> None:
    writer = Writer(tmp_path_factory.mktemp("w") / "c", quota=1 << 30, segment_bytes=1 << 17, segment_records=8)
    whole, directions, begins = bytearray(), [], []
    for received, size in calls:
        part = bytes((len(whole) + n) % 251 for n in range(size))
        put(writer, RECEIVED if received else SENT, part)
        if size:
            begins.append(len(whole))
        whole += part
        directions += [received] * size
    stream = stream_of(writer)
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    window = load_window(stream, start, stop)
    assert window.data == whole[start:stop]
    assert [direction for run in window.runs for direction in [run.received] * (run.stop - run.start)] == (
        directions[start:stop]
    )
    assert list(window.calls) == [at for at in begins if start <= at < stop]
    for run in window.runs:
        assert run.begins == (run.start == 0 or directions[run.start - 1] != run.received)
    stream.reader.close()
    writer.close()


def test_missing_bytes_are_told_apart_from_zeros(writer: Writer) -> None:
    put(writer, RECEIVED, b"x" * 100)
    writer.close()
    with bytes_file(writer.folder, 0).open("r+b") as file:
        file.truncate(60)
    stream = ByteStream(Reader(writer.folder), Scope())
    stream.index.advance()
    window = load_window(stream, 50, 70)
    assert window.data == b"x" * 10 + bytes(10)
    assert window.missing == ((60, 70),)


# -- painting ------------------------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> ByteView:
    made = ByteView(theme)
    qtbot.addWidget(made)
    made.resize(800, made.layout_of_row.line * 21 + 4)
    made.show()
    qtbot.waitExposed(made)
    return made


def shot(view: ByteView) -> QImage:
    return view.viewport().grab().toImage()


def colors_in(image: QImage, view: ByteView, offset: int, side: str = "hex") -> set[str]:
    rect = view.byte_rect(offset, "hex" if side == "hex" else "text")
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right() + 1)
        for y in range(rect.top(), rect.bottom() + 1)
    }


def test_directions_selection_and_marks_are_painted(view: ByteView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, b"A" * 16), (SENT, b"B" * 64)]))
    view.select(40, 42)
    view.set_marks(lambda start, stop: [(60, 62)])
    image = shot(view)
    for side in ("hex", "text"):
        assert LIGHT.received_tint in colors_in(image, view, 5, side)
        assert LIGHT.sent_tint in colors_in(image, view, 20, side)
        assert LIGHT.accent in colors_in(image, view, 41, side)
        assert "#ffe28a" in colors_in(image, view, 60, side)
    assert LIGHT.accent not in colors_in(image, view, 42)
    lane = view.layout_of_row.gutter_x + 1, view.layout_of_row.sent_lane_x + 1
    first, second = view.byte_rect(0).center().y(), view.byte_rect(16).center().y()
    assert image.pixelColor(lane[0], first) == QColor(LIGHT.received)
    assert image.pixelColor(lane[1], second) == QColor(LIGHT.sent)
    # Received and sent also stand in different lanes, and have arrows: colour is never alone.
    assert image.pixelColor(lane[1], first) != QColor(LIGHT.received)
    assert ink_between(image, view.layout_of_row, first) > 0


@pytest.mark.parametrize("per_row", WIDTHS)
def test_calls_of_one_byte_have_the_colours_of_their_directions(view: ByteView, writer: Writer, per_row: int) -> None:
    view.resize(1600, view.height())
    view.set_per_row(per_row)
    view.set_stream(stream_of(writer, [(RECEIVED if n % 2 else SENT, b"x") for n in range(3 * per_row)]))
    image = shot(view)
    for offset in (0, 1, per_row - 1, per_row, per_row + 1, 3 * per_row - 2, 3 * per_row - 1):
        tint, other = LIGHT.sent_tint, LIGHT.received_tint
        if offset % 2:
            tint, other = other, tint
        for side in ("hex", "text"):
            assert tint in colors_in(image, view, offset, side)
        assert other not in colors_in(image, view, offset, "text")


def test_several_ranges_are_painted_and_nothing_between_them(view: ByteView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, b"A" * 30), (SENT, b"B" * 10), (RECEIVED, b"C" * 40)]))
    chosen = ((3, 5), (9, 32), (36, 37), (70, 80))
    view.select_ranges(chosen)
    image = shot(view)
    for offset in range(80):
        expected = any(start <= offset < stop for start, stop in chosen)
        assert (LIGHT.accent in colors_in(image, view, offset)) is expected, offset
        assert (LIGHT.accent in colors_in(image, view, offset, "text")) is expected, offset


parts = st.lists(st.integers(1, 9), max_size=12).map(lambda sizes: list(accumulate(sizes)))


@given(parts, parts, st.booleans())
def test_runs_are_cut_where_the_selection_begins_and_ends(cuts: list[int], ends: list[int], direction: bool) -> None:
    borders = [0, *cuts]
    runs = tuple(Run(start, stop, direction ^ bool(n % 2), True) for n, (start, stop) in enumerate(pairwise(borders)))
    chosen = tuple(zip(ends[::2], ends[1::2], strict=False))
    shown = View((), ByteWindow(0, b"x" * borders[-1], runs), chosen)
    inks, texts = inks_of(shown, directions_of(shown.window))
    assert texts == inks
    assert len(inks) == borders[-1]
    for at, ink in enumerate(inks):
        selected = any(low <= at < high for low, high in chosen)
        received = next(run.received for run in runs if run.start <= at < run.stop)
        assert ink == (Ink.SELECTED if selected else Ink.RECEIVED if received else Ink.SENT)


def ink_between(image: QImage, layout: ByteLayout, y: int) -> int:
    """Painted pixels in the arrows' place of a row."""
    return sum(
        image.pixelColor(x, y + dy) != QColor(LIGHT.base)
        for x in range(layout.arrow_x, layout.sent_lane_x)
        for dy in range(-5, 6)
    )


def test_an_arrow_stands_where_a_run_begins_and_in_the_top_row(view: ByteView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, bytes(160)), (SENT, bytes(160)), (SENT, bytes(3200))]))
    view.scroll_rows(-10_000)
    image = shot(view)
    inked = [row for row in range(20) if ink_between(image, view.layout_of_row, view.byte_rect(16 * row).center().y())]
    assert inked == [0, 10]
    view.scroll_rows(14)
    image = shot(view)
    rows = range(view.top, view.top + 20)
    inked = [row for row in rows if ink_between(image, view.layout_of_row, view.byte_rect(16 * row).center().y())]
    assert inked == [14]


def test_a_font_that_is_not_fixed_still_lines_up(qapp: QApplication) -> None:
    font = QFont("DejaVu Sans")
    font.setPointSizeF(10)
    metrics = QFontMetricsF(font)
    assert metrics.horizontalAdvance("i") != metrics.horizontalAdvance("m")
    painter = BytePainter(font, LIGHT)
    layout = painter.layout(16, 1000)
    assert layout.cell >= metrics.horizontalAdvance("0")
    assert layout.hex_x[3] - layout.hex_x[2] == 3 * layout.cell


def test_zoom_and_theme_change_what_is_painted(view: ByteView, writer: Writer, theme: Theme) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, bytes(4000))]))
    line = view.layout_of_row.line
    theme.zoom_in()
    assert view.layout_of_row.line > line
    theme.zoom_reset()
    assert view.layout_of_row.line == line
    theme.set_mode("dark")
    assert "#16293a" in colors_in(shot(view), view, view.rows.start(view.top) + 3)


# -- scrolling and following ---------------------------------------------------------------------------------


def test_it_follows_until_the_user_scrolls_up(view: ByteView, writer: Writer, qtbot: QtBot) -> None:
    stream = stream_of(writer, [(RECEIVED, bytes(16 * 100))])
    view.set_stream(stream)
    assert view.following
    assert view.top == 100 - view.whole_rows
    put(writer, RECEIVED, bytes(160))
    stream.index.advance()
    view.refresh()
    assert view.top == 110 - view.whole_rows
    view.verticalScrollBar().setValue(5)
    assert not view.following
    put(writer, RECEIVED, bytes(1234))
    stream.index.advance()
    view.refresh()
    assert view.top == 5
    assert view.tail_button.isVisible()
    assert view.tail_button.text() == "▼ 1,234 new bytes"
    assert view.tail_button.focusPolicy() & Qt.FocusPolicy.TabFocus
    view.tail_button.setFocus()
    qtbot.keyClick(view.tail_button, Qt.Key.Key_Space)
    assert view.following
    assert not view.tail_button.isVisible()
    assert view.top == view.rows.count - view.whole_rows
    assert view.hasFocus()


def test_reaching_the_end_by_wheel_follows_again(view: ByteView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, bytes(1600))]))

    def wheel(notches: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        place = view.viewport().rect().center().toPointF()
        QApplication.sendEvent(
            view.viewport(),
            QWheelEvent(
                place, place, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, modifiers,
                Qt.ScrollPhase.NoScrollPhase, False,
            ),
        )  # fmt: skip

    end = view.top
    wheel(2)
    assert (view.top, view.following) == (end - 6, False)
    wheel(-2)
    assert (view.top, view.following) == (end, True)
    line = view.layout_of_row.line
    wheel(1, CONTROL)
    assert view.layout_of_row.line > line


class Vast(ByteStream):
    """Pretends to any size; bytes are what the real stream has."""

    vast = 0

    @property
    def size(self) -> int:
        return self.vast


def test_scroll_bars_reach_the_end_of_any_stream(
    view: ByteView, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Vast(Reader.of(writer), Scope())
    stream.vast = 40 * 2**31 + 5
    monkeypatch.setattr("explorer.ui.widgets.byte_area.load_window", lambda *_: load_window(stream_of(writer), 0, 0))
    view.set_per_row(8)
    view.set_stream(stream)
    bar = view.verticalScrollBar()
    assert bar.maximum() <= MOST_STEPS
    assert view.top == view.rows.count - view.whole_rows
    bar.setValue(bar.maximum() // 2)
    assert view.top == pytest.approx(view.rows.count // 2, rel=1e-6)
    bar.setValue(bar.maximum())
    assert view.top == view.rows.count - view.whole_rows
    bar.setValue(0)
    assert view.top == 0


def test_the_same_bytes_stay_on_top_when_rows_change(view: ByteView, writer: Writer) -> None:
    view.set_stream(stream_of(writer, [(RECEIVED, bytes(16_000))]))
    view.verticalScrollBar().setValue(100)
    view.set_per_row(32)
    assert view.rows.start(view.top) == 1600
    view.set_per_row(8)
    assert view.rows.start(view.top) == 1600


# -- mouse and keyboard ----------------------------------------------------------------------------------------


@pytest.fixture
def full(view: ByteView, writer: Writer) -> ByteView:
    """800 bytes in calls of 20, shown from the beginning."""
    view.set_stream(stream_of(writer, [(RECEIVED if n % 2 else SENT, bytes(range(20))) for n in range(40)]))
    view.scroll_rows(-1000)
    view.setFocus()
    return view


def centre(view: ByteView, offset: int, side: str = "hex") -> QPoint:
    return view.byte_rect(offset, "hex" if side == "hex" else "text").center()


@pytest.mark.parametrize("side", ["hex", "text"])
def test_dragging_selects(full: ByteView, qtbot: QtBot, side: str) -> None:
    target = full.viewport()
    with qtbot.waitSignal(full.selected):
        qtbot.mousePress(target, LEFT, pos=centre(full, 20, side))
    qtbot.mouseMove(target, centre(full, 50, side))
    qtbot.mouseRelease(target, LEFT, pos=centre(full, 50, side))
    assert full.selection == (20, 51)
    assert full.side == side
    qtbot.mouseClick(target, LEFT, SHIFT, centre(full, 70, side))
    assert full.selection == (20, 71)
    qtbot.mouseClick(target, LEFT, pos=centre(full, 3, side))
    assert full.selection == (3, 4)


def test_a_double_click_selects_the_call(full: ByteView, qtbot: QtBot) -> None:
    qtbot.mouseDClick(full.viewport(), LEFT, pos=centre(full, 45))
    assert full.selection == (40, 60)


def test_the_keyboard_moves_and_selects(full: ByteView, qtbot: QtBot) -> None:
    def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> tuple[int, int] | None:
        qtbot.keyClick(full, key, modifiers)
        return full.selection

    assert press(Qt.Key.Key_Home, CONTROL) == (0, 1)
    assert press(Qt.Key.Key_Left) == (0, 1)
    assert press(Qt.Key.Key_Right) == (1, 2)
    assert press(Qt.Key.Key_Down) == (17, 18)
    assert press(Qt.Key.Key_End) == (31, 32)
    assert press(Qt.Key.Key_Home) == (16, 17)
    assert press(Qt.Key.Key_Right, SHIFT) == (16, 18)
    assert press(Qt.Key.Key_Down, SHIFT) == (16, 34)
    assert press(Qt.Key.Key_PageDown) == (33 + 16 * full.whole_rows, 34 + 16 * full.whole_rows)
    assert full.top > 0
    assert press(Qt.Key.Key_A, CONTROL) == (0, 800)
    assert press(Qt.Key.Key_Escape) is None
    assert press(Qt.Key.Key_End, CONTROL) == (799, 800)
    assert full.following
    assert press(Qt.Key.Key_PageUp) == (799 - 16 * full.whole_rows, 800 - 16 * full.whole_rows)
    assert not full.following


def test_tab_goes_from_hex_to_text_and_on(full: ByteView, qtbot: QtBot) -> None:
    assert full.side == "hex"
    qtbot.keyClick(full, Qt.Key.Key_Tab)
    assert (full.side, full.hasFocus()) == ("text", True)
    qtbot.keyClick(full, Qt.Key.Key_Tab, SHIFT)
    assert full.side == "hex"


def test_missing_bytes_do_not_stop_the_view(view: ByteView, writer: Writer) -> None:
    put(writer, RECEIVED, b"x" * 100)
    writer.close()
    bytes_file(writer.folder, 0).unlink()
    stream = ByteStream(Reader(writer.folder), Scope())
    stream.index.advance()
    view.set_stream(stream)
    assert LIGHT.error_tint in colors_in(shot(view), view, 20)
    assert "partly missing" in byte_accessible.describe_row(view, 20)


# -- being read out ----------------------------------------------------------------------------------------------


def test_a_screen_reader_is_told_the_row(view: ByteView, writer: Writer) -> None:
    byte_accessible.install()
    view.set_stream(stream_of(writer, [(RECEIVED, b"0123456789abcdef"), (SENT, b"Hello")]))
    view.select(17, 18)
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface.text(QAccessible.Text.Name) == "Bytes"
    assert interface.text(QAccessible.Text.Value) == "offset 16, sent, 48 65 6c 6c 6f, text Hello"
    assert "sent, 48 65 6c 6c 6f, text Hello" in interface.text(QAccessible.Text.Description)
    assert "Ctrl+C" in interface.text(QAccessible.Text.Help)
    assert byte_accessible.describe_cursor(view) == "offset 17, sent, 65, text e"
    view.select(14, 18)
    assert byte_accessible.describe_cursor(view) == (
        "4 bytes selected, offset 14, received, 65 66, text ef; offset 16, sent, 48 65, text He"
    )
    view.select_ranges(((0, 1), (18, 20)))
    assert byte_accessible.describe_cursor(view) == (
        "3 bytes selected, offset 0, received, 30, text 0; offset 18, sent, 6c 6c, text ll"
    )
