"""HTTP/1 messages: the start line, the fields as a table, mistakes beside their lines, and the body as what it is."""

from __future__ import annotations

import re
from dataclasses import replace

from explorer.core.errors import InputError
from explorer.wire.content.api import WARNING, ContentView, Hints, LineMaker, Rendered, TooMuch
from explorer.wire.content.hex_view import HexView
from explorer.wire.content.http_head import START, Body, Field, Head, body_of, parse_head, problems_of
from explorer.wire.content.json_view import JsonView
from explorer.wire.content.text_view import TextView
from explorer.wire.text import check_encoding
from explorer.wire.visible import visible_text

WIDEST = 28
"""Characters of the column of names; longer ones push their values to the right."""
MOST_PROBLEMS = 20
_CHARSET = re.compile(r'charset="?([^\s";]+)', re.IGNORECASE)


class HttpView:
    name = "http"
    title = "HTTP"
    priority = 50

    def accepts(self, data: bytes, hints: Hints) -> bool:
        return START.match(data[:8192]) is not None

    def render(self, data: bytes, hints: Hints) -> Rendered:
        return _Rendering(hints).run(data)


class _Rendering:
    """One message after another, as they stand in a connection that is kept open."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._made = LineMaker()
        self._facts: list[str] = []
        self._problems: list[str] = []
        self._messages = 0
        self._by_row = False  # hex is among it

    def run(self, data: bytes) -> Rendered:
        try:
            while data:
                if self._messages:
                    self._made.end()
                    if not START.match(data[:8192]):
                        self._put_rest(data)
                        break
                data = self._message(data)
        except TooMuch:
            pass
        facts = self._facts if self._messages == 1 else [f"{self._messages:,} messages, one after another."]
        problems = tuple(self._problems[:MOST_PROBLEMS])
        return Rendered(self._made.finish(), (*self._made.facts, *facts), problems, self._by_row)

    def _message(self, data: bytes) -> bytes:
        """Show the first message; what stands behind it."""
        self._messages += 1
        if START.match(data[:8192]) is None:
            self._problem("This does not begin with a request or a response of HTTP/1.")
        head = parse_head(data)
        self._put_head(head)
        for problem in problems_of(head):
            if head.whole or self._hints.whole:
                self._problem(problem)
        rest = data[head.size :]
        if not head.whole:
            return rest
        body = body_of(head, rest)
        if body.fact:
            self._facts.append(body.fact)
        if body.problem and (self._hints.whole or body.size < len(rest) or not body.data):
            self._problem(body.problem)
        self._put_body(head, body)
        return rest[body.size :]

    def _problem(self, sentence: str) -> None:
        which = f"Message {self._messages:,}: " if self._messages > 1 else ""
        self._problems.append(f"{WARNING} {which}{sentence}")

    def _put_head(self, head: Head) -> None:
        first, *others = visible_text(head.start).split(" ", 2)
        self._made.put(first, "word")
        if others:
            self._made.put(f" {others[0]}", "number" if head.is_response else "string")
            self._made.put("".join(f" {other}" for other in others[1:]))
        self._made.end()
        width = max((len(one.name) for one in head.fields if len(one.name) <= WIDEST), default=0)
        for one in head.fields:
            self._put_field(one, width)

    def _put_field(self, one: Field, width: int) -> None:
        name = visible_text(one.name)
        if name:
            self._made.put(name, "key")
            self._made.put(": ".ljust(max(0, width - len(name)) + 2))
        elif one.folded:
            self._made.put(" " * (width + 2))
        self._made.put(visible_text(one.value))
        if one.problem:
            self._made.put("  ")
            self._made.put(f"{WARNING} {one.problem}", "error")
        self._made.end()

    def _put_body(self, head: Head, body: Body) -> None:
        if not body.data:
            return
        self._made.end()
        shown = self._view_of(head, body.data)
        whole = self._hints.whole and not body.problem
        rendered = shown.render(body.data, replace(self._hints, encoding=self._encoding_of(head), whole=whole))
        self._problems.extend(rendered.problems)
        self._by_row |= rendered.by_row
        self._made.add(rendered.lines)

    def _view_of(self, head: Head, data: bytes) -> ContentView:
        """As what the body is shown: JSON or text if it is that and not compressed, else hex."""
        packed = [value for value in head.all("content-encoding") if value.strip().lower() not in ("", "identity")]
        if packed:
            self._facts.append(f"The body is encoded ({visible_text(packed[0][:40])}), so its bytes are shown.")
            return HexView()
        hints = Hints(self._encoding_of(head), self._hints.whole)
        kind = next(iter(head.all("content-type")), "").partition(";")[0].strip().lower()
        if kind.endswith(("/json", "+json")) or JsonView().accepts(data, hints):
            return JsonView()
        return TextView() if kind.startswith("text/") or TextView().accepts(data, hints) else HexView()

    def _encoding_of(self, head: Head) -> str:
        found = _CHARSET.search(next(iter(head.all("content-type")), ""))
        try:
            return check_encoding(found.group(1)) if found else self._hints.encoding
        except InputError:  # one that is not offered here
            return self._hints.encoding

    def _put_rest(self, data: bytes) -> None:
        """Bytes behind the last message that begin none."""
        count = "1 byte follows" if len(data) == 1 else f"{len(data):,} bytes follow"
        self._problem(f"{count} that belong to no message.")
        view = TextView() if TextView().accepts(data, self._hints) else HexView()
        rendered = view.render(data, self._hints)
        self._by_row |= rendered.by_row
        self._made.add(rendered.lines)
