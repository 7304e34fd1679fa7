"""A socket as a Python script: its skeleton, its framing and its program put together."""

from __future__ import annotations

import ast

from explorer.as_python import head
from explorer.as_python.api import FramingPart, NoScript, ProgramPart, StyleName, Wanted
from explorer.as_python.framings.registry import framing_part
from explorer.as_python.imports import imports_of
from explorer.as_python.options import option_lines
from explorer.as_python.places import family_of, has_local, is_number
from explorer.as_python.programs.registry import program_part
from explorer.as_python.skeletons import asynchronous, blocking, opening, selecting
from explorer.as_python.template import fill
from explorer.core.socket_spec import DEFAULT_BACKLOG, SocketSpec

_BODIES = {
    ("blocking", "tcp"): blocking.TCP,
    ("blocking", "udp"): blocking.UDP,
    ("selectors", "tcp"): selecting.TCP,
    ("selectors", "udp"): selecting.UDP,
    ("asyncio", "tcp"): asynchronous.TCP,
    ("asyncio", "udp"): asynchronous.UDP,
}
LINGER_FORMAT = '"hh" if sys.platform == "win32" else "ii"'


def script(spec: SocketSpec, style: StyleName = "blocking", file: str = "script.py") -> str:
    """A script that does what this socket does, for Python 3.8 and later, with the standard library alone.

    file: what it will be called, for the sentence that says how to run it.
    Raises InputError where the settings are not valid, and NoScript where no script could do the same.
    """
    program = program_part(spec)
    sends = program.answers or program.types
    wanted = Wanted(program.messages, sends, program.as_found, spec.transport == "udp")
    framing = framing_part(spec.framing, wanted)
    flags = _flags(spec, style, program, framing)
    texts = _texts(spec, style, program, framing, flags)
    body = [
        fill(opening.SIGNALS, {*program.uses}),
        framing.code,
        program.code,
        fill(opening.NAME, flags),
        fill(opening.SERVER if spec.role == "server" else opening.CLIENT, flags, texts),
        fill(_BODIES[style, spec.transport], flags, texts),
        fill(opening.FOOT, flags, texts),
    ]
    code = "\n\n\n".join(piece for piece in body if piece)
    _check_names(program.own, code)
    constants = "\n".join(filter(None, (head.constants(spec, flags), framing.constants, program.constants)))
    imports = "\n".join(f"import {name}" for name in imports_of(f"{constants}\n\n{code}"))
    return f"{head.docstring(spec, style, program, flags, file)}\n\n{imports}\n\n{constants}\n\n\n{code}\n"


def _check_names(own: str, code: str) -> None:
    """Raise NoScript where the user's part and the rest of a script define the same name."""
    if not own:
        return
    mine = defined_in(code.replace(own.strip(), ""))
    clash = sorted(defined_in(own) & (mine | set(imports_of(code.replace(own.strip(), "")))))
    if clash:
        raise NoScript("source", f"Your functions and the rest of the script both define {clash[0]}. Rename yours.")


def defined_in(code: str) -> set[str]:
    """Names at the top of some code; a plain import of a module is none, for it is the same everywhere."""
    found: set[str] = set()
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname for alias in node.names if alias.asname}
        else:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def _flags(spec: SocketSpec, style: StyleName, program: ProgramPart, framing: FramingPart) -> set[str]:
    """The words that lines of the templates ask for."""
    options, tcp, server = spec.options, spec.transport == "tcp", spec.role == "server"
    serving = spec.serving.kind if spec.serving.kind in ("iterative", "thread", "process") else "thread"
    if not (tcp and server and style == "blocking"):
        serving = ""
    if serving == "process" and "tell" in program.uses:
        raise NoScript(
            "$.serving",
            "In this program each connection knows of the others, but processes share nothing. Serve by threads.",
        )
    types = program.types and serving != "process"
    everybody = server and ("tell" in program.uses or types)
    ends = bool({"close", "reset"} & program.uses)
    idle = options.idle_timeout is not None and tcp and server
    wait = "wait" in program.uses
    state = bool(program.made)
    udp_peers = program.messages and (style == "selectors" or everybody or state or program.opens)
    holds = {
        spec.transport: True, spec.role: True, style: True, serving: bool(serving),
        "named": not is_number(spec.host), "four": is_number(spec.host) and ":" not in spec.host,
        "options": bool(option_lines(spec, family_of(spec))), "local": has_local(spec),
        "timeout": bool(options.timeout), "idle": idle,
        "accept_timeout": options.accept_timeout is not None and tcp and server,
        "slots": serving == "thread" and spec.serving.kind == "thread",
        "framed": framing.framed, "timed": framing.timed, "checked": framing.checked,
        "answers": program.answers, "messages": program.messages, "opens": program.opens, "closes": program.closes,
        "state": state, "typing": types, "everybody": everybody, "ends": ends,
        "sends_to": types or ("tell" in program.uses and (server or style == "selectors")),
        "sends": program.answers or types,
        "sending": program.answers or everybody or types or ("tell" in program.uses and style == "selectors"),
        "locked": everybody or types,
        "peers": udp_peers, "takes": program.messages, "over": ends and not server,
        "limited": framing.framed and program.answers and server, "cut": spec.buffer_size < 65_535,
        "clock": tcp and (wait or framing.timed or idle),
        "all": tcp and (everybody or types or "tell" in program.uses or wait or framing.timed or idle),
        "many_ways": tcp and (everybody or types or idle or wait or framing.timed),
    }  # fmt: skip
    return {name for name, is_so in holds.items() if is_so} | program.uses


