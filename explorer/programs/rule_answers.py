r"""What a rule answers: a message with fields, and with parts of the message that it answers.

All fields of `explorer.wire.templates` can be used, such as ``{{counter}}`` or ``{{crc16-modbus:le}}``, and besides
them ``{{message}}`` for the whole message and, behind a regular expression, ``{{1}}`` or ``{{name}}`` for what a group
fits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from explorer.core.errors import InputError
from explorer.core.filling import Filling
from explorer.programs.api import Send, World
from explorer.wire.framing.api import Framer
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_fields import ChecksumField, Fixed, Part
from explorer.wire.template_limits import MOST_SUMMED, check_limits
from explorer.wire.template_reading import FIELD_NAMES
from explorer.wire.templates import Template
from explorer.wire.typed_message import read_message

MESSAGE = "message"
LONGEST_ANSWER = 4 << 20  # bytes of an answer with parts of the message in it

_USE = re.compile(r"\{\{(?!\{)([A-Za-z_][A-Za-z0-9_]*|[0-9]{1,3})\}\}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unmade(Send):
    """An answer that could not be made: in its place the problem is told, as for one that cannot be framed."""

    problem: str = ""

    def wire_bytes(self, framer: Framer) -> bytes:
        raise InputError("answer", self.problem)


class Counting:
    """What the answers of one socket share: how many were made."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0

    def skip(self) -> None:
        """An answer without fields was made."""
        self._count += 1

    def next(self) -> Filling:
        """What the next answer is filled from."""
        now = (self._world.now() - _EPOCH) // timedelta(microseconds=1) * 1000
        filling = Filling(self._count, now, self._world.random.getrandbits(63))
        self._count += 1
        return filling


class Answer:
    """Read once; filled for each message."""

    def __init__(self, text: str, written: str, encoding: str, names: Collection[str]) -> None:
        """written: "text" or "hex". names: of the pattern's groups. Raises InputError about the answer."""
        self._parts: list[Part | str] = []
        at = 0
        for use in _USE.finditer(text):
            name = use[1]
            if name in FIELD_NAMES:
                continue
            if name != MESSAGE and name not in names:
                raise PlacedError(use.start(), _no_such(name, names))
            self._read(text, at, use.start(), written, encoding)
            self._parts.append(name)
            at = use.end()
        self._read(text, at, len(text), written, encoding)
        fixed = [part for part in self._parts if not isinstance(part, str)]
        check_limits(fixed)
        self.is_empty = not self._parts
        self._fixed = Template(tuple(fixed)) if len(fixed) == len(self._parts) else None
        self._plain = (
            b"".join(part.data for part in fixed if isinstance(part, Fixed))
            if self._fixed is not None and not self._fixed.has_fields
            else None
        )
        self._sums = sum(isinstance(part, ChecksumField) for part in fixed)

    def _read(self, text: str, begin: int, end: int, written: str, encoding: str) -> None:
        if begin == end:
            return
        try:
            self._parts += read_message("hex" if written == "hex" else "text", text[begin:end], encoding, True).parts
        except PlacedError as error:
            raise error.moved(begin) from None

    def fill(self, message: bytes, groups: Mapping[str, bytes], counting: Counting) -> Send:
        if self._plain is not None:
            counting.skip()
            return Send(self._plain)
        template = self._fixed or self._with(message, groups)
        if isinstance(template, Unmade):
            return template
        try:
            return Send(template.fill(counting.next()))
        except InputError as error:
            return Unmade(b"", problem=error.message)

    def _with(self, message: bytes, groups: Mapping[str, bytes]) -> Template | Unmade:
        parts: list[Part] = []
        size = 0
        for part in self._parts:
            put = Fixed(message if part == MESSAGE else groups[part]) if isinstance(part, str) else part
            size += put.fixed_size or 0
            parts.append(put)
        if size > LONGEST_ANSWER or size * self._sums > max(MOST_SUMMED, LONGEST_ANSWER):
            what = f"with what the message brings it would have {size:,} bytes"
            return Unmade(b"", problem=f"{what}, too many to be put together or summed up.")
        return Template(tuple(parts))


def _no_such(name: str, names: Collection[str]) -> str:
    known = ", ".join(f"{{{{{one}}}}}" for one in (MESSAGE, *names))
    if name.isdigit():
        what = f"The pattern has no group {name}."
    else:
        what = f"There is no field and no group called {name!r}."
    advice = "" if names else " Groups are what stands in (…) of a regular expression."
    return f"{what} Parts of the message are {known}.{advice}"
