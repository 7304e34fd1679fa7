"""A call that failed, in words: what was called, what the system said, what it means, what to try."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call as a value.

    call: e.g. ``bind(("127.0.0.1", 80))``; errno: its symbolic name, e.g. ``EACCES``.
    said: the system's own text; means, advice: one sentence each.
    """

    call: str
    errno: str
    said: str
    means: str
    advice: str

    @property
    def sentence(self) -> str:
        """What a row or a line beside the socket shows."""
        return f"{self.means} {self.advice}".strip()
