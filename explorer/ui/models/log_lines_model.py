"""Received messages as lines of a log: when, how grave, from whom, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.capture.block_index import Match
from explorer.capture.conditions import Condition
from explorer.capture.describe import who
from explorer.capture.message_columns import MessageColumns
from explorer.capture.messages import Message, Messages
from explorer.capture.previews import cut_text
from explorer.ui.models.log_model import Column, Row, Tone
from explorer.ui.models.messages_model import MessagesModel
from explorer.ui.time_format import format_time
from explorer.ui.units import count_text
from explorer.wire.log_lines import FRONT, LEVELS, Level, LogLine, level_of, parse_line
from explorer.wire.visible import visible_text

COLUMNS = (
    Column("Time", 15, tip="When its last byte came here; what the line says of its own time is in its tip"),
    Column("Level", 13, tip="As syslog’s number or the line’s first such word tells it"),
    Column(
        "Source",
        26,
        tip="The host and program that the line names; else the sender (over TCP the socket and the peer’s port)",
    ),
    Column("Text", 40),
)
LEVEL = 1  # its column
MARKS: dict[Level, tuple[str, Tone]] = {
    "emergency": ("✕✕", Tone.ERROR),
    "alert": ("✕✕", Tone.ERROR),
    "critical": ("✕✕", Tone.ERROR),
    "error": ("✕", Tone.ERROR),
    "warning": ("▲", Tone.WARNING),
    "notice": ("●", Tone.GOOD),
    "info": ("○", Tone.TEXT),
    "debug": ("·", Tone.MUTED),
    "": (" ", Tone.MUTED),
}
"""Signs and colours of levels: no level is told by its colour alone."""


@dataclass(frozen=True, slots=True)
class HasLevel:
    """A condition of a filter: at least so grave as LEVELS[most]."""

    messages: Messages
    most: int

    def match(self) -> Match:
        raise NotImplementedError  # calls have no level

    def mask(self, messages: MessageColumns) -> bytes | None:
        found, wanted = bytearray(messages.count), frozenset(LEVELS[: self.most + 1])
        for place in range(messages.count):
            message = self.messages.message(messages.first + place)
            found[place] = level_of(self.messages.payload(message, FRONT)) in wanted
        return bytes(found)


def level_condition(messages: Messages, least: Level) -> Condition:
    """Messages of this level and graver ones."""
    return HasLevel(messages, LEVELS.index(least))


class LogLinesModel(MessagesModel):
    LAYOUT = COLUMNS
    FRONT = 400

    def _make_row(self, message: Message, previous: int | None) -> Row:
        assert self._messages is not None
        when = format_time(self._style, message.time, self._reader.header.started, previous)
        whose = visible_text(self._from(message))
        if message.error and not message.whole:
            cells = (when, "✕ no message", whose, message.error)
            tones = (Tone.MUTED, Tone.ERROR, Tone.TEXT, Tone.ERROR)
            return Row(message.number, cells, tones, Tone.ERROR, self._error_tip(message), serious=True)
        data = self._messages.payload(message, self.FRONT)
        line = parse_line(data)
        mark, tone = MARKS[line.level]
        text = cut_text(line.text, self._encoding(message.socket), cut=len(data) < message.payload_size)
        source = visible_text(" ".join(part for part in (line.host, line.program) if part)) or whose
        level = f"{mark:2} {line.level}" if line.level else ""
        return Row(
            message.number,
            (when, level, source, text),
            (Tone.MUTED, tone, Tone.TEXT, tone if tone is Tone.ERROR else Tone.TEXT),
            tone if line.level else None,
            _tip(line, whose, message),
            tinted=tone is Tone.ERROR,
        )

    def _from(self, message: Message) -> str:
        """The address of whoever sent a datagram; of a stream, the socket and the peer's port."""
        socket, peer = self._catalog.socket(message.socket), self._catalog.connection(message.connection)
        if socket is not None and socket.transport == "udp" and peer is not None:
            return str(peer.remote)
        return who(self._reader.call(message.call), self._catalog)


def _tip(line: LogLine, whose: str, message: Message) -> str:
    parts = [f"From {whose}, {count_text(message.payload_size, 'byte')}"]
    if line.facility:
        parts.append(f"Facility {line.facility}, level {line.level}")
    if line.time:
        parts.append(f"Its own time: {visible_text(line.time)}")
    return "\n".join(parts)
