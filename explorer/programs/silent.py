"""Program code that never answers: what `none` and `discard` have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.core.fields import Value
from explorer.programs.api import Action, Setup, World


class Silent:
    """Takes everything, says nothing, leaves the connection open."""

    def opened(self, peer: str) -> Sequence[Action]:
        return ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return ()

    def closed(self) -> Sequence[Action]:
        return ()


def make(values: Mapping[str, Value]) -> Setup:
    return _begin


def _begin(world: World) -> Silent:
    return Silent()
