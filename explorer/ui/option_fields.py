"""The options of a socket as a form shows them: what each is for, and where it applies. No Qt."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Literal

from explorer.core.endpoint import MAX_PORT
from explorer.core.errors import InputError
from explorer.core.socket_spec import SocketOptions, SocketSpec
from explorer.ui.choice_draft import parse_whole_number
from explorer.ui.spec_draft import parse_host

OptionType = Literal["switch", "number", "seconds", "host"]
Text = str  # of a switch: "", "on" or "off"; of everything else what was typed; "" is the system's default


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option.

    name: its field in SocketOptions. system: its name in the manual pages, "" for ours.
    transport, role: where it applies; "" for both. minimum, maximum: inclusive limits.
    empty: what stands in a field that holds nothing.
    """

    name: str
    label: str
    why: str
    type: OptionType
    group: str
    system: str = ""
    transport: str = ""
    role: str = ""
    minimum: int = 0
    maximum: int = 0
    unit: str = ""
    empty: str = "system default"

    def absent(self, spec: SocketSpec) -> str:
        """Why the option means nothing for this socket; "" when it applies."""
        if self.transport and self.transport != spec.transport:
            return f"Only for {self.transport.upper()}."
        if self.role and self.role != spec.role:
            return f"Only for {self.role}s."
        if self.name == "reuse_port" and sys.platform == "win32":
            return "Windows does not have it."
        if self.name == "ipv6_only" and _is_ipv4(spec.host):
            return "Only for IPv6."
        return ""

    def parse(self, text: Text) -> bool | int | float | str | None:
        """The value that stands in a form, None for the system's default. Raises InputError."""
        bare = text.strip()
        if not bare:
            return None
        if self.type == "switch":
            return bare == "on"
        if self.type == "host":
            return parse_host(bare)
        if self.type == "seconds":
            return self._seconds(bare)
        number = parse_whole_number(bare, self.label, self.name)
        if not self.minimum <= number <= self.maximum:
            raise InputError(self.name, f"{self._limits}; {number:,} is not.")
        return number

    def _seconds(self, text: str) -> float:
        try:
            seconds = float(text.replace(",", "."))
        except ValueError:
            seconds = -1
        if not 0 < seconds <= self.maximum:
            raise InputError(
                self.name,
                f"{self.label} must be a number of seconds above 0, at most {self.maximum:,}; {text!r} is not.",
            )
        return seconds

    @property
    def _limits(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.label} must be from {self.minimum:,} to {self.maximum:,}{unit}"

    def write(self, options: SocketOptions) -> Text:
        """What stands in the form for these options."""
        value = getattr(options, self.name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "on" if value else "off"
        return f"{value:g}" if isinstance(value, float) else str(value)


def _is_ipv4(host: str) -> bool:
    return host.count(".") == 3 and host.replace(".", "").isdigit()


LARGEST_INT = (1 << 31) - 1
OPTION_FIELDS = (
    OptionField(
        "reuse_address", "Reuse address", "Start despite old connections (TIME_WAIT). TCP servers have it by default.",
        "switch", "Address", "SO_REUSEADDR",
    ),
    OptionField(
        "reuse_port", "Reuse port", "Let several sockets bind the same port; the system shares the load among them.",
        "switch", "Address", "SO_REUSEPORT",
    ),
    OptionField(
        "ipv6_only", "IPv6 only", "Keep IPv4 peers away from a server on an IPv6 address such as ::.",
        "switch", "Address", "IPV6_V6ONLY", role="server",
    ),
    OptionField(
        "local_host", "Local host", "The address that a client sends from; matters on machines with several.",
        "host", "Address", "bind", role="client",
    ),
    OptionField(
        "local_port", "Local port", "The port that a client sends from; some devices answer only to one.",
        "number", "Address", "bind", role="client", maximum=MAX_PORT,
    ),
    OptionField(
        "backlog", "Backlog",
        "How many connections may wait to be accepted. Linux lets one more wait than asked: 6 with a backlog of 5.",
        "number", "Connections", "listen", "tcp", "server", 0, 65_535, "connections",
    ),
    OptionField(
        "accept_timeout", "Accept timeout",
        "How long a server waits for the next client before it says that none came, e.g. 60.",
        "seconds", "Connections", "accept", "tcp", "server", 0, 86_400, "seconds", "for ever",
    ),
    OptionField(
        "idle_timeout", "Idle timeout",
        "Close a connection on which nothing was received or sent for so long, e.g. 60 as many servers do.",
        "seconds", "Connections", "", "tcp", "server", 0, 86_400, "seconds", "never",
    ),
    OptionField(
        "timeout", "Connect timeout", "How long connect may take before it is given up.",
        "seconds", "Connections", "connect", "tcp", "client", 0, 86_400, "seconds",
    ),
    OptionField(
        "keep_alive", "Keep alive", "Probe a silent peer now and then, to notice that it is gone.",
        "switch", "Connections", "SO_KEEPALIVE", "tcp",
    ),
    OptionField(
        "linger", "Linger", "How long close may wait until everything is sent; 0 resets the connection instead.",
        "number", "Connections", "SO_LINGER", "tcp", "", 0, 32_767, "seconds",
    ),
    OptionField(
        "no_delay", "No delay", "Send small pieces at once instead of gathering them (Nagle's algorithm off).",
        "switch", "Data", "TCP_NODELAY", "tcp",
    ),
    OptionField(
        "broadcast", "Broadcast", "Allow sending to broadcast addresses such as 255.255.255.255.",
        "switch", "Data", "SO_BROADCAST", "udp",
    ),
    OptionField(
        "answer_limit", "Answer limit",
        "The most answers of a program to one address in a second, so that nobody can flood somebody through it; "
        "0: no limit.",
        "number", "Data", "", "udp", "", 0, 10_000_000, "a second", "10,000",
    ),
    OptionField(
        "receive_buffer", "Receive buffer", "How much the system keeps until it is read (not the buffer of recv).",
        "number", "Data", "SO_RCVBUF", "", "", 1, LARGEST_INT, "bytes",
    ),
    OptionField(
        "send_buffer", "Send buffer", "How much the system takes before sending blocks.",
        "number", "Data", "SO_SNDBUF", "", "", 1, LARGEST_INT, "bytes",
    ),
)  # fmt: skip


def with_texts(options: SocketOptions, texts: dict[str, Text]) -> tuple[SocketOptions, dict[str, str]]:
    """Options with what stands in the form, and sentences about what cannot be used, by name."""
    problems: dict[str, str] = {}
    values: dict[str, object] = {}
    for field in OPTION_FIELDS:
        if field.name in texts:
            try:
                values[field.name] = field.parse(texts[field.name])
            except InputError as error:
                problems[field.name] = error.message
    return replace(options, **values), problems  # type: ignore[arg-type]


def count_set(spec: SocketSpec) -> int:
    """How many options of this socket are not the system's default and apply to it."""
    return sum(getattr(spec.options, field.name) is not None and not field.absent(spec) for field in OPTION_FIELDS)
