"""How slowly a socket sends and receives, on purpose.

On loopback, one send mostly arrives as one recv, and a buffer never fills. These settings make visible what a real
network does anyway: they change which calls are made, and when; nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_SIZE = 1_048_576
MAX_PAUSE = 60_000


@dataclass(frozen=True, slots=True)
class Pace:
    """send_size: bytes that one send call is given, at most (0 … MAX_SIZE); 0: as many as the system takes. It cuts a
    stream (TCP); a datagram is never cut.
    send_random: each send call is given a number of bytes drawn at random from 1 to `send_size`.
    send_pause, receive_pause: milliseconds (0 … MAX_PAUSE) that pass after a send (sendto) or recv (recvfrom) call
    before the next one.
    """

    send_size: int = 0
    send_random: bool = False
    send_pause: int = 0
    receive_pause: int = 0


FULL_PACE = Pace()
