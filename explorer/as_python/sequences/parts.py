"""The sockets of a sequence in a script: what is written for each, and how its names are called."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.as_python.api import FramingPart, ProgramPart, StyleName, Wanted
from explorer.as_python.framings.registry import framing_part
from explorer.as_python.imports import MODULES
from explorer.as_python.options import option_lines
from explorer.as_python.places import family_of, has_local, is_number
from explorer.as_python.programs.registry import program_part
from explorer.as_python.script import defined_in
from explorer.as_python.skeletons import opening
from explorer.as_python.template import fill
from explorer.core.socket_spec import DEFAULT_BACKLOG, SocketSpec

_QUIET = ("none", "discard")  # programs that never say anything
_GLUE = '''
def program(peer):
    """What is called for somebody who talks with us: at the beginning, for each message, and at the end."""
    talk = $made  #? made
    return $open, $message, $close
'''


@dataclass(slots=True)
class Part:
    """One socket: what is written for it. sections: (constants, code) of its opening, its framing and its program.
    as_found: the framing takes messages as they were found, which is not what a step sends."""

    spec: SocketSpec
    variable: str
    framing: FramingPart
    as_found: bool
    program: ProgramPart | None
    sections: list[tuple[str, str]]
    names: dict[str, str]  # how its names are called in the script

    def named(self, name: str) -> str:
        return self.names.get(name, name)


def make_parts(specs: Mapping[str, SocketSpec], named: Sequence[str], style: StyleName) -> list[Part]:
    parts: list[Part] = []
    taken: dict[str, str] = {}  # names of the script, and the code that defines them
    variables: set[str] = set()
    for name in named:
        spec = specs[name]
        program = None if spec.program.kind in _QUIET else program_part(spec)
        framing, as_found = _framing(spec, program)
        variable = _variable(name, variables)
        variables.add(variable)
        part = Part(spec, variable, framing, as_found, program, [], {})
        for constants, code in _sections(spec, framing, program, style):
            _place(part, constants, code, taken, own=len(named) > 1)
        parts.append(part)
    return parts


def _framing(spec: SocketSpec, program: ProgramPart | None) -> tuple[FramingPart, bool]:
    """The framing's code, and whether it frames messages as they were found, as the program sends them."""
    udp = spec.transport == "udp"
    part = framing_part(spec.framing, Wanted(True, True, False, udp))
    if program is None or not program.as_found:
        return part, False
    found = framing_part(spec.framing, Wanted(True, True, True, udp))
    same = _without_checks(part.code) == _without_checks(found.code)
    return (part, False) if same else (found, True)


def _without_checks(code: str) -> str:
    """Code but for the tests that refuse messages which cannot be framed."""
    tree = ast.parse(code)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            function.body = [one for one in function.body if not _refuses(one)]
    return ast.dump(tree)


def _refuses(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and all(isinstance(one, ast.Raise) for one in node.body)


def _sections(
    spec: SocketSpec, framing: FramingPart, program: ProgramPart | None, style: StyleName
) -> list[tuple[str, str]]:
    found = [_opening(spec, style)]
    if framing.code:
        found.append((framing.constants, framing.code))
    if program is not None:
        calls = [
            (f"talk.{name}" if program.made else name) if there else "nothing"
            for name, there in (
                ("on_open", program.opens), ("on_message", program.messages), ("on_close", program.closes),
            )
        ]  # fmt: skip
        texts = {"open": calls[0], "message": calls[1], "close": calls[2]}
        texts["made"] = f"{program.made}({'peer' if program.wants_peer else ''})"
        glue = fill(_GLUE, {"made"} if program.made else (), texts)
        found.append((program.constants, "\n\n\n".join(filter(None, (program.code, glue)))))
    return found


def _opening(spec: SocketSpec, style: StyleName) -> tuple[str, str]:
    """Its constants, and the function that opens it."""
    tcp, server = spec.transport == "tcp", spec.role == "server"
    options = option_lines(spec, family_of(spec))
    timed = tcp and not server
    holds = {
        spec.transport: True, spec.role: True, style: True, "named": not is_number(spec.host),
        "options": bool(options), "local": has_local(spec), "timeout": timed,
    }  # fmt: skip
    flags = {name for name, is_so in holds.items() if is_so}
    family = family_of(spec)
    texts = {
        "family": family, "kind": "SOCK_STREAM" if tcp else "SOCK_DGRAM", "options": options,
        "address": "address" if "named" in flags else "(HOST, PORT)",
        "backlog": str(DEFAULT_BACKLOG if spec.options.backlog is None else spec.options.backlog),
        "local_host": spec.options.local_host or ("::" if family == "socket.AF_INET6" else "0.0.0.0"),
        "local_port": str(spec.options.local_port or 0),
    }  # fmt: skip
    if not tcp:
        flags.discard("asyncio")
    code = fill(opening.SERVER if server else opening.CLIENT, flags, texts)
    if timed:
        code = code.replace("CONNECT_TIMEOUT", "seconds").replace("connect()", "connect(seconds)")
        code = code.replace("connect_to(family, address)", "connect_to(family, address, seconds)")
    constants = (
        f'HOST = "{spec.host}"\nPORT = {spec.port}{"  # 0: the system chooses one" if not spec.port else ""}\n'
        f"BUFFER_SIZE = {spec.buffer_size}  # the most bytes that one recv returns"
    )
    return constants, code


def _place(part: Part, constants: str, code: str, taken: dict[str, str], own: bool) -> None:
    """Put a section into a part, under other names where these are taken by another one. own: names are always its
    own, as those of the place where a socket is."""
    names = defined_in(f"{constants}\n{code}")
    opens = "HOST" in names
    clash = [name for name in names if taken.get(name, code + constants) != code + constants]
    if (own and opens) or clash:
        words = {name: _own_name(name, part.variable) for name in names}
        part.names.update(words)
        for name, word in words.items():
            constants = re.sub(rf"(?<![\w.]){name}(?!\w)", word, constants)
            code = re.sub(rf"(?<![\w.]){name}(?!\w)", word, code)
    else:
        taken.update(dict.fromkeys(names, code + constants))
    part.sections.append((constants, code))


def _own_name(name: str, variable: str) -> str:
    """A name of one socket: ``SENSOR_PORT``, ``SensorFramer``, ``connect_sensor``."""
    if name.isupper():
        return f"{variable.upper()}_{name}"
    if name[0].isupper():
        return "".join(word.capitalize() for word in variable.split("_")) + name
    return f"{name}_{variable}"


def _variable(name: str, taken: set[str]) -> str:
    word = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    word = f"socket_{word}".rstrip("_") if not word or word[0].isdigit() else word
    kept = {*MODULES, *dir(builtins), *keyword.kwlist, *_KEPT}
    if word in kept:
        word = f"{word}_socket"
    number, found = 2, word
    while found in taken:
        found, number = f"{word}_{number}", number + 1
    return found


_KEPT = (
    "name", "news", "known", "selector", "timers", "steps", "main", "case", "cases", "count", "parts", "data", "at",
    "check", "fits", "shown", "remember", "remembered", "serve", "connect", "encode", "program", "nothing", "checksum",
)  # fmt: skip
"""Names that scripts use for something else."""


def is_direct(parts: Sequence[Part], style: StyleName) -> bool:
    """Whether it is enough to read a socket when a step waits for it."""
    return style == "blocking" and all(
        part.spec.role == "client" and part.program is None and not part.framing.timed for part in parts
    )
