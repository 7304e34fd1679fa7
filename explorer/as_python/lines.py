"""Which line of a script makes a call: so that a call that is selected is seen in the script, too."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from explorer.core.calls import CallKind

_NAMES: Mapping[CallKind, Sequence[str]] = {
    CallKind.socket: ("socket.socket", "asyncio.open_connection"),
    CallKind.getaddrinfo: ("socket.getaddrinfo",),
    CallKind.setsockopt: ("setsockopt",),
    CallKind.bind: ("bind",),
    CallKind.listen: ("listen", "asyncio.start_server"),
    CallKind.connect: ("sock.connect", "sock_connect"),
    CallKind.accept: ("accept", "asyncio.start_server"),
    CallKind.recv: ("recv", "reader.read"),
    CallKind.recvfrom: ("recvfrom", "sock.recv", "def datagram_received"),
    CallKind.send: ("sendall", "sock.send", "writer.write"),
    CallKind.sendto: ("sendto", "sock.send"),
    CallKind.shutdown: ("shutdown", "write_eof"),
    CallKind.close: (
        "connection.close", "self.sock.close", "writer.close", "transport.close", "with connection", "with sock",
    ),
    CallKind.peer: ("recvfrom", "def datagram_received"),
}  # fmt: skip
"""What a call is in a script, in the order in which it is looked for: the end of a dotted name, or what a line begins
with. An asyncio script leaves some calls to asyncio; then the line is the one that has it make them."""


def line_of(script: str, kind: CallKind, option: str = "") -> int | None:
    """The line (from 1) of `script` that makes a call of this kind; None where none does.

    option: of setsockopt, its name in C, e.g. ``SO_REUSEADDR``.
    """
    try:
        tree = ast.parse(script)
    except SyntaxError:
        return None
    lines = sorted((line, name, detail) for line, name, detail in _calls(tree) if not option or option in detail)
    for wanted in _NAMES.get(kind, ()):
        for line, name, _ in lines:
            if name == wanted or name.endswith(f".{wanted}"):
                return line
    return None


def _calls(tree: ast.Module) -> list[tuple[int, str, str]]:
    """Line, dotted name and arguments of each call, and of the statements that stand for one."""
    found: list[tuple[int, str, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.append((node.lineno, ast.unparse(node.func), " ".join(map(ast.unparse, node.args))))
        elif isinstance(node, ast.With):
            found += [(node.lineno, f"with {ast.unparse(item.context_expr)}", "") for item in node.items]
        elif isinstance(node, ast.FunctionDef):
            found.append((node.lineno, f"def {node.name}", ""))
    return found
