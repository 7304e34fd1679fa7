"""Program `chat`: people on the connections of one server talk to each other, all at once or two by turns.

What one of them says, the others are told as ``Ann: text``. What the program itself says begins with ``*``. A line
that begins with ``/`` is meant for the program.

Two by turns: the first two who come are coupled, and the one who came first begins. A line out of turn is answered
with a note and not passed on. Whoever comes while two are talking is told so, and the connection is closed. To be one
of the two, use a client of yours, or any other program that sends lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from explorer.core.fields import Field, Value, whole
from explorer.core.socket_spec import Choice
from explorer.programs.api import GO_ON, LOOK_EVERY, Action, Close, Line, ProgramKind, Send, Setup, Tell, World
from explorer.programs.chat_names import LONGEST_LINE, LONGEST_NAME, clean, key_of, wrong_with
from explorer.programs.speech import lines_of

NAME = "NAME"
HELP = "/nick NAME changes your name, /who lists who is here, /quit leaves. All other lines are passed on."

FIELDS = (
    Field(
        "mode",
        "choice",
        "room",
        "Who talks",
        "room: each line goes to all others. pair: two people take turns; a line out of turn is not passed on, and who "
        "comes as the third is told that two are talking.",
        choices=("room", "pair"),
        labels=("All at once, in a room", "Two, by turns"),
    ),
    Field(
        "names",
        "choice",
        "given",
        "Names",
        "given: everybody gets one, such as Guest1, and may change it. asked: the first line is the name. Who has not "
        "told a name yet reads the others all the same.",
        choices=("given", "asked"),
        labels=("Given, may be changed", "Asked for first"),
    ),
    Field(
        "greeting",
        "text",
        "Welcome, NAME. /help tells what you can do.",
        "Greeting",
        "Told to everybody who joins. NAME stands for the name. Empty: nothing.",
        maximum=500,
    ),
    Field(
        "most",
        "int",
        50,
        "Most people",
        "Who comes when the room is full is told so, and the connection is closed. For two by turns it is two.",
        minimum=2,
        maximum=1000,
    ),
)


class Room:
    """What the connections of a socket share: who is here, by the keys of their names. turn: whose turn it is, of a
    pair; None while somebody is missing."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.by_turns = values["mode"] == "pair"
        self.asks = values["names"] == "asked"
        self.greeting = str(values["greeting"])
        self.most = 2 if self.by_turns else whole(values["most"])
        self.present = 0  # connections, with a name or without
        self.members: dict[str, Chatter] = {}
        self.turn: Chatter | None = None
        self._guests = 0

    def guest(self) -> str:
        """A name that nobody has."""
        while True:
            self._guests += 1
            if key_of(name := f"Guest{self._guests}") not in self.members:
                return name

    def partner(self, of: Chatter) -> Chatter | None:
        return next((one for one in self.members.values() if one is not of), None)

    def names(self) -> str:
        return ", ".join(member.name for member in self.members.values())


