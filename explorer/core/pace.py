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

    One exception: when a program closes a TCP connection, what lies unread by then is received without pauses, since
    it would otherwise make the system answer with a reset.

    Of TCP, each connection of a socket has this pace of its own. A UDP socket makes all calls itself, so its peers
    share one.
    """

    send_size: int = 0
    send_random: bool = False
    send_pause: int = 0
    receive_pause: int = 0

    @property
    def slows_sending(self) -> bool:
        """Whether what is sent may have to wait for this socket itself, and not for the peer or the system."""
        return self.send_pause > 0


FULL_PACE = Pace()


def describe(pace: Pace) -> str:
    """What the pace does, as a sentence."""
    parts: list[str] = []
    if pace.send_size and pace.send_random:
        parts.append(f"each send is given 1 to {_bytes(pace.send_size)}, at random")
    elif pace.send_size:
        parts.append(f"each send is given at most {_bytes(pace.send_size)}")
    if pace.send_pause:
        parts.append(f"{pace.send_pause:,} ms pass after each send")
    if pace.receive_pause:
        parts.append(f"{pace.receive_pause:,} ms pass after each receive")
    text = ", ".join(parts) or "calls are made as soon as they can be"
    return f"{text[0].upper()}{text[1:]}."


def _bytes(size: int) -> str:
    return "1 byte" if size == 1 else f"{size:,} bytes"
