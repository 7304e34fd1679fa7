"""Workspaces: the JSON file in which sockets and snippets are kept (schema in resources/workspace.schema.json).

Reading refuses what it does not know, with the path of the wrong place (`$.sockets[0].port`), so that
a typing error in a file is never silently ignored.
"""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import msgspec.inspect

from explorer.core import serving
from explorer.core.endpoint import MAX_PORT
from explorer.core.errors import InputError, ShownError
from explorer.core.names import LONGEST_NAME, check_whole
from explorer.core.pace import FULL_PACE, MAX_PAUSE, MAX_SIZE, Pace
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import (
    DEFAULT_BUFFER_SIZE,
    MAX_BUFFER_SIZE,
    MIN_BUFFER_SIZE,
    Choice,
    SocketOptions,
    SocketSpec,
)
from explorer.programs import registry as programs
from explorer.programs.fitting import check_spec
from explorer.wire.framing import registry as framings
from explorer.workspace_snippets import MOST_SNIPPETS, SnippetEntry, read_snippets, write_snippet

if TYPE_CHECKING:
    from explorer.core.sequence import Sequence

PROGRAMS = programs  # the registry, for forms: the window knows programs as settings of a workspace only
VERSION = 1
MAX_FILE = 16 << 20  # bytes; no workspace written by hand or by this program comes near

Port = Annotated[int, msgspec.Meta(ge=0, le=MAX_PORT)]
BufferSize = Annotated[int, msgspec.Meta(ge=MIN_BUFFER_SIZE, le=MAX_BUFFER_SIZE)]
SendSize = Annotated[int, msgspec.Meta(ge=0, le=MAX_SIZE)]
Pause = Annotated[int, msgspec.Meta(ge=0, le=MAX_PAUSE)]
KernelBuffer = Annotated[int, msgspec.Meta(ge=1, le=(1 << 31) - 1)]


class WorkspaceError(ShownError):
    """A workspace cannot be read or written. The text names the file and the place."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What a workspace holds, in order."""

    sockets: tuple[SocketSpec, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    sequences: tuple[Sequence, ...] = ()


class OptionsEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`options` of a socket, as in the file. Absent: the system's default."""

    backlog: Annotated[int, msgspec.Meta(ge=0, le=65_535)] | None = None
    reuse_address: bool | None = None
    reuse_port: bool | None = None
    no_delay: bool | None = None
    keep_alive: bool | None = None
    linger: Annotated[int, msgspec.Meta(ge=0, le=32_767)] | None = None
    receive_buffer: KernelBuffer | None = None
    send_buffer: KernelBuffer | None = None
    broadcast: bool | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None
    accept_timeout: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None
    idle_timeout: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None
    answer_limit: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] | None = None
    local_host: str | None = None
    local_port: Port | None = None
    ipv6_only: bool | None = None


class PaceEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`pace` of a socket, as in the file. Sizes in bytes (0: not cut), pauses in milliseconds."""

    send_size: SendSize = FULL_PACE.send_size
    send_random: bool = FULL_PACE.send_random
    send_pause: Pause = FULL_PACE.send_pause
    receive_pause: Pause = FULL_PACE.receive_pause


class SocketEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One socket, as in the file."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    transport: Literal["tcp", "udp"]
    role: Literal["server", "client"]
    port: Port
    host: Annotated[str, msgspec.Meta(min_length=1, max_length=255)] = "127.0.0.1"
    buffer_size: BufferSize = DEFAULT_BUFFER_SIZE
    encoding: str = "utf-8"
    framing: dict[str, Any] = msgspec.field(default_factory=lambda: {"kind": "raw"})
    program: dict[str, Any] = msgspec.field(default_factory=lambda: {"kind": "none"})
    options: OptionsEntry = msgspec.field(default_factory=OptionsEntry)
    pace: PaceEntry = msgspec.field(default_factory=PaceEntry)
    serving: dict[str, Any] = msgspec.field(default_factory=lambda: serving.DEFAULT.to_json())


class WorkspaceFile(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file."""

    version: Literal[1]
    sockets: list[SocketEntry]
    snippets: Annotated[list[SnippetEntry], msgspec.Meta(max_length=MOST_SNIPPETS)] = []
    sequences: list[dict[str, Any]] = []  # see explorer.workspace_sequences, imported when there are any


