"""Sequences on real sockets."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from explorer.core.commands import CancelSequence, RunSequence, Send, Stop, Target
from explorer.core.events import SequenceEnded, SequenceStep, SocketChanged
from explorer.core.sequence import (
    BranchStep,
    Case,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    Sequence,
    StartStep,
    Step,
    StopStep,
    WaitStep,
)
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import listener, read, unused_port

LINE = Choice("line", {"ending": "lf"})
_jobs = itertools.count(1)


class Stage:
    """Runs sequences on an engine, on a workspace of these sockets."""

    def __init__(self, running: RunningEngine, *specs: SocketSpec, snippets: tuple[Snippet, ...] = ()) -> None:
        self.running = running
        self.sockets = {spec.name: (number, spec) for number, spec in enumerate(specs, 100)}
        self.snippets = snippets

    def begin(self, *steps: Step, socket: str = "client", timeout: float = 5.0) -> int:
        job = next(_jobs)
        self.running.post(RunSequence(Sequence("test", socket, steps, timeout), job, self.sockets, self.snippets))
        return job

    def end(self, job: int) -> SequenceEnded:
        return self.running.wait(SequenceEnded, lambda event: event.job == job)

    def run(self, *steps: Step, socket: str = "client", timeout: float = 5.0) -> SequenceEnded:
        return self.end(self.begin(*steps, socket=socket, timeout=timeout))

    def steps(self, job: int) -> dict[str, SequenceStep]:
        """The last news of each step."""
        return {event.path: event for event in self.running.all(SequenceStep) if event.job == job}


def client(port: int, framing: Choice = LINE, **more: object) -> SocketSpec:
    return SocketSpec("client", role="client", port=port, framing=framing, **more)  # type: ignore[arg-type]


@contextmanager
def peer(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server for one client. Its port."""
    with listener() as listening:

        def serve() -> None:
            found, _ = listening.accept()
            with found:
                talk(found)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(15)
        assert not thread.is_alive()


@pytest.fixture
def echo(running: RunningEngine) -> Stage:
    """An echo server that a sequence can start, and its client."""
    port = unused_port()
    return Stage(running, SocketSpec("server", port=port, framing=LINE, program=Choice("echo")), client(port))


UP = (StartStep("server"), ConnectStep())


def test_a_conversation_that_goes_as_it_should(echo: Stage) -> None:
    job = echo.begin(
        *UP,
        SendStep("hello"),
        WaitStep(Match("exact", "hello")),
        CheckStep("message", Match("starts", "hel")),
        CheckStep("count", least=1, most=1),
        CheckStep("open"),
        StopStep("server"),
        CheckStep("closed"),
    )
    ended = echo.end(job)
    assert (ended.passed, ended.path, ended.sentence) == (True, "", "Passed: 9 steps."), ended
    steps = echo.steps(job)
    assert list(steps) == [f"steps[{place}]" for place in range(9)]
    assert {step.state for step in steps.values()} == {"passed"}
    assert steps["steps[3]"].text == '"hello" (68 65 6c 6c 6f)'
    call = echo.running.reader.call(steps["steps[3]"].record)
    assert echo.running.reader.traffic(call) == b"hello\n"
    assert call.received


