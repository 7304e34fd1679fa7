"""The head of an HTTP/1 message taken apart, and what its fields say of the body (RFC 9112).

Nothing is refused: what is wrong with a line is said beside it, as this is for people who look for mistakes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from explorer.wire.visible import visible_text

MOST_HEAD = 256 << 10
"""Bytes in which a head has to end."""
START = re.compile(
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40} [^\s]+ HTTP/1\.[0-9]|HTTP/1\.[0-9] [0-9]{3}(?: [^\r\n]*)?)\r?\n"
)
"""The first line of a request or of a response."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the head. folded: it goes on the line before. problem: "" or what is wrong with it."""

    name: str
    value: str
    folded: bool = False
    problem: str = ""


@dataclass(slots=True)
class Head:
    """size: bytes, with the empty line behind; whole: that line is there."""

    start: str
    fields: list[Field] = field(default_factory=list)
    size: int = 0
    whole: bool = False

    @property
    def is_response(self) -> bool:
        return self.start.startswith("HTTP/")

    def all(self, name: str) -> list[str]:
        """The values of a field, in order, with those of lines that go on."""
        found: list[str] = []
        taken = False
        for one in self.fields:
            if one.folded and taken:
                found[-1] += f" {one.value}"
            elif not one.folded:
                taken = one.name.lower() == name
                if taken:
                    found.append(one.value)
        return found


@dataclass(frozen=True, slots=True)
class Body:
    """data: without what chunks add. size: bytes it takes on the wire. fact, problem: sentences, or ""."""

    data: bytes = b""
    size: int = 0
    fact: str = ""
    problem: str = ""


def parse_head(data: bytes) -> Head:
    """The head that `data` begins with, as far as it is there."""
    at = data.find(b"\n") + 1 or len(data)
    head = Head(_text(data[:at]))
    while at < min(len(data), MOST_HEAD):
        stop = data.find(b"\n", at) + 1
        line = data[at : stop or len(data)]
        at += len(line)
        if line in (b"\r\n", b"\n"):
            head.whole = True
            break
        head.fields.append(_field(_text(line), bool(head.fields)))
    head.size = at
    return head


def _field(line: str, may_fold: bool) -> Field:
    if line[:1] in (" ", "\t"):
        if may_fold:
            return Field("", line.strip(" \t"), folded=True, problem="a folded line, which is obsolete")
        return Field("", line, problem="blanks before the first field")
    name, colon, value = line.partition(":")
    if not colon:
        return Field("", line, problem="no colon")
    problem = ""
    if name.rstrip(" \t") != name:
        problem = "blanks before the colon"
    elif not _TOKEN.fullmatch(name):
        problem = "not a field name" if name else "no name before the colon"
    return Field(name, value.strip(" \t"), problem=problem)


def problems_of(head: Head) -> list[str]:
    """What is wrong with the head as a whole."""
    found = []
    lengths, codings = head.all("content-length"), head.all("transfer-encoding")
    if lengths and codings:
        found.append("Both Content-Length and Transfer-Encoding are given; the second counts (RFC 9112, 6.3).")
    if not head.is_response and head.start.endswith("HTTP/1.1") and len(hosts := head.all("host")) != 1:
        what = "No Host field" if not hosts else f"{len(hosts)} Host fields"
        found.append(f"{what}: a request of HTTP/1.1 has exactly one (RFC 9112, 3.2).")
    if not head.whole:
        found.append("The head is not complete: the empty line at its end is missing.")
    return found


def body_of(head: Head, rest: bytes) -> Body:
    """What of the bytes behind the head is its body (RFC 9112, section 6)."""
    codings = [part.strip().lower() for value in head.all("transfer-encoding") for part in value.split(",")]
    if codings and codings[-1] == "chunked":
        return _chunked(rest)
    if head.is_response and (head.start[9:10] == "1" or head.start[9:12] in ("204", "304")):
        return Body(fact=f"No body: a response {head.start[9:12]} has none.")
    if codings:
        if head.is_response:
            return Body(rest, len(rest), f"Body of {_bytes(len(rest))} so far; it lasts until the connection closes.")
        return Body(problem="The last Transfer-Encoding is not chunked, so the end of the body cannot be known.")
    lengths = {part.strip() for value in head.all("content-length") for part in value.split(",")}
    if lengths:
        return _counted(lengths, rest)
    if head.is_response:
        return Body(rest, len(rest), f"Body of {_bytes(len(rest))} so far; it lasts until the connection closes.")
    return Body(fact="No body: neither Content-Length nor Transfer-Encoding is given.")


def _counted(lengths: set[str], rest: bytes) -> Body:
    if len(lengths) > 1:
        given = visible_text(" and ".join(sorted(lengths)[:3]))[:80]
        return Body(problem=f"Content-Length is given differently ({given}), so the end of the body cannot be known.")
    (given,) = lengths
    if not (given.isascii() and given.isdigit() and len(given) < 20):
        return Body(problem=f"Content-Length {visible_text(given[:40]) or '(empty)'} is no number of bytes.")
    length = int(given)
    if length > len(rest):
        return Body(rest, len(rest), problem=f"Content-Length says {_bytes(length)}; {len(rest):,} are here.")
    return Body(rest[:length], length, f"Body of {_bytes(length)}, as Content-Length says.")


def _chunked(rest: bytes) -> Body:
    parts: list[bytes] = []
    at = 0
    problem = "The last chunk is missing."
    while found := _CHUNK.match(rest, at):
        size, begin = int(found.group(1), 16), found.end()
        if size == 0:
            ended = _end_of_trailer(rest, begin)
            at = ended or len(rest)
            problem = "" if ended else "The empty line behind the last chunk is missing."
            break
        parts.append(rest[begin : begin + size])
        at = begin + size
        if at >= len(rest):
            at = len(rest)
            break
        end = 2 if rest.startswith(b"\r\n", at) else 1 if rest.startswith(b"\n", at) else 0
        at += end
        if not end:
            problem = f"Behind chunk {len(parts):,} there is no line end."
            break
    else:
        if at < len(rest) and (b"\n" in rest[at : at + 64] or len(rest) - at > 64):
            problem = f"Behind chunk {len(parts):,} there is no size of a chunk."
    data = b"".join(parts)
    count = "1 chunk" if len(parts) == 1 else f"{len(parts):,} chunks"
    return Body(data, at, f"Chunked: {count} with {_bytes(len(data))} in all.", problem)


def _end_of_trailer(rest: bytes, at: int) -> int:
    """Behind the empty line that ends the fields behind the last chunk; 0: it is not here."""
    while stop := rest.find(b"\n", at) + 1:
        if rest[at:stop] in (b"\r\n", b"\n"):
            return stop
        at = stop
    return 0


def _text(line: bytes) -> str:
    """A line without its end; as UTF-8 if it is that, else byte by byte."""
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"