def parse(text: bytes | str) -> Workspace:
    """What a workspace's text holds. Raises InputError with the path of what is wrong."""
    if isinstance(text, str):
        text = text.encode(errors="surrogatepass")
    try:
        found = msgspec.json.decode(text.removeprefix(codecs.BOM_UTF8), type=WorkspaceFile)
    except msgspec.ValidationError as error:
        raise _placed(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError("", f"This is not JSON: {error}.") from None
    except RecursionError:
        raise InputError("", "Lists or objects stand within each other too deep; that is no workspace.") from None
    specs = [_spec(entry, f"$.sockets[{place}]") for place, entry in enumerate(found.sockets)]
    seen: dict[str, int] = {}
    for place, spec in enumerate(specs):
        if spec.name in seen:
            raise InputError(
                f"$.sockets[{place}].name",
                f"{spec.name!r} is the name of $.sockets[{seen[spec.name]}] already; names are used once.",
            )
        seen[spec.name] = place
    snippets = read_snippets(found.snippets)
    return Workspace(tuple(specs), snippets, _sequences(found.sequences, specs, snippets))


def _sequences(
    given: list[dict[str, Any]], specs: Iterable[SocketSpec], snippets: Iterable[Snippet]
) -> tuple[Sequence, ...]:
    """The checked sequences. Raises InputError with the path of what is wrong."""
    if not given:
        return ()
    from explorer.workspace_sequences import SequenceEntries, Surroundings, read_sequences

    around = Surroundings({spec.name: spec.encoding for spec in specs}, frozenset(snippet.name for snippet in snippets))
    try:
        return read_sequences(given, around)
    except msgspec.ValidationError as error:
        raise _placed(str(error), "$.sequences", msgspec.inspect.type_info(SequenceEntries)) from None


def _spec(entry: SocketEntry, path: str) -> SocketSpec:
    if entry.role == "client" and entry.port == 0:
        raise InputError(f"{path}.port", "A client needs its peer's port, from 1 to 65,535; only servers may use 0.")
    try:
        codecs.lookup(entry.encoding)
        "".encode(entry.encoding)
    except (LookupError, ValueError):
        raise InputError(f"{path}.encoding", f"There is no text encoding called {entry.encoding!r}.") from None
    options = SocketOptions(**{name: getattr(entry.options, name) for name in OptionsEntry.__struct_fields__})
    spec = SocketSpec(
        name=entry.name,
        transport=entry.transport,
        role=entry.role,
        host=entry.host,
        port=entry.port,
        buffer_size=entry.buffer_size,
        encoding=entry.encoding,
        framing=framings.check_choice(entry.framing, f"{path}.framing"),
        program=programs.check_choice(entry.program, f"{path}.program"),
        options=options,
        pace=Pace(**msgspec.structs.asdict(entry.pace)),
        serving=serving.check_choice(entry.serving, f"{path}.serving"),
    )
    check_spec(spec, path)
    return spec


def _placed(message: str, root: str = "$", kind: msgspec.inspect.Type | None = None) -> InputError:
    """msgspec's sentence, split into path and words; an unknown field's own name joins the path.

    root: the path of what was read, if it is not the whole file; kind: what should stand there."""
    words, _, place = message.partition(" - at ")
    inner = place.strip("`").removeprefix("$")
    path = root + inner
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", words):
        return InputError(f"{path}.{unknown[1]}", "There is no such field in a workspace.")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", words):
        return InputError(f"{path}.{missing[1]}", "This field is missing.")
    if tag := re.fullmatch(r"Invalid value '(.*)'", words):
        return InputError(path, f"There is no step {tag[1]!r} (known: {', '.join(_tags(kind))}).")
    return InputError(path, _in_plain_words(words, _type_at(inner, kind)))


def _tags(kind: msgspec.inspect.Type | None) -> list[str]:
    """The kinds of steps."""
    if isinstance(kind, msgspec.inspect.ListType) and isinstance(kind.item_type, msgspec.inspect.StructType):
        steps = next(field.type for field in kind.item_type.fields if field.name == "steps")
        if isinstance(steps, msgspec.inspect.ListType) and isinstance(steps.item_type, msgspec.inspect.UnionType):
            return [str(one.tag) for one in steps.item_type.types if isinstance(one, msgspec.inspect.StructType)]
    return []


def _type_at(path: str, root: msgspec.inspect.Type | None = None) -> msgspec.inspect.Type | None:
    """What the file may hold at a path; None when the path leads to no field. root: what the path begins at, if that
    is not the whole file."""
    here = root or msgspec.inspect.type_info(WorkspaceFile)
    for name in re.findall(r"\.(\w+)|\[", path):
        if isinstance(here, msgspec.inspect.UnionType):  # of the kinds of steps, one that has such a field
            here = next((one for one in here.types if name in _fields(one) or not name), here)
        if isinstance(here, msgspec.inspect.ListType):
            here = here.item_type
        elif isinstance(here, msgspec.inspect.StructType):
            found = next((field.type for field in here.fields if field.encode_name == name), None)
            if found is None:
                return None
            here = found
        else:
            return None
    return here


def _fields(kind: msgspec.inspect.Type) -> list[str]:
    return [field.encode_name for field in kind.fields] if isinstance(kind, msgspec.inspect.StructType) else []


def _in_plain_words(words: str, expected: msgspec.inspect.Type | None) -> str:
    """What belongs there instead, and what stands there where msgspec tells."""
    sentence = _expectation(expected) if expected is not None else ""
    got = re.search(r"got `(\w+)`", words)
    given = f", not {_GOT.get(got[1], got[1])}" if got else ""
    return f"{sentence} is expected here{given}." if sentence else f"{words}."


_GOT = {
    "str": "text", "int": "a number", "float": "a number with a fraction", "bool": "true or false", "null": "null",
    "array": "a list", "object": "an object",
}  # fmt: skip


def _expectation(kind: msgspec.inspect.Type) -> str:
    match kind:
        case msgspec.inspect.UnionType(types):
            return next((_expectation(one) for one in types if not isinstance(one, msgspec.inspect.NoneType)), "")
        case msgspec.inspect.IntType():
            return f"A whole number from {kind.ge:,} to {kind.le:,}"
        case msgspec.inspect.FloatType():
            return f"A number above {kind.gt:,} and up to {kind.le:,}"
        case msgspec.inspect.StrType():
            return f"Text of {kind.min_length} to {kind.max_length:,} characters" if kind.max_length else "Text"
        case msgspec.inspect.BoolType():
            return "Either true or false"
        case msgspec.inspect.LiteralType(values):
            return " or ".join(json.dumps(value) for value in values)
        case msgspec.inspect.ListType():
            if kind.min_length:
                return f"A list [ … ] of {kind.min_length:,} to {kind.max_length:,}"
            return "A list [ … ]" + (f" of at most {kind.max_length:,}" if kind.max_length else "")
        case _:
            return "An object { … }"


def render(workspace: Workspace) -> str:
    """The text of a workspace file. Raises InputError, with the path of what is wrong, when it could not be opened
    again."""
    for place, spec in enumerate(workspace.sockets):
        check_spec(spec, f"$.sockets[{place}]")
    content: dict[str, object] = {"version": VERSION, "sockets": [_entry(spec) for spec in workspace.sockets]}
    if workspace.snippets:
        content["snippets"] = [write_snippet(snippet) for snippet in workspace.snippets]
    if workspace.sequences:
        from explorer.workspace_sequences import Surroundings, check_sequence, write_sequence

        around = Surroundings(
            {spec.name: spec.encoding for spec in workspace.sockets},
            frozenset(snippet.name for snippet in workspace.snippets),
        )
        for place, sequence in enumerate(workspace.sequences):
            check_sequence(sequence, around, f"$.sequences[{place}].")
        content["sequences"] = [write_sequence(sequence) for sequence in workspace.sequences]
    _check_texts(content, "$")
    text = msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    if len(text) > MAX_FILE:
        raise InputError(
            "",
            f"It would have {len(text):,} bytes; a workspace has at most {MAX_FILE >> 20} MB. Remove some sockets or "
            "snippets.",
        )
    return text.decode()


def _check_texts(value: object, path: str) -> None:
    """Raise InputError at the first text that cannot be written in a file."""
    match value:
        case str():
            check_whole(value, path)
        case list():
            for place, item in enumerate(value):
                _check_texts(item, f"{path}[{place}]")
        case Mapping():
            for name, item in value.items():
                _check_texts(item, f"{path}.{name}")


def _entry(spec: SocketSpec) -> dict[str, object]:
    pace = {name: value for name, value in asdict(spec.pace).items() if value != getattr(FULL_PACE, name)}
    return {
        "name": spec.name,
        "transport": spec.transport,
        "role": spec.role,
        "host": spec.host,
        "port": spec.port,
        "buffer_size": spec.buffer_size,
        "encoding": spec.encoding,
        "framing": _choice(spec.framing),
        "program": _choice(spec.program),
        "options": {name: value for name, value in asdict(spec.options).items() if value is not None},
        **({"pace": pace} if pace else {}),
        **({"serving": _choice(spec.serving)} if spec.serving != serving.DEFAULT else {}),
    }


def _choice(choice: Choice) -> Mapping[str, object]:
    return choice.to_json()


def load(path: Path) -> Workspace:
    """What a workspace file holds. Raises WorkspaceError with file, place and reason."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE + 1)
    except OSError as error:
        raise WorkspaceError(f"The workspace {path} cannot be read: {error.strerror}.") from None
    if len(text) > MAX_FILE:
        raise WorkspaceError(f"{path} is larger than {MAX_FILE >> 20} MB; that is not a workspace.")
    try:
        return parse(text)
    except InputError as error:
        raise WorkspaceError(f"The workspace {path} cannot be used. {error}") from None


def save(path: Path, workspace: Workspace) -> None:
    """Write a workspace so that a failure leaves the old file whole. Passwords stand in it as they are, so on POSIX
    only the user may read it. Raises WorkspaceError."""
    try:
        text = render(workspace)
    except InputError as error:
        raise WorkspaceError(f"The workspace cannot be saved as {path}. {error}") from None
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)  # it would keep the rights that it has
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(fresh, path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise WorkspaceError(f"The workspace cannot be saved as {path}: {error.strerror}.") from None
