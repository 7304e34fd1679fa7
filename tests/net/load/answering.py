"""Servers for a load: plain sockets on a thread, each with its own idea of how to treat a client."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading
from collections.abc import Callable

RESET = struct.pack("ii", 1, 0)
Reply = Callable[[bytes], bytes | None]  # what goes back; None: the connection is reset


class Server:
    """Waits on all its clients at once. ends: how each connection ended for it, "eof" or "reset"."""

    def __init__(self, reply: Reply, transport: str = "tcp", close_after: int = 0) -> None:
        self.reply = reply
        self.close_after = close_after  # messages; 0: it never closes by itself
        self.ends: list[str] = []
        self.counts: dict[socket.socket, int] = {}
        self.most = 0
        self.datagrams = transport == "udp"
        if self.datagrams:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.sock.bind(("127.0.0.1", 0))
        else:
            self.sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self.sock.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.sock, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._over = False
        self._thread = threading.Thread(target=self._run, name="a server for a load")

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._wake.send(b"\0")
        self._thread.join(10)
        for sock in (*self.counts, self.sock, self._wake, self._woken):
            sock.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._over:
            for key, _ in self._selector.select():
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                if sock is self.sock:
                    self._datagram() if self.datagrams else self._accept()
                elif sock is not self._woken:
                    self._serve(sock)

    def _accept(self) -> None:
        peer, _ = self.sock.accept()
        peer.settimeout(10)
        self.counts[peer] = 0
        self.most = max(self.most, len(self.counts))
        self._selector.register(peer, selectors.EVENT_READ)

    def _datagram(self) -> None:
        data, peer = self.sock.recvfrom(65_536)
        answer = self.reply(data)
        if answer is not None:
            self.sock.sendto(answer, peer)

    def _serve(self, peer: socket.socket) -> None:
        try:
            data = peer.recv(65_536)
        except OSError:
            self._drop(peer, "reset")
            return
        if not data:
            self._drop(peer, "eof")
            return
        self.counts[peer] += 1
        answer = self.reply(data)
        if answer is None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._drop(peer, "by us")
            return
        with contextlib.suppress(OSError):
            peer.sendall(answer)
        if self.close_after and self.counts[peer] >= self.close_after:
            self._drop(peer, "by us")

    def _drop(self, peer: socket.socket, how: str) -> None:
        self._selector.unregister(peer)
        del self.counts[peer]
        self.ends.append(how)
        peer.close()


def echo(data: bytes) -> bytes:
    return data


def silent(data: bytes) -> bytes:
    return b""
