"""The composer's two editors on the same bytes: typing, selecting, pasting, undo across both, fields."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.snippet import Mode
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.pasting import LONGEST_PASTE
from explorer.ui.widgets.hex_edit import HexEdit
from explorer.ui.widgets.hex_edit_menu import HexEditMenu
from explorer.ui.widgets.message_editor import UNREADABLE
from explorer.ui.workbench import Workbench
from explorer.ui.written import LONGEST_TEXT
from explorer.wire.formats import FORMATS
from explorer.wire.formats.api import Format
from tests.gui.conftest import FakeLink
from tests.gui.test_send_pane import connect, sent, type_in

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
DATA = b"Hi \x00\xff\r\n"


@pytest.fixture
def hexes(send_pane: SendPane) -> HexEdit:
    """The hex editor, in use."""
    send_pane.mode.button("hex").click()
    send_pane.hex.setFocus()
    assert send_pane.hex.hasFocus()
    return send_pane.hex


def press(widget: QWidget, *keys: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    for key in keys:
        QTest.keyClick(widget, key, modifier)


def copy(text: str) -> None:
    QApplication.clipboard().setText(text)


# -- in step --------------------------------------------------------------------------------------


def test_typing_in_hex_is_seen_as_text_and_the_other_way(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "48 65:6c6C")
    assert send_pane.editor.text == "48 65 6c 6c"
    assert send_pane.count.text() == "4 bytes"
    send_pane.mode.button("text").click()
    assert send_pane.editor.text == "Hell"
    QTest.keyClicks(send_pane.editor, r"o\xff")
    assert hexes.editing.data == b"Hello\xff"


def test_bytes_that_are_no_text_are_escapes(send_pane: SendPane, hexes: HexEdit) -> None:
    send_pane.mode.button("text").click()
    send_pane.both.click()
    assert hexes.isVisible()
    hexes.setFocus()
    QTest.keyClicks(hexes, "c3a9ff00")
    assert send_pane.editor.text == r"é\xff\0"
    press(hexes, Qt.Key.Key_Backspace)
    assert send_pane.editor.text == r"é\xff"


def test_half_a_byte_is_not_sent(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int, hexes: HexEdit
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    QTest.keyClicks(hexes, "486")
    assert send_pane.status.text().startswith("⚠ Half a byte")
    assert not send_pane.button.isEnabled()
    press(hexes, Qt.Key.Key_Return)
    assert sent(link) == []
    press(hexes, Qt.Key.Key_Backspace, Qt.Key.Key_Return)
    assert sent(link) == [b"H"]


def test_half_a_byte_stays_while_the_text_is_typed_into(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int, hexes: HexEdit
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    send_pane.mode.button("text").click()
    send_pane.both.click()
    QTest.keyClicks(hexes, "414")
    press(send_pane.editor, Qt.Key.Key_Home)
    QTest.keyClicks(send_pane.editor, "xy")
    assert hexes.editing.data == b"xyA"
    assert send_pane.status.text().startswith("⚠ Half a byte")
    QTest.keyClicks(hexes, "2")
    assert send_pane.editor.text == "xyAB"
    # Under a message whose bytes cannot be edited, it can still be taken back.
    QTest.keyClicks(hexes, "4")
    QTest.keyClicks(send_pane.editor, "\\")
    assert hexes.locked
    press(hexes, Qt.Key.Key_Backspace)
    assert not hexes.problem
    press(send_pane.editor, Qt.Key.Key_Backspace)
    assert send_pane.button.isEnabled()


def test_whether_typing_overwrites_is_shown(send_pane: SendPane, hexes: HexEdit) -> None:
    assert send_pane.typing.isVisible()
    assert send_pane.typing.text() == "Insert"
    press(hexes, Qt.Key.Key_Insert)
    assert send_pane.typing.text() == "Overwrite"
    assert send_pane.status.text() == "What is typed replaces bytes now; Ins changes that."
    press(hexes, Qt.Key.Key_Insert)
    assert send_pane.typing.text() == "Insert"
    send_pane.both.click()
    assert not send_pane.typing.isVisible()


@pytest.mark.parametrize("mode", ["text", "hex"])
def test_a_message_grows_to_its_bound_and_no_longer(send_pane: SendPane, hexes: HexEdit, mode: Mode) -> None:
    send_pane.mode.button(mode).click()
    copy("a\x01" * 10_000 if mode == "text" else "61" * 30_000)
    send_pane.editor.paste()
    size = len(send_pane.editor.text)
    assert size == (50_000 if mode == "text" else 60_000)
    send_pane.editor.paste()
    assert len(send_pane.editor.text) == size
    assert send_pane.status.text().startswith(f"⚠ The message would have {2 * size:,} characters")
    press(send_pane.editor, Qt.Key.Key_V, modifier=CONTROL | SHIFT)
    assert len(send_pane.editor.text) == size
    # Key by key, too, in both editors.
    filled = "a" * LONGEST_TEXT if mode == "text" else "61" * (LONGEST_TEXT // 2)
    send_pane.editor.selectAll()
    send_pane.editor.insertPlainText(filled)
    assert len(send_pane.editor.text) == LONGEST_TEXT
    QTest.keyClicks(send_pane.editor, "6")
    assert send_pane.editor.text == filled
    assert "characters" in send_pane.status.text()
    if mode == "text":
        send_pane.both.click()
        send_pane.mode.button("hex").click()
        assert send_pane.mode.value == "text"
        assert "⚠ The message would have 196,607 characters" in send_pane.status.text()
    before = hexes.editing.data
    hexes.setFocus()
    QTest.keyClicks(hexes, "62")
    assert hexes.editing.data == before
    assert "characters" in send_pane.status.text()
    press(send_pane.editor, Qt.Key.Key_Backspace)
    assert len(send_pane.editor.text) == LONGEST_TEXT - 1


def test_what_is_selected_in_one_is_selected_in_the_other(send_pane: SendPane, hexes: HexEdit) -> None:
    send_pane.mode.button("text").click()
    send_pane.both.click()
    send_pane.editor.selectAll()
    send_pane.editor.insertPlainText(r"a\x41éz")
    send_pane.editor.select(1, 6)
    assert hexes.editing.selection == (1, 4)
    hexes.setFocus()
    press(hexes, Qt.Key.Key_Home)
    press(hexes, Qt.Key.Key_Right, Qt.Key.Key_Right, modifier=SHIFT)
    assert send_pane.editor.textCursor().selectedText() == r"a\x41"


def test_undo_goes_over_both_editors_and_modes(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "4869")
    send_pane.mode.button("text").click()
    QTest.keyClicks(send_pane.editor, "!")
    send_pane.mode.button("python").click()
    press(send_pane.editor, Qt.Key.Key_Z, modifier=CONTROL)
    assert (send_pane.mode.value, send_pane.editor.text) == ("python", "b'Hi'")
    send_pane.mode.button("hex").click()
    hexes.setFocus()
    press(hexes, Qt.Key.Key_Z, modifier=CONTROL)
    assert hexes.editing.data == b"H"
    press(hexes, Qt.Key.Key_Z, modifier=CONTROL | SHIFT)
    press(hexes, Qt.Key.Key_Y, modifier=CONTROL)
    assert hexes.editing.data == b"Hi!"


def test_unreadable_text_is_not_overwritten_from_the_hex_editor(send_pane: SendPane, hexes: HexEdit) -> None:
    type_in(send_pane, "48 6")
    hexes.setFocus()
    QTest.keyClicks(hexes, "41")
    assert send_pane.editor.text == "48 6"
    assert "cannot be read as bytes yet" in send_pane.status.text()


def test_after_undo_the_cursor_stands_where_the_edit_was(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "00112233445566")
    press(hexes, *[Qt.Key.Key_Left] * 2)
    QTest.keyClicks(hexes, "aabb")
    press(hexes, Qt.Key.Key_Home)
    press(hexes, Qt.Key.Key_Z, modifier=CONTROL)
    while hexes.editing.size > 7:
        press(hexes, Qt.Key.Key_Z, modifier=CONTROL)
    assert hexes.editing.cursor == 5
    press(hexes, Qt.Key.Key_Home)
    press(hexes, Qt.Key.Key_Delete)
    press(hexes, Qt.Key.Key_End)
    press(hexes, Qt.Key.Key_Z, modifier=CONTROL)
    assert (hexes.editing.data[:1], hexes.editing.cursor) == (b"\0", 1)


def test_fields_that_cannot_be_read_have_no_bytes(send_pane: SendPane, hexes: HexEdit) -> None:
    send_pane.mode.button("text").click()
    send_pane.both.click()
    type_in(send_pane, "ab")
    send_pane.editors.use_fields(True)
    QTest.keyClicks(send_pane.editor, "{{crc17}}")
    assert (hexes.editing.data, hexes.toolTip()) == (b"", UNREADABLE)
    send_pane.editors.recall("text", "ok", False)
    assert (hexes.editing.data, hexes.toolTip()) == (b"ok", "")
    press(send_pane.editor, Qt.Key.Key_Z, modifier=CONTROL)
    assert send_pane.editor.text == "ab{{crc17}}"
    assert (hexes.editing.data, hexes.toolTip()) == (b"", UNREADABLE)


@pytest.mark.parametrize("where", ["editor", "hex"])
def test_clearing_says_what_brings_the_message_back(send_pane: SendPane, hexes: HexEdit, where: str) -> None:
    type_in(send_pane, "48 69")
    widget = getattr(send_pane, where)
    widget.setFocus()
    if widget is hexes:
        press(widget, Qt.Key.Key_Right)
    press(widget, Qt.Key.Key_Escape)
    assert send_pane.editor.text == ""
    assert send_pane.status.text() == "Cleared. Ctrl+Z brings it back."
    press(widget, Qt.Key.Key_Z, modifier=CONTROL)
    assert send_pane.editor.text == "48 69"


# -- keys -----------------------------------------------------------------------------------------


def test_moving_selecting_erasing_and_overwriting(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, bytes(range(20)).hex())
    press(hexes, Qt.Key.Key_Home, modifier=CONTROL)
    press(hexes, Qt.Key.Key_Delete)
    assert hexes.editing.data == bytes(range(1, 20))
    press(hexes, Qt.Key.Key_End, modifier=CONTROL)
    press(hexes, Qt.Key.Key_Backspace)
    press(hexes, Qt.Key.Key_Up)
    assert hexes.editing.cursor == 18 - hexes.grid.per_row
    press(hexes, Qt.Key.Key_Home)
    press(hexes, Qt.Key.Key_Right, Qt.Key.Key_Right, modifier=SHIFT)
    press(hexes, Qt.Key.Key_Delete)
    assert hexes.editing.data == bytes(range(3, 19))
    press(hexes, Qt.Key.Key_Insert)
    QTest.keyClicks(hexes, "ff")
    assert hexes.editing.data == b"\xff" + bytes(range(4, 19))
    press(hexes, Qt.Key.Key_A, modifier=CONTROL)
    QTest.keyClicks(hexes, "00")
    assert hexes.editing.data == b"\0"


def test_the_text_column_takes_characters_of_the_encoding(send_pane: SendPane, hexes: HexEdit) -> None:
    press(hexes, Qt.Key.Key_Right, modifier=CONTROL)
    QTest.keyClicks(hexes, "f5")
    assert hexes.editing.data == b"f5"
    hexes.encoding = "ascii"
    QApplication.sendEvent(hexes, QKeyEvent(QEvent.Type.KeyPress, 0, NONE, "é"))
    assert "does not exist in ascii" in send_pane.status.text()
    press(hexes, Qt.Key.Key_Left, modifier=CONTROL)
    QTest.keyClicks(hexes, "g")
    assert "'g' is not a hex digit" in send_pane.status.text()
    assert hexes.editing.data == b"f5"


def test_tab_leaves_and_escape_clears_step_by_step(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "41424")
    press(hexes, Qt.Key.Key_Escape)
    assert hexes.editing.data == b"AB"
    press(hexes, Qt.Key.Key_Escape)
    assert hexes.editing.data == b""
    press(hexes, Qt.Key.Key_Z, modifier=CONTROL)
    assert hexes.editing.data == b"AB"
    press(hexes, Qt.Key.Key_Tab)
    assert not hexes.hasFocus()


def test_arrows_at_the_edges_go_through_what_was_sent(send_pane: SendPane, hexes: HexEdit) -> None:
    send_pane.set_history(["hex:01", "text:A"])
    QTest.keyClicks(hexes, "ff")
    press(hexes, Qt.Key.Key_Up)
    assert hexes.editing.data == b"A"
    press(hexes, Qt.Key.Key_Up)
    assert hexes.editing.data == b"\x01"
    press(hexes, Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert hexes.editing.data == b"\xff"


def test_keys_of_the_editor_are_not_taken_for_shortcuts(hexes: HexEdit) -> None:
    for key, modifier, wanted in (
        (Qt.Key.Key_Z, CONTROL, True), (Qt.Key.Key_V, CONTROL | SHIFT, True), (Qt.Key.Key_1, CONTROL, False),
        (Qt.Key.Key_F5, NONE, False), (Qt.Key.Key_A, NONE, True), (Qt.Key.Key_Delete, CONTROL, True),
    ):  # fmt: skip
        text = "a" if key == Qt.Key.Key_A else ""
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier, text)
        event.ignore()
        QApplication.sendEvent(hexes, event)
        assert event.isAccepted() == wanted, key


def test_the_mouse_selects_in_both_columns(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "4142434445")
    grid, line = hexes.grid, hexes.grid.line
    for side in ("hex", "text"):
        start = QPoint(grid.x(side, 1) + 1, line // 2)
        stop = QPoint(grid.x(side, 3) + 1, line // 2)
        QTest.mouseClick(hexes.viewport(), Qt.MouseButton.LeftButton, NONE, start)
        QTest.mouseClick(hexes.viewport(), Qt.MouseButton.LeftButton, SHIFT, stop)
        assert (hexes.editing.side, hexes.editing.selected) == (side, b"BC")


def test_any_size_and_zoom_shows_the_cursor(qtbot: QtBot, send_pane: SendPane, hexes: HexEdit) -> None:
    copy(bytes(2000).hex())
    press(hexes, Qt.Key.Key_V, modifier=CONTROL)
    for width in (300, 700, 1400):
        send_pane.resize(width, 300)
        qtbot.waitUntil(lambda: hexes.grid.width <= hexes.viewport().width() or hexes.grid.per_row == 4)
        row = hexes.editing.cursor // hexes.grid.per_row
        hexes.after_move()
        top = hexes.verticalScrollBar().value()
        assert top <= row < top + hexes.page_rows
    assert hexes.grid.per_row == 16


# -- copy and paste -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [form for form in FORMATS if form.parse is not None], ids=lambda form: form.name)
def test_every_copy_format_pastes_as_the_same_bytes(send_pane: SendPane, hexes: HexEdit, form: Format) -> None:
    QTest.keyClicks(hexes, DATA.hex())
    press(hexes, Qt.Key.Key_A, modifier=CONTROL)
    menu = HexEditMenu(hexes)
    [action] = [action for action in menu.forms.actions() if action.text() == form.label]
    action.trigger()
    copied = QApplication.clipboard().text()
    assert copied == form.render(DATA, "utf-8")
    press(hexes, Qt.Key.Key_Delete)
    press(hexes, Qt.Key.Key_V, modifier=CONTROL)
    assert hexes.editing.data == DATA
    assert send_pane.status.text().startswith("Pasted 7 bytes, read as: ")
    send_pane.mode.button("text").click()
    send_pane.editor.clear_text()
    press(send_pane.editor, Qt.Key.Key_V, modifier=CONTROL | SHIFT)
    assert send_pane._composer.data == DATA


def test_wrong_paste_says_why_and_changes_nothing(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "41")
    copy("48 6")
    press(hexes, Qt.Key.Key_V, modifier=CONTROL)
    assert send_pane.status.text().startswith("⚠ What was pasted was not taken.")
    assert "odd number" in send_pane.status.text()
    copy("0" * (3 * LONGEST_PASTE))
    press(hexes, Qt.Key.Key_V, modifier=CONTROL)
    assert "Send file" in send_pane.status.text()
    assert hexes.editing.data == b"A"
    send_pane.mode.button("text").click()
    copy("what is this?")
    press(send_pane.editor, Qt.Key.Key_V, modifier=CONTROL | SHIFT)
    assert "Paste it as text instead" in send_pane.status.text()
    assert send_pane.editor.text == "A"


def test_paste_as_bytes_fits_into_each_way_of_writing(send_pane: SendPane) -> None:
    for mode, begin, result in (("text", "a", b"aHi"), ("hex", "01", b"\x01Hi"), ("python", "b'a'", b"aHi")):
        send_pane.mode.button(mode).click()
        type_in(send_pane, begin)
        copy('{"x": 0}' if mode == "none" else "unsigned char x[] = {0x48, 0x69};")
        [action] = [one for one in send_pane.editor.make_menu().actions() if "as &bytes" in one.text()]
        action.trigger()
        assert send_pane._composer.data == result


def test_cut_and_copy_in_both_columns(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "48690a")
    press(hexes, Qt.Key.Key_A, modifier=CONTROL)
    press(hexes, Qt.Key.Key_C, modifier=CONTROL)
    assert QApplication.clipboard().text() == "48 69 0a"
    press(hexes, Qt.Key.Key_Right, modifier=CONTROL)
    press(hexes, Qt.Key.Key_X, modifier=CONTROL)
    assert QApplication.clipboard().text() == "Hi\n"
    assert hexes.editing.data == b""
    press(hexes, Qt.Key.Key_V, modifier=CONTROL)
    assert hexes.editing.data == b"Hi\n"


# -- fields ---------------------------------------------------------------------------------------


def test_fields_are_put_in_shown_filled_and_sent(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    type_in(send_pane, "ab")
    actions = {one.text().split("\t")[0]: one for one in send_pane.fields.menu().actions()}
    actions["Counter"].trigger()
    assert send_pane.editor.text == "ab{{counter:u16be}}"
    assert send_pane.filled.next.text() == "Next: 61 62 00 00"
    assert (send_pane.filled.counter.text(), send_pane.count.text()) == ("Counter: 0", "4 bytes")
    press(send_pane.editor, Qt.Key.Key_Return, Qt.Key.Key_Return)
    assert sent(link) == [b"ab\0\0", b"ab\0\x01"]
    assert send_pane.filled.counter.text() == "Counter: 2"
    QTest.mouseClick(send_pane.filled.reset, Qt.MouseButton.LeftButton)
    assert send_pane.filled.counter.text() == "Counter: 0"
    assert send_pane.history() == ["text+fields:ab{{counter:u16be}}"]
    actions["Read {{…}} as fields"].trigger()
    assert not send_pane.filled.isVisible()
    assert send_pane._composer.data == b"ab{{counter:u16be}}"


def test_what_looks_like_a_field_and_is_none_is_told(send_pane: SendPane) -> None:
    type_in(send_pane, "{{name}} {{ }}")
    assert not send_pane.filled.isVisible()
    type_in(send_pane, "a{{counter:u16be}}")
    assert send_pane.filled.next.text() == "Sent as it stands: {{counter…}} is not filled."
    assert not send_pane.filled.reset.isVisible()
    QTest.mouseClick(send_pane.filled.use, Qt.MouseButton.LeftButton)
    assert send_pane.filled.next.text() == "Next: 61 00 00"
    assert not send_pane.filled.use.isVisible()
    assert send_pane.editor.hasFocus()
    send_pane.editors.use_fields(False)
    assert not send_pane.filled.isVisible()  # who turned them off knows
    send_pane.editor.clear_text()
    type_in(send_pane, "{{crc16-modbus:le}}")
    assert send_pane.filled.next.text() == "Sent as it stands: {{crc16-modbus…}} is not filled."


def test_random_bytes_are_sent_as_they_were_shown(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    send_pane.fields.inserted.emit("{{random:8}}")
    shown = []
    for _ in range(2):
        shown.append(bytes.fromhex(send_pane.filled.next.text().removeprefix("Next: ")))
        press(send_pane.editor, Qt.Key.Key_Return)
    assert sent(link) == shown
    assert shown[0] != shown[1]


def test_a_wrong_field_is_underlined_and_not_sent(send_pane: SendPane) -> None:
    send_pane.fields.inserted.emit("{{crc16-modbus:le}}")
    assert send_pane.editor.text == "{{crc16-modbus:le}}"
    type_in(send_pane, "ab{{crc17}}")
    [mark] = send_pane.editor.extraSelections()
    assert mark.cursor.selectionStart() == 4
    assert "There is no field called 'crc17'" in send_pane.status.text()
    assert not send_pane.button.isEnabled()


def test_a_field_in_python_makes_the_message_text_unless_it_cannot_be_read(send_pane: SendPane) -> None:
    send_pane.mode.button("python").click()
    type_in(send_pane, "b'a")
    send_pane.fields.inserted.emit("{{counter}}")
    assert "this Python cannot be read" in send_pane.status.text()
    assert send_pane.editor.text == "b'a"
    QTest.keyClicks(send_pane.editor, "'")
    send_pane.fields.inserted.emit("{{counter}}")
    assert (send_pane.mode.value, send_pane.editor.text) == ("text", "a{{counter}}")


def test_fields_in_hex_lock_the_bytes_but_not_the_text(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "0102")
    send_pane.fields.inserted.emit("{{xor8}}")
    assert send_pane.editor.text == "01 02 {{xor8}}"
    assert hexes.editing.data == b"\x01\x02\x03"
    hexes.setFocus()
    QTest.keyClicks(hexes, "ff")
    assert "has fields" in send_pane.status.text()
    send_pane.mode.button("python").click()
    assert send_pane.mode.value == "hex"
    assert "Fields can be written in Text and in Hex only" in send_pane.status.text()


# -- for screen readers, and what is remembered ---------------------------------------------------


def test_a_screen_reader_reads_the_bytes_and_writes_the_text(send_pane: SendPane, hexes: HexEdit) -> None:
    QTest.keyClicks(hexes, "4869")
    interface = QAccessible.queryAccessibleInterface(hexes)
    assert interface.text(QAccessible.Text.Name) == "Bytes of the message"
    assert interface.text(QAccessible.Text.Value) == "48 69"
    assert interface.text(QAccessible.Text.Description) == "offset 2, end"
    press(hexes, Qt.Key.Key_Left, modifier=SHIFT)
    assert interface.text(QAccessible.Text.Description) == "1 bytes selected from offset 1, 69, text i"
    written = QAccessible.queryAccessibleInterface(send_pane.editor)
    editable = written.editableTextInterface()
    editable.replaceText(0, len(send_pane.editor.text), "41 42 43")
    assert hexes.editing.data == b"ABC"


def test_where_the_hex_editor_shows_is_remembered(send_pane: SendPane) -> None:
    assert not send_pane.hex.isVisible()
    send_pane.both.click()
    send_pane.repeat.every.setText("25")
    kept = send_pane.choices()
    send_pane.both.click()
    send_pane.repeat.every.setText("1")
    send_pane.set_choices(kept)
    assert send_pane.hex.isVisible()
    assert send_pane.repeat.values == ("25", "0")
    send_pane.set_choices({})
    assert send_pane.repeat.values == ("25", "0")


@pytest.mark.parametrize("mode", ["text", "hex", "python"])
def test_the_hint_takes_one_line_beside_the_docks(send_pane: SendPane, hexes: HexEdit, mode: Mode) -> None:
    """In a window 1280 pixels wide, the docks at its sides leave the middle 714."""
    send_pane.resize(714, 300)
    send_pane.mode.button(mode).click()
    if not hexes.isVisible():
        send_pane.both.click()
    for text in ("", "61" if mode == "hex" else "'a'"):
        send_pane.editors.recall(mode, text)
        send_pane._show_composer()
        room = send_pane.width() - 2 * 10 - send_pane.typing.sizeHint().width() - send_pane.count.sizeHint().width()
        wide = send_pane.status.fontMetrics().horizontalAdvance(send_pane.status.text())
        assert wide <= room - 2 * 10


def test_both_editors_leave_room_for_what_stands_above(qtbot: QtBot, send_pane: SendPane, hexes: HexEdit) -> None:
    send_pane.editors.recall("hex", "61" * 500)
    send_pane._show_composer()
    send_pane.resize(714, 400)  # beside each other, with eight bytes in a row
    qtbot.waitUntil(lambda: hexes.x() > send_pane.editor.x())
    qtbot.waitUntil(lambda: hexes.grid.per_row == 8)
    line = hexes.grid.line
    assert send_pane.editors.sizeHint().height() <= 7 * line
    send_pane.resize(440, 400)  # one below the other: each is lower
    qtbot.waitUntil(lambda: hexes.y() > send_pane.editor.y())
    qtbot.waitUntil(lambda: send_pane.editors.sizeHint().height() <= 9 * line)
    qtbot.waitUntil(lambda: hexes.page_rows == 4)
    hexes.setFocus()
    press(hexes, Qt.Key.Key_End, modifier=CONTROL)
    assert hexes.verticalScrollBar().value() > 0


def test_what_is_said_moves_no_control(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    """The pane stands at the bottom of a column, as in the window: what is said comes and goes above."""
    column = QWidget()
    qtbot.addWidget(column)
    layout = QVBoxLayout(column)
    layout.addWidget(QWidget(), 1)
    layout.addWidget(send_pane)
    column.resize(700, 600)
    column.show()
    qtbot.waitExposed(column)
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    controls = (send_pane.mode, send_pane.repeats, send_pane.file, send_pane.button, send_pane.editor)

    def places() -> list[int]:
        return [one.mapTo(column, QPoint(0, 0)).y() for one in controls]

    type_in(send_pane, "ab")
    before, high = places(), send_pane.height()
    send_pane._refuse("A long sentence that takes more than a line. " * 6)
    qtbot.waitUntil(lambda: send_pane.height() > high and places() == before)
    send_pane.editors.insert_field("{{counter}}")
    qtbot.waitUntil(lambda: send_pane.filled.isVisible() and places() == before)
    send_pane.setParent(None)  # each is closed on its own


def test_the_editor_stays_in_sight_where_there_is_little_room(qtbot: QtBot, send_pane: SendPane) -> None:
    send_pane.resize(700, 50)
    type_in(send_pane, "ab")

    def in_sight() -> bool:
        top = send_pane.editor.mapTo(send_pane, QPoint(0, 0)).y()
        return top >= 0 and top + send_pane.editor.height() <= send_pane.height()

    qtbot.waitUntil(in_sight)
    before = send_pane.status.height()
    send_pane._refuse("A long sentence that takes more than a line. " * 9)
    qtbot.waitUntil(lambda: send_pane.status.height() > 2 * before and in_sight())
