"""A load as it stands in its form: presets, what was typed, and the plan it amounts to. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value, check
from explorer.core.load import FIELDS, Answers, LoadPlan, with_settings
from explorer.core.serving import find_kind
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.entries import SocketEntry
from explorer.ui.units import count_text


@dataclass(frozen=True, slots=True)
class LoadPreset:
    """Settings of a load that have a name; those left out have their default."""

    label: str
    settings: Mapping[str, Value]
    help: str


@dataclass(frozen=True, slots=True)
class LoadKind:
    """All loads are of one kind: the form for a framing or a program serves for them, too."""

    name: str
    label: str
    summary: str
    fields: tuple[Field, ...]
    presets: tuple[LoadPreset, ...]


KIND = LoadKind(
    "load",
    "Load",
    "Many clients at once.",
    FIELDS,
    (
        LoadPreset("100 clients, 10 messages", {}, "A first look: 1,000 messages in all, as fast as the answers come."),
        LoadPreset("1 client, 1,000 messages", {"clients": 1, "messages": 1000},
                   "How long one exchange takes while nobody else is there."),
        LoadPreset("1,000 clients, 10 messages", {"clients": 1000},
                   "Far more clients than a server with a thread or a process for each usually has."),
        LoadPreset("10,000 clients, 3 echoes", {"clients": 10_000, "messages": 3, "hold": True, "timeout": 60},
                   "All are connected at one time, until the last one has its answers."),
        LoadPreset("1,000 messages a second for 10 s", {"clients": 50, "messages": 200, "rate": 1000},
                   "A steady rate: how long does an answer take while the server is not overrun?"),
        LoadPreset("20 clients, one after another", {"clients": 20, "connect": "in_turn"},
                   "What it costs to connect, with one client at a time."),
    ),
)  # fmt: skip


class LoadRegistry:
    """See `explorer.ui.choice_draft.ChoiceRegistry`."""

    def kinds(self) -> Sequence[LoadKind]:
        return (KIND,)

    def check_choice(self, given: object, path: str = "$") -> Choice:
        if not isinstance(given, dict) or given.get("kind") != KIND.name:
            raise InputError(path, "A load is described by an object.")
        settings = {name: value for name, value in given.items() if name != "kind"}
        with_settings(LoadPlan(), settings)
        return Choice(KIND.name, MappingProxyType(settings))


class LoadDraft(ChoiceDraft):
    """The settings of `FIELDS` being edited."""

    def __init__(self, plan: LoadPlan) -> None:
        super().__init__(LoadRegistry(), _choice(plan))

    def take_plan(self, plan: LoadPlan) -> None:
        """Show this plan's settings."""
        self.take(_choice(plan))

    @property
    def fields(self) -> tuple[Field, ...]:
        """How many clients a second matters only where that is how they come."""
        gradual = self.text(next(field for field in FIELDS if field.name == "connect")) == "per_second"
        return tuple(field for field in FIELDS if gradual or field.name != "per_second")


def _choice(plan: LoadPlan) -> Choice:
    defaults = check(FIELDS, {})
    return Choice(KIND.name, {name: value for name, value in plan.settings.items() if value != defaults[name]})


# -- servers of ours that can be loaded ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loadable:
    """A server of ours: what a load needs to know of it. model: how it serves, e.g. "Thread per client".

    everywhere: it listens on all addresses of this machine. stopped: it ran and does so no more, but is still chosen.
    """

    number: int
    name: str
    plan: LoadPlan
    model: str
    spec: SocketSpec
    everywhere: bool = False
    stopped: bool = False

    @property
    def title(self) -> str:
        """E.g. ``echo · TCP 127.0.0.1:9000 · Selectors``."""
        model = f" · {self.model}" if self.model else ""
        end = " · stopped" if self.stopped else ""
        return f"{self.name} · {self.plan.transport.upper()} {self.plan.endpoint}{model}{end}"


def loadable(entries: Sequence[SocketEntry]) -> list[Loadable]:
    """The servers that run now, in the order in which they are listed."""
    found = []
    for entry in entries:
        spec = entry.started or entry.spec
        if spec.role == "server" and entry.state in (State.LISTEN, State.BOUND) and entry.local is not None:
            host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(entry.local.host, entry.local.host)
            framing = entry.spec.framing  # which may have been changed while it runs
            plan = LoadPlan(spec.transport, host, entry.local.port, framing, answers=_answers(entry.spec))
            model = short_model(spec) if spec.transport == "tcp" else ""
            found.append(Loadable(entry.number, spec.name, plan, model, spec, entry.local.is_wildcard))
    return found


def serving_at(servers: Sequence[Loadable], plan: LoadPlan) -> Loadable | None:
    """The running server of ours that this plan reaches; None: it is another's."""
    for one in servers:
        if one.stopped or (one.plan.transport, one.plan.port) != (plan.transport, plan.port):
            continue
        here = plan.endpoint.is_loopback and (one.everywhere or "localhost" in (plan.host, one.plan.host))
        if one.plan.host == plan.host or (here and (one.everywhere or one.plan.endpoint.is_loopback)):
            return one
    return None


def stopped_text(server: Loadable | None) -> str:
    """Why nothing can be sent to the chosen one now; "" when it runs."""
    if server is None or not server.stopped:
        return ""
    return (
        f"“{server.name}” is stopped. Start it among the sockets and press Start load again, or choose another server."
    )


def short_model(spec: SocketSpec) -> str:
    """How it serves, without the explanation in brackets."""
    return find_kind(spec.serving.kind).label.partition(" (")[0]


def _answers(spec: SocketSpec) -> Answers:
    """What can be expected of its program."""
    kind = spec.program.kind
    if kind == "echo":
        return "echo"
    return "none" if kind in ("none", "discard", "chargen", "log") else "any"


def limits_text(plan: LoadPlan, server: Loadable | None) -> str:
    """What is to be expected of so many clients, given how the server serves; "" when nothing needs saying."""
    if server is None or plan.transport != "tcp" or plan.connect == "in_turn":
        return ""
    spec = server.spec
    queue = spec.options.backlog
    waits = f"the accept queue ({queue:,} of them)" if queue else "the accept queue"
    rest = "their connects are tried again by the system, or time out"
    if spec.serving.kind == "iterative" and plan.clients > 1:
        never = " With “Stay until all are done” the second one never comes in its turn." if plan.hold else ""
        return f"It serves one client at a time: the others wait in {waits}; when that is full, {rest}.{never}"
    most = _most(spec)
    if most and plan.clients > most:
        one = find_kind(spec.serving.kind).workers
        held = " Those served do not leave before all are done, so the others time out." if plan.hold else ""
        return (
            f"It serves at most {count_text(most, one, _plural(one))} at a time, and {plan.clients:,} clients come: "
            f"the others wait in {waits}; when that is full, {rest}.{held}"
        )
    return ""


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith("s") else f"{word}s"


def _most(spec: SocketSpec) -> int:
    """Clients that are served at one time; 0: all."""
    try:
        kind = find_kind(spec.serving.kind)
        value = check(kind.fields, spec.serving.settings).get("most", 0)
    except InputError:
        return 0
    return value if isinstance(value, int) else 0
