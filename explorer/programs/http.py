"""Program `http`: answers browsers with a page that shows their own request (HTTP/1.1, RFC 9110 and 9112).

Whoever accepts HTML gets a page, others (curl) plain text. Connections stay open as HTTP has it, so that one can carry
many requests, even several before the first answer.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from explorer.core.fields import Field, Value, whole
from explorer.core.socket_spec import Choice
from explorer.programs.api import GO_ON, Action, Close, Line, ProgramKind, Send, Setup, World
from explorer.wire.http_requests import Continue, Event, Problem, Request, RequestParser

SHOWN_BODY = 64 << 10  # bytes of a body that the page shows; no more of it are kept
SLICE = 4096  # bytes that are looked at without letting others have their turn

FIELDS = (
    Field("title", "text", "Your request", "Title", "Stands above the page.", maximum=200),
    Field(
        "keep_alive",
        "bool",
        True,
        "Keep connections open",
        "As HTTP/1.1 does unless somebody asks to close. Off: each connection is closed after one answer.",
    ),
    Field(
        "max_body",
        "int",
        1 << 20,
        "Longest body",
        "A request with a longer one is refused with 413 (Content Too Large).",
        minimum=0,
        maximum=100 << 20,
        unit="bytes",
    ),
)

REASONS = {
    200: "OK",
    400: "Bad Request",
    413: "Content Too Large",
    414: "URI Too Long",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    505: "HTTP Version Not Supported",
}

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color-scheme:light dark}"
    "th{text-align:left;vertical-align:top;padding-right:1em}td,pre,code{font-family:monospace;overflow-wrap:anywhere;"
    "white-space:pre-wrap}"
)


class Http:
    def __init__(self, title: str, keeps: bool, max_body: int, world: World) -> None:
        self._title = title
        self._keeps = keeps
        self._now = world.now
        self._parser = RequestParser(max_body, SHOWN_BODY)
        self._peer = ""
        self._over = False

    def opened(self, peer: str) -> Sequence[Action]:
        self._peer = peer
        return ()

    def message(self, payload: bytes) -> Iterator[Action]:
        for start in range(0, len(payload), SLICE):
            if start:
                yield GO_ON
            for event in self._parser.feed(payload[start : start + SLICE]):
                yield from self._respond(event)
                if self._over:
                    return

    def _respond(self, event: Event) -> Iterator[Action]:
        if isinstance(event, Continue):
            yield Send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        if isinstance(event, Problem):
            self._over = True
            yield Send(self._refuse(event))
        else:
            self._over = not (event.keeps and self._keeps)
            yield Send(self._answer(event, not self._over))
        if self._over:
            yield Close()

    def closed(self) -> Sequence[Action]:
        return ()

    def _answer(self, request: Request, keeps: bool) -> bytes:
        wants_html = b"text/html" in request.header(b"accept").lower()
        page = as_html(request, self._title, self._peer) if wants_html else as_text(request, self._title, self._peer)
        head = self._head(200, "text/html" if wants_html else "text/plain", len(page), keeps)
        return head if request.method == b"HEAD" else head + page

    def _refuse(self, problem: Problem) -> bytes:
        page = f"{problem.status} {REASONS[problem.status]}\n{problem.why}\n".encode()
        return self._head(problem.status, "text/plain", len(page), keeps=False) + page

    def _head(self, status: int, kind: str, size: int, keeps: bool) -> bytes:
        return (
            f"HTTP/1.1 {status} {REASONS[status]}\r\n"
            f"Date: {http_date(self._now())}\r\n"
            "Server: Socket-Explorer\r\n"
            f"Content-Type: {kind}; charset=utf-8\r\n"
            f"Content-Length: {size}\r\n"
            "Vary: Accept\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
            f"Connection: {'keep-alive' if keeps else 'close'}\r\n\r\n"
        ).encode("ascii")


def http_date(now: datetime) -> str:
    """RFC 9110, 5.6.7, in English whatever the system's language."""
    there = now.astimezone(UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[there.weekday()]
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day}, {there.day:02} {names[there.month - 1]} {there:%Y %H:%M:%S} GMT"


def _readable(data: bytes) -> str:
    """Text in which nothing acts on a terminal; bytes that are no UTF-8 are written as escapes."""
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\u{ord(char):04x}" for char in text)


def _body(request: Request) -> str:
    shown = _readable(request.body)
    return f"{shown}\n… and {request.left:,} bytes more" if request.left else shown


def _first_line(request: Request) -> str:
    return f"{_readable(request.method)} {_readable(request.target)} HTTP/1.{request.minor}"


def as_text(request: Request, title: str, peer: str) -> bytes:
    lines = [title, f"from {peer}", "", _first_line(request)]
    lines += [f"{_readable(name)}: {_readable(value)}" for name, value in request.headers]
    if request.body:
        lines += ["", f"{request.size:,} bytes of body:", _body(request)]
    return ("\n".join(lines) + "\n").encode()


def as_html(request: Request, title: str, peer: str) -> bytes:
    """Everything that came from the peer is escaped."""
    rows = "".join(
        f"<tr><th scope=row>{html.escape(_readable(name))}</th><td>{html.escape(_readable(value))}</td></tr>"
        for name, value in request.headers
    )
    body = ""
    if request.body:
        body = f"<h2>Body: {request.size:,} bytes</h2><pre>{html.escape(_body(request))}</pre>"
    return (
        f'<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(title)}</h1><p>from {html.escape(peer)}</p>"
        f"<pre>{html.escape(_first_line(request))}</pre><h2>Headers</h2><table>{rows}</table>{body}</html>\n"
    ).encode()


def make(values: Mapping[str, Value]) -> Setup:
    title, keeps, max_body = str(values["title"]), bool(values["keep_alive"]), whole(values["max_body"])
    return lambda world: Http(title, keeps, max_body, world)


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    keeps = bool(values["keep_alive"])
    end = "The connection stays open for the next request." if keeps else "The connection is closed."
    return (
        Line("peer", "GET /page HTTP/1.1"),
        Line("peer", "Host: 127.0.0.1:8080"),
        Line("us", "HTTP/1.1 200 OK"),
        Line("us", f"Connection: {'keep-alive' if keeps else 'close'}"),
        Line("us", f"<h1>{values['title']}</h1> … GET /page HTTP/1.1 …"),
        Line("note", end),
    )


KIND = ProgramKind(
    "http",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    transports=("tcp",),
    framing=Choice("raw"),
)
