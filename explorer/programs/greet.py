"""Program `greet`: asks for a name, or takes one, and answers `Hi NAME`.

A name is bytes here, whatever its encoding: it goes back as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from explorer.core.fields import Field, Value, whole
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, ProgramKind, Send, Setup, World
from explorer.programs.speech import lines_of

NAME = "NAME"

FIELDS = (
    Field(
        "question",
        "text",
        "What is your name?",
        "Question",
        "Sent as soon as somebody connects. Empty: nothing is asked, and what comes is taken as a name. Over UDP "
        "nothing is asked either: nobody is there before the first datagram.",
        maximum=500,
    ),
    Field(
        "answer",
        "text",
        "Hi NAME",
        "Answer",
        "NAME stands for the name, as often as you like.",
        minimum=1,
        maximum=500,
    ),
    Field(
        "longest",
        "int",
        100,
        "Longest name",
        "A longer name is refused with a sentence, and another may be given.",
        minimum=1,
        maximum=65_536,
        unit="bytes",
    ),
    Field("close", "bool", False, "Close after the answer", "Off: every message that follows is greeted as well."),
)


class Greet:
    """answer: a template with NAME."""

    def __init__(self, question: str, answer: str, longest: int, closes: bool, asks: bool) -> None:
        self._question = question.encode() if asks else b""
        self._answer = answer.encode()
        self._longest = longest
        self._closes = closes

    def opened(self, peer: str) -> Sequence[Action]:
        return (Send(self._question),) if self._question else ()

    def message(self, payload: bytes) -> Iterator[Action]:
        for said in lines_of(payload):
            name = said.text
            if not name:
                yield said.answer(self._question or b"Your name is empty.")
            elif len(name) > self._longest:
                yield said.answer(f"A name has at most {self._longest} bytes here; yours has {len(name)}.".encode())
            else:
                yield said.answer(self._answer.replace(NAME.encode(), name))
                if self._closes:
                    yield Close()
                    return

    def closed(self) -> Sequence[Action]:
        return ()


def make(values: Mapping[str, Value]) -> Setup:
    question, answer = str(values["question"]), str(values["answer"])
    longest, closes = whole(values["longest"]), bool(values["close"])

    def begin(world: World) -> Greet:
        return Greet(question, answer, longest, closes, asks=world.transport == "tcp")

    return begin


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    question = str(values["question"])
    return (
        *((Line("us", question),) if question else ()),
        Line("peer", "Ada"),
        Line("us", str(values["answer"]).replace(NAME, "Ada")),
        *((Line("note", "The connection is closed."),) if values["close"] else ()),
    )


KIND = ProgramKind(
    "greet",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    framing=Choice("line", {"ending": "any"}),
)
