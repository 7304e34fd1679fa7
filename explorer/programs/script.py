"""Program `script`: the user's own Python functions decide what is answered.

They run in a process of their own, one for each running socket: here they are only checked, and events become
questions to that process (`Ask`), the answers actions. What the two say to each other stands in `_request` and
`Script.answered`; the other side is `explorer.net.script_child`.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.core.scripts import FILE, SCRIPT
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Ask, Close, Line, ProgramKind, Reset, Send, Setup, Tell, Wait, World

ON_OPEN, ON_MESSAGE, ON_CLOSE = "on_open", "on_message", "on_close"
FUNCTIONS = {ON_OPEN: ("connection",), ON_MESSAGE: ("connection", "message"), ON_CLOSE: ("connection",)}
"""What may be called, and with what."""

LARGEST = 256 << 10  # characters of a script
LONGEST_WAIT = 3600.0  # seconds

EXAMPLE = """\
# Python calls these functions: on_open when a client has connected, on_message for each message,
# on_close when the connection is over. Leave out what you do not need.
#
# connection.number, connection.peer   which connection it is, and with whom
# connection.data                      a dict that is yours, kept while the connection is open
# connection.send(bytes or text), connection.tell(...) to all others,
# connection.wait(seconds), connection.close(), connection.reset()
#
# What a function returns is sent too: bytes, text, or a list of them. What is printed is shown in the window.


def on_open(connection):
    return "Hello! Say something, or bye."


def on_message(connection, message):
    text = message.decode("utf-8", "replace").strip()
    print(connection.peer, "says", repr(text))
    if text == "bye":
        connection.send("Goodbye!")
        connection.close()
        return None
    count = connection.data.get("count", 0) + 1
    connection.data["count"] = count
    return f"{count}: {text.upper()}"


def on_close(connection):
    print(connection.peer, "said", connection.data.get("count", 0), "things")
"""

FIELDS = (
    Field(
        "source", "code", EXAMPLE, "Script",
        "Python functions on_open(connection), on_message(connection, message) and on_close(connection); message is "
        "bytes. They share the variables of the script, and run in a process of their own, which ends with the socket. "
        "Other programs that a script starts may go on after that: end them in on_close.",
        minimum=1, maximum=LARGEST,
    ),
    Field(
        "time_limit", "int", 1000, "Time limit",
        "How long one call of a function may take. A script that takes longer is ended and started anew.",
        minimum=10, maximum=600_000, unit="ms",
    ),
    Field(
        "memory_limit", "int", 256, "Memory limit",
        "What the script may take beside Python itself. Linux holds it to that exactly; on other systems it is looked "
        "at ten times a second.",
        minimum=16, maximum=16_384, unit="MB",
    ),
)  # fmt: skip


class Script:
    """One connection of a script: asks the process, and does what it answers."""

    def __init__(self, defined: frozenset[str]) -> None:
        self._defined = defined
        self._peer = ""

    def opened(self, peer: str) -> Sequence[Action]:
        self._peer = peer
        return self._ask(ON_OPEN)

    def message(self, payload: bytes) -> Sequence[Action]:
        return self._ask(ON_MESSAGE, message=payload.hex())

    def closed(self) -> Sequence[Action]:
        return (_request(ON_CLOSE, self._peer),)  # even without a function for it: what is kept for it may go

    def answered(self, reply: Mapping[str, object]) -> Iterator[Action]:
        """reply: ``do`` is a list of [what, with what]; ``over`` says that the connection cannot go on."""
        steps = reply.get("do")
        for what, value in steps if isinstance(steps, list) else ():
            if what == "send":
                yield Send(bytes.fromhex(value))
            elif what == "tell":
                yield Tell(bytes.fromhex(value))
            elif what == "wait":
                yield Wait(value)
            else:
                yield Reset() if what == "reset" else Close()
                return
        if reply.get("over"):
            yield Close()

    def _ask(self, function: str, **more: object) -> Sequence[Action]:
        return (_request(function, self._peer, **more),) if function in self._defined else ()


def _request(function: str, peer: str, **more: object) -> Ask:
    return Ask({"call": function, "peer": peer, **more})


def make(values: Mapping[str, Value]) -> Setup:
    """Raises InputError for field `source` when it is no Python, or defines none of the functions."""
    defined = check_source(str(values["source"]))

    def begin(world: World) -> Script:
        return Script(defined)

    return begin


_last: tuple[str, frozenset[str] | str] = ("", frozenset())
"""The source that was checked last, and what was found: a form asks many times about the same. Replaced as a whole,
so threads need no lock."""


def check_source(source: str) -> frozenset[str]:
    """Which of FUNCTIONS the script defines. Raises InputError with the line and what Python says."""
    global _last
    before, found = _last
    if not source or before != source:
        try:
            found = _check_source(source)
        except InputError as error:
            found = error.message
        _last = (source, found)
    if isinstance(found, str):
        raise InputError("source", found)
    return found


def _check_source(source: str) -> frozenset[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about style, and are told when it runs
            tree = ast.parse(source, FILE)
            compile(tree, FILE, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise InputError("source", _syntax(error)) from None
    except (RecursionError, MemoryError):
        raise InputError("source", "The script is nested too deeply for Python. Write it in shorter steps.") from None
    except ValueError as error:  # a NUL character (before Python 3.12), or half of a surrogate pair
        raise InputError("source", f"Python cannot read the script: {error}.") from None
    defined = _defined(tree)
    if not defined:
        raise InputError(
            "source", "The script defines none of on_open, on_message and on_close, so nothing would ever be called. "
            "Begin with: def on_message(connection, message):",
        )  # fmt: skip
    return defined


def _syntax(error: SyntaxError) -> str:
    said = error.msg[:1].upper() + error.msg[1:]
    if not error.lineno:
        return f"Python cannot read the script: {said}."
    column = f", column {error.offset}" if error.offset and error.offset > 0 else ""
    return f"Line {error.lineno}{column}: {said.rstrip('.')}."


def _defined(tree: ast.Module) -> frozenset[str]:
    """Names at the top of the script, in branches too. Functions that cannot be called as they will be are refused."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            if not isinstance(node, ast.ClassDef):
                _check_function(node)
            continue  # what is inside is not at the top
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
        waiting += ast.iter_child_nodes(node)
    return frozenset(found & FUNCTIONS.keys())


