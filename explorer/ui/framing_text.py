"""A framing in a few words, as headers show it: "Length prefix: 2 bytes big-endian, not counting itself, cut off".

What decides where messages end is always said; what is as usual is not. The name of a preset is not used: another
protocol may have the same settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Value, check, hex_bytes, whole
from explorer.core.socket_spec import Choice
from explorer.ui.units import count_text
from explorer.wire.checksums import find_checksum
from explorer.wire.framing.api import FramingKind
from explorer.wire.framing.registry import find_kind

Values = Mapping[str, Value]
_ENDINGS = {"lf": "LF", "crlf": "CR LF", "any": "LF or CR LF"}


def framing_text(choice: Choice) -> str:
    """The framing in words. Of one that cannot be used, the name of its kind."""
    try:
        kind = find_kind(choice.kind)
    except InputError:
        return choice.kind
    try:
        values = check(kind.fields, choice.settings)
    except InputError:
        return kind.label
    words = _WORDS[kind.name](values) if kind.name in _WORDS else kind.label
    return ", ".join([words, *_longest(kind, values), *_checksum(values)])


def _bytes(number: int) -> str:
    return count_text(number, "byte")


def _line(values: Values) -> str:
    return f"Lines, {_ENDINGS.get(str(values['ending']), values['ending'])}"


def _delimiter(values: Values) -> str:
    end = hex_bytes(str(values["hex"]), "")
    seen = f" “{end.decode('ascii')}”" if all(32 < byte < 127 for byte in end) else ""
    return f"Delimiter {end.hex(' ')}{seen}" + (", kept in the message" if values["keep"] else "")


def _fixed(values: Values) -> str:
    return f"Fixed size, {_bytes(whole(values['size']))}"


def _length(values: Values) -> str:
    width, offset, added, skip = (whole(values[name]) for name in ("width", "offset", "adjustment", "skip"))
    field = _bytes(width) + (f" {values['order']}-endian" if width > 1 else "")
    if offset:
        field += f" after {_bytes(offset)} of header"
    return f"Length prefix: {field}, {_counted(width, offset, added)}, {_cut(width, offset, skip)}"


def _counted(width: int, offset: int, added: int) -> str:
    """What the length is the number of."""
    if not added:
        return "not counting itself"
    if offset and added == -width - offset:
        return "counting the whole frame"
    if added == -width:
        return "counting itself"
    return f"counting {_bytes(abs(added))} {'more' if added < 0 else 'less'} than follow it"


def _cut(width: int, offset: int, skip: int) -> str:
    """What becomes of it."""
    if not skip:
        return "kept in the message"
    if skip == offset + width:
        return "cut off with the header" if offset else "cut off"
    return f"the first {_bytes(skip) if skip > 1 else 'byte'} cut off"


def _slip(values: Values) -> str:
    return "SLIP, strict" if values["strict"] else "SLIP, lenient"


def _stx_etx(values: Values) -> str:
    start, end, escape = (hex_bytes(str(values[name]), "").hex(" ") for name in ("start", "end", "escape"))
    if values["prefixed"]:
        return f"STX … ETX: {escape} {start} … {escape} {end}"
    return f"STX … ETX: {start} … {end}, escaped by {escape}"


def _idle(values: Values) -> str:
    return f"Silence of {values['ms']:,} ms"


_WORDS: Mapping[str, Callable[[Values], str]] = {
    "line": _line,
    "delimiter": _delimiter,
    "fixed": _fixed,
    "length": _length,
    "slip": _slip,
    "stx_etx": _stx_etx,
    "idle": _idle,
}


def _longest(kind: FramingKind, values: Values) -> list[str]:
    usual = next((field.default for field in kind.fields if field.name == "max"), None)
    most = values.get("max")
    return [] if most == usual or most is None else [f"at most {_bytes(whole(most))}"]


def _checksum(values: Values) -> list[str]:
    """The checksum at the end of each message, and what of the message it does not cover."""
    found = find_checksum(str(values.get("checksum", "none")))
    if found is None:
        return []
    words, _, more = found.label.partition(" (")[0].partition(", ")
    if "-" not in words:  # no name
        words = f"{words[0].lower()}{words[1:]}"
    if more:
        words += f" ({more})"
    if values["checksum_as"] == "hex":
        words += " as hex digits"
    if found.size > 1:
        words += " low byte first" if values["checksum_order"] == "little" else " high byte first"
    front, mark = whole(values["checksum_from"]), hex_bytes(str(values.get("checksum_mark", "")), "").hex(" ")
    if front:
        words += f" without the first {_bytes(front) if front > 1 else 'byte'}"
    if also := hex_bytes(str(values.get("checksum_also", "")), "").hex(" "):
        words += f" with {also} besides"
    return [f"{words} behind {mark}" if mark else words]
