r"""Bytes typed or pasted as hex, in any usual way of writing it.

``48 65 6c``, ``48656c``, ``48:65:6c``, ``48-65``, ``0x48, 0x65``, ``{0x48, 0x65}``, ``\x48\x65``, ``%48%65``,
``48h 65h``, a C array as ``xxd -i`` prints it, and dumps as ``hexdump -C``, ``xxd``, ``tcpdump -x``, ``od -A x -t x1``
and Wireshark print them.

A byte has two digits; only after ``0x`` may one stand alone. Digits are never guessed into pairs across a
separator: a group with an odd number of digits is a mistake that is pointed at.
"""

from __future__ import annotations

import re

from explorer.wire.placed_error import PlacedError

_SEPARATORS = re.compile(r"""(?: [\s,;:_(){}\[\]"'-] | [bB](?=["']) )+""", re.VERBOSE)
_AS_SPACES = str.maketrans(dict.fromkeys(",;:_(){}[]\"'-", " "))
_GROUP = re.compile(
    r"""0[xX](?P<prefixed>[0-9a-fA-F]+)
      | \\x(?P<escaped>[0-9a-fA-F]{2})(?![0-9a-fA-F])
      | %(?P<percent>[0-9a-fA-F]{2})
      | (?!0[xX])(?P<plain>[0-9a-fA-F]+)[hH]?""",
    re.VERBOSE,
)
_C_ARRAY = re.compile(r"=\s*\{([^{}]*)\}")

# A dump's line: its offset, then hex up to a bar, or (with a colon) up to two spaces.
_BAR_LINE = re.compile(r"\s*(?P<offset>[0-9a-fA-F]{7,16})\s+(?P<hex>(?:[^\s|][^|]*)?)\|.*\|\s*")
_COLON_LINE = re.compile(
    r"\s*(?P<offset>0x[0-9a-fA-F]{4,16}|[0-9a-fA-F]{7,16}):\s+(?P<hex>[^\s:]+(?: [^\s:]+)*)(?:\s{2}.*|\s*)"
)
# Without bar or colon: pairs up to three spaces, or sixteen of them, for what follows may look like a pair.
_PLAIN_LINE = re.compile(
    r"\s*(?P<offset>[0-9a-fA-F]{4,16})(?P<gap>\s+)(?P<hex>[0-9a-fA-F]{2}(?:(?: {1,2}|-)[0-9a-fA-F]{2}){0,15})"
    r"(?:\s{2}.*|\s*)"
)
_LAST_LINE = re.compile(r"\s*(?P<offset>(?:0x)?[0-9a-fA-F]{4,16}):?\s*(?P<hex>)")
_LINE = re.compile(r"[^\r\n]+")
_LARGEST_FILL = 1 << 24


def parse_hex(text: str) -> bytes:
    """The bytes that `text` stands for; none for blank text. Raises PlacedError at the first wrong character."""
    if is_dump(text):
        return _parse_dump(text)
    array = _C_ARRAY.search(text)
    return _parse_groups(text, *array.span(1)) if array else _parse_groups(text, 0, len(text))


def is_dump(text: str) -> bool:
    """Whether the first line is one of a dump, with an offset in front.

    A line without bar or colon is one if a wide gap follows an offset of 0, or if the next line's offset fits.
    """
    lines = _LINE.finditer(text, len(text) - len(text.lstrip()))
    first = next(lines, None)
    if first is None:
        return False
    if _BAR_LINE.fullmatch(first[0]) or _COLON_LINE.fullmatch(first[0]):
        return True
    plain = _PLAIN_LINE.fullmatch(first[0])
    if plain is None:
        return False
    offset = int(plain["offset"], 16)
    if offset == 0 and len(plain["gap"]) > 1:
        return True
    following = next(lines, None)
    after = re.match(r"\s*([0-9a-fA-F]{4,16})(?:\s|$)", following[0]) if following else None
    return after is not None and int(after[1], 16) == offset + len(bytes.fromhex(plain["hex"].replace("-", " ")))


def _parse_groups(text: str, at: int, end: int) -> bytes:
    try:
        return bytes.fromhex(text[at:end].translate(_AS_SPACES))
    except ValueError:  # prefixes, or a mistake: group by group
        data = bytearray()
    while at < end:
        if blank := _SEPARATORS.match(text, at, end):
            at = blank.end()
            continue
        group = _GROUP.match(text, at, end)
        if group is None:
            raise PlacedError(at, _explain(text[at:end]))
        digits = group["prefixed"] or group["escaped"] or group["percent"] or group["plain"]
        if len(digits) == 1 and group["prefixed"]:
            digits = "0" + digits
        if len(digits) % 2:
            after = group.end()
            if after < end and not _SEPARATORS.match(text, after, end):
                raise PlacedError(after, _explain(text[after:end]))
            raise PlacedError(at, _explain_odd(digits))
        data += bytes.fromhex(digits)
        at = group.end()
    return bytes(data)


def _parse_dump(text: str) -> bytes:
    """The bytes of a dump, whose offsets must agree with what stands before them."""
    data = bytearray()
    base, row, folded = -1, b"", False
    for line in _LINE.finditer(text):
        if not line[0].strip():
            continue
        if line[0].strip() == "*" and row:
            folded = True
            continue
        parts = _match_line(line[0])
        if parts is None:
            raise PlacedError(line.start(), "This line is no line of the hex dump that stands before it.")
        offset = int(parts["offset"], 16)
        base = offset if base < 0 else base
        if folded:
            data += _fill(row, len(data), offset - base, line.start())
            folded = False
        if offset != base + len(data):
            raise PlacedError(
                line.start(),
                f"This line says offset {offset:x}, but the bytes before it end at {base + len(data):x}; "
                "a line, or part of one, is missing.",
            )
        row = _parse_groups(text, line.start() + parts.start("hex"), line.start() + parts.end("hex"))
        data += row
    if folded:
        raise PlacedError(text.rindex("*"), "The dump ends with *; the line with the last offset is missing after it.")
    return bytes(data)


def _match_line(line: str) -> re.Match[str] | None:
    for known in (_BAR_LINE, _COLON_LINE, _PLAIN_LINE, _LAST_LINE):
        if found := known.fullmatch(line):
            return found
    return None


def _fill(row: bytes, first: int, last: int, at: int) -> bytes:
    """What ``*`` in a dump stands for: `row` again and again, from the byte `first` of the dump to before `last`."""
    size = last - first
    if size > 0 and last > _LARGEST_FILL:
        raise PlacedError(
            at,
            f"The * before this line stands for {size:,} bytes; at most {_LARGEST_FILL:,} bytes of a dump are filled "
            f"in, with the {first:,} before it.",
        )
    return row * (size // len(row)) if size > 0 else b""


def _explain(rest: str) -> str:
    if re.match(r"0[xX]", rest):
        return "0x needs hex digits after it, e.g. 0x48."
    if rest.startswith("\\x"):
        return "\\x needs exactly two hex digits, e.g. \\x48. For text between such bytes, use Text or Python input."
    if rest.startswith("%"):
        return "% needs two hex digits, e.g. %48."
    return f"{rest[0]!r} is not a hex digit (0-9, a-f)."


def _explain_odd(digits: str) -> str:
    shown = digits if len(digits) <= 20 else digits[:20] + "…"
    number = "1 hex digit" if len(digits) == 1 else f"{len(digits):,} hex digits"
    return f"{shown!r} has {number}, an odd number; every byte has two, so one is missing (write 0 in front, e.g. 05)."
