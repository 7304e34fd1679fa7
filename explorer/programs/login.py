"""Program `login`: asks for a user's name and a password, and greets who knows both.

How long an answer takes does not tell how much of a password was right, nor whether there is such a user: what is
compared are digests of one size, in constant time, and for an unknown user too.

With `mask` the capture keeps stars in place of the password (`explorer.net.screen`); this file tells which messages
are passwords.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from explorer.core.errors import InputError
from explorer.core.fields import UNKEPT, Field, Rows, Value, rows_of, whole
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, ProgramKind, Send, Setup, World
from explorer.programs.speech import lines_of

GREETING = "Welcome, NAME."

FIELDS = (
    Field(
        "users",
        "rows",
        (),
        "Users",
        "Who may log in. At least one user is needed.",
        maximum=1000,
        columns=(
            Field("user", "text", "", "User", "The name, as it is typed; capitals matter.", maximum=200),
            Field("password", "secret", "", "Password", "Not shown here, but kept in the workspace file.", maximum=200),
            Field(
                "greeting",
                "text",
                GREETING,
                "Greeting",
                "Sent when the password is right; NAME stands for the name.",
                maximum=500,
            ),
        ),
    ),
    Field(
        "attempts",
        "int",
        3,
        "Attempts",
        "After so many wrong ones the connection is closed.",
        minimum=1,
        maximum=1000,
    ),
    Field("ask_user", "text", "User:", "Question for the user", "Empty: nothing is asked.", maximum=200),
    Field("ask_password", "text", "Password:", "Question for the password", "Empty: nothing is asked.", maximum=200),
    Field(
        "refusal",
        "text",
        "Sorry, user and password do not match.",
        "Refusal",
        "The same for a wrong password and an unknown user, so that nobody learns which users there are.",
        minimum=1,
        maximum=500,
    ),
    Field(
        "last_refusal",
        "text",
        "Too many attempts. Good-bye.",
        "Last words",
        "Sent after the last attempt, before the connection is closed. Empty: nothing.",
        maximum=500,
    ),
    Field(
        "mask",
        "bool",
        True,
        "Mask the password in the log",
        "The capture keeps * in place of every byte of a typed password; what it was is written nowhere. Line ends and "
        "other bytes that the framing needs stay, so its length can be seen. Only what this socket receives is masked: "
        "the password still travels in the clear, and a client of yours that sends it records it.",
    ),
    Field(
        "close",
        "bool",
        False,
        "Close after the greeting",
        "Off: the connection stays open; what follows is read, and nothing answers but you.",
    ),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings, as bytes. users: digest of the password and greeting by the user's name."""

    users: Mapping[bytes, tuple[bytes, bytes]]
    attempts: int
    ask_user: bytes
    ask_password: bytes
    refusal: bytes
    last_refusal: bytes
    mask: bool
    closes: bool

    def greeting(self, user: bytes, password: bytes) -> bytes | None:
        """For the right password; None otherwise. In constant time."""
        known, greeting = self.users.get(user, (_NOBODY, b""))
        right = hmac.compare_digest(sha256(password).digest(), known)
        return greeting if right and user in self.users else None


_NOBODY = bytes(32)  # no digest that anybody could meet


@dataclass(slots=True)
class Progress:
    """Where a conversation stands.

    user: who gave a name; None while it is asked for. wrong: attempts so far. welcome: the password was right; until
    then what comes may be one, even behind the last attempt. over: nothing is asked any more. ended: and the connection
    is closed.
    """

    user: bytes | None = None
    wrong: int = 0
    welcome: bool = False
    over: bool = False
    ended: bool = False

    def take(self, line: bytes, rules: Rules) -> Iterator[bytes]:
        """One line came; what is said to it."""
        if self.user is None:
            self.user = line
            yield rules.ask_password
            return
        user, self.user = self.user, None
        greeting = rules.greeting(user, line)
        if greeting is not None:
            self.welcome, self.over, self.ended = True, True, rules.closes
            yield greeting.replace(b"NAME", user)
            return
        self.wrong += 1
        yield rules.refusal
        self.over = self.ended = self.wrong >= rules.attempts
        yield rules.last_refusal if self.over else rules.ask_user


