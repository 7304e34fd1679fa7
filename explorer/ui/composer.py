r"""What is about to be sent: one text in one of three ways of writing bytes, and the bytes it stands for.

The three ways (text with escapes, hex, Python) are kept in step: switching writes the same bytes the
other way. What cannot be read as bytes is never changed: it stays as it was typed, with a sentence that
says where the mistake is.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Literal, get_args

from explorer.core.errors import InputError
from explorer.wire.escapes import escape, parse_escaped
from explorer.wire.formats import to_python, to_spaced_hex
from explorer.wire.framing.api import Framer
from explorer.wire.hex_input import parse_hex
from explorer.wire.placed_error import PlacedError
from explorer.wire.python_input import parse_python
from explorer.wire.visible import is_seen

Mode = Literal["text", "hex", "python"]
MODES: tuple[Mode, ...] = get_args(Mode)

ENDINGS = {"none": "", "LF": "\n", "CRLF": "\r\n", "CR": "\r", "NUL": "\0"}
"""What can be put behind every message, by the name that a form offers."""


def parse(mode: Mode, text: str, encoding: str) -> bytes:
    """The bytes that `text` stands for; none for an empty one. Raises PlacedError."""
    if mode == "text":
        return parse_escaped(text, encoding)
    if mode == "hex":
        return parse_hex(text)
    return parse_python(text, encoding) if text.strip() else b""


def write(mode: Mode, data: bytes, encoding: str) -> str:
    """A text that `parse` turns into `data` again."""
    if not data:
        return ""
    if mode == "text":
        return escape(data, encoding)
    return to_spaced_hex(data) if mode == "hex" else to_python(data)


def pasted(mode: Mode, text: str) -> str:
    r"""Pasted text as it should stand in the editor: nothing in it is lost or hidden.

    In text, characters that an editor drops or hides (CR, NUL, other controls, bidirectional marks) become
    escapes. In hex, several lines (a dump, a C array) become plain pairs of digits, if they can be read.
    """
    if mode == "text":
        return "".join(c if c == "\n" or is_seen(c) else escape(c.encode("utf-8", "replace"), "utf-8") for c in text)
    if mode == "hex" and len(text.splitlines()) > 1:
        try:
            return to_spaced_hex(parse_hex(text))
        except PlacedError:
            return text
    return text


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What would go out now. data: with ending and framing; None when `problem` says why nothing can.

    size, ending, framing: bytes typed, of the ending, and that the framing adds.
    """

    data: bytes | None
    size: int
    ending: int
    framing: int
    problem: str = ""

    @property
    def count(self) -> str:
        """E.g. ``12 bytes (+1 framing)``."""
        extra = [f"+{self.ending:,} ending"] if self.ending else []
        if self.framing:
            extra.append(f"{self.framing:+,} framing")
        return f"{self.size:,} {'byte' if self.size == 1 else 'bytes'}" + (f" ({', '.join(extra)})" if extra else "")


class Composer:
    """The text, the way it is written, and what it means.

    data: its bytes; the last ones that could be read while `problem` is not None.
    """

    def __init__(self, mode: Mode = "text", encoding: str = "utf-8") -> None:
        self.mode: Mode = mode
        self.encoding = encoding
        self.text = ""
        self.data = b""
        self.problem: PlacedError | None = None
        self._written: dict[Mode, str] = {}  # how the present bytes were written in the other ways

    def edit(self, text: str) -> None:
        """The text was changed by the user."""
        self.text = text
        self._written.clear()
        self._read()

    def switch(self, mode: Mode) -> None:
        """Write the same bytes another way. A text that cannot be read stays, and is read that other way."""
        if mode == self.mode:
            return
        if self.problem is None:
            self._written[self.mode] = self.text
            self.text = self._written.get(mode) or write(mode, self.data, self.encoding)
        self.mode = mode
        self._read()

    def set_encoding(self, encoding: str) -> None:
        """Typed characters stay and stand for other bytes from now on."""
        if encoding != self.encoding:
            self.encoding = encoding
            self._written.clear()
            self._read()

    def recall(self, mode: Mode, text: str) -> None:
        """Take a text from the history, written in the present way."""
        if mode == self.mode:
            self.edit(text)
            return
        try:
            self.edit(write(self.mode, parse(mode, text, self.encoding), self.encoding))
        except PlacedError:  # it was right under another encoding
            self.mode = mode
            self.edit(text)

    def outgoing(self, framer: Framer | None, ending: str = "none") -> Outgoing:
        """The bytes to send. framer: None sends the message as it is. ending: a key of ENDINGS."""
        if self.problem is not None:
            return Outgoing(None, len(self.data), 0, 0, self.problem.message)
        payload = self._ended(ENDINGS[ending])
        tail = len(payload) - len(self.data)
        try:
            framed = payload if framer is None else framer.encode(payload)
        except InputError as error:
            way_out = (
                "Change the message" + (" or its ending" if ending != "none" else "") + ", or send without framing."
            )
            problem = f"The framing cannot carry this. {error.message} {way_out}"
            return Outgoing(None, len(self.data), tail, 0, problem)
        return Outgoing(framed, len(self.data), tail, len(framed) - len(payload))

    def _ended(self, ending: str) -> bytes:
        """The message with these characters behind it. A byte order mark stands at the front of the whole only."""
        if not ending:
            return self.data
        if self.mode == "text":
            return parse("text", self.text + ending, self.encoding)
        encoder = codecs.getincrementalencoder(self.encoding)()
        if self.data:
            encoder.encode("")  # the mark, if the encoding has one
        return self.data + encoder.encode(ending, final=True)

    def _read(self) -> None:
        try:
            self.data = parse(self.mode, self.text, self.encoding)
            self.problem = None
        except PlacedError as error:
            self.problem = error
