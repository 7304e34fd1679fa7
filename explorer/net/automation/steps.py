"""What each step of a sequence does, and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from explorer.core.commands import Start, Stop, Target
from explorer.core.errors import ShownError
from explorer.core.events import SocketStarted
from explorer.core.sequence import (
    BranchStep,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    StartStep,
    Step,
    StopStep,
    WaitStep,
)
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net.automation.inbox import Inbox, Taken
from explorer.net.automation.messages import Sending, make_message
from explorer.net.automation.outcome import Ended, Failed, Waiting
from explorer.net.automation.words import seconds, shown, wanted, what_came
from explorer.wire.matching import Matched, Matcher, make_matcher
from explorer.wire.remembered import fill_in_match

if TYPE_CHECKING:
    from explorer.net.automation.runner import Run

UP = (State.LISTEN, State.BOUND, State.ESTABLISHED, State.FIN_WAIT, State.CLOSE_WAIT)
BY_PEER = (CloseReason.EOF, CloseReason.RESET)

_made = lru_cache(maxsize=128)(make_matcher)


class Steps:
    """`begin` carries out a step: None when it is done, else what is waited for. `done` follows when that came."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._taken: dict[str, Taken] = {}  # the last one of each socket
        self._last = ""  # the socket of the last of all
        self._then: Callable[[], None] | None = None

    def begin(self, step: Step) -> Waiting | None:
        """Raises Failed, or Ended."""
        self._then = None
        try:
            return self._begin(step)
        except ShownError as error:
            raise Failed(str(error)) from None

    def done(self) -> None:
        if self._then is not None:
            then, self._then = self._then, None
            then()

    def _begin(self, step: Step) -> Waiting | None:
        match step:
            case StartStep():
                return self._start(step)
            case ConnectStep():
                return self._connect(step)
            case StopStep():
                number, _, _ = self._socket(step.socket)
                self._run.hub.carry_out(Stop(number))
                return None
            case SendStep():
                return self._send(step)
            case WaitStep():
                return self._wait(step)
            case PauseStep():
                return Waiting(lambda: False, step.seconds, lambda: None)
            case CheckStep():
                return self._check(step)
            case BranchStep():
                return self._branch(step)
            case EndStep():
                raise Ended(step.text or "Passed: the sequence ended here.")
            case FailStep():
                raise Failed(step.text or "The sequence says that it has failed here.")
            case RepeatStep():
                raise AssertionError("a repeat is the runner's")

    # -- sockets --------------------------------------------------------------------------------------

    def _socket(self, name: str) -> tuple[int, SocketSpec, str]:
        """Number, spec (as it runs, if it does) and name."""
        name = name or self._run.sequence.socket
        found = self._run.command.sockets.get(name)
        if found is None:
            raise Failed(f'There is no socket called "{name}". Choose one for this step.')
        running = self._run.context.sockets.get(found[0])
        return found[0], found[1] if running is None else running.spec, name

    def _inbox(self, name: str) -> Inbox:
        return self._run.inboxes[name]

    def _timeout(self, step: StartStep | ConnectStep | WaitStep | CheckStep | BranchStep) -> float:
        return self._run.sequence.timeout if step.seconds is None else step.seconds

    def _state(self, number: int) -> State:
        running = self._run.context.sockets.get(number)
        return State.CLOSED if running is None else running.state

    def _has_peers(self, number: int) -> bool:
        running = self._run.context.sockets.get(number)
        return running is not None and bool(running.peers)

    def _bring_up(self, number: int, spec: SocketSpec) -> None:
        """Start it unless it runs."""
        if number in self._run.context.sockets:
            return
        self._run.happenings[number].failed = None
        self._run.hub.emit(SocketStarted(number))
        self._run.hub.carry_out(Start(number, spec))

    def _check_failed(self, number: int, name: str) -> None:
        failed = self._run.happenings[number].failed
        if failed is not None:
            raise Failed(f'"{name}" could not be started. {failed.failure.sentence}', failed.record)

    def _start(self, step: StartStep) -> Waiting:
        number, spec, name = self._socket(step.socket)
        self._bring_up(number, spec)
        opened = self._run.happenings[number].opened

        def look() -> bool:
            self._check_failed(number, name)
            state = self._state(number)
            running = self._run.context.sockets.get(number)
            self._run.text = "" if running is None or running.local is None else f"{state.value}: {running.local}"
            return state in UP or self._run.happenings[number].opened > opened

        return self._until(look, self._timeout(step), lambda: f'"{name}" was not up within {{}}: {self._doing(number)}')

    def _connect(self, step: ConnectStep) -> Waiting:
        number, spec, name = self._socket(step.socket)
        self._bring_up(number, spec)
        opened = self._run.happenings[number].opened

        def look() -> bool:
            self._check_failed(number, name)
            running = self._run.context.sockets.get(number)
            if running is not None and running.remote is not None and spec.role == "client":
                self._run.text = f"connected to {running.remote}"
            return self._has_peers(number) or self._run.happenings[number].opened > opened

        who = "nobody connected to it" if spec.role == "server" else "it was not connected"
        return self._until(look, self._timeout(step), lambda: f'"{name}": {who} within {{}}; {self._doing(number)}')

    def _doing(self, number: int) -> str:
        state = self._state(number)
        return "it is not running." if state is State.CLOSED else f"it is {state.value}."

    def _until(
        self, look: Callable[[], bool], limit: float, why: Callable[[], str], inbox: Inbox | None = None
    ) -> Waiting:
        """why: a sentence for when time is over; {} in it stands for how long that was."""

        def late() -> None:
            raise Failed(why().replace("{}", seconds(limit), 1))

        return Waiting(look, limit, late, inbox)

    # -- messages -------------------------------------------------------------------------------------

    def _send(self, step: SendStep) -> Waiting:
        number, spec, name = self._socket(step.socket)
        snippet = None
        if step.snippet:
            snippet = next((one for one in self._run.command.snippets if one.name == step.snippet), None)
            if snippet is None:
                raise Failed(f'There is no snippet called "{step.snippet}". Choose another one for this step.')
        data = make_message(step, snippet, spec, self._run.known, self._run.counter)
        sending = Sending(self._run.context, Target(number, self._whom(number, spec, name)), data, self._run.wake)
        limit = self._run.sequence.timeout

        def look() -> bool:
            if sending.over and sending.problem:
                raise Failed(sending.problem)
            if sending.over:
                self._run.text = f"{len(data):,} bytes: {shown(data, spec.encoding)}"
                self._run.record = self._run.newest_record()
            return sending.over

        return self._until(
            look,
            limit,
            lambda: (
                f"After {{}}, {sending.sent:,} of {sending.total:,} bytes were taken by the system: the peer does "
                "not read, or the socket's pace holds them back."
            ),
        )

    def _whom(self, number: int, spec: SocketSpec, name: str) -> int | None:
        """The connection that a server's message goes to; None: all."""
        taken = self._taken.get(name)
        running = self._run.context.sockets.get(number)
        if spec.role != "server" or taken is None or running is None:
            return None
        return next(
            (
                connection
                for connection, remote in self._run.remotes(number)
                if remote == taken.message.peer and connection in running.peers
            ),
            None,
        )

    def _matcher(self, match: Match | None, encoding: str) -> Matcher | None:
        if match is None:
            return None
        return _made(fill_in_match(match, self._run.known, self._run.names), encoding)

    def _take(self, name: str, taken: Taken, encoding: str) -> None:
        self._taken[name] = taken
        self._last = name
        self._remember(taken.matched)
        self._run.text = shown(taken.message.data, encoding)
        self._run.record = taken.message.record

    def _remember(self, matched: Matched) -> None:
        if matched.groups:
            for number in [name for name in self._run.known if name.isdigit()]:
                del self._run.known[number]
            self._run.known.update(matched.groups)

    def _wait(self, step: WaitStep) -> Waiting:
        number, spec, name = self._socket(step.socket)
        matcher = self._matcher(step.match, spec.encoding)
        inbox = self._inbox(name)
        inbox.look_again()

        def look() -> bool:
            taken = inbox.take([matcher])
            if taken is None:
                self._check_may_come(number, spec, name, f"No message {wanted(step.match)}".rstrip() + " came")
                return False
            self._take(name, taken, spec.encoding)
            return True

        what = wanted(step.match, raw=_is_raw(spec))
        return self._until(look, self._timeout(step), lambda: self._nothing(name, spec, what), inbox)

    def _nothing(self, name: str, spec: SocketSpec, what: str) -> str:
        raw = _is_raw(spec)
        thing = "bytes" if raw else "message"
        came = what_came(self._inbox(name), spec.encoding, raw).replace("{}", "{ }")
        return f"No {thing} {what}".rstrip().replace("{}", "{ }") + f' came on "{name}" within {{}}. {came}'

    def _check_may_come(self, number: int, spec: SocketSpec, name: str, what: str) -> None:
        """Raises Failed when nothing can come any more."""
        if self._has_peers(number) or (spec.role == "server" and number in self._run.context.sockets):
            return
        if self._state(number) in (State.RESOLVING, State.SYN_SENT):
            return
        self._check_failed(number, name)
        closed = self._run.happenings[number].closed
        raw = spec.transport == "tcp" and spec.framing.kind == "raw"
        came = what_came(self._inbox(name), spec.encoding, raw)
        if closed is None:
            raise Failed(f'"{name}" is not connected, so no message can come. Put a step that connects it before this.')
        who = "The peer" if closed.reason in BY_PEER else "This side"
        raise Failed(f'{what} on "{name}" before the connection was closed. {who} closed it. {came}')

    def _branch(self, step: BranchStep) -> Waiting:
        number, spec, name = self._socket(step.socket)
        matchers = [self._matcher(case.match, spec.encoding) for case in step.cases]
        inbox = self._inbox(name)
        inbox.look_again()

        def look() -> bool:
            taken = inbox.take(matchers)
            if taken is None:
                try:
                    self._check_may_come(number, spec, name, "No message that fits a case came")
                except Failed:
                    if step.otherwise is None:
                        raise
                    otherwise()
                    return True
                return False
            self._take(name, taken, spec.encoding)
            case = step.cases[taken.which]
            self._run.text = f"Case {taken.which + 1}: {self._run.text}"
            self._then = lambda: self._run.enter(f"cases[{taken.which}].steps", case.steps)
            return True

        def otherwise() -> None:
            steps = step.otherwise or ()
            self._run.text = "None of the cases came."
            self._then = lambda: self._run.enter("otherwise", steps)

        limit = self._timeout(step)
        waiting = self._until(look, limit, lambda: self._nothing(name, spec, "that fits one of the cases"), inbox)
        if step.otherwise is not None:
            waiting.late = otherwise
        return waiting

    # -- checks ---------------------------------------------------------------------------------------

    def _check(self, step: CheckStep) -> Waiting | None:
        number, spec, name = self._socket(step.socket)
        match step.what:
            case "message":
                taken = self._taken.get(name)
                if taken is None:
                    raise Failed(f'No message of "{name}" was waited for yet. Put a step that waits before this check.')
                self._fits(step, taken.message.data, spec, "The last message", taken.message.record)
            case "group":
                value = self._run.known.get(step.group)
                if value is None:
                    raise Failed(_expected(step, f'something is remembered as "{step.group}"', "Nothing is."))
                self._fits(step, value, spec, f'What is remembered as "{step.group}"')
            case "open":
                if not self._has_peers(number):
                    raise Failed(_expected(step, f'"{name}" is connected', "Nobody is."))
            case "closed":
                return self._check_closed(step, number, spec, name)
            case "count":
                return self._check_count(step, name)
        return None

    def _fits(self, step: CheckStep, data: bytes, spec: SocketSpec, what: str, record: int = -1) -> None:
        matcher = self._matcher(step.match, spec.encoding)
        matched = Matched(len(data)) if matcher is None else matcher.message(data)
        self._run.text = shown(data, spec.encoding)
        if matched is None:
            made_up = f"{what[0].lower()}{what[1:]} is one {wanted(step.match)}"
            raise Failed(_expected(step, made_up, f"{what} is {shown(data, spec.encoding)}."), record)
        self._remember(matched)

    def _check_closed(self, step: CheckStep, number: int, spec: SocketSpec, name: str) -> Waiting:
        made_up = f'the peer closes the connection of "{name}"'
        if spec.transport == "udp":
            raise Failed(_expected(step, made_up, "UDP has no connections, so there is nothing to close."))

        def look() -> bool:
            closed = self._run.happenings[number].closed
            if closed is not None and closed.reason not in BY_PEER:
                raise Failed(_expected(step, made_up, "It was closed by this side."))
            if closed is not None:
                self._run.text = f"closed: {closed.reason.value}"
                return True
            if spec.role == "client" and not self._has_peers(number):
                raise Failed(_expected(step, made_up, "It was not connected."))
            return self._state(number) is State.CLOSE_WAIT

        limit = self._timeout(step)
        return self._until(look, limit, lambda: _expected(step, made_up, "After {} it is still open."))

    def _check_count(self, step: CheckStep, name: str) -> Waiting:
        inbox = self._inbox(name)
        high = "" if step.most is None else f" to {step.most:,}" if step.most != step.least else ""
        made_up = (
            f'{step.least:,}{high} {"message comes" if step.least == 1 and not high else "messages come"} on "{name}"'
        )

        def look() -> bool:
            self._run.text = f"{inbox.count:,} {'message' if inbox.count == 1 else 'messages'}"
            if step.most is not None and inbox.count > step.most:
                raise Failed(_expected(step, made_up, f"{inbox.count:,} came."))
            return inbox.count >= step.least

        limit = self._timeout(step)
        return self._until(look, limit, lambda: _expected(step, made_up, f"After {{}}, {inbox.count:,} had come."))


def _expected(step: CheckStep, made_up: str, found: str) -> str:
    expected = (step.expect or made_up).rstrip(". ").replace("{}", "{ }")
    return f"Expected: {expected}. {found}"


def _is_raw(spec: SocketSpec) -> bool:
    """Whether bytes come, and no messages."""
    return spec.transport == "tcp" and spec.framing.kind == "raw"
