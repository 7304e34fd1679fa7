"""What answers on one socket: its program's setup, from which each connection gets a program of its own."""

from __future__ import annotations

import platform
from datetime import datetime
from random import Random

from explorer.core.socket_spec import Choice, Transport
from explorer.programs.api import Program, World
from explorer.programs.registry import find_kind, prepare


def _now() -> datetime:
    return datetime.now().astimezone()


class Service:
    """Raises InputError when the program's settings are not valid. kind: its description."""

    __slots__ = ("_setup", "choice", "kind", "world")

    def __init__(self, choice: Choice, transport: Transport = "tcp") -> None:
        self.choice = choice
        self.kind = find_kind(choice.kind)
        self.world = World(_now, Random(), platform.python_version(), transport)
        self._setup = prepare(choice)

    def program(self) -> Program:
        """A new one, for one connection."""
        return self._setup(self.world)