class Chatter:
    """One connection's. name: "" before it has one."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.name = ""
        self._entered = False
        self._left = False
        self._commands: Mapping[str, Callable[[str], Iterable[Action]]] = {
            "/nick": self._rename,
            "/who": self._list,
            "/quit": self._quit,
            "/help": lambda rest: (note(HELP),),
        }

    def opened(self, peer: str) -> Iterator[Action]:
        return self._enter()

    def message(self, payload: bytes) -> Iterator[Action]:
        if not self._entered:  # the program was set while the connection was open
            yield from self._enter()
        unheard = 0
        for said in lines_of(payload):
            if self._left:
                return
            unheard += 1
            for action in self._hear(clean(said.text)):
                unheard = 0
                yield _ended(action, said.ending)
            if unheard >= LOOK_EVERY:
                unheard = 0
                yield GO_ON

    def closed(self) -> Sequence[Action]:
        room = self._room
        if not self._entered:
            return ()
        self._entered = False
        room.present -= 1
        if room.turn is not None and self.name:
            room.turn = None
        if room.members.pop(key_of(self.name), None) is None:
            return ()
        waits = " Wait for somebody else." if room.by_turns else ""
        return (announce(f"{self.name} left.{waits}"),)

    # -- coming -------------------------------------------------------------------------------------

    def _enter(self) -> Iterator[Action]:
        room = self._room
        if room.present >= room.most:
            self._left = True
            why = "Two people are talking here already" if room.by_turns else f"The room is full: {room.most} are here"
            yield note(f"{why}. Come back later.")
            yield Close()
            return
        self._entered = True
        room.present += 1
        if room.asks:
            yield note("What is your name?")
        else:
            yield from self._join(room.guest())

    def _join(self, name: str) -> Iterator[Action]:
        room = self._room
        self.name = name
        room.members[key_of(name)] = self
        if room.greeting:
            yield note(room.greeting.replace(NAME, name))
        yield announce(f"{name} joined.")
        if room.by_turns:
            yield from self._couple()

    def _couple(self) -> Iterator[Action]:
        other = self._room.partner(self)
        if other is None:
            yield note("You are alone here. Wait for somebody to talk to.")
            return
        self._room.turn = other
        yield note(f"You talk with {other.name}, who begins.")
        yield announce(f"You talk with {self.name}. It is your turn.")

    # -- talking ------------------------------------------------------------------------------------

    def _hear(self, text: str) -> Iterable[Action]:
        if not text:
            return ()
        if len(text) > LONGEST_LINE:
            return (note(f"Your line has {len(text):,} characters; {LONGEST_LINE:,} at most are passed on. Say less."),)
        word, _, rest = text.partition(" ")
        command = self._commands.get(word.lower())
        if command is not None and (self.name or command != self._rename):
            return command(rest.strip())
        if not self.name:
            return self._introduce(rest.strip() if word.lower() == "/nick" else text)
        if text.startswith("/"):
            return (note(f"There is no {word[: LONGEST_NAME + 1]} here. {HELP}"),)
        return self._say(text)

    def _say(self, text: str) -> Iterator[Action]:
        room = self._room
        if not room.by_turns:
            yield Tell(f"{self.name}: {text}".encode())
            return
        other = room.partner(self)
        if other is None:
            yield note("Nobody is here yet, so your line was not passed on. Wait for somebody to talk to.")
        elif room.turn is not self:
            yield note(f"It is {other.name}'s turn, so your line was not passed on. Wait for an answer.")
        else:
            room.turn = other
            yield Tell(f"{self.name}: {text}".encode())
            yield announce("It is your turn.")

    def _introduce(self, name: str) -> Iterator[Action]:
        problem = self._refuses(name)
        if problem:
            yield note(f"{problem} What is your name?")
        else:
            yield from self._join(name)

    def _rename(self, name: str) -> Iterator[Action]:
        problem = self._refuses(name)
        if problem:
            yield note(f"{problem} You are still {self.name}.")
        else:
            old, self.name = self.name, name
            del self._room.members[key_of(old)]
            self._room.members[key_of(name)] = self
            yield note(f"You are {name} now.")
            yield announce(f"{old} is {name} now.")

    def _refuses(self, name: str) -> str:
        problem = wrong_with(name)
        if not problem and self._room.members.get(key_of(name), self) is not self:
            problem = f"Somebody is called {name} already."
        return problem

    def _list(self, rest: str) -> Iterable[Action]:
        return (note(f"Here are {self._room.names() or 'no people with a name yet'}."),)

    def _quit(self, rest: str) -> Iterable[Action]:
        self._left = True
        return (note("Good-bye."), Close())


def note(text: str) -> Send:
    """What the program says to one."""
    return Send(f"* {text}".encode())


def announce(text: str) -> Tell:
    """What it says to all others."""
    return Tell(f"* {text}".encode())


def _ended(action: Action, ending: bytes) -> Action:
    """With the end that the line had which brought this: none where the framing takes care of it."""
    if not ending:
        return action
    match action:
        case Send(payload):
            return Send(payload + ending)
        case Tell(payload):
            return Tell(payload + ending)
    return action


def make(values: Mapping[str, Value]) -> Setup:
    room = Room(values)

    def begin(world: World) -> Chatter:
        return Chatter(room)

    return begin


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    first = (Line("us", "* What is your name?"), Line("peer", "Ann")) if values["names"] == "asked" else ()
    name = "Ann" if first else "Guest2"
    greeting = str(values["greeting"]).replace(NAME, name)
    welcome = (Line("us", f"* {greeting}"),) if greeting else ()
    rest: tuple[Line, ...]
    if values["mode"] == "pair":
        rest = (
            Line("us", "* You talk with Bob, who begins."),
            Line("us", "Bob: Hello!"),
            Line("us", "* It is your turn."),
            Line("peer", "Hello Bob!"),
            Line("note", f"Bob reads “{name}: Hello Bob!” and has his turn."),
        )
    else:
        rest = (
            Line("note", f"All others read “* {name} joined.”"),
            Line("us", "Bob: Hello!"),
            Line("peer", "Hello Bob!"),
            Line("note", f"All others read “{name}: Hello Bob!”"),
        )
    return (*first, *welcome, *rest)


KIND = ProgramKind(
    "chat",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    transports=("tcp",),
    framing=Choice("line", {"ending": "any"}),
    shared=True,
)
