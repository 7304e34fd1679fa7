"""Whom a message can go to, and the sentences for when it can go to nobody."""

from dataclasses import replace

import pytest

from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import State
from explorer.ui.entries import ConnectionEntry, SocketEntry
from explorer.ui.targets import MOST, NOTE, find_targets, why_nothing_can_be_sent

HERE = Endpoint("127.0.0.1", 9000)
SERVER = SocketEntry(1, SocketSpec("echo", port=9000), State.LISTEN, HERE)
CLIENT = SocketEntry(1, SocketSpec("client", role="client", port=9000), State.ESTABLISHED, HERE, HERE)


def connections(count: int) -> dict[int, ConnectionEntry]:
    return {
        number: ConnectionEntry(number, 1, HERE, Endpoint("127.0.0.1", 50_000 + number), True)
        for number in range(1, count + 1)
    }


def test_newest_first_after_all() -> None:
    found = find_targets(SERVER, connections(2))
    assert found.items == ((None, "all 2 connections"), (2, "127.0.0.1:50002"), (1, "127.0.0.1:50001"))
    assert found.open == 2


def test_of_many_the_newest_and_the_selected_are_offered() -> None:
    found = find_targets(SERVER, connections(10_000), frozenset({17}))
    numbers = [number for number, _ in found.items]
    assert numbers == [None, *range(10_000, 10_000 - MOST, -1), 17, NOTE]
    assert found.items[0][1] == "all 10,000 connections"


def test_closed_connections_are_not_offered_unless_chosen() -> None:
    known = connections(2)
    known[1] = replace(known[1], state=State.CLOSED)
    known[2] = replace(known[2], state=State.FIN_WAIT)
    assert find_targets(SERVER, known).items == ((None, "all connections"),)
    assert find_targets(SERVER, known, frozenset({1, 2})).items[1:] == (
        (2, "127.0.0.1:50002 (finished sending)"),
        (1, "127.0.0.1:50001 (closed)"),
    )


def test_a_client_has_its_peer() -> None:
    assert find_targets(CLIENT, {}).items == ((None, "127.0.0.1:9000"),)
    assert find_targets(CLIENT, connections(1)).items == ((None, "127.0.0.1:50001"),)


def test_a_udp_server_has_senders() -> None:
    server = replace(SERVER, spec=SocketSpec("udp", "udp", port=9000), state=State.BOUND)
    assert find_targets(server, connections(1)).items[0] == (None, "all (1 sender)")


@pytest.mark.parametrize(
    ("entry", "count", "says"),
    [
        (None, 0, "Choose a socket"),
        (replace(SERVER, state=State.CLOSED), 0, "Start the socket first."),
        (SERVER, 0, "Nobody is connected yet."),
        (replace(SERVER, spec=SocketSpec("udp", "udp")), 0, "Nobody has sent anything yet"),
        (replace(CLIENT, state=State.SYN_SENT), 0, "Not connected yet."),
        (SERVER, 1, ""),
        (CLIENT, 1, ""),
    ],
)
def test_why_nothing_can_be_sent(entry: SocketEntry | None, count: int, says: str) -> None:
    known = connections(count)
    reason = why_nothing_can_be_sent(entry, known, find_targets(entry or SERVER, known), None)
    assert reason.startswith(says)
    assert bool(reason) == bool(says)


def test_why_the_chosen_one_cannot_be_sent_to() -> None:
    known = connections(3)
    known[1] = replace(known[1], state=State.CLOSED)
    known[2] = replace(known[2], state=State.FIN_WAIT)
    found = find_targets(SERVER, known)
    assert "is closed" in why_nothing_can_be_sent(SERVER, known, found, 1)
    assert "is finished sending" in why_nothing_can_be_sent(SERVER, known, found, 2)
    assert "is gone" in why_nothing_can_be_sent(SERVER, known, found, 9)
    assert why_nothing_can_be_sent(SERVER, known, found, 3) == ""


def test_a_client_that_finished_sending() -> None:
    known = connections(1)
    known[1] = replace(known[1], state=State.FIN_WAIT)
    assert "finished sending" in why_nothing_can_be_sent(CLIENT, known, find_targets(CLIENT, known), None)
