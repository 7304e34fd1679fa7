"""The settings of one socket as they stand in the form: what was typed, right or wrong.

The document holds valid settings only. What was typed and is not valid stays here, with the sentence that
says why, until it is put right or the document changes in that place.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import cast

from explorer.core import serving
from explorer.core.endpoint import WILDCARDS, Endpoint, parse_port
from explorer.core.errors import InputError
from explorer.core.names import LONGEST_NAME, check_whole
from explorer.core.socket_spec import MAX_BUFFER_SIZE, MIN_BUFFER_SIZE, Role, SocketSpec, Transport
from explorer.ui.choice_draft import ChoiceDraft, ChoiceRegistry, parse_whole_number
from explorer.ui.pace_draft import PaceDraft
from explorer.workspace import PROGRAMS

FIELDS = ("name", "transport", "role", "host", "port", "buffer_size", "encoding")
LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class Read:
    """spec: the document's settings with everything valid taken over. problems: sentences by field; those of
    a framing's, program's or pace's own fields as ``framing.hex``."""

    spec: SocketSpec
    problems: Mapping[str, str]


class SpecDraft:
    """One socket's form."""

    def __init__(self, spec: SocketSpec, framings: ChoiceRegistry, programs: ChoiceRegistry) -> None:
        self._spec = spec
        self._typed: dict[str, str] = {}
        self._editing = ""  # the field that is typed in, and what the document had before that began
        self._before: object = None
        self.choices = {
            "framing": ChoiceDraft(framings, spec.framing),
            "program": ChoiceDraft(programs, spec.program),
            "serving": ChoiceDraft(serving, spec.serving),
        }
        self.pace = PaceDraft(spec.pace)

    def take(self, spec: SocketSpec) -> None:
        """The document changed. What was typed stays in every field whose setting is as it was before."""
        for name in FIELDS:
            if getattr(spec, name) != getattr(self._spec, name):
                self._typed.pop(name, None)
                if name == self._editing:
                    self._editing = ""
                if name == "port":
                    self._typed.pop("role", None)  # it may have waited for a port
        for name, draft in self.choices.items():
            if getattr(spec, name) != getattr(self._spec, name):
                draft.take(getattr(spec, name))
        self.pace.take(spec.pace)
        self._spec = spec

    def text(self, name: str) -> str:
        """What stands in a field."""
        return self._typed.get(name, str(getattr(self._spec, name)))

    def put(self, name: str, text: str) -> None:
        """The user changed a field."""
        if name != self._editing:
            self._editing, self._before = name, getattr(self._spec, name)
        self._typed[name] = text

    def read(self, other_names: Collection[str]) -> Read:
        """What the form amounts to. When the document has taken it, `settle` must follow."""
        problems: dict[str, str] = {}
        role = cast(Role, self.text("role"))
        values: dict[str, object] = {
            "transport": cast(Transport, self.text("transport")),
            "encoding": self.text("encoding"),
        }
        parsers: dict[str, Callable[[], object]] = {
            "name": lambda: parse_name(self.text("name"), other_names),
            "host": lambda: parse_host(self.text("host")),
            "port": lambda: parse_port(self.text("port"), 1 if role == "client" else 0),
            "buffer_size": lambda: parse_buffer_size(self.text("buffer_size")),
        }
        for name, parser in parsers.items():
            try:
                values[name] = parser()
            except InputError as error:
                problems[name] = error.message
                # Half of a wrong text may have been right (7000 of 70000), but nobody has asked for that.
                values[name] = self._before if name == self._editing else getattr(self._spec, name)
        if role == "server" or values["port"]:
            values["role"] = role
        # Otherwise a client without a port would stand in the document: it stays a server until there is one.
        for name, draft in self.choices.items():
            if name == "serving" and not serves(values["transport"], role):
                continue
            checked = draft.check()
            if checked.choice is not None:
                values[name] = checked.choice
            problems |= {f"{name}.{field}": message for field, message in checked.problems.items()}
        pace = self.pace.check()
        values["pace"] = pace.pace
        problems |= {f"pace.{field}": message for field, message in pace.problems.items()}
        problems = unsuited(cast(Transport, values["transport"]), role, self.choices) | problems
        return Read(replace(self._spec, **values), problems)  # type: ignore[arg-type]

    def settle(self, spec: SocketSpec) -> None:
        """The document holds `spec` now, as it was read. What is written another way there stays as it was typed."""
        self._spec = spec
        for name, draft in self.choices.items():
            draft.settle(getattr(spec, name))
        self.pace.take(spec.pace)
        for name in list(self._typed):
            if self._typed[name] == str(getattr(spec, name)):
                del self._typed[name]

    def tidy(self, name: str) -> None:
        """The keyboard left a field whose text is valid: from now on it shows the value as the document has it."""
        self._typed.pop(name, None)
        if name == self._editing:
            self._editing = ""


