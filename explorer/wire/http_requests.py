"""HTTP/1.x requests, found in a stream of bytes (RFC 9110, RFC 9112).

Any way of cutting the stream gives the same events. Memory is bounded: by MAX_LINE, MAX_HEAD and how much of a body
the parser was made to keep. It is strict where two readers of the same bytes could disagree about where a request ends:
both a length and chunks, lengths that differ, folded header lines, blanks before a colon.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

MAX_LINE = 8192  # bytes of a request line
MAX_HEAD = 32 << 10  # bytes of all header lines, and of all trailer lines
MAX_CHUNK_LINE = 4096

METHODS = frozenset((b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"))

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")
_TARGET = re.compile(rb"[\x21-\x7e\x80-\xff]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_DIGITS = re.compile(rb"[0-9]{1,18}")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,15}")


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. headers: as they came, in order. minor: of its version 1.x. keeps: whether the connection may
    stay open behind it. left: bytes of the body behind those that were kept."""

    method: bytes
    target: bytes
    minor: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    keeps: bool
    left: int = 0

    @property
    def size(self) -> int:
        """Bytes of the body as it came."""
        return len(self.body) + self.left

    def header(self, name: bytes) -> bytes:
        """All values of the header called so (in small letters), joined by commas; b"" without any."""
        return values_of(self.headers, name)


@dataclass(frozen=True, slots=True)
class Continue:
    """The peer waits for a 100 (Continue) before it sends its body (RFC 9110, 10.1.1). It may send it unasked, too."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What came is no request that can be answered: the status to answer with, and why, as a sentence. Nothing behind
    it is looked at, since nobody knows where it would begin."""

    status: int
    why: str


Event = Request | Continue | Problem


