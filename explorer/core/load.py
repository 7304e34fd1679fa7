"""A load on a server: so many clients, so many messages each. What is asked for (`LoadPlan`) and what came of it so
far (`LoadReport`). Both are plain values: the window, the engine and the process that makes the load share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Literal, cast, get_args

from explorer.core.endpoint import Endpoint, check_port
from explorer.core.errors import InputError
from explorer.core.failure import Failure
from explorer.core.fields import Field, Value, check
from explorer.core.latency import NO_LATENCIES, Latencies
from explorer.core.socket_spec import Choice, Transport

Connect = Literal["at_once", "per_second", "in_turn"]
Answers = Literal["echo", "any", "none"]
MOST_CLIENTS = 100_000
MOST_MESSAGES = 1_000_000
LARGEST = 1_048_576  # bytes of a message
LARGEST_DATAGRAM = 65_507  # bytes that UDP carries over IPv4
MOST_IN_ALL = 1_000_000_000  # messages of a run
MOST_RATE = 1_000_000
RAW = Choice("raw")

FIELDS: tuple[Field, ...] = (
    Field("clients", "int", 100, "Clients", "How many clients there are; each is a connection (TCP) or a socket (UDP).",
          minimum=1, maximum=MOST_CLIENTS),
    Field("messages", "int", 10, "Messages each", "How many messages each client sends.",
          minimum=1, maximum=MOST_MESSAGES),
    Field("size", "int", 64, "Message size", "Bytes of each message, before the framing is put around it.",
          minimum=1, maximum=LARGEST, unit="bytes"),
    Field("begin", "text", "", "Begins with",
          r"What each message begins with; escapes such as \n and \x00 count. The rest of its bytes is filled with the "
          "numbers of the client and the message, so that no two messages are the same. For exactly one command, e.g. "
          "T, make the size its length.", maximum=4096),
    Field("answers", "choice", "echo", "Answer",
          "Whether a client waits for an answer before it sends its next message, and which answer is right.",
          choices=get_args(Answers),
          labels=("the same message (echo)", "any message", "none: send only")),
    Field("rate", "int", 0, "Messages a second",
          "Of all clients together. 0: as fast as the answers come (or, without answers, as the system takes them).",
          minimum=0, maximum=MOST_RATE),
    Field("connect", "choice", "at_once", "Connect",
          "All clients connect at once; or so many more each second; or each when the one before it is done.",
          choices=get_args(Connect),
          labels=("all at once", "so many a second", "one after another")),
    Field("per_second", "int", 100, "New clients a second", "How many more clients connect each second.",
          minimum=1, maximum=MOST_RATE, brief="clients a second"),
    Field("hold", "bool", False, "Stay until all are done",
          "A client that is done keeps its connection until all others are done, so that all are connected at one "
          "time. A server that serves one client at a time never comes to the second one then."),
    Field("timeout", "int", 10, "Timeout",
          "How long a connect or an answer may take. A TCP client then gives up; a UDP client goes on with its next "
          "message.", minimum=1, maximum=3600, unit="s"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What is sent, to whom, how fast. The settings are those of `FIELDS`, with their limits; `checked` looks at them.

    size: bytes of a message before framing. begin: with escapes, as it was typed. rate: messages a second of all
    clients together, 0 for as fast as answers come. per_second counts only with connect "per_second". timeout:
    seconds. framing: as the server's, so that an answer is recognised; not of raw datagrams.
    """

    transport: Transport = "tcp"
    host: str = "127.0.0.1"
    port: int = 0
    framing: Choice = RAW
    clients: int = 100
    messages: int = 10
    size: int = 64
    begin: str = ""
    answers: Answers = "echo"
    rate: int = 0
    connect: Connect = "at_once"
    per_second: int = 100
    hold: bool = False
    timeout: int = 10

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.host, self.port)

    @property
    def total(self) -> int:
        """Messages of all clients."""
        return self.clients * self.messages

    @property
    def settings(self) -> dict[str, Value]:
        """Those of `FIELDS`, by name."""
        return {one.name: getattr(self, one.name) for one in FIELDS}

    def to_json(self) -> dict[str, object]:
        return {
            "transport": self.transport,
            "host": self.host,
            "port": self.port,
            "framing": self.framing.to_json(),
            **self.settings,
        }


def with_settings(plan: LoadPlan, settings: Mapping[str, object]) -> LoadPlan:
    """The plan with these settings of `FIELDS`; those left out have their default. Raises InputError, with the name
    of the field as its path."""
    values = check(FIELDS, settings, "$")
    return check_together(replace(plan, **values))  # type: ignore[arg-type]  # by name and type as FIELDS say


def check_together(plan: LoadPlan) -> LoadPlan:
    """The plan itself, when settings that are right alone fit together. Raises InputError."""
    if plan.total > MOST_IN_ALL:
        raise InputError(
            "$.messages",
            f"{plan.clients:,} clients with {plan.messages:,} messages each are {plan.total:,} messages; "
            f"at most {MOST_IN_ALL:,} are sent in one run. Take fewer clients or messages.",
        )
    if plan.transport == "udp" and plan.size > LARGEST_DATAGRAM:
        raise InputError(
            "$.size",
            f"Message size: a datagram carries at most {LARGEST_DATAGRAM:,} bytes; {plan.size:,} are more. "
            "Make it smaller, or use TCP.",
        )
    if plan.hold and plan.connect == "in_turn" and plan.clients > 1:
        raise InputError(
            "$.hold",
            "Stay until all are done: clients that come one after another are never connected together. "
            "Choose another way to connect, or let clients go when they are done.",
        )
    return plan


