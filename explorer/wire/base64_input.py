"""Base64 as it is pasted: either alphabet of RFC 4648, in lines or not, with or without its padding."""

from __future__ import annotations

import binascii
import re

from explorer.wire.placed_error import PlacedError

_LEAD = re.compile(r"\s*(?:data:[^,\s]{0,200};base64,)?", re.IGNORECASE)
_WRONG = re.compile(r"[^A-Za-z0-9+/_\-=\s]")
_AFTER_PADDING = re.compile(r"=\s*([^=\s])")
_BLANK = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")


def parse_base64(text: str) -> bytes:
    """The bytes that `text` stands for; none for blank text. A leading ``data:…;base64,`` is skipped.

    Raises PlacedError, also for bits behind the last whole byte that are not zero (RFC 4648, section 3.5).
    """
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    if wrong := _WRONG.search(text, start):
        raise PlacedError(
            wrong.start(), f"{wrong[0]!r} is not a character of base64 (A-Z, a-z, 0-9, + and /, = at the end)."
        )
    if after := _AFTER_PADDING.search(text, start):
        raise PlacedError(after.start(1), "Base64 ends with =, but more stands behind it; paste one value at a time.")
    last = max(start, len(text.rstrip()) - 1)
    packed = _BLANK.sub("", text[start:]).translate(_URL_SAFE)
    digits = packed.rstrip("=")
    padding = len(packed) - len(digits)
    if len(digits) % 4 == 1:
        raise PlacedError(last, "Base64 has four characters for three bytes; one or more are missing here.")
    if padding and padding != -len(digits) % 4:
        raise PlacedError(last, f"The end has {padding} =, but {-len(digits) % 4} would be right.")
    data = binascii.a2b_base64(digits + "=" * (-len(digits) % 4))
    if binascii.b2a_base64(data, newline=False).decode("ascii").rstrip("=") != digits:
        raise PlacedError(
            last, "The last character has bits that belong to no byte; a character is wrong, or some are missing."
        )
    return data
