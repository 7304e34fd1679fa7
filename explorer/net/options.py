"""The options of a socket: one table says how each is set and how it is read back.

All are set right after socket(2), before bind: receive and send buffers decide the TCP window at
connect or listen, and what a listener has is passed on to the connections it accepts (Linux, BSD
and Windows agree on that). An option that was not given is left alone, with one exception: a TCP
server gets SO_REUSEADDR on POSIX, so that it can start again while old connections linger in
TIME_WAIT, and SO_EXCLUSIVEADDRUSE on Windows, where SO_REUSEADDR would let another program take
the port as well.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass

from explorer.core.calls import CallKind
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.net.call_log import CallLog, clock
from explorer.net.os_errors import error_of, explain

LARGEST = 1 << 31  # beyond a C int
NOT_HERE = "not available on this system"
LINGER = struct.Struct("hh" if sys.platform == "win32" else "ii")
_NUMBERS = {"SO_LINGER_SEC": 0x1080}  # macOS's sys/socket.h; Python's socket module does not name it
_TCP_INFO = 11  # Linux: getsockopt(IPPROTO_TCP, TCP_INFO)
_SACKED_AT = 28  # tcpi_sacked, which on a listener is its backlog


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    name: its field in SocketOptions. level, constant: their names in C.
    only: "tcp", "udp", "ipv6", or "" for every socket.
    encode: the value as setsockopt takes it; decode: what getsockopt gave, in words.
    size: bytes to ask getsockopt for; 0 for a plain number.
    """

    name: str
    level: str
    constant: str
    only: str
    encode: Callable[[int], int | bytes]
    decode: Callable[[int | bytes], str]
    size: int = 0

    @property
    def number(self) -> int | None:
        """The constant's value; None when this system has no such option."""
        found: int | None = getattr(socket, self.constant, _NUMBERS.get(self.constant))
        return found


def linger_constant(platform: str) -> str:
    """The option that counts in seconds: on macOS, SO_LINGER counts ticks of the clock (setsockopt(2) there)."""
    return "SO_LINGER_SEC" if platform == "darwin" else "SO_LINGER"


def _number(value: int | bytes) -> str:
    return str(value)


def _switch(value: int | bytes) -> str:
    return "on" if value else "off"


def _pack_linger(seconds: int) -> bytes:
    try:
        return LINGER.pack(1, seconds)
    except struct.error:
        raise error_of(errno.EINVAL) from None


def _linger(value: int | bytes) -> str:
    on, seconds = LINGER.unpack(bytes(value)[: LINGER.size]) if isinstance(value, bytes) else (value, 0)
    return f"on, {seconds} s" if on else "off"


OPTIONS = (
    Option("reuse_address", "SOL_SOCKET", "SO_REUSEADDR", "", int, _switch),
    Option("reuse_port", "SOL_SOCKET", "SO_REUSEPORT", "", int, _switch),
    Option("ipv6_only", "IPPROTO_IPV6", "IPV6_V6ONLY", "ipv6", int, _switch),
    Option("receive_buffer", "SOL_SOCKET", "SO_RCVBUF", "", int, _number),
    Option("send_buffer", "SOL_SOCKET", "SO_SNDBUF", "", int, _number),
    Option("no_delay", "IPPROTO_TCP", "TCP_NODELAY", "tcp", int, _switch),
    Option("keep_alive", "SOL_SOCKET", "SO_KEEPALIVE", "tcp", int, _switch),
    Option("linger", "SOL_SOCKET", linger_constant(sys.platform), "tcp", _pack_linger, _linger, LINGER.size),
    Option("broadcast", "SOL_SOCKET", "SO_BROADCAST", "udp", int, _switch),
)
EXCLUSIVE = Option("exclusive_address", "SOL_SOCKET", "SO_EXCLUSIVEADDRUSE", "", int, _switch)
BY_NAME = {option.name: option for option in OPTIONS}

Applied = tuple[str, str, str]  # (name, asked, got)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An option that the system refused. record: of the call."""

    failure: Failure
    record: int


