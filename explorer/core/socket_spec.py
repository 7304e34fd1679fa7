"""What the user asked for: frozen, serialisable, the same in the form, the workspace and the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from explorer.core.endpoint import Endpoint
from explorer.core.fields import Value
from explorer.core.pace import FULL_PACE, Pace

Transport = Literal["tcp", "udp"]
Role = Literal["server", "client"]

MIN_BUFFER_SIZE = 1
MAX_BUFFER_SIZE = 1_048_576
DEFAULT_BUFFER_SIZE = 4096
DEFAULT_BACKLOG = 128
DEFAULT_ANSWER_LIMIT = 10_000  # answers a second to one UDP address


@dataclass(frozen=True, slots=True)
class Choice:
    """A framing or a program by its kind, with its settings as they were given (defaults left out)."""

    kind: str
    settings: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    def to_json(self) -> dict[str, Value]:
        return {"kind": self.kind, **self.settings}


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """Options of the workspace contract. None leaves what the system has by default.

    backlog: connections that may wait in the accept queue (listen(2)).
    linger: seconds for SO_LINGER; 0 makes close send a reset.
    receive_buffer, send_buffer: bytes asked for by SO_RCVBUF, SO_SNDBUF.
    timeout: seconds that connect may take.
    accept_timeout: seconds that a server waits for the next client before it says that none came.
    idle_timeout: seconds after which a server closes a connection on which nothing was received or sent.
    answer_limit: answers a second that a program sends to one address over UDP, at most (DEFAULT_ANSWER_LIMIT when not
    given; 0: no limit): whoever forges a sender's address must not have its owner flooded. Over TCP, where nobody is
    answered who did not ask, there is none.
    local_host, local_port: what a client binds to before it connects.
    """

    backlog: int | None = None
    reuse_address: bool | None = None
    reuse_port: bool | None = None
    no_delay: bool | None = None
    keep_alive: bool | None = None
    linger: int | None = None
    receive_buffer: int | None = None
    send_buffer: int | None = None
    broadcast: bool | None = None
    timeout: float | None = None
    accept_timeout: float | None = None
    idle_timeout: float | None = None
    answer_limit: int | None = None
    local_host: str | None = None
    local_port: int | None = None
    ipv6_only: bool | None = None


@dataclass(frozen=True, slots=True)
class SocketSpec:
    """One socket the user wants. `buffer_size` (bytes) is exactly what recv or recvfrom is called with.

    serving: how a TCP server serves its clients (`explorer.core.serving`); without meaning for all others.
    """

    name: str
    transport: Transport = "tcp"
    role: Role = "server"
    host: str = "127.0.0.1"
    port: int = 0
    buffer_size: int = DEFAULT_BUFFER_SIZE
    encoding: str = "utf-8"
    framing: Choice = Choice("raw")
    program: Choice = Choice("none")
    options: SocketOptions = SocketOptions()
    pace: Pace = FULL_PACE
    serving: Choice = Choice("selectors")

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.host, self.port)

    @property
    def title(self) -> str:
        """E.g. ``TCP server``."""
        return f"{self.transport.upper()} {self.role}"
