"""The process that serves one client, on a thread here: what it tells of each call. As a real process:
test_process.py and test_every_way.py."""

from __future__ import annotations

import dataclasses
import logging
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from explorer.core.calls import CallKind
from explorer.core.failure import Failure
from explorer.core.pace import Pace
from explorer.core.parcels import Parcel
from explorer.core.socket_spec import Choice
from explorer.net.call_log import clock
from explorer.net.serving import process_child
from explorer.worker import LOST, Parent
from tests.net.child_here import ChildHere, child_of
from tests.net.peers import PATIENCE, accept, listener, port_of, read, read_all, reset

LINE, ECHO = Choice("line"), Choice("echo")


class Served:
    """peer: the client. child: the process that serves it."""

    def __init__(self, child: ChildHere) -> None:
        self.child = child
        with listener() as listening:
            self.peer = socket.create_connection(listening.getsockname(), timeout=PATIENCE)
            self._served = accept(listening)

    def begin(self, program: Choice = ECHO, framing: Choice = LINE, **more: object) -> Served:
        self.child.start().send(
            {
                "socket": 3, "connection": 7, "handle": self._served.detach(), "name": "server", "buffer_size": 1000,
                "framing": framing.to_json(), "program": program.to_json(), "pace": dataclasses.asdict(Pace()),
                "counting": False, "blocked": False, "began": clock(), "local": ("127.0.0.1", 1),
                "remote": ("127.0.0.1", port_of(self.peer)), **more,
            }
        )  # fmt: skip
        return self

    def until(self, true: Callable[[Parcel], object]) -> Parcel:
        while not true(parcel := self.child.receive()):
            pass
        return parcel

    def event(self, name: str) -> dict[str, Any]:
        return dict(self.until(lambda parcel: parcel.head.get("event") == name).head)

    def call(self, kind: CallKind) -> Parcel:
        return self.until(lambda parcel: parcel.head.get("record", {}).get("kind") == kind)

    def say(self, do: str, body: bytes = b"", **more: object) -> None:
        self.child.send({"do": do, **more}, body)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    clients: list[process_child.Client] = []

    class Kept(process_child.Client):
        def __init__(self, parent: Parent, head: Mapping[str, Any]) -> None:
            super().__init__(parent, head)
            clients.append(self)

    monkeypatch.setattr(process_child, "Client", Kept)
    monkeypatch.setattr(sys, "setswitchinterval", lambda seconds: None)  # it is ours
    monkeypatch.setattr(logging.getLogger("explorer"), "handlers", [])
    with child_of(monkeypatch, process_child.main) as child:
        made = Served(child)
        yield made
        made.peer.close()
    [client] = clients
    client.connection._sock.close()  # as the end of a process does
    client.context.reactor.close()


def test_each_call_is_told_with_its_bytes_and_the_end_with_its_counts(served: Served) -> None:
    served.begin()
    served.peer.sendall(b"hello\n")
    assert read(served.peer, 6) == b"hello\n"
    received = served.call(CallKind.recv)
    assert received.body == b"hello\n"
    assert (received.head["record"]["asked"], received.head["record"]["errno"]) == (1000, 0)
    sent = served.call(CallKind.send)
    assert (sent.body, sent.head["messages"]) == (b"hello\n", [1, 0])  # it is over once the call is
    served.peer.shutdown(socket.SHUT_WR)
    assert read_all(served.peer) == b""
    closed = served.event("closed")
    assert (closed["reason"], closed["messages"], closed["failure"]) == ("eof", [1, 1], None)
    served.child.wait()
    assert served.child.left == [0]


def test_what_the_user_sends_is_taken_in_parts_and_told(served: Served) -> None:
    served.begin(Choice("none"))
    served.say("send", b"one", last=False)
    assert served.until(lambda parcel: "taken" in parcel.head).head == {"taken": 3}
    assert served.until(lambda parcel: "part" in parcel.head).head == {"part": ""}
    served.say("send", b" message\n", last=True)
    assert read(served.peer, 12) == b"one message\n"
    assert served.until(lambda parcel: "part" in parcel.head).head == {"part": ""}
    served.say("end", how="finish")
    assert served.event("changed")["state"] == "FIN_WAIT"
    assert read_all(served.peer) == b""
    served.say("send", b"more", last=True)
    assert "was finished" in served.until(lambda parcel: "part" in parcel.head).head["part"]
    served.peer.close()
    assert served.event("closed")["messages"] == [0, 1]


def test_what_waits_is_taken_back(served: Served) -> None:
    served.begin(Choice("none"))
    served.say("take back")  # nothing is there: nothing happens
    served.say("send", bytes(12_000_000), last=True)
    served.until(lambda parcel: "taken" in parcel.head)
    served.say("take back")
    assert served.until(lambda parcel: "part" in parcel.head).head == {"part": ""}
    served.say("end", how="close")
    served.event("closed")


def test_another_framing_and_program_from_now_on(served: Served) -> None:
    served.begin(Choice("none"))
    served.say("replace", framing=Choice("netstring").to_json(), program=ECHO.to_json())
    served.peer.sendall(b"5:hello,")
    assert read(served.peer, 8) == b"5:hello,"
    served.say("tell", b"to all")
    assert read(served.peer, 9) == b"6:to all,"
    served.say("replace", framing=LINE.to_json(), program=ECHO.to_json())
    served.peer.sendall(b"a\n")
    assert read(served.peer, 2) == b"a\n"


def test_a_pace_holds_for_it_too(served: Served) -> None:
    served.begin()
    served.say("pace", pace=dataclasses.asdict(Pace(send_size=2)))
    served.say("send", b"abcde", last=True)
    assert read(served.peer, 5) == b"abcde"
    assert [served.call(CallKind.send).body for _ in range(3)] == [b"ab", b"cd", b"e"]


def test_while_the_capture_is_full_it_does_not_read(served: Served) -> None:
    served.begin(blocked=True)
    served.peer.sendall(b"a\n")
    served.say("send", b"x\n", last=True)
    served.say("blocked", blocked=False)
    assert served.call(CallKind.recv).body == b"a\n"


def test_it_closes_when_it_is_told_to_and_why(served: Served) -> None:
    served.begin()
    failure = Failure("recv", "EIO", "input/output error", "It broke.", "Try again.")
    served.say("close", reason="local", failure=dataclasses.asdict(failure), problem="closed early")
    assert read_all(served.peer) == b""
    detail = served.until(lambda parcel: "detail" in parcel.head and "reason" in parcel.head["detail"])
    assert detail.head["record"]["kind"] == CallKind.close
    closed = served.event("closed")
    assert (closed["reason"], Failure(**closed["failure"])) == ("local", failure)
    served.child.wait()
    assert served.child.left == [0]


def test_a_reset_is_told_as_a_failure(served: Served) -> None:
    served.begin()
    reset(served.peer)
    closed = served.event("closed")
    assert closed["reason"] == "reset"
    assert closed["failure"]["errno"] == "ECONNRESET"


def test_it_ends_with_its_parent(served: Served) -> None:
    served.begin()
    served.child.sock.close()
    served.child.wait()
    assert served.child.left == [LOST]
