"""Messages of very many lines: others have their turn meanwhile, whatever the program makes of each line."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from explorer.core.socket_spec import Choice
from explorer.net.answers import Answers
from explorer.net.conversation import Conversation
from explorer.net.reactor import Reactor
from explorer.programs.api import GO_ON, Action, Send
from tests.fakes.untraced import untraced

SIZE = 1 << 18
USERS = ({"user": "ada", "password": "SESAME"},)
RAW, LINES = Choice("raw"), Choice("line", {"ending": "any"})
GREETS = Choice("greet")
LOGIN = Choice("login", {"users": USERS})
UNMASKED = Choice("login", {"users": USERS, "mask": False})
RULES = Choice("rules", {"rules": ({"match": "exact", "pattern": "ping", "answer": "pong"},)})
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST = b"ada\n"


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Here it would look through all that hundreds of tests left, in the middle of what is measured."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(
    ("program", "framing", "begin", "line"),
    [
        (Choice("chat"), RAW, FIRST, b"\n"),
        (Choice("chat"), RAW, FIRST, b"a\n"),
        (Choice("chat"), LINES, FIRST, b"\n"),
        (GREETS, RAW, b"", b"a\n"),
        (GREETS, LINES, b"", b"\n"),
        (LOGIN, RAW, b"", b"a\n"),
        (UNMASKED, RAW, b"", b"a\n"),
        (LOGIN, LINES, b"", b"a\n"),
        (Choice("command"), RAW, b"", b"a\n"),
        (RULES, LINES, b"", b"a\n"),
        (Choice("log"), LINES, b"", b"a\n"),
        (Choice("none"), LINES, b"", b"\n"),
        (Choice("http"), RAW, CHUNKED, b"1\r\nb\r\n"),
        (Choice("http"), RAW, b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (Choice("http", {"max_body": SIZE}), RAW, b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % SIZE, b"x"),
    ],
)
def test_no_step_of_a_long_message_takes_long(program: Choice, framing: Choice, begin: bytes, line: bytes) -> None:
    """What one turn cannot end in: the time between two actions. Of this thread alone, since others are at work."""
    talk = Conversation(framing, program, "127.0.0.1:9")
    data = begin + line * (SIZE // len(line))
    longest = 0.0
    with untraced():
        list(talk.opened())
        before = time.thread_time()
        if talk.hides:
            assert len(talk.cover(data)) == len(data)
        for _ in talk.received(data, 0):
            now = time.thread_time()
            longest, before = max(longest, now - before), now
        longest = max(longest, time.thread_time() - before)
    assert longest < 0.025


def test_messages_without_an_answer_are_no_turn_without_end() -> None:
    talk = Conversation(LINES, RULES, "127.0.0.1:9")
    found = list(talk.received(b"a\n" * 1000 + b"ping\n", 0))
    assert found.count(GO_ON) == 1000 // 16
    assert [action for action in found if action is not GO_ON] == [Send(b"pong")]
    assert talk.messages_in == 1001
    assert list(talk.received(b"ping\n" * 100, 0)) == [Send(b"pong")] * 100


class Nobody:
    def ready(self, events: int) -> None: ...

    def broke(self, error: Exception) -> None:
        raise error


def test_a_turn_ends_between_messages_that_bring_nothing() -> None:
    reactor = Reactor(print)
    done: list[Action] = []

    def do(action: Action) -> bool:
        done.append(action)
        return True

    answers = Answers(reactor, lambda: None, Nobody())
    answers.begin((GO_ON, Send(b"x")))
    answers.take(do)  # the turn is over
    assert not done
    answers.until = 1 << 62
    answers.take(do)
    assert done == [Send(b"x")]
    reactor.close()
