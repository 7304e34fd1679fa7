"""What the byte pane shows besides the bytes, on all of its pages: hits, highlights, notes, values, the overview."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import SocketSpec
from explorer.ui.models.inspector_model import LITTLE
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.inspector_pane import InspectorPane
from explorer.ui.theme import Theme
from explorer.ui.widgets import byte_accessible, byte_hints
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.text_page import TextPage
from explorer.ui.widgets.text_view import TextView
from explorer.ui.workbench import Workbench
from tests.gui.byte_captures import RECEIVED, SENT, put


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> BytesPane:
    made = BytesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    qtbot.waitExposed(made)
    return made


def wait_size(qtbot: QtBot, pane: BytesPane, size: int) -> None:
    qtbot.waitUntil(lambda: pane.view.rows.size == size)


def text_view(pane: BytesPane) -> TextView:
    pane.set_choices({"view": "text"})
    page = pane.pages.page
    assert isinstance(page, TextPage)
    return page.view


def picture(view: ByteView | TextView) -> QImage:
    return view.viewport().grab().toImage()


def colors_in(view: ByteView | TextView) -> set[str]:
    image = picture(view).convertToFormat(QImage.Format.Format_RGB32)
    return {QColor(pixel).name() for pixel in set(memoryview(image.constBits()).cast("I"))}


def find(pane: BytesPane, qtbot: QtBot, text: str) -> None:
    pane.open_find()
    pane.find_bar.field.setText(text)
    QTest.keyClick(pane.find_bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not pane._workbench.finder.searching and pane._workbench.finder.current is not None)


def test_the_hit_gone_to_last_stands_out(pane: BytesPane, qtbot: QtBot, writer: Writer, theme: Theme) -> None:
    put(writer, RECEIVED, b"one two one")
    put(writer, SENT, b"x")
    put(writer, RECEIVED, b" o")
    put(writer, SENT, b"y")
    put(writer, RECEIVED, b"ne")
    wait_size(qtbot, pane, 17)
    assert pane.view.shown_view().hit == ()
    find(pane, qtbot, "one")
    shown = pane.view.shown_view()
    assert shown.hit == ((0, 3),)
    assert set(shown.hits) >= {(0, 3), (8, 11)}
    pane.find_bar.find_next()
    assert pane.view.shown_view().hit == ((8, 11),)
    pane.find_bar.find_next()  # in two calls of its direction, with one of the other between
    assert pane.view.shown_view().hit == ((13, 14), (15, 17))
    hit_now = QColor(theme.colors.hit_now).name()
    assert hit_now in colors_in(pane.view)
    text = text_view(pane)
    assert hit_now in colors_in(text)
    pane.find_bar.close_bar()
    assert hit_now not in colors_in(text)
    assert pane.view.shown_view().hit == ()


def test_a_hit_in_the_direction_that_is_hidden_shows_both(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, b"question")
    put(writer, SENT, b"answer")
    pane.set_direction("received")
    wait_size(qtbot, pane, 8)
    find(pane, qtbot, "quest")
    assert pane.source.direction == "received"
    assert not pane.notice.isVisible()
    find(pane, qtbot, "swer")
    assert pane.header.button("both").isChecked()
    assert pane.notice.text.text() == (
        "This hit was sent, and only received bytes were shown: now both directions are."
    )
    qtbot.waitUntil(lambda: pane.view.ranges == ((10, 14),))
    assert workbench.selection.span == Span(1, 2, 1, 6)
    pane.set_direction("received")  # as the user wants it afterwards
    workbench.finder.changed.emit()
    assert pane.header.button("received").isChecked()


def test_highlights_are_painted_on_text(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, theme: Theme
) -> None:
    put(writer, RECEIVED, b"first line\nsecond line\n")
    wait_size(qtbot, pane, 23)
    text = text_view(pane)
    highlight, edge = (QColor(one[2]).name() for one in (theme.colors.highlights, theme.colors.highlight_marks))
    assert not {highlight, edge} & colors_in(text)
    number = workbench.notes.add(Span(0, 6, 0, 17, 1, True), 2)
    assert number is not None
    assert {highlight, edge} <= colors_in(text)
    image, rows = picture(text), text.shown_rows()
    for row, (start, stop) in enumerate(((6, 11), (11, 17))):  # on both of its lines, and nowhere else
        top = row * text.painter.line
        box = text.painter.rect(rows[row], start, stop, top)
        assert image.pixelColor(box.center().x(), box.top() + 1).name() == highlight
        assert image.pixelColor(box.right() + 4, box.top() + 1).name() != highlight
        assert image.pixelColor(box.center().x(), box.bottom()).name() == edge
    before = image.pixelColor(text.painter.rect(rows[0], 6, 7, 0).topRight() + QPoint(0, 1)).name()
    workbench.notes.set_text(number, "why here?")  # a square where a note begins
    corner = text.painter.rect(text.shown_rows()[0], 6, 7, 0).topRight()
    assert (before, picture(text).pixelColor(corner + QPoint(0, 1)).name()) == (highlight, edge)
    workbench.notes.remove([number])
    assert not {highlight, edge} & colors_in(text)


class Said:
    """In place of QToolTip, which takes its time to go."""

    text = ""

    @classmethod
    def showText(cls, place: QPoint, text: str, *_: object) -> None:
        cls.text = text

    @classmethod
    def hideText(cls) -> None:
        cls.text = ""


def rest(view: ByteView | TextView, place: QPoint) -> str:
    """What is said when the mouse rests somewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_hints, "QToolTip", Said)
        event = QHelpEvent(QHelpEvent.Type.ToolTip, place, view.viewport().mapToGlobal(place))
        QApplication.sendEvent(view.viewport(), event)
    return Said.text


