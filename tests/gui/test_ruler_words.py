"""What the chunk ruler says: one sentence about a stretch, whatever is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.capture.chunk_ruler import BEHIND
from explorer.capture.chunk_ruler_summary import Summary
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from explorer.ui.widgets.ruler_words import lane_words, listed, passed, sentence
from tests.capture.making import small_writer, traffic
from tests.capture.test_chunk_ruler import CLIENT, LINES, begin, ruler_of

NAMES = {1: "echo", 2: "client"}


SAID = {
    Summary(
        12, 3, 10, 4, 2, 0
    ): "12 send calls arrived as 3 recv calls and hold 10 messages: 4 calls carried parts of more "
    "than one message, 2 messages were split over calls.",
    Summary(
        1, 2, 1, 0, 1, 0
    ): "1 send call arrived as 2 recv calls and holds 1 message: 1 message was split over calls.",
    Summary(
        3, 3, 3, 0, 0, 0
    ): "3 send calls arrived as 3 recv calls and hold 3 messages: here each call carried one whole "
    "message, which TCP does not promise.",
    Summary(2, 0, 0, 0, 0, 0, way=9): "2 send calls did not arrive yet. 9 bytes are on the way.",
    Summary(
        2, 1, 0, 0, 0, 0, way=1
    ): "2 send calls arrived as 1 recv call and hold no whole message yet. 1 byte is on the way.",
    Summary(
        1, 1, 1, 0, 0, 1, lost=1
    ): "1 send call arrived as 1 recv call and holds 1 message. 1 byte was never received. "
    "The framing is broken in 1 place.",
    Summary(
        2000, 9000, 5000
    ): "2,000 send calls arrived as 9,000 recv calls and hold 5,000 messages. Zoom in to see how they cut each other.",
    Summary(
        None, 2, 5, 2, 1, 0
    ): "2 recv calls hold 5 messages: 2 calls carried parts of more than one message, 1 message was split over calls.",
    Summary(4, None, 0, 0, 0, 0): "4 send calls hold no whole message yet.",
}


@pytest.mark.parametrize(("found", "said"), SAID.items())
def test_sentences(tmp_path: Path, found: Summary, said: str) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    assert sentence(ruler_of(writer), found) == said
    writer.close()


def test_sentences_without_framing_and_of_datagrams(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer, "udp")
    raw = ruler_of(writer, Choice("raw"))
    assert sentence(raw, Summary(3, 2, None)) == (
        "3 sendto calls arrived as 2 recvfrom calls. Without framing each recvfrom is taken for a message."
    )
    assert "each sendto is taken" in sentence(ruler_of(writer, Choice("raw"), "sender"), Summary(3, None, None))
    lines = ruler_of(writer, LINES)
    assert sentence(lines, Summary(2, 2, 2, 0, 0, 0)).endswith("hold 2 messages: UDP keeps each datagram whole.")
    writer.close()


def test_messages_that_are_still_being_found_are_not_said_to_be_missing(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    for _ in range(BEHIND + 10):
        traffic(writer, CallKind.send, b"line\n", CLIENT, CLIENT)
    ruler = ruler_of(writer, LINES, "sender")
    assert ruler.sent is not None
    ruler.sent.advance()
    assert ruler.behind
    assert "as far as messages were found by now" in sentence(ruler, Summary(9, None, 0, 0, 0, 0))
    ruler.advance()
    assert not ruler.behind
    writer.close()


def test_names_of_lanes(tmp_path: Path) -> None:
    writer = small_writer(tmp_path / "c")
    begin(writer)
    sent, received, messages = lane_words(ruler_of(writer), NAMES.__getitem__)
    assert (sent.title, sent.whose) == ("send calls", "of client → 9000")
    assert (received.title, received.whose) == ("recv calls", "of echo")
    assert (messages.title, messages.whose) == ("messages", "Lines, LF")
    sent, received, messages = lane_words(ruler_of(writer, Choice("raw"), "receiver"), NAMES.__getitem__)
    assert sent.whose == "of 127.0.0.1:51514"
    assert messages.whose == "no framing (Raw)"
    writer.close()


def test_small_words() -> None:
    assert [listed("recv", range(*rows)) for rows in ((0, 1), (14, 16), (0, 1500))] == [
        "recv 1", "recv 15 and 16", "recv 1 to 1,500",
    ]  # fmt: skip
    assert [passed(time) for time in (900, 4_100_000, 2_500_000_000)] == ["+0.9 µs", "+4.1 ms", "+2.5 s"]
