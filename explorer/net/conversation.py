"""One connection's framer and program: bytes come in, messages are counted, actions come out.

Where the framing goes by time (`TimedFramer`), the times are those of the capture's records, so that the messages
here are those that anyone finds in the capture later. For the same reason each datagram is framed on its own: what is
left at its end is no beginning of the next.

When the framing of a stream is changed, what the old one had begun to collect is no message of it and never will be.
These bytes are not lost: they are the first that the new framing gets. What was skipped after an error stays skipped.
Where nobody wanted messages so far, none were looked for, so the new framing begins with the next bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from explorer.core.socket_spec import Choice
from explorer.net.answer_watch import AnswerWatch
from explorer.net.screen import Screen, screen
from explorer.net.service import Service
from explorer.programs.api import GO_ON, LOOK_EVERY, Action, Asking
from explorer.programs.silent import Silent
from explorer.wire.framing.api import Found, Frame, Framer, TimedFramer, timed
from explorer.wire.framing.registry import framer_maker, make_framer

SLICE = 4096  # bytes given to the framer at once: what it finds in them is held in memory
COUNT_EVERY = 1024  # messages that are only counted, before a GO_ON


class Conversation:
    """Serves one connection. Raises InputError when the framing or the program is not valid.

    program: what answers on its socket; a choice alone is prepared for this connection alone.

    counting: find messages even where no program wants them, only to count them.
    datagrams: what is received comes in datagrams: each holds whole messages, and no silence is waited for behind it.
    watch: says which answers may be given; None: all.
    messages_in, messages_out: how many messages came and went so far.
    """

    __slots__ = (
        "_counting", "_datagrams", "_ended", "_framing", "_handed", "_make", "_program", "_screen", "_service",
        "_time", "_timed", "_unlooked", "_wants_messages", "_watch", "_watched", "framer", "messages_in",
        "messages_out", "peer", "raw",
    )  # fmt: skip

    def __init__(
        self, framing: Choice, program: Service | Choice, peer: str, counting: bool = True, datagrams: bool = False,
        watch: AnswerWatch | None = None,
    ) -> None:  # fmt: skip
        self.peer = peer
        self._counting = counting
        self._datagrams = datagrams
        self.messages_in = 0
        self.messages_out = 0
        self._unlooked = 0  # messages without an action
        self._handed = b""  # what an earlier framer had held back, not given to this one yet
        self._time = 0  # nanoseconds on the capture's clock, as they were told last
        self._ended = False  # the peer sends no more
        self._framing: Choice | None = None
        self._make: Callable[[], Framer] | None = None  # makes one for each datagram
        self._timed: TimedFramer | None = None  # of a stream
        self._screen: Screen | None = None
        self._watch = watch
        self._watched = False  # only what answers by itself is
        self.framer: Framer
        self.raw = False
        self.replace(framing, program)

    def replace(self, framing: Choice, program: Service | Choice) -> int:
        """Go on with these; the same framing goes on where it is. How many bytes an old one had begun to collect:
        `take_over` tells what the new one makes of them."""
        service = program if isinstance(program, Service) else Service(program)
        made = service.program()
        self._service = service
        held = b""
        if framing != self._framing:
            held = self._use(framing)
            self._handed += held
        self._program = made
        self._watched = self._watch is not None and service.kind.answers
        if self._watch is not None:
            self._watch.restart()
        self._screen = screen(made, framing, self.framer.held + self._handed)
        self._wants_messages = service.kind.wants_messages and not isinstance(made, Silent)
        return len(held)

    def _use(self, framing: Choice) -> bytes:
        """Go on with another framing. What the old one held back."""
        fresh = make_framer(framing)
        held = b"" if self._framing is None else self.framer.held
        self.framer = fresh
        self._framing = framing
        self.raw = framing.kind == "raw"
        if self._datagrams:
            self._make = framer_maker(framing)
            return held
        self._timed = timed(fresh)
        if self._timed is not None:
            self._timed.at(self._time)  # nothing is there yet that this could complete
        return held

    @property
    def tight(self) -> bool:
        """Whether nothing need look at what is received: nobody answers, and each recv is a message or
        messages are not counted."""
        return not self._wants_messages and (self.raw or not self._counting) and self._service.tap is None

    @property
    def due(self) -> int | None:
        """When `silent` is to be told that nothing came, on the capture's clock; None while nothing waits for it."""
        return None if self._timed is None else self._timed.due

    @property
    def hides(self) -> bool:
        """Whether what is received now may be a secret that the capture must not keep: then `cover` it first."""
        return self._screen is not None and self._screen.hides

    def cover(self, data: bytes) -> bytes:
        """What the capture may keep of these bytes, which are as many. They are told to `received` as they came,
        afterwards."""
        return data if self._screen is None else self._screen.cover(data)

    def opened(self) -> Iterator[Action]:
        yield from self._program.opened(self.peer)
        yield from self.take_over()

    def received(self, data: bytes, time: int) -> Iterable[Action]:
        """What these bytes (one recv, or one datagram) bring, which came at this time of the capture's clock; () where
        there is nothing to answer. What came before must have been answered."""
        self._time = time
        if self._make is not None:
            return self._datagram(data, self._make())
        if self._handed or self._timed is not None:
            return self._in_time(data, time)
        return self._piece(data) if self.raw or len(data) <= SLICE else self._in_slices(data)

    def silent(self, time: int) -> Iterator[Action]:
        """Nothing came until this time of the capture's clock."""
        self._time = time
        if self._timed is not None:
            yield from self._heard(self._timed.at(time))
        yield from self.take_over()

    def ended(self) -> Iterator[Action]:
        """The peer sends no more."""
        self._ended = True
        if not self.raw:
            yield from self._heard(self.framer.end())
        yield from self.take_over()

    def take_over(self) -> Iterator[Action]:
        """What the new framing finds in what an old one had begun to collect."""
        while self._handed:
            handed, self._handed = self._handed, b""
            yield from self._in_slices(handed)
            if self._ended and not self.raw:
                yield from self._heard(self.framer.end())

    def settle(self) -> None:
        """The connection is over, and endless silence follows: what that completes counts. Nobody can be answered."""
        if self._timed is not None and not self._ended:
            self.messages_in += sum(isinstance(item, Frame) for item in self.framer.end())
        self._ended = True
        self.tell_unanswered()

    def tell_unanswered(self) -> None:
        """Say now how many answers were not given since it was said last."""
        if self._watch is not None:
            self._watch.tell_unanswered()

    def answered(self, reply: Mapping[str, object]) -> Iterable[Action]:
        """The process that runs the user's code answered the program's last `Ask`."""
        actions = self._program.answered(reply) if isinstance(self._program, Asking) else ()
        return actions if self._watch is None else self._watch.allowed(actions)

    def closed(self) -> Iterable[Action]:
        """The connection is over. What its program wants others to know."""
        return self._program.closed()

    def _datagram(self, data: bytes, framer: Framer) -> Iterator[Action]:
        """A framing that is put in place meanwhile is that of the next datagram."""
        if self.raw:
            yield from self._piece(data)
            return
        for start in range(0, len(data), SLICE):
            yield from self._heard(framer.feed(data[start : start + SLICE]))
        yield from self._heard(framer.end())

    def _in_time(self, data: bytes, time: int) -> Iterator[Action]:
        """Bytes of a stream with something else before them: what was handed over, or silence."""
        yield from self.take_over()
        if self._timed is not None:
            yield from self._heard(self._timed.at(time))
        yield from self._in_slices(data)

    def _in_slices(self, data: bytes) -> Iterator[Action]:
        """The law of framing: slices give the same messages. The framing may be changed while they are looked at."""
        place = 0
        while place < len(data):
            part = data[place:] if self.raw else data[place : place + SLICE]
            place += len(part)
            yield from self._piece(part)

    def _piece(self, data: bytes) -> Iterable[Action]:
        if self.raw:
            self.messages_in += 1
            if (tap := self._service.tap) is not None:
                tap.message(self.peer, self._told(data))
            return self._answer_to(data) if self._wants_messages else ()
        found = self.framer.feed(data)
        return self._heard(found) if found else ()

    def _told(self, payload: bytes) -> bytes:
        """What a tap may know of a message: of what may be a secret, its size."""
        return b"*" * len(payload) if self.hides else payload

    def _heard(self, found: Iterable[Found]) -> Iterable[Action]:
        """Messages for the program. What breaks the framing is none, not even where only its checksum is wrong."""
        if (tap := self._service.tap) is not None:
            found = list(found)
            for item in found:
                if isinstance(item, Frame):
                    tap.message(self.peer, self._told(item.payload))
                else:
                    tap.broken(self.peer, item.message)
        if self._wants_messages:
            return self._answers(found)
        before = self.messages_in
        for item in found:
            if isinstance(item, Frame):
                self.messages_in += 1
        self._unlooked += self.messages_in - before
        if self._unlooked < COUNT_EVERY:
            return ()
        self._unlooked = 0
        return (GO_ON,)

    def _answer_to(self, payload: bytes) -> Iterable[Action]:
        """What the program makes of a message, as far as that may be done."""
        actions = self._program.message(payload)
        if self._watch is None or not self._watched:
            return actions
        return self._watch.screened(payload, self._time, actions)

    def _answers(self, found: Iterable[Found]) -> Iterator[Action]:
        """Framing and program may be changed while they are taken."""
        for item in found:
            if isinstance(item, Frame):
                self.messages_in += 1
                self._unlooked += 1
                if self._wants_messages:
                    for action in self._answer_to(item.payload):
                        self._unlooked = 0
                        yield action
                if self._unlooked >= LOOK_EVERY:
                    self._unlooked = 0
                    yield GO_ON
        if self._handed:
            yield from self.take_over()


def handed_over(size: int, framing: Choice) -> str:
    """What became of `size` bytes that an old framing had begun to collect, as a sentence for the log."""
    whose = "The byte that the old one had" if size == 1 else f"The {size:,} bytes that the old one had"
    return f"The framing is {framing.kind} from here on. {whose} begun to collect the new one gets first."