def test_a_note_is_told_where_the_mouse_rests(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, b"0123456789")
    put(writer, SENT, b"abcdef")
    wait_size(qtbot, pane, 16)
    number = workbench.notes.add(Span(0, 4, 1, 2), 1, "is this <b>right</b>?\nask")
    assert number is not None
    for side in ("hex", "text"):
        said = [rest(pane.view, pane.view.byte_rect(at, side).center()) for at in (3, 4, 11, 12)]
        assert ["right" in one for one in said] == [False, True, True, False]
        assert "&lt;b&gt;" in said[1]  # as it was typed
    text = text_view(pane)
    rows = text.shown_rows()
    boxes = [text.painter.rect(rows[0], at, at + 1, 0).center() for at in (3, 4)]
    assert ["ask" in rest(text, box) for box in boxes] == [False, True]
    assert rest(text, QPoint(text.viewport().width() - 2, 2)) == ""
    workbench.notes.set_text(number, "x" * 5000)
    assert len(rest(text, boxes[1])) < 1000
    workbench.notes.set_text(number, "")  # only a highlight
    assert rest(text, boxes[1]) == ""


def test_what_borders_mean_is_told(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"0123456789")
    wait_size(qtbot, pane, 10)
    header, above = pane.header, QPoint(40, 3)
    assert header.view_menu.toolTipsVisible()
    assert "tick" in header.call_marks.toolTip()
    assert "corner" in header.message_marks.toolTip()
    said = rest(pane.view, above)
    assert "tick" in said
    assert "corner" not in said
    header.message_marks.setChecked(True)
    for said in (rest(pane.view, above), header.view_button.toolTip()):
        assert "tick" in said
        assert "corner" in said
    header.message_marks.setChecked(False)
    header.call_marks.setChecked(False)
    assert rest(pane.view, above) == ""
    assert header.view_button.toolTip() == "What is shown, and how"


