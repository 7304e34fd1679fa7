"""The settings form explains a framing: its picture, presets, what depends on what, and the first messages under it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.fields import check
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Mode, Theme
from explorer.ui.widgets.frame_picture import CUT, FramePicture, role_colors
from explorer.ui.workbench import Workbench
from explorer.wire.framing import registry
from explorer.wire.framing.api import FramingKind, Part, picture_text
from tests.capture.making import accepted, socket_record, traffic
from tests.fakes.untraced import untraced
from tests.gui.conftest import FakeLink, set_framing
from tests.gui.test_accessible_choice import select
from tests.gui.test_settings_pane import choose, retype, spec
from tests.gui.test_theme import contrast

__all__ = ["echo", "pane"]

QUIET = pytest.mark.qt_log_ignore(r"This plugin does not support (raise|grabbing)", extend=True)
PARTS = (
    Part("header: 3", "header", "Stands before the length.", 3, cut=True),
    Part("length: 2 BE", "length", "Its value counts the bytes that follow it.", 2, cut=True),
    Part("payload", "payload", "As many bytes as the length says."),
    Part("crc16-modbus: 2 LE", "checksum", "Checked and cut off.", 2, cut=True),
)


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> SettingsPane:
    made = SettingsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1000, 320)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def echo(workbench: Workbench, pane: SettingsPane) -> int:
    number = workbench.add_socket(SocketSpec("echo", port=9000))
    workbench.selection.choose_scope(Scope(number))
    return number


def shown(pane: SettingsPane) -> str:
    """The first messages as they are read, with whose they are."""
    whose = pane.note.preview.whose
    return f"{whose.text()} {pane.note.preview.line.text()}".strip()


def with_fields(kind: FramingKind) -> bool:
    """Whether it cannot be used before something is filled in."""
    return any(field.default is None for field in kind.fields)


# -- the picture --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [kind.name for kind in registry.kinds()])
def test_every_kind_says_what_it_is(qtbot: QtBot, pane: SettingsPane, echo: int, name: str) -> None:
    kind = registry.find_kind(name)
    first = registry.kinds()[0].name
    if name == first:
        choose(pane.framing.kinds, registry.kinds()[1].name)
    choose(pane.framing.kinds, name)
    note = pane.note
    assert note.isVisible()
    assert note.summary.text() == kind.summary
    assert note.picture.isVisible()
    if with_fields(kind):
        assert note.picture.old
        assert "still missing" in note.picture.accessibleDescription()
        expected = kind.picture(check(kind.fields, kind.presets[0].settings))
    else:
        assert not note.picture.old
        expected = kind.picture(check(kind.fields, {}))
    assert note.picture.text() == picture_text(expected)
    qtbot.waitUntil(lambda: note.picture.width() == note.picture.sizeHint().width())
    boxes = note.picture.boxes()
    assert [words.removesuffix(f" · {CUT}") for _, words in boxes] == [part.label for part in expected]
    assert all(before.right() < after.left() for (before, _), (after, _) in pairwise(boxes))
    assert boxes[-1][0].right() <= note.picture.width()


def test_the_picture_is_drawn_from_what_is_typed(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    choose(pane.framing.kinds, "length")
    width = pane.framing.editor("width")
    assert width is not None
    retype(width, "2")
    kind = registry.find_kind("length")

    def drawn(**settings: int) -> str:
        return picture_text(kind.picture(check(kind.fields, settings)))

    picture = pane.note.picture
    assert picture.text() == drawn(width=2)
    retype(width, "9")
    assert picture.text() == drawn(width=2)  # the last one that was right
    assert picture.old
    assert "wrong" in picture.accessibleDescription()
    assert pane.errors.sentences == ["Length field size must be from 1 to 8 bytes; 9 is not."]
    assert shown(pane) == "The first messages will stand here when the settings are right."
    retype(width, "3")
    assert (picture.text(), picture.old) == (drawn(width=3), False)
    workbench.undo.undo()
    assert picture.text() == drawn()


def test_the_form_of_a_socket_that_nobody_asks_about_stays_small(pane: SettingsPane, echo: int) -> None:
    assert not pane.note.isVisible()
    QTest.mouseClick(pane.framing.toggle, Qt.MouseButton.LeftButton)
    assert pane.note.isVisible()
    assert "No byte marks" in pane.note.picture.accessibleDescription()
    pane.fold(True)
    assert not pane.note.isVisible()


@pytest.fixture
def picture(qtbot: QtBot, theme: Theme) -> FramePicture:
    made = FramePicture(theme)
    qtbot.addWidget(made)
    made.show_parts(PARTS)
    made.resize(made.sizeHint())
    made.show()
    return made


def ink(image: QImage, area: QRect) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(area.left(), area.right() + 1) for y in (area.center().y(),)}


def test_what_is_cut_off_looks_otherwise_and_says_so(picture: FramePicture) -> None:
    assert [words for _, words in picture.boxes()] == [
        "header: 3 · cut off", "length: 2 BE · cut off", "payload", "crc16-modbus: 2 LE · cut off",
    ]  # fmt: skip

    def look(cut: bool) -> tuple[set[str], int]:
        """(colours beside the words, changes of colour along the upper edge)"""
        picture.show_parts((Part("length: 2 BE", "length", "", 2, cut=cut),))
        picture.resize(picture.sizeHint())
        rect = picture.boxes()[0][0]
        image = picture.grab().toImage()
        edge = [image.pixelColor(x, rect.top()).name() for x in range(rect.left() + 1, rect.right())]
        beside = QRect(rect.left() + 1, rect.top() + 1, 6, rect.height() - 2)
        colors = {image.pixelColor(x, y).name() for x in range(beside.left(), beside.right())
                  for y in range(beside.top(), beside.bottom())}  # fmt: skip
        return colors, sum(one != other for one, other in pairwise(edge))

    hatched, breaks = look(cut=True)
    plain, whole = look(cut=False)
    assert len(hatched) > len(plain) == 1
    assert breaks > 6 > whole == 0


@QUIET
def test_a_tip_says_what_each_part_is_for(picture: FramePicture) -> None:
    for (rect, _), part in zip(picture.boxes(), PARTS, strict=True):
        event = QHelpEvent(QHelpEvent.Type.ToolTip, rect.center(), picture.mapToGlobal(rect.center()))
        QApplication.sendEvent(picture, event)
        assert part.note in QToolTip.text()
        assert part.note in picture.accessibleDescription()
    assert picture.tip(PARTS[1]) == (
        "length: 2 BE (2 bytes): Its value counts the bytes that follow it. It is no part of the message."
    )
    picture.show_parts(PARTS, "So it was before.")
    assert picture.tip(PARTS[1]).endswith("\nSo it was before.")
    QToolTip.hideText()


def test_a_narrow_picture_leaves_out_words_and_no_part(picture: FramePicture) -> None:
    wide = picture.sizeHint().width()
    for width in range(wide, picture.minimumSizeHint().width(), -17):
        picture.resize(width, picture.height())
        boxes = picture.boxes()
        assert boxes[-1][0].right() <= width
        assert len(boxes) == len(PARTS)
        for (rect, words), part in zip(boxes, PARTS, strict=True):
            assert picture.fontMetrics().horizontalAdvance(words) <= rect.width()
            assert words
            assert words.startswith(part.label) or words.endswith("…")
    assert picture.text() == picture_text(PARTS)


def test_silence_is_no_bytes_that_are_cut_off(picture: FramePicture) -> None:
    kind = registry.find_kind("idle")
    picture.show_parts(kind.picture(check(kind.fields, {})))
    assert CUT not in "".join(words for _, words in picture.boxes())


def test_the_picture_grows_with_the_text(picture: FramePicture, theme: Theme) -> None:
    before = picture.sizeHint()
    theme._set_zoom(2.0)
    assert picture.sizeHint().height() > 1.7 * before.height()
    assert picture.sizeHint().width() > 1.7 * before.width()


@pytest.mark.parametrize(("mode", "high"), [("light", False), ("dark", False), ("light", True), ("dark", True)])
def test_words_can_be_read_in_every_box(
    qtbot: QtBot, qapp: QApplication, mode: Mode, high: bool, workbench: Workbench
) -> None:
    colors = Theme(mode, high_contrast=high).colors
    for part in PARTS:
        ground, edge = role_colors(colors, part.role)
        assert contrast(colors.text, ground) >= (7 if high else 4.5)
        assert contrast(edge, colors.window) >= 3
    assert len({role_colors(colors, part.role) for part in PARTS}) == len(PARTS)


# -- presets ------------------------------------------------------------------------------------


def press_preset(qtbot: QtBot, pane: SettingsPane, down: int) -> None:
    """Open the menu and choose, by keyboard alone."""
    button = pane.framing.presets
    button.setFocus()
    menu = button.menu()
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(menu.isVisible)
    for _ in range(down):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(menu.isHidden)


@QUIET
@pytest.mark.parametrize("name", [kind.name for kind in registry.kinds() if kind.presets])
def test_a_preset_fills_the_fields_as_one_step_of_undo(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, echo: int, name: str
) -> None:
    kind = registry.find_kind(name)
    set_framing(workbench, echo, Choice(name, {**kind.presets[-1].settings, "max": 77_777}))
    before = spec(workbench, echo).framing
    for number, preset in enumerate(kind.presets):
        press_preset(qtbot, pane, number + 1)
        found = spec(workbench, echo).framing
        assert check(kind.fields, found.settings) == check(kind.fields, preset.settings)
        assert pane.framing.presets.accessibleName() == f"Preset: {preset.label}"
        assert [action.isChecked() for action in pane.framing.presets.menu().actions()] == [
            one is preset for one in kind.presets
        ]
        assert pane.errors.sentences == ["Only programs on this machine can connect. Enter starts it."]
        workbench.undo.undo()
        assert spec(workbench, echo).framing == before


@QUIET
def test_settings_of_ones_own_are_no_preset(qtbot: QtBot, pane: SettingsPane, echo: int) -> None:
    choose(pane.framing.kinds, "length")
    press_preset(qtbot, pane, 1)
    button = pane.framing.presets
    assert button.text().startswith("Preset: ")
    maximum = pane.framing.editor("max")
    assert maximum is not None
    retype(maximum, "4242")
    assert (button.text(), button.accessibleName()) == ("Presets", "Presets")
    assert not any(action.isChecked() for action in button.menu().actions())
    assert all(action.toolTip() for action in button.menu().actions())


# -- what depends on what -----------------------------------------------------------------------


def test_settings_of_a_checksum_come_with_it(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    choose(pane.framing.kinds, "line")
    kind = registry.find_kind("line")
    dependent = [field.name for field in kind.fields if field.needs]
    assert dependent
    editors = [pane.framing.editor(name) for name in dependent]
    assert not any(editor is None or editor.isVisible() for editor in editors)
    checksum, order = pane.framing.editor("checksum"), pane.framing.editor("checksum_order")
    assert isinstance(checksum, QComboBox)
    assert isinstance(order, QComboBox)
    choose(checksum, "crc16-modbus")
    assert all(editor is not None and editor.isVisible() for editor in editors)
    choose(order, "little")
    framing = spec(workbench, echo).framing
    assert framing == Choice("line", {"checksum": "crc16-modbus", "checksum_order": "little"})
    assert "crc16-modbus: 2 LE" in pane.note.picture.text()
    choose(checksum, "none")
    assert spec(workbench, echo).framing == Choice("line")
    assert not order.isVisible()
    assert "crc16" not in pane.note.picture.text()
    choose(checksum, "crc16-modbus")
    assert order.currentData() == "little"  # nothing that was entered is lost
    assert spec(workbench, echo).framing == framing


def test_a_checksum_takes_little_room_and_few_words(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    preset = registry.find_kind("length").presets[0]
    set_framing(workbench, echo, Choice("length", {**preset.settings, "checksum": "crc16-modbus"}))
    pane.framing.toggle.setChecked(True)
    pane.resize(720, 600)
    details = pane.framing.details
    rows = [row for row in details.children() if isinstance(row, QWidget) and row.isVisible()]
    qtbot.waitUntil(lambda: len({row.y() for row in rows}) <= 5 and details.height() <= 5 * (rows[0].height() + 8))
    button = pane.framing.presets
    assert button.text().endswith("+ checksum")
    assert button.accessibleName() == f"Preset: {preset.label} + checksum"
    words = [label.text() for label in details.findChildren(QLabel)]
    assert "order" in words  # behind its checksum; on its own it is called in full
    order = pane.framing.editor("checksum_order")
    assert order is not None
    assert order.accessibleName() == pane.framing.labels()["checksum_order"] == "Checksum byte order"
    line = pane.note
    assert line.picture.y() + line.picture.height() > line.summary.y()  # the sentence stands beside the picture
    assert line.picture.geometry().right() < line.summary.x()


def test_a_screen_reader_can_choose_in_lists_that_come_with_a_kind(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    choose(pane.framing.kinds, "line")
    ending = pane.framing.editor("ending")
    assert isinstance(ending, QComboBox)
    select(ending, ending.findData("crlf"))
    qtbot.waitUntil(lambda: spec(workbench, echo).framing == Choice("line", {"ending": "crlf"}))


def test_what_is_wrong_in_a_field_that_is_not_there_stops_nobody(
    pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    choose(pane.framing.kinds, "line")
    checksum, start = pane.framing.editor("checksum"), pane.framing.editor("checksum_from")
    assert isinstance(checksum, QComboBox)
    assert start is not None
    choose(checksum, "crc16-modbus")
    retype(start, "x")
    assert "must be a whole number" in pane.start_problem
    choose(checksum, "none")
    assert pane.start_problem == ""
    choose(checksum, "crc16-modbus")
    assert "must be a whole number" in pane.start_problem


# -- the first messages -------------------------------------------------------------------------


def test_no_bytes_yet(pane: SettingsPane, echo: int) -> None:
    choose(pane.framing.kinds, "line")
    assert shown(pane) == "No bytes captured yet: the first messages will stand here."


def test_messages_that_are_captured_are_seen_under_what_is_chosen(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    socket_record(writer, echo)
    accepted(writer, 5, "127.0.0.1:51514", socket=echo)
    traffic(writer, CallKind.recv, b"\x05hello\x05wo", 5, echo)
    workbench.indexer.wake()
    choose(pane.framing.kinds, "line")
    whose = "Received from 127.0.0.1:51514:"
    assert shown(pane) == f"{whose} No whole message yet in 9 bytes."  # at once, without waiting for a tick
    choose(pane.framing.kinds, "length")
    for name, value in (("width", "1"), ("skip", "1")):
        editor = pane.framing.editor(name)
        assert editor is not None
        retype(editor, value)
    assert shown(pane) == f'{whose} 1: "hello" 5 B · 3 bytes more wait for the rest'
    traffic(writer, CallKind.recv, b"rld\xffx", 5, echo)
    qtbot.waitUntil(lambda: '2: "world" 5 B' in shown(pane))
    maximum = pane.framing.editor("max")
    assert maximum is not None
    retype(maximum, "100")
    assert "3: error at byte 12: The length field says 255" in shown(pane)


def test_it_is_said_whose_messages_they_are(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    choose(pane.framing.kinds, "line")
    socket_record(writer, echo)
    traffic(writer, CallKind.send, b"we begin\n", 5, echo)
    qtbot.waitUntil(lambda: shown(pane) == 'Sent to connection 5: 1: "we begin" 8 B')
    accepted(writer, 5, "127.0.0.1:51514", socket=echo)
    accepted(writer, 6, "127.0.0.1:51515", socket=echo)
    traffic(writer, CallKind.recv, b"one\n", 5, echo)
    traffic(writer, CallKind.recv, b"two\n", 6, echo)
    qtbot.waitUntil(lambda: shown(pane) == 'Received from 127.0.0.1:51514: 1: "one" 3 B')
    workbench.selection.choose_scope(Scope(echo, 6))
    assert shown(pane) == 'Received from 127.0.0.1:51515: 1: "two" 3 B'
    other = workbench.add_socket(SocketSpec("other", port=9001, framing=Choice("line")))
    workbench.selection.choose_scope(Scope(other))
    assert "No bytes captured yet" in shown(pane)
    workbench.selection.choose_scope(Scope(echo))
    assert shown(pane) == 'Received from 127.0.0.1:51514: 1: "one" 3 B'


def test_text_is_in_the_encoding_of_the_socket(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    traffic(writer, CallKind.recv, "Grüße\t\x1b".encode("latin-1") + b"\n", 5, echo)
    choose(pane.framing.kinds, "line")
    qtbot.waitUntil(lambda: r'"Gr\xfc\xdfe\t\x1b" 7 B' in shown(pane))
    choose(pane.encoding, "latin-1")
    assert r'"Grüße\t\x1b" 7 B' in shown(pane)


def test_silence_is_waited_for(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    traffic(writer, CallKind.recv, b"hello", 5, echo)
    choose(pane.framing.kinds, "idle")
    gap = pane.framing.editor("ms")
    assert gap is not None
    retype(gap, "600000")
    assert "No whole message yet in 5 bytes." in shown(pane)
    retype(gap, "150")
    qtbot.waitUntil(lambda: '1: "hello" 5 B' in shown(pane))


def test_a_line_that_is_too_long_ends_in_dots_and_the_tip_has_it_all(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    for number in range(20):
        traffic(writer, CallKind.recv, b"message number %d\n" % number, 5, echo)
    pane.resize(500, 320)
    choose(pane.framing.kinds, "line")
    line = pane.note.preview.line
    qtbot.waitUntil(lambda: "8: " in line.text())
    assert "9: " not in line.text()
    qtbot.waitUntil(lambda: line.toolTip() == line.text())
    assert line.geometry().right() <= pane.note.width()
    assert line.mapTo(pane, QPoint(line.width(), 0)).x() <= pane.width()


def test_nothing_is_looked_at_while_nobody_sees_it(
    pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    choose(pane.framing.kinds, "line")
    preview = pane.note.preview
    assert preview._sources
    pane.fold(True)
    assert not preview._sources
    traffic(writer, CallKind.recv, b"one\n", 5, echo)
    pane.fold(False)
    assert 'connection 5: 1: "one" 3 B' in shown(pane)


def test_very_much_traffic_costs_the_window_nothing(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, echo: int
) -> None:
    choose(pane.framing.kinds, "line")
    for _ in range(3000):
        writer.add(CallKind.recv, echo, 5, size=0)
        traffic(writer, CallKind.recv, b"x" * 15, 5, echo)
    preview = pane.note.preview
    qtbot.waitUntil(lambda: "No whole message yet in 45,000 bytes." in shown(pane))
    with untraced():
        taken = []
        for _ in range(200):
            begun = time.perf_counter()
            preview._on_tick()
            taken.append(time.perf_counter() - begun)
    assert sorted(taken)[190] < 0.000_5
    with untraced():
        begun = time.perf_counter()
        preview._look()
        assert time.perf_counter() - begun < 0.02


def test_another_capture_begins_empty(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int
) -> None:
    traffic(writer, CallKind.recv, b"one\n", 5, echo)
    writer.add(CallKind.recv, echo, 5, flags=CallFlag.END)
    choose(pane.framing.kinds, "line")
    qtbot.waitUntil(lambda: '"one"' in shown(pane))
    link.news.append(events.SocketChanged(echo, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()
    assert '"one"' in shown(pane)


# -- room ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [kind.name for kind in registry.kinds()])
def test_large_text_leaves_every_control_in_sight(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, theme: Theme, echo: int, name: str
) -> None:
    kind = registry.find_kind(name)
    settings = dict(kind.presets[-1].settings) if kind.presets else {}
    if any(field.name == "checksum" for field in kind.fields):
        settings["checksum"] = "crc16-modbus"
    set_framing(workbench, echo, Choice(name, settings))
    pane.framing.toggle.setChecked(True)
    pane.slow.setChecked(True)
    theme._set_zoom(3.0)
    QApplication.processEvents()
    layout = pane.content.layout()
    assert layout is not None
    margins = layout.contentsMargins()
    least = pane.header.minimumSizeHint().width() + margins.left() + margins.right()
    assert pane.content.minimumSizeHint().width() == least  # nothing else makes the form wider
    pane.resize(pane.minimumSizeHint().width(), 500)
    qtbot.waitUntil(lambda: pane.content.width() < least + 100)
    QApplication.processEvents()
    for widget in (*pane.framing.widgets(), *pane.pace.widgets(), pane.note.picture, pane.note.preview.line):
        if widget.isVisible():
            right = widget.mapTo(pane.content, widget.rect().topRight()).x()
            assert right <= pane.content.width(), widget.accessibleName()
    theme._set_zoom(1.0)
