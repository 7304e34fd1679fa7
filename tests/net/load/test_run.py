"""Loads against real servers on loopback: those that answer rightly, wrongly, never, that refuse and that reset."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from explorer.core.load import LoadPlan, LoadReport
from explorer.core.socket_spec import Choice
from explorer.net.load.run import LoadRun
from tests.fakes.untraced import untraced
from tests.net.load.answering import Server, echo, silent
from tests.net.peers import unused_port

LINES = Choice("line", {"ending": "lf"})


def plan(port: int, **settings: object) -> LoadPlan:
    return replace(LoadPlan("tcp", "127.0.0.1", port, timeout=5), **settings)  # type: ignore[arg-type]


def run(asked: LoadPlan, most_files: int | None = None) -> LoadReport:
    reports: list[LoadReport] = []
    LoadRun(asked, reports.append, most_files).run()
    assert [one.over for one in reports] == [False] * (len(reports) - 1) + [True]
    return reports[-1]


def check_sums(report: LoadReport) -> None:
    """Every client and every message is somewhere."""
    clients = report.waiting + report.connecting + report.open + report.done + report.failed
    assert clients == report.clients
    assert report.connections == 0
    assert report.latencies.count == report.answered + report.wrong


@pytest.fixture(params=["socat", "ncat"])
def echo_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """An echo server that is none of ours."""
    port = unused_port()
    commands = {
        "socat": ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,backlog=128", "EXEC:cat"],
        "ncat": ["ncat", "-k", "-l", "127.0.0.1", str(port), "-c", "cat"],
    }
    server = subprocess.Popen(commands[request.param], stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        threading.Event().wait(0.02)
    yield port
    server.terminate()
    server.wait(10)


def test_a_server_of_another_program(echo_port: int) -> None:
    report = run(plan(echo_port, clients=8, messages=20, framing=LINES))
    assert (report.end, report.done, report.failed) == ("done", 8, 0)
    assert (report.sent, report.answered, report.wrong, report.lost, report.settled) == (160, 160, 0, 0, 160)
    assert report.bytes_sent == report.bytes_received == 160 * 65
    assert 0 < report.latencies.least <= report.latencies.percentile(50) <= report.latencies.most < 5e9
    assert report.connects.count == 8
    check_sums(report)


def test_many_clients_at_one_time_that_stay() -> None:
    with untraced(), Server(echo) as server:
        report = run(plan(server.port, clients=400, messages=3, hold=True, timeout=20))
        assert (report.done, report.answered, report.peak) == (400, 1200, 400)
        assert server.most == 400
    check_sums(report)
    assert server.ends == ["eof"] * 400


def test_one_after_another() -> None:
    with Server(echo) as server:
        report = run(plan(server.port, clients=10, messages=2, connect="in_turn"))
        assert (report.done, report.answered, report.peak, server.most) == (10, 20, 1, 1)
    assert server.ends == ["eof"] * 10


def test_so_many_a_second() -> None:
    with Server(echo) as server:
        report = run(plan(server.port, clients=21, messages=1, connect="per_second", per_second=50))
    assert report.done == 21
    assert 0.4 <= report.seconds < 2


def test_no_more_than_the_system_allows_at_one_time() -> None:
    with Server(echo) as server:
        report = run(plan(server.port, clients=50, messages=2), most_files=7)
        assert (report.done, report.peak <= 7, server.most <= 14) == (50, True, True)
        assert "7 sockets open: at most so many clients" in report.notes[0]
        refused = run(plan(server.port, clients=50, messages=2, hold=True), most_files=7)
    assert refused.end == "failed"
    assert "ulimit -n" in refused.problem
    assert refused.sent == 0


# -- servers that do not do what is expected ---------------------------------------------------------


def test_wrong_answers_are_counted() -> None:
    with Server(lambda data: data[:-1] + b"!") as server:
        report = run(plan(server.port, clients=5, messages=4))
    assert (report.wrong, report.answered, report.done) == (20, 0, 5)
    check_sums(report)
    with Server(lambda data: b"no idea\n") as server:
        any_answer = run(plan(server.port, clients=5, messages=4, framing=LINES, answers="any"))
    assert (any_answer.wrong, any_answer.answered) == (0, 20)


def test_one_that_never_answers() -> None:
    with Server(silent) as server:
        report = run(plan(server.port, clients=3, messages=5, timeout=1))
    assert (report.lost, report.failed, report.done, report.answered) == (3, 3, 0, 0)
    assert report.settled == 15
    assert [(one.failure.errno, one.count) for one in report.failures] == [("timeout", 3)]
    assert "did not come in time" in report.failures[0].failure.sentence
    assert 1 <= report.seconds < 3
    check_sums(report)


def test_one_that_resets() -> None:
    with Server(lambda data: None) as server:
        report = run(plan(server.port, clients=6, messages=5))
    assert [(one.failure.errno, one.count) for one in report.failures] == [("ECONNRESET", 6)]
    assert report.failed == 6
    check_sums(report)


def test_one_that_closes_early() -> None:
    with Server(echo, close_after=2) as server:
        report = run(plan(server.port, clients=6, messages=5))
    assert report.answered == 12
    assert [(one.failure.errno, one.count) for one in report.failures] == [("EOF", 6)]
    assert "before all messages" in report.failures[0].failure.sentence


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_nobody_is_there(transport: str) -> None:
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    report = run(plan(unused_port(kind), transport=transport, clients=5))
    assert [(one.failure.errno, one.count) for one in report.failures] == [("ECONNREFUSED", 5)]
    assert "Nothing listens" in report.failures[0].failure.sentence
    assert (report.end, report.failed) == ("done", 5)
    check_sums(report)


def test_one_that_accepts_nobody() -> None:
    """Its accept queue is full: on Linux the connect gets no answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        with contextlib.ExitStack() as filling:
            for _ in range(3):
                filler = filling.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            report = run(plan(port, clients=2, timeout=1))
    assert report.failed == 2
    assert report.failures[0].failure.call.startswith("connect")
    assert "accept queue" in report.failures[0].failure.sentence


