"""Messages with fields (`explorer.wire.templates`) in a script: counters, times, chance, lengths and checksums written
out in plain Python, as far as a message has them.

What is known only while the script runs, such as a group of a regular expression, stands among the fields as a name.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.as_python.api import NoScript
from explorer.as_python.framings.checksum import function_of
from explorer.as_python.template import quoted
from explorer.core.errors import InputError
from explorer.core.filling import Filling
from explorer.core.snippet import Mode
from explorer.wire.checksums import Checksum
from explorer.wire.template_fields import (
    ChecksumField,
    CounterField,
    Fixed,
    IsoTimeField,
    LengthField,
    NumberForm,
    Part,
    RandomField,
    TimeField,
)
from explorer.wire.template_limits import check_limits
from explorer.wire.template_reading import FIELD_NAMES
from explorer.wire.templates import Template
from explorer.wire.typed_message import read_message

_USE = re.compile(r"\{\{(?!\{)([A-Za-z_][A-Za-z0-9_]*|[0-9]{1,3})\}\}")

ISO_TIME = '''
def iso_time():
    """The time in UTC, such as 2026-01-31T23:59:59.125Z."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
'''

LONGEST_LINE = 80  # characters of an expression on one line
CUT = 24  # bytes of a long literal on one line

Pieces = Sequence["Part | str"]


@dataclass(frozen=True, slots=True)
class Written:
    """A message in a script. lines: what must stand before the expression; most messages have none.

    counts: it tells how many messages went before, in `count`. iso: it wants ISO_TIME. checksums: whose functions it
    wants (`checksum_name`).
    """

    expression: str
    lines: tuple[str, ...] = ()
    counts: bool = False
    iso: bool = False
    checksums: tuple[Checksum, ...] = ()


def read(text: str, mode: Mode, encoding: str, is_name: Callable[[str], bool], fields: bool = True) -> list[Part | str]:
    """What is typed, cut at its fields; a name that `is_name` knows is left as it is. Raises InputError."""
    pieces: list[Part | str] = []
    at = 0
    for use in _USE.finditer(text) if fields else ():
        if use[1] in FIELD_NAMES or not is_name(use[1]):
            continue
        pieces += _parts(text[at : use.start()], mode, encoding, fields)
        pieces.append(use[1])
        at = use.end()
    pieces += _parts(text[at:], mode, encoding, fields)
    check_limits([piece for piece in pieces if not isinstance(piece, str)])
    return pieces


def _parts(text: str, mode: Mode, encoding: str, fields: bool) -> tuple[Part, ...]:
    return read_message(mode, text, encoding, fields).parts if text else ()


def functions(written: Sequence[Written]) -> list[str]:
    """What these messages need, each once."""
    sums = {checksum.name: checksum for one in written for checksum in one.checksums}
    found = [ISO_TIME.strip()] if any(one.iso for one in written) else []
    return [*found, *(function_of(checksum, checksum_name(checksum)) for checksum in sums.values())]


def checksum_name(checksum: Checksum) -> str:
    """What the function of a checksum is called."""
    return checksum.name.replace("-", "_")


def write(
    pieces: Pieces, put: Callable[[str], str], refuse: Callable[[str], list[str]], count: str = "count"
) -> Written:
    """A message as Python.

    put: the expression of a name. refuse: lines for when the message cannot be sent, given why. count: the expression
    of the counter. Raises NoScript for a message that cannot be sent at all.
    """
    fixed = [piece for piece in pieces if not isinstance(piece, str)]
    if len(fixed) == len(pieces):
        try:
            Template(tuple(fixed)).fill(Filling(0, time.time_ns(), 0))
        except InputError as error:
            raise NoScript("$", f"A message cannot be sent as it is: {error.message}") from None
    summed = [part for part in fixed if isinstance(part, ChecksumField)]
    counts = any(isinstance(part, CounterField) for part in fixed)
    iso = any(isinstance(part, IsoTimeField) for part in fixed)
    if summed or any(isinstance(part, LengthField) for part in fixed):
        made = _Laid(_merged(pieces), put, refuse, count)
        sums = tuple(part.checksum for part in summed)
        whole = "bytes(data)" if sums else 'b"".join(parts)'
        return Written(whole, tuple(made.lines), counts, iso, sums)
    values = [_value(piece, put, count) for piece in _merged(pieces)]
    joined = " + ".join(values) or 'b""'
    if len(joined) <= LONGEST_LINE:
        return Written(joined, (), counts, iso)
    return Written('b"".join(parts)', tuple(_listed(values)), counts, iso)


def _merged(pieces: Pieces) -> list[Part | str]:
    """Bytes that stand side by side as one piece."""
    found: list[Part | str] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Fixed) and isinstance(last, Fixed):
            found[-1] = Fixed(last.data + piece.data)
        elif not isinstance(piece, Fixed) or piece.data:
            found.append(piece)
    return found


def _listed(values: Sequence[str], notes: Sequence[str] = ()) -> list[str]:
    """The lines of a list called parts. notes: a comment on each of them."""
    lines = ["parts = ["]
    for place, value in enumerate(values):
        *first, last = _cut(value)
        lines += [f"    {line}" for line in first]
        lines.append(f"    {last},{notes[place] if notes else ''}")
    return [*lines, "]"]


def _cut(value: str) -> list[str]:
    """A long literal as several that stand below each other."""
    if len(value) <= LONGEST_LINE or not value.startswith(("b'", 'b"')):
        return [value]
    data = ast.literal_eval(value)
    return [quoted(data[at : at + CUT]) for at in range(0, len(data), CUT)]


def _value(piece: Part | str, put: Callable[[str], str], count: str) -> str:
    """One that knows nothing of the others."""
    match piece:
        case str():
            return put(piece)
        case Fixed(data):
            return quoted(data)
        case CounterField(_, form, start, step):
            value = count if step == 1 else f"{step} * {count}"
            value = f"{value} + {start}" if start > 0 else f"{value} - {-start}" if start else value
            if form.limit is not None:
                value = f"{_in_brackets(value)} % {form.limit}"
            return number(form, value)
        case TimeField(_, form, unit):
            return number(form, "int(time.time())" if unit == 1_000_000_000 else _part_of_nanoseconds(unit))
        case IsoTimeField(_, encoding):
            return f"iso_time().encode({quoted(encoding)})"
        case RandomField(_, size):
            return f"os.urandom({size})"
    raise AssertionError(piece)


def _part_of_nanoseconds(unit: int) -> str:
    return f"time.time_ns() // {unit}" if unit > 1 else "time.time_ns()"


def number(form: NumberForm, value: str) -> str:
    """The bytes of a number."""
    if form.size:
        return f'{_in_brackets(value)}.to_bytes({form.size}, "{form.order}")'
    width = f"0{form.width}" if form.width else ""
    if "0".encode(form.encoding) == b"0":
        return f'b"%{width}{form.digits}" % {_in_brackets(value)}'
    return f'("%{width}{form.digits}" % {_in_brackets(value)}).encode({quoted(form.encoding)})'


def _in_brackets(value: str) -> str:
    return value if re.fullmatch(r"[\w.]+(\(([^()]|\(\))*\))?", value) else f"({value})"


def _least(piece: Part | str) -> int:
    """Bytes that a piece has at least."""
    if isinstance(piece, str):
        return 0
    size = piece.fixed_size
    return size if size is not None else 1


def _is_fixed(piece: Part | str) -> bool:
    return not isinstance(piece, str) and piece.fixed_size is not None


class _Laid:
    """A message in which lengths or checksums tell of other pieces: a list of them, filled from its end on."""

    def __init__(
        self, pieces: list[Part | str], put: Callable[[str], str], refuse: Callable[[str], list[str]], count: str
    ) -> None:
        self._pieces = pieces
        self._refuse = refuse
        first = [self._first(piece, put, count) for piece in pieces]
        self.lines = _listed([value for value, _ in first], [note for _, note in first])
        self._lengths()
        self._sums()

    def _first(self, piece: Part | str, put: Callable[[str], str], count: str) -> tuple[str, str]:
        """A value, and a comment on it."""
        if isinstance(piece, LengthField):
            return f"bytes({piece.fixed_size or 0})", "  # the length: see below"
        if isinstance(piece, ChecksumField):
            return f"bytes({piece.fixed_size})", f"  # {piece.checksum.label}: see below"
        return _value(piece, put, count), ""

    def _lengths(self) -> None:
        """From the end to the beginning; those of the whole come last."""
        trailing = 0
        for piece in reversed(self._pieces):
            if not isinstance(piece, ChecksumField):
                break
            trailing += piece.fixed_size
        whole = []
        for place in range(len(self._pieces) - 1, -1, -1):
            piece = self._pieces[place]
            if isinstance(piece, LengthField) and piece.of == "all":
                whole.append((place, piece))
            elif isinstance(piece, LengthField):
                behind = self._pieces[place + 1 :]
                less = trailing if piece.of == "body" else 0
                self._length(place, piece, behind, f"parts[{place + 1}:]", piece.add - less)
        for place, piece in whole:
            self._length(place, piece, self._pieces, "parts", piece.add)

    def _length(self, place: int, piece: LengthField, counted: Pieces, parts: str, add: int) -> None:
        least = sum(map(_least, counted)) + add
        certain = all(map(_is_fixed, counted))
        more = f" + {add}" if add > 0 else f" - {-add}" if add else ""
        self.lines.append(f'size = len(b"".join({parts})){more}')
        limit = piece.form.limit
        if not certain and (limit is not None or least < 0):
            test = (
                f"not 0 <= size < {limit}" if least < 0 and limit else "size < 0" if least < 0 else f"size >= {limit}"
            )
            self.lines.append(f"if {test}:")
            self.lines += [f"    {line}" for line in self._refuse(f"the length has no room in {piece.form.name}")]
        self.lines.append(f"parts[{place}] = {number(piece.form, 'size')}")

    def _sums(self) -> None:
        fields = [(place, piece) for place, piece in enumerate(self._pieces) if isinstance(piece, ChecksumField)]
        if not fields:
            return
        self.lines.append('data = bytearray(b"".join(parts))')
        for place, piece in fields:
            before = self._pieces[:place]
            if all(map(_is_fixed, before)):
                at: str | int = sum(map(_least, before))
                end = str(sum(map(_least, before)) + piece.fixed_size)
            else:
                self.lines.append(f'at = len(b"".join(parts[:{place}]))')
                at, end = "at", f"at + {piece.fixed_size}"
            self._check_range(place, piece)
            first = end if piece.first is None else "" if piece.first == 0 else str(piece.first)
            last = ("" if piece.to_end else str(at)) if piece.last is None else str(piece.last)
            value = f"{checksum_name(piece.checksum)}(data[{first}:{last}])"
            self.lines.append(f"data[{at}:{end}] = {number(piece.form, value)}")

    def _check_range(self, place: int, piece: ChecksumField) -> None:
        """Raise NoScript where it depends on the message whether there is anything to sum up."""
        if all(map(_is_fixed, self._pieces)):
            return
        before = sum(map(_least, self._pieces[:place]))
        size = sum(map(_least, self._pieces))
        first = before + piece.fixed_size if piece.first is None else piece.first
        first = first + size if first < 0 else first
        last = (size if piece.to_end else before) if piece.last is None else piece.last
        last = last + size if last < 0 else last
        from_end = piece.first is not None and piece.first < 0
        to_end = (piece.last is not None and piece.last < 0) or (piece.last is None and piece.to_end)
        to_number = piece.last is not None and piece.last >= 0
        if not 0 <= first <= last <= size or (from_end and not to_end) or (piece.first is None and to_number):
            raise NoScript(
                "$",
                f"Whether {piece.checksum.name} finds its bytes depends on how long the message is, which is not "
                "known beforehand. Leave out from= and to= to see a script.",
            )
