"""What a format is: a way of writing bytes as text, and of reading that text again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Write = Callable[[Iterable[bytes], str, int], Iterator[str]]
"""(pieces of the bytes, encoding, size of them all) to pieces of the text. However the bytes are cut into pieces,
the text is the same, so that files of any size can be written."""
Parse = Callable[[str, str], bytes]
"""(text, encoding) to bytes. Raises PlacedError."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing bytes. Both functions take an encoding, which only text has a use for.

    name: by which code knows it. label: how the window calls it. suffix: of a file, with its dot.
    kind: how a file dialog calls such files. parse: None when bytes may be lost.
    """

    name: str
    label: str
    suffix: str
    kind: str
    write: Write
    parse: Parse | None

    def render(self, data: bytes, encoding: str) -> str:
        """All of it at once."""
        return "".join(self.write((data,), encoding, len(data)))

    @property
    def file_filter(self) -> str:
        """For a file dialog: ``C source (*.c)``."""
        return f"{self.kind} (*{self.suffix})"


def rows_of(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The bytes in rows of `size`, the last of which may be shorter, however they were cut before."""
    rest = b""
    for piece in pieces:
        data = rest + piece if rest else piece
        whole = len(data) - len(data) % size
        for at in range(0, whole, size):
            yield data[at : at + size]
        rest = data[whole:]
    if rest:
        yield rest