def test_what_a_value_is_made_of_is_marked(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, theme: Theme
) -> None:
    put(writer, RECEIVED, b"\x01\x02\x03")
    put(writer, SENT, b"\xff")
    put(writer, RECEIVED, b"\x04\x05\x06\x07\x08\x09")
    inspector = InspectorPane(workbench, theme)
    qtbot.addWidget(inspector)
    inspector.resize(420, 700)
    inspector.show()
    qtbot.waitExposed(inspector)
    wait_size(qtbot, pane, 10)
    workbench.selection.choose_cursor(Place(0, 1))
    row = next(at for at, one in enumerate(inspector.model.rows) if one.kind.name == "u32")
    inspector.table.setCurrentIndex(inspector.model.index(row, LITTLE))
    assert workbench.selection.covered == (Place(0, 1), 4)
    assert pane.view.shown_view().covered == ((1, 3), (4, 6))
    workbench.selection.choose_cursor(Place(2, 0))
    assert pane.view.shown_view().covered == ((4, 8),)
    accent = QColor(theme.colors.accent).name()

    def below(view: TextView) -> list[str]:
        image, shown = picture(view), view.shown_rows()[2]
        boxes = [view.painter.rect(shown, at, at + 1, 2 * view.painter.line) for at in (4, 7, 8)]
        return [image.pixelColor(box.center().x(), box.bottom() - 1).name() for box in boxes]

    text = text_view(pane)
    assert [color == accent for color in below(text)] == [True, True, False]
    inspector.hide()
    assert workbench.selection.covered is None
    assert [color == accent for color in below(text)] == [False, False, False]


@pytest.mark.parametrize("name", ["text", "table"])
@pytest.mark.parametrize("height", [200, 420, 700])
def test_another_page_shows_what_is_selected(
    pane: BytesPane, qtbot: QtBot, writer: Writer, name: str, height: int
) -> None:
    pane.resize(900, height)
    put(writer, RECEIVED, b"".join(b"line %04d\n" % number for number in range(40)))
    wait_size(qtbot, pane, 400)
    pane.go_to(380)
    pane.set_choices({"view": name})
    page = pane.pages.page
    assert page is not None
    qtbot.waitUntil(lambda: page.seen[0] <= 380 < page.seen[1])
    pane.go_to(15)
    qtbot.waitUntil(lambda: page.seen[0] <= 15 < page.seen[1])


def test_the_cursor_stays_in_sight_in_a_lower_view_of_text(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"".join(b"line %04d\n" % number for number in range(400)))
    wait_size(qtbot, pane, 4000)
    text, page = text_view(pane), pane.pages.page
    assert page is not None
    text.follow()
    qtbot.waitUntil(lambda: page.seen[1] == 4000)
    text.move_cursor(3985)
    before = page.seen
    pane.resize(900, 240)
    qtbot.waitUntil(lambda: page.seen[1] - page.seen[0] < before[1] - before[0])
    assert page.seen[0] <= 3985 < page.seen[1]


@pytest.mark.parametrize("name", ["text", "table"])
def test_the_overview_follows_every_page(pane: BytesPane, qtbot: QtBot, writer: Writer, name: str) -> None:
    put(writer, RECEIVED, b"".join(b"line %04d\n" % number for number in range(2000)))
    wait_size(qtbot, pane, 20_000)
    pane.set_choices({"view": name})
    page = pane.pages.page
    assert page is not None
    qtbot.waitUntil(lambda: page.scroll_bar.maximum() > 100)
    page.scroll_bar.setValue(0)
    start, stop = page.seen
    assert start == 0
    assert 0 < stop < 10_000
    assert pane.overview.bar.shown == (start, stop)
    page.scroll_bar.setValue(page.scroll_bar.maximum() // 2)
    start, stop = page.seen
    assert 5000 < start < stop < 15_000
    assert pane.overview.bar.shown == (start, stop)
    pane.set_choices({"view": "hex"})
    assert pane.overview.bar.shown == pane.view.seen


def test_a_screen_reader_is_told_the_text_that_is_shown(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    number = workbench.add_socket(SocketSpec("one", "tcp", "client", "127.0.0.1", 9, encoding="utf-8"))
    workbench.selection.choose_scope(Scope(number))
    put(writer, RECEIVED, "né ж".encode(), number)
    put(writer, SENT, b"\xff\n", number)
    wait_size(qtbot, pane, 8)
    assert byte_accessible.describe_row(pane.view, 0) == (
        "offset 0, received, 6e c3 a9 20 d0 b6, text né ж; offset 6, sent, ff 0a, text ▫·"
    )
    pane.view.select(1, 3, by_user=True)
    assert byte_accessible.describe_cursor(pane.view) == "2 bytes selected, offset 1, received, c3 a9, text é"
