"""The language of the filter boxes over the Calls and Messages tables.

Words are conditions that must all hold:

    call:recv   call:recv,send          which call
    dir:in   dir:out                    received or sent
    size>100   size<=20   size=0        bytes; of a message, without what frames it
    conn:51514   conn:#3                a port at either end of the connection, or its number
    socket:echo   socket:"my server"    the socket's name
    error                               failed calls; messages with a broken framing
    hello   "two words"   text:hello    text in the traffic, capitals or not; of rare calls, their arguments
    hex:0d0a                            bytes in the traffic
    -word   not word                    the opposite
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from explorer.capture.block_index import Match
from explorer.capture.catalog import Catalog
from explorer.capture.conditions import OPPOSITE, SIGNS, Condition, Direction, Failed, Kinds, OfSocket, Peers, Size
from explorer.capture.contains import Contains
from explorer.capture.match import both, everything, inverse
from explorer.capture.message_columns import MessageColumns
from explorer.core.calls import CallKind
from explorer.wire.hex_input import parse_hex
from explorer.wire.placed_error import PlacedError

_WORD = re.compile(
    r"""\s* (?P<minus>-)?
        (?: (?P<key>[A-Za-z]+) (?P<sign><=|>=|[:<>=]) )?
        (?: " (?P<quoted>[^"]*) (?P<close>"?) | (?P<plain>[^\s"]*) ) \s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the filter. at: where its value begins; start: where the word itself does."""

    start: int
    at: int
    key: str
    sign: str
    value: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter. match: for calls, as a condition of a `BlockIndex`."""

    match: Match
    conditions: tuple[tuple[bool, Condition], ...]

    @property
    def is_empty(self) -> bool:
        return not self.conditions

    @property
    def reads_bytes(self) -> bool:
        """Whether the messages themselves must be read."""
        return any(isinstance(condition, Contains) for _, condition in self.conditions)

    def mask(self, messages: MessageColumns) -> bytes | None:
        """Which of these messages are shown: one byte each, 1 for those; None for all."""
        result: int | None = None
        for wanted, condition in sorted(self.conditions, key=lambda one: isinstance(one[1], Contains)):
            mask = condition.mask(messages)
            if not wanted:
                mask = bytes(messages.count) if mask is None else mask.translate(OPPOSITE)
            if mask is not None:
                value = int.from_bytes(mask, "little")
                result = value if result is None else result & value
                if not result:
                    break  # none is left: the others, such as what must be read, need not be asked
        return None if result is None else result.to_bytes(messages.count, "little")


def parse(text: str, catalog: Catalog) -> Match:
    """The condition on calls that `text` stands for; blank text means all. Raises PlacedError."""
    return parse_filter(text, catalog).match


def parse_filter(text: str, catalog: Catalog) -> Filter:
    """`text` as a filter for calls and for messages. Raises PlacedError (an InputError with the position)."""
    conditions: list[tuple[bool, Condition]] = []
    wanted = True
    at = 0
    while at < len(text):
        found = _WORD.match(text, at)
        assert found is not None  # the pattern matches anything
        start, at = at + len(found[0]) - len(found[0].lstrip()), found.end()
        if found.end() == found.start() or start == len(text):
            break
        word = _word(found, start)
        if word.value.lower() == "not" and not word.key and not word.quoted:
            wanted = not wanted
            if at == len(text):
                raise PlacedError(start, "After not, write what is not wanted, e.g. not call:recv.")
            continue
        conditions.append((wanted is not bool(found["minus"]), _condition(word, catalog)))
        wanted = True
    matches = [one.match() if wanted else inverse(one.match()) for wanted, one in conditions]
    return Filter(both(*matches) if matches else everything, tuple(conditions))


def _word(found: re.Match[str], start: int) -> _Word:
    quoted = found["quoted"] is not None
    at = found.start("quoted") if quoted else found.start("plain")
    if quoted and not found["close"]:
        raise PlacedError(at - 1, 'The quotation mark is not closed; write "two words".')
    value = found["quoted"] if quoted else found["plain"]
    if not value:
        if found["key"]:
            raise PlacedError(at, f"After {found['key']}{found['sign']} a value is missing.")
        raise PlacedError(start, "Here a word is missing.")
    return _Word(start, at, (found["key"] or "").lower(), found["sign"] or "", value, quoted)


def _condition(word: _Word, catalog: Catalog) -> Condition:
    if not word.key:
        return Failed() if word.value.lower() == "error" and not word.quoted else _text(word, catalog)
    make = _KEYS.get(word.key)
    if make is None:
        known = ", ".join("size>" if key == "size" else f"{key}:" for key in _KEYS)
        raise PlacedError(
            word.start,
            f'There is no {word.key}{word.sign} here (known: {known}, error, not). In quotes it is text: "…".',
        )
    if word.sign != ":" and word.key != "size":
        raise PlacedError(word.start + len(word.key), f"After {word.key} comes a colon, e.g. {_EXAMPLES[word.key]}.")
    return make(word, catalog)


