"""The page that shows a browser its own request."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.programs.api import GO_ON, Action, Program, Send
from explorer.programs.registry import prepare
from tests.fakes.world import world


def program(**settings: Value) -> Program:
    return prepare(Choice("http", settings))(world())


def said(actions: Iterable[Action]) -> list[bytes | str]:
    """What is sent, and the names of other actions that do anything."""
    return [
        action.payload if isinstance(action, Send) else type(action).__name__
        for action in actions
        if action is not GO_ON
    ]


GET = b"GET /a%20b?<x> HTTP/1.1\r\nHost: a\r\n"


def test_a_page_shows_the_request() -> None:
    http = program(title="What <you> sent")
    list(http.opened("127.0.0.1:9"))
    [page] = said(http.message(GET + b"Accept: text/html\r\nX-Bad: <script>&\xff\r\n\r\n"))
    assert isinstance(page, bytes)
    head, body = page.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 08:30:05 GMT\r\n")
    assert b"\r\nContent-Type: text/html; charset=utf-8\r\n" in head
    assert f"\r\nContent-Length: {len(body)}\r\n".encode() in head
    assert head.endswith(b"\r\nConnection: keep-alive")
    assert b"<title>What &lt;you&gt; sent</title>" in body
    assert b"GET /a%20b?&lt;x&gt; HTTP/1.1" in body
    assert b"<td>&lt;script&gt;&amp;\\xff</td>" in body
    assert b"127.0.0.1:9" in body


def test_who_takes_no_html_gets_text_and_head_gets_none() -> None:
    http = program()
    list(http.opened("127.0.0.1:9"))
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\x1bhi\n"
    [full] = said(http.message(GET + b"\r\n"))
    [head] = said(http.message(GET.replace(b"GET", b"HEAD") + b"\r\n"))
    [posted, end] = said(http.message(post + GET))
    assert isinstance(full, bytes)
    assert isinstance(head, bytes)
    assert isinstance(posted, bytes)
    assert full.partition(b"\r\n\r\n")[2] == b"Your request\nfrom 127.0.0.1:9\n\nGET /a%20b?<x> HTTP/1.1\nHost: a\n"
    assert head.endswith(b"\r\n\r\n")
    size = len(full.partition(b"\r\n\r\n")[2]) + len("HEAD") - len("GET")
    assert f"Content-Length: {size}\r\n".encode() in head
    assert posted.endswith(b"4 bytes of body:\n\\u001bhi\n\n")
    assert end == "Close"


def test_a_request_that_cannot_be_answered_is_the_last() -> None:
    answer, end = said(program().message(b"HELLO\r\n"))
    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nConnection: close\r\n" in answer
    assert end == "Close"
    assert said(program(keep_alive=False).message(GET + b"\r\n" + GET + b"\r\n"))[1:] == ["Close"]


def test_a_long_body_is_not_shown_whole() -> None:
    http = program()
    [answer] = said(http.message(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000))
    assert isinstance(answer, bytes)
    assert answer.endswith(b"x\n\xe2\x80\xa6 and 34,464 bytes more\n")
    assert len(answer) < 67_000
