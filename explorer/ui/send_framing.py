"""The framing that messages are wrapped in: that of the socket."""

from __future__ import annotations

from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Framer
from explorer.wire.framing.registry import find_kind, make_framer


class SendFraming:
    """choice: the socket's; framer: wraps messages so."""

    def __init__(self) -> None:
        self.choice = Choice("raw")
        self.framer: Framer = make_framer(self.choice)

    def take(self, choice: Choice) -> None:
        """Use another from now on."""
        if choice != self.choice:
            self.choice = choice
            self.framer = make_framer(choice)

    @property
    def label(self) -> str:
        return find_kind(self.choice.kind).label

    @property
    def summary(self) -> str:
        """What it does, as a sentence."""
        return find_kind(self.choice.kind).summary
