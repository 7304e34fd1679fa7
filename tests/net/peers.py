"""The other side of a conversation: plain sockets of Python's own, which share no code with the engine."""

from __future__ import annotations

import socket
import struct

PATIENCE = 15.0


def connect(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), timeout=PATIENCE)


def listener(host: str = "127.0.0.1", backlog: int = 16) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, 0), family=family, backlog=backlog)
    made.settimeout(PATIENCE)
    return made


def accept(listening: socket.socket) -> socket.socket:
    peer, _ = listening.accept()
    peer.settimeout(PATIENCE)
    return peer


def udp(host: str = "127.0.0.1") -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(PATIENCE)
    made.bind((host, 0))
    return made


def port_of(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


def unused_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return port_of(probe)


def read(peer: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end of the stream."""
    got = bytearray()
    while len(got) < size and (part := peer.recv(min(1 << 16, size - len(got)))):
        got += part
    return bytes(got)


def read_all(peer: socket.socket) -> bytes:
    got = bytearray()
    while part := peer.recv(1 << 16):
        got += part
    return bytes(got)


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
