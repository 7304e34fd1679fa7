"""Program code that never answers: what `none` and `discard` have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.core.fields import Value
from explorer.programs.api import Action


class Silent:
    """Takes everything, says nothing, leaves the connection open."""

    def opened(self, peer: str) -> Sequence[Action]:
        return ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return ()

    def closed(self) -> None:
        return None


def make(values: Mapping[str, Value]) -> Silent:
    return Silent()
