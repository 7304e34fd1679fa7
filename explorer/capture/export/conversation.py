"""A TCP connection as packets, made up from what its socket calls tell.

The bytes, their order, their direction and their times are real. Where packets began and ended on the
wire, and the packets that carry no data (SYN, ACK, FIN, RST), nobody saw; they are added so that
programs that read packets find a conversation.
"""

from __future__ import annotations

from explorer.capture.export.packets import ACK, FIN, PSH, RST, SYN, Addresses, tcp_packet


class TcpConversation:
    """One connection. `way` goes from the local to the remote end. Each method gives the packets it takes.

    first: the first sequence number; different ones let a reader tell two connections with equal ports apart.
    """

    def __init__(self, way: Addresses, accepted: bool, first: int) -> None:
        self._way = {False: way, True: way.back()}  # by "from the remote end"
        self._accepted = accepted
        self._next = {False: first & 0xFFFF_FFFF, True: (first + 0x4000_0000) & 0xFFFF_FFFF}
        self._finished = {False: False, True: False}
        self._open = False

    def open(self) -> list[bytes]:
        """SYN, SYN-ACK and ACK; nothing when it is open already."""
        if self._open:
            return []
        self._open = True
        client = self._accepted  # whether the client is the remote end
        syn = self._packet(client, SYN)
        self._next[client] += 1
        answer = self._packet(not client, SYN | ACK)
        self._next[not client] += 1
        return [syn, answer, self._packet(client, ACK)]

    def data(self, remote: bool, payload: bytes) -> list[bytes]:
        """`payload` in segments, and the other end's acknowledgement."""
        packets = self.open()
        size = self._way[remote].mss
        for begin in range(0, len(payload), size):
            part = payload[begin : begin + size]
            last = begin + size >= len(payload)
            packets.append(self._packet(remote, PSH | ACK if last else ACK, part))
            self._next[remote] += len(part)
        packets.append(self._packet(not remote, ACK))
        return packets

    def finish(self, remote: bool) -> list[bytes]:
        """FIN from one end, once, and the other's acknowledgement."""
        if self._finished[remote]:
            return []
        packets = self.open()
        self._finished[remote] = True
        packets.append(self._packet(remote, FIN | ACK))
        self._next[remote] += 1
        packets.append(self._packet(not remote, ACK))
        return packets

    def reset(self, remote: bool) -> list[bytes]:
        """RST from one end."""
        packets = self.open()
        self._finished = {False: True, True: True}
        return [*packets, self._packet(remote, RST | ACK)]

    def _packet(self, remote: bool, flags: int, payload: bytes = b"") -> bytes:
        acknowledged = self._next[not remote] if flags & ACK else 0
        return tcp_packet(self._way[remote], self._next[remote], acknowledged, flags, payload)
