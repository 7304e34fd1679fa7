"""The beginning of a script: what it does, how it is run, and its constants."""

from __future__ import annotations

import textwrap
from collections.abc import Collection

from explorer.as_python.api import ProgramPart, StyleName
from explorer.core.pace import FULL_PACE
from explorer.core.socket_spec import SocketSpec

_HOW = {
    "iterative": "It serves one client at a time; the next ones wait in the accept queue.",
    "thread": "Each client is served by a thread of its own.",
    "process": "Each client is served by a process of its own.",
    "selectors": "One thread waits on all sockets at once and serves whichever is ready.",
    "asyncio": "Coroutines on an event loop take turns wherever they await.",
}


def docstring(spec: SocketSpec, style: StyleName, program: ProgramPart, flags: Collection[str], file: str) -> str:
    """The script's docstring, quotes included."""
    how = [_HOW[name] for name in ("iterative", "thread", "process") if name in flags]
    if style != "blocking":
        how = [_HOW[style]]
    paragraphs = [" ".join((program.summary, *how)), *_unlike(spec, style, program, flags)]
    text = "\n\n".join(textwrap.fill(paragraph, 99) for paragraph in paragraphs)
    title = f"{spec.title} on port {spec.port}." if spec.role == "server" else f"{spec.title} of port {spec.port}."
    run = f"Run it:   python3 {file}        (on Windows: py {file})\nStop it:  Ctrl+C"
    return f'"""{title}\n\n{_plain(text)}\n\n{run}\n"""'


def _unlike(spec: SocketSpec, style: StyleName, program: ProgramPart, flags: Collection[str]) -> list[str]:
    """What is not quite as in the app, and why."""
    said = list(program.unlike)
    if "thread" in flags and spec.serving.kind in ("selectors", "asyncio"):
        said.append("(Threads, because calls that block can serve only one client at a time.)")
    if program.types and "process" in flags:
        said.append("(Nothing that is typed is sent: each client has a process of its own, and there is one keyboard.)")
    if "accept_timeout" in flags and style != "blocking":
        said.append("(It does not say that no client came for a while: nothing here waits for that alone.)")
    if spec.pace != FULL_PACE:
        said.append("(Sending and receiving are not slowed down here, as they are in the app.)")
    return said


def constants(spec: SocketSpec, flags: Collection[str]) -> str:
    """HOST, PORT, BUFFER_SIZE and times, a line each."""
    unit = "one recv" if spec.transport == "tcp" or spec.role == "client" else "one recvfrom"
    rest = "; what does not fit is lost" if spec.transport == "udp" else ""
    lines = [
        f'HOST = "{spec.host}"',
        f"PORT = {spec.port}{'  # 0: the system chooses one' if not spec.port else ''}",
        f"BUFFER_SIZE = {spec.buffer_size}  # the most bytes that {unit} returns{rest}",
    ]
    options = spec.options
    if "timeout" in flags and spec.transport == "tcp" and spec.role == "client":
        lines.append(f"CONNECT_TIMEOUT = {options.timeout:g}  # seconds")
    if "accept_timeout" in flags and "blocking" in flags:
        lines.append(f"ACCEPT_TIMEOUT = {options.accept_timeout:g}  # seconds")
    if "idle" in flags:
        lines.append(f"IDLE_TIMEOUT = {options.idle_timeout:g}  # seconds of silence after which a client is closed")
    if "slots" in flags or "process" in flags:
        most = spec.serving.settings.get("most", 256 if "slots" in flags else 32)
        lines.append(f"MOST_CLIENTS = {most}  # at a time; the next ones wait in the accept queue")
    if "slots" in flags:
        lines.append("slots = threading.Semaphore(MOST_CLIENTS)")
    if "limited" in flags and spec.transport == "udp":
        lines.append("MOST_ANSWERS = 64  # to one datagram, so that nobody can use this to flood somebody else")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text that can stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")
