"""The picture of a conversation: read whole where there is room, low where there is little."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.core.fields import check
from explorer.programs.registry import find_kind
from explorer.ui.theme import Theme
from explorer.ui.widgets.conversation_picture import ROWS, Bubble, ConversationPicture

SETTINGS = {"login": {"users": [{"user": "ada", "password": "x"}]}}


@pytest.fixture
def picture(qtbot: QtBot, theme: Theme) -> Iterator[ConversationPicture]:
    """In a window of 60 lines of text."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    made = ConversationPicture(theme)
    column.addWidget(made)
    column.addStretch(1)
    window.resize(700, made.fontMetrics().lineSpacing() * 60)
    with qtbot.waitExposed(window):
        window.show()
    yield made
    window.close()


def draw(picture: ConversationPicture, name: str) -> list[Bubble]:
    kind = find_kind(name)
    picture.show_lines(kind.picture(check(kind.fields, SETTINGS.get(name, {}))))
    layout = picture.window().layout()
    assert layout is not None
    layout.activate()
    return picture.bubbles()


@pytest.mark.parametrize("name", ["login", "http", "rules", "chat", "echo", "greet"])
def test_every_word_is_read_in_a_window_of_the_usual_size(picture: ConversationPicture, name: str) -> None:
    bubbles = draw(picture, name)
    assert len(bubbles) == len(picture._lines)
    assert not [bubble.words for bubble in bubbles if bubble.words.endswith("…") and bubble.words != bubble.line.text]
    assert picture.height() == picture.heightForWidth(picture.width())


@pytest.mark.parametrize("width", [60, 150, 320, 700])
@pytest.mark.parametrize("name", ["login", "chargen"])
def test_no_bubble_covers_another_or_leaves_the_picture(picture: ConversationPicture, name: str, width: int) -> None:
    picture.window().resize(width, picture.window().height())
    bubbles = draw(picture, name)
    assert bubbles or width < 100
    for bubble in bubbles:
        assert picture.rect().contains(bubble.rect)
    for one, other in itertools.combinations(bubbles, 2):
        assert not one.rect.intersects(other.rect)
    for before, after in itertools.pairwise(bubbles):
        row = 2 * before.rect.height()
        assert after.rect.left() > before.rect.right() or after.rect.top() - before.rect.top() >= row // 2


def test_it_is_low_in_a_low_window_and_grows_with_it(picture: ConversationPicture) -> None:
    draw(picture, "login")
    tall, line = picture.height(), picture.fontMetrics().lineSpacing()
    heights = []
    for _, least in ROWS:
        picture.window().resize(700, line * (least - 1))
        picture.fit()
        draw(picture, "login")
        heights.append(picture.height())
    assert heights[0] == picture.minimumSizeHint().height()
    assert heights[0] < heights[1] < tall
    picture.window().resize(700, line * (ROWS[0][1] - 1))
    picture.fit()
    bubbles = draw(picture, "login")
    assert len(bubbles) == len(picture._lines)
    assert any(bubble.words.endswith("…") for bubble in bubbles)


def test_a_short_conversation_takes_one_row(picture: ConversationPicture) -> None:
    draw(picture, "echo")
    assert picture.height() == picture.minimumSizeHint().height()