class LoginAhead:
    """See `explorer.programs.api.Ahead`."""

    def __init__(self, rules: Rules, at: Progress) -> None:
        self._rules = rules
        self._at = at

    @property
    def secret(self) -> bool:
        return self.hides and (self._at.over or self._at.user is not None)

    @property
    def hides(self) -> bool:
        return self._rules.mask and not self._at.welcome

    @property
    def sealed(self) -> bool:
        return self.hides and self._at.over

    def take(self, payload: bytes) -> None:
        for said in lines_of(payload):
            if self._at.over:
                return
            for _ in self._at.take(said.text, self._rules):
                pass


class Login:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._at = Progress()

    @property
    def hides(self) -> bool:
        return self._rules.mask and not self._at.welcome

    def ahead(self) -> LoginAhead:
        return LoginAhead(self._rules, replace(self._at))

    def opened(self, peer: str) -> Sequence[Action]:
        return (Send(self._rules.ask_user),) if self._rules.ask_user else ()

    def message(self, payload: bytes) -> Iterator[Action]:
        for said in lines_of(payload):
            if self._at.over:
                return
            for words in self._at.take(said.text, self._rules):
                if words:
                    yield said.answer(words)
            if self._at.ended:
                yield Close()

    def closed(self) -> Sequence[Action]:
        return ()


def make(values: Mapping[str, Value]) -> Setup:
    rules = Rules(
        _users(rows_of(values["users"])),
        whole(values["attempts"]),
        str(values["ask_user"]).encode(),
        str(values["ask_password"]).encode(),
        str(values["refusal"]).encode(),
        str(values["last_refusal"]).encode(),
        bool(values["mask"]),
        bool(values["close"]),
    )

    def begin(world: World) -> Login:
        return Login(rules)

    return begin


def _users(rows: Rows) -> dict[bytes, tuple[bytes, bytes]]:
    """Raises InputError with the path of the cell."""
    if not rows:
        raise InputError("users", "Nobody could log in: there are no users. Add a row with a user and a password.")
    users: dict[bytes, tuple[bytes, bytes]] = {}
    for place, row in enumerate(rows):
        where = f"users[{place}]"
        user, password = str(row["user"]).strip().encode(), str(row["password"]).encode()
        if not user:
            raise InputError(f"{where}.user", f"The user in row {place + 1} has no name. Enter one, or remove the row.")
        if user in users:
            raise InputError(f"{where}.user", f'"{user.decode()}" is in the table twice. Each user needs one row.')
        if not password:
            raise InputError(
                f"{where}.password",
                f'"{user.decode()}" has no password, so anybody could log in. Enter one, or remove the row.',
            )
        if password.decode() == UNKEPT:
            raise InputError(
                f"{where}.password", f'The capture did not keep the password of "{user.decode()}". Enter it again.'
            )
        if password != password.strip():
            raise InputError(
                f"{where}.password",
                f'The password of "{user.decode()}" begins or ends with a blank; those are cut off a typed line, so it '
                "could never match.",
            )
        users[user] = sha256(password).digest(), str(row["greeting"]).encode()
    return users


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    rows = rows_of(values["users"])
    user, greeting = (str(rows[0]["user"]), str(rows[0]["greeting"])) if rows else ("ada", GREETING)
    ask_user = (Line("us", str(values["ask_user"])),) if values["ask_user"] else ()
    ask_password = (Line("us", str(values["ask_password"])),) if values["ask_password"] else ()
    attempts = whole(values["attempts"])
    last = "the only attempt" if attempts == 1 else f"attempt {attempts} of {attempts}"
    return (
        *ask_user,
        Line("peer", user),
        *ask_password,
        Line("peer", "••••••"),
        Line("us", greeting.replace("NAME", user)),
        Line("note", "The connection is closed." if values["close"] else "The connection stays open."),
        Line("note", f"A wrong password ({last}):"),
        Line("us", str(values["refusal"])),
        *((Line("us", str(values["last_refusal"])),) if values["last_refusal"] else ()),
        Line("note", "The connection is closed."),
    )


KIND = ProgramKind(
    "login",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    transports=("tcp",),
    framing=Choice("line", {"ending": "any"}),
)