def check_target(plan: LoadPlan) -> LoadPlan:
    """The plan itself, when its host and port can be sent to. Raises InputError."""
    if not plan.host.strip():
        raise InputError("host", "Host: it is not known whom to send to. Write a host, e.g. 127.0.0.1.")
    if plan.endpoint.is_wildcard:
        raise InputError(
            "host", f"Host: {plan.host} stands for all addresses of a machine, and nothing can be sent to it. "
            "For this machine, use 127.0.0.1 or ::1.",
        )  # fmt: skip
    check_port(plan.port, lowest=1)
    return plan


def from_json(given: object) -> LoadPlan:
    """A plan as `LoadPlan.to_json` gave it; its framing is not looked at. Raises InputError."""
    if not isinstance(given, dict):
        raise InputError("$", "A load is described by an object.")
    rest = dict(given)
    transport, host, port = rest.pop("transport", "tcp"), rest.pop("host", ""), rest.pop("port", 0)
    framing = rest.pop("framing", {"kind": "raw"})
    if transport not in get_args(Transport):
        raise InputError("$.transport", f"The transport must be tcp or udp, not {transport!r}.")
    if not isinstance(host, str) or len(host) > 255:
        raise InputError("$.host", f"The host must be a text, not {host!r}.")
    if isinstance(port, bool) or not isinstance(port, int):
        raise InputError("$.port", f"The port must be a whole number, not {port!r}.")
    if not isinstance(framing, dict) or not isinstance(framing.get("kind"), str):
        raise InputError("$.framing", "The framing must be an object with a kind.")
    settings = {name: value for name, value in framing.items() if name != "kind"}
    choice = Choice(framing["kind"], MappingProxyType(cast("dict[str, Value]", settings)))
    return with_settings(LoadPlan(cast(Transport, transport), host, check_port(port), choice), rest)


# -- what came of it ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failed:
    """Clients that failed in one way."""

    failure: Failure
    count: int


End = Literal["", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How far a run is, at most ten times a second and once at its end.

    waiting … failed: clients, each in one of these. waiting: not begun yet; connecting: the connect is under way;
    open: connected and not done; done: all its messages were dealt with; failed: given up, see `failures`.
    connections: that are there now, those of clients that are done among them; peak: the most at one time.
    sent, answered: messages. wrong: answers that are not the one expected. lost: answers that did not come in time.
    late: answers that came after their time (UDP), counted as lost before.
    unasked: messages that came though none was waited for.
    settled: of `total`, the messages of which nothing more is expected, those of failed clients among them.
    bytes_sent, bytes_received: on the wire of the transport, framing included.
    seconds: since the run began. sending: seconds from the first message to the newest one's answer.
    recent: messages a second over about the last second; rate: over `sending` (see there).
    behind: messages that should have been sent by now at the wanted rate, and were not for want of a free client.
    latencies: from the send call to the whole answer; connects: from the connect call until it was established.
    notes: sentences on what is otherwise than asked for, and why. problem: why the run failed as a whole.
    end: "" while it goes on.
    """

    clients: int
    total: int
    waiting: int = 0
    connecting: int = 0
    open: int = 0
    done: int = 0
    failed: int = 0
    connections: int = 0
    sent: int = 0
    answered: int = 0
    wrong: int = 0
    lost: int = 0
    late: int = 0
    unasked: int = 0
    settled: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    seconds: float = 0.0
    sending: float = 0.0
    recent: float = 0.0
    behind: int = 0
    peak: int = 0
    latencies: Latencies = NO_LATENCIES
    connects: Latencies = NO_LATENCIES
    failures: tuple[Failed, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    end: End = ""

    @property
    def over(self) -> bool:
        return bool(self.end)

    @property
    def rate(self) -> float:
        """Messages a second on average, answered ones where answers are waited for; 0 before there are two."""
        count = self.answered or self.sent
        return count / self.sending if count > 1 and self.sending > 0 else 0.0


def report_json(report: LoadReport) -> dict[str, object]:
    """For a pipe between two processes."""
    found: dict[str, object] = {one.name: getattr(report, one.name) for one in fields(report)}
    for name in ("latencies", "connects"):
        told: Latencies = getattr(report, name)
        found[name] = [told.buckets, told.count, told.least, told.most, told.total]
    found["failures"] = [
        [one.failure.call, one.failure.errno, one.failure.said, one.failure.means, one.failure.advice, one.count]
        for one in report.failures
    ]
    return found


def report_from(given: Mapping[str, object]) -> LoadReport:
    """What `report_json` made, after a way through JSON. Raises KeyError, TypeError or ValueError for anything else."""
    found = dict(given)
    for name in ("latencies", "connects"):
        buckets, count, least, most, total = cast("list[object]", found[name])
        pairs = tuple((int(number), int(times)) for number, times in cast("list[list[int]]", buckets))
        found[name] = Latencies(pairs, int(count), int(least), int(most), int(total))  # type: ignore[call-overload]
    found["failures"] = tuple(
        Failed(Failure(*one[:5]), int(one[5])) for one in cast("list[list[str]]", found["failures"])
    )
    found["notes"] = tuple(cast("list[str]", found["notes"]))
    return LoadReport(**found)  # type: ignore[arg-type]
