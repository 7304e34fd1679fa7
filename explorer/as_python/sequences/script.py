"""A sequence as a Python script: the sockets that it works on, and its steps."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from explorer.as_python import fields
from explorer.as_python.api import FramingPart, NoScript, ProgramPart, StyleName, Wanted
from explorer.as_python.framings.registry import framing_part
from explorer.as_python.imports import MODULES, imports_of
from explorer.as_python.options import option_lines
from explorer.as_python.places import family_of, has_local, is_number
from explorer.as_python.programs.registry import program_part
from explorer.as_python.programs.rules import raw_literal
from explorer.as_python.script import LINGER_FORMAT, defined_in
from explorer.as_python.sequences import asynchronous, base, direct, selecting
from explorer.as_python.sequences.patterns import EXPRESSIONS
from explorer.as_python.sequences.steps import Lines, Place, up_before
from explorer.as_python.skeletons import opening
from explorer.as_python.template import fill, quoted
from explorer.core.errors import InputError
from explorer.core.sequence import Sequence as Steps
from explorer.core.sequence import sockets_of
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import DEFAULT_BACKLOG, SocketSpec
from explorer.wire.remembered import remembered_by

_QUIET = ("none", "discard")  # programs that never say anything
_CLASSES = {
    ("tcp", "client"): "Client", ("tcp", "server"): "Server", ("udp", "client"): "UdpClient",
    ("udp", "server"): "UdpServer",
}  # fmt: skip

_GLUE = '''
def program(peer):
    """What is called for somebody who talks with us: at the beginning, for each message, and at the end."""
    talk = $made  #? made
    return $open, $message, $close
'''
_NOTHING = '''
def nothing(*_):
    """A part of a program that says nothing."""
    return ()
'''
_MAIN = """
$a_def steps():
    $steps


$a_def main():
    global news  #? asyncio
    news = asyncio.Event()  # something has happened  #? asyncio
    try:
        $before  #? before
        $w_steps()
    finally:
        $after


if __name__ == "__main__":
    try:
        main()  #? !asyncio
        asyncio.run(main())  #? asyncio
        print("Passed.")
    except Passed as end:  #? ends
        print(f"Passed: {end}")  #? ends
    except (Failed, ValueError) as problem:
        sys.exit(f"Failed: {problem}")
    except KeyboardInterrupt:
        sys.exit("Stopped before its end.")
