"""All programs in a script. Another one is a file here with a function `part`, and its name in `_KINDS`."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from explorer.as_python.api import Facts, NoScript, ProgramPart
from explorer.core.fields import check
from explorer.core.socket_spec import SocketSpec
from explorer.programs.registry import find_kind, prepare

_KINDS = frozenset(
    (
        "none",
        "echo",
        "discard",
        "chargen",
        "time",
        "greet",
        "login",
        "command",
        "script",
        "log",
        "http",
        "rules",
        "chat",
    )
)


def environment(spec: SocketSpec) -> dict[str, str]:
    """Environment variables that the script of this socket asks for, such as passwords. Raises InputError."""
    if spec.program.kind != "login":
        return {}
    from explorer.as_python.programs.login import secrets

    return secrets(check(find_kind("login").fields, spec.program.settings, "$.program"))


def program_part(spec: SocketSpec) -> ProgramPart:
    """The program's code. Raises InputError for settings that are not valid, NoScript for a kind without a script."""
    kind = find_kind(spec.program.kind)
    prepare(spec.program)
    if kind.name not in _KINDS:
        raise NoScript(
            "$.program", f"The program {kind.name} cannot be shown as Python yet. Choose another one to see its script."
        )
    values = check(kind.fields, spec.program.settings, "$.program")
    make: Callable[[Facts], ProgramPart] = importlib.import_module(f"explorer.as_python.programs.{kind.name}").part
    return make(Facts(values, spec.transport, spec.role, spec.encoding, spec.framing.kind == "raw"))
