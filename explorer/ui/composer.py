r"""What is about to be sent: one text in one of three ways of writing bytes, and the bytes it stands for.

The three ways (text with escapes, hex, Python) are kept in step: switching writes the same bytes the
other way. What cannot be read as bytes is never changed: it stays as it was typed, with a sentence that
says where the mistake is.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from explorer.core.errors import InputError
from explorer.ui.edit_steps import EditSteps
from explorer.ui.written import Mode, Written, parse, rewrite, write
from explorer.wire.framing.api import Framer
from explorer.wire.placed_error import PlacedError

ENDINGS = {"none": "", "LF": "\n", "CRLF": "\r\n", "CR": "\r", "NUL": "\0"}
"""What can be put behind every message, by the name that a form offers."""


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
        self.steps = EditSteps(Written(mode, ""))
        self._written: dict[Mode, str] = {}  # how the present bytes were written in the other ways

    @property
    def written(self) -> Written:
        return Written(self.mode, self.text)

    def edit(self, text: str) -> None:
        """The text was changed by the user."""
        self.text = text
        self._written.clear()
        self._read()
        self.steps.add(self.written)

    def edit_bytes(self, data: bytes) -> None:
        """The bytes were changed by the user, in the hex editor; only while the text can be read."""
        assert self.problem is None
        if data != self.data:
            self.edit(rewrite(self.written, self.data, data, self.encoding))

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
        self.steps.rest()
        self._load(Written(mode, text))
        self.steps.add(self.written)
        self.steps.rest()

    def undo(self) -> bool:
        """Go back before the last change, whichever editor made it. The way of writing stays as it is, unless
        the text cannot be read."""
        state = self.steps.undo()
        if state is not None:
            self._load(state)
        return state is not None

    def redo(self) -> bool:
        state = self.steps.redo()
        if state is not None:
            self._load(state)
        return state is not None

    def _load(self, state: Written) -> None:
        """Another message, written in the present way if it can be read. Its own writing is remembered."""
        self._written.clear()
        if state.mode != self.mode:
            try:
                data = parse(state.mode, state.text, self.encoding)
            except PlacedError:  # it was right under another encoding, or never
                self.mode = state.mode
            else:
                self._written[state.mode] = state.text
                state = Written(self.mode, write(self.mode, data, self.encoding))
        self.text = state.text
        self._read()

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