def _check_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    wanted = FUNCTIONS.get(node.name)
    if wanted is None:
        return
    shape = f"{node.name}({', '.join(wanted)})"
    if isinstance(node, ast.AsyncFunctionDef):
        raise InputError("source", f"Line {node.lineno}: {node.name} must not be async. Write: def {shape}:")
    given = node.args
    most = len(given.posonlyargs) + len(given.args)
    least = most - len(given.defaults)
    required = any(default is None for default in given.kw_defaults)
    fits = not required and least <= len(wanted) and (most >= len(wanted) or given.vararg is not None)
    if not fits and not node.decorator_list:  # a decorator may make anything of it
        raise InputError("source", f"Line {node.lineno}: {node.name} is called as {shape}. Write: def {shape}:")


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    """Of the example: what another script says, only running it tells."""
    if values.get("source", EXAMPLE) != EXAMPLE:
        try:
            defined = check_source(str(values["source"]))
        except InputError:
            return ()
        told = {
            ON_OPEN: (Line("note", "on_open(connection) is called"), Line("us", "what it returns")),
            ON_MESSAGE: (
                Line("peer", "a message"),
                Line("note", "on_message(connection, message) is called"),
                Line("us", "what it returns"),
            ),
            ON_CLOSE: (Line("note", "The connection closes: on_close(connection) is called"),),
        }
        return tuple(line for name in FUNCTIONS if name in defined for line in told[name])
    return (
        Line("us", "Hello! Say something, or bye."),
        Line("peer", "are you there?"),
        Line("us", "1: ARE YOU THERE?"),
        Line("peer", "bye"),
        Line("us", "Goodbye!"),
        Line("note", "The connection is closed."),
    )


KIND = ProgramKind(
    SCRIPT,
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    framing=Choice("line"),
    shared=True,
)


def limits(values: Mapping[str, Any]) -> tuple[float, int]:
    """Seconds that a call may take, and bytes that the process may, of checked settings."""
    return values["time_limit"] / 1000, values["memory_limit"] << 20
