"""Program `rules`: an ordered list of rules, the first of which that fits a message decides what is answered.

So somebody can stand in for a device or a server without writing code. What all connections of a socket share is the
count of answers that `{{counter}}` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random

from explorer.core.errors import InputError
from explorer.core.fields import Field, Rows, Value, rows_of
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, ProgramKind, Reset, Send, Setup, Wait, World
from explorer.programs.rule_answers import Counting
from explorer.programs.rule_book import RuleBook, read_rules
from explorer.programs.rule_matching import HOW_LABELS, HOWS, NO_GROUPS
from explorer.wire.escapes import escape
from explorer.wire.text import ENCODINGS

MOST_RULES = 200
MOST_DELAY = 3_600_000  # ms
SHOWN = 80  # characters of a line of the picture

THEN = {
    "send": "Send the answer",
    "send_close": "Send it, then close",
    "close": "Close",
    "reset": "Reset",
    "ignore": "Ignore",
}

DEFAULT: Rows = (
    {
        "enabled": True, "name": "", "match": "exact", "pattern": "ping", "written": "text", "ignore_case": True,
        "then": "send", "answer": "pong {{counter}}", "delay": 0,
    },
    {
        "enabled": True, "name": "", "match": "regex", "pattern": r"^set (?P<what>\w+) (?P<value>\S+)",
        "written": "text", "ignore_case": True, "then": "send", "answer": "{{what}} is {{value}} now", "delay": 0,
    },
    {
        "enabled": True, "name": "", "match": "exact", "pattern": "bye", "written": "text", "ignore_case": True,
        "then": "send_close", "answer": "See you", "delay": 0,
    },
)  # fmt: skip

_THEN_HELP = (
    "send: the answer. send_close: the answer, then the connection is closed. close: closed without an answer. "
    "reset: ended at once, the peer reads an error. ignore: nothing."
)
_ANSWER_HELP = (
    "Written as the pattern is. {{message}} stands for the whole message, {{1}} or {{name}} for what a group of a "
    "regular expression fits; {{counter}}, {{time:iso}}, {{random:4}}, {{length:u16be}}, {{crc32}} and the other "
    "fields of messages are filled anew each time; the counter counts the answers of this socket."
)

COLUMNS = (
    Field("enabled", "bool", True, "On", "Off: this rule is passed over."),
    Field("name", "text", "", "Name", "For you alone, e.g. what the rule stands for.", maximum=100),
    Field("match", "choice", "exact", "The message", "How the pattern must fit.", choices=HOWS, labels=HOW_LABELS),
    Field(
        "pattern",
        "text",
        "",
        "Pattern",
        r"Text, in which \r \n \t \xNN stand for what cannot be typed, or hex, in which ? stands for any digit. A "
        "regular expression is text in RE2's syntax, and fits anywhere in the message unless ^ and $ say otherwise.",
        maximum=4096,
    ),
    Field("written", "choice", "text", "Written as", "How pattern and answer are written. A regular expression always "
          "is text.", choices=("text", "hex"), labels=("Text", "Hex")),
    Field("ignore_case", "bool", False, "Any case", "Capitals of a text pattern do not count."),
    Field("then", "choice", "send", "Then", _THEN_HELP, choices=tuple(THEN), labels=tuple(THEN.values())),
    Field("answer", "text", "", "Answer", _ANSWER_HELP, maximum=65_536),
    Field("delay", "int", 0, "After", "Waits so long before; the connection is not read meanwhile.", minimum=0,
          maximum=MOST_DELAY, unit="ms"),
)  # fmt: skip

FIELDS = (
    Field(
        "rules",
        "rows",
        DEFAULT,
        "Rules",
        "The first rule that fits a message decides; those below it are not asked.",
        maximum=MOST_RULES,
        columns=COLUMNS,
    ),
    Field(
        "otherwise",
        "choice",
        "ignore",
        "If none fits",
        _THEN_HELP,
        choices=tuple(THEN),
        labels=tuple(THEN.values()),
    ),
    Field(
        "otherwise_answer",
        "text",
        "",
        "Answer if none fits",
        "Text with fields, e.g. “{{message}}” is not known here.",
        maximum=65_536,
        needs="otherwise",
        brief="with",
    ),
    Field(
        "greeting",
        "text",
        "",
        "Greeting",
        "Text with fields that is sent as soon as somebody connects. Empty: nothing. Over UDP nothing either: "
        "nobody is there before the first datagram.",
        maximum=65_536,
    ),
    Field(
        "encoding",
        "choice",
        "utf-8",
        "Encoding of the rules",
        "Of the text in patterns and answers.",
        choices=tuple(encoding.name for encoding in ENCODINGS),
        labels=tuple(encoding.label for encoding in ENCODINGS),
        brief="Rules in",
    ),
)  # fmt: skip


class Rules:
    """One connection's."""

    def __init__(self, book: RuleBook, counting: Counting, greets: bool) -> None:
        self._book = book
        self._counting = counting
        self._greets = greets and not book.greeting.is_empty

    def opened(self, peer: str) -> Sequence[Action]:
        return (self._book.greeting.fill(b"", NO_GROUPS, self._counting),) if self._greets else ()

    def message(self, payload: bytes) -> Iterable[Action]:
        return self._book.answer(payload, self._counting)

    def closed(self) -> Sequence[Action]:
        return ()


