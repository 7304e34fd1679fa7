"""What may be typed to go to a byte: an offset, a distance from the cursor or the end, or a time."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from explorer.core.errors import InputError
from explorer.ui.time_format import SECOND

EXAMPLES = "500, 0x1F4, +16, end-16, t=1.5s or 14:03:07"
_UNITS = {"": SECOND, "s": SECOND, "ms": 1_000_000, "us": 1000, "µs": 1000, "μs": 1000, "ns": 1}
_TIME = re.compile(r"t=(\d{1,12})(?:\.(\d{1,9}))?(s|ms|us|µs|μs|ns|)", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?", re.ASCII)
_DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: nanoseconds since the capture began."""

    time: int


def parse_go_to(text: str, size: int, cursor: int, started: int) -> int | Moment:
    """Where to go in a stream of `size` bytes with the cursor at `cursor`. Raises InputError.

    An offset: ``500``, ``0x1F4``; ``+16`` and ``-16`` count from the cursor; ``end`` is the last byte, ``end-16``
    the one 16 bytes before the end. A time: ``t=1.5s`` since the capture began, or by the clock, in the local time
    zone, as the tables show it (``14:03:07.25``); then the result is a Moment. started: the capture's
    beginning in nanoseconds since 1970.
    """
    bare = "".join(text.split()).lower()
    if bare.startswith("t"):
        return _since_start(text, bare)
    if ":" in bare:
        return _clock(text, bare, started)
    if bare.startswith("end"):
        back = bare[3:] or "-1"
        if not back.startswith("-"):
            raise InputError("offset", f"{text.strip()!r} is beyond the end. Write end, or end-16.")
        offset = size - _number(back[1:], text)
    elif bare.startswith(("+", "-")):
        distance = _number(bare[1:], text)
        offset = cursor + distance if bare[0] == "+" else cursor - distance
    else:
        return parse_offset(text, size)
    return _within(offset, size)


def parse_offset(text: str, size: int) -> int:
    """A byte's offset in a stream of `size` bytes: ``500``, ``1,000`` or ``0x1F4``. Raises InputError."""
    bare = "".join(text.split()).lower()
    if not bare:
        raise InputError("offset", "Write an offset: 500, or 0x1F4 in hex.")
    return _within(_number(bare, text), size)


def _number(bare: str, text: str) -> int:
    bare = bare.replace(",", "").replace("_", "")
    digits, base = (bare[2:], 16) if bare.startswith("0x") else (bare, 10)
    known = "0123456789abcdef"[:base]
    if not digits or any(digit not in known for digit in digits):
        if bare and not bare.startswith("0x") and all(digit in "0123456789abcdef" for digit in bare):
            raise InputError("offset", f"{text.strip()!r} is no decimal number; as hex, write 0x{bare}.")
        raise InputError("offset", f"{text.strip()!r} is not an offset. Write 500, or 0x1F4 in hex.")
    return int(digits[:20], base)


def _within(offset: int, size: int) -> int:
    if not size:
        raise InputError("offset", "There are no bytes here yet to go to.")
    if offset < 0:
        raise InputError("offset", f"That is {-offset:,} bytes before the beginning; the first byte is at 0.")
    if offset >= size:
        raise InputError(
            "offset", f"Offset {offset:,} is beyond the end; the last byte is at {size - 1:,} (0x{size - 1:X})."
        )
    return offset


def _since_start(text: str, bare: str) -> Moment:
    found = _TIME.fullmatch(bare)
    if found is None:
        raise InputError("offset", f"{text.strip()!r} is not a time. Write t=1.5s, t=20ms, or a time by the clock.")
    unit = _UNITS[found[3]]
    return Moment(int(found[1]) * unit + _fraction(found[2], unit))


def _clock(text: str, bare: str, started: int) -> Moment:
    """The first such moment that is not before the second in which the capture began."""
    found = _CLOCK.fullmatch(bare)
    hour, minute, second = (int(found[n] or 0) for n in (1, 2, 3)) if found else (99, 0, 0)
    if found is None or hour > 23 or minute > 59 or second > 59:
        raise InputError("offset", f"{text.strip()!r} is not a time of day. Write 14:03, 14:03:07 or 14:03:07.25.")
    local = time.localtime(started // SECOND)
    day = time.mktime((local.tm_year, local.tm_mon, local.tm_mday, hour, minute, second, 0, 0, -1))
    moment = int(day) * SECOND + _fraction(found[4], SECOND) - started
    if moment < -SECOND:
        moment += _DAY
    return Moment(max(0, moment))


def _fraction(digits: str | None, unit: int) -> int:
    return int((digits or "0").ljust(9, "0")) * unit // 1_000_000_000
