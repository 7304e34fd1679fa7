"""The filter box: a pause, known words, and what is wrong with a filter."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from explorer.capture.catalog import Catalog
from explorer.capture.filters import EXAMPLES, MEANINGS, WORDS, parse_filter
from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.ui.theme import Theme
from explorer.ui.widgets.filter_box import FilterBox
from explorer.wire.placed_error import PlacedError

# The list of known words is a window of its own, of which the offscreen platform warns.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def parse(text: str) -> str:
    """Takes anything but "bad"."""
    at = text.find("bad")
    if at >= 0:
        raise PlacedError(at, "this is <bad>.")
    return text.upper()


@pytest.fixture
def box(theme: Theme, qtbot: QtBot) -> FilterBox:
    made = FilterBox(parse, ("call:", "conn:", "error", "size>"), theme, "Filter calls", "for example: error")
    qtbot.addWidget(made)
    made.resize(500, 60)
    made.show()
    qtbot.waitExposed(made)
    made.edit.setFocus()
    return made


def popup(box: FilterBox) -> QListView:
    found = box.edit.completer_popup
    assert isinstance(found, QListView)
    return found


def offered(box: FilterBox) -> list[str]:
    model = popup(box).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())] if popup(box).isVisible() else []


def test_the_line_has_a_label_and_a_name(box: FilterBox) -> None:
    assert box._label.buddy() is box.edit
    assert box.edit.accessibleName() == "Filter calls"


def test_it_is_applied_once_after_a_pause(box: FilterBox, qtbot: QtBot) -> None:
    heard: list[object] = []
    box.applied.connect(heard.append)
    with qtbot.waitSignal(box.applied):
        qtbot.keyClicks(box.edit, "abc")
    assert heard == ["ABC"]


def test_return_applies_at_once_and_clearing_needs_no_pause(box: FilterBox, qtbot: QtBot) -> None:
    heard: list[object] = []
    box.applied.connect(heard.append)
    qtbot.keyClicks(box.edit, "abc")
    qtbot.keyClick(box.edit, Qt.Key.Key_Return)
    assert heard == ["ABC"]
    qtbot.keyClick(box.edit, Qt.Key.Key_Escape)
    assert heard == ["ABC", ""]
    with qtbot.waitSignal(box.left):
        qtbot.keyClick(box.edit, Qt.Key.Key_Escape)


def test_what_is_wrong_is_marked_and_not_applied(box: FilterBox, qtbot: QtBot) -> None:
    box.set_text("fine")
    heard: list[object] = []
    box.applied.connect(heard.append)
    box.set_text("good bad <b>")
    assert box.problem.isVisible()
    text = box.problem.text()
    assert "this is &lt;bad&gt;." in text
    assert ">bad</span>" in text  # the place
    assert "&lt;b&gt;" in text
    assert heard == []
    assert box.applied_text == "fine"
    box.set_text("good")
    assert not box.problem.isVisible()
    assert heard == ["GOOD"]


def test_known_words_are_offered_for_the_word_at_the_cursor(box: FilterBox, qtbot: QtBot) -> None:
    qtbot.keyClicks(box.edit, "x -c")
    assert offered(box) == ["call:", "conn:"]
    qtbot.keyClicks(box.edit, "o")
    assert offered(box) == ["conn:"]
    qtbot.keyClick(popup(box), Qt.Key.Key_Down)
    qtbot.keyClick(popup(box), Qt.Key.Key_Return)
    assert box.edit.text() == "x -conn:"
    assert not popup(box).isVisible()


def test_a_whole_word_gets_a_blank_behind_it(box: FilterBox, qtbot: QtBot) -> None:
    qtbot.keyClicks(box.edit, "er")
    qtbot.keyClick(popup(box), Qt.Key.Key_Down)
    qtbot.keyClick(popup(box), Qt.Key.Key_Return)
    assert box.edit.text() == "error "


def test_return_means_what_was_typed_until_a_word_is_chosen(box: FilterBox, qtbot: QtBot) -> None:
    qtbot.keyClicks(box.edit, "er")
    assert offered(box) == ["error"]
    with qtbot.waitSignal(box.applied) as heard:
        qtbot.keyClick(popup(box), Qt.Key.Key_Return)
    assert heard.args == ["ER"]
    assert box.edit.text() == "er"


def test_arrow_down_offers_every_word(box: FilterBox, qtbot: QtBot) -> None:
    qtbot.keyClick(box.edit, Qt.Key.Key_Down)
    assert offered(box) == ["call:", "conn:", "error", "size>"]


def test_words_are_offered_with_what_they_mean(theme: Theme, qtbot: QtBot) -> None:
    box = FilterBox(parse, WORDS, theme, "Filter", "", MEANINGS, EXAMPLES)
    qtbot.addWidget(box)
    box.show()
    qtbot.waitExposed(box)
    assert set(MEANINGS) == set(WORDS)
    qtbot.keyClicks(box.edit, "di")
    assert offered(box) == ["dir:   received or sent: dir:in, dir:out"]
    qtbot.keyClick(popup(box), Qt.Key.Key_Down)
    qtbot.keyClick(popup(box), Qt.Key.Key_Return)
    assert box.edit.text() == "dir:"  # the word alone


def test_examples_are_listed_and_taken_by_keyboard(theme: Theme, qtbot: QtBot) -> None:
    box = FilterBox(parse, WORDS, theme, "Filter", "", MEANINGS, EXAMPLES)
    qtbot.addWidget(box)
    box.show()
    qtbot.waitExposed(box)
    assert box.help.isVisible()
    assert box.help.accessibleName() == "Filter: examples"
    assert len(box.examples.actions()) == len(EXAMPLES)
    box.edit.setText("error")
    next(action for action in box.examples.actions() if action.data() == "size>100").trigger()
    assert box.edit.text() == "error size>100"
    assert box.edit.selectedText() == "100"


def test_every_example_is_a_filter_that_can_be_used(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "capture")
    catalog = Catalog(Reader.of(writer))
    for text, meaning in EXAMPLES:
        assert not parse_filter(text, catalog).is_empty
        assert meaning
    writer.close()
