"""Lists that drop down: their colours, and long ones: what stands first, how many rows, how a word is found."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Mode, Theme
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.widgets.long_choice import MOST_ROWS, LongChoice
from explorer.ui.workbench import Workbench
from explorer.wire.checksums import CHECKSUMS
from explorer.wire.framing.trailer import COMMON, FIELDS
from tests.gui.test_settings_pane import choose, spec
from tests.gui.test_theme import LOOKS, contrast

pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support (raise|grabbing)", extend=True)
CHECKSUM = next(field for field in FIELDS if field.name == "checksum")


@pytest.fixture
def checksums(qtbot: QtBot, theme: Theme) -> LongChoice:
    made = LongChoice(CHECKSUM)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.setFocus()
    return made


def rows(combo: QComboBox) -> list[object]:
    return [combo.itemData(row) for row in range(combo.count())]


@LOOKS
@pytest.mark.parametrize("long", [False, True])
def test_what_drops_down_can_be_read(qtbot: QtBot, theme: Theme, mode: Mode, high: bool, long: bool) -> None:
    colors = Theme(mode, high_contrast=high).colors
    around = QWidget()
    qtbot.addWidget(around)
    combo = LongChoice(CHECKSUM, around) if long else QuietCombo("Some", around)
    if not long:
        combo.addItems(["none", "crc8", "crc16", "crc32"])
    with qtbot.waitExposed(around):
        around.show()
    combo.showPopup()
    popup = combo.view().window()
    qtbot.waitUntil(popup.isVisible)
    image = popup.grab().toImage()
    origin = combo.view().mapTo(popup, combo.view().rect().topLeft())
    place = combo.view().visualRect(combo.model().index(2, 0)).translated(origin).intersected(image.rect())
    seen = {
        image.pixelColor(x, y).name()
        for x in range(place.left() + 4, place.right() - 4)
        for y in range(place.top() + 1, place.bottom() - 1)
    }
    edge = image.pixelColor(0, image.height() // 2).name()
    combo.hidePopup()
    assert colors.base in seen  # as in menus and fields
    assert max(contrast(color, colors.base) for color in seen) >= (7 if high else 4.5)
    assert contrast(edge, colors.base) >= 3  # over a table


def test_what_most_ask_for_stands_first(checksums: LongChoice) -> None:
    found = rows(checksums)
    assert tuple(found[: len(COMMON)]) == COMMON
    assert found[len(COMMON)] is None  # a line between them
    assert sorted(str(one) for one in found if one) == sorted(CHECKSUM.choices)
    assert checksums.itemText(checksums.findData("crc16-modbus")) == "CRC-16/MODBUS"
    labels = {one.name: one.label for one in CHECKSUMS} | {"none": "none"}
    assert all(checksums.itemText(row) == labels[str(name)] for row, name in enumerate(found) if name)


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_a_long_list_leaves_the_screen_to_others(
    qtbot: QtBot, theme: Theme, checksums: LongChoice, zoom: float
) -> None:
    theme._set_zoom(zoom)
    QApplication.processEvents()
    checksums.showPopup()
    view = checksums.view()
    qtbot.waitUntil(view.isVisible)
    assert view.visualRect(checksums.model().index(0, 0)).height() >= checksums.fontMetrics().height() >= 10 * zoom
    places = [view.visualRect(checksums.model().index(row, 0)) for row in range(checksums.count())]
    seen = [place for place in places if place.intersects(view.viewport().rect())]
    assert len(seen) <= MOST_ROWS + 1  # a line between is none
    assert view.verticalScrollBar().isVisible()
    longest = max(checksums.fontMetrics().horizontalAdvance(one.label) for one in CHECKSUMS)
    assert view.viewport().width() >= longest
    checksums.hidePopup()
    theme._set_zoom(1.0)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("modbus", "crc16-modbus"), ("x", "crc16-xmodem"), ("crc32", "crc32"), ("crc-8/d", "crc8-darc"),
     ("adler", "adler32"), ("NMEA", "xor8"), ("xx", "crc16-x25"), ("qq", "none")],
)  # fmt: skip
@pytest.mark.parametrize("opened", [False, True])
def test_typing_finds_any_word(qtbot: QtBot, checksums: LongChoice, typed: str, found: str, opened: bool) -> None:
    if opened:
        checksums.showPopup()
        qtbot.waitUntil(checksums.view().isVisible)
        QTest.keyClicks(checksums.view(), typed)
        QTest.keyClick(checksums.view(), Qt.Key.Key_Return)
    else:
        QTest.keyClicks(checksums, typed)
    assert checksums.currentData() == found


def test_the_order_that_is_usual_comes_with_a_checksum(qtbot: QtBot, workbench: Workbench, theme: Theme) -> None:
    pane = SettingsPane(workbench, theme)
    qtbot.addWidget(pane)
    number = workbench.add_socket(SocketSpec("meter", port=9000, framing=Choice("line")))
    workbench.selection.choose_scope(Scope(number))
    checksum, order = pane.framing.editor("checksum"), pane.framing.editor("checksum_order")
    assert isinstance(checksum, QComboBox)
    assert isinstance(order, QComboBox)
    choose(checksum, "crc16-modbus")
    assert order.currentData() == "little"
    both = {"checksum": "crc16-modbus", "checksum_order": "little"}
    assert spec(workbench, number).framing == Choice("line", both)
    choose(checksum, "crc16-xmodem")
    assert order.currentData() == "big"
    workbench.undo.undo()  # both are one step
    assert spec(workbench, number).framing.settings.get("checksum_order", "big") in ("big", "little")
    choose(checksum, "crc16-modbus")
    choose(order, "big")
    choose(checksum, "crc16-x25")
    assert order.currentData() == "big"  # the user wants it so
