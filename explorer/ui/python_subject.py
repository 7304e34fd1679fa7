"""What the Python dock can show as a script: a socket, or a sequence with the sockets that it works on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from explorer.as_python.api import StyleName
from explorer.as_python.programs.registry import environment
from explorer.as_python.script import script
from explorer.as_python.sequences.script import sequence_environment, sequence_script
from explorer.core.sequence import Sequence, sockets_of
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import SocketSpec


@dataclass(frozen=True, slots=True)
class SocketSubject:
    """number: of the socket in the window."""

    number: int
    spec: SocketSpec

    @property
    def file(self) -> str:
        return file_of(self.spec)

    @property
    def title(self) -> str:
        return f"{self.spec.name} · {self.spec.title} as {self.file}"

    @property
    def servers(self) -> tuple[SocketSpec, ...]:
        """Whose ports the script binds."""
        return (self.spec,) if self.spec.role == "server" else ()

    @property
    def can_move(self) -> bool:
        """Whether the script makes sense on another port."""
        return True

    @property
    def can_type(self) -> bool:
        """Whether what is typed is sent."""
        return self.spec.program.kind == "none"

    def text(self, style: StyleName) -> str:
        """The script. Raises InputError."""
        return script(self.spec, style, self.file)

    def moved(self) -> SocketSubject:
        """The same on a port that the system chooses."""
        return replace(self, spec=replace(self.spec, port=0))

    def environment(self) -> dict[str, str]:
        """Variables that the script asks for. Raises InputError."""
        return environment(self.spec)


@dataclass(frozen=True, slots=True)
class SequenceSubject:
    """specs, snippets: those that its steps name."""

    sequence: Sequence
    specs: tuple[SocketSpec, ...]
    snippets: tuple[Snippet, ...]

    @property
    def file(self) -> str:
        return f"{_word(self.sequence.name) or 'sequence'}.py"

    @property
    def title(self) -> str:
        return f"{self.sequence.name} · sequence as {self.file}"

    @property
    def servers(self) -> tuple[SocketSpec, ...]:
        return tuple(spec for spec in self.specs if spec.role == "server")

    @property
    def can_move(self) -> bool:
        return False

    @property
    def can_type(self) -> bool:
        return False

    def text(self, style: StyleName) -> str:
        specs = {spec.name: spec for spec in self.specs}
        return sequence_script(self.sequence, specs, self.snippets, style, self.file)

    def moved(self) -> SequenceSubject:
        return self

    def environment(self) -> dict[str, str]:
        return sequence_environment(self.sequence, {spec.name: spec for spec in self.specs})


Subject = SocketSubject | SequenceSubject


def sequence_subject(sequence: Sequence, specs: list[SocketSpec], snippets: tuple[Snippet, ...]) -> SequenceSubject:
    """A sequence of a workspace with these sockets and snippets."""
    named = sockets_of(sequence)
    return SequenceSubject(sequence, tuple(spec for spec in specs if spec.name in named), snippets)


def file_of(spec: SocketSpec) -> str:
    """What the script of a socket is called, e.g. ``echo_tcp_server.py``."""
    return f"{_word(spec.name) or 'socket'}_{spec.transport}_{spec.role}.py"


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
