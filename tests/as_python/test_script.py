"""Scripts of every program, role, style and framing: they are Python 3.8, name nothing that is not there, and hold the
settings; and the lines of their calls are found."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import itertools
from collections.abc import Iterator, Mapping

import pytest

from explorer.as_python.api import STYLES, NoScript, Style
from explorer.as_python.lines import line_of
from explorer.as_python.script import script
from explorer.core.calls import CallKind
from explorer.core.fields import Value
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.programs import registry as programs
from explorer.wire.framing import registry as framings

SETTINGS: Mapping[str, Mapping[str, Value]] = {
    "login": {"users": ({"user": "ada", "password": "s3cret"},)},
    "delimiter": {"hex": "0d0a"},
    "fixed": {"size": 64},
}
EVERYTHING = SocketOptions(
    backlog=7, reuse_address=True, reuse_port=True, no_delay=True, keep_alive=True, linger=3, receive_buffer=9000,
    send_buffer=8000, broadcast=True, timeout=2.5, accept_timeout=60.0, idle_timeout=30.0, local_host="127.0.0.2",
    local_port=7777, ipv6_only=True,
)  # fmt: skip


def choice(kind: str, **more: Value) -> Choice:
    return Choice(kind, {**SETTINGS.get(kind, {}), **more})


def specs(program: str) -> Iterator[SocketSpec]:
    """Of one program: every role under every framing; options, names and ways of serving in turn."""
    hosts = itertools.cycle(("127.0.0.1", "localhost", "::1"))
    options = itertools.cycle((SocketOptions(), EVERYTHING))
    servings = itertools.cycle(("selectors", "iterative", "thread", "process", "asyncio"))
    checksums = itertools.cycle(("none", "crc16-modbus", "xor8"))
    for framing in framings.kinds():
        more: dict[str, Value] = {} if framing.name == "raw" else {"checksum": next(checksums)}
        for transport, role in itertools.product(programs.find_kind(program).transports, ("server", "client")):
            yield SocketSpec(
                "s", transport, role, next(hosts), 9000, 1024, framing=choice(framing.name, **more),  # type: ignore[arg-type]
                program=choice(program), options=next(options), serving=Choice(next(servings)),
            )  # fmt: skip


def unknown_names(tree: ast.Module) -> set[str]:
    """Names that are read and never given a value."""
    known = {*dir(builtins), "__name__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            known.add(node.name)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.alias):
            known.add(node.asname or node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            known.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            known.add(node.id)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - known


@pytest.mark.parametrize("program", [kind.name for kind in programs.kinds()])
def test_every_script_is_python_and_names_nothing_that_is_not_there(program: str) -> None:
    written, refused = 0, list[str]()
    for spec, style in itertools.product(specs(program), STYLES):
        try:
            text = script(spec, style.name)
        except NoScript as error:
            refused.append(error.message)
            continue
        written += 1
        tree = ast.parse(text, feature_version=(3, 8))
        assert not unknown_names(tree), (spec, style.name)
        assert "#?" not in text
        assert "$" not in text.replace("$%&'*+.^_`|~", "").replace(" $", ""), (spec, style.name)
        assert max(map(len, text.splitlines())) <= 120 or program == "chat", (spec, style.name)
        assert text.endswith("\n")
    assert written > 30
    assert all("as it came" in said or "processes share nothing" in said for said in refused), refused


def test_settings_are_in_the_script() -> None:
    spec = SocketSpec("s", host="::1", port=4001, buffer_size=20, options=EVERYTHING, pace=Pace(send_pause=5))
    text = script(spec, "blocking")

    for wanted in (
        'HOST = "::1"', "PORT = 4001", "BUFFER_SIZE = 20 ", "socket.AF_INET6", "sock.listen(7)", "SO_REUSEPORT, 1)",
        "IPV6_V6ONLY, 1)", "SO_RCVBUF, 9000)", "SO_SNDBUF, 8000)", "TCP_NODELAY, 1)", "SO_KEEPALIVE, 1)", "1, 3)",
        "ACCEPT_TIMEOUT = 60 ", "IDLE_TIMEOUT = 30 ", "not slowed down here",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "SO_BROADCAST" not in text
    client = script(dataclasses.replace(spec, role="client"), "asyncio")
    assert 'sock.bind(("127.0.0.2", 7777))' in client
    assert "CONNECT_TIMEOUT = 2.5 " in client


CALLS = {
    ("tcp", "server"): ("socket", "setsockopt", "bind", "listen", "accept", "recv", "send", "close"),
    ("tcp", "client"): ("socket", "connect", "recv", "send", "close"),
    ("udp", "server"): ("socket", "bind", "recvfrom", "sendto"),
    ("udp", "client"): ("socket", "connect", "recvfrom", "sendto"),
}


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_each_call_has_its_line(style: Style, transport: str, role: str) -> None:
    spec = SocketSpec("s", transport, role, port=9000, program=Choice("echo"))  # type: ignore[arg-type]
    text = script(spec, style.name)
    lines = text.splitlines()
    for name in CALLS[transport, role]:
        line = line_of(text, CallKind[name])
        assert line is not None, name
        code = lines[line - 1].strip()
        assert not code.startswith(("#", '"')), (name, code)
    assert line_of(text, CallKind.note) is None
    assert line_of("this is no Python", CallKind.bind) is None


def test_the_line_of_an_option() -> None:
    text = script(SocketSpec("s", port=9000, options=SocketOptions(no_delay=True, keep_alive=False)), "blocking")
    lines = text.splitlines()
    for option in ("SO_REUSEADDR", "TCP_NODELAY", "SO_KEEPALIVE"):
        assert option in lines[(line_of(text, CallKind.setsockopt, option) or 0) - 1]
    assert line_of(text, CallKind.setsockopt, "SO_LINGER") is None
