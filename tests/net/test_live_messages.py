"""A conversation finds the messages that the Messages tab finds in the capture, under framings of every kind."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.capture.messages import open_messages
from explorer.capture.stream import Scope
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.net.conversation import Conversation
from explorer.programs.api import Send
from explorer.wire.framing.api import Frame, FramingKind, timed
from tests.capture.making import catalog_of
from tests.fakes.any_framing import KINDS, cut_up, make, some_choice, some_stream
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, udp

ECHO, NONE = Choice("echo"), Choice("none")
FRAMED = [kind for kind in KINDS if kind.name != "raw"]
FEW = 40  # datagrams at most: so many answers are in the queue at once, and none is left out


def names(kind: FramingKind) -> str:
    return kind.name


def found_later(running: RunningEngine, socket: int, connection: int, framing: Choice) -> list[bytes]:
    """What the Messages tab shows of a connection, without what is broken."""
    catalog = catalog_of(running.reader)
    messages = open_messages(running.reader, catalog, Scope(socket, connection), framing, sent=False)
    while messages.advance():
        pass
    rows = [messages.message(row) for row in range(messages.rows)]
    return [messages.payload(row) for row in rows if not row.error]


def sent_back(framing: Choice, messages: list[bytes]) -> list[bytes]:
    """What an echo makes of them; those that cannot be framed again it leaves out."""
    framer, answers = make(framing), []
    for message in messages:
        try:
            answers.append(framer.restore(message))
        except InputError:
            continue
    return answers


@pytest.mark.parametrize("kind", KINDS, ids=names)
def test_datagrams_hold_the_messages_that_the_capture_finds(running: RunningEngine, kind: FramingKind) -> None:
    chance = random.Random(kind.name)
    for _ in range(6):
        framing = some_choice(kind, chance)
        datagrams = [data for _, data in some_stream(framing, chance)][:FEW] or [b"one"]
        number, local = running.listen(SocketSpec("echo", transport="udp", framing=framing, program=ECHO))
        with udp() as peer:
            for data in datagrams:
                peer.sendto(data, (local.host, local.port))
            connection = running.opened(number).connection
            running.received(connection, sum(map(len, datagrams)))
            found = found_later(running, number, connection, framing)
            answers = sent_back(framing, found)
            assert [peer.recv(100) for _ in answers] == answers, framing
        running.stop(number)
        closed = running.closed(connection)
        assert (closed.messages_in, closed.messages_out) == (len(found), len(answers)), framing


@pytest.mark.parametrize("kind", FRAMED, ids=names)
def test_streams_hold_the_messages_that_the_capture_finds(running: RunningEngine, kind: FramingKind) -> None:
    chance = random.Random(kind.name)
    for program in (ECHO, NONE):
        framing = some_choice(kind, chance)
        spec = SocketSpec("counts", framing=framing, program=program, buffer_size=chance.randint(1, 9))
        number, local = running.listen(spec)
        with connect("127.0.0.1", local.port) as peer:
            for _, data in some_stream(framing, chance):
                peer.sendall(data)
            connection = running.opened(number).connection
        assert running.closed(connection).messages_in == len(found_later(running, number, connection, framing))
        running.stop(number)


@pytest.mark.parametrize("kind", FRAMED, ids=names)
@given(seed=st.integers(0, 1 << 32))
def test_each_datagram_is_framed_on_its_own(kind: FramingKind, seed: int) -> None:
    chance = random.Random(seed)
    framing = some_choice(kind, chance)
    talk, counts = (Conversation(framing, program, "", datagrams=True) for program in (ECHO, NONE))
    heard, expected = [], []
    for time, data in some_stream(framing, chance):
        for action in talk.received(data, time):
            assert isinstance(action, Send)
            heard.append(action.payload)
        assert not [*counts.received(data, time)]
        alone = make(framing)
        expected += [item.payload for item in (*alone.feed(data), *alone.end()) if isinstance(item, Frame)]
    assert heard == expected
    assert talk.messages_in == counts.messages_in == len(expected)


@pytest.mark.parametrize("kind", FRAMED, ids=names)
@given(seed=st.integers(0, 1 << 32))
def test_another_framing_gets_just_what_came_behind_the_last_message(kind: FramingKind, seed: int) -> None:
    """Exactly the bytes that the old framer held, however they came."""
    chance = random.Random(seed)
    framing = some_choice(kind, chance)
    talk, framer = Conversation(framing, ECHO, ""), make(framing)
    by_time, came = timed(framer), bytearray()
    for time, data in cut_up(some_stream(framing, chance), chance):
        if not data:
            continue
        for _ in talk.received(data, time):
            pass
        if by_time:
            by_time.at(time)
        framer.feed(data)
        came += data
    pending = framer.pending
    assert talk.replace(Choice("raw"), ECHO) == pending
    said = [action.payload for action in talk.take_over() if isinstance(action, Send)]
    assert b"".join(said) == bytes(came[len(came) - pending :])
    assert len(said) == (pending > 0)
