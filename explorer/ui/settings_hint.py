"""The quiet sentence under the settings of a socket, while nothing in them is wrong. No Qt."""

from __future__ import annotations

from explorer.core.socket_spec import SocketSpec
from explorer.ui.entries import SocketEntry
from explorer.ui.spec_draft import reach

FIXED = {
    "transport": "transport",
    "role": "role",
    "host": "host",
    "port": "port",
    "buffer_size": "buffer size",
    "options": "options",
    "serving": "serving",
}
"""Settings that a socket keeps while it runs, and what the user calls them."""


def settings_hint(entry: SocketEntry, viewing: bool) -> str:
    """viewing: the socket stands in a capture from disk."""
    if viewing:
        return "A capture from disk: framing and encoding say how its bytes are shown; the rest is as it was."
    who = reach(entry.spec)
    if entry.running:
        differs = _differing(entry.spec, entry.started)
        if differs:
            return f"{differs} from what runs now, and counts from the next start on. Stop, then start."
        return f"{who} Stop to change host, port, transport, role, buffer size or options.".strip()
    if entry.spec.role == "server":
        return f"{who} Enter starts it."
    what = "connects to" if entry.spec.transport == "tcp" else "opens a socket that sends to"
    return who or f"Enter {what} {entry.spec.endpoint}."


def _differing(spec: SocketSpec, started: SocketSpec | None) -> str:
    """E.g. ``Host and port: what stands here differs``; "" when it runs as it stands here (undo may change that)."""
    if started is None:
        return ""
    names = [label for name, label in FIXED.items() if getattr(spec, name) != getattr(started, name)]
    if not names:
        return ""
    listed = ", ".join(names[:-1]) + (" and " if names[1:] else "") + names[-1]
    return f"{listed.capitalize()}: what stands here differs"
