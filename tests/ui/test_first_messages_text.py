"""The first messages in one line."""

from __future__ import annotations

import pytest

from explorer.capture.first_messages import MOST_BYTES, FirstMessage, FirstMessages
from explorer.ui.first_messages_text import message_runs, plain

WRONG = FirstMessage(37, 2, b"xy", "Expected 01, got 02.")


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        (FirstMessages((), 0, 0), "No bytes captured yet: the first messages will stand here."),
        (FirstMessages((), 1, 1), "No whole message yet in 1 byte."),
        (FirstMessages((), MOST_BYTES, MOST_BYTES), "No whole message in the first 65,536 bytes."),
        (
            FirstMessages((FirstMessage(0, 2, b"hi"), FirstMessage(7, 0, b""), WRONG), 50, 1),
            '1: "hi" 2 B · 2: "" 0 B · 3: error at byte 37: Expected 01, got 02. · 1 byte more waits for the rest',
        ),
        (
            FirstMessages((FirstMessage(0, 2, b"hi"),), MOST_BYTES, MOST_BYTES - 3),
            '1: "hi" 2 B · the next one does not end in the first 65,536 bytes',
        ),
        (FirstMessages((FirstMessage(0, 3, "€".encode()),), 3, 0), '1: "€" 3 B'),
        (FirstMessages((FirstMessage(0, 9000, "€".encode() * 13 + b"\xe2"),), 9000, 0), f'1: "{"€" * 13}…" 9,000 B'),
        (FirstMessages((FirstMessage(0, 30, b"\t" * 30),), 30, 0), '1: "' + 12 * "\\t" + '…" 30 B'),
        (FirstMessages((FirstMessage(0, 9, b"abc" + b"\xff" * 6),), 9, 0), '1: "abc' + 5 * "\\xff" + '…" 9 B'),
    ],
)
def test_the_line(messages: FirstMessages, text: str) -> None:
    assert plain(message_runs(messages, "utf-8")) == text


def test_an_error_is_told_apart() -> None:
    assert [run.tone for run in message_runs(FirstMessages((WRONG,), 50, 0), "utf-8")] == ["quiet", "error"]
