"""Bytes as a moment: seconds or milliseconds since 1970-01-01 00:00 UTC, without leap seconds (POSIX)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from explorer.wire.inspector.api import Kind, Look, Order, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -62_135_596_800  # 0001-01-01T00:00:00Z, in seconds
_BEHIND = 253_402_300_800  # 10000-01-01T00:00:00Z


def moment(name: str, title: str, size: int, per_second: int, local: bool) -> Kind:
    """A signed count of seconds (per_second 1) or milliseconds (1000), as UTC or as local time."""

    def read(data: bytes, order: Order, look: Look) -> Value:
        count = int.from_bytes(data[:size], order, signed=True)
        if count < _FIRST * per_second:
            return Value(problem="before year 1")
        if count >= _BEHIND * per_second:
            return Value(problem="after year 9999")
        unit = timedelta(seconds=1) if per_second == 1 else timedelta(milliseconds=1)
        when = _EPOCH + count * unit
        exact = "seconds" if per_second == 1 else "milliseconds"
        if not local:
            return Value(when.replace(tzinfo=None).isoformat(" ", exact) + "Z", size)
        here = _at(when, look.zone)
        if here is None:
            return Value(problem="not in this system's local time")
        return Value(here.isoformat(" ", exact), size)

    return Kind(name, title, size, read)


def _at(when: datetime, zone: tzinfo | None) -> datetime | None:
    """The same moment in a zone (None: the machine's), if that can be said."""
    try:
        return when.astimezone(zone)
    except (OverflowError, OSError, ValueError):  # at the ends of the years; before 1970 on Windows
        return None
