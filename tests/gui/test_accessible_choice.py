"""Combo boxes, chosen in as a screen reader does: an item of the list is selected, nothing is pressed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.widgets.accessible_choice import AccessibleChoice, make_choosable

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def combo(qtbot: QtBot) -> Iterator[QComboBox]:
    window = QWidget()
    made = QComboBox()
    made.addItems(["None", "Echo", "Discard"])
    QVBoxLayout(window).addWidget(made)
    make_choosable(window)
    make_choosable(window)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.close()


def select(combo: QComboBox, row: int) -> None:
    """What Qt does when the accessibility interface toggles an item."""
    view = combo.view()
    view.selectionModel().select(view.model().index(row, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect)


def test_one_helper_each(combo: QComboBox) -> None:
    assert len(combo.findChildren(AccessibleChoice)) == 1


def test_a_selected_item_is_chosen(combo: QComboBox, qtbot: QtBot) -> None:
    with qtbot.waitSignal(combo.activated, timeout=5_000) as told:
        select(combo, 1)
    assert told.args == [1]
    assert combo.currentText() == "Echo"
    with qtbot.waitSignal(combo.activated, timeout=5_000):
        select(combo, 2)
    assert combo.currentText() == "Discard"


def test_arrow_keys_in_the_open_list_choose_nothing_until_enter(combo: QComboBox, qtbot: QtBot) -> None:
    combo.showPopup()
    view = combo.view()
    qtbot.waitUntil(view.isVisible, timeout=5_000)
    with qtbot.assertNotEmitted(combo.activated, wait=50):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert combo.currentText() == "None"
    with qtbot.waitSignal(combo.activated, timeout=5_000):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert combo.currentText() == "Echo"
