"""The sentences in which a sequence tells what came and what did not."""

from __future__ import annotations

from explorer.core.sequence import Match
from explorer.net.automation.inbox import LAST_BYTES, Inbox
from explorer.wire.escapes import escape

SHOWN = 48  # bytes of a message that are shown as text
SHOWN_HEX = 16  # and as hex

_HOWS = {
    "exact": "is exactly",
    "starts": "starts with",
    "contains": "contains",
    "ends": "ends with",
    "regex": "fits the regular expression",
}


_HOWS_OF_BYTES = {
    "exact": "are exactly",
    "starts": "start with",
    "contains": "contain",
    "ends": "end with",
    "regex": "fit the regular expression",
}


def shown(data: bytes, encoding: str, size: int | None = None) -> str:
    r"""E.g. ``"OK\n" (4f 4b 0a)``. size: of the whole, where `data` is a part of it."""
    whole = len(data) if size is None else size
    if not whole:
        return "nothing (0 bytes)"
    try:
        text = escape(data[:SHOWN], encoding)
    except UnicodeError:  # UTF-16 wants a byte order mark
        text = escape(data[:SHOWN], "latin-1")
    more = "…" if whole > len(data[:SHOWN]) else ""
    digits = data[:SHOWN_HEX].hex(" ") + (" …" if whole > len(data[:SHOWN_HEX]) else "")
    return f'"{text}{more}" ({digits})'


def wanted(match: Match | None, raw: bool = False) -> str:
    """E.g. ``that starts with "OK"``; for none, the empty text. raw: bytes are spoken of, not a message."""
    if match is None:
        return ""
    pattern = match.pattern if len(match.pattern) <= SHOWN else f"{match.pattern[:SHOWN]}…"
    written = pattern if match.written == "hex" else f'"{pattern}"'
    return f"that {(_HOWS_OF_BYTES if raw else _HOWS)[match.how]} {written}"


def what_came(inbox: Inbox, encoding: str, raw: bool) -> str:
    """What was seen instead of what was waited for, as sentences."""
    count, last, problems = inbox.seen()
    if raw and count:
        parts = [
            f"Since the last match, {size:,} bytes came; {'the last of them are' if size > LAST_BYTES else 'they are'} "
            f"{shown(data, encoding)}."
            for size, data in last
        ]
    elif count:
        listed = ", ".join(shown(data, encoding, size) for size, data in last)
        parts = [
            f"Instead came {listed}."
            if count == len(last)
            else f"Instead came {count:,} others, the last of them {listed}."
        ]
    else:
        parts = ["Nothing came."] if not problems else ["No whole message came."]
    parts += [f"The framing was broken: {problem}" for problem in problems[-1:]]
    if inbox.lost:
        what = "bytes" if raw else "messages"
        parts.append(f"{inbox.lost:,} {what} before these were more than is kept, and nobody looked at them.")
    return " ".join(parts)


def seconds(value: float) -> str:
    return f"{value:g} s"
