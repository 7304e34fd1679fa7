"""The child's side of a process of our own, on a thread here; as a real process: test_processes.py."""

from __future__ import annotations

import socket
import sys

import pytest

from explorer import worker
from explorer.worker import Parent
from tests.net.child_here import ChildHere, child_of


def work_of_a_test(patch: pytest.MonkeyPatch) -> ChildHere:
    patch.setitem(worker.WORK, "test", "tests.fakes.child_work")
    patch.setattr(sys, "path", list(sys.path))

    def work(sock: socket.socket) -> int:
        made: list[Parent] = []

        def parent(theirs: socket.socket) -> Parent:
            made.append(Parent(theirs))
            return made[0]

        patch.setattr(worker, "Parent", parent)
        try:
            return worker.main(["test", str(sock.detach())])
        finally:
            made[0].sock.close()  # as the end of a process does

    return ChildHere(patch, work)


def hello(child: ChildHere) -> None:
    child.send({"path": [*sys.path, "/a/folder/of/the/parent"], "work": worker.WORK["test"]})
    assert "ready" in child.receive().head


def test_it_imports_from_where_its_parent_does_and_does_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with work_of_a_test(monkeypatch) as child:
        hello(child.start())
        assert sys.path[-1] == "/a/folder/of/the/parent"
        child.send({"do": "answer", "text": "grüße"}, b"\0\xff" * 100_000)
        assert child.receive() == ({"answer": "grüße"}, b"\0\xff" * 100_000)
        child.send({"do": "end"})
        child.wait()
    assert (child.result, child.left, child.failed) == (0, [], None)


def test_a_bug_in_the_work_is_told_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    with work_of_a_test(monkeypatch) as child:
        hello(child.start())
        child.send({"do": "fail"})
        trouble = child.receive().head[worker.TROUBLE]
        child.wait()
    assert child.result == 1
    assert trouble.startswith("Traceback")
    assert trouble.endswith("ValueError: as asked\n")


def test_work_that_does_not_exist_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with work_of_a_test(monkeypatch) as child:
        child.start().send({"path": list(sys.path), "work": "explorer.no_such_work"})
        assert "no_such_work" in child.receive().head[worker.TROUBLE]
        child.wait()
    assert child.result == 1


def test_it_ends_when_its_parent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with work_of_a_test(monkeypatch) as child:
        hello(child.start())
    assert child.left == [worker.LOST]


def test_it_ends_when_nobody_takes_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def speak(parent: Parent) -> None:
        while True:
            parent.send({"said": 1}, bytes(100_000))

    with child_of(monkeypatch, speak) as child:
        assert child.start().receive().head == {"said": 1}
    assert child.left == [worker.LOST]


def test_several_parcels_may_be_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[object] = []

    def take(parent: Parent) -> None:
        while len(taken) < 3:
            taken.extend(parcel.head["number"] for parcel in parent.take())

    with child_of(monkeypatch, take) as child:
        child.start()
        for number in range(3):
            child.send({"number": number})
        child.wait()
    assert taken == [0, 1, 2]
