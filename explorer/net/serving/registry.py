"""Which class makes a TCP server of which way of serving. Another one is a file here and a line in `SERVERS`.

The files are imported when a server that wants them is started, and not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from explorer.core.serving import find_kind
from explorer.core.socket_spec import SocketSpec
from explorer.net.context import Context
from explorer.net.tcp_server import TcpServer

SERVERS: dict[str, tuple[str, str]] = {
    "selectors": ("explorer.net.tcp_server", "TcpServer"),
    "iterative": ("explorer.net.serving.iterative", "IterativeServer"),
    "thread": ("explorer.net.serving.thread", "ThreadServer"),
    "process": ("explorer.net.serving.process", "ProcessServer"),
    "asyncio": ("explorer.net.serving.coroutines", "CoroutineServer"),
}


def make_server(context: Context, number: int, spec: SocketSpec) -> TcpServer:
    """A server that serves as `spec.serving` says. Raises InputError for a way or settings that do not exist."""
    module, name = SERVERS[find_kind(spec.serving.kind).name]
    kind = cast(type[TcpServer], getattr(import_module(module), name))
    return kind(context, number, spec)
