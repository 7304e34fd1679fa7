"""Work over a capture that is done in steps, by whoever has time for some: a frame, or the indexer's thread.

It is written as a generator that yields, after each step, how many units that step looked at, and returns what
was found.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Generic, TypeVar

T = TypeVar("T")

Work = Generator[int, None, T]


class Steps(Generic[T]):
    """Such work under way. One thread at a time advances it.

    over: whether it has come to its end, or failed. result: what was found; None before, and when it failed.
    """

    def __init__(self, work: Work[T]) -> None:
        self._work = work
        self.over = False
        self.result: T | None = None

    def advance(self, most: int = 1 << 62) -> bool:
        """Take steps until about `most` further units are looked at. Whether there are more. Raises what the work
        raises."""
        while most > 0 and not self.over:
            try:
                most -= next(self._work)
            except StopIteration as end:
                self.result, self.over = end.value, True
            except BaseException:
                self.over = True
                raise
        return not self.over


def finish(work: Work[T]) -> T:
    """All of it at once."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            found: T = end.value
            return found