def _texts(
    spec: SocketSpec, style: StyleName, program: ProgramPart, framing: FramingPart, flags: set[str]
) -> dict[str, str]:
    """What the names in the templates stand for."""
    backlog = spec.options.backlog
    state, server, peers = "state" in flags, "server" in flags, "peers" in flags
    prefix = "program" if state else ""
    own = "self.program" if state else ""
    udp = "udp" in flags
    peer_text = {"blocking": "name(peer)", "selectors": "name(address)", "asyncio": "name(address)"}[style]
    if not udp:
        peer_text = "self.peer" if style == "selectors" else "peer"
    elif not server and style == "blocking":
        peer_text = "name(sock.getpeername())"
    elif not server and style == "asyncio":
        peer_text = 'f"{HOST}:{PORT}"'
    made = f"{program.made}({peer_text if program.wants_peer else ''})"
    wire = "encode(message)" if framing.encoded else "message"
    parameters = (", peer" if program.opens else "") + (", program" if state else "")
    own_call = f"{own}." if own else ""
    first = "iter(())"
    call = own if style == "selectors" else prefix
    if program.opens and program.answers:
        first = f"iter({own_call}on_open({peer_text}))"
    ends = [name for use, name in (("close", "CloseConnection"), ("reset", "ResetConnection")) if use in flags]
    limited = "itertools.islice(self.answer(data), MOST_ANSWERS)" if "limited" in flags else "self.answer(data)"
    take_parameters = (", peer" if server else "") + (", peers" if server and peers else "")
    take_parameters += ", program" if state and not server else ""
    reply_parameters = (", peer" if server else "") + (", peers" if "tell" in flags and server else "")
    act = "act" if "wait" in flags else "send_or_tell" if "tell" in flags else "send"
    deadlines = [
        name
        for flag, name in (("wait", "self.resume_at"), ("timed", "self.silent_at"), ("idle", "self.idle_at"))
        if flag in flags
    ]
    keeps_line = spec.framing.kind == "raw"
    typed = "line" if keeps_line else 'line.rstrip(b"\\r\\n")'
    return {
        "family": family_of(spec),
        "kind": "SOCK_STREAM" if spec.transport == "tcp" else "SOCK_DGRAM",
        "options": option_lines(spec, family_of(spec)),
        "address": "address" if "named" in flags else "(HOST, PORT)",
        "backlog": str(DEFAULT_BACKLOG if backlog is None else backlog),
        "local_host": spec.options.local_host or ("::" if family_of(spec) == "socket.AF_INET6" else "0.0.0.0"),
        "local_port": str(spec.options.local_port or 0),
        "failed": "Cannot listen on {HOST}:{PORT}:" if server else "Cannot reach {HOST}:{PORT}:",
        "linger_format": LINGER_FORMAT,
        "p": call,
        "p_of_peer": ("peers[peer]" if style == "blocking" else "self.peers[address]") if state and server else prefix,
        "p_of_self": own,
        "p_popped": f"{'self.peers.pop(address).' if state else ''}on_close()",
        "made": made,
        "made_or_none": made if state else "None",
        "first": first,
        "wire": wire,
        "wire_message": wire,
        "peer": "peer",
        "program_parameters": parameters if not udp else (", program" if state else ""),
        "program_arguments": parameters if not udp else (", program" if state else ""),
        "idle": "IDLE_TIMEOUT" if "idle" in flags else "None",
        "deadlines": ", ".join(deadlines),
        "select_timeout": ("wait()" if not udp or server else "wait(peer)")
        if flags & {"clock", "wait"} and (not udp or "wait" in flags)
        else "",
        "wait_parameters": "peer" if udp and not server else "",
        "greeted": ".ready(0)" if program.opens and program.answers else "",
        "typed": typed,
        "peers_parameter": ", peers" if server else "",
        "peers_argument": ", peers" if server else "",
        "peer_argument": ", peer" if server else "",
        "reply_parameters": reply_parameters,
        "reply_arguments": reply_parameters,
        "take_parameters": take_parameters,
        "take_arguments": take_parameters,
        "receive_parameters": ", peer" if not server and peers else "",
        "receive_arguments": ", peer" if not server and peers else "",
        "limited": limited,
        "go_on": "go_on_or_end" if "ends" in flags else "go_on",
        "ends": ends[0] if len(ends) == 1 else f"({', '.join(ends)})",
        "act": act,
    }