def _call(word: _Word, catalog: Catalog) -> Condition:
    wanted = set()
    for name in word.value.lower().split(","):
        if name not in CallKind.__members__:
            raise PlacedError(word.at, f"There is no call {name!r} (known: {', '.join(CallKind.__members__)}).")
        wanted.add(CallKind[name])
    return Kinds(frozenset(wanted))


def _direction(word: _Word, catalog: Catalog) -> Condition:
    directions = {"in": True, "received": True, "out": False, "sent": False}
    if word.value.lower() not in directions:
        raise PlacedError(word.at, f"{word.value!r} is no direction; write dir:in or dir:out.")
    return Direction(directions[word.value.lower()])


def _size(word: _Word, catalog: Catalog) -> Condition:
    if not re.fullmatch(r"[0-9]{1,12}", word.value):
        raise PlacedError(word.at, f"{word.value!r} is no size; write a whole number of bytes, e.g. size>100.")
    return Size(word.sign, int(word.value))


def _connection(word: _Word, catalog: Catalog) -> Condition:
    digits = word.value.removeprefix("#").removeprefix(":")
    if not re.fullmatch(r"[0-9]{1,10}", digits):
        raise PlacedError(word.at, f"{word.value!r} is no connection; write its port, conn:51514, or number, conn:#3.")
    number = int(digits)
    return Peers(catalog, None, number) if word.value.startswith("#") else Peers(catalog, number, None)


def _socket(word: _Word, catalog: Catalog) -> Condition:
    return OfSocket(catalog, word.value)


def _text(word: _Word, catalog: Catalog) -> Condition:
    """In UTF-8, and in the encodings that the capture's sockets use."""
    patterns = {word.value.encode(errors="surrogatepass").lower()}
    for encoding in {socket.encoding for socket in catalog.sockets}:
        try:
            patterns.add(word.value.encode(encoding).lower())
        except (UnicodeError, LookupError):
            continue  # the text does not exist in that encoding
    return Contains(catalog.reader, patterns, ignore_case=True, details=True)


def _hex(word: _Word, catalog: Catalog) -> Condition:
    try:
        return Contains(catalog.reader, {parse_hex(word.value)}, ignore_case=False, details=False)
    except PlacedError as error:
        raise PlacedError(word.at + error.position, error.message.partition(": ")[2]) from None


_KEYS: dict[str, Callable[[_Word, Catalog], Condition]] = {
    "call": _call,
    "dir": _direction,
    "size": _size,
    "conn": _connection,
    "socket": _socket,
    "text": _text,
    "hex": _hex,
}
_EXAMPLES = {
    "call": "call:recv",
    "dir": "dir:in",
    "conn": "conn:51514",
    "socket": "socket:echo",
    "text": "text:hello",
    "hex": "hex:0d0a",
}
WORDS = (*(f"{key}:" for key in _KEYS if key != "size"), *(f"size{sign}" for sign in SIGNS if sign != ":"), "error")
"""How words begin, for a box that completes them."""
MEANINGS = {
    "call:": "which call, e.g. call:recv or call:recv,send",
    "dir:": "received or sent: dir:in, dir:out",
    "conn:": "a port at either end, conn:51514, or a connection's number, conn:#3",
    "socket:": "the socket's name, e.g. socket:echo",
    "text:": "text in the traffic, e.g. text:hello; hello alone means the same",
    "hex:": "bytes in the traffic, e.g. hex:0d0a",
    "size<": "fewer bytes than, e.g. size<20",
    "size<=": "so many bytes or fewer",
    "size>": "more bytes than, e.g. size>100; of a message, without its framing",
    "size>=": "so many bytes or more",
    "size=": "exactly so many bytes, e.g. size=0",
    "error": "failed calls; messages whose framing is broken",
}
"""What the words of `WORDS` ask for, in a few words."""
EXAMPLES = (
    ("hello", "text in the traffic, in capitals or not"),
    ('"two words"', "the same, with a blank in it"),
    ("hex:0d0a", "these bytes in the traffic"),
    ("size>100", "more than 100 bytes (also < <= >= =); of messages, without what frames them"),
    ("dir:in", "received (dir:out: sent)"),
    ("conn:51514", "a port at either end (conn:#3: connection 3)"),
    ("socket:echo", "the socket called echo"),
    ("call:recv,send", "these calls"),
    ("error", "failed calls; messages whose framing is broken"),
    ("-dir:in", "the opposite: what is not received"),
)
"""Filters, and what they show."""