def asked_of(spec: SocketSpec) -> list[tuple[Option, bool | int]]:
    """Which options to set, with their values, in the order of the table."""
    wanted: list[tuple[Option, bool | int]] = []
    for option in OPTIONS:
        value = getattr(spec.options, option.name)
        if value is not None:
            wanted.append((option, value))
        elif option.name == "reuse_address" and spec.transport == "tcp" and spec.role == "server":
            wanted.append((EXCLUSIVE if sys.platform == "win32" else option, True))
    return wanted


def apply(sock: socket.socket, spec: SocketSpec, log: CallLog) -> tuple[list[Applied], list[Trouble]]:
    """Set what the spec asks for, each with its record, and read each back."""
    applied: list[Applied] = []
    troubles: list[Trouble] = []
    for option, value in asked_of(spec):
        asked = _in_words(option, value)
        unusable = _unusable(option, sock, spec)
        if unusable:
            applied.append((option.name, asked, unusable))
            continue
        got, trouble = _set(sock, option, value, asked, log)
        applied.append((option.name, asked, got))
        if trouble is not None:
            troubles.append(trouble)
    return applied, troubles


def _set(
    sock: socket.socket, option: Option, value: bool | int, asked: str, log: CallLog
) -> tuple[str, Trouble | None]:
    level, constant = getattr(socket, option.level), option.number or 0
    detail = {"level": option.level, "option": option.constant, "asked": asked}
    started = clock()
    try:
        if not -LARGEST <= value < LARGEST:
            raise error_of(errno.EINVAL)
        sock.setsockopt(level, constant, option.encode(value))
    except OSError as error:
        record = log.write(CallKind.setsockopt, {**detail, "got": "refused"}, error=error, started=started)
        failure = explain(error, "setsockopt", text=f"setsockopt({option.level}, {option.constant}, {asked})")
        return "refused", Trouble(failure, record)
    got = read_back(sock, option)
    log.write(CallKind.setsockopt, {**detail, "got": got}, started=started)
    return got, None


def read_back(sock: socket.socket, option: Option) -> str:
    """What the option is now, in words."""
    level, constant = getattr(socket, option.level), option.number or 0
    try:
        if option.size:
            return option.decode(sock.getsockopt(level, constant, option.size))
        return option.decode(sock.getsockopt(level, constant))
    except OSError as error:
        return f"could not be read back ({error.strerror})"


def _unusable(option: Option, sock: socket.socket, spec: SocketSpec) -> str:
    """Why an option cannot be set on this socket; "" when it can."""
    if option.only in ("tcp", "udp") and option.only != spec.transport:
        return f"not set: only for {option.only.upper()}"
    if option.only == "ipv6" and sock.family != socket.AF_INET6:
        return "not set: only for IPv6"
    if option.number is None:
        return NOT_HERE
    return ""


def _in_words(option: Option, value: bool | int) -> str:
    if option.name == "linger":
        return f"on, {value} s"
    return _switch(value) if isinstance(value, bool) else str(value)


def set_reset_on_close(sock: socket.socket, connection: int, log: CallLog) -> None:
    """SO_LINGER 0: close(2) will send a reset (tcp(7))."""
    started = clock()
    detail = {"level": "SOL_SOCKET", "option": "SO_LINGER", "asked": "on, 0 s"}
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER.pack(1, 0))
    except OSError as error:
        log.write(
            CallKind.setsockopt, {**detail, "got": "refused"}, connection=connection, error=error, started=started
        )
        return
    got = read_back(sock, BY_NAME["linger"])
    log.write(CallKind.setsockopt, {**detail, "got": got}, connection=connection, started=started)


def read_backlog(listener: socket.socket) -> str:
    """The backlog that the system granted to a listener, where it tells."""
    if sys.platform != "linux":
        return NOT_HERE
    try:
        info = listener.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 512)
        return str(struct.unpack_from("@I", info, _SACKED_AT)[0])
    except (OSError, struct.error):
        return NOT_HERE
