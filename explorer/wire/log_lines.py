"""What a line of a log says of itself: its level, and with syslog its time, host and program.

A line may be of RFC 5424, of RFC 3164 or one of its many relatives, or anything that a program prints. What does not
parse is text: nothing is refused. A level is looked for in a bounded front alone, so a long line costs no more than a
short one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Level = Literal["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", ""]

LEVELS: tuple[Level, ...] = (
    "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug",
)  # fmt: skip
"""By syslog's numbers: 0 is the gravest (RFC 5424, 6.2.1)."""

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
"""By number (RFC 5424, 6.2.1; the names are those of syslog(3))."""

FRONT = 300  # bytes in which a level's word is looked for

_PRIORITY = re.compile(rb"<(0|[1-9][0-9]{0,2})>")
_RFC5424 = re.compile(rb"1 (\S{1,64}) (\S{1,255}) (\S{1,48}) \S{1,128} \S{1,32} ")
_RFC3164 = re.compile(rb"([A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}) (\S{1,255}) ")
_TAG = re.compile(rb"([^\s:\[<>]{1,64})(?:\[[^\]\s]{1,32}\])?:(?: |$)")
_BOM = b"\xef\xbb\xbf"

_WORDS: dict[bytes, Level] = {
    b"emerg": "emergency", b"emergency": "emergency", b"panic": "emergency", b"alert": "alert", b"crit": "critical",
    b"critical": "critical", b"fatal": "critical", b"severe": "error", b"err": "error", b"error": "error",
    b"warn": "warning", b"warning": "warning", b"notice": "notice", b"info": "info", b"information": "info",
    b"debug": "debug", b"trace": "debug", b"verbose": "debug",
}  # fmt: skip
_ANY = b"|".join(sorted(_WORDS, reverse=True))  # a longer word before one that it begins with
_NAMED = re.compile(rb"(?i)\b(?:level|lvl|severity|loglevel)\W{1,4}(" + _ANY + rb")\b")
_MARKED = re.compile(rb"(?i)(?:^\s*|[\[(<|]\s*)(" + _ANY + rb")\s*(?:[\])>|:]|$|\s-)")
_LOUD = re.compile(rb"(?<![\w-])(" + _ANY.upper() + rb")(?![\w-])")


@dataclass(frozen=True, slots=True)
class LogLine:
    """level: "" where the line tells none. text: what is left when the header is known; bytes, in whatever encoding.
    time, host, program: as the sender wrote them. facility: of syslog, by name."""

    level: Level
    text: bytes
    time: str = ""
    host: str = ""
    program: str = ""
    facility: str = ""


def parse_line(line: bytes) -> LogLine:
    """One line or datagram, with or without its end."""
    line = line.rstrip(b"\r\n\0")
    found = _PRIORITY.match(line)
    if found is None or int(found[1]) >= 8 * len(FACILITIES):
        return LogLine(_level_of(line), line)
    facility, level = FACILITIES[int(found[1]) >> 3], LEVELS[int(found[1]) & 7]
    rest = line[found.end() :]
    head = _RFC5424.match(rest)
    if head is not None:
        time, host, program = (_given(part) for part in head.groups())
        return LogLine(level, _message(rest[head.end() :]), time, host, program, facility)
    time = host = ""
    if (head := _RFC3164.match(rest)) is not None:
        time, host = _given(head[1]), _given(head[2])
        rest = rest[head.end() :]
    tag = _TAG.match(rest)
    if tag is None:
        return LogLine(level, rest, time, host, "", facility)
    return LogLine(level, rest[tag.end() :], time, host, _given(tag[1]), facility)


def level_of(line: bytes) -> Level:
    """The level alone, as `parse_line` tells it, in less time; the first FRONT bytes of a line are enough."""
    found = _PRIORITY.match(line)
    if found is None or int(found[1]) >= 8 * len(FACILITIES):
        return _level_of(line)
    return LEVELS[int(found[1]) & 7]


def _given(part: bytes) -> str:
    return "" if part == b"-" else part.decode("utf-8", "replace")


def _message(rest: bytes) -> bytes:
    """What stands behind the structured data, which stay in the text (RFC 5424, 6.3)."""
    if rest == b"-":
        return b""
    return (rest[2:] if rest.startswith(b"- ") else rest).removeprefix(_BOM)


def _level_of(line: bytes) -> Level:
    front = line[:FRONT]
    for pattern in (_NAMED, _MARKED, _LOUD):
        found = pattern.search(front)
        if found is not None:
            return _WORDS[found[1].lower()]
    return ""
