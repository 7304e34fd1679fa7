"""Messages that are made anew for every sending, and what is known at the moment of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Filling:
    """What the fields of a message are filled from: the same filling gives the same bytes.

    counter: how many messages went before it, from 0.
    now_ns: the time of day, in nanoseconds since 1970-01-01 UTC (`time.time_ns`).
    seed: any number; bytes that should be random follow from it.
    """

    counter: int
    now_ns: int
    seed: int


class Fillable(Protocol):
    """A message with fields (`explorer.wire.templates.Template`)."""

    def fill(self, filling: Filling) -> bytes:
        """The bytes of one sending. Raises ShownError when a value does not fit its field."""
