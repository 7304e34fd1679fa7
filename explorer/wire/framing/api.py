"""What every framer is, what it gives, and how a kind of framing describes itself.

The law of framing: any way of cutting the input into chunks gives the same frames, errors and
offsets. So nothing a framer reports may depend on where a read happened to end; in particular the
size of an error is None unless the bytes themselves say how much is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

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
    """

    offset: int
    size: int | None
    message: str


Found = Frame | FramingError


class Framer(Protocol):
    """Cuts one direction of one connection into messages, and wraps messages to be sent."""

    @property
    def pending(self) -> int:
        """Bytes of an unfinished message that are held back at present; 0 while skipping after an error."""

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


@dataclass(frozen=True, slots=True)
class FramingKind:
    """One kind of framing, for the form, the workspace and the command line.

    make: a new framer from values that `fields.check` has completed. Raises InputError, with the
    name of a field as its path, when values that are right alone do not fit together.
    """

    name: str
    label: str
    summary: str
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, Value]], Framer]


def check_size(size: int, maximum: int) -> None:
    """Raise InputError when a message of `size` bytes is longer than the framing allows."""
    if size > maximum:
        raise InputError(
            "", f"The message has {size:,} bytes; this framing allows at most {maximum:,}. Raise max, or send less."
        )