def serves(transport: object, role: object) -> bool:
    """Whether it is a TCP server, which has a way of serving its clients."""
    return (transport, role) == ("tcp", "server")


def unsuited(transport: Transport, role: Role, choices: Mapping[str, ChoiceDraft]) -> dict[str, str]:
    """Sentences about a program and a way of serving that cannot be used here, by field."""
    program = choices["program"].description
    kind = PROGRAMS.find_kind(program.name)
    if transport not in kind.transports:
        known = " and ".join(name.upper() for name in kind.transports)
        return {"program.": f"{program.label} works over {known} only; choose {known}, or another program."}
    way = serving.find_kind(choices["serving"].kind)
    if kind.shared and way.workers == "process" and serves(transport, role):
        return {
            "serving.": f"The clients of {program.label} know of each other, so they cannot be served by processes of "
            "their own. Choose another way of serving, or another program."
        }
    return {}


def parse_name(text: str, others: Collection[str]) -> str:
    """A socket's name. Raises InputError."""
    name = text.strip()
    if not name:
        raise InputError("name", "A name is needed; it tells this socket from the others.")
    if len(name) > LONGEST_NAME:
        raise InputError("name", f"The name has {len(name):,} characters; at most {LONGEST_NAME} are kept.")
    if name in others:
        raise InputError("name", f"Another socket is called {name!r} already; names are used once.")
    check_whole(name, "name")
    return name


def parse_host(text: str) -> str:
    """A host: a name or an address; brackets around an IPv6 address are taken off. Raises InputError."""
    host = text.strip()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not host:
        raise InputError("host", "A host is needed: a name or an address, e.g. 127.0.0.1 for this machine.")
    if len(host) > LONGEST_HOST:
        raise InputError("host", f"The host has {len(host):,} characters; names have at most {LONGEST_HOST}.")
    if any(character.isspace() for character in host):
        raise InputError("host", f"{host!r} has a space in it; hosts have none.")
    check_whole(host, "host")
    if "/" in host:
        raise InputError("host", f"{host!r} is not a host; write only the name or address, without // or a path.")
    if ":" in host:
        return _check_colons(host)
    if host.isascii() and host.isdigit():
        # The system would read it as the number of an IPv4 address: 9007 as 0.0.35.47.
        port = "Is it the port? That has a field of its own. " if int(host) <= 65535 else ""
        raise InputError("host", f"{host} is a number, not a host. {port}Write a name or an address, e.g. 127.0.0.1.")
    if _looks_like_ipv4(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise InputError(
                "host", f"{host} is not an IPv4 address: that is four numbers from 0 to 255, without leading zeros."
            ) from None
    return host


def _check_colons(host: str) -> str:
    """A host with a colon must be an IPv6 address."""
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        bare, _, port = host.rpartition(":")
        if port.isdigit() and (":" not in bare or bare.endswith("]")):
            raise InputError("host", f"The port has a field of its own; write only {bare} here.") from None
        raise InputError("host", f"{host} is not an IPv6 address, e.g. ::1; other hosts have no colon.") from None
    return host


def _looks_like_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts)


def parse_buffer_size(text: str) -> int:
    """Bytes for recv. Raises InputError."""
    size = parse_whole_number(text, "Buffer size", "buffer_size")
    if not MIN_BUFFER_SIZE <= size <= MAX_BUFFER_SIZE:
        raise InputError(
            "buffer_size", f"Buffer size must be from {MIN_BUFFER_SIZE} to {MAX_BUFFER_SIZE:,} bytes; {size:,} is not."
        )
    return size


def reach(spec: SocketSpec) -> str:
    """Who can reach a server on its host, or where a client goes: one sentence."""
    verb = "connect" if spec.transport == "tcp" else "send to it"
    if spec.role == "client":
        if spec.host in WILDCARDS:
            return f"{spec.host} is not an address to talk to on every system; use 127.0.0.1 or ::1 for this machine."
        return ""
    where = "The system will choose a free port. " if spec.port == 0 else ""
    endpoint = Endpoint(spec.host, spec.port)
    if endpoint.is_wildcard:
        return f"{where}Every machine that can reach this one can {verb}."
    if endpoint.is_loopback:
        return f"{where}Only programs on this machine can {verb}."
    return f"{where}Machines that can reach {spec.host} can {verb}."
