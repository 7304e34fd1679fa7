"""The line above the panes: what it says is shown as it is, and the newest goes first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from explorer.ui.entries import Notice
from explorer.ui.theme import Theme
from explorer.ui.widgets.notice_bar import NoticeBar


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> NoticeBar:
    made = NoticeBar(theme)
    qtbot.addWidget(made)
    made.resize(800, 40)
    return made


def texts(bar: NoticeBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel)]


def test_a_sentence_is_plain_text(bar: NoticeBar) -> None:
    """Names and paths come from outside; they are not rendered."""
    sentence = "The bytes could not be written to /tmp/<b>x</b>&amp;y."
    bar.show_notice(Notice(sentence, serious=True))
    assert sentence in texts(bar)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in bar.findChildren(QLabel))


def test_older_notices_come_back(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("First."))
    bar.show_notice(Notice("Second.", key="same"))
    bar.show_notice(Notice("Third.", key="same"))
    assert "Third.  (1 earlier)" in texts(bar)
    bar.show()
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert "First." in texts(bar)
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()
