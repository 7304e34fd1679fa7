"""A socket's pace as it stands in a form: what was typed, right or wrong; and the pace in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.core.pace import MAX_PAUSE, MAX_SIZE, Pace
from explorer.core.socket_spec import Transport
from explorer.ui.choice_draft import parse_field

PACE_FIELDS = (
    Field(
        "send_size", "int", 0, "Cut sends", "Each send call is given at most this many bytes. 0: as many as it takes.",
        minimum=0, maximum=MAX_SIZE, unit="bytes a call",
    ),
    Field(
        "send_random", "bool", False, "at random",
        "Each send call is given a number of bytes drawn at random, from 1 to this many.", needs="send_size",
    ),
    Field(
        "send_pause", "int", 0, "Pause after each send", "Milliseconds between one send call and the next.",
        minimum=0, maximum=MAX_PAUSE, unit="ms",
    ),
    Field(
        "receive_pause", "int", 0, "Pause after each receive",
        "Milliseconds between one recv call and the next; meanwhile bytes wait in the system's buffer. What is unread "
        "when a program closes a connection is received without pauses.",
        minimum=0, maximum=MAX_PAUSE, unit="ms",
    ),
)  # fmt: skip
_FIELDS = {field.name: field for field in PACE_FIELDS}


@dataclass(frozen=True, slots=True)
class CheckedPace:
    """What a draft amounts to. pace: with everything valid taken over. problems: sentences by field."""

    pace: Pace
    problems: Mapping[str, str]


class PaceDraft:
    """One pace being edited. `send_random` is a bool, everything else the text in its field; empty is 0."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._typed: dict[str, str | bool] = {}
        self._editing = ""  # the field that is typed in
        self._before = pace  # what there was before that began

    def take(self, pace: Pace) -> None:
        """The document changed. What was typed stays in every field whose setting is as before, or as the text made
        it."""
        made = self.check().pace
        for name in list(self._typed):
            now = getattr(pace, name)
            if now not in (getattr(self._pace, name), getattr(made, name)):
                del self._typed[name]
        self._pace = pace

    def text(self, name: str) -> str | bool:
        """What stands in a field."""
        value = getattr(self._pace, name)
        return self._typed.get(name, value if isinstance(value, bool) else str(value or ""))

    def put(self, name: str, text: str | bool) -> None:
        """The user changed a field."""
        if name != self._editing:
            self._editing, self._before = name, self._pace
        self._typed[name] = text

    def tidy(self, name: str) -> None:
        """The keyboard left a field: if its text is valid, it shows the value as the document has it from now on."""
        if self._read(name) is not None:
            self._typed.pop(name, None)
            if name == self._editing:
                self._editing = ""

    def check(self) -> CheckedPace:
        """Read all fields; one that is wrong leaves its part of the pace as it was."""
        values: dict[str, Value] = {}
        problems: dict[str, str] = {}
        for name, text in self._typed.items():
            try:
                values[name] = _parse(name, text)
            except InputError as error:
                problems[name] = error.message
                # Half of a wrong text may have been right (7000 of 70000), but nobody has asked for that.
                values[name] = getattr(self._before if name == self._editing else self._pace, name)
        return CheckedPace(replace(self._pace, **values), problems)  # type: ignore[arg-type]

    def _read(self, name: str) -> Value | None:
        try:
            return _parse(name, self.text(name))
        except InputError:
            return None


def _parse(name: str, text: str | bool) -> Value:
    bare = "0" if isinstance(text, str) and not text.strip() else text
    return parse_field(_FIELDS[name], bare)


def pace_text(pace: Pace, transport: Transport) -> str:
    """What a pace makes a socket do: ``sends at most 7 bytes a call, waits 100 ms after each recv``; "" when it keeps
    nothing back."""
    parts = []
    send, recv = ("send", "recv") if transport == "tcp" else ("sendto", "recvfrom")
    if pace.send_size and transport == "tcp":
        bytes_ = "byte" if pace.send_size == 1 else "bytes"
        if pace.send_random and pace.send_size > 1:
            parts.append(f"sends 1 to {pace.send_size:,} bytes a call, at random")
        else:
            parts.append(f"sends at most {pace.send_size:,} {bytes_} a call")
    pauses = [(pace.send_pause, send), (pace.receive_pause, recv)]
    waits = " and ".join(f"{time:,} ms after each {call}" for time, call in pauses if time)
    if waits:
        parts.append(f"waits {waits}")
    return ", ".join(parts)
