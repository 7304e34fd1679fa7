"""What the pieces of a script tell of themselves, so that the others fit to them.

A program of a script answers with a generator: it yields the messages to send. Where it needs more, it may also yield
a pause (a float, in seconds) or a message to all others (`ToOthers`), and raise `CloseConnection` or
`ResetConnection` to end the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from explorer.core.errors import InputError
from explorer.core.fields import Value

StyleName = Literal["blocking", "selectors", "asyncio"]


@dataclass(frozen=True, slots=True)
class Style:
    """One way of writing a script. label: what a list offers; summary: a sentence about it."""

    name: StyleName
    label: str
    summary: str


STYLES: tuple[Style, ...] = (
    Style("blocking", "Learner's (blocking)", "One call after the other; each waits until it is done."),
    Style("selectors", "selectors", "One thread waits on all sockets at once and serves whichever is ready."),
    Style("asyncio", "asyncio", "Coroutines on an event loop: each gives way wherever it awaits."),
)


class NoScript(InputError):
    """These settings have no script that does the same; the message says why and what to change."""


@dataclass(frozen=True, slots=True)
class FramingPart:
    """Framing in a script.

    code: ``Framer`` with feed(data) -> messages, and ``encode(message)`` -> bytes, as far as they are wanted.
    framed: there is a Framer. encoded: there is an encode. checked: that raises ValueError for messages it cannot
    carry. timed: the Framer holds ``buffer`` until ``silent()`` is called, SILENCE seconds after the last byte.
    """

    code: str = ""
    constants: str = ""
    framed: bool = False
    encoded: bool = False
    checked: bool = False
    timed: bool = False


@dataclass(frozen=True, slots=True)
class ProgramPart:
    """A program in a script: functions ``on_open(peer)``, ``on_message(message)`` and ``on_close()``, or a class with
    these methods, of which each connection gets one.

    summary: what it does, for the head of the script. constants: lines that are put with the others at the top.
    made: the class. wants_peer: it is made with the peer's address, as text.
    opens, messages, closes: which of the three there are. answers: they yield.
    uses: what it needs besides messages: "wait", "close", "reset", "tell".
    as_found: what it sends are messages as the framing found them. types: what the user types is sent.
    unlike: sentences for the head about what is not quite as in the app.
    own: the part of the code that the user wrote.
    """

    summary: str
    code: str = ""
    constants: str = ""
    made: str = ""
    wants_peer: bool = False
    opens: bool = False
    messages: bool = True
    closes: bool = False
    answers: bool = True
    uses: frozenset[str] = frozenset()
    as_found: bool = False
    types: bool = False
    unlike: tuple[str, ...] = ()
    own: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a framing is to be written for. found: messages are looked for; sends: there are messages to send, which
    are as they were found where `as_found`; datagrams: each is framed on its own."""

    found: bool
    sends: bool
    as_found: bool
    datagrams: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a program's fragment may know: its settings, complete, and what it runs on."""

    values: Mapping[str, Value]
    transport: str
    role: str
    encoding: str
    raw: bool
