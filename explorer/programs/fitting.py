"""Whether a program can be used where it is: over this transport, with this way of serving."""

from __future__ import annotations

from explorer.core import serving
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice, SocketSpec, Transport
from explorer.programs.registry import find_kind


def check_transport(program: Choice, transport: Transport, path: str = "$.program") -> None:
    """Raises InputError at `path`.kind for a program that does not work over it."""
    kind = find_kind(program.kind)
    if transport not in kind.transports:
        known = " and ".join(kind.transports).upper()
        raise InputError(f"{path}.kind", f"{program.kind!r} works over {known} only. Choose another program.")


def check_processes(program: Choice, path: str = "$.serving") -> None:
    """For a server whose clients are served by processes. Raises InputError at `path` for a program whose clients know
    of each other."""
    if find_kind(program.kind).shared:
        raise InputError(
            path,
            f"The program {program.kind} lets its clients know of each other, and processes share no memory. "
            "Choose another way of serving.",
        )


def check_spec(spec: SocketSpec, path: str = "$") -> None:
    """Both, of a socket that stands at `path`. Raises InputError."""
    check_transport(spec.program, spec.transport, f"{path}.program")
    way = serving.find_kind(spec.serving.kind, f"{path}.serving")
    if (spec.transport, spec.role) == ("tcp", "server") and way.workers == "process":
        check_processes(spec.program, f"{path}.serving")
