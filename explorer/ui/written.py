r"""Ways of writing bytes into the composer (text with escapes, hex, Python), and where each byte stands in the text."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.snippet import Mode
from explorer.ui.byte_places import Places, find_places
from explorer.wire.escapes import escape
from explorer.wire.hex_input import parse_hex
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_fields import Fixed
from explorer.wire.templates import Template, without_fields
from explorer.wire.typed_message import parse_typed
from explorer.wire.visible import is_seen

LONGEST_TEXT = 1 << 16
"""Characters of a message in the editor; a longer one would make every key press slow."""
_DOUBTFUL = ("base64", "escaped")  # other texts look like these too; Paste as bytes reads them


def too_long(size: int) -> str:
    """Why a text of so many characters is not taken, as a sentence; "" where it is."""
    if size <= LONGEST_TEXT:
        return ""
    return (
        f"The message would have {size:,} characters here; the editor takes {LONGEST_TEXT:,} at most. "
        "Save it as a file and use Send file."
    )


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
        from explorer.wire.pasting import recognise  # all that reads pasted text: not at every start

        found = recognise(text)
    return found.data.hex(" ") if found is not None and found.name not in _DOUBTFUL else text


def rewrite(written: Written, before: bytes, after: bytes, encoding: str) -> str:
    """`written`, which says `before` and has no fields, so changed that it says `after`. In text, what stands
    around the change stays as it was typed; hex and Python are written anew."""
    text = _patched(written, before, after, encoding) or write(written.mode, after, encoding)
    return without_fields(text) if written.fields else text


def _patched(written: Written, before: bytes, after: bytes, encoding: str) -> str:
    """The text with as little changed as possible; "" where that cannot be, or where nothing special was typed."""
    if written.mode != "text" or written.text == escape(before, encoding):
        return ""
    places = places_of(written, encoding)
    if places is None:
        return ""
    start = common_start(before, after)
    tail = common_start(before[start:][::-1], after[start:][::-1])
    first, last = places.characters_of(start, len(before) - tail)
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


def places_of(written: Written, encoding: str) -> Places | None:
    """Where each byte stands in the text; None where that is not known, or not found quickly enough."""
    if written.fields and "{{" in written.text:
        return None
    return find_places(written.mode, written.text, encoding)


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
