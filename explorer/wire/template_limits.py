"""How much a message with fields may be: it is filled on the thread that serves all sockets.

Told when the template is read, at the field that is too much. Digits whose number is not known beforehand are
counted as none: there are few bytes of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.wire.placed_error import PlacedError
from explorer.wire.template_fields import ChecksumField, Fixed, LengthField, Part

MOST_BYTES = 1 << 20  # of a message with fields
MOST_FIELDS = 4096
MOST_SUMMED = 4 << 20  # bytes, over all checksums: the slowest takes about 25 ms for so many


def check_limits(parts: Sequence[Part]) -> None:
    """Raise PlacedError at the first field that makes the message too large or too slow to fill. A message without
    fields may have any size."""
    fields = [part for part in parts if not isinstance(part, Fixed)]
    if len(fields) > MOST_FIELDS:
        raise PlacedError(
            fields[MOST_FIELDS].position,
            f"There are {MOST_FIELDS:,} fields before this one; a message has no more. Make several messages of it.",
        )
    if fields:
        _check_bytes(parts, fields[0].position)
        _check_sums(parts)
    for part in fields:
        if isinstance(part, LengthField) and part.of == "all" and part.fixed_size is None:
            raise PlacedError(
                part.position, "This length counts itself, so its number of digits must be known: add width=4, say."
            )


def _check_bytes(parts: Sequence[Part], position: int) -> None:
    """position: of the first field; a mistake between two fields is told at the one before."""
    total = 0
    for part in parts:
        if not isinstance(part, Fixed):
            position = part.position
        total += part.fixed_size or 0
        if total > MOST_BYTES:
            raise PlacedError(
                position,
                f"The message gets more than {MOST_BYTES:,} bytes here, which is the most with fields in it. "
                "Make it shorter, or send a file.",
            )


def _check_sums(parts: Sequence[Part]) -> None:
    size = sum(part.fixed_size or 0 for part in parts)
    summed = at = 0
    for part in parts:
        if isinstance(part, ChecksumField):
            summed += part.summed(at, size)
            if summed > MOST_SUMMED:
                raise PlacedError(
                    part.position,
                    f"Up to this checksum, more than {MOST_SUMMED:,} bytes in all are to be summed up for each "
                    "message, which takes too long. Use fewer checksums, or from= and to= for fewer bytes.",
                )
        at += part.fixed_size or 0
