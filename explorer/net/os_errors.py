"""The one place where an OSError becomes a `Failure`: the call, what the system said, what it means, what to try.

The table is data. A row is looked up by call and error name, then by error name alone; an error
that has no row still gives an honest sentence. Meanings follow the manual pages of the calls
(POSIX.1-2017, ip(7), tcp(7), udp(7), getaddrinfo(3)).
"""

from __future__ import annotations

import errno
import os
import socket
import sys

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure

# (call, error name) → (what it means, what to try). "" as call serves every call.
# {where} is the address, {host} and {port} its parts.
MEANINGS: dict[tuple[str, str], tuple[str, str]] = {
    ("bind", "EACCES"): (
        "You may not use port {port}: on this system, low ports (usually those below 1024) are for the administrator.",
        "Choose a port from 1024 to 65535, or run the program with the rights it needs.",
    ),
    ("bind", "EADDRINUSE"): (
        "Port {port} is already in use.",
        "Stop what uses it, or choose another port.",
    ),
    ("bind", "EADDRNOTAVAIL"): (
        "{host} is not an address of this machine, so nothing can listen there.",
        "Use 127.0.0.1, ::1, 0.0.0.0, or an address that this machine has.",
    ),
    ("bind", "EINVAL"): (
        "The system does not accept {where} for this socket.",
        "A link-local address needs its interface, e.g. fe80::1%eth0; otherwise try 127.0.0.1.",
    ),
    ("listen", "EADDRINUSE"): (
        "Another socket listens on port {port} already.",
        "Stop it, or choose another port.",
    ),
    ("connect", "ECONNREFUSED"): (
        "Nothing listens on {where}: the machine answered and refused.",
        "Start the server first, or check host and port.",
    ),
    ("connect", "ETIMEDOUT"): (
        "{where} did not answer in time.",
        "Check that the host is up, and that no firewall drops the packets on the way; then try again.",
    ),
    ("connect", "EADDRINUSE"): (
        "The local address for this connection is in use, perhaps by an earlier connection to the same peer.",
        "Choose another local port, or wait a minute until the system has given it back.",
    ),
    ("connect", "EADDRNOTAVAIL"): (
        "There is no local address or no free port from which {where} can be reached.",
        "Check host and port; if very many connections were made, wait until their ports are free again.",
    ),
    ("connect", "EINVAL"): (
        "The system does not accept {where} as an address to connect to.",
        "A link-local address needs its interface, e.g. fe80::1%eth0.",
    ),
    ("connect", "EACCES"): (
        "The system does not allow connecting to {where}: it is a broadcast address, or a firewall rule forbids it.",
        "Switch on the option broadcast if a UDP broadcast is wanted; otherwise use another address.",
    ),
    ("connect", "EPERM"): (
        "A firewall rule of this machine forbids the connection to {where}.",
        "Change the rule, or use another address.",
    ),
    ("sendto", "EACCES"): (
        "{where} is a broadcast address, and this socket may not broadcast.",
        "Switch on the option broadcast, then start the socket again.",
    ),
    ("send", "EPIPE"): (
        "The connection is over for sending: the peer has gone.",
        "Connect again to go on.",
    ),
    ("send", "ECONNREFUSED"): (
        "Nothing listens on {where}: an earlier datagram was refused there.",
        "Start the receiver first, or check host and port.",
    ),
    ("recv", "ECONNREFUSED"): (
        "Nothing listens on {where}: a datagram sent there was refused.",
        "Start the receiver first, or check host and port.",
    ),
    ("recv", "ETIMEDOUT"): (
        "The peer did not answer for so long that the system gave the connection up.",
        "Check the network and the peer, then connect again.",
    ),
    ("accept", "EMFILE"): (
        "This program has as many files and connections open as the system allows it.",
        "Close some connections, or raise the limit (ulimit -n) and start again; waiting clients stay in the queue.",
    ),
    ("accept", "ENFILE"): (
        "The whole system has as many files open as it allows.",
        "Close other programs or some connections; waiting clients stay in the queue.",
    ),
    ("accept", "ETIMEDOUT"): (
        "No client came in the time that was given for it (accept timeout).",
        "Nothing is wrong: the server goes on waiting. Connect a client, or choose a longer accept timeout.",
    ),
    ("accept", "ECONNABORTED"): (
        "A client gave up before its connection was accepted.",
        "Nothing needs to be done.",
    ),
    ("setsockopt", "EPERM"): (
        "Your user account may not set this option.",
        "Leave the option out, or run the program with the rights it needs.",
    ),
    ("setsockopt", "EINVAL"): (
        "The system does not accept this value for the option.",
        "Give another value, or leave the option out.",
    ),
    ("setsockopt", "ENOPROTOOPT"): (
        "The system does not know this option for this kind of socket.",
        "Leave the option out.",
    ),
    ("", "EACCES"): ("The system does not allow it.", "Use another address or port, or run with the rights it needs."),
    ("", "EPERM"): ("The system or its firewall does not allow it.", "Check the firewall of this machine."),
    ("", "EADDRINUSE"): ("The address {where} is in use.", "Choose another port."),
    ("", "EADDRNOTAVAIL"): ("The address {where} cannot be used on this machine.", "Choose another address."),
    ("", "EAFNOSUPPORT"): (
        "This system does not support this kind of address.",
        "If it is an IPv6 address, IPv6 is switched off here; use an IPv4 address.",
    ),
    ("", "ECONNABORTED"): ("This machine gave the connection up.", "Connect again."),
    ("", "ECONNREFUSED"): ("{where} refused.", "Check that the peer runs, and that host and port are right."),
    ("", "ECONNRESET"): (
        "The peer reset the connection: it ended at once, and what was on its way may be lost.",
        "Look in the peer's own log for the reason, then connect again.",
    ),
    ("", "EHOSTDOWN"): ("The host {host} is down.", "Check that it is switched on and connected."),
    ("", "EHOSTUNREACH"): (
        "There is no way to the host {host} from here.",
        "Check the address, and that the host is up and on a network that this machine can reach.",
    ),
    ("", "EINVAL"): ("The system does not accept {where}.", "Check host, port and options."),
    ("", "EMFILE"): (
        "This program has as many files and connections open as the system allows it.",
        "Close some sockets, or raise the limit (ulimit -n) and start again.",
    ),
    ("", "EMSGSIZE"): (
        "The datagram is too long to be sent.",
        "UDP carries at most 65,507 bytes over IPv4 and 65,527 over IPv6 (on macOS 9,216 by default): send less.",
    ),
    ("", "ENETDOWN"): ("The network interface is down.", "Switch it on, or use another address."),
    ("", "ENETRESET"): ("The network dropped the connection.", "Connect again."),
    ("", "ENETUNREACH"): (
        "There is no network from here on which {host} could be reached.",
        "Check the address and this machine's network connection.",
    ),
    ("", "ENFILE"): ("The whole system has as many files open as it allows.", "Close other programs."),
    ("", "ENOBUFS"): ("The system has no buffer space left for this.", "Wait a moment, or close some sockets."),
    ("", "ENODEV"): ("There is no such network interface.", "Check the part of the address after the % sign."),
    ("", "ENOMEM"): ("The system has no memory left for this.", "Close some sockets or other programs."),
    ("", "ENOTCONN"): ("The socket is not connected any more.", "Connect again."),
    ("", "EPIPE"): ("The connection is over for sending: the peer has gone.", "Connect again to go on."),
    ("", "EPROTONOSUPPORT"): ("This system does not support this kind of socket.", "Use another transport."),
    ("", "ETIMEDOUT"): ("{where} did not answer in time.", "Check that the host is up and reachable, then try again."),
    ("", "EAI_NONAME"): (
        "The name {host} does not exist, as far as this machine's name service can tell.",
        "Check the spelling, or use the address itself.",
    ),
    ("", "EAI_NODATA"): (
        "The name {host} exists but has no address of the kind needed.",
        "Check the name, or use the address itself.",
    ),
    ("", "EAI_ADDRFAMILY"): (
        "The name {host} has no address of the kind needed.",
        "Use another name, or the address itself.",
    ),
    ("", "EAI_AGAIN"): (
        "The name service did not answer, so the address of {host} is not known at the moment.",
        "Check this machine's network connection and try again, or use the address itself.",
    ),
    ("", "EAI_FAIL"): (
        "The name service failed on {host}, and asking again is not likely to help.",
        "Check the spelling, or use the address itself.",
    ),
    ("", "EAI_FAMILY"): ("This system does not support this kind of address.", "Use an address of another kind."),
    ("", "EAI_MEMORY"): ("The system has no memory left for looking the name up.", "Close other programs."),
    ("", "EAI_OVERFLOW"): ("The name {host} is too long.", "Check the spelling."),
    ("", "EAI_SERVICE"): ("The port is not one that this kind of socket can use.", "Give a port from 0 to 65535."),
    ("", "EAI_SYSTEM"): ("The system failed while it looked {host} up.", "Try again, or use the address itself."),
}

