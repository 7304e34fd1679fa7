"""What the program of one connection says: its actions, carried out one after another, over TCP and UDP alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from explorer.core.errors import InputError
from explorer.core.failure import Failure
from explorer.net.answers import Answers, cannot_frame
from explorer.net.call_log import CallLog
from explorer.net.conversation import Conversation
from explorer.net.reactor import Reactor, Watcher
from explorer.net.service import Service
from explorer.net.telling import Missed, Telling
from explorer.programs.api import Action, Ask, Close, Reset, Send, Tell, Wait


class Owner(Protocol):
    """The socket that a connection belongs to."""

    log: CallLog
    service: Service
    telling: Telling

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None: ...


class Speech:
    """Of one connection, whose number this is. answers: the actions under way. closes: the program wants the
    connection closed once everything is sent."""

    __slots__ = ("_asks", "_missed", "_owner", "_watcher", "answers", "closes", "number", "talk")

    def __init__(self, owner: Owner, number: int, talk: Conversation, reactor: Reactor, watcher: Watcher) -> None:
        """watcher: whom a bug in what is done later belongs to."""
        self._owner = owner
        self.number = number
        self.talk = talk
        self.answers = Answers(reactor, self._resumed, watcher)
        self.closes = False
        self._asks = False
        self._missed = Missed()  # of what others tell

    # -- what TCP and UDP do their own way ----------------------------------------------------------

    @property
    def _goes_on(self) -> bool:
        """Whether another action may follow at once."""
        raise NotImplementedError

    def _resumed(self) -> None:
        """The answers are not suspended any more."""
        raise NotImplementedError

    def _say(self, data: bytes) -> None:
        """Send this."""
        raise NotImplementedError

    def _pass_on(self, data: bytes) -> str:
        """Send this if there is room. Why not, as a sentence; "" when it will be sent."""
        raise NotImplementedError

    def _close(self) -> None:
        """The program wants an end."""
        raise NotImplementedError

    def _reset(self) -> None:
        """End it at once."""
        raise NotImplementedError

    # -- what they have in common -------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether an action could be carried out now."""
        return bool(self.answers) and not self.answers.suspended

    def replaced(self) -> None:
        """Another program goes on; nobody waits any more for what the earlier one asked."""
        if self._asks:
            self._asks = False
            self.answers.hurry()

    def pass_on(self, payload: bytes) -> None:
        """Another connection's program tells this one's peer something."""
        if self.closes:
            return
        try:
            problem = self._pass_on(self._owner.telling.shared(self.talk.framer.encode(payload)))
        except InputError as error:
            problem = error.message
        if not problem:
            self._missed.over(self.number, self.talk.peer, self._owner.log)
        elif (failure := self._missed.miss(problem)) is not None:
            self._owner.report(failure, connection=self.number)

    def say_goodbye(self) -> None:
        """The connection is over. Others may be told; it itself cannot be answered any more."""
        for action in self.talk.closed():
            match action:
                case Tell(payload):
                    self._owner.telling.tell(payload, self.number)
                case Ask(request):
                    self._owner.service.ask(self.number, request, self._told_goodbye)

    def _told_goodbye(self, reply: Mapping[str, object]) -> None:
        for action in self.talk.answered(reply):
            if isinstance(action, Tell):
                self._owner.telling.tell(action.payload, self.number)

    def do(self, action: Action) -> bool:
        """One action. Whether the next may follow at once."""
        match action:
            case Send():
                self._send(action)
            case Tell(payload):
                self._owner.telling.tell(payload, self.number, self._wait_for_telling)
            case Wait(seconds):
                self.answers.wait(seconds)
            case Ask(request):
                self._ask(request)
            case Close():
                self.answers.drop()
                self.closes = True
                self._close()
            case Reset():
                self.answers.drop()
                self._reset()
        return not self.answers.suspended and self._goes_on

    def _send(self, action: Send) -> None:
        try:
            data = action.wire_bytes(self.talk.framer)
        except InputError as error:
            self._owner.report(cannot_frame(error), connection=self.number)
        else:
            self._say(data)

    def _ask(self, request: Mapping[str, object]) -> None:
        self._asks = True
        self._owner.service.ask(self.number, request, self.answers.expect(self._answered))

    def _answered(self, reply: Mapping[str, object]) -> Iterable[Action]:
        self._asks = False
        return self.talk.answered(reply)

    def _wait_for_telling(self) -> Callable[[None], None]:
        return self.answers.expect(lambda _: ())
