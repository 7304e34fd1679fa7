"""JSON, one value a line and indented; every number, string and name as it was written."""

from __future__ import annotations

import codecs

from explorer.wire.content.api import WARNING, Hints, LineMaker, Rendered, Tone, TooMuch
from explorer.wire.content.json_scan import JsonScan, Mistake, Token
from explorer.wire.content.text_view import decoded, put_text
from explorer.wire.visible import is_seen, visible_text

SAMPLE = 64 << 10
"""Bytes by which JSON is told from other text."""
INDENT = "  "
DEEPEST = 32
"""Levels that are indented; those below stand as far right as the last of them, so that lines stay short."""
_TONES: dict[str, Tone] = {"name": "key", "string": "string", "number": "number", "word": "word"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


class JsonView:
    name = "json"
    title = "JSON"
    priority = 40

    def accepts(self, data: bytes, hints: Hints) -> bool:
        """An object or an array, as far as a look at its beginning can tell; an object may hold a mistake."""
        text = json_text(data[:SAMPLE], Hints(hints.encoding, hints.whole and len(data) <= SAMPLE))
        begin = text.lstrip(" \t\r\n")[:1]
        if begin not in ("{", "["):
            return False
        scan = JsonScan(text)
        for _ in scan:
            pass
        if scan.mistake is None:
            return True
        if scan.mistake.early:
            return scan.tokens > 1
        return begin == "{" and scan.tokens > 2

    def render(self, data: bytes, hints: Hints) -> Rendered:
        made = LineMaker()
        text = json_text(data, hints)
        scan = JsonScan(text)
        problems: tuple[str, ...] = ()
        try:
            _put_tokens(made, scan)
            mistake = scan.mistake
            if mistake is not None and (hints.whole or not mistake.early):
                problems = (f"{WARNING} {sentence(mistake, text)}",)
                _put_rest(made, text[mistake.at :], problems[0])
        except TooMuch:
            pass
        if scan.repeated:
            names = visible_text(", ".join(name if len(name) <= 40 else f"{name[:39]}…" for name in scan.repeated))
            problems += (
                f"{WARNING} A name comes more than once in one object ({names}); programs differ in which one counts.",
            )
        return Rendered(made.finish(), made.facts + _facts(scan), problems)


def json_text(data: bytes, hints: Hints) -> str:
    """The text of JSON, without a byte order mark. In the socket's encoding if it has none; where that cannot be,
    in UTF-8, as RFC 8259 asks for."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return decoded(data[len(mark) :], Hints(encoding, hints.whole))
    if hints.encoding.startswith("utf-16") and b"\0" not in data[:4]:
        return decoded(data, Hints("utf-8", hints.whole))
    return decoded(data, hints)


def sentence(mistake: Mistake, text: str) -> str:
    """What is wrong and where, counted from 1 as editors do."""
    before = text[: mistake.at]
    line, column = before.count("\n") + 1, mistake.at - (before.rfind("\n") + 1) + 1
    return f"Line {line:,}, column {column:,}: {visible_text(mistake.sentence)}."


def _facts(scan: JsonScan) -> tuple[str, ...]:
    facts = []
    if scan.values > 1:
        facts.append(f"{scan.values:,} values, one after another.")
    if scan.deepest > DEEPEST:
        facts.append(f"Nested {scan.deepest:,} levels deep; from level {DEEPEST} on, nothing is indented further.")
    return tuple(facts)


def _put_tokens(made: LineMaker, scan: JsonScan) -> None:
    depth, before = 0, ""
    for token in scan:
        kind = token.kind
        if kind in "}]":
            depth -= 1
            if before not in "{[":
                _new_line(made, depth)
        elif before in ("{", "[", ","):
            _new_line(made, depth)
        elif before and kind not in ":," and before != ":":
            made.end()  # another value
        _put_token(made, token)
        if kind in "{[":
            depth += 1
        before = kind


def _new_line(made: LineMaker, depth: int) -> None:
    made.end()
    made.put(INDENT * min(depth, DEEPEST))


def _put_token(made: LineMaker, token: Token) -> None:
    text = token.text
    if not text.isascii() or "\x7f" in text:
        text = "".join(character if is_seen(character) else _escaped(character) for character in text)
    made.put(text, "error" if token.again else _TONES.get(token.kind))
    if token.kind == ":":
        made.put(" ")


def _escaped(character: str) -> str:
    """As JSON can write any character."""
    data = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{data[at : at + 4]}" for at in range(0, len(data), 4))


def _put_rest(made: LineMaker, rest: str, what: str) -> None:
    """What the mistake begins, as it is."""
    made.end_begun()
    made.line(what, "error")
    put_text(made, rest)
