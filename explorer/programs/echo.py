"""Program `echo`: sends every message back as it came (RFC 862)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.core.fields import Value
from explorer.programs.api import Action, Line, ProgramKind, Send, Setup, World


class Echo:
    """Every message goes back as it was found, an empty one too."""

    def opened(self, peer: str) -> Sequence[Action]:
        return ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return (Send(payload, as_found=True),)

    def closed(self) -> Sequence[Action]:
        return ()


def make(values: Mapping[str, Value]) -> Setup:
    return _begin


def _begin(world: World) -> Echo:
    return Echo()


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    return (
        Line("peer", "Hello"),
        Line("us", "Hello"),
        Line("peer", "Is there an echo?"),
        Line("us", "Is there an echo?"),
    )


KIND = ProgramKind("echo", (), make, answers=True, wants_messages=True, picture=picture)
