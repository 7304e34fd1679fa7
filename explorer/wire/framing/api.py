"""What every framer is, what it gives, and how a kind of framing describes itself.

The law of framing: any way of cutting the input into chunks gives the same frames, errors and
offsets. So nothing a framer reports may depend on where a read happened to end; in particular the
size of an error is None unless the bytes themselves say how much is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value

DEFAULT_MAX = 1 << 20
LARGEST_MAX = 1 << 30

MAX_FIELD = Field(
    "max",
    "int",
    DEFAULT_MAX,
    "Longest message",
    "A longer message is reported as one error and skipped, so that memory stays bounded.",
    minimum=1,
    maximum=LARGEST_MAX,
    unit="bytes",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One message found in a stream.

    offset: where its first byte on the wire stands in the stream, in bytes from 0.
    size: bytes on the wire from there to the end of the frame, prefix and delimiter included.
    payload: the message itself.
    """

    offset: int
    size: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class FramingError:
    """A place in a stream that breaks the framing; the framer goes on after it.

    offset: where the broken frame begins in the stream.
    size: bytes that are skipped because of it; None when only the bytes to come can tell.
    message: one sentence: what was expected and what came.
    payload: the message all the same, where the frame is whole and only its checksum is wrong; else None.
    """

    offset: int
    size: int | None
    message: str
    payload: bytes | None = None


Found = Frame | FramingError


class Framer(Protocol):
    """Cuts one direction of one connection into messages, and wraps messages to be sent."""

    @property
    def pending(self) -> int:
        """Bytes of an unfinished message that are held back at present; 0 while skipping after an error."""

    @property
    def held(self) -> bytes:
        """A copy of them as they came: they are the last that were fed."""

    def feed(self, data: bytes | memoryview) -> list[Found]:
        """What these next bytes complete, in the order of the stream."""

    def end(self) -> list[Found]:
        """What the end of the stream completes. What is still `pending` afterwards is no message."""

    def encode(self, payload: bytes) -> bytes:
        """The bytes to send so that the peer finds `payload`. Raises InputError when that is impossible."""

    def restore(self, payload: bytes) -> bytes:
        """The bytes on the wire of a message that this framing found: what an echo sends back.

        It differs from `encode` where a found message still holds parts of its frame, such as a
        length field that was not cut off. Raises InputError when what was cut off is not known.
        """


class TimedFramer(Framer, Protocol):
    """A framer to which it matters when bytes came. Times are nanoseconds of the capture's clock, and never fall.

    The law of framing holds for it too: it depends on the bytes and on the time that each of them came, not on how
    many of those that came at one time are fed at once.
    """

    @property
    def due(self) -> int | None:
        """When what is pending becomes a message if nothing comes before; None while nothing waits for that."""

    def at(self, time: int) -> list[Found]:
        """What the silence until `time` completes. The bytes that are fed from now on came at that time."""


def timed(framer: Framer) -> TimedFramer | None:
    """The framer, if time matters to it."""
    return cast("TimedFramer", framer) if hasattr(framer, "due") else None


Role = Literal["header", "length", "payload", "end", "escape", "checksum", "silence"]


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the picture of a frame: what stands in a row on the wire.

    label: short, e.g. "length: 2 BE" or "0d 0a". role: decides its colour. note: one sentence that explains it.
    size: bytes, where that is known from the settings alone; None where each frame has its own.
    cut: it is no part of the message that the framer gives.
    """

    label: str
    role: Role
    note: str
    size: int | None = None
    cut: bool = False


def picture_text(parts: Sequence[Part]) -> str:
    """The picture in one line of text: ``[length: 2 BE][payload]``."""
    return "".join(f"[{part.label}]" for part in parts)


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings that are known by a name; those left out have their default. help: one sentence: where they are met."""

    label: str
    settings: Mapping[str, Value]
    help: str


@dataclass(frozen=True, slots=True)
class FramingKind:
    """One kind of framing, for the form, the workspace and the command line.

    make: a new framer from values that `fields.check` has completed. Raises InputError, with the
    name of a field as its path, when values that are right alone do not fit together.
    picture: what stands on the wire, drawn from values that `make` would take.
    presets: settings to choose from by name, those met most often first.
    payload_at: "front" where every message is the beginning of its frame's bytes on the wire, "end" where it is their
    end; "" where it is neither, or something else (decoded).
    """

    name: str
    label: str
    summary: str
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, Value]], Framer]
    picture: Callable[[Mapping[str, Value]], tuple[Part, ...]]
    presets: tuple[Preset, ...] = ()
    payload_at: Literal["front", "end", ""] = ""


def check_size(size: int, maximum: int) -> None:
    """Raise InputError when a message of `size` bytes is longer than the framing allows."""
    if size > maximum:
        raise InputError(
            "", f"The message has {size:,} bytes; this framing allows at most {maximum:,}. Raise max, or send less."
        )