class _Bad(Exception):
    """Becomes a Problem. Never leaves this module."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.problem = Problem(status, why)


def values_of(headers: tuple[tuple[bytes, bytes], ...], name: bytes) -> bytes:
    return b", ".join(value for found, value in headers if found.lower() == name)


class RequestParser:
    """max_body: bytes of the largest body that is taken. kept: how many of its first bytes are; None: all."""

    def __init__(self, max_body: int, kept: int | None = None) -> None:
        self._max_body = max_body
        self._kept = max_body if kept is None else kept
        self._held = bytearray()
        self._scanned = 0  # of what is held: no line ends there
        self._over = False
        self._steps = self._run()
        next(self._steps)

    def feed(self, data: bytes) -> list[Event]:
        """What these next bytes complete."""
        if self._over:
            return []
        self._held += data
        events: list[Event] = []
        try:
            while (event := next(self._steps)) is not None:
                events.append(event)
        except _Bad as bad:
            events.append(bad.problem)
            self._over = True
            self._held.clear()
        return events

    # -- steps: each yields None when it needs more bytes --------------------------------------------

    def _run(self) -> Generator[Event | None, None, None]:
        yield None  # made ready
        while True:
            line = b""
            while not line:  # empty lines before a request mean nothing (RFC 9112, 2.2)
                line = yield from self._line(MAX_LINE, 414, "The request line")
            method, target, minor = _request_line(line)
            headers = tuple((yield from self._headers()))
            length = _body_length(headers, minor, self._max_body)
            if method not in METHODS:
                raise _Bad(501, f"The method {method.decode('ascii')} is not known here.")
            expect = values_of(headers, b"expect").lower()
            if expect and expect != b"100-continue":
                raise _Bad(417, "Nothing but 100-continue can be expected here.")
            if expect and length != 0 and minor:
                yield Continue()
            body = bytearray()
            size = (yield from self._chunks(body)) if length is None else (yield from self._take(length, body))
            left = size - len(body)
            yield Request(method, target, minor, headers, bytes(body), _keeps(headers, minor), left)

    def _line(self, most: int, status: int, what: str, told: int = 0) -> Generator[None, None, bytes]:
        """One line without its end (CR LF, or LF alone), which may have `most` bytes with it. told: the limit that is
        told, where the line is only a part of what has it."""
        while True:
            end = self._held.find(b"\n", self._scanned, most)
            if end >= 0:
                break
            if len(self._held) >= most:
                raise _Bad(status, f"{what} has more than {told or most:,} bytes.")
            self._scanned = len(self._held)
            yield None
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self._scanned = 0
        return line[:-1] if line.endswith(b"\r") else line

    def _headers(self) -> Generator[None, None, list[tuple[bytes, bytes]]]:
        found, left = list[tuple[bytes, bytes]](), MAX_HEAD
        while True:
            line = yield from self._line(left, 431, "The head of the request", MAX_HEAD)
            if not line:
                return found
            left = max(1, left - len(line) - 1)
            name, colon, value = line.partition(b":")
            value = value.strip(b" \t")
            if not (colon and _TOKEN.fullmatch(name) and _VALUE.fullmatch(value)):
                raise _Bad(400, "A header line is not of the form Name: value.")
            found.append((name, value))

    def _take(self, size: int, body: bytearray) -> Generator[None, None, int]:
        """So many bytes, of which `body` gets what is kept. They are not collected first: there can be very many."""
        left = size
        while left:
            if not self._held:
                yield None
                continue
            part = min(left, len(self._held))
            if (room := self._kept - len(body)) > 0:
                body += self._held[: min(part, room)]
            del self._held[:part]
            left -= part
        return size

    def _chunks(self, body: bytearray) -> Generator[None, None, int]:
        """A body in chunks (RFC 9112, 7.1). Trailers are read and thrown away."""
        whole = 0
        while True:
            line = yield from self._line(MAX_CHUNK_LINE, 400, "The line before a chunk")
            digits = line.partition(b";")[0].strip(b" \t")
            if not _HEX.fullmatch(digits):
                raise _Bad(400, "The size of a chunk is no hexadecimal number.")
            size = int(digits, 16)
            if not size:
                break
            if whole + size > self._max_body:
                raise _Bad(413, f"The body has more than {self._max_body:,} bytes.")
            whole += yield from self._take(size, body)
            if (yield from self._line(2, 400, "The end of a chunk")):
                raise _Bad(400, "A chunk is longer than its size.")
        yield from self._headers()
        return whole


def _request_line(line: bytes) -> tuple[bytes, bytes, int]:
    parts = line.split(b" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not _TARGET.fullmatch(parts[1]):
        raise _Bad(400, "The first line is no request of the form GET /page HTTP/1.1.")
    version = _VERSION.fullmatch(parts[2])
    if version is None:
        raise _Bad(400, "The first line does not end with a version such as HTTP/1.1.")
    if version[1] != b"1":
        raise _Bad(505, f"Version {version[0].decode('ascii')} is not spoken here; HTTP/1.1 and HTTP/1.0 are.")
    return parts[0], parts[1], min(1, int(version[2]))


def _body_length(headers: tuple[tuple[bytes, bytes], ...], minor: int, most: int) -> int | None:
    """Bytes of the body; None: it comes in chunks (RFC 9112, 6.3)."""
    if sum(name.lower() == b"host" for name, _ in headers) != 1 and minor:
        raise _Bad(400, "A request of HTTP/1.1 has one Host header; this one does not.")
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    coding = values_of(headers, b"transfer-encoding").lower()
    if coding:
        if lengths or not minor:
            raise _Bad(400, "Where this request ends is not clear: it has chunks, which do not go with the rest.")
        if coding != b"chunked":
            raise _Bad(501, "The only transfer coding known here is chunked.")
        return None
    if not lengths:
        return 0
    given = lengths.pop()
    if lengths or not given.isdigit():
        raise _Bad(400, "Content-Length is not one number.")
    if not _DIGITS.fullmatch(given) or int(given) > most:
        raise _Bad(413, f"The body has more than {most:,} bytes.")
    return int(given)


def _keeps(headers: tuple[tuple[bytes, bytes], ...], minor: int) -> bool:
    """RFC 9112, 9.3."""
    asked = {part.strip().lower() for part in values_of(headers, b"connection").split(b",")}
    return b"close" not in asked and (minor == 1 or b"keep-alive" in asked)