_LOOKUP_NAMES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}


class OwnLimit(OSError):
    """A limit of this program, told as if the system had: number and text, and what they mean and what to try."""

    def __init__(self, number: int, said: str, means: str, advice: str) -> None:
        super().__init__(number, said)
        self.meaning = (means, advice)


def error_name(error: OSError) -> str:
    """The symbolic name, the same on every system: ``ECONNREFUSED``, ``EAI_NONAME``, or ``errno 999``."""
    number = error.errno
    if number is None:
        return ""
    if isinstance(error, socket.gaierror):
        return _LOOKUP_NAMES.get(number, f"getaddrinfo error {number}")
    return errno.errorcode.get(number, f"errno {number}").removeprefix("WSA")


def said(error: OSError) -> str:
    """The system's own text."""
    if error.strerror:
        return error.strerror
    return os.strerror(error.errno) if error.errno is not None else str(error)


def error_of(number: int) -> OSError:
    """The exception for an error number that came as a number (SO_ERROR), with the system's own text."""
    if sys.platform == "win32":
        import ctypes

        return OSError(number, ctypes.FormatError(number))  # strerror knows no socket errors there
    return OSError(number, os.strerror(number))


def record_number(error: OSError) -> int:
    """The number for a record in the capture, which has no sign: getaddrinfo's codes lose theirs."""
    return abs(error.errno or 0) & 0xFFFF