def make(values: Mapping[str, Value]) -> Setup:
    book = read_rules(values)
    shared: list[Counting] = []  # made with the first connection, which brings the world

    def begin(world: World) -> Rules:
        if not shared:
            shared.append(Counting(world))
        return Rules(book, shared[0], greets=world.transport == "tcp")

    return begin


_SHOWN_AT = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)
_AN_EXAMPLE = "anything else"


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    """The first rules, with messages that fit them; what comes of a regular expression is shown as it is written."""
    try:
        book = read_rules(values)
    except InputError:
        return ()
    encoding = str(values["encoding"])
    counting = Counting(World(lambda: _SHOWN_AT, Random(1), "3"))
    rows = rows_of(values["rules"])
    lines: list[Line] = []
    if not book.greeting.is_empty:
        lines += _lines((book.greeting.fill(b"", NO_GROUPS, counting),), encoding)
    for rule in book.rules[:3]:
        literal = rule.matcher.literal
        if literal is None:
            row = rows[rule.row]
            lines.append(Line("peer", str(row["pattern"])[:SHOWN] if row["match"] == "regex" else _AN_EXAMPLE))
            example = str(row["answer"])[:SHOWN] if rule.matcher.names else ""
            lines += _lines(rule.actions(b"", dict.fromkeys(rule.matcher.names, b""), counting), encoding, example)
        else:
            lines.append(Line("peer", escape(literal.values, encoding)[:SHOWN]))
            lines += _lines(rule.actions(literal.values, NO_GROUPS, counting), encoding)
    if len(book.rules) <= 3 and not any(rule.matcher.literal is None and not rule.matcher.names for rule in book.rules):
        lines.append(Line("peer", _AN_EXAMPLE))
        lines += _lines(book.otherwise.actions(_AN_EXAMPLE.encode(encoding), NO_GROUPS, counting), encoding)
    return tuple(lines)


def _lines(actions: Iterable[Action], encoding: str, example: str = "") -> list[Line]:
    """example: what to show in place of a message sent."""
    lines: list[Line] = []
    for action in actions:
        match action:
            case Wait(seconds):
                lines.append(Line("note", f"{seconds:g} s pass."))
            case Send(payload):
                lines.append(Line("us", example or escape(payload, encoding)[:SHOWN]))
            case Close():
                lines.append(Line("note", "The connection is closed."))
            case Reset():
                lines.append(Line("note", "The connection is reset."))
    return lines or [Line("note", "Nobody answers.")]


KIND = ProgramKind(
    "rules",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    framing=Choice("line", {"ending": "any"}),
)