def test_a_name_that_does_not_exist() -> None:
    report = run(plan(9, host="no.such.name.invalid"))
    assert report.end == "failed"
    assert "no.such.name.invalid" in report.problem


def test_a_name_with_an_address_where_nobody_listens() -> None:
    """localhost may be ::1 first; the server listens on 127.0.0.1 alone."""
    with Server(echo) as server:
        report = run(plan(server.port, host="localhost", clients=5, messages=2))
    assert report.answered == 10


# -- datagrams ---------------------------------------------------------------------------------------


def test_datagrams() -> None:
    with Server(echo, "udp") as server:
        report = run(plan(server.port, transport="udp", clients=20, messages=10))
    assert (report.answered, report.lost, report.done) == (200, 0, 20)
    check_sums(report)


def test_a_datagram_without_an_answer_is_lost_and_the_next_is_sent() -> None:
    seen: list[bytes] = []

    def every_second(data: bytes) -> bytes | None:
        seen.append(data)
        return data if len(seen) % 2 else None

    with Server(every_second, "udp") as server:
        report = run(plan(server.port, transport="udp", clients=1, messages=4, timeout=1))
    assert (report.answered, report.lost, report.done, report.failed) == (2, 2, 1, 0)
    assert report.settled == 4


def test_an_answer_that_comes_late_is_not_that_of_the_next() -> None:
    class Late(Server):
        """The first is answered when the second comes."""

        def _datagram(self) -> None:
            data, peer = self.sock.recvfrom(65_536)
            if self.earlier:
                self.sock.sendto(self.earlier, peer)
                self.sock.sendto(data, peer)
            self.earlier = data

        earlier = b""

    with Late(echo, "udp") as server:
        report = run(plan(server.port, transport="udp", clients=1, messages=2, timeout=1))
    assert (report.answered, report.lost, report.late, report.wrong) == (1, 1, 1, 0)


# -- pace, size, sending alone -----------------------------------------------------------------------


