"""Program `echo`: sends every message back as it came (RFC 862)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.core.fields import Value
from explorer.programs.api import Action, ProgramKind, Send


class Echo:
    """Every message goes back as it was found, an empty one too."""

    def opened(self, peer: str) -> Sequence[Action]:
        return ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return (Send(payload, as_found=True),)

    def closed(self) -> None:
        return None


def make(values: Mapping[str, Value]) -> Echo:
    return Echo()


KIND = ProgramKind(
    "echo", "Echo", "Sends every message back as it came (RFC 862).", (), make, answers=True, wants_messages=True
)
