"""The user's own code in what a socket is to do: where it stands, and what is said of code that nobody trusted yet."""

from __future__ import annotations

from explorer.core.failure import Failure
from explorer.core.socket_spec import Choice

SCRIPT = "script"  # the kind of program that runs it
FILE = "<script>"  # how it is called in tracebacks
NOT_TRUSTED = "The script is not trusted."  # what is said in such a failure


def source_of(program: Choice) -> str | None:
    """The code that somebody wrote for this program; None for other programs, and for the example that a script
    begins with."""
    source = program.settings.get("source") if program.kind == SCRIPT else None
    return source if isinstance(source, str) else None


def not_trusted(name: str, call: str = "Start") -> Failure:
    """Why the socket called `name` is not started."""
    return Failure(
        call, "", NOT_TRUSTED,
        f'The script of socket "{name}" came with a file and was not trusted yet, so it was not started: '
        "it could do anything that you may do on this computer.",
        "Read it, and trust it if you know what it does (in the window under Program; for run with --trust-scripts).",
    )  # fmt: skip
