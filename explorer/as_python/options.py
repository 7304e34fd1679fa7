"""The options of a socket as lines of a script, set between socket(2) and bind(2) as the app does."""

from __future__ import annotations

from explorer.core.socket_spec import SocketSpec

_LINES = (
    ("reuse_port", "", "SOL_SOCKET, socket.SO_REUSEPORT", "several sockets share the port"),
    ("ipv6_only", "ipv6", "IPPROTO_IPV6, socket.IPV6_V6ONLY", "whether IPv4 is left out"),
    ("receive_buffer", "", "SOL_SOCKET, socket.SO_RCVBUF", "bytes; the system may give more"),
    ("send_buffer", "", "SOL_SOCKET, socket.SO_SNDBUF", "bytes; the system may give more"),
    ("no_delay", "tcp", "IPPROTO_TCP, socket.TCP_NODELAY", "send small pieces at once (no Nagle)"),
    ("keep_alive", "tcp", "SOL_SOCKET, socket.SO_KEEPALIVE", "the system asks a silent peer whether it is there"),
    ("broadcast", "udp", "SOL_SOCKET, socket.SO_BROADCAST", "allow datagrams to everybody"),
)


def option_lines(spec: SocketSpec, family: str) -> str:
    """Lines that set what the spec asks for; "" where nothing is to be set. family: as the script names it."""
    options = spec.options
    lines: list[str] = []
    if options.reuse_address is not None:
        lines.append(_set("SOL_SOCKET, socket.SO_REUSEADDR", str(int(options.reuse_address)), "share the address"))
    elif spec.transport == "tcp" and spec.role == "server":
        lines.append('if sys.platform != "win32":  # there it would let another program take the port as well')
        lines.append("    " + _set("SOL_SOCKET, socket.SO_REUSEADDR", "1", "start again at once (TIME_WAIT)"))
    for name, only, which, note in _LINES:
        value = getattr(options, name)
        if value is None or (only in ("tcp", "udp") and only != spec.transport):
            continue
        line = _set(which, str(int(value)), note)
        if only != "ipv6" or family == "socket.AF_INET6":
            lines.append(line)
        elif family == "family":
            lines += ["if family == socket.AF_INET6:", f"    {line}"]
    if options.linger is not None and spec.transport == "tcp":
        lines.append("# Seconds that close may wait until everything is sent; 0: it does not wait, and sends a reset.")
        lines.append(f'linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, {options.linger})')
        lines.append("sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)")
    return "\n".join(lines)


def _set(which: str, value: str, note: str) -> str:
    return f"sock.setsockopt(socket.{which}, {value})  # {note}"