@pytest.mark.parametrize("answers", ["echo", "none"])
def test_the_rate_is_kept(answers: str) -> None:
    with untraced(), Server(echo) as server:
        report = run(plan(server.port, clients=10, messages=30, rate=500, answers=answers))
    assert report.done == 10
    assert report.rate == pytest.approx(500, rel=0.05)


def test_a_rate_that_the_server_does_not_keep_up_with() -> None:
    pause = threading.Event()

    def slow(data: bytes) -> bytes:
        pause.wait(0.02)
        return data

    reports: list[LoadReport] = []
    with Server(slow) as server:
        LoadRun(plan(server.port, clients=2, messages=20, rate=1000), reports.append).run()
    assert any(one.behind > 5 for one in reports)
    assert reports[-1].answered == 40
    assert reports[-1].rate < 200


def test_messages_that_no_buffer_takes_at_once() -> None:
    with untraced(), Server(echo) as server:
        report = run(plan(server.port, clients=2, messages=2, size=1_048_576, timeout=20))
    assert (report.answered, report.wrong) == (4, 0)
    assert report.bytes_received == 4 * 1_048_576


def test_sending_alone() -> None:
    with Server(silent) as server:
        report = run(plan(server.port, clients=5, messages=100, answers="none"))
    assert (report.sent, report.answered, report.done, report.settled) == (500, 0, 5, 500)
    assert report.latencies.count == 0
    assert report.bytes_sent == 500 * 64


def test_a_reader_that_does_not_read_makes_sending_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=5) as listener:
        report = run(
            plan(listener.getsockname()[1], clients=1, messages=100, size=1_048_576, answers="none", timeout=1)
        )
    assert report.failures[0].failure.call.startswith("send")
    assert "did not take the message" in report.failures[0].failure.sentence


# -- stopping ----------------------------------------------------------------------------------------


def stop_in_the_middle(asked: LoadPlan) -> tuple[LoadReport, float]:
    """The last report, and the seconds from the stop to the end."""
    reports: list[LoadReport] = []
    going = threading.Event()

    def tell(report: LoadReport) -> None:
        reports.append(report)
        if report.answered > 50 or report.seconds > 0.3:
            going.set()

    load = LoadRun(asked, tell)
    thread = threading.Thread(target=load.run, name="load under test")
    thread.start()
    assert going.wait(10)
    asked_at = time.monotonic()
    load.stop()
    load.stop()
    thread.join(10)
    assert not thread.is_alive()
    return reports[-1], time.monotonic() - asked_at


def test_it_stops_in_the_middle_and_ends_every_connection_in_order() -> None:
    with untraced(), Server(echo) as server:
        report, seconds = stop_in_the_middle(plan(server.port, clients=200, messages=100_000))
        deadline = time.monotonic() + 5
        while server.counts and time.monotonic() < deadline:
            threading.Event().wait(0.01)
    assert report.end == "stopped"
    assert seconds < 1
    assert report.failed == 0
    assert report.connections == 0
    assert report.sent < report.total
    assert server.ends == ["eof"] * 200


def test_it_stops_while_nobody_answers_or_accepts() -> None:
    with untraced(), Server(silent) as server:
        report, seconds = stop_in_the_middle(plan(server.port, clients=20, timeout=60))
    assert (report.end, seconds < 1, report.failed) == ("stopped", True, 0)
    with untraced(), socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        report, seconds = stop_in_the_middle(plan(listener.getsockname()[1], clients=20, timeout=60))
    assert (report.end, seconds < 1) == ("stopped", True)
    assert report.waiting + report.open > 0


def test_reports_come_at_most_ten_times_a_second() -> None:
    reports: list[LoadReport] = []
    with untraced(), Server(echo) as server:
        LoadRun(plan(server.port, clients=5, messages=100, rate=1000), reports.append).run()
    assert 3 <= len(reports) <= reports[-1].seconds * 10 + 2
    moments = [one.seconds for one in reports]
    assert moments == sorted(moments)
    assert reports[1].recent > 0
