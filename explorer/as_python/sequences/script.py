"""A sequence as a Python script: the sockets that it works on, and its steps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from explorer.as_python import fields
from explorer.as_python.api import NoScript, StyleName
from explorer.as_python.imports import imports_of
from explorer.as_python.places import is_number
from explorer.as_python.programs.rules import raw_literal
from explorer.as_python.script import LINGER_FORMAT
from explorer.as_python.sequences import asynchronous, base, direct, selecting
from explorer.as_python.sequences.parts import Part, is_direct, make_parts
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

_CLASSES = {
    ("tcp", "client"): "Client", ("tcp", "server"): "Server", ("udp", "client"): "UdpClient",
    ("udp", "server"): "UdpServer",
}  # fmt: skip

_PAUSES = {
    "direct": "time.sleep({})",
    "selecting": "wait_until(lambda: False, {})",
    "asyncio": "await asyncio.sleep({})",
}

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
    parts = make_parts(specs, named, style)
    runtime = "asyncio" if style == "asyncio" else "direct" if is_direct(parts, style) else "selecting"
    w = "await " if runtime == "asyncio" else ""
    places = {part.spec.name: _place_of(part) for part in parts}
    by_name = {snippet.name: snippet for snippet in snippets}
    lines = Lines(sequence, places, by_name, remembered_by(sequence), w, _PAUSES[runtime])
    steps = lines.block(sequence.steps, "steps")
    before = [
        f"{w}{places[name].variable}.{'start' if specs[name].role == 'server' else 'connect'}()"
        for name in up_before(sequence, specs, named)
    ]
    flags = _flags(parts, lines, runtime) | ({"before"} if before else set())
    texts = {
        **_texts(parts, flags, runtime),
        "steps": "\n".join(steps),
        "before": "\n".join(before),
        "after": "\n".join(f"{w}{part.variable}.stop()" for part in parts),
    }
    code = "\n\n\n".join(piece for piece in _pieces(parts, lines, flags, texts, runtime) if piece)
    sections = dict.fromkeys(constants for part in parts for constants, _ in part.sections)
    constants = "\n".join(filter(None, (_constants(sequence, lines, flags), *sections)))
    imports = "\n".join(f"import {name}" for name in imports_of(f"{constants}\n\n{code}"))
    head = _docstring(sequence, parts, style, runtime, file)
    return f"{head}\n\n{imports}\n\n{constants}\n\n\n{code}\n"


def _place_of(part: Part) -> Place:
    encode = part.named("encode") if part.framing.encoded else ""
    return Place(part.spec, part.variable, encode, part.as_found)


def _pieces(
    parts: Sequence[Part], lines: Lines, flags: set[str], texts: Mapping[str, str], runtime: str
) -> Iterator[str]:
    """The code, from what the rest needs to the rest."""
    yield fill(base.FAILED, flags)
    yield fill(opening.SIGNALS, flags)
    yield from dict.fromkeys(code for part in parts for _, code in part.sections)
    yield _nothing(parts, flags)
    yield from fields.functions(lines.written)
    four = all(is_number(part.spec.host) and ":" not in part.spec.host for part in parts)
    yield fill(opening.NAME, {"four"} if four else ())
    yield _filled(base.MATCHING, flags, texts)
    yield _runtime(runtime, flags, texts)
    yield "\n".join(_made(part, flags, runtime) for part in parts)
    yield _filled(_MAIN, flags, texts)


def sequence_environment(sequence: Steps, specs: Mapping[str, SocketSpec]) -> dict[str, str]:
    """Environment variables that the script asks for, such as passwords. Raises InputError."""
    from explorer.as_python.programs.registry import environment

    found: dict[str, str] = {}
    for name in sorted(sockets_of(sequence)):
        if name in specs:
            found.update(environment(specs[name]))
    return found


def _flags(parts: Sequence[Part], lines: Lines, runtime: str) -> set[str]:
    specs = [part.spec for part in parts]
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
        "breaks": bool({"close", "reset"} & uses), "fits": takes or "check" in used,
        "regex": any(pattern.how == "fits" for pattern in patterns),
        "groups": wants_groups and any(pattern.groups for pattern in patterns),
        "s": takes and any(streams), "ts": takes and any(streams) and not all(streams),
        "known": bool({"known", "remembered", "check_group"} & used),
        "keeps_last": "check_message" in used, "count": "check_count" in used,
        "until": bool({"check_count", "check_open", "check_closed"} & used),
    }  # fmt: skip
    return {name for name, is_so in holds.items() if is_so} | used | uses


def _texts(parts: Sequence[Part], flags: set[str], runtime: str) -> dict[str, str]:
    multi = "multi" in flags
    some = not all(part.framing.framed for part in parts)
    # Connections have a class of their own under selectors; elsewhere the socket itself reads.
    owner = "self.owner" if runtime == "selecting" else "self"
    maker = ("owner" if runtime == "selecting" else "self") + ".make_framer"
    framer = "framer" if runtime == "asyncio" else "self.framer"
    names = _parameters(flags, runtime) if multi else []
    ends = [word for use, word in (("close", "CloseConnection"), ("reset", "ResetConnection")) if use in flags]
    backlog = parts[0].spec.options.backlog
    datagram = "self.make_framer().feed(data)" if multi else "Framer().feed(data)"
    texts = {
        "a_def": "async def" if runtime == "asyncio" else "def",
        "w_": "await " if runtime == "asyncio" else "",
        "parameters": "".join(f", {name}" for name in names),
        "keep": "\n".join(f"self.{name} = {name}" for name in names),
        "peer": ", peer" if "many" in flags else "",
        "buffer_size": "BUFFER_SIZE",
        "udp_buffer_size": "self.buffer_size" if multi else "BUFFER_SIZE",
        "framer": "Framer()",
        "messages": f"{framer}.feed(data)",
        "datagram": f"{datagram} if self.make_framer else [data]" if multi and some else datagram,
        "wire": "encode(message)" if parts[0].framing.encoded else "message",
        "connect": "connect",
        "udp_connect": "connect",
        "listen": "open_listener",
        "bind": "open_socket",
        "backlog": str(DEFAULT_BACKLOG if backlog is None else backlog),
        "linger_format": LINGER_FORMAT,
        "ends": ends[0] if len(ends) == 1 else f"({', '.join(ends)})",
    }
    if multi:
        texts.update(dict.fromkeys(("connect", "udp_connect", "listen", "bind"), "self.opener"))
        texts |= {"buffer_size": f"{owner}.buffer_size", "wire": "self.owner.wire(message)", "backlog": "self.backlog"}
        texts["framer"] = f"{maker}() if {maker} else None" if some else f"{maker}()"
        texts["messages"] += " or []" if "timed" in flags else ""  # silence alone ends a message there
        texts["messages"] += f" if {framer} else [data]" if some else ""
    return texts


def _parameters(flags: set[str], runtime: str) -> list[str]:
    """What sockets are made with where there are several."""
    wanted = (
        ("opener", True), ("buffer_size", True), ("make_framer", "framed" in flags), ("silence", "timed" in flags),
        ("is_stream", {"messages", "streams"} <= flags), ("wire", "programs" in flags),
        ("program", "programs" in flags),
        ("backlog", runtime == "asyncio" and "tcp_server" in flags),
    )  # fmt: skip
    return [name for name, is_so in wanted if is_so]


def _made(part: Part, flags: set[str], runtime: str) -> str:
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


def _nothing(parts: Sequence[Part], flags: set[str]) -> str:
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


def _docstring(sequence: Steps, parts: Sequence[Part], style: StyleName, runtime: str, file: str) -> str:
    who = ", ".join(f"{part.spec.name} ({part.spec.title}, port {part.spec.port})" for part in parts)
    said = [f"Steps that are carried out one after the other with {who}."]
    how = {
        "direct": "Each call waits until it is done.",
        "asyncio": "The steps are a coroutine; others serve the sockets.",
        "selecting": "While a step waits, a selector serves all sockets at once.",
    }
    said[0] += f" {how[runtime]} The exit status is 0 when everything is as it should be, else 1."
    if style == "blocking" and runtime == "selecting":
        said.append("(Calls that block could wait for one socket only, and here several have to be served.)")
    for part in parts:
        if part.program is not None:
            said += [f"{part.spec.name}: {part.program.summary}", *part.program.unlike]
    text = "\n\n".join(textwrap.fill(paragraph, 99) for paragraph in said)
    plain = f"{sequence.name}.\n\n{text}".replace("\\", "\\\\").replace('"""', "'''")
    return f'"""{plain}\n\nRun it:   python3 {file}        (on Windows: py {file})\nStop it:  Ctrl+C\n"""'
