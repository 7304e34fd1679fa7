r"""What is about to be sent: one text in one of three ways of writing bytes, and the bytes it stands for.

The three ways (text with escapes, hex, Python) are kept in step: switching writes the same bytes the
other way. What cannot be read as bytes is never changed: it stays as it was typed, with a sentence that
says where the mistake is.
"""

from __future__ import annotations

import codecs
import random
import re
import time
from dataclasses import dataclass

from explorer.core.errors import InputError
from explorer.core.filling import Filling
from explorer.core.snippet import Mode
from explorer.ui.edit_steps import EditSteps
from explorer.ui.written import LONGEST_TEXT, Written, rewrite, too_long, translate, write
from explorer.wire.framing.api import Framer
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_reading import FIELD_NAMES
from explorer.wire.templates import Template, plain, without_fields
from explorer.wire.typed_message import parse_typed, read_message

ENDINGS = {"none": "", "LF": "\n", "CRLF": "\r\n", "CR": "\r", "NUL": "\0"}
"""What can be put behind every message, by the name that a form offers."""
_FIELD = re.compile(r"\{\{\s*([0-9A-Za-z-]+)")
_WIDEST = 10  # characters that a byte or a character is written with, at most


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

    data: its bytes; the last ones that could be read while `problem` is not None. Where the message has fields,
    those of the next sending. fields: whether ``{{…}}`` in the text is a field. counter: messages with fields that
    were sent.
    """

    def __init__(self, mode: Mode = "text", encoding: str = "utf-8") -> None:
        self.mode: Mode = mode
        self.encoding = encoding
        self.text = ""
        self.fields = False
        self.data = b""
        self.template: Template = plain(b"")
        self.counter = 0
        self.problem: PlacedError | None = None
        self.steps = EditSteps(Written(mode))
        self._seed = 0
        self._as_typed = False  # the user said that braces in this message are no fields
        self._written: dict[Mode, str] = {}  # how the present bytes were written in the other ways

    @property
    def written(self) -> Written:
        return Written(self.mode, self.text, self.fields)

    @property
    def has_fields(self) -> bool:
        """Whether anything in the message is filled at sending."""
        return self.problem is None and self.template.has_fields

    @property
    def unread_field(self) -> str:
        """The name of the first field in the text while braces are no fields, in a way of writing that could have
        them; "" when there is none, or when the user turned them off in this message."""
        if self._as_typed or self.fields or self.mode == "python" or "{{" not in self.text:
            return ""
        return next((found[1] for found in _FIELD.finditer(self.text) if found[1] in FIELD_NAMES), "")

    def edit(self, text: str) -> None:
        """The text was changed by the user."""
        self.text = text
        self._as_typed = self._as_typed and bool(text)
        self._changed()

    def edit_bytes(self, data: bytes) -> str:
        """The bytes were changed by the user, in the hex editor; only while the text can be read, without fields.

        Why the change was not taken, as a sentence; "" when it was.
        """
        assert self.problem is None
        assert not self.template.has_fields
        if data == self.data:
            return ""
        text = rewrite(self.written, self.data, data, self.encoding)
        problem = too_long(len(text)) if len(text) > len(self.text) else ""
        if not problem:
            self.edit(text)
        return problem

    def insert_field(self, text: str, position: int) -> int:
        """Put a field at an index of the text. The index behind it. In Python, the message becomes text first."""
        if self.mode == "python" and self.problem is None:
            position = 0 if position == 0 else -1
            self.switch("text")
            position = len(self.text) if position else 0
        if not self.fields:  # what was typed before stays what it was
            front = without_fields(self.text[:position])
            self.text, position = front + without_fields(self.text[position:]), len(front)
        space = " " if self.mode == "hex" else ""
        text = f"{space if position else ''}{text}{space if self.text[position:] else ''}"
        self.fields = True
        self.edit(self.text[:position] + text + self.text[position:])
        return position + len(text)

    def use_fields(self, use: bool) -> None:
        """Read ``{{…}}`` as fields from now on, or as the characters that they are."""
        if use != self.fields:
            self.fields, self._as_typed = use, not use
            self._changed()

    def _changed(self) -> None:
        self._written.clear()
        self._read()
        self.steps.add(self.written)

    def switch(self, mode: Mode) -> None:
        """Write the same bytes another way. A text that cannot be read stays, and is read that other way.
        What cannot be written that way stays as it is (see `why_not`)."""
        if mode == self.mode or self.why_not(mode):
            return
        if self.problem is None:
            self._written[self.mode] = self.text
            self.text = self._written.get(mode) or self._rewritten(mode)
        self.mode = mode
        self._read()

    def why_not(self, mode: Mode) -> str:
        """Why the message cannot be written this way; "" when it can."""
        if mode == "python" and self.has_fields:
            return "Fields can be written in Text and in Hex only. Turn them off in the Fields menu, or stay here."
        if self.problem is None and mode != self.mode and len(self.text) + len(self.data) > LONGEST_TEXT // _WIDEST:
            return too_long(len(self._written.get(mode) or self._rewritten(mode)))
        return ""

    def _rewritten(self, mode: Mode) -> str:
        if self.fields:
            return translate(self.written, self.template, mode, self.encoding)
        return write(mode, self.data, self.encoding)

    def set_encoding(self, encoding: str) -> None:
        """Typed characters stay and stand for other bytes from now on."""
        if encoding != self.encoding:
            self.encoding = encoding
            self._written.clear()
            self._read()

    def recall(self, mode: Mode, text: str, fields: bool = False) -> None:
        """Take another message, written in the present way if it can be; undo brings this one back."""
        self.steps.rest()
        self._load(Written(mode, text, fields))
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
        wanted = self.mode
        self._written.clear()
        self.mode, self.text, self.fields, self._as_typed = state.mode, state.text, state.fields, False
        self.data, self.template = b"", plain(b"")  # those of the other message are none of this one
        self._read()
        if self.problem is None:  # else it was right under another encoding, or never
            self.switch(wanted)

    # -- sending -----------------------------------------------------------------------------------

    def sent(self) -> None:
        """A message went out: the next one counts further and has other random bytes."""
        if self.template.has_fields:
            self.counter += 1
            self._seed = random.getrandbits(64)
            self._read()

    def count_to(self, counter: int) -> None:
        """So many messages with fields were sent."""
        if counter != self.counter:
            self.counter = counter
            self._read()

    def reset_counter(self) -> None:
        self.count_to(0)

    def ended_template(self, ending: str) -> Template:
        """The message, to be filled by others. ending: a key of ENDINGS."""
        if not self.template.has_fields:
            return plain(self._ended(ENDINGS[ending]))
        return self.template.ended(ENDINGS[ending].encode(self.encoding))

    def fill_again(self) -> None:
        """Time has passed."""
        if self.has_fields:
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
        if self.mode == "text" and not self.fields:
            return parse_typed("text", self.text + ending, self.encoding)
        encoder = codecs.getincrementalencoder(self.encoding)()
        if self.data:
            encoder.encode("")  # the mark, if the encoding has one
        return self.data + encoder.encode(ending, final=True)

    def _read(self) -> None:
        filling = Filling(self.counter, time.time_ns(), self._seed)
        try:
            self.template = read_message(self.mode, self.text, self.encoding, self.fields)
            self.data = self.template.fill(filling)
            self.problem = None
        except PlacedError as error:
            self.problem = error