"""


@dataclass(slots=True)
class _Part:
    """One socket: what is written for it. sections: (constants, code) of its opening, its framing and its program."""

    spec: SocketSpec
    variable: str
    framing: FramingPart
    program: ProgramPart | None
    sections: list[tuple[str, str]]
    names: dict[str, str]  # how its names are called in the script

    def named(self, name: str) -> str:
        return self.names.get(name, name)


def sequence_script(
    sequence: Steps,
    specs: Mapping[str, SocketSpec],
    snippets: Iterable[Snippet] = (),
    style: StyleName = "blocking",
    file: str = "script.py",
) -> str:
    """A script that carries out these steps, for Python 3.8 and later, with the standard library alone. Its exit status
    is 0 when all that was checked holds, else 1.

    specs: the sockets of the workspace by name. Raises InputError for what is not valid, and NoScript where no script
    could do the same.
    """
    named = sorted(sockets_of(sequence))
    for name in named:
        if name not in specs:
            raise InputError("$", f'There is no socket called "{name}". Choose one for each step.')
    if not named:
        raise NoScript("$", "The sequence has no step about a socket yet. Add one.")
    parts = _parts(sequence, specs, named, style)
    runtime = "asyncio" if style == "asyncio" else "direct" if _is_direct(parts, style) else "selecting"
    places = {
        part.spec.name: Place(
            part.spec, part.variable, part.framing, part.named("encode") if part.framing.encoded else ""
        )
        for part in parts
    }
    w = "await " if runtime == "asyncio" else ""
    pauses = {
        "direct": "time.sleep({})", "selecting": "wait_until(lambda: False, {})", "asyncio": "await asyncio.sleep({})",
    }  # fmt: skip
    by_name = {snippet.name: snippet for snippet in snippets}
    lines = Lines(sequence, places, by_name, remembered_by(sequence), w, pauses[runtime])
    steps = lines.block(sequence.steps, "steps")
    flags = _flags(parts, lines, runtime)
    texts = _texts(parts, flags, runtime)
    runtime_code = _runtime(runtime, flags, texts)
    before = [
        f"{w}{places[name].variable}.{'start' if specs[name].role == 'server' else 'connect'}()"
        for name in up_before(sequence, specs, named)
    ]
    main = _filled(_MAIN, flags | ({"before"} if before else set()), {
        **texts, "steps": "\n".join(steps), "before": "\n".join(before),
        "after": "\n".join(f"{w}{part.variable}.stop()" for part in parts),
    })  # fmt: skip
    sections = dict.fromkeys(section for part in parts for section in part.sections)
    code = "\n\n\n".join(
        piece
        for piece in (
            fill(base.FAILED, flags),
            fill(opening.SIGNALS, flags),
            *(code for _, code in sections),
            _nothing(parts, flags),
            *fields.functions(lines.written),
            fill(opening.NAME, {"four"} if all(is_number(one.host) and ":" not in one.host for one in _specs(parts)) else ()),
            _filled(base.MATCHING, flags, texts),
            runtime_code,
            "\n".join(_made(part, flags, runtime) for part in parts),
            main,
        )
        if piece
    )  # fmt: skip
    constants = "\n".join(filter(None, (_constants(sequence, lines, flags), *(text for text, _ in sections))))
    imports = "\n".join(f"import {name}" for name in imports_of(f"{constants}\n\n{code}"))
    head = _docstring(sequence, parts, style, runtime, file)
    return f"{head}\n\n{imports}\n\n{constants}\n\n\n{code}\n"


def sequence_environment(sequence: Steps, specs: Mapping[str, SocketSpec]) -> dict[str, str]:
    """Environment variables that the script asks for, such as passwords. Raises InputError."""
    from explorer.as_python.programs.registry import environment

    found: dict[str, str] = {}
    for name in sorted(sockets_of(sequence)):
        if name in specs:
            found.update(environment(specs[name]))
    return found


# -- sockets -------------------------------------------------------------------------------------------


def _parts(sequence: Steps, specs: Mapping[str, SocketSpec], named: Sequence[str], style: StyleName) -> list[_Part]:
    parts: list[_Part] = []
    taken: dict[str, str] = {}  # names of the script, and the code that defines them
    variables: set[str] = set()
    for name in named:
        spec = specs[name]
        program = None if spec.program.kind in _QUIET else program_part(spec)
        framing = _framing(spec, program)
        variable = _variable(name, variables)
        variables.add(variable)
        part = _Part(spec, variable, framing, program, [], {})
        for constants, code in _sections(spec, framing, program, style):
            _place(part, constants, code, taken, own=len(named) > 1)
        parts.append(part)
    return parts


def _framing(spec: SocketSpec, program: ProgramPart | None) -> FramingPart:
    """One that frames messages of steps and of the program alike."""
    udp = spec.transport == "udp"
    part = framing_part(spec.framing, Wanted(True, True, False, udp))
    if program is not None and program.as_found:
        again = framing_part(spec.framing, Wanted(True, True, True, udp))
        if again.framed and _without_checks(part.code) != _without_checks(again.code):
            return again
    return part


def _without_checks(code: str) -> str:
    return code.split("def encode", 1)[-1]


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


def _place(part: _Part, constants: str, code: str, taken: dict[str, str], own: bool) -> None:
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


def _specs(parts: Sequence[_Part]) -> list[SocketSpec]:
    return [part.spec for part in parts]


def _is_direct(parts: Sequence[_Part], style: StyleName) -> bool:
    """Whether it is enough to read a socket when a step waits for it."""
    return style == "blocking" and all(
        part.spec.role == "client" and part.program is None and not part.framing.timed for part in parts
    )


# -- templates -----------------------------------------------------------------------------------------


def _flags(parts: Sequence[_Part], lines: Lines, runtime: str) -> set[str]:
    specs = _specs(parts)
    patterns, used = lines.patterns, lines.used
    timed = any(part.framing.timed for part in parts)
    uses = {use for part in parts if part.program is not None for use in part.program.uses}
    streams = [spec.transport == "tcp" and spec.framing.kind == "raw" for spec in specs]
    multi = len(parts) > 1
    wants_groups = bool({"remembered", "check_group"} & used)
    takes = "takes" in used
    holds = {
        runtime: True, "multi": multi, "many": any(spec.role == "server" for spec in specs),
        "tcp": any(spec.transport == "tcp" for spec in specs), "udp": any(spec.transport == "udp" for spec in specs),
        **{f"{spec.transport}_{spec.role}": True for spec in specs},
        "messages": not all(streams), "streams": any(streams),
        "framed": any(part.framing.framed for part in parts), "timed": timed, "alone_timed": timed and not multi,
        "clock": timed or "wait" in uses, "programs": any(part.program is not None for part in parts),
        "fits": takes or "check" in used, "regex": any(pattern.how == "fits" for pattern in patterns),
        "groups": wants_groups and any(pattern.groups for pattern in patterns),
        "s": takes and any(streams), "ts": takes and any(streams) and not all(streams),
        "known": bool({"known", "remembered", "check_group"} & used),
        "keeps_last": "check_message" in used, "count": "check_count" in used,
        "until": bool({"check_count", "check_open", "check_closed"} & used),
    }  # fmt: skip
    return {name for name, is_so in holds.items() if is_so} | used | uses


def _texts(parts: Sequence[_Part], flags: set[str], runtime: str) -> dict[str, str]:
    multi = "multi" in flags
    some = " if self.make_framer else None" if not all(part.framing.framed for part in parts) else ""
    alone = "Framer()"
    owner = "owner.make_framer()" + some.replace("self.", "owner.") if runtime == "selecting" else ""
    made = owner or f"self.make_framer(){some}"
    feed = "framer.feed(data)" if runtime == "asyncio" else "self.framer.feed(data)"
    which = feed.removesuffix(".feed(data)")
    wire = "encode(message)" if parts[0].framing.encoded else "message"
    sender = "message" if runtime == "selecting" else "answer"
    names = _parameters(flags, runtime) if multi else []
    ends = [word for use, word in (("close", "CloseConnection"), ("reset", "ResetConnection")) if use in flags]
    first = parts[0].spec.options.backlog
    return {
        "a_def": "async def" if runtime == "asyncio" else "def",
        "w_": "await " if runtime == "asyncio" else "",
        "parameters": "".join(f", {name}" for name in names),
        "keep": "\n".join(f"self.{name} = {name}" for name in names),
        "peer": ", peer" if "many" in flags else "",
        "buffer_size": ("self.owner.buffer_size" if _in_peer(runtime) else "self.buffer_size") if multi else "BUFFER_SIZE",
        "framer": made if multi else alone,
        "messages": f"{feed} if {which} else [data]" if multi and some else feed,
        "datagram": (f"self.make_framer().feed(data){some.replace('None', '[data]')}" if multi else "Framer().feed(data)"),
        "wire": ("self.owner.wire(message)" if multi else wire) if sender else "",
        "connect": "self.opener" if multi else "connect",
        "udp_connect": "self.opener" if multi else "connect",
        "listen": "self.opener" if multi else "open_listener",
        "bind": "self.opener" if multi else "open_socket",
        "backlog": "self.backlog" if multi else str(DEFAULT_BACKLOG if first is None else first),
        "linger_format": LINGER_FORMAT,
        "ends": ends[0] if len(ends) == 1 else f"({', '.join(ends)})",
    }  # fmt: skip


def _in_peer(runtime: str) -> bool:
    return runtime == "selecting"


def _parameters(flags: set[str], runtime: str) -> list[str]:
    """What sockets are made with where there are several."""
    wanted = (
        ("opener", True), ("buffer_size", True), ("make_framer", "framed" in flags), ("silence", "timed" in flags),
        ("is_stream", {"messages", "streams"} <= flags), ("wire", "programs" in flags), ("program", "programs" in flags),
        ("backlog", runtime == "asyncio" and "tcp_server" in flags),
    )  # fmt: skip
    return [name for name, is_so in wanted if is_so]


def _made(part: _Part, flags: set[str], runtime: str) -> str:
    """The line that makes the socket."""
    spec = part.spec
    kind = _CLASSES[spec.transport, spec.role]
    if "multi" not in flags:
        return f"{part.variable} = {kind}({quoted(spec.name)})"
    opener = "connect" if spec.role == "client" else "open_listener" if spec.transport == "tcp" else "open_socket"
    backlog = spec.options.backlog
    values = {
        "opener": part.named(opener),
        "buffer_size": part.named("BUFFER_SIZE"),
        "make_framer": part.named("Framer") if part.framing.framed else "None",
        "silence": part.named("SILENCE") if part.framing.timed else "None",
        "is_stream": str(spec.transport == "tcp" and spec.framing.kind == "raw"),
        "wire": part.named("encode") if part.framing.encoded else "bytes",
        "program": part.named("program") if part.program is not None else "silent",
        "backlog": str(DEFAULT_BACKLOG if backlog is None else backlog),
    }
    given = ", ".join(f"{name}={values[name]}" for name in _parameters(flags, runtime))
    line = f"{part.variable} = {kind}({quoted(spec.name)}, {given})"
    if len(line) <= 110:
        return line
    lines = [quoted(spec.name), *given.split(", ")]
    return "\n".join([f"{part.variable} = {kind}(", *(f"    {line}," for line in lines), ")"])


_SILENT = '''
def silent(peer):
    """A program that never says anything."""
    return nothing, nothing, nothing
'''


def _nothing(parts: Sequence[_Part], flags: set[str]) -> str:
    """What stands for the parts that programs do not have, and for sockets without a program."""
    silent = "programs" in flags and any(part.program is None for part in parts)
    missing = silent or any("nothing" in code for part in parts for _, code in part.sections)
    return "\n\n\n".join([_NOTHING.strip()] * missing + [_SILENT.strip()] * silent)


def _runtime(runtime: str, flags: set[str], texts: Mapping[str, str]) -> str:
    if runtime == "direct":
        pieces = [base.SOCKET, direct.CLIENTS]
    else:
        module = selecting if runtime == "selecting" else asynchronous
        pieces = [module.LOOP, base.SOCKET, module.PEERS, module.SOCKETS]
    return "\n\n\n".join(_filled(piece, flags, texts) for piece in pieces)


def _filled(template: str, flags: set[str], texts: Mapping[str, str]) -> str:
    return fill(template.replace("$w_", texts["w_"]), flags, texts)


def _constants(sequence: Steps, lines: Lines, flags: set[str]) -> str:
    made = [f"TIMEOUT = {sequence.timeout:g}  # seconds that a step waits, unless it says otherwise"]
    hows = dict.fromkeys(pattern.how for pattern in lines.patterns)
    if "fits" in flags and hows:
        made.append("EXPRESSIONS = {  # how a message may have to be; %s stands for what is looked for")
        made += [f"    {quoted(how)}: {raw_literal(EXPRESSIONS[how].encode())}," for how in EXPRESSIONS if how in hows]
        made.append("}")
    if "known" in flags:
        made.append("known = {}  # what is remembered, by name")
    if "selecting" in flags:
        made.append("selector = selectors.DefaultSelector()")
        made += ["timers = []  # (when, what is done then)"] if "clock" in flags else []
    return "\n".join(made)


def _docstring(sequence: Steps, parts: Sequence[_Part], style: StyleName, runtime: str, file: str) -> str:
    who = ", ".join(f"{part.spec.name} ({part.spec.title}, port {part.spec.port})" for part in parts)
    said = [f"Steps that are carried out one after the other with {who}."]
    how = {"direct": "Each call waits until it is done.", "asyncio": "The steps are a coroutine; others serve the sockets.",
           "selecting": "While a step waits, a selector serves all sockets at once."}  # fmt: skip
    said[0] += f" {how[runtime]} The exit status is 0 when everything is as it should be, else 1."
    if style == "blocking" and runtime == "selecting":
        said.append("(Calls that block could wait for one socket only, and here several have to be served.)")
    for part in parts:
        if part.program is not None:
            said += [f"{part.spec.name}: {part.program.summary}", *part.program.unlike]
    text = "\n\n".join(textwrap.fill(paragraph, 99) for paragraph in said)
    plain = f"{sequence.name}.\n\n{text}".replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{plain}\n\nRun it:   python3 {file}        (on Windows: py {file})\nStop it:  Ctrl+C\n"""'