def test_no_tap_stays_behind(echo: Stage) -> None:
    assert echo.run(*UP).passed
    context = echo.running.engine._context
    assert all(one.service.tap is None for one in context.sockets.values())
    assert context.emit == echo.running._sink


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (CheckStep("message", Match("exact", "bye")), 'is exactly "bye". The last message is "hi" (68 69).'),
        (CheckStep("message", Match("exact", "bye"), expect="It says goodbye."), "Expected: It says goodbye. The last"),
        (CheckStep("count", least=0, most=0), 'Expected: 0 messages come on "client". 1 came.'),
        (CheckStep("count", least=2, seconds=0.1), "After 0.1 s, 1 had come."),
        (CheckStep("closed", seconds=0.1), "After 0.1 s it is still open."),
        (CheckStep("group", group="user"), 'Expected: something is remembered as "user". Nothing is.'),
        (CheckStep("message", socket="server"), 'No message of "server" was waited for yet.'),
        (FailStep("That is it."), "That is it."),
        (WaitStep(socket="nobody"), 'There is no socket called "nobody".'),
        (SendStep("x {{later}}"), "Nothing is remembered as 'later' yet"),
        (SendStep(snippet="gone"), 'There is no snippet called "gone".'),
        (SendStep("two\nlines"), "message"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_where_it_stands(echo: Stage, step: Step, says: str) -> None:
    ended = echo.run(*UP, SendStep("hi"), WaitStep(), RepeatStep(1, (PauseStep(0.001), step)))
    assert not ended.passed
    assert says in ended.sentence
    assert ended.path == "steps[4].steps[1]"
    assert not ended.cancelled


def test_a_wait_that_never_comes_true_shows_what_came_instead(echo: Stage) -> None:
    job = echo.begin(
        *UP,
        RepeatStep(6, (SendStep("no {{n}}"),), "n"),
        CheckStep("count", least=6),
        WaitStep(Match("regex", r"yes (\d+)"), seconds=0.1),
    )
    ended = echo.end(job)
    assert ended.sentence == (
        'No message that fits the regular expression "yes (\\d+)" came on "client" within 0.1 s. Instead came 6 '
        'others, the last of them "no 3" (6e 6f 20 33), "no 4" (6e 6f 20 34), "no 5" (6e 6f 20 35), "no 6" '
        "(6e 6f 20 36)."
    )
    assert echo.steps(job)["steps[4]"].state == "failed"
    assert echo.running.reader.call(ended.record).received


def test_nothing_came(echo: Stage) -> None:
    ended = echo.run(*UP, WaitStep(seconds=0.05))
    assert ended.sentence == 'No message came on "client" within 0.05 s. Nothing came.'


def test_groups_are_remembered_and_sent(echo: Stage) -> None:
    ended = echo.run(
        *UP,
        SendStep("user=ann id=7 {{counter:decimal width=3}}"),
        WaitStep(Match("regex", r"user=(?P<user>\w+) id=(\d+)")),
        SendStep("{{user}}/{{2}}"),
        WaitStep(Match("exact", "{{user}}/7")),
        WaitStep(Match("regex", "nothing of it"), seconds=0.01),
    )
    assert "within 0.01 s. Nothing came." in ended.sentence


def test_a_repeat_counts_and_a_counter_is_known(echo: Stage) -> None:
    job = echo.begin(
        *UP,
        RepeatStep(
            300, (SendStep("{{n}} {{counter:decimal width=4}}"), WaitStep(Match("regex", r"^{{n}} (\d+)$"))), "n"
        ),
        CheckStep("group", Match("exact", "0299"), "1"),
        CheckStep("group", Match("exact", "300"), "n"),
        CheckStep("count", least=300, most=300),
    )
    assert echo.end(job).passed, echo.end(job)
    told = [event for event in echo.running.all(SequenceStep) if event.job == job]
    assert len(told) < 200
    assert echo.steps(job)["steps[2]"].text == "300 rounds."


def test_branches_go_by_what_came(echo: Stage) -> None:
    cases = (
        Case(Match("starts", "ERROR"), (FailStep("It failed."),)),
        Case(
            Match("regex", r"OK (?P<n>\d+)"),
            (SendStep("got {{n}}"), WaitStep(Match("exact", "got 5")), EndStep("Fine.")),
        ),
    )
    steps = (*UP, SendStep("what?"), SendStep("OK 5"), BranchStep(cases), FailStep("never here"))
    job = echo.begin(*steps)
    ended = echo.end(job)
    assert (ended.passed, ended.sentence, ended.path) == (True, "Fine.", "steps[4].cases[1].steps[2]")
    ended = echo.run(SendStep("ERROR"), BranchStep(cases))
    assert (ended.passed, ended.sentence, ended.path) == (False, "It failed.", "steps[1].cases[0].steps[0]")
    ended = echo.run(SendStep("else"), BranchStep(cases, (SendStep("x"),), seconds=0.05), WaitStep(Match("exact", "x")))
    assert ended.passed
    assert "fits one of the cases" in echo.run(BranchStep(cases, seconds=0.02)).sentence


def test_snippets_are_sent_by_name(running: RunningEngine) -> None:
    port = unused_port()
    server = SocketSpec("server", port=port, program=Choice("echo"))
    snippets = (
        Snippet("ping", "hex", "70 69 6e 67", ending="lf"),
        Snippet("framed", "text", "{{counter}}!", fields=True, framed=True),
    )
    stage = Stage(running, server, client(port, Choice("length", {"width": 1})), snippets=snippets)
    ended = stage.run(
        *UP, SendStep(snippet="ping", framed=False), SendStep(snippet="framed", framed=False),
        SendStep("08 00", written="hex", framed=False), SendStep("12345678"), WaitStep(seconds=0.2),
    )  # fmt: skip
    server_connection = running.opened(stage.sockets["server"][0]).connection
    assert running.received(server_connection, 18) == b"ping\n\x020!\x08\x00\x0812345678"
    assert ended.passed or "Nothing came" in ended.sentence


# -- streams without framing ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_on_a_raw_stream_the_cuts_do_not_matter(running: RunningEngine, size: int) -> None:
    data = b"+OK ready\r\nabcabc?x7890yes\x00\xff end"

    def talk(found: socket.socket) -> None:
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.sendall(data)
        found.shutdown(socket.SHUT_WR)
        found.recv(100)

    with peer(talk) as port:
        stage = Stage(running, client(port, Choice("raw"), buffer_size=size))
        ended = stage.run(
            ConnectStep(),
            WaitStep(Match("starts", "+OK")),
            WaitStep(Match("contains", "\\r\\n")),
            WaitStep(Match("exact", "abc")),
            WaitStep(Match("exact", "abc")),
            WaitStep(Match("regex", r"x(\d{4})yes")),
            CheckStep("group", Match("exact", "7890"), "1"),
            CheckStep("message", Match("exact", "?x7890yes")),
            WaitStep(Match("exact", "00 f?", "hex")),
            BranchStep(
                (Case(Match("contains", "d"), (FailStep(),)), Case(Match("contains", "n"), (EndStep("n is first"),)))
            ),
        )
        assert ended.sentence == "n is first", ended
        running.stop(stage.sockets["client"][0])


def test_what_came_on_a_raw_stream_instead(running: RunningEngine) -> None:
    def talk(found: socket.socket) -> None:
        found.sendall(b"+ERR no such user\r\n")
        assert read(found, 4) == b"quit"

    with peer(talk) as port:
        stage = Stage(running, client(port, Choice("raw")))
        ended = stage.run(ConnectStep(), WaitStep(), WaitStep(Match("exact", "+OK"), seconds=0.05))
        assert ended.sentence.startswith('No bytes that are exactly "+OK" came on ')
        assert ended.sentence.endswith("within 0.05 s. Nothing came.")
        ended = stage.run(SendStep("quit"), CheckStep("closed"))
        assert ended.passed, ended


# -- ends and troubles ---------------------------------------------------------------------------------


def test_the_peer_closes_in_the_middle(running: RunningEngine) -> None:
    with peer(lambda found: found.sendall(b"bye\n")) as port:
        stage = Stage(running, client(port))
        ended = stage.run(ConnectStep(), WaitStep(Match("exact", "welcome")), timeout=60)
    assert not ended.passed
    assert ended.seconds < 30
    assert 'before the connection was closed. The peer closed it. Instead came "bye" (62 79 65).' in ended.sentence


def test_nobody_to_connect_to(running: RunningEngine) -> None:
    ended = Stage(running, client(unused_port())).run(ConnectStep())
    assert '"client" could not be started.' in ended.sentence
    assert ended.path == "steps[0]"
    assert ended.record >= 0


def test_a_socket_that_is_not_there_yet(echo: Stage) -> None:
    assert "not running" in echo.run(SendStep("x")).sentence
    assert "is not connected, so no message can come." in echo.run(WaitStep()).sentence
    assert "nobody connected to it within 0.02 s" in echo.run(ConnectStep("server", 0.02)).sentence
    assert "Nobody is." in echo.run(CheckStep("open", socket="server")).sentence
    assert "nobody is connected" in echo.run(SendStep("x", socket="server")).sentence


def test_a_running_sequence_can_be_stopped(echo: Stage) -> None:
    job = echo.begin(*UP, WaitStep(seconds=600))
    echo.running.wait(SequenceStep, lambda event: event.path == "steps[2]" and event.state == "waiting")
    echo.running.post(CancelSequence(job))
    ended = echo.end(job)
    assert (ended.passed, ended.cancelled, ended.path) == (False, True, "steps[2]")
    echo.running.post(CancelSequence(job))
    assert echo.run(SendStep("still there"), WaitStep()).passed


def test_one_that_never_waits_leaves_time_for_others(echo: Stage) -> None:
    job = echo.begin(*UP, RepeatStep(1_000_000, (RepeatStep(1_000_000, (CheckStep("open"),)),)))
    echo.running.wait(SequenceStep, lambda event: event.job == job and event.path.startswith("steps[2]"))
    assert echo.run(SendStep("hi"), WaitStep(Match("exact", "hi"))).passed
    echo.running.post(CancelSequence(job))
    assert echo.end(job).cancelled


def test_the_engine_ends_in_the_middle(echo: Stage) -> None:
    job = echo.begin(*UP, PauseStep(600))
    echo.running.wait(SequenceStep, lambda event: event.path == "steps[2]")
    echo.running.shut_down()
    assert "engine ended" in echo.end(job).sentence


def test_the_user_stops_the_socket_meanwhile(echo: Stage) -> None:
    job = echo.begin(*UP, WaitStep())
    echo.running.wait(SequenceStep, lambda event: event.path == "steps[2]")
    echo.running.post(Stop(echo.sockets["client"][0]))
    assert "This side closed it." in echo.end(job).sentence


def test_a_server_answers_whom_it_heard_last(running: RunningEngine) -> None:
    stage = Stage(running, SocketSpec("server", framing=LINE))
    number = stage.sockets["server"][0]
    job = stage.begin(
        StartStep(), ConnectStep(), RepeatStep(2, (WaitStep(Match("regex", "I am (.*)")), SendStep("hi {{1}}"))),
        CheckStep("closed"), socket="server",
    )  # fmt: skip
    local = running.wait(SocketChanged, lambda event: event.socket == number and event.state is State.LISTEN).local
    assert local is not None
    with (
        socket.create_connection((local.host, local.port)) as one,
        socket.create_connection(("127.0.0.1", local.port)) as two,
    ):
        one.sendall(b"I am one\n")
        assert read(one, 7) == b"hi one\n"
        two.sendall(b"I am two\n")
        assert read(two, 7) == b"hi two\n"
    assert stage.end(job).passed


def test_datagrams_are_messages(running: RunningEngine) -> None:
    port = unused_port(socket.SOCK_DGRAM)
    server = SocketSpec("server", transport="udp", port=port, program=Choice("echo"))
    stage = Stage(running, server, client(port, Choice("raw"), transport="udp"))
    ended = stage.run(
        *UP, SendStep("one"), SendStep("two"), SendStep("three"),
        WaitStep(Match("exact", "two")), WaitStep(Match("exact", "three")), CheckStep("count", least=3, most=3),
        CheckStep("closed"),
    )  # fmt: skip
    assert ended.path == "steps[8]"
    assert "UDP has no connections" in ended.sentence
    assert echo_server_hears(stage)


def echo_server_hears(stage: Stage) -> bool:
    """A UDP server in a sequence sends to whom it heard."""
    ended = stage.run(
        SendStep("hi", socket="client"),
        WaitStep(Match("exact", "hi"), "server"),
        SendStep("own", socket="server"),
        WaitStep(Match("exact", "own")),
    )
    return ended.passed


def test_more_than_is_kept_is_counted(running: RunningEngine) -> None:
    def talk(found: socket.socket) -> None:
        found.sendall(b"x" * 3_000_000 + b"\n")
        found.recv(1)

    with peer(talk) as port:
        stage = Stage(running, client(port, Choice("raw")))
        ended = stage.run(ConnectStep(), WaitStep(Match("contains", "yyy"), seconds=0.5))
        assert "bytes before these were more than is kept" in ended.sentence
        running.stop(stage.sockets["client"][0])


def test_what_breaks_the_framing_is_told(running: RunningEngine) -> None:
    def talk(found: socket.socket) -> None:
        found.sendall(b"abc")
        found.recv(1)

    with peer(talk) as port:
        stage = Stage(running, client(port, Choice("netstring")))
        ended = stage.run(ConnectStep(), WaitStep(seconds=0.1))
        assert "No whole message came. The framing was broken: " in ended.sentence
        running.stop(stage.sockets["client"][0])


def test_sends_of_others_are_not_disturbed(echo: Stage) -> None:
    job = echo.begin(*UP, WaitStep(Match("exact", "by hand")))
    echo.running.wait(SequenceStep, lambda event: event.path == "steps[2]")
    echo.running.post(Send(Target(echo.sockets["client"][0]), b"by hand\n", 77))
    assert echo.end(job).passed
