r"""Ways of writing bytes into the composer (text with escapes, hex, Python), and where each byte stands in the text."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.snippet import Mode
from explorer.wire.escapes import escape
from explorer.wire.hex_input import parse_hex
from explorer.wire.pasting import recognise
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_fields import Fixed
from explorer.wire.templates import Template, without_fields
from explorer.wire.typed_message import parse_typed
from explorer.wire.visible import is_seen

PLACED_LENGTH = 8192
"""Characters of a text in which the places of bytes are worked out; in a longer one it would slow the typing."""
_LONGEST_TOKEN = 12  # characters that stand for one byte or character: \u{10ffff} has 10
_DOUBTFUL = ("base64", "escaped")  # other texts look like these too; Paste as bytes reads them
_QUOTES = ("", "'", '"', "'''", '"""')


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it stands in the editor. fields: ``{{…}}`` in it is filled at sending."""

    mode: Mode
    text: str = ""
    fields: bool = False


def write(mode: Mode, data: bytes, encoding: str) -> str:
    """A text that `parse_typed` turns into `data` again."""
    if not data:
        return ""
    if mode == "text":
        return escape(data, encoding)
    return data.hex(" ") if mode == "hex" else repr(data)


def pasted(mode: Mode, text: str) -> str:
    r"""Pasted text as it should stand in the editor: nothing in it is lost or hidden.

    In text, characters that an editor drops or hides (CR, NUL, other controls, bidirectional marks) become
    escapes. In hex, several lines (a dump) and other forms of bytes (an array, a string of source code) become
    plain pairs of digits, if they can be read.
    """
    if mode == "text":
        return "".join(c if c == "\n" or is_seen(c) else escape(c.encode("utf-8", "replace"), "utf-8") for c in text)
    if mode == "hex":
        return _pasted_hex(text)
    return text


def _pasted_hex(text: str) -> str:
    try:
        data = parse_hex(text)
        return data.hex(" ") if len(text.splitlines()) > 1 else text
    except PlacedError:
        found = recognise(text)
    return found.data.hex(" ") if found is not None and found.name not in _DOUBTFUL else text


def rewrite(written: Written, before: bytes, after: bytes, encoding: str) -> str:
    """`written`, which says `before` and has no fields, so changed that it says `after`. In text, what stands
    around the change stays as it was typed; hex and Python are written anew."""
    text = _patched(written, before, after, encoding) or write(written.mode, after, encoding)
    return without_fields(text) if written.fields else text


def _patched(written: Written, before: bytes, after: bytes, encoding: str) -> str:
    """The text with as little changed as possible; "" where that cannot be, or where nothing special was typed."""
    if written.mode != "text" or not has_places(written) or written.text == escape(before, encoding):
        return ""
    start = common_start(before, after)
    tail = common_start(before[start:][::-1], after[start:][::-1])
    first, last = characters_of(written, start, len(before) - tail, encoding)
    changed = written.text[:first] + escape(after[start : len(after) - tail], encoding) + written.text[last:]
    try:
        return changed if parse_typed("text", changed, encoding) == after else ""
    except PlacedError:  # the change cut a character or an escape in two
        return ""


def translate(written: Written, template: Template, mode: Mode, encoding: str) -> str:
    """A message with fields in another way of writing: the fields as they were typed, the bytes between them anew."""
    pieces = []
    for part in template.parts:
        if isinstance(part, Fixed):
            pieces.append(without_fields(write(mode, part.data, encoding)))
        else:
            begin, end = written.text.rindex("{{", 0, part.position), written.text.index("}}", part.position) + 2
            pieces.append(written.text[begin:end])
    return (" " if mode == "hex" else "").join(pieces)


def has_places(written: Written) -> bool:
    """Whether each byte's place in the text can be found, quickly enough."""
    return len(written.text) <= PLACED_LENGTH and not (written.fields and "{{" in written.text)


def bytes_of(written: Written, first: int, last: int, encoding: str) -> tuple[int, int]:
    """The bytes [start, stop) that stand in the characters [first, last)."""
    start = _prefix(written, first, encoding)[1]
    return start, max(start, _prefix(written, last, encoding)[1]) if last > first else start


def characters_of(written: Written, start: int, stop: int, encoding: str) -> tuple[int, int]:
    """The characters [first, last) that stand for the bytes [start, stop); first == last where start == stop."""
    first = _front(written, start, encoding)
    return (first, _end(written, stop, encoding)) if stop > start else (first, first)


def _front(written: Written, offset: int, encoding: str) -> int:
    """Index of the first character that says the byte at `offset`; the end, where there is no such byte."""
    text = written.text
    if _prefix(written, len(text), encoding)[1] <= offset:
        return _tail(written, offset, encoding)
    if written.mode == "hex":
        behind = _end(written, offset, encoding)
        return next((at for at in range(behind, len(text)) if text[at].isalnum() or text[at] in "\\%"), behind)
    end = _end(written, offset + 1, encoding)
    before, count = _prefix(written, end - 1, encoding)
    return before if count <= offset else end - 1


def _tail(written: Written, offset: int, encoding: str) -> int:
    """Where a byte behind the last one would be typed: in Python, before the closing quote."""
    return _end(written, offset, encoding) if written.mode == "python" else len(written.text)


def _end(written: Written, count: int, encoding: str) -> int:
    """Index behind the character that completes the first `count` bytes; the text's length, where there are fewer."""
    text = written.text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        if _prefix(written, middle, encoding)[1] >= count:
            high = middle
        else:
            low = middle + 1
    while written.mode == "hex" and 0 < low < len(text) and text[low].isalnum():  # 0x4 is a byte, and so is 0x48
        longer, known = _prefix(written, low + 1, encoding)
        if longer != low + 1 or known != count:
            break
        low += 1
    return low


def _prefix(written: Written, position: int, encoding: str) -> tuple[int, int]:
    """The longest front of at most `position` characters that can be read, and how many bytes it says."""
    for end in range(position, max(-1, position - _LONGEST_TOKEN), -1):
        for quote in _QUOTES if written.mode == "python" else ("",):
            try:
                return end, len(parse_typed(written.mode, written.text[:end] + quote, encoding))
            except PlacedError:
                continue
    return 0, 0


def common_start(one: bytes | str, other: bytes | str) -> int:
    """How many characters or bytes at the front are the same."""
    least = min(len(one), len(other))
    if one[:least] == other[:least]:
        return least
    low, high = 0, least
    while low + 1 < high:  # the fronts agree up to low and differ up to high
        middle = (low + high) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle)
    return low
