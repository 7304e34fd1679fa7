"""A world for programs in which nothing is left to chance."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from random import Random

from explorer.core.socket_spec import Transport
from explorer.programs.api import World

MOMENT = datetime(2026, 11, 21, 9, 30, 5, 250_000, tzinfo=timezone(timedelta(hours=1)))


def world(seed: int = 1, now: datetime = MOMENT, version: str = "3.11.2", transport: Transport = "tcp") -> World:
    return World(lambda: now, Random(seed), version, transport)