def call_text(call: str, where: Endpoint | None = None) -> str:
    """E.g. ``bind(("127.0.0.1", 80))``."""
    if where is None:
        return f"{call}()"
    if call == "getaddrinfo":
        return f'getaddrinfo("{where.host}", {where.port})'
    return f'{call}(("{where.host}", {where.port}))'


def explain(error: OSError, call: str, where: Endpoint | None = None, text: str = "") -> Failure:
    """`error` from `call`, about the address `where`. text: the call as it is shown, if not made from these."""
    name = error_name(error)
    if isinstance(error, OwnLimit):
        return Failure(text or call_text(call, where), name, said(error), *error.meaning)
    found = MEANINGS.get((call, name)) or MEANINGS.get(("", name))
    if found is None:
        found = (
            f"{call} failed, and the system said: {said(error)}.",
            f"This program knows no more about {name}; the manual page of {call} may.",
        )
    host, port, address = (where.host or "all addresses", where.port, str(where)) if where else ("it", 0, "the peer")
    means, advice = (part.format(host=host, port=port, where=address) for part in found)
    return Failure(text or call_text(call, where), name, said(error), means, advice)


def bug(error: BaseException, doing: str) -> Failure:
    """An exception that should not have happened: ours, and said so."""
    return Failure(
        doing,
        "",
        f"{type(error).__name__}: {error}",
        f"A fault inside Socket Explorer ended this ({type(error).__name__}: {error}).",
        "Please report it with the program's log; the other sockets go on.",
    )
