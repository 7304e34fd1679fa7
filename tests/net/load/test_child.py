"""The process that makes a load, on a thread here: what it tells. As a real process: test_host.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from explorer.core.load import LoadPlan, LoadReport, report_from
from explorer.net.load import child
from explorer.worker import LOST
from tests.net.child_here import ChildHere, child_of
from tests.net.load.answering import Server, echo


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChildHere]:
    with child_of(monkeypatch, child.main) as made:
        yield made.start()


def last_report(load: ChildHere) -> LoadReport:
    while not (report := report_from(load.receive().head)).over:
        pass
    return report


def test_it_carries_out_the_plan_and_tells(load: ChildHere) -> None:
    with Server(echo) as server:
        load.send(LoadPlan("tcp", "127.0.0.1", server.port, clients=5, messages=10).to_json())
        report = last_report(load)
        load.wait()
    assert (report.end, report.answered, report.done) == ("done", 50, 5)
    assert load.failed is None


def test_whatever_else_it_is_told_stops_it(load: ChildHere) -> None:
    with Server(echo) as server:
        load.send(LoadPlan("tcp", "127.0.0.1", server.port, clients=5, messages=1_000_000).to_json())
        assert not report_from(load.receive().head).over
        load.send({"stop": True})
        report = last_report(load)
        load.wait()
    assert report.end == "stopped"
    assert load.failed is None


def test_a_plan_that_cannot_be_carried_out_is_refused_in_a_report(load: ChildHere) -> None:
    load.send(LoadPlan("tcp", "127.0.0.1", 9, begin="too long", size=2).to_json())
    report = last_report(load)
    assert report.end == "failed"
    assert "what the message begins with has 8 bytes already" in report.problem
    load.wait()
    assert load.left == []


def test_it_ends_with_its_parent(load: ChildHere) -> None:
    with Server(echo) as server:
        load.send(LoadPlan("tcp", "127.0.0.1", server.port, clients=1, messages=1_000_000).to_json())
        load.receive()
        load.sock.close()
        load.wait()
    assert LOST in load.left
